//! The client itself.

use std::sync::Arc;

use frontdesk_api::backend::clients::{GetHandshakePayload, HandshakeQuery};
use frontdesk_api::backend::interstitial::{GetPublicInterstitial, InterstitialQuery};
use frontdesk_api::backend::jwks::{GetJwks, Jwks};
use frontdesk_api::{ApiVersion, Audience, Nothing, Operation};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::clients::Clients;
use crate::domains::Domains;
use crate::email_addresses::EmailAddresses;
use crate::instance::TheInstance;
use crate::jwt_templates::JwtTemplates;
use crate::redirect_urls::RedirectUrls;
use crate::restrictions::{Allowlist, Blocklist};
use crate::retry::{Pace, Retries, Tried};
use crate::sessions::Sessions;
use crate::sign_in_tokens::SignInTokens;
use crate::sign_ups::SignUps;
use crate::templates::Templates;
use crate::testing_tokens::TestingTokens;
use crate::transport::{Request, Response, Transport, TransportError};
use crate::users::Users;
use crate::{Error, wire};

const API_VERSION: HeaderName = HeaderName::from_static("clerk-api-version");
const USER_AGENT: &str = concat!("frontdesk-rust/", env!("CARGO_PKG_VERSION"));

/// Asks one instance's Backend API. Cheap to clone; make one and keep it, for it keeps its connections.
///
/// ```no_run
/// use frontdesk_client::Client;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new("http://127.0.0.1:4400", "sk_test_…")?;
/// let user = client.users().get_user(&"user_2nZ".parse()?).await?;
/// println!("{:?}", user.profile.first_name);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
    retries: Retries,
}

/// What all clones share.
#[derive(Debug)]
struct Inner {
    transport: Box<dyn Transport>,
    /// Without it nothing is sent twice.
    pace: Option<Arc<dyn Pace>>,
    /// What every request carries. The secret key among them does not show itself.
    headers: HeaderMap,
    /// The `Authorization` of the machine, where the client has a secret key of one.
    machine: Option<HeaderValue>,
}

/// Whose secret key a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bearer {
    /// The instance's.
    Instance,
    /// The machine's, where there is one; else the instance's.
    Machine,
}

impl Client {
    /// The Backend API at this URL (without `/v1`), with the secret key of an instance (`sk_test_…`, `sk_live_…`).
    /// Nothing is sent yet. [`Client::builder`] has more to set.
    ///
    /// ```
    /// let client = frontdesk_client::Client::new("http://127.0.0.1:4400", "sk_test_…")?;
    /// # Ok::<(), frontdesk_client::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// The URL is not one to send requests to, or the key is empty or has characters that no key has.
    #[cfg(feature = "http")]
    pub fn new(api_url: &str, secret_key: &str) -> Result<Self, BuildError> {
        Self::builder(secret_key).build(crate::HttpTransport::new(api_url)?)
    }

    /// A client with this secret key, set up step by step.
    ///
    /// ```
    /// use frontdesk_client::{Client, HttpTransport};
    ///
    /// let client = Client::builder("sk_test_…").build(HttpTransport::new("http://127.0.0.1:4400")?)?;
    /// # Ok::<(), frontdesk_client::BuildError>(())
    /// ```
    pub fn builder(secret_key: impl Into<String>) -> Builder {
        Builder {
            secret_key: secret_key.into(),
            machine_secret_key: None,
            user_agent: None,
            retries: Retries::default(),
            pace: None,
        }
    }

    /// Sends any operation that the Backend API has. The methods of the handles are made of this.
    ///
    /// Operations of the Frontend API do not compile here: their answers are for browsers, not for a secret key.
    ///
    /// ```no_run
    /// use frontdesk_client::api::Nothing;
    /// use frontdesk_client::api::backend::users::{CreateUser, NewUser};
    ///
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let body = NewUser::with_email("ada@example.com");
    /// let ada = client.send(CreateUser, Nothing {}, Nothing {}, body).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The server refused, did not answer, or answered with something that cannot be read; or a path parameter is
    /// empty, `.` or `..`, and nothing was sent.
    pub async fn send<O: Operation>(
        &self,
        operation: O,
        path: O::Path,
        query: O::Query,
        body: O::Body,
    ) -> Result<O::Reply, Error> {
        self.send_as(Bearer::Instance, operation, path, query, body).await
    }

