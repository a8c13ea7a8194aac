//! Which routes of an application are open to everybody?

use std::fmt::{self, Debug};
use std::time::Duration;

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use tower::{Service, ServiceExt};

/// How long an application over HTTP may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks an application for each of these routes, as a script without any session, and lists those that it did not
/// refuse. Protection is a type in a handler's signature, so a handler can lack it; this finds the one that does. State
/// what is meant to be open, and the next route that is open by mistake fails the test:
///
/// ```
/// use axum::{Router, routing::get};
/// use frontdesk::{FrontdeskLayer, SignedIn};
/// use frontdesk_testkit::{TestServer, unprotected_routes};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = TestServer::start().await;
/// let app = Router::new()
///     .route("/", get(async || "welcome"))
///     .route("/orders/{id}", get(async |_: SignedIn| "an order").delete(async || "deleted"))
///     .layer(FrontdeskLayer::new(server.frontdesk()));
///
/// let routes = [("GET", "/"), ("GET", "/orders/1"), ("DELETE", "/orders/1")];
/// let open = unprotected_routes(&app, routes).await;
/// assert_eq!(open, [("GET", "/"), ("DELETE", "/orders/1")]); // the second one is a mistake
/// # }
/// ```
///
/// A refusal is 401, 403, their like in gRPC, or a redirect to the sign-in page (`/sign-in`,
/// [`RouteCheck::sign_in_at`]). Everything else is listed, with its status: 200, but also 404 (the list is wrong), 405,
/// 415 (something is looked at before the session), 500. A redirect into the handshake is listed too, for the layer
/// sends every unknown browser there, whatever the handler wants; scripts are never sent.
///
/// # What it cannot see
/// - **Routes that are not on the list.** A tower service does not tell its routes. Keep the list beside them, or make
///   the router from it.
/// - **Who is let in.** A route that lets everybody in who is signed in, where only an administrator should be, counts
///   as protected: test roles with [`Session::with_claims`](crate::Session::with_claims).
/// - **Who refuses.** If something in front of the handler answers 401 or 403 by itself (a check of `Origin`, basic
///   auth), the handler is not reached. [`RouteCheck::header`] gets past it.
/// - **Branches.** It asks once. A handler that answers 401 to this request may answer 200 to another.
///
/// An open route really runs, `DELETE` included: let the application under test have data that can be lost.
pub async fn unprotected_routes<'r, App, ResponseBody>(
    app: &App,
    routes: impl IntoIterator<Item = (&'r str, &'r str)>,
) -> Vec<OpenRoute>
where
    App: Service<Request<Body>, Response = Response<ResponseBody>> + Clone,
    App::Error: Debug,
{
    RouteCheck::new().unprotected(app, routes).await
}

/// The same for an application that listens somewhere, in whatever language and framework:
/// `http://127.0.0.1:3000`. See [`unprotected_routes`] for what it can see.
///
/// ```no_run
/// # async fn example() {
/// let routes = [("GET", "/"), ("GET", "/me"), ("POST", "/orders")];
/// let open = frontdesk_testkit::unprotected_routes_at("http://127.0.0.1:3000", routes).await;
/// assert_eq!(open, [("GET", "/")]);
/// # }
/// ```
///
/// # Panics
///
/// If the application does not answer within ten seconds.
pub async fn unprotected_routes_at<'r>(
    base_url: &str,
    routes: impl IntoIterator<Item = (&'r str, &'r str)>,
) -> Vec<OpenRoute> {
    RouteCheck::new().unprotected_at(base_url, routes).await
}

/// [`unprotected_routes`] for applications that want to be asked in a certain way.
///
/// ```
/// use axum::{Router, response::Redirect, routing::get};
/// use frontdesk_testkit::RouteCheck;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let app: Router = Router::new().route("/admin", get(async || Redirect::to("/login?next=/admin")));
/// let check = RouteCheck::new().sign_in_at("/login").header("x-requested-with", "test");
/// assert!(check.unprotected(&app, [("GET", "/admin")]).await.is_empty());
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is asked before `unprotected`"]
pub struct RouteCheck {
    headers: HeaderMap,
    body: String,
    sign_in: String,
}

impl Default for RouteCheck {
    fn default() -> Self {
        let script = [
            (header::HOST, "localhost:3000"),
            (header::ACCEPT, "*/*"),
            (HeaderName::from_static("sec-fetch-dest"), "empty"),
        ];
        let headers = script.map(|(name, value)| (name, HeaderValue::from_static(value)));
        Self { headers: HeaderMap::from_iter(headers), body: String::new(), sign_in: "/sign-in".to_owned() }
    }
}

