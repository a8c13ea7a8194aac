//! Sessions of a client and their tokens.

use axum::body::Body;
use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Settings;
use frontdesk_jwt::Token;
use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use frontdesk_types::{Span, UserId};
use http::Request;
use serde_json::{Value, json};

use crate::contract::assert_described;

const PASSWORD: &str = "correct horse battery";

/// Somebody with a password.
async fn person(app: &TestApp, email: &str) -> UserId {
    app.user().email(email).password(PASSWORD).first_name("Ada").last_name("Byron").create().await
}

/// Signs in with e-mail address and password; gives the session's id.
async fn sign_in(browser: &mut Browser, email: &str) -> String {
    let form = [("identifier", email), ("password", PASSWORD)];
    let reply = browser.post("/v1/client/sign_ins", &form).await.ok();
    reply["response"]["created_session_id"].as_str().unwrap().to_owned()
}

/// Somebody who is signed in.
async fn signed_in(app: &TestApp) -> (Browser, String) {
    person(app, "ada@example.com").await;
    let mut browser = app.browser();
    let session = sign_in(&mut browser, "ada@example.com").await;
    (browser, session)
}

fn claims(jwt: &Value) -> Value {
    Token::decode(jwt.as_str().unwrap()).unwrap().claims().unwrap()
}

async fn token(browser: &mut Browser, session: &str) -> Reply {
    browser.post(&format!("/v1/client/sessions/{session}/tokens"), &[("organization_id", "")]).await
}

async fn events(app: &TestApp) -> Vec<String> {
    let events = app.server.store().events(&app.instance.instance.id, 0, 100).await.unwrap();
    events.into_iter().map(|recorded| recorded.event.kind.to_string()).collect()
}

async fn remade(app: TestApp, kind: InstanceKind, single_session_mode: bool) -> TestApp {
    app.remade(kind, Settings { single_session_mode, ..Settings::default() }).await
}

#[frontdesk_testkit::matrix::test]
async fn a_signed_in_client_shows_its_session_in_full(app: TestApp) {
    let (mut browser, session) = signed_in(&app).await;
    let reply = browser.get("/v1/client").await;
    assert_described("getClient", &reply);
    let client = reply.ok()["response"].clone();
    let shown = &client["sessions"][0];
    assert_eq!((shown["id"].as_str(), &shown["status"]), (Some(session.as_str()), &json!("active")));
    assert_eq!(client["last_active_session_id"], json!(session));
    assert_eq!(client["last_authentication_strategy"], "password");
    assert_eq!((&client["sign_in"], &client["sign_up"]), (&Value::Null, &Value::Null));
    assert_eq!(shown["factor_verification_age"], json!([0, -1]));
    assert_eq!(shown["user"]["organization_memberships"], json!([]));
    assert_eq!(shown["user"].get("private_metadata"), None);
    assert_eq!(shown["public_user_data"]["identifier"], "ada@example.com");
    assert_eq!(shown["expire_at"], json!((app.now() + Span::days(7)).as_millis()));

    let jwt = &shown["last_active_token"]["jwt"];
    let token = Token::decode(jwt.as_str().unwrap()).unwrap();
    assert_eq!(token.header().oiat, Some(app.now().as_secs()));
    let said = claims(jwt);
    assert_eq!((&said["sid"], &said["v"], &said["sts"]), (&json!(session), &json!(2), &json!("active")));
    assert_eq!(said["azp"], "http://localhost:3000");
    assert_eq!(said["iss"], "https://clerk.frontdesk.localhost");
    assert!(client["updated_at"].as_i64().unwrap() / 1000 <= said["iat"].as_i64().unwrap());
}