    pub(crate) async fn send_as<O: Operation>(
        &self,
        bearer: Bearer,
        _operation: O,
        path: O::Path,
        query: O::Query,
        body: O::Body,
    ) -> Result<O::Reply, Error> {
        const { assert!(matches!(O::AUDIENCE, Audience::Backend), "not an operation of the Backend API") };
        let mut headers = self.inner.headers.clone();
        if let (Bearer::Machine, Some(machine)) = (bearer, &self.inner.machine) {
            headers.insert(header::AUTHORIZATION, machine.clone());
        }
        let request = wire::encode::<O>(headers, &path, &query, &body)
            .map_err(|error| Error::unsendable(O::ID, error))?;
        let answer = self.exchange(request).await;
        wire::decode::<O>(&answer.map_err(|error| Error::no_answer(O::ID, error))?)
    }

    /// Sends a request, and again where that does no harm and may help.
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let transport = &self.inner.transport;
        let Some(pace) = &self.inner.pace else { return transport.send(request).await };
        let began = pace.now();
        for attempts in 1.. {
            let outcome = transport.send(request.clone()).await;
            let elapsed = pace.now().saturating_sub(began);
            let tried = Tried { method: &request.method, attempts, elapsed, outcome: &outcome };
            let Some(pause) = self.retries.pause(&tried, pace.random()) else { return outcome };
            pace.sleep(pause).await;
        }
        transport.send(request).await
    }

    /// The same client with other retries.
    ///
    /// ```
    /// # use frontdesk_client::{Client, Retries};
    /// let client = Client::new("http://127.0.0.1:4400", "sk_test_…")?;
    /// let once = client.with_retries(Retries::never());
    /// # Ok::<(), frontdesk_client::BuildError>(())
    /// ```
    #[must_use]
    pub fn with_retries(&self, retries: Retries) -> Self {
        Self { inner: Arc::clone(&self.inner), retries }
    }

    /// People.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let everybody = client.users().count(Default::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn users(&self) -> Users<'_> {
        Users::of(self)
    }

    /// E-mail addresses of people.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// client.email_addresses().delete(&"idn_2nZ".parse()?).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn email_addresses(&self) -> EmailAddresses<'_> {
        EmailAddresses::of(self)
    }

    /// Sessions and their tokens.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// client.sessions().revoke(&"sess_2nZ".parse()?).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions::of(self)
    }

    /// JWT templates.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let templates = client.jwt_templates().list(Default::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn jwt_templates(&self) -> JwtTemplates<'_> {
        JwtTemplates::of(self)
    }

    /// The words of mails.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let templates = client.templates().list(Default::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn templates(&self) -> Templates<'_> {
        Templates::of(self)
    }

    /// Sign-in tokens: tickets for one sign-in.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// client.sign_in_tokens().revoke(&"sit_2nZ".parse()?).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn sign_in_tokens(&self) -> SignInTokens<'_> {
        SignInTokens::of(self)
    }

    /// Sign-ups that are under way.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", client.sign_ups().get(&"sua_2nZ".parse()?).await?.status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn sign_ups(&self) -> SignUps<'_> {
        SignUps::of(self)
    }

    /// Browsers and devices, with the sessions that live on them.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{:?}", client.clients().get(&"client_2nZ".parse()?).await?.session_ids);
    /// # Ok(())
    /// # }
    /// ```
    pub fn clients(&self) -> Clients<'_> {
        Clients::of(self)
    }

    /// Where people may be sent when a sign-in is over.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let listed = client.redirect_urls().list(Default::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn redirect_urls(&self) -> RedirectUrls<'_> {
        RedirectUrls::of(self)
    }

    /// The domains of the instance: the primary one, and satellites that share its people.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} domains", client.domains().list().await?.total_count);
    /// # Ok(())
    /// # }
    /// ```
    pub fn domains(&self) -> Domains<'_> {
        Domains::of(self)
    }

    /// The instance itself, and what its owner can set.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", client.instance().get().await?.id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn instance(&self) -> TheInstance<'_> {
        TheInstance::of(self)
    }

    /// Who may sign up while nobody else may.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let listed = client.allowlist().list(Default::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn allowlist(&self) -> Allowlist<'_> {
        Allowlist::of(self)
    }

    /// Who may not sign up.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let listed = client.blocklist().list(Default::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn blocklist(&self) -> Blocklist<'_> {
        Blocklist::of(self)
    }

    /// Testing tokens: they let a test runner past bot protection.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let token = client.testing_tokens().create().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn testing_tokens(&self) -> TestingTokens<'_> {
        TestingTokens::of(self)
    }

    /// The public keys that verify the instance's tokens (wire contract §3.7).
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// for key in client.jwks().await?.keys {
    ///     println!("{} {}", key.kid, key.alg);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn jwks(&self) -> Result<Jwks, Error> {
        self.send(GetJwks, Nothing {}, Nothing {}, Nothing {}).await
    }

    /// The page that applications on an old line of the SDKs show while nobody knows who is signed in (wire contract
    /// §1.7): HTML that loads clerk-js. An application of today has no use for it.
    ///
    /// ```no_run
    /// # use frontdesk_client::InterstitialQuery;
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let html = client.interstitial(InterstitialQuery::default().publishable_key("pk_test_…")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn interstitial(&self, query: InterstitialQuery) -> Result<String, Error> {
        self.send(GetPublicInterstitial, Nothing {}, query, Nothing {}).await
    }

    /// The `Set-Cookie` values that a handshake set aside under a nonce (wire contract §4.6). They hold session
    /// tokens; the SDK asks for them, an application need not.
    ///
    /// ```no_run
    /// # async fn example(client: frontdesk_client::Client) -> Result<(), frontdesk_client::Error> {
    /// let cookies: Vec<String> = client.handshake_payload("the nonce from the cookie").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn handshake_payload(&self, nonce: impl Into<String>) -> Result<Vec<String>, Error> {
        let query = HandshakeQuery::default().nonce(nonce);
        Ok(self.send(GetHandshakePayload, Nothing {}, query, Nothing {}).await?.directives)
    }
}

