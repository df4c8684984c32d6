//! An engine's answer, byte for byte: `docker inspect` prints what the engine sent, unknown fields and all.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// The JSON that an engine sent, which can be read as a `T`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw<T> {
    json: String,
    read_as: PhantomData<fn() -> T>,
}

impl<T> Raw<T> {
    pub fn new(json: impl Into<String>) -> Self {
        Self {
            json: json.into(),
            read_as: PhantomData,
        }
    }

    /// The engine's bytes.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The same as a JSON value, its keys in the engine's order.
    pub fn value(&self) -> Result<serde_json::Value> {
        serde_json::from_str(&self.json).map_err(|error| unreadable(&error))
    }
}

impl<T: DeserializeOwned> Raw<T> {
    /// The answer in Docker's model.
    pub fn parse(&self) -> Result<T> {
        serde_json::from_str(&self.json).map_err(|error| unreadable(&error))
    }
}

impl<T: serde::Serialize> Raw<T> {
    /// For engines that hold models rather than bytes.
    pub fn of(model: &T) -> Result<Self> {
        serde_json::to_string(model)
            .map(Self::new)
            .map_err(|error| unreadable(&error))
    }
}

fn unreadable(error: &serde_json::Error) -> Error {
    Error::Unreadable(error.to_string())
}
