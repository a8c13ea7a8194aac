use std::sync::Arc;

use frontdesk_jwt::SigningKey;
use frontdesk_types::{Span, Timestamp};

use crate::test_support::{Behaviour, NOW, Request, TokenDraft, World, foreign_key, token};
use crate::{Accepts, Reason, TokenType};

/// Whether a request is answered from memory.
fn is_warm(world: &World, request: &Request) -> bool {
    world.frontdesk.inner().at_once(&request.0, Accepts::default()).is_some()
}

fn bearer(token: &str) -> Request {
    Request::fetch("/").bearer(token)
}

/// A world that remembers this token.
async fn world_that_knows(token: &str) -> World {
    let world = World::production();
    assert!(!is_warm(&world, &bearer(token)));
    assert!(world.auth(bearer(token)).await.is_signed_in());
    assert!(is_warm(&world, &bearer(token)));
    world
}

#[tokio::test]
async fn the_second_time_is_answered_at_once_and_the_same() {
    let text = token().claim("v", 2).claim("o", serde_json::json!({ "id": "org_1", "rol": "admin" })).sign();
    let world = World::production();
    let first = world.auth(bearer(&text)).await;
    let second = world.auth(bearer(&text)).await;
    assert_eq!(serde_json::to_string(&first).unwrap(), serde_json::to_string(&second).unwrap());
    assert_eq!(first.get_token().await.unwrap(), second.get_token().await.unwrap());
    assert_eq!(second.organization().unwrap().role.as_deref(), Some("org:admin"));
}

#[tokio::test]
async fn a_token_ends_on_time() {
    let text = token().sign();
    // It expires fifty seconds from now, and five are forgiven.
    let world = world_that_knows(&text).await;
    world.clock.advance(Span::millis(54_999));
    assert!(is_warm(&world, &bearer(&text)));
    assert!(world.auth(bearer(&text)).await.is_signed_in());
    world.clock.advance(Span::millis(1));
    assert!(!is_warm(&world, &bearer(&text)));
    let late = world.decide(bearer(&text)).await;
    assert_eq!(
        late.reason().unwrap().as_str(),
        "session-token-expired-refresh-non-eligible-no-refresh-cookie"
    );
}

#[tokio::test]
async fn a_clock_that_is_moved_back_is_noticed() {
    // Issued ten seconds ago, and five are forgiven.
    let text = token().sign();
    let world = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| {
        builder.jwt_key(crate::test_support::key().public_pem().unwrap())
    });
    assert!(world.auth(bearer(&text)).await.is_signed_in());
    world.clock.advance(Span::millis(-15_000));
    assert!(is_warm(&world, &bearer(&text)));
    world.clock.advance(Span::millis(-1));
    assert!(!is_warm(&world, &bearer(&text)));
    assert_eq!(world.auth(bearer(&text)).await.reason(), Some(&Reason::SessionTokenIatInTheFuture));
    world.clock.advance(Span::seconds(60));
    assert!(is_warm(&world, &bearer(&text)), "its time has come again");
}

#[tokio::test]
async fn keys_from_the_future_are_not_believed() {
    let text = token().sign();
    let world = world_that_knows(&text).await;
    world.clock.advance(Span::millis(-1));
    assert!(!is_warm(&world, &bearer(&text)));
    assert!(world.auth(bearer(&text)).await.is_signed_in(), "they are fetched again");
    assert!(is_warm(&world, &bearer(&text)));
    assert_eq!(world.backend.jwks_calls(), 2);
}

/// A token that outlives the keys.
fn lasting() -> TokenDraft {
    token().claim("exp", NOW.as_secs() + 100_000)
}

#[tokio::test]
async fn a_withdrawn_key_takes_its_tokens_along() {
    let text = lasting().sign();
    let world = world_that_knows(&text).await;
    let other = SigningKey::generate("key_2").unwrap().public_jwk().unwrap();
    world.backend.keys.lock().unwrap().keys = vec![other];
    world.clock.advance(Span::millis(4 * 60_000 - 1));
    assert!(is_warm(&world, &bearer(&text)), "nobody has looked yet");
    world.clock.advance(Span::millis(60_001));
    assert!(!is_warm(&world, &bearer(&text)));
    assert_eq!(world.auth(bearer(&text)).await.reason(), Some(&Reason::JwkKidMismatch));
    assert!(!is_warm(&world, &bearer(&text)), "the keys are fresh, but others");
}

#[tokio::test]
async fn a_key_that_is_exchanged_under_its_name_takes_its_tokens_along() {
    let text = lasting().sign();
    let world = world_that_knows(&text).await;
    world.backend.keys.lock().unwrap().keys = vec![foreign_key().public_jwk().unwrap()];
    world.clock.advance(Span::minutes(5));
    let refused = world.auth(bearer(&text)).await;
    assert_eq!(refused.reason(), Some(&Reason::TokenInvalidSignature));
    assert!(!is_warm(&world, &bearer(&text)));
}

