//! What the recorded answers (`tests/machine.rs`) do not show: waiting, asking again, secrets, and nonsense.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use frontdesk_client::{BoxFuture, Client, Failure, Request, Response, Transport, TransportError};
use frontdesk_jwt::category;
use frontdesk_types::Span;
use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::test_support::{self, FakeBackend, NOW, TokenDraft, USER, World, token};
use crate::{Accepts, Auth, Frontdesk, Reason, Status, TokenType};

const SECRET: &str = "ak_0123456789abcdef0123456789abcdef";
const MACHINE: &str = "mch_2GIpXOEpVyJw51rkZn9Kmnc6Sxr";

/// A Backend API that says these things, one after the other, and the last one for ever.
#[derive(Clone, Debug)]
struct Scripted {
    steps: Arc<Mutex<VecDeque<Step>>>,
    asked: Arc<Mutex<usize>>,
}

#[derive(Clone, Debug)]
enum Step {
    Says(Value),
    Breaks,
    Hangs,
}

impl Scripted {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: Arc::new(Mutex::new(steps.into_iter().collect())), asked: Arc::default() }
    }

    fn frontdesk(&self) -> Frontdesk {
        let client = Client::builder("sk_live_hush").build(self.clone()).unwrap();
        World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| builder.client(client)).frontdesk
    }

    fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}

impl Transport for Scripted {
    fn send(&self, _request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        *self.asked.lock().unwrap() += 1;
        let step = {
            let mut steps = self.steps.lock().unwrap();
            if steps.len() > 1 { steps.pop_front().unwrap() } else { steps[0].clone() }
        };
        Box::pin(async move {
            match step {
                Step::Says(body) => Ok(Response::new(StatusCode::OK, HeaderMap::new(), body.to_string())),
                Step::Breaks => Err(TransportError::new(Failure::Broken, "reset by peer")),
                Step::Hangs => std::future::pending().await,
            }
        })
    }
}

fn api_key(changes: &Value) -> Step {
    let mut key = json!({
        "object": "api_key", "id": "ak_1", "type": "api_key", "name": "CI", "subject": USER,
        "scopes": ["orders:read"], "claims": { "note": "hush" }, "revoked": false, "expired": false,
        "expiration": 1_800_000_060_000_i64, "created_at": 1, "updated_at": 1,
    });
    key.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    Step::Says(key)
}

fn good() -> Step {
    api_key(&json!({}))
}

fn bearer(token: &str) -> http::Request<()> {
    test_support::Request::fetch("/").bearer(token).0
}

async fn ask(frontdesk: &Frontdesk, token: &str) -> Auth {
    frontdesk.accepting(Accepts::ANY).get_auth(&bearer(token)).await
}

fn machine_token() -> TokenDraft {
    token().claim("sub", MACHINE).claim("aud", json!(["mch_billing"])).claim("jti", "mt_1")
}

#[tokio::test]
async fn an_opaque_token_is_asked_about_every_time() {
    let backend = Scripted::new([good(), good(), api_key(&json!({ "revoked": true })), good()]);
    let frontdesk = backend.frontdesk();
    assert!(ask(&frontdesk, SECRET).await.is_authenticated());
    assert!(ask(&frontdesk, SECRET).await.is_authenticated());
    let taken_back = ask(&frontdesk, SECRET).await;
    assert_eq!(taken_back.reason(), Some(&Reason::TokenInvalid), "it bites at once");
    assert!(ask(&frontdesk, SECRET).await.is_authenticated());
    assert_eq!(backend.asked(), 4);
}

