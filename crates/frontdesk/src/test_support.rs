//! A small world for tests: an instance with a known key, a Backend API that answers from memory, and a clock that
//! stands still.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use frontdesk_jwt::{Header, Jwks, SigningKey};
use frontdesk_types::{Span, Timestamp};
use serde_json::{Map, Value, json};

use crate::backend::{Backend, BackendError, BoxFuture};
use crate::{Auth, Clock, Frontdesk, PublishableKey, RequestState};

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub(crate) const KEY_HOST: &str = "clerk.frontdesk.test";
pub(crate) const USER: &str = "user_2GIpXOEpVyJw51rkZn9Kmnc6Sxr";
pub(crate) const SESSION: &str = "sess_2GbDB4enNdCa5vS1zpC3Xzg9tK9";

/// The instance's key; making one takes a while, so all tests share it.
pub(crate) fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate("key_1").unwrap())
}

/// A key of somebody else, who calls it the same.
pub(crate) fn foreign_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate("key_1").unwrap())
}

/// A clock that moves when told to.
#[derive(Clone, Debug)]
pub(crate) struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    pub(crate) fn now_in_seconds(&self) -> i64 {
        self.now().as_secs()
    }

    pub(crate) fn advance(&self, span: Span) {
        self.0.fetch_add(span.as_millis(), Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// How the Backend API behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Healthy,
    Down,
    Hanging,
    RefusesTheKey,
    Empty,
}

/// A Backend API that answers from memory.
#[derive(Debug)]
pub(crate) struct FakeBackend {
    pub(crate) behaviour: Mutex<Behaviour>,
    pub(crate) keys: Mutex<Jwks>,
    pub(crate) payload: Mutex<Option<Vec<String>>>,
    pub(crate) jwks_calls: AtomicUsize,
    pub(crate) token_calls: Mutex<Vec<String>>,
}

impl FakeBackend {
    pub(crate) fn new() -> Self {
        Self {
            behaviour: Mutex::new(Behaviour::Healthy),
            keys: Mutex::new(Jwks { keys: vec![key().public_jwk().unwrap()] }),
            payload: Mutex::default(),
            jwks_calls: AtomicUsize::new(0),
            token_calls: Mutex::default(),
        }
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    pub(crate) fn jwks_calls(&self) -> usize {
        self.jwks_calls.load(Ordering::Relaxed)
    }
}

fn refusal(status: u16, code: &str) -> BackendError {
    BackendError::Refused { status, code: code.to_owned() }
}

impl Backend for FakeBackend {
    fn jwks(&self) -> BoxFuture<'_, Result<Jwks, BackendError>> {
        self.jwks_calls.fetch_add(1, Ordering::Relaxed);
        let behaviour = *self.behaviour.lock().unwrap();
        Box::pin(async move {
            match behaviour {
                Behaviour::Healthy => {
                    // One turn of the runtime, so that others can come in between.
                    tokio::task::yield_now().await;
                    Ok(self.keys.lock().unwrap().clone())
                }
                Behaviour::Down => Err(BackendError::Unavailable("connection refused".into())),
                Behaviour::Hanging => std::future::pending().await,
                Behaviour::RefusesTheKey => Err(refusal(401, "clerk_key_invalid")),
                Behaviour::Empty => Ok(Jwks::default()),
            }
        })
    }

    fn handshake_payload<'a>(&'a self, nonce: &'a str) -> BoxFuture<'a, Result<Vec<String>, BackendError>> {
        Box::pin(async move {
            let payload = self.payload.lock().unwrap().clone().filter(|_| nonce == "the-nonce");
            payload.ok_or_else(|| refusal(404, "resource_not_found"))
        })
    }

    fn session_token<'a>(
        &'a self,
        session_id: &'a str,
        template: Option<&'a str>,
        expires_in_seconds: Option<u64>,
    ) -> BoxFuture<'a, Result<String, BackendError>> {
        let call = format!("{session_id}/{template:?}/{expires_in_seconds:?}");
        self.token_calls.lock().unwrap().push(call);
        Box::pin(async move {
            match template {
                Some("unknown") => Err(refusal(404, "resource_not_found")),
                _ => Ok("minted".to_owned()),
            }
        })
    }
}

