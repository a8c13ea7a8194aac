//! People: made, read, changed, banned and deleted.

use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use frontdesk_types::Span;
use http::Method;
use serde_json::{Value, json};

use crate::contract::assert_described;

/// The kinds of events that happened since the test began with the given number of them, oldest first.
pub(crate) async fn events(app: &TestApp) -> Vec<String> {
    let events = app.server.store().events(&app.instance.instance.id, 0, 1000).await.unwrap();
    events.into_iter().map(|recorded| recorded.event.kind.as_str().to_owned()).collect()
}

#[frontdesk_testkit::matrix::test]
async fn a_person_is_made_read_and_deleted(app: TestApp) {
    let made = app
        .backend()
        .post(
            "/v1/users",
            json!({
                "external_id": "ext_1",
                "first_name": "Ada",
                "last_name": "Byron",
                "email_address": ["Ada@Example.com", "ada@home.example"],
                "email_address_identification_status": ["verified", "reserved"],
                "password": "correct horse battery",
                "public_metadata": { "plan": "gold" },
                "private_metadata": { "note": "likes engines" },
                "unsafe_metadata": { "theme": "dark" },
            }),
        )
        .await;
    assert_described("CreateUser", &made);
    let user = made.ok();
    assert_eq!(user["email_addresses"][0]["email_address"], "ada@example.com");
    assert_eq!(user["email_addresses"][0]["verification"]["status"], "verified");
    assert_eq!(user["email_addresses"][0]["reserved"], false);
    assert_eq!(user["email_addresses"][1]["reserved"], true);
    assert_eq!(user["primary_email_address_id"], user["email_addresses"][0]["id"]);
    assert_eq!(user["password_enabled"], true);
    assert_eq!(user["private_metadata"], json!({ "note": "likes engines" }));
    assert_eq!(user["created_at"], json!(app.now()));

    let path = format!("/v1/users/{}", user["id"].as_str().unwrap());
    let read = app.backend().get(&path).await;
    assert_described("GetUser", &read);
    assert_eq!(read.ok(), user);

    let deleted = app.backend().delete(&path).await;
    assert_described("DeleteUser", &deleted);
    let expected = json!({ "object": "user", "id": user["id"], "deleted": true, "external_id": "ext_1" });
    assert_eq!(deleted.ok(), expected);
    app.backend().get(&path).await.refused(404, "resource_not_found");
    app.backend().delete(&path).await.refused(404, "resource_not_found");
    // What was theirs is free again.
    app.backend()
        .post("/v1/users", json!({ "email_address": ["ada@example.com"], "external_id": "ext_1" }))
        .await
        .ok();
    assert_eq!(events(&app).await, ["user.created", "user.deleted", "user.created"]);
}

#[frontdesk_testkit::matrix::test]
async fn absent_fields_are_kept_and_null_clears(app: TestApp) {
    let ada = app.user().email("ada@example.com").first_name("Ada").last_name("Byron").create().await;
    let path = format!("/v1/users/{ada}");
    app.advance(Span::seconds(5));
    let reply = app.backend().patch(&path, json!({ "first_name": "Augusta" })).await;
    assert_described("UpdateUser", &reply);
    let reply = reply.ok();
    assert_eq!((&reply["first_name"], &reply["last_name"]), (&json!("Augusta"), &json!("Byron")));
    assert_eq!(reply["updated_at"], json!(app.now()));
    let reply = app.backend().patch(&path, json!({ "last_name": null })).await.ok();
    assert_eq!((&reply["first_name"], &reply["last_name"]), (&json!("Augusta"), &json!(null)));
    assert_eq!(app.backend().get(&path).await.ok(), reply);
}

