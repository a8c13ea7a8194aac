//! Every instance has its pages: by path, by host, and by default in development.

use frontdesk_core::instance::InstanceKind;
use frontdesk_testkit::matrix::TestApp;

use crate::reader::Reader;
use crate::sign_up::{HERE, PASSWORD};

#[frontdesk_testkit::matrix::test]
async fn an_instance_by_its_path_is_another_place(app: TestApp) {
    let neighbour = app.backend_with(Some(&app.other.instance.secret_key));
    let person = serde_json::json!({ "email_address": ["nina@example.com"], "password": PASSWORD });
    neighbour.post("/v1/users", person).await.ok();
    let form = [("identifier", "nina@example.com"), ("password", PASSWORD), ("with", "password")];

    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-in").await.ok();
    reader.send(&page, "/sign-in", &form).await.wrong("We found no account");

    let page = reader.open("/i/neighbour/sign-in").await.ok().says("href=\"/i/neighbour/assets/pages-");
    let page = reader.send(&page, "/i/neighbour/sign-in", &form).await.ok().arrived_at("/i/neighbour/user");
    let page = page.says("nina@example.com");
    reader.open("/user").await.ok().arrived_at("/sign-in");
    reader.open("/i/neighbour/user").await.ok().arrived_at("/i/neighbour/user");
    let style = page.html.split("href=\"").find(|rest| rest.contains("pages-")).unwrap();
    reader.open(style.split('"').next().unwrap()).await.ok();
    reader.open(&page.link("Sign out")).await.ok().arrived_at("/i/neighbour/sign-out");
    assert_eq!(reader.open("/i/nobody/sign-in").await.status, 400);
}

#[frontdesk_testkit::matrix::test]
async fn a_live_instance_has_its_pages_at_its_own_host(app: TestApp) {
    let settings = app.instance.instance.settings.clone();
    let app = app.in_production(settings).await;
    app.user().email("ada@example.com").password(PASSWORD).create().await;
    let form = [("identifier", "ada@example.com"), ("password", PASSWORD), ("with", "password")];
    for start in ["https://clerk.frontdesk.localhost/", "https://auth.example.com/i/frontdesk/"] {
        let mut reader = Reader::new(&app, start);
        let page = reader.open("sign-in").await.ok().says_not("Development");
        let action = page.url.path().to_owned();
        let page = reader.send(&page, &action, &form).await.ok().says("ada@example.com");
        assert!(page.url.path().ends_with("/user"));
        assert!(reader.cookie("__Host-frontdesk_form").is_some());
    }
    // No host, no instance.
    let mut reader = Reader::new(&app, "https://elsewhere.example/");
    assert_eq!(reader.open("sign-in").await.status, 400);
}

#[frontdesk_testkit::matrix::test]
async fn pages_are_no_frames_and_hold_nothing_inline(app: TestApp) {
    let mut reader = Reader::new(&app, HERE);
    for path in ["/sign-in", "/sign-up"] {
        let page = reader.open(path).await.ok();
        let header = |name: &str| page.headers[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(policy.contains("form-action 'self'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-frame-options"), "DENY");
        page.says_not("<style").says_not(" style=").says_not(" onclick").says_not("<script>");
    }
}

#[frontdesk_testkit::matrix::test]
async fn names_of_the_instance_are_only_text(app: TestApp) {
    let mut settings = app.instance.instance.settings.clone();
    settings.application_name = String::from("</title><script>alert(1)</script>");
    settings.appearance.primary_color = String::from("red;}body{display:none");
    settings.appearance.logo_url = String::from("javascript:alert(1)");
    settings.urls.home = String::from("javascript:alert(1)");
    let app = app.remade(InstanceKind::Development, settings).await;
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-in").await.ok();
    let page = page.says_not("<script>alert").says_not("javascript:").says("colour-2f5bea.css");
    assert!(!page.headers["content-security-policy"].to_str().unwrap().contains("javascript"));
}
