//! What every operation refuses in the same way: wrong keys, bodies that cannot be read, paths that are not there.

use frontdesk_testkit::matrix::TestApp;
use http::Method;
use serde_json::json;

#[frontdesk_testkit::matrix::test]
async fn without_the_right_key_nothing_is_answered(app: TestApp) {
    for path in
        ["/v1/users", "/v1/users/count", "/v1/sessions", "/v1/jwt_templates", "/v1/jwks", "/v1/invitations"]
    {
        app.backend_with(None).get(path).await.refused(401, "authentication_invalid");
        app.backend_with(Some("sk_test_wrong")).get(path).await.refused(401, "clerk_key_invalid");
    }
}

#[frontdesk_testkit::matrix::test]
async fn bodies_that_cannot_be_read_are_refused(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let metadata = format!("/v1/users/{ada}/metadata");
    for (method, path) in [
        (Method::POST, "/v1/users"),
        (Method::PATCH, &*format!("/v1/users/{ada}")),
        (Method::PUT, &metadata),
        (Method::POST, "/v1/sessions"),
        (Method::POST, "/v1/jwt_templates"),
        (Method::POST, "/v1/sign_in_tokens"),
        (Method::POST, "/v1/users/ban"),
    ] {
        let send = async |content_type: &str, body: Vec<u8>| {
            app.backend().send_raw(method.clone(), path, content_type, body).await
        };
        let json = "application/json";
        for broken in ["{", "{\"a\":1} x", "\u{feff}{}"] {
            send(json, broken.into()).await.refused(400, "request_body_invalid");
        }
        // What nobody has a place for is refused by its name, unread.
        let not_utf8 = send(json, b"{\"first_name\":\"\xff\"}".to_vec()).await;
        assert!(matches!(not_utf8.status(), 400 | 422), "{path}: {}", not_utf8.text());
        send(json, "{\"first_name\":\"a\\u0000b\"}".into()).await.refused(400, "bad_request");
        let deep = "[".repeat(100_000);
        for other in ["[]", "[\"text\"]", "1", "null", "\"text\"", &deep] {
            let reply = send(json, other.into()).await;
            reply.refused(422, "form_param_type_invalid");
            assert_eq!(reply.error_param(), "body", "{path} {other:.20}");
        }
        let deep = format!("{{\"first_name\":{deep}");
        let reply = send(json, deep.into()).await;
        assert!(matches!(reply.status(), 400 | 422), "{path}: {}", reply.text());
        let large = format!("{{\"first_name\":\"{}\"}}", "x".repeat(600_000));
        send(json, large.into()).await.refused(413, "request_body_too_large");
        for other in
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "\""]
        {
            send(other, "first_name=Ada".into()).await.refused(415, "unsupported_content_type");
        }
        let reply = send(json, "{\"no_such_field\":1}".into()).await;
        reply.refused(422, "form_param_unknown");
        assert_eq!(reply.error_param(), "no_such_field");
        send("application/json; charset=utf-8", "{\"no_such_field\":1}".into())
            .await
            .refused(422, "form_param_unknown");
    }
    assert_eq!(app.backend().get("/v1/users/count").await.ok()["total_count"], 1);
}

#[frontdesk_testkit::matrix::test]
async fn paths_and_methods_that_are_not_there_are_refused(app: TestApp) {
    app.backend().get("/v1/nonsense").await.refused(404, "route_not_found");
    app.backend().get("/v2/users").await.refused(404, "route_not_found");
    app.backend().put("/v1/users", json!({})).await.refused(405, "method_not_allowed");
    app.backend().get("//v1//users/").await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn what_machines_prove_themselves_with_answers_with_and_without_version(app: TestApp) {
    for prefix in ["", "/v1"] {
        for (method, path) in [
            (Method::GET, "/api_keys"),
            (Method::POST, "/api_keys/verify"),
            (Method::POST, "/m2m_tokens"),
            (Method::POST, "/m2m_tokens/verify"),
            (Method::POST, "/oauth_applications/access_tokens/verify"),
        ] {
            let path = format!("{prefix}{path}");
            let reply = app.backend().send(method.clone(), &path, Some(json!({}))).await;
            reply.refused(501, "operation_not_available");
            let doubled = app.backend().send(method, &format!("/{path}"), Some(json!({}))).await;
            doubled.refused(501, "operation_not_available");
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn versions_are_dates_that_were_published(app: TestApp) {
    app.backend().version(Some("nonsense")).get("/v1/users").await.refused(400, "api_version_invalid");
    app.backend().version(None).get("/v1/users?__clerk_api_version=2024-10-01").await.ok();
    app.backend().version(None).get("/v1/users").await.ok();
}
