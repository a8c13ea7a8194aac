//! The store: one concrete type, and inside it, privately, one of two drivers.

use std::path::Path;
use std::sync::Arc;

use tokio::time::Instant;

use crate::composed::Composed;
use crate::error::CommitError;
use crate::postgres::{Postgres, PostgresOptions};
use crate::row::{FromRow, Row};
use crate::sqlite::{KnownKeys, Sqlite, SqliteOptions};
use crate::statement::Statement;
use crate::value::Param;
use crate::work::Work;
use crate::{Result, migrations, registry};

/// A database of Frontdesk. Cheap to clone; all clones share connections and the writer.
#[derive(Clone, Debug)]
pub struct Store {
    driver: Arc<Driver>,
}

#[derive(Debug)]
enum Driver {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most this many records.
    pub limit: u32,
    /// After leaving out this many.
    pub offset: u32,
}

impl Page {
    /// Everything, for lists that are short by their nature.
    pub const ALL: Self = Self { limit: u32::MAX, offset: 0 };
}

/// What a statement tells about its rows, one closure call each.
pub(crate) type ReadRow<'a> = &'a mut (dyn FnMut(&Row<'_>) -> Result<()> + Send);

impl Store {
    /// Opens a SQLite database, making the file (not its folder) if there is none. The schema is not touched; see
    /// [`Store::migrate`].
    pub fn open_sqlite(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self> {
        Ok(Self { driver: Arc::new(Driver::Sqlite(Sqlite::open(path.as_ref(), options)?)) })
    }

    /// Connects to a PostgreSQL database by its URL, once, to say early whether it answers. The schema is not
    /// touched; see [`Store::migrate`].
    pub async fn connect_postgres(url: &str, options: PostgresOptions) -> Result<Self> {
        Ok(Self { driver: Arc::new(Driver::Postgres(Postgres::connect(url, options).await?)) })
    }

    /// Brings the schema up to date. Safe to call from several processes at once.
    ///
    /// # Errors
    ///
    /// [`Error::SchemaTooNew`](crate::Error::SchemaTooNew) if a newer program has written this database.
    pub async fn migrate(&self) -> Result<()> {
        match &*self.driver {
            Driver::Sqlite(sqlite) => sqlite.migrate(),
            Driver::Postgres(postgres) => postgres.migrate().await,
        }
    }

    /// The newest schema version this program knows.
    pub fn known_schema_version() -> i64 {
        migrations::known()
    }

    /// The name of the engine, for people: `SQLite` or `PostgreSQL`.
    pub fn engine(&self) -> &'static str {
        match &*self.driver {
            Driver::Sqlite(_) => "SQLite",
            Driver::Postgres(_) => "PostgreSQL",
        }
    }

    /// Whether other processes may be at the same data.
    pub fn is_shared(&self) -> bool {
        matches!(*self.driver, Driver::Postgres(_))
    }

    /// Whether the database answers. For health checks.
    pub async fn ping(&self) -> Result<()> {
        self.meta("ping").await.map(drop)
    }

    /// Makes every write of the work durable, or none of it. An empty work is done at once.
    ///
    /// The work goes on if the caller stops waiting: a request that is cut off may still have been carried out.
    pub async fn commit(&self, work: Work) -> Result<(), CommitError> {
        if let Some(fault) = work.fault {
            return Err(fault.into());
        }
        if work.writes.is_empty() {
            return Ok(());
        }
        let begun = Instant::now();
        let outcome = match &*self.driver {
            Driver::Sqlite(sqlite) => sqlite.commit(work.writes).await,
            Driver::Postgres(postgres) => postgres.commit(work.writes).await,
        };
        let became = match &outcome {
            Ok(()) => "done",
            Err(CommitError::Conflict(_)) => "conflict",
            Err(CommitError::Stale) => "stale",
            Err(CommitError::Failed(_)) => "failed",
        };
        metrics::counter!("frontdesk_database_commits_total", "outcome" => became).increment(1);
        let seconds = begun.elapsed().as_secs_f64();
        metrics::histogram!("frontdesk_database_commit_duration_seconds").record(seconds);
        outcome
    }

    /// What is remembered of keys, where this store is the only one that changes them.
    pub(crate) fn known_keys(&self) -> Option<&KnownKeys> {
        match &*self.driver {
            Driver::Sqlite(sqlite) => Some(sqlite.known_keys()),
            Driver::Postgres(_) => None,
        }
    }

    /// Reads at most one record.
    pub(crate) async fn fetch_optional<T: FromRow + Send>(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Option<T>> {
        let mut found = None;
        self.for_each(statement, params, &mut |row| {
            found = Some(T::from_row(row)?);
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// Reads any number of records, in the order of the statement.
    pub(crate) async fn fetch_all<T: FromRow + Send>(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.for_each(statement, params, &mut |row| {
            found.push(T::from_row(row)?);
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// Reads the one number a counting statement gives, from its column `total`.
    pub(crate) async fn fetch_total(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
    ) -> Result<u64> {
        let mut total = 0_i64;
        self.for_each(statement, params, &mut |row| {
            total = row.get("total")?;
            Ok(())
        })
        .await?;
        Ok(total.unsigned_abs())
    }

    /// Runs a statement and hands over each row.
    pub(crate) async fn for_each(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
        read: ReadRow<'_>,
    ) -> Result<()> {
        match &*self.driver {
            Driver::Sqlite(sqlite) => sqlite.query(statement, params, read),
            Driver::Postgres(postgres) => postgres.query(statement, params, read).await,
        }
    }

    /// Runs a composed statement and hands over each row.
    pub(crate) async fn for_each_composed(&self, composed: &Composed<'_>, read: ReadRow<'_>) -> Result<()> {
        match &*self.driver {
            Driver::Sqlite(sqlite) => sqlite.query_composed(composed, read),
            Driver::Postgres(postgres) => {
                postgres.query_once(composed.name(), &composed.postgres(), composed.params(), read).await
            }
        }
    }

    /// Reads the one number a composed counting statement gives, from its column `total`.
    pub(crate) async fn fetch_composed_total(&self, composed: &Composed<'_>) -> Result<u64> {
        let mut total = 0_i64;
        self.for_each_composed(composed, &mut |row| {
            total = row.get("total")?;
            Ok(())
        })
        .await?;
        Ok(total.unsigned_abs())
    }

    /// The column in which the engine tells a plan.
    #[cfg(feature = "testing")]
    pub(crate) fn plan_column(&self) -> &'static str {
        match &*self.driver {
            Driver::Sqlite(_) => "detail",
            Driver::Postgres(_) => "QUERY PLAN",
        }
    }

    /// Prepares every statement there is, to see whether the schema has what they name. For `doctor` and tests; gives
    /// each statement's name and the columns of its answer.
    pub async fn check_statements(&self) -> Result<Vec<(&'static str, Vec<String>)>> {
        let mut found = Vec::new();
        for statement in registry::ALL.iter().copied().flatten() {
            found.push((statement.name(), self.columns(statement).await?));
        }
        Ok(found)
    }

    async fn columns(&self, statement: &'static Statement) -> Result<Vec<String>> {
        match &*self.driver {
            Driver::Sqlite(sqlite) => sqlite.columns(statement),
            Driver::Postgres(postgres) => postgres.columns(statement).await,
        }
    }

    /// Runs SQL as it stands, for tests that need what no function does.
    #[cfg(feature = "testing")]
    pub(crate) async fn execute_raw(&self, sql: &str) -> Result<()> {
        match &*self.driver {
            Driver::Sqlite(sqlite) => sqlite.execute_raw(sql),
            Driver::Postgres(postgres) => postgres.execute_raw(sql).await,
        }
    }

    /// SQLite's plan of a text, one step a line; `None` on PostgreSQL.
    #[cfg(test)]
    pub(crate) fn sqlite_plan(&self, sql: &str) -> Option<Result<String>> {
        match &*self.driver {
            Driver::Sqlite(sqlite) => Some(sqlite.plan(sql)),
            Driver::Postgres(_) => None,
        }
    }
}
