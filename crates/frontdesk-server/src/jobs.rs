//! What the server does without being asked: it delivers mails, and clears away what is over.
//!
//! [`Server::run_jobs`] goes on until it is told to stop; [`Server::run_jobs_once`] does what is due now and comes back,
//! for tests and embedders with a schedule of their own. Several nodes on one database may all run them: a mail is
//! claimed by the node that delivers it, and cleaning up is done by whoever holds its lease. What is due, the server's
//! clock says; how often somebody looks, a timer.

mod clean_up;
mod deliver;
pub mod lifetimes;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use frontdesk_types::{Randomness, Timestamp};
use futures_util::FutureExt;

use crate::Server;

/// How long to wait before looking for due mails again, when nothing wakes the job earlier.
const PAUSE: Duration = Duration::from_secs(2);
/// The same after the database did not answer.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// What the jobs did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobsDone {
    /// Mails that a mail server took.
    pub delivered: u64,
    /// Mails that are to be tried again.
    pub postponed: u64,
    /// Mails that were given up.
    pub failed: u64,
    /// Records that were cleared away.
    pub cleared: u64,
}

/// What the jobs of one server share.
#[derive(Debug)]
pub(crate) struct Jobs {
    /// Wakes the job that delivers.
    wake: tokio::sync::Notify,
    /// The name of this node in leases.
    node: String,
    /// When it was last looked for signing keys whose time is over, in ms.
    keys_looked_at: AtomicI64,
}

impl Jobs {
    pub(crate) fn new(rng: &mut dyn Randomness) -> Self {
        Self { wake: tokio::sync::Notify::new(), node: rng.hex::<8>(), keys_looked_at: AtomicI64::new(0) }
    }
}

/// Whether the jobs are to come to an end.
#[derive(Debug, Default)]
struct Stop(AtomicBool);

impl Stop {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Server {
    /// Does the server's chores until `shutdown` is ready. What was begun by then is finished: at most the mails that
    /// are on their way, which takes as long as the mail server is given (`Smtp::timeout_seconds`).
    ///
    /// ```no_run
    /// # async fn example(server: frontdesk_server::Server) {
    /// let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    /// let jobs = tokio::spawn(async move { server.run_jobs(async { drop(stopped.await) }).await });
    /// // … serve …
    /// drop(stop);
    /// jobs.await.unwrap();
    /// # }
    /// ```
    pub async fn run_jobs(&self, shutdown: impl Future<Output = ()>) {
        let stop = Stop::default();
        let chores = self.steadily(&stop);
        tokio::pin!(chores, shutdown);
        tokio::select! {
            () = &mut chores => return,
            () = &mut shutdown => {}
        }
        stop.0.store(true, Ordering::Relaxed);
        self.wake_jobs();
        chores.await;
    }

    /// Does what is due now: one round of mails, and clearing away if nobody else does.
    pub async fn run_jobs_once(&self) -> Result<JobsDone, frontdesk_store::Error> {
        let mut done = self.deliver_mails(&Stop::default()).await?;
        done.cleared = self.clean_up(&Stop::default()).await?;
        Ok(done)
    }

    /// Lets the job that delivers look at once.
    pub(crate) fn wake_jobs(&self) {
        self.jobs().wake.notify_one();
    }

    /// A chore that breaks down is a mistake of ours, and no reason to leave all the others undone.
    async fn steadily(&self, stop: &Stop) {
        while AssertUnwindSafe(self.chores(stop)).catch_unwind().await.is_err() && !stop.is_set() {
            tracing::error!("the background jobs broke down; they begin anew");
            metrics::counter!("frontdesk_jobs_total", "job" => "all", "outcome" => "failed").increment(1);
            tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
        }
    }

    async fn chores(&self, stop: &Stop) {
        let mut cleaned_at: Option<Timestamp> = None;
        while !stop.is_set() {
            let mut pause = PAUSE;
            match self.deliver_mails(stop).await {
                // There may be more than fits in a round.
                Ok(done) if done.delivered > 0 => pause = Duration::ZERO,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "mails cannot be delivered now");
                    pause = PAUSE_AFTER_FAILURE;
                }
            }
            let now = self.now();
            if cleaned_at.is_none_or(|at| now.since(at) >= lifetimes::BETWEEN_CLEAN_UPS) {
                let outcome = self.clean_up(stop).await;
                let word = if outcome.is_ok() { "done" } else { "failed" };
                metrics::counter!("frontdesk_jobs_total", "job" => "clean_up", "outcome" => word)
                    .increment(1);
                match outcome {
                    Ok(0) => {}
                    Ok(cleared) => tracing::debug!(cleared, "cleared away what is over"),
                    Err(error) => tracing::warn!(%error, "what is over cannot be cleared away now"),
                }
                cleaned_at = Some(now);
            }
            if stop.is_set() {
                break;
            }
            tokio::select! {
                () = self.jobs().wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}
