//! A browser on a page of the application.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Request, Response, header, request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::{Service, ServiceExt};
use url::Url;

use crate::{Refused, TestServer};

/// What SDKs of today ask for.
const VERSIONS: &str = "__clerk_api_version=2026-05-12&_clerk_js_version=6.29.3";
/// A browser that was sent around this often is in a loop.
const MOST_REDIRECTS: usize = 10;

/// A browser: it holds cookies of the application's pages and of the Frontend API, opens pages, and asks the Frontend
/// API what the script of the sign-in page would ask.
///
/// In development a page is opened in three steps: the SDK's layer sends an unknown browser to the server (the
/// *handshake*), which sends it back with a name. [`open`](Self::open) walks them.
///
/// ```
/// use axum::{Router, routing::get};
/// use frontdesk::{Auth, FrontdeskLayer};
///
/// # use frontdesk_testkit::TestServer;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = TestServer::start().await;
/// let greet = async |auth: Auth| if auth.is_signed_in() { "welcome back" } else { "welcome" };
/// let app = Router::new().route("/", get(greet)).layer(FrontdeskLayer::new(server.frontdesk()));
///
/// let mut browser = server.browser();
/// let response = browser.open(&app, "/").await;
/// assert_eq!(response.status(), 200);
/// assert!(browser.cookie("__clerk_db_jwt").is_some());
/// # }
/// ```
#[derive(Clone)]
pub struct Browser {
    server: TestServer,
    /// Of the application's origin.
    cookies: BTreeMap<String, String>,
    /// Of the Frontend API; the application never sees them.
    frontend_cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(server: TestServer) -> Self {
        Self { server, cookies: BTreeMap::new(), frontend_cookies: BTreeMap::new() }
    }

