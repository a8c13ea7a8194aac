//! Addresses that an instance's owner has listed: people may be sent there when a sign-in is over.

use frontdesk_types::{RedirectUrlId, Timestamp};

/// A listed address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUrl {
    /// Its id.
    pub id: RedirectUrlId,
    /// The address in its canonical spelling; of a page, or of a mobile application (`com.example.shop://callback`).
    pub url: String,
    /// When it was listed.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