/// Builds a [`Client`].
///
/// ```
/// use frontdesk_client::{Client, HttpTransport};
///
/// let transport = HttpTransport::new("http://127.0.0.1:4400")?;
/// let client = Client::builder("sk_test_…").user_agent("shop/1.0").build(transport)?;
/// # Ok::<(), frontdesk_client::BuildError>(())
/// ```
#[must_use]
pub struct Builder {
    secret_key: String,
    machine_secret_key: Option<String>,
    user_agent: Option<String>,
    retries: Retries,
    pace: Option<Arc<dyn Pace>>,
}

impl Builder {
    /// The secret key of the machine that this program is (`ak_…`), for [`Client::verify_m2m_token`]. Without one, the
    /// secret key of the instance is used for everything.
    ///
    /// ```
    /// # use frontdesk_client::{Client, HttpTransport};
    /// # let transport = HttpTransport::new("http://127.0.0.1:4400")?;
    /// let client = Client::builder("sk_test_…").machine_secret_key("ak_…").build(transport)?;
    /// # Ok::<(), frontdesk_client::BuildError>(())
    /// ```
    pub fn machine_secret_key(mut self, key: impl Into<String>) -> Self {
        self.machine_secret_key = Some(key.into());
        self
    }

    /// What the client calls itself towards the server; `frontdesk-rust/` and the version unless said otherwise.
    ///
    /// ```
    /// # use frontdesk_client::{Client, HttpTransport};
    /// # let transport = HttpTransport::new("http://127.0.0.1:4400")?;
    /// let client = Client::builder("sk_test_…").user_agent("shop/1.0").build(transport)?;
    /// # Ok::<(), frontdesk_client::BuildError>(())
    /// ```
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = Some(name.into());
        self
    }

    /// How often requests are sent, and how long the pauses are; [`Retries::default`] unless said otherwise.
    ///
    /// ```
    /// # use frontdesk_client::{Client, HttpTransport, Retries};
    /// # let transport = HttpTransport::new("http://127.0.0.1:4400")?;
    /// let client = Client::builder("sk_test_…").retries(Retries::never()).build(transport)?;
    /// # Ok::<(), frontdesk_client::BuildError>(())
    /// ```
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Time and chance for the pauses between attempts, in place of the transport's own ([`Transport::pace`]).
    ///
    /// ```
    /// use std::time::Duration;
    /// use frontdesk_client::{BoxFuture, Client, HttpTransport, Pace};
    ///
    /// /// Nobody waits, and time stands still.
    /// #[derive(Debug)]
    /// struct Timeless;
    ///
    /// impl Pace for Timeless {
    ///     fn now(&self) -> Duration { Duration::ZERO }
    ///     fn random(&self) -> u64 { 0 }
    ///     fn sleep(&self, _pause: Duration) -> BoxFuture<'_, ()> { Box::pin(async {}) }
    /// }
    ///
    /// let transport = HttpTransport::new("http://127.0.0.1:4400")?;
    /// let client = Client::builder("sk_test_…").pace(Timeless).build(transport)?;
    /// # Ok::<(), frontdesk_client::BuildError>(())
    /// ```
    pub fn pace(mut self, pace: impl Pace) -> Self {
        self.pace = Some(Arc::new(pace));
        self
    }

    /// The client, over this transport. Nothing is sent yet.
    ///
    /// It speaks the newest API version, because that is the version whose shapes its types have.
    ///
    /// ```
    /// # use frontdesk_client::{Client, HttpTransport};
    /// # let transport = HttpTransport::new("http://127.0.0.1:4400")?;
    /// let client = Client::builder("sk_test_…").build(transport)?;
    /// assert!(Client::builder("").build(HttpTransport::new("http://127.0.0.1:4400")?).is_err());
    /// # Ok::<(), frontdesk_client::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// The key is empty, or the key or the name has characters that no header takes.
    pub fn build(self, transport: impl Transport) -> Result<Client, BuildError> {
        let authorization = bearer(&self.secret_key).ok_or(BuildError::SecretKey)?;
        let machine = match &self.machine_secret_key {
            Some(key) => Some(bearer(key).ok_or(BuildError::SecretKey)?),
            None => None,
        };
        let user_agent = HeaderValue::try_from(self.user_agent.unwrap_or_else(|| USER_AGENT.to_owned()))
            .map_err(|_| BuildError::UserAgent)?;
        let headers = HeaderMap::from_iter([
            (header::AUTHORIZATION, authorization),
            (header::USER_AGENT, user_agent),
            (header::ACCEPT, HeaderValue::from_static("application/json")),
            (API_VERSION, HeaderValue::from_static(ApiVersion::NEWEST.as_str())),
        ]);
        let pace = self.pace.or_else(|| transport.pace());
        let inner = Inner { transport: Box::new(transport), pace, headers, machine };
        Ok(Client { inner: Arc::new(inner), retries: self.retries })
    }
}

