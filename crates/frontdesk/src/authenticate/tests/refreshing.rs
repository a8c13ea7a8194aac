//! Expired session tokens that are exchanged on the spot (wire contract §4.5, §4.8).

use super::*;
use crate::test_support::{Behaviour, Refreshed, SESSION, TokenDraft};

fn expired() -> TokenDraft {
    token().shifted(EXPIRED)
}

/// Somebody whose token has expired, and who has a refresh token.
fn returning(world: &World, token: &str) -> Request {
    Request::page("/a?b=c")
        .cookie("__session", token)
        .cookie("__client_uat", "1")
        .cookie("__clerk_db_jwt", "dvb_1")
        .cookie(&world.suffixed("__refresh"), "refresh_1")
        .header("user-agent", "Mozilla/5.0")
        .header("x-forwarded-for", "192.0.2.1")
        .header("x-forwarded-for", "192.0.2.2")
}

fn answer(world: &World, refreshed: Refreshed) {
    *world.backend.refreshed.lock().unwrap() = refreshed;
}

fn cookies(token: &str) -> Refreshed {
    let cookies =
        ["__client_uat=5; Path=/", "__session=old; Path=/", &format!("__session_x={token}; Path=/")];
    Refreshed::Cookies(cookies.map(str::to_owned).to_vec())
}

#[tokio::test]
async fn a_fresh_token_signs_in_and_its_cookies_are_set() {
    for world in worlds() {
        answer(&world, cookies(&token().claim("jti", "fresh").sign()));
        for request in [
            returning(&world, &expired().sign()),
            Request::fetch("/").bearer(&expired().sign()).cookie(&world.suffixed("__refresh"), "refresh_1"),
        ] {
            let state = world.decide(request).await;
            assert_eq!((state.status(), state.reason()), (Status::SignedIn, None));
            let session = state.signed_in_session().unwrap();
            assert_eq!(session.claims()["jti"], "fresh");
            assert_eq!(state.headers().get_all("set-cookie").iter().count(), 3);
            assert_eq!(state.headers().len(), 3, "and nothing is announced");
        }
    }
}

#[tokio::test]
async fn the_server_is_told_who_asks() {
    let world = World::production();
    answer(&world, cookies(&token().sign()));
    let expired = expired().sign();
    world.decide(returning(&world, &expired)).await;
    let calls = world.backend.calls(&format!("/v1/sessions/{SESSION}/refresh"));
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    let (path, body) = call.split_once(" {").unwrap();
    assert_eq!(path, format!("POST /v1/sessions/{SESSION}/refresh"), "plain cookies are not mentioned");
    let body: serde_json::Value = serde_json::from_str(&format!("{{{body}")).unwrap();
    assert_eq!(body["format"], "cookie");
    assert_eq!(body["expired_token"], expired);
    assert_eq!(body["refresh_token"], "refresh_1");
    assert_eq!(body["request_origin"], "http://app.test");
    assert_eq!(body["request_headers"]["user-agent"], serde_json::json!(["Mozilla/5.0"]));
    assert_eq!(body["request_headers"]["x-forwarded-for"], serde_json::json!(["192.0.2.1, 192.0.2.2"]));

    let suffixed = Request::page("/")
        .cookie(&world.suffixed("__session"), &expired)
        .cookie(&world.suffixed("__client_uat"), "1")
        .cookie(&world.suffixed("__refresh"), "refresh_1");
    world.decide(suffixed).await;
    let calls = world.backend.calls(&format!("/v1/sessions/{SESSION}/refresh?suffixed_cookies=true"));
    assert_eq!(calls.len(), 1);
}

#[tokio::test]
async fn every_obstacle_has_a_name_and_leads_to_a_handshake() {
    for world in worlds() {
        let still_expired = cookies(&expired().sign());
        for (refreshed, obstacle) in [
            (Refreshed::Unknown, RefreshObstacle::Refused(RefusalCode::new("resource_not_found"))),
            (
                Refreshed::Refused("refresh_revoked"),
                RefreshObstacle::Refused(RefusalCode::new("refresh_revoked")),
            ),
            (Refreshed::Refused("unexpected_error"), RefreshObstacle::Unreachable),
            (Refreshed::Wordless, RefreshObstacle::UnexpectedAnswer),
            (Refreshed::Cookies(Vec::new()), RefreshObstacle::NoCookies),
            (Refreshed::Cookies(vec!["a=b".to_owned()]), RefreshObstacle::InvalidToken),
            (still_expired, RefreshObstacle::InvalidToken),
        ] {
            answer(&world, refreshed);
            let request = returning(&world, &expired().sign());
            expect(&world, request, Status::Handshake, Reason::SessionTokenExpired(obstacle)).await;
        }
        world.backend.behave(Behaviour::Down);
        let obstacle = Reason::SessionTokenExpired(RefreshObstacle::Unreachable);
        expect(&world, returning(&world, &expired().sign()), Status::Handshake, obstacle).await;
    }
}

#[tokio::test]
async fn a_token_that_names_no_session_cannot_be_refreshed() {
    for world in worlds() {
        answer(&world, cookies(&token().sign()));
        let obstacle = Reason::SessionTokenExpired(RefreshObstacle::NoSessionId);
        let nameless = returning(&world, &expired().without("sid").sign());
        expect(&world, nameless, Status::Handshake, obstacle).await;
        // The cookie's token is the one to refresh, even where the header's has expired.
        let obstacle = Reason::SessionTokenExpired(RefreshObstacle::UnreadableToken);
        let unreadable = returning(&world, "nonsense").bearer(&expired().sign());
        expect(&world, unreadable, Status::Handshake, obstacle).await;
        assert!(world.backend.calls("/v1/sessions").is_empty(), "nobody was asked");
    }
}

#[tokio::test]
async fn only_time_can_be_mended() {
    for world in worlds() {
        answer(&world, cookies(&token().sign()));
        let forged = expired().sign_with(foreign_key());
        let request = returning(&world, &forged);
        expect(&world, request, Status::SignedOut, Reason::TokenInvalidSignature).await;
        let early = token().shifted(Span::minutes(5)).sign();
        expect(&world, returning(&world, &early), Status::Handshake, Reason::SessionTokenNbf).await;
        let post = returning(&world, &expired().sign()).method(Method::POST);
        let obstacle = Reason::SessionTokenExpired(RefreshObstacle::NotGet);
        expect(&world, post, Status::SignedOut, obstacle).await;
        assert!(world.backend.calls("/v1/sessions").is_empty(), "nobody was asked");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever() {
    let world = World::production();
    world.decide(Request::fetch("/").bearer(&token().sign())).await;
    world.backend.behave(Behaviour::Hanging);
    let obstacle = Reason::SessionTokenExpired(RefreshObstacle::Unreachable);
    let began = tokio::time::Instant::now();
    expect(&world, returning(&world, &expired().sign()), Status::Handshake, obstacle).await;
    let spent = Request::page("/").cookie("__clerk_handshake_nonce", "the-nonce");
    expect(&world, spent, Status::SignedOut, Reason::SessionTokenMissing).await;
    assert!(began.elapsed() < std::time::Duration::from_secs(10));
}
