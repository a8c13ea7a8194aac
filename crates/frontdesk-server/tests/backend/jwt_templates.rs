//! JWT templates: kept, changed, refused.

use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::Span;
use http::Method;
use serde_json::{Value, json};

use crate::contract::assert_described;

const PEM: &str = include_str!("../../test-keys/3.pem");

#[frontdesk_testkit::matrix::test]
async fn a_template_is_made_read_changed_and_deleted(app: TestApp) {
    let claims = json!({ "z": "{{user.id}}", "a": { "deep": ["{{user.first_name || 'nobody'}}", 1] } });
    let made = app.backend().post("/v1/jwt_templates", json!({ "name": "supabase", "claims": claims })).await;
    assert_described("CreateJWTTemplate", &made);
    assert_eq!(made.header("frontdesk-warning"), "");
    let template = made.ok();
    assert_eq!(template["claims"].to_string(), claims.to_string(), "the order is kept");
    let defaults = json!([60, 5, false, "RS256"]);
    let shown = ["lifetime", "allowed_clock_skew", "custom_signing_key", "signing_algorithm"];
    assert_eq!(json!(shown.map(|name| template[name].clone())), defaults);

    let path = format!("/v1/jwt_templates/{}", template["id"].as_str().unwrap());
    let read = app.backend().get(&path).await;
    assert_described("GetJWTTemplate", &read);
    assert_eq!(read.ok(), template);

    app.advance(Span::minutes(1));
    let change = json!({ "name": "hasura", "claims": { "a": 1 }, "lifetime": 30, "allowed_clock_skew": 0 });
    let changed = app.backend().patch(&path, change).await;
    assert_described("UpdateJWTTemplate", &changed);
    let changed = changed.ok();
    assert_eq!([&changed["name"], &changed["claims"]], [&json!("hasura"), &json!({ "a": 1 })]);
    assert_eq!([&changed["lifetime"], &changed["allowed_clock_skew"]], [30, 0]);
    assert_eq!(
        [&changed["created_at"], &changed["updated_at"]],
        [&template["created_at"], &json!(app.now())]
    );

    let deleted = app.backend().delete(&path).await;
    assert_described("DeleteJWTTemplate", &deleted);
    assert_eq!(deleted.ok(), json!({ "object": "jwt_template", "id": template["id"], "deleted": true }));
    app.backend().get(&path).await.refused(404, "resource_not_found");
}

#[frontdesk_testkit::matrix::test]
async fn what_is_left_out_of_a_change_stays_and_null_is_the_default(app: TestApp) {
    let template = json!({ "name": "t", "claims": { "a": 1 }, "lifetime": 300, "allowed_clock_skew": 9 });
    let made = app.backend().post("/v1/jwt_templates", template).await.ok();
    let path = format!("/v1/jwt_templates/{}", made["id"].as_str().unwrap());
    assert_eq!(app.backend().patch(&path, json!({})).await.ok(), made);
    assert_eq!(app.backend().patch(&path, json!({ "name": "t", "claims": { "a": 1 } })).await.ok(), made);
    let reset =
        app.backend().patch(&path, json!({ "lifetime": null, "allowed_clock_skew": null })).await.ok();
    assert_eq!([&reset["lifetime"], &reset["allowed_clock_skew"]], [60, 5]);
    for name in ["name", "claims"] {
        let reply = app.backend().patch(&path, json!({ name: null })).await;
        reply.refused(422, "form_param_nil");
        assert_eq!(reply.error_param(), name);
    }
}