impl RouteCheck {
    /// As [`unprotected_routes`] asks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts redirects to this path, or to paths below it, as refusals, instead of those to `/sign-in`.
    ///
    /// ```
    /// let check = frontdesk_testkit::RouteCheck::new().sign_in_at("/login");
    /// ```
    pub fn sign_in_at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.sign_in);
        self
    }

    /// Sends this header with every request: what gets past a check in front of the handlers, such as a token against
    /// request forgery.
    ///
    /// ```
    /// let check = frontdesk_testkit::RouteCheck::new().header("origin", "http://localhost:3000");
    /// ```
    ///
    /// # Panics
    ///
    /// If no header has this name or this value.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("the name of a header");
        self.headers.insert(name, HeaderValue::try_from(value).expect("the value of a header"));
        self
    }

    /// Sends this body with requests that are neither `GET` nor `HEAD`, for handlers that read it before they ask who
    /// is there.
    ///
    /// ```
    /// # use frontdesk_testkit::RouteCheck;
    /// let check = RouteCheck::new().body("application/json", r#"{"quantity":1}"#);
    /// ```
    pub fn body(self, content_type: &str, body: &str) -> Self {
        Self { body: body.to_owned(), ..self.header("content-type", content_type) }
    }

    /// Asks a tower service; see [`unprotected_routes`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let app: axum::Router = axum::Router::new();
    /// let check = frontdesk_testkit::RouteCheck::new().header("x-requested-with", "test");
    /// assert_eq!(check.unprotected(&app, [("GET", "/lost")]).await.len(), 1);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the service fails instead of answering, or a route on the list can be none.
    pub async fn unprotected<'r, App, ResponseBody>(
        &self,
        app: &App,
        routes: impl IntoIterator<Item = (&'r str, &'r str)>,
    ) -> Vec<OpenRoute>
    where
        App: Service<Request<Body>, Response = Response<ResponseBody>> + Clone,
        App::Error: Debug,
    {
        let mut open = Vec::new();
        for route in routes {
            let request = self.request("", route).map(Body::from);
            let response = app.clone().oneshot(request).await.expect("the application answers");
            open.extend(self.judge(route, response.status(), response.headers()));
        }
        open
    }

    /// Asks an application that listens somewhere; see [`unprotected_routes_at`].
    ///
    /// ```no_run
    /// # async fn example() {
    /// let check = frontdesk_testkit::RouteCheck::new().sign_in_at("/login");
    /// let open = check.unprotected_at("http://127.0.0.1:3000", [("GET", "/"), ("GET", "/me")]).await;
    /// assert_eq!(open, [("GET", "/")]);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the application does not answer within ten seconds, or a route on the list can be none.
    pub async fn unprotected_at<'r>(
        &self,
        base_url: &str,
        routes: impl IntoIterator<Item = (&'r str, &'r str)>,
    ) -> Vec<OpenRoute> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .expect("an HTTP client");
        let mut open = Vec::new();
        for route in routes {
            let mut request = self.request(base_url.trim_end_matches('/'), route);
            // It is the one in the URL.
            request.headers_mut().remove(header::HOST);
            let request = reqwest::Request::try_from(request);
            let request = request.unwrap_or_else(|error| panic!("{route:?} cannot be asked for: {error}"));
            let response = client.execute(request).await;
            let response = response.unwrap_or_else(|error| panic!("no answer to {route:?}: {error}"));
            open.extend(self.judge(route, response.status(), response.headers()));
        }
        open
    }

    fn request(&self, base_url: &str, (method, path): (&str, &str)) -> Request<String> {
        let method: Method = method.parse().unwrap_or_else(|_| panic!("{method:?} is no method"));
        let has_body = !matches!(method, Method::GET | Method::HEAD);
        let body = if has_body { self.body.clone() } else { String::new() };
        let request = Request::builder().method(method).uri(format!("{base_url}{path}")).body(body);
        let mut request = request.unwrap_or_else(|error| panic!("{path:?} is no path to ask for: {error}"));
        request.headers_mut().clone_from(&self.headers);
        request
    }

    fn judge(
        &self,
        (method, path): (&str, &str),
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Option<OpenRoute> {
        let location = headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
        // A gRPC service refuses inside of a 200: PERMISSION_DENIED or UNAUTHENTICATED.
        let grpc_status = headers.get("grpc-status").map(HeaderValue::as_bytes);
        let is_refused = match status {
            _ if matches!(grpc_status, Some(b"7" | b"16")) => true,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
            _ if status.is_redirection() => location.is_some_and(|location| self.is_sign_in(location)),
            _ => false,
        };
        let open = || OpenRoute { method: method.to_owned(), path: path.to_owned(), status };
        (!is_refused).then(open)
    }

    fn is_sign_in(&self, location: &str) -> bool {
        let after_origin = match location.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
            None => location,
        };
        let path = after_origin.split(['?', '#']).next().unwrap_or_default();
        let below = path.strip_prefix(self.sign_in.trim_end_matches('/'));
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// A route that answered somebody without a session. It equals a pair of method and path.
///
/// ```
/// use axum::Router;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let app: Router = Router::new();
/// let open = frontdesk_testkit::unprotected_routes(&app, [("GET", "/lost")]).await;
/// assert_eq!(open, [("GET", "/lost")]);
/// assert_eq!(open[0].to_string(), "GET /lost (404)");
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenRoute {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// What it answered.
    pub status: StatusCode,
}

impl PartialEq<(&str, &str)> for OpenRoute {
    fn eq(&self, (method, path): &(&str, &str)) -> bool {
        self.method == *method && self.path == *path
    }
}

impl fmt::Display for OpenRoute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} ({})", self.method, self.path, self.status.as_u16())
    }
}

/// As [`Display`](fmt::Display): it is read where an assertion has failed.
impl Debug for OpenRoute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sign_in_page_counts_as_such() {
        let check = RouteCheck::new().sign_in_at("/sign-in");
        for location in [
            "/sign-in",
            "/sign-in?redirect_url=%2Fme",
            "/sign-in/factor-one",
            "https://shop.example/sign-in#x",
        ] {
            assert!(check.is_sign_in(location), "{location}");
        }
        for location in ["/", "/sign-in-history", "/me?next=/sign-in", "https://shop.example", "//sign-in"] {
            assert!(!check.is_sign_in(location), "{location}");
        }
    }
}
