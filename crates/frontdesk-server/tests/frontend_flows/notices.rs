//! News about an account, to the person it belongs to.

use frontdesk_notify::MailTemplate;
use frontdesk_testkit::matrix::{Browser, TestApp};

use crate::steps::{PASSWORD, mailed_code};

/// Somebody who is signed in.
async fn signed_in(app: &TestApp) -> Browser {
    app.user().email("ada@example.com").first_name("Ada").password(PASSWORD).create().await;
    let mut browser = app.browser();
    let form = [("identifier", "ada@example.com"), ("password", PASSWORD)];
    browser.post("/v1/client/sign_ins", &form).await.ok();
    browser
}

/// What went where, oldest first.
fn told(app: &TestApp) -> Vec<(MailTemplate, String)> {
    let mut mails: Vec<_> =
        app.mails().into_iter().map(|letter| (letter.mail.slug, letter.mail.to)).collect();
    mails.reverse();
    mails
}

fn to_ada(slug: MailTemplate) -> (MailTemplate, String) {
    (slug, "ada@example.com".to_owned())
}

#[frontdesk_testkit::matrix::test]
async fn a_changed_password_is_told(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let change = [("current_password", PASSWORD), ("new_password", "another horse battery")];
    browser.post("/v1/me/change_password", &change).await.ok();
    assert_eq!(told(&app), [to_ada(MailTemplate::PasswordChanged)]);
    let mail = &app.mails()[0].mail;
    assert!(mail.text.contains("Hello Ada, the password of ada@example.com"), "{}", mail.text);
    assert!(!mail.text.contains("another horse"));
    // A change that was refused is none.
    let wrong = [("current_password", "wrong horse battery"), ("new_password", "yet another horse")];
    assert!(browser.post("/v1/me/change_password", &wrong).await.status() >= 400);
    assert_eq!(app.mails().len(), 1);
}

#[frontdesk_testkit::matrix::test]
async fn a_lock_is_told_once(app: TestApp) {
    app.user().email("ada@example.com").password(PASSWORD).create().await;
    let tries = app.instance.instance.settings.limits.lockout_tries;
    for _ in 0..tries + 2 {
        let form = [("identifier", "ada@example.com"), ("password", "wrong horse battery")];
        app.browser().post("/v1/client/sign_ins", &form).await;
    }
    assert_eq!(told(&app), [to_ada(MailTemplate::AccountLocked)]);
    let text = &app.mails()[0].mail.text;
    assert!(text.contains("failed 10 times") && text.contains("for 60 minutes"), "{text}");
}

#[frontdesk_testkit::matrix::test]
async fn the_address_that_was_primary_learns_that_it_is_not(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let added =
        browser.post("/v1/me/email_addresses/", &[("email_address", "augusta@example.com")]).await.ok();
    let id = added["response"]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/me/email_addresses/{id}");
    browser.post(&format!("{path}/prepare_verification"), &[("strategy", "email_code")]).await.ok();
    let code = mailed_code(&app, "augusta@example.com");
    browser.post(&format!("{path}/attempt_verification"), &[("code", &code)]).await.ok();
    browser.post_as("PATCH", "/v1/me", &[("first_name", "Augusta")]).await.ok();
    assert_eq!(app.mails().len(), 1, "the primary address has not moved");
    browser.post_as("PATCH", "/v1/me", &[("primary_email_address_id", &id)]).await.ok();
    let told = told(&app);
    assert_eq!(told[1..], [to_ada(MailTemplate::PrimaryEmailAddressChanged)]);
    let text = &app.mails()[0].mail.text;
    assert!(text.contains("writes to augusta@example.com instead of ada@example.com"), "{text}");
}

#[frontdesk_testkit::matrix::test]
async fn test_addresses_get_no_news(app: TestApp) {
    let address = "ada+clerk_test@example.com";
    app.user().email(address).password(PASSWORD).create().await;
    let mut browser = app.browser();
    browser.post("/v1/client/sign_ins", &[("identifier", address), ("password", PASSWORD)]).await.ok();
    let change = [("current_password", PASSWORD), ("new_password", "another horse battery")];
    browser.post("/v1/me/change_password", &change).await.ok();
    assert_eq!(told(&app), []);
}
