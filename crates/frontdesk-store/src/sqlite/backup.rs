//! Backups of a SQLite database: one file, made in one snapshot while others read and write.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::error::Error;
use crate::{Result, migrations};

/// What a backup file holds beside the data.
#[derive(Clone)]
pub struct Backup {
    /// The version of its schema.
    pub schema_version: i64,
    /// The master key, if it was put in.
    pub master_key: Option<String>,
}

impl std::fmt::Debug for Backup {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Backup").field("schema_version", &self.schema_version).finish_non_exhaustive()
    }
}

/// Where the master key lies in a backup. No database that serves has this table.
const WRITE_KEY: &str = "CREATE TABLE backup_master_key (text TEXT NOT NULL)";

impl Backup {
    /// Copies a database into a file, which must be empty, and checks the copy. Others may go on writing: the copy shows
    /// one moment. Blocks for as long as the disk takes.
    ///
    /// # Errors
    ///
    /// If one of the files cannot be used, or the copy is not sound.
    pub fn make(database: &Path, file: &Path, master_key: Option<&str>) -> Result<()> {
        let source = open(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        source
            .execute("VACUUM INTO ?1", [file.to_string_lossy()])
            .map_err(|source| failed("VACUUM INTO", source))?;
        drop(source);
        let copy = open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if let Some(master_key) = master_key {
            let write = |copy: &Connection| {
                copy.execute_batch(WRITE_KEY)?;
                copy.execute("INSERT INTO backup_master_key (text) VALUES (?1)", [master_key])
            };
            write(&copy).map_err(|source| failed("the master key", source))?;
        }
        check(&copy)
    }

    /// Checks a backup from its first page to its last, and takes the master key out of it: what is left is a database
    /// to be served.
    ///
    /// # Errors
    ///
    /// If it is no database of ours, not sound, or of a newer program.
    pub fn open(file: &Path) -> Result<Self> {
        let copy = open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        check(&copy)?;
        let schema_version: i64 = copy
            .query_row(migrations::READ_VERSION, [], |row| row.get(0))
            .map_err(|source| failed("the version of the backup", source))?;
        drop(migrations::steps_after(schema_version)?);
        let has_key = copy
            .query_row("SELECT 1 FROM sqlite_master WHERE name = 'backup_master_key'", [], |_| Ok(()))
            .optional()
            .map_err(|source| failed("the master key", source))?;
        let mut master_key = None;
        if has_key.is_some() {
            let take = |copy: &Connection| {
                let key = copy.query_row("SELECT text FROM backup_master_key", [], |row| row.get(0))?;
                // Overwritten, not only marked as free.
                copy.execute_batch("PRAGMA secure_delete = ON; DROP TABLE backup_master_key; VACUUM")?;
                Ok(key)
            };
            master_key = Some(take(&copy).map_err(|source| failed("the master key", source))?);
        }
        Ok(Self { schema_version, master_key })
    }
}

fn check(connection: &Connection) -> Result<()> {
    let failed = |source| failed("integrity_check", source);
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if verdict != "ok" {
        return Err(Error::Unsound(verdict));
    }
    let orphans = connection
        .query_row("PRAGMA foreign_key_check", [], |row| row.get::<_, String>(0))
        .optional()
        .map_err(failed)?;
    orphans.map_or(Ok(()), |table| Err(Error::Unsound(format!("{table} refers to what is not there"))))
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let failed = |source| Error::Open { path: path.display().to_string(), source: Arc::new(source) };
    let connection =
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_EXRESCODE).map_err(failed)?;
    connection.busy_timeout(super::BUSY_TIMEOUT).map_err(failed)?;
    Ok(connection)
}

fn failed(step: &'static str, source: rusqlite::Error) -> Error {
    super::failed(step, source)
}
