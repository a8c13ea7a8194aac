//! What older API versions see (decision 21): the differences that there are. That there are no others, `every_version` sees.

use frontdesk_api::ApiVersion;
use frontdesk_testkit::matrix::{Backend, TestApp};
use serde_json::{Value, json};

use crate::sessions::session;

#[frontdesk_testkit::matrix::test]
async fn sessions_on_clients_have_tasks_since_2025_04_10(app: TestApp) {
    let ada = app.user().create().await;
    let id = session(&app, &ada).await;
    let client = app.backend().get(&format!("/v1/sessions/{id}")).await.ok()["client_id"].clone();
    for (version, backend) in callers(&app) {
        let expected = (version >= Some(ApiVersion::V20250410)).then_some(&Value::Null);
        let one = backend.get(&format!("/v1/clients/{}", client.as_str().unwrap())).await.ok();
        let list = backend.get("/v1/clients").await.ok();
        for session in [&one["sessions"][0], &list[0]["sessions"][0]] {
            assert_eq!(session.get("tasks"), expected, "{version:?}");
        }
    }
}

/// The same caller once for each version, and once without naming any.
fn callers(app: &TestApp) -> Vec<(Option<ApiVersion>, Backend)> {
    let named = ApiVersion::ALL.map(|version| (Some(version), app.backend().version(Some(version.as_str()))));
    named.into_iter().chain([(None, app.backend().version(None))]).collect()
}

#[frontdesk_testkit::matrix::test]
async fn sessions_have_tasks_since_2025_04_10(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let id = session(&app, &ada).await;
    for (version, backend) in callers(&app) {
        let expected = version >= Some(ApiVersion::V20250410);
        let made = backend.post("/v1/sessions", json!({ "user_id": ada })).await.ok();
        let list = backend.get("/v1/sessions").await.ok()[0].clone();
        let page = backend.get("/v1/sessions?paginated=true").await.ok()["data"][0].clone();
        let one = backend.get(&format!("/v1/sessions/{id}")).await.ok();
        let path = format!("/v1/sessions/{}/revoke", made["id"].as_str().unwrap());
        let revoked = backend.post(&path, json!({})).await.ok();
        for session in [made, list, page, one, revoked] {
            assert_eq!(session.get("tasks"), expected.then_some(&Value::Null), "{version:?}");
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn updates_take_metadata_before_2026_05_12(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let path = format!("/v1/users/{ada}");
    for (version, backend) in callers(&app) {
        for name in ["public_metadata", "private_metadata", "unsafe_metadata"] {
            let reply =
                backend.patch(&path, json!({ name: { "version": version.map(ApiVersion::as_str) } })).await;
            if version == Some(ApiVersion::V20260512) {
                reply.refused(422, "form_param_unknown");
                assert_eq!(reply.error_param(), name);
            } else {
                assert_eq!(reply.ok()[name]["version"], json!(version.map(ApiVersion::as_str)));
            }
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn everything_else_looks_the_same_to_all(app: TestApp) {
    let ada = app
        .user()
        .email("ada@example.com")
        .with("public_metadata", json!({ "object": "session", "tasks": 1 }));
    let ada = ada.create().await;
    let template = json!({ "name": "t", "claims": { "object": "session", "tasks": 1 } });
    let template = app.backend().post("/v1/jwt_templates", template).await.ok();
    let template = format!("/v1/jwt_templates/{}", template["id"].as_str().unwrap());
    for path in [
        "/v1/users",
        "/v1/users/count",
        &format!("/v1/users/{ada}"),
        "/v1/jwt_templates",
        "/v1/jwt_templates?paginated=true",
        &template,
        "/v1/jwks",
    ] {
        let newest = app.backend().get(path).await.ok();
        for (version, backend) in callers(&app) {
            assert_eq!(backend.get(path).await.ok(), newest, "{path} {version:?}");
        }
    }
    let names = |reply: &Value| reply.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for (path, body) in [
        (format!("/v1/users/{ada}/ban"), json!({})),
        (format!("/v1/users/{ada}/unban"), json!({})),
        ("/v1/testing_tokens".to_owned(), json!({})),
        ("/v1/sign_in_tokens".to_owned(), json!({ "user_id": ada })),
    ] {
        let newest = names(&app.backend().post(&path, body.clone()).await.ok());
        for (version, backend) in callers(&app) {
            assert_eq!(names(&backend.post(&path, body.clone()).await.ok()), newest, "{path} {version:?}");
        }
    }
}
