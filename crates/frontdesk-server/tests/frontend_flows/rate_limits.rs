//! The published rates: so many tries from one network address, then 429 and when to come again.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::{RateLimits, Settings};
use frontdesk_testkit::matrix::{Browser, TestApp};
use frontdesk_types::Span;
use serde_json::json;

use crate::steps::{PASSWORD, begin_sign_up, identify, text};

async fn limited(app: TestApp) -> TestApp {
    let settings =
        Settings { rate_limits: Some(RateLimits::PUBLISHED), ..app.instance.instance.settings.clone() };
    let app = Box::pin(app.remade(InstanceKind::Development, settings)).await;
    app.user().email("ada@example.com").password(PASSWORD).create().await;
    app
}

fn at(app: &TestApp, address: &str) -> Browser {
    let mut browser = app.browser();
    browser.address = Some(address.parse().unwrap());
    browser
}

#[frontdesk_testkit::matrix::test]
async fn five_sign_ins_begin_in_ten_seconds(app: TestApp) {
    let app = limited(app).await;
    let form = [("identifier", "ada@example.com")];
    for _ in 0..5 {
        at(&app, "192.0.2.1").post("/v1/client/sign_ins", &form).await.ok();
        app.advance(Span::seconds(1));
    }
    let refused = at(&app, "192.0.2.1").post("/v1/client/sign_ins", &form).await;
    refused.refused(429, "too_many_requests");
    assert_eq!(refused.headers()["retry-after"], "5");
    assert_eq!(
        refused.headers()["access-control-allow-origin"],
        "http://localhost:3000",
        "the page can read it"
    );
    at(&app, "192.0.2.2").post("/v1/client/sign_ins", &form).await.ok();
    at(&app, "192.0.2.1").post("/v1/client/sign_ups", &[("email_address", "new@example.com")]).await.ok();
    app.advance(Span::seconds(5));
    at(&app, "192.0.2.1").post("/v1/client/sign_ins", &form).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn three_passwords_are_tried_in_ten_seconds(app: TestApp) {
    let app = limited(app).await;
    let mut browser = at(&app, "192.0.2.1");
    let reply = browser.post("/v1/client/sign_ins", &[("identifier", "ada@example.com")]).await.ok();
    let path = format!("/v1/client/sign_ins/{}/attempt_first_factor", text(&reply, "/response/id"));
    for _ in 0..3 {
        let wrong = browser.post(&path, &[("strategy", "password"), ("password", "a wrong one")]).await;
        wrong.refused(422, "form_password_incorrect");
    }
    let right = [("strategy", "password"), ("password", PASSWORD)];
    browser.post(&path, &right).await.refused(429, "too_many_requests");
    app.advance(Span::seconds(10));
    browser.post(&path, &right).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn three_codes_of_a_sign_up_are_tried_in_ten_seconds(app: TestApp) {
    let app = limited(app).await;
    let mut browser = at(&app, "192.0.2.1");
    let form = [("email_address", "new+clerk_test@example.com"), ("password", PASSWORD)];
    let begun = browser.post("/v1/client/sign_ups", &form).await.ok();
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    browser.post(&format!("{path}/prepare_verification"), &[("strategy", "email_code")]).await.ok();
    let path = format!("{path}/attempt_verification");
    let code = |code| [("strategy", "email_code"), ("code", code)];
    for _ in 0..3 {
        browser.post(&path, &code("000000")).await.refused(422, "form_code_incorrect");
    }
    browser.post(&path, &code("424242")).await.refused(429, "too_many_requests");
    app.advance(Span::seconds(10));
    browser.post(&path, &code("424242")).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn five_codes_are_sent_in_ten_seconds_wherever_they_go(app: TestApp) {
    let app = limited(app).await;
    let mut paths = Vec::new();
    for number in 0..3 {
        let mut browser = at(&app, &format!("198.51.100.{number}"));
        let email = format!("new{number}@example.com");
        let path = begin_sign_up(&mut browser, &email).await;
        paths.push((browser, path));
        let mut browser = at(&app, &format!("198.51.100.{number}"));
        let (path, _) = identify(&mut browser, "ada@example.com").await;
        paths.push((browser, path));
    }
    // Sign-ins and sign-ups of many browsers, all from one network address now.
    for (number, (browser, path)) in paths.iter_mut().enumerate() {
        browser.address = Some("192.0.2.1".parse().unwrap());
        let action = if path.contains("sign_ups") { "prepare_verification" } else { "prepare_first_factor" };
        let form = [("strategy", "email_code")];
        let reply = browser.post(&format!("{path}/{action}"), &form).await;
        if number < 5 {
            reply.ok();
        } else {
            reply.refused(429, "too_many_requests");
            assert_eq!(reply.headers()["retry-after"], "10");
        }
    }
    assert_eq!(app.mails().len(), 5, "what is refused sends nothing");
    let (browser, path) = &mut paths[5];
    browser.address = Some("192.0.2.2".parse().unwrap());
    browser.post(&format!("{path}/prepare_first_factor"), &[("strategy", "email_code")]).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn ten_changes_are_taken_in_ten_seconds(app: TestApp) {
    let app = limited(app).await;
    let mut browser = at(&app, "192.0.2.1");
    let path = begin_sign_up(&mut browser, "new@example.com").await;
    for number in 0..10 {
        let email = format!("other{number}@example.com");
        browser.post_as("PATCH", &path, &[("email_address", &email)]).await.ok();
    }
    // One more, of whatever kind, is one too many.
    let form = [("email_address", "last@example.com")];
    browser.post_as("PATCH", &path, &form).await.refused(429, "too_many_requests");
    browser.post("/v1/me/email_addresses", &form).await.refused(429, "too_many_requests");
    browser.post("/v1/me/profile_image", &[]).await.refused(429, "too_many_requests");
    app.advance(Span::seconds(10));
    browser.post_as("PATCH", &path, &form).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_testing_token_is_let_in_until_it_expires(app: TestApp) {
    let app = limited(app).await;
    let token = app.backend().post("/v1/testing_tokens", json!({})).await.ok();
    let path = format!("/v1/client/sign_ins?__clerk_testing_token={}", text(&token, "/token"));
    let form = [("identifier", "ada@example.com")];
    for _ in 0..20 {
        at(&app, "192.0.2.1").post(&path, &form).await.ok();
    }
    let foreign = "/v1/client/sign_ins?__clerk_testing_token=1-unknown";
    at(&app, "192.0.2.1").post(foreign, &form).await.refused(429, "too_many_requests");
    app.advance(Span::hours(2));
    for _ in 0..5 {
        at(&app, "192.0.2.1").post(&path, &form).await.ok();
    }
    at(&app, "192.0.2.1").post(&path, &form).await.refused(429, "too_many_requests");
}

#[frontdesk_testkit::matrix::test]
async fn development_and_callers_inside_the_process_are_not_limited(app: TestApp) {
    app.user().email("ada@example.com").password(PASSWORD).create().await;
    for _ in 0..20 {
        at(&app, "192.0.2.1").post("/v1/client/sign_ins", &[("identifier", "ada@example.com")]).await.ok();
    }
    let app = limited(app).await;
    for _ in 0..20 {
        app.browser().post("/v1/client/sign_ins", &[("identifier", "ada@example.com")]).await.ok();
    }
}
