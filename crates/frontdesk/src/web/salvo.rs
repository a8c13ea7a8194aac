//! salvo: [`FrontdeskLayer`] as a hoop; [`Auth`], [`SignedIn`], [`Authorized`] and [`Machine`] as extractors.
//!
//! ```no_run
//! use frontdesk::{Auth, FrontdeskLayer, SignedIn};
//! use salvo::prelude::*;
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
//!     let routes = Router::new()
//!         .hoop(FrontdeskLayer::from_env()?)
//!         .get(greet)
//!         .push(Router::with_path("me").get(me));
//!     let listener = TcpListener::new("127.0.0.1:3000").bind().await;
//!     Server::new(listener).serve(routes).await;
//!     Ok(())
//! }
//! ```
//!
//! # Redirects
//! salvo makes a 400 of every failed extraction whose response is no error, and so of a redirect to where somebody can
//! sign in. The layer puts that right. Without a layer around it, an extractor refuses with a 401 instead; handlers that
//! answer `Result<_, Denied>` may redirect as they are.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt::Debug;

use http::header::SET_COOKIE;
use http::uri::Scheme;
use http::{HeaderMap, StatusCode};
use salvo_core::extract::Metadata;
use salvo_core::{Depot, Extractible, FlowCtrl, Handler, Request, Response, Scribe, Writer, async_trait};

use super::layer::Course;
use crate::{
    Auth, Authorized, Denied, FrontdeskLayer, Machine, Policy, RequestState, RequestView, SignedIn, get_auth,
};

/// The URL is the one that was asked for, however deep the route of its handler.
impl RequestView for Request {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn url(&self) -> Cow<'_, str> {
        let uri = self.uri();
        let Some(target) = uri.path_and_query() else { return Cow::Owned(uri.to_string()) };
        let host = match uri.authority() {
            Some(authority) => authority.as_str(),
            None if *self.scheme() == Scheme::HTTP => return Cow::Borrowed(target.as_str()),
            None => {
                let host = self.headers().get("host").and_then(|host| host.to_str().ok());
                host.unwrap_or("localhost")
            }
        };
        // Only the listener knows whether the connection is encrypted; in the request a scheme may be anything.
        Cow::Owned(format!("{}://{host}{target}", self.scheme()))
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

/// In a request's extensions: the layer stands around its handler.
#[derive(Clone, Copy)]
struct Hooped;

/// In a response's extensions: it redirects, whatever becomes of its status on the way to the layer.
#[derive(Clone, Copy)]
struct Redirected;

#[async_trait]
impl Handler for FrontdeskLayer {
    async fn handle(
        &self,
        request: &mut Request,
        depot: &mut Depot,
        response: &mut Response,
        control: &mut FlowCtrl,
    ) {
        let state = match Course::of(&self.frontdesk, request).await {
            Course::Continue(state) => state,
            Course::Answer(answer) => {
                write(answer, response);
                control.skip_rest();
                return;
            }
        };
        request.extensions_mut().insert(Hooped);
        request.extensions_mut().insert(state.clone());
        control.call_next(request, depot, response).await;
        let was_redirected = response.extensions.remove::<Redirected>().is_some();
        if was_redirected && response.status_code == Some(StatusCode::BAD_REQUEST) {
            response.status_code = Some(StatusCode::TEMPORARY_REDIRECT);
        }
        state.apply_to(response.headers_mut());
    }
}

/// Never refuses: the handler decides what nobody may do.
impl<'r> Extractible<'r> for Auth {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("Auth");
        &METADATA
    }

    async fn extract(
        request: &'r mut Request,
        _: &'r mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        Ok::<_, Infallible>(get_auth(request).await)
    }
}

impl<'r> Extractible<'r> for SignedIn {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("SignedIn");
        &METADATA
    }

    async fn extract(
        request: &'r mut Request,
        _: &'r mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        Self::of(request).await.map_err(|denied| refusal(request, denied))
    }
}

impl<'r, P: Policy> Extractible<'r> for Authorized<P> {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("Authorized");
        &METADATA
    }

    async fn extract(
        request: &'r mut Request,
        _: &'r mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        Self::of(request).await.map_err(|denied| refusal(request, denied))
    }
}

/// For programs alone: see [`Machine::of`].
impl<'r> Extractible<'r> for Machine {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("Machine");
        &METADATA
    }

    async fn extract(
        request: &'r mut Request,
        _: &'r mut Depot,
    ) -> Result<Self, impl Writer + Send + Debug + 'static> {
        Self::of(request).await.map_err(|denied| refusal(request, denied))
    }
}

/// Without the layer a redirect would end as a 400, which says that something is wrong with the request.
fn refusal(request: &Request, denied: Denied) -> Denied {
    let is_hooped = request.extensions().get::<Hooped>().is_some();
    if is_hooped || denied.location().is_none() { denied } else { Denied::unauthorized(HeaderMap::new()) }
}

/// For handlers that answer `Result<_, Denied>`, and for the extractors.
impl Scribe for Denied {
    fn render(self, response: &mut Response) {
        if self.location().is_some() {
            response.extensions.insert(Redirected);
        }
        write(self.into_response(), response);
    }
}

/// Cookies are added to those already there.
fn write(answer: http::Response<String>, response: &mut Response) {
    let (parts, body) = answer.into_parts();
    response.status_code = Some(parts.status);
    for (name, value) in &parts.headers {
        if name == SET_COOKIE {
            response.headers_mut().append(name, value.clone());
        } else {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response.body(body);
}

#[cfg(test)]
mod tests;
