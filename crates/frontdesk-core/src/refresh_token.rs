//! Refresh tokens: what an application's own server asks for a fresh session token with, so that a browser whose token
//! has expired need not come by (wire protocol §4.8).

use frontdesk_types::{SessionId, Span, Timestamp};

/// How long a token that was replaced is good still: for requests that left the browser before it got the new one
/// (docs/limits.md).
pub const REPLACED_GRACE: Span = Span::minutes(1);

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
    /// When another one was given for it, if one was.
    pub replaced_at: Option<Timestamp>,
}

/// What a refresh token that is presented opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A fresh session token, if its session lives.
    Good,
    /// Nothing: its time is over.
    Over,
    /// Nothing, and worse: it was replaced long enough ago that its owner has another one. Two hold what one should
    /// (RFC 9700 §4.14.2).
    Reused,
}

impl RefreshToken {
    /// What it opens at this time. Ask its session, too.
    pub fn standing(&self, now: Timestamp) -> Standing {
        match self.replaced_at {
            _ if now >= self.expires_at => Standing::Over,
            Some(at) if now.since(at) >= REPLACED_GRACE => Standing::Reused,
            _ => Standing::Good,
        }
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
    use super::*;

    #[test]
    fn a_refresh_token_is_over_at_its_last_moment() {
        let expires_at = Timestamp::from_secs(1_000);
        let token = RefreshToken {
            token_hash: vec![7; 32],
            session_id: "sess_1".parse().unwrap(),
            expires_at,
            created_at: Timestamp::default(),
            replaced_at: None,
        };
        assert_eq!(token.standing(expires_at - Span::millis(1)), Standing::Good);
        assert_eq!(token.standing(expires_at), Standing::Over);
        assert!(!format!("{token:?}").contains('7'));

        let at = Timestamp::from_secs(500);
        let replaced = RefreshToken { replaced_at: Some(at), ..token };
        let graced = at + REPLACED_GRACE;
        assert_eq!(replaced.standing(graced - Span::millis(1)), Standing::Good);
        assert_eq!(replaced.standing(graced), Standing::Reused);
        assert_eq!(replaced.standing(expires_at), Standing::Over);
    }
}
