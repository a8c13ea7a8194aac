//! The outbox of development.

use axum::body::Body;
use frontdesk_testkit::matrix::{Reply, TestApp};
use http::{Request, header};

use crate::steps::{begin_sign_up, mailed_code, prepare};

async fn get(app: &TestApp, path: &str, host: &str, accept: &str) -> Reply {
    let request = Request::builder().uri(path).header(header::HOST, host).header(header::ACCEPT, accept);
    app.browser().send_request(request.body(Body::empty()).unwrap()).await
}

#[frontdesk_testkit::matrix::test]
async fn mails_are_shown_to_people_and_to_tests(app: TestApp) {
    let page = get(&app, "/dev/outbox", "localhost:4400", "text/html").await;
    assert!(page.text().contains("No mail was sent"));

    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada@example.com").await;
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, "ada@example.com");
    let page = get(&app, "/dev/outbox", "localhost:4400", "text/html,*/*").await;
    assert_eq!(page.status(), 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("ada@example.com") && page.text().contains(&code), "{}", page.text());
    assert!(page.text().contains("2026-01-01 00:00:00 UTC"));
    assert_eq!((page.header("cache-control"), page.header("access-control-allow-origin")), ("no-store", ""));

    for (path, accept) in [("/dev/outbox.json", "*/*"), ("/dev/outbox", "application/json")] {
        let json = get(&app, path, "127.0.0.1:4400", accept).await.ok();
        assert_eq!(json["total_count"], 1);
        let mail = &json["data"][0];
        assert_eq!((&mail["to"], &mail["code"]), (&"ada@example.com".into(), &code.as_str().into()));
        assert_eq!(mail["slug"], "verification_code");
    }
    let other = get(&app, "/dev/outbox.json?instance=neighbour", "localhost:4400", "*/*").await.ok();
    assert_eq!(other["total_count"], 0);
    let own = get(&app, "/dev/outbox.json?instance=frontdesk", "localhost:4400", "*/*").await.ok();
    assert_eq!(own["total_count"], 1);
    get(&app, "/dev/outbox.json?instance=nobody", "localhost:4400", "*/*")
        .await
        .refused(400, "instance_not_found");
}

#[frontdesk_testkit::matrix::test]
async fn what_the_application_is_to_send_is_shown_as_that(app: TestApp) {
    let toggle = "/v1/templates/email/verification_code/toggle_delivery";
    app.backend().post(toggle, serde_json::json!({ "delivered_by_clerk": false })).await.ok();
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada@example.com").await;
    prepare(&mut browser, &path).await.ok();
    let json = get(&app, "/dev/outbox.json", "localhost:4400", "*/*").await.ok();
    assert_eq!(json["data"][0]["handed_over"], true);
    let page = get(&app, "/dev/outbox", "localhost:4400", "text/html").await;
    assert!(page.text().contains("To be sent by the application"), "{}", page.text());
    let id = app.mails()[0].id.clone();
    let mail = get(&app, &format!("/dev/outbox/{id}"), "localhost:4400", "text/html").await;
    assert!(mail.text().contains("to be sent by the application"), "{}", mail.text());

    app.backend().post(toggle, serde_json::json!({ "delivered_by_clerk": true })).await.ok();
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "grace@example.com").await;
    prepare(&mut browser, &path).await.ok();
    let page = get(&app, "/dev/outbox?to=grace", "localhost:4400", "text/html").await;
    assert!(page.text().contains("grace@") && !page.text().contains("by the application"), "{}", page.text());
}

