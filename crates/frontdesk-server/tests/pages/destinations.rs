//! Where the pages lead to, and where they do not.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_testkit::matrix::TestApp;
use url::Url;

use crate::reader::{Page, Reader};
use crate::sign_up::{ADA, HERE, PASSWORD};

const GRACE: &str = "grace@example.com";

fn with(path: &str, parameters: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{path}?{query}")
}

async fn sign_in(app: &TestApp, start: &str, address: &str) -> (Reader, Page) {
    let mut reader = Reader::new(app, start);
    let page = reader.open(address).await.ok();
    let action = page.url.path().to_owned();
    let form = [("identifier", GRACE), ("password", PASSWORD), ("with", "password")];
    let page = reader.send(&page, &action, &form).await;
    (reader, page)
}

#[frontdesk_testkit::matrix::test]
async fn in_development_the_application_can_pick_the_session_up(app: TestApp) {
    app.user().email(GRACE).password(PASSWORD).create().await;
    let address = with("/sign-in", &[("redirect_url", "http://localhost:3000/a?b=c#d")]);
    let (reader, page) = sign_in(&app, HERE, &address).await;
    let left = page.leaves_for();
    assert!(left.as_str().starts_with("http://localhost:3000/a?b=c&__clerk_db_jwt=dvb_"), "{left}");
    assert_eq!(left.fragment(), Some("d"));
    assert!(page.headers.get("content-security-policy").is_some());

    // What the SDK asks next: a handshake with the development browser that it was given, here without any cookie.
    let token = left.query_pairs().find(|(name, _)| name == "__clerk_db_jwt").unwrap().1.into_owned();
    let handshake = with(
        "/v1/client/handshake",
        &[("redirect_url", "http://localhost:3000/a"), ("format", "nonce"), ("__clerk_db_jwt", &token)],
    );
    for mut browser in [Reader::new(&app, HERE), reader] {
        let back = browser.open(&handshake).await;
        let nonce = back.leaves_for().query_pairs().next().unwrap().1.into_owned();
        let payload = app.backend().get(&format!("/v1/clients/handshake_payload?nonce={nonce}")).await.ok();
        let directives = payload["directives"].to_string();
        assert!(directives.contains("__session=ey"), "{directives}");
    }
}

#[frontdesk_testkit::matrix::test]
async fn the_way_is_kept_through_every_step(app: TestApp) {
    let mut reader = Reader::new(&app, HERE);
    let address = with("/sign-in", &[("redirect_url", "http://localhost:3000/back")]);
    let page = reader.open(&address).await.ok();
    let page = reader.open(&page.link("Create an account")).await.ok().arrived_at("/sign-up");
    let page = reader.send(&page, "/sign-up", &[("email_address", ADA), ("password", PASSWORD)]).await.ok();
    let page = reader.send(&page, "/sign-up/verify", &[("code", "424242")]).await;
    assert_eq!(page.leaves_for().path(), "/back");
    // Where somebody is signed in already, the pages only pass on.
    assert_eq!(reader.open(&address).await.leaves_for().path(), "/back");
    // An application that never understands is not visited for ever.
    for _ in 0..3 {
        reader.open(&address).await;
    }
    let page = reader.open(&address).await.ok().says("has sent you back here several times");
    assert_eq!(page.left_for, None);

    let page = reader.open(&with("/sign-out", &[("redirect_url", "http://localhost:3000/bye")])).await.ok();
    let page = reader.send(&page, "/sign-out", &[]).await;
    assert!(page.link("Continue").starts_with("http://localhost:3000/bye?__clerk_db_jwt="), "{}", page.html);
}

#[frontdesk_testkit::matrix::test]
async fn stronger_words_come_before_weaker_ones(app: TestApp) {
    app.user().email(GRACE).password(PASSWORD).create().await;
    let names =
        ["sign_in_force_redirect_url", "redirect_url", "sign_in_fallback_redirect_url", "after_sign_in_url"];
    for strongest in 0..names.len() {
        let given: Vec<_> = names[strongest..]
            .iter()
            .rev()
            .map(|name| (*name, format!("http://localhost:3000/{name}")))
            .collect();
        let given: Vec<_> = given.iter().map(|(name, url)| (*name, url.as_str())).collect();
        let (_, page) = sign_in(&app, HERE, &with("/sign-in", &given)).await;
        assert_eq!(page.leaves_for().path(), format!("/{}", names[strongest]));
    }
    let (_, page) =
        sign_in(&app, HERE, &with("/sign-in", &[("after_sign_up_url", "http://localhost:3000/")])).await;
    page.ok().arrived_at("/user");
}

