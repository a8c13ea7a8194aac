use frontdesk_types::{OrganizationId, SessionId, Timestamp, UserId};

use crate::fake::Fake;
use crate::{Client, RefreshSession};

const API_KEY: &str = r#"{
    "object": "api_key", "id": "ak_3beecc9c60adb5f9b850e91a8ee1e992", "type": "api_key", "name": "CI",
    "subject": "org_2nZ", "scopes": ["read"], "claims": {"tier": 1}, "revoked": false, "revocation_reason": null,
    "expired": false, "expiration": 1795417200000, "created_by": "user_2nZ", "description": null,
    "last_used_at": null, "created_at": 1795417200000, "updated_at": 1795417200000, "new_in_2030": true
}"#;
const M2M_TOKEN: &str = r#"{
    "object": "machine_to_machine_token", "id": "mt_3beecc9c60adb5f9b850e91a8ee1e992", "subject": "mch_a",
    "scopes": ["mch_b"], "claims": null, "revoked": true, "revocation_reason": "lost", "expired": false,
    "expiration": null, "created_at": 1, "updated_at": 2
}"#;
const OAUTH_TOKEN: &str = r#"{
    "object": "clerk_idp_oauth_access_token", "id": "oat_3beecc9c60adb5f9b850e91a8ee1e992", "client_id": "app",
    "subject": "user_2nZ", "scopes": ["email"], "revoked": false, "revocation_reason": null, "expired": true,
    "expiration": 5, "created_at": 1, "updated_at": 2
}"#;

#[tokio::test]
async fn machines_are_verified_without_a_version_in_the_path() {
    let fake = Fake::default().answering(200, API_KEY).answering(200, M2M_TOKEN).answering(200, OAUTH_TOKEN);
    let client = fake.client();
    let key = client.verify_api_key("ak_hush").await.unwrap();
    assert_eq!((key.user_id(), key.organization_id()), (None, "org_2nZ".parse::<OrganizationId>().ok()));
    assert_eq!(
        (key.expiration, key.claims.unwrap()["tier"].as_i64()),
        (Some(Timestamp::from_millis(1_795_417_200_000)), Some(1))
    );
    let token = client.verify_m2m_token("mt_hush").await.unwrap();
    assert_eq!((token.subject.as_str(), token.scopes[0].as_str(), token.revoked), ("mch_a", "mch_b", true));
    let token = client.verify_oauth_access_token("oat_hush").await.unwrap().unwrap();
    assert_eq!(
        (token.subject, token.expired, token.kind),
        ("user_2nZ".parse::<UserId>().unwrap(), true, None)
    );
    assert_eq!(
        fake.asked(),
        [
            r#"POST /api_keys/verify {"secret":"ak_hush"}"#,
            r#"POST /m2m_tokens/verify {"token":"mt_hush"}"#,
            r#"POST /oauth_applications/access_tokens/verify {"access_token":"oat_hush"}"#,
        ]
    );
    assert!(fake.authorizations().iter().all(|value| value == "Bearer sk_test_hush"));
}

#[tokio::test]
async fn an_inactive_access_token_is_none() {
    let fake = Fake::default().answering(200, r#"{"active":false}"#).answering(200, r#"{"id":"oat_1"}"#);
    let client = fake.client();
    assert_eq!(client.verify_oauth_access_token("oat_1").await.unwrap(), None);
    client.verify_oauth_access_token("oat_1").await.expect_err("half a token is none");
}

#[tokio::test]
async fn the_machines_own_key_is_for_tokens_between_machines_alone() {
    let fake = Fake::default().answering(200, M2M_TOKEN).answering(200, API_KEY);
    let client =
        Client::builder("sk_test_hush").machine_secret_key("ak_machine").build(fake.clone()).unwrap();
    assert!(!format!("{client:?}").contains("ak_machine"));
    client.verify_m2m_token("mt_1").await.unwrap();
    client.verify_api_key("ak_1").await.unwrap();
    assert_eq!(fake.authorizations(), ["Bearer ak_machine", "Bearer sk_test_hush"]);
    assert!(Client::builder("sk_test_1").machine_secret_key("").build(Fake::default()).is_err());
}

#[tokio::test]
async fn a_refresh_gives_cookies() {
    let cookies = r#"{"object":"cookies","cookies":["__session=a.b.c; Path=/"]}"#;
    let token = r#"{"object":"token","jwt":"a.b.c"}"#;
    let fake = Fake::default().answering(200, cookies).answering(200, cookies).answering(200, token);
    let client = fake.client();
    let session: SessionId = "sess_1".parse().unwrap();
    let refresh = RefreshSession::new("expired", "refresh", "https://shop.example.com");
    assert_eq!(client.refresh_session(&session, refresh.clone()).await.unwrap(), ["__session=a.b.c; Path=/"]);
    let full = refresh.clone().suffixed_cookies(true).request_header("x", "1").request_header("x", "2");
    client.refresh_session(&session, full.request_originating_ip("::1")).await.unwrap();
    client.refresh_session(&session, refresh.clone()).await.expect_err("no cookies in it");
    let body =
        r#""expired_token":"expired","refresh_token":"refresh","request_origin":"https://shop.example.com""#;
    assert_eq!(
        fake.asked()[..2],
        [
            format!(r#"POST /v1/sessions/sess_1/refresh {{{body},"format":"cookie"}}"#),
            format!(
                r#"POST /v1/sessions/sess_1/refresh?suffixed_cookies=true {{{body},"request_headers":{{"x":["1","2"]}},"format":"cookie","request_originating_ip":"::1"}}"#
            ),
        ]
    );
    let shown = format!("{refresh:?}");
    assert!(!shown.contains("expired") && !shown.contains("\"refresh\""), "{shown}");
}