    /// The value of a cookie that the application's pages have: `__session`, `__client_uat`, `__clerk_db_jwt`, or the
    /// application's own.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let server = TestServer::start().await;
    /// let browser = server.browser();
    /// assert_eq!(browser.cookie("__session"), None);
    /// # }
    /// ```
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Sets a cookie of the application, or takes it away, as a visitor can.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let mut browser = TestServer::start().await.browser();
    /// browser.set_cookie("theme", Some("dark"));
    /// assert_eq!(browser.cookies(), "theme=dark");
    /// # }
    /// ```
    pub fn set_cookie(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.cookies.insert(name.to_owned(), value.to_owned()),
            None => self.cookies.remove(name),
        };
    }

    /// The `cookie` header that the application gets; empty without cookies.
    ///
    /// # Panics
    ///
    /// If a cookie was set by hand that no header takes.
    pub fn cookies(&self) -> HeaderValue {
        header_of(&self.cookies)
    }

    /// Keeps the cookies that a response sets, and drops those that it takes away. [`open`](Self::open) does it by
    /// itself.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let mut browser = TestServer::start().await.browser();
    /// let response = http::Response::builder().header("set-cookie", "theme=dark; Path=/").body(()).unwrap();
    /// browser.keep(response.headers());
    /// assert_eq!(browser.cookie("theme"), Some("dark"));
    /// # }
    /// ```
    pub fn keep(&mut self, headers: &HeaderMap) {
        keep(&mut self.cookies, headers);
    }

    /// A navigation to a page of the application, such as `/orders?page=2`: give it a body, and send it. Method and
    /// headers can still be changed.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let browser = TestServer::start().await.browser();
    /// let request = browser.page("/orders").body(axum::body::Body::empty()).unwrap();
    /// assert_eq!(request.headers()["host"], "localhost:3000");
    /// # }
    /// ```
    pub fn page(&self, path: &str) -> request::Builder {
        let navigation = [
            ("accept", "text/html,application/xhtml+xml"),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-site", "none"),
        ];
        self.request(path, &navigation)
    }

    /// What a script of the page fetches from the application: a `GET` with cookies; give it a body, and send it.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let browser = TestServer::start().await.browser();
    /// let request = browser.fetch("/api/orders").method("POST").body("{}").unwrap();
    /// assert_eq!(request.headers()["sec-fetch-dest"], "empty");
    /// # }
    /// ```
    pub fn fetch(&self, path: &str) -> request::Builder {
        let script = [
            ("accept", "*/*"),
            ("sec-fetch-dest", "empty"),
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-site", "same-origin"),
        ];
        self.request(path, &script)
    }

    fn request(&self, path: &str, headers: &[(&str, &str)]) -> request::Builder {
        let mut request = to_origin(self.server.origin(), path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if self.cookies.is_empty() { request } else { request.header(header::COOKIE, self.cookies()) }
    }

    /// Opens a page of the application, and goes through the handshake if it is sent there, as long as it is the SDK
    /// that sends. Redirects of the application itself are its answer.
    ///
    /// `app` is a tower service, such as an axum `Router`. The first type is its request body:
    /// `browser.open(&app, "/")`.
    ///
    /// # Panics
    ///
    /// If the service fails, or sends the browser around in circles.
    pub async fn open<App, ResponseBody>(&mut self, app: &App, path: &str) -> Response<ResponseBody>
    where
        App: Service<Request<Body>, Response = Response<ResponseBody>> + Clone,
        App::Error: Debug,
    {
        let mut path = path.to_owned();
        for _ in 0..MOST_REDIRECTS {
            let request = self.page(&path).body(Body::empty()).expect("a request");
            let response = app.clone().oneshot(request).await.expect("the application answers");
            self.keep(response.headers());
            let Some(location) = location(response.headers()) else { return response };
            if let Some((host, to)) = self.frontend_path(location) {
                path = self.visit_frontend(&host, &to).await;
            } else if path.contains("__clerk_handshake") {
                // The SDK takes what it has read off the address.
                path = self.own_path(location);
            } else {
                return response;
            }
        }
        panic!("the browser is sent around in circles, last to {path}");
    }

    /// Asks the Frontend API with `POST` and a form, as the script of a sign-in page does, and keeps what follows from
    /// the answer: when somebody is signed in afterwards, the application's pages have their cookies.
    ///
    /// ```
    /// # use frontdesk_testkit::TestServer;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), frontdesk_testkit::Refused> {
    /// let server = TestServer::start().await;
    /// let mut browser = server.browser();
    /// let form = [("email_address", "ada@example.com"), ("password", "correct horse battery")];
    /// let sign_up = browser.post("/v1/client/sign_ups", &form).await?;
    /// let sign_up = format!("/v1/client/sign_ups/{}", sign_up["response"]["id"].as_str().unwrap());
    /// browser.post(&format!("{sign_up}/prepare_verification"), &[("strategy", "email_code")]).await?;
    ///
    /// let code = server.last_code("ada@example.com").expect("a mail with a code");
    /// let form = [("strategy", "email_code"), ("code", code.as_str())];
    /// browser.post(&format!("{sign_up}/attempt_verification"), &form).await?;
    /// assert!(browser.cookie("__session").is_some());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// What the server refused, with its code.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Result<Value, Refused> {
        if self.server.is_development() && self.cookie(DEV_BROWSER).is_none() {
            let made = self.ask("/v1/dev_browser", &[]).await?;
            let token = made["id"].as_str().expect("a development browser has an id").to_owned();
            self.set_twins(DEV_BROWSER, &token);
        }
        let answer = self.ask(path, form).await?;
        self.follow_client(&answer);
        Ok(answer)
    }

    async fn ask(&mut self, path: &str, form: &[(&str, &str)]) -> Result<Value, Refused> {
        let glue = if path.contains('?') { '&' } else { '?' };
        let mut uri = format!("{path}{glue}{VERSIONS}");
        if let Some(token) = self.cookie(DEV_BROWSER) {
            uri = format!("{uri}&{DEV_BROWSER}={token}");
        }
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(uri)
            .header(header::HOST, self.key_host())
            .header(header::ORIGIN, self.server.origin())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form));
        let (parts, body) = self.send(request.expect("a request")).await.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        let body = String::from_utf8_lossy(&body);
        if !parts.status.is_success() {
            return Err(Refused::read(parts.status.as_u16(), &body));
        }
        Ok(serde_json::from_str(&body).unwrap_or_else(|error| panic!("not JSON ({error}): {body}")))
    }

    /// Sends a request to the Frontend API with its cookies, and keeps what it sets.
    async fn send(&mut self, mut request: Request<Body>) -> Response<Body> {
        if !self.frontend_cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, header_of(&self.frontend_cookies));
        }
        let response = self.server.router().oneshot(request).await.unwrap_or_else(|never| match never {});
        keep(&mut self.frontend_cookies, response.headers());
        response
    }

    /// Goes to a place of the Frontend API, and says to which path of the application it leads back.
    async fn visit_frontend(&mut self, host: &str, path: &str) -> String {
        let request = Request::get(path)
            .header(header::HOST, host)
            .header("sec-fetch-dest", "document")
            .body(Body::empty())
            .expect("a request");
        let response = self.send(request).await;
        let status = response.status();
        let location = location(response.headers());
        self.own_path(location.unwrap_or_else(|| panic!("the Frontend API answered {status} at {path}")))
    }

    /// What clerk-js does with the client that comes with every answer: it writes the cookies of the pages.
    fn follow_client(&mut self, answer: &Value) {
        let client = match &answer["client"] {
            Value::Null if answer["response"]["object"] == "client" => &answer["response"],
            client => client,
        };
        let (Some(sessions), Some(updated_at)) =
            (client["sessions"].as_array(), client["updated_at"].as_i64())
        else {
            return;
        };
        let active = sessions.iter().find(|session| session["id"] == client["last_active_session_id"]);
        match active.and_then(|session| session["last_active_token"]["jwt"].as_str()) {
            Some(token) => self.be_signed_in(token, updated_at.div_euclid(1000)),
            None => self.be_signed_out(),
        }
    }

    /// The cookies of somebody who is signed in. `client_uat` is in seconds.
    fn be_signed_in(&mut self, token: &str, client_uat: i64) {
        self.set_twins(CLIENT_UAT, &client_uat.to_string());
        self.show_token(token);
    }

    fn be_signed_out(&mut self) {
        self.set_twins(CLIENT_UAT, "0");
        for name in self.twins(SESSION) {
            self.cookies.remove(&name);
        }
    }

    /// Puts another session token where the pages have theirs.
    pub(crate) fn show_token(&mut self, token: &str) {
        self.set_twins(SESSION, token);
    }

    fn set_twins(&mut self, name: &str, value: &str) {
        for name in self.twins(name) {
            self.cookies.insert(name, value.to_owned());
        }
    }

    /// Older SDKs read the one spelling, newer ones the other (wire contract §2.3).
    fn twins(&self, name: &str) -> [String; 2] {
        let suffix = frontdesk_server::keys::cookie_suffix(self.server.publishable_key());
        [name.to_owned(), format!("{name}_{suffix}")]
    }

    fn key_host(&self) -> &str {
        &self.server.instance_keys().instance.key_host
    }

    /// Host and path, if this is a place of the server.
    fn frontend_path(&self, location: &str) -> Option<(String, String)> {
        let url = Url::parse(location).ok()?;
        let at_key_host = url.scheme() == "https" && url.authority() == self.key_host();
        let at_server = url.origin().ascii_serialization() == self.server.url();
        (at_key_host || at_server).then(|| (url.authority().to_owned(), path_and_query(&url)))
    }

    /// Path and query of a place of the application.
    fn own_path(&self, location: &str) -> String {
        let origin = Url::parse(self.server.origin()).expect("the builder has checked the origin");
        let url = origin.join(location).unwrap_or_else(|_| panic!("{location:?} is no place to go to"));
        assert_eq!(url.origin(), origin.origin(), "the browser is sent away from the application");
        path_and_query(&url)
    }
}

