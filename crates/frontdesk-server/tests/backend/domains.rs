//! Domains: the primary one, and satellites.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_testkit::matrix::{Backend, TestApp};
use serde_json::{Value, json};

use crate::contract::assert_described;

async fn live(app: TestApp) -> TestApp {
    app.in_production(Settings::for_kind(InstanceKind::Production)).await
}

async fn add(backend: &Backend, name: &str) -> Value {
    backend.post("/v1/domains", json!({ "name": name, "is_satellite": true })).await.ok()
}

fn path(domain: &Value) -> String {
    format!("/v1/domains/{}", domain["id"].as_str().unwrap())
}

#[frontdesk_testkit::matrix::test]
async fn satellites_stand_beside_the_primary_domain(app: TestApp) {
    let app = live(app).await;
    let reply = app.backend().get("/v1/domains").await;
    assert_described("ListDomains", &reply);
    let listed = reply.ok();
    assert_eq!(listed["total_count"], 1);
    let primary = listed["data"][0].clone();
    let id = app.instance.instance.id.as_str().replace("ins_", "dmn_");
    let expected = json!({
        "object": "domain", "id": id, "name": "frontdesk.localhost", "is_satellite": false,
        "frontend_api_url": "https://clerk.frontdesk.localhost",
        "accounts_portal_url": "https://clerk.frontdesk.localhost", "proxy_url": null,
        "development_origin": "", "cname_targets": []
    });
    assert_eq!(primary, expected);

    let body = json!({ "name": "Other.Example", "is_satellite": true });
    let reply = app.backend().post("/v1/domains", body).await;
    assert_described("AddDomain", &reply);
    let other = reply.ok();
    let expected = json!({
        "object": "domain", "id": other["id"], "name": "other.example", "is_satellite": true,
        "frontend_api_url": "https://clerk.other.example", "accounts_portal_url": null, "proxy_url": null,
        "development_origin": "",
        "cname_targets": [{ "host": "clerk.other.example", "value": "localhost", "required": true }]
    });
    assert_eq!(other, expected);
    assert!(other["id"].as_str().unwrap().starts_with("dmn_"));

    let body = json!({ "proxy_url": "https://other.example/__clerk/" });
    let reply = app.backend().patch(&path(&other), body).await;
    assert_described("UpdateDomain", &reply);
    let proxied = reply.ok();
    assert_eq!(
        (&proxied["proxy_url"], &proxied["frontend_api_url"], &proxied["cname_targets"]),
        (&json!("https://other.example/__clerk"), &json!("https://other.example/__clerk"), &json!([]))
    );
    // Another name does not fit the proxy, unless that changes with it.
    let renamed = json!({ "name": "another.example" });
    app.backend().patch(&path(&other), renamed).await.refused(422, "form_param_format_invalid");
    let renamed = json!({ "name": "another.example", "proxy_url": null });
    let renamed = app.backend().patch(&path(&other), renamed).await.ok();
    assert_eq!(renamed["frontend_api_url"], "https://clerk.another.example");
    let same = json!({ "name": null });
    assert_eq!(app.backend().patch(&path(&other), same).await.ok(), renamed);

    let reply = app.backend().delete(&path(&other)).await;
    assert_described("DeleteDomain", &reply);
    assert_eq!(reply.ok(), json!({ "object": "domain", "id": other["id"], "deleted": true }));
    app.backend().delete(&path(&other)).await.refused(404, "resource_not_found");
    app.backend().patch(&path(&other), json!({})).await.refused(404, "resource_not_found");
    assert_eq!(app.backend().get("/v1/domains").await.ok()["data"], json!([primary]));
}

#[frontdesk_testkit::matrix::test]
async fn the_primary_domain_keeps_its_name_and_may_have_a_proxy(app: TestApp) {
    let app = live(app).await;
    let primary = app.backend().get("/v1/domains").await.ok()["data"][0].clone();
    let reply = app.backend().delete(&path(&primary)).await;
    assert_described("DeleteDomain", &reply);
    reply.refused(403, "primary_domain_deletion_not_allowed");
    let renamed = app.backend().patch(&path(&primary), json!({ "name": "new.example" })).await;
    renamed.refused(422, "form_param_not_available");
    let secondary = app.backend().patch(&path(&primary), json!({ "is_secondary": true })).await;
    secondary.refused(422, "form_param_not_available");
    let proxied =
        json!({ "name": "frontdesk.localhost", "proxy_url": "https://frontdesk.localhost/__clerk" });
    let proxied = app.backend().patch(&path(&primary), proxied).await.ok();
    assert_eq!(proxied["frontend_api_url"], "https://frontdesk.localhost/__clerk");
}

