//! What is in a file.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A file's bytes, or of a program only how many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub enum Content {
    Bytes(Bytes),
    /// Of this size; nobody looks into it. What it does when it is run, `programs` knows by its name.
    Program(u64),
}

impl Content {
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Program(size) => *size,
        }
    }

    pub fn bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Program(_) => None,
        }
    }
}

impl<T: Into<Bytes>> From<T> for Content {
    fn from(bytes: T) -> Self {
        Self::Bytes(bytes.into())
    }
}

/// As it is written down: text as text.
#[derive(Clone, Serialize, Deserialize)]
enum Saved {
    #[serde(rename = "text")]
    Text(String),
    #[serde(rename = "base64")]
    Base64(String),
    #[serde(rename = "program")]
    Program(u64),
}

impl From<Saved> for Content {
    fn from(saved: Saved) -> Self {
        match saved {
            Saved::Text(text) => Self::Bytes(text.into()),
            Saved::Base64(text) => {
                Self::Bytes(BASE64_STANDARD.decode(text).unwrap_or_default().into())
            }
            Saved::Program(size) => Self::Program(size),
        }
    }
}

impl From<Content> for Saved {
    fn from(content: Content) -> Self {
        match content {
            Content::Bytes(bytes) => match std::str::from_utf8(&bytes) {
                Ok(text) => Self::Text(text.to_owned()),
                Err(_) => Self::Base64(BASE64_STANDARD.encode(&bytes)),
            },
            Content::Program(size) => Self::Program(size),
        }
    }
}
