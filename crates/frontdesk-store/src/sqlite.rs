//! SQLite: reads in the calling thread on pooled connections, writes through one writer.

mod backup;
mod known_keys;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use crate::composed::Composed;
use crate::error::{CommitError, Error};
use crate::row::{ColumnNames, Row};
use crate::statement::Statement;
use crate::store::ReadRow;
use crate::value::Param;
use crate::work::Write;
use crate::{Result, dialect, migrations};

pub use backup::Backup;
pub(crate) use known_keys::KnownKeys;
use writer::{Job, Writer};

/// How a SQLite database is kept.
#[derive(Clone, Copy, Debug)]
pub struct SqliteOptions {
    /// Make many works durable with one flush. Off only to measure what that gains.
    pub group_commit: bool,
    /// When the disk is waited for.
    pub synchronous: Synchronous,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { group_commit: true, synchronous: Synchronous::Full }
    }
}

/// When the disk is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// Every commit is on disk before it is answered.
    Full,
    /// Never. Loses data when the machine stops; for tests, among them the test that must notice.
    Off,
}

/// Statements kept prepared on each connection: more than there are.
const STATEMENT_CACHE: usize = 256;
/// How long to wait for another process (a backup, the command line) that holds the write lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What only the writer needs. Savepoints keep copies of pages, in memory rather than in a temporary file; a batch
/// touches more pages than the default cache of 2 MB holds; and with checkpoints at every 16 MB of log rather than 4,
/// a page that many commits touch is copied back once for all of them.
const WRITER_PRAGMAS: &str =
    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000;";

#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    options: SqliteOptions,
    /// Idle connections for reading. A read holds one only while it runs in its thread, so there are never more than
    /// threads that read.
    readers: Mutex<Vec<Connection>>,
    known_keys: Arc<KnownKeys>,
    writer: Writer,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, options: SqliteOptions) -> Result<Self> {
        make_private(path);
        let connection = connect(path, options)?;
        connection.execute_batch(WRITER_PRAGMAS).map_err(|source| failed("writer pragmas", source))?;
        let known_keys = Arc::new(KnownKeys::default());
        let writer = Writer::start(connection, options, Arc::clone(&known_keys))?;
        Ok(Self { path: path.to_owned(), options, readers: Mutex::new(Vec::new()), known_keys, writer })
    }

    pub(crate) fn known_keys(&self) -> &KnownKeys {
        &self.known_keys
    }

    pub(crate) async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        let (answer, outcome) = oneshot::channel();
        self.writer.send(Job { writes, answer })?;
        outcome.await.map_err(|_| Error::WriterGone)?
    }

    pub(crate) fn query(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
        read: ReadRow<'_>,
    ) -> Result<()> {
        self.read(|connection| {
            let name = statement.name();
            let mut prepared =
                connection.prepare_cached(statement.sqlite()).map_err(|source| failed(name, source))?;
            let names = statement.columns(|| column_names(&prepared));
            hand_over(name, names, &mut prepared, params, read)
        })
    }

    pub(crate) fn query_composed(&self, composed: &Composed<'_>, read: ReadRow<'_>) -> Result<()> {
        self.read(|connection| {
            let name = composed.name();
            let mut prepared =
                connection.prepare_cached(&composed.sqlite()).map_err(|source| failed(name, source))?;
            let names = column_names(&prepared);
            hand_over(name, &names, &mut prepared, composed.params(), read)
        })
    }

    /// Runs every missing step in one transaction. The connection is kept for reading: opening one reads the whole
    /// schema, which is a good part of a start.
    pub(crate) fn migrate(&self) -> Result<()> {
        let failed = |source| failed("migration", source);
        let mut connection = connect(&self.path, self.options)?;
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(migrations::CREATE_VERSION).map_err(failed)?;
        transaction.execute_batch(migrations::INSERT_VERSION).map_err(failed)?;
        let found = transaction.query_row(migrations::READ_VERSION, [], |row| row.get(0)).map_err(failed)?;
        for (version, step) in migrations::steps_after(found)? {
            transaction.execute_batch(&dialect::migration_for_sqlite(step)).map_err(failed)?;
            transaction.execute_batch(&migrations::write_version(version)).map_err(failed)?;
        }
        transaction.commit().map_err(failed)?;
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(())
    }

    pub(crate) fn columns(&self, statement: &'static Statement) -> Result<Vec<String>> {
        self.read(|connection| {
            let prepared =
                connection.prepare(statement.sqlite()).map_err(|source| failed(statement.name(), source))?;
            Ok(prepared.column_names().map(ToOwned::to_owned).collect())
        })
    }

    /// Lends a connection for reading.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, self.options)?,
        };
        let result = read(&connection);
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}

#[cfg(feature = "testing")]
impl Sqlite {
    pub(crate) fn execute_raw(&self, sql: &str) -> Result<()> {
        connect(&self.path, self.options)?.execute_batch(sql).map_err(|source| failed("raw SQL", source))?;
        self.known_keys.forget();
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn plan(&self, sql: &str) -> Result<String> {
        self.read(|connection| {
            let failed = |source| failed("EXPLAIN", source);
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).map_err(failed)?;
            let mut rows = statement.raw_query();
            let mut plan = String::new();
            while let Some(row) = rows.next().map_err(failed)? {
                plan += &row.get::<_, String>("detail").map_err(failed)?;
                plan.push('\n');
            }
            Ok(plan)
        })
    }
}

fn failed(step: &'static str, source: rusqlite::Error) -> Error {
    Error::Sqlite { step, source: Arc::new(source) }
}

fn column_names(statement: &rusqlite::Statement<'_>) -> Box<ColumnNames> {
    statement.column_names().map(Into::into).collect()
}

/// Runs a prepared statement and hands over each row.
fn hand_over(
    name: &'static str,
    names: &ColumnNames,
    statement: &mut rusqlite::Statement<'_>,
    params: &[Param<'_>],
    read: ReadRow<'_>,
) -> Result<()> {
    let failed = |source| failed(name, source);
    for (number, param) in (1..).zip(params) {
        statement.raw_bind_parameter(number, param).map_err(failed)?;
    }
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(failed)? {
        read(&Row::sqlite(name, names, row))?;
    }
    Ok(())
}

/// Makes the file, if there is none, for its owner alone. SQLite gives its other files the same mode. What goes wrong
/// here goes wrong again when the file is opened, and is told then.
fn make_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

/// Opens a connection and sets what SQLite keeps per connection.
fn connect(path: &Path, options: SqliteOptions) -> Result<Connection> {
    let open_failed = |source| Error::Open { path: path.display().to_string(), source: Arc::new(source) };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(path, flags).map_err(open_failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(open_failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    // Without this, SQLite prepares some statements anew whenever their values change, to see whether another plan
    // suits the new ones better: an account read by id took ten times as long (ADR 4).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(open_failed)?;
    let synchronous = match options.synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Off => "OFF",
    };
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON;"
        ))
        .map_err(open_failed)?;
    Ok(connection)
}
