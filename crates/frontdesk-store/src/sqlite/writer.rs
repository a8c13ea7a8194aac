//! The one writer of a SQLite database: jobs that wait together become durable together.
//!
//! While one commit waits for the disk, the next jobs queue up; the writer then carries them all in one transaction,
//! each in a savepoint of its own, so that a job that fails takes back only what it did itself. Nobody is answered
//! before the commit that carries them is on disk.

use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use frontdesk_core::identification::IdentificationKind;
use rusqlite::{Connection, ErrorCode, ffi};
use tokio::sync::oneshot;

use crate::dialect;
use crate::error::{CommitError, Constraint, Error};
use crate::sqlite::{KnownKeys, SqliteOptions, failed};
use crate::work::{Rows, Write};

/// The most jobs carried by one commit: bounds how long the first of them waits for the last.
const BATCH: usize = 512;

/// A work on its way, with who waits for it.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) writes: Vec<Write>,
    pub(super) answer: oneshot::Sender<Outcome>,
}

type Outcome = Result<(), CommitError>;

/// The writer's thread. Dropping this ends it once the queue is empty, and waits for that.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        options: SqliteOptions,
        known_keys: Arc<KnownKeys>,
    ) -> Result<Self, Error> {
        let (queue, jobs) = mpsc::channel();
        let batch = if options.group_commit { BATCH } else { 1 };
        let thread = std::thread::Builder::new()
            .name("frontdesk-writer".to_owned())
            .spawn(move || run(&connection, &jobs, batch, &known_keys))
            .map_err(|_| Error::WriterGone)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(super) fn send(&self, job: Job) -> Result<(), Error> {
        self.queue.as_ref().and_then(|queue| queue.send(job).ok()).ok_or(Error::WriterGone)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn run(connection: &Connection, jobs: &mpsc::Receiver<Job>, batch: usize, known_keys: &KnownKeys) {
    while let Ok(first) = jobs.recv() {
        let mut carried = Carried::default();
        let committed = carry(connection, first, jobs, batch, &mut carried);
        if carried.changed_keys {
            known_keys.forget();
        }
        for (answer, outcome) in carried.answers {
            let outcome = match &committed {
                Ok(()) => outcome,
                // Also those that were refused: what they lost against was never written.
                Err(error) => Err(error.clone().into()),
            };
            // Whoever stopped waiting does not want to know.
            drop(answer.send(outcome));
        }
    }
}

/// What became of a batch of jobs.
#[derive(Debug, Default)]
struct Carried {
    answers: Vec<(oneshot::Sender<Outcome>, Outcome)>,
    /// Whether one of them touched keys or instances.
    changed_keys: bool,
}

/// Carries a batch of jobs in one transaction. `Ok` means that it is on disk.
fn carry(
    connection: &Connection,
    first: Job,
    jobs: &mpsc::Receiver<Job>,
    batch: usize,
    carried: &mut Carried,
) -> Result<(), Error> {
    let begun = step(connection, "BEGIN IMMEDIATE");
    let mut next = Some(first);
    while let Some(job) = next {
        let outcome =
            begun.clone().map_err(CommitError::from).and_then(|()| attempt(connection, &job.writes));
        let lost = connection.is_autocommit();
        carried.changed_keys |= job.writes.iter().any(|write| write.statement.changes_keys());
        carried.answers.push((job.answer, outcome));
        if lost {
            // The transaction did not begin, or a grave error (a full disk, a broken file) ended it: with it went
            // what the jobs before had done.
            begun?;
            return Err(transaction_lost(&carried.answers));
        }
        next = if carried.answers.len() < batch { jobs.try_recv().ok() } else { None };
    }
    step(connection, "COMMIT").inspect_err(|_| {
        if !connection.is_autocommit() {
            drop(step(connection, "ROLLBACK"));
        }
    })
}

/// The error that ended a transaction: that of the last job.
fn transaction_lost(answers: &[(oneshot::Sender<Outcome>, Outcome)]) -> Error {
    match answers.last() {
        Some((_, Err(CommitError::Failed(error)))) => error.clone(),
        _ => Error::WriterGone,
    }
}

/// Carries one job; if it fails, nothing of it remains.
fn attempt(connection: &Connection, writes: &[Write]) -> Outcome {
    step(connection, "SAVEPOINT job")?;
    let outcome = writes.iter().try_for_each(|write| apply(connection, write));
    if outcome.is_err() && !connection.is_autocommit() {
        step(connection, "ROLLBACK TO job")?;
    }
    if !connection.is_autocommit() {
        step(connection, "RELEASE job")?;
    }
    outcome
}

fn apply(connection: &Connection, write: &Write) -> Outcome {
    let name = write.statement.name();
    let refused = |error| refusal(name, error, write.claims);
    let mut statement = connection.prepare_cached(write.statement.sqlite()).map_err(refused)?;
    for (number, value) in (1..).zip(&write.values) {
        statement.raw_bind_parameter(number, value.as_param()).map_err(refused)?;
    }
    let touched = statement.raw_execute().map_err(refused)?;
    match write.rows {
        Rows::One if touched != 1 => Err(CommitError::Stale),
        Rows::One | Rows::Any => Ok(()),
    }
}

fn step(connection: &Connection, sql: &'static str) -> Result<(), Error> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.raw_execute())
        .map(drop)
        .map_err(|source| failed(sql, source))
}

/// What an error of SQLite means for the work.
fn refusal(name: &'static str, error: rusqlite::Error, claims: Option<IdentificationKind>) -> CommitError {
    if let rusqlite::Error::SqliteFailure(failure, message) = &error
        && failure.code == ErrorCode::ConstraintViolation
    {
        match failure.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
                let constraint = dialect::constraint_of_message(message.as_deref().unwrap_or_default());
                return CommitError::Conflict(constraint.of_kind(claims));
            }
            // What the new row refers to is gone: it was there when the handler read it.
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => return CommitError::Stale,
            _ => {}
        }
    }
    failed(name, error).into()
}

impl Constraint {
    /// The same rule, with the kind of identification that the failed write wanted to claim.
    pub(crate) fn of_kind(self, claims: Option<IdentificationKind>) -> Self {
        match (self, claims) {
            (Self::Identification(_), Some(kind)) => Self::Identification(kind),
            (other, _) => other,
        }
    }
}
