//! One's own e-mail addresses.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::{Attributes, Settings, Wanted};
use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract;
use crate::steps::{PASSWORD, mailed_code, other_than, sign_in, sign_up, text, with_settings};

const ADDRESSES: &str = "/v1/me/email_addresses";

/// Adds an address; gives its path.
async fn add(browser: &mut Browser, email: &str) -> String {
    // With a slash at the end, as clerk-js has it.
    let reply = browser.post(&format!("{ADDRESSES}/"), &[("email_address", email)]).await;
    contract::assert_described("Client.EmailAddress", &reply);
    let reply = reply.ok();
    assert_eq!(reply["response"]["verification"]["status"], "unverified");
    format!("{ADDRESSES}/{}", text(&reply, "/response/id"))
}

async fn prepare(browser: &mut Browser, path: &str) -> Reply {
    browser.post(&format!("{path}/prepare_verification"), &[("strategy", "email_code")]).await
}

async fn attempt(browser: &mut Browser, path: &str, code: &str) -> Reply {
    browser.post(&format!("{path}/attempt_verification"), &[("code", code)]).await
}

async fn events(app: &TestApp, kind: &str) -> usize {
    let events = app.server.store().events(&app.instance.instance.id, 0, 1000).await.unwrap();
    events.iter().filter(|recorded| recorded.event.kind.as_str() == kind).count()
}

async fn lenient(app: TestApp) -> TestApp {
    let attributes = Attributes { email_address: Wanted::Optional, ..Attributes::default() };
    let settings = Settings { attributes, test_mode: true, ..Settings::default() };
    app.remade(InstanceKind::Development, settings).await
}

#[frontdesk_testkit::matrix::test]
async fn an_address_is_added_proven_and_made_the_primary_one(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let changes = events(&app, "user.updated").await;
    let second = add(&mut browser, "Second@Example.com").await;
    assert_eq!(events(&app, "user.updated").await, changes + 1);
    attempt(&mut browser, &second, "424242").await.refused(400, "verification_missing");
    let prepared = prepare(&mut browser, &second).await;
    contract::assert_described("Client.EmailAddress", &prepared);
    let until = (app.now() + Span::minutes(10)).as_millis();
    assert_eq!(prepared.ok()["response"]["verification"]["expire_at"], json!(until));
    let code = mailed_code(&app, "second@example.com");
    attempt(&mut browser, &second, other_than(&code)).await.refused(422, "form_code_incorrect");
    let counted = browser.get(&second).await.ok();
    assert_eq!(counted["response"]["verification"]["attempts"], 1);

    // Before it is proven it names nobody, and cannot be the primary one.
    sign_in(&mut app.browser(), "second@example.com", PASSWORD)
        .await
        .refused(422, "form_identifier_not_found");
    let id = second.rsplit('/').next().unwrap().to_owned();
    let primary = [("primary_email_address_id", id.as_str())];
    let refused = browser.post_as("PATCH", "/v1/me", &primary).await;
    refused.refused(422, "form_param_value_invalid");

    let proven = attempt(&mut browser, &second, &code).await;
    contract::assert_described("Client.EmailAddress", &proven);
    let proven = proven.ok();
    assert_eq!(proven["response"]["verification"]["status"], "verified");
    assert_eq!(
        proven["client"]["sessions"][0]["user"]["email_addresses"][1]["verification"]["status"],
        "verified"
    );
    attempt(&mut browser, &second, &code).await.refused(400, "verification_already_verified");
    prepare(&mut browser, &second).await.refused(400, "verification_already_verified");
    sign_in(&mut app.browser(), "second@example.com", PASSWORD).await.ok();

    let changed = browser.post_as("PATCH", "/v1/me", &primary).await.ok();
    assert_eq!(changed["response"]["primary_email_address_id"], json!(id));
    for unknown in ["idn_unknown", "nonsense"] {
        let form = [("primary_email_address_id", unknown)];
        browser.post_as("PATCH", "/v1/me", &form).await.refused(422, "form_resource_not_found");
    }
    browser
        .post_as("PATCH", "/v1/me", &[("primary_email_address_id", "")])
        .await
        .refused(422, "form_param_nil");
}

