//! The key set and testing tokens.

use frontdesk_server::keys::token_hash;
use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::Span;
use serde_json::json;

use crate::contract::assert_described;

#[frontdesk_testkit::matrix::test]
async fn the_key_set_is_the_instances_own(app: TestApp) {
    let reply = app.backend().get("/v1/jwks").await;
    assert_described("GetJWKS", &reply);
    let keys = reply.ok();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    let key = &keys["keys"][0];
    assert_eq!([&key["use"], &key["kty"], &key["alg"], &key["e"]], ["sig", "RSA", "RS256", "AQAB"]);
    let theirs = app.backend_with(Some(&app.other.instance.secret_key)).get("/v1/jwks").await.ok();
    assert_ne!(theirs["keys"][0]["n"], key["n"]);
    assert_ne!(theirs["keys"][0]["kid"], key["kid"]);
}

#[frontdesk_testkit::matrix::test]
async fn a_testing_token_works_for_an_hour(app: TestApp) {
    let reply = app.backend().send(http::Method::POST, "/v1/testing_tokens", None).await;
    assert_described("CreateTestingToken", &reply);
    let token = reply.ok();
    let expires_at = app.now() + Span::hours(1);
    assert_eq!(token["expires_at"], expires_at.as_secs());
    let text = token["token"].as_str().unwrap();
    let (seconds, opaque) = text.split_once('-').unwrap();
    assert_eq!(seconds, app.now().as_secs().to_string());
    assert!(opaque.len() >= 32);
    // Kept by hash, in this instance only, and cleared away in time.
    let kept = async |instance| app.server.store().testing_token(instance, &token_hash(text)).await.unwrap();
    assert_eq!(kept(&app.instance.instance.id).await, Some(expires_at));
    assert_eq!(kept(&app.other.instance.instance.id).await, None);
    app.advance(Span::hours(1));
    app.backend().post("/v1/testing_tokens", json!({})).await.ok();
    assert_eq!(kept(&app.instance.instance.id).await, None);
}
