//! Second factors: the code of an authenticator app, and backup codes.

use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract;
use crate::steps::{
    PASSWORD, identify, mailed_code, reset_password, send_code, sign_in, text, try_code, with_settings,
};

const ADA: &str = "ada@example.com";
/// The secret of RFC 6238's appendix B in Base32.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn ada(app: &TestApp) -> String {
    let user = app.user().email(ADA).password(PASSWORD).with("totp_secret", json!(SECRET));
    user.with("backup_codes", json!(["first-code", "second-code"])).create().await.to_string()
}

/// What Ada's app shows at the time of the test.
fn shown(app: &TestApp) -> String {
    let secret = totp_rs::Secret::try_from_base32(SECRET).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret.as_bytes().to_vec()).build_noncompliant();
    totp.generate(app.now().as_secs().try_into().unwrap()).to_string()
}

/// Signs in as far as the second factor. Gives the path of the sign-in and the answer.
async fn half_way(browser: &mut Browser) -> (String, Value) {
    let reply = sign_in(browser, ADA, PASSWORD).await;
    contract::assert_described("Client.SignIn", &reply);
    let begun = reply.ok();
    assert_eq!(begun["response"]["status"], "needs_second_factor");
    (format!("/v1/client/sign_ins/{}", text(&begun, "/response/id")), begun)
}

async fn try_second(browser: &mut Browser, path: &str, strategy: &str, code: &str) -> Reply {
    browser.post(&format!("{path}/attempt_second_factor"), &[("strategy", strategy), ("code", code)]).await
}

