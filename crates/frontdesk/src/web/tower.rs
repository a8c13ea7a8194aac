//! A tower layer that asks once per request.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use tower::{Layer, Service};

use crate::{ConfigError, Frontdesk, RequestState};

/// Finds out who is asking before a request reaches its handler.
///
/// It answers handshake redirects itself, leaves the [`RequestState`] in the request's extensions, and adds to
/// the response what the browser must be told. It protects nothing: a handler does, by asking for
/// [`SignedIn`](crate::SignedIn).
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use frontdesk::{Auth, FrontdeskLayer};
///
/// async fn greet(auth: Auth) -> String {
///     auth.user_id().map_or("signed out".to_owned(), ToString::to_string)
/// }
///
/// # fn example() -> Result<(), frontdesk::ConfigError> {
/// let app: Router = Router::new().route("/", get(greet)).layer(FrontdeskLayer::from_env()?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct FrontdeskLayer {
    frontdesk: Frontdesk,
}

impl FrontdeskLayer {
    /// A layer that asks this one.
    pub fn new(frontdesk: Frontdesk) -> Self {
        Self { frontdesk }
    }

    /// A layer with the environment's settings, see [`Frontdesk::from_env`].
    ///
    /// # Errors
    /// A variable is missing or unreadable.
    pub fn from_env() -> Result<Self, ConfigError> {
        Frontdesk::from_env().map(Self::new)
    }
}

impl<S> Layer<S> for FrontdeskLayer {
    type Service = FrontdeskService<S>;

    fn layer(&self, inner: S) -> FrontdeskService<S> {
        FrontdeskService { frontdesk: self.frontdesk.clone(), inner }
    }
}

/// The service that [`FrontdeskLayer`] makes.
#[derive(Clone, Debug)]
pub struct FrontdeskService<S> {
    frontdesk: Frontdesk,
    inner: S,
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for FrontdeskService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone + Send + 'static,
    S::Future: Send,
    RequestBody: Send + 'static,
    ResponseBody: Default + From<String>,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        // The service that is ready is the one to call; its clone waits for the next request.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let frontdesk = self.frontdesk.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let state = match frontdesk.authenticate_request(&parts).await {
                Ok(state) => state,
                Err(error) => return Ok(misconfigured(&error)),
            };
            if state.location().is_some() {
                return Ok(redirect(&state));
            }
            parts.extensions.insert(state.clone());
            let mut response = inner.call(Request::from_parts(parts, body)).await?;
            state.apply_to(response.headers_mut());
            Ok(response)
        })
    }
}

fn redirect<B: Default>(state: &RequestState) -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    state.apply_to(response.headers_mut());
    response
}

/// Nothing that a visitor can mend, so the text is for the developer who sees it.
fn misconfigured<B: From<String>>(error: &crate::AuthenticateError) -> Response<B> {
    let mut response = Response::new(B::from(format!("Frontdesk: {error}\n")));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

#[cfg(test)]
#[cfg(feature = "axum")]
mod tests;
