//! The time of a test.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_server::{ManualClock, SystemClock};
use frontdesk_types::{Span, Timestamp};

/// One clock for the server and for the application under test, so that they never disagree. Cheap to clone; all
/// clones are the same clock.
///
/// It stands still until [`advance`](Self::advance), unless the server was started in
/// [real time](crate::Builder::real_time). [`TestServer::frontdesk`](crate::TestServer::frontdesk) has it built in;
/// an application with a clock of its own can be given this one.
///
/// ```
/// use std::time::Duration;
///
/// use frontdesk_testkit::{TestServer, Timestamp};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = TestServer::start().await;
/// assert_eq!(server.now(), Timestamp::from_secs(1_767_225_600)); // 2026-01-01T00:00:00Z
///
/// let clock = server.clock();
/// clock.advance(Duration::from_secs(61));
/// assert_eq!(server.now(), Timestamp::from_secs(1_767_225_661));
/// # }
/// ```
#[derive(Clone)]
pub struct TestClock(Arc<dyn frontdesk_server::Clock>);

impl TestClock {
    pub(crate) fn at(now: Timestamp) -> Self {
        Self(Arc::new(ManualClock::at(now)))
    }

    pub(crate) fn system() -> Self {
        Self(Arc::new(SystemClock::default()))
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Moves time forward, for the server and for every [`Frontdesk`](frontdesk::Frontdesk) of this test.
    ///
    /// # Panics
    ///
    /// If that is further than the year 2969.
    pub fn advance(&self, by: Duration) {
        let span = i64::try_from(by.as_millis()).map(Span::millis);
        assert!(span.is_ok_and(|span| self.0.advance(span)), "the clock cannot be moved by {by:?}");
    }
}

impl fmt::Debug for TestClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("TestClock").field(&self.now()).finish()
    }
}

impl frontdesk::Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl frontdesk_server::Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn advance(&self, span: Span) -> bool {
        self.0.advance(span)
    }
}
