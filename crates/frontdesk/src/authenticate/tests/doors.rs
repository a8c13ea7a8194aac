//! Where somebody is sent who opens a page without being signed in, and what is said about it.

use super::*;
use crate::Notice;

fn world(key: &str, sign_in: &str) -> World {
    World::with(key, |builder| builder.sign_in_url(sign_in))
}

const PRODUCTION: &str = "pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk";
const DEVELOPMENT: &str = "pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk";

#[tokio::test]
async fn a_page_is_left_for_the_sign_in_page_and_come_back_to() {
    let world = world(PRODUCTION, "/sign-in?theme=dark");
    let state = world.decide(Request::page("/a?b=c")).await;
    let sign_in = "http://app.test/sign-in?theme=dark&redirect_url=http%3A%2F%2Fapp.test%2Fa%3Fb%3Dc";
    assert_eq!(state.sign_in_location(), Some(sign_in));
    let denied = state.signed_in_session().unwrap_err();
    assert_eq!((denied.status().as_u16(), denied.location()), (307, Some(sign_in)));
    assert_eq!(state.location(), None, "a page that needs nobody is shown");
    let sign_up = "http://app.test/sign-in/create?theme=dark&redirect_url=http%3A%2F%2Fapp.test%2Fa%3Fb%3Dc";
    assert_eq!(state.sign_up_location(), Some(sign_up));
}

#[tokio::test]
async fn programs_and_forms_are_told_so() {
    let world = world(PRODUCTION, "/sign-in");
    for request in
        [Request::fetch("/"), Request::page("/").method(Method::POST), Request::fetch("/").bearer("x")]
    {
        let denied = world.decide(request).await.signed_in_session().unwrap_err();
        assert_eq!((denied.status().as_u16(), denied.location()), (401, None));
    }
    // A browser that opens a page with a bad bearer token is a browser all the same.
    assert!(world.decide(Request::page("/").bearer("x")).await.sign_in_location().is_some());
    let somebody = world.decide(Request::page("/").signed_in(&token().sign())).await;
    assert_eq!(somebody.sign_in_location(), None);
}

#[tokio::test]
async fn a_pending_session_is_sent_to_its_tasks() {
    let world = world(PRODUCTION, "https://accounts.test/sign-in");
    let pending = token().claim("v", 2).claim("sts", "pending").sign();
    let state = world.decide(Request::page("/").signed_in(&pending)).await;
    let tasks = "https://accounts.test/sign-in/tasks?redirect_url=http%3A%2F%2Fapp.test%2F";
    assert_eq!(state.sign_in_location(), Some(tasks));
    assert_eq!(state.signed_in_session().unwrap_err().location(), Some(tasks));
}

#[tokio::test]
async fn a_development_browser_takes_its_name_along_to_another_origin() {
    let introduced = || Request::page("/").cookie("__clerk_db_jwt", "dvb_1");
    let elsewhere = world(DEVELOPMENT, "http://localhost:4400/sign-in").decide(introduced()).await;
    assert_eq!(
        elsewhere.sign_in_location(),
        Some("http://localhost:4400/sign-in?redirect_url=http%3A%2F%2Fapp.test%2F&__clerk_db_jwt=dvb_1")
    );
    let here = world(DEVELOPMENT, "/sign-in").decide(introduced()).await;
    assert_eq!(
        here.sign_in_location(),
        Some("http://app.test/sign-in?redirect_url=http%3A%2F%2Fapp.test%2F")
    );
    let state = world(PRODUCTION, "http://localhost:4400/sign-in").decide(introduced()).await;
    assert!(!state.sign_in_location().unwrap().contains("dvb_1"));
}

#[tokio::test]
async fn a_satellite_asks_when_its_visitor_comes_back() {
    let world = World::with(PRODUCTION, |builder| {
        builder.is_satellite(true).domain("satellite.test").sign_in_url("https://primary.test/sign-in")
    });
    let state = world.decide(Request::page("/?a=b&__clerk_synced=true")).await;
    assert_eq!(
        state.sign_in_location(),
        Some(
            "https://primary.test/sign-in?redirect_url=http%3A%2F%2Fapp.test%2F%3Fa%3Db%26__clerk_synced%3Dfalse"
        )
    );
}

#[tokio::test]
async fn an_explanation_is_always_there_and_never_sent() {
    for world in worlds() {
        let expired = token().shifted(EXPIRED).sign();
        let unknown = token().kind(other_key).sign();
        for (request, wanted) in [
            (Request::fetch("/").bearer(&expired), "off by 550000 ms"),
            (Request::fetch("/").bearer(&unknown), "key wanted \"key_9\", keys known [\"key_1\"]"),
            (Request::fetch("/").signed_in("nonsense"), "token from __session"),
            (Request::fetch("/").signed_in(&unknown), "token from __session"),
            (Request::fetch("/"), "__"),
        ] {
            let state = world.decide(request).await;
            let explanation = state.refusal().unwrap().explanation().unwrap();
            let text = explanation.to_string();
            assert!(!explanation.summary.is_empty() && text.contains(wanted), "{text}");
            let sent = format!("{:?}", state.headers());
            assert!(!sent.contains("key_9") && !sent.contains("key_1"), "{sent}");
        }
    }
}

#[tokio::test]
async fn what_went_wrong_is_noticed() {
    for world in worlds() {
        let circle = Request::page("/")
            .cookie("__client_uat", "1")
            .cookie("__clerk_db_jwt", "dvb_1")
            .cookie("__clerk_redirect_count", "3");
        let state = world.decide(circle).await;
        assert_eq!(state.notice(), Some(&Notice::RedirectLoop(Reason::ClientUatWithoutSessionToken)));
        assert_eq!(world.decide(Request::page("/")).await.notice(), None);
        let spent = Request::page("/?__clerk_handshake_nonce=spent");
        assert_eq!(world.decide(spent).await.notice(), Some(&Notice::HandshakePayload));
    }
    let foreign = Request::page("/").cookie("__clerk_handshake", "nonsense");
    assert_eq!(World::production().decide(foreign).await.notice(), Some(&Notice::Handshake));
}

#[tokio::test]
async fn a_strangers_words_are_cut_short() {
    let long = token().kind(|mut header| {
        header.typ = Some("x".repeat(9_000));
        header
    });
    let state = World::production().decide(Request::fetch("/").bearer(&long.sign())).await;
    let message = &state.headers()["x-clerk-auth-message"];
    assert_eq!(message.len(), 1024);
}

fn other_key(mut header: frontdesk_jwt::Header) -> frontdesk_jwt::Header {
    header.kid = Some("key_9".to_owned());
    header
}
