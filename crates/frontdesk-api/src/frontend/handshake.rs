//! The handshake: a browser comes by for fresh cookies of its application (wire protocol §4.6).

use serde::{Deserialize, Serialize};

use crate::{Nothing, operations};

operations! { Frontend;
    /// Send the browser back where it came from, with fresh cookies or with the key to them. The answer is a redirect.
    HandshakeClient as "handshakeClient" = GET "/v1/client/handshake" { ; query: HandshakeQuery } -> Nothing;
}

/// Where to, and how (contract `handshakeClient`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HandshakeQuery {
    /// The page that the browser wanted. Wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// `token` (the default) carries the cookies along in a signed token; `nonce` sets them aside for the
    /// application's server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The Frontend API of the satellite that the page is on, where the one of the primary domain is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub satellite_fapi: Option<String>,
}
