//! Signing up.

use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract;
use crate::steps::{
    PASSWORD, attempt, begin_sign_up, mailed_code, other_than, prepare, sign_in, sign_up, text,
};

#[frontdesk_testkit::matrix::test]
async fn a_sign_up_says_what_is_missing_until_nothing_is(app: TestApp) {
    let mut browser = app.browser();
    let reply = browser
        .post("/v1/client/sign_ups", &[("email_address", "Ada@Example.com"), ("first_name", "Ada")])
        .await;
    contract::assert_described("Client.SignUp", &reply);
    let begun = reply.ok();
    let shown = &begun["response"];
    assert_eq!(shown["object"], "sign_up_attempt");
    assert_eq!(shown["status"], "missing_requirements");
    assert_eq!(shown["email_address"], "ada@example.com");
    assert_eq!(shown["required_fields"], json!(["email_address", "password"]));
    assert_eq!(shown["optional_fields"], json!(["first_name", "last_name"]));
    assert_eq!(shown["missing_fields"], json!(["password"]));
    assert_eq!(shown["unverified_fields"], json!(["email_address"]));
    assert_eq!(
        shown["verifications"],
        json!({
            "email_address": {
                "object": "verification_otp", "status": "unverified", "strategy": "email_code", "attempts": null,
                "expire_at": null, "next_action": "needs_prepare", "supported_strategies": ["email_code"]
            },
            "phone_number": null, "web3_wallet": null, "external_account": null
        })
    );
    assert_eq!(begun["client"]["sign_up"]["id"], shown["id"], "the client beside it knows the sign-up");
    assert_eq!(begun["client"]["sessions"], json!([]));

    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    let updated =
        browser.post_as("PATCH", &path, &[("password", PASSWORD), ("last_name", "Byron")]).await.ok();
    assert_eq!(updated["response"]["id"], shown["id"]);
    assert_eq!(updated["response"]["missing_fields"], json!([]));
    assert_eq!(
        (&updated["response"]["has_password"], &updated["response"]["password_enabled"]),
        (&json!(true), &json!(true))
    );

    let prepared = prepare(&mut browser, &path).await;
    contract::assert_described("Client.SignUp", &prepared);
    let verification = &prepared.ok()["response"]["verifications"]["email_address"];
    assert_eq!(
        (&verification["next_action"], &verification["status"]),
        (&json!("needs_attempt"), &json!("unverified"))
    );
    assert_eq!(verification["expire_at"], (app.now() + Span::minutes(10)).as_millis());

    let done = attempt(&mut browser, &path, &mailed_code(&app, "ada@example.com")).await;
    contract::assert_described("Client.SignUp", &done);
    let done = done.ok();
    assert_eq!(done["response"]["status"], "complete");
    assert_eq!(done["response"]["verifications"]["email_address"]["next_action"], "");
    assert_eq!(done["response"]["has_password"], true);
    assert_eq!(done["response"]["missing_fields"], json!([]));
    let (client, session) = (&done["client"], &done["client"]["sessions"][0]);
    assert_eq!(done["response"]["created_session_id"], session["id"]);
    assert_eq!(done["response"]["created_user_id"], session["user"]["id"]);
    assert_eq!(client["last_active_session_id"], session["id"]);
    assert_eq!(client["last_authentication_strategy"], "email_code");
    assert_eq!((&client["sign_up"], &client["sign_in"]), (&Value::Null, &Value::Null));
    assert!(!text(session, "/last_active_token/jwt").is_empty());

    let user =
        app.backend().get(&format!("/v1/users/{}", text(&done, "/response/created_user_id"))).await.ok();
    assert_eq!((&user["first_name"], &user["last_name"]), (&json!("Ada"), &json!("Byron")));
    assert_eq!(user["password_enabled"], true);
    assert_eq!(user["last_sign_in_at"], app.now().as_millis());
    let email = &user["email_addresses"][0];
    assert_eq!(user["primary_email_address_id"], email["id"]);
    assert_eq!(
        (&email["email_address"], &email["verification"]["status"]),
        (&json!("ada@example.com"), &json!("verified"))
    );
    assert_eq!(email["verification"]["strategy"], "email_code");

    let seen = browser.get(&path).await.ok();
    assert_eq!(seen["response"], done["response"]);
}

