//! Settings, one by one.

use std::sync::Arc;

use frontdesk_client::Client;
use frontdesk_jwt::Expectations;
use frontdesk_types::Span;

use crate::{Accepts, Clock, SecretKey};

/// Builds a [`Frontdesk`](crate::Frontdesk). The keys and the API's URL are needed; everything else has a default.
/// An empty text is as good as none.
///
/// ```
/// use frontdesk::Frontdesk;
///
/// let frontdesk = Frontdesk::builder()
///     .publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk")
///     .secret_key("sk_test_not_a_real_one")
///     .api_url("http://127.0.0.1:4400")
///     .authorized_party("http://localhost:3000")
///     .build()?;
/// # Ok::<(), frontdesk::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Builder {
    pub(super) publishable_key: Option<String>,
    pub(super) secret_key: Option<SecretKey>,
    pub(super) machine_secret_key: Option<SecretKey>,
    pub(super) client: Option<Client>,
    pub(super) jwt_key: Option<String>,
    pub(super) api_url: Option<String>,
    pub(super) proxy_url: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) is_satellite: bool,
    pub(super) satellite_auto_sync: bool,
    pub(super) sign_in_url: Option<String>,
    pub(super) sign_up_url: Option<String>,
    pub(super) organization_patterns: Option<Vec<String>>,
    pub(super) personal_account_patterns: Option<Vec<String>>,
    pub(super) expectations: Expectations,
    pub(super) accepts: Accepts,
    pub(super) clock: Option<Arc<dyn Clock>>,
    pub(super) token_cache: Option<usize>,
}

impl Builder {
    /// The publishable key, `pk_test_…` or `pk_live_…`, spelled as the browser's SDK has it.
    ///
    /// ```
    /// use frontdesk::{ConfigError, Frontdesk};
    ///
    /// let mixed_up = Frontdesk::builder().publishable_key("sk_test_not_a_real_one").build();
    /// assert!(matches!(mixed_up, Err(ConfigError::PublishableKey(_))));
    /// ```
    pub fn publishable_key(mut self, key: impl Into<String>) -> Self {
        self.publishable_key = filled(key);
        self
    }

    /// The secret key, `sk_test_…` or `sk_live_…`.
    ///
    /// ```
    /// use frontdesk::{ConfigError, Frontdesk};
    ///
    /// let builder = Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
    /// let without = builder.api_url("http://127.0.0.1:4400").secret_key("").build();
    /// assert!(matches!(without, Err(ConfigError::MissingSecretKey)));
    /// ```
    pub fn secret_key(mut self, key: impl Into<Box<str>>) -> Self {
        self.secret_key = SecretKey::new(key);
        self
    }

