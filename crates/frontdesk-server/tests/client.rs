//! The typed client against the real router, in one process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use frontdesk_client::jwt_templates::{JwtTemplateChanges, NewJwtTemplate};
use frontdesk_client::sessions::{NewSession, NewToken, SessionListQuery};
use frontdesk_client::sign_in_tokens::NewSignInToken;
use frontdesk_client::users::{MetadataChanges, NewUser, UserChanges, UserListQuery};
use frontdesk_client::{Change, Client, ErrorCode, PageQuery, Secret, UserId};
use frontdesk_testkit::matrix::TestApp;
use serde_json::{Map, Value, json};

fn client(app: &TestApp) -> Client {
    Client::builder(app.instance.secret_key.clone()).build(app.server.transport()).unwrap()
}

fn nobody() -> UserId {
    "user_nobody".parse().unwrap()
}

fn map(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("an object") };
    map
}

#[frontdesk_testkit::matrix::test]
async fn a_user_lives_and_dies(app: TestApp) {
    let client = client(&app);
    let users = client.users();
    let new = NewUser::with_email("ada+1@example.com")
        .password(Secret::new("correct horse battery"))
        .first_name("Ada");
    let made = users.create(new).await.unwrap();
    let ada = &made.profile.id;
    assert_eq!(made.profile.email_addresses[0].email_address, "ada+1@example.com");
    assert_eq!(made.profile.created_at, app.now());

    let changes = UserChanges::default().first_name(Change::Clear).last_name("Byron");
    users.update(ada, changes).await.unwrap();
    let read = users.get_user(ada).await.unwrap();
    assert_eq!((read.profile.first_name, read.profile.last_name.as_deref()), (None, Some("Byron")));

    assert!(users.ban(ada).await.unwrap().profile.banned);
    assert!(!users.unban(ada).await.unwrap().profile.banned);
    assert!(users.delete(ada).await.unwrap().deleted);
    assert!(users.get_user(ada).await.unwrap_err().is_not_found());
}

#[frontdesk_testkit::matrix::test]
async fn metadata_is_merged_or_replaced(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let client = client(&app);
    let public = |value| MetadataChanges::default().public_metadata(map(value));
    let users = client.users();
    users.merge_metadata(&ada, public(json!({ "plan": "gold", "seats": { "a": 1 } }))).await.unwrap();
    let merged =
        users.merge_metadata(&ada, public(json!({ "plan": null, "seats": { "b": 2 } }))).await.unwrap();
    assert_eq!(
        Value::Object(merged.profile.public_metadata.to_map()),
        json!({ "seats": { "a": 1, "b": 2 } })
    );
    let replaced = users.replace_metadata(&ada, public(json!({ "plan": "lead" }))).await.unwrap();
    assert_eq!(Value::Object(replaced.profile.public_metadata.to_map()), json!({ "plan": "lead" }));
}

#[frontdesk_testkit::matrix::test]
async fn people_are_found_by_repeated_keys(app: TestApp) {
    let client = client(&app);
    for name in ["ada", "grace", "joan"] {
        client
            .users()
            .create(NewUser::with_email(format!("{name}+x@example.com")).skip_password_requirement(true))
            .await
            .unwrap();
    }
    let two = UserListQuery::default()
        .email_address(["ada+x@example.com", "joan+x@example.com"])
        .order_by("+email_address");
    assert_eq!(client.users().count(two.clone()).await.unwrap(), 2);
    let found = client.users().list(two).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|user| user.profile.email_addresses[0].email_address.as_str()).collect();
    assert_eq!(found, ["ada+x@example.com", "joan+x@example.com"]);
    let page = UserListQuery::default().limit(1).offset(0);
    assert_eq!(client.users().list(page.clone()).await.unwrap().len(), 1);
    assert_eq!(client.users().count(page).await.unwrap(), 3);
}

