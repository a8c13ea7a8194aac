//! warp: [`FrontdeskLayer`](crate::FrontdeskLayer) around the service of all routes; [`auth`], [`signed_in`],
//! [`authorized`] and [`machine`] as filters, and [`denied`] to answer what they refuse.
//!
//! ```
//! use std::convert::Infallible;
//!
//! use frontdesk::web::warp::{auth, denied, signed_in};
//! use frontdesk::{Auth, FrontdeskLayer, SignedIn};
//! use tower::Layer;
//! use warp::Filter;
//!
//! # fn example() -> Result<(), frontdesk::ConfigError> {
//! let greet = warp::path::end()
//!     .and(auth())
//!     .map(|auth: Auth| auth.user_id().map_or("signed out".to_owned(), ToString::to_string));
//! let me = warp::path!("me")
//!     .and(signed_in()) // everybody else gets a 401
//!     .map(|session: SignedIn| format!("you are {}", session.user_id()));
//!
//! let routes = greet.or(me).recover(denied);
//! let service = FrontdeskLayer::from_env()?.layer(warp::service(routes));
//! # let _ = service.clone();
//! # Ok(())
//! # }
//! ```
//!
//! The result is a tower service; `warp::serve` takes filters only, so hyper serves it (`examples/warp` shows how).
//!
//! A filter that refuses rejects, in warp's way: the routes that come after it in an [`or`](::warp::Filter::or) are
//! tried, and [`denied`] answers when none of them took the request. Without [`denied`] warp answers 500. Put a route's
//! path before what it demands, or requests for other routes are refused too.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};

use http::header::HOST;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use warp::host::Authority;
use warp::path::FullPath;
use warp::reject::{Reject, custom};
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use crate::{Auth, Authorized, Denied, Machine, Policy, RequestState, SignedIn, get_auth};

/// Who is asking. It never rejects: the handler decides what nobody may do.
///
/// ```
/// use frontdesk::Auth;
/// use frontdesk::web::warp::auth;
/// use warp::Filter;
///
/// let greet = warp::path::end().and(auth()).map(|auth: Auth| match auth.user_id() {
///     Some(user_id) => user_id.to_string(),
///     None => "signed out".to_owned(),
/// });
/// # let _ = greet;
/// ```
pub fn auth() -> impl Filter<Extract = (Auth,), Error = Infallible> + Copy {
    request().then(async |request: Request<()>| get_auth(&request).await)
}

/// Somebody who is signed in; it rejects everybody else with [`Denied`].
///
/// ```
/// use frontdesk::SignedIn;
/// use frontdesk::web::warp::signed_in;
/// use warp::Filter;
///
/// let me = warp::path!("me")
///     .and(signed_in())
///     .map(|session: SignedIn| format!("you are {}", session.user_id()));
/// # let _ = me;
/// ```
pub fn signed_in() -> impl Filter<Extract = (SignedIn,), Error = Rejection> + Copy {
    request().and_then(|request: Request<()>| async move { admitted(SignedIn::of(&request)).await })
}

/// Somebody who may do a certain thing; it rejects everybody else with [`Denied`].
///
/// ```
/// use frontdesk::web::warp::authorized;
/// use frontdesk::{Authorized, Policy, Requirement};
/// use warp::Filter;
///
/// struct CreateInvoices;
///
/// impl Policy for CreateInvoices {
///     fn requirement() -> Requirement {
///         Requirement::permission("org:invoices:create")
///     }
/// }
///
/// let new_invoice = warp::path!("invoices" / "new")
///     .and(authorized())
///     .map(|session: Authorized<CreateInvoices>| format!("an invoice by {}", session.user_id()));
/// # let _ = new_invoice;
/// ```
pub fn authorized<P: Policy>() -> impl Filter<Extract = (Authorized<P>,), Error = Rejection> + Copy {
    request().and_then(|request: Request<()>| async move { admitted(Authorized::of(&request)).await })
}

/// A program with a verified token; it rejects everybody else with [`Denied`]. See [`Machine::of`].
///
/// ```
/// use frontdesk::Machine;
/// use frontdesk::web::warp::machine;
/// use warp::Filter;
///
/// let export = warp::path!("export")
///     .and(machine())
///     .map(|machine: Machine| format!("the orders of {}", machine.subject()));
/// # let _ = export;
/// ```
pub fn machine() -> impl Filter<Extract = (Machine,), Error = Rejection> + Copy {
    request().and_then(|request: Request<()>| async move { admitted(Machine::of(&request)).await })
}

/// Answers what the filters here refuse, for [`Filter::recover`]; other rejections stay what they are.
///
/// In a handler of rejections of your own, look for [`Denied`] first: `rejection.find::<Denied>()`.
///
/// ```
/// use frontdesk::SignedIn;
/// use frontdesk::web::warp::{denied, signed_in};
/// use warp::Filter;
///
/// let me = warp::path!("me").and(signed_in()).map(|session: SignedIn| session.user_id().to_string());
/// let routes = me.recover(denied);
/// # let _ = routes;
/// ```
///
/// # Errors
/// The rejection has another cause.
pub fn denied(rejection: Rejection) -> Ready<Result<Response, Rejection>> {
    ready(match rejection.find::<Denied>() {
        Some(denied) => Ok(Reply::into_response(denied.clone())),
        None => Err(rejection),
    })
}

async fn admitted<T>(asking: impl Future<Output = Result<T, Denied>>) -> Result<T, Rejection> {
    asking.await.map_err(custom)
}

/// What a layer found out, or else a copy of what there is to see of the request: warp shows it to nobody as a whole.
fn request() -> impl Filter<Extract = (Request<()>,), Error = Infallible> + Copy {
    warp::ext::get::<RequestState>().map(known).or(copy()).unify()
}

fn known(state: RequestState) -> Request<()> {
    let mut request = Request::new(());
    request.extensions_mut().insert(state);
    request
}

fn copy() -> impl Filter<Extract = (Request<()>,), Error = Infallible> + Copy {
    let query = warp::query::raw().map(Some).or(warp::any().map(|| None)).unify();
    // It rejects a host that is none, or that differs from the one in the URL.
    let host = warp::host::optional().or(warp::any().map(|| None)).unify();
    warp::method().and(warp::path::full()).and(query).and(host).and(warp::header::headers_cloned()).map(
        |method: Method,
         path: FullPath,
         query: Option<String>,
         host: Option<Authority>,
         headers: HeaderMap| {
            let mut request = Request::new(());
            *request.method_mut() = method;
            *request.uri_mut() = target(path.as_str(), query.as_deref());
            *request.headers_mut() = headers;
            // Over HTTP/2 the host stands in the URL, of which warp shows the path only.
            if let Some(host) = host.and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
                request.headers_mut().entry(HOST).or_insert(host);
            }
            request
        },
    )
}

fn target(path: &str, query: Option<&str>) -> Uri {
    let target = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    // They were parts of a URL before.
    target.try_into().unwrap_or_default()
}

impl Reject for Denied {}

/// For handlers that answer `Result<_, Denied>`, and for [`denied`].
impl Reply for Denied {
    fn into_response(self) -> Response {
        self.into_response()
    }
}

#[cfg(test)]
mod tests;
