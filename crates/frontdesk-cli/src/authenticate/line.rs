//! A line of the input, and the options in it.

use std::fmt;

use frontdesk::{Accepts, TokenType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A recorded request, and how the application is set up that got it.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    #[serde(default)]
    pub(super) id: Value,
    #[serde(default = "get")]
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) headers: Map<String, Value>,
    #[serde(default)]
    pub(super) options: Options,
    /// Unix time in milliseconds.
    pub(super) now: Option<i64>,
    /// What to ask of whoever is signed in: the parameters of `has`.
    pub(super) has: Option<Vec<Value>>,
}

fn get() -> String {
    "GET".to_owned()
}

impl Line {
    /// Reads a line, or tells which one cannot be read, and why.
    pub(super) fn read(line: &[u8]) -> Result<Self, (Value, String)> {
        serde_json::from_slice(line).map_err(|error| {
            let value: Value = serde_json::from_slice(line).unwrap_or_default();
            (value.get("id").cloned().unwrap_or_default(), format!("the line cannot be read: {error}"))
        })
    }
}

/// The settings of the application.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Options {
    pub(super) publishable_key: Option<String>,
    pub(super) secret_key: Option<String>,
    pub(super) machine_secret_key: Option<String>,
    pub(super) jwt_key: Option<String>,
    pub(super) is_satellite: Option<bool>,
    pub(super) domain: Option<String>,
    pub(super) proxy_url: Option<String>,
    pub(super) sign_in_url: Option<String>,
    pub(super) sign_up_url: Option<String>,
    pub(super) satellite_auto_sync: Option<bool>,
    pub(super) authorized_parties: Option<Vec<String>>,
    pub(super) audience: Option<OneOrMany>,
    #[serde(rename = "organization_sync_options")]
    pub(super) organization_sync: Option<OrganizationSync>,
    pub(super) accepts_token: Option<OneOrMany>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrganizationSync {
    pub(super) organization_patterns: Option<Vec<String>>,
    pub(super) personal_account_patterns: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Vec<String> {
    fn from(names: OneOrMany) -> Self {
        match names {
            OneOrMany::One(name) => vec![name],
            OneOrMany::Many(names) => names,
        }
    }
}

impl Options {
    /// Which kinds of tokens are accepted.
    pub(super) fn accepts(&self) -> Result<Accepts, String> {
        let kind = |name: &String| name.parse::<TokenType>().map_err(|error| error.to_string());
        match &self.accepts_token {
            None => Ok(Accepts::default()),
            Some(OneOrMany::One(name)) if name == "any" => Ok(Accepts::ANY),
            Some(OneOrMany::One(name)) => kind(name).map(Accepts::from),
            Some(OneOrMany::Many(names)) => {
                let kinds = names.iter().map(kind).collect::<Result<Vec<_>, _>>()?;
                Ok(Accepts::from(kinds.as_slice()))
            }
        }
    }
}

/// The same options always have the same text.
impl fmt::Display for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&serde_json::to_string(self).unwrap_or_default())
    }
}