#[frontdesk_testkit::matrix::test]
async fn what_is_no_satellite_is_refused(app: TestApp) {
    let app = live(app).await;
    let backend = app.backend();
    let post = async |body: Value| backend.post("/v1/domains", body).await;
    post(json!({ "is_satellite": true })).await.refused(422, "form_param_missing");
    post(json!({ "name": "other.example" })).await.refused(422, "form_param_missing");
    let primary = post(json!({ "name": "other.example", "is_satellite": false })).await;
    primary.refused(422, "form_param_value_invalid");
    for name in ["", "other", "localhost:3001", "https://other.example", "*.example", "10.0.0.1"] {
        let reply = post(json!({ "name": name, "is_satellite": true })).await;
        assert_eq!((reply.status(), &*reply.error_param()), (422, "name"), "{name:?}: {}", reply.text());
    }
    // Cookies of one would be seen on the other.
    for name in ["eu.frontdesk.localhost", "clerk.frontdesk.localhost"] {
        let reply = post(json!({ "name": name, "is_satellite": true })).await;
        reply.refused(422, "form_param_value_invalid");
    }
    post(json!({ "name": "frontdesk.localhost", "is_satellite": true }))
        .await
        .refused(422, "duplicate_record");
    let proxied = |url: &str| json!({ "name": "other.example", "is_satellite": true, "proxy_url": url });
    for url in ["http://other.example/x", "https://other.example", "https://evil.example/x", "nonsense"] {
        let reply = post(proxied(url)).await;
        reply.refused(422, "form_param_format_invalid");
        assert_eq!(reply.error_param(), "proxy_url", "{url}");
    }
    post(proxied("https://other.example/x")).await.ok();
    post(proxied("https://other.example/y")).await.refused(422, "duplicate_record");
    // Two at once: one wins, the other is told.
    let body = || json!({ "name": "third.example", "is_satellite": true });
    let (first, second) = tokio::join!(post(body()), post(body()));
    let mut statuses = [first.status(), second.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
}

#[frontdesk_testkit::matrix::test]
async fn nobody_takes_the_domain_of_another_instance(app: TestApp) {
    let app = live(app).await;
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    let ours = add(&app.backend(), "other.example").await;
    theirs.patch(&path(&ours), json!({ "name": "evil.example" })).await.refused(404, "resource_not_found");
    theirs.delete(&path(&ours)).await.refused(404, "resource_not_found");
    // Neither a satellite's name nor that of an instance: the host of a request says whose it is.
    for name in ["other.example", "frontdesk.localhost"] {
        let reply = theirs.post("/v1/domains", json!({ "name": name, "is_satellite": true })).await;
        reply.refused(422, "duplicate_record");
    }
    assert_eq!(theirs.get("/v1/domains").await.ok()["total_count"], 1);
    let mine = add(&theirs, "third.example").await;
    let taken = theirs.patch(&path(&mine), json!({ "name": "other.example" })).await;
    taken.refused(422, "duplicate_record");
}

#[frontdesk_testkit::matrix::test]
async fn in_development_a_satellite_is_a_host_with_a_port(app: TestApp) {
    let other = add(&app.backend(), "Localhost:3001").await;
    assert_eq!(
        (&other["name"], &other["frontend_api_url"], &other["development_origin"], &other["cname_targets"]),
        (
            &json!("localhost:3001"),
            &json!("http://localhost:4400"),
            &json!("http://localhost:3001"),
            &json!([])
        )
    );
    let proxied =
        app.backend().patch(&path(&other), json!({ "proxy_url": "https://localhost:3001/x" })).await;
    proxied.refused(422, "form_param_value_invalid");
    assert_eq!(proxied.error_param(), "proxy_url");
    // Where the developer's machine is no name of this machine, the list of pages grows with it.
    let asks = async |origin: &str| {
        let mut browser = app.browser();
        browser.origin = Some(origin.to_owned());
        browser.get("/v1/environment").await.status()
    };
    assert_eq!(asks("http://other.test:3001").await, 400);
    add(&app.backend(), "other.test:3001").await;
    assert_eq!((asks("http://other.test:3001").await, asks("http://other.test:3002").await), (200, 400));
}

#[frontdesk_testkit::matrix::test]
async fn an_instance_has_so_many_domains_and_no_more(app: TestApp) {
    for number in 1..100 {
        add(&app.backend(), &format!("localhost:{}", 3000 + number)).await;
    }
    let one_more = json!({ "name": "localhost:4000", "is_satellite": true });
    app.backend().post("/v1/domains", one_more).await.refused(422, "form_param_value_invalid");
    assert_eq!(app.backend().get("/v1/domains").await.ok()["total_count"], 100);
}

#[frontdesk_testkit::matrix::test]
async fn every_server_of_the_instance_knows_its_domains_with_the_next_request(app: TestApp) {
    let app = live(app).await;
    let node = app.second_node().await;
    let known = async || {
        let instance = node.instance(&app.instance.instance.id).await.unwrap();
        instance.satellites().map(|domain| domain.name.clone()).collect::<Vec<_>>()
    };
    assert!(known().await.is_empty());
    let other = add(&app.backend(), "other.example").await;
    assert_eq!(known().await, ["other.example"]);
    app.backend().delete(&path(&other)).await.ok();
    assert!(known().await.is_empty());
}
