//! Rocket: [`FrontdeskLayer`] as a fairing; [`Auth`], [`SignedIn`], [`Authorized`] and [`Machine`] as request guards.
//!
//! ```no_run
//! use frontdesk::{Auth, FrontdeskLayer, SignedIn};
//! use rocket::{get, routes};
//!
//! #[get("/")]
//! fn greet(auth: Auth) -> String {
//!     auth.user_id().map_or("signed out".to_owned(), ToString::to_string)
//! }
//!
//! #[get("/me")]
//! fn me(session: SignedIn) -> String {
//!     format!("you are {}", session.user_id()) // everybody else gets a 401
//! }
//!
//! #[rocket::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     rocket::build().mount("/", routes![greet, me]).attach(FrontdeskLayer::from_env()?).launch().await?;
//!     Ok(())
//! }
//! ```
//!
//! # Refusals and catchers
//! A guard of Rocket refuses with a status of at least 400, and a catcher makes the response. The layer registers
//! catchers for 401 and 403 at the root, unless the application has such there; they answer as [`Denied`] says, with its
//! body, its headers, or its redirect. If the application has a default catcher at the root, that one is asked for the
//! body, but for redirects and for the object that the browser's SDK looks for where a factor must be verified anew.
//! Catchers of the application that come first, for these statuses or below a path, decide themselves: [`denied`] tells
//! them what was refused, and they may answer with it. Without the layer a refusal is its status alone, 401 where it
//! would be a redirect.
//!
//! # Redirects
//! A fairing of Rocket cannot answer. A request that the layer answers itself becomes a `TRACE`, which only the layer's
//! own route takes; so it is in the log, and so other fairings see it. Its URL stays what it was.

use std::borrow::Cow;
use std::convert::Infallible;
use std::io::Cursor;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rocket::fairing::{AdHoc, Fairing, Info, Kind};
use rocket::http::{Header, Method, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::{self, Responder};
use rocket::{Build, Catcher, Data, Phase, Request, Response, Rocket, Route, catcher, fairing, route};

use super::layer::Course;
use crate::{Auth, Authorized, Denied, FrontdeskLayer, Machine, Policy, RequestState, RequestView, SignedIn};

/// The URL is the one that was asked for, unless a fairing in front has changed it.
impl RequestView for Request<'_> {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn url(&self) -> Cow<'_, str> {
        let uri = self.uri();
        let host = self.headers().get_one("host");
        let encrypted = self.rocket().config().tls_enabled();
        if host.is_some() && !encrypted {
            return match uri.query() {
                None => Cow::Borrowed(uri.path().as_str()),
                Some(_) => Cow::Owned(uri.to_string()),
            };
        }
        // Over HTTP/2 no header names the host, and only the server knows that the connection is encrypted.
        let scheme = if encrypted { "https" } else { "http" };
        match (self.host(), host) {
            (Some(host), _) => Cow::Owned(format!("{scheme}://{host}{uri}")),
            (None, host) => Cow::Owned(format!("{scheme}://{}{uri}", host.unwrap_or("localhost"))),
        }
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        Some(self.headers().get_one(name)?.as_bytes())
    }

    fn each_header<'r>(&'r self, name: &str, visit: &mut dyn FnMut(&'r [u8])) {
        for value in self.headers().get(name) {
            visit(value.as_bytes());
        }
    }

    fn all_headers<'r>(&'r self, visit: &mut dyn FnMut(&'r str, &'r [u8])) {
        for header in self.headers().iter() {
            if let (Cow::Borrowed(name), Cow::Borrowed(value)) = (header.name.into_cow(), header.value) {
                visit(name, value.as_bytes());
            }
        }
    }

    fn known_state(&self) -> Option<RequestState> {
        notes(self).state.clone()
    }
}

/// What layer, guards and catchers tell each other about a request.
#[derive(Debug, Default)]
struct Notes {
    /// What the layer has found out; absent without it.
    state: Option<RequestState>,
    /// How the layer answers itself.
    answer: Option<http::Response<String>>,
    /// What a guard refused with.
    denied: Option<Denied>,
}

fn notes<'r>(request: &'r Request<'_>) -> MutexGuard<'r, Notes> {
    request.local_cache(Mutex::<Notes>::default).lock().unwrap_or_else(PoisonError::into_inner)
}

#[rocket::async_trait]
impl Fairing for FrontdeskLayer {
    fn info(&self) -> Info {
        Info { name: "Frontdesk", kind: Kind::Ignite | Kind::Request | Kind::Response | Kind::Singleton }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let mut answering = Route::ranked(isize::MIN, Method::Trace, "/<_..>", answer);
        answering.name = Some("Frontdesk".into());
        // What is attached now comes after all other fairings, when the application's own catchers are known.
        let catchers = AdHoc::on_ignite("Frontdesk's catchers", |rocket| async { with_catchers(rocket) });
        Ok(rocket.mount("/", [answering]).attach(catchers))
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let course = Course::of(&self.frontdesk, &*request).await;
        let found = match course {
            Course::Continue(state) => Notes { state: Some(state), ..Notes::default() },
            Course::Answer(answer) => {
                request.set_method(Method::Trace);
                Notes { answer: Some(answer), ..Notes::default() }
            }
        };
        *notes(request) = found;
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let notes = notes(request);
        // A catcher of the application may have written the body.
        let refused = |denied: &&Denied| denied.location().is_none() && refusal(denied) == response.status();
        let refused = notes.denied.as_ref().filter(refused);
        for header in refused.into_iter().flat_map(|denied| converted(denied.headers())) {
            if !response.headers().contains(&header.name) {
                response.adjoin_header(header);
            }
        }
        // As `RequestState::apply_to`: cookies are added, other headers give way to the handler's.
        for header in notes.state.iter().flat_map(|state| converted(state.headers())) {
            if header.name == "set-cookie" || !response.headers().contains(&header.name) {
                response.adjoin_header(header);
            }
        }
    }
}

