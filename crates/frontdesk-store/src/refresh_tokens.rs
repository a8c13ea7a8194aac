//! Refresh tokens of sessions, by the hash of the token.

use frontdesk_core::refresh_token::RefreshToken;
use frontdesk_types::{InstanceId, SessionId, Timestamp, UserId};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    REFRESH_TOKEN = "SELECT token_hash, session_id, expires_at, created_at, replaced_at FROM refresh_tokens
                      WHERE instance_id = ?1 AND token_hash = ?2";
    INSERT_REFRESH_TOKEN = "INSERT INTO refresh_tokens
        (instance_id, token_hash, session_id, expires_at, created_at, replaced_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    REPLACE_REFRESH_TOKEN = "UPDATE refresh_tokens SET replaced_at = ?3
        WHERE instance_id = ?1 AND token_hash = ?2 AND replaced_at IS NULL";
    TAKE_REFRESH_TOKEN = "DELETE FROM refresh_tokens WHERE instance_id = ?1 AND token_hash = ?2";
    DELETE_REFRESH_TOKENS_OF_SESSION = "DELETE FROM refresh_tokens WHERE instance_id = ?1 AND session_id = ?2";
    DELETE_REFRESH_TOKENS_OF_USER = "DELETE FROM refresh_tokens WHERE instance_id = ?1 AND session_id IN
        (SELECT s.id FROM sessions s WHERE s.instance_id = ?1 AND s.user_id = ?2)";
    DELETE_SURPLUS_REFRESH_TOKENS = "DELETE FROM refresh_tokens
        WHERE instance_id = ?1 AND session_id = ?2 AND token_hash NOT IN
              (SELECT t.token_hash FROM refresh_tokens t WHERE t.instance_id = ?1 AND t.session_id = ?2
                ORDER BY CASE WHEN t.replaced_at IS NULL OR t.replaced_at > ?3 THEN 0 ELSE 1 END,
                         t.created_at DESC, t.token_hash LIMIT 19)";
    DELETE_EXPIRED_REFRESH_TOKENS = "DELETE FROM refresh_tokens WHERE instance_id = ?1 AND expires_at <= ?2";
}

impl FromRow for RefreshToken {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            token_hash: row.get("token_hash")?,
            session_id: row.get("session_id")?,
            expires_at: row.get("expires_at")?,
            created_at: row.get("created_at")?,
            replaced_at: row.get("replaced_at")?,
        })
    }
}

impl Store {
    /// The refresh token with this SHA-256, good or not.
    pub async fn refresh_token(
        &self,
        instance: &InstanceId,
        token_hash: &[u8],
    ) -> Result<Option<RefreshToken>> {
        self.fetch_optional(&REFRESH_TOKEN, params![instance, token_hash]).await
    }
}

impl Work {
    /// Keeps a refresh token. Stale if its session is gone.
    pub fn insert_refresh_token(&mut self, token: &RefreshToken) {
        self.one_here(
            &INSERT_REFRESH_TOKEN,
            params![
                &token.token_hash,
                &token.session_id,
                token.expires_at,
                token.created_at,
                token.replaced_at
            ],
        );
    }

    /// Takes a refresh token away, to use it once. Stale if somebody was faster.
    pub fn take_refresh_token(&mut self, token_hash: &[u8]) {
        self.one_here(&TAKE_REFRESH_TOKEN, params![token_hash]);
    }

    /// Takes away every refresh token of a session: it has ended.
    pub fn delete_refresh_tokens(&mut self, session: &SessionId) {
        self.any_here(&DELETE_REFRESH_TOKENS_OF_SESSION, params![session]);
    }

    /// Takes away every refresh token of a person's sessions: their password is another one.
    pub fn delete_user_refresh_tokens(&mut self, user: &UserId) {
        self.any_here(&DELETE_REFRESH_TOKENS_OF_USER, params![user]);
    }

    /// Notes that another token was given for this one. The first time counts.
    pub fn replace_refresh_token(&mut self, token_hash: &[u8], now: Timestamp) {
        self.any_here(&REPLACE_REFRESH_TOKEN, params![token_hash, now]);
    }

    /// Makes room for one more refresh token of a session: of twenty the oldest goes, and before any other one that was
    /// replaced at this time or earlier. One browser goes through many handshakes, for every application that the session
    /// is used in.
    pub fn delete_surplus_refresh_tokens(&mut self, session: &SessionId, replaced_by: Timestamp) {
        self.any_here(&DELETE_SURPLUS_REFRESH_TOKENS, params![session, replaced_by]);
    }

    /// Clears away the refresh tokens whose time is over.
    pub fn delete_expired_refresh_tokens(&mut self, now: Timestamp) {
        self.any_here(&DELETE_EXPIRED_REFRESH_TOKENS, params![now]);
    }
}
