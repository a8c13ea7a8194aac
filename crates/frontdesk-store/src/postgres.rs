//! PostgreSQL: pooled connections, cached prepared statements, one transaction for each work.

mod tls;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts};
use futures_util::TryStreamExt;
use futures_util::future::{join, join_all};
use tokio_postgres::error::SqlState;

use self::tls::Target;
use crate::error::{CommitError, Error};
use crate::row::{ColumnNames, Row};
use crate::statement::Statement;
use crate::store::ReadRow;
use crate::value::Param;
use crate::work::{Rows, Write};
use crate::{Result, dialect, migrations};

/// How a PostgreSQL database is reached.
#[derive(Clone, Copy, Debug)]
pub struct PostgresOptions {
    /// The most connections held open.
    pub pool_size: usize,
    /// Keep statements prepared on each connection. Switch it off behind a pooler that gives each transaction
    /// another connection: named statements break there.
    pub prepared_statements: bool,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { pool_size: 16, prepared_statements: true }
    }
}

/// How long to wait for a connection: to be made, or to be given back by somebody else.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a transaction is tried that the server ends to keep the others serialisable, or to break a deadlock.
const TRIES: usize = 5;

/// Whether a server can be asked at this address, as far as that can be told without asking: whether it is understood, and
/// the roots that it names can be read.
pub fn check_postgres_url(url: &str) -> Result<()> {
    Target::parse(url).map(drop)
}

#[derive(Debug)]
pub(crate) struct Postgres {
    pool: Pool,
    options: PostgresOptions,
}

