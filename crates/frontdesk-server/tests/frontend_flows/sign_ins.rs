//! Signing in with a password or a code.

use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract;
use crate::steps::{PASSWORD, identify, mailed_code, other_than, sign_in, text};

const ADA: &str = "ada@example.com";

async fn ada(app: &TestApp) -> String {
    app.user().email(ADA).password(PASSWORD).first_name("Ada").create().await.to_string()
}

async fn send_code(browser: &mut Browser, path: &str) -> Reply {
    browser.post(&format!("{path}/prepare_first_factor"), &[("strategy", "email_code")]).await
}

async fn try_code(browser: &mut Browser, path: &str, code: &str) -> Reply {
    let form = [("strategy", "email_code"), ("code", code)];
    browser.post(&format!("{path}/attempt_first_factor"), &form).await
}

async fn try_password(browser: &mut Browser, path: &str, password: &str) -> Reply {
    let form = [("strategy", "password"), ("password", password)];
    browser.post(&format!("{path}/attempt_first_factor"), &form).await
}

#[frontdesk_testkit::matrix::test]
async fn a_password_signs_in_at_once(app: TestApp) {
    let ada = ada(&app).await;
    let mut browser = app.browser();
    let reply = sign_in(&mut browser, "ADA@example.com", PASSWORD).await;
    contract::assert_described("Client.SignIn", &reply);
    let done = reply.ok();
    assert_eq!(done["response"]["status"], "complete");
    assert_eq!(done["response"]["first_factor_verification"]["status"], "verified");
    assert_eq!(done["response"]["first_factor_verification"]["strategy"], "password");
    let session = &done["client"]["sessions"][0];
    assert_eq!(done["response"]["created_session_id"], session["id"]);
    assert_eq!((&session["user"]["id"], &session["status"]), (&json!(ada), &json!("active")));
    assert_eq!(session["factor_verification_age"], json!([0, -1]));
    assert_eq!(done["client"]["last_authentication_strategy"], "password");
    assert_eq!(done["client"]["sign_in"], Value::Null);
    assert_eq!(done["client"]["updated_at"], app.now().as_millis());
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(user["last_sign_in_at"], app.now().as_millis());
}

