//! Session tokens renewed by the application's server, and session tokens verified by ours.

use frontdesk_core::refresh_token::RefreshToken;
use frontdesk_core::settings::Settings;
use frontdesk_server::keys::token_hash;
use frontdesk_store::Work;
use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract::assert_described;
use crate::sessions::session;

const ORIGIN: &str = "http://localhost:3000";

/// A session with an expired token and a refresh token, as a browser holds them.
pub(crate) struct Held {
    session: String,
    expired: String,
    refresh: String,
}

impl Held {
    pub(crate) async fn by(app: &TestApp) -> Self {
        let ada = app.user().create().await;
        let session = session(app, &ada).await;
        let minted = app.backend().post(&format!("/v1/sessions/{session}/tokens"), json!({})).await.ok();
        let refresh = format!("refresh of {session}");
        let mut work = Work::new(&app.instance.instance.id);
        work.insert_refresh_token(&RefreshToken {
            token_hash: token_hash(&refresh),
            session_id: session.parse().unwrap(),
            expires_at: app.now() + Span::days(1),
            created_at: app.now(),
            replaced_at: None,
        });
        app.server.store().commit(work).await.unwrap();
        app.advance(Span::minutes(5));
        Self { session, expired: minted["jwt"].as_str().unwrap().to_owned(), refresh }
    }

    pub(crate) fn path(&self) -> String {
        format!("/v1/sessions/{}/refresh", self.session)
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "expired_token": self.expired, "refresh_token": self.refresh, "request_origin": ORIGIN })
    }

    fn with(&self, name: &str, value: &str) -> Value {
        let mut body = self.body();
        body[name] = json!(value);
        body
    }
}

#[frontdesk_testkit::matrix::test]
async fn an_expired_token_and_a_refresh_token_give_a_new_token(app: TestApp) {
    let held = Held::by(&app).await;
    let reply = app.backend().post(&held.path(), held.body()).await;
    assert_described("RefreshSession", &reply);
    let token = reply.ok();
    assert_eq!(token["object"], "token");
    let verify = format!("/v1/sessions/{}/verify", held.session);
    let session = app.backend().post(&verify, json!({ "token": token["jwt"] })).await.ok();
    assert_eq!((&session["id"], &session["status"]), (&json!(held.session), &json!("active")));
    // The same once more: another tab had the same idea.
    app.backend().post(&held.path(), held.with("format", "token")).await.ok();
    // Use was noted, as it is where browsers ask for tokens themselves.
    assert_eq!(session["last_active_at"], json!(app.now()));
}

