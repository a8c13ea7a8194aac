//! Development browsers.

use frontdesk_core::client::DevBrowser;
use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_store::Work;
use frontdesk_testkit::matrix::TestApp;
use serde_json::Value;

#[frontdesk_testkit::matrix::test]
async fn a_development_browser_names_the_client_that_it_made(app: TestApp) {
    let reply = app.browser().post("/v1/dev_browser", &[]).await;
    let made = reply.ok();
    let token = made["id"].as_str().unwrap().to_owned();
    assert_eq!(made["token"], made["id"]);
    assert!(token.starts_with("dvb_") && token.len() == 36, "{token}");
    assert_eq!(reply.header("access-control-allow-origin"), "http://localhost:3000");
    assert_eq!(reply.header("clerk-db-jwt"), token);

    let with_token = |path: &str| format!("{path}?__clerk_db_jwt={token}");
    let nobody = app.browser().get(&with_token("/v1/client")).await.ok();
    assert_eq!(nobody["response"], Value::Null);
    let client = app.browser().post_as("PUT", &with_token("/v1/client"), &[]).await.ok();
    // No cookie came along: the token alone names the client.
    let seen = app.browser().get(&with_token("/v1/client")).await.ok();
    assert_eq!(seen["response"]["id"], client["response"]["id"]);
    let older = app.browser().get(&format!("/v1/client?__dev_session={token}")).await.ok();
    assert_eq!(older["response"]["id"], client["response"]["id"]);
    let mut by_cookie = app.browser();
    by_cookie.plant_cookie("__clerk_db_jwt", &token);
    assert_eq!(by_cookie.get("/v1/client").await.ok()["response"]["id"], client["response"]["id"]);

    // The neighbour does not know it.
    let elsewhere = app.browser().get(&with_token("/i/neighbour/v1/client")).await;
    elsewhere.refused(401, "dev_browser_unauthenticated");
    assert_eq!(by_cookie.get("/i/neighbour/v1/client").await.ok()["response"], Value::Null);

    app.browser().post_as("DELETE", &with_token("/v1/client"), &[]).await.ok();
    assert_eq!(app.browser().get(&with_token("/v1/client")).await.ok()["response"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn an_unknown_one_is_refused_where_it_is_stated_and_ignored_where_it_is_left_over(app: TestApp) {
    let mut browser = app.browser();
    browser.get("/v1/client?__clerk_db_jwt=dvb_unknown").await.refused(401, "dev_browser_unauthenticated");
    browser.get("/v1/client?__clerk_db_jwt=").await.ok();
    browser.plant_cookie("__clerk_db_jwt", "dvb_unknown");
    assert_eq!(browser.get("/v1/client").await.ok()["response"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn credentials_of_two_clients_are_refused(app: TestApp) {
    let token = app.browser().post("/v1/dev_browser", &[]).await.ok()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/client?__clerk_db_jwt={token}");
    let mut first = app.browser();
    first.post_as("PUT", &path, &[]).await.ok();
    first.get(&path).await.ok();
    let mut second = app.browser();
    second.post_as("PUT", "/v1/client", &[]).await.ok();
    second.get(&path).await.refused(401, "authentication_invalid");
    second.get("/v1/client").await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn somebody_elses_browser_gets_no_part_in_a_client_that_exists(app: TestApp) {
    let token = app.browser().post("/v1/dev_browser", &[]).await.ok()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/client?__clerk_db_jwt={token}");
    let mut victim = app.browser();
    victim.post_as("PUT", "/v1/client", &[]).await.ok();
    victim.post_as("PUT", &path, &[]).await.ok();
    assert_eq!(app.browser().get(&path).await.ok()["response"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn production_has_none(app: TestApp) {
    let app = app.remade(InstanceKind::Production, Settings::default()).await;
    let mut browser = app.browser();
    browser.origin = None;
    browser.post("/v1/dev_browser", &[]).await.refused(400, "bad_request");
    browser.get("/v1/client?__clerk_db_jwt=dvb_unknown").await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn there_is_an_end_to_them(app: TestApp) {
    let mut work = Work::new(&app.instance.instance.id);
    for number in 0..10_000_u32 {
        let token_hash = number.to_be_bytes().to_vec();
        work.insert_dev_browser(&DevBrowser { token_hash, client_id: None, created_at: app.now() });
    }
    app.server.store().commit(work).await.unwrap();
    let mut browser = app.browser();
    let reply = browser.post("/v1/dev_browser", &[]).await;
    reply.refused(429, "too_many_requests");
    assert_eq!(reply.header("retry-after"), "600");
    // The neighbour has a count of its own, and an hour later all is well.
    browser.post("/i/neighbour/v1/dev_browser", &[]).await.ok();
    app.advance(frontdesk_types::Span::minutes(61));
    browser.post("/v1/dev_browser", &[]).await.ok();
}