#[frontdesk_testkit::matrix::test]
async fn an_identifier_leads_to_its_factors(app: TestApp) {
    ada(&app).await;
    let mut browser = app.browser();
    let reply = browser.post("/v1/client/sign_ins", &[("identifier", ADA)]).await;
    contract::assert_described("Client.SignIn", &reply);
    let begun = reply.ok();
    let shown = &begun["response"];
    assert_eq!((&shown["status"], &shown["identifier"]), (&json!("needs_first_factor"), &json!(ADA)));
    assert_eq!(shown["supported_identifiers"], json!(["email_address"]));
    let factors = shown["supported_first_factors"].as_array().unwrap();
    assert_eq!(factors[0], json!({ "strategy": "password" }));
    assert_eq!(factors[1]["strategy"], "email_code");
    assert_eq!(
        (&factors[1]["safe_identifier"], &factors[1]["primary"]),
        (&json!("a**@example.com"), &json!(true))
    );
    assert_eq!(shown["user_data"]["first_name"], "Ada");
    assert_eq!(
        (&shown["supported_second_factors"], &shown["second_factor_verification"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(begun["client"]["sign_in"], *shown);

    let path = format!("/v1/client/sign_ins/{}", text(&begun, "/response/id"));
    try_password(&mut browser, &path, "wrong password").await.refused(422, "form_password_incorrect");
    let done = try_password(&mut browser, &path, PASSWORD).await.ok();
    assert_eq!(done["response"]["id"], shown["id"], "one id through the whole attempt");
    assert_eq!(done["response"]["status"], "complete");
    assert_eq!(browser.get(&path).await.ok()["response"], done["response"]);
    try_password(&mut browser, &path, PASSWORD).await.refused(400, "client_state_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn an_empty_sign_in_waits_for_an_identifier(app: TestApp) {
    let mut browser = app.browser();
    let reply = browser.post("/v1/client/sign_ins", &[]).await;
    contract::assert_described("Client.SignIn", &reply);
    let begun = reply.ok();
    assert_eq!(
        (&begun["response"]["status"], &begun["response"]["supported_first_factors"]),
        (&json!("needs_identifier"), &Value::Null)
    );
    let path = format!("/v1/client/sign_ins/{}", text(&begun, "/response/id"));
    try_password(&mut browser, &path, PASSWORD).await.refused(422, "form_param_missing");
}

#[frontdesk_testkit::matrix::test]
async fn a_mailed_code_signs_in_once(app: TestApp) {
    ada(&app).await;
    let mut browser = app.browser();
    let (path, begun) = identify(&mut browser, ADA).await;
    try_code(&mut browser, &path, "424242").await.refused(400, "verification_missing");
    let email = text(&begun, "/response/supported_first_factors/1/email_address_id").to_owned();
    let form = [("strategy", "email_code"), ("email_address_id", email.as_str())];
    let prepared = browser.post(&format!("{path}/prepare_first_factor"), &form).await;
    contract::assert_described("Client.SignIn", &prepared);
    let verification = &prepared.ok()["response"]["first_factor_verification"];
    assert_eq!(
        (&verification["status"], &verification["strategy"]),
        (&json!("unverified"), &json!("email_code"))
    );
    let code = mailed_code(&app, ADA);
    try_code(&mut browser, &path, other_than(&code)).await.refused(422, "form_code_incorrect");
    let spaced = format!(" {} {}", &code[..3], &code[3..]);
    let done = try_code(&mut browser, &path, &spaced).await;
    contract::assert_described("Client.SignIn", &done);
    assert_eq!(done.ok()["client"]["last_authentication_strategy"], "email_code");
    try_code(&mut browser, &path, &code).await.refused(400, "client_state_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn a_code_can_be_asked_for_at_once(app: TestApp) {
    ada(&app).await;
    let mut browser = app.browser();
    let form = [("identifier", ADA), ("strategy", "email_code")];
    let begun = browser.post("/v1/client/sign_ins", &form).await.ok();
    assert_eq!(begun["response"]["first_factor_verification"]["status"], "unverified");
    let path = format!("/v1/client/sign_ins/{}", text(&begun, "/response/id"));
    let reply = send_code(&mut browser, &path).await;
    reply.refused(429, "verification_code_too_many_requests");
    assert_eq!(reply.header("retry-after"), "30");
    try_code(&mut browser, &path, &mailed_code(&app, ADA)).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn codes_expire_and_are_spent(app: TestApp) {
    ada(&app).await;
    let mut browser = app.browser();
    let (path, _) = identify(&mut browser, ADA).await;
    send_code(&mut browser, &path).await.ok();
    let code = mailed_code(&app, ADA);
    for _ in 0..5 {
        try_code(&mut browser, &path, other_than(&code)).await.refused(422, "form_code_incorrect");
    }
    try_code(&mut browser, &path, &code).await.refused(400, "verification_failed");
    app.advance(Span::seconds(30));
    send_code(&mut browser, &path).await.ok();
    let code = mailed_code(&app, ADA);
    app.advance(Span::minutes(10));
    try_code(&mut browser, &path, &code).await.refused(400, "verification_expired");
}

#[frontdesk_testkit::matrix::test]
async fn a_code_of_one_attempt_opens_no_other(app: TestApp) {
    ada(&app).await;
    let (mut one, mut two) = (app.browser(), app.browser());
    let (first, _) = identify(&mut one, ADA).await;
    send_code(&mut one, &first).await.ok();
    let code = mailed_code(&app, ADA);
    let (second, _) = identify(&mut two, ADA).await;
    send_code(&mut two, &second).await.ok();
    if mailed_code(&app, ADA) != code {
        try_code(&mut two, &second, &code).await.refused(422, "form_code_incorrect");
    }
    try_code(&mut two, &first, &code).await.refused(404, "resource_not_found");
    try_code(&mut one, &first, &code).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_reserved_address_is_proven_by_its_code(app: TestApp) {
    let ada =
        app.user().email(ADA).with("email_address_identification_status", json!(["reserved"])).create().await;
    let mut browser = app.browser();
    let (path, _) = identify(&mut browser, ADA).await;
    send_code(&mut browser, &path).await.ok();
    let done = try_code(&mut browser, &path, &mailed_code(&app, ADA)).await.ok();
    let email = &done["client"]["sessions"][0]["user"]["email_addresses"][0];
    assert_eq!((&email["verification"]["status"], &email["reserved"]), (&json!("verified"), &json!(false)));
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(user["email_addresses"][0]["verification"]["strategy"], "email_code");
}

#[frontdesk_testkit::matrix::test]
async fn nobody_is_found_by_what_nobody_has(app: TestApp) {
    let mut browser = app.browser();
    for identifier in ["nobody@example.com", "not an address", app.other.email.as_str()] {
        let reply = browser.post("/v1/client/sign_ins", &[("identifier", identifier)]).await;
        reply.refused(422, "form_identifier_not_found");
        assert_eq!(reply.error_param(), "identifier");
    }
    assert!(browser.cookie_names().is_empty(), "a refusal makes no client");
}

#[frontdesk_testkit::matrix::test]
async fn ten_failures_lock_an_account_for_an_hour(app: TestApp) {
    let ada = ada(&app).await;
    let mut browser = app.browser();
    for _ in 0..9 {
        let reply = sign_in(&mut browser, ADA, "wrong password").await;
        reply.refused(422, "form_password_incorrect");
        assert_eq!(reply.error_param(), "password");
    }
    assert!(browser.cookie_names().is_empty(), "guessing makes no client");
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!((&user["locked"], &user["verification_attempts_remaining"]), (&json!(false), &json!(1)));

    let reply = sign_in(&mut browser, ADA, "wrong password").await;
    reply.refused(403, "user_locked");
    assert_eq!(reply.json()["errors"][0]["meta"]["lockout_expires_in_seconds"], 3600);
    app.advance(Span::minutes(59));
    let reply = sign_in(&mut browser, ADA, PASSWORD).await;
    reply.refused(403, "user_locked");
    assert_eq!(reply.json()["errors"][0]["meta"]["lockout_expires_in_seconds"], 60);
    let (path, _) = identify(&mut browser, ADA).await;
    send_code(&mut browser, &path).await.refused(403, "user_locked");
    app.advance(Span::minutes(1));
    sign_in(&mut browser, ADA, "wrong password").await.refused(422, "form_password_incorrect");
    sign_in(&mut browser, ADA, PASSWORD).await.ok();
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(user["verification_attempts_remaining"], 10);
}

#[frontdesk_testkit::matrix::test]
async fn wrong_codes_count_against_the_account_too(app: TestApp) {
    ada(&app).await;
    let mut browser = app.browser();
    for round in 0..2 {
        let (path, _) = identify(&mut browser, ADA).await;
        send_code(&mut browser, &path).await.ok();
        let code = mailed_code(&app, ADA);
        for tries in 1..=5 {
            let reply = try_code(&mut browser, &path, other_than(&code)).await;
            if (round, tries) == (1, 5) {
                reply.refused(403, "user_locked");
            } else {
                reply.refused(422, "form_code_incorrect");
            }
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn failures_in_a_race_are_all_counted(app: TestApp) {
    let ada = ada(&app).await;
    let guesses = (0..8).map(|_| {
        let mut browser = app.browser();
        tokio::spawn(async move { sign_in(&mut browser, ADA, "wrong password").await.status() })
    });
    for guess in guesses.collect::<Vec<_>>() {
        assert_eq!(guess.await.unwrap(), 422);
    }
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(user["verification_attempts_remaining"], 2);
}

#[frontdesk_testkit::matrix::test]
async fn the_banned_stay_out_and_get_no_mail(app: TestApp) {
    let ada = ada(&app).await;
    app.backend().post(&format!("/v1/users/{ada}/ban"), json!({})).await.ok();
    let mut browser = app.browser();
    sign_in(&mut browser, ADA, PASSWORD).await.refused(403, "user_banned");
    let (path, _) = identify(&mut browser, ADA).await;
    send_code(&mut browser, &path).await.refused(403, "user_banned");
    assert!(app.mails().is_empty());
    app.backend().post(&format!("/v1/users/{ada}/unban"), json!({})).await.ok();
    sign_in(&mut browser, ADA, PASSWORD).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn somebody_without_a_password_cannot_use_one(app: TestApp) {
    app.user().email(ADA).create().await;
    let mut browser = app.browser();
    sign_in(&mut browser, ADA, PASSWORD).await.refused(400, "strategy_for_user_invalid");
    let (_, begun) = identify(&mut browser, ADA).await;
    assert_eq!(begun["response"]["supported_first_factors"][0]["strategy"], "email_code");
}

#[frontdesk_testkit::matrix::test]
async fn one_session_at_a_time_unless_the_instance_wants_more(app: TestApp) {
    ada(&app).await;
    app.user().email("bob@example.com").password(PASSWORD).create().await;
    let mut browser = app.browser();
    let (path, _) = identify(&mut browser, "bob@example.com").await;
    sign_in(&mut browser, ADA, PASSWORD).await.ok();
    sign_in(&mut browser, ADA, PASSWORD).await.refused(400, "session_exists");
    try_password(&mut browser, &path, PASSWORD).await.refused(400, "session_exists");

    let mut settings = app.instance.instance.settings.clone();
    settings.single_session_mode = false;
    let kind = app.instance.instance.kind;
    let app = app.remade(kind, settings).await;
    ada_and_bob(&app).await;
}

async fn ada_and_bob(app: &TestApp) {
    ada(app).await;
    app.user().email("bob@example.com").password(PASSWORD).create().await;
    let mut browser = app.browser();
    let first = sign_in(&mut browser, ADA, PASSWORD).await.ok();
    let both = sign_in(&mut browser, "bob@example.com", PASSWORD).await.ok();
    assert_eq!(both["client"]["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(both["client"]["last_active_session_id"], both["response"]["created_session_id"]);
    let again = sign_in(&mut browser, ADA, PASSWORD).await;
    again.refused(400, "identifier_already_signed_in");
    assert_eq!(again.json()["errors"][0]["meta"]["session_id"], first["response"]["created_session_id"]);
}

#[frontdesk_testkit::matrix::test]
async fn nobody_touches_the_sign_in_of_another_client(app: TestApp) {
    ada(&app).await;
    let mut one = app.browser();
    let (path, _) = identify(&mut one, ADA).await;
    let mut two = app.browser();
    two.get(&path).await.refused(401, "signed_out");
    identify(&mut two, ADA).await;
    two.get(&path).await.refused(404, "resource_not_found");
    try_password(&mut two, &path, PASSWORD).await.refused(404, "resource_not_found");
    two.get("/v1/client/sign_ins/sia_nobody").await.refused(404, "resource_not_found");
    app.advance(Span::days(1));
    assert_eq!(one.get(&path).await.ok()["response"]["status"], "abandoned");
    try_password(&mut one, &path, PASSWORD).await.refused(400, "client_state_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn what_is_not_built_is_refused_by_name(app: TestApp) {
    ada(&app).await;
    let mut browser = app.browser();
    for (form, code, param) in [
        (("strategy", "oauth_google"), "form_param_value_invalid", "strategy"),
        (("strategy", "password"), "form_param_missing", "identifier"),
        (("strategy", "ticket"), "form_param_missing", "ticket"),
        (("redirect_url", "http://localhost:3000"), "form_param_not_available", "redirect_url"),
        (("trusted_device_id", "x"), "form_param_not_available", "trusted_device_id"),
    ] {
        let reply = browser.post("/v1/client/sign_ins", &[form]).await;
        reply.refused(422, code);
        assert_eq!(reply.error_param(), param, "{form:?}");
    }
    let (path, _) = identify(&mut browser, ADA).await;
    for strategy in ["phone_code", "email_link", "passkey", "reset_password_phone_code"] {
        let reply = browser.post(&format!("{path}/prepare_first_factor"), &[("strategy", strategy)]).await;
        reply.refused(422, "form_param_value_invalid");
    }
    let form = [("strategy", "email_code"), ("email_address_id", "idn_nobody")];
    browser
        .post(&format!("{path}/prepare_first_factor"), &form)
        .await
        .refused(422, "form_param_value_invalid");
    browser
        .post(&format!("{path}/prepare_second_factor"), &[("strategy", "email_code")])
        .await
        .refused(501, "operation_not_available");
}