impl Postgres {
    pub(crate) async fn connect(url: &str, options: PostgresOptions) -> Result<Self> {
        let Target { mut config, tls } = Target::parse(url)?;
        if config.get_application_name().is_none() {
            config.application_name("frontdesk");
        }
        if config.get_tcp_user_timeout().is_none() {
            // A server that is gone without a word is an error soon, not a wait for ever.
            config.tcp_user_timeout(CONNECTION_TIMEOUT);
        }
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, tls, recycling);
        let pool = Pool::builder(manager)
            .max_size(options.pool_size)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(CONNECTION_TIMEOUT),
                create: Some(CONNECTION_TIMEOUT),
                recycle: Some(CONNECTION_TIMEOUT),
            })
            .build()
            .expect("a pool with timeouts can be built once its runtime is named");
        let postgres = Self { pool, options };
        drop(postgres.connection().await?);
        Ok(postgres)
    }

    pub(crate) async fn query(
        &self,
        statement: &'static Statement,
        params: &[Param<'_>],
        read: ReadRow<'_>,
    ) -> Result<()> {
        let name = statement.name();
        if !self.options.prepared_statements {
            return self.query_once(name, statement.postgres(), params, read).await;
        }
        let connection = self.connection().await?;
        let prepared =
            connection.prepare_cached(statement.postgres()).await.map_err(|source| failed(name, source))?;
        let names = statement.columns(|| column_names(prepared.columns()));
        let stream = connection.query_raw(&prepared, params.iter().copied()).await;
        let rows = collect(name, stream).await?;
        rows.iter().try_for_each(|row| read(&Row::postgres(name, names, row)))
    }

    /// Runs a text without leaving a prepared statement behind.
    pub(crate) async fn query_once(
        &self,
        name: &'static str,
        sql: &str,
        params: &[Param<'_>],
        read: ReadRow<'_>,
    ) -> Result<()> {
        let connection = self.connection().await?;
        let typed = params.iter().map(|param| (*param, param.postgres_type()));
        let stream = connection.query_typed_raw(sql, typed).await;
        let rows = collect(name, stream).await?;
        let names = rows.first().map(|row| column_names(row.columns())).unwrap_or_default();
        rows.iter().try_for_each(|row| read(&Row::postgres(name, &names, row)))
    }

    /// Carries a work in a task of its own, so that a caller who stops waiting leaves no half-done transaction on a
    /// pooled connection.
    pub(crate) async fn commit(&self, writes: Vec<Write>) -> Result<(), CommitError> {
        let pool = self.pool.clone();
        let options = self.options;
        let task = tokio::spawn(async move {
            for _ in 1..TRIES {
                let connection = pool.get().await.map_err(|error| Error::Pool(Arc::new(error)))?;
                match carry(connection, &writes, options).await {
                    Err(CommitError::Failed(error)) if must_try_again(&error) => {}
                    outcome => return outcome,
                }
            }
            let connection = pool.get().await.map_err(|error| Error::Pool(Arc::new(error)))?;
            carry(connection, &writes, options).await
        });
        task.await.map_err(|_| Error::WriterGone)?
    }

    /// Runs every missing step in one transaction, holding the row with the version.
    pub(crate) async fn migrate(&self) -> Result<()> {
        let failed = |source| failed("migration", source);
        let mut connection = self.connection().await?;
        // Two processes that make the table at the same moment: one of them is told that it exists after all.
        let created = connection.batch_execute(migrations::CREATE_VERSION).await;
        if created.is_err() {
            connection.batch_execute(migrations::CREATE_VERSION).await.map_err(failed)?;
        }
        connection.batch_execute(migrations::INSERT_VERSION).await.map_err(failed)?;
        let transaction = connection.transaction().await.map_err(failed)?;
        let lock = format!("{} FOR UPDATE", migrations::READ_VERSION);
        let found = transaction.query_one(&lock, &[]).await.map_err(failed)?.get(0);
        for (version, step) in migrations::steps_after(found)? {
            transaction.batch_execute(&dialect::migration_for_postgres(step)).await.map_err(failed)?;
            transaction.batch_execute(&migrations::write_version(version)).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)
    }

    pub(crate) async fn columns(&self, statement: &'static Statement) -> Result<Vec<String>> {
        let prepared = self
            .connection()
            .await?
            .prepare(statement.postgres())
            .await
            .map_err(|source| failed(statement.name(), source))?;
        Ok(prepared.columns().iter().map(|column| column.name().to_owned()).collect())
    }

    async fn connection(&self) -> Result<Object> {
        self.pool.get().await.map_err(|error| Error::Pool(Arc::new(error)))
    }
}

#[cfg(feature = "testing")]
impl Postgres {
    pub(crate) async fn execute_raw(&self, sql: &str) -> Result<()> {
        let connection = self.connection().await?;
        connection.batch_execute(sql).await.map_err(|source| failed("raw SQL", source))
    }
}

fn failed(step: &'static str, source: tokio_postgres::Error) -> Error {
    Error::Postgres { step, source: Arc::new(source) }
}

fn column_names(columns: &[tokio_postgres::Column]) -> Box<ColumnNames> {
    columns.iter().map(|column| column.name().into()).collect()
}

async fn collect(
    name: &'static str,
    stream: Result<tokio_postgres::RowStream, tokio_postgres::Error>,
) -> Result<Vec<tokio_postgres::Row>> {
    let stream = stream.map_err(|source| failed(name, source))?;
    stream.try_collect().await.map_err(|source| failed(name, source))
}

/// Carries a work in one transaction: one round trip for everything that is written, one to commit.
async fn carry(connection: Object, writes: &[Write], options: PostgresOptions) -> Result<(), CommitError> {
    let mut prepared = Vec::with_capacity(writes.len());
    for write in writes {
        prepared.push(if options.prepared_statements {
            let statement = connection.prepare_cached(write.statement.postgres()).await;
            Some(statement.map_err(|source| failed(write.statement.name(), source))?)
        } else {
            None
        });
    }
    // Requests are sent in the order in which they are first polled, without waiting for answers.
    let (begun, outcomes) = join(
        connection.batch_execute("BEGIN"),
        join_all(writes.iter().zip(&prepared).map(async |(write, statement)| {
            let params = write.values.iter().map(crate::value::Value::as_param);
            if let Some(statement) = statement {
                return connection.execute_raw(statement, params).await;
            }
            let typed: Vec<_> = params.map(|param| (param, param.postgres_type())).collect();
            let stream = connection.query_typed_raw(write.statement.postgres(), typed).await?;
            futures_util::pin_mut!(stream);
            while stream.try_next().await?.is_some() {}
            Ok(stream.rows_affected().unwrap_or(0))
        })),
    )
    .await;
    let verdict = begun
        .map_err(|source| failed("BEGIN", source).into())
        .and_then(|()| writes.iter().zip(outcomes).try_for_each(|(write, outcome)| judge(write, outcome)));
    let end = if verdict.is_ok() { "COMMIT" } else { "ROLLBACK" };
    if let Err(source) = connection.batch_execute(end).await {
        // Nobody knows how the transaction stands: this connection must not be used again.
        drop(Object::take(connection));
        verdict?;
        return Err(failed(end, source).into());
    }
    verdict
}

/// What the outcome of one write means for the work.
fn judge(write: &Write, outcome: Result<u64, tokio_postgres::Error>) -> Result<(), CommitError> {
    let touched = outcome.map_err(|error| refusal(write, error))?;
    match write.rows {
        Rows::One if touched != 1 => Err(CommitError::Stale),
        Rows::One | Rows::Any => Ok(()),
    }
}

fn refusal(write: &Write, error: tokio_postgres::Error) -> CommitError {
    if let Some(refused) = error.as_db_error() {
        if *refused.code() == SqlState::UNIQUE_VIOLATION {
            let constraint = dialect::constraint_of_index(refused.constraint().unwrap_or_default());
            return CommitError::Conflict(constraint.of_kind(write.claims));
        }
        // What the new row refers to is gone: it was there when the handler read it.
        if *refused.code() == SqlState::FOREIGN_KEY_VIOLATION {
            return CommitError::Stale;
        }
    }
    failed(write.statement.name(), error).into()
}

/// Whether the server ended the transaction for the sake of others, and the same transaction may now succeed.
fn must_try_again(error: &Error) -> bool {
    matches!(error, Error::Postgres { source, .. } if source.code().is_some_and(|code| {
        *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED
    }))
}
