//! The JOSE header (wire contract §3.1).

use frontdesk_types::Timestamp;
use serde::Serialize;

#[cfg(feature = "aws-lc-rs")]
use crate::SigningKey;

/// The `typ` of session, handshake and template tokens.
pub const TYPE_JWT: &str = "JWT";

/// The header of a token: written when signing, read when verifying. Members are written in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Header {
    /// The name of the algorithm. Verification only compares it with the key's.
    pub alg: String,
    /// What the token is for, see [`category`](crate::category).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cat: Option<String>,
    /// The key that signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// When the claims were put together, in seconds. Browsers keep the token with the higher value (§3.6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oiat: Option<i64>,
    /// The media type, `JWT` for most tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typ: Option<String>,
}

impl Header {
    /// A header of type `JWT` for tokens signed by `key`: its algorithm and its id.
    #[cfg(feature = "aws-lc-rs")]
    pub fn for_key(key: &SigningKey) -> Self {
        Self {
            alg: key.algorithm().as_str().to_owned(),
            kid: Some(key.kid().to_owned()),
            typ: Some(TYPE_JWT.to_owned()),
            cat: None,
            oiat: None,
        }
    }

    /// Says what the token is for, see [`category`](crate::category).
    #[must_use]
    pub fn with_category(mut self, category: &str) -> Self {
        self.cat = Some(category.to_owned());
        self
    }

    /// Says when the claims were put together.
    #[must_use]
    pub fn with_origin_issued_at(mut self, at: Timestamp) -> Self {
        self.oiat = Some(at.as_secs());
        self
    }

    /// Replaces the type, such as `at+jwt` for OAuth access tokens.
    #[must_use]
    pub fn with_type(mut self, typ: &str) -> Self {
        self.typ = Some(typ.to_owned());
        self
    }
}
