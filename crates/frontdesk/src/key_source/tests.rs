use frontdesk_jwt::SigningKey;

use super::*;
use crate::test_support::{Behaviour, FakeBackend, NOW};

struct Setting {
    backend: FakeBackend,
    keys: Arc<RemoteKeys>,
    now: Timestamp,
}

impl Setting {
    fn new() -> Self {
        let backend = FakeBackend::new();
        let keys = Arc::new(RemoteKeys::new(&backend.client()));
        Self { backend, keys, now: NOW }
    }

    async fn find(&self, kid: &str) -> Result<(), Reason> {
        self.keys.key(Some(kid), self.now).await.map(|_| ())
    }

    fn advance(&mut self, span: Span) {
        self.now = self.now + span;
    }

    fn calls(&self) -> usize {
        self.backend.jwks_calls()
    }
}

/// Lets background work finish.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn keys_are_fetched_once_and_remembered() {
    let mut setting = Setting::new();
    assert_eq!(setting.calls(), 0, "nothing is fetched before it is needed");
    for _ in 0..3 {
        assert_eq!(setting.find("key_1").await, Ok(()));
        setting.advance(Span::minutes(1));
    }
    assert_eq!(setting.calls(), 1);
}

#[tokio::test]
async fn a_warm_key_is_there_at_the_first_poll() {
    let setting = Setting::new();
    setting.find("key_1").await.unwrap();
    let mut ready = std::pin::pin!(setting.find("key_1"));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(ready.as_mut().poll(&mut context).is_ready());
}

