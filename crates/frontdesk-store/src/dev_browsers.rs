//! Development browsers, by the hash of their token.

use frontdesk_core::client::DevBrowser;
use frontdesk_types::{ClientId, InstanceId, Timestamp};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    DEV_BROWSER = "SELECT token_hash, client_id, created_at FROM dev_browsers
                    WHERE instance_id = ?1 AND token_hash = ?2";
    INSERT_DEV_BROWSER = "INSERT INTO dev_browsers (instance_id, token_hash, client_id, created_at)
                          VALUES (?1, ?2, ?3, ?4)";
    COUNT_IDLE_DEV_BROWSERS = "SELECT COUNT(*) AS total FROM dev_browsers
                                WHERE instance_id = ?1 AND client_id IS NULL AND created_at >= ?2";
    DELETE_IDLE_DEV_BROWSERS = "DELETE FROM dev_browsers
                                 WHERE instance_id = ?1 AND client_id IS NULL AND created_at < ?2";
    SET_DEV_BROWSER_CLIENT = "UPDATE dev_browsers SET client_id = ?3 WHERE instance_id = ?1 AND token_hash = ?2";
}

impl FromRow for DevBrowser {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            token_hash: row.get("token_hash")?,
            client_id: row.get("client_id")?,
            created_at: row.get("created_at")?,
        })
    }
}

impl Store {
    /// The development browser whose token has this SHA-256.
    pub async fn dev_browser(&self, instance: &InstanceId, token_hash: &[u8]) -> Result<Option<DevBrowser>> {
        self.fetch_optional(&DEV_BROWSER, params![instance, token_hash]).await
    }

    /// How many development browsers made since then stand for no client.
    pub async fn count_idle_dev_browsers(&self, instance: &InstanceId, since: Timestamp) -> Result<u64> {
        self.fetch_total(&COUNT_IDLE_DEV_BROWSERS, params![instance, since]).await
    }
}

impl Work {
    /// Adds a development browser.
    pub fn insert_dev_browser(&mut self, browser: &DevBrowser) {
        self.one_here(
            &INSERT_DEV_BROWSER,
            params![&browser.token_hash, browser.client_id.as_ref(), browser.created_at],
        );
    }

    /// Deletes the development browsers made before then that stand for no client.
    pub fn delete_idle_dev_browsers(&mut self, before: Timestamp) {
        self.any_here(&DELETE_IDLE_DEV_BROWSERS, params![before]);
    }

    /// Says which client a development browser stands for. Stale if the browser is gone.
    pub fn set_dev_browser_client(&mut self, token_hash: &[u8], client: Option<&ClientId>) {
        self.one_here(&SET_DEV_BROWSER_CLIENT, params![token_hash, client]);
    }
}
