//! The fairing and the request guards, in front of a real application.

#![expect(clippy::needless_pass_by_value, reason = "Rocket hands guards over")]

use rocket::http::{Header, Method, Status};
use rocket::local::asynchronous::Client;
use rocket::request::FromRequest;
use rocket::{Build, Rocket, catch, catchers, get, post, routes};

use super::super::story::{Answer, CreateInvoices, DeleteAccount, Stage, story};
use super::denied;
use crate::test_support::{Request, World, token};
use crate::{
    Auth, Authorized, Denied, FrontdeskLayer, Machine, RequestView, Requirement, SignedIn, get_auth, require,
};

#[get("/")]
fn greet(auth: Auth) -> String {
    auth.user_id().map_or_else(|| "signed out".to_owned(), ToString::to_string)
}

/// What a handler sees that wants the request itself, which Rocket only shows to guards.
struct Asked(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Asked {
    type Error = ();

    async fn from_request(request: &'r rocket::Request<'_>) -> rocket::request::Outcome<Self, ()> {
        let auth = get_auth(request).await;
        let told = auth.user_id().map_or_else(|| format!("{:?}", auth.reason()), ToString::to_string);
        rocket::request::Outcome::Success(Self(told))
    }
}

#[get("/asking")]
fn asking(asked: Asked) -> String {
    asked.0
}

#[get("/protected")]
fn protected(session: SignedIn) -> String {
    session.user_id().to_string()
}

#[get("/authorized")]
fn authorized(session: Authorized<CreateInvoices>) -> String {
    session.user_id().to_string()
}

#[get("/stepped-up")]
fn stepped_up(session: Authorized<DeleteAccount>) -> String {
    session.user_id().to_string()
}

struct Refusal(Denied);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Refusal {
    type Error = ();

    async fn from_request(request: &'r rocket::Request<'_>) -> rocket::request::Outcome<Self, ()> {
        let refusal = require(request, &Requirement::role("org:admin")).await.unwrap_err();
        rocket::request::Outcome::Success(Self(refusal))
    }
}

#[get("/refusing")]
fn refusing(refusal: Refusal) -> Result<String, Denied> {
    Err(refusal.0)
}

/// Takes the refusal as it comes, and goes on.
#[get("/lenient")]
fn lenient(session: Result<SignedIn, Denied>) -> String {
    session.map_or_else(|denied| denied.to_string(), |session| session.user_id().to_string())
}

#[get("/program")]
fn program(machine: Machine) -> String {
    machine.subject().to_owned()
}

#[derive(rocket::Responder)]
struct WithHeaders(&'static str, Header<'static>, Header<'static>);

#[get("/cookie")]
fn with_cookie() -> WithHeaders {
    let origin = Header::new("access-control-allow-origin", "https://friend.test");
    WithHeaders("hello", Header::new("set-cookie", "own=1"), origin)
}

#[get("/failing")]
fn failing() -> Status {
    Status::ImATeapot
}

#[get("/unauthorized")]
fn unauthorized() -> Status {
    Status::Unauthorized
}

#[post("/form")]
fn form() -> &'static str {
    "posted"
}

fn application() -> Rocket<Build> {
    let quiet =
        rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::debug_default() };
    let routes = routes![
        greet,
        asking,
        protected,
        authorized,
        stepped_up,
        refusing,
        lenient,
        program,
        with_cookie,
        failing,
        unauthorized,
        form,
    ];
    rocket::custom(quiet).mount("/", routes.clone()).mount("/nested", routes)
}

async fn ask(application: Rocket<Build>, request: Request) -> Answer {
    let client = Client::untracked(application).await.unwrap();
    let (parts, ()) = request.0.into_parts();
    let method = parts.method.as_str().parse().unwrap();
    let mut local = client.req(method, parts.uri.to_string());
    for (name, value) in &parts.headers {
        local = local.header(Header::new(name.to_string(), value.to_str().unwrap().to_owned()));
    }
    let response = local.dispatch().await;
    let headers = response.headers().iter().map(|header| (header.name.to_string(), header.value.to_string()));
    let headers = headers.collect::<Vec<_>>();
    Answer::new(response.status().code, headers, response.into_string().await.unwrap_or_default())
}

fn with_layer(world: &World) -> Rocket<Build> {
    application().attach(FrontdeskLayer::new(world.frontdesk.clone()))
}

#[tokio::test]
async fn a_refusal_that_the_handler_took_is_not_the_answer() {
    let world = World::production();
    let answer = Launchpad::ask_with(&world, Request::fetch("/lenient")).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "nobody is signed in"));
}

#[tokio::test]
async fn only_the_layer_answers_for_the_layer() {
    let world = World::production();
    for path in ["/", "/protected", "/nowhere"] {
        let trace = Request::fetch(path).method(http::Method::TRACE);
        assert_eq!(Launchpad::ask_with(&world, trace).await.status, 404, "{path}");
    }
    let posted = Launchpad::ask_with(&world, Request::fetch("/form").method(http::Method::POST)).await;
    assert_eq!((posted.status, posted.text.as_str()), (200, "posted"));
}

#[tokio::test]
async fn settings_that_cannot_work_are_told() {
    let world = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| {
        builder.is_satellite(true).domain("app.test").sign_in_url("http://app.test/sign-in")
    });
    let answer = Launchpad::ask_with(&world, Request::page("/").header("origin", "http://app.test")).await;
    assert_eq!(answer.status, 500, "{}", answer.text);
    assert!(answer.text.starts_with("Frontdesk: "), "{}", answer.text);
}

