//! The SDK's handle, and `get_auth`.

use std::sync::{Arc, OnceLock};

use crate::authenticate::authenticate;
use crate::backend::{Backend, BackendError};
use crate::config::Config;
use crate::http_backend::HttpBackend;
use crate::key_source::{KeySource, RemoteKeys};
use crate::{Auth, Builder, ConfigError, Reason, RequestState, RequestView};

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
}

/// What all clones share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) keys: KeySource,
    pub(crate) backend: Arc<dyn Backend>,
}

impl Inner {
    pub(crate) async fn handshake_payload(&self, nonce: &str) -> Result<Vec<String>, BackendError> {
        self.backend.handshake_payload(nonce).await
    }
}

impl Frontdesk {
    /// Set up from the environment: `FRONTDESK_URL`, `FRONTDESK_PUBLISHABLE_KEY`, `FRONTDESK_SECRET_KEY`, or the
    /// `CLERK_*` names that other SDKs use. [`Builder::variables`] has the whole list.
    ///
    /// # Errors
    /// A variable is missing or unreadable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::builder().variables(|name| std::env::var(name).ok()).build()
    }

    /// Set up step by step.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn from_config(config: Config) -> Result<Self, ConfigError> {
        let backend = HttpBackend::new(&config)?;
        Ok(Self::with_backend(config, Arc::new(backend)))
    }

    pub(crate) fn with_backend(config: Config, backend: Arc<dyn Backend>) -> Self {
        let keys = match &config.jwt_key {
            Some(key) => KeySource::Fixed(key.clone()),
            None => KeySource::Remote(Arc::new(RemoteKeys::new(Arc::clone(&backend)))),
        };
        Self { inner: Arc::new(Inner { config, keys, backend }) }
    }

    /// Decides how a request stands, and what the response must carry (wire contract §4). Most applications use
    /// [`FrontdeskLayer`](crate::FrontdeskLayer) or [`get_auth`](Self::get_auth), which rest on this.
    ///
    /// Nothing is awaited when the key is known: the answer is there at the first poll.
    ///
    /// # Errors
    /// The set-up is wrong in a way that no redirect can mend.
    pub async fn authenticate_request(
        &self,
        request: &(impl RequestView + Sync),
    ) -> Result<RequestState, AuthenticateError> {
        authenticate(&self.inner, request).await
    }

    /// Who is asking: what a layer in front has found out, or else found out now. It never fails; whatever goes wrong
    /// is a reason to be signed out.
    pub async fn get_auth(&self, request: &(impl RequestView + Sync)) -> Auth {
        if let Some(auth) = request.known_auth() {
            return auth.clone();
        }
        match self.authenticate_request(request).await {
            Ok(state) => state.auth(),
            Err(error) => Auth::signed_out(error.reason()),
        }
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
pub async fn get_auth(request: &(impl RequestView + Sync)) -> Auth {
    if let Some(auth) = request.known_auth() {
        return auth.clone();
    }
    match of_the_environment() {
        Some(frontdesk) => frontdesk.get_auth(request).await,
        None => Auth::signed_out(Reason::NotConfigured),
    }
}

fn of_the_environment() -> Option<&'static Frontdesk> {
    static FRONTDESK: OnceLock<Option<Frontdesk>> = OnceLock::new();
    FRONTDESK.get_or_init(|| Frontdesk::from_env().ok()).as_ref()
}

/// A request that cannot be decided: the set-up is wrong.
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
}

impl AuthenticateError {
    /// The reason to be signed out where there is nobody to tell.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Handshake(reason) => reason.clone(),
            Self::Url | Self::RedirectUrl => Reason::UnexpectedError,
        }
    }
}
