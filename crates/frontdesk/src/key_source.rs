//! Where the keys come from that verify tokens: one given in advance, or a set fetched and remembered.
//!
//! A request that finds its key in a set younger than [`FRESH`] waits for nobody. From [`RENEW_AFTER`] on such a
//! request starts a renewal in the background, so that under traffic no request ever waits. One that comes too
//! late, or asks for an unknown key, waits for a fetch; all waiters share it, and none waits longer than
//! [`PATIENCE`]. While the Backend API cannot be reached, a set serves until it is [`STALE_AT_MOST`] old; a refused
//! secret key ends that at once.
//!
//! What a key has verified stays verified as long as the key is there. The [`Generation`] tells: it changes whenever a
//! key goes away or becomes another one.

pub(crate) mod token_cache;

mod gate;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use frontdesk_client::api::{Audience, ErrorCode, Nothing};
use frontdesk_client::{Client, Error, Operation, Retries};
use frontdesk_jwt::{Algorithm, Jwks, KeySet, VerifyingKey};
use frontdesk_types::{Span, Timestamp};

use self::gate::Gate;
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
/// The longest wait of one request for the Backend API.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);
/// How long after its beginning an attempt is given up.
const GIVEN_UP: Span = Span::seconds(3);

/// Where the keys come from.
#[derive(Debug)]
pub(crate) enum KeySource {
    /// One key, known in advance; the token's `kid` is not compared.
    Fixed(VerifyingKey),
    /// The instance's key set.
    Remote(Arc<RemoteKeys>),
}

/// Two answers of one generation: whatever key the older one had, the younger one has it unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Generation(u64);

/// A key that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) key: VerifyingKey,
    /// When: what this key verifies is remembered for as long as this generation is the present one.
    pub(crate) generation: Generation,
}

impl KeySource {
    /// The key that a token of this `kid` claims to be signed with.
    pub(crate) async fn key(&self, kid: Option<&str>, now: Timestamp) -> Result<VerifyingKey, Reason> {
        self.found(kid, now).await.map(|found| found.key)
    }

    /// The same, with its generation.
    pub(crate) async fn found(&self, kid: Option<&str>, now: Timestamp) -> Result<Found, Reason> {
        let found = match self {
            Self::Fixed(key) => Found { key: key.clone(), generation: Generation::default() },
            Self::Remote(keys) => keys.key(kid, now).await?,
        };
        // The same RSA signatures that every SDK takes; a key set may hold others, for others.
        match found.key.algorithm() {
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => Ok(found),
            _ => Err(Reason::TokenInvalidAlgorithm),
        }
    }

    /// The ids of the keys that are known, for explanations.
    pub(crate) fn known(&self) -> Vec<String> {
        match self {
            Self::Fixed(_) => Vec::new(),
            Self::Remote(keys) => keys.seen().keys.iter().flat_map(Fetched::ids).collect(),
        }
    }

    /// The present generation, if the keys are so young that a request that needs one would get it and do nothing else.
    /// This waits for nobody, and many threads can ask at once.
    pub(crate) fn settled(&self, now: Timestamp) -> Option<Generation> {
        match self {
            Self::Fixed(_) => Some(Generation::default()),
            Self::Remote(keys) => keys.gate.generation(now),
        }
    }
}

/// The instance's key set, as last seen.
#[derive(Debug)]
pub(crate) struct RemoteKeys {
    client: Client,
    seen: RwLock<Arc<Seen>>,
    /// What matters of `seen` to those who know what a key of it has verified.
    gate: Gate,
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
    /// Of the keys, or of those to come.
    generation: Generation,
    attempted_at: Option<Timestamp>,
    /// Why the last attempt failed, if it did.
    failure: Option<Reason>,
}

#[derive(Clone, Debug)]
struct Fetched {
    set: Arc<KeySet>,
    /// The same keys as they were published, to tell whether others are.
    published: Arc<Jwks>,
    at: Timestamp,
}

impl RemoteKeys {
    pub(crate) fn new(client: &Client) -> Self {
        Self {
            // It has a second try of its own, and patience for no more.
            client: client.with_retries(Retries::never()),
            seen: RwLock::default(),
            gate: Gate::default(),
            fetching: tokio::sync::Mutex::default(),
        }
    }