#[tokio::test]
async fn a_page_is_sent_to_sign_in() {
    let world = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| {
        builder.sign_in_url("https://app.test/sign-in")
    });
    let answer = Launchpad::ask_with(&world, Request::page("/protected")).await;
    assert_eq!((answer.status, answer.text.as_str()), (307, ""));
    assert!(answer.header("location").starts_with("https://app.test/sign-in?"), "{:?}", answer.headers);
    assert_eq!(answer.header("cache-control"), "no-store");
    let all = with_layer(&world).register("/", catchers![own_default]);
    assert_eq!(ask(all, Request::page("/protected")).await.status, 307);
    // Who writes a catcher for refusals decides what becomes of them.
    let own = with_layer(&world).register("/", catchers![own_words]);
    let answer = ask(own, Request::page("/protected")).await;
    assert_eq!((answer.status, answer.text.as_str()), (401, "nobody is signed in here"));
    assert!(answer.each("location").is_empty(), "{:?}", answer.headers);
    let passing_on = with_layer(&world).register("/nested", catchers![passing_on]);
    let answer = ask(passing_on, Request::page("/nested/protected")).await;
    assert_eq!((answer.status, answer.text.as_str()), (307, ""));
    assert!(answer.header("location").starts_with("https://app.test/sign-in?"), "{:?}", answer.headers);
}

#[catch(default)]
fn passing_on(_status: Status, request: &rocket::Request<'_>) -> Option<Denied> {
    denied(request)
}

#[catch(401)]
fn own_words(request: &rocket::Request<'_>) -> String {
    format!("{} here", denied(request).unwrap())
}

#[catch(default)]
fn own_default(status: Status, _request: &rocket::Request<'_>) -> String {
    format!("own {}", status.code)
}

#[tokio::test]
async fn catchers_of_the_application_write_the_body() {
    let world = World::production();
    // Those of a fairing that comes later count as well.
    let late = |application: Rocket<Build>| {
        application.attach(rocket::fairing::AdHoc::on_ignite("stage", |rocket| async {
            rocket.register("/", catchers![own_words])
        }))
    };
    let answer = ask(late(with_layer(&world)), Request::fetch("/protected")).await;
    assert_eq!((answer.status, answer.text.as_str()), (401, "nobody is signed in here"));
    assert_eq!(answer.header("x-clerk-auth-status"), "signed-out");
    let stranger = Request::fetch("/authorized").bearer(&token().sign());
    assert_eq!(ask(late(with_layer(&world)), stranger).await.text, r#"{"error":"forbidden"}"#);

    let all = |world| with_layer(world).register("/", catchers![own_default]);
    assert_eq!(ask(all(&world), Request::fetch("/protected")).await.text, "own 401");
    let stale = Request::fetch("/stepped-up").bearer(&token().claim("fva", [20, -1]).sign());
    assert!(ask(all(&world), stale).await.text.contains("reverification-error"));
    let stranger = Request::fetch("/authorized").bearer(&token().sign());
    assert_eq!(ask(all(&world), stranger).await.text, "own 403");
    assert_eq!(ask(all(&world), Request::fetch("/nowhere")).await.text, "own 404");
}

#[tokio::test]
async fn refusals_of_others_keep_their_bodies() {
    let world = World::production();
    let answer = Launchpad::ask_with(&world, Request::fetch("/unauthorized")).await;
    assert_eq!(answer.status, 401);
    assert!(answer.text.contains("The request requires user authentication."), "{}", answer.text);
}

#[tokio::test]
async fn a_view_shows_the_request_as_it_came() {
    let client = Client::untracked(application()).await.unwrap();
    let request = client
        .req(Method::Post, "/a%20b?c=%2F&d")
        .header(Header::new("host", "app.test"))
        .header(Header::new("Cookie", "a=1"))
        .header(Header::new("cookie", "b=2"));
    let view: &dyn RequestView = request.inner();
    assert_eq!((view.method(), &*view.url()), ("POST", "/a%20b?c=%2F&d"));
    let mut cookies = Vec::new();
    view.each_header("cookie", &mut |value| cookies.push(value));
    assert_eq!(cookies, [b"a=1", b"b=2"]);
    assert_eq!((view.header("host"), view.header("origin")), (Some(&b"app.test"[..]), None));
    let mut all = Vec::new();
    view.all_headers(&mut |name, value| all.push((name.to_lowercase(), value)));
    let wanted: [(&str, &[u8]); 3] = [("host", b"app.test"), ("cookie", b"a=1"), ("cookie", b"b=2")];
    assert_eq!(all, wanted.map(|(name, value)| (name.to_owned(), value)));

    // HTTP/2 names the host elsewhere.
    let mut request = client.get("/a");
    let host = rocket::http::uri::Host::new(rocket::uri!("app.test:8000"));
    request.inner_mut().set_host(host);
    assert_eq!(RequestView::url(request.inner()), "http://app.test:8000/a");
}

struct Launchpad;

impl Stage for Launchpad {
    async fn ask(layer: Option<FrontdeskLayer>, request: Request) -> Answer {
        ask(layer.into_iter().fold(application(), Rocket::attach), request).await
    }
}

story!(Launchpad);