#[frontdesk_testkit::matrix::test]
async fn nobody_unknown_is_touched(app: TestApp) {
    let before = app.backend_with(Some(&app.other.instance.secret_key));
    let neighbour = format!("/v1/users/{}", app.other.user_id);
    let untouched = before.get(&neighbour).await.ok();
    for id in [app.other.user_id.as_str(), "user_nobody", "sess_1", "%00", "user_%C3%A9"] {
        let path = |rest: &str| format!("/v1/users/{id}{rest}");
        let name = json!({ "first_name": "X" });
        let metadata = json!({ "public_metadata": { "x": 1 } });
        for (method, path, body) in [
            (Method::GET, path(""), None),
            (Method::PATCH, path(""), Some(name)),
            (Method::DELETE, path(""), None),
            (Method::POST, path("/ban"), None),
            (Method::POST, path("/unban"), None),
            (Method::POST, path("/lock"), None),
            (Method::POST, path("/unlock"), None),
            (Method::POST, path("/verify_password"), Some(json!({ "password": "correct horse battery" }))),
            (Method::POST, path("/verify_totp"), Some(json!({ "code": "123456" }))),
            (Method::DELETE, path("/mfa"), None),
            (Method::DELETE, path("/totp"), None),
            (Method::DELETE, path("/backup_code"), None),
            (Method::POST, path("/remove_password"), None),
            (Method::POST, path("/password/set_compromised"), None),
            (Method::POST, path("/password/unset_compromised"), None),
            (Method::PUT, path("/email_address"), Some(json!({ "email_address": "x@example.com" }))),
            (Method::PATCH, path("/metadata"), Some(metadata.clone())),
            (Method::PUT, path("/metadata"), Some(metadata)),
            (Method::POST, "/v1/users/ban".to_owned(), Some(json!({ "user_ids": [id] }))),
            (Method::POST, "/v1/users/unban".to_owned(), Some(json!({ "user_ids": [id] }))),
        ] {
            app.backend().send(method, &path, body).await.refused(404, "resource_not_found");
        }
    }
    assert_eq!(before.get(&neighbour).await.ok(), untouched);
    assert!(events(&app).await.is_empty());
}

#[frontdesk_testkit::matrix::test]
async fn a_new_person_must_be_somebody(app: TestApp) {
    let refused = async |body: Value, code: &str, param: &str| {
        let reply = app.backend().post("/v1/users", body.clone()).await;
        reply.refused(422, code);
        assert_eq!(reply.error_param(), param, "{body}");
        assert_described("CreateUser", &reply);
    };
    refused(json!({}), "form_param_missing", "email_address").await;
    refused(json!({ "email_address": ["nonsense"] }), "form_param_format_invalid", "email_address").await;
    refused(json!({ "email_address": "ada@example.com" }), "form_param_type_invalid", "email_address").await;
    let twice = json!({ "email_address": ["ada@example.com", "ADA@example.com"] });
    refused(twice, "form_identifier_exists", "email_address").await;
    let statuses = "email_address_identification_status";
    let unknown = json!({ "email_address": ["ada@example.com"], statuses: ["maybe"] });
    refused(unknown, "form_param_value_invalid", statuses).await;
    let too_few = json!({ "email_address": ["a@example.com", "b@example.com"], statuses: ["verified"] });
    refused(too_few, "form_param_value_invalid", statuses).await;

    let with = |field: &str, value: Value| json!({ "email_address": ["ada@example.com"], field: value });
    refused(with("password", json!("short")), "form_password_length_too_short", "password").await;
    refused(with("password", json!("x".repeat(73))), "form_password_length_too_long", "password").await;
    refused(with("password_hasher", json!("bcrypt")), "form_param_missing", "password_digest").await;
    refused(with("password_digest", json!("$2b$x")), "form_param_missing", "password_hasher").await;
    let digest =
        json!({ "email_address": ["ada@example.com"], "password_digest": "x", "password_hasher": "bcrypt" });
    refused(digest, "form_password_digest_invalid_code", "password_digest").await;
    let long = json!("x".repeat(256));
    refused(with("first_name", long), "form_param_max_length_exceeded", "first_name").await;
    refused(with("created_at", json!("yesterday")), "form_param_invalid_time", "created_at").await;
    refused(with("created_at", json!("2099-01-01T00:00:00Z")), "form_disallow_future_date", "created_at")
        .await;
    refused(with("public_metadata", json!([1])), "form_param_type_invalid", "public_metadata").await;
    let large = json!({ "text": "x".repeat(9000) });
    refused(with("public_metadata", large), "form_param_exceeds_allowed_size", "public_metadata").await;
    refused(
        with("create_organizations_limit", json!(-1)),
        "form_param_type_invalid",
        "create_organizations_limit",
    )
    .await;
    assert_eq!(app.backend().get("/v1/users/count").await.ok()["total_count"], 0);
    assert!(events(&app).await.is_empty());
}

