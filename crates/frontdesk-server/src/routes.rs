//! From an operation's declaration and a function to a route.
//!
//! `Routes::new().on(get_user)` takes method, path and decoding from the operation in the function's signature. A
//! handler that loses a race is run again from the start, so that it sees what happened; handlers therefore change
//! nothing before their commit.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter};
use frontdesk_api::contract::{self, Published};
use frontdesk_api::{Audience, Operation};
use http::request::Parts;
use http::{HeaderValue, Request, header};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use crate::entry::{ClientAddress, Recognised, TraceId, versioned};
use crate::errors::{self, ApiError};
use crate::extract::{Caller, Req, Target};
use crate::{LoadedInstance, Server, rate_limits};

/// How often a handler that loses a race is run before the caller is told. Once it has lost it waits for its turn, so
/// only those who have just come, or another process, can win against it again.
const ATTEMPTS: usize = 8;

/// Whose handlers these are: how a caller is recognised, and how an answer is dressed for them.
pub(crate) trait Context: Sized + Send + 'static {
    /// Who calls these operations.
    const AUDIENCE: Audience;
    /// A successful answer with this resource in it.
    type Reply<T: Serialize + Send>: IntoResponse + Send;

    /// Finds out which instance the request is for, and whether its credentials hold.
    fn identify(server: &Server, parts: &Parts) -> impl Future<Output = Result<Target, ApiError>> + Send;

    /// Refuses to take a file in from somebody who could not give it to anybody: files are large, so nobody sends one
    /// before they are known.
    fn admit_file(_: &Arc<Caller>) -> impl Future<Output = Result<(), ApiError>> + Send {
        std::future::ready(Ok(()))
    }

    /// What a handler works with; made anew for every attempt.
    fn enter(caller: &Arc<Caller>) -> impl Future<Output = Result<Self, ApiError>> + Send;

    /// The last touch on every answer, refusals included. Without a target nobody was recognised.
    fn finish(target: Option<&Target>, origin: Option<&HeaderValue>, response: Response) -> Response;
}

/// Routes of one audience.
pub(crate) struct Routes {
    routes: Vec<Route>,
}

struct Route {
    method: http::Method,
    path: &'static str,
    attach: Box<dyn FnOnce(&Server) -> MethodRouter>,
}

impl Routes {
    /// No routes yet.
    pub(crate) const fn new() -> Self {
        Self { routes: Vec::new() }
    }

    /// Answers an operation with a function.
    pub(crate) fn on<O, C, Handler, Answer>(mut self, handler: Handler) -> Self
    where
        O: Operation,
        C: Context,
        Handler: Fn(C, Req<O>) -> Answer + Clone + Send + Sync + 'static,
        Answer: Future<Output = Result<C::Reply<O::Reply>, ApiError>> + Send + 'static,
    {
        self.routes.push(Route {
            method: O::METHOD,
            path: O::PATH,
            attach: Box::new(move |server| {
                let server = server.clone();
                on_method(&O::METHOD, move |request: Request<Body>| {
                    serve::<O, C, _, _>(server.clone(), handler.clone(), request)
                })
            }),
        });
        self
    }

    /// Answers an operation that asks for no caller and no instance.
    pub(crate) fn on_anyone<O: Operation>(
        mut self,
        _: O,
        attach: impl FnOnce(&Server) -> MethodRouter + 'static,
    ) -> Self {
        self.routes.push(Route { method: O::METHOD, path: O::PATH, attach: Box::new(attach) });
        self
    }

    /// Adds the routes of another room.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        self
    }

    /// The router of one audience. Published operations that nobody answers say so.
    pub(crate) fn into_router<C: Context>(self, server: &Server) -> Router {
        let built: BTreeSet<_> =
            self.routes.iter().map(|route| (route.method.as_str().to_owned(), shape(route.path))).collect();
        let mut paths = Paths::default();
        for route in self.routes {
            paths.add(&versioned(route.path), (route.attach)(server));
        }
        let is_missing = |it: &Published| {
            it.audience == C::AUDIENCE && !built.contains(&(it.method.to_owned(), shape(it.path)))
        };
        for operation in contract::published().filter(is_missing) {
            paths.add(&versioned(operation.path), not_available::<C>(server, operation));
        }
        paths.into_router()
    }
}

/// Method routers by the shape of their path: the same place may be named differently by different operations.
#[derive(Default)]
struct Paths(BTreeMap<String, (String, MethodRouter)>);

impl Paths {
    fn add(&mut self, path: &str, methods: MethodRouter) {
        let (_, known) =
            self.0.entry(shape(path)).or_insert_with(|| (without_suffix(path), MethodRouter::new()));
        *known = std::mem::take(known).merge(methods);
    }

    fn into_router(self) -> Router {
        self.0.into_values().fold(Router::new(), |router, (path, methods)| {
            router.route(&path, methods.fallback(method_not_allowed))
        })
    }
}

/// The path with every parameter's name taken out.
fn shape(path: &str) -> String {
    let shaped: Vec<_> =
        path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect();
    shaped.join("/")
}

/// The path without text behind a parameter (`{id}.xml`), which the router does not take.
fn without_suffix(path: &str) -> String {
    let cut = |segment: &str| match segment.find('}') {
        Some(end) => segment[..=end].to_owned(),
        None => segment.to_owned(),
    };
    path.split('/').map(cut).collect::<Vec<_>>().join("/")
}

