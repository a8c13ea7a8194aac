//! What older API versions see (decision 21): the differences that there are, and that there are no others.

use frontdesk_api::ApiVersion;
use frontdesk_testkit::matrix::{Backend, Reply, TestApp};
use serde_json::{Value, json};

use crate::contract::{CONTRACT, older, problems_in};
use crate::sessions::session;

/// The descriptions of all versions. That of 2025-03-12 was never told apart from its predecessor's.
fn descriptions() -> Vec<(ApiVersion, Value)> {
    let older = |version, difference| (version, older(difference));
    vec![
        older(
            ApiVersion::V20210205,
            include_str!("../../../frontdesk-api/contract/backend-2021-02-05.difference.json"),
        ),
        older(
            ApiVersion::V20241001,
            include_str!("../../../frontdesk-api/contract/backend-2024-10-01.difference.json"),
        ),
        older(
            ApiVersion::V20250312,
            include_str!("../../../frontdesk-api/contract/backend-2024-10-01.difference.json"),
        ),
        older(
            ApiVersion::V20250410,
            include_str!("../../../frontdesk-api/contract/backend-2025-04-10.difference.json"),
        ),
        older(
            ApiVersion::V20251110,
            include_str!("../../../frontdesk-api/contract/backend-2025-11-10.difference.json"),
        ),
        (ApiVersion::V20260512, CONTRACT.clone()),
    ]
}

#[frontdesk_testkit::matrix::test]
async fn every_version_is_answered_as_its_own_description_says(app: TestApp) {
    for (version, description) in descriptions() {
        let backend = app.backend().version(Some(version.as_str()));
        let ada = app.user().create().await;
        let judged = |operation: &str, reply: &Reply| {
            assert!(reply.status() < 300, "{operation}: {}", reply.text());
            let problems = problems_in(&description, operation, reply);
            assert!(problems.is_empty(), "{operation} {version:?}: {problems:#?}\n{}", reply.text());
        };
        let made = backend.post("/v1/sessions", json!({ "user_id": ada })).await;
        judged("createSession", &made);
        let id = made.ok()["id"].as_str().unwrap().to_owned();
        let token = backend.post(&format!("/v1/sessions/{id}/tokens"), json!({})).await;
        judged("CreateSessionToken", &token);
        let verify = json!({ "token": token.ok()["jwt"] });
        judged("VerifySession", &backend.post(&format!("/v1/sessions/{id}/verify"), verify).await);
        let session = backend.get(&format!("/v1/sessions/{id}")).await;
        judged("GetSession", &session);
        let client = session.ok()["client_id"].as_str().unwrap().to_owned();
        let url = json!({ "url": format!("https://{}.example", version.as_str()) });
        let listed = backend.post("/v1/redirect_urls", url).await;
        judged("CreateRedirectURL", &listed);
        for (operation, path) in [
            ("GetSessionList", "/v1/sessions".to_owned()),
            ("GetClientList", "/v1/clients".to_owned()),
            ("GetClient", format!("/v1/clients/{client}")),
            ("GetUserList", "/v1/users".to_owned()),
            ("GetUser", format!("/v1/users/{ada}")),
            ("GetUsersCount", "/v1/users/count".to_owned()),
            ("GetInstance", "/v1/instance".to_owned()),
            ("ListRedirectURLs", "/v1/redirect_urls".to_owned()),
            ("ListAllowlistIdentifiers", "/v1/allowlist_identifiers".to_owned()),
            ("ListBlocklistIdentifiers", "/v1/blocklist_identifiers".to_owned()),
            ("ListJWTTemplates", "/v1/jwt_templates".to_owned()),
            ("GetJWKS", "/v1/jwks".to_owned()),
        ] {
            judged(operation, &backend.get(&path).await);
        }
        let restrictions = backend.patch("/v1/instance/restrictions", json!({})).await;
        judged("UpdateInstanceRestrictions", &restrictions);
        judged(
            "UpdateUser",
            &backend.patch(&format!("/v1/users/{ada}"), json!({ "first_name": "Ada" })).await,
        );
        judged("BanUser", &backend.post(&format!("/v1/users/{ada}/ban"), json!({})).await);
        judged("RevokeSession", &backend.post(&format!("/v1/sessions/{id}/revoke"), json!({})).await);
        judged("DeleteUser", &backend.delete(&format!("/v1/users/{ada}")).await);
    }
}

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