#[frontdesk_testkit::matrix::test]
async fn templates_that_cannot_work_are_refused_by_field(app: TestApp) {
    let made = app.backend().post("/v1/jwt_templates", json!({ "name": "kept", "claims": {} })).await.ok();
    let kept = format!("/v1/jwt_templates/{}", made["id"].as_str().unwrap());
    let with = |changes: Value| {
        let mut body = json!({ "name": "t", "claims": {} });
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        body
    };
    let key = |algorithm: &str, key: &str| {
        with(json!({ "custom_signing_key": true, "signing_algorithm": algorithm, "signing_key": key }))
    };
    let public = "-----BEGIN PUBLIC KEY-----\nMII=\n-----END PUBLIC KEY-----";
    let not_a_key = "-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----";
    for (body, status, code, param) in [
        (with(json!({ "name": "" })), 422, "form_param_nil", "name"),
        (with(json!({ "name": "a/b" })), 422, "form_param_format_invalid", "name"),
        (with(json!({ "name": "x".repeat(256) })), 422, "form_param_max_length_exceeded", "name"),
        (with(json!({ "name": 7 })), 422, "form_param_type_invalid", "name"),
        (with(json!({ "claims": "{}" })), 422, "form_param_type_invalid", "claims"),
        (with(json!({ "claims": { "sub": "me", "v": 2 } })), 400, "jwt_template_reserved_claim", "claims"),
        (with(json!({ "claims": { "exp": 1 } })), 400, "jwt_template_reserved_claim", "claims"),
        (with(json!({ "claims": { "a": "{{user.id" } })), 422, "form_param_format_invalid", "claims"),
        (with(json!({ "lifetime": 29 })), 422, "form_param_value_invalid", "lifetime"),
        (with(json!({ "lifetime": 315_360_001 })), 422, "form_param_value_invalid", "lifetime"),
        (with(json!({ "lifetime": 60.5 })), 422, "form_param_type_invalid", "lifetime"),
        (with(json!({ "allowed_clock_skew": -1 })), 422, "form_param_value_invalid", "allowed_clock_skew"),
        (with(json!({ "allowed_clock_skew": 301 })), 422, "form_param_value_invalid", "allowed_clock_skew"),
        (with(json!({ "custom_signing_key": true })), 422, "form_param_missing", "signing_key"),
        (with(json!({ "signing_algorithm": "HS256" })), 422, "form_param_missing", "signing_key"),
        (with(json!({ "signing_key": "secret" })), 422, "form_param_value_invalid", "custom_signing_key"),
        (
            with(json!({ "custom_signing_key": true, "signing_key": "secret" })),
            422,
            "form_param_missing",
            "signing_algorithm",
        ),
        (key("none", "secret"), 422, "form_param_value_invalid", "signing_algorithm"),
        (key("RS256", "secret"), 422, "form_param_format_invalid", "signing_key"),
        (key("RS256", public), 422, "form_param_format_invalid", "signing_key"),
        (key("RS256", not_a_key), 422, "form_param_format_invalid", "signing_key"),
        (key("ES256", PEM), 422, "form_param_format_invalid", "signing_key"),
    ] {
        for (method, path) in [(Method::POST, "/v1/jwt_templates"), (Method::PATCH, &kept)] {
            let reply = app.backend().send(method, path, Some(body.clone())).await;
            reply.refused(status, code);
            assert_eq!(reply.error_param(), param, "{body}");
            assert_described("CreateJWTTemplate", &reply);
        }
    }
    for (body, param) in [(json!({ "claims": {} }), "name"), (json!({ "name": "t" }), "claims")] {
        let reply = app.backend().post("/v1/jwt_templates", body).await;
        reply.refused(422, "form_param_missing");
        assert_eq!(reply.error_param(), param);
    }
    assert_eq!(app.backend().get(&kept).await.ok(), made);
    assert_eq!(app.backend().get("/v1/jwt_templates").await.ok().as_array().unwrap().len(), 1);
}

#[frontdesk_testkit::matrix::test]
async fn a_signing_key_is_kept_and_never_shown(app: TestApp) {
    let key = "the secret of the template";
    let body = json!({
        "name": "t", "claims": {},
        "custom_signing_key": true, "signing_algorithm": "HS256", "signing_key": key,
    });
    let made = app.backend().post("/v1/jwt_templates", body).await;
    let template = made.ok();
    assert_eq!(
        [&template["custom_signing_key"], &template["signing_algorithm"]],
        [&json!(true), &json!("HS256")]
    );
    let path = format!("/v1/jwt_templates/{}", template["id"].as_str().unwrap());
    let change = async |body: Value| app.backend().patch(&path, body).await;
    // Whatever is left out stays, the key too.
    assert_eq!(change(json!({ "name": "t", "claims": { "a": 1 } })).await.ok()["custom_signing_key"], true);
    assert_eq!(change(json!({ "custom_signing_key": true })).await.ok()["signing_algorithm"], "HS256");
    assert_eq!(change(json!({ "signing_algorithm": "HS512" })).await.ok()["signing_algorithm"], "HS512");
    let reply = change(json!({ "signing_algorithm": "RS256" })).await;
    reply.refused(422, "form_param_value_invalid");
    assert_eq!(reply.error_param(), "signing_algorithm");
    let replaced = change(json!({ "signing_algorithm": "RS256", "signing_key": PEM })).await.ok();
    assert_eq!(
        [&replaced["custom_signing_key"], &replaced["signing_algorithm"]],
        [&json!(true), &json!("RS256")]
    );
    for reply in [made, app.backend().get(&path).await, app.backend().get("/v1/jwt_templates").await] {
        assert!(!reply.text().contains(key) && !reply.text().contains("PRIVATE"), "{}", reply.text());
        assert!(!reply.text().contains("\"signing_key\""), "{}", reply.text());
    }
    let store = app.server.store();
    let record = store.jwt_template_by_name(&app.instance.instance.id, "t").await.unwrap().unwrap();
    let sealed = record.sealed_signing_key.unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("PRIVATE"), "the database holds it sealed");
    // Without a key of its own the instance's signs again.
    let without = change(json!({ "custom_signing_key": false })).await.ok();
    assert_eq!(
        [&without["custom_signing_key"], &without["signing_algorithm"]],
        [&json!(false), &json!("RS256")]
    );
    change(json!({ "custom_signing_key": true })).await.refused(422, "form_param_missing");
}

