//! Sessions: made for tests, listed, read, revoked.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::{Span, UserId};
use http::Method;
use serde_json::{Value, json};

use crate::contract::assert_described;
use crate::users::events;

/// A session of this user.
pub(crate) async fn session(app: &TestApp, user: &UserId) -> String {
    let reply = app.backend().post("/v1/sessions", json!({ "user_id": user })).await.ok();
    reply["id"].as_str().unwrap().to_owned()
}

#[frontdesk_testkit::matrix::test]
async fn a_session_is_made_read_and_revoked(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let made = app.backend().post("/v1/sessions", json!({ "user_id": ada })).await;
    assert_described("createSession", &made);
    let session = made.ok();
    assert_eq!([&session["status"], &session["user_id"]], [&json!("active"), &json!(ada)]);
    assert_eq!(session["expire_at"], json!(app.now() + Span::days(7)));
    assert!(session["client_id"].as_str().unwrap().starts_with("client_"));

    let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
    let read = app.backend().get(&path).await;
    assert_described("GetSession", &read);
    assert_eq!(read.ok(), session);

    app.advance(Span::minutes(1));
    let revoked = app.backend().post(&format!("{path}/revoke"), json!({})).await;
    assert_described("RevokeSession", &revoked);
    let revoked = revoked.ok();
    assert_eq!([&revoked["status"], &revoked["updated_at"]], [&json!("revoked"), &json!(app.now())]);
    // A second time changes nothing.
    app.advance(Span::minutes(1));
    assert_eq!(app.backend().send(Method::POST, &format!("{path}/revoke"), None).await.ok(), revoked);
    assert_eq!(events(&app).await, ["user.created", "session.created", "session.revoked"]);
}

#[frontdesk_testkit::matrix::test]
async fn a_session_that_is_over_stays_over(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let path = format!("/v1/sessions/{}", session(&app, &ada).await);
    app.advance(Span::millis(7 * 24 * 60 * 60 * 1000 - 1));
    assert_eq!(app.backend().get(&path).await.ok()["status"], "active");
    app.advance(Span::millis(1));
    assert_eq!(app.backend().get(&path).await.ok()["status"], "expired");
    assert_eq!(app.backend().post(&format!("{path}/revoke"), json!({})).await.ok()["status"], "expired");
    app.backend().post(&format!("{path}/tokens"), json!({})).await.refused(404, "resource_not_found");
}

#[frontdesk_testkit::matrix::test]
async fn sessions_of_others_are_unknown(app: TestApp) {
    for id in [app.other.session_id.as_str(), "sess_nobody", "user_1", "%00"] {
        let path = format!("/v1/sessions/{id}");
        app.backend().get(&path).await.refused(404, "resource_not_found");
        for rest in ["/revoke", "/tokens", "/tokens/supabase"] {
            app.backend().post(&format!("{path}{rest}"), json!({})).await.refused(404, "resource_not_found");
        }
    }
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    let path = format!("/v1/sessions/{}", app.other.session_id);
    assert_eq!(theirs.get(&path).await.ok()["status"], "active");
}

#[frontdesk_testkit::matrix::test]
async fn only_a_known_user_gets_a_session(app: TestApp) {
    let create = async |body: Value| app.backend().post("/v1/sessions", body).await;
    let reply = create(json!({})).await;
    reply.refused(422, "form_param_missing");
    assert_eq!(reply.error_param(), "user_id");
    create(json!({ "user_id": 7 })).await.refused(422, "form_param_type_invalid");
    create(json!({ "user_id": "somebody" })).await.refused(404, "resource_not_found");
    create(json!({ "user_id": "user_nobody" })).await.refused(404, "resource_not_found");
    create(json!({ "user_id": app.other.user_id })).await.refused(404, "resource_not_found");
    let ada = app.user().email("ada@example.com").create().await;
    let reply = create(json!({ "user_id": ada, "active_organization_id": "org_nobody" })).await;
    reply.refused(404, "resource_not_found");
    assert_described("createSession", &reply);
    assert_eq!(app.backend().get("/v1/sessions").await.ok(), json!([]));
}

#[frontdesk_testkit::matrix::test]
async fn sessions_are_made_in_development_only(app: TestApp) {
    // A developer's machine makes them for instances of both kinds …
    let app = app.remade(InstanceKind::Production, Settings::default()).await;
    let ada = app.user().email("ada@example.com").create().await;
    app.backend().post("/v1/sessions", json!({ "user_id": ada })).await.ok();
    // … and a server in production for none that is in production.
    let app = app.in_production(Settings::default()).await;
    let ada = app.user().email("ada@example.com").create().await;
    let reply = app.backend().post("/v1/sessions", json!({ "user_id": ada })).await;
    reply.refused(400, "request_invalid_for_environment");
    assert_described("createSession", &reply);
}

#[frontdesk_testkit::matrix::test]
async fn sessions_are_listed_by_client_user_and_status(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let grace = app.user().email("grace@example.com").create().await;
    let first = session(&app, &ada).await;
    app.advance(Span::minutes(1));
    let second = session(&app, &ada).await;
    app.advance(Span::minutes(1));
    let third = session(&app, &grace).await;
    app.backend().post(&format!("/v1/sessions/{second}/revoke"), json!({})).await.ok();
    let client = app.backend().get(&format!("/v1/sessions/{first}")).await.ok()["client_id"].clone();

    let lists = async |query: String, expected: &[&String]| {
        let reply = app.backend().get(&format!("/v1/sessions?{query}")).await;
        assert_described("GetSessionList", &reply);
        let rows = reply.ok();
        let ids: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{query}");
        let page = app.backend().get(&format!("/v1/sessions?{query}&paginated=true")).await.ok();
        assert_eq!(page["data"], rows, "{query}");
        if !query.contains("limit") {
            assert_eq!(page["total_count"], expected.len(), "{query}");
        }
    };
    lists(String::new(), &[&third, &second, &first]).await;
    lists(format!("user_id={ada}"), &[&second, &first]).await;
    lists(format!("user_id={ada}&status=active"), &[&first]).await;
    lists(format!("client_id={}", client.as_str().unwrap()), &[&first]).await;
    lists("status=revoked".to_owned(), &[&second]).await;
    lists("status=expired".to_owned(), &[]).await;
    lists("limit=1&offset=1".to_owned(), &[&second]).await;
    lists(format!("user_id={}", app.other.user_id), &[]).await;
    lists("user_id=user_nobody".to_owned(), &[]).await;
    app.advance(Span::days(7));
    lists("status=active".to_owned(), &[]).await;
    lists("status=expired".to_owned(), &[&third, &first]).await;

    for (query, code, param) in [
        ("status=sleepy", "form_param_value_invalid", "status"),
        ("user_id=ada", "form_param_format_invalid", "user_id"),
        ("client_id=x", "form_param_format_invalid", "client_id"),
        ("paginated=maybe", "form_param_type_invalid", "paginated"),
        ("limit=0", "form_param_value_invalid", "limit"),
    ] {
        let reply = app.backend().get(&format!("/v1/sessions?{query}")).await;
        reply.refused(422, code);
        assert_eq!(reply.error_param(), param);
    }
}
