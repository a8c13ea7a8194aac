//! The clock that everything is told the time by.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::UNIX_EPOCH;

use frontdesk_types::{Span, Timestamp};

/// Tells the time. Read once per request.
pub trait Clock: std::fmt::Debug + Send + Sync {
    /// The current instant.
    fn now(&self) -> Timestamp;

    /// Moves the clock forward; false if this clock cannot be moved, or not that way or that far.
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
        advanced(&self.ahead, span)
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
        advanced(&self.millis, span)
    }
}

/// Time goes one way, and no further than anybody can mean it: a thousand years.
fn advanced(millis: &AtomicI64, span: Span) -> bool {
    const FARTHEST: i64 = Span::days(365_000).as_millis();
    let moved = |millis: i64| {
        let moved = millis.checked_add(span.as_millis())?;
        (moved >= millis && moved <= FARTHEST).then_some(moved)
    };
    millis.fetch_update(Ordering::Relaxed, Ordering::Relaxed, moved).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_goes_forward_and_not_without_end() {
        let clock = SystemClock::default();
        let before = clock.now();
        assert!(clock.advance(Span::days(7)) && clock.now() >= before + Span::days(7));
        for refused in [Span::millis(-1), Span::days(1_000_000_000), Span::millis(i64::MAX)] {
            assert!(!clock.advance(refused), "{refused:?}");
        }
        assert!(clock.now() < before + Span::days(8));
    }
}