    /// The secret key of the machine that this program is, `ak_…`. With it the tokens of other machines are verified;
    /// without it, with the secret key of the instance.
    ///
    /// ```
    /// use frontdesk::{Frontdesk, TokenType};
    ///
    /// let worker = Frontdesk::builder()
    ///     .accepting(TokenType::M2m)
    ///     .machine_secret_key("ak_not_a_real_one")
    ///     .api_url("http://127.0.0.1:4400")
    ///     .build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn machine_secret_key(mut self, key: impl Into<Box<str>>) -> Self {
        self.machine_secret_key = SecretKey::new(key);
        self
    }

    /// The instance's public key as PEM. With it, session tokens are verified without asking the server for keys.
    /// An RSA key; `\n` written as two characters is understood, as environment variables often have it.
    ///
    /// ```no_run
    /// # fn example(builder: frontdesk::Builder) -> Result<(), Box<dyn std::error::Error>> {
    /// let pem = std::fs::read_to_string("instance.pem")?;
    /// let frontdesk = builder.jwt_key(pem).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn jwt_key(mut self, pem: impl Into<String>) -> Self {
        self.jwt_key = filled(pem);
        self
    }

    /// Where the Backend API answers, without `/v1`: `http://127.0.0.1:4400`.
    ///
    /// ```
    /// use frontdesk::{ConfigError, Frontdesk};
    ///
    /// let builder = Frontdesk::builder()
    ///     .publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk")
    ///     .secret_key("sk_test_not_a_real_one");
    /// assert!(matches!(builder.clone().build(), Err(ConfigError::MissingApiUrl)));
    /// let frontdesk = builder.api_url("http://127.0.0.1:4400").build()?;
    /// # Ok::<(), ConfigError>(())
    /// ```
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.api_url = filled(url);
        self
    }

    /// A client of the Backend API, in place of one made from URL and secret keys: over a transport of your own, or to
    /// a server in the same process.
    /// Waits are bounded by tokio's timer whatever the transport, so requests are asked about inside a tokio runtime that
    /// has one.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use frontdesk::client::HttpTransport;
    /// use frontdesk::{Client, Frontdesk};
    ///
    /// let transport = HttpTransport::new("http://127.0.0.1:4400")?.timeout(Duration::from_secs(2));
    /// let client = Client::builder("sk_test_not_a_real_one").build(transport)?;
    /// let frontdesk =
    ///     Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk").client(client).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Where browsers reach the Frontend API, when it is not `https://` and the host in the publishable key: an
    /// absolute URL, or a path of the application's own origin such as `/__clerk`.
    ///
    /// ```
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
    /// # let builder = builder.secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let frontdesk = builder.proxy_url("/__clerk").build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn proxy_url(mut self, url: impl Into<String>) -> Self {
        self.proxy_url = filled(url);
        self
    }

    /// Whether this application is a satellite: on a domain of its own, with the users of a primary application. It
    /// needs a [`domain`](Self::domain) or a [`proxy_url`](Self::proxy_url), and in development the
    /// [`sign_in_url`](Self::sign_in_url) of the primary application.
    ///
    /// ```
    /// use frontdesk::Frontdesk;
    ///
    /// let satellite = Frontdesk::builder()
    ///     .publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk")
    ///     .secret_key("sk_test_not_a_real_one")
    ///     .api_url("http://127.0.0.1:4400")
    ///     .is_satellite(true)
    ///     .domain("satellite.example.com")
    ///     .sign_in_url("http://primary.example.com/sign-in")
    ///     .build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn is_satellite(mut self, yes: bool) -> Self {
        self.is_satellite = yes;
        self
    }

    /// The satellite's domain, such as `shop.example.com`. Its Frontend API is then `clerk.shop.example.com` (in
    /// production, unless there is a proxy).
    ///
    /// ```
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let builder = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let satellite = builder.is_satellite(true).domain("shop.example.com").build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = filled(domain);
        self
    }

    /// Whether a satellite sends every visitor without cookies to the primary application, to learn whether they are
    /// signed in there. Without it a visitor is signed out until they come back from signing in.
    ///
    /// ```
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let builder = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let satellite =
    ///     builder.is_satellite(true).domain("shop.example.com").satellite_auto_sync(true).build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn satellite_auto_sync(mut self, yes: bool) -> Self {
        self.satellite_auto_sync = yes;
        self
    }

    /// Where people sign in: an absolute URL, or a path of this application. With it,
    /// [`RequestState::require`](crate::RequestState::require) and the extractors send somebody there who opens a page
    /// without being signed in. A satellite's must be absolute and of another origin.
    ///
    /// ```
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
    /// # let builder = builder.secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let frontdesk = builder.sign_in_url("/sign-in").build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn sign_in_url(mut self, url: impl Into<String>) -> Self {
        self.sign_in_url = filled(url);
        self
    }

    /// Where people sign up; see [`RequestState::sign_up_location`](crate::RequestState::sign_up_location).
    ///
    /// ```
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
    /// # let builder = builder.secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let frontdesk = builder.sign_in_url("/sign-in").sign_up_url("/welcome").build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn sign_up_url(mut self, url: impl Into<String>) -> Self {
        self.sign_up_url = filled(url);
        self
    }

    /// Paths that belong to an organization, such as `/orgs/:slug` and `/orgs/:slug/(.*)`. Who opens such a page while
    /// another organization is active is sent on a handshake that activates the one in the path: the parameter `:id`
    /// or `:slug` names it. The patterns are those of path-to-regexp 6, in which other SDKs write theirs.
    ///
    /// ```
    /// use frontdesk::Frontdesk;
    ///
    /// let frontdesk = Frontdesk::builder()
    ///     .publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk")
    ///     .secret_key("sk_test_not_a_real_one")
    ///     .api_url("http://127.0.0.1:4400")
    ///     .organization_patterns(["/orgs/:slug", "/orgs/:slug/(.*)"])
    ///     .personal_account_patterns(["/me", "/me/(.*)"])
    ///     .build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn organization_patterns<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.organization_patterns = Some(patterns.into_iter().map(Into::into).collect());
        self
    }

    /// Paths that belong to the visitor's own account, where no organization should be active. Patterns of
    /// organizations count first. An empty list is every path, as in other SDKs.
    ///
    /// ```
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
    /// # let builder = builder.secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let frontdesk = builder.personal_account_patterns(["/me", "/me/(.*)"]).build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn personal_account_patterns<P: Into<String>>(
        mut self,
        patterns: impl IntoIterator<Item = P>,
    ) -> Self {
        self.personal_account_patterns = Some(patterns.into_iter().map(Into::into).collect());
        self
    }

    /// Accepts session tokens that were issued to this origin (`azp`), and to others added before. Recommended: it
    /// stops a cookie that leaked to a sibling domain. With none added, the claim is not looked at.
    ///
    /// ```
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
    /// # let builder = builder.secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let frontdesk = builder
    ///     .authorized_party("https://app.example.com")
    ///     .authorized_party("https://admin.example.com")
    ///     .build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn authorized_party(mut self, origin: impl Into<String>) -> Self {
        self.expectations = self.expectations.authorized_party(origin);
        self
    }

    /// Accepts tokens for this audience (`aud`), and for others added before. Tokens without one are still
    /// accepted.
    ///
    /// ```
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
    /// # let builder = builder.secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let frontdesk = builder.audience("https://api.example.com").build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.expectations = self.expectations.audience(audience);
        self
    }

    /// Accepts tokens from this issuer (`iss`) only, and from others added before. Stricter than other SDKs, which
    /// rely on the key alone.
    ///
    /// ```
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
    /// # let builder = builder.secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let frontdesk = builder.issuer("https://auth.example.com").build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.expectations = self.expectations.issuer(issuer);
        self
    }

    /// How far the clocks of the server and of this machine may be apart: five seconds unless said otherwise.
    ///
    /// ```
    /// use frontdesk::Span;
    ///
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
    /// # let builder = builder.secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let frontdesk = builder.clock_skew(Span::seconds(10)).build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn clock_skew(mut self, skew: Span) -> Self {
        self.expectations = self.expectations.clock_skew(skew);
        self
    }

    /// Which kinds of credentials count, unless [`Frontdesk::accepting`](crate::Frontdesk::accepting) says otherwise
    /// later. Who accepts only the tokens of machines, or only API keys, needs no publishable key; the former with a
    /// [`machine_secret_key`](Self::machine_secret_key) needs no secret key either.
    ///
    /// ```
    /// use frontdesk::{Frontdesk, TokenType};
    ///
    /// let machines = Frontdesk::builder()
    ///     .accepting(TokenType::M2m)
    ///     .machine_secret_key("ak_not_a_real_one")
    ///     .api_url("http://127.0.0.1:4400")
    ///     .build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn accepting(mut self, kinds: impl Into<Accepts>) -> Self {
        self.accepts = kinds.into();
        self
    }

    /// How many verified session tokens are remembered at most, so that the next request with the same token is answered
    /// without verifying its signature again: 16,384 unless said otherwise; 0 remembers none.
    ///
    /// A token takes twice its own length and half a kilobyte, for as long as it is valid and until its place is
    /// needed. It is remembered no longer than it would be accepted anyway: its times are looked at for each request,
    /// and when a key is withdrawn, what it has verified is forgotten. With many more people at once than there is
    /// room for, tokens are verified again, which costs some 20 µs each; a quarter more room than people is best.
    ///
    /// ```
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
    /// # let builder = builder.secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let frontdesk = builder.token_cache(100_000).build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn token_cache(mut self, most: usize) -> Self {
        self.token_cache = Some(most);
        self
    }

    /// Another clock than the system's, for tests.
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
    ///
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
    /// # let builder = builder.secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
    /// let frontdesk = builder.clock(Noon).build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }
}

fn filled(text: impl Into<String>) -> Option<String> {
    Some(text.into()).filter(|text| !text.is_empty())
}
