//! What an attacker tries with valid requests: tokens of one kind as another, many requests at one moment, cookies
//! planted from a neighbouring host.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::body::Body;
use frontdesk_testkit::matrix::{Browser, TestApp};
use frontdesk_types::Span;
use futures_util::future::join_all;
use http::{Request, header};
use serde_json::json;

const PASSWORD: &str = "correct horse battery";

/// Signs a new person up by password, and gives their browser and session.
async fn signed_in(app: &TestApp) -> (Browser, String) {
    app.user().email("ada@example.com").password(PASSWORD).create().await;
    let mut browser = app.browser();
    let form = [("identifier", "ada@example.com"), ("password", PASSWORD)];
    let reply = browser.post("/v1/client/sign_ins", &form).await.ok();
    let session = reply["response"]["created_session_id"].as_str().unwrap().to_owned();
    (browser, session)
}

/// A request of a browser with these cookies, in this order.
async fn with_cookies(
    app: &TestApp,
    method: &str,
    path: &str,
    cookies: &str,
) -> frontdesk_testkit::matrix::Reply {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost:4400")
        .header(header::ORIGIN, "http://localhost:3000")
        .header(header::COOKIE, cookies)
        .body(Body::empty())
        .unwrap();
    app.browser().send_request(request).await
}

#[frontdesk_testkit::matrix::test]
async fn no_name_with_nul_reaches_the_database(app: TestApp) {
    // `a.b`, NUL, `$` in base64.
    for path in [
        "/v1/public/interstitial?frontend_api=clerk%00.localhost",
        "/v1/public/interstitial?publishable_key=pk_test_YS5iACQ",
        "/dev/outbox?instance=%00",
        "/dev/outbox.json?instance=%00",
        "/i/%00/v1/client",
        "/img/%00.svg",
        "/v1/client?_clerk_session_id=%00&__clerk_db_jwt=%00",
    ] {
        let reply = with_cookies(&app, "GET", path, "a=b").await;
        assert!((400..500).contains(&reply.status()), "{path}: {} {}", reply.status(), reply.text());
    }
}

#[frontdesk_testkit::matrix::test]
async fn no_nul_hides_in_metadata(app: TestApp) {
    let (mut browser, _) = signed_in(&app).await;
    let form = [("unsafe_metadata", r#"{"a":"\u0000"}"#)];
    browser.post_as("PATCH", "/v1/me/metadata", &form).await.refused(400, "bad_request");
    let form = [("email_address", "grace@example.com"), form[0]];
    app.browser().post("/v1/client/sign_ups", &form).await.refused(400, "bad_request");
}

#[frontdesk_testkit::matrix::test]
async fn attempts_at_one_moment_bring_no_more_codes_to_an_address(app: TestApp) {
    let limit = app.instance.instance.settings.limits.codes_per_address as usize;
    let mut visitors = Vec::new();
    for _ in 0..limit + 10 {
        let mut browser = app.browser();
        let form = [("email_address", "ada@example.com"), ("password", PASSWORD)];
        let reply = browser.post("/v1/client/sign_ups", &form).await.ok();
        let id = reply["response"]["id"].as_str().unwrap();
        let path = format!("/v1/client/sign_ups/{id}/prepare_verification");
        visitors.push((browser, path));
    }
    let replies = join_all(visitors.into_iter().map(|(mut browser, path)| {
        tokio::spawn(async move { browser.post(&path, &[("strategy", "email_code")]).await.status() })
    }))
    .await;
    let sent = replies.into_iter().filter(|status| *status.as_ref().unwrap() == 200).count();
    assert_eq!((sent, app.mails().len()), (limit, limit));
}

#[frontdesk_testkit::matrix::test]
async fn whoever_asks_again_too_soon_spends_none_of_the_addresss_codes(app: TestApp) {
    let mut browser = app.browser();
    let form = [("email_address", "ada@example.com"), ("password", PASSWORD)];
    let reply = browser.post("/v1/client/sign_ups", &form).await.ok();
    let path =
        format!("/v1/client/sign_ups/{}/prepare_verification", reply["response"]["id"].as_str().unwrap());
    browser.post(&path, &[("strategy", "email_code")]).await.ok();
    for _ in 0..app.instance.instance.settings.limits.codes_per_address {
        browser
            .post(&path, &[("strategy", "email_code")])
            .await
            .refused(429, "verification_code_too_many_requests");
    }
    app.advance(Span::seconds(30));
    browser.post(&path, &[("strategy", "email_code")]).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_cookie_planted_in_front_of_the_right_one_changes_nothing(app: TestApp) {
    let mut browser = app.browser();
    browser.post("/v1/client", &[]).await.ok();
    let planted = browser.cookie("__client").unwrap().to_owned();
    app.user().email("ada@example.com").password(PASSWORD).create().await;
    let form = [("identifier", "ada@example.com"), ("password", PASSWORD)];
    let reply = browser.post("/v1/client/sign_ins", &form).await.ok();
    let session = reply["response"]["created_session_id"].as_str().unwrap();
    let right = browser.cookie("__client").unwrap();
    let cookies = format!("__client={planted}; __client={right}");
    with_cookies(&app, "POST", &format!("/v1/client/sessions/{session}/touch"), &cookies).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn no_token_passes_for_one_of_another_kind(app: TestApp) {
    let (mut browser, session) = signed_in(&app).await;
    let client = browser.get("/v1/client").await.ok();
    let claims = json!({ "id": client["response"]["id"], "rotating_token": "{{user.id}}" });
    app.backend().post("/v1/jwt_templates", json!({ "name": "client", "claims": claims })).await.ok();
    let path = format!("/v1/client/sessions/{session}/tokens");
    let mut forged = Vec::new();
    for path in [path.clone(), format!("{path}/client")] {
        forged.push(browser.post(&path, &[]).await.ok()["jwt"].as_str().unwrap().to_owned());
    }
    let handshake = browser.get("/v1/client/handshake?redirect_url=http%3A%2F%2Flocalhost%3A3000%2F").await;
    forged.push(handshake.header("location").split("__clerk_handshake=").nth(1).unwrap().to_owned());
    for token in forged {
        let reply = with_cookies(&app, "GET", "/v1/client", &format!("__client={token}")).await.ok();
        assert_eq!(reply["response"], json!(null), "{token} opened a client");
    }
    // What the SDKs look for in a handshake cannot come from a template.
    let claims = json!({ "handshake": ["__session=x"] });
    app.backend()
        .post("/v1/jwt_templates", json!({ "name": "handshake", "claims": claims }))
        .await
        .refused(400, "jwt_template_reserved_claim");
}

#[frontdesk_testkit::matrix::test]
async fn a_host_is_the_same_in_capitals(app: TestApp) {
    let mut browser = app.browser();
    let mut environments = Vec::new();
    for host in ["clerk.neighbour.localhost", "Clerk.NEIGHBOUR.localhost", "clerk.frontdesk.localhost"] {
        host.clone_into(&mut browser.host);
        environments.push(browser.get("/v1/environment").await.ok()["auth_config"]["id"].clone());
    }
    assert_eq!(environments[0], environments[1]);
    assert_ne!(environments[1], environments[2]);
}
