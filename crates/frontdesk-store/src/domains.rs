//! Domains of instances, the clients that browsers hold on satellites, and what takes browsers there.

use frontdesk_core::domain::{ClientLink, Domain, SyncToken};
use frontdesk_types::{ClientId, DomainId, InstanceId};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

macro_rules! columns {
    () => {
        "id, name, is_satellite, key_host, proxy_url, created_at, updated_at, version"
    };
}

statements! {
    DOMAINS = concat!("SELECT ", columns!(), " FROM domains WHERE instance_id = ?1
                       ORDER BY CASE WHEN is_satellite THEN 0 ELSE 1 END, created_at DESC, id DESC");
    INSERT_DOMAIN = concat!("INSERT INTO domains (instance_id, ", columns!(), ")
                             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    SAVE_DOMAIN = "UPDATE domains SET name = ?4, key_host = ?5, proxy_url = ?6, updated_at = ?7, version = version + 1
                    WHERE instance_id = ?1 AND id = ?2 AND version = ?3";
    DELETE_SATELLITE = "DELETE FROM domains WHERE instance_id = ?1 AND id = ?2 AND is_satellite";
    CLIENT_LINK = "SELECT client_id, domain_id, token_hash, previous_token_hash, client_token_hash, linked_at
                     FROM client_links WHERE instance_id = ?1 AND client_id = ?2 AND domain_id = ?3";
    SAVE_CLIENT_LINK = "INSERT INTO client_links
        (instance_id, client_id, domain_id, token_hash, previous_token_hash, client_token_hash, linked_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (instance_id, client_id, domain_id) DO UPDATE SET
            token_hash = excluded.token_hash, previous_token_hash = excluded.previous_token_hash,
            client_token_hash = excluded.client_token_hash, linked_at = excluded.linked_at";
    SYNC_TOKEN = "SELECT token_hash, domain_id, client_id, client_token_hash, nonce_hash, redirect_url, expires_at
                    FROM sync_tokens WHERE instance_id = ?1 AND token_hash = ?2";
    INSERT_SYNC_TOKEN = "INSERT INTO sync_tokens
        (instance_id, token_hash, domain_id, client_id, client_token_hash, nonce_hash, redirect_url, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    DELETE_SYNC_TOKEN = "DELETE FROM sync_tokens WHERE instance_id = ?1 AND token_hash = ?2";
}

impl FromRow for Domain {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            is_satellite: row.get("is_satellite")?,
            key_host: row.get("key_host")?,
            proxy_url: row.get("proxy_url")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

impl FromRow for ClientLink {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            client_id: row.get("client_id")?,
            domain_id: row.get("domain_id")?,
            token_hash: row.get("token_hash")?,
            previous_token_hash: row.get("previous_token_hash")?,
            client_token_hash: row.get("client_token_hash")?,
            linked_at: row.get("linked_at")?,
        })
    }
}

impl FromRow for SyncToken {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            token_hash: row.get("token_hash")?,
            domain_id: row.get("domain_id")?,
            client_id: row.get("client_id")?,
            client_token_hash: row.get("client_token_hash")?,
            nonce_hash: row.get("nonce_hash")?,
            redirect_url: row.get("redirect_url")?,
            expires_at: row.get("expires_at")?,
        })
    }
}

impl Store {
    /// All domains of an instance: its satellites, newest first, then the primary one.
    pub async fn domains(&self, instance: &InstanceId) -> Result<Vec<Domain>> {
        self.fetch_all(&DOMAINS, params![instance]).await
    }

    /// What a browser must show to hold this client on this satellite, if it was ever linked there.
    pub async fn client_link(
        &self,
        instance: &InstanceId,
        client: &ClientId,
        domain: &DomainId,
    ) -> Result<Option<ClientLink>> {
        self.fetch_optional(&CLIENT_LINK, params![instance, client, domain]).await
    }

    /// The token with this SHA-256 that takes a browser to a satellite, expired or not.
    pub async fn sync_token(&self, instance: &InstanceId, token_hash: &[u8]) -> Result<Option<SyncToken>> {
        self.fetch_optional(&SYNC_TOKEN, params![instance, token_hash]).await
    }
}

impl Work {
    /// Adds a domain. Breaks [`Constraint::DomainName`](crate::Constraint::DomainName) or
    /// [`Constraint::KeyHost`](crate::Constraint::KeyHost). Servers that know the instance learn of it by its version:
    /// [`Work::touch_instance`].
    pub fn insert_domain(&mut self, domain: &Domain) {
        self.one_here(
            &INSERT_DOMAIN,
            params![
                &domain.id,
                &domain.name,
                domain.is_satellite,
                domain.key_host.as_ref(),
                domain.proxy_url.as_ref(),
                domain.created_at,
                domain.updated_at,
                domain.version,
            ],
        );
    }

    /// Saves name, host and proxy of a domain. Breaks the same rules as adding it. Stale if its `version` has moved.
    pub fn save_domain(&mut self, domain: &Domain) {
        self.one_here(
            &SAVE_DOMAIN,
            params![
                &domain.id,
                domain.version,
                &domain.name,
                domain.key_host.as_ref(),
                domain.proxy_url.as_ref(),
                domain.updated_at,
            ],
        );
    }

    /// Takes a satellite away, and with it what browsers hold there. Stale if it is not there, or is the primary domain.
    pub fn delete_satellite(&mut self, id: &DomainId) {
        self.one_here(&DELETE_SATELLITE, params![id]);
    }

    /// Links a client to a satellite, instead of any link that it had there.
    pub fn save_client_link(&mut self, link: &ClientLink) {
        self.one_here(
            &SAVE_CLIENT_LINK,
            params![
                &link.client_id,
                &link.domain_id,
                &link.token_hash,
                &link.previous_token_hash,
                &link.client_token_hash,
                link.linked_at,
            ],
        );
    }

    /// Keeps what takes a browser to a satellite.
    pub fn insert_sync_token(&mut self, token: &SyncToken) {
        self.one_here(
            &INSERT_SYNC_TOKEN,
            params![
                &token.token_hash,
                &token.domain_id,
                token.client_id.as_ref(),
                token.client_token_hash.as_ref(),
                &token.nonce_hash,
                &token.redirect_url,
                token.expires_at,
            ],
        );
    }

    /// Uses such a token up. Stale if somebody was faster.
    pub fn delete_sync_token(&mut self, token_hash: &[u8]) {
        self.one_here(&DELETE_SYNC_TOKEN, params![token_hash]);
    }
}
