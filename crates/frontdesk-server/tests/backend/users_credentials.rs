//! Passwords and locks, as application servers handle them.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::{PasswordRules, Settings};
use frontdesk_testkit::matrix::{BREACHED_PASSWORD, Reply, TestApp};
use frontdesk_types::{Span, UserId};
use serde_json::{Value, json};

use crate::contract::assert_described;
use crate::users::events;

const PASSWORD: &str = "correct horse battery";

/// A `POST` to a path below a user, whose answer is as the contract describes the operation.
async fn post(app: &TestApp, operation: &str, user: &UserId, path: &str, body: Value) -> Reply {
    let reply = app.backend().post(&format!("/v1/users/{user}/{path}"), body).await;
    assert_described(operation, &reply);
    reply
}

async fn session_of(app: &TestApp, user: &UserId) -> String {
    let session = app.backend().post("/v1/sessions", json!({ "user_id": user })).await.ok();
    format!("/v1/sessions/{}", session["id"].as_str().unwrap())
}

#[frontdesk_testkit::matrix::test]
async fn a_password_is_proven(app: TestApp) {
    let ada = app.user().email("ada@example.com").password(PASSWORD).create().await;
    let verify =
        async |user: &UserId, body: Value| post(&app, "VerifyPassword", user, "verify_password", body).await;
    assert_eq!(verify(&ada, json!({ "password": PASSWORD })).await.ok(), json!({ "verified": true }));
    let wrong = verify(&ada, json!({ "password": "battery horse correct" })).await;
    wrong.refused(422, "incorrect_password");
    verify(&ada, json!({})).await.refused(422, "form_param_missing");
    verify(&ada, json!({ "password": 5 })).await.refused(422, "form_param_type_invalid");
    let grace = app.user().email("grace@example.com").create().await;
    verify(&grace, json!({ "password": PASSWORD })).await.refused(400, "no_password_set");
    assert_eq!(events(&app).await, ["user.created", "user.created"], "to ask is no change");
}