#[tokio::test]
async fn a_token_whose_time_is_over_is_refused() {
    let frontdesk = Scripted::new([api_key(&json!({ "expired": true }))]).frontdesk();
    assert_eq!(ask(&frontdesk, SECRET).await.reason(), Some(&Reason::TokenInvalid));
    // Seconds or milliseconds: `expiration` is not trusted to say which.
    let frontdesk = Scripted::new([api_key(&json!({ "expiration": 1_800_000_060 }))]).frontdesk();
    assert!(ask(&frontdesk, SECRET).await.is_authenticated());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_three_seconds() {
    let backend = Scripted::new([Step::Hangs]);
    let started = tokio::time::Instant::now();
    let auth = ask(&backend.frontdesk(), SECRET).await;
    assert_eq!(started.elapsed(), super::PATIENCE);
    assert_eq!(auth.reason(), Some(&Reason::UnexpectedError));
    assert!(matches!(auth, Auth::MachineSignedOut(TokenType::ApiKey, _)));
}

#[tokio::test]
async fn a_broken_connection_is_tried_once_more() {
    let backend = Scripted::new([Step::Breaks, good()]);
    assert!(ask(&backend.frontdesk(), SECRET).await.is_authenticated());
    let backend = Scripted::new([Step::Breaks, Step::Breaks, good()]);
    assert_eq!(ask(&backend.frontdesk(), SECRET).await.reason(), Some(&Reason::UnexpectedError));
    assert_eq!(backend.asked(), 2);
}

#[tokio::test]
async fn what_no_token_is_costs_no_call() {
    let backend = Scripted::new([good()]);
    let frontdesk = backend.frontdesk();
    let long = format!("ak_{}", "a".repeat(20_000));
    for nonsense in [&long, "ak_a.b.c", "mt_a.b.c", "oat_a.b.c"] {
        assert_eq!(ask(&frontdesk, nonsense).await.reason(), Some(&Reason::TokenInvalid));
    }
    let sessions_only = frontdesk.get_auth(&bearer(SECRET)).await;
    assert_eq!(sessions_only.reason(), Some(&Reason::TokenInvalid));
    let other_kind = frontdesk.accepting(TokenType::M2m).get_auth(&bearer(SECRET)).await;
    assert_eq!(other_kind.reason(), Some(&Reason::TokenTypeMismatch));
    assert_eq!(backend.asked(), 0);
}

#[tokio::test]
async fn a_jwt_is_verified_without_asking_about_it() {
    let world = World::production();
    let drafts = [
        machine_token(),
        machine_token().kind(|header| header.with_category(category::MACHINE)),
        token().claim("client_id", "app_1").kind(|header| header.with_type("at+jwt")),
    ];
    for draft in drafts {
        let auth = ask(&world.frontdesk, &draft.sign()).await;
        assert_eq!(auth.machine().unwrap().expires_at(), Some(NOW + Span::seconds(50)));
        let forged = ask(&world.frontdesk, &draft.sign_with(test_support::foreign_key())).await;
        assert_eq!(forged.reason(), Some(&Reason::TokenVerificationFailed));
    }
    assert_eq!(world.backend.calls("/").len(), world.backend.jwks_calls());
}

#[tokio::test]
async fn one_audience_is_a_list_of_one() {
    let world = World::production();
    for aud in [json!("mch_billing"), json!(["mch_billing"])] {
        let auth = ask(&world.frontdesk, &machine_token().claim("aud", aud).sign()).await;
        assert!(auth.machine().unwrap().has_scope("mch_billing"));
        assert!(!auth.machine().unwrap().has_scope("mch_"), "a part of a scope is none");
    }
    for aud in [json!([1]), json!({}), json!(7)] {
        let auth = ask(&world.frontdesk, &machine_token().claim("aud", aud).sign()).await;
        assert_eq!(auth.reason(), Some(&Reason::TokenVerificationFailed));
    }
}

#[tokio::test]
async fn a_demanded_issuer_is_demanded_of_machines_too() {
    let issued = |issuer: &str| {
        let issuer = issuer.to_owned();
        World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| builder.issuer(issuer)).frontdesk
    };
    let token = machine_token().sign();
    let auth = ask(&issued("https://elsewhere.test"), &token).await;
    assert_eq!(auth.reason(), Some(&Reason::TokenVerificationFailed));
    assert!(ask(&issued("https://clerk.frontdesk.test"), &token).await.is_authenticated());
}

#[tokio::test]
async fn a_key_that_cannot_be_fetched_is_a_reason() {
    let world = World::production();
    world.backend.behave(test_support::Behaviour::Down);
    let auth = ask(&world.frontdesk, &machine_token().sign()).await;
    let why = auth.refusal().unwrap();
    assert_eq!(why.reason(), &Reason::TokenVerificationFailed);
    let explanation = why.explanation().unwrap();
    assert_eq!((explanation.kid_wanted.as_deref(), explanation.kids_known.len()), (Some("key_1"), 0));
    assert!(explanation.summary.starts_with("the key that signed the token was not found"));
}

