//! Signed in, expired, banned, forged.

use std::time::Duration;

use frontdesk::Requirement;
use frontdesk_testkit::{Forgery, TestServer};
use serde_json::json;

use crate::{app, send, text};

#[tokio::test]
async fn by_bearer() {
    let server = TestServer::start().await;
    let app = app(server.frontdesk());
    let ada = server.user().create().await;
    let session = server.session_for(&ada).await;

    let response = send(&app, session.fetch("/me")).await;
    assert_eq!(response.status(), 200);
    assert_eq!(text(response).await, ada.id.as_str());
    let response = send(&app, session.fetch("/orders").method("POST")).await;
    assert_eq!(text(response).await, format!("ordered by {}", ada.id));
    assert_eq!(send(&app, server.browser().fetch("/me")).await.status(), 401);
}

#[tokio::test]
async fn by_cookies_without_a_handshake() {
    for builder in [TestServer::builder(), TestServer::builder().production()] {
        let server = builder.start().await;
        let app = app(server.frontdesk());
        let session = server.session_for(&server.user().create().await).await;
        let response = send(&app, session.page("/me")).await;
        assert_eq!(response.status(), 200, "{:?}", response.headers());
        assert_eq!(text(response).await, session.user_id().as_str());
        assert_eq!(text(send(&app, session.browser().fetch("/")).await).await, "welcome back");
    }
}

#[tokio::test]
async fn an_application_may_live_on_a_domain_of_its_own() {
    let shop = || TestServer::builder().origin("https://shop.example");
    for builder in [shop(), shop().production()] {
        let server = builder.start().await;
        let frontdesk = server.frontdesk_builder().authorized_party("https://shop.example").build().unwrap();
        let app = app(frontdesk);
        let mut browser = server.browser();
        assert_eq!(text(browser.open(&app, "/").await).await, "welcome");

        let session = server.session_for(&server.user().create().await).await;
        assert_eq!(send(&app, session.page("/me")).await.status(), 200);
        server.advance(Duration::from_mins(2));
        let sent_away = send(&app, session.page("/me")).await;
        let location = sent_away.headers()["location"].to_str().unwrap();
        assert!(location.contains("redirect_url=https%3A%2F%2Fshop.example%2Fme"), "{location}");
        assert_eq!(session.browser().open(&app, "/me").await.status(), 200);
    }
}

#[tokio::test]
async fn a_minute_later_a_page_goes_to_the_handshake_and_a_call_is_refused() {
    let server = TestServer::start().await;
    let app = app(server.frontdesk_builder().clock_skew(frontdesk::Span::seconds(0)).build().unwrap());
    let mut session = server.session_for(&server.user().create().await).await;
    server.advance(Duration::from_secs(59));
    assert_eq!(send(&app, session.fetch("/me")).await.status(), 200);
    server.advance(Duration::from_secs(2));

    let refused = send(&app, session.fetch("/me")).await;
    assert_eq!(refused.status(), 401);
    let sent_away = send(&app, session.page("/me")).await;
    assert_eq!(sent_away.status(), 307);
    let location = sent_away.headers()["location"].to_str().unwrap();
    assert!(location.starts_with("http://localhost:4400/v1/client/handshake?"), "{location}");

    // A browser that follows comes back signed in, and so does one that refreshes.
    let mut browser = session.browser();
    let opened = browser.open(&app, "/me?tab=orders").await;
    assert_eq!((opened.status().as_u16(), text(opened).await.as_str()), (200, session.user_id().as_str()));
    assert_eq!(send(&app, browser.fetch("/me")).await.status(), 200);
    session.refresh().await.unwrap();
    assert_eq!(send(&app, session.fetch("/me")).await.status(), 200);
    assert_eq!(send(&app, session.page("/me")).await.status(), 200);
}

#[tokio::test]
async fn a_stranger_is_given_a_name_and_stays_a_stranger() {
    for builder in [TestServer::builder(), TestServer::builder().production()] {
        let server = builder.start().await;
        let app = app(server.frontdesk());
        let mut browser = server.browser();
        assert_eq!(text(browser.open(&app, "/").await).await, "welcome");
        assert_eq!(browser.open(&app, "/me").await.status(), 401);
        assert_eq!(browser.cookie("__session"), None);
    }
}