#[frontdesk_testkit::matrix::test]
async fn redirect_urls_are_led_to_as_they_are_listed(app: TestApp) {
    app.user().email(GRACE).password(PASSWORD).create().await;
    let address = |url: &str| with("/sign-in", &[("redirect_url", url)]);
    for listed in ["https://partner.example/back", "myapp://callback"] {
        let (_, page) = sign_in(&app, HERE, &address(listed)).await;
        page.ok().arrived_at("/user");
        app.backend().post("/v1/redirect_urls", serde_json::json!({ "url": listed })).await.ok();
        let (_, page) = sign_in(&app, HERE, &address(listed)).await;
        let mut left = page.leaves_for().clone();
        // A program is handed no development browser.
        assert_eq!(left.query().is_some(), listed.starts_with("https"), "{left}");
        left.set_query(None);
        assert_eq!(left.as_str(), listed);
        let (_, page) = sign_in(&app, HERE, &address(&format!("{listed}/further"))).await;
        page.ok().arrived_at("/user");
    }
}

#[frontdesk_testkit::matrix::test]
async fn no_link_leads_anywhere_else(app: TestApp) {
    app.user().email(GRACE).password(PASSWORD).create().await;
    let evil = [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "http://localhost@evil.example/",
        "http://localhost.evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/sign-in?redirect_url=https://evil.example/",
        "http://localhost:4400.evil.example/user",
        "not a url",
        "",
    ];
    for place in evil {
        for name in ["redirect_url", "after_sign_in_url", "sign_in_force_redirect_url"] {
            let (_, page) = sign_in(&app, HERE, &with("/sign-in", &[(name, place)])).await;
            assert_eq!(page.left_for, None, "{place}");
            page.ok().arrived_at("/user").says_not("evil.example");
        }
        let mut reader = Reader::new(&app, HERE);
        let page = reader.open(&with("/continue", &[("redirect_url", place)])).await;
        assert_eq!(page.left_for, None, "{place}");
    }
}

#[frontdesk_testkit::matrix::test]
async fn without_a_word_the_way_leads_home(app: TestApp) {
    let mut settings = app.instance.instance.settings.clone();
    settings.urls.home = String::from("http://localhost:3000/home");
    let app = app.remade(InstanceKind::Development, settings).await;
    app.user().email(GRACE).password(PASSWORD).create().await;
    let (_, page) = sign_in(&app, HERE, "/sign-in").await;
    assert_eq!(page.leaves_for().path(), "/home");
    let (_, page) = sign_in(&app, HERE, &with("/sign-in", &[("redirect_url", "/inside?a=b")])).await;
    assert!(
        page.leaves_for().as_str().starts_with("http://localhost:3000/inside?a=b&"),
        "{}",
        page.leaves_for()
    );
    let (_, page) = sign_in(&app, HERE, &with("/sign-in", &[("redirect_url", "/user/security")])).await;
    page.ok().arrived_at("/user/security");
}

#[frontdesk_testkit::matrix::test]
async fn in_production_cookies_tell_or_the_handshake(app: TestApp) {
    let settings = Settings {
        allowed_origins: vec!["https://partner.example".to_owned()],
        ..app.instance.instance.settings.clone()
    };
    let app = app.in_production(settings).await;
    app.user().email(GRACE).password(PASSWORD).create().await;
    let own = "https://clerk.frontdesk.localhost/";
    let near = with("/sign-in", &[("redirect_url", "https://app.frontdesk.localhost/x")]);
    let (reader, page) = sign_in(&app, own, &near).await;
    assert_eq!(page.leaves_for().as_str(), "https://app.frontdesk.localhost/x");
    assert!(reader.cookie("__client_uat").is_some_and(|uat| uat != "0"));

    let far = with("/sign-in", &[("redirect_url", "https://partner.example/x")]);
    let (mut reader, page) = sign_in(&app, own, &far).await;
    let way = page.link("Continue");
    let back = reader.open(&way).await;
    let left = back.leaves_for();
    assert!(left.as_str().starts_with("https://partner.example/x?__clerk_handshake_nonce="), "{left}");

    for place in ["http://localhost:3000/", "https://evil.example/"] {
        let (_, page) = sign_in(&app, own, &with("/sign-in", &[("redirect_url", place)])).await;
        page.ok().arrived_at("/user");
    }
    assert_eq!(Url::parse(own).unwrap().scheme(), "https");
}
