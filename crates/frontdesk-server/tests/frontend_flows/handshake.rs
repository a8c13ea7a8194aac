//! The handshake in development, to the cookies that the application's server gets.

use axum::body::Body;
use frontdesk_jwt::{Expectations, Token};
use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use frontdesk_types::Span;
use http::Request;
use serde_json::{Value, json};
use url::Url;

use crate::steps::{PASSWORD, identify, reset_password, send_code, sign_in, sign_up, text, try_code};

const PAGE: &str = "http://localhost:3000/dashboard?tab=a%20b";

/// A browser is sent to the handshake by the application's server: a navigation, without `Origin`.
async fn handshake(browser: &mut Browser, page: &str, rest: &str) -> Reply {
    let origin = browser.origin.take();
    let page: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
    let reply = browser.get(&format!("/v1/client/handshake?redirect_url={page}{rest}")).await;
    browser.origin = origin;
    reply
}

/// The parameter that the browser is sent back with.
fn carried(reply: &Reply, name: &str) -> String {
    assert_eq!(reply.status(), 307, "{}", reply.text());
    let location = Url::parse(reply.header("location")).unwrap();
    let found = location.query_pairs().find(|(key, _)| key == name);
    found.expect("a parameter that carries the handshake").1.into_owned()
}

/// What the application's server gets for a nonce.
async fn payload(app: &TestApp, nonce: &str) -> Vec<String> {
    let reply = app.backend().get(&format!("/v1/clients/handshake_payload?nonce={nonce}")).await.ok();
    reply["directives"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

async fn directives(app: &TestApp, browser: &mut Browser) -> Vec<String> {
    let reply = handshake(browser, PAGE, "&format=nonce").await;
    payload(app, &carried(&reply, "__clerk_handshake_nonce")).await
}

/// The values that the directives give a cookie.
fn values<'d>(directives: &'d [String], name: &str) -> Vec<&'d str> {
    let prefix = format!("{name}=");
    directives
        .iter()
        .filter_map(|text| text.strip_prefix(&prefix))
        .map(|rest| rest.split(';').next().unwrap_or_default())
        .collect()
}

fn suffix(app: &TestApp) -> String {
    frontdesk_server::keys::cookie_suffix(&app.instance.publishable_key)
}

fn claims(token: &str) -> Value {
    serde_json::from_str(Token::decode(token).unwrap().claims_json()).unwrap()
}

#[frontdesk_testkit::matrix::test]
async fn a_stranger_goes_home_signed_out_with_a_development_browser(app: TestApp) {
    let mut browser = app.browser();
    let reply = handshake(
        &mut browser,
        PAGE,
        "&format=nonce&suffixed_cookies=false&__clerk_hs_reason=dev-browser-missing",
    )
    .await;
    let nonce = carried(&reply, "__clerk_handshake_nonce");
    assert_eq!(reply.header("location"), format!("{PAGE}&__clerk_handshake_nonce={nonce}"));
    assert_eq!(reply.header("cache-control"), "no-store");
    let found = payload(&app, &nonce).await;
    let suffix = suffix(&app);
    for name in ["__client_uat".to_owned(), format!("__client_uat_{suffix}")] {
        assert_eq!(values(&found, &name), ["0"], "{name}");
    }
    for name in ["__session".to_owned(), format!("__session_{suffix}")] {
        assert_eq!(values(&found, &name), [""], "{name}");
    }
    let dev_browser = values(&found, "__clerk_db_jwt");
    assert!(dev_browser[0].starts_with("dvb_"));
    assert_eq!(values(&found, &format!("__clerk_db_jwt_{suffix}")), dev_browser);
    assert_eq!(found.len(), 7);
    assert!(found.iter().all(|text| !text.contains("Domain") && !text.contains("Secure")));
    let hidden: Vec<_> = found.iter().filter(|text| text.contains("HttpOnly")).collect();
    assert!(hidden.len() == 1 && hidden[0].starts_with("__refresh_"), "scripts read all others: {hidden:?}");

    // The browser comes back with it and is the same one.
    let again =
        handshake(&mut browser, PAGE, &format!("&format=nonce&__clerk_db_jwt={}", dev_browser[0])).await;
    let found_again = payload(&app, &carried(&again, "__clerk_handshake_nonce")).await;
    assert_eq!(values(&found_again, "__clerk_db_jwt"), dev_browser);
}