#[frontdesk_testkit::matrix::test]
async fn sessions_give_tokens_until_they_are_revoked(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let client = client(&app);
    let sessions = client.sessions();
    let session = sessions.create(NewSession::of_user(&ada)).await.unwrap();
    assert_eq!(sessions.get(&session.id).await.unwrap(), session);
    let of_ada = SessionListQuery::default().user_id(&ada);
    let page = sessions.list(of_ada).await.unwrap();
    assert_eq!((page.total_count, page.data.as_slice()), (1, [session.clone()].as_slice()));

    let token = sessions.token(&session.id, NewToken::default()).await.unwrap();
    assert_eq!(token.jwt.split('.').count(), 3);
    let template = NewJwtTemplate::new("supabase", map(json!({ "name": "{{user.first_name}}" })));
    client.jwt_templates().create(template).await.unwrap();
    let minute = NewToken::default().expires_in_seconds(60);
    sessions.token_from_template(&session.id, "supabase", minute).await.unwrap();
    for unknown in ["other", "a/b", "%2e", "ü ?#"] {
        let error = sessions.token_from_template(&session.id, unknown, minute).await.unwrap_err();
        assert!(error.is_not_found(), "{unknown}: {error}");
    }

    assert_eq!(sessions.revoke(&session.id).await.unwrap().status, "revoked");
    let error = sessions.token(&session.id, NewToken::default()).await.unwrap_err();
    assert!(error.status().is_some_and(|status| status.is_client_error()), "{error}");
}

#[frontdesk_testkit::matrix::test]
async fn templates_live_and_die(app: TestApp) {
    let client = client(&app);
    let templates = client.jwt_templates();
    let new = NewJwtTemplate::new("hasura", map(json!({ "aud": "hasura" })))
        .custom_signing_key(true)
        .signing_algorithm("HS256")
        .signing_key(Secret::new("a secret of at least thirty-two bytes"));
    let made = templates.create(new).await.unwrap();
    assert!(made.custom_signing_key);
    let changes = JwtTemplateChanges::default().lifetime(600);
    assert_eq!(templates.update(&made.id, changes).await.unwrap().lifetime, 600);
    assert_eq!(templates.get(&made.id).await.unwrap().name, "hasura");
    assert_eq!(templates.list(PageQuery::default()).await.unwrap().total_count, 1);
    let reserved = NewJwtTemplate::new("mine", map(json!({ "sub": "somebody else" })));
    assert_eq!(templates.create(reserved).await.unwrap_err().code(), Some(&ErrorCode::ReservedClaim));
    assert!(templates.delete(&made.id).await.unwrap().deleted);
    assert!(templates.get(&made.id).await.unwrap_err().is_not_found());
}

#[frontdesk_testkit::matrix::test]
async fn keys_tickets_and_testing_tokens_are_given(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let client = client(&app);
    assert_eq!(client.jwks().await.unwrap().keys[0].alg, "RS256");
    assert!(client.testing_tokens().create().await.unwrap().expires_at > app.now().as_secs());
    let ticket = client.sign_in_tokens().create(NewSignInToken::for_user(&ada)).await.unwrap();
    assert!(ticket.token.is_some());
    assert_eq!(client.sign_in_tokens().revoke(&ticket.id).await.unwrap().status, "revoked");
    let again = client.sign_in_tokens().revoke(&ticket.id).await.unwrap_err();
    assert_eq!(again.code(), Some(&ErrorCode::SignInTokenNotPending));
    let error = client.handshake_payload("nobody gave it").await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::NonceInvalid));
}

#[frontdesk_testkit::matrix::test]
async fn refusals_answer_questions(app: TestApp) {
    let client = client(&app);
    app.user().email("ada@example.com").create().await;
    let taken = client.users().create(NewUser::with_email("ada@example.com")).await.unwrap_err();
    assert_eq!(taken.code(), Some(&ErrorCode::IdentifierExists));
    assert_eq!(taken.errors()[0].meta["param_name"], "email_address");
    assert!(taken.trace_id().is_some_and(|id| !id.is_empty()));

    for user_id in [&app.other.user_id, &nobody()] {
        let users = client.users();
        assert!(users.get_user(user_id).await.unwrap_err().is_not_found());
        assert!(users.update(user_id, UserChanges::default()).await.unwrap_err().is_not_found());
        assert!(users.ban(user_id).await.unwrap_err().is_not_found());
        assert!(users.delete(user_id).await.unwrap_err().is_not_found());
    }
    let stranger = Client::builder("sk_test_wrong").build(app.server.transport()).unwrap();
    let refused = stranger.users().get_user(&nobody()).await.unwrap_err();
    assert!(refused.is_unauthorized() && refused.code() == Some(&ErrorCode::KeyInvalid));
}
