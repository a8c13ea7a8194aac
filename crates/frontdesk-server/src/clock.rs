//! The clock that everything is told the time by.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::UNIX_EPOCH;

use frontdesk_types::{Span, Timestamp};

/// Tells the time. Read once per request.
pub trait Clock: std::fmt::Debug + Send + Sync {
    /// The current instant.
    fn now(&self) -> Timestamp;

    /// Moves the clock forward; false if this clock cannot be moved.
    fn advance(&self, span: Span) -> bool;
}

/// The machine's clock, plus what it was moved ahead in development.
#[derive(Debug, Default)]
pub struct SystemClock {
    ahead: AtomicI64,
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the server reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(millis) + Span::millis(self.ahead.load(Ordering::Relaxed))
    }

    fn advance(&self, span: Span) -> bool {
        self.ahead.fetch_add(span.as_millis(), Ordering::Relaxed);
        true
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    millis: AtomicI64,
}

impl ManualClock {
    /// A clock that shows this instant.
    pub fn at(now: Timestamp) -> Self {
        Self { millis: AtomicI64::new(now.as_millis()) }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::Relaxed))
    }

    fn advance(&self, span: Span) -> bool {
        self.millis.fetch_add(span.as_millis(), Ordering::Relaxed);
        true
    }
}
