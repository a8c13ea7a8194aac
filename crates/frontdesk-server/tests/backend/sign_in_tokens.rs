//! Sign-in tokens: handed out once, kept by hash, taken back.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::{ApplicationUrls, Settings};
use frontdesk_server::keys::token_hash;
use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract::assert_described;

#[frontdesk_testkit::matrix::test]
async fn a_ticket_is_shown_once_and_taken_back_once(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let made = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": ada })).await;
    assert_described("CreateSignInToken", &made);
    let made = made.ok();
    let text = made["token"].as_str().unwrap();
    assert_eq!(made["status"], "pending");
    let page = format!("http://localhost:4400/sign-in?__clerk_ticket={text}&__clerk_status=sign_in");
    assert_eq!(made["url"], page, "the application has no sign-in page, so it is ours");
    let store = app.server.store();
    let kept =
        store.sign_in_token_by_hash(&app.instance.instance.id, &token_hash(text)).await.unwrap().unwrap();
    assert_eq!(kept.expires_at, app.now() + Span::days(30));

    let path = format!("/v1/sign_in_tokens/{}/revoke", made["id"].as_str().unwrap());
    let revoked = app.backend().post(&path, json!({})).await;
    assert_described("RevokeSignInToken", &revoked);
    assert_eq!(revoked.ok()["status"], "revoked");
    assert!(!revoked.text().contains(text));
    let again = app.backend().post(&path, json!({})).await;
    again.refused(400, "sign_in_token_cannot_be_revoked_code");
    assert_described("RevokeSignInToken", &again);
}

#[frontdesk_testkit::matrix::test]
async fn only_what_is_pending_is_taken_back(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let create = async || {
        let body = json!({ "user_id": ada, "expires_in_seconds": 60 });
        let made = app.backend().post("/v1/sign_in_tokens", body).await.ok();
        let path = format!("/v1/sign_in_tokens/{}/revoke", made["id"].as_str().unwrap());
        (path, made["token"].as_str().unwrap().to_owned())
    };
    let redeem = async |ticket: &str| {
        app.browser().post("/v1/client/sign_ins", &[("strategy", "ticket"), ("ticket", ticket)]).await
    };
    let (path, used) = create().await;
    redeem(&used).await.ok();
    let reply = app.backend().post(&path, json!({})).await;
    reply.refused(400, "sign_in_token_cannot_be_revoked_code");
    assert!(reply.text().contains("accepted"), "{}", reply.text());

    let (path, revoked) = create().await;
    app.backend().post(&path, json!({})).await.ok();
    redeem(&revoked).await.refused(400, "sign_in_token_revoked_code");

    // One whose time is over is pending still: nobody has redeemed it.
    let (path, late) = create().await;
    app.advance(Span::seconds(60));
    redeem(&late).await.refused(400, "ticket_expired_code");
    assert_eq!(app.backend().post(&path, json!({})).await.ok()["status"], "revoked");
}

#[frontdesk_testkit::matrix::test]
async fn a_ticket_leads_to_the_sign_in_page(app: TestApp) {
    let sign_in = "https://app.example/sign-in?lang=en".to_owned();
    let urls = ApplicationUrls { sign_in, ..ApplicationUrls::default() };
    let settings = Settings { urls, ..Settings::default() };
    let app = app.remade(InstanceKind::Production, settings).await;
    let ada = app.user().email("ada@example.com").create().await;
    let made = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": ada })).await.ok();
    let text = made["token"].as_str().unwrap();
    let expected =
        format!("https://app.example/sign-in?lang=en&__clerk_ticket={text}&__clerk_status=sign_in");
    assert_eq!(made["url"], expected);
}

#[frontdesk_testkit::matrix::test]
async fn a_ticket_lives_as_long_as_it_is_told(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let create = async |expires_in_seconds: Value| {
        let body = json!({ "user_id": ada, "expires_in_seconds": expires_in_seconds });
        app.backend().post("/v1/sign_in_tokens", body).await
    };
    for (seconds, expected) in [(json!(1), 1), (json!(300), 300), (json!(null), 2_592_000)] {
        let made = create(seconds).await.ok();
        let hash = token_hash(made["token"].as_str().unwrap());
        let store = app.server.store();
        let kept = store.sign_in_token_by_hash(&app.instance.instance.id, &hash).await.unwrap().unwrap();
        assert_eq!(kept.expires_at, app.now() + Span::seconds(expected));
    }
    for seconds in [json!(0), json!(-1), json!(i64::MAX)] {
        let reply = create(seconds).await;
        reply.refused(422, "form_param_value_invalid");
        assert_eq!(reply.error_param(), "expires_in_seconds");
    }
    create(json!("soon")).await.refused(422, "form_param_type_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn only_somebody_who_may_sign_in_gets_a_ticket(app: TestApp) {
    let create = async |body: Value| app.backend().post("/v1/sign_in_tokens", body).await;
    create(json!({})).await.refused(422, "form_param_missing");
    for id in ["user_nobody", "somebody", app.other.user_id.as_str()] {
        let reply = create(json!({ "user_id": id })).await;
        reply.refused(404, "resource_not_found");
        assert_described("CreateSignInToken", &reply);
    }
    let banned = app.user().with("banned", json!(true)).create().await;
    let reply = create(json!({ "user_id": banned })).await;
    reply.refused(403, "user_banned");
    assert_described("CreateSignInToken", &reply);
}

#[frontdesk_testkit::matrix::test]
async fn tickets_of_others_are_unknown(app: TestApp) {
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    let ticket = theirs.post("/v1/sign_in_tokens", json!({ "user_id": app.other.user_id })).await.ok();
    for id in [ticket["id"].as_str().unwrap(), "sit_nobody", "%00"] {
        let path = format!("/v1/sign_in_tokens/{id}/revoke");
        app.backend().post(&path, json!({})).await.refused(404, "resource_not_found");
    }
}