#[tokio::test]
async fn whoever_is_banned_is_out_within_a_minute() {
    let server = TestServer::start().await;
    let app = app(server.frontdesk());
    let eve = server.user().create().await;
    let mut session = server.session_for(&eve).await;
    server.client().users().ban(&eve.id).await.unwrap();

    // Tokens are verified without asking anybody: what is out there is good until it expires.
    assert_eq!(send(&app, session.fetch("/me")).await.status(), 200);
    let refused = session.refresh().await.unwrap_err();
    assert!((400..500).contains(&refused.status()), "{refused}");
    server.advance(Duration::from_mins(2));
    assert_eq!(send(&app, session.fetch("/me")).await.status(), 401);
    assert_eq!(session.browser().open(&app, "/me").await.status(), 401);
    assert_eq!(server.try_session_for(&eve.id).await.unwrap_err().code(), "user_banned");
}

#[tokio::test]
async fn a_revoked_session_ends_and_another_one_lives_on() {
    let server = TestServer::start().await;
    let app = app(server.frontdesk());
    let ada = server.user().create().await;
    let (mut phone, mut laptop) = (server.session_for(&ada).await, server.session_for(&ada).await);
    phone.revoke().await;
    server.advance(Duration::from_mins(2));
    assert_eq!(phone.refresh().await.unwrap_err().status(), 401);
    assert_eq!(phone.browser().open(&app, "/me").await.status(), 401);
    laptop.refresh().await.unwrap();
    assert_eq!(send(&app, laptop.fetch("/me")).await.status(), 200);
}

#[tokio::test]
async fn no_forgery_gets_in() {
    let server = TestServer::start().await;
    let app = app(server.frontdesk());
    let session = server.session_for(&server.user().create().await).await;
    for forgery in Forgery::all() {
        let forged = session.forged(forgery);
        assert_ne!(forged.token(), session.token(), "{forgery:?}");
        assert_eq!(send(&app, forged.fetch("/me")).await.status(), 401, "{forgery:?}");
        let page = send(&app, forged.page("/me")).await.status();
        assert!(page == 401 || page == 307, "{forgery:?}: {page}");
    }
    // The key that signs them is the right one: the same claims are taken when nothing is wrong with them.
    let genuine = session.with_claims(json!({}));
    assert_eq!(send(&app, genuine.fetch("/me")).await.status(), 200);
}

#[tokio::test]
async fn claims_can_be_what_the_server_does_not_make_yet() {
    let server = TestServer::start().await;
    let session = server.session_for(&server.user().create().await).await;
    let member = session.with_claims(json!({ "o": { "id": "org_1", "slg": "acme", "rol": "admin" } }));
    let admin = Requirement::role("org:admin");
    for (session, expected) in [(&session, false), (&member, true)] {
        let request = session.fetch("/").body(()).unwrap();
        assert_eq!(server.frontdesk().get_auth(&request).await.has(&admin), expected);
    }

    let elsewhere = session.with_claims(json!({ "azp": "https://evil.example" }));
    let strict = server.frontdesk_builder().authorized_party(server.origin()).build().unwrap();
    for (session, expected) in [(&session, true), (&elsewhere, false)] {
        let request = session.fetch("/").body(()).unwrap();
        assert_eq!(strict.get_auth(&request).await.is_signed_in(), expected);
    }
}

#[tokio::test]
async fn a_longer_token_and_a_fixed_key() {
    let server = TestServer::start().await;
    let app = app(server.frontdesk_builder().jwt_key(server.jwt_key()).build().unwrap());
    let session = server.session_for(&server.user().create().await).await;
    let for_an_hour = session.with_token(session.token_for(Duration::from_hours(1)).await);
    server.advance(Duration::from_mins(59));
    assert_eq!(send(&app, session.fetch("/me")).await.status(), 401);
    assert_eq!(send(&app, for_an_hour.fetch("/me")).await.status(), 200);
}
