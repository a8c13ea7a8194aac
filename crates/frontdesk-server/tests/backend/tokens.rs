//! Tokens minted for application servers: what they say, who signs them, and when there are none.

use frontdesk_jwt::{
    Algorithm, ClaimsVersion, Expectations, SessionClaims, SigningKey, Token, VerifyingKey, category, verify,
};
use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::Span;
use serde_json::{Map, Value, json};

use crate::contract::assert_described;
use crate::sessions::session;

const SECRET: &str = "a shared secret of some length, as hosted databases give them";

async fn mint(app: &TestApp, version: Option<&'static str>, path: &str, body: Value) -> String {
    let reply = app.backend().version(version).post(path, body).await.ok();
    assert_eq!(reply["object"], "token");
    reply["jwt"].as_str().unwrap().to_owned()
}

/// What a token says, verified with the instance's key.
async fn verified(app: &TestApp, jwt: &str) -> Map<String, Value> {
    let instance = app.server.instance(&app.instance.instance.id).await.unwrap();
    let key = instance.signing_key.verifying_key().clone();
    verify::<Map<String, Value>>(jwt, &key, &Expectations::default(), app.now()).unwrap().claims
}

#[frontdesk_testkit::matrix::test]
async fn a_session_token_verifies_and_says_who_is_signed_in(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let session = session(&app, &ada).await;
    let path = format!("/v1/sessions/{session}/tokens");
    let reply = app.backend().post(&path, json!({})).await;
    assert_described("CreateSessionToken", &reply);
    let jwt = mint(&app, Some("2026-05-12"), &path, json!({ "expires_in_seconds": null })).await;
    let claims = verified(&app, &jwt).await;
    let seconds = app.now().as_secs();
    for (name, expected) in [
        ("iss", json!("https://clerk.frontdesk.localhost")),
        ("sub", json!(ada)),
        ("sid", json!(session)),
        ("v", json!(2)),
        ("sts", json!("active")),
        ("iat", json!(seconds)),
        ("nbf", json!(seconds - 10)),
        ("exp", json!(seconds + 60)),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
    assert!(!claims.contains_key("azp"), "no browser asked");
    let header = Token::decode(&jwt).unwrap().header().clone();
    assert_eq!(header.cat.as_deref(), Some(category::SESSION));
    assert_eq!(header.oiat, Some(seconds));
}

#[frontdesk_testkit::matrix::test]
async fn callers_of_older_versions_get_the_older_claims(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let path = format!("/v1/sessions/{}/tokens", session(&app, &ada).await);
    for (version, expected) in [
        (None, ClaimsVersion::V1),
        (Some("2021-02-05"), ClaimsVersion::V1),
        (Some("2024-10-01"), ClaimsVersion::V1),
        (Some("2025-03-12"), ClaimsVersion::V1),
        (Some("2025-04-10"), ClaimsVersion::V2),
        (Some("2025-11-10"), ClaimsVersion::V2),
        (Some("2026-05-12"), ClaimsVersion::V2),
    ] {
        let claims = verified(&app, &mint(&app, version, &path, json!({})).await).await;
        assert_eq!(claims.contains_key("v"), expected == ClaimsVersion::V2, "{version:?}");
        assert_eq!(claims.contains_key("sts"), expected == ClaimsVersion::V2, "{version:?}");
        assert!(SessionClaims::try_from(claims).is_ok(), "{version:?}");
    }
}

#[frontdesk_testkit::matrix::test]
async fn the_caller_says_how_long_within_bounds(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let session = format!("/v1/sessions/{}/tokens", session(&app, &ada).await);
    app.backend().post("/v1/jwt_templates", json!({ "name": "t", "claims": {} })).await.ok();
    for path in [session.clone(), format!("{session}/t")] {
        for seconds in [30, 3600, 315_360_000] {
            let jwt = mint(&app, None, &path, json!({ "expires_in_seconds": seconds })).await;
            assert_eq!(verified(&app, &jwt).await["exp"], app.now().as_secs() + seconds);
        }
        for seconds in [json!(29), json!(315_360_001), json!(0), json!(-60), json!(i64::MAX)] {
            let reply = app.backend().post(&path, json!({ "expires_in_seconds": seconds })).await;
            reply.refused(422, "form_param_value_invalid");
            assert_eq!(reply.error_param(), "expires_in_seconds");
        }
        let reply = app.backend().post(&path, json!({ "expires_in_seconds": "60" })).await;
        reply.refused(422, "form_param_type_invalid");
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_revoked_session_is_refused_at_the_very_next_mint(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let session = session(&app, &ada).await;
    app.backend().post("/v1/jwt_templates", json!({ "name": "t", "claims": {} })).await.ok();
    let paths = [format!("/v1/sessions/{session}/tokens"), format!("/v1/sessions/{session}/tokens/t")];
    for path in &paths {
        app.backend().post(path, json!({})).await.ok();
    }
    app.backend().post(&format!("/v1/sessions/{session}/revoke"), json!({})).await.ok();
    for path in &paths {
        let reply = app.backend().post(path, json!({})).await;
        reply.refused(404, "resource_not_found");
        assert_described("CreateSessionToken", &reply);
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_template_token_says_what_its_template_says(app: TestApp) {
    let ada = app
        .user()
        .email("ada@example.com")
        .first_name("Ada")
        .with("public_metadata", json!({ "plan": "gold", "seats": 5 }))
        .create()
        .await;
    let session = session(&app, &ada).await;
    let claims = json!({
        "aud": "warehouse",
        "email": "{{user.primary_email_address}}",
        "hello": "Hello {{user.first_name}} {{user.last_name}}",
        "seats": "{{user.public_metadata.seats}}",
        "plan": "{{user.public_metadata.tier || user.public_metadata.plan || 'free'}}",
        "nothing": "{{user.public_metadata.nothing}}",
        "org": "{{org.id}}",
    });
    let template = json!({ "name": "warehouse", "claims": claims, "lifetime": 300, "allowed_clock_skew": 7 });
    app.backend().post("/v1/jwt_templates", template).await.ok();
    let path = format!("/v1/sessions/{session}/tokens/warehouse");
    assert_described("CreateSessionTokenFromTemplate", &app.backend().post(&path, json!({})).await);
    let jwt = mint(&app, Some("2026-05-12"), &path, json!({})).await;
    let mut claims = verified(&app, &jwt).await;
    assert!(claims.remove("jti").is_some());
    let seconds = app.now().as_secs();
    assert_eq!(
        Value::Object(claims),
        json!({
            "aud": "warehouse",
            "email": "ada@example.com",
            "hello": "Hello Ada null",
            "seats": 5,
            "plan": "gold",
            "nothing": null,
            "org": null,
            "exp": seconds + 300,
            "iat": seconds,
            "iss": "https://clerk.frontdesk.localhost",
            "nbf": seconds - 7,
            "sub": ada,
        })
    );
    let header = Token::decode(&jwt).unwrap().header().clone();
    assert_eq!((header.cat.as_deref(), header.alg.as_str()), (Some(category::JWT_TEMPLATE), "RS256"));
    // The next token shows an update.
    let update = json!({ "public_metadata": { "tier": "platinum" } });
    app.backend().patch(&format!("/v1/users/{ada}/metadata"), update).await.ok();
    let claims = verified(&app, &mint(&app, None, &path, json!({})).await).await;
    assert_eq!(claims["plan"], "platinum");
}

#[frontdesk_testkit::matrix::test]
async fn a_key_of_the_templates_own_signs(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let session = session(&app, &ada).await;
    let path = format!("/v1/sessions/{session}/tokens/supabase");
    let template = json!({
        "name": "supabase",
        "claims": { "role": "authenticated" },
        "custom_signing_key": true,
        "signing_algorithm": "HS256",
        "signing_key": SECRET,
    });
    let made = app.backend().post("/v1/jwt_templates", template).await.ok();
    let jwt = mint(&app, None, &path, json!({})).await;
    let secret = VerifyingKey::from_secret(Algorithm::Hs256, SECRET.as_bytes()).unwrap();
    let claims =
        verify::<Map<String, Value>>(&jwt, &secret, &Expectations::default(), app.now()).unwrap().claims;
    assert_eq!([&claims["role"], &claims["sub"]], [&json!("authenticated"), &json!(ada)]);

    let pem = include_str!("../../test-keys/3.pem");
    let change = json!({ "signing_algorithm": "RS256", "signing_key": pem });
    let id = made["id"].as_str().unwrap();
    app.backend().patch(&format!("/v1/jwt_templates/{id}"), change).await.ok();
    let jwt = mint(&app, None, &path, json!({})).await;
    let key = SigningKey::from_pem("", Algorithm::Rs256, pem).unwrap();
    assert!(
        verify::<Map<String, Value>>(&jwt, key.verifying_key(), &Expectations::default(), app.now()).is_ok()
    );
    let instance = app.server.instance(&app.instance.instance.id).await.unwrap();
    let instance_key = instance.signing_key.verifying_key();
    assert!(
        verify::<Map<String, Value>>(&jwt, instance_key, &Expectations::default(), app.now()).is_err(),
        "the instance's key did not sign"
    );
}

#[frontdesk_testkit::matrix::test]
async fn templates_of_others_make_no_tokens(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let session = session(&app, &ada).await;
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    theirs.post("/v1/jwt_templates", json!({ "name": "theirs", "claims": {} })).await.ok();
    for name in ["theirs", "nobody", "a%2Fb", "%00", &"x".repeat(300)] {
        let path = format!("/v1/sessions/{session}/tokens/{name}");
        app.backend().post(&path, json!({})).await.refused(404, "resource_not_found");
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_new_session_has_proven_no_factor(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let path = format!("/v1/sessions/{}/tokens", session(&app, &ada).await);
    app.advance(Span::minutes(3));
    let claims = verified(&app, &mint(&app, None, &path, json!({})).await).await;
    assert_eq!(claims["fva"], json!([-1, -1]));
}
