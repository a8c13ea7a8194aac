//! Places that browsers go to by themselves.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::{ApplicationUrls, Settings};
use frontdesk_testkit::matrix::{Browser, TestApp};
use frontdesk_types::Span;
use serde_json::json;

use crate::contract;
use crate::steps::text;

/// A navigation: no page asks, the browser goes there.
fn visitor(app: &TestApp) -> Browser {
    let mut browser = app.browser();
    browser.origin = None;
    browser
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[frontdesk_testkit::matrix::test]
async fn a_redirect_leads_to_the_instances_pages_only(app: TestApp) {
    let mut browser = visitor(&app);
    app.backend().post("/v1/redirect_urls", json!({ "url": "myapp://callback" })).await.ok();
    for page in ["http://localhost:3000/a?b=c#d", "http://127.0.0.1:5173/", "myapp://callback"] {
        let reply = browser.get(&format!("/v1/redirect?redirect_url={}", encoded(page))).await;
        assert_eq!((reply.status(), reply.header("location")), (307, page), "{}", reply.text());
    }
    for elsewhere in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "http://localhost@evil.example/",
        "http://user:pass@localhost:3000/",
        "http://localhost.evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "myapp://callback/further",
        "myapp://other",
        "",
        "nonsense",
    ] {
        let reply = browser.get(&format!("/v1/redirect?redirect_url={}", encoded(elsewhere))).await;
        assert!(reply.header("location").is_empty(), "{elsewhere}");
        assert!([400, 422].contains(&reply.status()), "{elsewhere}: {}", reply.text());
    }
    browser.get("/v1/redirect").await.refused(422, "form_param_missing");
    // The neighbour's redirect URLs are not ours.
    let mut neighbour = visitor(&app);
    let path = format!("/i/neighbour/v1/redirect?redirect_url={}", encoded("myapp://callback"));
    neighbour.get(&path).await.refused(400, "redirect_url_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn a_ticket_is_looked_at_and_taken_to_the_sign_in_page(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let made = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": ada })).await.ok();
    let ticket = text(&made, "/token").to_owned();
    let path = format!("/v1/tickets/accept?ticket={ticket}");
    let mut browser = visitor(&app);
    // Twice: looking redeems nothing.
    for _ in 0..2 {
        let reply = browser.get(&path).await;
        let page = format!("http://localhost:4400/sign-in?__clerk_ticket={ticket}&__clerk_status=sign_in");
        assert_eq!((reply.status(), reply.header("location")), (303, page.as_str()));
    }
    browser.get(&format!("/i/neighbour{path}")).await.refused(400, "ticket_invalid_code");
    browser.get("/v1/tickets/accept").await.refused(422, "form_param_missing");
    browser.get("/v1/tickets/accept?ticket=nonsense").await.refused(400, "ticket_invalid_code");

    let mut page = app.browser();
    let form = [("strategy", "ticket"), ("ticket", ticket.as_str())];
    page.post("/v1/client/sign_ins", &form).await.ok();
    browser.get(&path).await.refused(400, "sign_in_token_already_used_code");
    let old = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": ada })).await.ok();
    app.advance(Span::days(31));
    let path = format!("/v1/tickets/accept?ticket={}", text(&old, "/token"));
    browser.get(&path).await.refused(400, "ticket_expired_code");
    let new = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": ada })).await.ok();
    app.backend().post(&format!("/v1/sign_in_tokens/{}/revoke", text(&new, "/id")), json!({})).await.ok();
    let path = format!("/v1/tickets/accept?ticket={}", text(&new, "/token"));
    browser.get(&path).await.refused(400, "sign_in_token_revoked_code");
}

#[frontdesk_testkit::matrix::test]
async fn a_ticket_goes_to_the_applications_own_page_if_it_is_the_instances(app: TestApp) {
    let mut app = app;
    for (sign_in, page) in [
        (
            "http://localhost:3000/sign-in?from=mail",
            "http://localhost:3000/sign-in?from=mail&__clerk_ticket=",
        ),
        ("https://evil.example/sign-in", "http://localhost:4400/sign-in?__clerk_ticket="),
    ] {
        let urls = ApplicationUrls { sign_in: sign_in.to_owned(), ..ApplicationUrls::default() };
        app = app.remade(InstanceKind::Development, Settings { urls, ..Settings::default() }).await;
        let ada = app.user().email("ada@example.com").create().await;
        let made = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": ada })).await.ok();
        let reply = visitor(&app).get(&format!("/v1/tickets/accept?ticket={}", text(&made, "/token"))).await;
        assert!(reply.header("location").starts_with(page), "{}", reply.header("location"));
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_browser_forgets_everything_for_whoever_goes_there(app: TestApp) {
    let reply = visitor(&app).get("/v1/clear-site-data").await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.header("clear-site-data"), "\"cache\", \"cookies\", \"storage\"");
    let mut elsewhere = visitor(&app);
    elsewhere.fetch_site = Some("cross-site".to_owned());
    let reply = elsewhere.get("/v1/clear-site-data").await;
    reply.refused(400, "origin_invalid");
    assert_eq!(reply.header("clear-site-data"), "");
}

#[frontdesk_testkit::matrix::test]
async fn the_pages_of_the_instance_are_described(app: TestApp) {
    let reply = app.browser().get("/v1/account_portal").await.ok();
    contract::assert_value("Client.AccountPortal", &reply);
    assert_eq!(reply["enabled"], true);
}

#[frontdesk_testkit::matrix::test]
async fn a_development_browser_is_kept_by_the_host(app: TestApp) {
    let made = app.browser().get("/v1/dev_browser/init?origin=http%3A%2F%2Flocalhost%3A3000").await.ok();
    let token = text(&made, "/id").to_owned();
    let again = app.browser().get(&format!("/v1/dev_browser/init?__clerk_db_jwt={token}")).await.ok();
    assert_eq!(again["id"], made["id"]);
    let foreign = "/v1/dev_browser/init?origin=https%3A%2F%2Fevil.example";
    app.browser().get(foreign).await.refused(400, "origin_invalid");

    let mut browser = app.browser();
    let path = "/v1/dev_browser/set_first_party_cookie";
    browser.post(path, &[]).await.refused(401, "dev_browser_unauthenticated");
    browser.post(&format!("{path}?__clerk_db_jwt={token}"), &[]).await.ok();
    assert_eq!(browser.cookie("__clerk_db_jwt"), Some(token.as_str()));
    assert_eq!(browser.cookie_names().len(), 2, "with and without suffix");
    let live = app.remade(InstanceKind::Production, Settings::default()).await;
    live.browser().post(path, &[]).await.refused(400, "bad_request");
    live.browser().get("/v1/dev_browser/init").await.refused(400, "bad_request");
}
