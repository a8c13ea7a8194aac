//! Every operation is asked in every version, and its answer judged by what that version says (decision 21).
//!
//! What a version does not have is served to its callers all the same, in the shapes of that version: SDKs send the
//! newest date they know and still ask what it no longer describes.

use frontdesk_api::contract::declared;
use frontdesk_api::{ApiVersion, Audience, Declaration};
use frontdesk_testkit::matrix::{Backend, Reply, TestApp};
use http::Method;
use serde_json::{Value, json};

use crate::descriptions::{Description, descriptions};
use crate::fields::scene;
use crate::profile_images::{FORM, form};
use crate::session_refresh::Held;

fn all() -> Vec<Description> {
    descriptions([
        include_str!("../../../frontdesk-api/contract/backend-2021-02-05.difference.json"),
        include_str!("../../../frontdesk-api/contract/backend-2024-10-01.difference.json"),
        include_str!("../../../frontdesk-api/contract/backend-2025-04-10.difference.json"),
        include_str!("../../../frontdesk-api/contract/backend-2025-11-10.difference.json"),
    ])
}

const EMAIL: &str = "everybody@example.com";
const PASSWORD: &str = "correct horse battery";

/// Somebody who has everything, and something in each list.
async fn populate(app: &TestApp) {
    let ada = app.user().email(EMAIL).password(PASSWORD).first_name("Ada").last_name("Byron");
    let ada = ada.with("public_metadata", json!({ "a": 1 })).with("external_id", json!("everybody"));
    let ada = ada.with("backup_codes", json!(["abcd1234"])).with("locale", json!("en-GB")).create().await;
    for (path, body) in [
        ("/v1/allowlist_identifiers", json!({ "identifier": "*@allowed.example" })),
        ("/v1/blocklist_identifiers", json!({ "identifier": "*@blocked.example" })),
        ("/v1/redirect_urls", json!({ "url": "https://listed.example" })),
        ("/v1/jwt_templates", json!({ "name": "listed", "claims": { "a": "{{user.id}}" } })),
        ("/v1/sessions", json!({ "user_id": ada })),
    ] {
        app.backend().post(path, body).await.ok();
    }
}

/// Asks an operation so that it succeeds.
async fn ask(app: &TestApp, backend: &Backend, operation: &Declaration) -> Reply {
    match operation.id {
        "GetPublicInterstitial" => {
            let key = &app.instance.publishable_key;
            return backend.get(&format!("{}?publishable_key={key}", operation.path)).await;
        }
        "RefreshSession" => {
            let held = Held::by(app).await;
            return backend.post(&held.path(), held.body()).await;
        }
        "VerifySession" => {
            let held = Held::by(app).await;
            let fresh = app.backend().post(&held.path(), held.body()).await.ok()["jwt"].clone();
            let path = held.path().replace("/refresh", "/verify");
            return backend.post(&path, json!({ "token": fresh })).await;
        }
        "VerifyClient" => {
            let ben = app.user().create().await;
            let ticket = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": ben })).await.ok();
            let form = [("strategy", "ticket"), ("ticket", ticket["token"].as_str().unwrap())];
            let mut browser = app.browser();
            browser.post("/v1/client/sign_ins", &form).await.ok();
            return backend.post(operation.path, json!({ "token": browser.cookie("__client") })).await;
        }
        _ => {}
    }
    let scene = scene(app, operation).await;
    if matches!(operation.id, "SetUserProfileImage" | "DeleteUserProfileImage") {
        let reply = backend.send_raw(Method::POST, &scene.path, FORM, form()).await;
        return if operation.method == Method::POST { reply } else { backend.delete(&scene.path).await };
    }
    let mut body = scene.needed;
    for (name, value) in wanted(app, operation.id).await {
        body[name] = value;
    }
    let body = (operation.method != Method::GET).then_some(body);
    backend.send(operation.method.clone(), &scene.path, body).await
}