#[frontdesk_testkit::matrix::test]
async fn what_somebody_has_nobody_else_gets(app: TestApp) {
    app.user().email("ada@example.com").with("external_id", json!("ext_1")).create().await;
    let grace = app.user().email("grace@example.com").create().await;
    let reply = app.backend().post("/v1/users", json!({ "email_address": ["ADA@example.com"] })).await;
    reply.refused(422, "form_identifier_exists");
    assert_eq!(reply.error_param(), "email_address");
    let body = json!({ "email_address": ["new@example.com"], "external_id": "ext_1" });
    let reply = app.backend().post("/v1/users", body).await;
    reply.refused(422, "form_identifier_exists");
    assert_eq!(reply.error_param(), "external_id");
    let path = format!("/v1/users/{grace}");
    app.backend()
        .patch(&path, json!({ "external_id": "ext_1" }))
        .await
        .refused(422, "form_identifier_exists");
    // The neighbour's address is another matter.
    app.user().email(&app.other.email).create().await;
}

#[frontdesk_testkit::matrix::test]
async fn of_many_who_want_one_address_one_gets_it(app: TestApp) {
    let replies = race(&app, |_| json!({ "email_address": ["ada@example.com"] })).await;
    assert_one_winner(&replies, "email_address");
    let replies = race(
        &app,
        |number| json!({ "email_address": [format!("racer{number}@example.com")], "external_id": "ext_1" }),
    )
    .await;
    assert_one_winner(&replies, "external_id");
    assert_eq!(app.backend().get("/v1/users/count").await.ok()["total_count"], 2);
}

async fn race(app: &TestApp, body: impl Fn(usize) -> Value) -> Vec<Reply> {
    let mut racers = tokio::task::JoinSet::new();
    for number in 0..64 {
        let (backend, body) = (app.backend(), body(number));
        racers.spawn(async move { backend.post("/v1/users", body).await });
    }
    racers.join_all().await
}

fn assert_one_winner(replies: &[Reply], param: &str) {
    assert_eq!(replies.iter().filter(|reply| reply.status() == 200).count(), 1);
    for reply in replies.iter().filter(|reply| reply.status() != 200) {
        reply.refused(422, "form_identifier_exists");
        assert_eq!(reply.error_param(), param);
    }
}

#[frontdesk_testkit::matrix::test]
async fn no_change_is_lost_between_many(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..32 {
        let (backend, path) = (app.backend(), format!("/v1/users/{ada}/metadata"));
        let body = json!({ "public_metadata": { format!("key{number}"): number } });
        writers.spawn(async move { backend.patch(&path, body).await });
    }
    for reply in writers.join_all().await {
        reply.ok();
    }
    let metadata = app.backend().get(&format!("/v1/users/{ada}")).await.ok()["public_metadata"].clone();
    assert_eq!(metadata.as_object().unwrap().len(), 32);
}

#[frontdesk_testkit::matrix::test]
async fn metadata_is_merged_or_replaced(app: TestApp) {
    let start = json!({ "plan": "gold", "deep": { "a": 1, "b": 2 }, "list": [1, 2] });
    let ada = app.user().email("ada@example.com").with("public_metadata", start).create().await;
    let path = format!("/v1/users/{ada}/metadata");
    let change = json!({ "public_metadata": { "plan": null, "deep": { "b": 3 }, "list": [9] }, "unsafe_metadata": { "x": 1 } });
    let merged = app.backend().patch(&path, change).await;
    assert_described("UpdateUserMetadata", &merged);
    let merged = merged.ok();
    assert_eq!(merged["public_metadata"], json!({ "deep": { "a": 1, "b": 3 }, "list": [9] }));
    assert_eq!(merged["unsafe_metadata"], json!({ "x": 1 }));

    let replaced = app.backend().put(&path, json!({ "public_metadata": { "new": true } })).await;
    assert_described("ReplaceUserMetadata", &replaced);
    let replaced = replaced.ok();
    assert_eq!(replaced["public_metadata"], json!({ "new": true }));
    assert_eq!(replaced["unsafe_metadata"], json!({ "x": 1 }));

    let large = json!({ "private_metadata": { "text": "x".repeat(9000) } });
    for reply in [app.backend().patch(&path, large.clone()).await, app.backend().put(&path, large).await] {
        reply.refused(422, "form_param_exceeds_allowed_size");
        assert_eq!(reply.error_param(), "private_metadata");
    }
    assert_eq!(app.backend().get(&format!("/v1/users/{ada}")).await.ok(), replaced);
}

