//! The mail that tells of a sign-in on a device that the person was not seen on before.

use std::net::IpAddr;

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_notify::{Letter, MailTemplate};
use frontdesk_testkit::matrix::{Browser, TestApp};
use frontdesk_types::Span;
use serde_json::json;

use crate::steps::{PASSWORD, sign_in, text};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
const NEWER_FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/26.0 Mobile/15E148 Safari/604.1";
const HOME: &str = "203.0.113.7";
const CAFE: &str = "198.51.100.9";

/// A browser that was never here.
fn browser(app: &TestApp, name: &str, address: &str) -> Browser {
    let mut browser = app.browser();
    browser.user_agent = Some(name.to_owned());
    browser.address = Some(address.parse::<IpAddr>().unwrap());
    browser
}

/// Ada, who has signed in at home once.
async fn at_home(app: &TestApp) -> Browser {
    app.user().email("ada@example.com").first_name("Ada").password(PASSWORD).create().await;
    let mut home = browser(app, FIREFOX, HOME);
    sign_in(&mut home, "ada@example.com", PASSWORD).await.ok();
    assert_eq!(news(app), [], "a first sign-in is no news");
    // Rate limits look at a minute.
    app.advance(Span::minutes(5));
    home
}

/// What was told, newest first.
fn news(app: &TestApp) -> Vec<Letter> {
    app.mails().into_iter().filter(|it| it.mail.slug == MailTemplate::NewDeviceSignIn).collect()
}

#[frontdesk_testkit::matrix::test]
async fn the_same_device_is_no_news(app: TestApp) {
    let mut home = at_home(&app).await;
    home.post_as("DELETE", "/v1/client/sessions", &[]).await.ok();
    sign_in(&mut home, "ada@example.com", PASSWORD).await.ok();
    app.advance(Span::minutes(5));
    // Whoever clears their cookies, and whose browser renews itself, still sits at the same desk.
    sign_in(&mut browser(&app, NEWER_FIREFOX, HOME), "ada@example.com", PASSWORD).await.ok();
    assert_eq!(news(&app), []);
    // A browser that is known by its cookies may travel.
    home.post_as("DELETE", "/v1/client/sessions", &[]).await.ok();
    home.address = Some(CAFE.parse().unwrap());
    sign_in(&mut home, "ada@example.com", PASSWORD).await.ok();
    assert_eq!(news(&app), []);
}

#[frontdesk_testkit::matrix::test]
async fn another_browser_or_another_place_is_told(app: TestApp) {
    at_home(&app).await;
    sign_in(&mut browser(&app, SAFARI, HOME), "ada@example.com", PASSWORD).await.ok();
    let [letter] = news(&app).try_into().unwrap();
    assert_eq!(letter.mail.to, "ada@example.com");
    for fact in ["iPhone", "Safari 26.0", HOME, "password", "2026-01-01 00:05 UTC"] {
        assert!(letter.mail.text.contains(fact), "{fact}: {}", letter.mail.text);
    }
    app.advance(Span::minutes(5));
    sign_in(&mut browser(&app, SAFARI, HOME), "ada@example.com", PASSWORD).await.ok();
    assert_eq!(news(&app).len(), 1, "by now it is known");
    sign_in(&mut browser(&app, FIREFOX, CAFE), "ada@example.com", PASSWORD).await.ok();
    assert_eq!(news(&app).len(), 2, "the same browser, elsewhere");
    // What did not become a session is told by nothing.
    assert!(
        sign_in(&mut browser(&app, SAFARI, CAFE), "ada@example.com", "wrong horse").await.status() >= 400
    );
    assert_eq!(news(&app).len(), 2);
}

#[frontdesk_testkit::matrix::test]
async fn one_browser_of_several_people_is_new_to_each_of_them_once(app: TestApp) {
    let mut settings = app.instance.instance.settings.clone();
    settings.single_session_mode = false;
    let kind = app.instance.instance.kind;
    let app = app.remade(kind, settings).await;
    let mut home = at_home(&app).await;
    app.user().email("grace@example.com").password(PASSWORD).create().await;
    let mut abroad = browser(&app, SAFARI, CAFE);
    sign_in(&mut abroad, "grace@example.com", PASSWORD).await.ok();
    assert_eq!(news(&app), [], "Grace's first");
    // At Ada's, beside Ada's session: nobody has seen Grace there.
    let both = sign_in(&mut home, "grace@example.com", PASSWORD).await.ok();
    assert_eq!(both["client"]["sessions"].as_array().unwrap().len(), 2);
    let told: Vec<_> = news(&app).into_iter().map(|letter| letter.mail.to).collect();
    assert_eq!(told, ["grace@example.com"]);
    // And Ada at Grace's.
    app.advance(Span::minutes(5));
    sign_in(&mut abroad, "ada@example.com", PASSWORD).await.ok();
    let told: Vec<_> = news(&app).into_iter().map(|letter| letter.mail.to).collect();
    assert_eq!(told, ["ada@example.com", "grace@example.com"]);
}

#[frontdesk_testkit::matrix::test]
async fn a_ticket_on_another_device_is_told_as_what_it_is(app: TestApp) {
    at_home(&app).await;
    let users = app.backend().get("/v1/users").await.ok();
    let made = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": users[0]["id"] })).await.ok();
    let form = [("strategy", "ticket"), ("ticket", text(&made, "/token"))];
    browser(&app, SAFARI, CAFE).post("/v1/client/sign_ins", &form).await.ok();
    let [letter] = news(&app).try_into().unwrap();
    assert!(letter.mail.text.contains("ticket"), "{}", letter.mail.text);
}

#[frontdesk_testkit::matrix::test]
async fn a_device_is_told_of_in_production_too(app: TestApp) {
    let app = app.remade(InstanceKind::Production, Settings::for_kind(InstanceKind::Production)).await;
    let from = |name: &str, address: &str| {
        let mut browser = browser(&app, name, address);
        "clerk.frontdesk.localhost".clone_into(&mut browser.host);
        browser.origin = Some("https://app.frontdesk.localhost".to_owned());
        browser
    };
    app.user().email("ada@example.com").password(PASSWORD).create().await;
    sign_in(&mut from(FIREFOX, HOME), "ada@example.com", PASSWORD).await.ok();
    app.advance(Span::minutes(5));
    sign_in(&mut from(FIREFOX, HOME), "ada@example.com", PASSWORD).await.ok();
    assert_eq!(news(&app), []);
    sign_in(&mut from(FIREFOX, CAFE), "ada@example.com", PASSWORD).await.ok();
    assert_eq!(news(&app).len(), 1);
}

#[frontdesk_testkit::matrix::test]
async fn an_application_that_tells_it_itself_is_left_to(app: TestApp) {
    at_home(&app).await;
    let toggle = "/v1/templates/email/new_device_sign_in/toggle_delivery";
    app.backend().post(toggle, json!({ "delivered_by_clerk": false })).await.ok();
    sign_in(&mut browser(&app, SAFARI, CAFE), "ada@example.com", PASSWORD).await.ok();
    let [letter] = news(&app).try_into().unwrap();
    assert!(letter.handed_over, "nobody has sent it");
}
