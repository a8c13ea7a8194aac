//! The SDK's handle, and `get_auth`.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use frontdesk_client::Client;

use crate::authenticate::authenticate;
use crate::config::Config;
use crate::key_source::token_cache::TokenCache;
use crate::key_source::{KeySource, RemoteKeys};
use crate::question::{Question, Search};
use crate::request::snapshot::Snapshot;
use crate::state::Asked;
use crate::{
    Accepts, Auth, Builder, ConfigError, Denied, Reason, RequestState, RequestView, Requirement, Session,
};

/// Tells who is asking. Cheap to clone; make one and keep it, for it remembers the keys.
///
/// ```no_run
/// use frontdesk::Frontdesk;
///
/// # async fn example(request: http::Request<()>) -> Result<(), frontdesk::ConfigError> {
/// let frontdesk = Frontdesk::from_env()?;
/// let auth = frontdesk.get_auth(&request).await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Frontdesk {
    inner: Arc<Inner>,
    accepts: Accepts,
    pending_counts: bool,
}

/// What all clones share.
#[derive(Debug)]
pub(crate) struct Inner {
    /// Tells handles apart. An address would not do: another handle may get it as soon as this one is gone.
    number: u64,
    pub(crate) config: Config,
    pub(crate) keys: KeySource,
    pub(crate) tokens: TokenCache,
}

