//! The keys of instances: those that open them and those that sign their tokens. Private parts arrive sealed.

use frontdesk_core::instance::{SecretKeyRecord, SigningKeyRecord};
use frontdesk_types::{InstanceId, Timestamp};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    SECRET_KEYS = "SELECT hash, instance_id, sealed, created_at FROM secret_keys
                    WHERE instance_id = ?1 ORDER BY created_at, hash";
    INSERT_SECRET_KEY = "INSERT INTO secret_keys (instance_id, hash, sealed, created_at) VALUES (?1, ?2, ?3, ?4)";
    DELETE_SECRET_KEY = "DELETE FROM secret_keys WHERE instance_id = ?1 AND hash = ?2";
    SIGNING_KEYS = "SELECT kid, instance_id, sealed, created_at, retires_at, tokens_until FROM signing_keys
                     WHERE instance_id = ?1
                     ORDER BY CASE WHEN retires_at IS NULL THEN 0 ELSE 1 END, created_at DESC, kid DESC";
    INSERT_SIGNING_KEY = "INSERT INTO signing_keys (instance_id, kid, sealed, created_at, retires_at, tokens_until)
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    RETIRE_SIGNING_KEY = "UPDATE signing_keys SET retires_at = ?3
                           WHERE instance_id = ?1 AND kid = ?2 AND retires_at IS NULL";
    DELETE_RETIRED_SIGNING_KEY = "DELETE FROM signing_keys
                                   WHERE instance_id = ?1 AND kid = ?2 AND retires_at <= ?3";
    NOTE_TOKENS_UNTIL = "UPDATE signing_keys SET tokens_until = ?3
                          WHERE instance_id = ?1 AND kid = ?2 AND (tokens_until IS NULL OR tokens_until < ?3)";
    NOTE_RETIRES_AT = "UPDATE signing_keys SET retires_at = ?3
                        WHERE instance_id = ?1 AND kid = ?2 AND retires_at < ?3";
    LAST_SESSION_END = "SELECT expire_at FROM sessions
                         WHERE instance_id = ?1 AND status IN ('active', 'pending') ORDER BY expire_at DESC LIMIT 1";
}

impl FromRow for SecretKeyRecord {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            hash: row.get("hash")?,
            instance_id: row.get("instance_id")?,
            sealed: row.get("sealed")?,
            created_at: row.get("created_at")?,
        })
    }
}

impl FromRow for SigningKeyRecord {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            kid: row.get("kid")?,
            instance_id: row.get("instance_id")?,
            sealed: row.get("sealed")?,
            created_at: row.get("created_at")?,
            retires_at: row.get("retires_at")?,
            tokens_until: row.get("tokens_until")?,
        })
    }
}

/// When a session ends.
struct End(Timestamp);

impl FromRow for End {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        row.get("expire_at").map(Self)
    }
}

impl Store {
    /// The secret keys of an instance, oldest first.
    pub async fn secret_keys(&self, instance: &InstanceId) -> Result<Vec<SecretKeyRecord>> {
        self.fetch_all(&SECRET_KEYS, params![instance]).await
    }

    /// The signing keys of an instance: the one that signs, then the retired ones; newest first.
    pub async fn signing_keys(&self, instance: &InstanceId) -> Result<Vec<SigningKeyRecord>> {
        self.fetch_all(&SIGNING_KEYS, params![instance]).await
    }

    /// When the last of the sessions ends that are alive now. Reads all of the instance's: for the rare occasion.
    pub async fn last_session_end(&self, instance: &InstanceId) -> Result<Option<Timestamp>> {
        let end: Option<End> = self.fetch_optional(&LAST_SESSION_END, params![instance]).await?;
        Ok(end.map(|end| end.0))
    }
}

impl Work {
    /// Adds a secret key. It goes to the instance of the work, whatever the record says.
    pub fn insert_secret_key(&mut self, key: &SecretKeyRecord) {
        self.one_here(&INSERT_SECRET_KEY, params![&key.hash, &key.sealed, key.created_at]);
    }

    /// Takes a secret key away: it opens nothing from then on.
    pub fn delete_secret_key(&mut self, hash: &[u8]) {
        self.one_here(&DELETE_SECRET_KEY, params![hash]);
    }

    /// Adds a signing key. It goes to the instance of the work, whatever the record says.
    pub fn insert_signing_key(&mut self, key: &SigningKeyRecord) {
        self.one_here(
            &INSERT_SIGNING_KEY,
            params![&key.kid, &key.sealed, key.created_at, key.retires_at, key.tokens_until],
        );
    }

    /// Stops signing with a key, and keeps it in the JWKS until `retires_at`. Stale if it was retired before.
    pub fn retire_signing_key(&mut self, kid: &str, retires_at: Timestamp) {
        self.one_here(&RETIRE_SIGNING_KEY, params![kid, retires_at]);
    }

    /// Takes a retired key out of the JWKS whose time is over. Stale if it is none.
    pub fn delete_retired_signing_key(&mut self, kid: &str, now: Timestamp) {
        self.one_here(&DELETE_RETIRED_SIGNING_KEY, params![kid, now]);
    }

    /// Notes that the key signs a token that lives until then, so that it stays in the JWKS at least as long, also if
    /// it is retired this very moment.
    pub fn note_tokens_until(&mut self, kid: &str, until: Timestamp) {
        self.any_here(&NOTE_TOKENS_UNTIL, params![kid, until]);
        self.any_here(&NOTE_RETIRES_AT, params![kid, until]);
    }
}