/// The value of `Authorization`, if the key can be one.
fn bearer(secret_key: &str) -> Option<HeaderValue> {
    if secret_key.is_empty() {
        return None;
    }
    let mut value = HeaderValue::try_from(format!("Bearer {secret_key}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Builder").field("user_agent", &self.user_agent).finish_non_exhaustive()
    }
}

/// A client cannot be made of this.
///
/// ```
/// use frontdesk_client::{BuildError, Client};
///
/// assert!(matches!(Client::new("localhost:4400", "sk_test_…"), Err(BuildError::ApiUrl(_))));
/// assert!(matches!(Client::new("http://localhost:4400", ""), Err(BuildError::SecretKey)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Not an `http` or `https` URL; or one with a user, a query or a fragment in it.
    #[error("{0:?} is not the http or https URL of a server")]
    ApiUrl(String),
    /// An `https` URL in a build without the feature `https`.
    #[error("an https URL needs the feature `https` of frontdesk-client")]
    WithoutHttps,
    /// The secret key is empty, or has characters that no key has.
    #[error("the secret key is empty or cannot be sent")]
    SecretKey,
    /// The user agent has characters that no header takes.
    #[error("the user agent cannot be sent")]
    UserAgent,
    /// HTTP could not be set up: most likely there are no certificates on this machine.
    #[error("HTTP could not be set up")]
    Http(#[source] Box<dyn std::error::Error + Send + Sync>),
}

#[cfg(test)]
mod tests;
