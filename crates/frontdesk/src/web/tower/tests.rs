//! The layer and the extractors, in front of a real router.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use http::StatusCode;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tower::{Layer, ServiceExt, service_fn};

use crate::test_support::{Request, USER, World, foreign_key, token};
use crate::{Auth, FrontdeskLayer, SignedIn};

async fn greet(auth: Auth) -> String {
    auth.user_id().map_or_else(|| "signed out".to_owned(), ToString::to_string)
}

async fn protected(session: SignedIn) -> String {
    session.user_id().to_string()
}

async fn with_cookie() -> ([(&'static str, &'static str); 2], &'static str) {
    ([("set-cookie", "own=1"), ("access-control-allow-origin", "https://friend.test")], "hello")
}

fn app(world: &World) -> Router {
    let nested = Router::new().route("/page", get(greet));
    Router::new()
        .route("/", get(greet))
        .route("/protected", get(protected))
        .route("/cookie", get(with_cookie))
        .nest("/nested", nested.layer(FrontdeskLayer::new(world.frontdesk.clone())))
        .layer(FrontdeskLayer::new(world.frontdesk.clone()))
}

async fn send(world: &World, request: Request) -> http::Response<Body> {
    app(world).oneshot(request.0.map(|()| Body::empty())).await.unwrap()
}

async fn text(response: http::Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), 10_000).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn handlers_learn_who_is_asking() {
    let world = World::production();
    assert_eq!(text(send(&world, Request::fetch("/").bearer(&token().sign())).await).await, USER);
    assert_eq!(text(send(&world, Request::fetch("/")).await).await, "signed out");
}

#[tokio::test]
async fn only_the_signed_in_pass() {
    let world = World::production();
    let response = send(&world, Request::fetch("/protected").bearer(&token().sign())).await;
    assert_eq!((response.status(), text(response).await.as_str()), (StatusCode::OK, USER));

    let pending = token().claim("v", 2).claim("sts", "pending").sign();
    for request in [
        Request::fetch("/protected"),
        Request::fetch("/protected").bearer("nonsense"),
        Request::fetch("/protected").bearer(&token().sign_with(foreign_key())),
        Request::fetch("/protected").bearer(&pending),
    ] {
        let response = send(&world, request).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(text(response).await, r#"{"error":"unauthorized"}"#);
    }
}

#[tokio::test]
async fn a_handshake_never_reaches_the_handler() {
    let world = World::development();
    let response = send(&world, Request::page("/protected")).await;
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
    assert!(
        response.headers()["location"]
            .to_str()
            .unwrap()
            .starts_with("https://clerk.frontdesk.test/v1/client/")
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 1);
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn cookies_of_a_handshake_join_the_handlers_own() {
    let world = World::production();
    let session = format!("__session={}; Path=/", token().sign());
    *world.backend.payload.lock().unwrap() = Some(vec!["__client_uat=5".to_owned(), session]);
    let response =
        send(&world, Request::page("/cookie").cookie("__clerk_handshake_nonce", "the-nonce")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 3);
    assert_eq!(
        response.headers()["access-control-allow-origin"],
        "https://friend.test",
        "the handler knows better"
    );
}

#[tokio::test]
async fn a_nested_page_is_found_again() {
    let world = World::development();
    let response = send(&world, Request::page("/nested/page?a=b")).await;
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.contains("redirect_url=http%3A%2F%2Fapp.test%2Fnested%2Fpage%3Fa%3Db&"), "{location}");

    let nested = Router::new().route("/page", get(greet)).layer(FrontdeskLayer::new(world.frontdesk.clone()));
    let app = Router::new().nest("/nested", nested);
    let response = app.oneshot(Request::page("/nested/page?a=b").0.map(|()| Body::empty())).await.unwrap();
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.contains("redirect_url=http%3A%2F%2Fapp.test%2Fnested%2Fpage%3Fa%3Db&"), "{location}");
}

/// Without any framework, over a connection.
#[tokio::test]
async fn hyper_is_served() {
    async fn who(
        request: http::Request<hyper::body::Incoming>,
    ) -> Result<http::Response<String>, Infallible> {
        Ok(match SignedIn::of(&request).await {
            Ok(session) => http::Response::new(session.user_id().to_string()),
            Err(denied) => denied.into_response(),
        })
    }

    let world = World::development();
    let service = FrontdeskLayer::new(world.frontdesk.clone()).layer(service_fn(who));
    let (here, there) = tokio::io::duplex(4096);
    tokio::spawn(
        hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(there), TowerToHyperService::new(service)),
    );
    let (mut client, connection) = hyper::client::conn::http1::handshake(TokioIo::new(here)).await.unwrap();
    tokio::spawn(connection);

    for (request, status) in [
        (Request::fetch("/").bearer(&token().sign()), StatusCode::OK),
        (Request::fetch("/"), StatusCode::UNAUTHORIZED),
        (Request::page("/"), StatusCode::TEMPORARY_REDIRECT),
        (Request::page("/?__clerk_handshake=nonsense"), StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        let response = client.send_request(request.0.map(|()| String::new())).await.unwrap();
        assert_eq!(response.status(), status);
        let text = response.into_body().collect().await.unwrap().to_bytes();
        let wanted = match status {
            StatusCode::OK => USER,
            StatusCode::UNAUTHORIZED => r#"{"error":"unauthorized"}"#,
            StatusCode::TEMPORARY_REDIRECT => "",
            _ => "Frontdesk: the handshake was refused",
        };
        assert!(text.starts_with(wanted.as_bytes()), "{text:?}");
        assert_eq!(text.is_empty(), wanted.is_empty());
    }
}

/// Layers further in may change the type of the body.
#[tokio::test]
async fn any_body_will_do() {
    let world = World::production();
    let service =
        FrontdeskLayer::new(world.frontdesk.clone()).layer(service_fn(async |_: http::Request<()>| {
            Ok::<_, Infallible>(http::Response::new(
                http_body_util::Empty::new().map_err(std::io::Error::other),
            ))
        }));
    let response = service.oneshot(Request::fetch("/").0).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_foreign_handshake_in_development_is_explained() {
    let world = World::development();
    let response = send(&world, Request::page("/?__clerk_handshake=nonsense")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text(response).await.contains("clear the cookies"));
}

#[tokio::test]
async fn without_a_layer_and_without_settings_nobody_is_signed_in() {
    let app = Router::new().route("/", get(greet)).route("/protected", get(protected));
    let request = |path: &str| Request::fetch(path).bearer(&token().sign()).0.map(|()| Body::empty());
    assert_eq!(text(app.clone().oneshot(request("/")).await.unwrap()).await, "signed out");
    assert_eq!(app.oneshot(request("/protected")).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}
