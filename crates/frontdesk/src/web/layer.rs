//! The layer of every framework: one type, which each framework's module teaches its own trait.

use std::future::Future;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::{AuthenticateError, ConfigError, Frontdesk, Reason, RequestState, RequestView};

/// Finds out who is asking before a request reaches its handler.
///
/// It answers handshake redirects itself, leaves the [`RequestState`] in the request's extensions, where
/// [`get_auth`](crate::get_auth) and the extractors find it, and adds to the response what the browser must be told.
/// It protects nothing: a handler does, by asking for [`SignedIn`](crate::SignedIn).
///
/// It is a tower layer with the feature `tower` (hyper), `axum`, `tonic` or `warp`; middleware of actix-web and poem, a
/// fairing of Rocket and a hoop of salvo with the feature of that name. A gRPC call is never sent anywhere: it is no page.
///
/// ```no_run
/// # #[cfg(feature = "axum")]
/// # fn example() -> Result<(), frontdesk::ConfigError> {
/// use axum::{Router, routing::get};
/// use frontdesk::{Auth, FrontdeskLayer};
///
/// async fn greet(auth: Auth) -> String {
///     auth.user_id().map_or("signed out".to_owned(), ToString::to_string)
/// }
///
/// let app: Router = Router::new().route("/", get(greet)).layer(FrontdeskLayer::from_env()?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FrontdeskLayer {
    pub(super) frontdesk: Frontdesk,
}

impl FrontdeskLayer {
    /// A layer that asks this one.
    ///
    /// ```
    /// use frontdesk::{Accepts, FrontdeskLayer};
    ///
    /// # fn example(frontdesk: frontdesk::Frontdesk) {
    /// let layer = FrontdeskLayer::new(frontdesk.accepting(Accepts::ANY));
    /// # }
    /// ```
    pub fn new(frontdesk: Frontdesk) -> Self {
        Self { frontdesk }
    }

    /// A layer with the environment's settings, see [`Frontdesk::from_env`].
    ///
    /// ```no_run
    /// use frontdesk::FrontdeskLayer;
    ///
    /// let layer = FrontdeskLayer::from_env()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// A variable is missing or unreadable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Frontdesk::from_env().map(Self::new)
    }
}

/// What a layer does with a request.
#[derive(Debug)]
pub(crate) enum Course {
    /// Leave the state in the request's extensions, run the handler, apply the state to the response.
    Continue(RequestState),
    /// Answer this.
    Answer(Response<String>),
}

impl Course {
    /// Decides it.
    pub(super) fn of<'q, R: RequestView + ?Sized>(
        frontdesk: &'q Frontdesk,
        request: &'q R,
    ) -> impl Future<Output = Self> + Send + use<'q, R> {
        let is_call = is_grpc(request);
        let deciding = frontdesk.authenticate_request(request);
        async move {
            match deciding.await {
                Ok(state) if state.location().is_none() => Self::Continue(state),
                Ok(state) if is_call => {
                    let reason = state.reason().cloned().unwrap_or(Reason::UnexpectedError);
                    Self::Continue(frontdesk.signed_out(reason))
                }
                Ok(state) => Self::Answer(redirect(&state)),
                Err(error) if is_call => Self::Continue(frontdesk.signed_out(error.reason())),
                Err(error) => Self::Answer(misconfigured(&error)),
            }
        }
    }
}

/// Calls of programs to programs: nobody there could follow a redirect, or read a page about cookies.
fn is_grpc(request: &(impl RequestView + ?Sized)) -> bool {
    request.header("content-type").is_some_and(|kind| kind.starts_with(b"application/grpc"))
}

fn redirect(state: &RequestState) -> Response<String> {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    state.apply_to(response.headers_mut());
    response
}

/// Nothing that a visitor can mend, so the text is for the developer who sees it.
fn misconfigured(error: &AuthenticateError) -> Response<String> {
    let mut response = Response::new(format!("Frontdesk: {error}\n"));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
