//! Where the server's random bytes come from.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use frontdesk_types::Randomness;
use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};

/// A source of random bytes that can be shared: the operating system's, or one that a seed decides.
#[derive(Clone)]
pub enum Chance {
    /// The operating system's.
    System,
    /// Reproducible for requests that come one after another (decision 17).
    Seeded(Arc<Mutex<StdRng>>),
}

impl Chance {
    /// A source decided by this seed.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Whether a seed decides it.
    pub const fn is_seeded(&self) -> bool {
        matches!(self, Self::Seeded(_))
    }
}

impl Randomness for Chance {
    fn fill(&mut self, bytes: &mut [u8]) {
        match self {
            Self::System => fill_from_system(bytes),
            Self::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes),
        }
    }
}

/// Bytes of the operating system that nobody has had yet. Every request takes a few for its id; asking for each of
/// them alone is a system call each.
struct Reserve {
    bytes: [u8; 512],
    left: usize,
}

thread_local! {
    static RESERVE: RefCell<Reserve> = const { RefCell::new(Reserve { bytes: [0; 512], left: 0 }) };
}

fn fill_from_system(bytes: &mut [u8]) {
    // A machine without randomness cannot run an authentication server; there is nothing to go on with.
    let ask = |bytes: &mut [u8]| {
        SysRng.try_fill_bytes(bytes).expect("the operating system gives random bytes");
    };
    RESERVE.with_borrow_mut(|reserve| {
        if bytes.len() > reserve.bytes.len() {
            return ask(bytes);
        }
        if bytes.len() > reserve.left {
            ask(&mut reserve.bytes);
            reserve.left = reserve.bytes.len();
        }
        let taken = &mut reserve.bytes[reserve.left - bytes.len()..reserve.left];
        bytes.copy_from_slice(taken);
        // They may become a secret, which then lies in one place only.
        taken.fill(0);
        reserve.left -= bytes.len();
    });
}

impl std::fmt::Debug for Chance {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.is_seeded() { "Chance(seeded)" } else { "Chance(system)" })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_byte_of_the_system_is_given_twice() {
        let mut chance = Chance::System;
        let mut seen = BTreeSet::new();
        for length in (8..600).step_by(7) {
            let mut bytes = vec![0; length];
            chance.fill(&mut bytes);
            for piece in bytes.chunks_exact(8) {
                assert!(seen.insert(piece.to_vec()), "{piece:?} came twice");
            }
        }
    }
}
