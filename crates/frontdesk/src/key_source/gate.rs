//! Whether what the keys have verified is still verified, told without a lock.

use std::ops::Range;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use frontdesk_types::Timestamp;

use super::Generation;

/// The generation of the keys, and the time within which nobody needs to look after them.
///
/// Every request that is answered from memory asks here, from all threads at once. A lock, or the counter of an
/// `Arc`, would be written to by each of them and travel between their cores; these numbers are only read.
#[derive(Debug)]
pub(super) struct Gate {
    generation: AtomicU64,
    from: AtomicI64,
    until: AtomicI64,
}

impl Default for Gate {
    /// Closed.
    fn default() -> Self {
        Self { generation: AtomicU64::new(0), from: AtomicI64::new(0), until: AtomicI64::new(i64::MIN) }
    }
}

impl Gate {
    /// The generation, if the gate is open at this time. A clock that was moved back finds it closed.
    pub(super) fn generation(&self, now: Timestamp) -> Option<Generation> {
        let generation = self.generation.load(Ordering::Acquire);
        let until = self.until.load(Ordering::Acquire);
        let from = self.from.load(Ordering::Acquire);
        // The times belong to this generation only if no other has begun while they were read.
        let same = self.generation.load(Ordering::Acquire) == generation;
        (same && (from..until).contains(&now.as_millis())).then_some(Generation(generation))
    }

    /// Opens the gate for a time, or closes it. Callers take turns.
    pub(super) fn set(&self, generation: Generation, open: Option<Range<Timestamp>>) {
        // Closed while anything changes: who sees the new times also sees the new generation.
        self.until.store(i64::MIN, Ordering::Release);
        self.generation.store(generation.0, Ordering::Release);
        if let Some(open) = open {
            self.from.store(open.start.as_millis(), Ordering::Release);
            self.until.store(open.end.as_millis(), Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    #[test]
    fn it_is_open_from_its_first_instant_to_before_its_last() {
        let gate = Gate::default();
        assert_eq!(gate.generation(at(0)), None);
        gate.set(Generation(7), Some(at(10)..at(20)));
        let open = [9, 10, 19, 20].map(|second| gate.generation(at(second)).is_some());
        assert_eq!(open, [false, true, true, false]);
        gate.set(Generation(8), None);
        assert_eq!(gate.generation(at(15)), None);
    }

    #[test]
    fn nobody_sees_an_old_generation_in_a_new_time() {
        let gate = Gate::default();
        let rounds = 20_000;
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for round in 0..rounds {
                    let generation = Generation(u64::try_from(round).unwrap());
                    gate.set(generation, Some(at(round)..at(round + 1)));
                }
            });
            while gate.generation.load(Ordering::Relaxed) + 1 < u64::try_from(rounds).unwrap() {
                let now = gate.from.load(Ordering::Relaxed);
                if let Some(Generation(seen)) = gate.generation(Timestamp::from_millis(now)) {
                    assert_eq!(at(i64::try_from(seen).unwrap()).as_millis(), now);
                }
            }
        });
        assert_eq!(gate.generation(at(rounds - 1)), Some(Generation(u64::try_from(rounds - 1).unwrap())));
    }
}
