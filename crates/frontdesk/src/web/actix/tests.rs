//! The middleware and the extractors, in front of a real application.

use std::future::{Future, ready};

use actix_service::IntoServiceFactory;
use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{AppConfig, Payload, Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use frontdesk_types::Span;

use crate::test_support::{Request, USER, World, foreign_key, token};
use crate::{
    Auth, Authorized, Denied, FrontdeskLayer, Policy, Reason, RequestView, Requirement, Reverification,
    SignedIn, Status, get_auth, require,
};

async fn greet(auth: Auth) -> String {
    auth.user_id().map_or_else(|| "signed out".to_owned(), ToString::to_string)
}

async fn asking(request: HttpRequest) -> String {
    let auth = get_auth(&request).await;
    auth.user_id().map_or_else(|| format!("{:?}", auth.reason()), ToString::to_string)
}

async fn protected(session: SignedIn) -> String {
    session.user_id().to_string()
}

struct CreateInvoices;

impl Policy for CreateInvoices {
    fn requirement() -> Requirement {
        Requirement::permission("org:invoices:create")
    }
}

async fn authorized(session: Authorized<CreateInvoices>) -> String {
    session.user_id().to_string()
}

struct DeleteAccount;

impl Policy for DeleteAccount {
    fn requirement() -> Requirement {
        Requirement::reverified(Reverification::STRICT)
    }
}

async fn stepped_up(session: Authorized<DeleteAccount>) -> Result<String, Denied> {
    Ok(session.user_id().to_string())
}

/// Refuses with a response instead of an error.
async fn refusing(request: HttpRequest) -> Denied {
    require(&request, &Requirement::role("org:admin")).await.unwrap_err()
}

async fn with_cookie() -> HttpResponse {
    HttpResponse::Ok()
        .append_header(("set-cookie", "own=1"))
        .append_header(("access-control-allow-origin", "https://friend.test"))
        .body("hello")
}

async fn failing() -> Result<String, actix_web::Error> {
    Err(actix_web::error::ErrorImATeapot("short and stout"))
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(greet))
        .route("/asking", web::get().to(asking))
        .route("/protected", web::get().to(protected))
        .route("/authorized", web::get().to(authorized))
        .route("/stepped-up", web::get().to(stepped_up))
        .route("/refusing", web::get().to(refusing))
        .route("/cookie", web::get().to(with_cookie))
        .route("/failing", web::get().to(failing));
}

/// An answer, read to its end.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    text: String,
}

impl Answer {
    async fn of(response: Result<ServiceResponse<impl MessageBody + 'static>, actix_web::Error>) -> Self {
        let response = match response {
            Ok(response) => response.into_parts().1.map_into_boxed_body(),
            Err(error) => error.error_response(),
        };
        let headers = response.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let status = response.status().as_u16();
        let body: BoxBody = response.into_body();
        let Ok(body) = to_bytes(body).await else { panic!("the body cannot be read") };
        Self { status, headers, text: String::from_utf8(body.to_vec()).unwrap() }
    }

    fn each(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| &**value).collect()
    }

    fn header(&self, name: &str) -> &str {
        let [value] = self.each(name)[..] else { panic!("one {name} in {:?}", self.headers) };
        value
    }
}

/// The same request, in the types of actix.
fn request_of(request: &Request) -> TestRequest {
    let mut test = TestRequest::with_uri(&request.0.uri().to_string());
    for (name, value) in request.0.headers() {
        test = test.append_header((name.as_str(), value.as_bytes()));
    }
    test
}

/// Sends it to an application with the layer around everything.
async fn send(world: &World, request: Request) -> Answer {
    let layer = FrontdeskLayer::new(world.frontdesk.clone());
    let app = App::new().configure(routes).service(web::scope("/nested").configure(routes)).wrap(layer);
    Answer::of(init_service(app).await.call(request_of(&request).to_request()).await).await
}

