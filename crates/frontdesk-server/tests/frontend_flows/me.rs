//! The person who is signed in.

use frontdesk_testkit::matrix::TestApp;
use serde_json::{Value, json};

use crate::contract;
use crate::steps::{PASSWORD, sign_in, sign_up, text};

#[frontdesk_testkit::matrix::test]
async fn one_sees_and_changes_oneself(app: TestApp) {
    let mut browser = app.browser();
    browser.get("/v1/me").await.refused(401, "signed_out");
    let done = sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let reply = browser.get("/v1/me").await;
    contract::assert_described("Client.User", &reply);
    let seen = reply.ok();
    assert_eq!(seen["response"]["id"], done["response"]["created_user_id"]);
    assert_eq!(seen["client"]["sessions"][0]["id"], done["response"]["created_session_id"]);
    assert_eq!(seen["response"].get("private_metadata"), None);

    let session = text(&done, "/response/created_session_id");
    let path = format!("/v1/me?_clerk_session_id={session}");
    let changed = browser.post_as("PATCH", &path, &[("first_name", "Zoë"), ("last_name", "")]).await;
    contract::assert_described("Client.User", &changed);
    let changed = changed.ok();
    assert_eq!(
        (&changed["response"]["first_name"], &changed["response"]["last_name"]),
        (&json!("Zoë"), &Value::Null)
    );
    assert_eq!(changed["client"]["sessions"][0]["user"]["first_name"], "Zoë");
    let named = browser.post_as("PATCH", &path, &[("last_name", "Byron")]).await.ok();
    assert_eq!((text(&named, "/response/first_name"), text(&named, "/response/last_name")), ("Zoë", "Byron"));
    let reply = browser.post_as("PATCH", &path, &[("username", "zoe")]).await;
    reply.refused(422, "form_param_unknown");
    assert_eq!(reply.error_param(), "username");

    let emails = browser.get("/v1/me/email_addresses").await.ok();
    contract::assert_value("Server.UserEmailAddresses", &emails);
    assert_eq!(emails[0]["email_address"], "ada+clerk_test@example.com");
}

#[frontdesk_testkit::matrix::test]
async fn metadata_is_merged_deeply(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let merge = r#"{"a":{"b":1,"c":2},"d":3}"#;
    let path = "/v1/me/metadata";
    browser.post_as("PATCH", path, &[("unsafe_metadata", merge)]).await.ok();
    let merge = r#"{"a":{"b":null,"e":4},"d":null}"#;
    let merged = browser.post_as("PATCH", path, &[("unsafe_metadata", merge)]).await.ok();
    assert_eq!(merged["response"]["unsafe_metadata"], json!({ "a": { "c": 2, "e": 4 } }));
    browser.post_as("PATCH", path, &[]).await.refused(422, "form_param_missing");
    browser
        .post_as("PATCH", path, &[("unsafe_metadata", "7")])
        .await
        .refused(422, "form_param_format_invalid");

    // Older versions replace it together with the names.
    let form = [("unsafe_metadata", r#"{"x":1}"#)];
    browser.post_as("PATCH", "/v1/me", &form).await.refused(422, "form_param_unknown");
    let mut older = browser.version("2025-11-10");
    let replaced = older.post_as("PATCH", "/v1/me", &form).await.ok();
    assert_eq!(replaced["response"]["unsafe_metadata"], json!({ "x": 1 }));
}

#[frontdesk_testkit::matrix::test]
async fn one_may_delete_oneself_unless_forbidden(app: TestApp) {
    let mut browser = app.browser();
    let done = sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let user = format!("/v1/users/{}", text(&done, "/response/created_user_id"));
    app.backend().patch(&user, json!({ "delete_self_enabled": false })).await.ok();
    browser.post_as("DELETE", "/v1/me", &[]).await.refused(403, "user_delete_self_not_enabled");
    app.backend().patch(&user, json!({ "delete_self_enabled": true })).await.ok();

    let deleted = browser.post_as("DELETE", "/v1/me", &[]).await;
    contract::assert_described("Client.DeletedObject", &deleted);
    let deleted = deleted.ok();
    assert_eq!(deleted["response"]["deleted"], true);
    assert_eq!(
        (&deleted["client"]["sessions"], &deleted["client"]["last_active_session_id"]),
        (&json!([]), &Value::Null)
    );
    app.backend().get(&user).await.refused(404, "resource_not_found");
    browser.get("/v1/me").await.refused(401, "signed_out");
    sign_in(&mut browser, "ada+clerk_test@example.com", PASSWORD)
        .await
        .refused(422, "form_identifier_not_found");
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
}
