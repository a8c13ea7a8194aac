//! What can go wrong: one error for everything unexpected, and two outcomes of a commit that callers act on.

use std::sync::Arc;

use frontdesk_core::identification::IdentificationKind;

/// The database could not do what was asked. Nothing a caller can mend; it becomes a 500 with the cause logged.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// SQLite refused a step.
    #[error("SQLite failed at {step}")]
    Sqlite {
        /// The statement's name, or the step.
        step: &'static str,
        /// What SQLite said. Shared: a failed commit is the error of every job in it.
        source: Arc<rusqlite::Error>,
    },
    /// PostgreSQL refused a step, or the connection broke.
    #[error("PostgreSQL failed at {step}")]
    Postgres {
        /// The statement's name, or the step.
        step: &'static str,
        /// What PostgreSQL said.
        source: Arc<tokio_postgres::Error>,
    },
    /// No connection to PostgreSQL could be had.
    #[error("no connection to PostgreSQL")]
    Pool(#[source] Arc<deadpool_postgres::PoolError>),
    /// The address of the PostgreSQL server does not parse.
    #[error("the database URL is not one of PostgreSQL")]
    DatabaseUrl(#[source] Arc<tokio_postgres::Error>),
    /// How the address wants TLS cannot be done.
    #[error("the database URL: {0}")]
    DatabaseTls(String),
    /// The folder or file of the SQLite database cannot be used.
    #[error("the database file {path} cannot be opened")]
    Open {
        /// The file.
        path: String,
        /// What SQLite said.
        source: Arc<rusqlite::Error>,
    },
    /// A backup is not sound.
    #[error("the file is damaged: {0}")]
    Unsound(String),
    /// A newer Frontdesk has written this database.
    #[error("the database has schema version {found}, this program knows up to {known}: use a newer program")]
    SchemaTooNew {
        /// The version found.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// A stored value is not what its column promises.
    #[error("column {column} of {statement} does not hold {expected}")]
    Column {
        /// The statement that read it.
        statement: &'static str,
        /// The column.
        column: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// A record could not be written as JSON.
    #[error("a record cannot be written as JSON")]
    Json(#[source] Arc<serde_json::Error>),
    /// The writer has ended: the store is closing, or it panicked.
    #[error("the writer of the database has ended")]
    WriterGone,
}

impl Error {
    /// Whether the database itself cannot be reached for the moment: the same may work in a second.
    pub fn is_unavailable(&self) -> bool {
        use tokio_postgres::error::SqlState;
        const ENDING: [SqlState; 5] = [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
            SqlState::READ_ONLY_SQL_TRANSACTION,
        ];
        match self {
            Self::Pool(_) => true,
            Self::Postgres { source, .. } => {
                // An error of the wire has no code.
                source.is_closed()
                    || source.code().map_or_else(|| is_of_the_wire(source), |code| ENDING.contains(code))
            }
            _ => false,
        }
    }
}

fn is_of_the_wire(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

/// Why a commit did not happen. Nothing of the work was written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// A unique rule of the domain is broken: somebody else was first. Answer the published error.
    #[error("{0:?} is taken")]
    Conflict(Constraint),
    /// A record has moved (its `version` is not the one that was read) or is gone. Read and decide again, a bounded
    /// number of times.
    #[error("a record was changed by somebody else in the meantime")]
    Stale,
    /// Anything unexpected.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// The unique rules of the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Constraint {
    /// Somebody in the instance has claimed this e-mail address, phone number, username ….
    Identification(IdentificationKind),
    /// A user of the instance has this external id.
    ExternalId,
    /// A JWT template of the instance has this name.
    JwtTemplateName,
    /// The instance has listed this redirect URL.
    RedirectUrl,
    /// The identifier stands on this list of the instance.
    RestrictedIdentifier,
    /// The instance has a domain of this name.
    DomainName,
    /// An instance has this slug.
    InstanceSlug,
    /// An instance, or a satellite of one, has this key host.
    KeyHost,
    /// An organization of the instance has this slug.
    OrganizationSlug,
    /// The user is already a member of the organization.
    Membership,
    /// A record with this id or hash exists.
    Id,
}