#[tokio::test]
async fn an_explanation_tells_what_was_wanted_and_seen() {
    let world = World::production();
    let late = ask(&world.frontdesk, &machine_token().shifted(Span::minutes(-2)).sign()).await;
    assert_eq!(late.refusal().unwrap().explanation().unwrap().skew, Some(Span::seconds(70)));
    let unknown = machine_token().kind(|mut header| {
        header.kid = Some("key_9".to_owned());
        header
    });
    let auth = ask(&world.frontdesk, &unknown.sign()).await;
    let explanation = auth.refusal().unwrap().explanation().unwrap();
    assert_eq!(explanation.kid_wanted.as_deref(), Some("key_9"));
    assert_eq!(explanation.kids_known, ["key_1"]);
    assert_eq!(explanation.carrier.as_deref(), Some("authorization"));
}

#[tokio::test]
async fn a_program_has_its_own_token_and_no_other() {
    let auth = ask(&Scripted::new([good()]).frontdesk(), SECRET).await;
    assert_eq!(auth.get_token().await.unwrap().as_deref(), Some(SECRET));
    // The secret of a program must not reach whom the template is for.
    assert_eq!(auth.get_token().template("supabase").await.unwrap(), None);
    assert_eq!(auth.get_token().expires_in(std::time::Duration::from_mins(1)).await.unwrap(), None);
}

#[tokio::test]
async fn nothing_shows_the_token_or_the_claims() {
    let opaque = Scripted::new([good()]).frontdesk();
    let world = World::production();
    let jwt = machine_token().claim("note", "hush").sign();
    for (frontdesk, token) in [(&opaque, SECRET), (&world.frontdesk, &jwt)] {
        let state = frontdesk.accepting(Accepts::ANY).authenticate_request(&bearer(token)).await.unwrap();
        let auth = state.auth();
        let debug = auth.debug();
        let shown = format!("{state:?} {auth:?} {debug:?} {}", serde_json::to_string(&debug).unwrap());
        assert!(auth.is_authenticated() && shown.contains(auth.machine().unwrap().id()));
        assert!(!shown.contains(&token[..8]) && !shown.contains("hush"), "{shown}");
        assert_eq!(debug.token, Some(&token[..7]));
    }
}

#[tokio::test]
async fn debug_is_a_line_for_a_log() {
    let auth = ask(&Scripted::new([good()]).frontdesk(), SECRET).await;
    assert_eq!(
        serde_json::to_string(&auth.debug()).unwrap(),
        format!(
            r#"{{"tokenType":"api_key","isAuthenticated":true,"userId":"{USER}","id":"ak_1","subject":"{USER}","scopes":["orders:read"],"token":"ak_0123"}}"#
        )
    );
    let refused = ask(&Scripted::new([Step::Breaks]).frontdesk(), SECRET).await;
    assert_eq!(
        serde_json::to_string(&refused.debug()).unwrap(),
        r#"{"tokenType":"api_key","isAuthenticated":false,"reason":"unexpected-error","explanation":"the Backend API could not tell; token from authorization"}"#
    );
    let session = World::production().auth(test_support::Request::fetch("/").bearer(&token().sign())).await;
    assert_eq!(session.debug().token, Some("eyJhbGc"));
    assert_eq!(session.debug().user_id.unwrap().as_str(), USER);
}

#[tokio::test]
async fn a_short_secret_is_not_shown_at_all() {
    let auth = ask(&Scripted::new([good()]).frontdesk(), "ak_12345").await;
    assert_eq!(auth.debug().token, Some(""));
}