#[frontdesk_testkit::matrix::test]
async fn what_happened_is_recorded_in_order(app: TestApp) {
    sign_up(&mut app.browser(), "ada+clerk_test@example.com").await;
    let events = app.server.store().events(&app.instance.instance.id, 0, 100).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|recorded| recorded.event.kind.as_str().to_owned()).collect();
    assert_eq!(kinds, ["user.created", "session.created"]);
    let user: Value = serde_json::from_slice(&events[0].event.payload).unwrap();
    assert_eq!((&user["object"], &user["private_metadata"]), (&json!("user"), &json!({})));
    assert_eq!(user["id"], events[0].event.subject.as_str());
}

#[frontdesk_testkit::matrix::test]
async fn everything_that_browsers_send_is_kept(app: TestApp) {
    let mut browser = app.browser();
    let form = [
        ("email_address", "ada+clerk_test@example.com"),
        ("password", PASSWORD),
        ("first_name", "Ada"),
        ("last_name", ""),
        ("unsafe_metadata", r#"{"plan":"gold","deep":{"a":[1,2]}}"#),
        ("legal_accepted", "true"),
        ("locale", "en-GB"),
        ("strategy", "password"),
        ("__clerk_protect_token", "ignored"),
    ];
    let begun = browser.post("/v1/client/sign_ups", &form).await.ok();
    let shown = &begun["response"];
    assert_eq!(shown["unsafe_metadata"], json!({ "plan": "gold", "deep": { "a": [1, 2] } }));
    assert_eq!((&shown["locale"], &shown["last_name"]), (&json!("en-GB"), &Value::Null));
    assert_eq!(shown["legal_accepted_at"], app.now().as_millis());

    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    let cleared =
        browser.post_as("PATCH", &path, &[("first_name", ""), ("legal_accepted", "false")]).await.ok();
    assert_eq!(
        (&cleared["response"]["first_name"], &cleared["response"]["legal_accepted_at"]),
        (&Value::Null, &Value::Null)
    );
    browser.post_as("PATCH", &path, &[("legal_accepted", "true")]).await.ok();
    prepare(&mut browser, &path).await.ok();
    let done = attempt(&mut browser, &path, "424242").await.ok();
    let user = &done["client"]["sessions"][0]["user"];
    assert_eq!(user["unsafe_metadata"]["plan"], "gold");
    assert_eq!(user["legal_accepted_at"], app.now().as_millis());
    assert_eq!(user["locale"], "en-GB");
}

#[frontdesk_testkit::matrix::test]
async fn test_addresses_get_the_known_code_and_no_mail(app: TestApp) {
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada+clerk_test@example.com").await;
    prepare(&mut browser, &path).await.ok();
    assert!(app.mails().is_empty());
    attempt(&mut browser, &path, "424241").await.refused(422, "form_code_incorrect");
    assert_eq!(attempt(&mut browser, &path, "424242").await.ok()["response"]["status"], "complete");
}

#[frontdesk_testkit::matrix::test]
async fn without_test_mode_test_addresses_are_like_others(app: TestApp) {
    let mut settings = app.instance.instance.settings.clone();
    settings.test_mode = false;
    let kind = app.instance.instance.kind;
    let app = app.remade(kind, settings).await;
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada+clerk_test@example.com").await;
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, "ada+clerk_test@example.com");
    if code != "424242" {
        attempt(&mut browser, &path, "424242").await.refused(422, "form_code_incorrect");
    }
    attempt(&mut browser, &path, &code).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_wrong_code_counts_and_five_spend_it(app: TestApp) {
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada@example.com").await;
    attempt(&mut browser, &path, "424242").await.refused(400, "verification_missing");
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, "ada@example.com");
    for tries in 1..=5 {
        let reply = attempt(&mut browser, &path, other_than(&code)).await;
        reply.refused(422, "form_code_incorrect");
        assert_eq!(reply.error_param(), "code");
        let seen = browser.get(&path).await.ok();
        assert_eq!(seen["response"]["verifications"]["email_address"]["attempts"], tries);
    }
    attempt(&mut browser, &path, &code).await.refused(400, "verification_failed");
    let seen = browser.get(&path).await.ok();
    let verification = &seen["response"]["verifications"]["email_address"];
    assert_eq!(
        (&verification["status"], &verification["next_action"]),
        (&json!("failed"), &json!("needs_prepare"))
    );

    app.advance(Span::seconds(30));
    prepare(&mut browser, &path).await.ok();
    attempt(&mut browser, &path, &mailed_code(&app, "ada@example.com")).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_code_dies_after_ten_minutes(app: TestApp) {
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada@example.com").await;
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, "ada@example.com");
    app.advance(Span::minutes(10));
    attempt(&mut browser, &path, &code).await.refused(400, "verification_expired");
    let seen = browser.get(&path).await.ok();
    assert_eq!(seen["response"]["verifications"]["email_address"]["status"], "expired");
}

