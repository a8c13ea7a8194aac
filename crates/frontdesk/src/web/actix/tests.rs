//! The middleware and the extractors, in front of a real application.

use std::future::{Future, ready};

use actix_service::IntoServiceFactory;
use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{AppConfig, Payload, Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, FromRequest, HttpMessage, HttpRequest, HttpResponse, web};

use super::super::story::{Answer, CreateInvoices, DeleteAccount, Stage, story};
use crate::test_support::{Request, World, token};
use crate::{
    Auth, Authorized, Denied, FrontdeskLayer, Machine, RequestView, Requirement, SignedIn, Status, get_auth,
    require,
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

async fn authorized(session: Authorized<CreateInvoices>) -> String {
    session.user_id().to_string()
}

async fn stepped_up(session: Authorized<DeleteAccount>) -> Result<String, Denied> {
    Ok(session.user_id().to_string())
}

/// Refuses with a response instead of an error.
async fn refusing(request: HttpRequest) -> Denied {
    require(&request, &Requirement::role("org:admin")).await.unwrap_err()
}

async fn program(machine: Machine) -> String {
    machine.subject().to_owned()
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
        .route("/program", web::get().to(program))
        .route("/cookie", web::get().to(with_cookie))
        .route("/failing", web::get().to(failing));
}

async fn answer_of(
    response: Result<ServiceResponse<impl MessageBody + 'static>, actix_web::Error>,
) -> Answer {
    let response = match response {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    let status = response.status().as_u16();
    let headers: Vec<_> =
        response.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let body: BoxBody = response.into_body();
    let Ok(body) = to_bytes(body).await else { panic!("the body cannot be read") };
    Answer::new(status, headers, body)
}

/// The same request, in the types of actix.
fn request_of(request: &Request) -> TestRequest {
    let mut test = TestRequest::with_uri(&request.0.uri().to_string());
    for (name, value) in request.0.headers() {
        test = test.append_header((name.as_str(), value.as_bytes()));
    }
    test
}

struct Actix;

impl Stage for Actix {
    async fn ask(layer: Option<FrontdeskLayer>, request: Request) -> Answer {
        let app = App::new().configure(routes).service(web::scope("/nested").configure(routes));
        let request = request_of(&request).to_request();
        match layer {
            Some(layer) => answer_of(init_service(app.wrap(layer)).await.call(request).await).await,
            None => answer_of(init_service(app).await.call(request).await).await,
        }
    }
}

story!(Actix);

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
    let answer = answer_of(init_service(app).await.call(request).await).await;
    assert_eq!((answer.status, answer.each("set-cookie").len()), (429, 1));
}

#[tokio::test]
async fn a_nested_page_is_found_again() {
    let world = World::development();
    let answer = Actix::ask_with(&world, Request::page("/nested/protected?a=b")).await;
    let wanted = "redirect_url=http%3A%2F%2Fapp.test%2Fnested%2Fprotected%3Fa%3Db&";
    assert!(answer.header("location").contains(wanted), "{}", answer.header("location"));

    let layer = FrontdeskLayer::new(world.frontdesk.clone());
    let inner = web::scope("/nested").service(web::scope("/deep").configure(routes).wrap(layer));
    let request = request_of(&Request::page("/nested/deep/protected?a=b")).to_request();
    let answer = answer_of(init_service(App::new().service(inner)).await.call(request).await).await;
    let wanted = "redirect_url=http%3A%2F%2Fapp.test%2Fnested%2Fdeep%2Fprotected%3Fa%3Db&";
    assert!(answer.header("location").contains(wanted), "{}", answer.header("location"));
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
    let mut names = Vec::new();
    request.all_headers(&mut |name, _| names.push(name.to_owned()));
    assert_eq!(names.iter().filter(|name| *name == "cookie").count(), 2);
    assert!(names.iter().any(|name| name == "accept"), "{names:?}");

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
    let answer = answer_of(service.call(request_of(&Request::fetch("/seen?a=b")).to_request()).await).await;
    assert_eq!(answer.text, "https://app.test/seen?a=b");
}
