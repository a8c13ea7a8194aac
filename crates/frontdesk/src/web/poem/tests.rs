//! The middleware and the extractors, in front of a real application.

#![expect(clippy::needless_pass_by_value, reason = "extractors are values")]

use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, EndpointExt, IntoResponse, Route, get, handler};

use super::super::story::{Answer, CreateInvoices, DeleteAccount, Stage, story};
use crate::test_support::Request;
use crate::{
    Auth, Authorized, Denied, FrontdeskLayer, Machine, RequestView, Requirement, SignedIn, get_auth, require,
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

#[handler]
fn authorized(session: Authorized<CreateInvoices>) -> String {
    session.user_id().to_string()
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

struct Poem;

impl Stage for Poem {
    async fn ask(layer: Option<FrontdeskLayer>, request: Request) -> Answer {
        let (parts, ()) = request.0.into_parts();
        let parts = (parts, LocalAddr::default(), RemoteAddr::default(), http::uri::Scheme::HTTP);
        let request = poem::Request::from_parts(parts.into(), poem::Body::empty());
        let app = routes().nest("/nested", routes());
        let response = match layer {
            Some(layer) => app.with(layer).get_response(request).await,
            None => app.get_response(request).await,
        };
        let (parts, body) = response.into_parts();
        Answer::new(parts.status.as_u16(), &parts.headers, body.into_vec().await.unwrap())
    }
}

story!(Poem);

#[test]
fn every_header_is_seen() {
    let request =
        poem::Request::builder().header("dnt", "1").header("cookie", "a=1").header("cookie", "b=2").finish();
    let mut seen = Vec::new();
    request.all_headers(&mut |name, value| seen.push((name, value)));
    seen.sort_unstable();
    assert_eq!(seen, [("cookie", &b"a=1"[..]), ("cookie", b"b=2"), ("dnt", b"1")]);
}
