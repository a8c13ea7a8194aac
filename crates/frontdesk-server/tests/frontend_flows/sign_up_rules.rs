//! What an instance demands of a sign-up, and whom it lets in.

use frontdesk_core::restriction::{IdentifierPattern, RestrictedIdentifier, RestrictionList};
use frontdesk_core::settings::Wanted;
use frontdesk_store::Work;
use frontdesk_testkit::matrix::TestApp;
use serde_json::{Value, json};

use crate::steps::{PASSWORD, attempt, mailed_code, prepare, sign_up, text, with_settings};

#[frontdesk_testkit::matrix::test]
async fn nobody_is_in_before_they_agree_to_the_terms(app: TestApp) {
    let app = with_settings(app, |settings| settings.sign_up.legal_consent = true).await;
    let mut browser = app.browser();
    let form = [("email_address", "ada@example.com"), ("password", PASSWORD), ("legal_accepted", "false")];
    let begun = browser.post("/v1/client/sign_ups", &form).await.ok();
    assert_eq!(begun["response"]["required_fields"], json!(["email_address", "password", "legal_accepted"]));
    assert_eq!(begun["response"]["missing_fields"], json!(["legal_accepted"]));
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    prepare(&mut browser, &path).await.ok();
    let before = browser.cookie("__client").unwrap().to_owned();
    let proven = attempt(&mut browser, &path, &mailed_code(&app, "ada@example.com")).await.ok();
    assert_eq!(proven["response"]["status"], "missing_requirements");
    assert_eq!(proven["response"]["unverified_fields"], json!([]));
    assert_ne!(browser.cookie("__client").unwrap(), before, "a proof is for whoever gave it");
    let done = browser.post_as("PATCH", &path, &[("legal_accepted", "true")]).await.ok();
    assert_eq!(done["response"]["status"], "complete");
    assert_eq!(done["response"]["legal_accepted_at"], app.now().as_millis());
    assert_eq!(done["client"]["sessions"][0]["user"]["legal_accepted_at"], app.now().as_millis());
    let environment = browser.get("/v1/environment").await.ok();
    assert_eq!(environment["user_settings"]["sign_up"]["legal_consent_enabled"], true);
}

#[frontdesk_testkit::matrix::test]
async fn required_names_are_asked_for_and_others_are_unknown(app: TestApp) {
    let app = with_settings(app, |settings| {
        settings.attributes.first_name = Wanted::Required;
        settings.attributes.last_name = Wanted::Off;
        settings.attributes.password = Wanted::Off;
    })
    .await;
    let mut browser = app.browser();
    let form = [("email_address", "ada+clerk_test@example.com"), ("last_name", "Byron")];
    let reply = browser.post("/v1/client/sign_ups", &form).await;
    reply.refused(422, "form_param_unknown");
    assert_eq!(reply.error_param(), "last_name");
    let begun = browser.post("/v1/client/sign_ups", &form[..1]).await.ok();
    assert_eq!(begun["response"]["missing_fields"], json!(["first_name"]));
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    prepare(&mut browser, &path).await.ok();
    assert_eq!(
        attempt(&mut browser, &path, "424242").await.ok()["response"]["status"],
        "missing_requirements"
    );
    let done = browser.post_as("PATCH", &path, &[("first_name", "Ada")]).await.ok();
    assert_eq!(done["response"]["status"], "complete");
    assert_eq!(done["client"]["last_authentication_strategy"], "email_code");
}

#[frontdesk_testkit::matrix::test]
async fn where_nothing_is_required_somebody_must_still_come_back(app: TestApp) {
    let app = with_settings(app, |settings| {
        settings.attributes.email_address = Wanted::Optional;
        settings.attributes.password = Wanted::Optional;
        settings.attributes.username = Wanted::Optional;
    })
    .await;
    let mut browser = app.browser();
    let begun = browser.post("/v1/client/sign_ups", &[]).await.ok();
    assert_eq!(begun["response"]["status"], "missing_requirements");
    assert_eq!(begun["response"]["missing_fields"], json!(["email_address"]));
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    let named = browser.post_as("PATCH", &path, &[("username", "ada_byron")]).await.ok();
    assert_eq!(named["response"]["missing_fields"], json!(["password"]));
    let done = browser.post_as("PATCH", &path, &[("password", PASSWORD)]).await.ok();
    assert_eq!(done["response"]["status"], "complete");
}

#[frontdesk_testkit::matrix::test]
async fn an_instance_may_want_everything_at_once(app: TestApp) {
    let app = with_settings(app, |settings| {
        settings.sign_up.progressive = false;
        settings.attributes.first_name = Wanted::Required;
    })
    .await;
    let mut browser = app.browser();
    let reply = browser.post("/v1/client/sign_ups", &[("email_address", "ada@example.com")]).await;
    reply.refused(422, "form_param_missing");
    let errors = reply.json()["errors"].clone();
    let params: Vec<_> = errors.as_array().unwrap().iter().map(|it| text(it, "/meta/param_name")).collect();
    assert_eq!(params, ["password", "first_name"]);
    assert!(browser.cookie_names().is_empty());
    let form = [("email_address", "ada@example.com"), ("password", PASSWORD), ("first_name", "Ada")];
    browser.post("/v1/client/sign_ups", &form).await.ok();
    let environment = browser.get("/v1/environment").await.ok();
    assert_eq!(environment["user_settings"]["sign_up"]["progressive"], false);
}