/// An instance and an application that trusts it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) frontdesk: Frontdesk,
    pub(crate) backend: Arc<FakeBackend>,
    pub(crate) clock: ManualClock,
    pub(crate) key: PublishableKey,
}

impl World {
    pub(crate) fn development() -> Self {
        Self::with("pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| builder)
    }

    pub(crate) fn production() -> Self {
        Self::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| builder)
    }

    pub(crate) fn with(key: &str, set_up: impl FnOnce(crate::Builder) -> crate::Builder) -> Self {
        let clock = ManualClock(Arc::new(AtomicI64::new(NOW.as_millis())));
        let builder = Frontdesk::builder()
            .publishable_key(key)
            .secret_key("sk_test_not_a_real_one")
            .api_url("http://127.0.0.1:4400")
            .clock(clock.clone());
        let backend = Arc::new(FakeBackend::new());
        let config = set_up(builder).check().unwrap();
        let frontdesk = Frontdesk::with_backend(config, Arc::clone(&backend) as Arc<dyn Backend>);
        Self { frontdesk, backend, clock, key: key.parse().unwrap() }
    }

    /// The name of a cookie with this instance's suffix.
    pub(crate) fn suffixed(&self, name: &str) -> String {
        format!("{name}_{}", self.key.cookie_suffix())
    }

    pub(crate) async fn decide(&self, request: Request) -> RequestState {
        self.frontdesk.authenticate_request(&request.0).await.unwrap()
    }

    pub(crate) async fn auth(&self, request: Request) -> Auth {
        self.frontdesk.get_auth(&request.0).await
    }
}

/// A request under construction.
#[derive(Debug)]
pub(crate) struct Request(pub(crate) http::Request<()>);

impl Request {
    /// A script asks for something.
    pub(crate) fn fetch(target: &str) -> Self {
        Self(http::Request::get(target).header("host", "app.test").body(()).unwrap())
    }

    /// Somebody opens a page.
    pub(crate) fn page(target: &str) -> Self {
        Self::fetch(target).header("sec-fetch-dest", "document").header("accept", "text/html,*/*")
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.0.headers_mut().append(name, value.parse().unwrap());
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// One more cookie, in a `cookie` header of its own as HTTP/2 may send it.
    pub(crate) fn cookie(self, name: &str, value: &str) -> Self {
        self.header("cookie", &format!("{name}={value}"))
    }

    pub(crate) fn method(mut self, method: http::Method) -> Self {
        *self.0.method_mut() = method;
        self
    }

    /// The cookies of a browser that is signed in and has been introduced.
    pub(crate) fn signed_in(self, token: &str) -> Self {
        let client_uat = (NOW - Span::minutes(1)).as_secs().to_string();
        self.cookie("__session", token).cookie("__client_uat", &client_uat).cookie("__clerk_db_jwt", "dvb_1")
    }
}

/// A token under construction: a good one unless changed.
#[derive(Clone, Debug)]
pub(crate) struct TokenDraft {
    pub(crate) header: Header,
    pub(crate) claims: Map<String, Value>,
}

pub(crate) fn token() -> TokenDraft {
    let claims = json!({
        "azp": "http://app.test",
        "exp": NOW.as_secs() + 50,
        "iat": NOW.as_secs() - 10,
        "iss": format!("https://{KEY_HOST}"),
        "nbf": NOW.as_secs() - 20,
        "sid": SESSION,
        "sub": USER,
    });
    let Value::Object(claims) = claims else { unreachable!() };
    TokenDraft { header: Header::for_key(key()), claims }
}

impl TokenDraft {
    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Issued and expiring this much later (or earlier) than a good one.
    pub(crate) fn shifted(mut self, span: Span) -> Self {
        for name in ["exp", "iat", "nbf"] {
            let shifted = self.claims[name].as_i64().unwrap() + span.as_secs();
            self.claims.insert(name.to_owned(), shifted.into());
        }
        self
    }

    pub(crate) fn kind(mut self, change: impl FnOnce(Header) -> Header) -> Self {
        self.header = change(self.header);
        self
    }

    pub(crate) fn sign(&self) -> String {
        self.sign_with(key())
    }

    pub(crate) fn sign_with(&self, key: &SigningKey) -> String {
        key.sign(&self.header, &self.claims).unwrap()
    }
}
