//! Metadata: the JSON objects that applications attach to users, sessions and organizations.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A JSON object kept as text, so that reading a user does not parse what nobody asked about.
///
/// The text is always one valid JSON object of at most [`Metadata::MAX_BYTES`] bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Metadata(Box<str>);

/// Why a value cannot be metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMetadata {
    /// The value is JSON, but not an object.
    #[error("metadata must be a JSON object")]
    NotAnObject,
    /// The object is larger than [`Metadata::MAX_BYTES`].
    #[error("metadata must not exceed {} bytes", Metadata::MAX_BYTES)]
    TooLarge,
    /// The object is nested deeper than [`Metadata::MAX_DEPTH`].
    #[error("metadata must not be nested deeper than {} levels", Metadata::MAX_DEPTH)]
    TooDeep,
}

impl Metadata {
    /// The most bytes one metadata object may take when written as JSON.
    pub const MAX_BYTES: usize = 8 * 1024;
    /// The deepest nesting taken.
    pub const MAX_DEPTH: usize = 32;

    /// Metadata from a parsed object.
    pub fn from_map(map: &Map<String, Value>) -> Result<Self, InvalidMetadata> {
        if map.values().any(|value| depth(value) >= Self::MAX_DEPTH) {
            return Err(InvalidMetadata::TooDeep);
        }
        let text = Value::Object(map.clone()).to_string();
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidMetadata::TooLarge);
        }
        Ok(Self(text.into()))
    }

    /// Metadata from any JSON value, which must be an object.
    pub fn from_value(value: &Value) -> Result<Self, InvalidMetadata> {
        value.as_object().ok_or(InvalidMetadata::NotAnObject).and_then(Self::from_map)
    }

    /// Metadata as the store kept it. The text came out of [`Metadata::as_str`].
    pub fn from_stored(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The object as JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The object, parsed.
    pub fn to_map(&self) -> Map<String, Value> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// The object changed by a merge patch (RFC 7396): objects are merged deeply, `null` removes a key.
    pub fn merged(&self, patch: &Map<String, Value>) -> Result<Self, InvalidMetadata> {
        let mut map = self.to_map();
        merge(&mut map, patch);
        Self::from_map(&map)
    }
}

fn merge(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, change) in patch {
        match change {
            Value::Null => {
                target.shift_remove(key);
            }
            Value::Object(inner) => {
                let entry = target.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
                if !entry.is_object() {
                    *entry = Value::Object(Map::new());
                }
                if let Value::Object(object) = entry {
                    merge(object, inner);
                }
            }
            other => {
                target.insert(key.clone(), other.clone());
            }
        }
    }
}

/// How many levels of arrays and objects a value has.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

impl Default for Metadata {
    fn default() -> Self {
        Self("{}".into())
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::deserialize(deserializer)?;
        Self::from_map(&map).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata(value: &Value) -> Metadata {
        Metadata::from_value(value).unwrap()
    }

    #[test]
    fn a_merge_goes_deep_and_null_removes() {
        let before = metadata(&json!({ "plan": "free", "limits": { "seats": 3, "projects": 1 } }));
        let patch = json!({ "plan": null, "limits": { "seats": 5 }, "beta": { "on": true, "off": null } });
        let after = before.merged(patch.as_object().unwrap()).unwrap();
        assert_eq!(after.as_str(), r#"{"limits":{"seats":5,"projects":1},"beta":{"on":true}}"#);
    }

    #[test]
    fn what_is_too_large_too_deep_or_no_object_is_refused() {
        assert_eq!(Metadata::from_value(&json!([1])), Err(InvalidMetadata::NotAnObject));
        let large = json!({ "text": "x".repeat(Metadata::MAX_BYTES) });
        assert_eq!(Metadata::from_value(&large), Err(InvalidMetadata::TooLarge));
        let mut deep = json!(1);
        for _ in 0..40 {
            deep = json!({ "deeper": deep });
        }
        assert_eq!(Metadata::from_value(&deep), Err(InvalidMetadata::TooDeep));
    }
}
