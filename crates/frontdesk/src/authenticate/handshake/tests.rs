//! The handshake's request, its answers, and the guard against running in circles (wire contract §4.6).

use frontdesk_jwt::category;
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::test_support::{Request, TokenDraft, USER, World, foreign_key, token};
use crate::{AuthenticateError, Reason, RequestState, Status};

const DEVELOPMENT: &str = "pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk";
const PRODUCTION: &str = "pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk";

fn set_cookies(state: &RequestState) -> Vec<&str> {
    state.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
}

/// A handshake payload as a token.
fn payload(directives: &[&str]) -> TokenDraft {
    let mut draft = token();
    draft.claims.clear();
    draft.claim("handshake", json!(directives))
}

async fn location(world: &World, request: Request) -> String {
    world.decide(request).await.location().unwrap().to_owned()
}

#[tokio::test]
async fn the_browser_is_told_where_to_go_and_why() {
    let world = World::production();
    let expired = token().shifted(Span::minutes(-10)).sign();
    let page = Request::page("/a%20b?c=d%20e&__dev_session=x")
        .cookie("__session", &expired)
        .cookie("__client_uat", "1");
    let state = world.decide(page).await;
    assert_eq!(
        state.location().unwrap(),
        format!(
            "https://clerk.frontdesk.test/v1/client/handshake?redirect_url=http%3A%2F%2Fapp.test%2Fa%2520b%3Fc%3Dd%2Be\
             &__clerk_api_version=2026-05-12&suffixed_cookies=false\
             &__clerk_hs_reason=session-token-expired-refresh-non-eligible-no-refresh-cookie&format=nonce\
             &__session={expired}"
        )
    );
    assert_eq!(state.headers()["cache-control"], "no-store");
    assert_eq!(set_cookies(&state), ["__clerk_redirect_count=1; SameSite=Lax; HttpOnly; Max-Age=2"]);
}

#[tokio::test]
async fn development_carries_the_browser_along() {
    let world = World::development();
    let from_cookie = Request::page("/").cookie("__clerk_db_jwt", "dvb_1").cookie("__client_uat", "1");
    let url = location(&world, from_cookie).await;
    assert!(url.ends_with("&format=nonce&__clerk_db_jwt=dvb_1"), "{url}");
    let from_url = Request::page("/?a=b&__clerk_db_jwt=dvb_2");
    let url = location(&world, from_url).await;
    assert!(
        url.contains("redirect_url=http%3A%2F%2Fapp.test%2F%3Fa%3Db&"),
        "it leaves the page's URL: {url}"
    );
    assert!(url.ends_with("&__clerk_db_jwt=dvb_2"), "{url}");
    let stranger = location(&world, Request::page("/")).await;
    assert!(stranger.ends_with("&format=nonce"), "{stranger}");
}

#[tokio::test]
async fn suffixed_cookies_are_announced() {
    let world = World::production();
    let request = Request::page("/").cookie(&world.suffixed("__client_uat"), "5");
    let url = location(&world, request).await;
    assert!(url.contains("&suffixed_cookies=true&"), "{url}");
}

#[tokio::test]
async fn a_proxy_takes_the_place_of_the_key_host() {
    let cases = [
        ("http://localhost:4400", "http://localhost:4400/v1/client/handshake?"),
        ("https://app.example.com/__clerk/", "https://app.example.com/__clerk/v1/client/handshake?"),
        ("/__clerk", "https://outside.test/__clerk/v1/client/handshake?"),
    ];
    for (proxy, expected) in cases {
        let world = World::with(PRODUCTION, |builder| builder.proxy_url(proxy));
        let request = Request::page("/page")
            .header("x-forwarded-host", "outside.test")
            .header("x-forwarded-proto", "https")
            .cookie("__client_uat", "1");
        let url = location(&world, request).await;
        assert!(url.starts_with(expected), "{url}");
        assert!(url.contains("redirect_url=https%3A%2F%2Foutside.test%2Fpage&"), "{url}");
    }
}

#[tokio::test]
async fn pages_of_the_proxy_host_are_known() {
    let world = World::with(PRODUCTION, |builder| builder.proxy_url("http://localhost:4400"));
    let request =
        Request::page("/").signed_in(&token().sign()).header("referer", "http://localhost:9999/sign-in");
    assert_eq!(world.decide(request).await.status(), Status::SignedIn, "whatever the port");
}

