//! Where the server's random bytes come from.

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
            // A machine without randomness cannot run an authentication server; there is nothing to go on with.
            Self::System => SysRng.try_fill_bytes(bytes).expect("the operating system gives random bytes"),
            Self::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes),
        }
    }
}

impl std::fmt::Debug for Chance {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.is_seeded() { "Chance(seeded)" } else { "Chance(system)" })
    }
}
