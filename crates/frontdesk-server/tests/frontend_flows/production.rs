//! What is different in production: cookies on the application's domain, and no mail without a way to send it.

use std::sync::Arc;

use axum::body::Body;
use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_notify::Delivery;
use frontdesk_server::keys::MasterKey;
use frontdesk_server::{
    Breaches, Chance, Config, ManualClock, Mode, Network, NewInstance, Server, test_keys,
};
use frontdesk_store::testing::TestDatabase;
use frontdesk_testkit::matrix::{Reply, TestApp};
use http::{Request, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::steps::{PASSWORD, text};

/// A production instance on `clerk.frontdesk.localhost`, and somebody who can sign in.
async fn live(app: TestApp) -> TestApp {
    let settings = app.instance.instance.settings.clone();
    let app = app.remade(InstanceKind::Production, settings).await;
    app.user().email("ada@example.com").password(PASSWORD).create().await;
    app
}

async fn send(app: &TestApp, method: &str, path: &str, headers: &[(&str, &str)], form: &str) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !form.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    app.browser().send_request(request.body(Body::from(form.to_owned())).unwrap()).await
}

fn set_cookies(reply: &Reply) -> Vec<String> {
    reply.headers().get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

const HOST: (&str, &str) = ("host", "clerk.frontdesk.localhost");
const ORIGIN: (&str, &str) = ("origin", "https://app.frontdesk.localhost");
const HTTPS: (&str, &str) = ("x-forwarded-proto", "https");
const SIGN_IN: &str = "identifier=ada%40example.com&password=correct+horse+battery";
const HANDSHAKE: &str =
    "/v1/client/handshake?format=nonce&redirect_url=https%3A%2F%2Fapp.frontdesk.localhost%2Fhome";

#[frontdesk_testkit::matrix::test]
async fn the_nonce_travels_in_a_cookie_of_the_shared_domain(app: TestApp) {
    let app = live(app).await;
    let signed_in = send(&app, "POST", "/v1/client/sign_ins", &[HOST, ORIGIN, HTTPS], SIGN_IN).await;
    signed_in.ok();
    let lines = set_cookies(&signed_in);
    let client = lines.iter().find(|line| line.starts_with("__client=")).expect("a client cookie");
    assert!(
        client.contains("Secure") && client.contains("HttpOnly") && !client.contains("Domain"),
        "{client}"
    );
    let uat = lines.iter().find(|line| line.starts_with("__client_uat=")).expect("__client_uat");
    assert!(uat.contains("Domain=frontdesk.localhost") && uat.contains("Secure"), "{uat}");
    let holder = lines.iter().find(|line| line.starts_with("__Host-client_")).expect("whose client it is");
    let pairs = [client, holder].map(|line| line.split(';').next().unwrap());
    let cookies = pairs.join("; ");

    let reply = send(&app, "GET", HANDSHAKE, &[HOST, HTTPS, ("cookie", &cookies)], "").await;
    assert_eq!((reply.status(), reply.header("location")), (307, "https://app.frontdesk.localhost/home"));
    let lines = set_cookies(&reply);
    let carrier = lines.iter().find(|line| line.starts_with("__clerk_handshake_nonce=")).expect("the nonce");
    assert!(
        carrier.ends_with("; Path=/; Domain=frontdesk.localhost; Max-Age=60; SameSite=Lax; Secure; HttpOnly"),
        "{carrier}"
    );
    let nonce = carrier["__clerk_handshake_nonce=".len()..].split(';').next().unwrap();
    let payload = app.backend().get(&format!("/v1/clients/handshake_payload?nonce={nonce}")).await.ok();
    let directives: Vec<&str> =
        payload["directives"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(directives.iter().any(|text| text.starts_with("__session=ey") && text.contains("Secure")));
    assert!(
        directives
            .iter()
            .any(|text| text.starts_with("__client_uat=1") && text.contains("Domain=frontdesk.localhost"))
    );
    assert!(directives.iter().any(|text| text.starts_with("__clerk_handshake_nonce=; ")
        && text.contains("Max-Age=0")
        && text.contains("Domain=frontdesk.localhost")));
    assert!(!directives.iter().any(|text| text.starts_with("__clerk_db_jwt")));
}

#[frontdesk_testkit::matrix::test]
async fn behind_a_proxy_the_nonce_stays_on_the_host(app: TestApp) {
    let app = live(app).await;
    let proxy = ("clerk-proxy-url", "https://app.frontdesk.localhost/__clerk");
    let secret = ("clerk-secret-key", app.instance.secret_key.as_str());
    let reply = send(&app, "GET", HANDSHAKE, &[("host", "localhost:4400"), proxy, secret], "").await;
    assert_eq!((reply.status(), reply.header("location")), (307, "https://app.frontdesk.localhost/home"));
    let lines = set_cookies(&reply);
    let carrier = lines.iter().find(|line| line.starts_with("__clerk_handshake_nonce=")).expect("the nonce");
    assert!(!carrier.contains("Domain"), "{carrier}");
}

#[frontdesk_testkit::matrix::test]
async fn pages_elsewhere_are_refused_and_listed_ones_get_the_query(app: TestApp) {
    let mut settings = app.instance.instance.settings.clone();
    settings.allowed_origins = vec!["https://partner.example".to_owned()];
    let app = app.in_production(settings).await;
    for page in ["http://localhost:3000/", "https://evil.example/", "http://app.example/"] {
        let page: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
        let path = format!("/v1/client/handshake?redirect_url={page}");
        send(&app, "GET", &path, &[HOST], "").await.refused(400, "redirect_url_invalid");
    }
    let path = "/v1/client/handshake?format=nonce&redirect_url=https%3A%2F%2Fpartner.example%2F";
    let reply = send(&app, "GET", path, &[HOST], "").await;
    assert!(reply.header("location").starts_with("https://partner.example/?__clerk_handshake_nonce="));
}

#[frontdesk_testkit::matrix::test]
async fn without_a_way_to_send_mail_a_code_is_refused_clearly(app: TestApp) {
    let database = TestDatabase::create(app.database().engine()).await;
    let mut chance = Chance::seeded(7);
    let server = Server::start(Config {
        store: database.open().await,
        master_key: MasterKey::generate(&mut chance),
        clock: Arc::new(ManualClock::at(app.now())),
        mode: Mode::Production,
        delivery: Delivery::Unconfigured,
        breaches: Breaches::Unknown,
        network: Network::default(),
        public_url: "https://frontdesk.localhost".to_owned(),
        chance,
    });
    let server = server.await.unwrap();
    let new = NewInstance {
        slug: "shop".to_owned(),
        kind: InstanceKind::Production,
        key_host: "clerk.shop.example".to_owned(),
        settings: Settings::default(),
        keys: Some(test_keys(0)),
    };
    server.create_instance(new).await.unwrap();
    let send = async |path: &str, cookie: &str, form: &str| {
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header("host", "clerk.shop.example")
            .header("origin", "https://shop.example")
            .header("cookie", cookie)
            .header("content-type", "application/x-www-form-urlencoded");
        let response =
            server.router().oneshot(request.body(Body::from(form.to_owned())).unwrap()).await.unwrap();
        let lines = response.headers().get_all("set-cookie").iter();
        let pairs: Vec<_> = lines.filter_map(|line| line.to_str().unwrap().split(';').next()).collect();
        let cookie = pairs.join("; ");
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, cookie, serde_json::from_slice::<Value>(&body).unwrap())
    };
    let (_, cookie, begun) = send("/v1/client/sign_ups", "", "email_address=ada%40shop.example").await;
    let path = format!("/v1/client/sign_ups/{}/prepare_verification", text(&begun, "/response/id"));
    let (status, _, refused) = send(&path, &cookie, "strategy=email_code").await;
    assert_eq!(
        (status, text(&refused, "/errors/0/code")),
        (501, "email_delivery_not_configured"),
        "{refused}"
    );

    // Nor is there an outbox to look into.
    let request =
        Request::builder().uri("/dev/outbox").header("host", "localhost").body(Body::empty()).unwrap();
    assert_eq!(server.router().oneshot(request).await.unwrap().status(), 404);
}
