//! Refresh tokens: what an application's own server asks for a fresh session token with, so that a browser whose token
//! has expired need not come by (wire protocol §4.8).

use frontdesk_types::{SessionId, Timestamp};

/// A refresh token, as it is kept. It is good as long as its time is not over *and* its session lives: the session
/// decides, this only names it.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// The session that it refreshes.
    pub session_id: SessionId,
    /// When it is over, whatever becomes of the session.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

impl RefreshToken {
    /// Whether its time is not over. Ask its session, too.
    pub fn is_good(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RefreshToken")
            .field("session_id", &self.session_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_types::Span;

    use super::*;

    #[test]
    fn a_refresh_token_is_over_at_its_last_moment() {
        let expires_at = Timestamp::from_secs(1_000);
        let token = RefreshToken {
            token_hash: vec![7; 32],
            session_id: "sess_1".parse().unwrap(),
            expires_at,
            created_at: Timestamp::default(),
        };
        assert!(token.is_good(expires_at - Span::millis(1)) && !token.is_good(expires_at));
        assert!(!format!("{token:?}").contains('7'));
    }
}
