//! An application on a domain of its own: who somebody is on the primary domain, they are there, too.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use frontdesk::client::domains::NewDomain;
use frontdesk::client::sign_in_tokens::NewSignInToken;
use frontdesk_testkit::TestServer;
use http::{Request, header};
use tower::ServiceExt;
use url::Url;

use crate::{app, text};

const PRIMARY: &str = "https://clerk.frontdesk.localhost";
const PAGE: &str = "https://other.example/";

/// A browser that finds the server at `clerk.…` and the satellite's application everywhere else.
struct Browser<'a> {
    server: &'a TestServer,
    satellite: Router,
    /// Cookies by host, or by domain with a dot before it.
    jars: BTreeMap<String, BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    async fn with_a_satellite(server: &'a TestServer) -> Self {
        server.client().domains().add(NewDomain::satellite("other.example")).await.unwrap();
        let satellite = server.frontdesk_builder().is_satellite(true).domain("other.example");
        let satellite =
            satellite.sign_in_url("https://frontdesk.localhost/sign-in").satellite_auto_sync(true);
        Self { server, satellite: app(satellite.build().unwrap()), jars: BTreeMap::new() }
    }

    async fn send(&mut self, request: http::request::Builder, url: &str, body: &str) -> Response {
        let url = Url::parse(url).unwrap();
        let host = url.host_str().unwrap();
        let is_seen = |place: &str| match place.strip_prefix('.') {
            Some(domain) => host == domain || host.ends_with(place),
            None => host == place,
        };
        let jars = self.jars.iter().filter(|(place, _)| is_seen(place));
        let cookies: Vec<_> =
            jars.flat_map(|(_, jar)| jar).map(|(name, value)| format!("{name}={value}")).collect();
        let request = request
            .uri(&url[url::Position::BeforePath..url::Position::AfterQuery])
            .header(header::HOST, host)
            .header("x-forwarded-proto", "https")
            .header(header::COOKIE, cookies.join("; "))
            .body(Body::from(body.to_owned()));
        let to = if host.starts_with("clerk.") { self.server.router() } else { self.satellite.clone() };
        let response = to.oneshot(request.unwrap()).await.unwrap();
        for line in response.headers().get_all(header::SET_COOKIE) {
            let mut parts = line.to_str().unwrap().split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let attributes: Vec<_> = parts.collect();
            let domain = attributes.iter().find_map(|it| it.strip_prefix("Domain="));
            let place = domain.map_or_else(|| host.to_owned(), |domain| format!(".{domain}"));
            let jar = self.jars.entry(place).or_default();
            if attributes.contains(&"Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    /// Opens a page: where the browser arrived, by how many hops, and what it saw.
    async fn open(&mut self, url: &str) -> (String, usize, String) {
        let mut url = url.to_owned();
        for hops in 0..9 {
            let request =
                Request::get("/").header("sec-fetch-dest", "document").header("accept", "text/html");
            let response = self.send(request, &url, "").await;
            let Some(location) = response.headers().get(header::LOCATION) else {
                return (url, hops, text(response).await);
            };
            url = Url::parse(&url).unwrap().join(location.to_str().unwrap()).unwrap().into();
        }
        panic!("the browser is sent around in circles, last to {url}");
    }

    async fn post(&mut self, path: &str, form: &str) -> Response {
        let request = Request::post("/")
            .header(header::ORIGIN, "https://frontdesk.localhost")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, &format!("{PRIMARY}{path}"), form).await
    }
}

#[tokio::test]
async fn a_satellite_learns_who_is_signed_in_on_the_primary_domain() {
    let server = TestServer::builder().production().origin("https://frontdesk.localhost").start().await;
    let mut browser = Browser::with_a_satellite(&server).await;
    let arrived = "https://other.example/?__clerk_synced=true";
    assert_eq!(browser.open(PAGE).await, (arrived.to_owned(), 5, "welcome".to_owned()));

    let ada = server.user().create().await;
    let ticket = server.client().sign_in_tokens().create(NewSignInToken::for_user(&ada.id)).await.unwrap();
    let form = format!("strategy=ticket&ticket={}", ticket.token.unwrap().expose());
    assert_eq!(browser.post("/v1/client/sign_ins", &form).await.status(), 200);
    // As the SDK's sign-in link leads back.
    let back = "https://other.example/me?__clerk_synced=false";
    let (url, hops, shown) = browser.open(back).await;
    assert_eq!(
        (url.as_str(), hops, shown),
        ("https://other.example/me?__clerk_synced=true", 5, ada.id.to_string())
    );
    // From then on the satellite knows by itself.
    assert_eq!(browser.open("https://other.example/me").await.1, 0);

    assert_eq!(browser.post("/v1/client/sessions?_method=DELETE", "").await.status(), 200);
    // The token is good for a minute and what clocks may differ by, the session is not.
    server.advance(std::time::Duration::from_secs(90));
    assert_eq!(browser.open(PAGE).await.2, "welcome");
}
