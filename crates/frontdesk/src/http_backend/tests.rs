//! What goes over the wire, against a server of our own.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::IntoResponse;
use http::StatusCode;

use super::*;
use crate::test_support::key;

/// Answers every request alike, and remembers what was asked.
struct Server {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

async fn server(status: StatusCode, body: String) -> Server {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let app = Router::new().fallback(move |request: Request<Body>| {
        let (log, body) = (Arc::clone(&log), body.clone());
        async move {
            let (parts, sent) = request.into_parts();
            let sent = axum::body::to_bytes(sent, 1000).await.unwrap();
            let header = |name| parts.headers.get(name).map_or("", |value| value.to_str().unwrap());
            log.lock().unwrap().push(format!(
                "{} {} {} {} {}",
                parts.method,
                parts.uri,
                header("authorization"),
                header("clerk-api-version"),
                String::from_utf8_lossy(&sent)
            ));
            (status, [("location", "/elsewhere")], body).into_response()
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    Server { url, seen }
}

fn backend(url: &str) -> HttpBackend {
    let builder =
        crate::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQwMDAk").secret_key("sk_test_1");
    HttpBackend::new(&builder.api_url(url).check().unwrap()).unwrap()
}

#[tokio::test]
async fn keys_are_fetched_with_the_secret_key() {
    let jwks = serde_json::json!({ "keys": [key().public_jwk().unwrap()] }).to_string();
    let server = server(StatusCode::OK, jwks).await;
    for url in [server.url.clone(), format!("{}/prefix/", server.url)] {
        assert_eq!(backend(&url).jwks().await.unwrap().keys.len(), 1);
    }
    assert_eq!(
        *server.seen.lock().unwrap(),
        ["GET /v1/jwks Bearer sk_test_1 2026-05-12 ", "GET /prefix/v1/jwks Bearer sk_test_1 2026-05-12 ",]
    );
}

#[tokio::test]
async fn payloads_and_tokens_are_fetched() {
    let payloads = server(StatusCode::OK, r#"{"directives":["a=b"]}"#.to_owned()).await;
    assert_eq!(backend(&payloads.url).handshake_payload("n&x=/..").await.unwrap(), ["a=b"]);
    assert_eq!(
        *payloads.seen.lock().unwrap(),
        ["GET /v1/clients/handshake_payload?nonce=n%26x%3D%2F.. Bearer sk_test_1 2026-05-12 "]
    );

    let tokens = server(StatusCode::OK, r#"{"object":"token","jwt":"a.b.c"}"#.to_owned()).await;
    let backend = backend(&tokens.url);
    assert_eq!(backend.session_token("sess_1", Some("a/../b"), None).await.unwrap(), "a.b.c");
    assert_eq!(backend.session_token("sess_1", None, Some(60)).await.unwrap(), "a.b.c");
    assert_eq!(
        *tokens.seen.lock().unwrap(),
        [
            "POST /v1/sessions/sess_1/tokens/a%2F..%2Fb Bearer sk_test_1 2026-05-12 ",
            r#"POST /v1/sessions/sess_1/tokens Bearer sk_test_1 2026-05-12 {"expires_in_seconds":60}"#,
        ]
    );
}

#[tokio::test]
async fn refusals_are_told_from_outages() {
    let body = r#"{"errors":[{"code":"clerk_key_invalid","message":"no"}]}"#.to_owned();
    let answer = server(StatusCode::UNAUTHORIZED, body).await;
    let error = backend(&answer.url).jwks().await.unwrap_err();
    assert!(error.is_about_the_secret_key());
    assert!(matches!(error, BackendError::Refused { status: 401, .. }));

    for (status, body) in [
        (StatusCode::SERVICE_UNAVAILABLE, "<html>"),
        (StatusCode::TOO_MANY_REQUESTS, r#"{"errors":[{"code":"too_many_requests"}]}"#),
    ] {
        let answer = server(status, body.to_owned()).await;
        assert!(matches!(backend(&answer.url).jwks().await, Err(BackendError::Unavailable(_))), "{status}");
    }
    for (status, body) in [(StatusCode::NOT_FOUND, "<html>"), (StatusCode::TEMPORARY_REDIRECT, "{}")] {
        let answer = server(status, body.to_owned()).await;
        let error = backend(&answer.url).jwks().await.unwrap_err();
        assert!(matches!(&error, BackendError::Refused { code, .. } if code.is_empty()), "{status}");
        assert!(!error.is_about_the_secret_key());
        assert_eq!(answer.seen.lock().unwrap().len(), 1, "a redirect is not followed");
    }
    let answer = server(StatusCode::OK, "not json".to_owned()).await;
    assert!(matches!(backend(&answer.url).jwks().await, Err(BackendError::Unreadable(_))));
    assert!(matches!(backend("http://127.0.0.1:9").jwks().await, Err(BackendError::Unavailable(_))));
}

#[tokio::test]
async fn errors_do_not_show_the_secret_key() {
    let backend = backend("http://127.0.0.1:9");
    let error = backend.jwks().await.unwrap_err();
    assert!(!format!("{backend:?} {error:?}").contains("sk_test_1"));
}

#[test]
fn only_this_machine_is_asked_directly() {
    for (url, loopback) in [
        ("http://127.0.0.1:4400", true),
        ("http://[::1]:4400", true),
        ("http://localhost:4400", true),
        ("http://clerk.frontdesk.localhost", true),
        ("https://api.example.com", false),
        ("http://10.0.0.1", false),
    ] {
        assert_eq!(is_loopback(&Url::parse(url).unwrap()), loopback, "{url}");
    }
}

#[test]
#[cfg(feature = "https")]
fn a_client_for_https_can_be_made() {
    backend("https://api.example.com");
}
