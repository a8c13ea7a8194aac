//! A small world for tests: an instance with a known key, a Backend API that answers from memory, and a clock that
//! stands still.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use frontdesk_client::{BoxFuture, Client, Failure, Response, Transport, TransportError};
use frontdesk_jwt::{Header, Jwks, SigningKey};
use frontdesk_types::{Span, Timestamp};
use http::StatusCode;
use serde_json::{Map, Value, json};

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

/// How the Backend API refreshes sessions.
#[derive(Clone, Debug, Default)]
pub(crate) enum Refreshed {
    #[default]
    Unknown,
    Cookies(Vec<String>),
    Refused(&'static str),
    /// An error without a code.
    Wordless,
}

/// A Backend API that answers from memory. Clones are one.
#[derive(Clone, Debug)]
pub(crate) struct FakeBackend(Arc<Memory>);

#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) behaviour: Mutex<Behaviour>,
    pub(crate) keys: Mutex<Jwks>,
    pub(crate) payload: Mutex<Option<Vec<String>>>,
    pub(crate) refreshed: Mutex<Refreshed>,
    calls: Mutex<Vec<String>>,
}

impl std::ops::Deref for FakeBackend {
    type Target = Memory;

    fn deref(&self) -> &Memory {
        &self.0
    }
}

impl FakeBackend {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Memory {
            behaviour: Mutex::new(Behaviour::Healthy),
            keys: Mutex::new(Jwks { keys: vec![key().public_jwk().unwrap()] }),
            payload: Mutex::default(),
            refreshed: Mutex::default(),
            calls: Mutex::default(),
        }))
    }

    pub(crate) fn client(&self) -> Client {
        Client::builder("sk_test_not_a_real_one").build(self.clone()).unwrap()
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// Method, path, query and body of what was asked below a path.
    pub(crate) fn calls(&self, path: &str) -> Vec<String> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|call| call.split(' ').nth(1).unwrap().starts_with(path)).cloned().collect()
    }

    pub(crate) fn jwks_calls(&self) -> usize {
        self.calls("/v1/jwks").len()
    }

    fn answer(&self, path: &str) -> Response {
        let refusal = |status, code| (status, json!({ "errors": [{ "code": code, "message": "no" }] }));
        let nothing = refusal(StatusCode::NOT_FOUND, "resource_not_found");
        let (status, body) = match (path, *self.behaviour.lock().unwrap()) {
            (_, Behaviour::RefusesTheKey) => refusal(StatusCode::UNAUTHORIZED, "clerk_key_invalid"),
            ("/v1/jwks", Behaviour::Empty) => (StatusCode::OK, json!({ "keys": [] })),
            ("/v1/jwks", _) => (StatusCode::OK, json!(*self.keys.lock().unwrap())),
            ("/v1/clients/handshake_payload?nonce=the-nonce", _) => match &*self.payload.lock().unwrap() {
                Some(directives) => (StatusCode::OK, json!({ "directives": directives })),
                None => nothing,
            },
            (path, _) if path.contains("/refresh") => match &*self.refreshed.lock().unwrap() {
                Refreshed::Unknown => nothing,
                Refreshed::Cookies(cookies) => {
                    (StatusCode::OK, json!({ "object": "cookies", "cookies": cookies }))
                }
                Refreshed::Refused(code) => refusal(StatusCode::UNAUTHORIZED, code),
                Refreshed::Wordless => (StatusCode::BAD_GATEWAY, json!({})),
            },
            (path, _) if path.ends_with("/tokens") || path.ends_with("/supabase") => {
                (StatusCode::OK, json!({ "object": "token", "jwt": "minted" }))
            }
            _ => nothing,
        };
        Response::new(status, http::HeaderMap::new(), body.to_string())
    }
}

impl Transport for FakeBackend {
    fn send(&self, request: frontdesk_client::Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let path = request.path_and_query.as_str().to_owned();
        let body = String::from_utf8(request.body.to_vec()).unwrap();
        self.calls.lock().unwrap().push(format!("{} {path} {body}", request.method));
        let behaviour = *self.behaviour.lock().unwrap();
        Box::pin(async move {
            // One turn of the runtime, so that others can come in between.
            tokio::task::yield_now().await;
            match behaviour {
                Behaviour::Down => Err(TransportError::new(Failure::Unreachable, "connection refused")),
                Behaviour::Hanging => std::future::pending().await,
                _ => Ok(self.answer(&path)),
            }
        })
    }
}

/// An instance and an application that trusts it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) frontdesk: Frontdesk,
    pub(crate) backend: FakeBackend,
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
        let backend = FakeBackend::new();
        let builder = Frontdesk::builder().publishable_key(key).client(backend.client()).clock(clock.clone());
        let frontdesk = set_up(builder).build().unwrap();
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
