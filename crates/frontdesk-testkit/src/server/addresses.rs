//! Keys and addresses: what an application is told about the server.

use frontdesk_core::instance::InstanceKind;

use crate::TestServer;

/// Keys and addresses.
impl TestServer {
    /// The publishable key of the instance, the same in every run.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// assert!(server.publishable_key().starts_with("pk_test_"));
    /// # }
    /// ```
    pub fn publishable_key(&self) -> &str {
        &self.instance.publishable_key
    }

    /// The secret key of the instance, the same in every run and [published](crate::SECRET_KEY).
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// assert!(server.secret_key().starts_with("sk_test_"));
    /// # }
    /// ```
    pub fn secret_key(&self) -> &str {
        &self.instance.secret_key
    }

    /// The public key that verifies the instance's tokens, as PEM, for applications that are given it instead of
    /// fetching keys.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// let without_fetching = server.frontdesk_builder().jwt_key(server.jwt_key()).build().unwrap();
    /// # }
    /// ```
    pub fn jwt_key(&self) -> String {
        self.signing_key().public_pem().expect("an RSA key has a public half")
    }

    /// Where the server answers if it has a [port](Builder::listen). Without one, nobody is there, but links and
    /// redirects need some address: `http://localhost:4400`.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// assert_eq!(server.url(), "http://localhost:4400");
    /// # }
    /// ```
    pub fn url(&self) -> &str {
        self.shared.server.public_url()
    }

    /// Where the Frontend API of this instance is: the server itself for the first one, a path below for the others.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// assert_eq!(server.frontend_url(), server.url());
    /// assert_eq!(server.instance("shop").await.frontend_url(), "http://localhost:4400/i/shop");
    /// # }
    /// ```
    pub fn frontend_url(&self) -> String {
        self.shared.server.base_url(&self.instance.instance)
    }

    /// Where the application's pages are, see [`Builder::origin`].
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::start().await;
    /// assert_eq!(server.origin(), "http://localhost:3000");
    /// # }
    /// ```
    pub fn origin(&self) -> &str {
        &self.shared.origin
    }

    /// The settings of an application in another process, under the names that the SDKs know: `FRONTDESK_URL`,
    /// `CLERK_SECRET_KEY` and so on. It needs a [port](Builder::listen) and most likely [real
    /// time](Builder::real_time).
    ///
    /// ```no_run
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = TestServer::builder().real_time().listen().start().await;
    /// let app = std::process::Command::new("node").arg("app.js").envs(server.variables()).spawn();
    /// # }
    /// ```
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let (url, frontend) = (self.url().to_owned(), self.frontend_url());
        let (publishable, secret) = (self.publishable_key().to_owned(), self.secret_key().to_owned());
        let mut variables = vec![
            ("FRONTDESK_URL", url.clone()),
            ("FRONTDESK_PUBLISHABLE_KEY", publishable.clone()),
            ("FRONTDESK_SECRET_KEY", secret.clone()),
            ("CLERK_API_URL", url),
            ("CLERK_PUBLISHABLE_KEY", publishable.clone()),
            ("CLERK_SECRET_KEY", secret),
            ("NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY", publishable),
            ("CLERK_TELEMETRY_DISABLED", "1".to_owned()),
            ("NEXT_PUBLIC_CLERK_TELEMETRY_DISABLED", "1".to_owned()),
        ];
        if self.shared.kind == InstanceKind::Development {
            variables.extend([
                ("FRONTDESK_PROXY_URL", frontend.clone()),
                ("CLERK_FAPI_URL", frontend.clone()),
                ("CLERK_PROXY_URL", frontend.clone()),
                ("NEXT_PUBLIC_CLERK_PROXY_URL", frontend),
            ]);
        }
        variables
    }
}
