//! The hoop and the extractors, in front of a real router.

use http::StatusCode;
use http::uri::Scheme;
use http_body_util::BodyExt;
use salvo::conn::SocketAddr;
use salvo::{ConnCtrl, Depot, Extractible, Handler, Router, Scribe, Service, Writer, handler};

use super::super::story::{Answer, CreateInvoices, DeleteAccount, Stage, story};
use crate::test_support::{Request, World};
use crate::{
    Auth, Authorized, Denied, FrontdeskLayer, Machine, RequestView, Requirement, SignedIn, get_auth, require,
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

#[handler]
async fn authorized(session: Authorized<CreateInvoices>) -> String {
    session.user_id().to_string()
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

fn request_of(request: Request) -> salvo::Request {
    salvo::Request::from_hyper(request.0.map(|()| salvo::http::ReqBody::None), Scheme::HTTP)
}

async fn ask(routes: impl Into<Service>, request: Request) -> Answer {
    let (nowhere, scheme) = (SocketAddr::Unknown, Scheme::HTTP);
    let service: Service = routes.into();
    let handler = service.hyper_handler(nowhere.clone(), nowhere, scheme, None, ConnCtrl::new(), None);
    let (parts, body) = handler.handle(request_of(request)).await.into_hyper().into_parts();
    let text = body.collect().await.unwrap().to_bytes();
    Answer::new(parts.status.as_u16(), &parts.headers, text)
}

#[tokio::test]
async fn without_the_hoop_a_visitor_is_refused() {
    let sign_in = "https://app.test/sign-in";
    let world = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| builder.sign_in_url(sign_in));
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

struct Salvo;

impl Stage for Salvo {
    async fn ask(layer: Option<FrontdeskLayer>, request: Request) -> Answer {
        let nested = add_routes(Router::with_path("nested"));
        let routes = add_routes(Router::new()).push(nested);
        ask(layer.into_iter().fold(routes, Router::hoop), request).await
    }
}

story!(Salvo);
