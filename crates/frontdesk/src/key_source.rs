//! Where the keys come from that verify tokens: one given in advance, or a set fetched and remembered.
//!
//! A request that finds its key in a set younger than [`FRESH`] waits for nobody. From [`RENEW_AFTER`] on such a
//! request starts a renewal in the background, so that under traffic no request ever waits. One that comes too
//! late, or asks for an unknown key, waits for a fetch; all waiters share it, and none waits longer than
//! [`PATIENCE`]. While the Backend API cannot be reached, a set serves until it is [`STALE_AT_MOST`] old; a refused
//! secret key ends that at once.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use frontdesk_client::api::{Audience, ErrorCode, Nothing};
use frontdesk_client::{Client, Error, Operation};
use frontdesk_jwt::{Algorithm, Jwks, KeySet, VerifyingKey};
use frontdesk_types::{Span, Timestamp};

use crate::Reason;

/// A younger set is used without asking: as long as the reference SDK remembers keys (wire contract §3.7).
const FRESH: Span = Span::minutes(5);
const RENEW_AFTER: Span = Span::minutes(4);
/// Long enough for a restart, short enough that a withdrawn key does not linger: session tokens live a minute.
const STALE_AT_MOST: Span = Span::hours(1);
/// Strangers can invent key ids; this bounds how often they make us ask.
const UNKNOWN_KID_PAUSE: Span = Span::seconds(5);
/// After a failure the next requests get the failure, not another wait.
const FAILURE_PAUSE: Span = Span::seconds(1);
/// The longest wait of one request for keys.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where the keys come from.
#[derive(Debug)]
pub(crate) enum KeySource {
    /// One key, known in advance; the token's `kid` is not compared.
    Fixed(VerifyingKey),
    /// The instance's key set.
    Remote(Arc<RemoteKeys>),
}

impl KeySource {
    /// The key that a token of this `kid` claims to be signed with.
    pub(crate) async fn key(&self, kid: Option<&str>, now: Timestamp) -> Result<VerifyingKey, Reason> {
        let key = match self {
            Self::Fixed(key) => key.clone(),
            Self::Remote(keys) => keys.key(kid, now).await?,
        };
        // The same RSA signatures that every SDK takes; a key set may hold others, for others.
        match key.algorithm() {
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => Ok(key),
            _ => Err(Reason::TokenInvalidAlgorithm),
        }
    }
}

/// The instance's key set, as last seen.
#[derive(Debug)]
pub(crate) struct RemoteKeys {
    client: Client,
    seen: RwLock<Arc<Seen>>,
    /// Held by whoever fetches.
    fetching: tokio::sync::Mutex<()>,
}

/// `GET /v1/jwks`, read as the key set that verifies: it may hold keys of kinds that the contract does not know.
#[derive(Debug)]
struct FetchKeys;

impl Operation for FetchKeys {
    const AUDIENCE: Audience = Audience::Backend;
    const ID: &'static str = "GetJWKS";
    const METHOD: http::Method = http::Method::GET;
    const PATH: &'static str = "/v1/jwks";
    type Path = Nothing;
    type Query = Nothing;
    type Body = Nothing;
    type Reply = Jwks;
}

/// One look at the key set.
#[derive(Clone, Debug, Default)]
struct Seen {
    keys: Option<Fetched>,
    attempted_at: Option<Timestamp>,
    /// Why the last attempt failed, if it did.
    failure: Option<Reason>,
}

#[derive(Clone, Debug)]
struct Fetched {
    set: Arc<KeySet>,
    at: Timestamp,
}

