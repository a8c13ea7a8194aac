//! The instance itself: what its owner can set, and that every server follows at once.

use frontdesk_core::settings::Settings;
use frontdesk_testkit::matrix::TestApp;
use serde_json::{Value, json};

use crate::contract::assert_described;

#[frontdesk_testkit::matrix::test]
async fn an_instance_says_what_it_is_and_keeps_what_is_set(app: TestApp) {
    let reply = app.backend().get("/v1/instance").await;
    assert_described("GetInstance", &reply);
    let id = &app.instance.instance.id;
    let expected = json!({
        "object": "instance", "id": id, "environment_type": "development", "allowed_origins": null,
        "workspace_id": null
    });
    assert_eq!(reply.ok(), expected);

    let origins = json!(["HTTPS://Shop.Example/", "https://shop.example", "http://192.168.1.5:3000"]);
    let body = json!({
        "test_mode": false, "hibp": false, "support_email": "Help@Shop.Example", "allowed_origins": origins
    });
    let reply = app.backend().patch("/v1/instance", body).await;
    assert_eq!((reply.status(), reply.text()), (204, ""));
    let shown = app.backend().get("/v1/instance").await.ok();
    assert_eq!(shown["allowed_origins"], json!(["https://shop.example", "http://192.168.1.5:3000"]));
    let settings = app.server.instance(id).await.unwrap().settings.clone();
    assert!(!settings.test_mode && !settings.password.refuse_breached);
    assert_eq!(settings.support_email, "help@shop.example");

    // Absent and null keep; empty takes away.
    let keep = json!({ "test_mode": null, "hibp": null, "support_email": null });
    assert_eq!(app.backend().patch("/v1/instance", keep).await.status(), 204);
    assert_eq!(app.server.instance(id).await.unwrap().settings, settings);
    let clear = json!({ "support_email": "", "allowed_origins": [] });
    assert_eq!(app.backend().patch("/v1/instance", clear).await.status(), 204);
    let settings = app.server.instance(id).await.unwrap().settings.clone();
    assert!(settings.support_email.is_empty() && settings.allowed_origins.is_empty());
    // The neighbour is as it was.
    let theirs = app.server.instance(&app.other.instance.instance.id).await.unwrap();
    assert_eq!((theirs.version, &theirs.settings), (1, &app.other.instance.instance.settings));
}

#[frontdesk_testkit::matrix::test]
async fn what_cannot_be_set_is_refused_by_name(app: TestApp) {
    for (body, param, code) in [
        (json!({ "support_email": "nobody" }), "support_email", "form_param_format_invalid"),
        (
            json!({ "allowed_origins": ["https://shop.example/path"] }),
            "allowed_origins",
            "form_param_format_invalid",
        ),
        (json!({ "allowed_origins": ["*"] }), "allowed_origins", "form_param_format_invalid"),
        (json!({ "clerk_js_version": "5" }), "clerk_js_version", "form_param_not_available"),
        (
            json!({ "url_based_session_syncing": true }),
            "url_based_session_syncing",
            "form_param_not_available",
        ),
        (json!({ "nonsense": 1 }), "nonsense", "form_param_unknown"),
    ] {
        let reply = app.backend().patch("/v1/instance", body).await;
        reply.refused(422, code);
        assert_eq!(reply.error_param(), param);
    }
    let app = app.in_production(Settings::default()).await;
    for path in ["/v1/instance", "/v1/beta_features/instance_settings"] {
        let reply = app.backend().patch(path, json!({ "test_mode": true })).await;
        reply.refused(422, "form_param_value_invalid");
        assert!(app.backend().patch(path, json!({ "test_mode": false })).await.status() < 300);
    }
}

#[frontdesk_testkit::matrix::test]
async fn restrictions_and_settings_are_kept_and_shown(app: TestApp) {
    let patch = async |path: &str, body: Value| app.backend().patch(path, body).await;
    let reply =
        patch("/v1/instance/restrictions", json!({ "blocklist": true, "block_email_subaddresses": true }))
            .await;
    assert_described("UpdateInstanceRestrictions", &reply);
    let expected = json!({
        "object": "instance_restrictions", "allowlist": false, "blocklist": true,
        "allowlist_blocklist_disabled_on_sign_in": true, "block_email_subaddresses": true,
        "block_disposable_email_domains": false, "ignore_dots_for_gmail_addresses": false
    });
    assert_eq!(reply.ok(), expected);
    // The contract lacks this field, but SDKs send and read it.
    let dots = |value: Value| json!({ "allowlist": null, "ignore_dots_for_gmail_addresses": value });
    for nothing_new in [json!(false), json!(null)] {
        assert_eq!(patch("/v1/instance/restrictions", dots(nothing_new)).await.ok(), expected);
    }
    let reply = patch("/v1/instance/restrictions", dots(json!(true))).await;
    reply.refused(422, "form_param_not_available");
    assert_eq!(reply.error_param(), "ignore_dots_for_gmail_addresses");
    let reply = patch(
        "/v1/beta_features/instance_settings",
        json!({ "restricted_to_allowlist": true, "progressive_sign_up": false }),
    )
    .await;
    assert_described("UpdateInstanceAuthConfig", &reply);
    let shown = reply.ok();
    assert_eq!(
        (&shown["restricted_to_allowlist"], &shown["progressive_sign_up"]),
        (&json!(true), &json!(false))
    );
    let kept = patch("/v1/instance/restrictions", json!({})).await.ok();
    assert_eq!((&kept["allowlist"], &kept["blocklist"]), (&json!(true), &json!(true)));
    let settings = app.server.instance(&app.instance.instance.id).await.unwrap().settings.clone();
    assert!(settings.restrictions.allowlist && settings.restrictions.blocklist);
    assert!(settings.restrictions.block_email_subaddresses && !settings.sign_up.progressive);
}

#[frontdesk_testkit::matrix::test]
async fn every_server_of_the_instance_follows_with_the_next_request(app: TestApp) {
    let node = app.second_node().await;
    let elsewhere = app.backend_at(&node);
    assert_eq!(elsewhere.get("/v1/instance").await.ok()["allowed_origins"], Value::Null);
    let body = json!({ "allowed_origins": ["https://shop.example"] });
    assert_eq!(app.backend().patch("/v1/instance", body).await.status(), 204);
    let shown = elsewhere.get("/v1/instance").await.ok();
    assert_eq!(shown["allowed_origins"], json!(["https://shop.example"]));
    // And the Frontend API of that server lets the page in.
    let preflight = http::Request::builder()
        .uri("/v1/environment")
        .header("host", "localhost:4400")
        .header("origin", "https://shop.example")
        .body(axum::body::Body::empty())
        .unwrap();
    let response = tower::ServiceExt::oneshot(node.router(), preflight).await.unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "https://shop.example");
    // Two who change at once do not undo each other.
    let backend = app.backend();
    let (here, there) = tokio::join!(
        backend.patch("/v1/instance", json!({ "support_email": "help@shop.example" })),
        elsewhere.patch("/v1/instance", json!({ "hibp": false })),
    );
    assert_eq!((here.status(), there.status()), (204, 204));
    let settings = app.server.instance(&app.instance.instance.id).await.unwrap().settings.clone();
    assert_eq!(
        (settings.support_email.as_str(), settings.password.refuse_breached),
        ("help@shop.example", false)
    );
    assert_eq!(settings.allowed_origins, ["https://shop.example"]);
}