#[frontdesk_testkit::matrix::test]
async fn a_primary_address_is_verified_and_their_own(app: TestApp) {
    let ada = app
        .user()
        .email("ada@example.com")
        .email("ada@home.example")
        .email("ada@reserved.example")
        .with("email_address_identification_status", json!(["verified", "verified", "reserved"]))
        .create()
        .await;
    let path = format!("/v1/users/{ada}");
    let addresses = app.backend().get(&path).await.ok()["email_addresses"].clone();
    let change = |id: &Value| json!({ "primary_email_address_id": id });
    let reply = app.backend().patch(&path, change(&addresses[1]["id"])).await.ok();
    assert_eq!(reply["primary_email_address_id"], addresses[1]["id"]);
    let reply = app.backend().patch(&path, change(&addresses[2]["id"])).await;
    reply.refused(422, "form_param_value_invalid");
    assert_eq!(reply.error_param(), "primary_email_address_id");
    app.backend().patch(&path, change(&json!("idn_nobody"))).await.refused(404, "resource_not_found");
}

#[frontdesk_testkit::matrix::test]
async fn banning_ends_every_session(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let session = app.backend().post("/v1/sessions", json!({ "user_id": ada })).await.ok();
    let banned = app.backend().post(&format!("/v1/users/{ada}/ban"), json!({})).await;
    assert_described("BanUser", &banned);
    assert_eq!(banned.ok()["banned"], true);
    let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
    assert_eq!(app.backend().get(&path).await.ok()["status"], "revoked");
    app.backend().post(&format!("{path}/tokens"), json!({})).await.refused(404, "resource_not_found");
    app.backend().post("/v1/sessions", json!({ "user_id": ada })).await.refused(403, "user_banned");

    let unbanned = app.backend().post(&format!("/v1/users/{ada}/unban"), json!({})).await;
    assert_described("UnbanUser", &unbanned);
    assert_eq!(unbanned.ok()["banned"], false);
    assert_eq!(app.backend().get(&path).await.ok()["status"], "revoked");
    app.backend().post("/v1/sessions", json!({ "user_id": ada })).await.ok();
    let expected = [
        "user.created",
        "session.created",
        "session.revoked",
        "user.updated",
        "user.updated",
        "session.created",
    ];
    assert_eq!(events(&app).await, expected);
}

