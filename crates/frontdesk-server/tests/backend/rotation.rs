//! Keys that are replaced while people stay signed in.

use frontdesk_jwt::{Expectations, KeySet, Keys, Token, verify};
use frontdesk_server::rotation::RotationError;
use frontdesk_server::{Server, test_keys};
use frontdesk_testkit::matrix::{Backend, Browser, TestApp};
use frontdesk_types::{InstanceId, Span};
use serde_json::{Map, Value, json};

use crate::sessions::session;

async fn token(backend: &Backend, session: &str, body: Value) -> String {
    let reply = backend.post(&format!("/v1/sessions/{session}/tokens"), body).await.ok();
    reply["jwt"].as_str().unwrap().to_owned()
}

fn kid(token: &str) -> String {
    Token::decode(token).unwrap().header().kid.clone().unwrap()
}

/// The kids of the key set as an application fetches it.
async fn kids(backend: &Backend) -> Vec<String> {
    let keys = backend.get("/v1/jwks").await.ok();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Whether an application that fetches the key set now takes the token.
async fn verifies(app: &TestApp, backend: &Backend, token: &str) -> bool {
    let keys = backend.get("/v1/jwks").await.ok();
    let set = KeySet::from_jwks(&serde_json::from_value(keys).unwrap());
    let Ok(key) = set.key_for(Token::decode(token).unwrap().header()) else { return false };
    verify::<Map<String, Value>>(token, key, &Expectations::default(), app.now()).is_ok()
}

fn id(app: &TestApp) -> &InstanceId {
    &app.instance.instance.id
}

/// Somebody who signs in with a password in this browser.
async fn signs_in(browser: &mut Browser) {
    let form = [("identifier", "ada@example.com"), ("password", "correct horse battery")];
    browser.post("/v1/client/sign_ins", &form).await.ok();
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    let client = browser.get("/v1/client").await.ok();
    client["response"]["sessions"].as_array().is_some_and(|sessions| sessions.len() == 1)
}

#[frontdesk_testkit::matrix::test]
async fn a_new_signing_key_signs_at_once_and_nobody_is_signed_out(app: TestApp) {
    let ada = app.user().email("ada@example.com").password("correct horse battery").create().await;
    let mut browser = app.browser();
    signs_in(&mut browser).await;
    let session = session(&app, &ada).await;
    let node = app.second_node().await;
    let elsewhere = app.backend_at(&node);
    let before = token(&app.backend(), &session, json!({})).await;

    let rotation = app.server.rotate_signing_key(id(&app), Some(test_keys(2))).await.unwrap();
    assert_eq!(rotation.retired, kid(&before));
    assert_eq!(rotation.retires_at, app.now() + Span::days(7), "the sessions live as long");
    for backend in [&app.backend(), &elsewhere] {
        assert_eq!(kids(backend).await, [rotation.signs.clone(), rotation.retired.clone()]);
        let after = token(backend, &session, json!({})).await;
        assert_eq!(kid(&after), rotation.signs);
        assert!(verifies(&app, backend, &before).await && verifies(&app, backend, &after).await);
    }
    assert!(is_signed_in(&mut browser).await);
    // Another instance keeps its key.
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    assert_eq!(kids(&theirs).await.len(), 1);

    // On its last day the old key still opens the browser's client; then nothing it signed is worth anything.
    app.advance(Span::seconds(Span::days(7).as_secs() - 1));
    assert_eq!(app.server.forget_retired_signing_keys(id(&app)).await.unwrap(), 0);
    assert!(is_signed_in(&mut browser).await);
    app.advance(Span::seconds(1));
    assert_eq!(app.server.forget_retired_signing_keys(id(&app)).await.unwrap(), 1);
    for backend in [&app.backend(), &elsewhere] {
        assert_eq!(kids(backend).await, std::slice::from_ref(&rotation.signs));
    }
    assert_eq!(app.server.forget_retired_signing_keys(id(&app)).await.unwrap(), 0);
    // Whoever signs in now signs in with the new key.
    let mut again = app.browser();
    signs_in(&mut again).await;
    assert!(is_signed_in(&mut again).await);
}

#[frontdesk_testkit::matrix::test]
async fn a_key_stays_as_long_as_the_longest_token_that_it_signed(app: TestApp) {
    let ada = app.user().create().await;
    let session = session(&app, &ada).await;
    let days = |days: i64| json!({ "expires_in_seconds": Span::days(days).as_secs() });
    let long = token(&app.backend(), &session, days(400)).await;
    let template = json!({ "name": "long", "claims": {}, "lifetime": Span::days(100).as_secs() });
    app.backend().post("/v1/jwt_templates", template).await.ok();
    let first = app.server.rotate_signing_key(id(&app), Some(test_keys(2))).await.unwrap();
    assert!(first.retires_at >= app.now() + Span::days(400));
    assert!(first.retires_at <= app.now() + Span::days(401), "a day of rounding at most");

    let path = format!("/v1/sessions/{session}/tokens/long");
    app.backend().post(&path, json!({})).await.ok();
    let second = app.server.rotate_signing_key(id(&app), Some(test_keys(3))).await.unwrap();
    assert!(second.retires_at >= app.now() + Span::days(100));
    assert!(second.retires_at <= app.now() + Span::days(101));
    assert_eq!(kids(&app.backend()).await.len(), 3);

    app.advance(Span::days(399));
    app.server.forget_retired_signing_keys(id(&app)).await.unwrap();
    assert_eq!(kids(&app.backend()).await, [second.signs, first.retired]);
    assert!(verifies(&app, &app.backend(), &long).await);
}

#[frontdesk_testkit::matrix::test]
async fn an_unknown_instance_has_no_keys_to_rotate(app: TestApp) {
    let nobody = "ins_nobody".parse().unwrap();
    let rotated = app.server.rotate_signing_key(&nobody, Some(test_keys(2))).await;
    assert!(matches!(rotated, Err(RotationError::NoInstance)), "{rotated:?}");
    assert!(matches!(app.server.add_secret_key(&nobody).await, Err(RotationError::NoInstance)));
}

#[frontdesk_testkit::matrix::test]
async fn secret_keys_are_added_and_removed_one_by_one(app: TestApp) {
    let old = app.server.secret_keys(id(&app)).await.unwrap();
    assert_eq!(old.len(), 1);
    let last = app.server.remove_secret_key(id(&app), &old[0].id).await;
    assert!(matches!(last, Err(RotationError::LastSecretKey)), "{last:?}");

    app.advance(Span::seconds(1));
    let new = app.server.add_secret_key(id(&app)).await.unwrap();
    assert!(!format!("{new:?}").contains(new.secret_key.as_str()));
    let listed = app.server.secret_keys(id(&app)).await.unwrap();
    assert_eq!(listed.iter().map(|key| &key.id).collect::<Vec<_>>(), [&old[0].id, &new.id]);
    let shown = &listed[1].shown;
    assert!(
        shown.starts_with("sk_test_…") && new.secret_key.ends_with(&shown["sk_test_…".len()..]),
        "{shown}"
    );
    assert!(shown.chars().count() < 20);

    let with_new = app.backend_with(Some(&new.secret_key));
    app.backend().get("/v1/jwks").await.ok();
    with_new.get("/v1/jwks").await.ok();
    // Not by the id of another instance's key, nor of another instance.
    let theirs = app.server.secret_keys(&app.other.instance.instance.id).await.unwrap();
    let foreign = app.server.remove_secret_key(id(&app), &theirs[0].id).await;
    assert!(matches!(foreign, Err(RotationError::NoSecretKey)), "{foreign:?}");

    let node = app.second_node().await;
    app.backend_at(&node).get("/v1/jwks").await.ok();
    app.server.remove_secret_key(id(&app), &old[0].id).await.unwrap();
    app.backend().get("/v1/jwks").await.refused(401, "clerk_key_invalid");
    app.backend_at(&node).get("/v1/jwks").await.refused(401, "clerk_key_invalid");
    with_new.get("/v1/jwks").await.ok();
}

/// Puts something of each kind under the master key.
async fn seals_things(app: &TestApp) -> String {
    let template = json!({
        "name": "own", "claims": {}, "custom_signing_key": true, "signing_algorithm": "HS256",
        "signing_key": "a shared secret of some length"
    });
    app.backend().post("/v1/jwt_templates", template).await.ok();
    let ada = app.user().email("ada@example.com").password("correct horse battery").create().await;
    session(app, &ada).await
}

async fn own_token(backend: &Backend, session: &str) -> Value {
    backend.post(&format!("/v1/sessions/{session}/tokens/own"), json!({})).await.ok()
}

#[frontdesk_testkit::matrix::test]
async fn a_new_master_key_opens_everything_and_nobody_is_signed_out(app: TestApp) {
    let session = seals_things(&app).await;
    let mut browser = app.browser();
    signs_in(&mut browser).await;
    let node = app.second_node().await;
    let elsewhere = app.backend_at(&node);
    elsewhere.get("/v1/jwks").await.ok();

    let rotation = app.server.rotate_master_key().await.unwrap();
    assert!(rotation.resealed >= 5, "two signing keys, two secret keys, a template: {rotation:?}");
    assert!(!format!("{rotation:?}").contains(rotation.master_key.as_str()));
    for backend in [&app.backend(), &elsewhere] {
        own_token(backend, &session).await;
        token(backend, &session, json!({})).await;
    }
    assert!(is_signed_in(&mut browser).await);
    // A node that starts with the old key finds its way until the rotation is finished.
    own_token(&app.backend_at(&app.second_node().await), &session).await;
    app.server.finish_master_key_rotation().await.unwrap();
    app.server.finish_master_key_rotation().await.unwrap();
    own_token(&app.backend(), &session).await;
    own_token(&elsewhere, &session).await;
    assert_eq!(app.server.secret_keys(id(&app)).await.unwrap().len(), 1);
    // What one node seals now the other opens.
    let template = json!({
        "name": "later", "claims": {}, "custom_signing_key": true, "signing_algorithm": "HS256",
        "signing_key": "another secret of some length"
    });
    elsewhere.post("/v1/jwt_templates", template).await.ok();
    app.backend().post(&format!("/v1/sessions/{session}/tokens/later"), json!({})).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_rotation_that_was_cut_off_goes_on_in_another_process(app: TestApp) {
    let session = seals_things(&app).await;
    let first = app.server.rotate_master_key().await.unwrap();
    // Something sealed with the old key turns up: a node that had not learned of the new one.
    let before = app.second_node().await;
    let sealed = before.rotate_master_key().await.unwrap();
    assert_eq!(sealed.master_key.as_str(), first.master_key.as_str(), "one rotation, one key");
    assert_eq!(sealed.resealed, 0);
    before.finish_master_key_rotation().await.unwrap();
    own_token(&app.backend(), &session).await;
}

#[frontdesk_testkit::matrix::test]
async fn a_finished_rotation_refuses_the_old_key(app: TestApp) {
    app.server.rotate_master_key().await.unwrap();
    app.server.finish_master_key_rotation().await.unwrap();
    let started = tokio::spawn(async move { drop::<Server>(app.second_node().await) }).await;
    assert!(started.unwrap_err().is_panic());
}
