//! A request's query, read as dockerd reads it.

use std::collections::{BTreeMap, HashMap};

use lab::{Error, Result};
use serde::{Deserialize, de::DeserializeOwned};

/// Names and values in their order; a name may be there more than once.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub fn read(query: &str) -> Self {
        Self(serde_urlencoded::from_str(query).unwrap_or_default())
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The first value, even an empty one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Empty where it is not there.
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// Anything but an empty one.
    pub fn filled(&self, name: &str) -> Option<String> {
        self.get(name)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    }

    /// `httputils.BoolValue`
    pub fn flag(&self, name: &str) -> bool {
        let value = self.text(name).trim().to_lowercase();
        !matches!(value.as_str(), "" | "0" | "no" | "false" | "none")
    }

    /// `httputils.BoolValueOrDefault`
    pub fn flag_or(&self, name: &str, default: bool) -> bool {
        match self.get(name) {
            None => default,
            Some(_) => self.flag(name),
        }
    }

    /// `None` where it is empty or not there.
    pub fn number(&self, name: &str) -> Result<Option<i32>> {
        let Some(text) = self.filled(name) else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(not_a_number(&text)),
        }
    }

    /// Seconds, of which parts are left out: the models of the API have whole ones.
    pub fn seconds(&self, name: &str) -> Result<i32> {
        let text = self.text(name);
        let whole = text.split('.').next().unwrap_or_default();
        match whole {
            "" => Ok(0),
            whole => whole.parse().map_err(|_| not_a_number(&text)),
        }
    }

    /// `{"name":["web"]}`, or `{"name":{"web":true}}` of old.
    pub fn filters(&self) -> Result<Option<HashMap<String, Vec<String>>>> {
        let Some(text) = self.filled("filters") else {
            return Ok(None);
        };
        let read: BTreeMap<String, Values> =
            serde_json::from_str(&text).map_err(|_| Error::refused(400, "invalid filter"))?;
        let listed = read
            .into_iter()
            .map(|(name, values)| (name, values.listed()));
        Ok(Some(listed.collect()))
    }

    /// A value that is JSON itself.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let Some(text) = self.filled(name) else {
            return Ok(None);
        };
        let read = serde_json::from_str(&text);
        read.map_err(|error| Error::refused(400, format!("error reading {name}: {error}")))
    }
}

/// In Go's words, which are dockerd's, and with its status.
fn not_a_number(text: &str) -> Error {
    Error::refused(
        500,
        format!("strconv.Atoi: parsing {text:?}: invalid syntax"),
    )
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    New(Vec<String>),
    Old(BTreeMap<String, bool>),
}

impl Values {
    fn listed(self) -> Vec<String> {
        match self {
            Self::New(values) => values,
            Self::Old(values) => values
                .into_iter()
                .filter_map(|(value, is)| is.then_some(value))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_true_unless_they_say_no() {
        for (query, expected) in [
            ("", false),
            ("all", false),
            ("all=0", false),
            ("all=False", false),
            ("all=none", false),
            ("all=1", true),
            ("all=True", true),
            ("all=yes", true),
        ] {
            assert_eq!(Query::read(query).flag("all"), expected, "{query}");
        }
        assert!(Query::read("").flag_or("stream", true));
        assert!(!Query::read("stream=0").flag_or("stream", true));
    }

    #[test]
    fn filters_have_two_forms() {
        let check = |json: &str, expected: Result<&[&str], &str>| {
            let query = serde_urlencoded::to_string([("filters", json)]).unwrap();
            let read = Query::read(&query).filters();
            let read = read.map(|filters| filters.unwrap()["name"].clone());
            let read = read.map_err(|error| error.to_string());
            let expected =
                expected.map(|names| names.iter().map(|&name| name.to_owned()).collect());
            assert_eq!(read, expected.map_err(str::to_owned), "{json}");
        };
        check(r#"{"name":["web","db"]}"#, Ok(&["web", "db"]));
        check(r#"{"name":{"web":true,"db":true}}"#, Ok(&["db", "web"]));
        check(r#"{"name":{"web":false}}"#, Ok(&[]));
        check("x", Err("invalid filter"));
        check(r#"{"name":"web"}"#, Err("invalid filter"));
    }

    #[test]
    fn numbers_are_refused_in_gos_words() {
        let query = Query::read("t=x&since=1136073600.000000001&limit=");
        assert_eq!(
            query.number("t").unwrap_err().to_string(),
            "strconv.Atoi: parsing \"x\": invalid syntax"
        );
        assert_eq!(query.seconds("since"), Ok(1_136_073_600));
        assert_eq!(query.number("limit"), Ok(None));
    }
}
