//! Where the keys come from that verify tokens: one given in advance, or a set fetched and remembered.
//!
//! A request that finds its key in a set younger than [`FRESH`] waits for nobody. From [`RENEW_AFTER`] on such a
//! request starts a renewal in the background, so that under traffic no request ever waits. One that comes too
//! late, or asks for an unknown key, waits for a fetch; all waiters share it, and none waits longer than
//! [`PATIENCE`]. While the Backend API cannot be reached, a set serves until it is [`STALE_AT_MOST`] old; a refused
//! secret key ends that at once.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use frontdesk_jwt::{KeySet, VerifyingKey};
use frontdesk_types::{Span, Timestamp};

use crate::Reason;
use crate::backend::{Backend, BackendError};

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
        match self {
            Self::Fixed(key) => Ok(key.clone()),
            Self::Remote(keys) => keys.key(kid, now).await,
        }
    }
}

/// The instance's key set, as last seen.
#[derive(Debug)]
pub(crate) struct RemoteKeys {
    backend: Arc<dyn Backend>,
    seen: RwLock<Arc<Seen>>,
    /// Held by whoever fetches.
    fetching: tokio::sync::Mutex<()>,
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
    pub(crate) fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, seen: RwLock::default(), fetching: tokio::sync::Mutex::default() }
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
        let mut answer = self.backend.jwks().await;
        if matches!(answer, Err(BackendError::Unavailable(_))) {
            // A pooled connection may have died unnoticed; a second try tells.
            answer = self.backend.jwks().await;
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
            Err(BackendError::SecretKey) => {
                let failure = Some(Reason::SecretKeyInvalid);
                self.remember(Seen { keys: None, attempted_at: Some(now), failure });
            }
            Err(BackendError::Unavailable(_) | BackendError::Refused(_)) => {
                self.note_failure(now, Reason::JwkRemoteFailedToLoad);
            }
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