/// The cookie with the session token.
const SESSION: &str = "__session";
/// The cookie that says since when.
const CLIENT_UAT: &str = "__client_uat";
/// The cookie that names a development browser.
const DEV_BROWSER: &str = "__clerk_db_jwt";

/// A `GET` to the application, as if its server were the one that the origin names.
pub(crate) fn to_origin(origin: &str, path: &str) -> request::Builder {
    let (scheme, host) = origin.split_once("://").unwrap_or_default();
    let request = Request::get(path).header(header::HOST, host);
    // A request has no scheme of its own; this is how an application behind TLS is told.
    if scheme == "https" { request.header("x-forwarded-proto", "https") } else { request }
}

fn location(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::LOCATION)?.to_str().ok()
}

fn path_and_query(url: &Url) -> String {
    url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
}

fn header_of(cookies: &BTreeMap<String, String>) -> HeaderValue {
    let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    HeaderValue::try_from(pairs.join("; ")).expect("cookies that a header takes")
}

/// Takes the `Set-Cookie` directives: sets cookies, and drops those whose time is over.
fn keep(cookies: &mut BTreeMap<String, String>, headers: &HeaderMap) {
    for directive in headers.get_all(header::SET_COOKIE) {
        let Ok(directive) = directive.to_str() else { continue };
        let mut parts = directive.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
        let is_over = parts.map(str::to_ascii_lowercase).any(|part| {
            part == "max-age=0"
                || part.starts_with("max-age=-")
                || part.starts_with("expires=thu, 01 jan 1970")
        });
        if is_over {
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Debug for Browser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Browser").field("cookies", &self.cookies).finish_non_exhaustive()
    }
}