/// The route behind `TRACE`: it takes what the layer has an answer for, and passes by everything else.
fn answer<'r>(request: &'r Request<'_>, data: Data<'r>) -> route::BoxFuture<'r> {
    let answer = notes(request).answer.take();
    let outcome = match answer {
        Some(answer) => route::Outcome::Success(response_of(answer)),
        None => route::Outcome::Forward((data, Status::NotFound)),
    };
    Box::pin(async move { outcome })
}

fn with_catchers(rocket: Rocket<Build>) -> Rocket<Build> {
    let missing = |status: &Status| !at_the_root(&rocket).any(|own| own.code == Some(status.code));
    let catchers = [Status::Unauthorized, Status::Forbidden].into_iter().filter(missing).map(|status| {
        let mut catcher = Catcher::new(status.code, catch);
        catcher.name = Some("Frontdesk".into());
        catcher
    });
    let catchers: Vec<_> = catchers.collect();
    rocket.register("/", catchers)
}

fn at_the_root<P: Phase>(rocket: &Rocket<P>) -> impl Iterator<Item = &Catcher> {
    rocket.catchers().filter(|catcher| catcher.base.path() == "/")
}

fn catch<'r>(status: Status, request: &'r Request<'_>) -> catcher::BoxFuture<'r> {
    Box::pin(async move {
        let denied = denied(request).filter(|denied| refusal(denied) == status);
        let own = at_the_root(request.rocket()).find(|catcher| catcher.code.is_none());
        let is_more_than_words =
            |denied: &Denied| denied.location().is_some() || denied.reverification().is_some();
        match (denied, own) {
            (Some(denied), own) if own.is_none() || is_more_than_words(&denied) => {
                Ok(response_of(denied.into_response()))
            }
            (_, Some(own)) => own.handler.handle(status, request).await,
            (_, None) => Catcher::default().handler.handle(status, request).await,
        }
    })
}

/// What a guard has refused a request with, for catchers of one's own:
///
/// ```
/// use frontdesk::web::rocket::denied;
/// use rocket::{Request, catch};
///
/// #[catch(403)]
/// fn forbidden(request: &Request<'_>) -> String {
///     match denied(request).and_then(|denied| denied.reverification()) {
///         Some(_) => "please prove once more who you are".to_owned(),
///         None => "you may not do this".to_owned(),
///     }
/// }
/// ```
pub fn denied(request: &Request<'_>) -> Option<Denied> {
    notes(request).denied.clone()
}

/// Never refuses: the handler decides what nobody may do.
#[rocket::async_trait]
impl<'r> FromRequest<'r> for Auth {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(crate::get_auth(request).await)
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for SignedIn {
    type Error = Denied;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denied> {
        outcome(request, Self::of(request).await)
    }
}

#[rocket::async_trait]
impl<'r, P: Policy> FromRequest<'r> for Authorized<P> {
    type Error = Denied;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denied> {
        outcome(request, Self::of(request).await)
    }
}

/// For programs alone: see [`Machine::of`].
#[rocket::async_trait]
impl<'r> FromRequest<'r> for Machine {
    type Error = Denied;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denied> {
        outcome(request, Self::of(request).await)
    }
}

fn outcome<T>(request: &Request<'_>, verdict: Result<T, Denied>) -> Outcome<T, Denied> {
    verdict.map_or_else(
        |denied| {
            notes(request).denied = Some(denied.clone());
            Outcome::Error((refusal(&denied), denied))
        },
        Outcome::Success,
    )
}

/// Catchers only know errors, and a redirect is none.
fn refusal(denied: &Denied) -> Status {
    if denied.location().is_some() { Status::Unauthorized } else { status(denied.status()) }
}

/// For handlers that answer `Result<_, Denied>`, and for catchers.
impl<'r> Responder<'r, 'static> for Denied {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        Ok(response_of(self.into_response()))
    }
}

/// The same response in Rocket's types.
fn response_of(response: http::Response<String>) -> Response<'static> {
    let (parts, body) = response.into_parts();
    let mut response = Response::new();
    response.set_status(status(parts.status));
    for header in converted(&parts.headers) {
        response.adjoin_header(header);
    }
    response.set_sized_body(body.len(), Cursor::new(body));
    response
}

fn status(status: http::StatusCode) -> Status {
    Status::new(status.as_u16())
}

/// Rocket's values are text; a value that is none is left out, as Rocket does with those of requests.
fn converted(headers: &http::HeaderMap) -> impl Iterator<Item = Header<'static>> {
    headers.iter().filter_map(|(name, value)| {
        let value = std::str::from_utf8(value.as_bytes()).ok()?;
        Some(Header::new(name.as_str().to_owned(), value.to_owned()))
    })
}

#[cfg(test)]
mod tests;
