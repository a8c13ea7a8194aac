//! Instances: separate user bases in one server, each with its own keys and settings.

use frontdesk_types::{InstanceId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// One user base.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// Its short name in URLs and on the command line; unique in the server.
    pub slug: String,
    /// Whether it serves development or production; decides the prefix of its keys and the cookie rules.
    pub kind: InstanceKind,
    /// The host inside its publishable key, with a port if it has one. Never changes (ADR 3).
    pub key_host: String,
    /// Everything its owner can set.
    pub settings: Settings,
    /// True if its signing keys come from the published test set (`--seed`); `serve` refuses such an instance.
    pub has_test_keys: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; guards against lost updates.
    pub version: i64,
}

impl Instance {
    /// The `iss` of its tokens: always `https`, whatever the server itself speaks (decision 8).
    pub fn issuer(&self) -> String {
        format!("https://{}", self.key_host)
    }

    /// Whether this is a development instance.
    pub fn is_development(&self) -> bool {
        self.kind == InstanceKind::Development
    }
}

/// What an instance is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InstanceKind {
    /// `pk_test_` and `sk_test_` keys, relaxed origins, test mode on.
    Development,
    /// `pk_live_` and `sk_live_` keys.
    Production,
}

impl InstanceKind {
    /// The name kept in the database and shown on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }

    /// The middle part of its keys: `test` or `live`.
    pub const fn key_word(self) -> &'static str {
        match self {
            Self::Development => "test",
            Self::Production => "live",
        }
    }
}

/// A secret key of an instance. The key itself is kept twice: hashed for look-up, sealed for showing it again
/// (decision 10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretKeyRecord {
    /// SHA-256 of the whole key.
    pub hash: Vec<u8>,
    /// The instance it opens.
    pub instance_id: InstanceId,
    /// The key, encrypted under the master key.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A key that signs (or once signed) an instance's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeyRecord {
    /// Names the key in token headers and in the JWKS.
    pub kid: String,
    /// The instance whose tokens it signs.
    pub instance_id: InstanceId,
    /// The private key as PKCS#8 DER, encrypted under the master key.
    pub sealed: Vec<u8>,
    /// When it was made; the newest key that is not retired signs.
    pub created_at: Timestamp,
    /// Until when it stays in the JWKS after it stopped signing; `None` while it signs.
    pub retires_at: Option<Timestamp>,
    /// Until when the longest-lived of its tokens is good, where somebody asked for a token that outlives usual ones.
    pub tokens_until: Option<Timestamp>,
}
