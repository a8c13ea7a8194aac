//! Addresses that the owners of instances have listed for redirects.

use frontdesk_core::redirect_url::RedirectUrl;
use frontdesk_types::{InstanceId, RedirectUrlId};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::store::Page;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    REDIRECT_URL_BY_ID = "SELECT id, url, created_at, updated_at FROM redirect_urls
                           WHERE instance_id = ?1 AND id = ?2";
    REDIRECT_URLS = "SELECT id, url, created_at, updated_at FROM redirect_urls WHERE instance_id = ?1
                      ORDER BY created_at DESC, id DESC LIMIT ?2 OFFSET ?3";
    COUNT_REDIRECT_URLS = "SELECT COUNT(*) AS total FROM redirect_urls WHERE instance_id = ?1";
    INSERT_REDIRECT_URL = "INSERT INTO redirect_urls (instance_id, id, url, created_at, updated_at)
                           VALUES (?1, ?2, ?3, ?4, ?5)";
    DELETE_REDIRECT_URL = "DELETE FROM redirect_urls WHERE instance_id = ?1 AND id = ?2";
}

impl FromRow for RedirectUrl {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            url: row.get("url")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

impl Store {
    /// The listed address with this id.
    pub async fn redirect_url(
        &self,
        instance: &InstanceId,
        id: &RedirectUrlId,
    ) -> Result<Option<RedirectUrl>> {
        self.fetch_optional(&REDIRECT_URL_BY_ID, params![instance, id]).await
    }

    /// The listed addresses of an instance, newest first.
    pub async fn redirect_urls(&self, instance: &InstanceId, page: Page) -> Result<Vec<RedirectUrl>> {
        self.fetch_all(&REDIRECT_URLS, params![instance, page.limit, page.offset]).await
    }

    /// How many addresses an instance has listed.
    pub async fn count_redirect_urls(&self, instance: &InstanceId) -> Result<u64> {
        self.fetch_total(&COUNT_REDIRECT_URLS, params![instance]).await
    }
}

impl Work {
    /// Lists an address. Breaks [`Constraint::RedirectUrl`](crate::Constraint::RedirectUrl). Servers that know the
    /// instance learn of it by its version: [`Work::touch_instance`].
    pub fn insert_redirect_url(&mut self, listed: &RedirectUrl) {
        self.one_here(
            &INSERT_REDIRECT_URL,
            params![&listed.id, &listed.url, listed.created_at, listed.updated_at],
        );
    }

    /// Takes an address off the list. Stale if it is not there.
    pub fn delete_redirect_url(&mut self, id: &RedirectUrlId) {
        self.one_here(&DELETE_REDIRECT_URL, params![id]);
    }
}
