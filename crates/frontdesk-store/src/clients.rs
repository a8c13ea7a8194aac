//! Clients: the browsers of an instance.

use frontdesk_core::client::Client;
use frontdesk_types::{ClientId, InstanceId, Timestamp};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::store::Page;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

macro_rules! columns {
    () => {
        "id, token_hash, previous_token_hash, rotated_at, sign_in_id, sign_up_id, last_active_session_id,
         last_authentication_strategy, created_at, updated_at, version"
    };
}

statements! {
    CLIENT_BY_ID = concat!("SELECT ", columns!(), " FROM clients WHERE instance_id = ?1 AND id = ?2");
    CLIENTS = concat!("SELECT ", columns!(), " FROM clients WHERE instance_id = ?1
                       ORDER BY created_at DESC, id DESC LIMIT ?2 OFFSET ?3");
    COUNT_CLIENTS = "SELECT COUNT(*) AS total FROM clients WHERE instance_id = ?1";
    INSERT_CLIENT = concat!("INSERT INTO clients (instance_id, ", columns!(), ")
                             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
    SAVE_CLIENT = "UPDATE clients SET token_hash = ?4, previous_token_hash = ?5, rotated_at = ?6, sign_in_id = ?7,
                          sign_up_id = ?8, last_active_session_id = ?9, last_authentication_strategy = ?10,
                          updated_at = ?11, version = version + 1
                    WHERE instance_id = ?1 AND id = ?2 AND version = ?3";
    CLIENT_CHANGED = "UPDATE clients SET updated_at = ?3, version = version + 1
                       WHERE instance_id = ?1 AND id = ?2 AND updated_at < ?3";
    DELETE_CLIENT = "DELETE FROM clients WHERE instance_id = ?1 AND id = ?2 AND version = ?3";
}

impl FromRow for Client {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            token_hash: row.get("token_hash")?,
            previous_token_hash: row.get("previous_token_hash")?,
            rotated_at: row.get("rotated_at")?,
            sign_in_id: row.get("sign_in_id")?,
            sign_up_id: row.get("sign_up_id")?,
            last_active_session_id: row.get("last_active_session_id")?,
            last_authentication_strategy: row.get("last_authentication_strategy")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

impl Store {
    /// The client with this id.
    pub async fn client(&self, instance: &InstanceId, id: &ClientId) -> Result<Option<Client>> {
        self.fetch_optional(&CLIENT_BY_ID, params![instance, id]).await
    }

    /// The clients of an instance, newest first.
    pub async fn clients(&self, instance: &InstanceId, page: Page) -> Result<Vec<Client>> {
        self.fetch_all(&CLIENTS, params![instance, page.limit, page.offset]).await
    }

    /// How many clients an instance has.
    pub async fn count_clients(&self, instance: &InstanceId) -> Result<u64> {
        self.fetch_total(&COUNT_CLIENTS, params![instance]).await
    }
}

impl Work {
    /// Adds a client.
    pub fn insert_client(&mut self, client: &Client) {
        self.one_here(
            &INSERT_CLIENT,
            params![
                &client.id,
                &client.token_hash,
                &client.previous_token_hash,
                client.rotated_at,
                client.sign_in_id.as_ref(),
                client.sign_up_id.as_ref(),
                client.last_active_session_id.as_ref(),
                client.last_authentication_strategy.as_ref(),
                client.created_at,
                client.updated_at,
                client.version,
            ],
        );
    }

    /// Saves everything about a client that can change. Stale if its `version` has moved.
    pub fn save_client(&mut self, client: &Client) {
        self.one_here(
            &SAVE_CLIENT,
            params![
                &client.id,
                client.version,
                &client.token_hash,
                &client.previous_token_hash,
                client.rotated_at,
                client.sign_in_id.as_ref(),
                client.sign_up_id.as_ref(),
                client.last_active_session_id.as_ref(),
                client.last_authentication_strategy.as_ref(),
                client.updated_at,
            ],
        );
    }

    /// Notes that authentication on a client changed at this time, by somebody else than its browser, which learns of it
    /// from `__client_uat`. A client that is gone, or changed later, is left as it is.
    pub fn client_changed(&mut self, client: &ClientId, at: Timestamp) {
        self.any_here(&CLIENT_CHANGED, params![client, at]);
    }

    /// Deletes a client. Its sessions stay as they are: end them in the same work. Stale if its `version` has moved,
    /// so that no session slips in between.
    pub fn delete_client(&mut self, client: &Client) {
        self.one_here(&DELETE_CLIENT, params![&client.id, client.version]);
    }
}
