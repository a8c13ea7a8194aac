//! One's own password and sessions.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::{Attributes, Settings, Wanted};
use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract;
use crate::steps::{PASSWORD, sign_in, sign_up, text};

const EMAIL: &str = "ada+clerk_test@example.com";
const NEW: &str = "a new and better one";

async fn change(browser: &mut Browser, current: &str, new: &str) -> Reply {
    let form = [("current_password", current), ("new_password", new)];
    browser.post("/v1/me/change_password", &form).await
}

async fn remove(browser: &mut Browser, current: &str) -> Reply {
    browser.post("/v1/me/remove_password", &[("current_password", current)]).await
}

async fn with_password(app: TestApp, password: Wanted) -> TestApp {
    let attributes = Attributes { password, ..Attributes::default() };
    let settings = Settings { attributes, test_mode: true, ..Settings::default() };
    app.remade(InstanceKind::Development, settings).await
}

#[frontdesk_testkit::matrix::test]
async fn a_password_is_changed_by_whoever_knows_it(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, EMAIL).await;
    let token = browser.cookie("__client").unwrap().to_owned();
    app.browser().post("/v1/me/change_password", &[("new_password", NEW)]).await.refused(401, "signed_out");
    let missing = browser.post("/v1/me/change_password", &[("new_password", NEW)]).await;
    missing.refused(422, "form_param_missing");
    assert_eq!(missing.error_param(), "current_password");
    change(&mut browser, PASSWORD, "").await.refused(422, "form_param_missing");
    let wrong = change(&mut browser, "wrong", NEW).await;
    wrong.refused(422, "form_password_validation_failed");
    assert_eq!(wrong.error_param(), "current_password");
    let same = change(&mut browser, PASSWORD, PASSWORD).await;
    same.refused(422, "form_new_password_matches_current");
    assert_eq!(same.error_param(), "new_password");
    let short = change(&mut browser, PASSWORD, "short").await;
    short.refused(422, "form_password_length_too_short");
    assert_eq!(short.error_param(), "new_password");

    app.advance(Span::minutes(1));
    let changed = change(&mut browser, PASSWORD, NEW).await;
    contract::assert_described("Client.User", &changed);
    assert_eq!(changed.ok()["response"]["password_last_updated_at"], json!(app.now().as_millis()));
    assert_ne!(browser.cookie("__client"), Some(token.as_str()), "the token rotates");
    sign_in(&mut app.browser(), EMAIL, PASSWORD).await.refused(422, "form_password_incorrect");
    sign_in(&mut app.browser(), EMAIL, NEW).await.ok();
    browser.get("/v1/me").await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn guessing_the_present_password_locks_the_account(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, EMAIL).await;
    for _ in 0..10 {
        change(&mut browser, "wrong", NEW).await.refused(422, "form_password_validation_failed");
    }
    change(&mut browser, PASSWORD, NEW).await.refused(403, "user_locked");
    app.advance(Span::hours(1));
    change(&mut browser, PASSWORD, NEW).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_new_password_can_sign_out_everywhere_else(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, EMAIL).await;
    let mut elsewhere = app.browser();
    let there = sign_in(&mut elsewhere, EMAIL, PASSWORD).await.ok();
    let there = text(&there, "/response/created_session_id").to_owned();
    change(&mut browser, PASSWORD, NEW).await.ok();
    elsewhere.get("/v1/me").await.ok();
    let form = [
        ("current_password", NEW),
        ("new_password", "and one more of them"),
        ("sign_out_of_other_sessions", "true"),
    ];
    browser.post("/v1/me/change_password", &form).await.ok();
    elsewhere.get("/v1/me").await.refused(401, "signed_out");
    let session = app.backend().get(&format!("/v1/sessions/{there}")).await.ok();
    assert_eq!(session["status"], "revoked");
    browser.get("/v1/me").await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn one_can_do_without_a_password_where_the_instance_can(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, EMAIL).await;
    remove(&mut browser, PASSWORD).await.refused(400, "password_required");

    let app = with_password(app, Wanted::Optional).await;
    let mut browser = app.browser();
    sign_up(&mut browser, EMAIL).await;
    browser.post("/v1/me/remove_password", &[]).await.refused(422, "form_param_missing");
    remove(&mut browser, "wrong").await.refused(422, "form_password_validation_failed");
    let removed = remove(&mut browser, PASSWORD).await;
    contract::assert_described("Client.User", &removed);
    assert_eq!(removed.ok()["response"]["password_enabled"], false);
    remove(&mut browser, PASSWORD).await.refused(400, "no_password_set");
    sign_in(&mut app.browser(), EMAIL, PASSWORD).await.refused(400, "strategy_for_user_invalid");
    // Without one, there is none to prove.
    browser.post("/v1/me/change_password", &[("new_password", NEW)]).await.ok();
    sign_in(&mut app.browser(), EMAIL, NEW).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn people_see_from_where_they_are_signed_in_and_end_it(app: TestApp) {
    const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 \
        (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1";
    let mut browser = app.browser();
    let here = text(&sign_up(&mut browser, EMAIL).await, "/response/created_session_id").to_owned();
    let mut phone = app.browser();
    phone.user_agent = Some(PHONE.to_owned());
    app.advance(Span::seconds(1));
    let there = sign_in(&mut phone, EMAIL, PASSWORD).await.ok();
    let there = text(&there, "/response/created_session_id").to_owned();
    let reply = browser.get("/v1/me/sessions/active").await.ok();
    contract::assert_value("Client.ActiveSessions", &reply);
    assert_eq!((&reply[0]["id"], &reply[1]["id"]), (&json!(here), &json!(there)));
    let activity = &reply[1]["latest_activity"];
    assert_eq!(
        (&activity["device_type"], &activity["is_mobile"], &activity["browser_name"]),
        (&json!("iPhone"), &json!(true), &json!("Safari"))
    );
    assert_eq!(activity["browser_version"], "17.4");
    let all = browser.get("/v1/me/sessions").await.ok();
    contract::assert_value("Server.Sessions", &all);
    assert_eq!((&all[0]["id"], &all[0]["last_active_token"]), (&json!(there), &Value::Null));

    // Another browser on the phone: noted once a minute.
    phone.user_agent = Some("Mozilla/5.0 (Linux; Android 14) Chrome/123.0 Mobile Safari/537.36".to_owned());
    let tokens = format!("/v1/client/sessions/{there}/tokens");
    phone.post(&tokens, &[]).await.ok();
    let reply = browser.get("/v1/me/sessions/active").await.ok();
    assert_eq!(reply[1]["latest_activity"]["device_type"], "iPhone");
    app.advance(Span::minutes(1));
    phone.post(&tokens, &[]).await.ok();
    let reply = browser.get("/v1/me/sessions/active").await.ok();
    assert_eq!(reply[1]["latest_activity"]["device_type"], "Android");

    let revoked = browser.post(&format!("/v1/me/sessions/{there}/revoke"), &[]).await;
    contract::assert_described("Client.Session-2", &revoked);
    assert_eq!(revoked.ok()["response"]["status"], "revoked");
    assert_eq!(revoked.ok()["client"]["sessions"].as_array().unwrap().len(), 1);
    phone.post(&tokens, &[]).await.refused(401, "resource_not_found");
    browser.post(&format!("/v1/me/sessions/{there}/revoke"), &[]).await.ok();
    let events = app.server.store().events(&app.instance.instance.id, 0, 1000).await.unwrap();
    assert_eq!(events.iter().filter(|it| it.event.kind.as_str() == "session.revoked").count(), 1);

    // Those of others are none; one's own can go, too.
    let mut stranger = app.browser();
    sign_up(&mut stranger, "eve+clerk_test@example.com").await;
    for id in [here.as_str(), "sess_unknown", app.other.session_id.as_str()] {
        stranger.post(&format!("/v1/me/sessions/{id}/revoke"), &[]).await.refused(404, "resource_not_found");
    }
    let own = browser.post(&format!("/v1/me/sessions/{here}/revoke"), &[]).await.ok();
    assert_eq!(
        (&own["client"]["sessions"], &own["client"]["last_active_session_id"]),
        (&json!([]), &Value::Null)
    );
    browser.get("/v1/me").await.refused(401, "signed_out");
}