impl RemoteKeys {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, seen: RwLock::default(), fetching: tokio::sync::Mutex::default() }
    }

    async fn key(self: &Arc<Self>, kid: Option<&str>, now: Timestamp) -> Result<VerifyingKey, Reason> {
        let seen = self.seen();
        if let Some(key) = seen.fresh(now).and_then(|fetched| fetched.find(kid)) {
            if seen.wants_renewal(now) {
                self.renew_in_background(now);
            }
            return Ok(key);
        }
        if seen.failure.is_some() && seen.usable(now).is_some_and(|fetched| fetched.find(kid).is_some()) {
            // During an outage nobody waits for what an older set can answer.
            if seen.may_ask(now) {
                self.renew_in_background(now);
            }
        } else if seen.may_ask(now) {
            let asked = tokio::time::timeout(PATIENCE, self.ask(seen.attempted_at, now));
            if asked.await.is_err() {
                self.note_failure(now, Reason::JwkRemoteFailedToLoad);
            }
        }
        self.seen().find(kid, now)
    }

    /// Fetches, unless somebody did while this request was waiting for its turn.
    async fn ask(&self, attempted_at: Option<Timestamp>, now: Timestamp) {
        let _turn = self.fetching.lock().await;
        if self.seen().attempted_at == attempted_at {
            self.fetch(now).await;
        }
    }

    async fn fetch(&self, now: Timestamp) {
        let ask = || self.client.send(FetchKeys, Nothing {}, Nothing {}, Nothing {});
        let mut answer = ask().await;
        if answer.as_ref().is_err_and(Error::is_unavailable) {
            // A pooled connection may have died unnoticed; a second try tells.
            answer = ask().await;
        }
        match answer {
            Ok(jwks) => {
                let set = KeySet::from_jwks(&jwks);
                if set.is_empty() {
                    self.note_failure(now, Reason::JwkRemoteFailedToLoad);
                } else {
                    let keys = Some(Fetched { set: Arc::new(set), at: now });
                    self.remember(Seen { keys, attempted_at: Some(now), failure: None });
                }
            }
            Err(error) if error.code() == Some(&ErrorCode::KeyInvalid) => {
                let failure = Some(Reason::SecretKeyInvalid);
                self.remember(Seen { keys: None, attempted_at: Some(now), failure });
            }
            Err(_) => self.note_failure(now, Reason::JwkRemoteFailedToLoad),
        }
    }

    /// Needs a runtime to run in; without one the set is renewed by the first request that finds it too old.
    fn renew_in_background(self: &Arc<Self>, now: Timestamp) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let keys = Arc::clone(self);
        runtime.spawn(async move {
            let Ok(_turn) = keys.fetching.try_lock() else { return };
            if keys.seen().wants_renewal(now)
                && tokio::time::timeout(PATIENCE, keys.fetch(now)).await.is_err()
            {
                keys.note_failure(now, Reason::JwkRemoteFailedToLoad);
            }
        });
    }

    fn note_failure(&self, now: Timestamp, reason: Reason) {
        let keys = self.seen().keys.clone();
        self.remember(Seen { keys, attempted_at: Some(now), failure: Some(reason) });
    }

    fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn remember(&self, seen: Seen) {
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(seen);
    }
}

impl Seen {
    /// The set, if it is young. A set from the future (the clock was moved back) is not.
    fn fresh(&self, now: Timestamp) -> Option<&Fetched> {
        self.keys.as_ref().filter(|fetched| fetched.is_younger_than(FRESH, now))
    }

    fn wants_renewal(&self, now: Timestamp) -> bool {
        let young = self.keys.as_ref().is_some_and(|fetched| fetched.is_younger_than(RENEW_AFTER, now));
        !young && self.may_ask(now)
    }

    /// Whether asking again could help, and is not too soon.
    fn may_ask(&self, now: Timestamp) -> bool {
        let Some(attempted_at) = self.attempted_at else { return true };
        let pause = match (&self.failure, self.fresh(now)) {
            (Some(_), _) => FAILURE_PAUSE,
            (None, Some(_)) => UNKNOWN_KID_PAUSE,
            (None, None) => return true,
        };
        !(Span::default()..pause).contains(&now.since(attempted_at))
    }

    /// The set, if it is not too old to serve during an outage.
    fn usable(&self, now: Timestamp) -> Option<&Fetched> {
        self.keys.as_ref().filter(|fetched| fetched.is_younger_than(STALE_AT_MOST, now))
    }

    /// The best that can be said after asking.
    fn find(&self, kid: Option<&str>, now: Timestamp) -> Result<VerifyingKey, Reason> {
        match self.usable(now).and_then(|fetched| fetched.find(kid)) {
            Some(key) => Ok(key),
            None => Err(self.failure.clone().unwrap_or(Reason::JwkKidMismatch)),
        }
    }
}

impl Fetched {
    fn find(&self, kid: Option<&str>) -> Option<VerifyingKey> {
        self.set.key(kid?).cloned()
    }

    fn is_younger_than(&self, limit: Span, now: Timestamp) -> bool {
        (Span::default()..limit).contains(&now.since(self.at))
    }
}

#[cfg(test)]
mod tests {
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
            let keys = Arc::new(RemoteKeys::new(backend.client()));
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
        assert_eq!(setting.find("key_1").await, Err(Reason::JwkRemoteFailedToLoad));
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
            assert_eq!(setting.find("key_1").await, Err(Reason::JwkRemoteFailedToLoad));
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
        assert_eq!((one, two), (Err(Reason::JwkRemoteFailedToLoad), Err(Reason::JwkRemoteFailedToLoad)));
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
    async fn keys_of_other_algorithms_are_refused() {
        let setting = Setting::new();
        // The elliptic-curve key of RFC 7517, appendix A.1.
        let elliptic = serde_json::json!({
            "kty": "EC", "kid": "key_1", "alg": "ES256", "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        });
        *setting.backend.keys.lock().unwrap() =
            Jwks { keys: vec![serde_json::from_value(elliptic).unwrap()] };
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
}