#[frontdesk_testkit::matrix::test]
async fn cookies_come_in_both_spellings_the_applications_last(app: TestApp) {
    let held = Held::by(&app).await;
    let suffix = app.server.instance(&app.instance.instance.id).await.unwrap().cookie_suffix.clone();
    let mut body = held.with("format", "cookie");
    body["request_headers"] = json!({ "user-agent": ["Mozilla/5.0"] });
    body["request_originating_ip"] = json!("203.0.113.7");
    for (query, last) in
        [("?suffixed_cookies=true", format!("__session_{suffix}=")), ("", "__session=".to_owned())]
    {
        let reply = app.backend().post(&format!("{}{query}", held.path()), body.clone()).await;
        assert_described("RefreshSession", &reply);
        let cookies = reply.ok();
        assert_eq!(cookies["object"], "cookies");
        let cookies: Vec<_> =
            cookies["cookies"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        assert_eq!(cookies.len(), 3);
        assert!(cookies[2].starts_with(&last), "{cookies:?}");
        let way = "; Path=/; Max-Age=31536000; SameSite=Lax";
        assert!(cookies[1..].iter().all(|it| it.ends_with(way)), "{cookies:?}");
        assert!(cookies[0].starts_with(&format!("__refresh_{suffix}=rt_")), "{cookies:?}");
        assert!(cookies[0].ends_with(&format!("{way}; HttpOnly")), "{cookies:?}");
    }
}

#[frontdesk_testkit::matrix::test]
async fn what_does_not_belong_together_is_refused(app: TestApp) {
    let (held, other) = (Held::by(&app).await, Held::by(&app).await);
    let post = async |path: &str, body: Value| app.backend().post(path, body).await;
    for (body, code) in [
        (held.with("refresh_token", "made up"), "refresh_token_invalid"),
        (held.with("refresh_token", &other.refresh), "refresh_token_invalid"),
        (held.with("expired_token", "a.b.c"), "session_token_invalid"),
        (held.with("expired_token", &other.expired), "session_token_invalid"),
    ] {
        post(&held.path(), body).await.refused(401, code);
    }
    post(&other.path(), held.body()).await.refused(401, "session_token_invalid");
    for origin in ["https://evil.example", "null", "", "javascript:alert(1)"] {
        post(&held.path(), held.with("request_origin", origin)).await.refused(400, "origin_invalid");
    }
    post(&held.path(), held.with("format", "xml")).await.refused(422, "form_param_value_invalid");
    for name in ["expired_token", "refresh_token", "request_origin"] {
        let mut body = held.body();
        body.as_object_mut().unwrap().remove(name);
        assert_eq!(post(&held.path(), body).await.status(), 422, "{name}");
    }
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    theirs.post(&held.path(), held.body()).await.refused(401, "session_token_invalid");
    post(&held.path(), held.body()).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_refresh_token_is_over_with_its_time_and_with_its_session(app: TestApp) {
    let held = Held::by(&app).await;
    let banned = Held::by(&app).await;
    app.backend().post(&held.path(), held.body()).await.ok();
    app.backend().post(&format!("/v1/sessions/{}/revoke", held.session), json!({})).await.ok();
    let reply = app.backend().post(&held.path(), held.body()).await;
    assert_eq!(reply.status(), 401, "{}", reply.text());
    let session = app.backend().get(&format!("/v1/sessions/{}", banned.session)).await.ok();
    let ban = format!("/v1/users/{}/ban", session["user_id"].as_str().unwrap());
    app.backend().post(&ban, json!({})).await.ok();
    assert_eq!(app.backend().post(&banned.path(), banned.body()).await.status(), 401);

    let late = Held::by(&app).await;
    app.advance(Span::days(1));
    app.backend().post(&late.path(), late.body()).await.refused(401, "refresh_token_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn only_a_good_token_of_a_living_session_is_verified(app: TestApp) {
    let (held, other) = (Held::by(&app).await, Held::by(&app).await);
    let path = format!("/v1/sessions/{}/verify", held.session);
    let verify = async |token: &Value| app.backend().post(&path, json!({ "token": token })).await;
    let mint = async |held: &Held| {
        let path = format!("/v1/sessions/{}/tokens", held.session);
        app.backend().post(&path, json!({})).await.ok()["jwt"].clone()
    };
    app.backend().post(&path, json!({})).await.refused(422, "form_param_missing");
    for token in [json!(held.expired), json!("a.b.c"), mint(&other).await] {
        verify(&token).await.refused(401, "session_token_invalid");
    }
    let good = mint(&held).await;
    assert_eq!(verify(&good).await.ok()["id"], json!(held.session));
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    theirs.post(&path, json!({ "token": good })).await.refused(404, "resource_not_found");
    app.backend().post(&format!("/v1/sessions/{}/revoke", held.session), json!({})).await.ok();
    verify(&good).await.refused(401, "session_token_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn cookies_for_pages_behind_tls_are_secure(app: TestApp) {
    let settings =
        Settings { allowed_origins: vec!["https://shop.example".to_owned()], ..Settings::default() };
    let app = app.remade(frontdesk_core::instance::InstanceKind::Development, settings).await;
    let held = Held::by(&app).await;
    let mut body = held.with("format", "cookie");
    body["request_origin"] = json!("https://shop.example");
    let cookies = app.backend().post(&held.path(), body).await.ok();
    assert!(
        cookies["cookies"].as_array().unwrap().iter().all(|it| it.as_str().unwrap().contains("; Secure"))
    );
}

/// Refreshes as SDKs do, and keeps the refresh token that comes back, as browsers do.
async fn next_of(app: &TestApp, held: &Held) -> Held {
    let cookies = app.backend().post(&held.path(), held.with("format", "cookie")).await.ok();
    let value = |prefix: &str| {
        let mut lines = cookies["cookies"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
        let (_, rest) = lines.find(|line| line.starts_with(prefix)).unwrap().split_once('=').unwrap();
        rest.split(';').next().unwrap().to_owned()
    };
    Held { session: held.session.clone(), expired: value("__session="), refresh: value("__refresh_") }
}

#[frontdesk_testkit::matrix::test]
async fn each_refresh_gives_the_next_refresh_token(app: TestApp) {
    let first = Held::by(&app).await;
    let second = next_of(&app, &first).await;
    assert_ne!(first.refresh, second.refresh);
    // What was on its way already comes through; both tabs end with a token that is good.
    app.advance(Span::seconds(59));
    let other_tab = next_of(&app, &first).await;
    app.advance(Span::seconds(30));
    let third = next_of(&app, &second).await;
    next_of(&app, &third).await;
    next_of(&app, &other_tab).await;

    // A bare token has no place for the next one, so nothing is replaced.
    let bare = Held::by(&app).await;
    for _ in 0..3 {
        app.backend().post(&bare.path(), bare.body()).await.ok();
        app.advance(Span::minutes(2));
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_copy_that_comes_back_leaves_neither_anything(app: TestApp) {
    let stolen = Held::by(&app).await;
    let owner = next_of(&app, &stolen).await;
    let bystander = Held::by(&app).await;
    app.advance(Span::minutes(1));
    let refused = app.backend().post(&stolen.path(), stolen.body()).await;
    refused.refused(401, "refresh_token_invalid");
    app.backend().post(&owner.path(), owner.body()).await.refused(401, "refresh_token_invalid");
    // The session itself lives, so its browser shakes hands; nobody else is concerned.
    let session = app.backend().get(&format!("/v1/sessions/{}", owner.session)).await.ok();
    assert_eq!(session["status"], "active");
    app.backend().post(&bystander.path(), bystander.body()).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn refresh_tokens_do_not_outlive_a_password(app: TestApp) {
    let password = json!({ "password": "correct horse battery", "skip_password_checks": true });
    for (method, path, body) in [("PATCH", "", password.clone()), ("POST", "/remove_password", json!({}))] {
        let (held, bystander) = (Held::by(&app).await, Held::by(&app).await);
        let session = app.backend().get(&format!("/v1/sessions/{}", held.session)).await.ok();
        let user = format!("/v1/users/{}", session["user_id"].as_str().unwrap());
        app.backend().patch(&user, password.clone()).await.ok();
        let mut work = Work::new(&app.instance.instance.id);
        let refresh = format!("another refresh of {}", held.session);
        work.insert_refresh_token(&RefreshToken {
            token_hash: token_hash(&refresh),
            session_id: held.session.parse().unwrap(),
            expires_at: app.now() + Span::days(1),
            created_at: app.now(),
            replaced_at: None,
        });
        app.server.store().commit(work).await.unwrap();
        app.backend().post(&held.path(), held.body()).await.refused(401, "refresh_token_invalid");
        let held = Held { refresh, ..held };
        app.backend().post(&held.path(), held.body()).await.ok();
        let reply = app.backend().send(method.parse().unwrap(), &format!("{user}{path}"), Some(body)).await;
        assert_eq!(reply.status(), 200, "{}", reply.text());
        app.backend().post(&held.path(), held.body()).await.refused(401, "refresh_token_invalid");
        app.backend().post(&bystander.path(), bystander.body()).await.ok();
    }
}