/// What a body needs beyond the scene to be about something.
async fn wanted(app: &TestApp, operation: &str) -> Vec<(&'static str, Value)> {
    match operation {
        "VerifyPassword" => vec![("password", json!(PASSWORD))],
        "VerifyTOTP" => vec![("code", json!("abcd1234"))],
        "CreateRedirectURL" => {
            let somebody = app.user().create().await;
            vec![(
                "url",
                json!(format!("https://{}.example", somebody.as_str().to_lowercase().replace('_', "-"))),
            )]
        }
        "UpdateUserMetadata" | "ReplaceUserMetadata" => vec![("public_metadata", json!({ "b": [2] }))],
        "UsersBan" | "UsersUnban" => vec![("user_ids", json!([app.user().create().await]))],
        "UpsertTemplate" | "PreviewTemplate" => {
            vec![("subject", json!("News")), ("body", json!("<p>{{ primary_email_address }}</p>"))]
        }
        "UpdateUser" => vec![("first_name", json!("Augusta"))],
        "UpdateSignUp" => vec![("external_id", json!("somebody"))],
        "UpdateJWTTemplate" => vec![("lifetime", json!(120))],
        "UpdateInstanceRestrictions" => vec![("block_email_subaddresses", json!(false))],
        "UpdateInstance" => vec![("support_email", json!("help@example.com"))],
        _ => Vec::new(),
    }
}

/// The operations that a version does not have, by the first version that has them or the last.
fn undescribed() -> Vec<(&'static str, Vec<ApiVersion>)> {
    use ApiVersion::{V20210205, V20241001, V20250312, V20250410, V20251110, V20260512};
    let before = vec![V20210205, V20241001, V20250312, V20250410];
    vec![
        ("VerifySession", vec![V20250410, V20251110, V20260512]),
        ("SetUserPasswordCompromised", before.clone()),
        ("UnsetUserPasswordCompromised", before),
    ]
}

#[frontdesk_testkit::matrix::test]
async fn every_operation_is_answered_as_the_callers_version_says(app: TestApp) {
    populate(&app).await;
    let descriptions = all();
    let mut problems = Vec::new();
    let mut lacking: Vec<(&'static str, Vec<ApiVersion>)> = Vec::new();
    // What SDKs ask though no version describes it has a test of its own (`frontend_flows::handshake`).
    let asked = declared().filter(|it| it.audience == Audience::Backend && it.id != "GetHandshakePayload");
    for operation in asked {
        let mut without = Vec::new();
        for description in &descriptions {
            let version = description.version;
            let backend = app.backend().version(Some(version.as_str()));
            let reply = ask(&app, &backend, operation).await;
            let mut note =
                |problem: String| problems.push(format!("{} {version:?}: {problem}", operation.id));
            if reply.status() >= 300 {
                note(format!("{} {}", reply.status(), reply.text()));
                continue;
            }
            description.problems(operation, &descriptions, &reply).into_iter().for_each(&mut note);
            if reply.text() == "[]" {
                note("a list without anything to judge".to_owned());
            }
            if description.operation(operation).is_none() {
                without.push(version);
            }
        }
        if !without.is_empty() {
            lacking.push((operation.id, without));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(lacking, undescribed());
}

/// Whoever names no version speaks the oldest.
#[frontdesk_testkit::matrix::test]
async fn callers_without_a_version_are_answered_like_the_oldest(app: TestApp) {
    populate(&app).await;
    for operation in declared().filter(|it| it.audience == Audience::Backend && it.method == Method::GET) {
        if matches!(operation.id, "GetHandshakePayload" | "GetPublicInterstitial") {
            continue;
        }
        let path = scene(&app, operation).await.path;
        let nameless = app.backend().version(None).get(&path).await;
        let oldest = app.backend().version(Some(ApiVersion::OLDEST.as_str())).get(&path).await;
        assert_eq!(nameless.ok(), oldest.ok(), "{}", operation.id);
    }
}