impl Frontdesk {
    /// Set up from the environment: `FRONTDESK_URL`, `FRONTDESK_PUBLISHABLE_KEY`, `FRONTDESK_SECRET_KEY`, or the
    /// `CLERK_*` names that other SDKs use. [`Builder::variables`] has the whole list.
    ///
    /// ```no_run
    /// use frontdesk::Frontdesk;
    ///
    /// let frontdesk = Frontdesk::from_env()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// A variable is missing or unreadable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::builder().variables(|name| std::env::var(name).ok()).build()
    }

    /// Set up step by step.
    ///
    /// ```
    /// use frontdesk::Frontdesk;
    ///
    /// let frontdesk = Frontdesk::builder()
    ///     .publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk")
    ///     .secret_key("sk_test_not_a_real_one")
    ///     .api_url("http://127.0.0.1:4400")
    ///     .build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn from_config(config: Config) -> Self {
        let keys = match &config.jwt_key {
            Some(key) => KeySource::Fixed(key.clone()),
            None => KeySource::Remote(Arc::new(RemoteKeys::new(&config.client))),
        };
        let tokens = TokenCache::new(config.token_cache);
        let accepts = config.accepts;
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let inner = Arc::new(Inner { number, config, keys, tokens });
        Self { inner, accepts, pending_counts: false }
    }

    /// The same, accepting other kinds of credentials: machines beside persons, or instead of them.
    ///
    /// ```no_run
    /// use frontdesk::{Accepts, Auth, TokenType};
    ///
    /// # async fn example(frontdesk: frontdesk::Frontdesk, request: http::Request<()>) {
    /// let programs = frontdesk.accepting(TokenType::ApiKey);
    /// if let Auth::Machine(key) = programs.get_auth(&request).await {
    ///     println!("{} of {}", key.id(), key.subject());
    /// }
    /// let whoever = frontdesk.accepting(Accepts::ANY).get_auth(&request).await;
    /// # }
    /// ```
    #[must_use]
    pub fn accepting(&self, kinds: impl Into<Accepts>) -> Self {
        Self { accepts: kinds.into(), ..self.clone() }
    }

    /// The same, where a session that still has tasks to finish counts as signed in: for the pages on which they are
    /// finished.
    ///
    /// ```no_run
    /// # async fn example(frontdesk: frontdesk::Frontdesk, request: http::Request<()>) {
    /// let auth = frontdesk.with_pending_sessions().get_auth(&request).await;
    /// if auth.session().is_some_and(|session| session.is_pending()) {
    ///     println!("something is left to do");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn with_pending_sessions(&self) -> Self {
        Self { pending_counts: true, ..self.clone() }
    }

    /// The Backend API, with the same settings.
    ///
    /// ```no_run
    /// # async fn example(frontdesk: frontdesk::Frontdesk, auth: frontdesk::Auth) -> Result<(), frontdesk::Error> {
    /// if let Some(user_id) = auth.user_id() {
    ///     let user = frontdesk.client().users().get_user(user_id).await?;
    ///     println!("hello, {:?}", user.profile.first_name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn client(&self) -> &Client {
        &self.inner.config.client
    }

    /// Decides how a request stands, and what the response must carry (wire contract §4). Most applications use
    /// the layer of their framework or [`get_auth`](Self::get_auth), which rest on this.
    ///
    /// Nothing is awaited when the key is known: the answer is there at the first poll. Of a session whose token was
    /// verified before, it is there before that.
    ///
    /// ```
    /// use frontdesk::{Reason, Status};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// let request = http::Request::get("/").body(())?;
    /// let state = frontdesk.authenticate_request(&request).await?;
    /// assert_eq!(state.status(), Status::SignedOut);
    /// assert_eq!(state.reason(), Some(&Reason::SessionTokenAndUatMissing));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The set-up is wrong in a way that no redirect can mend.
    pub fn authenticate_request<'q, R: RequestView + ?Sized>(
        &'q self,
        request: &'q R,
    ) -> impl Future<Output = Result<RequestState, AuthenticateError>> + Send + use<'q, R> {
        let search = self.search(request);
        async move { search.end().await }
    }

    /// Who is asking: what a layer in front has found out, or else found out now. It never fails; whatever goes wrong
    /// is a reason to be signed out.
    ///
    /// ```
    /// use frontdesk::Reason;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// let request = http::Request::get("/").header("authorization", "Bearer nonsense").body(())?;
    /// let auth = frontdesk.get_auth(&request).await;
    /// assert_eq!(auth.reason(), Some(&Reason::TokenInvalid));
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_auth<'q, R: RequestView + ?Sized>(
        &'q self,
        request: &'q R,
    ) -> impl Future<Output = Auth> + Send + use<'q, R> {
        let question = Question::of(request, Some(self));
        async move { question.auth().await }
    }

    /// The session, if it has what is required; otherwise how to answer.
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// let request = http::Request::get("/").body(())?;
    /// match frontdesk.require(&request, &Requirement::role("org:admin")).await {
    ///     Ok(session) => println!("as you wish, {}", session.user_id()),
    ///     Err(denied) => assert_eq!(denied.status(), 401),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Nobody is signed in, or they may not. See [`RequestState::require`].
    pub fn require<'q, R: RequestView + ?Sized>(
        &'q self,
        request: &'q R,
        requirement: &'q Requirement,
    ) -> impl Future<Output = Result<Session, Denied>> + Send + use<'q, R> {
        let question = Question::of(request, Some(self));
        async move { question.admit(Some(requirement)).await }
    }

    /// Nobody is signed in, found by this handle.
    #[cfg(feature = "_layer")]
    pub(crate) fn signed_out(&self, reason: Reason) -> RequestState {
        RequestState::signed_out(reason).asked(self.asked())
    }

    /// Begins to find out: what is remembered is at hand, and only for the rest the whole request is looked at.
    pub(crate) fn search<'q, R: RequestView + ?Sized>(&'q self, request: &'q R) -> Search<'q> {
        if let Some(session) = self.inner.at_once(request, self.accepts) {
            return Search::Remembered(session, self.asked());
        }
        let snapshot = Snapshot::of(request);
        Search::Open(Box::pin(async move {
            let state = authenticate(&self.inner, &snapshot, self.accepts).await?;
            Ok(state.asked(self.asked()))
        }))
    }

    #[cfg(test)]
    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn asked(&self) -> Asked {
        Asked { by: self.inner.number, accepts: self.accepts, pending_counts: self.pending_counts }
    }
}

/// Who is asking: what a layer in front has found out, or else found out now with the environment's settings
/// ([`Frontdesk::from_env`], read once per process). It never fails; without settings the reason is
/// [`Reason::NotConfigured`].
///
/// ```no_run
/// use frontdesk::get_auth;
///
/// # async fn example(request: http::Request<()>) {
/// match get_auth(&request).await.user_id() {
///     Some(user_id) => println!("hello, {user_id}"),
///     None => println!("nobody is signed in"),
/// }
/// # }
/// ```
pub fn get_auth<R: RequestView + ?Sized>(request: &R) -> impl Future<Output = Auth> + Send {
    let question = Question::of(request, None);
    async move { question.auth().await }
}

