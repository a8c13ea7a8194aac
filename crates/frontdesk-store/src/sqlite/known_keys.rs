//! Which instance a secret key opens, remembered until a commit may have changed that.
//!
//! Every request to the Backend API asks it first. Reading it each time cost a tenth of what reading a user costs
//! altogether (docs/benchmarks.md). A SQLite database belongs to one process (decision 19), so whatever changes a key
//! or an instance passes the writer of this store, which makes us forget before anybody learns of the change. On
//! PostgreSQL other processes write too, and nothing is remembered.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::instances::InstanceKey;

/// Keys that were asked for since the last change. Hashes that open nothing are not kept: strangers could send any
/// number of them.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    changes: u64,
    keys: HashMap<Box<[u8]>, InstanceKey>,
}

impl KnownKeys {
    /// What this hash opens, if that is known.
    pub(crate) fn recall(&self, hash: &[u8]) -> Option<InstanceKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).keys.get(hash).cloned()
    }

    /// How many changes there were. To be asked before the database is read, for [`KnownKeys::remember`].
    pub(crate) fn changes(&self) -> u64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).changes
    }

    /// Keeps what was read, unless something has changed since.
    pub(crate) fn remember(&self, changes: u64, hash: &[u8], key: &InstanceKey) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.changes == changes {
            known.keys.insert(hash.into(), key.clone());
        }
    }

    /// Something may have changed.
    pub(crate) fn forget(&self) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.changes += 1;
        known.keys.clear();
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_types::InstanceId;

    use super::*;

    fn key() -> InstanceKey {
        InstanceKey { instance_id: "ins_1".parse::<InstanceId>().unwrap(), version: 1 }
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let known = KnownKeys::default();
        let before = known.changes();
        known.forget();
        known.remember(before, &[1], &key());
        assert_eq!(known.recall(&[1]), None);
        known.remember(known.changes(), &[1], &key());
        assert_eq!(known.recall(&[1]), Some(key()));
        known.forget();
        assert_eq!(known.recall(&[1]), None);
    }
}
