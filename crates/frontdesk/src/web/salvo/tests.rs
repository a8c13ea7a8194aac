//! The hoop and the extractors, in front of a real router.

use http::StatusCode;
use http::uri::Scheme;
use http_body_util::BodyExt;
use salvo::conn::SocketAddr;
use salvo::{ConnCtrl, Depot, Extractible, Handler, Router, Scribe, Service, Writer, handler};

use frontdesk_types::Span;

use crate::test_support::{Request, USER, World, foreign_key, token};
use crate::{
    Auth, Authorized, Denied, FrontdeskLayer, Machine, Policy, RequestView, Requirement, Reverification,
    SignedIn, TokenType, get_auth, require,
};

#[handler]
async fn greet(auth: Auth) -> String {
    auth.user_id().map_or_else(|| "signed out".to_owned(), ToString::to_string)
}

#[handler]
async fn asking(request: &mut salvo::Request) -> String {
    let auth = get_auth(request).await;
    auth.user_id().map_or_else(|| format!("{:?}", auth.reason()), ToString::to_string)
}

#[handler]
async fn protected(session: SignedIn) -> String {
    session.user_id().to_string()
}

struct CreateInvoices;

impl Policy for CreateInvoices {
    fn requirement() -> Requirement {
        Requirement::permission("org:invoices:create")
    }
}

#[handler]
async fn authorized(session: Authorized<CreateInvoices>) -> String {
    session.user_id().to_string()
}

struct DeleteAccount;

impl Policy for DeleteAccount {
    fn requirement() -> Requirement {
        Requirement::reverified(Reverification::STRICT)
    }
}

#[handler]
async fn stepped_up(session: Authorized<DeleteAccount>) -> String {
    session.user_id().to_string()
}

#[handler]
async fn refusing(request: &mut salvo::Request) -> Result<String, Denied> {
    let session = require(request, &Requirement::role("org:admin")).await?;
    Ok(session.user_id().to_string())
}

#[handler]
async fn program(machine: Machine) -> String {
    machine.subject().to_owned()
}

#[handler]
async fn with_cookie(response: &mut salvo::Response) {
    response.add_header("set-cookie", "own=1", false).unwrap();
    response.add_header("access-control-allow-origin", "https://friend.test", true).unwrap();
    "hello".render(response);
}

#[handler]
async fn failing() -> StatusCode {
    StatusCode::IM_A_TEAPOT
}

fn add_routes(router: Router) -> Router {
    router
        .get(greet)
        .push(Router::with_path("asking").get(asking))
        .push(Router::with_path("protected").get(protected))
        .push(Router::with_path("authorized").get(authorized))
        .push(Router::with_path("stepped-up").get(stepped_up))
        .push(Router::with_path("refusing").get(refusing))
        .push(Router::with_path("program").get(program))
        .push(Router::with_path("cookie").get(with_cookie))
        .push(Router::with_path("failing").get(failing))
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

fn request_of(request: Request) -> salvo::Request {
    salvo::Request::from_hyper(request.0.map(|()| salvo::http::ReqBody::None), Scheme::HTTP)
}

async fn ask(routes: impl Into<Service>, request: Request) -> Answer {
    let (nowhere, scheme) = (SocketAddr::Unknown, Scheme::HTTP);
    let service: Service = routes.into();
    let handler = service.hyper_handler(nowhere.clone(), nowhere, scheme, None, ConnCtrl::new(), None);
    let (parts, body) = handler.handle(request_of(request)).await.into_hyper().into_parts();
    let text = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        text: String::from_utf8(text.to_vec()).unwrap(),
    }
}

/// Sends it to an application with the layer around everything.
async fn send(world: &World, request: Request) -> Answer {
    let layer = FrontdeskLayer::new(world.frontdesk.clone());
    let nested = add_routes(Router::with_path("nested"));
    ask(add_routes(Router::new()).hoop(layer).push(nested), request).await
}