/// The session of a request, if it has what is required; otherwise how to answer. It asks like [`get_auth`].
///
/// ```no_run
/// use frontdesk::{Requirement, require};
///
/// async fn new_invoice(request: http::Request<()>) -> http::Response<String> {
///     match require(&request, &Requirement::permission("org:invoices:create")).await {
///         Ok(session) => http::Response::new(format!("an invoice by {}", session.user_id())),
///         Err(denied) => denied.into_response(),
///     }
/// }
/// ```
///
/// # Errors
/// Nobody is signed in, or they may not. See [`RequestState::require`].
pub fn require<'r, R: RequestView + ?Sized>(
    request: &'r R,
    requirement: &'r Requirement,
) -> impl Future<Output = Result<Session, Denied>> + Send + use<'r, R> {
    let question = Question::of(request, None);
    async move { question.admit(Some(requirement)).await }
}

/// The one handle with the environment's settings.
pub(crate) fn of_the_environment<'f>() -> Option<&'f Frontdesk> {
    static FRONTDESK: OnceLock<Option<Frontdesk>> = OnceLock::new();
    FRONTDESK.get_or_init(|| Frontdesk::from_env().ok()).as_ref()
}

/// A request that cannot be decided: the set-up is wrong.
///
/// ```
/// use frontdesk::{AuthenticateError, Frontdesk, TokenType};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let builder = Frontdesk::builder().secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
/// let programs = builder.accepting(TokenType::ApiKey).build()?;
/// let request = http::Request::get("/").body(())?;
/// // Without a publishable key there are no sessions to ask for.
/// let asked = programs.accepting(TokenType::Session).authenticate_request(&request).await;
/// assert!(matches!(asked, Err(AuthenticateError::PublishableKey)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticateError {
    /// The request has no URL that can be read.
    #[error("the request has no URL that can be read")]
    Url,
    /// Development: the handshake came back signed by somebody else, most likely because the keys were exchanged while
    /// the browser kept its cookies.
    #[error(
        "the handshake was refused ({0}): after a change of keys, clear the cookies of this site and try again"
    )]
    Handshake(Reason),
    /// Development: a satellite asks to be answered at something that is not a URL.
    #[error("the parameter __clerk_redirect_url is not an absolute URL")]
    RedirectUrl,
    /// A satellite's sign-in URL is not absolute, or on the origin of the satellite itself.
    #[error("the sign-in URL of a satellite must be absolute and of another origin (FRONTDESK_SIGN_IN_URL)")]
    SignInUrl,
    /// Sessions are asked for by a handle that knows no instance that could have any.
    #[error("no publishable key: set FRONTDESK_PUBLISHABLE_KEY")]
    PublishableKey,
}

impl AuthenticateError {
    /// The reason to be signed out where there is nobody to tell.
    ///
    /// ```
    /// use frontdesk::{AuthenticateError, Reason};
    ///
    /// assert_eq!(AuthenticateError::PublishableKey.reason(), Reason::NotConfigured);
    /// ```
    pub fn reason(&self) -> Reason {
        match self {
            Self::Handshake(reason) => reason.clone(),
            Self::Url | Self::RedirectUrl | Self::SignInUrl => Reason::UnexpectedError,
            Self::PublishableKey => Reason::NotConfigured,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::test_support::{Request, World, token};

    /// Bodies of common frameworks are `Send` but not `Sync`.
    fn with_an_unshareable_body(request: Request) -> http::Request<std::cell::Cell<u8>> {
        request.0.map(|()| std::cell::Cell::new(0))
    }

    fn assert_send<T: Send>(value: T) -> T {
        value
    }

    #[tokio::test]
    async fn a_body_need_not_be_shared() {
        let world = World::production();
        let request = with_an_unshareable_body(Request::fetch("/").bearer(&token().sign()));
        assert!(assert_send(world.frontdesk.get_auth(&request)).await.is_signed_in());
        assert!(
            assert_send(world.frontdesk.authenticate_request(&request)).await.unwrap().auth().is_signed_in()
        );
        assert_eq!(assert_send(get_auth(&request)).await.reason(), Some(&Reason::NotConfigured));
    }

    #[tokio::test]
    async fn the_answer_is_there_at_the_first_poll() {
        let world = World::production();
        let bearer = || Request::fetch("/").bearer(&token().sign()).0;
        let page = || Request::page("/").signed_in(&token().sign()).0;
        assert!(world.frontdesk.get_auth(&bearer()).await.is_signed_in(), "the keys are fetched");
        for request in [bearer(), page(), Request::fetch("/").0] {
            let mut asking = std::pin::pin!(world.frontdesk.get_auth(&request));
            let polled = asking.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(polled, Poll::Ready(_)));
        }
    }
}
