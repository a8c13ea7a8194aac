//! The helper that finds routes without protection.

use axum::Router;
use axum::extract::Json;
use axum::response::Redirect;
use axum::routing::{get, post};
use frontdesk::{FrontdeskLayer, SignedIn, get_auth};
use frontdesk_testkit::{RouteCheck, TestServer, unprotected_routes, unprotected_routes_at};
use http::StatusCode;

fn leaky_app(server: &TestServer) -> Router {
    let guarded = async |_: SignedIn| "for members";
    let by_hand = async |request: axum::extract::Request| match get_auth(&request).await.user_id() {
        Some(_) => StatusCode::OK,
        None => StatusCode::FORBIDDEN,
    };
    let body_first = async |Json(_): Json<serde_json::Value>| StatusCode::UNAUTHORIZED;
    Router::new()
        .route("/", get(async || "welcome"))
        .route("/me", get(guarded).delete(async || "deleted, whoever you are"))
        .route("/orders/{id}", get(guarded))
        .route("/forbidden", get(by_hand))
        .route("/admin", get(async || Redirect::to("/sign-in?redirect_url=%2Fadmin")))
        .route("/old", get(async || Redirect::permanent("/me")))
        .route("/import", post(body_first))
        .layer(FrontdeskLayer::new(server.frontdesk()))
}

const ROUTES: [(&str, &str); 10] = [
    ("GET", "/"),
    ("GET", "/me"),
    ("DELETE", "/me"),
    ("PUT", "/me"),
    ("GET", "/orders/1?page=2"),
    ("GET", "/forbidden"),
    ("GET", "/admin"),
    ("GET", "/old"),
    ("GET", "/lost"),
    ("POST", "/import"),
];
const OPEN: [&str; 6] = [
    "GET / (200)",
    "DELETE /me (200)",
    "PUT /me (405)",
    "GET /old (308)",
    "GET /lost (404)",
    "POST /import (415)",
];

#[tokio::test]
async fn what_is_not_refused_is_listed() {
    let server = TestServer::start().await;
    let app = leaky_app(&server);
    let open = unprotected_routes(&app, ROUTES).await;
    assert_eq!(open.iter().map(ToString::to_string).collect::<Vec<_>>(), OPEN);

    let with_a_body = RouteCheck::new().body("application/json", "{}");
    assert!(with_a_body.unprotected(&app, [("POST", "/import")]).await.is_empty());
    let elsewhere = RouteCheck::new().sign_in_at("/login");
    assert_eq!(elsewhere.unprotected(&app, [("GET", "/admin")]).await, [("GET", "/admin")]);
}

#[tokio::test]
async fn the_same_over_a_port() {
    let server = TestServer::start().await;
    let app = leaky_app(&server);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, app).into_future());
    let open = unprotected_routes_at(&base_url, ROUTES).await;
    assert_eq!(open.iter().map(ToString::to_string).collect::<Vec<_>>(), OPEN);
}

#[tokio::test]
async fn the_layer_alone_protects_nothing() {
    // A page is sent to the handshake whatever its handler wants; that must not look like protection.
    let server = TestServer::start().await;
    let app = Router::new().route("/", get(async || "open")).layer(FrontdeskLayer::new(server.frontdesk()));
    assert_eq!(crate::send(&app, server.browser().page("/")).await.status(), 307);
    assert_eq!(unprotected_routes(&app, [("GET", "/")]).await, [("GET", "/")]);
}

#[tokio::test]
async fn a_grpc_service_refuses_in_its_own_way() {
    let answer = |status: &'static str| get(async move || [("grpc-status", status)]);
    let app: Router = Router::new()
        .route("/unauthenticated", answer("16"))
        .route("/permission-denied", answer("7"))
        .route("/fine", answer("0"))
        .route("/unimplemented", answer("12"));
    let routes =
        ["/unauthenticated", "/permission-denied", "/fine", "/unimplemented"].map(|path| ("GET", path));
    assert_eq!(unprotected_routes(&app, routes).await, [("GET", "/fine"), ("GET", "/unimplemented")]);
}
