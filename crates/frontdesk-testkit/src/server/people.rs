//! Who is there, what time it is for them, and which mails they got.

use std::time::Duration;

use frontdesk_notify::Letter;
use frontdesk_types::{Timestamp, UserId};

use crate::{Browser, Refused, Session, TestClock, TestServer, User, UserBuilder};

/// People, browsers, sessions.
impl TestServer {
    /// Somebody to be made.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let ada = server.user().email("ada@example.com").first_name("Ada").create().await;
    /// # }
    /// ```
    pub fn user(&self) -> UserBuilder {
        UserBuilder::new(self.clone())
    }

    /// The person with this verified or reserved e-mail address, who may have signed up by themselves.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// assert_eq!(server.user_by_email("ada@example.com").await, None);
    /// # }
    /// ```
    pub async fn user_by_email(&self, address: &str) -> Option<User> {
        User::by_email(self, address).await
    }

    /// Signs somebody in, in a browser of their own and without a password: by a ticket, as support staff would. The
    /// session is a real one: it can be refreshed, revoked, and found in the Backend API.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let ada = server.user().create().await;
    /// let session = server.session_for(&ada).await;
    /// assert_eq!(session.user_id(), &ada.id);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If they are not let in; [`try_session_for`](Self::try_session_for) says why instead.
    pub async fn session_for(&self, user: &User) -> Session {
        let session = self.try_session_for(&user.id).await;
        session.unwrap_or_else(|refused| panic!("{} cannot be signed in: {refused}", user.id))
    }

    /// The same for somebody who may not be let in.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let eve = server.user().banned().create().await;
    /// let refused = server.try_session_for(&eve.id).await.unwrap_err();
    /// assert_eq!(refused.code(), "user_banned");
    /// # }
    /// ```
    ///
    /// # Errors
    /// The server does not sign them in: they are banned or locked, or there is no such user.
    pub async fn try_session_for(&self, user_id: &UserId) -> Result<Session, Refused> {
        Session::begin(self, user_id).await
    }

    /// A fresh browser on a page of the application. Nobody is signed in.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let page = server.browser().page("/").body(()).unwrap();
    /// assert_eq!(page.headers()["sec-fetch-dest"], "document");
    /// # }
    /// ```
    pub fn browser(&self) -> Browser {
        Browser::new(self.clone())
    }
}

/// Time and mail.
impl TestServer {
    /// The clock of server and SDK.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let same = frontdesk::Clock::now(&server.clock()); // the SDK takes it as a clock
    /// assert_eq!(same, server.now());
    /// # }
    /// ```
    pub fn clock(&self) -> TestClock {
        self.shared.clock.clone()
    }

    /// The current instant.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let noon = server.now() + frontdesk_testkit::Span::hours(12);
    /// # }
    /// ```
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Moves time forward, for the server and for every [`Frontdesk`] of this test. Nothing sleeps.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let ada = server.user().create().await;
    /// let session = server.session_for(&ada).await;
    /// server.advance(Duration::from_secs(66)); // a token lives for 60 seconds, and 5 are forgiven
    ///
    /// let request = session.fetch("/me").body(()).unwrap();
    /// assert!(!server.frontdesk().get_auth(&request).await.is_signed_in());
    /// # }
    /// ```
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// The mails that this instance has sent, newest first; the latest 200 of the server are kept. Test addresses
    /// (`…+clerk_test@…`) get none: their code is `424242`.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// assert!(server.mails().is_empty());
    /// # }
    /// ```
    pub fn mails(&self) -> Vec<Letter> {
        self.shared.outbox.letters(&self.instance.instance.id)
    }

    /// The code in the latest mail to this address.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), frontdesk_testkit::Refused> {
    /// let server = TestServer::start().await;
    /// server.user().email("ada@example.com").create().await;
    /// let form = [("strategy", "email_code"), ("identifier", "ada@example.com")];
    /// server.browser().post("/v1/client/sign_ins", &form).await?;
    /// assert_eq!(server.last_code("ada@example.com").map(|code| code.len()), Some(6));
    /// # Ok(()) }
    /// ```
    pub fn last_code(&self, address: &str) -> Option<String> {
        let letters = self.mails().into_iter();
        letters.filter(|letter| letter.mail.to == address).find_map(|letter| letter.mail.code)
    }
}
