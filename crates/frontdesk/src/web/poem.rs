//! poem: [`FrontdeskLayer`] as middleware; [`Auth`], [`SignedIn`], [`Authorized`] and [`Machine`] as extractors.
//!
//! ```no_run
//! use frontdesk::{Auth, FrontdeskLayer, SignedIn};
//! use poem::listener::TcpListener;
//! use poem::{EndpointExt, Route, Server, get, handler};
//!
//! #[handler]
//! async fn greet(auth: Auth) -> String {
//!     auth.user_id().map_or("signed out".to_owned(), ToString::to_string)
//! }
//!
//! #[handler]
//! async fn me(session: SignedIn) -> String {
//!     format!("you are {}", session.user_id()) // everybody else gets a 401
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let app = Route::new().at("/", get(greet)).at("/me", get(me)).with(FrontdeskLayer::from_env()?);
//!     Ok(Server::new(TcpListener::bind("127.0.0.1:3000")).run(app).await?)
//! }
//! ```

use std::borrow::Cow;

use http::uri::Scheme;
use http::{Response, StatusCode, Uri};
use poem::error::ResponseError;
use poem::{Endpoint, FromRequest, IntoResponse, Middleware, Request, RequestBody};

use super::layer::Course;
use crate::{
    Auth, Authorized, Denied, Frontdesk, FrontdeskLayer, Machine, Policy, RequestState, RequestView,
    SignedIn, get_auth,
};

/// The URL is the one that was asked for, however deep the route of its handler.
impl RequestView for Request {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn url(&self) -> Cow<'_, str> {
        let original = self.original_uri();
        // Requests that tests build have no original.
        let uri = if *original == Uri::default() { self.uri() } else { original };
        match (uri.scheme(), uri.path_and_query()) {
            (None, Some(target)) if *self.scheme() != Scheme::HTTPS => Cow::Borrowed(target.as_str()),
            // Over HTTP/1 only the listener knows that the connection is encrypted.
            (None, Some(target)) => {
                let host = self.headers().get("host").and_then(|host| host.to_str().ok());
                Cow::Owned(format!("https://{}{target}", host.unwrap_or("localhost")))
            }
            _ => Cow::Owned(uri.to_string()),
        }
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        Some(self.headers().get(name)?.as_bytes())
    }

    fn each_header<'r>(&'r self, name: &str, visit: &mut dyn FnMut(&'r [u8])) {
        for value in self.headers().get_all(name) {
            visit(value.as_bytes());
        }
    }

    fn all_headers<'r>(&'r self, visit: &mut dyn FnMut(&'r str, &'r [u8])) {
        for (name, value) in self.headers() {
            visit(name.as_str(), value.as_bytes());
        }
    }

    fn known_state(&self) -> Option<RequestState> {
        self.extensions().get().cloned()
    }
}

impl<E: Endpoint> Middleware<E> for FrontdeskLayer {
    type Output = FrontdeskEndpoint<E>;

    fn transform(&self, inner: E) -> FrontdeskEndpoint<E> {
        FrontdeskEndpoint { frontdesk: self.frontdesk.clone(), inner }
    }
}

/// The endpoint that [`FrontdeskLayer`] makes.
///
/// ```
/// use frontdesk::FrontdeskLayer;
/// use frontdesk::web::poem::FrontdeskEndpoint;
/// use poem::{EndpointExt, Route};
///
/// fn app(routes: Route, layer: FrontdeskLayer) -> FrontdeskEndpoint<Route> {
///     routes.with(layer)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct FrontdeskEndpoint<E> {
    frontdesk: Frontdesk,
    inner: E,
}

impl<E: Endpoint> Endpoint for FrontdeskEndpoint<E> {
    type Output = poem::Response;

    /// Errors of the inner endpoint become responses here, so that they, too, carry what the browser must be told.
    async fn call(&self, mut request: Request) -> poem::Result<poem::Response> {
        let state = match Course::of(&self.frontdesk, &request).await {
            Course::Continue(state) => state,
            Course::Answer(answer) => return Ok(response_of(answer)),
        };
        request.extensions_mut().insert(state.clone());
        let mut response = self.inner.get_response(request).await;
        state.apply_to(response.headers_mut());
        Ok(response)
    }
}

/// Never refuses: the handler decides what nobody may do.
impl<'r> FromRequest<'r> for Auth {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(get_auth(request).await)
    }
}

impl<'r> FromRequest<'r> for SignedIn {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request).await?)
    }
}

impl<'r, P: Policy> FromRequest<'r> for Authorized<P> {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request).await?)
    }
}

/// For programs alone: see [`Machine::of`].
impl<'r> FromRequest<'r> for Machine {
    async fn from_request(request: &'r Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request).await?)
    }
}

/// For handlers that answer `Result<_, Denied>` or `poem::Result<_>`, and for the extractors.
impl ResponseError for Denied {
    fn status(&self) -> StatusCode {
        self.status()
    }

    fn as_response(&self) -> poem::Response {
        response_of(self.clone().into_response())
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> poem::Response {
        response_of(self.into_response())
    }
}

fn response_of(response: Response<String>) -> poem::Response {
    let (parts, body) = response.into_parts();
    let mut response = poem::Response::from(body);
    response.set_status(parts.status);
    // The text's own content type gives way.
    *response.headers_mut() = parts.headers;
    response
}

#[cfg(test)]
mod tests;