    async fn key(self: &Arc<Self>, kid: Option<&str>, now: Timestamp) -> Result<Found, Reason> {
        let seen = self.seen();
        if let Some(key) = seen.fresh(now).and_then(|fetched| fetched.find(kid)) {
            if seen.wants_renewal(now) {
                self.renew_in_background(now);
            }
            return Ok(Found { key, generation: seen.generation });
        }
        if seen.failure.is_some() && seen.usable(now).is_some_and(|fetched| fetched.find(kid).is_some()) {
            // During an outage nobody waits for what an older set can answer.
            if seen.may_ask(now) {
                self.renew_in_background(now);
            }
        } else if seen.may_ask(now) {
            // Behind a pointer, so that those who need not ask carry no room for it.
            let asked = Box::pin(tokio::time::timeout(PATIENCE, self.ask(seen.attempted_at, now)));
            if asked.await.is_err() {
                // Unless there is word of a later attempt by now: this request held no turn.
                self.update(|current| {
                    let same = current.attempted_at == seen.attempted_at;
                    same.then(|| current.after_failure(now + GIVEN_UP, Reason::UnexpectedError))
                });
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
                    self.update(|seen| Some(seen.after_success(now, set, jwks)));
                }
            }
            Err(error) if error.code() == Some(&ErrorCode::KeyInvalid) => {
                self.update(|seen| Some(seen.after_refusal(now)));
            }
            // The server has told why it has none.
            Err(error) if error.code().is_some() => self.note_failure(now, Reason::JwkRemoteFailedToLoad),
            Err(_) => self.note_failure(now, Reason::UnexpectedError),
        }
    }

    /// Outside a runtime nothing is renewed in advance.
    fn renew_in_background(self: &Arc<Self>, now: Timestamp) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.fetching.try_lock().is_err() {
            return;
        }
        let keys = Arc::clone(self);
        runtime.spawn(async move {
            let Ok(_turn) = keys.fetching.try_lock() else { return };
            if keys.seen().wants_renewal(now)
                && tokio::time::timeout(PATIENCE, keys.fetch(now)).await.is_err()
            {
                keys.note_failure(now + GIVEN_UP, Reason::UnexpectedError);
            }
        });
    }

    fn note_failure(&self, now: Timestamp, reason: Reason) {
        self.update(|seen| Some(seen.after_failure(now, reason)));
    }

    fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Goes from one look to the next, nobody coming in between: a generation that has gone by never comes back.
    fn update(&self, next: impl FnOnce(&Seen) -> Option<Seen>) {
        let mut current = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        let Some(seen) = next(&current) else { return };
        let settled = seen.keys.as_ref().map(|fetched| fetched.at..fetched.at + RENEW_AFTER);
        self.gate.set(seen.generation, settled);
        *current = Arc::new(seen);
    }
}

/// Whether every key of an older set stands unchanged in a newer one. Of two keys with one id the later one counts.
fn holds_all_of(newer: &Jwks, older: &Jwks) -> bool {
    older.keys.iter().all(|key| newer.keys.iter().rfind(|other| other.kid == key.kid) == Some(key))
}

impl Generation {
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Seen {
    fn after_success(&self, now: Timestamp, set: KeySet, published: Jwks) -> Self {
        let generation = match &self.keys {
            Some(known) if holds_all_of(&published, &known.published) => self.generation,
            _ => self.generation.next(),
        };
        let keys = Some(Fetched { set: Arc::new(set), published: Arc::new(published), at: now });
        Self { keys, generation, attempted_at: Some(now), failure: None }
    }

    /// The secret key is refused, so nothing is to be believed.
    fn after_refusal(&self, now: Timestamp) -> Self {
        let (generation, failure) = (self.generation.next(), Some(Reason::SecretKeyInvalid));
        Self { keys: None, generation, attempted_at: Some(now), failure }
    }

    fn after_failure(&self, now: Timestamp, reason: Reason) -> Self {
        Self { attempted_at: Some(now), failure: Some(reason), ..self.clone() }
    }

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
    fn find(&self, kid: Option<&str>, now: Timestamp) -> Result<Found, Reason> {
        match self.usable(now).and_then(|fetched| fetched.find(kid)) {
            Some(key) => Ok(Found { key, generation: self.generation }),
            None => Err(self.failure.clone().unwrap_or(Reason::JwkKidMismatch)),
        }
    }
}

impl Fetched {
    fn find(&self, kid: Option<&str>) -> Option<VerifyingKey> {
        self.set.key(kid?).cloned()
    }

    fn ids(&self) -> impl Iterator<Item = String> {
        self.published.keys.iter().filter_map(|key| key.kid.clone())
    }

    fn is_younger_than(&self, limit: Span, now: Timestamp) -> bool {
        (Span::default()..limit).contains(&now.since(self.at))
    }
}

#[cfg(test)]
mod tests;