#[frontdesk_testkit::matrix::test]
async fn digests_of_other_systems_are_taken_or_refused_by_name(app: TestApp) {
    // "password" by argon2i and by bcrypt, made elsewhere.
    let bcrypt = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";
    let argon2i = "$argon2i$v=19$m=4096,t=3,p=1$4t6CL3P7YiHBtwESXawI8Hm20zJj4cs7/4/G3c187e0$m7RQFczcKr5bIR0IIxbpO2P0tyrLjf3eUW3M3QSwnLc";
    let argon2id = "$argon2id$v=19$m=64,t=4,p=8$Z2liZXJyaXNo$iGXEpMBTDYQ8G/71tF0qGjxRHEmR3gpGULcE93zUJVU";
    let create = async |digest: &str, hasher: &str| {
        let body = json!({
            "skip_user_requirement": true, "password_digest": digest, "password_hasher": hasher
        });
        app.backend().post("/v1/users", body).await
    };
    for (digest, hasher) in [(bcrypt, "bcrypt"), (argon2i, "argon2i"), (argon2id, "argon2id")] {
        assert_eq!(create(digest, hasher).await.ok()["password_enabled"], true, "{hasher}");
    }
    for (digest, hasher) in
        [(bcrypt, "argon2id"), (argon2i, "argon2id"), (argon2id, "bcrypt"), ("x", "bcrypt")]
    {
        let reply = create(digest, hasher).await;
        reply.refused(422, "form_password_digest_invalid_code");
        assert_eq!(reply.error_param(), "password_digest");
    }
    for hasher in ["md5", "scrypt_firebase", "pbkdf2_sha256_django", "awscognito", "sha512_symfony", "rot13"]
    {
        let reply = create("5f4dcc3b5aa765d61d8327deb882cf99", hasher).await;
        reply.refused(422, "form_param_value_invalid");
        assert_eq!(reply.error_param(), "password_hasher");
        let says_its_name = reply.text().contains(&format!("{hasher} is not available yet"));
        assert_eq!(says_its_name, hasher != "rot13", "{}", reply.text());
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_password_is_taken_away(app: TestApp) {
    let ada = app.user().email("ada@example.com").password(PASSWORD).create().await;
    let session = session_of(&app, &ada).await;
    let reply = post(&app, "RemoveUserPassword", &ada, "remove_password", json!({})).await.ok();
    assert_eq!(
        (&reply["password_enabled"], &reply["password_last_updated_at"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(app.backend().get(&session).await.ok()["status"], "active");
    let again = post(&app, "RemoveUserPassword", &ada, "remove_password", json!({})).await;
    again.refused(400, "no_password_set");
    app.backend().patch(&format!("/v1/users/{ada}"), json!({ "password": PASSWORD })).await.ok();
    let everywhere = json!({ "sign_out_of_other_sessions": true });
    post(&app, "RemoveUserPassword", &ada, "remove_password", everywhere).await.ok();
    assert_eq!(app.backend().get(&session).await.ok()["status"], "revoked");
}

#[frontdesk_testkit::matrix::test]
async fn a_password_is_marked_as_known_to_others(app: TestApp) {
    let ada = app.user().email("ada@example.com").password(PASSWORD).create().await;
    let session = session_of(&app, &ada).await;
    let compromised = async || {
        let user = app.server.store().user(&app.instance.instance.id, &ada).await.unwrap().unwrap();
        user.password_compromised
    };
    let (set, unset) = ("password/set_compromised", "password/unset_compromised");
    post(&app, "SetUserPasswordCompromised", &ada, set, json!({})).await.ok();
    assert!(compromised().await);
    assert_eq!(app.backend().get(&session).await.ok()["status"], "active");
    post(&app, "UnsetUserPasswordCompromised", &ada, unset, json!({})).await.ok();
    assert!(!compromised().await);
    let body = json!({ "revoke_all_sessions": true });
    post(&app, "SetUserPasswordCompromised", &ada, set, body).await.ok();
    assert_eq!(app.backend().get(&session).await.ok()["status"], "revoked");
    app.backend()
        .patch(&format!("/v1/users/{ada}"), json!({ "password": "battery horse correct" }))
        .await
        .ok();
    assert!(!compromised().await, "a new password is not the one that is known");

    let grace = app.user().email("grace@example.com").create().await;
    post(&app, "SetUserPasswordCompromised", &grace, set, json!({})).await.refused(400, "no_password_set");
    post(&app, "UnsetUserPasswordCompromised", &grace, unset, json!({}))
        .await
        .refused(400, "no_password_set");
}

#[frontdesk_testkit::matrix::test]
async fn a_lock_ends_by_itself_or_by_hand(app: TestApp) {
    let ada = app.user().email("ada@example.com").password(PASSWORD).create().await;
    let session = session_of(&app, &ada).await;
    let facts = |user: &Value| {
        ["locked", "lockout_expires_in_seconds", "verification_attempts_remaining"]
            .map(|name| user[name].clone())
    };
    let locked = post(&app, "LockUser", &ada, "lock", json!({})).await.ok();
    assert_eq!(facts(&locked), [json!(true), json!(3600), json!(0)]);
    assert_eq!(app.backend().get(&session).await.ok()["status"], "active", "who is inside stays inside");
    let mut browser = app.browser();
    browser.get("/v1/client").await;
    let form = [("identifier", "ada@example.com"), ("password", PASSWORD)];
    browser.post("/v1/client/sign_ins", &form).await.refused(403, "user_locked");

    app.advance(Span::minutes(59) + Span::millis(1));
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(facts(&user), [json!(true), json!(60), json!(0)], "seconds that have begun count");
    let unlocked = post(&app, "UnlockUser", &ada, "unlock", json!({})).await.ok();
    assert_eq!(facts(&unlocked), [json!(false), json!(null), json!(10)]);
    browser.post("/v1/client/sign_ins", &form).await.ok();

    post(&app, "LockUser", &ada, "lock", json!({})).await.ok();
    app.advance(Span::hours(1));
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(facts(&user), [json!(false), json!(null), json!(10)]);
    let grace = app.user().email("grace@example.com").with("locked", json!(true)).create().await;
    let grace = app.backend().get(&format!("/v1/users/{grace}")).await.ok();
    assert_eq!(facts(&grace), [json!(true), json!(3600), json!(0)]);
}

#[frontdesk_testkit::matrix::test]
async fn new_passwords_obey_the_rules_of_the_instance(app: TestApp) {
    let mut settings = Settings::for_kind(InstanceKind::Development);
    settings.password = PasswordRules {
        min_length: 10,
        require_uppercase: true,
        require_numbers: true,
        min_zxcvbn_strength: 3,
        ..PasswordRules::default()
    };
    let app = app.remade(InstanceKind::Development, settings).await;
    let ada = app.user().email("lovelace.engine9@example.com").create().await;
    let path = format!("/v1/users/{ada}");
    let change = async |password: &str| {
        let reply = app.backend().patch(&path, json!({ "password": password })).await;
        assert_described("UpdateUser", &reply);
        let error = reply.json();
        let codes = error["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| it["code"].as_str().unwrap().to_owned());
        (codes.collect::<Vec<_>>(), error)
    };
    let expected =
        ["form_password_length_too_short", "form_password_no_uppercase", "form_password_no_number"];
    assert_eq!(change("short").await.0, expected);
    assert_eq!(change("Lovelace.Engine9@example.com").await.0, ["form_password_matches_identifier"]);
    let (codes, error) = change("Password12").await;
    assert_eq!(codes, ["form_password_not_strong_enough"]);
    let meta = &error["errors"][0]["meta"];
    assert_eq!(meta["param_name"], "password");
    assert!(meta["zxcvbn"]["suggestions"][0]["code"].is_string(), "{error}");
    assert_eq!(change(&"\u{1f600}".repeat(300)).await.0, ["form_password_size_in_bytes_exceeded"]);
    assert_eq!(change("Purple 7 kettle drum").await.0, Vec::<String>::new());

    // Whoever moves in with another system's password is told to pass: but not with any amount of bytes.
    let skip = async |password: &str| {
        app.backend().patch(&path, json!({ "password": password, "skip_password_checks": true })).await
    };
    skip("short").await.ok();
    skip(&"x".repeat(2000)).await.refused(422, "form_password_size_in_bytes_exceeded");
    skip("").await.refused(422, "form_param_nil");
}

#[frontdesk_testkit::matrix::test]
async fn known_passwords_are_refused(app: TestApp) {
    let create = async |password: &str, skip: bool| {
        let body = json!({
            "skip_user_requirement": true, "password": password, "skip_password_checks": skip
        });
        app.backend().post("/v1/users", body).await
    };
    let reply = create(BREACHED_PASSWORD, false).await;
    reply.refused(422, "form_password_pwned");
    assert_eq!(reply.error_param(), "password");
    create(PASSWORD, false).await.ok();
    create(BREACHED_PASSWORD, true).await.ok();
}
