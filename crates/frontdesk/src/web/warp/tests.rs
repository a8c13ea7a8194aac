//! The layer around warp's service, and the filters, in front of real routes.

use std::convert::Infallible;

use http::StatusCode;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use tower::{Layer, Service, ServiceExt};
use warp::{Filter, Rejection, Reply};

use super::super::story::{Answer, CreateInvoices, DeleteAccount, Stage, story};
use super::{auth, authorized, denied, machine, signed_in};
use crate::test_support::{Request, World};
use crate::{Auth, Authorized, Denied, FrontdeskLayer, Machine, SignedIn};

fn greet(auth: &Auth) -> String {
    auth.user_id().map_or_else(|| "signed out".to_owned(), ToString::to_string)
}

fn who(auth: &Auth) -> String {
    auth.user_id().map_or_else(|| format!("{:?}", auth.reason()), ToString::to_string)
}

async fn refusing(auth: Auth) -> Result<String, Denied> {
    match auth.user_id() {
        Some(_) => Err(Denied::forbidden()),
        None => Ok("nobody".to_owned()),
    }
}

/// Every refusal must find its way past the routes that come later.
fn routes() -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone + Send + Sync + 'static {
    let session = |session: SignedIn| session.user_id().to_string();
    let greet = warp::path::end().and(auth()).map(|auth| greet(&auth));
    let asking = warp::path!("asking").and(auth()).map(|auth| who(&auth));
    let nested_asking = warp::path!("nested" / "asking").and(auth()).map(|auth| who(&auth));
    let protected = warp::path!("protected").and(signed_in()).map(session);
    let nested = warp::path!("nested" / "protected").and(signed_in()).map(session);
    let authorized_one = warp::path!("authorized")
        .and(authorized())
        .map(|session: Authorized<CreateInvoices>| session.user_id().to_string());
    let stepped_up = warp::path!("stepped-up")
        .and(authorized())
        .map(|session: Authorized<DeleteAccount>| session.user_id().to_string());
    let refusing = warp::path!("refusing").and(auth()).then(refusing);
    let program = warp::path!("program").and(machine()).map(|machine: Machine| machine.subject().to_owned());
    let with_cookie = warp::path!("cookie").map(|| {
        let hello = warp::reply::with_header("hello", "set-cookie", "own=1");
        warp::reply::with_header(hello, "access-control-allow-origin", "https://friend.test")
    });
    let failing = warp::path!("failing").map(|| StatusCode::IM_A_TEAPOT);
    // The same path, by another method and with a body: reasons to reject that are not ours.
    let posted = warp::path!("protected").and(warp::post()).and(warp::body::json()).map(|()| "posted");
    let sized = warp::path!("sized").and(warp::body::content_length_limit(1)).map(|| "sized");

    let people = greet.or(protected).or(nested).or(authorized_one).or(stepped_up).or(refusing);
    people
        .or(asking)
        .or(nested_asking)
        .or(program)
        .or(with_cookie)
        .or(failing)
        .or(posted)
        .or(sized)
        .recover(denied)
}

async fn ask<S, B>(service: S, request: Request) -> Answer
where
    S: Service<http::Request<Empty<Bytes>>, Response = http::Response<B>, Error = Infallible>,
    B: http_body::Body<Data = Bytes, Error: std::fmt::Debug>,
{
    let response = service.oneshot(request.0.map(|()| Empty::new())).await.unwrap();
    let (parts, body) = response.into_parts();
    let text = body.collect().await.unwrap().to_bytes();
    Answer::new(parts.status.as_u16(), &parts.headers, text)
}

#[tokio::test]
async fn rejections_of_others_stay_what_they_are() {
    let world = World::production();
    assert_eq!(Warp::ask_with(&world, Request::fetch("/nowhere")).await.status, 404);
    assert_eq!(Warp::ask_with(&world, Request::fetch("/sized")).await.status, 411);
}

/// What a handle of one's own would see without a layer.
#[tokio::test]
async fn a_copy_shows_what_was_asked() {
    let seen = warp::any().and(super::request()).map(|request: http::Request<()>| {
        let mut headers: Vec<String> = Vec::new();
        for (name, value) in request.headers() {
            headers.push(format!("{name}={}", String::from_utf8_lossy(value.as_bytes())));
        }
        format!("{} {} {}", request.method(), request.uri(), headers.join(" "))
    });
    let service = warp::service(seen);
    for (request, wanted) in [
        (
            Request::fetch("/a/b%20c?d=e&f").cookie("a", "1").cookie("b", "2"),
            "GET /a/b%20c?d=e&f host=app.test cookie=a=1 cookie=b=2",
        ),
        (Request::fetch("/").method(http::Method::POST), "POST / host=app.test"),
        // As hyper shows what came over HTTP/2.
        (Request(http::Request::get("https://other.test/a?b").body(()).unwrap()), "GET /a?b host=other.test"),
    ] {
        assert_eq!(ask(service, request).await.text, wanted);
    }
}

struct Warp;

impl Stage for Warp {
    async fn ask(layer: Option<FrontdeskLayer>, request: Request) -> Answer {
        let service = warp::service(routes());
        match layer {
            Some(layer) => ask(layer.layer(service), request).await,
            None => ask(service, request).await,
        }
    }
}

story!(Warp);