#[tokio::test]
async fn all_who_wait_share_one_fetch() {
    let setting = Setting::new();
    let (one, two, three) =
        tokio::join!(setting.find("key_1"), setting.find("key_1"), setting.find("key_unknown"));
    assert_eq!((one, two, three), (Ok(()), Ok(()), Err(Reason::JwkKidMismatch)));
    assert_eq!(setting.calls(), 1);
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_at_a_bounded_rate() {
    let mut setting = Setting::new();
    setting.find("key_1").await.unwrap();
    for second in 0..12 {
        assert_eq!(setting.find("key_2").await, Err(Reason::JwkKidMismatch), "{second}");
        setting.advance(Span::seconds(1));
    }
    assert_eq!(setting.calls(), 3, "at the start, after 5 and after 10 seconds");
    let rotated = SigningKey::generate("key_2").unwrap().public_jwk().unwrap();
    setting.backend.keys.lock().unwrap().keys.push(rotated);
    setting.advance(Span::seconds(5));
    assert_eq!(setting.find("key_2").await, Ok(()));
    assert_eq!(setting.find("key_1").await, Ok(()));
}

#[tokio::test]
async fn keys_are_renewed_in_the_background_before_they_are_old() {
    let mut setting = Setting::new();
    setting.find("key_1").await.unwrap();
    setting.advance(Span::minutes(4));
    assert_eq!(setting.find("key_1").await, Ok(()));
    settle().await;
    assert_eq!(setting.calls(), 2);
    setting.advance(Span::minutes(2));
    assert_eq!(setting.find("key_1").await, Ok(()));
    settle().await;
    assert_eq!(setting.calls(), 2, "what was renewed is young again");
}

#[tokio::test]
async fn a_withdrawn_key_is_gone_after_five_minutes() {
    let mut setting = Setting::new();
    setting.find("key_1").await.unwrap();
    let other = SigningKey::generate("key_2").unwrap().public_jwk().unwrap();
    *setting.backend.keys.lock().unwrap() = Jwks { keys: vec![other] };
    setting.advance(Span::minutes(5));
    assert_eq!(setting.find("key_1").await, Err(Reason::JwkKidMismatch));
}

#[tokio::test]
async fn an_outage_is_survived_for_an_hour() {
    let mut setting = Setting::new();
    setting.find("key_1").await.unwrap();
    setting.backend.behave(Behaviour::Down);
    for _ in 0..59 {
        setting.advance(Span::minutes(1));
        assert_eq!(setting.find("key_1").await, Ok(()));
        settle().await;
    }
    setting.advance(Span::minutes(1));
    assert_eq!(setting.find("key_1").await, Err(Reason::UnexpectedError));
    setting.backend.behave(Behaviour::Healthy);
    setting.advance(Span::seconds(1));
    assert_eq!(setting.find("key_1").await, Ok(()));
}

#[tokio::test]
async fn a_refused_secret_key_ends_everything_at_once() {
    let mut setting = Setting::new();
    setting.find("key_1").await.unwrap();
    setting.backend.behave(Behaviour::RefusesTheKey);
    setting.advance(Span::minutes(5));
    assert_eq!(setting.find("key_1").await, Err(Reason::SecretKeyInvalid));
    setting.advance(Span::minutes(5));
    assert_eq!(setting.find("key_1").await, Err(Reason::SecretKeyInvalid));
}

#[tokio::test]
async fn a_cold_start_without_a_server_is_a_reason_and_does_not_hammer() {
    let mut setting = Setting::new();
    setting.backend.behave(Behaviour::Down);
    for _ in 0..5 {
        assert_eq!(setting.find("key_1").await, Err(Reason::UnexpectedError));
    }
    assert_eq!(setting.calls(), 2, "one try and one more");
    setting.backend.behave(Behaviour::Empty);
    setting.advance(Span::seconds(1));
    assert_eq!(setting.find("key_1").await, Err(Reason::JwkRemoteFailedToLoad));
    setting.backend.behave(Behaviour::Healthy);
    setting.advance(Span::seconds(1));
    assert_eq!(setting.find("key_1").await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever() {
    let setting = Setting::new();
    setting.backend.behave(Behaviour::Hanging);
    let (one, two) = tokio::join!(setting.find("key_1"), setting.find("key_1"));
    assert_eq!((one, two), (Err(Reason::UnexpectedError), Err(Reason::UnexpectedError)));
}

#[tokio::test(start_paused = true)]
async fn after_a_wait_in_vain_others_are_told_at_once() {
    let mut setting = Setting::new();
    setting.backend.behave(Behaviour::Hanging);
    setting.find("key_1").await.unwrap_err();
    setting.advance(GIVEN_UP + Span::millis(999));
    let begun = tokio::time::Instant::now();
    assert_eq!(setting.find("key_1").await, Err(Reason::UnexpectedError));
    assert_eq!(begun.elapsed(), Duration::ZERO);
    setting.backend.behave(Behaviour::Healthy);
    setting.advance(Span::millis(1));
    assert_eq!(setting.find("key_1").await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_late_failure_undoes_nothing() {
    let setting = Setting::new();
    // Somebody waits for a turn that another request holds …
    let turn = setting.keys.fetching.lock().await;
    let mut waiting = std::pin::pin!(setting.find("key_1"));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    // … which brings keys at the very moment in which the other gives up.
    setting.keys.fetch(setting.now).await;
    let generation = setting.keys.gate.generation(setting.now).unwrap();
    tokio::time::advance(PATIENCE).await;
    assert_eq!(waiting.await, Ok(()));
    drop(turn);
    assert_eq!(setting.keys.gate.generation(setting.now), Some(generation));
    assert_eq!(setting.keys.seen().failure, None);
}

#[tokio::test]
async fn a_fetch_that_was_given_up_does_not_block_the_next() {
    let setting = Setting::new();
    setting.backend.behave(Behaviour::Hanging);
    {
        let mut given_up = std::pin::pin!(setting.find("key_1"));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(given_up.as_mut().poll(&mut context).is_pending());
    }
    setting.backend.behave(Behaviour::Healthy);
    assert_eq!(setting.find("key_1").await, Ok(()));
}

#[tokio::test]
async fn a_generation_ends_when_a_key_goes_or_changes() {
    let mut setting = Setting::new();
    let generation = async |setting: &Setting| {
        setting.find("key_1").await.ok()?;
        setting.keys.gate.generation(setting.now)
    };
    assert_eq!(setting.keys.gate.generation(setting.now), None, "there are no keys yet");
    let first = generation(&setting).await.unwrap();

    setting.advance(RENEW_AFTER);
    assert_eq!(setting.keys.gate.generation(setting.now), None, "it is time to look again");
    setting.find("key_1").await.unwrap();
    settle().await;
    assert_eq!(generation(&setting).await, Some(first), "the same keys, looked at again");

    let added = SigningKey::generate("key_2").unwrap().public_jwk().unwrap();
    setting.backend.keys.lock().unwrap().keys.push(added);
    setting.advance(FRESH);
    assert_eq!(generation(&setting).await, Some(first), "one more key takes nothing away");

    setting.backend.keys.lock().unwrap().keys.pop();
    setting.advance(FRESH);
    let second = generation(&setting).await.unwrap();
    assert_ne!(second, first, "a key was withdrawn");

    let other = SigningKey::generate("key_1").unwrap().public_jwk().unwrap();
    setting.backend.keys.lock().unwrap().keys = vec![other];
    setting.advance(FRESH);
    let third = generation(&setting).await.unwrap();
    assert!(third != second && third != first, "another key has its id");

    setting.backend.behave(Behaviour::RefusesTheKey);
    setting.advance(FRESH);
    assert_eq!(generation(&setting).await, None, "the secret key is refused");
    setting.backend.behave(Behaviour::Healthy);
    setting.advance(FRESH);
    let fourth = generation(&setting).await.unwrap();
    assert!(![first, second, third].contains(&fourth), "the same keys, but there was a time without");
}

#[tokio::test]
async fn keys_of_other_algorithms_are_refused() {
    let setting = Setting::new();
    // The elliptic-curve key of RFC 7517, appendix A.1.
    let elliptic = serde_json::json!({
        "kty": "EC", "kid": "key_1", "alg": "ES256", "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    });
    *setting.backend.keys.lock().unwrap() = Jwks { keys: vec![serde_json::from_value(elliptic).unwrap()] };
    assert_eq!(setting.find("key_1").await, Ok(()), "the set has it");
    let source = KeySource::Remote(Arc::clone(&setting.keys));
    assert_eq!(source.key(Some("key_1"), setting.now).await.unwrap_err(), Reason::TokenInvalidAlgorithm);
}

#[tokio::test]
async fn a_clock_that_was_moved_back_asks_again() {
    let mut setting = Setting::new();
    setting.find("key_1").await.unwrap();
    setting.now = setting.now - Span::hours(2);
    assert_eq!(setting.find("key_1").await, Ok(()));
    assert_eq!(setting.calls(), 2);
}
