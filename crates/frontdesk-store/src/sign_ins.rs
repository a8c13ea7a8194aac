//! Attempts to sign in, between requests.

use frontdesk_core::sign_in::SignIn;
use frontdesk_types::{InstanceId, SignInId};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    SIGN_IN_BY_ID = "SELECT id, client_id, state, abandon_at, created_at, updated_at, version FROM sign_ins
                      WHERE instance_id = ?1 AND id = ?2";
    INSERT_SIGN_IN = "INSERT INTO sign_ins
        (instance_id, id, client_id, state, abandon_at, created_at, updated_at, version)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    SAVE_SIGN_IN = "UPDATE sign_ins SET state = ?4, updated_at = ?5, version = version + 1
                     WHERE instance_id = ?1 AND id = ?2 AND version = ?3";
}

impl FromRow for SignIn {
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
    /// The sign-in with this id.
    pub async fn sign_in(&self, instance: &InstanceId, id: &SignInId) -> Result<Option<SignIn>> {
        self.fetch_optional(&SIGN_IN_BY_ID, params![instance, id]).await
    }
}

impl Work {
    /// Adds a sign-in.
    pub fn insert_sign_in(&mut self, sign_in: &SignIn) {
        let state = self.json(&sign_in.state);
        self.one_here(
            &INSERT_SIGN_IN,
            params![
                &sign_in.id,
                &sign_in.client_id,
                &state,
                sign_in.abandon_at,
                sign_in.created_at,
                sign_in.updated_at,
                sign_in.version,
            ],
        );
    }

    /// Saves how far a sign-in has come. Stale if its `version` has moved: two tries at one code cannot both count
    /// as the first.
    pub fn save_sign_in(&mut self, sign_in: &SignIn) {
        let state = self.json(&sign_in.state);
        self.one_here(&SAVE_SIGN_IN, params![&sign_in.id, sign_in.version, &state, sign_in.updated_at]);
    }
}
