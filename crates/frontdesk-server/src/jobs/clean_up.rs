//! Clearing away what is over, by one node at a time.

use std::sync::atomic::Ordering;

use frontdesk_store::{CommitError, Leftover, Work};
use frontdesk_types::Timestamp;

use super::{Stop, lifetimes};
use crate::Server;

/// The name of the lease.
const LEASE: &str = "clean_up";
/// The most records of one kind that one commit takes away: others wait behind it.
const AT_ONCE: u32 = 500;
/// The most such commits for each kind in a round. What is left waits for the next.
const ROUNDS: u32 = 40;

impl Server {
    /// Takes the lease and clears away what is over; nothing if another node has the lease. Gives how many records.
    pub(super) async fn clean_up(&self, stop: &Stop) -> Result<u64, frontdesk_store::Error> {
        let now = self.now();
        let node = self.jobs().node.as_str();
        let mut work = Work::of_the_server();
        work.take_lease(LEASE, node, now + lifetimes::CLEAN_UP_LEASE, now);
        match self.store().commit(work).await {
            Ok(()) => {}
            Err(CommitError::Failed(error)) => return Err(error),
            Err(CommitError::Stale | CommitError::Conflict(_)) => return Ok(0),
        }
        let mut cleared = 0;
        for what in Leftover::ALL {
            cleared += self.clear(what, stop).await?;
        }
        cleared += self.forget_old_keys(stop).await?;
        let mut work = Work::of_the_server();
        work.release_lease(LEASE, node);
        match self.store().commit(work).await {
            Err(CommitError::Failed(error)) => Err(error),
            _ => Ok(cleared),
        }
    }

    /// Takes signing keys out of the key sets once every token they signed has died; an hour sooner or later is nothing
    /// to a key.
    async fn forget_old_keys(&self, stop: &Stop) -> Result<u64, frontdesk_store::Error> {
        let now = self.now();
        let jobs = self.jobs();
        let last = Timestamp::from_millis(jobs.keys_looked_at.load(Ordering::Relaxed));
        if now.since(last) < lifetimes::BETWEEN_KEY_ROUNDS {
            return Ok(0);
        }
        let mut forgotten = 0;
        for instance in self.store().instances().await? {
            if stop.is_set() {
                return Ok(forgotten);
            }
            match self.forget_retired_signing_keys(&instance.id).await {
                Ok(keys) => forgotten += u64::try_from(keys).unwrap_or_default(),
                Err(error) => {
                    tracing::warn!(instance = %instance.id, %error, "old signing keys stay for now");
                }
            }
        }
        jobs.keys_looked_at.store(now.as_millis(), Ordering::Relaxed);
        Ok(forgotten)
    }

    async fn clear(&self, what: Leftover, stop: &Stop) -> Result<u64, frontdesk_store::Error> {
        let before = self.now() - lifetimes::kept_after(what);
        let mut cleared = 0;
        for _ in 0..ROUNDS {
            // Looking costs nothing; a commit costs a flush to the disk.
            let found = self.store().count_leftovers(what, before, AT_ONCE).await?;
            if found == 0 || stop.is_set() {
                break;
            }
            let mut work = Work::of_the_server();
            work.delete_leftovers(what, before, AT_ONCE);
            match self.store().commit(work).await {
                Ok(()) => cleared += found,
                Err(CommitError::Failed(error)) => return Err(error),
                Err(CommitError::Stale | CommitError::Conflict(_)) => break,
            }
            if found < u64::from(AT_ONCE) {
                break;
            }
        }
        Ok(cleared)
    }
}
