//! What people are told of what an administrator does to their account.

use frontdesk_notify::MailTemplate;
use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::UserId;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

async fn change(app: &TestApp, user: &UserId, body: Value) {
    app.backend().patch(&format!("/v1/users/{user}"), body).await.ok();
}

/// What went where, oldest first.
fn told(app: &TestApp) -> Vec<(MailTemplate, String)> {
    app.mails().into_iter().rev().map(|letter| (letter.mail.slug, letter.mail.to)).collect()
}

fn to_ada(slug: MailTemplate) -> (MailTemplate, String) {
    (slug, "ada@example.com".to_owned())
}

#[frontdesk_testkit::matrix::test]
async fn a_password_that_is_changed_or_removed_for_somebody_is_told(app: TestApp) {
    let ada = app.user().email("ada@example.com").first_name("Ada").password(PASSWORD).create().await;
    assert_eq!(told(&app), [], "an account that is made is no news");
    change(&app, &ada, json!({ "first_name": "Augusta" })).await;
    assert_eq!(told(&app), [], "only a password is");

    change(&app, &ada, json!({ "password": "another horse battery" })).await;
    assert_eq!(told(&app), [to_ada(MailTemplate::PasswordChanged)]);
    let mail = &app.mails()[0].mail;
    assert!(mail.text.contains("the password of ada@example.com"), "{}", mail.text);
    assert!(!mail.text.contains("another horse") && !mail.html.contains("another horse"));

    let digest = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";
    let imported = json!({ "password_digest": digest, "password_hasher": "bcrypt" });
    change(&app, &ada, imported).await;
    assert_eq!(told(&app)[1..], [to_ada(MailTemplate::PasswordChanged)], "however it was given");

    // Checks that are left out do not leave out the news.
    change(&app, &ada, json!({ "password": "x", "skip_password_checks": true })).await;
    assert_eq!(told(&app)[2..], [to_ada(MailTemplate::PasswordChanged)]);

    let remove = format!("/v1/users/{ada}/remove_password");
    app.backend().post(&remove, json!({})).await.ok();
    assert_eq!(told(&app)[3..], [to_ada(MailTemplate::PasswordRemoved)]);
    app.backend().post(&remove, json!({})).await.refused(400, "no_password_set");
    change(&app, &ada, json!({ "password": PASSWORD })).await;
    assert_eq!(told(&app).len(), 4, "a first password takes nothing away from anybody");
}

#[frontdesk_testkit::matrix::test]
async fn what_was_refused_or_concerns_no_address_is_told_to_nobody(app: TestApp) {
    let ada = app.user().email("ada@example.com").password(PASSWORD).create().await;
    let refused = app.backend().patch(&format!("/v1/users/{ada}"), json!({ "password": "short" })).await;
    assert_eq!(refused.status(), 422);
    // To mark a password as known to others has no mail of its own: whoever signs in next is asked for another one.
    for what in ["set_compromised", "unset_compromised"] {
        app.backend().post(&format!("/v1/users/{ada}/password/{what}"), json!({})).await.ok();
    }
    let test = app.user().email("ada+clerk_test@example.com").password(PASSWORD).create().await;
    change(&app, &test, json!({ "password": "another horse battery" })).await;
    let unreachable = app.user().password(PASSWORD).create().await;
    change(&app, &unreachable, json!({ "password": "another horse battery" })).await;
    assert_eq!(told(&app), []);
}

#[frontdesk_testkit::matrix::test]
async fn the_news_goes_to_the_address_that_is_primary_then(app: TestApp) {
    let ada = app.user().email("ada@example.com").email("ada@work.example").password(PASSWORD).create().await;
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    let addresses = user["email_addresses"].as_array().unwrap();
    let work = addresses.iter().find(|it| it["email_address"] == "ada@work.example").unwrap()["id"].clone();
    change(&app, &ada, json!({ "primary_email_address_id": work, "password": "another horse battery" }))
        .await;
    assert_eq!(told(&app), [(MailTemplate::PasswordChanged, "ada@work.example".to_owned())]);
}
