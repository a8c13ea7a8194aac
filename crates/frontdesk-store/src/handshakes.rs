//! What handshakes leave behind for the application's server to fetch, by the hash of their nonce.

use frontdesk_core::client::HandshakePayload;
use frontdesk_types::{InstanceId, Timestamp};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    HANDSHAKE_PAYLOAD = "SELECT nonce_hash, sealed, expires_at, fetched_at FROM handshake_payloads
                          WHERE instance_id = ?1 AND nonce_hash = ?2";
    INSERT_HANDSHAKE_PAYLOAD = "INSERT INTO handshake_payloads
        (instance_id, nonce_hash, sealed, expires_at, fetched_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    MARK_HANDSHAKE_FETCHED = "UPDATE handshake_payloads SET fetched_at = ?3
        WHERE instance_id = ?1 AND nonce_hash = ?2 AND fetched_at IS NULL";
    DELETE_EXPIRED_HANDSHAKES = "DELETE FROM handshake_payloads WHERE instance_id = ?1 AND expires_at <= ?2";
}

impl FromRow for HandshakePayload {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            nonce_hash: row.get("nonce_hash")?,
            sealed: row.get("sealed")?,
            expires_at: row.get("expires_at")?,
            fetched_at: row.get("fetched_at")?,
        })
    }
}

impl Store {
    /// What is kept under the nonce with this SHA-256, expired or not.
    pub async fn handshake_payload(
        &self,
        instance: &InstanceId,
        nonce_hash: &[u8],
    ) -> Result<Option<HandshakePayload>> {
        self.fetch_optional(&HANDSHAKE_PAYLOAD, params![instance, nonce_hash]).await
    }
}

impl Work {
    /// Keeps a payload.
    pub fn insert_handshake_payload(&mut self, payload: &HandshakePayload) {
        self.one_here(
            &INSERT_HANDSHAKE_PAYLOAD,
            params![&payload.nonce_hash, &payload.sealed, payload.expires_at, payload.fetched_at],
        );
    }

    /// Notes that a payload was fetched for the first time. Stale if somebody was faster.
    pub fn mark_handshake_fetched(&mut self, nonce_hash: &[u8], now: Timestamp) {
        self.one_here(&MARK_HANDSHAKE_FETCHED, params![nonce_hash, now]);
    }

    /// Clears away the payloads whose time is over.
    pub fn delete_expired_handshakes(&mut self, now: Timestamp) {
        self.any_here(&DELETE_EXPIRED_HANDSHAKES, params![now]);
    }
}
