//! The middleware and the extractors, in front of a real application.

#![expect(clippy::needless_pass_by_value, reason = "extractors are values")]

use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, EndpointExt, IntoResponse, Route, get, handler};

use frontdesk_types::Span;

use crate::test_support::{Request, USER, World, foreign_key, token};
use crate::{
    Auth, Authorized, Denied, FrontdeskLayer, Machine, Policy, Requirement, Reverification, SignedIn,
    TokenType, get_auth, require,
};

#[handler]
fn greet(auth: Auth) -> String {
    auth.user_id().map_or_else(|| "signed out".to_owned(), ToString::to_string)
}

#[handler]
async fn asking(request: &poem::Request) -> String {
    let auth = get_auth(request).await;
    auth.user_id().map_or_else(|| format!("{:?}", auth.reason()), ToString::to_string)
}

#[handler]
fn protected(session: SignedIn) -> String {
    session.user_id().to_string()
}

struct CreateInvoices;

impl Policy for CreateInvoices {
    fn requirement() -> Requirement {
        Requirement::permission("org:invoices:create")
    }
}

#[handler]
fn authorized(session: Authorized<CreateInvoices>) -> String {
    session.user_id().to_string()
}

struct DeleteAccount;

impl Policy for DeleteAccount {
    fn requirement() -> Requirement {
        Requirement::reverified(Reverification::STRICT)
    }
}

#[handler]
fn stepped_up(session: Authorized<DeleteAccount>) -> String {
    session.user_id().to_string()
}

#[handler]
async fn refusing(request: &poem::Request) -> Denied {
    require(request, &Requirement::role("org:admin")).await.unwrap_err()
}

#[handler]
fn program(machine: Machine) -> String {
    machine.subject().to_owned()
}

#[handler]
fn with_cookie() -> impl IntoResponse {
    "hello"
        .with_header("set-cookie", "own=1")
        .with_header("access-control-allow-origin", "https://friend.test")
}

#[handler]
fn failing() -> poem::Result<String> {
    Err(poem::Error::from_status(http::StatusCode::IM_A_TEAPOT))
}

fn routes() -> Route {
    Route::new()
        .at("/", get(greet))
        .at("/asking", get(asking))
        .at("/protected", get(protected))
        .at("/authorized", get(authorized))
        .at("/stepped-up", get(stepped_up))
        .at("/refusing", get(refusing))
        .at("/program", get(program))
        .at("/cookie", get(with_cookie))
        .at("/failing", get(failing))
}

/// An answer, read to its end.
struct Answer {
    status: u16,
    headers: http::HeaderMap,
    text: String,
}

impl Answer {
    fn each(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    fn header(&self, name: &str) -> &str {
        let [value] = self.each(name)[..] else { panic!("one {name} in {:?}", self.headers) };
        value
    }
}

async fn ask(app: impl Endpoint, request: Request) -> Answer {
    let (parts, ()) = request.0.into_parts();
    let parts = (parts, LocalAddr::default(), RemoteAddr::default(), http::uri::Scheme::HTTP);
    let request = poem::Request::from_parts(parts.into(), poem::Body::empty());
    let (parts, body) = app.get_response(request).await.into_parts();
    let text = body.into_string().await.unwrap();
    Answer { status: parts.status.as_u16(), headers: parts.headers, text }
}

/// Sends it to an application with the layer around everything.
async fn send(world: &World, request: Request) -> Answer {
    let layer = FrontdeskLayer::new(world.frontdesk.clone());
    ask(routes().nest("/nested", routes()).with(layer), request).await
}

#[tokio::test]
async fn handlers_learn_who_is_asking() {
    let world = World::production();
    for path in ["/", "/asking", "/nested/", "/nested/asking"] {
        assert_eq!(send(&world, Request::fetch(path).bearer(&token().sign())).await.text, USER, "{path}");
    }
    assert_eq!(send(&world, Request::page("/").signed_in(&token().sign())).await.text, USER);
    assert_eq!(send(&world, Request::fetch("/")).await.text, "signed out");
    assert_eq!(send(&world, Request::fetch("/asking")).await.text, "Some(SessionTokenAndUatMissing)");
}

#[tokio::test]
async fn only_the_signed_in_pass() {
    let world = World::production();
    let answer = send(&world, Request::fetch("/protected").bearer(&token().sign())).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, USER));
    for request in [
        Request::fetch("/protected"),
        Request::fetch("/protected").bearer("nonsense"),
        Request::fetch("/protected").bearer(&token().sign_with(foreign_key())),
    ] {
        let answer = send(&world, request).await;
        assert_eq!((answer.status, answer.text.as_str()), (401, r#"{"error":"unauthorized"}"#));
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("x-clerk-auth-status"), "signed-out");
    }
}

