//! Leases: which of several nodes does a chore.

use frontdesk_types::Timestamp;

use crate::statement::statements;
use crate::value::params;
use crate::work::Work;

statements! {
    TAKE_LEASE = "INSERT INTO leases (name, holder, expires_at) VALUES (?1, ?2, ?3)
                  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
                   WHERE leases.holder = excluded.holder OR leases.expires_at <= ?4";
    RELEASE_LEASE = "DELETE FROM leases WHERE name = ?1 AND holder = ?2";
}

impl Work {
    /// Takes a chore, or keeps it, until then. Stale if somebody else has it.
    pub fn take_lease(&mut self, name: &str, holder: &str, until: Timestamp, now: Timestamp) {
        self.one(&TAKE_LEASE, params![name, holder, until, now]);
    }

    /// Lets others have a chore. Does nothing if they have it already.
    pub fn release_lease(&mut self, name: &str, holder: &str) {
        self.any(&RELEASE_LEASE, params![name, holder]);
    }
}