#[tokio::test]
async fn the_fourth_redirect_is_not_made() {
    for key in [DEVELOPMENT, PRODUCTION] {
        let world = World::with(key, |builder| builder);
        let request = |count: &str| {
            let page = Request::page("/").cookie("__client_uat", "1").cookie("__clerk_db_jwt", "dvb_1");
            page.cookie("__clerk_redirect_count", count)
        };
        for (count, next) in [("1", 2), ("2", 3), ("nonsense", 1)] {
            let state = world.decide(request(count)).await;
            let cookie = format!("__clerk_redirect_count={next}; SameSite=Lax; HttpOnly; Max-Age=2");
            assert_eq!(set_cookies(&state), [cookie]);
        }
        let state = world.decide(request("3")).await;
        assert_eq!(state.status(), Status::SignedOut);
        assert_eq!(state.reason(), Some(&Reason::ClientUatWithoutSessionToken));
        assert!(state.location().is_none() && set_cookies(&state).is_empty());
    }
}

#[tokio::test]
async fn a_nonce_brings_cookies_and_signs_in() {
    for (key, in_url) in [(DEVELOPMENT, true), (DEVELOPMENT, false), (PRODUCTION, true), (PRODUCTION, false)]
    {
        let world = World::with(key, |builder| builder);
        let fresh = token().sign();
        let session = format!("__session={fresh}; Path=/; SameSite=Lax");
        let directives = vec!["__client_uat=5; Path=/".to_owned(), session];
        *world.backend.payload.lock().unwrap() = Some(directives.clone());
        let request = if in_url {
            Request::page("/a?b=c&__clerk_handshake_nonce=the-nonce&__clerk_db_jwt=dvb_1&__clerk_help=1")
        } else {
            Request::page("/a?b=c").cookie("__clerk_handshake_nonce", "the-nonce")
        };
        let state = world.decide(request).await;
        assert_eq!(state.status(), Status::SignedIn);
        assert_eq!(state.auth().user_id().unwrap().as_str(), USER);
        assert_eq!(state.auth().session().unwrap().token(), fresh);
        assert_eq!(set_cookies(&state), directives);
        assert_eq!(state.headers()["access-control-allow-origin"], "null");
        assert_eq!(state.headers()["access-control-allow-credentials"], "true");
        // Development cleans its address bar by one more redirect; production stays where it is.
        let location = (key == DEVELOPMENT).then_some("http://app.test/a?b=c");
        assert_eq!(state.location(), location);
        assert_eq!(state.headers().contains_key("cache-control"), key == DEVELOPMENT);
    }
}

#[tokio::test]
async fn the_last_session_cookie_counts() {
    let world = World::production();
    let fresh = token().sign();
    for (directives, reason) in [
        (vec!["__session=old; Path=/".to_owned(), format!("__session_abc={fresh}; Path=/")], None),
        (
            vec![format!("__session={fresh}"), "__session=; Max-Age=0".to_owned()],
            Some(Reason::SessionTokenMissing),
        ),
        (
            vec!["__client_uat=0".to_owned(), "__session=; Max-Age=0".to_owned()],
            Some(Reason::SessionTokenMissing),
        ),
        (vec![], Some(Reason::SessionTokenMissing)),
    ] {
        *world.backend.payload.lock().unwrap() = Some(directives.clone());
        let state = world.decide(Request::page("/").cookie("__clerk_handshake_nonce", "the-nonce")).await;
        assert_eq!(state.reason(), reason.as_ref());
        assert_eq!(set_cookies(&state), directives);
    }
}

#[tokio::test]
async fn an_unknown_nonce_brings_nothing() {
    for world in [World::development(), World::production()] {
        let good = token().sign();
        let request = Request::page("/?__clerk_handshake_nonce=spent").signed_in(&good);
        let state = world.decide(request).await;
        assert_eq!((state.status(), state.reason()), (Status::SignedOut, Some(&Reason::SessionTokenMissing)));
    }
}

