//! Sign-ins that become sign-ups, and sign-ups that become sign-ins: what one has proven, the other takes over.

use frontdesk_testkit::matrix::{Browser, TestApp};
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract;
use crate::steps::{
    PASSWORD, attempt, begin_sign_up, change_user, mailed_code, other_than, prepare, reset_password,
    send_code, text, try_code, try_password, with_settings,
};

const EVE: &str = "eve@example.com";

/// Begins a sign-in that wants to become a sign-up. Gives its path and the answer.
async fn sign_in_or_up(browser: &mut Browser, email: &str) -> (String, Value) {
    let form = [("identifier", email), ("sign_up_if_missing", "true")];
    let begun = browser.post("/v1/client/sign_ins", &form).await;
    contract::assert_described("Client.SignIn", &begun);
    let begun = begun.ok();
    (format!("/v1/client/sign_ins/{}", text(&begun, "/response/id")), begun)
}

/// Proves an address that nobody has.
async fn prove_nobodys(app: &TestApp, browser: &mut Browser) -> String {
    let (path, begun) = sign_in_or_up(browser, EVE).await;
    let id = text(&begun, "/response/supported_first_factors/1/email_address_id");
    let form = [("strategy", "email_code"), ("email_address_id", id)];
    browser.post(&format!("{path}/prepare_first_factor"), &form).await.ok();
    let code = mailed_code(app, EVE);
    try_code(browser, &path, "email_code", other_than(&code)).await.refused(422, "form_code_incorrect");
    let before = browser.cookie("__client").unwrap().to_owned();
    let told = try_code(browser, &path, "email_code", &code).await;
    told.refused(422, "sign_up_if_missing_transfer");
    let sign_in = &told.json()["meta"]["client"]["sign_in"];
    assert_eq!(sign_in["first_factor_verification"]["status"], "transferable", "{}", told.text());
    assert_ne!(browser.cookie("__client").unwrap(), before, "a proof is for whoever gave it");
    path
}

