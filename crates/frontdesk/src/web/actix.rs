//! actix-web: [`FrontdeskLayer`] as middleware; [`Auth`], [`SignedIn`], [`Authorized`] and
//! [`Machine`] as extractors.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, get};
//! use frontdesk::{Auth, FrontdeskLayer, SignedIn};
//!
//! #[get("/")]
//! async fn greet(auth: Auth) -> String {
//!     auth.user_id().map_or("signed out".to_owned(), ToString::to_string)
//! }
//!
//! #[get("/me")]
//! async fn me(session: SignedIn) -> String {
//!     format!("you are {}", session.user_id()) // everybody else gets a 401
//! }
//!
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let layer = FrontdeskLayer::from_env()?;
//!     let server = HttpServer::new(move || App::new().service(greet).service(me).wrap(layer.clone()));
//!     Ok(server.bind(("127.0.0.1", 3000))?.run().await?)
//! }
//! ```

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, Responder, ResponseError};

use super::layer::Course;
use crate::{
    Auth, Authorized, Denied, Frontdesk, FrontdeskLayer, Machine, Policy, RequestState, RequestView,
    SignedIn, get_auth,
};

/// The URL is the one that was asked for, however deep the scope of its handler. Like the request's own methods, it
/// panics while a mutable borrow of the request's extensions is held.
impl RequestView for HttpRequest {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn url(&self) -> Cow<'_, str> {
        let uri = self.uri();
        match (uri.scheme(), uri.path_and_query()) {
            (None, Some(target)) if !self.app_config().secure() => Cow::Borrowed(target.as_str()),
            // Over HTTP/1 only the server knows that the connection is encrypted.
            (None, Some(target)) => {
                let host = self.headers().get("host").and_then(|host| host.to_str().ok());
                Cow::Owned(format!("https://{}{target}", host.unwrap_or(self.app_config().host())))
            }
            _ => Cow::Owned(uri.to_string()),
        }
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        Some(fields(self.headers(), name).next()?.as_bytes())
    }

    fn each_header<'r>(&'r self, name: &str, visit: &mut dyn FnMut(&'r [u8])) {
        for value in fields(self.headers(), name) {
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

/// For middleware of one's own.
impl RequestView for ServiceRequest {
    fn method(&self) -> &str {
        RequestView::method(self.request())
    }

    fn url(&self) -> Cow<'_, str> {
        self.request().url()
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        self.request().header(name)
    }

    fn each_header<'r>(&'r self, name: &str, visit: &mut dyn FnMut(&'r [u8])) {
        self.request().each_header(name, visit);
    }

    fn all_headers<'r>(&'r self, visit: &mut dyn FnMut(&'r str, &'r [u8])) {
        self.request().all_headers(visit);
    }

    fn known_state(&self) -> Option<RequestState> {
        self.request().known_state()
    }
}

/// actix makes a name of its own of every string it is asked for, and allocates for those it does not know. These are
/// asked for with every request.
static OFTEN_ASKED: [HeaderName; 3] = [
    HeaderName::from_static("sec-fetch-dest"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
];

fn fields<'r>(headers: &'r HeaderMap, name: &str) -> std::slice::Iter<'r, HeaderValue> {
    match OFTEN_ASKED.iter().find(|known| known.as_str() == name) {
        Some(known) => headers.get_all(known),
        None => headers.get_all(name),
    }
}

impl<S, B> Transform<S, ServiceRequest> for FrontdeskLayer
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = actix_web::Error;
    type Transform = FrontdeskMiddleware<S>;
    type InitError = ();
    type Future = Ready<Result<FrontdeskMiddleware<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(FrontdeskMiddleware { frontdesk: self.frontdesk.clone(), inner: Rc::new(inner) }))
    }
}

/// The service that [`FrontdeskLayer`] makes.
///
/// ```
/// use actix_web::App;
/// use frontdesk::FrontdeskLayer;
///
/// # fn example(layer: FrontdeskLayer) {
/// let app = App::new().wrap(layer);
/// # }
/// ```
#[derive(Debug)]
pub struct FrontdeskMiddleware<S> {
    frontdesk: Frontdesk,
    inner: Rc<S>,
}

impl<S, B> Service<ServiceRequest> for FrontdeskMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>>>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let frontdesk = self.frontdesk.clone();
        let inner = Rc::clone(&self.inner);
        Box::pin(async move {
            let state = match Course::of(&frontdesk, &request).await {
                Course::Continue(state) => state,
                Course::Answer(answer) => {
                    return Ok(request.into_response(response_of(answer)).map_into_right_body());
                }
            };
            request.extensions_mut().insert(state.clone());
            match inner.call(request).await {
                Ok(mut response) => {
                    apply(&state, response.headers_mut());
                    Ok(response.map_into_left_body())
                }
                // Further out it becomes a response; what the browser must be told goes with it.
                Err(mut error) => {
                    error.add_response_mapper(move |mut response| {
                        apply(&state, response.headers_mut());
                        response
                    });
                    Err(error)
                }
            }
        })
    }
}

/// As [`RequestState::apply_to`]: cookies are added, other headers give way to the handler's.
fn apply(state: &RequestState, headers: &mut HeaderMap) {
    for (name, value) in converted(state.headers()) {
        if name == SET_COOKIE || !headers.contains_key(&name) {
            headers.append(name, value);
        }
    }
}

/// Never refuses: the handler decides what nobody may do.
impl FromRequest for Auth {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(get_auth(&request).await) })
    }
}

impl FromRequest for SignedIn {
    type Error = Denied;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Denied>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}

impl<P: Policy> FromRequest for Authorized<P> {
    type Error = Denied;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Denied>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}

/// For programs alone: see [`Machine::of`].
impl FromRequest for Machine {
    type Error = Denied;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Denied>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}

/// For handlers that answer `Result<_, Denied>`, and for the extractors.
impl ResponseError for Denied {
    fn status_code(&self) -> StatusCode {
        status(self.status())
    }

    fn error_response(&self) -> HttpResponse {
        response_of(self.clone().into_response())
    }
}

impl Responder for Denied {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        response_of(self.into_response())
    }
}

/// The same response in the types of `http` 0.2.
fn response_of(response: http::Response<String>) -> HttpResponse {
    let (parts, body) = response.into_parts();
    let mut response = HttpResponse::with_body(status(parts.status), BoxBody::new(body));
    for (name, value) in converted(&parts.headers) {
        response.headers_mut().append(name, value);
    }
    response
}

fn status(status: http::StatusCode) -> StatusCode {
    StatusCode::from_u16(status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Both versions of `http` allow the same names and values.
fn converted(headers: &http::HeaderMap) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    headers.iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
    })
}

#[cfg(test)]
mod tests;
