//! Redirect URLs, and that every server of an instance knows them at once.

use frontdesk_testkit::matrix::TestApp;
use serde_json::{Value, json};

use crate::contract::assert_described;

async fn list(app: &TestApp, url: &str) -> Value {
    app.backend().post("/v1/redirect_urls", json!({ "url": url })).await.ok()
}

#[frontdesk_testkit::matrix::test]
async fn urls_are_listed_read_and_taken_off(app: TestApp) {
    let reply = app.backend().post("/v1/redirect_urls", json!({ "url": "HTTPS://Shop.Example/done" })).await;
    assert_described("CreateRedirectURL", &reply);
    let page = reply.ok();
    assert_eq!(
        (&page["object"], &page["url"]),
        (&json!("redirect_url"), &json!("https://shop.example/done"))
    );
    let mobile = list(&app, "com.example.shop://callback").await;

    let reply = app.backend().get("/v1/redirect_urls?limit=500").await;
    assert_described("ListRedirectURLs", &reply);
    assert_eq!(reply.ok().as_array().unwrap().len(), 2);
    let paginated = app.backend().get("/v1/redirect_urls?paginated=true&limit=1&offset=1").await.ok();
    assert_eq!((&paginated["total_count"], paginated["data"].as_array().unwrap().len()), (&json!(2), 1));

    let path = format!("/v1/redirect_urls/{}", mobile["id"].as_str().unwrap());
    let reply = app.backend().get(&path).await;
    assert_described("GetRedirectURL", &reply);
    assert_eq!(reply.ok(), mobile);
    // Another instance's are nobody's.
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    theirs.get(&path).await.refused(404, "resource_not_found");
    theirs.delete(&path).await.refused(404, "resource_not_found");
    assert_eq!(theirs.get("/v1/redirect_urls").await.ok(), json!([]));

    let reply = app.backend().delete(&path).await;
    assert_described("DeleteRedirectURL", &reply);
    let expected = json!({ "object": "redirect_url", "id": mobile["id"], "deleted": true });
    assert_eq!(reply.ok(), expected);
    app.backend().get(&path).await.refused(404, "resource_not_found");
    app.backend().delete(&path).await.refused(404, "resource_not_found");
    assert_eq!(app.backend().get("/v1/redirect_urls").await.ok(), json!([page]));
}

#[frontdesk_testkit::matrix::test]
async fn what_is_no_place_or_listed_already_is_refused(app: TestApp) {
    let post = async |body: Value| app.backend().post("/v1/redirect_urls", body).await;
    post(json!({})).await.refused(422, "form_param_missing");
    for url in ["", "shop.example", "javascript:alert(1)", "https://user:password@shop.example"] {
        let reply = post(json!({ "url": url })).await;
        reply.refused(422, "form_param_format_invalid");
        assert_eq!(reply.error_param(), "url");
    }
    list(&app, "https://shop.example").await;
    post(json!({ "url": "https://shop.example/" })).await.refused(422, "duplicate_record");
    // Two at once: one wins, the other is told.
    let (first, second) = tokio::join!(
        post(json!({ "url": "https://a.example" })),
        post(json!({ "url": "https://a.example" }))
    );
    let mut statuses = [first.status(), second.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
}

#[frontdesk_testkit::matrix::test]
async fn every_server_of_the_instance_knows_them_with_the_next_request(app: TestApp) {
    let node = app.second_node().await;
    let known = async || {
        let instance = node.instance(&app.instance.instance.id).await.unwrap();
        instance.redirect_urls.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(known().await.is_empty());
    let listed = list(&app, "com.example.shop://callback").await;
    assert_eq!(known().await, ["com.example.shop://callback"]);
    app.backend().delete(&format!("/v1/redirect_urls/{}", listed["id"].as_str().unwrap())).await.ok();
    assert!(known().await.is_empty());
}