#[frontdesk_testkit::matrix::test]
async fn codes_come_thirty_seconds_apart(app: TestApp) {
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada@example.com").await;
    prepare(&mut browser, &path).await.ok();
    app.advance(Span::seconds(10));
    let reply = prepare(&mut browser, &path).await;
    reply.refused(429, "verification_code_too_many_requests");
    assert_eq!(reply.header("retry-after"), "20");
    assert_eq!(app.mails().len(), 1);
    app.advance(Span::seconds(20));
    prepare(&mut browser, &path).await.ok();
    assert_eq!(app.mails().len(), 2);
}

#[frontdesk_testkit::matrix::test]
async fn new_attempts_bring_no_more_codes_to_an_address(app: TestApp) {
    for _ in 0..10 {
        let mut browser = app.browser();
        let path = begin_sign_up(&mut browser, "ada@example.com").await;
        prepare(&mut browser, &path).await.ok();
    }
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada@example.com").await;
    app.advance(Span::minutes(9));
    let reply = prepare(&mut browser, &path).await;
    reply.refused(429, "verification_code_too_many_requests");
    assert_eq!(reply.header("retry-after"), "60");
    assert_eq!(app.mails().len(), 10);
    app.advance(Span::minutes(1));
    prepare(&mut browser, &path).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_code_proves_once_and_only_its_own_address(app: TestApp) {
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada@example.com").await;
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, "ada@example.com");
    browser.post_as("PATCH", &path, &[("email_address", "augusta@example.com")]).await.ok();
    attempt(&mut browser, &path, &code).await.refused(400, "verification_missing");
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, "augusta@example.com");
    attempt(&mut browser, &path, &code).await.ok();
    attempt(&mut browser, &path, &code).await.refused(400, "client_state_invalid");
    prepare(&mut browser, &path).await.refused(400, "client_state_invalid");
    browser.post_as("PATCH", &path, &[("first_name", "Eve")]).await.refused(400, "client_state_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn a_taken_address_is_refused_at_the_start_and_at_the_end(app: TestApp) {
    app.user().email("ada@example.com").create().await;
    let mut browser = app.browser();
    let reply = browser.post("/v1/client/sign_ups", &[("email_address", "ADA@example.com")]).await;
    reply.refused(422, "form_identifier_exists");
    assert_eq!(reply.error_param(), "email_address");
    assert!(browser.cookie_names().is_empty(), "a refusal makes no client");

    // The neighbour's people do not count; somebody who comes while the code is under way does.
    let path = begin_sign_up(&mut browser, &app.other.email).await;
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, &app.other.email);
    app.user().email(&app.other.email).create().await;
    attempt(&mut browser, &path, &code).await.refused(422, "form_identifier_exists");
}

#[frontdesk_testkit::matrix::test]
async fn of_two_who_race_for_an_address_one_wins(app: TestApp) {
    let mut browsers = Vec::new();
    for _ in 0..4 {
        let mut browser = app.browser();
        let path = begin_sign_up(&mut browser, "ada+clerk_test@example.com").await;
        prepare(&mut browser, &path).await.ok();
        browsers.push((browser, path));
    }
    let race = browsers
        .into_iter()
        .map(|(mut browser, path)| tokio::spawn(async move { attempt(&mut browser, &path, "424242").await }));
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
    let count = app.backend().get("/v1/users/count").await.ok();
    assert_eq!(count["total_count"], 1);
}

#[frontdesk_testkit::matrix::test]
async fn bad_fields_are_named(app: TestApp) {
    let mut browser = app.browser();
    for (form, status, code, param) in [
        (("email_address", "not an address"), 422, "form_param_format_invalid", "email_address"),
        (("password", "short"), 422, "form_password_length_too_short", "password"),
        (("unsafe_metadata", "[1]"), 422, "form_param_format_invalid", "unsafe_metadata"),
        (("unsafe_metadata", "{"), 422, "form_param_format_invalid", "unsafe_metadata"),
        (("strategy", "oauth_google"), 422, "form_param_value_invalid", "strategy"),
        (("legal_accepted", "perhaps"), 422, "form_param_type_invalid", "legal_accepted"),
        (("username", "ada_byron"), 422, "form_param_unknown", "username"),
        (("phone_number", "+15555550100"), 422, "form_param_not_available", "phone_number"),
        (("ticket", "x"), 422, "form_param_not_available", "ticket"),
    ] {
        let reply = browser.post("/v1/client/sign_ups", &[form]).await;
        reply.refused(status, code);
        assert_eq!(reply.error_param(), param, "{form:?}");
    }
    let too_long = "a".repeat(256);
    browser
        .post("/v1/client/sign_ups", &[("first_name", &too_long)])
        .await
        .refused(422, "form_param_max_length_exceeded");
    let path = begin_sign_up(&mut browser, "ada@example.com").await;
    let reply = browser.post(&format!("{path}/prepare_verification"), &[("strategy", "phone_code")]).await;
    reply.refused(422, "form_param_value_invalid");
    browser.post(&format!("{path}/prepare_verification"), &[]).await.refused(422, "form_param_missing");
    let reply = browser.post(&format!("{path}/attempt_verification"), &[("strategy", "email_code")]).await;
    reply.refused(422, "form_param_missing");
}

