//! Requests as the server sees them: any method, path, query, headers, cookies and body, through the whole router.
//!
//! Nothing panics, nothing answers 5xx (but 501 for what is not built), and every refusal has the contract's envelope.

use axum::body::Body;
use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::stage::STAGE;

/// `data` is a request as text, see the corpus.
///
/// # Panics
/// Where something that must hold does not.
pub fn run(data: &[u8]) {
    let Some(request) = STAGE.request(data) else { return };
    let is_head = request.method() == http::Method::HEAD;
    let is_api = ["/v1", "/i/", "/.well-known"].iter().any(|root| request.uri().path().starts_with(root));
    STAGE.runtime.block_on(async {
        let response = STAGE.server.router().oneshot(request.map(Body::from)).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(
            !status.is_server_error() || status == StatusCode::NOT_IMPLEMENTED,
            "{status}: {}",
            String::from_utf8_lossy(&body)
        );
        if is_api && !is_head && (status.is_client_error() || status.is_server_error()) {
            let error: Value = serde_json::from_slice(&body).expect("an error in JSON");
            assert!(error["errors"][0]["code"].is_string(), "{error}");
        }
    });
}
