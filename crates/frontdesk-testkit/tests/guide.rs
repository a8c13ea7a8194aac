//! What docs/testing.md shows.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use frontdesk_testkit::{Forgery, Refused, TestServer, unprotected_routes};
use http::Request;
use serde_json::json;
use tower::ServiceExt;

// sample: application
use axum::{Router, routing::get};
use frontdesk::{Auth, Frontdesk, FrontdeskLayer, Requirement, SignedIn};
use http::StatusCode;

fn app(frontdesk: Frontdesk) -> Router {
    let home = async |auth: Auth| if auth.is_signed_in() { "welcome back" } else { "welcome" };
    let me = async |session: SignedIn| session.user_id().to_string();
    let invoices = async |auth: Auth| {
        if auth.has(&Requirement::role("org:admin")) { StatusCode::OK } else { StatusCode::FORBIDDEN }
    };
    Router::new()
        .route("/", get(home))
        .route("/me", get(me))
        .route("/orders/{id}", get(async |_: SignedIn| "an order").post(async |_: SignedIn| "changed"))
        .route("/invoices", get(invoices))
        .layer(FrontdeskLayer::new(frontdesk))
}
// end of sample

// sample: send
async fn send(app: &Router, request: http::request::Builder) -> Response {
    let request: Request<Body> = request.body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}
// end of sample

#[tokio::test]
async fn calls_and_pages() {
    // sample: beginning
    let server = TestServer::start().await;
    let app = app(server.frontdesk());
    let ada = server.user().email("ada@example.com").first_name("Ada").create().await;
    // end of sample

    // sample: calls and pages
    let session = server.session_for(&ada).await;
    let call = send(&app, session.fetch("/me")).await; // authorization: Bearer …
    assert_eq!(call.status(), 200);
    let post = send(&app, session.fetch("/orders/7").method("POST")).await;
    assert_eq!(post.status(), 200);
    let page = send(&app, session.page("/me")).await; // a navigation, with all its cookies
    assert_eq!(page.status(), 200);
    let script = send(&app, session.browser().fetch("/me")).await; // a script of that page
    assert_eq!(script.status(), 200);
    let stranger = send(&app, server.browser().fetch("/me")).await;
    assert_eq!(stranger.status(), 401);
    // end of sample

    // sample: other clients
    let request = Request::get("/me").header("authorization", session.bearer());
    // end of sample
    assert_eq!(send(&app, request).await.status(), 200);
}

#[tokio::test]
async fn the_clock() {
    let server = TestServer::start().await;
    let app = app(server.frontdesk());
    let ada = server.user().create().await;

    // sample: clock
    let mut session = server.session_for(&ada).await;
    server.advance(Duration::from_secs(66)); // a token lives for 60 seconds, and 5 are forgiven
    assert_eq!(send(&app, session.fetch("/me")).await.status(), 401);
    assert_eq!(send(&app, session.page("/me")).await.status(), 307); // to the handshake

    // What browsers do about it: a page follows the handshake, a script takes a fresh token.
    assert_eq!(session.browser().open(&app, "/me").await.status(), 200);
    session.refresh().await.unwrap();
    assert_eq!(send(&app, session.fetch("/me")).await.status(), 200);

    server.advance(Duration::from_hours(7 * 24)); // the session itself is over
    assert!(session.refresh().await.is_err());
    assert_eq!(session.browser().open(&app, "/me").await.status(), 401);
    // end of sample
}

#[tokio::test]
async fn nobody_else() {
    let server = TestServer::start().await;
    let app = app(server.frontdesk());
    let eve = server.user().create().await;

    // sample: banned
    let session = server.session_for(&eve).await;
    server.client().users().ban(&eve.id).await.unwrap();
    server.advance(Duration::from_mins(2)); // until then, her last token is good
    assert_eq!(session.browser().open(&app, "/me").await.status(), 401);
    // end of sample

    let ada = server.user().create().await;
    // sample: forgeries
    let session = server.session_for(&ada).await;
    for forgery in Forgery::all() {
        let response = send(&app, session.forged(forgery).fetch("/me")).await;
        assert_eq!(response.status(), 401, "{forgery:?}");
    }
    // end of sample

    // sample: another instance
    let shop = server.instance("shop").await;
    let customer = shop.user().create().await;
    let foreign = shop.session_for(&customer).await;
    assert_eq!(send(&app, foreign.fetch("/me")).await.status(), 401);
    // end of sample
}

#[tokio::test]
async fn roles() {
    let server = TestServer::start().await;
    let app = app(server.frontdesk());
    let ada = server.user().create().await;

    // sample: roles
    let member = server.session_for(&ada).await;
    let admin = member.with_claims(json!({ "o": { "id": "org_1", "slg": "acme", "rol": "admin" } }));
    assert_eq!(send(&app, member.fetch("/invoices")).await.status(), 403);
    assert_eq!(send(&app, admin.fetch("/invoices")).await.status(), 200);
    // end of sample
}

#[tokio::test]
async fn open_routes() {
    let server = TestServer::start().await;
    let app = app(server.frontdesk());

    // sample: routes
    let routes =
        [("GET", "/"), ("GET", "/me"), ("GET", "/orders/7"), ("POST", "/orders/7"), ("GET", "/invoices")];
    assert_eq!(unprotected_routes(&app, routes).await, [("GET", "/")]);
    // end of sample
}

#[tokio::test]
async fn mail() -> Result<(), Refused> {
    let server = TestServer::start().await;
    let app = app(server.frontdesk());

    // sample: mail
    let mut browser = server.browser();
    let form = [("email_address", "ada@example.com"), ("password", "correct horse battery")];
    let sign_up = browser.post("/v1/client/sign_ups", &form).await?;
    let path = format!("/v1/client/sign_ups/{}", sign_up["response"]["id"].as_str().unwrap());
    browser.post(&format!("{path}/prepare_verification"), &[("strategy", "email_code")]).await?;

    let code = server.last_code("ada@example.com").expect("a mail with a code");
    let form = [("strategy", "email_code"), ("code", &code)];
    browser.post(&format!("{path}/attempt_verification"), &form).await?;
    assert_eq!(browser.open(&app, "/me").await.status(), 200);
    // end of sample
    Ok(())
}

#[tokio::test]
async fn a_port() {
    // sample: port
    let server = TestServer::builder().real_time().listen().start().await;
    for (name, value) in server.variables() {
        println!("{name}={value}"); // FRONTDESK_URL=http://127.0.0.1:…, CLERK_SECRET_KEY=sk_test_…, …
    }
    let ada = server.user().email("ada@example.com").create().await;
    let bearer = server.session_for(&ada).await.bearer(); // for whatever HTTP client you have
    // end of sample

    let variables = server.variables();
    let known =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let app = app(Frontdesk::builder().variables(known).build().unwrap());
    let request = Request::get("/me").header("host", "127.0.0.1:3000").header("authorization", bearer);
    assert_eq!(send(&app, request).await.status(), 200);
}