#[frontdesk_testkit::matrix::test]
async fn tokens_name_the_page_also_where_the_browser_names_no_origin(app: TestApp) {
    let mut browser = app.browser();
    browser.is_https = true;
    person(&app, "ada@example.com").await;
    sign_in(&mut browser, "ada@example.com").await;
    let pairs: Vec<_> = browser
        .cookie_names()
        .into_iter()
        .map(|name| format!("{name}={}", browser.cookie(name).unwrap()))
        .collect();
    let cookie = pairs.join("; ");
    for (headers, page) in [
        (&[("clerk-proxy-url", "http://localhost:3000/__clerk")][..], json!("http://localhost:3000")),
        (
            &[("referer", "http://localhost:5173/a?b"), ("sec-fetch-site", "same-origin")],
            json!("http://localhost:5173"),
        ),
        (&[("referer", "http://localhost:5173/a?b"), ("sec-fetch-site", "same-site")], Value::Null),
        (&[("clerk-proxy-url", "https://evil.example/__clerk")], Value::Null),
        (&[], Value::Null),
    ] {
        let mut request = Request::builder().uri("/v1/client").header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let reply = browser.clone().send_request(request.body(Body::empty()).unwrap()).await.ok();
        let said = claims(&reply["response"]["sessions"][0]["last_active_token"]["jwt"]);
        assert_eq!(said["azp"], page, "{headers:?}");
    }
}

#[frontdesk_testkit::matrix::test]
async fn requests_at_once_all_find_their_turn(app: TestApp) {
    let app = remade(app, InstanceKind::Development, false).await;
    let mut browser = app.browser();
    let mut sessions = Vec::new();
    for email in ["ada@example.com", "grace@example.com"] {
        person(&app, email).await;
        sessions.push(sign_in(&mut browser, email).await);
    }
    // Each touch moves the client to its session, so they race for the client's version.
    let touches = (0..3).flat_map(|_| sessions.clone()).map(|session| {
        let mut tab = browser.clone();
        tokio::spawn(async move {
            let path = format!("/v1/client/sessions/{session}/touch");
            tab.post(&path, &[("intent", "select_session")]).await.status()
        })
    });
    for touch in touches.collect::<Vec<_>>() {
        assert_eq!(touch.await.unwrap(), 200);
    }
    let ends = sessions.into_iter().map(|session| {
        let mut tab = browser.clone();
        tokio::spawn(
            async move { tab.post(&format!("/v1/client/sessions/{session}/end"), &[]).await.status() },
        )
    });
    for end in ends.collect::<Vec<_>>() {
        assert_eq!(end.await.unwrap(), 200);
    }
    assert_eq!(browser.get("/v1/client").await.ok()["response"]["sessions"], json!([]));
    assert_eq!(events(&app).await.iter().filter(|kind| *kind == "session.ended").count(), 2);
}

#[frontdesk_testkit::matrix::test]
async fn older_callers_get_older_claims(app: TestApp) {
    let (browser, session) = signed_in(&app).await;
    let mut older = browser.version("2024-10-01");
    let said = claims(&token(&mut older, &session).await.ok()["jwt"]);
    assert_eq!((said.get("v"), said.get("sts")), (None, None));
    assert_eq!(said["sid"], json!(session));
}

#[frontdesk_testkit::matrix::test]
async fn tokens_are_bare_and_asked_of_the_database_each_time(app: TestApp) {
    let (mut browser, session) = signed_in(&app).await;
    let reply = token(&mut browser, &session).await;
    assert_described("createSessionToken", &reply);
    assert_eq!(reply.ok()["object"], "token");
    assert_eq!(claims(&reply.json()["jwt"])["exp"], json!(app.now().as_secs() + 60));
    let path = format!("/v1/client/sessions/{session}/tokens");
    browser.post(&path, &[]).await.ok();
    browser.post(&path, &[("organization_id", "org_unknown")]).await.refused(404, "resource_not_found");

    app.backend().post(&format!("/v1/sessions/{session}/revoke"), json!({})).await.ok();
    token(&mut browser, &session).await.refused(401, "resource_not_found");
    let client = browser.get("/v1/client").await.ok();
    assert_eq!(client["response"]["sessions"], json!([]));
}

