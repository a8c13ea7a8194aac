//! Access tokens that OAuth applications hold in people's names (wire protocol §3.8).

use frontdesk_types::{OAuthAccessTokenId, Secret, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::operations;

operations! { Backend;
    /// Whose token this is. Tokens that are revoked or expired answer 404, or say so in `revoked` and `expired`.
    VerifyOAuthAccessToken as "verifyOAuthAccessToken" = POST "/v1/oauth_applications/access_tokens/verify" { ; body: OAuthAccessTokenSecret } -> OAuthVerification;
}

/// Which token (contract `verifyOAuthAccessToken`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct OAuthAccessTokenSecret {
    /// The token itself: `oat_…`, or a JWT.
    pub access_token: Secret,
}

impl OAuthAccessTokenSecret {
    /// This token.
    pub fn new(access_token: impl Into<String>) -> Self {
        Self { access_token: Secret::new(access_token) }
    }
}

/// What the server knows of an access token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum OAuthVerification {
    /// It is one of the server's.
    Known(Box<OAuthAccessToken>),
    /// It opens nothing (any more), and nothing more is said about it.
    Inactive {
        /// Always false.
        active: bool,
    },
}

/// An access token, without its secret (contract `verifyOAuthAccessToken`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct OAuthAccessToken {
    /// Always `clerk_idp_oauth_access_token`.
    pub object: String,
    /// Its id.
    pub id: OAuthAccessTokenId,
    /// Its kind, from servers that say so beyond the contract.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The application that holds it.
    pub client_id: String,
    /// In whose name.
    pub subject: UserId,
    /// What it may be used for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// For whom it is meant (`aud`), if the server says so.
    #[serde(default, rename = "aud", skip_serializing_if = "Option::is_none")]
    pub audience: Option<Vec<String>>,
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
    /// When it was made, in ms.
    pub created_at: Timestamp,
    /// When it was last changed, in ms.
    pub updated_at: Timestamp,
}