#[frontdesk_testkit::matrix::test]
async fn whoever_proves_an_address_first_has_it(app: TestApp) {
    let mut ada = app.browser();
    let mut eve = app.browser();
    sign_up(&mut ada, "ada+clerk_test@example.com").await;
    sign_up(&mut eve, "eve+clerk_test@example.com").await;
    let taken = ada.post(ADDRESSES, &[("email_address", "eve+clerk_test@example.com")]).await;
    taken.refused(422, "form_identifier_exists");
    assert_eq!(taken.error_param(), "email_address");

    let of_ada = add(&mut ada, "shared+clerk_test@example.com").await;
    let of_eve = add(&mut eve, "shared+clerk_test@example.com").await;
    ada.post(ADDRESSES, &[("email_address", "SHARED+clerk_test@example.com")])
        .await
        .refused(422, "form_identifier_exists");
    prepare(&mut ada, &of_ada).await.ok();
    prepare(&mut eve, &of_eve).await.ok();
    attempt(&mut eve, &of_eve, "424242").await.ok();
    attempt(&mut ada, &of_ada, "424242").await.refused(422, "form_identifier_exists");
    let seen = ada.get(&of_ada).await.ok();
    assert_eq!(seen["response"]["verification"]["status"], "unverified");
    // Addresses of others are none.
    for path in [&of_eve, &format!("{ADDRESSES}/idn_unknown")] {
        ada.get(path).await.refused(404, "resource_not_found");
        prepare(&mut ada, path).await.refused(404, "resource_not_found");
        attempt(&mut ada, path, "424242").await.refused(404, "resource_not_found");
        ada.post_as("DELETE", path, &[]).await.refused(404, "resource_not_found");
        app.browser().get(path).await.refused(401, "signed_out");
    }
}

#[frontdesk_testkit::matrix::test]
async fn where_accounts_are_hidden_only_the_proof_tells_that_an_address_is_taken(app: TestApp) {
    const EVE: &str = "eve@example.com";
    let app = with_settings(app, |settings| settings.enumeration_protection = true).await;
    app.user().email(EVE).create().await;
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let path = add(&mut browser, EVE).await;
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, EVE);
    attempt(&mut browser, &path, other_than(&code)).await.refused(422, "form_code_incorrect");
    let taken = attempt(&mut browser, &path, &code).await;
    taken.refused(422, "form_identifier_exists");
    assert_eq!(taken.error_param(), "email_address");
    let seen = browser.get(&path).await.ok();
    assert_eq!(seen["response"]["verification"]["status"], "unverified");
    // One's own addresses are no secret.
    browser.post(ADDRESSES, &[("email_address", EVE)]).await.refused(422, "form_identifier_exists");
}

#[frontdesk_testkit::matrix::test]
async fn codes_for_an_address_cannot_be_guessed(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let path = add(&mut browser, "second@example.com").await;
    prepare(&mut browser, &path).await.ok();
    prepare(&mut browser, &path).await.refused(429, "verification_code_too_many_requests");
    let code = mailed_code(&app, "second@example.com");
    // All at once: each counts.
    let tries = (0..5).map(|_| {
        let (mut tab, path, wrong) = (browser.clone(), path.clone(), other_than(&code).to_owned());
        tokio::spawn(async move { attempt(&mut tab, &path, &wrong).await.status() })
    });
    for status in tries.collect::<Vec<_>>() {
        assert_eq!(status.await.unwrap(), 422);
    }
    attempt(&mut browser, &path, &code).await.refused(400, "verification_failed");
    app.advance(Span::seconds(30));
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, "second@example.com");
    for _ in 0..5 {
        attempt(&mut browser, &path, other_than(&code)).await.refused(422, "form_code_incorrect");
    }
    // Ten in all: the account waits.
    attempt(&mut browser, &path, &code).await.refused(403, "user_locked");
    app.advance(Span::hours(1));
    attempt(&mut browser, &path, &code).await.refused(400, "verification_expired");
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, "second@example.com");
    attempt(&mut browser, &path, &code).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn something_to_be_known_by_is_always_left(app: TestApp) {
    let mut browser = app.browser();
    let done = sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let first = text(&done, "/client/sessions/0/user/primary_email_address_id").to_owned();
    let first = format!("{ADDRESSES}/{first}");
    let last = browser.post_as("DELETE", &first, &[]).await;
    last.refused(400, "identification_deletion_failed");
    let second = add(&mut browser, "second+clerk_test@example.com").await;
    browser.post_as("DELETE", &first, &[]).await.refused(400, "identification_deletion_failed");
    prepare(&mut browser, &second).await.ok();
    attempt(&mut browser, &second, "424242").await.ok();
    let reply = browser.post_as("DELETE", &first, &[]).await;
    contract::assert_described("Client.DeletedObject", &reply);
    let user = reply.ok()["client"]["sessions"][0]["user"].clone();
    assert_eq!(user["email_addresses"].as_array().unwrap().len(), 1);
    assert_eq!(user["primary_email_address_id"], json!(second.rsplit('/').next().unwrap()));
    browser.get(&first).await.refused(404, "resource_not_found");
    // It is free again.
    add(&mut browser, "ada+clerk_test@example.com").await;
}