fn on_method<Handler, Answer>(method: &http::Method, handler: Handler) -> MethodRouter
where
    Handler: Fn(Request<Body>) -> Answer + Clone + Send + Sync + 'static,
    Answer: Future<Output = Response> + Send + 'static,
{
    let filter = MethodFilter::try_from(method.clone()).expect("the contract uses ordinary methods");
    axum::routing::on(filter, handler)
}

/// One request from its door to its answer.
async fn serve<O, C, Handler, Answer>(server: Server, handler: Handler, request: Request<Body>) -> Response
where
    O: Operation,
    C: Context,
    Handler: Fn(C, Req<O>) -> Answer,
    Answer: Future<Output = Result<C::Reply<O::Reply>, ApiError>>,
{
    let trace_id: Box<str> = TraceId::of(request.extensions()).into();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let span = tracing::debug_span!("request", operation = O::ID, trace_id = &*trace_id);
    async move {
        let (mut parts, body) = request.into_parts();
        let target = match C::identify(&server, &parts).await {
            Ok(target) => target,
            Err(error) => {
                let address = ClientAddress::of(&parts.extensions);
                let response = C::finish(None, origin.as_ref(), error.into_response(&trace_id));
                return recognised(response, O::ID, None, address);
            }
        };
        let read = match rate_limits::admit::<O>(&server, &target, &parts).await {
            Ok(()) => read::<O, C>(&server, &target, &mut parts, body).await,
            Err(error) => Err(error),
        };
        let outcome = match read {
            Ok((req, _place)) => {
                let caller = Arc::new(Caller { now: server.now(), server, target: target.clone(), parts });
                attempt(&caller, &handler, req).await
            }
            Err(error) => Err(error),
        };
        let response =
            outcome.map_or_else(|error| error.into_response(&trace_id), IntoResponse::into_response);
        let response = C::finish(Some(&target), origin.as_ref(), response);
        recognised(response, O::ID, Some(target.instance), target.address)
    }
    .instrument(span)
    .await
}

/// Reads a request. Where a file comes with it, its sender is asked for first, and it needs a place until it is answered.
async fn read<O: Operation, C: Context>(
    server: &Server,
    target: &Target,
    parts: &mut Parts,
    body: Body,
) -> Result<(Req<O>, Option<OwnedSemaphorePermit>), ApiError> {
    let mut place = None;
    if O::FILE.is_some() {
        let (server, target, parts) = (server.clone(), target.clone(), parts.clone());
        place = Some(server.pictures().place()?);
        C::admit_file(&Arc::new(Caller { now: server.now(), server, target, parts })).await?;
    }
    Ok((Req::read(parts, body).await?, place))
}

/// Tells the front door what the request turned out to be.
fn recognised(
    mut response: Response,
    operation: &'static str,
    instance: Option<Arc<LoadedInstance>>,
    address: Option<IpAddr>,
) -> Response {
    response.extensions_mut().insert(Recognised { operation, instance, address });
    response
}

/// Runs the handler until it has not lost a race, a bounded number of times.
async fn attempt<O, C, Handler, Answer>(
    caller: &Arc<Caller>,
    handler: &Handler,
    req: Req<O>,
) -> Result<C::Reply<O::Reply>, ApiError>
where
    O: Operation,
    C: Context,
    Handler: Fn(C, Req<O>) -> Answer,
    Answer: Future<Output = Result<C::Reply<O::Reply>, ApiError>>,
{
    let mut turn = None;
    for _ in 1..ATTEMPTS {
        match handler(C::enter(caller).await?, req.clone()).await {
            Err(error) if error.refused().lost_race => {
                // Of many who want the same row each round has one winner: without turns, most would lose every round.
                if turn.is_none() {
                    turn = Some(caller.target.instance.turns.lock().await);
                }
            }
            outcome => return outcome,
        }
    }
    handler(C::enter(caller).await?, req).await
}

/// Answers for a published operation that is not built: the same credentials are wanted, then the truth is told.
fn not_available<C: Context>(server: &Server, operation: Published) -> MethodRouter {
    let server = server.clone();
    let method =
        http::Method::from_bytes(operation.method.as_bytes()).expect("the contract uses ordinary methods");
    on_method(&method, move |request: Request<Body>| {
        let server = server.clone();
        async move {
            let trace_id: Box<str> = TraceId::of(request.extensions()).into();
            let (parts, _) = request.into_parts();
            let origin = parts.headers.get(header::ORIGIN);
            match C::identify(&server, &parts).await {
                Ok(target) => {
                    let response = errors::operation_not_available(operation.id).into_response(&trace_id);
                    let response = C::finish(Some(&target), origin, response);
                    recognised(response, operation.id, Some(target.instance), target.address)
                }
                Err(error) => {
                    let response = C::finish(None, origin, error.into_response(&trace_id));
                    recognised(response, operation.id, None, ClientAddress::of(&parts.extensions))
                }
            }
        }
    })
}

async fn method_not_allowed(request: Request<Body>) -> Response {
    errors::method_not_allowed().into_response(TraceId::of(request.extensions()))
}
