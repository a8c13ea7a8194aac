//! From where sessions are used, the same for both audiences.

use serde::{Deserialize, Serialize};

/// From where a session was used (contract schemas `SessionActivityResponse` and `Client.SessionActivity`). What is not
/// known is left out, as the contract has no `null` for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct SessionActivity {
    /// Always `session_activity`.
    pub object: String,
    /// Its id.
    pub id: String,
    /// The kind of device: `iPhone`, `Windows` ….
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_type: Option<String>,
    /// Whether the device is carried about.
    pub is_mobile: bool,
    /// The browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser_name: Option<String>,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser_version: Option<String>,
    /// The address that the request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// The city; never known here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The country; never known here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}