#[tokio::test]
async fn handlers_learn_who_is_asking() {
    let world = World::production();
    for path in ["/", "/asking", "/nested/", "/nested/asking"] {
        assert_eq!(send(&world, Request::fetch(path).bearer(&token().sign())).await.text, USER, "{path}");
    }
    let page = Request::page("/").signed_in(&token().sign());
    assert_eq!(send(&world, page).await.text, USER);
    assert_eq!(send(&world, Request::fetch("/")).await.text, "signed out");
    assert_eq!(
        send(&world, Request::fetch("/asking")).await.text,
        format!("{:?}", Some(Reason::SessionTokenAndUatMissing))
    );
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
        Request::fetch("/protected").bearer(&token().shifted(Span::minutes(-5)).sign()),
        Request::fetch("/protected").bearer(&pending),
        Request::fetch("/nested/authorized"),
        Request::fetch("/refusing"),
    ] {
        let answer = send(&world, request).await;
        assert_eq!((answer.status, answer.text.as_str()), (401, r#"{"error":"unauthorized"}"#));
        assert_eq!(answer.header("content-type"), "application/json");
    }
    let answer = send(&world, Request::fetch("/protected")).await;
    assert_eq!(answer.header("x-clerk-auth-reason"), "session-token-and-uat-missing");
}

#[tokio::test]
async fn a_policy_decides_who_may() {
    let world = World::production();
    let with = |permissions: &[&str]| {
        let token = token()
            .claim("org_id", "org_2GIpXOEpVyJw51rkZn9Kmnc6Sxr")
            .claim("org_role", "org:member")
            .claim("org_slug", "acme")
            .claim("org_permissions", permissions.to_vec());
        Request::fetch("/authorized").bearer(&token.sign())
    };
    let answer = send(&world, with(&["org:invoices:create"])).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, USER));
    let answer = send(&world, with(&["org:invoices:read"])).await;
    assert_eq!((answer.status, answer.text.as_str()), (403, r#"{"error":"forbidden"}"#));
}

#[tokio::test]
async fn stale_factors_are_asked_for_again() {
    let world = World::production();
    let verified = |minutes_ago: i64| {
        let token = token().claim("fva", vec![minutes_ago, -1]);
        Request::fetch("/stepped-up").bearer(&token.sign())
    };
    assert_eq!(send(&world, verified(1)).await.text, USER);
    let answer = send(&world, verified(60)).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("content-type"), "application/json");
    let body: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(body["clerk_error"]["reason"], "reverification-error");
}