#[frontdesk_testkit::matrix::test]
async fn the_last_required_address_stays_and_an_optional_one_may_go(app: TestApp) {
    for email_address in [Wanted::Required, Wanted::Optional] {
        let attributes = Attributes { email_address, username: Wanted::Optional, ..Attributes::default() };
        let settings = Settings { attributes, test_mode: true, ..Settings::default() };
        let app = TestApp::start_with(
            frontdesk_store::testing::TestDatabase::create(app.database().engine()).await,
            InstanceKind::Development,
            settings,
        )
        .await;
        let mut browser = app.browser();
        let done = sign_up(&mut browser, "ada+clerk_test@example.com").await;
        let id = text(&done, "/client/sessions/0/user/primary_email_address_id").to_owned();
        browser.post_as("PATCH", "/v1/me", &[("username", "Ada_L")]).await.ok();
        let reply = browser.post_as("DELETE", &format!("{ADDRESSES}/{id}"), &[]).await;
        if email_address == Wanted::Required {
            reply.refused(400, "last_required_identification_deletion_failed_code");
        } else {
            let user = reply.ok()["client"]["sessions"][0]["user"].clone();
            assert_eq!(
                (&user["primary_email_address_id"], &user["username"]),
                (&Value::Null, &json!("ada_l"))
            );
            browser
                .post_as("PATCH", "/v1/me", &[("username", "")])
                .await
                .refused(400, "identification_deletion_failed");
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_username_is_chosen_changed_and_given_up(app: TestApp) {
    let app = lenient(app).await;
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    browser.post_as("PATCH", "/v1/me", &[("username", "ada")]).await.refused(422, "form_param_unknown");
    let attributes = Attributes { username: Wanted::Optional, ..Attributes::default() };
    let settings = Settings { attributes, test_mode: true, ..Settings::default() };
    let app = app.remade(InstanceKind::Development, settings).await;
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let named = browser.post_as("PATCH", "/v1/me", &[("username", "Countess")]).await.ok();
    assert_eq!(named["response"]["username"], "countess");
    let short = browser.post_as("PATCH", "/v1/me", &[("username", "ab")]).await;
    short.refused(422, "form_username_invalid_length");
    assert_eq!(short.error_param(), "username");
    let renamed = browser.post_as("PATCH", "/v1/me", &[("username", "lovelace")]).await.ok();
    assert_eq!(renamed["client"]["sessions"][0]["user"]["username"], "lovelace");

    let mut other = app.browser();
    sign_up(&mut other, "eve+clerk_test@example.com").await;
    other
        .post_as("PATCH", "/v1/me", &[("username", "LoveLace")])
        .await
        .refused(422, "form_identifier_exists");
    other.post_as("PATCH", "/v1/me", &[("username", "countess")]).await.ok();
    let gone = browser.post_as("PATCH", "/v1/me", &[("username", "")]).await.ok();
    assert_eq!(gone["response"]["username"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn what_is_no_address_is_refused_and_so_are_too_many(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    browser.post(ADDRESSES, &[]).await.refused(422, "form_param_missing");
    for nonsense in ["ada", "ada@", "a b@example.com"] {
        let reply = browser.post(ADDRESSES, &[("email_address", nonsense)]).await;
        reply.refused(422, "form_param_format_invalid");
    }
    for number in 0..10 {
        add(&mut browser, &format!("more{number}@example.com")).await;
    }
    let reply = browser.post(ADDRESSES, &[("email_address", "toomany@example.com")]).await;
    reply.refused(400, "too_many_unverified_identifications");
    let list = browser.get(ADDRESSES).await.ok();
    contract::assert_value("Server.UserEmailAddresses", &list);
    assert_eq!(list.as_array().unwrap().len(), 11);
    let path = format!("{ADDRESSES}/{}", text(&list, "/1/id"));
    browser
        .post(&format!("{path}/prepare_verification"), &[("strategy", "email_link")])
        .await
        .refused(422, "form_param_value_invalid");
    browser.post(&format!("{path}/prepare_verification"), &[]).await.refused(422, "form_param_missing");
}
