//! Second factors that come with a person.

use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::{Span, UserId};
use serde_json::{Value, json};

use crate::contract::assert_described;
use crate::users::events;

/// The secret of RFC 6238's appendix B.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// bcrypt of a code of which nobody knows the text.
const DIGEST: &str = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";

fn facts(user: &Value) -> [bool; 3] {
    ["two_factor_enabled", "totp_enabled", "backup_code_enabled"].map(|name| user[name].as_bool().unwrap())
}

/// Moves the clock to where the codes of RFC 6238's appendix B are known, 2033: the second step of 2 000 000 000 shows
/// 279037.
fn go_to_2033(app: &TestApp) {
    app.advance(Span::millis(2_000_000_000_000 - app.now().as_millis()));
}

async fn verify(app: &TestApp, user: &UserId, code: &str) -> frontdesk_testkit::matrix::Reply {
    let reply = app.backend().post(&format!("/v1/users/{user}/verify_totp"), json!({ "code": code })).await;
    assert_described("VerifyTOTP", &reply);
    reply
}

#[frontdesk_testkit::matrix::test]
async fn a_code_of_the_app_works_once(app: TestApp) {
    go_to_2033(&app);
    let ada = app.user().email("ada@example.com").with("totp_secret", json!(SECRET)).create().await;
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(facts(&user), [true, true, false]);
    assert_eq!((&user["mfa_enabled_at"], &user["mfa_disabled_at"]), (&json!(app.now()), &json!(null)));
    assert!(!user.to_string().contains(SECRET));
    let row = app.server.store().user(&app.instance.instance.id, &ada).await.unwrap().unwrap();
    assert!(!row.totp_sealed.unwrap().windows(20).any(|window| window == b"12345678901234567890"));

    verify(&app, &ada, "279038").await.refused(422, "totp_incorrect_code");
    verify(&app, &ada, "27903").await.refused(422, "totp_invalid_length");
    let right = verify(&app, &ada, "279037").await.ok();
    assert_eq!(right, json!({ "verified": true, "code_type": "totp" }));
    verify(&app, &ada, "279037").await.refused(422, "totp_incorrect_code");
    assert_eq!(events(&app).await, ["user.created"]);
    let missing = app.backend().post(&format!("/v1/users/{ada}/verify_totp"), json!({})).await;
    missing.refused(422, "form_param_missing");
}

#[frontdesk_testkit::matrix::test]
async fn of_many_with_one_code_one_passes(app: TestApp) {
    go_to_2033(&app);
    let ada = app
        .user()
        .email("ada@example.com")
        .with("totp_secret", json!(SECRET))
        .with("backup_codes", json!(["abcd1234", "efgh5678"]))
        .create()
        .await;
    for (code, kind) in [("279037", "totp"), ("abcd1234", "backup_code")] {
        let mut racers = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let (backend, path) = (app.backend(), format!("/v1/users/{ada}/verify_totp"));
            racers.spawn(async move { backend.post(&path, json!({ "code": code })).await });
        }
        let replies = racers.join_all().await;
        let passed: Vec<_> = replies.iter().filter(|reply| reply.status() == 200).collect();
        assert_eq!(passed.len(), 1, "{kind}");
        assert_eq!(passed[0].ok()["code_type"], kind);
        for reply in replies.iter().filter(|reply| reply.status() != 200) {
            reply.refused(422, "totp_incorrect_code");
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_backup_code_works_once(app: TestApp) {
    let codes = json!(["abcd1234", DIGEST]);
    let ada = app.user().email("ada@example.com").with("backup_codes", codes).create().await;
    let user = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    assert_eq!(facts(&user), [false, false, true], "backup codes alone are no second factor");
    verify(&app, &ada, "abcd1235").await.refused(422, "totp_incorrect_code");
    let right = verify(&app, &ada, " abcd1234 ").await.ok();
    assert_eq!(right, json!({ "verified": true, "code_type": "backup_code" }));
    verify(&app, &ada, "abcd1234").await.refused(422, "totp_incorrect_code");
    assert_eq!(events(&app).await, ["user.created", "user.updated"]);

    let grace = app.user().email("grace@example.com").create().await;
    verify(&app, &grace, "123456").await.refused(400, "totp_disabled");
}

#[frontdesk_testkit::matrix::test]
async fn factors_are_given_and_taken(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let path = format!("/v1/users/{ada}");
    let change = async |body: Value| app.backend().patch(&path, body).await;
    let take = async |operation: &str, what: &str| {
        let reply = app.backend().delete(&format!("{path}/{what}")).await;
        assert_described(operation, &reply);
        assert_eq!(reply.ok(), json!({ "user_id": ada }));
        facts(&app.backend().get(&path).await.ok())
    };
    let both = json!({ "totp_secret": SECRET, "backup_codes": ["abcd1234"] });
    assert_eq!(facts(&change(both.clone()).await.ok()), [true, true, true]);
    assert_eq!(take("DeleteBackupCode", "backup_code").await, [true, true, false]);
    assert_eq!(facts(&change(both.clone()).await.ok()), [true, true, true]);
    app.advance(Span::seconds(1));
    assert_eq!(take("DeleteTOTP", "totp").await, [false, false, true]);
    let user = app.backend().get(&path).await.ok();
    assert_eq!(user["mfa_disabled_at"], json!(app.now()));
    assert_eq!(facts(&change(both.clone()).await.ok()), [true, true, true]);
    assert_eq!(take("DisableMFA", "mfa").await, [false, false, false]);
    let before = events(&app).await.len();
    assert_eq!(take("DisableMFA", "mfa").await, [false, false, false]);
    assert_eq!(events(&app).await.len(), before, "what is gone is gone: nothing happened");
    change(both).await.ok();
    let nothing = json!({ "totp_secret": null, "backup_codes": [] });
    assert_eq!(facts(&change(nothing).await.ok()), [false, false, false]);

    for (body, code, param) in [
        (json!({ "totp_secret": "not a secret" }), "invalid_totp_secret_code", "totp_secret"),
        (json!({ "backup_codes": [""] }), "form_param_format_invalid", "backup_codes"),
        (json!({ "backup_codes": ["$2b$04$short"] }), "form_param_format_invalid", "backup_codes"),
        (json!({ "backup_codes": vec!["a"; 21] }), "form_param_value_invalid", "backup_codes"),
    ] {
        let reply = change(body).await;
        reply.refused(422, code);
        assert_eq!(reply.error_param(), param);
    }
}
