//! The schema, in numbered steps shared by both engines.
//!
//! A step is never changed once it has been released: add the next one. Add columns and tables first, use them in a
//! later release, remove what is no longer used in a still later one.

/// The steps, from version 1 on.
pub(crate) const STEPS: &[&str] = &[
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_accounts.sql"),
    include_str!("../migrations/0003_mail.sql"),
    include_str!("../migrations/0004_operations.sql"),
    include_str!("../migrations/0005_domains.sql"),
];

/// Keeps the version of the schema in one row, which also serves as the lock between processes that migrate.
pub(crate) const CREATE_VERSION: &str =
    "CREATE TABLE IF NOT EXISTS schema_version (id BIGINT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)";
pub(crate) const INSERT_VERSION: &str =
    "INSERT INTO schema_version (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING";
pub(crate) const READ_VERSION: &str = "SELECT version FROM schema_version WHERE id = 1";

/// The newest version this program knows.
pub(crate) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// The steps that lead from the version found to the newest, each with the version it leads to.
pub(crate) fn steps_after(found: i64) -> crate::Result<impl Iterator<Item = (i64, &'static str)>> {
    let known = known();
    if found > known {
        return Err(crate::Error::SchemaTooNew { found, known });
    }
    Ok((1..).zip(STEPS.iter().copied()).filter(move |(version, _)| *version > found))
}

/// Notes the version reached.
pub(crate) fn write_version(version: i64) -> String {
    format!("UPDATE schema_version SET version = {version} WHERE id = 1")
}