#[frontdesk_testkit::matrix::test]
async fn somebody_who_is_signed_in_goes_home_with_a_fresh_token(app: TestApp) {
    let mut browser = app.browser();
    let done = sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let signed_up_at = app.now();
    app.advance(Span::minutes(5));
    let found = directives(&app, &mut browser).await;
    let suffix = suffix(&app);
    let tokens = values(&found, "__session");
    assert_eq!(values(&found, &format!("__session_{suffix}")), tokens);
    let said = claims(tokens[0]);
    assert_eq!(said["sid"], done["response"]["created_session_id"]);
    assert_eq!(said["sub"], done["response"]["created_user_id"]);
    assert_eq!((&said["azp"], &said["v"]), (&json!("http://localhost:3000"), &json!(2)));
    assert_eq!(said["iat"], app.now().as_secs());
    assert_eq!(said["iss"], "https://clerk.frontdesk.localhost");
    let uat = signed_up_at.as_secs().to_string();
    assert_eq!(values(&found, "__client_uat"), [uat.as_str()]);
    assert_eq!(values(&found, &format!("__client_uat_{suffix}")), [uat.as_str()]);

    // Old callers get old claims.
    let mut old = browser.clone().version("2021-02-05");
    let reply = handshake(&mut old, PAGE, "&format=nonce").await;
    let found = payload(&app, &carried(&reply, "__clerk_handshake_nonce")).await;
    assert_eq!(claims(values(&found, "__session")[0]).get("v"), None);
}

#[frontdesk_testkit::matrix::test]
async fn a_development_browser_stands_for_its_client(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let found = directives(&app, &mut browser).await;
    let dev_browser = values(&found, "__clerk_db_jwt")[0].to_owned();

    // Where cookies do not travel, the development browser alone names the client.
    let mut without_cookies = app.browser();
    let seen = without_cookies.get(&format!("/v1/client?__clerk_db_jwt={dev_browser}")).await.ok();
    assert_eq!(seen["response"]["sessions"].as_array().unwrap().len(), 1);
    let reply =
        handshake(&mut without_cookies, PAGE, &format!("&format=nonce&__clerk_db_jwt={dev_browser}")).await;
    let found = payload(&app, &carried(&reply, "__clerk_handshake_nonce")).await;
    assert!(!values(&found, "__session")[0].is_empty());
    assert_eq!(values(&found, "__clerk_db_jwt"), [dev_browser.as_str()]);
}