#[tokio::test]
async fn only_the_allowed_pass() {
    let world = World::production();
    let member = token()
        .claim("org_id", "org_1")
        .claim("org_role", "org:member")
        .claim("org_permissions", serde_json::json!(["org:invoices:create"]))
        .sign();
    assert_eq!(send(&world, Request::fetch("/authorized").bearer(&member)).await.text, USER);
    let stranger = send(&world, Request::fetch("/authorized").bearer(&token().sign())).await;
    assert_eq!((stranger.status, stranger.text.as_str()), (403, r#"{"error":"forbidden"}"#));
    let stale =
        send(&world, Request::fetch("/stepped-up").bearer(&token().claim("fva", [20, -1]).sign())).await;
    assert_eq!(stale.status, 403);
    assert!(stale.text.contains("reverification-error"), "{}", stale.text);
    let fresh =
        send(&world, Request::fetch("/stepped-up").bearer(&token().claim("fva", [2, -1]).sign())).await;
    assert_eq!((fresh.status, fresh.text.as_str()), (200, USER));
    assert_eq!(send(&world, Request::fetch("/refusing")).await.status, 401);
    assert_eq!(send(&world, Request::fetch("/refusing").bearer(&member)).await.status, 403);
}

#[tokio::test]
async fn a_browser_is_sent_to_shake_hands_and_comes_back_to_the_whole_url() {
    let world = World::production();
    let expired = token().shifted(Span::seconds(-600)).sign();
    for path in ["/protected?a=b", "/nested/protected?a=b"] {
        let answer = send(&world, Request::page(path).signed_in(&expired)).await;
        assert_eq!((answer.status, answer.text.as_str()), (307, ""));
        let location = url::Url::parse(answer.header("location")).unwrap();
        assert_eq!(location.path(), "/v1/client/handshake");
        let (_, back) = location.query_pairs().find(|(name, _)| name == "redirect_url").unwrap();
        assert!(back.ends_with(path), "{back}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.each("set-cookie").len(), 1, "the redirects are counted");
    }
    let script = send(&world, Request::fetch("/protected").signed_in(&expired)).await;
    assert_eq!(script.status, 401);
}

#[tokio::test]
async fn what_the_handshake_brought_reaches_the_browser_beside_the_handlers_own() {
    let world = World::production();
    world.backend.payload.lock().unwrap().replace(vec![
        format!("__session={}; Path=/", token().sign()),
        "__client_uat=1799999900; Path=/".to_owned(),
    ]);
    for (path, status) in [("/cookie", 200), ("/failing", 418)] {
        let request = Request::page(path).cookie("__clerk_handshake_nonce", "the-nonce");
        let answer = send(&world, request).await;
        assert_eq!(answer.status, status);
        let own = usize::from(path == "/cookie");
        assert_eq!(answer.each("set-cookie").len(), 2 + own, "{:?}", answer.headers);
        if own == 1 {
            assert_eq!(answer.header("access-control-allow-origin"), "https://friend.test");
        }
    }
}

#[tokio::test]
async fn programs_have_their_own_extractor() {
    let world = World::production();
    let layer = FrontdeskLayer::new(world.frontdesk.accepting(TokenType::M2m));
    let app = routes().with(layer);
    let jwt = token().claim("sub", "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr").sign();
    assert_eq!(
        ask(&app, Request::fetch("/program").bearer(&jwt)).await.text,
        "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr"
    );
    assert_eq!(ask(&app, Request::fetch("/program").bearer(&token().sign())).await.status, 401);
}

#[tokio::test]
async fn without_a_layer_and_without_settings_nobody_is_signed_in() {
    let answer = ask(routes(), Request::fetch("/asking").bearer(&token().sign())).await;
    assert_eq!(answer.text, "Some(NotConfigured)");
    assert_eq!(ask(routes(), Request::fetch("/protected")).await.status, 401);
}