#[frontdesk_testkit::matrix::test]
async fn names_from_outside_learn_nothing(app: TestApp) {
    for host in ["evil.example", "evil.example:4400", "localhost.evil.example", "192.168.1.5:4400"] {
        for path in ["/dev/outbox", "/dev/outbox.json"] {
            get(&app, path, host, "*/*").await.refused(404, "route_not_found");
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_mail_is_shown_as_its_reader_sees_it_and_can_do_nothing(app: TestApp) {
    let mut browser = app.browser();
    let path = begin_sign_up(&mut browser, "ada@example.com").await;
    prepare(&mut browser, &path).await.ok();
    let code = mailed_code(&app, "ada@example.com");
    let id = app.mails()[0].id.clone();
    let page = get(&app, &format!("/dev/outbox/{id}"), "localhost:4400", "text/html").await;
    assert_eq!(page.status(), 200);
    let frame = format!(
        "<iframe title=\"The mail as a page\" sandbox src=\"/dev/outbox/{id}/html?instance=frontdesk\">"
    );
    assert!(page.text().contains(&frame), "{}", page.text());
    assert!(page.text().contains(&format!("{code} is your code for Frontdesk")));
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));

    let mail = get(&app, &format!("/dev/outbox/{id}/html"), "localhost:4400", "text/html").await;
    assert_eq!(mail.text(), app.mails()[0].mail.html);
    let policy = mail.header("content-security-policy");
    assert!(policy.starts_with("sandbox; default-src 'none'") && !policy.contains("script-src"), "{policy}");
    assert_eq!((mail.header("x-frame-options"), mail.header("cache-control")), ("SAMEORIGIN", "no-store"));

    // It is the mail of this instance alone.
    for path in
        [format!("/dev/outbox/{id}?instance=neighbour"), format!("/dev/outbox/{id}/html?instance=neighbour")]
    {
        get(&app, &path, "localhost:4400", "*/*").await.refused(404, "resource_not_found");
    }
}

#[frontdesk_testkit::matrix::test]
async fn mails_are_found_by_their_address(app: TestApp) {
    for address in ["ada@example.com", "grace@example.com"] {
        let mut browser = app.browser();
        let path = begin_sign_up(&mut browser, address).await;
        prepare(&mut browser, &path).await.ok();
    }
    let found = async |query: &str| {
        let json = get(&app, &format!("/dev/outbox.json{query}"), "localhost:4400", "*/*").await.ok();
        let mails = json["data"].as_array().unwrap().iter();
        mails.map(|mail| mail["to"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("").await, ["grace@example.com", "ada@example.com"]);
    assert_eq!(found("?to=ADA%40").await, ["ada@example.com"]);
    assert_eq!(found("?to=example.com&instance=frontdesk").await.len(), 2);
    assert_eq!(found("?to=%3Cscript%3E").await, [""; 0]);
    let page = get(&app, "/dev/outbox?to=%3Cscript%3E", "localhost:4400", "text/html").await;
    assert!(page.text().contains("&#60;script&#62;") && !page.text().contains("<script>"), "{}", page.text());
}

#[frontdesk_testkit::matrix::test]
async fn every_mail_there_could_be_is_shown_with_samples(app: TestApp) {
    let list = get(&app, "/dev/outbox/templates", "localhost:4400", "text/html").await;
    assert_eq!(list.status(), 200);
    for slug in ["verification_code", "password_changed", "new_device_sign_in", "organization_invitation"] {
        assert!(list.text().contains(&format!("/dev/outbox/templates/{slug}?instance=frontdesk")), "{slug}");
        let page = get(&app, &format!("/dev/outbox/templates/{slug}"), "localhost:4400", "text/html").await;
        assert!(page.text().contains(&format!("({slug}), with sample values")), "{}", page.text());
        let mail = get(&app, &format!("/dev/outbox/templates/{slug}/html"), "localhost:4400", "*/*").await;
        assert!(mail.text().contains("Frontdesk"), "{slug}");
        assert!(mail.header("content-security-policy").starts_with("sandbox;"));
    }
    let body = serde_json::json!({ "body": "<p>So: {{ otp_code }}</p>" });
    app.backend().put("/v1/templates/email/verification_code", body).await.ok();
    let own = get(&app, "/dev/outbox/templates/verification_code/html", "localhost:4400", "*/*").await;
    assert_eq!(own.text(), "<p>So: 424242</p>");
    let other = "/dev/outbox/templates/verification_code/html?instance=neighbour";
    assert!(!get(&app, other, "localhost:4400", "*/*").await.text().contains("So:"));
}

#[frontdesk_testkit::matrix::test]
async fn refusals_name_the_request(app: TestApp) {
    let refusals = [
        ("GET", "/dev/outbox.json?instance=nobody", "localhost:4400", 400),
        ("GET", "/dev/outbox?instance=nobody", "localhost:4400", 400),
        ("GET", "/dev/outbox/ema_nothing", "localhost:4400", 404),
        ("GET", "/dev/outbox/templates/nothing", "localhost:4400", 404),
        ("GET", "/dev/outbox/templates?instance=nobody", "localhost:4400", 400),
        ("GET", "/dev/outbox", "evil.example", 404),
        ("GET", "/dev/outbox/templates", "evil.example", 404),
        ("GET", "/dev/nothing", "localhost:4400", 404),
        ("POST", "/dev/outbox", "localhost:4400", 405),
        ("DELETE", "/dev/outbox/templates/invitation", "localhost:4400", 405),
    ];
    for (method, path, host, status) in refusals {
        let request = Request::builder().method(method).uri(path).header(header::HOST, host);
        let refused = app.browser().send_request(request.body(Body::empty()).unwrap()).await;
        assert_eq!(refused.status(), status, "{method} {path}");
        let trace_id = refused.json()["clerk_trace_id"].as_str().unwrap_or_default().to_owned();
        assert_eq!(trace_id.len(), 32, "{method} {path}: {}", refused.text());
    }
    // Whatever else stands in a query is left alone.
    get(&app, "/dev/outbox.json?limit=x&instance=frontdesk&%ff=%ff", "localhost:4400", "*/*").await.ok();
}