#[frontdesk_testkit::matrix::test]
async fn a_planted_development_browser_is_not_given_the_client(app: TestApp) {
    let planted = app.browser().post("/v1/dev_browser", &[]).await.ok();
    let planted = text(&planted, "/id").to_owned();
    let mut ada = app.browser();
    sign_up(&mut ada, "ada+clerk_test@example.com").await;
    let reply = handshake(&mut ada, PAGE, &format!("&format=nonce&__clerk_db_jwt={planted}")).await;
    let found = payload(&app, &carried(&reply, "__clerk_handshake_nonce")).await;
    assert_ne!(values(&found, "__clerk_db_jwt"), [planted.as_str()]);
    let seen = app.browser().get(&format!("/v1/client?__clerk_db_jwt={planted}")).await.ok();
    assert_eq!(seen["response"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn the_development_browser_of_another_client_is_replaced(app: TestApp) {
    let (mut eve, mut ada) = (app.browser(), app.browser());
    sign_up(&mut eve, "eve+clerk_test@example.com").await;
    let eves = values(&directives(&app, &mut eve).await, "__clerk_db_jwt")[0].to_owned();
    let done = sign_up(&mut ada, "ada+clerk_test@example.com").await;
    ada.get(&format!("/v1/client?__clerk_db_jwt={eves}")).await.refused(401, "authentication_invalid");
    let reply = handshake(&mut ada, PAGE, &format!("&format=nonce&__clerk_db_jwt={eves}")).await;
    let found = payload(&app, &carried(&reply, "__clerk_handshake_nonce")).await;
    assert_eq!(claims(values(&found, "__session")[0])["sub"], done["response"]["created_user_id"]);
    assert_ne!(values(&found, "__clerk_db_jwt"), [eves.as_str()]);
}

#[frontdesk_testkit::matrix::test]
async fn an_unknown_development_browser_is_replaced(app: TestApp) {
    let mut browser = app.browser();
    let reply = handshake(&mut browser, PAGE, "&format=nonce&__clerk_db_jwt=dvb_of_older_data").await;
    let found = payload(&app, &carried(&reply, "__clerk_handshake_nonce")).await;
    assert_ne!(values(&found, "__clerk_db_jwt"), ["dvb_of_older_data"]);
}

#[frontdesk_testkit::matrix::test]
async fn the_signed_form_verifies_with_the_instances_key(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    // The default where no format is named.
    let reply = handshake(&mut browser, PAGE, "&organization_id=org_nowhere").await;
    let text = carried(&reply, "__clerk_handshake");
    let token = Token::decode(&text).unwrap();
    let instance = app.server.instance(&app.instance.instance.id).await.unwrap();
    token.check_header(&Expectations::default()).unwrap();
    token.verify_signature(instance.signing_key.verifying_key()).unwrap();
    assert_eq!((token.header().typ.as_deref(), token.header().cat.as_deref()), (Some("JWT"), None));
    let said = claims(&text);
    let found: Vec<String> = serde_json::from_value(said["handshake"].clone()).unwrap();
    assert!(!values(&found, "__session")[0].is_empty());
    assert_eq!(said["exp"], (app.now() + Span::minutes(1)).as_secs());
}

#[frontdesk_testkit::matrix::test]
async fn whoever_signed_out_or_was_banned_goes_home_signed_out(app: TestApp) {
    let mut browser = app.browser();
    let done = sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let user = text(&done, "/response/created_user_id").to_owned();
    browser.post_as("DELETE", "/v1/client/sessions", &[]).await.ok();
    let found = directives(&app, &mut browser).await;
    assert_eq!((values(&found, "__session"), values(&found, "__client_uat")), (vec![""], vec!["0"]));
    assert!(found.iter().any(|text| text.starts_with("__session=;") && text.contains("Max-Age=0")));

    sign_in(&mut browser, "ada+clerk_test@example.com", PASSWORD).await.ok();
    assert!(!values(&directives(&app, &mut browser).await, "__session")[0].is_empty());
    app.backend().post(&format!("/v1/users/{user}/ban"), json!({})).await.ok();
    assert_eq!(values(&directives(&app, &mut browser).await, "__session"), [""]);
}

#[frontdesk_testkit::matrix::test]
async fn a_session_that_is_over_is_no_session(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    app.advance(Span::days(7));
    assert_eq!(values(&directives(&app, &mut browser).await, "__session"), [""]);
}

#[frontdesk_testkit::matrix::test]
async fn a_handshake_leads_to_the_instances_pages_only(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    for page in [
        "https://evil.example/",
        "http://localhost.evil.example/",
        "http://localhost@evil.example/",
        "//evil.example/",
        "/relative",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://user:pass@localhost:3000/",
        "",
    ] {
        let reply = handshake(&mut browser, page, "&format=nonce").await;
        assert_eq!(reply.header("location"), "", "{page}");
        assert!(matches!(reply.status(), 400 | 422), "{page}: {}", reply.text());
    }
    handshake(&mut browser, "https://evil.example/", "").await.refused(400, "redirect_url_invalid");
    browser.get("/v1/client/handshake").await.refused(422, "form_param_missing");
    handshake(&mut browser, PAGE, "&format=cookie").await.refused(422, "form_param_value_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn a_handshake_leads_to_redirect_urls_as_they_are_listed(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    for (listed, others) in [
        (
            "https://partner.example/back?a=b",
            ["https://partner.example/", "https://partner.example/back?a=b&c"],
        ),
        ("myapp://callback", ["myapp://callback/further", "myapp://other"]),
    ] {
        handshake(&mut browser, listed, "").await.refused(400, "redirect_url_invalid");
        let entry = app.backend().post("/v1/redirect_urls", json!({ "url": listed })).await.ok();
        let reply = handshake(&mut browser, listed, "&format=nonce").await;
        let nonce = carried(&reply, "__clerk_handshake_nonce");
        let sign = if listed.contains('?') { '&' } else { '?' };
        assert_eq!(reply.header("location"), format!("{listed}{sign}__clerk_handshake_nonce={nonce}"));
        let found = payload(&app, &nonce).await;
        let claims = claims(values(&found, "__session")[0]);
        // A program has no origin.
        let origin = listed.starts_with("https").then_some("https://partner.example");
        assert_eq!(claims.get("azp").and_then(Value::as_str), origin);
        for other in others {
            handshake(&mut browser, other, "").await.refused(400, "redirect_url_invalid");
        }
        let path = format!("/v1/redirect_urls/{}", text(&entry, "/id"));
        app.backend().delete(&path).await.ok();
        handshake(&mut browser, listed, "").await.refused(400, "redirect_url_invalid");
    }
}

#[frontdesk_testkit::matrix::test]
async fn programs_that_are_no_browsers_are_handed_a_nonce_only(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    app.backend().post("/v1/redirect_urls", json!({ "url": "myapp://callback" })).await.ok();
    carried(&handshake(&mut browser, "myapp://callback", "").await, "__clerk_handshake_nonce");
    let reply = handshake(&mut browser, "myapp://callback", "&format=token").await;
    reply.refused(422, "form_param_value_invalid");
    assert_eq!(reply.error_param(), "format");
}

#[frontdesk_testkit::matrix::test]
async fn a_nonce_is_for_one_reader_of_the_right_instance(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let reply = handshake(&mut browser, PAGE, "&format=nonce").await;
    let nonce = carried(&reply, "__clerk_handshake_nonce");
    let path = format!("/v1/clients/handshake_payload?nonce={nonce}");

    app.backend_with(Some(&app.other.instance.secret_key)).get(&path).await.refused(404, "nonce_invalid");
    app.backend_with(None).get(&path).await.refused(401, "authentication_invalid");
    let first = app.backend().get(&path).await.ok();
    app.advance(Span::seconds(10));
    assert_eq!(app.backend().get(&path).await.ok(), first, "a broken connection may ask again at once");
    app.advance(Span::millis(1));
    app.backend().get(&path).await.refused(404, "nonce_invalid");
    app.backend().get("/v1/clients/handshake_payload?nonce=made_up").await.refused(404, "nonce_invalid");
    app.backend().get("/v1/clients/handshake_payload").await.refused(422, "form_param_missing");

    let late = handshake(&mut browser, PAGE, "&format=nonce").await;
    let late = carried(&late, "__clerk_handshake_nonce");
    app.advance(Span::minutes(1));
    app.backend()
        .get(&format!("/v1/clients/handshake_payload?nonce={late}"))
        .await
        .refused(404, "nonce_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn a_handshake_in_flight_while_the_token_changes_goes_home(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let mut stale = browser.clone();
    browser.post_as("DELETE", "/v1/client/sessions", &[]).await.ok();
    sign_in(&mut browser, "ada+clerk_test@example.com", PASSWORD).await.ok();
    app.advance(Span::seconds(5));
    let reply = handshake(&mut stale, PAGE, "&format=nonce").await;
    let found = payload(&app, &carried(&reply, "__clerk_handshake_nonce")).await;
    assert_eq!(values(&found, "__session"), [""], "what began with the new token is not for the old one");
    let dev_browser = values(&found, "__clerk_db_jwt")[0];
    let seen = app.browser().get(&format!("/v1/client?__clerk_db_jwt={dev_browser}")).await.ok();
    assert_eq!(seen["response"], Value::Null, "nor is a way around it");
}

#[frontdesk_testkit::matrix::test]
async fn the_neighbours_cookies_open_nothing_here(app: TestApp) {
    let mut browser = app.browser();
    let form = [("email_address", "ada+clerk_test@example.com"), ("password", PASSWORD)];
    let begun = browser.post("/i/neighbour/v1/client/sign_ups", &form).await.ok();
    let path = format!("/i/neighbour/v1/client/sign_ups/{}", text(&begun, "/response/id"));
    crate::steps::prepare(&mut browser, &path).await.ok();
    crate::steps::attempt(&mut browser, &path, "424242").await.ok();
    let found = directives(&app, &mut browser).await;
    assert_eq!(values(&found, "__session"), [""]);
}

#[frontdesk_testkit::matrix::test]
async fn a_navigation_needs_no_script(app: TestApp) {
    // What a browser sends on a navigation from the application: no Origin, a Referer, Sec-Fetch headers.
    let request = Request::builder()
        .uri("/v1/client/handshake?redirect_url=http%3A%2F%2Flocalhost%3A3000%2F")
        .header("host", "localhost:4400")
        .header("referer", "http://localhost:3000/")
        .header("sec-fetch-dest", "document")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-site", "cross-site")
        .body(Body::empty())
        .unwrap();
    let reply = app.browser().send_request(request).await;
    assert_eq!(reply.status(), 307, "{}", reply.text());
}

#[frontdesk_testkit::matrix::test]
async fn the_applications_server_gets_what_it_refreshes_the_session_with(app: TestApp) {
    let name = format!("__refresh_{}", suffix(&app));
    let mut browser = app.browser();
    let stranger = directives(&app, &mut browser).await;
    assert_eq!(values(&stranger, &name), [""], "whatever is left over goes");
    let done = sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let session = text(&done, "/response/created_session_id").to_owned();
    let found = directives(&app, &mut browser).await;
    let line = found.iter().find(|line| line.starts_with(&name)).unwrap();
    assert!(line.ends_with("; HttpOnly") && line.contains("Path=/;"), "{line}");
    let refresh = values(&found, &name)[0].to_owned();
    let expired = values(&found, "__session")[0].to_owned();
    app.advance(Span::minutes(5));
    let ask = async |refresh: &str| {
        let body = json!({
            "expired_token": expired, "refresh_token": refresh, "request_origin": "http://localhost:3000",
        });
        app.backend().post(&format!("/v1/sessions/{session}/refresh"), body).await
    };
    let refreshed = ask(&refresh).await.ok();
    assert_eq!(claims(text(&refreshed, "/jwt"))["sid"], json!(session));
    ask("rt_unknown").await.refused(401, "refresh_token_invalid");

    // It is kept as a hash only, and is over with its session.
    let hash = frontdesk_server::keys::token_hash(&refresh);
    let store = app.server.store();
    assert!(store.refresh_token(&app.instance.instance.id, &hash).await.unwrap().is_some());
    browser.post(&format!("/v1/client/sessions/{session}/end"), &[]).await.ok();
    assert!(store.refresh_token(&app.instance.instance.id, &hash).await.unwrap().is_none());
    assert_eq!(ask(&refresh).await.status(), 401);
}

/// The refresh token of a fresh handshake, and the session token beside it.
async fn refresh_of(app: &TestApp, browser: &mut Browser) -> (String, String) {
    let found = directives(app, browser).await;
    let refresh = values(&found, &format!("__refresh_{}", suffix(app)))[0].to_owned();
    (refresh, values(&found, "__session")[0].to_owned())
}

#[frontdesk_testkit::matrix::test]
async fn refresh_tokens_go_with_sign_out_removal_and_a_new_password(app: TestApp) {
    let mut number = 0;
    for way in
        ["end", "remove", "sign out of all", "change the password", "forget the password", "delete oneself"]
    {
        number += 1;
        let email = format!("p{number}+clerk_test@example.com");
        let mut browser = app.browser();
        let done = sign_up(&mut browser, &email).await;
        let session = text(&done, "/response/created_session_id").to_owned();
        let (refresh, expired) = refresh_of(&app, &mut browser).await;
        let ask = async || {
            let body = json!({
                "expired_token": expired, "refresh_token": refresh, "request_origin": "http://localhost:3000",
            });
            app.backend().post(&format!("/v1/sessions/{session}/refresh"), body).await
        };
        ask().await.ok();
        let path = format!("/v1/client/sessions/{session}");
        let changed = match way {
            "end" | "remove" => browser.post(&format!("{path}/{way}"), &[]).await,
            "sign out of all" => browser.post_as("DELETE", "/v1/client/sessions", &[]).await,
            "delete oneself" => browser.post_as("DELETE", "/v1/me", &[]).await,
            "change the password" => {
                let form = [("current_password", PASSWORD), ("new_password", "another horse battery")];
                browser.post("/v1/me/change_password", &form).await
            }
            _ => {
                // From another browser, which leaves this session alone.
                let mut elsewhere = app.browser();
                let (path, _) = identify(&mut elsewhere, &email).await;
                let strategy = "reset_password_email_code";
                send_code(&mut elsewhere, &path, strategy).await.ok();
                try_code(&mut elsewhere, &path, strategy, "424242").await.ok();
                reset_password(&mut elsewhere, &path, "another horse battery").await
            }
        };
        assert_eq!(changed.status(), 200, "{way}: {}", changed.text());
        ask().await.refused(401, "refresh_token_invalid");
        if way.ends_with("password") {
            assert_eq!(app.backend().get(&format!("/v1/sessions/{session}")).await.ok()["status"], "active");
            let (refresh, expired) = refresh_of(&app, &mut browser).await;
            let body = json!({
                "expired_token": expired, "refresh_token": refresh, "request_origin": "http://localhost:3000",
            });
            app.backend().post(&format!("/v1/sessions/{session}/refresh"), body).await.ok();
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn every_token_has_the_version_that_the_caller_speaks(app: TestApp) {
    let mut browser = app.browser();
    let done = sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let session = text(&done, "/response/created_session_id").to_owned();
    for (version, is_second) in [
        ("2021-02-05", false),
        ("2024-10-01", false),
        ("2025-03-12", false),
        ("2025-04-10", true),
        ("2026-05-12", true),
    ] {
        let mut caller = browser.clone().version(version);
        let path = format!("/v1/client/sessions/{session}");
        let client = caller.get("/v1/client").await.ok();
        let one = caller.get(&path).await.ok();
        let touched = caller.post(&format!("{path}/touch"), &[]).await.ok();
        let token = caller.post(&format!("{path}/tokens"), &[]).await.ok();
        let mut tokens = vec![
            text(&client, "/response/sessions/0/last_active_token/jwt").to_owned(),
            text(&one, "/response/last_active_token/jwt").to_owned(),
            text(&touched, "/response/last_active_token/jwt").to_owned(),
            text(&touched, "/client/sessions/0/last_active_token/jwt").to_owned(),
            text(&token, "/jwt").to_owned(),
        ];
        tokens.push(values(&directives(&app, &mut caller).await, "__session")[0].to_owned());
        for token in tokens {
            let said = claims(&token);
            assert_eq!(said.get("v") == Some(&json!(2)), is_second, "{version}: {said}");
            assert_eq!(said.get("sts").is_some(), is_second, "{version}: {said}");
        }
    }
}
