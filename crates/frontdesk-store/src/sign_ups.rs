//! Attempts to sign up, between requests.

use frontdesk_core::sign_up::SignUp;
use frontdesk_types::{InstanceId, SignUpId};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    SIGN_UP_BY_ID = "SELECT id, client_id, state, abandon_at, created_at, updated_at, version FROM sign_ups
                      WHERE instance_id = ?1 AND id = ?2";
    INSERT_SIGN_UP = "INSERT INTO sign_ups
        (instance_id, id, client_id, state, abandon_at, created_at, updated_at, version)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    SAVE_SIGN_UP = "UPDATE sign_ups SET state = ?4, updated_at = ?5, version = version + 1
                     WHERE instance_id = ?1 AND id = ?2 AND version = ?3";
}

impl FromRow for SignUp {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            client_id: row.get("client_id")?,
            state: row.json("state")?,
            abandon_at: row.get("abandon_at")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

impl Store {
    /// The sign-up with this id.
    pub async fn sign_up(&self, instance: &InstanceId, id: &SignUpId) -> Result<Option<SignUp>> {
        self.fetch_optional(&SIGN_UP_BY_ID, params![instance, id]).await
    }
}

impl Work {
    /// Adds a sign-up.
    pub fn insert_sign_up(&mut self, sign_up: &SignUp) {
        let state = self.json(&sign_up.state);
        self.one_here(
            &INSERT_SIGN_UP,
            params![
                &sign_up.id,
                &sign_up.client_id,
                &state,
                sign_up.abandon_at,
                sign_up.created_at,
                sign_up.updated_at,
                sign_up.version,
            ],
        );
    }

    /// Saves how far a sign-up has come. Stale if its `version` has moved: two tries at one code cannot both count
    /// as the first.
    pub fn save_sign_up(&mut self, sign_up: &SignUp) {
        let state = self.json(&sign_up.state);
        self.one_here(&SAVE_SIGN_UP, params![&sign_up.id, sign_up.version, &state, sign_up.updated_at]);
    }
}