/// A browser learns from `__client_uat` that its sign-in is over, whoever ended it.
#[frontdesk_testkit::matrix::test]
async fn who_is_put_out_from_elsewhere_learns_of_it(app: TestApp) {
    let ada = app.user().email("ada@example.com").password("correct horse battery").create().await;
    let updated_at =
        async |browser: &mut Browser| browser.get("/v1/client").await.ok()["response"]["updated_at"].clone();
    let sign_in = async || {
        let mut browser = app.browser();
        let form = [("identifier", "ada@example.com"), ("password", "correct horse battery")];
        let done = browser.post("/v1/client/sign_ins", &form).await.ok();
        (browser, done["client"]["sessions"][0]["id"].as_str().unwrap().to_owned())
    };
    for how in ["revoke", "compromise", "ban"] {
        let (mut browser, session) = sign_in().await;
        let before = updated_at(&mut browser).await;
        app.advance(Span::seconds(5));
        assert_eq!(updated_at(&mut browser).await, before, "nothing happened yet");
        let (path, body) = match how {
            "revoke" => (format!("/v1/sessions/{session}/revoke"), json!({})),
            "compromise" => {
                let path = format!("/v1/users/{ada}/password/set_compromised");
                (path, json!({ "revoke_all_sessions": true }))
            }
            _ => (format!("/v1/users/{ada}/ban"), json!({})),
        };
        app.backend().post(&path, body).await.ok();
        assert_eq!(updated_at(&mut browser).await, json!(app.now()), "{how}");
        let minted = browser.post(&format!("/v1/client/sessions/{session}/tokens"), &[]).await;
        assert_ne!(minted.status(), 200, "{how}");
        app.backend().post(&format!("/v1/users/{ada}/password/unset_compromised"), json!({})).await.ok();
    }
    app.backend().post(&format!("/v1/users/{ada}/unban"), json!({})).await.ok();
    let (mut browser, _) = sign_in().await;
    app.advance(Span::seconds(5));
    app.backend().delete(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(updated_at(&mut browser).await, json!(app.now()));
}

#[frontdesk_testkit::matrix::test]
async fn several_are_banned_together_or_not_at_all(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let grace = app.user().email("grace@example.com").create().await;
    let banned = async || {
        let reply = app.backend().get("/v1/users?banned=true&order_by=%2Bemail_address").await.ok();
        reply.as_array().unwrap().iter().map(|user| user["id"].clone()).collect::<Vec<_>>()
    };
    let ban = async |ids: Value| app.backend().post("/v1/users/ban", json!({ "user_ids": ids })).await;
    ban(json!([ada, app.other.user_id])).await.refused(404, "resource_not_found");
    ban(json!([ada, "user_nobody"])).await.refused(404, "resource_not_found");
    ban(json!([])).await.refused(422, "form_param_missing");
    ban(json!(vec![ada.as_str(); 51])).await.refused(400, "bulk_size_exceeded");
    assert!(banned().await.is_empty());

    let reply = ban(json!([grace, ada, ada])).await;
    assert_described("UsersBan", &reply);
    assert_eq!(reply.ok().as_array().unwrap().len(), 2);
    assert_eq!(banned().await, [json!(ada), json!(grace)]);
    let reply = app.backend().post("/v1/users/unban", json!({ "user_ids": [ada] })).await;
    assert_described("UsersUnban", &reply);
    assert_eq!(banned().await, [json!(grace)]);
}

#[frontdesk_testkit::matrix::test]
async fn a_new_password_can_sign_out_everywhere(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let session = app.backend().post("/v1/sessions", json!({ "user_id": ada })).await.ok();
    let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
    let change = |sign_out: bool| json!({ "password": "correct horse battery", "sign_out_of_other_sessions": sign_out });
    let user = format!("/v1/users/{ada}");
    app.backend().patch(&user, change(false)).await.ok();
    assert_eq!(app.backend().get(&path).await.ok()["status"], "active");
    assert_eq!(app.backend().patch(&user, change(true)).await.ok()["password_enabled"], true);
    assert_eq!(app.backend().get(&path).await.ok()["status"], "revoked");
    let both =
        json!({ "password": "correct horse battery", "password_digest": "x", "password_hasher": "bcrypt" });
    app.backend().patch(&user, both).await.refused(422, "form_param_value_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn consent_is_stated_or_waived_where_it_is_wanted(app: TestApp) {
    let mut settings = app.instance.instance.settings.clone();
    settings.sign_up.legal_consent = true;
    let kind = app.instance.instance.kind;
    let app = app.remade(kind, settings).await;
    let create = async |number: u32, more: Value| {
        let mut body = json!({ "email_address": [format!("p{number}@example.com")] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app.backend().post("/v1/users", body).await
    };
    for (number, refused) in [(1, json!({})), (2, json!({ "skip_legal_checks": false }))] {
        let reply = create(number, refused).await;
        reply.refused(422, "form_param_missing");
        assert_eq!(reply.error_param(), "legal_accepted_at");
    }
    let waived = create(3, json!({ "skip_legal_checks": true })).await.ok();
    assert_eq!(waived["legal_accepted_at"], Value::Null);
    let stated = create(4, json!({ "legal_accepted_at": "2025-06-01T12:00:00Z" })).await.ok();
    assert_eq!(stated["legal_accepted_at"], 1_748_779_200_000_i64);
}
