//! Documents at well-known places, and health.

use axum::body::Body;
use frontdesk_testkit::matrix::{Reply, TestApp};
use http::{Request, header};
use serde_json::json;

use crate::contract;

async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.browser().send_request(request.body(Body::empty()).unwrap()).await
}

#[frontdesk_testkit::matrix::test]
async fn keys_are_found_by_host_by_path_and_by_default(app: TestApp) {
    let own = get(&app, "/.well-known/jwks.json", &[("host", "localhost:4400")]).await;
    assert_eq!(own.header("content-type"), "application/json");
    assert!(own.header(header::CACHE_CONTROL.as_str()).contains("max-age"));
    let own = own.ok();
    contract::assert_value("JWKS.rsa.PublicKey", &own["keys"][0]);
    let by_host = get(&app, "/.well-known/jwks.json", &[("host", "clerk.frontdesk.localhost")]).await.ok();
    assert_eq!(by_host, own);
    let other = get(&app, "/.well-known/jwks.json", &[("host", "clerk.neighbour.localhost")]).await.ok();
    assert_ne!(other, own);
    let by_path = get(&app, "/i/neighbour/.well-known/jwks.json", &[("host", "localhost:4400")]).await.ok();
    assert_eq!(by_path, other);
    assert_eq!(app.backend().get("/v1/jwks").await.ok()["keys"][0]["kid"], own["keys"][0]["kid"]);
    get(&app, "/i/nobody/.well-known/jwks.json", &[]).await.refused(400, "instance_not_found");
}

#[frontdesk_testkit::matrix::test]
async fn metadata_names_the_issuer_and_its_keys(app: TestApp) {
    for name in ["openid-configuration", "oauth-authorization-server"] {
        let metadata = get(&app, &format!("/.well-known/{name}"), &[]).await.ok();
        assert_eq!(metadata["issuer"], "https://clerk.frontdesk.localhost");
        assert_eq!(metadata["jwks_uri"], "http://localhost:4400/.well-known/jwks.json");
        assert_eq!(metadata.get("authorization_endpoint"), None, "nothing is promised that is not there");
        let other = get(&app, &format!("/i/neighbour/.well-known/{name}"), &[]).await.ok();
        assert_eq!(other["jwks_uri"], "http://localhost:4400/i/neighbour/.well-known/jwks.json");
        let proxy = [("clerk-proxy-url", "https://app.example/__clerk/")];
        let proxied = get(&app, &format!("/.well-known/{name}"), &proxy).await.ok();
        assert_eq!(proxied["jwks_uri"], "https://app.example/__clerk/.well-known/jwks.json");
    }
}

#[frontdesk_testkit::matrix::test]
async fn health_needs_no_instance(app: TestApp) {
    assert_eq!(get(&app, "/v1/health", &[("host", "10.0.0.7")]).await.ok(), json!({ "status": "healthy" }));
}

#[frontdesk_testkit::matrix::test]
async fn a_proxy_learns_what_it_forgets(app: TestApp) {
    let secret = app.instance.secret_key.clone();
    let mut headers =
        vec![("clerk-proxy-url", "https://app.example/__clerk"), ("clerk-secret-key", secret.as_str())];
    let reply = get(&app, "/v1/proxy-health?domain_id=dmn_1", &headers).await.ok();
    assert_eq!(reply["status"], "unhealthy");
    assert!(reply["message"].as_str().unwrap().contains("x-forwarded-for"));
    headers.push(("x-forwarded-for", "203.0.113.7"));
    let reply = get(&app, "/v1/proxy-health?domain_id=dmn_1", &headers).await.ok();
    assert_eq!(reply, json!({ "status": "healthy", "x_forwarded_for": "203.0.113.7" }));
}