#[tokio::test]
async fn scopes_open_and_close_doors() {
    let frontdesk = Scripted::new([good()]).frontdesk();
    let decide = async |token: Option<&str>, accepts: Accepts| {
        let mut request = test_support::Request::fetch("/");
        if let Some(token) = token {
            request = request.bearer(token);
        }
        frontdesk.accepting(accepts).authenticate_request(&request.0).await.unwrap()
    };
    let challenge =
        |denied: &crate::Denied| denied.headers()["www-authenticate"].to_str().unwrap().to_owned();
    let keys = Accepts::from(TokenType::ApiKey);

    let state = decide(Some(SECRET), keys).await;
    assert_eq!(state.status(), Status::SignedIn);
    assert!(state.signed_in_session().is_err(), "a program is no person");
    assert_eq!(state.require_scope("orders:read").unwrap().subject(), USER);
    let lacking = state.require_scope("orders:write").unwrap_err();
    assert_eq!(lacking.status(), StatusCode::FORBIDDEN);
    assert_eq!(challenge(&lacking), r#"Bearer error="insufficient_scope", scope="orders:write""#);
    let unspellable = state.require_scope("a\"\r\nx: y").unwrap_err();
    assert_eq!(challenge(&unspellable), r#"Bearer error="insufficient_scope""#);

    let nothing = decide(None, keys).await.signed_in_machine().unwrap_err();
    assert_eq!((nothing.status(), challenge(&nothing)), (StatusCode::UNAUTHORIZED, "Bearer".to_owned()));
    let other = decide(Some("mt_other"), keys).await.require_scope("orders:read").unwrap_err();
    assert_eq!(other.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(challenge(&other), "Bearer");
    let broken = decide(Some("ak_a.b.c"), keys).await.require_scope("orders:read").unwrap_err();
    assert_eq!(challenge(&broken), r#"Bearer error="invalid_token""#);

    let world = World::production();
    let any = world.frontdesk.accepting(Accepts::ANY);
    let person = any.authenticate_request(&bearer(&token().sign())).await.unwrap();
    assert_eq!(person.signed_in_machine().unwrap_err().status(), StatusCode::FORBIDDEN);
}

/// All ways to accept: each kind alone, every list, and whatever comes.
fn ways_to_accept() -> impl Strategy<Value = Accepts> {
    let kinds = || prop::sample::select(TokenType::ALL.to_vec());
    prop_oneof![
        kinds().prop_map(Accepts::from),
        prop::collection::vec(kinds(), 0..4).prop_map(|list| Accepts::from(&list[..])),
        Just(Accepts::ANY),
    ]
}

/// Texts that begin like tokens, and JWTs with one byte changed.
fn nonsense() -> impl Strategy<Value = String> {
    let jwt = prop::sample::select(vec![machine_token().sign(), token().sign()]);
    prop_oneof![
        "(ak_|mt_|oat_|eyJ|)[!-~]{0,40}",
        "(ak_|mt_|oat_|)[A-Za-z0-9_-]{0,9}\\.[A-Za-z0-9_-]{0,9}\\.[A-Za-z0-9_-]{0,9}",
        (jwt, any::<prop::sample::Index>(), "[A-Za-z0-9._-]").prop_map(|(jwt, place, byte)| {
            let place = place.index(jwt.len());
            format!("{}{byte}{}", &jwt[..place], &jwt[place + 1..])
        }),
    ]
}

proptest! {
    #[test]
    fn nonsense_is_refused_in_the_shape_that_was_asked_for(token in nonsense(), accepts in ways_to_accept()) {
        let good = [machine_token().sign(), self::token().sign()];
        prop_assume!(!good.contains(&token));
        let backend = FakeBackend::new();
        let world = World::with("pk_live_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk", |builder| builder.client(backend.client()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let auth = runtime.block_on(world.frontdesk.accepting(accepts).get_auth(&bearer(&token)));
        prop_assert!(!auth.is_authenticated(), "{token}");
        prop_assert!(auth.reason().is_some());
        match auth {
            Auth::SignedOut(_) => prop_assert!(accepts.contains(TokenType::Session)),
            Auth::NotAccepted(_) => prop_assert_eq!(accepts.single(), None),
            Auth::MachineSignedOut(kind, why) => {
                // An opaque one in the form of a JWT is called m2m, as elsewhere.
                let quirk = kind == TokenType::M2m && why.reason() == &Reason::TokenInvalid;
                prop_assert!(accepts.contains(kind) || quirk);
            }
            other => prop_assert!(false, "{other:?}"),
        }
    }
}
