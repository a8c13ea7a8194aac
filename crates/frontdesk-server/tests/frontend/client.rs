//! Who calls the Frontend API: instance, page, client.

use axum::body::Body;
use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use http::{Method, Request, header};
use serde_json::Value;

/// A request without anything a browser adds by itself.
async fn bare(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:4400");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.browser().send_request(request.body(Body::empty()).unwrap()).await
}

/// A browser that holds a client.
async fn known(app: &TestApp) -> Browser {
    let mut browser = app.browser();
    browser.post_as("PUT", "/v1/client", &[]).await.ok();
    browser
}

fn cookie_line(reply: &Reply, name: &str) -> String {
    let lines = reply.headers().get_all(header::SET_COOKIE);
    let found =
        lines.iter().filter_map(|line| line.to_str().ok()).find(|line| line.starts_with(&format!("{name}=")));
    found.unwrap_or_default().to_owned()
}

#[frontdesk_testkit::matrix::test]
async fn a_stranger_gets_an_answer_and_no_client(app: TestApp) {
    let mut browser = app.browser();
    let reply = browser.get("/v1/client").await;
    assert_eq!(reply.ok(), serde_json::json!({ "response": null, "client": null }));
    assert!(browser.cookie_names().is_empty());
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[frontdesk_testkit::matrix::test]
async fn a_client_is_made_on_demand_and_recognised_by_its_cookie(app: TestApp) {
    let mut browser = app.browser();
    let reply = browser.post_as("PUT", "/v1/client", &[]).await;
    let made = reply.ok();
    assert_eq!((&made["client"], &made["response"]["sessions"]), (&Value::Null, &serde_json::json!([])));
    let line = cookie_line(&reply, "__client");
    assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Path=/;"), "{line}");
    assert!(
        line.contains("Max-Age=34560000") && !line.contains("Secure") && !line.contains("Domain"),
        "{line}"
    );
    assert_eq!(browser.cookie_names(), ["__client"], "development leaves __client_uat to the browser");

    let seen = browser.get("/v1/client").await.ok();
    assert_eq!(seen["response"]["id"], made["response"]["id"]);
    assert_eq!(seen["response"]["object"], "client");
    let again = browser.post("/v1/client", &[]).await;
    assert_eq!(again.ok()["response"]["id"], made["response"]["id"]);
    assert_eq!(cookie_line(&again, "__client"), "", "nothing changed, so the token stays");
}

#[frontdesk_testkit::matrix::test]
async fn a_changed_or_foreign_token_makes_a_stranger(app: TestApp) {
    let browser = known(&app).await;
    let token = browser.cookie("__client").unwrap().to_owned();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let changed = format!("{signed}.{flipped}{}", &signature[1..]);
    let unsigned = format!("{signed}.");
    for forged in [changed.as_str(), unsigned.as_str(), signed, "", "x", "..", &"a".repeat(5000)] {
        let mut stranger = app.browser();
        stranger.plant_cookie("__client", forged);
        assert_eq!(stranger.get("/v1/client").await.ok()["response"], Value::Null, "{forged}");
    }
    // The neighbour's instance takes no notice of it, and ours none of the neighbour's.
    let mut elsewhere = app.browser();
    elsewhere.plant_cookie("__client", &token);
    assert_eq!(elsewhere.get("/i/neighbour/v1/client").await.ok()["response"], Value::Null);
    let mut neighbour = app.browser();
    neighbour.post_as("PUT", "/i/neighbour/v1/client", &[]).await.ok();
    assert_eq!(neighbour.get("/v1/client").await.ok()["response"], Value::Null);
    assert_ne!(neighbour.get("/i/neighbour/v1/client").await.ok()["response"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn of_two_cookies_the_instances_own_counts(app: TestApp) {
    let browser = known(&app).await;
    let mut neighbour = app.browser();
    neighbour.post_as("PUT", "/i/neighbour/v1/client", &[]).await.ok();
    let cookies = format!(
        "__client={}; __client={}",
        neighbour.cookie("__client").unwrap(),
        browser.cookie("__client").unwrap()
    );
    let reply = bare(&app, Method::GET, "/v1/client", &[("cookie", &cookies)]).await;
    let own = browser.clone().get("/v1/client").await.ok();
    assert_eq!(reply.ok()["response"]["id"], own["response"]["id"]);
}

#[frontdesk_testkit::matrix::test]
async fn the_instance_is_named_by_path_host_or_proxy(app: TestApp) {
    let mut browser = app.browser();
    let reply = browser.post_as("PUT", "/i/neighbour/v1/client/", &[]).await;
    reply.ok();
    assert!(cookie_line(&reply, "__client").contains("Path=/i/neighbour;"));
    browser.get("/i/nobody/v1/client").await.refused(400, "instance_not_found");

    let name = |reply: &Reply| reply.ok()["display_config"]["id"].as_str().unwrap().to_owned();
    let ours = name(&bare(&app, Method::GET, "/v1/environment", &[]).await);
    let theirs = name(&bare(&app, Method::GET, "/i/neighbour/v1/environment", &[]).await);
    assert_ne!(ours, theirs);
    let mut at_host = app.browser();
    "clerk.neighbour.localhost".clone_into(&mut at_host.host);
    assert_eq!(name(&at_host.get("/v1/environment").await), theirs);
    assert_eq!(name(&at_host.get("/i/neighbour/v1/environment").await), theirs);
    at_host.get("/i/frontdesk/v1/environment").await.refused(400, "instance_not_found");

    let key = app.other.instance.secret_key.as_str();
    let proxied = bare(&app, Method::GET, "/v1/environment", &[("clerk-secret-key", key)]).await;
    assert_eq!(name(&proxied), theirs);
    let mismatched =
        bare(&app, Method::GET, "/i/frontdesk/v1/environment", &[("clerk-secret-key", key)]).await;
    mismatched.refused(401, "clerk_key_invalid");
    let wrong = bare(&app, Method::GET, "/v1/environment", &[("clerk-secret-key", "sk_test_wrong")]).await;
    wrong.refused(401, "clerk_key_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn cookies_follow_the_proxy(app: TestApp) {
    let key = app.other.instance.secret_key.as_str();
    let headers = [
        ("clerk-secret-key", key),
        ("clerk-proxy-url", "https://app.example.com/__clerk"),
        ("origin", "https://app.example.com"),
    ];
    let reply = bare(&app, Method::PUT, "/i/neighbour/v1/client", &headers).await;
    reply.ok();
    let line = cookie_line(&reply, "__client");
    assert!(line.contains("Secure") && line.contains("Path=/;"), "{line}");
    // Without the key, the proxy's word for its address is nobody's.
    let reply = bare(&app, Method::PUT, "/v1/client", &headers[1..]).await;
    reply.refused(400, "origin_invalid");
    let reply = bare(&app, Method::PUT, "/v1/client", &[("x-forwarded-proto", "https")]).await;
    assert!(cookie_line(&reply, "__client").contains("Secure"));
}

#[frontdesk_testkit::matrix::test]
async fn only_the_instances_pages_may_ask(app: TestApp) {
    let mut browser = app.browser();
    for origin in ["https://evil.example", "null", "http://localhost.evil.example", "not an origin"] {
        browser.origin = Some(origin.to_owned());
        let reply = browser.post_as("PUT", "/v1/client", &[]).await;
        reply.refused(400, "origin_invalid");
        assert_eq!(reply.header("access-control-allow-origin"), origin, "the page may read why");
        browser.get("/v1/client").await.refused(400, "origin_invalid");
    }
    assert!(browser.cookie_names().is_empty());
    bare(&app, Method::PUT, "/v1/client", &[("sec-fetch-site", "cross-site")])
        .await
        .refused(400, "origin_invalid");
    bare(&app, Method::PUT, "/v1/client", &[]).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn every_answer_can_be_read_by_the_page_that_asked(app: TestApp) {
    let mut browser = app.browser();
    let replies = [
        browser.get("/v1/client").await,
        browser.get("/v1/environment").await,
        browser.get("/v1/client/sessions/sess_1").await,
        browser.get("/v1/no/such/path").await,
        browser.get("/v1/me/organization_invitations").await,
        browser.send(Method::DELETE, "/v1/environment", None).await,
        browser.post_as("NONSENSE", "/v1/client", &[]).await,
    ];
    let statuses: Vec<u16> = replies.iter().map(Reply::status).collect();
    assert_eq!(statuses, [200, 200, 401, 404, 501, 405, 400]);
    for reply in &replies {
        assert_eq!(reply.header("access-control-allow-origin"), "http://localhost:3000", "{}", reply.text());
        assert_eq!(reply.header("access-control-allow-credentials"), "true");
        assert!(reply.header("access-control-expose-headers").contains("Clerk-Db-Jwt"));
        assert_eq!(reply.header("vary"), "Origin");
        assert_eq!(reply.header("content-type"), "application/json");
    }
    let without = bare(&app, Method::GET, "/v1/client", &[]).await;
    assert_eq!((without.header("access-control-allow-origin"), without.header("vary")), ("", "Origin"));
}

#[frontdesk_testkit::matrix::test]
async fn preflights_are_answered_for_the_frontend_and_never_for_the_backend(app: TestApp) {
    let ask = [("origin", "http://localhost:3000"), ("access-control-request-method", "POST")];
    for path in
        ["/v1/client", "/v1/environment", "/v1/client/sessions/sess_1/tokens", "/i/frontdesk/v1/client"]
    {
        let reply = bare(&app, Method::OPTIONS, path, &ask).await;
        assert_eq!(reply.status(), 204, "{path}");
        assert!(reply.header("access-control-allow-methods").contains("PATCH"));
        assert!(reply.header("access-control-allow-headers").contains("Authorization"));
        assert_eq!(reply.header("access-control-allow-origin"), "http://localhost:3000");
    }
    for path in ["/v1/users", "/v1/jwt_templates"] {
        let reply = bare(&app, Method::OPTIONS, path, &ask).await;
        assert_ne!(reply.status(), 204, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "", "{path}");
        let reply = bare(&app, Method::GET, path, &ask).await;
        assert_eq!((reply.status(), reply.header("access-control-allow-origin")), (401, ""), "{path}");
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_native_device_keeps_its_token_itself(app: TestApp) {
    let reply = bare(&app, Method::PUT, "/v1/client?_is_native=1", &[("authorization", "")]).await;
    let id = reply.ok()["response"]["id"].clone();
    let token = reply.header("authorization").to_owned();
    assert!(!token.is_empty() && reply.headers().get(header::SET_COOKIE).is_none());
    let seen = bare(&app, Method::GET, "/v1/client?_is_native=1", &[("authorization", &token)]).await;
    assert_eq!(seen.ok()["response"]["id"], id);
    // The header counts for devices alone.
    let seen = bare(&app, Method::GET, "/v1/client", &[("authorization", &token)]).await;
    assert_eq!(seen.ok()["response"], Value::Null);
    let elsewhere =
        bare(&app, Method::GET, "/i/neighbour/v1/client?_is_native=1", &[("authorization", &token)]).await;
    assert_eq!(elsewhere.ok()["response"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn a_forgotten_client_opens_nothing(app: TestApp) {
    let mut browser = known(&app).await;
    let token = browser.cookie("__client").unwrap().to_owned();
    let reply = browser.post_as("DELETE", "/v1/client", &[]).await;
    assert_eq!(reply.ok()["response"], Value::Null);
    assert!(browser.cookie_names().is_empty());
    browser.plant_cookie("__client", &token);
    assert_eq!(browser.get("/v1/client").await.ok()["response"], Value::Null);
    browser.post_as("DELETE", "/v1/client", &[]).await.refused(404, "resource_not_found");
}

#[frontdesk_testkit::matrix::test]
async fn pictures_of_people_load_from_here(app: TestApp) {
    let ada = app.user().first_name("Ada").last_name("Byron").create().await;
    let shown = app.backend().get(&format!("/v1/users/{ada}")).await.ok();
    let url = shown["image_url"].as_str().unwrap();
    let path = url.strip_prefix("http://localhost:4400").unwrap();
    let reply = bare(&app, Method::GET, path, &[]).await;
    assert_eq!((reply.status(), reply.header("content-type")), (200, "image/svg+xml"));
    assert!(reply.text().contains(">AB</text>") && reply.header("cache-control").starts_with("public"));
    let neighbour = app.backend_with(Some(&app.other.instance.secret_key));
    let nora = neighbour.get(&format!("/v1/users/{}", app.other.user_id)).await.ok();
    let path = nora["image_url"].as_str().unwrap().strip_prefix("http://localhost:4400").unwrap().to_owned();
    assert_eq!(bare(&app, Method::GET, &path, &[]).await.status(), 200);
    assert_eq!(bare(&app, Method::GET, "/img/%3Cscript%3E.svg", &[]).await.status(), 404);
}
