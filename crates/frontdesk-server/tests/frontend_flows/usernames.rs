//! Usernames: given at sign-up, and used to sign in.

use frontdesk_core::settings::Wanted;
use frontdesk_testkit::matrix::TestApp;
use serde_json::json;

use crate::contract;
use crate::steps::{
    PASSWORD, attempt, identify, mailed_code, prepare, send_code, sign_in, text, try_code, with_settings,
};

async fn app_with_usernames(app: TestApp) -> TestApp {
    with_settings(app, |settings| {
        settings.attributes.username = Wanted::Required;
        settings.attributes.email_address = Wanted::Optional;
    })
    .await
}

#[frontdesk_testkit::matrix::test]
async fn a_username_and_a_password_are_enough_where_the_instance_says_so(app: TestApp) {
    let app = app_with_usernames(app).await;
    let mut browser = app.browser();
    let begun = browser.post("/v1/client/sign_ups", &[("username", "Ada_Byron")]).await;
    contract::assert_described("Client.SignUp", &begun);
    let begun = begun.ok();
    assert_eq!(begun["response"]["username"], "ada_byron");
    assert_eq!(begun["response"]["required_fields"], json!(["username", "password"]));
    assert_eq!(begun["response"]["missing_fields"], json!(["password"]));
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    let done = browser.post_as("PATCH", &path, &[("password", PASSWORD)]).await.ok();
    assert_eq!(done["response"]["status"], "complete");
    assert_eq!(done["client"]["sessions"][0]["user"]["username"], "ada_byron");
    assert_eq!(done["client"]["last_authentication_strategy"], "password");

    let mut elsewhere = app.browser();
    let done = sign_in(&mut elsewhere, "ＡDA_byron", PASSWORD).await.ok();
    assert_eq!(done["response"]["supported_identifiers"], json!(["email_address", "username"]));
    assert_eq!(done["client"]["sessions"][0]["public_user_data"]["username"], "ada_byron");
    sign_in(&mut app.browser(), "ada_byron", "a wrong one").await.refused(422, "form_password_incorrect");
    sign_in(&mut app.browser(), "ada-byron", PASSWORD).await.refused(422, "form_identifier_not_found");
}

#[frontdesk_testkit::matrix::test]
async fn a_username_leads_to_the_address_of_its_person(app: TestApp) {
    let app = app_with_usernames(app).await;
    let mut browser = app.browser();
    let form = [("username", "ada_byron"), ("email_address", "ada@example.com"), ("password", PASSWORD)];
    let begun = browser.post("/v1/client/sign_ups", &form).await.ok();
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    prepare(&mut browser, &path).await.ok();
    attempt(&mut browser, &path, &mailed_code(&app, "ada@example.com")).await.ok();

    let mut elsewhere = app.browser();
    let (path, begun) = identify(&mut elsewhere, "ada_byron").await;
    assert_eq!(begun["response"]["supported_first_factors"][1]["safe_identifier"], "a**@example.com");
    send_code(&mut elsewhere, &path, "email_code").await.ok();
    try_code(&mut elsewhere, &path, "email_code", &mailed_code(&app, "ada@example.com")).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_username_belongs_to_one_person(app: TestApp) {
    let app = app_with_usernames(app).await;
    let mut first = app.browser();
    first.post("/v1/client/sign_ups", &[("username", "ada_byron"), ("password", PASSWORD)]).await.ok();
    let mut second = app.browser();
    let reply = second.post("/v1/client/sign_ups", &[("username", "ADA_BYRON")]).await;
    reply.refused(422, "form_identifier_exists");
    assert_eq!(reply.error_param(), "username");
    second
        .post("/i/neighbour/v1/client/sign_ups", &[("username", "ada_byron"), ("password", PASSWORD)])
        .await
        .ok();
}

#[frontdesk_testkit::matrix::test]
async fn of_many_who_want_one_username_one_gets_it(app: TestApp) {
    let app = app_with_usernames(app).await;
    let race = (0..4).map(|_| {
        let mut browser = app.browser();
        tokio::spawn(async move {
            browser.post("/v1/client/sign_ups", &[("username", "ada_byron"), ("password", PASSWORD)]).await
        })
    });
    let mut won = 0;
    for reply in race.collect::<Vec<_>>() {
        let reply = reply.await.unwrap();
        if reply.status() == 200 {
            won += 1;
        } else {
            reply.refused(422, "form_identifier_exists");
        }
    }
    assert_eq!(won, 1);
    assert_eq!(app.backend().get("/v1/users/count").await.ok()["total_count"], 1);
}

#[frontdesk_testkit::matrix::test]
async fn usernames_follow_the_rules_of_the_instance(app: TestApp) {
    let app = app_with_usernames(app).await;
    let mut browser = app.browser();
    let long = "a".repeat(65);
    for (username, code) in [
        ("ada", "form_username_invalid_length"),
        (long.as_str(), "form_username_invalid_length"),
        ("ada byron", "form_username_invalid_character"),
        ("ada@example.com", "form_username_invalid_character"),
        ("аda_byron", "form_username_invalid_character"),
        ("18151210", "form_username_needs_non_number_char"),
    ] {
        let reply = browser.post("/v1/client/sign_ups", &[("username", username)]).await;
        reply.refused(422, code);
        assert_eq!(reply.error_param(), "username", "{username}");
    }
    let form = [("username", "correct-horse"), ("password", "Correct-Horse")];
    browser.post("/v1/client/sign_ups", &form).await.refused(422, "form_password_matches_identifier");
}

#[frontdesk_testkit::matrix::test]
async fn where_usernames_are_off_nobody_is_found_by_one(app: TestApp) {
    app.user().email("ada@example.com").create().await;
    let mut browser = app.browser();
    browser
        .post("/v1/client/sign_ins", &[("identifier", "ada_byron")])
        .await
        .refused(422, "form_identifier_not_found");
    let environment = browser.get("/v1/environment").await.ok();
    assert_eq!(environment["user_settings"]["attributes"]["username"]["enabled"], false);
}