#[frontdesk_testkit::matrix::test]
async fn nobody_touches_the_sign_up_of_another_client(app: TestApp) {
    let mut ada = app.browser();
    let path = begin_sign_up(&mut ada, "ada@example.com").await;
    let mut stranger = app.browser();
    stranger.get(&path).await.refused(401, "signed_out");
    begin_sign_up(&mut stranger, "eve@example.com").await;
    stranger.get(&path).await.refused(404, "resource_not_found");
    stranger.post_as("PATCH", &path, &[("first_name", "Eve")]).await.refused(404, "resource_not_found");
    prepare(&mut stranger, &path).await.refused(404, "resource_not_found");
    attempt(&mut stranger, &path, "424242").await.refused(404, "resource_not_found");
    stranger.get("/v1/client/sign_ups/sua_nobody").await.refused(404, "resource_not_found");
    let mut elsewhere = ada.clone();
    elsewhere.get(&format!("/i/neighbour{path}")).await.refused(401, "signed_out");
}

#[frontdesk_testkit::matrix::test]
async fn a_sign_up_is_forgotten_after_a_day(app: TestApp) {
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada@example.com").await;
    app.advance(Span::days(1));
    assert_eq!(browser.get(&path).await.ok()["response"]["status"], "abandoned");
    prepare(&mut browser, &path).await.refused(400, "client_state_invalid");
    assert_eq!(browser.get("/v1/client").await.ok()["response"]["sign_up"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn one_session_at_a_time_and_a_new_token_with_each(app: TestApp) {
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let before = browser.cookie("__client").unwrap().to_owned();
    prepare(&mut browser, &path).await.ok();
    assert_eq!(browser.cookie("__client").unwrap(), before, "having a code sent changes no token");
    attempt(&mut browser, &path, "424242").await.ok();
    assert_ne!(browser.cookie("__client").unwrap(), before);
    browser
        .post("/v1/client/sign_ups", &[("email_address", "eve@example.com")])
        .await
        .refused(400, "session_exists");
}

#[frontdesk_testkit::matrix::test]
async fn whoever_gave_the_password_holds_the_client(app: TestApp) {
    const PLANTED: &[(&str, &str)] = &[("password", "planted password")];
    let ada = [("email_address", "ada@example.com")];
    // Ada signs up in browsers in which somebody planted their client.
    let mut planter = app.browser();
    planter.post("/v1/client/sign_ins", &[]).await.ok();
    let mut browser = planter.clone();
    let path = begin_sign_up(&mut browser, "ada@example.com").await;
    planter.post_as("PATCH", &path, PLANTED).await.refused(401, "client_read_only");

    // Her password may also come later.
    let mut planter = app.browser();
    planter.post("/v1/client/sign_ins", &[]).await.ok();
    let mut browser = planter.clone();
    let begun = browser.post("/v1/client/sign_ups", &ada).await.ok();
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    browser.post_as("PATCH", &path, &[("password", PASSWORD)]).await.ok();
    planter.post_as("PATCH", &path, PLANTED).await.refused(401, "client_read_only");
    prepare(&mut browser, &path).await.ok();
    attempt(&mut browser, &path, &mailed_code(&app, "ada@example.com")).await.ok();
    sign_in(&mut app.browser(), "ada@example.com", PASSWORD).await.ok();

    // Where the planter comes first, Eve cannot prove her address for their password.
    let mut planter = app.browser();
    planter.post("/v1/client/sign_ins", &[]).await.ok();
    let mut browser = planter.clone();
    let begun = browser.post("/v1/client/sign_ups", &[("email_address", "eve@example.com")]).await.ok();
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, "eve@example.com");
    planter.post_as("PATCH", &path, PLANTED).await.ok();
    attempt(&mut browser, &path, &code).await.refused(401, "client_read_only");
}
