//! The layer around warp's service, and the filters, in front of real routes.

use std::convert::Infallible;

use http::StatusCode;
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use tower::{Layer, Service, ServiceExt};
use warp::{Filter, Rejection, Reply};

use frontdesk_types::Span;

use super::{auth, authorized, denied, machine, signed_in};
use crate::test_support::{Request, USER, World, foreign_key, token};
use crate::{
    Auth, Authorized, Denied, FrontdeskLayer, Machine, Policy, Requirement, Reverification, SignedIn,
    TokenType,
};

struct CreateInvoices;

impl Policy for CreateInvoices {
    fn requirement() -> Requirement {
        Requirement::permission("org:invoices:create")
    }
}

struct DeleteAccount;

impl Policy for DeleteAccount {
    fn requirement() -> Requirement {
        Requirement::reverified(Reverification::STRICT)
    }
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
    let greet = warp::path::end().and(auth()).map(|auth| who(&auth));
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
    people.or(program).or(with_cookie).or(failing).or(posted).or(sized).recover(denied)
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

async fn ask<S, B>(service: S, request: Request) -> Answer
where
    S: Service<http::Request<Empty<Bytes>>, Response = http::Response<B>, Error = Infallible>,
    B: http_body::Body<Data = Bytes, Error: std::fmt::Debug>,
{
    let response = service.oneshot(request.0.map(|()| Empty::new())).await.unwrap();
    let (parts, body) = response.into_parts();
    let text = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        text: String::from_utf8(text.to_vec()).unwrap(),
    }
}

/// Sends it to an application with the layer around everything.
async fn send(world: &World, request: Request) -> Answer {
    ask(FrontdeskLayer::new(world.frontdesk.clone()).layer(warp::service(routes())), request).await
}

#[tokio::test]
async fn handlers_learn_who_is_asking() {
    let world = World::production();
    assert_eq!(send(&world, Request::fetch("/").bearer(&token().sign())).await.text, USER);
    assert_eq!(send(&world, Request::page("/").signed_in(&token().sign())).await.text, USER);
    assert_eq!(send(&world, Request::fetch("/")).await.text, "Some(SessionTokenAndUatMissing)");
}

#[tokio::test]
async fn only_the_signed_in_pass() {
    let world = World::production();
    for path in ["/protected", "/nested/protected"] {
        let answer = send(&world, Request::fetch(path).bearer(&token().sign())).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, USER));
    }
    let pending = token().claim("v", 2).claim("sts", "pending").sign();
    for request in [
        Request::fetch("/protected"),
        Request::fetch("/protected").bearer("nonsense"),
        Request::fetch("/protected").bearer(&token().sign_with(foreign_key())),
        Request::fetch("/protected").bearer(&pending),
        Request::fetch("/nested/protected"),
        Request::fetch("/authorized"),
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
    let replied = send(&world, Request::fetch("/refusing").bearer(&member)).await;
    assert_eq!((replied.status, replied.text.as_str()), (403, r#"{"error":"forbidden"}"#));

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
async fn rejections_of_others_stay_what_they_are() {
    let world = World::production();
    assert_eq!(send(&world, Request::fetch("/nowhere")).await.status, 404);
    assert_eq!(send(&world, Request::fetch("/sized")).await.status, 411);
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

#[tokio::test]
async fn a_visitor_is_sent_where_they_can_sign_in() {
    let sign_in = "https://app.test/sign-in";
    let world = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| builder.sign_in_url(sign_in));
    for path in ["/protected", "/authorized"] {
        let answer = send(&world, Request::page(path)).await;
        assert_eq!((answer.status, answer.text.as_str()), (307, ""), "{path}");
        assert!(answer.header("location").starts_with(sign_in), "{path}");
    }
}

#[tokio::test]
async fn what_the_handshake_brought_reaches_the_browser_beside_the_handlers_own() {
    let world = World::production();
    world.backend.payload.lock().unwrap().replace(vec![
        format!("__session={}; Path=/", token().sign()),
        "__client_uat=1799999900; Path=/".to_owned(),
    ]);
    for (path, status) in [("/cookie", 200), ("/failing", 418), ("/nowhere", 404)] {
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
async fn programs_have_their_own_filter() {
    let world = World::production();
    let layer = FrontdeskLayer::new(world.frontdesk.accepting(TokenType::M2m));
    let service = layer.layer(warp::service(routes()));
    let jwt = token().claim("sub", "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr").sign();
    let answer = ask(service.clone(), Request::fetch("/program").bearer(&jwt)).await;
    assert_eq!(answer.text, "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr");
    let answer = ask(service, Request::fetch("/program").bearer(&token().sign())).await;
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn without_a_layer_and_without_settings_nobody_is_signed_in() {
    let service = warp::service(routes());
    let answer = ask(service.clone(), Request::fetch("/").bearer(&token().sign())).await;
    assert_eq!(answer.text, "Some(NotConfigured)");
    for path in ["/protected", "/authorized", "/program"] {
        let answer = ask(service.clone(), Request::page(path)).await;
        assert_eq!((answer.status, answer.text.as_str()), (401, r#"{"error":"unauthorized"}"#), "{path}");
    }
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
