//! The SDK's handle, and `get_auth`.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use frontdesk_client::Client;

use crate::authenticate::authenticate;
use crate::config::Config;
use crate::key_source::{KeySource, RemoteKeys};
use crate::snapshot::Snapshot;
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

    pub(crate) fn from_config(config: Config) -> Self {
        let keys = match &config.jwt_key {
            Some(key) => KeySource::Fixed(key.clone()),
            None => KeySource::Remote(Arc::new(RemoteKeys::new(config.client.clone()))),
        };
        Self { inner: Arc::new(Inner { config, keys }) }
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
    /// [`FrontdeskLayer`](crate::FrontdeskLayer) or [`get_auth`](Self::get_auth), which rest on this.
    ///
    /// Nothing is awaited when the key is known: the answer is there at the first poll.
    ///
    /// # Errors
    /// The set-up is wrong in a way that no redirect can mend.
    pub fn authenticate_request<R: RequestView + ?Sized>(
        &self,
        request: &R,
    ) -> impl Future<Output = Result<RequestState, AuthenticateError>> + Send {
        let snapshot = Snapshot::of(request);
        async move { authenticate(&self.inner, &snapshot).await }
    }

    /// Who is asking: what a layer in front has found out, or else found out now. It never fails; whatever goes wrong
    /// is a reason to be signed out.
    pub fn get_auth<R: RequestView + ?Sized>(&self, request: &R) -> impl Future<Output = Auth> + Send {
        let question = match request.known_auth() {
            Some(auth) => Question::Answered(auth.clone()),
            None => Question::Open(Snapshot::of(request)),
        };
        async move { question.ask(Some(self)).await }
    }
}

/// Who is asking, before it is known.
enum Question<'r> {
    Answered(Auth),
    Open(Snapshot<'r>),
}

impl Question<'_> {
    async fn ask(self, frontdesk: Option<&Frontdesk>) -> Auth {
        let snapshot = match self {
            Self::Answered(auth) => return auth,
            Self::Open(snapshot) => snapshot,
        };
        let Some(frontdesk) = frontdesk else { return Auth::signed_out(Reason::NotConfigured) };
        match authenticate(&frontdesk.inner, &snapshot).await {
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
pub fn get_auth<R: RequestView + ?Sized>(request: &R) -> impl Future<Output = Auth> + Send {
    let question = match request.known_auth() {
        Some(auth) => Question::Answered(auth.clone()),
        None => Question::Open(Snapshot::of(request)),
    };
    async move {
        match question {
            Question::Answered(auth) => auth,
            open @ Question::Open(_) => open.ask(of_the_environment()).await,
        }
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
