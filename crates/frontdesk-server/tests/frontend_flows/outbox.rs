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
async fn names_from_outside_learn_nothing(app: TestApp) {
    for host in ["evil.example", "evil.example:4400", "localhost.evil.example", "192.168.1.5:4400"] {
        for path in ["/dev/outbox", "/dev/outbox.json"] {
            get(&app, path, host, "*/*").await.refused(404, "route_not_found");
        }
    }
}