#[frontdesk_testkit::matrix::test]
async fn subaddresses_are_kept_out_where_they_are_blocked(app: TestApp) {
    let app = with_settings(app, |settings| settings.restrictions.block_email_subaddresses = true).await;
    let mut browser = app.browser();
    for address in ["ada+notes@example.com", "ada=notes@example.com", "ada#notes@example.com"] {
        let reply = browser.post("/v1/client/sign_ups", &[("email_address", address)]).await;
        reply.refused(422, "form_email_address_blocked");
        assert_eq!(reply.error_param(), "email_address");
    }
    browser.post("/v1/client/sign_ups", &[("email_address", "ada+clerk_test@example.com")]).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn an_account_is_no_way_around_the_restrictions(app: TestApp) {
    let app = with_settings(app, |settings| {
        settings.restrictions.blocklist = true;
        settings.restrictions.block_email_subaddresses = true;
    })
    .await;
    list(&app, RestrictionList::Blocklist, "*@evil.example").await;
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let path = "/v1/me/email_addresses";
    let listed = browser.post(path, &[("email_address", "ada@evil.example")]).await;
    listed.refused(403, "not_allowed_access");
    let sub = browser.post(path, &[("email_address", "ada+notes@example.com")]).await;
    sub.refused(422, "form_email_address_blocked");
    browser.post(path, &[("email_address", "ada@example.com")]).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn restrictions_hold_until_a_sign_up_is_complete(app: TestApp) {
    let app = with_settings(app, |settings| settings.restrictions.blocklist = true).await;
    list(&app, RestrictionList::Blocklist, "*@evil.example").await;
    let mut browser = app.browser();
    let form = [("email_address", "ada@example.com"), ("password", PASSWORD)];
    let begun = browser.post("/v1/client/sign_ups", &form).await.ok();
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    let other = browser.post_as("PATCH", &path, &[("email_address", "ada@evil.example")]).await;
    other.refused(403, "not_allowed_access");
    prepare(&mut browser, &path).await.ok();
    list(&app, RestrictionList::Blocklist, "ada@example.com").await;
    let code = mailed_code(&app, "ada@example.com");
    attempt(&mut browser, &path, &code).await.refused(403, "not_allowed_access");
    assert_eq!(app.backend().get("/v1/users/count").await.ok()["total_count"], 0);
}

async fn list(app: &TestApp, list: RestrictionList, identifier: &str) {
    let entry = RestrictedIdentifier {
        id: format!("list_{identifier}"),
        list,
        pattern: IdentifierPattern::parse(identifier).unwrap(),
        created_at: app.now(),
        updated_at: app.now(),
    };
    let mut work = Work::new(&app.instance.instance.id);
    work.insert_restricted_identifier(&entry);
    app.server.store().commit(work).await.unwrap();
}

async fn may_sign_up(app: &TestApp, address: &str) -> bool {
    let reply = app.browser().post("/v1/client/sign_ups", &[("email_address", address)]).await;
    if reply.status() != 200 {
        reply.refused(403, "not_allowed_access");
        assert_eq!(reply.json()["errors"][0]["meta"]["identifiers"], json!([address]));
    }
    reply.status() == 200
}

#[frontdesk_testkit::matrix::test]
async fn lists_say_who_may_sign_up(app: TestApp) {
    let app = with_settings(app, |settings| settings.restrictions.blocklist = true).await;
    list(&app, RestrictionList::Blocklist, "*@example.com").await;
    list(&app, RestrictionList::Allowlist, "ada@example.com").await;
    assert!(may_sign_up(&app, "ada@example.com").await, "whoever is on both lists may");
    assert!(!may_sign_up(&app, "eve@example.com").await);
    assert!(may_sign_up(&app, "eve@example.org").await);
    let environment = app.browser().get("/v1/environment").await.ok();
    assert_eq!(
        environment["user_settings"]["restrictions"],
        json!({
            "allowlist": { "enabled": false }, "blocklist": { "enabled": true },
            "allowlist_blocklist_disabled_on_sign_in": { "enabled": true },
            "block_email_subaddresses": { "enabled": false },
            "block_disposable_email_domains": { "enabled": false }
        })
    );

    let app = with_settings(app, |settings| {
        settings.restrictions.blocklist = false;
        settings.restrictions.allowlist = true;
        settings.attributes.email_address = Wanted::Optional;
        settings.attributes.username = Wanted::Optional;
    })
    .await;
    list(&app, RestrictionList::Allowlist, "ada@example.com").await;
    assert!(may_sign_up(&app, "ada@example.com").await);
    assert!(!may_sign_up(&app, "eve@example.org").await);
    let form = [("username", "eve_byron"), ("password", PASSWORD)];
    app.browser().post("/v1/client/sign_ups", &form).await.refused(422, "form_param_missing");
    assert_eq!(app.backend().get("/v1/users/count").await.ok()["total_count"], 0);
}

#[frontdesk_testkit::matrix::test]
async fn the_environment_tells_the_truth(app: TestApp) {
    let plain = app.browser().get("/v1/environment").await.ok();
    let settings = &plain["user_settings"];
    assert_eq!(settings["attack_protection"]["enumeration_protection"]["enabled"], false);
    assert_eq!(settings["password_settings"]["show_zxcvbn"], false);
    assert_eq!(settings["password_settings"]["disable_hibp"], false);
    assert_eq!(settings["password_settings"]["enforce_hibp_on_sign_in"], false);
    assert_eq!(
        plain["auth_config"]["first_factors"],
        json!(["email_code", "password", "reset_password_email_code", "ticket"])
    );
    assert_eq!(plain["auth_config"]["identification_requirements"], json!([["email_address"]]));

    let app = with_settings(app, |settings| {
        settings.attributes.username = Wanted::Required;
        settings.attributes.email_address = Wanted::Off;
        settings.username.min_length = 3;
        settings.username.max_length = 20;
        settings.password.min_zxcvbn_strength = 3;
        settings.password.require_numbers = true;
        settings.password.min_length = 10;
        settings.password.refuse_breached = false;
        settings.password.refuse_breached_on_sign_in = true;
        settings.enumeration_protection = true;
        settings.support_email = String::from("help@example.com");
    })
    .await;
    let other = app.browser().get("/v1/environment").await.ok();
    let settings = &other["user_settings"];
    assert_eq!(settings["attack_protection"]["enumeration_protection"]["enabled"], true);
    let password = &settings["password_settings"];
    assert_eq!(
        [&password["show_zxcvbn"], &password["min_zxcvbn_strength"], &password["require_numbers"]],
        [&json!(true), &json!(3), &json!(true)]
    );
    assert_eq!((&password["min_length"], &password["require_uppercase"]), (&json!(10), &json!(false)));
    assert_eq!(
        (&password["disable_hibp"], &password["enforce_hibp_on_sign_in"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(settings["username_settings"]["min_length"], 3);
    assert_eq!(settings["username_settings"]["max_length"], 20);
    let username = &settings["attributes"]["username"];
    assert_eq!((&username["required"], &username["used_for_first_factor"]), (&json!(true), &json!(true)));
    assert_eq!(other["auth_config"]["username"], "required");
    assert_eq!(other["auth_config"]["identification_strategies"], json!(["username"]));
    assert_eq!(other["auth_config"]["first_factors"], json!(["password", "ticket"]));
    assert_eq!(other["display_config"]["support_email"], "help@example.com");
    assert_ne!(other["auth_config"]["second_factors"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn whoever_takes_their_consent_back_is_not_in(app: TestApp) {
    let app = with_settings(app, |settings| settings.sign_up.legal_consent = true).await;
    let mut browser = app.browser();
    let form = [("email_address", "ada@example.com"), ("password", PASSWORD), ("legal_accepted", "true")];
    let begun = browser.post("/v1/client/sign_ups", &form).await.ok();
    assert_eq!(begun["response"]["missing_fields"], json!([]));
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    let changed = browser.post_as("PATCH", &path, &[("legal_accepted", "false")]).await.ok();
    assert_eq!(changed["response"]["missing_fields"], json!(["legal_accepted"]));
    prepare(&mut browser, &path).await.ok();
    let proven = attempt(&mut browser, &path, &mailed_code(&app, "ada@example.com")).await.ok();
    assert_eq!(proven["response"]["status"], "missing_requirements");
    assert_eq!(proven["client"]["sessions"], json!([]));
}

#[frontdesk_testkit::matrix::test]
async fn an_address_that_is_blocked_meanwhile_is_not_let_in(app: TestApp) {
    let mut browser = app.browser();
    let begun = browser
        .post("/v1/client/sign_ups", &[("email_address", "ada@example.com"), ("password", PASSWORD)])
        .await
        .ok();
    let path = format!("/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, "ada@example.com");
    let blocked =
        app.backend().post("/v1/blocklist_identifiers", json!({ "identifier": "*@example.com" })).await;
    let blocked = format!("/v1/blocklist_identifiers/{}", text(&blocked.ok(), "/id"));
    app.backend().patch("/v1/instance/restrictions", json!({ "blocklist": true })).await.ok();
    attempt(&mut browser, &path, &code).await.refused(403, "not_allowed_access");
    assert_eq!(app.backend().get("/v1/users/count").await.ok()["total_count"], 0);
    app.backend().delete(&blocked).await.ok();
    assert_eq!(attempt(&mut browser, &path, &code).await.ok()["response"]["status"], "complete");
}
