//! A new password at sign-in: because the old one is forgotten, or because others know it.

use frontdesk_testkit::matrix::{BREACHED_PASSWORD, Browser, TestApp};
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract;
use crate::steps::{
    PASSWORD, change_user, identify, mailed_code, other_than, reset_password, send_code, sign_in, text,
    try_code, try_password, with_settings,
};

const ADA: &str = "ada@example.com";
const NEW: &str = "another horse battery";
const RESET: &str = "reset_password_email_code";

async fn ada(app: &TestApp) -> String {
    app.user().email(ADA).password(PASSWORD).create().await.to_string()
}

/// A sign-in whose code for a new password was right. Gives its path.
async fn forgetful(app: &TestApp, browser: &mut Browser) -> String {
    let (path, _) = identify(browser, ADA).await;
    send_code(browser, &path, RESET).await.ok();
    let proven = try_code(browser, &path, RESET, &mailed_code(app, ADA)).await;
    contract::assert_described("Client.SignIn", &proven);
    assert_eq!(proven.ok()["response"]["status"], "needs_new_password");
    path
}

#[frontdesk_testkit::matrix::test]
async fn a_forgotten_password_is_replaced(app: TestApp) {
    let ada = ada(&app).await;
    let mut browser = app.browser();
    let (path, begun) = identify(&mut browser, ADA).await;
    let factors = begun["response"]["supported_first_factors"].as_array().unwrap();
    let reset = factors.iter().find(|factor| factor["strategy"] == RESET).unwrap();
    assert_eq!((&reset["safe_identifier"], &reset["primary"]), (&json!("a**@example.com"), &json!(true)));
    let form = [("strategy", RESET), ("email_address_id", text(reset, "/email_address_id"))];
    let prepared = browser.post(&format!("{path}/prepare_first_factor"), &form).await;
    contract::assert_described("Client.SignIn", &prepared);
    assert_eq!(prepared.ok()["response"]["first_factor_verification"]["strategy"], RESET);
    reset_password(&mut browser, &path, NEW).await.refused(400, "client_state_invalid");
    let code = mailed_code(&app, ADA);
    try_code(&mut browser, &path, RESET, other_than(&code)).await.refused(422, "form_code_incorrect");
    try_code(&mut browser, &path, "email_code", &code).await.refused(400, "verification_missing");

    let before = browser.clone();
    let proven = try_code(&mut browser, &path, RESET, &code).await.ok();
    assert_eq!(proven["response"]["status"], "needs_new_password");
    assert_eq!(proven["response"]["first_factor_verification"]["status"], "verified");
    assert_eq!(proven["client"]["sessions"], json!([]), "a code for a new password signs nobody in");
    try_code(&mut browser, &path, RESET, &code).await.refused(400, "client_state_invalid");
    reset_password(&mut browser, &path, "short").await.refused(422, "form_password_length_too_short");
    reset_password(&mut browser, &path, ADA).await.refused(422, "form_password_matches_identifier");
    // Whoever planted this client in the browser knows the token from before.
    reset_password(&mut before.clone(), &path, "planted password").await.refused(401, "client_read_only");

    let done = reset_password(&mut browser, &path, NEW).await;
    contract::assert_described("Client.SignIn-2", &done);
    let done = done.ok();
    assert_eq!(done["response"]["status"], "complete");
    assert_eq!(done["client"]["sessions"][0]["user"]["id"], ada);
    assert_eq!(done["client"]["last_authentication_strategy"], RESET);
    reset_password(&mut browser, &path, "yet another one").await.refused(400, "client_state_invalid");
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(user["password_last_updated_at"], app.now().as_millis());
    sign_in(&mut app.browser(), ADA, PASSWORD).await.refused(422, "form_password_incorrect");
    sign_in(&mut app.browser(), ADA, NEW).await.ok();
    // She is told of both: that the password is another one, and that somebody signed in elsewhere with it.
    let told: Vec<_> = app.mails().iter().map(|letter| letter.mail.subject.clone()).collect();
    assert!(told.len() >= 3, "{told:?}");
    // The old token of the planted client does not read what began after it.
    assert_eq!(before.clone().get("/v1/client").await.ok()["response"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn a_code_and_the_new_password_may_come_together(app: TestApp) {
    ada(&app).await;
    let mut browser = app.browser();
    let begun = browser.post("/v1/client/sign_ins", &[("identifier", ADA), ("strategy", RESET)]).await.ok();
    let path = format!("/v1/client/sign_ins/{}/attempt_first_factor", text(&begun, "/response/id"));
    let code = mailed_code(&app, ADA);
    let form = |password| [("strategy", RESET), ("code", code.as_str()), ("password", password)];
    browser.post(&path, &form("short")).await.refused(422, "form_password_length_too_short");
    let done = browser.post(&path, &form(NEW)).await.ok();
    assert_eq!(done["response"]["status"], "complete");
    sign_in(&mut app.browser(), ADA, NEW).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn all_other_sessions_end_where_that_is_asked(app: TestApp) {
    let ada = ada(&app).await;
    let (mut phone, mut laptop) = (app.browser(), app.browser());
    sign_in(&mut phone, ADA, PASSWORD).await.ok();
    let path = forgetful(&app, &mut laptop).await;
    let form = [("password", NEW), ("sign_out_of_other_sessions", "true")];
    let done = laptop.post(&format!("{path}/reset_password"), &form).await.ok();
    assert_eq!(done["client"]["sessions"][0]["status"], "active");
    assert_eq!(phone.get("/v1/client").await.ok()["response"]["sessions"], json!([]));
    let sessions = app.backend().get(&format!("/v1/sessions?user_id={ada}")).await.ok();
    let mut statuses: Vec<_> = sessions.as_array().unwrap().iter().map(|it| text(it, "/status")).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["active", "revoked"]);

    let mut third = app.browser();
    app.advance(Span::seconds(30));
    let path = forgetful(&app, &mut third).await;
    reset_password(&mut third, &path, PASSWORD).await.ok();
    let kept = laptop.get("/v1/client").await.ok();
    assert_eq!(kept["response"]["sessions"].as_array().unwrap().len(), 1, "left alone unless asked");
}

#[frontdesk_testkit::matrix::test]
async fn of_two_new_passwords_at_once_one_is_taken(app: TestApp) {
    ada(&app).await;
    let mut browser = app.browser();
    let path = forgetful(&app, &mut browser).await;
    let tries = (0..4).map(|number| {
        let (mut browser, path) = (browser.clone(), path.clone());
        tokio::spawn(async move { reset_password(&mut browser, &path, &format!("{NEW} {number}")).await })
    });
    let mut won = 0;
    for reply in tries.collect::<Vec<_>>() {
        match reply.await.unwrap() {
            reply if reply.status() == 200 => won += 1,
            reply => assert!(matches!(reply.status(), 400 | 401), "{}", reply.text()),
        }
    }
    assert_eq!(won, 1);
    let sessions = app.backend().get("/v1/sessions?status=active").await;
    if sessions.status() == 200 {
        assert_eq!(sessions.json().as_array().unwrap().len(), 1);
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_wish_for_a_new_password_ends_when_its_owner_replaces_it(app: TestApp) {
    let ada = ada(&app).await;
    let mut thief = app.browser();
    let path = forgetful(&app, &mut thief).await;
    app.advance(Span::seconds(30));
    let mut browser = app.browser();
    sign_in(&mut browser, ADA, PASSWORD).await.ok();
    let form = [("current_password", PASSWORD), ("new_password", NEW)];
    browser.post("/v1/me/change_password", &form).await.ok();
    reset_password(&mut thief, &path, "the thief's own").await.refused(400, "client_state_invalid");
    sign_in(&mut app.browser(), ADA, NEW).await.ok();

    // Also where it was another proof that asked for it.
    app.advance(Span::seconds(1));
    change_user(&app, &ada, |user| user.password_compromised = true).await;
    let mut thief = app.browser();
    let (path, _) = identify(&mut thief, ADA).await;
    send_code(&mut thief, &path, "email_code").await.ok();
    let proven = try_code(&mut thief, &path, "email_code", &mailed_code(&app, ADA)).await.ok();
    assert_eq!(proven["response"]["status"], "needs_new_password");
    app.advance(Span::seconds(30));
    let mut browser = app.browser();
    let own = forgetful(&app, &mut browser).await;
    reset_password(&mut browser, &own, "yet another horse").await.ok();
    reset_password(&mut thief, &path, "the thief's own").await.refused(400, "client_state_invalid");
    sign_in(&mut app.browser(), ADA, "yet another horse").await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_password_that_others_know_proves_nothing_and_is_replaced(app: TestApp) {
    let ada = ada(&app).await;
    change_user(&app, &ada, |user| user.password_compromised = true).await;
    let mut browser = app.browser();
    let refused = sign_in(&mut browser, ADA, PASSWORD).await;
    refused.refused(422, "form_password_compromised");
    assert_eq!(refused.error_param(), "password");
    assert!(browser.cookie_names().is_empty());
    sign_in(&mut browser, ADA, "a wrong one").await.refused(422, "form_password_incorrect");

    let (path, _) = identify(&mut browser, ADA).await;
    try_password(&mut browser, &path, PASSWORD).await.refused(422, "form_password_compromised");
    send_code(&mut browser, &path, "email_code").await.ok();
    let proven = try_code(&mut browser, &path, "email_code", &mailed_code(&app, ADA)).await.ok();
    assert_eq!(proven["response"]["status"], "needs_new_password");
    assert_eq!(proven["response"]["first_factor_verification"]["strategy"], "email_code");
    reset_password(&mut browser, &path, PASSWORD).await.refused(422, "form_new_password_matches_current");
    let done = reset_password(&mut browser, &path, NEW).await.ok();
    assert_eq!(done["response"]["status"], "complete");
    sign_in(&mut app.browser(), ADA, NEW).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_password_from_a_breach_is_refused_at_sign_in_where_the_instance_says_so(app: TestApp) {
    let app = with_settings(app, |settings| settings.password.refuse_breached_on_sign_in = true).await;
    let known = app.user().email(ADA).with("skip_password_checks", json!(true));
    known.password(BREACHED_PASSWORD).create().await;
    let mut browser = app.browser();
    sign_in(&mut browser, ADA, BREACHED_PASSWORD).await.refused(422, "form_password_pwned");
    sign_in(&mut browser, ADA, BREACHED_PASSWORD).await.refused(422, "form_password_compromised");
    let (path, _) = identify(&mut browser, ADA).await;
    send_code(&mut browser, &path, "email_code").await.ok();
    let proven = try_code(&mut browser, &path, "email_code", &mailed_code(&app, ADA)).await.ok();
    assert_eq!(proven["response"]["status"], "needs_new_password");
    reset_password(&mut browser, &path, BREACHED_PASSWORD).await.refused(422, "form_password_pwned");
    reset_password(&mut browser, &path, NEW).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_ticket_asks_for_the_new_password_too(app: TestApp) {
    let ada = ada(&app).await;
    change_user(&app, &ada, |user| user.password_compromised = true).await;
    let made = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": ada })).await.ok();
    let mut browser = app.browser();
    let form = [("strategy", "ticket"), ("ticket", text(&made, "/token"))];
    let redeemed = browser.post("/v1/client/sign_ins", &form).await.ok();
    assert_eq!(redeemed["response"]["status"], "needs_new_password");
    assert_eq!(redeemed["client"]["sign_in"]["id"], redeemed["response"]["id"]);
    app.browser().post("/v1/client/sign_ins", &form).await.refused(400, "sign_in_token_already_used_code");
    let path = format!("/v1/client/sign_ins/{}", text(&redeemed, "/response/id"));
    reset_password(&mut browser, &path, NEW).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn wrong_codes_for_a_new_password_lock_the_account(app: TestApp) {
    let ada = ada(&app).await;
    let mut browser = app.browser();
    let mut spent = String::new();
    for round in 0..2 {
        let (path, _) = identify(&mut browser, ADA).await;
        send_code(&mut browser, &path, RESET).await.ok();
        let code = mailed_code(&app, ADA);
        for tries in 1..=5 {
            let reply = try_code(&mut browser, &path, RESET, other_than(&code)).await;
            match (round, tries) {
                (1, 5) => reply.refused(403, "user_locked"),
                _ => reply.refused(422, "form_code_incorrect"),
            }
        }
        spent = path;
    }
    send_code(&mut browser, &spent, RESET).await.refused(403, "user_locked");
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(user["locked"], true);
}

#[frontdesk_testkit::matrix::test]
async fn a_lock_that_comes_in_between_holds(app: TestApp) {
    let ada = ada(&app).await;
    let mut browser = app.browser();
    let path = forgetful(&app, &mut browser).await;
    for _ in 0..10 {
        sign_in(&mut app.browser(), ADA, "a wrong one").await;
    }
    reset_password(&mut browser, &path, NEW).await.refused(403, "user_locked");
    app.advance(Span::hours(1));
    app.backend().post(&format!("/v1/users/{ada}/ban"), json!({})).await.ok();
    reset_password(&mut browser, &path, NEW).await.refused(403, "user_banned");
    app.backend().post(&format!("/v1/users/{ada}/unban"), json!({})).await.ok();
    app.advance(Span::days(1));
    reset_password(&mut browser, &path, NEW).await.refused(400, "client_state_invalid");
    assert_eq!(browser.get(&path).await.ok()["response"]["status"], "abandoned");
}

#[frontdesk_testkit::matrix::test]
async fn without_passwords_there_is_none_to_forget(app: TestApp) {
    let app = with_settings(app, |settings| {
        settings.attributes.password = frontdesk_core::settings::Wanted::Off;
    })
    .await;
    app.user().email(ADA).create().await;
    let mut browser = app.browser();
    let (path, begun) = identify(&mut browser, ADA).await;
    assert_eq!(begun["response"]["supported_first_factors"].as_array().unwrap().len(), 1);
    send_code(&mut browser, &path, RESET).await.refused(400, "strategy_for_user_invalid");
    assert_eq!(begun["response"]["supported_second_factors"], Value::Null);
}
