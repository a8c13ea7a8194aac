//! A server before it is started.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_store::testing::Engine;
use frontdesk_types::Timestamp;
use url::Url;

use crate::{TestClock, TestServer, server};

/// The instant at which every test begins: 2026-01-01T00:00:00Z.
const BEGINNING: Timestamp = Timestamp::from_secs(1_767_225_600);

/// Sets a [`TestServer`] up. Everything has a default.
///
/// ```
/// use frontdesk_testkit::TestServer;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = TestServer::builder().seed(2).origin("https://app.localhost").start().await;
/// assert!(server.secret_key().ends_with("2x0"));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `start`"]
pub struct Builder {
    pub(crate) engine: Engine,
    pub(crate) seed: u64,
    pub(crate) kind: InstanceKind,
    pub(crate) settings: Settings,
    pub(crate) origin: String,
    pub(crate) clock: Time,
    pub(crate) listens: bool,
}

/// Where the time comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Time {
    StandsStillAt(Timestamp),
    Real,
}

impl Time {
    pub(crate) fn clock(self) -> TestClock {
        match self {
            Self::StandsStillAt(now) => TestClock::at(now),
            Self::Real => TestClock::system(),
        }
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            engine: Engine::Sqlite,
            seed: 1,
            kind: InstanceKind::Development,
            settings: Settings::for_kind(InstanceKind::Development),
            origin: "http://localhost:3000".to_owned(),
            clock: Time::StandsStillAt(BEGINNING),
            listens: false,
        }
    }
}

impl Builder {
    /// Another seed than 1: other ids, other codes, and other keys, so that two servers refuse each other's tokens.
    /// The same seed and the same requests in the same order give the same ids and codes.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let (one, two) = (TestServer::start().await, TestServer::builder().seed(2).start().await);
    /// assert_ne!(one.secret_key(), two.secret_key());
    /// # }
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Production instances: `pk_live_` and `sk_live_` keys, no development browsers, no test addresses.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::builder().production().start().await;
    /// assert!(server.publishable_key().starts_with("pk_live_"));
    /// # }
    /// ```
    pub fn production(mut self) -> Self {
        self.kind = InstanceKind::Production;
        // Where it is on, anybody can prove to own a test address.
        self.settings.test_mode = false;
        self
    }

    /// Where the application's pages are; `http://localhost:3000` unless said otherwise. Browsers of the test are on
    /// these pages, and tokens are made out to them (`azp`).
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::builder().origin("https://shop.example").start().await;
    /// assert_eq!(server.origin(), "https://shop.example");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If it is not a scheme and a host, and a port if need be.
    pub fn origin(mut self, origin: &str) -> Self {
        let is_origin = Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == origin);
        assert!(is_origin, "{origin:?} is not an origin such as http://localhost:3000");
        origin.clone_into(&mut self.origin);
        self
    }

    /// Changes what the owner of an instance can set: lifetimes, password rules, claims of session tokens …. It holds
    /// for every instance of the server.
    ///
    /// ```
    /// use frontdesk_testkit::{Span, TestServer};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let hour = |settings: &mut frontdesk_testkit::Settings| settings.limits.session_lifetime = Span::hours(1);
    /// let server = TestServer::builder().settings(hour).start().await;
    /// # }
    /// ```
    pub fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Begins at this instant instead of 2026-01-01T00:00:00Z. Time still stands.
    ///
    /// ```
    /// use frontdesk_testkit::{TestServer, Timestamp};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::builder().starts_at(Timestamp::from_secs(2_000_000_000)).start().await;
    /// assert_eq!(server.now().as_secs(), 2_000_000_000);
    /// # }
    /// ```
    pub fn starts_at(mut self, now: Timestamp) -> Self {
        self.clock = Time::StandsStillAt(now);
        self
    }

    /// Goes with the machine's clock, for applications that run in another process and have no other.
    /// [`TestServer::advance`] then moves the server ahead of them.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::builder().real_time().listen().start().await;
    /// # }
    /// ```
    pub fn real_time(mut self) -> Self {
        self.clock = Time::Real;
        self
    }

    /// Answers on a free port of 127.0.0.1 too, for browsers and for applications in other processes. The port is
    /// closed when the server is dropped, or with the runtime that it was started in.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::builder().listen().start().await;
    /// assert!(server.url().starts_with("http://127.0.0.1:"));
    /// # }
    /// ```
    pub fn listen(mut self) -> Self {
        self.listens = true;
        self
    }

    /// Keeps everything on this PostgreSQL server instead of in an embedded database: in a database of its own, made
    /// at the start and dropped at the end, so the user in the URL must be allowed to make databases.
    ///
    /// ```no_run
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::builder().postgres("postgres://postgres@localhost/postgres").start().await;
    /// # }
    /// ```
    pub fn postgres(mut self, url: impl Into<String>) -> Self {
        self.engine = Engine::Postgres(url.into());
        self
    }

    /// Starts the server. It takes milliseconds: no key is generated, no password hashed.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::builder().start().await;
    /// # }
    /// ```
    pub async fn start(self) -> TestServer {
        server::start(self).await
    }
}