#[tokio::test]
async fn a_signed_payload_brings_cookies_and_signs_in() {
    for (world, in_url) in [
        (World::development(), true),
        (World::development(), false),
        (World::production(), true),
        (World::production(), false),
    ] {
        let session = format!("__session={}; Path=/", token().sign());
        for draft in [
            payload(&[&session]),
            payload(&[&session]).kind(|header| header.with_category(category::SESSION)),
            payload(&[&session]).kind(|header| header.with_category(category::IGNORE)),
            // A payload has no times; those it has are not looked at.
            payload(&[&session]).claim("exp", 1),
        ] {
            let signed = draft.sign();
            let request = if in_url {
                Request::page(&format!("/?__clerk_handshake={signed}"))
            } else {
                Request::page("/").cookie("__clerk_handshake", &signed)
            };
            let state = world.decide(request).await;
            assert_eq!(state.auth().user_id().unwrap().as_str(), USER);
            assert_eq!(set_cookies(&state), [&*session]);
        }
    }
}

#[tokio::test]
async fn a_forged_payload_stops_development_and_is_ignored_in_production() {
    let session = format!("__session={}; Path=/", token().sign());
    let forged = [
        (payload(&[&session]).sign_with(foreign_key()), Reason::TokenInvalidSignature),
        (
            payload(&[&session]).kind(|header| header.with_category(category::JWT_TEMPLATE)).sign(),
            Reason::TokenInvalid,
        ),
        (
            payload(&[&session]).kind(|header| header.with_category(category::MACHINE)).sign(),
            Reason::TokenInvalid,
        ),
        (payload(&[&session]).kind(|header| header.with_type("at+jwt")).sign(), Reason::TokenInvalid),
        ("nonsense".to_owned(), Reason::TokenInvalid),
    ];
    let (development, production) = (World::development(), World::production());
    for (token, reason) in &forged {
        let request =
            Request::page(&format!("/?__clerk_handshake={token}")).cookie("__clerk_db_jwt", "dvb_1");
        let error = development.frontdesk.authenticate_request(&request.0).await.unwrap_err();
        assert!(matches!(&error, AuthenticateError::Handshake(found) if found == reason), "{error:?}");
        assert_eq!(development.auth(request).await.reason(), Some(reason));

        let request = Request::page("/").cookie("__clerk_handshake", token);
        let state = production.decide(request).await;
        assert_eq!(state.reason(), Some(&Reason::SessionTokenAndUatMissing), "the flow goes on without it");
        assert!(set_cookies(&state).is_empty());
    }
}

#[tokio::test]
async fn a_genuine_payload_with_a_bad_session_is_ignored() {
    let forged = token().sign_with(foreign_key());
    for directive in [&*format!("__session={forged}"), "__session", "__session=a\nb"] {
        for world in [World::development(), World::production()] {
            let request = Request::page(&format!("/?__clerk_handshake={}", payload(&[directive]).sign()));
            let request = request.signed_in(&token().sign());
            let state = world.decide(request).await;
            assert_eq!(
                state.auth().user_id().unwrap().as_str(),
                USER,
                "the old cookies decide: {directive:?}"
            );
            assert!(set_cookies(&state).is_empty());
        }
    }
}

#[tokio::test]
async fn development_forgives_a_clock_that_is_off_by_hours() {
    for hours in [-23, 23, -25, 25] {
        let session = format!("__session={}; Path=/", token().shifted(Span::hours(hours)).sign());
        let request = || Request::page(&format!("/?__clerk_handshake={}", payload(&[&session]).sign()));
        let signed_in = World::development().auth(request()).await.is_signed_in();
        assert_eq!(signed_in, hours.abs() < 24, "{hours}");
        assert!(!World::production().auth(request()).await.is_signed_in(), "{hours}");
    }
}

#[tokio::test]
async fn a_payload_of_the_wrong_shape_is_ignored() {
    for claim in [Value::Null, json!("text"), json!([1, 2])] {
        let signed = payload(&[]).claim("handshake", claim).sign();
        let request = Request::page("/").cookie("__clerk_handshake", &signed);
        let state = World::production().decide(request).await;
        assert!(!state.auth().is_signed_in());
        assert!(set_cookies(&state).is_empty());
    }
}
