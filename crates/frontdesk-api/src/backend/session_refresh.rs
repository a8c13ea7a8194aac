//! A new session token for one that has expired, without the browser (wire protocol §4.8).

use frontdesk_types::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::sessions::SessionPath;
use crate::{Token, operations};

operations! { Backend;
    /// A new session token for an expired one and a refresh token.
    RefreshSession = POST "/v1/sessions/{session_id}/refresh" { path: SessionPath, query: RefreshQuery, body: Refresh } -> Refreshed;
}

/// How the cookies are named.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct RefreshQuery {
    /// Whether the names of the cookies end in the suffix of the instance. Said only when it is true.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suffixed_cookies: bool,
}

/// What a refresh is made of (contract `RefreshSession`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Refresh {
    /// The session token that has expired.
    pub expired_token: Secret,
    /// What the browser holds in `__refresh_…`.
    pub refresh_token: Secret,
    /// The origin of the application: `https://shop.example.com`.
    pub request_origin: String,
    /// The headers of the browser's request: name → values.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub request_headers: Map<String, Value>,
    /// What is wanted: `token` (the default) or `cookie`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Where the browser's request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_originating_ip: Option<String>,
}

impl Refresh {
    /// A refresh that asks for cookies, with what is wanted and nothing else said.
    pub fn for_cookies(
        expired_token: impl Into<String>,
        refresh_token: impl Into<String>,
        request_origin: impl Into<String>,
    ) -> Self {
        Self {
            expired_token: Secret::new(expired_token),
            refresh_token: Secret::new(refresh_token),
            request_origin: request_origin.into(),
            request_headers: Map::new(),
            format: Some("cookie".to_owned()),
            request_originating_ip: None,
        }
    }
}

/// What a refresh gives (contract schema `SessionRefresh`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Refreshed {
    /// Cookies to set; for the format `cookie`.
    Cookies(Cookies),
    /// The token alone; for the format `token`.
    Token(Token),
}

/// Cookies to set. They hold tokens, so `Debug` does not show them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Cookies {
    /// Always `cookies`.
    pub object: String,
    /// Values of `Set-Cookie`, in order.
    pub cookies: Vec<String>,
}

impl std::fmt::Debug for Cookies {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Cookies(…)")
    }
}
