//! JSON objects that pass through without being taken apart.

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A JSON object kept as text: written as it is, so that metadata need not be parsed to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonObject(Box<str>);

impl JsonObject {
    /// Wraps the text of one valid JSON object.
    pub fn from_text(text: impl Into<Box<str>>) -> Self {
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
}

impl Default for JsonObject {
    fn default() -> Self {
        Self("{}".into())
    }
}

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if &*self.0 == "{}" {
            return serializer.serialize_map(Some(0))?.end(); // the usual case, without parsing it once more
        }
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::deserialize(deserializer)?;
        Ok(Self(Value::Object(map).to_string().into()))
    }
}
