//! Satellites: who somebody is on the primary domain, they become on another one; and nobody else does.

use std::collections::BTreeMap;

use axum::body::Body;
use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_testkit::matrix::{Reply, TestApp};
use frontdesk_types::Span;
use http::{Request, header};
use serde_json::{Value, json};
use url::Url;

use crate::steps::{PASSWORD, text};

const PRIMARY: &str = "https://clerk.frontdesk.localhost";
const SATELLITE: &str = "https://clerk.other.example";
const PAGE: &str = "https://other.example/basket?item=a%20b";
const ARRIVED: &str = "https://other.example/basket?item=a%20b&__clerk_synced=true";

/// A production instance with a satellite, and somebody who can sign in.
async fn live(app: TestApp) -> TestApp {
    let app = app.in_production(Settings::for_kind(InstanceKind::Production)).await;
    add(&app, "other.example").await;
    app.user().email("ada@example.com").password(PASSWORD).create().await;
    app.user().email("bob@example.com").password(PASSWORD).create().await;
    app
}

async fn add(app: &TestApp, name: &str) -> Value {
    app.backend().post("/v1/domains", json!({ "name": name, "is_satellite": true })).await.ok()
}

/// A browser that goes where it is sent, with a jar of cookies for each host and domain.
struct Browser<'a> {
    app: &'a TestApp,
    jars: BTreeMap<String, BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    fn new(app: &'a TestApp) -> Self {
        Self { app, jars: BTreeMap::new() }
    }

    fn cookies(&self, host: &str) -> String {
        let is_seen = |place: &str| match place.strip_prefix('.') {
            Some(domain) => host == domain || host.ends_with(place),
            None => host == place,
        };
        let jars = self.jars.iter().filter(|(place, _)| is_seen(place));
        let pairs = jars.flat_map(|(_, jar)| jar).map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn cookie(&self, place: &str, name: &str) -> Option<&str> {
        self.jars.get(place)?.get(name).map(String::as_str)
    }

    async fn send(&mut self, method: &str, url: &str, headers: &[(&str, &str)], form: &str) -> Reply {
        let url = Url::parse(url).unwrap();
        let host = url.host_str().unwrap().to_owned();
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request = Request::builder().method(method).uri(target);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, &host);
        }
        request =
            request.header("x-forwarded-proto", url.scheme()).header(header::COOKIE, self.cookies(&host));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !form.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(Body::from(form.to_owned())).unwrap();
        let reply = self.app.browser().send_request(request).await;
        for line in reply.headers().get_all(header::SET_COOKIE) {
            self.keep(&host, line.to_str().unwrap());
        }
        reply
    }

    fn keep(&mut self, host: &str, line: &str) {
        let mut parts = line.split("; ");
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attributes: Vec<_> = parts.collect();
        let place = attributes.iter().find_map(|it| it.strip_prefix("Domain="));
        if name.starts_with("__Host-") {
            assert!(
                place.is_none() && attributes.contains(&"Path=/") && attributes.contains(&"Secure"),
                "{line}"
            );
        }
        let place = place.map_or_else(|| host.to_owned(), |domain| format!(".{domain}"));
        let jar = self.jars.entry(place).or_default();
        if attributes.contains(&"Max-Age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Where one request leads.
    async fn led(&mut self, url: &str) -> String {
        let reply = self.send("GET", url, &[], "").await;
        assert_eq!(reply.status(), 307, "{url}: {}", reply.text());
        assert_eq!(reply.header("cache-control"), "no-store");
        reply.header("location").to_owned()
    }

    /// Goes on until it is at no Frontend API any more: the path of each on the way, and the page.
    async fn travel(&mut self, url: &str) -> (Vec<String>, String) {
        let (mut way, mut url) = (Vec::new(), url.to_owned());
        while url.contains("/v1/client/") {
            way.push(url.split('?').next().unwrap().to_owned());
            assert!(way.len() < 9, "in circles: {way:#?}");
            url = self.led(&url).await;
        }
        (way, url)
    }

    async fn sign_in(&mut self, email: &str) -> String {
        let form = format!("identifier={}&password=correct+horse+battery", email.replace('@', "%40"));
        let url = format!("{PRIMARY}/v1/client/sign_ins");
        let done = self.send("POST", &url, &[("origin", "https://frontdesk.localhost")], &form).await.ok();
        text(&done, "/response/created_session_id").to_owned()
    }

    /// Signs out as clerk-js does, at this Frontend API.
    async fn sign_out(&mut self, frontend_api: &str, origin: &str) {
        let url = format!("{frontend_api}/v1/client/sessions?_method=DELETE");
        self.send("POST", &url, &[("origin", origin)], "").await.ok();
    }

    /// The ids of the sessions that live, as this Frontend API sees it.
    async fn sessions(&mut self, frontend_api: &str) -> Vec<String> {
        let client = self.send("GET", &format!("{frontend_api}/v1/client"), &[], "").await.ok();
        let sessions = client["response"]["sessions"].as_array().cloned().unwrap_or_default();
        sessions.iter().map(|session| text(session, "/id").to_owned()).collect()
    }

    /// What the application's server on the satellite gets from a handshake that ended there.
    async fn redeemed(&mut self) -> Vec<String> {
        let nonce = self.cookie(".other.example", "__clerk_handshake_nonce").expect("a nonce").to_owned();
        let payload =
            self.app.backend().get(&format!("/v1/clients/handshake_payload?nonce={nonce}")).await.ok();
        payload["directives"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    }
}

fn at(frontend_api: &str, operation: &str, pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{frontend_api}/v1/client/{operation}?{query}")
}

fn sync(page: &str) -> String {
    at(SATELLITE, "sync", &[("redirect_url", page)])
}

fn handshake(page: &str) -> String {
    at(SATELLITE, "handshake", &[("redirect_url", page), ("format", "nonce"), ("__session", "eyJ.old.token")])
}

#[frontdesk_testkit::matrix::test]
async fn who_is_signed_in_on_the_primary_domain_is_so_on_the_satellite(app: TestApp) {
    let app = live(app).await;
    let mut ada = Browser::new(&app);
    let session = ada.sign_in("ada@example.com").await;
    let (way, page) = ada.travel(&sync(PAGE)).await;
    let expected = [SATELLITE, PRIMARY, SATELLITE].into_iter().zip(["sync", "sync", "link"]);
    let expected: Vec<_> = expected.map(|(at, operation)| format!("{at}/v1/client/{operation}")).collect();
    assert_eq!((way, page.as_str()), (expected, ARRIVED));

    let uat = app.now().as_secs().to_string();
    assert_eq!(ada.cookie(".other.example", "__client_uat"), Some(uat.as_str()));
    assert!(ada.cookie("clerk.other.example", "__client").is_some());
    let shown = ada.send("GET", &format!("{SATELLITE}/v1/client"), &[], "").await.ok();
    assert_eq!(shown["response"]["sessions"][0]["id"], json!(session));
    let url = format!("{SATELLITE}/v1/client/sessions/{session}/tokens");
    let token = ada.send("POST", &url, &[("origin", "https://other.example")], "").await.ok();
    let token = frontdesk_jwt::Token::decode(text(&token, "/jwt")).unwrap().claims_json().to_owned();
    let token: Value = serde_json::from_str(&token).unwrap();
    // One issuer, whose keys every application has; the party is the satellite's page.
    assert_eq!((&token["iss"], &token["azp"]), (&json!(PRIMARY), &json!("https://other.example")));

    // Coming again, the browser keeps what it has.
    let held = ada.cookie("clerk.other.example", "__client").unwrap().to_owned();
    assert_eq!(ada.travel(&sync(PAGE)).await.1, ARRIVED);
    assert_eq!(ada.cookie("clerk.other.example", "__client"), Some(held.as_str()));
    // Both cookies name the same client, and each is worth nothing where the other is.
    let (primary, held) =
        (ada.jars["clerk.frontdesk.localhost"].clone(), ada.jars["clerk.other.example"].clone());
    assert_ne!(primary["__client"], held["__client"]);
    let mut thief = Browser::new(&app);
    for (host, jar, seen) in
        [(SATELLITE, &primary, 0), (PRIMARY, &held, 0), (SATELLITE, &held, 1), (PRIMARY, &primary, 1)]
    {
        let name = host.trim_start_matches("https://").to_owned();
        thief.jars = BTreeMap::from([(name, jar.clone())]);
        assert_eq!(thief.sessions(host).await.len(), seen, "{host}");
    }
}

#[frontdesk_testkit::matrix::test]
async fn who_is_nobody_is_told_so(app: TestApp) {
    let app = live(app).await;
    let mut nobody = Browser::new(&app);
    assert_eq!(nobody.travel(&sync(PAGE)).await.1, ARRIVED);
    assert_eq!(nobody.cookie(".other.example", "__client_uat"), Some("0"));
    assert_eq!(nobody.cookie("clerk.other.example", "__client"), None);
}

#[frontdesk_testkit::matrix::test]
async fn a_handshake_on_the_satellite_asks_the_primary_domain(app: TestApp) {
    let app = live(app).await;
    let mut ada = Browser::new(&app);
    // Nobody yet. As the SDK sends it when a visitor comes back from the sign-in page.
    let wants_it = "https://other.example/basket?__clerk_synced=false";
    let arrived = "https://other.example/basket?__clerk_synced=true";
    let (way, page) = ada.travel(&handshake(wants_it)).await;
    let operations: Vec<_> = way.iter().map(|it| it.trim_start_matches("https://")).collect();
    let expected = [
        "clerk.other.example/v1/client/handshake",
        "clerk.frontdesk.localhost/v1/client/sync",
        "clerk.other.example/v1/client/link",
        "clerk.other.example/v1/client/handshake",
    ];
    assert_eq!((operations.as_slice(), page.as_str()), (expected.as_slice(), arrived));
    let directives = ada.redeemed().await;
    assert!(directives.iter().any(|it| it.starts_with("__session=; ")), "{directives:#?}");
    assert!(directives.iter().any(|it| it.starts_with("__client_uat=0; Path=/; Domain=other.example")));

    // Somebody signs in, and comes back.
    ada.sign_in("ada@example.com").await;
    assert_eq!(ada.travel(&handshake(wants_it)).await, (way, arrived.to_owned()));
    let directives = ada.redeemed().await;
    assert!(directives.iter().any(|it| it.starts_with("__session=ey")), "{directives:#?}");
    assert!(directives.iter().any(|it| it.starts_with("__refresh_")));
    // A token that has expired is renewed where it is.
    let (way, page) = ada.travel(&handshake(PAGE)).await;
    assert_eq!((way.len(), page.as_str()), (1, ARRIVED));
    // And whoever has been asked is not asked again, known or not.
    assert_eq!(Browser::new(&app).travel(&handshake(ARRIVED)).await.0.len(), 1);
}

#[frontdesk_testkit::matrix::test]
async fn signing_out_is_seen_on_both_domains(app: TestApp) {
    let app = live(app).await;
    let mut ada = Browser::new(&app);
    ada.sign_in("ada@example.com").await;
    ada.travel(&handshake(PAGE)).await;
    assert_eq!(ada.sessions(SATELLITE).await.len(), 1);
    ada.sign_out(PRIMARY, "https://frontdesk.localhost").await;
    assert!(ada.sessions(SATELLITE).await.is_empty());
    ada.travel(&handshake(PAGE)).await;
    let directives = ada.redeemed().await;
    assert!(directives.iter().any(|it| it.starts_with("__session=; ")), "{directives:#?}");
    assert!(directives.iter().any(|it| it.starts_with("__client_uat=0; ")));

    ada.sign_in("ada@example.com").await;
    assert_eq!(ada.travel(&handshake(PAGE)).await.0.len(), 4, "the satellite's token is over");
    assert_eq!(ada.sessions(SATELLITE).await.len(), 1);
    ada.sign_out(SATELLITE, "https://other.example").await;
    assert_eq!(ada.cookie(".other.example", "__client_uat"), Some("0"));
    assert!(ada.sessions(PRIMARY).await.is_empty());
}

#[frontdesk_testkit::matrix::test]
async fn who_comes_back_as_somebody_else_is_somebody_else(app: TestApp) {
    let app = live(app).await;
    let mut browser = Browser::new(&app);
    browser.sign_in("ada@example.com").await;
    browser.travel(&sync(PAGE)).await;
    // The primary domain's cookies go, by the browser's own settings; somebody else signs in there.
    browser.jars.remove("clerk.frontdesk.localhost");
    let bobs = browser.sign_in("bob@example.com").await;
    assert_ne!(browser.sessions(SATELLITE).await, std::slice::from_ref(&bobs));
    browser.travel(&handshake("https://other.example/?__clerk_synced=false")).await;
    assert_eq!(browser.sessions(SATELLITE).await, [bobs]);
}

/// What a browser is given on the primary domain to take to the satellite, for its own nonce.
async fn ticket(browser: &mut Browser<'_>, page: &str) -> String {
    let primary = browser.led(&sync(page)).await;
    browser.led(&primary).await
}

async fn refused(browser: &mut Browser<'_>, url: &str, status: u16, code: &str) {
    let reply = browser.send("GET", url, &[], "").await;
    reply.refused(status, code);
    assert!(reply.headers().get(header::LOCATION).is_none());
}

#[frontdesk_testkit::matrix::test]
async fn nobody_is_signed_in_as_somebody_else(app: TestApp) {
    let app = live(app).await;
    let mut eve = Browser::new(&app);
    eve.sign_in("bob@example.com").await;
    // Eve has somebody else follow her link: it is her browser's.
    let planted = ticket(&mut eve, PAGE).await;
    let mut victim = Browser::new(&app);
    refused(&mut victim, &planted, 403, "sync_token_invalid").await;
    victim.led(&sync(PAGE)).await;
    refused(&mut victim, &planted, 403, "sync_token_invalid").await;
    assert!(victim.sessions(SATELLITE).await.is_empty());
    // It is still good for her, once.
    assert_eq!(eve.led(&planted).await, ARRIVED);
    refused(&mut eve, &planted, 403, "sync_token_invalid").await;
    // Two at once: one wins.
    let (planted, cookies) = (ticket(&mut eve, PAGE).await, eve.jars.clone());
    let mut twin = Browser { app: &app, jars: cookies };
    let (first, second) =
        tokio::join!(eve.send("GET", &planted, &[], ""), twin.send("GET", &planted, &[], ""));
    let mut statuses = [first.status(), second.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [307, 403]);

    // Eve begins for a nonce of hers, and has somebody who is signed in go the middle of the way: what comes of it ends in
    // their browser, and opens nothing there.
    let mut ada = Browser::new(&app);
    ada.sign_in("ada@example.com").await;
    let hers = eve.led(&sync(PAGE)).await;
    let ticket = ada.led(&hers).await;
    refused(&mut ada, &ticket, 403, "sync_token_invalid").await;
}

#[frontdesk_testkit::matrix::test]
async fn a_client_that_was_planted_does_not_become_somebodys_session(app: TestApp) {
    let app = live(app).await;
    // Eve has a client, a satellite's token for it, and another one on the way.
    let mut eve = Browser::new(&app);
    let form = "email_address=eve%40example.com";
    let url = format!("{PRIMARY}/v1/client/sign_ups");
    eve.send("POST", &url, &[("origin", "https://frontdesk.localhost")], form).await.ok();
    eve.travel(&sync(PAGE)).await;
    let on_the_way = ticket(&mut eve, PAGE).await;
    // She plants it where somebody signs in.
    let mut ada = Browser::new(&app);
    ada.jars.insert("clerk.frontdesk.localhost".to_owned(), eve.jars["clerk.frontdesk.localhost"].clone());
    let session = ada.sign_in("ada@example.com").await;
    assert_eq!(ada.sessions(PRIMARY).await, [session]);
    assert!(eve.sessions(PRIMARY).await.is_empty());
    assert!(eve.sessions(SATELLITE).await.is_empty());
    app.advance(Span::seconds(11));
    // What was on the way leads round again, to who she is now: nobody.
    let (way, _) = eve.travel(&on_the_way).await;
    assert_eq!(way.len(), 3, "{way:?}");
    assert!(eve.sessions(SATELLITE).await.is_empty());
    eve.travel(&sync(PAGE)).await;
    assert!(eve.sessions(SATELLITE).await.is_empty());
}

#[frontdesk_testkit::matrix::test]
async fn a_link_is_for_one_satellite_of_one_instance_for_a_minute(app: TestApp) {
    let app = live(app).await;
    let third = add(&app, "third.example").await;
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    theirs.post("/v1/domains", json!({ "name": "foreign.example", "is_satellite": true })).await.ok();
    let mut ada = Browser::new(&app);
    ada.sign_in("ada@example.com").await;
    let ticket_url = ticket(&mut ada, PAGE).await;
    // The same nonce everywhere, as if every host were hers.
    let nonce = ada.jars["clerk.other.example"].clone();
    for host in [
        "clerk.third.example",
        "clerk.foreign.example",
        "clerk.frontdesk.localhost",
        "clerk.neighbour.localhost",
    ] {
        ada.jars.entry(host.to_owned()).or_default().extend(nonce.clone());
        let elsewhere = ticket_url.replace("clerk.other.example", host);
        refused(&mut ada, &elsewhere, 403, "sync_token_invalid").await;
    }
    app.advance(Span::seconds(60));
    refused(&mut ada, &ticket_url, 403, "sync_token_invalid").await;
    for nonsense in ["x", "%00", ""] {
        let url = format!("{SATELLITE}/v1/client/link?__clerk_token={nonsense}");
        assert!([400, 403, 422].contains(&ada.send("GET", &url, &[], "").await.status()), "{nonsense}");
    }
    refused(&mut ada, &format!("{SATELLITE}/v1/client/link"), 422, "form_param_missing").await;

    // A satellite that is taken away takes with it what it was asked.
    let page = "https://third.example/";
    let begin = at("https://clerk.third.example", "sync", &[("redirect_url", page)]);
    let primary = ada.led(&begin).await;
    let ticket_url = ada.led(&primary).await;
    app.backend().delete(&format!("/v1/domains/{}", text(&third, "/id"))).await.ok();
    refused(&mut ada, &ticket_url, 400, "instance_not_found").await;
    refused(&mut ada, &primary, 422, "form_param_value_invalid").await;
}

#[frontdesk_testkit::matrix::test]
async fn the_way_leads_nowhere_else(app: TestApp) {
    let app = live(app).await;
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    theirs.post("/v1/domains", json!({ "name": "foreign.example", "is_satellite": true })).await.ok();
    let mut ada = Browser::new(&app);
    ada.sign_in("ada@example.com").await;
    for page in [
        "https://evil.example/",
        "https://foreign.example/",
        "https://other.example.evil.example/",
        "https://evilother.example/",
        "https://user@other.example/",
        "http://other.example/",
        "com.example.app://callback",
        "javascript:alert(1)",
        "//evil.example",
        "nonsense",
        // Of the instance, but not of this satellite.
        "https://frontdesk.localhost/",
    ] {
        refused(&mut ada, &sync(page), 400, "redirect_url_invalid").await;
        let nonce = ("__clerk_sync_nonce", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        let middle = [("link_domain", "other.example"), ("redirect_url", page), nonce];
        refused(&mut ada, &at(PRIMARY, "sync", &middle), 400, "redirect_url_invalid").await;
        if page != "https://frontdesk.localhost/" {
            refused(&mut ada, &handshake(page), 400, "redirect_url_invalid").await;
        }
    }
    let middle = |domain| at(PRIMARY, "sync", &[("link_domain", domain), ("redirect_url", PAGE)]);
    for domain in ["foreign.example", "evil.example", "frontdesk.localhost", "clerk.other.example"] {
        refused(&mut ada, &middle(domain), 422, "form_param_value_invalid").await;
    }
    refused(&mut ada, &at(PRIMARY, "sync", &[("redirect_url", PAGE)]), 422, "form_param_missing").await;
    refused(&mut ada, &format!("{PRIMARY}/v1/client/sync"), 422, "form_param_missing").await;
    let odd = [("link_domain", "other.example"), ("redirect_url", PAGE), ("__clerk_sync_nonce", "short")];
    refused(&mut ada, &at(PRIMARY, "sync", &odd), 422, "form_param_value_invalid").await;
    // Who begins in the middle begins at the beginning.
    assert_eq!(ada.led(&middle("other.example")).await, sync(PAGE));
}

#[frontdesk_testkit::matrix::test]
async fn people_sign_in_on_the_primary_domain_only(app: TestApp) {
    let app = live(app).await;
    let mut ada = Browser::new(&app);
    let session = ada.sign_in("ada@example.com").await;
    ada.travel(&sync(PAGE)).await;
    let mut nobody = Browser::new(&app);
    let origin = [("origin", "https://other.example")];
    for (path, form) in [
        ("sign_ins", "identifier=ada%40example.com&password=correct+horse+battery"),
        ("sign_ups", "email_address=new%40example.com"),
    ] {
        for browser in [&mut ada, &mut nobody] {
            let reply = browser.send("POST", &format!("{SATELLITE}/v1/client/{path}"), &origin, form).await;
            reply.refused(403, "operation_not_allowed_on_satellite_domain");
        }
    }
    let reply = nobody.send("POST", &format!("{SATELLITE}/v1/client"), &origin, "").await;
    reply.refused(403, "operation_not_allowed_on_satellite_domain");
    // Everything else works there: one list of pages for both domains.
    assert_eq!(ada.sessions(SATELLITE).await, std::slice::from_ref(&session));
    let url = format!("{SATELLITE}/v1/client/sessions/{session}/touch");
    ada.send("POST", &url, &origin, "").await.ok();
    for (page, status) in
        [("https://other.example", 200), ("https://app.other.example", 200), ("https://evil.example", 400)]
    {
        let reply = ada.send("GET", &format!("{SATELLITE}/v1/environment"), &[("origin", page)], "").await;
        assert_eq!(reply.status(), status, "{page}");
    }
    // The pages of this server are where people can sign in.
    let reply = ada.send("GET", &format!("{SATELLITE}/sign-in?redirect_url=x"), &[], "").await;
    assert_eq!(
        (reply.status(), reply.header("location")),
        (303, &*format!("{PRIMARY}/sign-in?redirect_url=x"))
    );
}

#[frontdesk_testkit::matrix::test]
async fn a_handshake_for_a_satellites_page_is_handed_over(app: TestApp) {
    let app = live(app).await;
    let mut ada = Browser::new(&app);
    ada.sign_in("ada@example.com").await;
    let asked = |satellite_fapi: &str, page: &str| {
        at(
            PRIMARY,
            "handshake",
            &[("redirect_url", page), ("format", "nonce"), ("satellite_fapi", satellite_fapi)],
        )
    };
    for satellite_fapi in ["clerk.other.example", "https://clerk.other.example/", ""] {
        let (way, page) = ada.travel(&asked(satellite_fapi, PAGE)).await;
        assert_eq!(page, ARRIVED);
        assert_eq!(way[1], format!("{SATELLITE}/v1/client/handshake"));
        assert!(ada.redeemed().await.iter().any(|it| it.starts_with("__session=ey")));
    }
    for satellite_fapi in ["clerk.evil.example", "clerk.frontdesk.localhost"] {
        refused(&mut ada, &asked(satellite_fapi, PAGE), 422, "form_param_value_invalid").await;
    }
    let home = asked("clerk.other.example", "https://frontdesk.localhost/");
    refused(&mut ada, &home, 400, "redirect_url_invalid").await;

    // A proxy that does not say who it is would send the browser in circles.
    let path = format!("/v1/domains/{}", {
        let domains = app.backend().get("/v1/domains").await.ok();
        text(&domains, "/data/0/id").to_owned()
    });
    app.backend().patch(&path, json!({ "proxy_url": "https://other.example/__clerk" })).await.ok();
    let over = ada.led(&asked("", PAGE)).await;
    assert!(over.starts_with("https://other.example/__clerk/v1/client/handshake?"), "{over}");
    let at_primary = over.replace("https://other.example/__clerk", PRIMARY);
    refused(&mut ada, &at_primary, 422, "form_param_value_invalid").await;
}

#[frontdesk_testkit::matrix::test]
async fn behind_a_proxy_the_satellite_is_where_the_proxy_says(app: TestApp) {
    let app = live(app).await;
    let proxy = "https://other.example/__clerk";
    let listed = app.backend().get("/v1/domains").await.ok();
    let path = format!("/v1/domains/{}", text(&listed, "/data/0/id"));
    app.backend().patch(&path, json!({ "proxy_url": proxy })).await.ok();
    let mut ada = Browser::new(&app);
    ada.sign_in("ada@example.com").await;
    let secret = app.instance.secret_key.clone();
    // What the application's own proxy sends for a request to its path.
    let through = [
        ("host", "frontdesk.localhost"),
        ("clerk-proxy-url", proxy),
        ("clerk-secret-key", secret.as_str()),
        ("x-forwarded-for", "203.0.113.7"),
    ];
    let begin = at("https://other.example", "sync", &[("redirect_url", PAGE)]);
    let primary = ada.send("GET", &begin, &through, "").await;
    let ticket = ada.led(primary.header("location")).await;
    assert!(ticket.starts_with("https://other.example/__clerk/v1/client/link?"), "{ticket}");
    let arrived = ada.send("GET", &ticket.replace("/__clerk", ""), &through, "").await;
    assert_eq!(arrived.header("location"), ARRIVED);
    let uat = app.now().as_secs().to_string();
    assert_eq!(ada.cookie("other.example", "__client_uat"), Some(uat.as_str()));
    let client = ada.send("GET", "https://other.example/v1/client", &through, "").await.ok();
    assert_eq!(client["response"]["sessions"].as_array().unwrap().len(), 1);
    // Its own host still works.
    assert_eq!(ada.travel(&at(SATELLITE, "handshake", &[("redirect_url", ARRIVED)])).await.0.len(), 1);
}

#[frontdesk_testkit::matrix::test]
async fn in_development_the_sign_in_page_answers_a_satellite(app: TestApp) {
    let mut ada = app.browser();
    crate::steps::sign_up(&mut ada, "ada+clerk_test@example.com").await;
    add(&app, "other.test:3001").await;
    let page = "http://other.test:3001/?a=b&__clerk_synced=false";
    let escaped: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
    ada.origin = None;
    for (path, name) in [
        ("/sign-in", "__clerk_redirect_url"),
        ("/sign-in", "__clerk_satellite_url"),
        ("/sign-up", "__clerk_satellite_url"),
    ] {
        let way = ada.get(&format!("{path}?{name}={escaped}")).await;
        assert_eq!(way.status(), 303);
        let arrived = ada.get(way.header("location")).await;
        let expected = "http://other.test:3001/?a=b&__clerk_synced=true&__clerk_db_jwt=dvb_";
        assert!(arrived.header("location").starts_with(expected), "{}", arrived.header("location"));
        // That is enough for the satellite's application.
        let dev_browser = arrived.header("location").rsplit('=').next().unwrap().to_owned();
        let seen = app.browser().get(&format!("/v1/client?__clerk_db_jwt={dev_browser}")).await.ok();
        assert_eq!(seen["response"]["sessions"].as_array().unwrap().len(), 1);
    }
    // Whether somebody is signed in or not.
    let nobody = app.browser().get(&format!("/v1/client/sync?redirect_url={escaped}")).await;
    assert!(nobody.header("location").contains("__clerk_synced=true&__clerk_db_jwt=dvb_"));
    for page in ["http://evil.example/", "com.example.app://callback"] {
        let escaped: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
        let way = ada.get(&format!("/sign-in?__clerk_redirect_url={escaped}")).await;
        ada.get(way.header("location")).await.refused(400, "redirect_url_invalid");
    }
    ada.get("/v1/client/link?__clerk_token=x").await.refused(403, "sync_token_invalid");
}
