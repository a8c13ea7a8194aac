//! What time it is.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use frontdesk_types::Timestamp;

/// Where the time comes from. Tests hand in their own, and never sleep.
///
/// ```
/// use frontdesk::{Clock, Timestamp};
///
/// #[derive(Debug)]
/// struct Noon;
///
/// impl Clock for Noon {
///     fn now(&self) -> Timestamp {
///         Timestamp::from_secs(1_795_348_800)
///     }
/// }
/// ```
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The present instant.
    ///
    /// ```
    /// use frontdesk::{Clock, Span, SystemClock};
    ///
    /// let in_a_minute = SystemClock.now() + Span::minutes(1);
    /// assert!(SystemClock.now() < in_a_minute);
    /// ```
    fn now(&self) -> Timestamp;
}

/// The clock of the operating system.
///
/// ```
/// use frontdesk::{Clock, SystemClock, Timestamp};
///
/// assert!(SystemClock.now() > Timestamp::from_secs(0));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where this crate asks the system for the time"
    )]
    fn now(&self) -> Timestamp {
        // A clock before 1970 makes every token early, which is the safe side.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}
