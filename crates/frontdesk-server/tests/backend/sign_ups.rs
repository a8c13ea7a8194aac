//! Sign-ups that are under way, as application servers see and add to them.

use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::Span;
use serde_json::json;

use crate::contract::assert_described;

const FORM: [(&str, &str); 2] =
    [("email_address", "ada+clerk_test@example.com"), ("password", "correct horse battery")];

async fn begun(app: &TestApp) -> String {
    let reply = app.browser().post("/v1/client/sign_ups", &FORM).await.ok();
    reply["response"]["id"].as_str().unwrap().to_owned()
}

#[frontdesk_testkit::matrix::test]
async fn the_user_gets_the_external_id_of_their_sign_up(app: TestApp) {
    let mut browser = app.browser();
    let begun = browser.post("/v1/client/sign_ups", &FORM).await.ok();
    let id = begun["response"]["id"].as_str().unwrap();
    app.backend().patch(&format!("/v1/sign_ups/{id}"), json!({ "external_id": "customer 7" })).await.ok();
    let path = format!("/v1/client/sign_ups/{id}");
    let strategy = ("strategy", "email_code");
    browser.post(&format!("{path}/prepare_verification"), &[strategy]).await.ok();
    let proof = [strategy, ("code", "424242")];
    let done = browser.post(&format!("{path}/attempt_verification"), &proof).await.ok();
    assert_eq!(done["response"]["status"], "complete");
    let user = done["response"]["created_user_id"].as_str().unwrap();
    let user = app.backend().get(&format!("/v1/users/{user}")).await.ok();
    assert_eq!(user["external_id"], "customer 7");
}

#[frontdesk_testkit::matrix::test]
async fn a_sign_up_is_read_and_told_whom_it_makes(app: TestApp) {
    let id = begun(&app).await;
    let path = format!("/v1/sign_ups/{id}");
    let reply = app.backend().get(&path).await;
    assert_described("GetSignUp", &reply);
    let before = reply.ok();
    assert_eq!([&before["id"], &before["status"]], [id.as_str(), "missing_requirements"]);
    assert_eq!(before["verifications"]["email_address"]["next_action"], "needs_prepare");
    assert_eq!((&before["external_id"], &before["custom_action"]), (&json!(null), &json!(false)));

    let reply =
        app.backend().patch(&path, json!({ "external_id": "customer 7", "custom_action": true })).await;
    assert_described("UpdateSignUp", &reply);
    let after = app.backend().get(&path).await.ok();
    assert_eq!(reply.ok(), after);
    assert_eq!((&after["external_id"], &after["custom_action"]), (&json!("customer 7"), &json!(true)));
    let kept = app.backend().patch(&path, json!({ "custom_action": null })).await.ok();
    assert_eq!(kept, after);
    let cleared = app.backend().patch(&path, json!({ "external_id": null })).await.ok();
    assert_eq!(cleared["external_id"], json!(null));

    app.user().with("external_id", json!("customer 8")).create().await;
    let reply = app.backend().patch(&path, json!({ "external_id": "customer 8" })).await;
    reply.refused(422, "form_identifier_exists");
    assert_eq!(reply.error_param(), "external_id");

    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    theirs.get(&path).await.refused(404, "resource_not_found");
    theirs.patch(&path, json!({})).await.refused(404, "resource_not_found");
    app.backend().get("/v1/sign_ups/sua_nobody").await.refused(404, "resource_not_found");
    app.advance(Span::days(1));
    assert_eq!(app.backend().get(&path).await.ok()["status"], "abandoned");
    app.backend().patch(&path, json!({ "custom_action": false })).await.refused(400, "client_state_invalid");
}