#[tokio::test]
async fn handlers_learn_who_is_asking() {
    let world = World::production();
    for path in ["/", "/asking", "/nested", "/nested/asking"] {
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
    let pending = token().claim("v", 2).claim("sts", "pending").sign();
    for request in [
        Request::fetch("/protected"),
        Request::fetch("/protected").bearer("nonsense"),
        Request::fetch("/protected").bearer(&token().sign_with(foreign_key())),
        Request::fetch("/protected").bearer(&pending),
        Request::fetch("/nested/authorized"),
        Request::fetch("/refusing"),
    ] {
        let answer = send(&world, request).await;
        assert_eq!((answer.status, answer.text.as_str()), (401, r#"{"error":"unauthorized"}"#));
        assert_eq!(answer.header("content-type"), "application/json");
    }
    let answer = send(&world, Request::fetch("/protected")).await;
    assert_eq!(answer.header("x-clerk-auth-status"), "signed-out");
}

#[tokio::test]
async fn only_the_allowed_pass() {
    let world = World::production();
    let member = token()
        .claim("org_id", "org_2GIpXOEpVyJw51rkZn9Kmnc6Sxr")
        .claim("org_role", "org:member")
        .claim("org_permissions", serde_json::json!(["org:invoices:create"]))
        .sign();
    assert_eq!(send(&world, Request::fetch("/authorized").bearer(&member)).await.text, USER);
    let stranger = send(&world, Request::fetch("/authorized").bearer(&token().sign())).await;
    assert_eq!((stranger.status, stranger.text.as_str()), (403, r#"{"error":"forbidden"}"#));
    assert_eq!(send(&world, Request::fetch("/refusing").bearer(&member)).await.status, 403);

    let verified = |minutes_ago: i64| {
        Request::fetch("/stepped-up").bearer(&token().claim("fva", vec![minutes_ago, -1]).sign())
    };
    let stale = send(&world, verified(20)).await;
    assert_eq!(stale.status, 403);
    assert!(stale.text.contains("reverification-error"), "{}", stale.text);
    let fresh = send(&world, verified(2)).await;
    assert_eq!((fresh.status, fresh.text.as_str()), (200, USER));
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
    assert_eq!(send(&world, Request::fetch("/protected").signed_in(&expired)).await.status, 401);
}

/// salvo itself would answer 400.
#[tokio::test]
async fn a_visitor_is_sent_where_they_can_sign_in() {
    let sign_in = "https://app.test/sign-in";
    let world = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| builder.sign_in_url(sign_in));
    for path in ["/protected", "/nested/authorized", "/refusing"] {
        let answer = send(&world, Request::page(path)).await;
        assert_eq!((answer.status, answer.text.as_str()), (307, ""), "{path}");
        assert!(answer.header("location").starts_with(sign_in), "{path}");
    }
    assert_eq!(send(&world, Request::fetch("/protected")).await.status, 401);
    // Other failures stay what they are.
    assert_eq!(send(&world, Request::page("/failing")).await.status, 418);

    // What another layer found out comes without the hoop that would mend the redirect.
    let mut request = request_of(Request::page("/protected"));
    let state = world.frontdesk.authenticate_request(&request).await.unwrap();
    request.extensions_mut().insert(state);
    let mut response = salvo::Response::new();
    let mut depot = Depot::new();
    let Err(refusal) = SignedIn::extract(&mut request, &mut depot).await else { panic!("nobody passes") };
    refusal.write(&mut salvo::Request::new(), &mut Depot::new(), &mut response).await;
    assert_eq!(response.status_code, Some(StatusCode::UNAUTHORIZED));
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
async fn an_answer_keeps_the_cookies_of_outer_hoops() {
    #[handler]
    async fn remember(response: &mut salvo::Response) {
        response.add_header("set-cookie", "outer=1", false).unwrap();
    }
    let world = World::development();
    let layer = FrontdeskLayer::new(world.frontdesk.clone());
    let routes = Service::new(Router::new().get(greet)).hoop(remember).hoop(layer);
    let answer = ask(routes, Request::page("/")).await;
    assert_eq!((answer.status, answer.each("set-cookie").len()), (307, 2));
}

#[tokio::test]
async fn a_foreign_handshake_in_development_is_explained() {
    let world = World::development();
    let answer = send(&world, Request::page("/?__clerk_handshake=nonsense")).await;
    assert_eq!((answer.status, answer.header("content-type")), (500, "text/plain; charset=utf-8"));
    assert!(answer.text.contains("clear the cookies"));
}

#[tokio::test]
async fn programs_have_their_own_extractor() {
    let world = World::production();
    let layer = FrontdeskLayer::new(world.frontdesk.accepting(TokenType::M2m));
    let routes = || add_routes(Router::new().hoop(layer.clone()));
    let jwt = token().claim("sub", "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr").sign();
    let answer = ask(routes(), Request::fetch("/program").bearer(&jwt)).await;
    assert_eq!(answer.text, "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr");
    let answer = ask(routes(), Request::fetch("/program").bearer(&token().sign())).await;
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn without_a_layer_and_without_settings_nobody_is_signed_in() {
    let answer = ask(add_routes(Router::new()), Request::fetch("/asking").bearer(&token().sign())).await;
    assert_eq!(answer.text, "Some(NotConfigured)");
    for path in ["/protected", "/authorized", "/program"] {
        let answer = ask(add_routes(Router::new()), Request::page(path)).await;
        assert_eq!((answer.status, answer.text.as_str()), (401, r#"{"error":"unauthorized"}"#), "{path}");
    }
}

#[test]
fn a_request_is_viewed_as_it_was_sent() {
    let request = request_of(Request::page("/a/b?c=d%20e").cookie("a", "1").cookie("b", "2"));
    assert_eq!((RequestView::method(&request), &*request.url()), ("GET", "/a/b?c=d%20e"));
    assert_eq!(RequestView::header(&request, "sec-fetch-dest"), Some(&b"document"[..]));
    assert_eq!(RequestView::header(&request, "x-forwarded-proto"), None);
    let mut cookies = Vec::new();
    request.each_header("cookie", &mut |field| cookies.push(field.to_vec()));
    assert_eq!(cookies, [b"a=1".to_vec(), b"b=2".to_vec()]);
}

/// salvo's own server completes the URL with the host; and only its listener knows of TLS.
#[test]
fn the_scheme_is_the_listeners() {
    for (target, scheme, seen) in [
        ("http://app.test/a?b=c", Scheme::HTTP, "http://app.test/a?b=c"),
        ("https://app.test/a?b=c", Scheme::HTTP, "http://app.test/a?b=c"),
        ("https://app.test/a", Scheme::HTTPS, "https://app.test/a"),
        ("/a?b=c", Scheme::HTTPS, "https://app.test/a?b=c"),
    ] {
        let body = Request::fetch(target).0.map(|()| salvo::http::ReqBody::None);
        assert_eq!(salvo::Request::from_hyper(body, scheme).url(), seen);
    }
}

/// A hoop is a handler like any other.
#[test]
fn the_layer_is_a_handler() {
    let world = World::production();
    let _: salvo::handler::ArcHandler = FrontdeskLayer::new(world.frontdesk).arc();
}
