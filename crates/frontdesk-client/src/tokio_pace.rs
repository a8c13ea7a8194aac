//! Time as tokio tells it.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

use crate::retry::Pace;
use crate::transport::BoxFuture;

/// The pace of transports that run on tokio.
#[derive(Debug)]
pub(crate) struct TokioPace {
    since: Instant,
}

impl TokioPace {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now() }
    }
}

impl Pace for TokioPace {
    fn now(&self) -> Duration {
        self.since.elapsed()
    }

    /// The standard library keys every hash map differently, with keys that the system gave it: enough for jitter, and
    /// no dependency.
    fn random(&self) -> u64 {
        RandomState::new().build_hasher().finish()
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(pause))
    }
}
