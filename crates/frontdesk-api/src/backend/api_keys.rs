//! API keys: what a program shows to prove that it acts for a person or an organization (wire protocol §3.8).

use frontdesk_types::{ApiKeyId, OrganizationId, Secret, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::operations;

operations! { Backend;
    /// Whose key this is. Keys that are revoked or expired answer 404, or say so in `revoked` and `expired`.
    VerifyApiKey as "verifyApiKey" = POST "/v1/api_keys/verify" { ; body: ApiKeySecret } -> ApiKey;
}

/// Which key (contract `verifyApiKey`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct ApiKeySecret {
    /// The key itself, `ak_…`.
    pub secret: Secret,
}

impl ApiKeySecret {
    /// This key.
    pub fn new(secret: impl Into<String>) -> Self {
        Self { secret: Secret::new(secret) }
    }
}

/// An API key, without its secret (contract `verifyApiKey`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct ApiKey {
    /// Always `api_key`.
    pub object: String,
    /// Its id.
    pub id: ApiKeyId,
    /// `api_key` unless the application said otherwise when it was made.
    #[serde(rename = "type")]
    pub kind: String,
    /// What its owner calls it.
    pub name: String,
    /// For whom it stands: the id of a user, an organization or a machine.
    pub subject: String,
    /// What it may be used for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// What the application noted in it.
    #[serde(default)]
    pub claims: Option<Value>,
    /// Whether it was taken back. Look at it: an answer alone does not say that the key is good.
    pub revoked: bool,
    /// Why it was taken back.
    #[serde(default)]
    pub revocation_reason: Option<String>,
    /// Whether its time is over. Look at it, as at `revoked`.
    pub expired: bool,
    /// When its time is over, in ms; `None` for never.
    #[serde(default)]
    pub expiration: Option<Timestamp>,
    /// Who made it.
    #[serde(default)]
    pub created_by: Option<UserId>,
    /// More about it.
    #[serde(default)]
    pub description: Option<String>,
    /// When it was last used, in ms.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
    /// When it was made, in ms.
    pub created_at: Timestamp,
    /// When it was last changed, in ms.
    pub updated_at: Timestamp,
}

impl ApiKey {
    /// The person it stands for, if it is a person.
    pub fn user_id(&self) -> Option<UserId> {
        self.subject.parse().ok()
    }

    /// The organization it stands for, if it is one.
    pub fn organization_id(&self) -> Option<OrganizationId> {
        self.subject.parse().ok()
    }
}
