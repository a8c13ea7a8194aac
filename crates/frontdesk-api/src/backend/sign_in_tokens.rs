//! Sign-in tokens: tickets that the backend hands out and a browser redeems once.

use frontdesk_types::{Secret, SignInTokenId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::operations;
use crate::request::request;

operations! { Backend;
    /// Make a ticket for one sign-in of one person.
    CreateSignInToken = POST "/v1/sign_in_tokens" { ; body: NewSignInToken } -> SignInToken;
    /// Take a ticket back that nobody has redeemed yet.
    RevokeSignInToken = POST "/v1/sign_in_tokens/{sign_in_token_id}/revoke" { path: SignInTokenPath } -> SignInToken;
}

/// Which ticket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignInTokenPath {
    /// Its id.
    pub sign_in_token_id: SignInTokenId,
}

frontdesk_types::open_enum! {
    /// Whether a ticket can still be redeemed.
    pub enum SignInTokenStatus {
        /// It can.
        Pending = "pending",
        /// It was.
        Accepted = "accepted",
        /// It was taken back.
        Revoked = "revoked",
    }
}

/// A ticket (contract schema `SignInToken`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct SignInToken {
    /// Always `sign_in_token`.
    pub object: String,
    /// Its id.
    pub id: SignInTokenId,
    /// Who signs in with it.
    pub user_id: UserId,
    /// The ticket itself; shown once, when it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// Whether it can still be redeemed.
    pub status: SignInTokenStatus,
    /// The application's sign-in page with the ticket, where the instance knows the page; shown once, when it is made.
    #[serde(default)]
    pub url: Option<String>,
    /// When it was made, in ms.
    pub created_at: Timestamp,
    /// When it was last changed, in ms.
    pub updated_at: Timestamp,
}

request! {
    /// A ticket to be made (contract `CreateSignInToken`).
    pub struct NewSignInToken {
        /// Who signs in with it. Wanted.
        pub user_id: Option<String>,
        /// How long it can be redeemed, in seconds: 1 or more, 30 days if left out.
        pub expires_in_seconds: Option<i64>,
    }
}

impl NewSignInToken {
    /// A ticket for this person.
    pub fn for_user(user_id: &UserId) -> Self {
        Self { user_id: Some(user_id.to_string()), ..Self::default() }
    }
}
