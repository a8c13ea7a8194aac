//! Instances, and which of them a key opens.

use frontdesk_core::domain::Domain;
use frontdesk_core::instance::{Instance, InstanceKind};
use frontdesk_types::{InstanceId, Timestamp};

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

macro_rules! columns {
    () => {
        "id, slug, kind, key_host, settings, has_test_keys, created_at, updated_at, version"
    };
}

statements! {
    INSTANCE_BY_ID = concat!("SELECT ", columns!(), " FROM instances WHERE id = ?1");
    INSTANCE_BY_SLUG = concat!("SELECT ", columns!(), " FROM instances WHERE slug = ?1");
    INSTANCE_BY_KEY_HOST = concat!("SELECT ", columns!(), " FROM instances WHERE key_host = ?1");
    INSTANCES = concat!("SELECT ", columns!(), " FROM instances ORDER BY created_at, id");
    INSTANCE_KEY = "SELECT instances.id AS id, instances.version AS version
                      FROM secret_keys JOIN instances ON instances.id = secret_keys.instance_id
                     WHERE secret_keys.hash = ?1";
    INSTANCE_VERSION = "SELECT id, version FROM instances WHERE id = ?1";
    INSTANCE_VERSION_BY_SLUG = "SELECT id, version FROM instances WHERE slug = ?1";
    INSTANCE_VERSION_BY_KEY_HOST = "SELECT instances.id AS id, instances.version AS version
                                      FROM domains JOIN instances ON instances.id = domains.instance_id
                                     WHERE domains.key_host = ?1";
    INSERT_INSTANCE = concat!("INSERT INTO instances (", columns!(), ")
                               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    SAVE_INSTANCE = "UPDATE instances SET settings = ?3, updated_at = ?4, version = version + 1
                      WHERE id = ?1 AND version = ?2";
    TOUCH_INSTANCE = "UPDATE instances SET updated_at = ?2, version = version + 1 WHERE id = ?1";
}

/// The instance that something names, and how often that instance has changed: enough to find it in a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceKey {
    /// The instance.
    pub instance_id: InstanceId,
    /// Its `version`; a cached [`Instance`] with the same version is current.
    pub version: i64,
}

impl FromRow for Instance {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            slug: row.get("slug")?,
            kind: match row.text("kind")? {
                "development" => InstanceKind::Development,
                "production" => InstanceKind::Production,
                _ => return Err(row.mismatch("kind", "a kind of instance")),
            },
            key_host: row.get("key_host")?,
            settings: row.json("settings")?,
            has_test_keys: row.get("has_test_keys")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

impl FromRow for InstanceKey {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { instance_id: row.get("id")?, version: row.get("version")? })
    }
}

impl Store {
    /// The instance with this id.
    pub async fn instance(&self, id: &InstanceId) -> Result<Option<Instance>> {
        self.fetch_optional(&INSTANCE_BY_ID, params![id]).await
    }

    /// The instance with this slug.
    pub async fn instance_by_slug(&self, slug: &str) -> Result<Option<Instance>> {
        self.fetch_optional(&INSTANCE_BY_SLUG, params![slug]).await
    }

    /// The instance whose publishable key names this host (with a port if it has one).
    pub async fn instance_by_key_host(&self, key_host: &str) -> Result<Option<Instance>> {
        self.fetch_optional(&INSTANCE_BY_KEY_HOST, params![key_host]).await
    }

    /// Every instance, oldest first.
    pub async fn instances(&self) -> Result<Vec<Instance>> {
        self.fetch_all(&INSTANCES, params![]).await
    }

    /// What the secret key with this SHA-256 opens. Cheap: asked on every request to the Backend API.
    pub async fn instance_key(&self, hash: &[u8]) -> Result<Option<InstanceKey>> {
        let Some(known_keys) = self.known_keys() else {
            return self.fetch_optional(&INSTANCE_KEY, params![hash]).await;
        };
        if let Some(known) = known_keys.recall(hash) {
            return Ok(Some(known));
        }
        let changes = known_keys.changes();
        let found = self.fetch_optional(&INSTANCE_KEY, params![hash]).await?;
        if let Some(key) = &found {
            known_keys.remember(changes, hash, key);
        }
        Ok(found)
    }

    /// How often the instance with this id has changed.
    pub async fn instance_version(&self, id: &InstanceId) -> Result<Option<InstanceKey>> {
        self.fetch_optional(&INSTANCE_VERSION, params![id]).await
    }

    /// How often the instance with this slug has changed. Cheap, like its neighbours: asked on every request to the
    /// Frontend API.
    pub async fn instance_version_by_slug(&self, slug: &str) -> Result<Option<InstanceKey>> {
        self.fetch_optional(&INSTANCE_VERSION_BY_SLUG, params![slug]).await
    }

    /// How often the instance has changed that has this key host, or a satellite with it.
    pub async fn instance_version_by_key_host(&self, key_host: &str) -> Result<Option<InstanceKey>> {
        self.fetch_optional(&INSTANCE_VERSION_BY_KEY_HOST, params![key_host]).await
    }
}

impl Work {
    /// Adds the instance that this work is for, and its primary domain. Breaks [`Constraint::InstanceSlug`](crate::Constraint::InstanceSlug)
    /// or [`Constraint::KeyHost`](crate::Constraint::KeyHost).
    pub fn insert_instance(&mut self, instance: &Instance) {
        let settings = self.json(&instance.settings);
        self.one(
            &INSERT_INSTANCE,
            params![
                &instance.id,
                &instance.slug,
                instance.kind.as_str(),
                &instance.key_host,
                &settings,
                instance.has_test_keys,
                instance.created_at,
                instance.updated_at,
                instance.version,
            ],
        );
        self.insert_domain(&Domain::primary_of(instance));
    }

    /// Notes that something changed that belongs to the instance of this work and is kept elsewhere: its keys, its
    /// listed addresses. Servers that hold the instance in memory load it anew.
    pub fn touch_instance(&mut self, at: Timestamp) {
        self.one_here(&TOUCH_INSTANCE, params![at]);
    }

    /// Saves the settings of an instance. Slug, kind and key host never change. Stale if its `version` has moved.
    pub fn save_instance(&mut self, instance: &Instance) {
        let settings = self.json(&instance.settings);
        self.one(&SAVE_INSTANCE, params![&instance.id, instance.version, &settings, instance.updated_at]);
    }
}
