use std::error::Error as _;
use std::time::Duration;

use frontdesk_api::ErrorCode;
use frontdesk_types::{Change, Secret, SessionId, UserId};

use super::*;
use crate::fake::{Fake, response};
use crate::sessions::{NewToken, SessionListQuery};
use crate::users::{NewUser, UserChanges, UserListQuery};
use crate::{Failure, TransportError};

fn ada() -> UserId {
    "user_ada".parse().unwrap()
}

fn session() -> SessionId {
    "sess_1".parse().unwrap()
}

const TOKEN: &str = r#"{"object":"token","jwt":"a.b.c","from_the_future":1}"#;
const REFUSAL: &str = r#"{
    "errors": [
        { "code": "form_identifier_exists", "message": "taken", "meta": { "param_name": "email_address" } },
        { "code": "brand_new", "message": "never heard of" }
    ],
    "clerk_trace_id": "trace-1"
}"#;

#[tokio::test]
async fn every_request_carries_key_version_and_name() {
    let fake = Fake::default().answering(200, r#"{"keys":[]}"#);
    fake.client().jwks().await.unwrap();
    let headers = fake.headers();
    assert_eq!(headers["authorization"], "Bearer sk_test_hush");
    assert_eq!(headers["clerk-api-version"], "2026-05-12");
    assert_eq!(headers["user-agent"], USER_AGENT);
    assert!(!headers.contains_key("content-type"), "there is no body");
    assert_eq!(fake.asked(), ["GET /v1/jwks"]);
}

#[tokio::test]
async fn methods_ask_what_they_say() {
    let deleted = r#"{"object":"user","id":"user_ada","deleted":true}"#;
    let page = r#"{"data":[],"total_count":7}"#;
    let fake = Fake::default()
        .answering(200, r#"{"object":"total_count","total_count":3}"#)
        .answering(200, "[]")
        .answering(200, deleted)
        .answering(200, page)
        .answering(200, TOKEN)
        .answering(200, TOKEN)
        .answering(200, r#"{"directives":["__session=a; Path=/"]}"#);
    let client = fake.client();

    let two =
        UserListQuery::default().email_address(["a+b@example.com", "c@example.com"]).order_by("-created_at");
    assert_eq!(client.users().count(two).await.unwrap(), 3);
    client.users().list(UserListQuery::default()).await.unwrap();
    assert!(client.users().delete(&ada()).await.unwrap().deleted);
    assert_eq!(client.sessions().list(SessionListQuery::default()).await.unwrap().total_count, 7);
    let minute = NewToken::default().expires_in_seconds(60);
    assert_eq!(client.sessions().token(&session(), minute).await.unwrap().jwt, "a.b.c");
    client.sessions().token_from_template(&session(), "a/../ü", NewToken::default()).await.unwrap();
    assert_eq!(client.handshake_payload("n&x=").await.unwrap(), ["__session=a; Path=/"]);

    assert_eq!(
        fake.asked(),
        [
            "GET /v1/users/count?email_address=a%2Bb%40example.com&email_address=c%40example.com&order_by=-created_at",
            "GET /v1/users",
            "DELETE /v1/users/user_ada",
            "GET /v1/sessions?paginated=true",
            r#"POST /v1/sessions/sess_1/tokens {"expires_in_seconds":60}"#,
            "POST /v1/sessions/sess_1/tokens/a%2F..%2F%C3%BC",
            "GET /v1/clients/handshake_payload?nonce=n%26x%3D",
        ]
    );
}

#[tokio::test]
async fn changes_say_what_to_keep_and_what_to_clear() {
    let fake = Fake::default().answering(404, "{}");
    let changes = UserChanges::default().first_name(Change::Clear).last_name("Byron");
    fake.client().users().update(&ada(), changes).await.unwrap_err();
    assert_eq!(fake.asked(), [r#"PATCH /v1/users/user_ada {"first_name":null,"last_name":"Byron"}"#]);
    assert_eq!(fake.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn a_path_parameter_cannot_lead_elsewhere() {
    let fake = Fake::default();
    for template in ["", ".", ".."] {
        let asking = fake.client();
        let error = asking.sessions().token_from_template(&session(), template, NewToken::default()).await;
        let error = error.unwrap_err();
        assert_eq!((error.status(), error.is_unavailable()), (None, false));
        assert!(error.source().unwrap().to_string().contains("template_name"));
    }
    assert!(fake.asked().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_refusal_answers_questions() {
    let fake = Fake::default().with(Ok(response(422, &[], REFUSAL)));
    let error = fake.client().users().create(NewUser::with_email("ada@example.com")).await.unwrap_err();
    assert_eq!(error.operation(), "CreateUser");
    assert_eq!(error.status().unwrap().as_u16(), 422);
    assert_eq!(error.code(), Some(&ErrorCode::IdentifierExists));
    assert_eq!(error.errors()[0].meta["param_name"], "email_address");
    assert_eq!(error.errors()[1].code.as_str(), "brand_new");
    assert_eq!(error.trace_id(), Some("trace-1"));
    assert_eq!(
        error.to_string(),
        "CreateUser: refused with status 422 (form_identifier_exists): taken [trace trace-1]"
    );
    assert!(!error.is_not_found() && !error.is_unauthorized() && !error.is_unavailable());
    assert!(error.is_conflict() && error.is_validation() && !error.is_forbidden());
    assert_eq!(error.param_names().collect::<Vec<_>>(), ["email_address"]);
}

#[tokio::test]
async fn each_question_has_its_statuses() {
    for status in [400, 401, 403, 404, 409, 422, 429, 500, 501] {
        let fake = Fake::default().answering(status, "{}");
        let error = fake.client().jwks().await.unwrap_err();
        let answers = [
            (error.is_validation(), vec![400, 422]),
            (error.is_unauthorized(), vec![401]),
            (error.is_forbidden(), vec![403]),
            (error.is_not_found(), vec![404]),
            (error.is_conflict(), vec![409]),
            (error.is_rate_limited(), vec![429]),
            (error.is_not_implemented(), vec![501]),
        ];
        for (question, (answer, statuses)) in answers.iter().enumerate() {
            assert_eq!(*answer, statuses.contains(&status), "question {question} at {status}");
        }
        assert_eq!(error.param_names().count(), 0);
    }
}

#[tokio::test]
async fn what_may_help_later_is_told_from_what_will_not() {
    for (status, unavailable) in [
        (401, false),
        (404, false),
        (409, false),
        (429, true),
        (500, true),
        (501, false),
        (503, true),
        (307, false),
    ] {
        let headers = [("retry-after", "7"), ("cf-ray", "edge-1"), ("location", "/elsewhere")];
        let fake = Fake::default().with(Ok(response(status, &headers, "<html>busy</html>")));
        let error = fake.client().jwks().await.unwrap_err();
        assert_eq!(error.is_unavailable(), unavailable, "{status}");
        assert_eq!(error.is_not_found(), status == 404);
        assert_eq!(error.is_unauthorized(), status == 401);
        assert_eq!(error.is_rate_limited(), status == 429);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert_eq!((error.code(), error.trace_id()), (None, Some("edge-1")));
        assert_eq!(fake.asked().len(), 1, "nothing is sent twice");
    }
    for (failure, unavailable) in
        [(Failure::Timeout, true), (Failure::Broken, true), (Failure::TooLarge, false)]
    {
        let fake = Fake::default().with(Err(TransportError::new(failure, "because")));
        let error = fake.client().jwks().await.unwrap_err();
        assert_eq!((error.is_unavailable(), error.is_timeout()), (unavailable, failure == Failure::Timeout));
        assert_eq!((error.status(), error.retry_after()), (None, None));
        assert_eq!(error.to_string(), "GetJWKS: no answer");
        assert_eq!(error.source().unwrap().to_string(), failure.to_string());
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_quoted() {
    for (body, place) in [
        (r#"{"object":"token","jwt":{"hush":1}}"#, "at jwt"),
        (r#"{"object":"hush""#, "line 1, column 16"),
        (r#"{"object":"token","jwt":"hush"} hush"#, "at the end"),
        ("", "line 1, column 2"),
    ] {
        let fake = Fake::default().answering(200, body);
        let error = fake.client().sessions().token(&session(), NewToken::default()).await.unwrap_err();
        assert_eq!((error.status(), error.is_unavailable()), (None, false));
        let source = error.source().unwrap().to_string();
        assert!(source.contains(place), "{source}");
        assert!(!format!("{error:?} {error} {source}").contains("hush"));
    }
    let fake = Fake::default().answering(200, "[]");
    let error = fake.client().sessions().list(SessionListQuery::default()).await.unwrap_err();
    assert!(error.source().unwrap().to_string().contains("total_count"), "a bare array has none");
}

#[tokio::test]
async fn a_page_is_text() {
    use frontdesk_api::backend::interstitial::{GetPublicInterstitial, InterstitialQuery};
    let headers = [("content-type", "text/html; charset=utf-8")];
    let fake = Fake::default()
        .with(Ok(response(200, &headers, "<html>")))
        .with(Ok(response(200, &headers, "<html>")));
    let client = fake.client();
    let query = InterstitialQuery::default();
    assert_eq!(client.send(GetPublicInterstitial, Nothing {}, query, Nothing {}).await.unwrap(), "<html>");
    assert!(client.jwks().await.unwrap_err().source().unwrap().to_string().contains("a page"));
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let fake = Fake::default().with(Ok(response(422, &[], REFUSAL)));
    let client = fake.client();
    let new = NewUser::default().password(Secret::new("hush"));
    let error = client.users().create(new).await.unwrap_err();
    assert!(fake.asked()[0].contains("hush"), "it was sent");
    assert!(!format!("{client:?} {error:?} {fake:?} {:?}", Client::builder("sk_test_hush")).contains("hush"));
}

#[test]
fn what_cannot_be_sent_is_refused_early() {
    let build = |key: &str| Client::builder(key).build(Fake::default());
    assert!(matches!(build(""), Err(BuildError::SecretKey)));
    assert!(matches!(build("sk_test_1\r\nX: y"), Err(BuildError::SecretKey)));
    let named = Client::builder("sk_test_1").user_agent("shop\n").build(Fake::default());
    assert!(matches!(named, Err(BuildError::UserAgent)));
}

#[test]
fn futures_can_be_sent_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let client = Fake::default().client();
    is_send(&client.users().get_user(&ada()));
}