#[tokio::test]
async fn a_key_that_is_added_takes_nothing_along() {
    let text = lasting().sign();
    let world = world_that_knows(&text).await;
    let other = SigningKey::generate("key_2").unwrap().public_jwk().unwrap();
    world.backend.keys.lock().unwrap().keys.push(other);
    world.clock.advance(Span::minutes(5));
    assert!(
        world.auth(Request::fetch("/").bearer(&token().sign())).await.reason().is_some(),
        "it has expired"
    );
    assert_eq!(world.backend.jwks_calls(), 2);
    assert!(is_warm(&world, &bearer(&text)));
}

#[tokio::test]
async fn a_refused_secret_key_ends_everything() {
    let text = lasting().sign();
    let world = world_that_knows(&text).await;
    world.backend.behave(Behaviour::RefusesTheKey);
    world.clock.advance(Span::minutes(5));
    assert_eq!(world.auth(bearer(&text)).await.reason(), Some(&Reason::SecretKeyInvalid));
    world.backend.behave(Behaviour::Healthy);
    world.clock.advance(Span::seconds(1));
    assert!(!is_warm(&world, &bearer(&text)));
    assert!(world.auth(bearer(&text)).await.is_signed_in(), "verified anew");
}

#[tokio::test]
async fn an_outage_is_survived_for_an_hour_and_not_longer() {
    let text = lasting().sign();
    let world = world_that_knows(&text).await;
    world.backend.behave(Behaviour::Down);
    world.clock.advance(Span::minutes(59));
    assert!(!is_warm(&world, &bearer(&text)), "somebody must try to fetch keys");
    assert!(world.auth(bearer(&text)).await.is_signed_in());
    world.clock.advance(Span::minutes(1));
    assert_eq!(world.auth(bearer(&text)).await.reason(), Some(&Reason::UnexpectedError));
}

#[tokio::test]
async fn only_good_tokens_are_remembered() {
    let world = World::production();
    let good = token().sign();
    let mut tampered = good.clone();
    tampered.replace_range(40..41, if &good[40..41] == "A" { "B" } else { "A" });
    for text in [&tampered, &token().sign_with(foreign_key()), &token().shifted(Span::hours(-1)).sign()] {
        assert!(!world.auth(bearer(text)).await.is_signed_in());
        assert!(!is_warm(&world, &bearer(text)));
    }
    assert!(world.auth(bearer(&good)).await.is_signed_in());
    assert!(!is_warm(&world, &bearer(&tampered)), "nor does a good one help a bad one");
    assert!(!world.auth(bearer(&tampered)).await.is_signed_in());
}

#[tokio::test]
async fn a_pending_session_counts_for_those_who_ask() {
    let world = World::production();
    let text = token().claim("v", 2).claim("sts", "pending").sign();
    for _ in 0..2 {
        assert_eq!(world.auth(bearer(&text)).await.reason(), Some(&Reason::SessionPending));
        assert!(world.frontdesk.with_pending_sessions().get_auth(&bearer(&text).0).await.is_signed_in());
    }
}

#[tokio::test]
async fn a_remembered_session_is_none_where_machines_are_wanted() {
    let text = token().sign();
    let world = world_that_knows(&text).await;
    let auth = world.frontdesk.accepting(TokenType::ApiKey).get_auth(&bearer(&text).0).await;
    assert_eq!(auth.reason(), Some(&Reason::TokenTypeMismatch));
    assert!(world.frontdesk.accepting(Accepts::ANY).get_auth(&bearer(&text).0).await.is_signed_in());
}

#[tokio::test]
async fn memory_can_be_switched_off() {
    let world = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| builder.token_cache(0));
    let text = token().sign();
    for _ in 0..2 {
        assert!(world.auth(bearer(&text)).await.is_signed_in());
        assert!(!is_warm(&world, &bearer(&text)));
    }
}

#[tokio::test]
async fn the_header_is_read_as_ever() {
    let text = token().sign();
    let world = world_that_knows(&text).await;
    for (value, warm) in [
        (format!("Bearer {text}"), true),
        (text.clone(), true),
        (format!("  Bearer {text}  "), true),
        // Some of these are the same token, found by the long way.
        (format!("Bearer {text} more"), false),
        (format!("Bearer  {text}"), false),
        (format!("bearer {text}"), false),
        (format!("Basic {text}"), false),
        (format!("{text} Bearer"), false),
        ("Bearer".to_owned(), false),
        (" ".to_owned(), false),
    ] {
        let request = || Request::fetch("/").header("authorization", &value);
        let unremembered =
            World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| builder.token_cache(0));
        let expected = unremembered.auth(request()).await;
        assert_eq!(is_warm(&world, &request()), warm, "{}", value.len());
        let answer = world.auth(request()).await;
        assert_eq!(answer.is_signed_in(), expected.is_signed_in());
        assert_eq!(answer.reason(), expected.reason());
    }
}

#[test]
fn many_threads_share_one_memory() {
    let text = Arc::new(token().sign());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let world = runtime.block_on(world_that_knows(&text));
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for _ in 0..2000 {
                    assert!(is_warm(&world, &bearer(&text)));
                }
            });
        }
    });
    assert_eq!(world.clock.now_in_seconds(), Timestamp::as_secs(NOW));
}

#[test]
fn a_handler_carries_little() {
    let world = World::production();
    let request = bearer("");
    // What finds out in the long way is several times as large, and waits behind a pointer.
    assert!(size_of_val(&world.frontdesk.get_auth(&request.0)) < 1024);
}
