//! Satellites, in development and in production (wire contract §4.3, rows 2 to 5).

use super::*;
use crate::AuthenticateError;

const DEVELOPMENT: &str = "pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk";
const PRODUCTION: &str = "pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk";
const BOTH: [&str; 2] = [DEVELOPMENT, PRODUCTION];
/// What a satellite's tokens name as their issuer in production.
const SATELLITE_ISSUER: &str = "https://clerk.satellite.test";

fn satellite(key: &str, auto_sync: bool) -> World {
    World::with(key, |builder| {
        builder
            .is_satellite(true)
            .domain("satellite.test")
            .sign_in_url("https://primary.test/sign-in?a=b")
            .satellite_auto_sync(auto_sync)
    })
}

#[tokio::test]
async fn a_visitor_without_cookies_is_left_alone_unless_asked_otherwise() {
    for key in BOTH {
        let patient = satellite(key, false);
        expect(&patient, Request::page("/"), Status::SignedOut, Reason::SessionTokenAndUatMissing).await;
        let eager = satellite(key, true);
        expect(&eager, Request::page("/"), Status::Handshake, Reason::SatelliteNeedsSyncing).await;
        // Coming back from signing in, both ask.
        for world in [patient, eager] {
            let back = Request::page("/?__clerk_synced=false");
            expect(&world, back, Status::Handshake, Reason::SatelliteNeedsSyncing).await;
        }
    }
}

#[tokio::test]
async fn in_development_the_primary_application_is_asked() {
    let state = satellite(DEVELOPMENT, true).decide(Request::page("/a?b=c")).await;
    assert_eq!(
        state.location(),
        Some("https://primary.test/sign-in?a=b&__clerk_redirect_url=http%3A%2F%2Fapp.test%2Fa%3Fb%3Dc")
    );
    assert_eq!(state.headers()["cache-control"], "no-store");
    assert_eq!(state.headers()["set-cookie"], "__clerk_redirect_count=1; SameSite=Lax; HttpOnly; Max-Age=2");
}

#[tokio::test]
async fn in_production_the_frontend_api_of_the_satellite_is_asked() {
    let state = satellite(PRODUCTION, true).decide(Request::page("/a")).await;
    let location = state.location().unwrap();
    assert!(
        location.starts_with("https://clerk.satellite.test/v1/client/handshake?redirect_url="),
        "{location}"
    );
}

#[tokio::test]
async fn who_has_asked_does_not_ask_again() {
    let done = || Request::page("/?__clerk_synced=true");
    expect(&satellite(PRODUCTION, true), done(), Status::SignedOut, Reason::SessionTokenAndUatMissing).await;
    expect(&satellite(DEVELOPMENT, true), done(), Status::Handshake, Reason::DevBrowserMissing).await;
}

#[tokio::test]
async fn cookies_are_looked_at_unless_it_is_known_better() {
    for (key, issuer) in [(DEVELOPMENT, "https://clerk.frontdesk.test"), (PRODUCTION, SATELLITE_ISSUER)] {
        let world = satellite(key, true);
        let good = token().claim("iss", issuer).sign();
        expect_signed_in(&world, Request::page("/").signed_in(&good)).await;
        expect_signed_in(&world, Request::page("/?__clerk_synced=true").signed_in(&good)).await;
        let again = Request::page("/?__clerk_synced=false").signed_in(&good);
        expect(&world, again, Status::Handshake, Reason::SatelliteNeedsSyncing).await;
        // Only a satellite's visitors come from elsewhere all the time.
        let link = Request::page("/").signed_in(&good).header("referer", "https://primary.test/");
        expect_signed_in(&world, link).await;
    }
}

#[tokio::test]
async fn a_satellite_believes_its_own_issuer() {
    let world = satellite(PRODUCTION, false);
    // The primary application's token is somebody else's here, so only suffixed cookies would count.
    let foreign = Request::page("/").signed_in(&token().sign());
    expect(&world, foreign, Status::SignedOut, Reason::SessionTokenAndUatMissing).await;
}

#[tokio::test]
async fn only_whole_pages_ask() {
    for key in BOTH {
        let world = satellite(key, true);
        let reason = || match key {
            DEVELOPMENT => Reason::DevBrowserMissing,
            _ => Reason::SessionTokenAndUatMissing,
        };
        let post = Request::page("/").method(Method::POST);
        expect(&world, post, Status::SignedOut, reason()).await;
        expect(&world, Request::fetch("/"), Status::SignedOut, reason()).await;
    }
}

#[tokio::test]
async fn running_in_circles_ends() {
    let world = satellite(PRODUCTION, true);
    let third = Request::page("/").cookie("__clerk_redirect_count", "3");
    let state = world.decide(third).await;
    assert_eq!((state.status(), state.reason()), (Status::SignedOut, Some(&Reason::SatelliteNeedsSyncing)));
    let notice = state.notice().unwrap().to_string();
    assert!(notice.contains("satellite"), "{notice}");
}

#[tokio::test]
async fn the_sign_in_page_is_elsewhere() {
    for sign_in in ["/sign-in", "http://app.test/sign-in"] {
        let world = World::with(DEVELOPMENT, |builder| {
            builder.is_satellite(true).domain("satellite.test").sign_in_url(sign_in)
        });
        let request = Request::fetch("/").header("origin", "http://app.test");
        let decided = world.frontdesk.authenticate_request(&request.0).await;
        assert!(matches!(decided, Err(AuthenticateError::SignInUrl)), "{sign_in}");
        assert!(world.frontdesk.authenticate_request(&Request::fetch("/").0).await.is_ok());
    }
}

#[tokio::test]
async fn a_satellite_answers_no_satellite() {
    let world = satellite(DEVELOPMENT, false);
    let request = Request::page("/?__clerk_redirect_url=https%3A%2F%2Fother.test%2F&__clerk_synced=true");
    expect(&world, request, Status::Handshake, Reason::DevBrowserMissing).await;
}
