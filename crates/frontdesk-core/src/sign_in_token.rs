//! Sign-in tokens: tickets that the Backend API hands out and a browser redeems once.

use frontdesk_types::{SignInTokenId, Timestamp, UserId};

frontdesk_types::open_enum! {
    /// Whether a sign-in token can still be redeemed.
    pub enum SignInTokenStatus {
        /// It can.
        Pending = "pending",
        /// It was.
        Accepted = "accepted",
        /// It was taken back.
        Revoked = "revoked",
    }
}

/// A ticket for one sign-in of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInToken {
    /// Its id.
    pub id: SignInTokenId,
    /// Who signs in with it.
    pub user_id: UserId,
    /// Whether it can still be redeemed.
    pub status: SignInTokenStatus,
    /// Until when it can be redeemed.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts the changes; guards against a second redemption.
    pub version: i64,
}

impl SignInToken {
    /// Whether it can be redeemed at this time.
    pub fn is_redeemable(&self, now: Timestamp) -> bool {
        self.status == SignInTokenStatus::Pending && now < self.expires_at
    }
}
