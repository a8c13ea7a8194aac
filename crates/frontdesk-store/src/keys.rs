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
    SIGNING_KEYS = "SELECT kid, instance_id, sealed, created_at, retires_at FROM signing_keys
                     WHERE instance_id = ?1 ORDER BY created_at DESC, kid DESC";
    INSERT_SIGNING_KEY = "INSERT INTO signing_keys (instance_id, kid, sealed, created_at, retires_at)
                          VALUES (?1, ?2, ?3, ?4, ?5)";
    RETIRE_SIGNING_KEY = "UPDATE signing_keys SET retires_at = ?3 WHERE instance_id = ?1 AND kid = ?2";
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
        })
    }
}

impl Store {
    /// The secret keys of an instance, oldest first.
    pub async fn secret_keys(&self, instance: &InstanceId) -> Result<Vec<SecretKeyRecord>> {
        self.fetch_all(&SECRET_KEYS, params![instance]).await
    }

    /// The signing keys of an instance, retired ones too, newest first.
    pub async fn signing_keys(&self, instance: &InstanceId) -> Result<Vec<SigningKeyRecord>> {
        self.fetch_all(&SIGNING_KEYS, params![instance]).await
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
        self.one_here(&INSERT_SIGNING_KEY, params![&key.kid, &key.sealed, key.created_at, key.retires_at]);
    }

    /// Stops signing with a key, and keeps it in the JWKS until `retires_at`.
    pub fn retire_signing_key(&mut self, kid: &str, retires_at: Timestamp) {
        self.one_here(&RETIRE_SIGNING_KEY, params![kid, retires_at]);
    }
}
