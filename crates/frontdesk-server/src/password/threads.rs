//! The threads that hash: few, waiting their turn behind everything else.
//!
//! A password costs a core for about as long as fifty tokens. Hashed on threads like any others, a flood of sign-ins would
//! make every token wait for the scheduler; these threads give way, so that tokens go on as if nothing were hashed.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use frontdesk_types::Span;
use tokio::sync::oneshot;

use crate::errors::{self, ApiError};

/// How many passwords may wait for a thread; at some 13 ms each, the last one waits for three seconds and a half on one.
const MOST_WAITING: usize = 256;
/// When somebody who found the queue full may come again.
const RETRY_AFTER: Span = Span::seconds(5);
/// How much these threads give way: a tenth of a core where others want all of it, all of it where nobody else does.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that do long work in turn. Cheap to clone; they begin with the first work and end with the last clone.
#[derive(Clone, Debug)]
pub(super) struct Threads {
    number: usize,
    queue: Arc<OnceLock<SyncSender<Job>>>,
}

impl Threads {
    /// So many threads.
    pub(super) fn new(number: usize) -> Self {
        Self { number: number.max(1), queue: Arc::default() }
    }

    /// Does the work when its turn comes.
    ///
    /// # Errors
    ///
    /// `too_many_requests` where too many wait already, and whatever the work says.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Nobody waits for the password of somebody who has gone away.
            if !answer.is_closed() {
                drop(answer.send(work()));
            }
        });
        match self.queue.get_or_init(|| start(self.number)).try_send(job) {
            Ok(()) => answered.await.map_err(errors::internal)?,
            Err(TrySendError::Full(_)) => Err(errors::too_many_requests(RETRY_AFTER)),
            Err(TrySendError::Disconnected(_)) => Err(errors::internal("the hashing threads are gone")),
        }
    }
}

fn start(number: usize) -> SyncSender<Job> {
    let (queue, jobs) = sync_channel(MOST_WAITING);
    let jobs = Arc::new(Mutex::new(jobs));
    for index in 0..number {
        let jobs = Arc::clone(&jobs);
        let spawned = std::thread::Builder::new().name(format!("hashing-{index}")).spawn(move || work(&jobs));
        if let Err(error) = spawned {
            tracing::error!(%error, "a thread for passwords cannot be started");
        }
    }
    queue
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    give_way();
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A panic ends this password, not the thread.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_err() {
            tracing::error!("hashing a password panicked");
        }
    }
}

/// Asks the scheduler to prefer every other thread. Where it cannot be asked, things work all the same.
#[cfg(target_os = "linux")]
fn give_way() {
    // On Linux this is about the calling thread alone.
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "the hashing threads keep their priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[tokio::test]
    async fn work_is_answered_and_a_panic_ends_only_itself() {
        let threads = Threads::new(1);
        assert_eq!(threads.run(|| Ok(7)).await.unwrap(), 7);
        let broken = threads.run(|| -> Result<(), ApiError> { panic!("a broken digest") }).await;
        assert_eq!(broken.unwrap_err().refused().status, 500);
        assert_eq!(threads.run(|| Ok(8)).await.unwrap(), 8);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_finds_the_queue_full_is_told_to_come_again() {
        let (threads, gate) = (Threads::new(1), Arc::new(Barrier::new(2)));
        let mut waiting = Vec::new();
        let held = Arc::clone(&gate);
        let first = threads.clone();
        let first = tokio::spawn(async move {
            first
                .run(move || {
                    held.wait();
                    held.wait();
                    Ok(())
                })
                .await
        });
        gate.wait(); // It runs now, so that all others wait.
        for _ in 0..MOST_WAITING {
            let threads = threads.clone();
            waiting.push(tokio::spawn(async move { threads.run(|| Ok(())).await }));
        }
        let refused = loop {
            let threads = threads.clone();
            if let Ok(Err(refused)) =
                tokio::time::timeout(std::time::Duration::from_millis(5), threads.run(|| Ok(()))).await
            {
                break refused;
            }
        };
        assert_eq!(refused.refused().status, 429);
        gate.wait();
        first.await.unwrap().unwrap();
        for one in waiting {
            // One of them may have found the place that the impatient question above had taken.
            drop(one.await.unwrap());
        }
        assert!(threads.run(|| Ok(())).await.is_ok());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_threads_give_way() {
        let niceness = Threads::new(1).run(|| Ok(rustix::process::getpriority_process(None).unwrap())).await;
        assert!(niceness.unwrap() >= NICENESS, "more where the whole process is told to");
    }
}