#[frontdesk_testkit::matrix::test]
async fn a_sign_in_of_nobody_becomes_a_sign_up(app: TestApp) {
    let mut browser = app.browser();
    let path = prove_nobodys(&app, &mut browser).await;
    try_password(&mut browser, &path, PASSWORD).await.refused(400, "client_state_invalid");
    send_code(&mut browser, &path, "email_code").await.refused(400, "client_state_invalid");

    let form = [("transfer", "true"), ("unsafe_metadata", r#"{"from":"sign-in"}"#)];
    let begun = browser.post("/v1/client/sign_ups", &form).await;
    contract::assert_described("Client.SignUp", &begun);
    let begun = begun.ok();
    let shown = &begun["response"];
    assert_eq!((&shown["status"], &shown["email_address"]), (&json!("missing_requirements"), &json!(EVE)));
    assert_eq!((&shown["missing_fields"], &shown["unverified_fields"]), (&json!(["password"]), &json!([])));
    assert_eq!(shown["verifications"]["email_address"]["status"], "verified");
    assert_eq!(begun["client"]["sign_in"], Value::Null, "the sign-in is used up");
    browser.post("/v1/client/sign_ups", &form[..1]).await.refused(400, "client_state_invalid");
    assert_eq!(browser.get(&path).await.ok()["response"]["status"], "abandoned");

    let sign_up = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    let done = browser.post_as("PATCH", &sign_up, &[("password", PASSWORD)]).await.ok();
    assert_eq!(done["response"]["status"], "complete");
    let user = &done["client"]["sessions"][0]["user"];
    assert_eq!(user["email_addresses"][0]["verification"]["status"], "verified");
    assert_eq!(user["unsafe_metadata"], json!({ "from": "sign-in" }));
}

#[frontdesk_testkit::matrix::test]
async fn it_is_complete_at_once_where_nothing_else_is_wanted(app: TestApp) {
    let app = with_settings(app, |settings| {
        settings.enumeration_protection = true;
        settings.attributes.password = frontdesk_core::settings::Wanted::Off;
    })
    .await;
    let mut browser = app.browser();
    let (path, _) = sign_in_or_up(&mut browser, EVE).await;
    send_code(&mut browser, &path, "email_code").await.ok();
    let code = mailed_code(&app, EVE);
    try_code(&mut browser, &path, "email_code", &code).await.refused(422, "sign_up_if_missing_transfer");
    let done = browser.post("/v1/client/sign_ups", &[("transfer", "true")]).await.ok();
    assert_eq!(done["response"]["status"], "complete");
    assert_eq!(done["client"]["last_authentication_strategy"], "email_code");
}

#[frontdesk_testkit::matrix::test]
async fn of_many_transfers_of_one_proof_one_counts(app: TestApp) {
    let mut browser = app.browser();
    prove_nobodys(&app, &mut browser).await;
    let race = (0..4).map(|_| {
        let mut browser = browser.clone();
        tokio::spawn(async move {
            browser.post("/v1/client/sign_ups", &[("transfer", "true"), ("password", PASSWORD)]).await
        })
    });
    let mut won = 0;
    for reply in race.collect::<Vec<_>>() {
        match reply.await.unwrap() {
            reply if reply.status() == 200 => won += 1,
            reply => assert!(matches!(reply.status(), 400 | 401), "{}", reply.text()),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(app.backend().get("/v1/users/count").await.ok()["total_count"], 1);
}

#[frontdesk_testkit::matrix::test]
async fn somebody_signs_in_as_ever(app: TestApp) {
    app.user().email(EVE).password(PASSWORD).create().await;
    let mut browser = app.browser();
    let (path, _) = sign_in_or_up(&mut browser, EVE).await;
    send_code(&mut browser, &path, "email_code").await.ok();
    let done = try_code(&mut browser, &path, "email_code", &mailed_code(&app, EVE)).await.ok();
    assert_eq!(done["response"]["status"], "complete");
}

#[frontdesk_testkit::matrix::test]
async fn a_proof_is_no_use_to_others_nor_too_late(app: TestApp) {
    let mut browser = app.browser();
    prove_nobodys(&app, &mut browser).await;
    let form = [("transfer", "true")];
    app.browser().post("/v1/client/sign_ups", &form).await.refused(400, "client_state_invalid");
    app.browser().post("/v1/client/sign_ins", &form).await.refused(400, "client_state_invalid");
    browser.post("/v1/client/sign_ins", &form).await.refused(400, "client_state_invalid");
    app.advance(Span::days(1));
    browser.post("/v1/client/sign_ups", &form).await.refused(400, "client_state_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn without_the_wish_nobody_is_sent_a_code(app: TestApp) {
    let app = with_settings(app, |settings| settings.enumeration_protection = true).await;
    let mut browser = app.browser();
    let begun = browser.post("/v1/client/sign_ins", &[("identifier", EVE)]).await.ok();
    let path = format!("/v1/client/sign_ins/{}", text(&begun, "/response/id"));
    send_code(&mut browser, &path, "email_code").await.ok();
    assert!(app.mails().is_empty());
    // The code for a new password is nothing to sign up with either.
    let (path, _) = sign_in_or_up(&mut browser, "eve+clerk_test@example.com").await;
    send_code(&mut browser, &path, "reset_password_email_code").await.ok();
    let reply = try_code(&mut browser, &path, "reset_password_email_code", "424242").await;
    reply.refused(422, "form_code_incorrect");
}

/// A sign-up whose address somebody claimed while its code was under way. Gives their id.
async fn overtaken(app: &TestApp, browser: &mut Browser) -> (String, String) {
    let path = begin_sign_up(browser, EVE).await;
    prepare(browser, &path).await.ok();
    let eve = app.user().email(EVE).password("another horse battery").create().await.to_string();
    let told = attempt(browser, &path, &mailed_code(app, EVE)).await;
    told.refused(422, "form_identifier_exists");
    assert_eq!(told.json()["meta"]["client"]["sign_up"]["missing_fields"], json!(["email_address"]));
    (eve, path)
}

#[frontdesk_testkit::matrix::test]
async fn a_sign_up_of_somebody_becomes_a_sign_in(app: TestApp) {
    let mut browser = app.browser();
    let (eve, path) = overtaken(&app, &mut browser).await;
    let before = browser.cookie("__client").unwrap().to_owned();
    let done = browser.post("/v1/client/sign_ins", &[("transfer", "true")]).await;
    contract::assert_described("Client.SignIn", &done);
    let done = done.ok();
    assert_eq!(
        (&done["response"]["status"], &done["response"]["identifier"]),
        (&json!("complete"), &json!(EVE))
    );
    assert_eq!(done["client"]["sessions"][0]["user"]["id"], eve);
    assert_eq!(done["client"]["last_authentication_strategy"], "email_code");
    assert_ne!(browser.cookie("__client").unwrap(), before);
    assert_eq!(browser.get(&path).await.ok()["response"]["status"], "abandoned");
    browser.post_as("PATCH", &path, &[("first_name", "Eve")]).await.refused(400, "client_state_invalid");
    assert_eq!(app.backend().get("/v1/users/count").await.ok()["total_count"], 1);
}

#[frontdesk_testkit::matrix::test]
async fn it_can_go_on_with_another_address_instead(app: TestApp) {
    let mut browser = app.browser();
    let (_, path) = overtaken(&app, &mut browser).await;
    let changed =
        browser.post_as("PATCH", &path, &[("email_address", "eve+clerk_test@example.org")]).await.ok();
    assert_eq!(changed["response"]["unverified_fields"], json!(["email_address"]));
    browser.post("/v1/client/sign_ins", &[("transfer", "true")]).await.refused(400, "client_state_invalid");
    prepare(&mut browser, &path).await.ok();
    assert_eq!(attempt(&mut browser, &path, "424242").await.ok()["response"]["status"], "complete");
}

#[frontdesk_testkit::matrix::test]
async fn what_is_demanded_of_the_person_is_demanded_after_a_transfer_too(app: TestApp) {
    let mut browser = app.browser();
    let (eve, _) = overtaken(&app, &mut browser).await;
    change_user(&app, &eve, |user| user.password_compromised = true).await;
    let begun = browser.post("/v1/client/sign_ins", &[("transfer", "true")]).await.ok();
    assert_eq!(begun["response"]["status"], "needs_new_password");
    let path = format!("/v1/client/sign_ins/{}", text(&begun, "/response/id"));
    reset_password(&mut browser, &path, PASSWORD).await.ok();

    let app = with_settings(app, |_| ()).await;
    let mut browser = app.browser();
    let (eve, _) = overtaken(&app, &mut browser).await;
    app.backend().post(&format!("/v1/users/{eve}/ban"), json!({})).await.ok();
    browser.post("/v1/client/sign_ins", &[("transfer", "true")]).await.refused(403, "user_banned");
}

#[frontdesk_testkit::matrix::test]
async fn a_transfer_waits_until_a_lock_is_over(app: TestApp) {
    let mut browser = app.browser();
    let (eve, _) = overtaken(&app, &mut browser).await;
    app.backend().post(&format!("/v1/users/{eve}/lock"), json!({})).await.ok();
    browser.post("/v1/client/sign_ins", &[("transfer", "true")]).await.refused(403, "user_locked");
    assert_eq!(browser.get("/v1/client").await.ok()["response"]["sessions"], json!([]));
    app.backend().post(&format!("/v1/users/{eve}/unlock"), json!({})).await.ok();
    browser.post("/v1/client/sign_ins", &[("transfer", "true")]).await.ok();
}
