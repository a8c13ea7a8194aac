//! People, over the Backend API.

use frontdesk_testkit::TestApp;
use serde_json::json;

#[frontdesk_testkit::test]
async fn absent_fields_are_kept_and_null_clears(app: TestApp) {
    let ada = app.user().email("ada@example.com").first_name("Ada").last_name("Byron").create().await;
    let path = format!("/v1/users/{ada}");
    let reply = app.backend().patch(&path, json!({ "first_name": "Augusta" })).await.ok();
    assert_eq!((&reply["first_name"], &reply["last_name"]), (&json!("Augusta"), &json!("Byron")));
    let reply = app.backend().patch(&path, json!({ "last_name": null })).await.ok();
    assert_eq!((&reply["first_name"], &reply["last_name"]), (&json!("Augusta"), &json!(null)));
    assert_eq!(app.backend().get(&path).await.ok(), reply);
}

#[frontdesk_testkit::test]
async fn a_user_of_another_instance_is_unknown(app: TestApp) {
    let path = format!("/v1/users/{}", app.other.user_id);
    app.backend().get(&path).await.refused(404, "resource_not_found");
    app.backend().patch(&path, json!({ "first_name": "X" })).await.refused(404, "resource_not_found");
    app.backend().delete(&path).await.refused(404, "resource_not_found");
    app.backend().get("/v1/users/user_nobody").await.refused(404, "resource_not_found");
    app.backend().get("/v1/users/%00").await.refused(404, "resource_not_found");
}

#[frontdesk_testkit::test]
async fn without_the_right_key_nothing_is_answered(app: TestApp) {
    app.backend_with(None).get("/v1/users/user_nobody").await.refused(401, "authentication_invalid");
    app.backend_with(Some("sk_test_wrong"))
        .get("/v1/users/user_nobody")
        .await
        .refused(401, "clerk_key_invalid");
}

#[frontdesk_testkit::test]
async fn of_many_who_want_one_address_one_gets_it(app: TestApp) {
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let backend = app.backend();
        let body = json!({ "email_address": ["ada@example.com"] });
        racers.spawn(async move { backend.post("/v1/users", body).await });
    }
    let replies = racers.join_all().await;
    let winners = replies.iter().filter(|reply| reply.status() == 200).count();
    assert_eq!(winners, 1);
    for reply in replies.iter().filter(|reply| reply.status() != 200) {
        reply.refused(422, "form_identifier_exists");
        assert_eq!(reply.error_param(), "email_address");
    }
}
