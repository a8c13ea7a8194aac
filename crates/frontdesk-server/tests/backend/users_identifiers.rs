//! Usernames, and an address in place of all others.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::{Settings, Wanted};
use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::UserId;
use serde_json::{Value, json};

use crate::contract::assert_described;

async fn with_usernames(app: TestApp, wanted: Wanted) -> TestApp {
    let mut settings = Settings::for_kind(InstanceKind::Development);
    settings.attributes.username = wanted;
    settings.attributes.email_address = Wanted::Optional;
    app.remade(InstanceKind::Development, settings).await
}

#[frontdesk_testkit::matrix::test]
async fn a_username_has_one_form_and_one_owner(app: TestApp) {
    let app = with_usernames(app, Wanted::Optional).await;
    let body = json!({ "username": "Ada_Byron", "password": "correct horse battery" });
    let reply = app.backend().post("/v1/users", body).await;
    assert_described("CreateUser", &reply);
    let ada = reply.ok();
    assert_eq!(ada["username"], "ada_byron");
    let other = json!({ "username": "ADA_BYRON", "skip_password_requirement": true });
    let taken = app.backend().post("/v1/users", other).await;
    taken.refused(422, "form_identifier_exists");
    assert_eq!(taken.error_param(), "username");

    let path = format!("/v1/users/{}", ada["id"].as_str().unwrap());
    let rename = async |name: Value| app.backend().patch(&path, json!({ "username": name })).await;
    assert_eq!(rename(json!("ADA_byron")).await.ok()["username"], "ada_byron", "the same name once more");
    assert_eq!(rename(json!("countess")).await.ok()["username"], "countess");
    let found = app.backend().get("/v1/users?username=Countess").await.ok();
    assert_eq!(found[0]["id"], ada["id"]);
    app.backend()
        .post("/v1/users", json!({ "username": "ada_byron", "skip_password_requirement": true }))
        .await
        .ok();
    rename(json!("Ada_Byron")).await.refused(422, "form_identifier_exists");
    for (name, code) in [
        ("ada", "form_username_invalid_length"),
        ("ada byron", "form_username_invalid_character"),
        ("ada@example.com", "form_username_invalid_character"),
        ("123456", "form_username_needs_non_number_char"),
    ] {
        let reply = rename(json!(name)).await;
        reply.refused(422, code);
        assert_eq!(reply.error_param(), "username");
    }
    assert_eq!(rename(json!(null)).await.ok()["username"], json!(null));
    assert_eq!(rename(json!("")).await.ok()["username"], json!(null));
    assert_eq!(rename(json!("countess")).await.ok()["username"], "countess", "what was theirs is free again");
}

#[frontdesk_testkit::matrix::test]
async fn an_instance_without_usernames_takes_none_and_one_with_them_asks(app: TestApp) {
    let body = json!({ "email_address": ["ada@example.com"], "username": "countess" });
    let reply = app.backend().post("/v1/users", body.clone()).await;
    reply.refused(422, "form_param_unknown");
    assert_eq!(reply.error_param(), "username");
    let app = with_usernames(app, Wanted::Required).await;
    let ada = app.backend().post("/v1/users", body).await.ok();
    let reply = app.backend().post("/v1/users", json!({ "email_address": ["grace@example.com"] })).await;
    reply.refused(422, "form_param_missing");
    assert_eq!(reply.error_param(), "username");
    let path = format!("/v1/users/{}", ada["id"].as_str().unwrap());
    app.backend().patch(&path, json!({ "username": null })).await.refused(422, "form_param_nil");
}

async fn replace(app: &TestApp, user: &UserId, body: Value) -> frontdesk_testkit::matrix::Reply {
    let reply = app.backend().put(&format!("/v1/users/{user}/email_address"), body).await;
    assert_described("ReplaceUserEmailAddress", &reply);
    reply
}

#[frontdesk_testkit::matrix::test]
async fn an_address_takes_the_place_of_all_others(app: TestApp) {
    let ada = app.user().email("ada@example.com").email("ada@home.example").create().await;
    app.user().email("grace@example.com").create().await;
    let shown = replace(&app, &ada, json!({ "email_address": "Countess@Lovelace.example" })).await.ok();
    assert_eq!(shown["email_address"], "countess@lovelace.example");
    assert_eq!(shown["verification"]["strategy"], "admin");
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(user["email_addresses"], json!([shown]));
    assert_eq!(user["primary_email_address_id"], shown["id"]);
    app.user().email("ada@example.com").create().await; // free again

    let kept = replace(&app, &ada, json!({ "email_address": "countess@lovelace.example" })).await.ok();
    assert_eq!(kept["id"], shown["id"]);
    let reserved = json!({ "email_address": "ada@new.example", "identification_status": "reserved" });
    let reserved = replace(&app, &ada, reserved).await.ok();
    assert_eq!((&reserved["reserved"], &reserved["verification"]), (&json!(true), &json!(null)));

    for (body, code, param) in [
        (json!({}), "form_param_missing", "email_address"),
        (json!({ "email_address": "nonsense" }), "form_param_format_invalid", "email_address"),
        (json!({ "email_address": "grace@example.com" }), "form_identifier_exists", "email_address"),
        (
            json!({ "email_address": "x@example.com", "identification_status": "maybe" }),
            "form_param_value_invalid",
            "identification_status",
        ),
    ] {
        let reply = replace(&app, &ada, body).await;
        reply.refused(422, code);
        assert_eq!(reply.error_param(), param);
    }
    // The neighbour's address is another matter.
    replace(&app, &ada, json!({ "email_address": app.other.email })).await.ok();
}