#[frontdesk_testkit::matrix::test]
async fn claims_that_can_outgrow_a_cookie_are_saved_with_a_warning(app: TestApp) {
    let large = json!({ "name": "t", "claims": { "größe": "{{user.public_metadata}}" } });
    let made = app.backend().post("/v1/jwt_templates", large).await;
    assert_described("CreateJWTTemplate", &made);
    assert!(made.header("frontdesk-warning").contains("gr\\u{f6}\\u{df}e"), "{:?}", made.headers());
    let path = format!("/v1/jwt_templates/{}", made.ok()["id"].as_str().unwrap());
    let picked = json!({ "claims": { "plan": "{{user.public_metadata.plan}}" } });
    assert_eq!(app.backend().patch(&path, picked).await.header("frontdesk-warning"), "");
    let again = json!({ "claims": { "all": "{{user.unsafe_metadata}}" } });
    assert_ne!(app.backend().patch(&path, again).await.header("frontdesk-warning"), "");
}

#[frontdesk_testkit::matrix::test]
async fn one_name_belongs_to_one_template(app: TestApp) {
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let backend = app.backend();
        racers.spawn(async move {
            backend.post("/v1/jwt_templates", json!({ "name": "supabase", "claims": {} })).await
        });
    }
    let replies = racers.join_all().await;
    assert_eq!(replies.iter().filter(|reply| reply.status() == 200).count(), 1);
    for reply in replies.iter().filter(|reply| reply.status() != 200) {
        reply.refused(422, "form_identifier_exists");
        assert_eq!(reply.error_param(), "name");
    }
    let other = app.backend().post("/v1/jwt_templates", json!({ "name": "hasura", "claims": {} })).await.ok();
    let path = format!("/v1/jwt_templates/{}", other["id"].as_str().unwrap());
    let rename = json!({ "name": "supabase" });
    app.backend().patch(&path, rename).await.refused(422, "form_identifier_exists");
    // Next door the name is free.
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    theirs.post("/v1/jwt_templates", json!({ "name": "supabase", "claims": {} })).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn templates_of_others_are_unknown(app: TestApp) {
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    let template = theirs.post("/v1/jwt_templates", json!({ "name": "theirs", "claims": {} })).await.ok();
    for id in [template["id"].as_str().unwrap(), "jtmp_nobody", "theirs", "%00"] {
        let path = format!("/v1/jwt_templates/{id}");
        app.backend().get(&path).await.refused(404, "resource_not_found");
        app.backend().patch(&path, json!({ "name": "x" })).await.refused(404, "resource_not_found");
        app.backend().delete(&path).await.refused(404, "resource_not_found");
    }
    assert_eq!(app.backend().get("/v1/jwt_templates").await.ok(), json!([]));
    assert_eq!(theirs.get("/v1/jwt_templates").await.ok(), json!([template]));
}

#[frontdesk_testkit::matrix::test]
async fn templates_are_listed_in_pages(app: TestApp) {
    for number in 0..12 {
        app.advance(Span::seconds(1));
        let body = json!({ "name": format!("t{number}"), "claims": {} });
        app.backend().post("/v1/jwt_templates", body).await.ok();
    }
    let reply = app.backend().get("/v1/jwt_templates").await;
    assert_described("ListJWTTemplates", &reply);
    let rows = reply.ok();
    assert_eq!(rows.as_array().unwrap().len(), 10);
    assert_eq!(rows[0]["name"], "t11");
    let page = app.backend().get("/v1/jwt_templates?paginated=true&limit=2&offset=10").await.ok();
    assert_eq!(page["total_count"], 12);
    assert_eq!([&page["data"][0]["name"], &page["data"][1]["name"]], ["t1", "t0"]);
    app.backend().get("/v1/jwt_templates?limit=501").await.refused(422, "form_param_value_invalid");
}
