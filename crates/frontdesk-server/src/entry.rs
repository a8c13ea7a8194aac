//! The front door: which audience?
//!
//! Frontend and Backend share one origin (decision 23). A bearer `sk_…` means Backend; every other request belongs
//! to the Frontend where the Frontend has its path, and else to the Backend, which answers that it wants a key.

mod arrival;
mod normalise;
mod watch;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use frontdesk_types::Randomness;
use http::{Extensions, HeaderMap, Request, StatusCode, header};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

pub(crate) use self::arrival::Arrival;
pub use self::arrival::{ClientAddress, ForwardedHeaders, Peer, TrustedProxies};
pub(crate) use self::normalise::{InstancePath, versioned};
pub(crate) use self::watch::Recognised;
use self::watch::Watch;
use crate::errors;
use crate::extract::BackendCx;
use crate::{Server, backend, frontend, pages};

/// The id of one request, in its answers and in the log.
#[derive(Clone, Debug)]
pub(crate) struct TraceId(pub(crate) Box<str>);

impl TraceId {
    /// The id that the front door gave.
    pub(crate) fn of(extensions: &Extensions) -> &str {
        extensions.get::<Self>().map_or("", |id| &id.0)
    }
}

#[derive(Clone)]
struct Door {
    server: Server,
    /// Takes requests with a secret key.
    backend: Router,
    /// Takes all others, and passes on to the backend what it has no path for.
    frontend: Router,
}

/// The whole surface.
pub(crate) fn router(server: Server) -> Router {
    let operations = backend::routes().into_router::<BackendCx>(&server);
    let backend = operations.clone().fallback(route_not_found);
    let frontend = frontend::router(&server);
    let frontend = frontend
        .clone()
        .merge(pages::router(&server, frontend))
        .fallback_service(operations.fallback(frontend::route_not_found));
    Router::new()
        .fallback(enter)
        .with_state(Door { server, backend, frontend })
        .layer(CatchPanicLayer::custom(after_panic))
}

async fn enter(State(door): State<Door>, mut request: Request<Body>) -> Response {
    let watch = Watch::begin();
    let server = door.server.clone();
    let trace_id = TraceId((&mut server.chance() as &mut dyn Randomness).hex::<16>().into());
    Arrival::note(server.trusted_proxies(), &mut request);
    let address = ClientAddress::of(request.extensions());
    let response = answer(door, trace_id.clone(), request).await;
    watch.tell(&server, &trace_id, address, &response);
    response
}

async fn answer(door: Door, trace_id: TraceId, mut request: Request<Body>) -> Response {
    let for_backend = bearer(request.headers()).is_some_and(is_secret_key);
    let origin = request.headers().get(header::ORIGIN).cloned();
    if let Err(error) = normalise::normalise(&mut request) {
        let response = error.into_response(&trace_id.0);
        return if for_backend { response } else { frontend::readable(origin.as_ref(), response) };
    }
    request.extensions_mut().insert(trace_id);
    let router = if for_backend { door.backend } else { door.frontend };
    router.oneshot(request).await.unwrap_or_else(|never| match never {})
}

/// The bearer token of a request. A value without a scheme counts as the token itself (wire protocol §4.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    match value.split_once(' ') {
        None => Some(value),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
        Some(_) => None,
    }
}

fn is_secret_key(token: &str) -> bool {
    token.starts_with("sk_")
}

async fn route_not_found(request: Request<Body>) -> Response {
    errors::route_not_found().into_response(TraceId::of(request.extensions()))
}

/// Answers for a handler that panicked. A bug, but no reason to drop the connection without a word.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
fn after_panic(panic: Box<dyn std::any::Any + Send>) -> Response {
    let what = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    tracing::error!(panic = what.unwrap_or("unknown"), "a handler panicked");
    let response = errors::internal("a handler panicked").into_response("");
    debug_assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    response
}