#[frontdesk_testkit::matrix::test]
async fn whoever_has_a_second_factor_is_asked_for_it(app: TestApp) {
    let ada = ada(&app).await;
    let mut browser = app.browser();
    let (path, begun) = half_way(&mut browser).await;
    let factors = json!([{ "strategy": "totp" }, { "strategy": "backup_code" }]);
    assert_eq!(begun["response"]["supported_second_factors"], factors);
    assert_eq!(begun["response"]["first_factor_verification"]["status"], "verified");
    assert_eq!(
        (&begun["response"]["created_session_id"], &begun["client"]["sessions"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(begun["client"]["sign_in"], begun["response"]);
    try_second(&mut browser, &path, "totp", "000000").await.refused(422, "form_code_incorrect");
    try_second(&mut browser, &path, "phone_code", "000000").await.refused(422, "form_param_value_invalid");
    browser
        .post(&format!("{path}/attempt_second_factor"), &[("strategy", "totp")])
        .await
        .refused(422, "form_param_missing");

    let before = browser.clone();
    let done = try_second(&mut browser, &path, "totp", &shown(&app)).await;
    contract::assert_described("Client.SignIn", &done);
    let done = done.ok();
    assert_eq!(done["response"]["status"], "complete");
    assert_eq!(done["response"]["second_factor_verification"]["strategy"], "totp");
    let session = &done["client"]["sessions"][0];
    assert_eq!((&session["user"]["id"], &session["factor_verification_age"]), (&json!(ada), &json!([0, 0])));
    assert_eq!(done["client"]["last_authentication_strategy"], "password");
    // The token from before reads for a moment, but not what began after it.
    assert_eq!(before.clone().get("/v1/client").await.ok()["response"]["sessions"], json!([]));
    try_second(&mut browser, &path, "totp", &shown(&app)).await.refused(400, "client_state_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn a_password_that_is_gone_or_known_to_others_proves_nothing_any_more(app: TestApp) {
    let ada = ada(&app).await;
    for way in ["password/set_compromised", "remove_password"] {
        let mut browser = app.browser();
        let (path, _) = half_way(&mut browser).await;
        app.advance(Span::seconds(1));
        app.backend().post(&format!("/v1/users/{ada}/{way}"), json!({})).await.ok();
        let refused = try_second(&mut browser, &path, "backup_code", "first-code").await;
        refused.refused(400, "client_state_invalid");
        assert_eq!(browser.get("/v1/client").await.ok()["response"]["sessions"], json!([]));
        if way.starts_with("password/") {
            app.backend().post(&format!("/v1/users/{ada}/password/unset_compromised"), json!({})).await.ok();
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_code_of_the_app_works_once(app: TestApp) {
    ada(&app).await;
    let (mut one, mut two) = (app.browser(), app.browser());
    let (first, _) = half_way(&mut one).await;
    let (second, _) = half_way(&mut two).await;
    let code = shown(&app);
    try_second(&mut one, &first, "totp", &code).await.ok();
    try_second(&mut two, &second, "totp", &code).await.refused(422, "form_code_incorrect");
    app.advance(Span::seconds(30));
    try_second(&mut two, &second, "totp", &shown(&app)).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_backup_code_works_once_and_the_last_one_is_the_last(app: TestApp) {
    ada(&app).await;
    for code in ["first-code", "second-code"] {
        let mut browser = app.browser();
        let (path, _) = half_way(&mut browser).await;
        let done = try_second(&mut browser, &path, "backup_code", code).await.ok();
        assert_eq!(done["response"]["second_factor_verification"]["strategy"], "backup_code");
        let mut again = app.browser();
        let (path, begun) = half_way(&mut again).await;
        let is_last = code == "second-code";
        let left = begun["response"]["supported_second_factors"].as_array().unwrap().len();
        assert_eq!(left, if is_last { 1 } else { 2 });
        let reply = try_second(&mut again, &path, "backup_code", code).await;
        if is_last {
            reply.refused(400, "strategy_for_user_invalid");
        } else {
            reply.refused(422, "form_code_incorrect");
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn of_many_who_use_one_code_one_gets_in(app: TestApp) {
    ada(&app).await;
    for (strategy, code) in [("totp", shown(&app)), ("backup_code", "first-code".to_owned())] {
        let mut halves = Vec::new();
        for _ in 0..4 {
            let mut browser = app.browser();
            let (path, _) = half_way(&mut browser).await;
            halves.push((browser, path));
        }
        let race = halves.into_iter().map(|(mut browser, path)| {
            let code = code.clone();
            tokio::spawn(async move { try_second(&mut browser, &path, strategy, &code).await })
        });
        let mut won = 0;
        for reply in race.collect::<Vec<_>>() {
            match reply.await.unwrap() {
                reply if reply.status() == 200 => won += 1,
                reply => reply.refused(422, "form_code_incorrect"),
            }
        }
        assert_eq!(won, 1, "{strategy}");
    }
}

#[frontdesk_testkit::matrix::test]
async fn one_attempt_makes_one_session_whatever_races(app: TestApp) {
    ada(&app).await;
    let mut browser = app.browser();
    let (path, _) = half_way(&mut browser).await;
    let race = [
        ("totp", shown(&app)),
        ("backup_code", "first-code".to_owned()),
        ("backup_code", "second-code".to_owned()),
    ]
    .map(|(strategy, code)| {
        let (mut browser, path) = (browser.clone(), path.clone());
        tokio::spawn(async move { try_second(&mut browser, &path, strategy, &code).await })
    });
    let mut won = 0;
    for reply in race {
        match reply.await.unwrap() {
            reply if reply.status() == 200 => won += 1,
            reply => assert!(matches!(reply.status(), 400 | 401), "{}", reply.text()),
        }
    }
    assert_eq!(won, 1);
}

#[frontdesk_testkit::matrix::test]
async fn every_first_factor_asks_for_the_second(app: TestApp) {
    let ada = ada(&app).await;
    let mut browser = app.browser();
    let (path, _) = identify(&mut browser, ADA).await;
    send_code(&mut browser, &path, "email_code").await.ok();
    let proven = try_code(&mut browser, &path, "email_code", &mailed_code(&app, ADA)).await.ok();
    assert_eq!(proven["response"]["status"], "needs_second_factor");

    let made = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": ada })).await.ok();
    let form = [("strategy", "ticket"), ("ticket", text(&made, "/token"))];
    let mut browser = app.browser();
    let redeemed = browser.post("/v1/client/sign_ins", &form).await.ok();
    assert_eq!(redeemed["response"]["status"], "needs_second_factor");
    app.browser().post("/v1/client/sign_ins", &form).await.refused(400, "sign_in_token_already_used_code");

    let mut browser = app.browser();
    let (path, _) = identify(&mut browser, ADA).await;
    send_code(&mut browser, &path, "reset_password_email_code").await.ok();
    let code = mailed_code(&app, ADA);
    try_code(&mut browser, &path, "reset_password_email_code", &code).await.ok();
    try_second(&mut browser, &path, "totp", &shown(&app)).await.refused(400, "client_state_invalid");
    let renewed = reset_password(&mut browser, &path, "another horse battery").await.ok();
    assert_eq!(renewed["response"]["status"], "needs_second_factor");
    assert_eq!(renewed["client"]["sessions"], json!([]));
    try_second(&mut browser, &path, "totp", &shown(&app)).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn wrong_second_factors_lock_the_account_and_a_password_does_not_forgive_them(app: TestApp) {
    let ada = ada(&app).await;
    let mut browser = app.browser();
    let mut path = half_way(&mut browser).await.0;
    for tries in 1..=10 {
        if tries == 6 {
            path = half_way(&mut browser).await.0;
        }
        let strategy = if tries % 2 == 0 { "totp" } else { "backup_code" };
        let reply = try_second(&mut browser, &path, strategy, "000000").await;
        if tries == 10 {
            reply.refused(403, "user_locked");
        } else {
            reply.refused(422, "form_code_incorrect");
        }
    }
    try_second(&mut browser, &path, "totp", &shown(&app)).await.refused(403, "user_locked");
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!((&user["locked"], &user["two_factor_enabled"]), (&json!(true), &json!(true)));
}

#[frontdesk_testkit::matrix::test]
async fn half_a_sign_in_with_the_old_password_ends_when_it_is_replaced(app: TestApp) {
    ada(&app).await;
    let mut thief = app.browser();
    let (path, _) = half_way(&mut thief).await;
    app.advance(Span::seconds(1));
    let mut browser = app.browser();
    let (own, _) = identify(&mut browser, ADA).await;
    send_code(&mut browser, &own, "reset_password_email_code").await.ok();
    let code = mailed_code(&app, ADA);
    try_code(&mut browser, &own, "reset_password_email_code", &code).await.ok();
    reset_password(&mut browser, &own, "another horse battery").await.ok();
    try_second(&mut thief, &path, "totp", &shown(&app)).await.refused(400, "client_state_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn half_a_sign_in_is_its_clients_alone_and_not_forever(app: TestApp) {
    ada(&app).await;
    let mut planted = app.browser();
    planted.post("/v1/client/sign_ins", &[]).await.ok();
    // Ada proves her password in a browser in which somebody planted their client.
    let mut browser = planted.clone();
    let (path, _) = half_way(&mut browser).await;
    try_second(&mut planted, &path, "totp", &shown(&app)).await.refused(401, "client_read_only");
    let mut stranger = app.browser();
    half_way(&mut stranger).await;
    try_second(&mut stranger, &path, "totp", &shown(&app)).await.refused(404, "resource_not_found");
    app.advance(Span::days(1));
    try_second(&mut browser, &path, "totp", &shown(&app)).await.refused(400, "client_state_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn without_a_second_factor_there_is_none_to_try(app: TestApp) {
    let app = with_settings(app, |settings| settings.single_session_mode = false).await;
    app.user().email(ADA).password(PASSWORD).create().await;
    let mut browser = app.browser();
    let (path, _) = identify(&mut browser, ADA).await;
    try_second(&mut browser, &path, "totp", "123456").await.refused(400, "client_state_invalid");
    assert_eq!(sign_in(&mut browser, ADA, PASSWORD).await.ok()["response"]["status"], "complete");
}
