//! Testing tokens: they let a test runner past bot protection for a while. Kept by hash.

use frontdesk_types::{InstanceId, Timestamp};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    TESTING_TOKEN = "SELECT expires_at FROM testing_tokens WHERE instance_id = ?1 AND token_hash = ?2";
    INSERT_TESTING_TOKEN = "INSERT INTO testing_tokens (instance_id, token_hash, expires_at, created_at)
                            VALUES (?1, ?2, ?3, ?4)";
    DELETE_EXPIRED_TESTING_TOKENS = "DELETE FROM testing_tokens WHERE instance_id = ?1 AND expires_at <= ?2";
}

struct ExpiresAt(Timestamp);

impl FromRow for ExpiresAt {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        row.get("expires_at").map(Self)
    }
}

impl Store {
    /// Until when the testing token with this SHA-256 works; `None` if there is none.
    pub async fn testing_token(&self, instance: &InstanceId, token_hash: &[u8]) -> Result<Option<Timestamp>> {
        let found: Option<ExpiresAt> =
            self.fetch_optional(&TESTING_TOKEN, params![instance, token_hash]).await?;
        Ok(found.map(|expires_at| expires_at.0))
    }
}

impl Work {
    /// Adds a testing token by the SHA-256 of its text.
    pub fn insert_testing_token(&mut self, token_hash: &[u8], expires_at: Timestamp, now: Timestamp) {
        self.one_here(&INSERT_TESTING_TOKEN, params![token_hash, expires_at, now]);
    }

    /// Clears away the testing tokens whose time is over.
    pub fn delete_expired_testing_tokens(&mut self, now: Timestamp) {
        self.any_here(&DELETE_EXPIRED_TESTING_TOKENS, params![now]);
    }
}
