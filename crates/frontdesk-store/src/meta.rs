//! What the server knows about itself: small values by name.

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    SCHEMA_VERSION = "SELECT version FROM schema_version WHERE id = 1";
    META_BY_KEY = "SELECT value FROM meta WHERE key = ?1";
    SET_META = "INSERT INTO meta (key, value) VALUES (?1, ?2)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    DELETE_META = "DELETE FROM meta WHERE key = ?1";
}

struct Value(String);

impl FromRow for Value {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        row.get("value").map(Self)
    }
}

struct Version(i64);

impl FromRow for Version {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        row.get("version").map(Self)
    }
}

impl Store {
    /// The version of the schema that the database has now; see [`Store::known_schema_version`].
    pub async fn schema_version(&self) -> Result<i64> {
        let found: Option<Version> = self.fetch_optional(&SCHEMA_VERSION, params![]).await?;
        Ok(found.map_or(0, |version| version.0))
    }

    /// The value of this name, if one was set.
    pub async fn meta(&self, key: &str) -> Result<Option<String>> {
        let found: Option<Value> = self.fetch_optional(&META_BY_KEY, params![key]).await?;
        Ok(found.map(|value| value.0))
    }
}

impl Work {
    /// Sets the value of this name. It belongs to the server, not to the instance of the work.
    pub fn set_meta(&mut self, key: &str, value: &str) {
        self.one(&SET_META, params![key, value]);
    }

    /// Forgets the value of this name. Stale if none was set.
    pub fn delete_meta(&mut self, key: &str) {
        self.one(&DELETE_META, params![key]);
    }
}