#[frontdesk_testkit::matrix::test]
async fn an_expired_session_gives_no_token(app: TestApp) {
    let (mut browser, session) = signed_in(&app).await;
    app.advance(Span::millis(7 * 86_400_000 - 1));
    token(&mut browser, &session).await.ok();
    app.advance(Span::millis(1));
    token(&mut browser, &session).await.refused(401, "resource_not_found");
    let shown = browser.get(&format!("/v1/client/sessions/{session}")).await;
    assert_described("getSession", &shown);
    assert_eq!(shown.ok()["response"]["status"], "expired");
    assert_eq!(shown.ok()["response"]["last_active_token"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn the_banned_get_nothing(app: TestApp) {
    let ada = person(&app, "ada@example.com").await;
    let mut browser = app.browser();
    let session = sign_in(&mut browser, "ada@example.com").await;
    app.backend().post(&format!("/v1/users/{ada}/ban"), json!({})).await.ok();
    token(&mut browser, &session).await.refused(401, "resource_not_found");
    assert_eq!(browser.get("/v1/client").await.ok()["response"]["sessions"], json!([]));
    // Also where the ban came without the end of the session.
    let mut account = app.server.store().account(&app.instance.instance.id, &ada).await.unwrap().unwrap();
    account.user.banned = false;
    let mut work = frontdesk_store::Work::new(&app.instance.instance.id);
    work.save_user(&account.user);
    app.server.store().commit(work).await.unwrap();
    let session = sign_in(&mut browser, "ada@example.com").await;
    let mut account = app.server.store().account(&app.instance.instance.id, &ada).await.unwrap().unwrap();
    account.user.banned = true;
    let mut work = frontdesk_store::Work::new(&app.instance.instance.id);
    work.save_user(&account.user);
    app.server.store().commit(work).await.unwrap();
    token(&mut browser, &session).await.refused(403, "user_banned");
    let touched = browser.post(&format!("/v1/client/sessions/{session}/touch"), &[]).await;
    touched.refused(403, "user_banned");
    let client = browser.get("/v1/client").await.ok();
    assert_eq!(client["response"]["sessions"][0]["last_active_token"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn a_template_makes_a_token_of_its_own(app: TestApp) {
    let (mut browser, session) = signed_in(&app).await;
    let template = json!({ "name": "warehouse", "claims": { "aud": "stock", "mail": "{{user.primary_email_address}}" } });
    app.backend().post("/v1/jwt_templates", template).await.ok();
    let path = format!("/v1/client/sessions/{session}/tokens/warehouse");
    let reply = browser.post(&path, &[]).await;
    assert_described("createSessionTokenWithTemplate", &reply);
    let said = claims(&reply.ok()["jwt"]);
    assert_eq!((&said["aud"], &said["mail"]), (&json!("stock"), &json!("ada@example.com")));
    assert_eq!((said.get("sid"), &said["azp"]), (None, &json!("http://localhost:3000")));
    let path = format!("/v1/client/sessions/{session}/tokens/unknown");
    browser.post(&path, &[]).await.refused(404, "resource_not_found");
    // The neighbour's templates are not ours.
    let neighbour = app.backend_with(Some(&app.other.instance.secret_key));
    neighbour.post("/v1/jwt_templates", json!({ "name": "theirs", "claims": {} })).await.ok();
    let path = format!("/v1/client/sessions/{session}/tokens/theirs");
    browser.post(&path, &[]).await.refused(404, "resource_not_found");
}

#[frontdesk_testkit::matrix::test]
async fn sessions_of_others_are_nobodys(app: TestApp) {
    let (mut browser, session) = signed_in(&app).await;
    let mut stranger = app.browser();
    person(&app, "grace@example.com").await;
    let mut grace = app.browser();
    sign_in(&mut grace, "grace@example.com").await;
    for action in ["touch", "end", "remove", "tokens", "tokens/any"] {
        let path = format!("/v1/client/sessions/{session}/{action}");
        stranger.post(&path, &[]).await.refused(401, "signed_out");
        grace.post(&path, &[]).await.refused(404, "resource_not_found");
        // The right cookie at the wrong instance is no cookie.
        browser.post(&format!("/i/neighbour{path}"), &[]).await.refused(401, "signed_out");
        let theirs = format!("/v1/client/sessions/sess_unknown/{action}");
        browser.post(&theirs, &[]).await.refused(404, "resource_not_found");
    }
    grace.get(&format!("/v1/client/sessions/{session}")).await.refused(404, "resource_not_found");
    token(&mut browser, &session).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_touch_notes_use_once_a_minute_and_moves_no_authentication(app: TestApp) {
    let (mut browser, session) = signed_in(&app).await;
    let path = format!("/v1/client/sessions/{session}/touch");
    let form = [("active_organization_id", ""), ("intent", "select_session")];
    let started = app.now().as_millis();
    app.advance(Span::seconds(59));
    let reply = browser.post(&path, &form).await;
    assert_described("touchSession", &reply);
    assert_eq!(reply.ok()["response"]["last_active_at"], json!(started));
    app.advance(Span::seconds(1));
    let touched = browser.post(&path, &form).await.ok();
    assert_eq!(touched["response"]["last_active_at"], json!(started + 60_000));
    assert_eq!(touched["client"]["updated_at"], json!(started));
    assert_eq!(touched["response"], touched["client"]["sessions"][0]);
    assert_eq!(claims(&touched["response"]["last_active_token"]["jwt"])["iat"], json!(app.now().as_secs()));
    app.advance(Span::seconds(60));
    token(&mut browser, &session).await.ok();
    let seen = browser.get("/v1/client").await.ok();
    assert_eq!(seen["response"]["sessions"][0]["last_active_at"], json!(started + 120_000), "minting is use");
    browser
        .post(&path, &[("active_organization_id", "org_unknown")])
        .await
        .refused(404, "resource_not_found");
}

#[frontdesk_testkit::matrix::test]
async fn signing_out_ends_the_session_and_moves_authentication(app: TestApp) {
    for (action, status, event) in
        [("end", "ended", "session.ended"), ("remove", "removed", "session.removed")]
    {
        let email = format!("{action}@example.com");
        person(&app, &email).await;
        let mut browser = app.browser();
        let session = sign_in(&mut browser, &email).await;
        app.advance(Span::seconds(5));
        let reply = browser.post(&format!("/v1/client/sessions/{session}/{action}"), &[]).await;
        assert_described(if action == "end" { "endSession" } else { "removeSession" }, &reply);
        let reply = reply.ok();
        assert_eq!(
            (&reply["response"]["status"], &reply["client"]["sessions"]),
            (&json!(status), &json!([]))
        );
        assert_eq!(reply["client"]["last_active_session_id"], Value::Null);
        assert_eq!(reply["client"]["updated_at"], json!(app.now().as_millis()));
        assert_eq!(events(&app).await.last().unwrap(), event);
        let count = events(&app).await.len();
        browser.post(&format!("/v1/client/sessions/{session}/{action}"), &[]).await.ok();
        assert_eq!(events(&app).await.len(), count, "twice is no news");
        token(&mut browser, &session).await.refused(401, "resource_not_found");
    }
}

#[frontdesk_testkit::matrix::test]
async fn signing_out_of_everything_keeps_the_client(app: TestApp) {
    let app = remade(app, InstanceKind::Development, false).await;
    for email in ["ada@example.com", "grace@example.com"] {
        person(&app, email).await;
    }
    let mut browser = app.browser();
    sign_in(&mut browser, "ada@example.com").await;
    let grace = sign_in(&mut browser, "grace@example.com").await;
    let both = browser.get("/v1/client").await.ok();
    assert_eq!(both["response"]["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(both["response"]["last_active_session_id"], json!(grace));
    let reply = browser.post_as("DELETE", "/v1/client/sessions", &[]).await;
    assert_described("removeClientSessionsAndRetainCookie", &reply);
    assert_eq!((&reply.ok()["response"]["sessions"], &reply.ok()["client"]), (&json!([]), &Value::Null));
    assert!(browser.cookie("__client").is_some());
    assert_eq!(events(&app).await.iter().filter(|kind| *kind == "session.removed").count(), 2);
    assert_eq!(browser.get("/v1/client").await.ok()["response"]["id"], both["response"]["id"]);
}

#[frontdesk_testkit::matrix::test]
async fn one_of_several_sessions_can_go(app: TestApp) {
    let app = remade(app, InstanceKind::Development, false).await;
    for email in ["ada@example.com", "grace@example.com"] {
        person(&app, email).await;
    }
    let mut browser = app.browser();
    let ada = sign_in(&mut browser, "ada@example.com").await;
    let grace = sign_in(&mut browser, "grace@example.com").await;
    let form = [("identifier", "ada@example.com"), ("password", PASSWORD)];
    let again = browser.post("/v1/client/sign_ins", &form).await;
    again.refused(400, "identifier_already_signed_in");
    assert_eq!(again.json()["errors"][0]["meta"]["session_id"], json!(ada));
    let left = browser.post(&format!("/v1/client/sessions/{grace}/remove"), &[]).await.ok();
    assert_eq!(left["client"]["last_active_session_id"], json!(ada));
    assert_eq!(left["client"]["sessions"].as_array().unwrap().len(), 1);
    browser.post(&format!("/v1/client/sessions/{ada}/touch"), &[]).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn in_single_session_mode_a_second_sign_in_waits(app: TestApp) {
    let (mut browser, _) = signed_in(&app).await;
    let form = [("identifier", "ada@example.com"), ("password", PASSWORD)];
    browser.post("/v1/client/sign_ins", &form).await.refused(400, "session_exists");
}

#[frontdesk_testkit::matrix::test]
async fn the_token_rotates_and_the_old_one_only_reads_what_was_there(app: TestApp) {
    let app = remade(app, InstanceKind::Development, false).await;
    for email in ["ada@example.com", "grace@example.com"] {
        person(&app, email).await;
    }
    let mut browser = app.browser();
    let ada = sign_in(&mut browser, "ada@example.com").await;
    let mut tab = browser.clone();
    app.advance(Span::seconds(1));
    let grace = sign_in(&mut browser, "grace@example.com").await;
    assert_ne!(tab.cookie("__client"), browser.cookie("__client"));

    app.advance(Span::seconds(10));
    // In flight: it reads, mints for what was there, and neither sees nor changes the rest.
    token(&mut tab, &ada).await.ok();
    token(&mut tab, &grace).await.refused(404, "resource_not_found");
    let seen = tab.get("/v1/client").await.ok();
    let ids: Vec<_> =
        seen["response"]["sessions"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids, [json!(ada)]);
    tab.post(&format!("/v1/client/sessions/{ada}/end"), &[]).await.refused(401, "client_read_only");
    tab.post_as("DELETE", "/v1/client", &[]).await.refused(401, "client_read_only");
    tab.post(&format!("/v1/client/sessions/{ada}/touch"), &[("intent", "focus")]).await.ok();
    app.advance(Span::millis(1));
    token(&mut tab, &ada).await.refused(401, "signed_out");
    assert_eq!(tab.get("/v1/client").await.ok()["response"], Value::Null);
    token(&mut browser, &ada).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn a_planted_client_is_worth_nothing_after_the_sign_in(app: TestApp) {
    person(&app, "ada@example.com").await;
    let mut attacker = app.browser();
    attacker.post_as("PUT", "/v1/client", &[]).await.ok();
    let mut victim = attacker.clone();
    let session = sign_in(&mut victim, "ada@example.com").await;
    assert_eq!(attacker.get("/v1/client").await.ok()["response"]["sessions"], json!([]));
    token(&mut attacker, &session).await.refused(404, "resource_not_found");
    app.advance(Span::seconds(11));
    token(&mut attacker, &session).await.refused(401, "signed_out");
}

#[frontdesk_testkit::matrix::test]
async fn production_tells_when_authentication_changed(app: TestApp) {
    let app = remade(app, InstanceKind::Production, true).await;
    person(&app, "ada@example.com").await;
    let mut browser = app.browser();
    "clerk.frontdesk.localhost".clone_into(&mut browser.host);
    browser.origin = Some("https://frontdesk.localhost".to_owned());
    let form = [("identifier", "ada@example.com"), ("password", PASSWORD)];
    let reply = browser.post("/v1/client/sign_ins", &form).await;
    let session = reply.ok()["response"]["created_session_id"].as_str().unwrap().to_owned();
    let lines: Vec<_> = reply
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|line| line.to_str().unwrap().to_owned())
        .filter(|line| line.starts_with("__client_uat"))
        .collect();
    assert_eq!(lines.len(), 2, "with and without suffix: {lines:?}");
    for line in &lines {
        assert!(line.contains("Domain=frontdesk.localhost") && line.contains("SameSite=Lax"), "{line}");
        assert!(!line.contains("HttpOnly") && line.contains("Path=/"), "{line}");
    }
    let seconds = app.now().as_secs().to_string();
    assert_eq!(browser.cookie("__client_uat"), Some(seconds.as_str()));
    app.advance(Span::minutes(5));
    browser.get("/v1/client").await.ok();
    assert_eq!(browser.cookie("__client_uat"), Some(seconds.as_str()), "reading changes nothing");
    browser.post(&format!("/v1/client/sessions/{session}/end"), &[]).await.ok();
    assert_eq!(browser.cookie("__client_uat"), Some("0"));

    // Where application and Frontend API share no domain, the cookies stay on the host.
    let mut elsewhere = app.browser();
    elsewhere.origin = Some("https://frontdesk.localhost".to_owned());
    let reply = elsewhere.post("/v1/client/sign_ins", &form).await;
    reply.ok();
    let domains =
        reply.headers().get_all("set-cookie").iter().filter(|line| line.to_str().unwrap().contains("Domain"));
    assert_eq!(domains.count(), 0);
}

#[frontdesk_testkit::matrix::test]
async fn people_see_where_they_are_signed_in(app: TestApp) {
    let (mut browser, session) = signed_in(&app).await;
    let mut phone = app.browser();
    let second = sign_in(&mut phone, "ada@example.com").await;
    let reply = browser.get(&format!("/v1/me/sessions/active?_clerk_session_id={session}")).await;
    assert_described("getSessions", &reply);
    let list = reply.ok();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&json!(session)) && ids.contains(&json!(second)));
    let other = format!("/v1/me/sessions/active?_clerk_session_id={second}");
    browser.get(&other).await.refused(401, "signed_out");
    app.browser().get("/v1/me/sessions/active").await.refused(401, "signed_out");
}

#[frontdesk_testkit::matrix::test]
async fn a_client_holds_ten_sessions_at_most(app: TestApp) {
    let app = remade(app, InstanceKind::Development, false).await;
    let mut browser = app.browser();
    let mut first = String::new();
    for number in 0..11 {
        let email = format!("person{number}@example.com");
        let id = app.user().email(&email).create().await;
        let ticket = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": id })).await.ok();
        let form = [("strategy", "ticket"), ("ticket", ticket["token"].as_str().unwrap())];
        let reply = browser.post("/v1/client/sign_ins", &form).await.ok();
        if number == 0 {
            reply["response"]["created_session_id"].as_str().unwrap().clone_into(&mut first);
        }
        app.advance(Span::seconds(1));
    }
    let client = browser.get("/v1/client").await.ok();
    assert_eq!(client["response"]["sessions"].as_array().unwrap().len(), 10);
    let shown = browser.get(&format!("/v1/client/sessions/{first}")).await.ok();
    assert_eq!(shown["response"]["status"], "replaced");
}
