//! Tokens with which one machine proves itself to another (wire protocol §3.8).

use frontdesk_types::{M2mTokenId, MachineId, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::operations;

operations! { Backend;
    /// Whose token this is. With the secret key of the machine that was called, if it has one. Tokens that are revoked
    /// or expired answer 404, or say so in `revoked` and `expired`.
    VerifyM2mToken as "verifyM2MToken" = POST "/v1/m2m_tokens/verify" { ; body: M2mTokenSecret } -> M2mToken;
}

/// Which token (contract `verifyM2MToken`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct M2mTokenSecret {
    /// The token itself, `mt_…`.
    pub token: Secret,
}

impl M2mTokenSecret {
    /// This token.
    pub fn new(token: impl Into<String>) -> Self {
        Self { token: Secret::new(token) }
    }
}

/// A token between machines, without its secret (contract `verifyM2MToken`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct M2mToken {
    /// Always `machine_to_machine_token`.
    pub object: String,
    /// Its id.
    pub id: M2mTokenId,
    /// The machine that shows it.
    pub subject: MachineId,
    /// The machines it may be shown to.
    #[serde(default)]
    pub scopes: Vec<MachineId>,
    /// What the application noted in it.
    #[serde(default)]
    pub claims: Option<Value>,
    /// Whether it was taken back. Look at it: an answer alone does not say that the token is good.
    pub revoked: bool,
    /// Why it was taken back.
    #[serde(default)]
    pub revocation_reason: Option<String>,
    /// Whether its time is over. Look at it, as at `revoked`.
    pub expired: bool,
    /// When its time is over, in ms; `None` for never.
    #[serde(default)]
    pub expiration: Option<Timestamp>,
    /// When it was last used, in ms.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
    /// When it was made, in ms.
    pub created_at: Timestamp,
    /// When it was last changed, in ms.
    pub updated_at: Timestamp,
}