#[tokio::test]
async fn a_handshake_never_reaches_the_handler() {
    let world = World::development();
    let answer = send(&world, Request::page("/protected")).await;
    assert_eq!((answer.status, answer.text.as_str()), (307, ""));
    assert!(answer.header("location").starts_with("https://clerk.frontdesk.test/v1/client/"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-clerk-auth-status"), "handshake");
    assert_eq!(answer.each("set-cookie").len(), 1);
}

#[tokio::test]
async fn cookies_of_a_handshake_join_the_handlers_own() {
    let world = World::production();
    let session = format!("__session={}; Path=/", token().sign());
    *world.backend.payload.lock().unwrap() = Some(vec!["__client_uat=5".to_owned(), session]);
    let answer = send(&world, Request::page("/cookie").cookie("__clerk_handshake_nonce", "the-nonce")).await;
    assert_eq!((answer.status, answer.each("set-cookie").len()), (200, 3));
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://friend.test",
        "the handler knows better"
    );

    let answer = send(&world, Request::page("/failing").cookie("__clerk_handshake_nonce", "the-nonce")).await;
    assert_eq!((answer.status, answer.each("set-cookie").len()), (418, 2));
}

/// Middleware of others may fail without a response.
#[tokio::test]
async fn an_error_carries_the_cookies_too() {
    let world = World::production();
    *world.backend.payload.lock().unwrap() = Some(vec![format!("__session={}; Path=/", token().sign())]);
    let app = App::new()
        .route("/", web::get().to(greet))
        .wrap_fn(|_, _| ready(Err::<ServiceResponse, _>(actix_web::error::ErrorTooManyRequests("slowly"))))
        .wrap(FrontdeskLayer::new(world.frontdesk.clone()));
    let request = request_of(&Request::page("/").cookie("__clerk_handshake_nonce", "the-nonce")).to_request();
    let answer = Answer::of(init_service(app).await.call(request).await).await;
    assert_eq!((answer.status, answer.each("set-cookie").len()), (429, 1));
}

#[tokio::test]
async fn a_nested_page_is_found_again() {
    let world = World::development();
    let answer = send(&world, Request::page("/nested/protected?a=b")).await;
    let wanted = "redirect_url=http%3A%2F%2Fapp.test%2Fnested%2Fprotected%3Fa%3Db&";
    assert!(answer.header("location").contains(wanted), "{}", answer.header("location"));

    let layer = FrontdeskLayer::new(world.frontdesk.clone());
    let inner = web::scope("/nested").service(web::scope("/deep").configure(routes).wrap(layer));
    let request = request_of(&Request::page("/nested/deep/protected?a=b")).to_request();
    let answer = Answer::of(init_service(App::new().service(inner)).await.call(request).await).await;
    let wanted = "redirect_url=http%3A%2F%2Fapp.test%2Fnested%2Fdeep%2Fprotected%3Fa%3Db&";
    assert!(answer.header("location").contains(wanted), "{}", answer.header("location"));
}

#[tokio::test]
async fn a_foreign_handshake_in_development_is_explained() {
    let world = World::development();
    let answer = send(&world, Request::page("/?__clerk_handshake=nonsense")).await;
    assert_eq!((answer.status, answer.header("content-type")), (500, "text/plain; charset=utf-8"));
    assert!(answer.text.contains("clear the cookies"));
}

#[tokio::test]
async fn without_a_layer_and_without_settings_nobody_is_signed_in() {
    let app = init_service(App::new().configure(routes)).await;
    for (path, status) in [("/", 200), ("/asking", 200), ("/protected", 401), ("/authorized", 401)] {
        let request = request_of(&Request::fetch(path).bearer(&token().sign())).to_request();
        let answer = Answer::of(app.call(request).await).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(!answer.text.contains(USER), "{path}");
    }
}

#[tokio::test]
async fn a_handle_answers_without_a_layer() {
    let world = World::production();
    let with_bearer = || request_of(&Request::fetch("/").bearer(&token().sign()));
    assert!(world.frontdesk.get_auth(&with_bearer().to_http_request()).await.is_signed_in());
    let request: ServiceRequest = with_bearer().to_srv_request();
    let state = world.frontdesk.authenticate_request(&request).await.unwrap();
    assert_eq!(state.status(), Status::SignedIn);
    // What a layer found out is found again, by everybody who has no handle of their own.
    let request = request.request().clone();
    assert!(!get_auth(&request).await.is_signed_in());
    request.extensions_mut().insert(state);
    assert!(get_auth(&request).await.is_signed_in());
    assert!(SignedIn::from_request(&request, &mut Payload::None).await.is_ok());
}

#[tokio::test]
async fn the_answer_is_there_at_the_first_poll() {
    let world = World::production();
    let request = request_of(&Request::fetch("/").bearer(&token().sign())).to_http_request();
    assert!(world.frontdesk.get_auth(&request).await.is_signed_in(), "the keys are fetched");
    let mut asking = std::pin::pin!(world.frontdesk.get_auth(&request));
    let polled = asking.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    assert!(polled.is_ready());
}

#[test]
fn a_request_is_viewed_as_it_was_sent() {
    let request = request_of(&Request::page("/a/b?c=d%20e").cookie("a", "1").cookie("b", "2"))
        .append_header(("x-forwarded-host", "app.example"))
        .to_http_request();
    assert_eq!((RequestView::method(&request), &*request.url()), ("GET", "/a/b?c=d%20e"));
    assert_eq!(request.header("x-forwarded-host"), Some(&b"app.example"[..]));
    assert_eq!(request.header("sec-fetch-dest"), Some(&b"document"[..]));
    assert_eq!(request.header("x-forwarded-proto"), None);
    let mut cookies = Vec::new();
    request.each_header("cookie", &mut |field| cookies.push(field.to_vec()));
    assert_eq!(cookies, [b"a=1".to_vec(), b"b=2".to_vec()]);

    let service_request = request_of(&Request::fetch("/a")).to_srv_request();
    assert_eq!(service_request.url(), "/a");
    assert_eq!(service_request.header("host"), Some(&b"app.test"[..]));
    assert_eq!(
        request_of(&Request::fetch("https://app.test/a")).to_http_request().url(),
        "https://app.test/a"
    );
}

/// Over HTTP/1 the request line has no scheme; the server knows that it listens behind TLS.
#[tokio::test]
async fn an_encrypted_connection_is_seen() {
    async fn seen(request: HttpRequest) -> String {
        request.url().into_owned()
    }
    let app = App::new().route("/seen", web::get().to(seen));
    let listening = AppConfig::__priv_test_new(true, "ignored.test".to_owned(), ([127, 0, 0, 1], 443).into());
    let service = app.into_factory().new_service(listening).await.unwrap();
    let answer = Answer::of(service.call(request_of(&Request::fetch("/seen?a=b")).to_request()).await).await;
    assert_eq!(answer.text, "https://app.test/seen?a=b");
}
