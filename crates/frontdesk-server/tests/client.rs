//! The typed client against the real router, in one process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use frontdesk_client::api::{Audience, Declaration, contract};
use frontdesk_client::clients::ClientToVerify;
use frontdesk_client::domains::{DomainChanges, NewDomain};
use frontdesk_client::email_addresses::{EmailAddressChanges, NewEmailAddress};
use frontdesk_client::instance::{InstanceChanges, InstanceSettingsChanges, RestrictionChanges};
use frontdesk_client::jwt_templates::{JwtTemplateChanges, NewJwtTemplate};
use frontdesk_client::redirect_urls::NewRedirectUrl;
use frontdesk_client::restrictions::{NewAllowlistIdentifier, NewBlocklistIdentifier};
use frontdesk_client::sessions::{NewSession, NewToken, SessionListQuery, SessionStatus, SessionToVerify};
use frontdesk_client::sign_in_tokens::NewSignInToken;
use frontdesk_client::sign_ups::SignUpChanges;
use frontdesk_client::templates::{TemplateChanges, TemplateDraft};
use frontdesk_client::users::{
    EmailAddressReplacement, MetadataChanges, NewUser, PasswordCompromise, PasswordRemoval, UserChanges,
    UserListQuery,
};
use frontdesk_client::webhooks::{Event, WebhookVerifier};
use frontdesk_client::{
    BoxFuture, Change, Client, ErrorCode, InterstitialQuery, PageQuery, RefreshSession, Request, Response,
    Secret, SessionId, Transport, TransportError, UserId,
};
use frontdesk_core::refresh_token::RefreshToken;
use frontdesk_server::InProcess;
use frontdesk_server::keys::token_hash;
use frontdesk_store::Work;
use frontdesk_testkit::matrix::{Browser, TestApp};
use frontdesk_types::Span;
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

/// Notes which requests were answered with success, as `METHOD path`.
#[derive(Clone, Debug)]
struct Noting {
    server: InProcess,
    answered: Arc<Mutex<BTreeSet<String>>>,
}

impl Transport for Noting {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let line = format!("{} {}", request.method, request.path_and_query.path());
        Box::pin(async move {
            let answer = self.server.send(request).await;
            if answer.as_ref().is_ok_and(|response| response.status.is_success()) {
                self.answered.lock().unwrap().insert(line);
            }
            answer
        })
    }
}

fn backend() -> impl Iterator<Item = &'static Declaration> {
    contract::declared().filter(|operation| operation.audience == Audience::Backend)
}

/// The operation that a line `METHOD path` asked for: a segment with a name of its own goes before a parameter.
fn operation(line: &str) -> &'static str {
    let (method, path) = line.split_once(' ').unwrap();
    let path: Vec<_> = path.split('/').collect();
    let is_asked_for = |operation: &&Declaration| {
        let template: Vec<_> = operation.path.split('/').collect();
        operation.method == method
            && template.len() == path.len()
            && template.iter().zip(&path).all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
    };
    let found = backend().filter(is_asked_for).min_by_key(|operation| operation.path.matches('{').count());
    found.expect("what was answered is declared").id
}

/// The nonce with which the application's server picks a handshake up.
async fn handshake_nonce(browser: &mut Browser) -> String {
    browser.origin = None;
    let page = "http%3A%2F%2Flocalhost%3A3000%2F";
    let reply = browser.get(&format!("/v1/client/handshake?redirect_url={page}&format=nonce")).await;
    let (_, nonce) = reply.header("location").split_once("__clerk_handshake_nonce=").unwrap();
    nonce.split('&').next().unwrap().to_owned()
}

/// A session token is renewed with a refresh token, as a handshake leaves one.
async fn refreshed(app: &TestApp, client: &Client, session: &SessionId, token: &str) {
    let mut work = Work::new(&app.instance.instance.id);
    work.insert_refresh_token(&RefreshToken {
        token_hash: token_hash("refresh"),
        session_id: session.clone(),
        expires_at: app.now() + Span::days(1),
        created_at: app.now(),
        replaced_at: None,
    });
    app.server.store().commit(work).await.unwrap();
    let refresh = RefreshSession::new(token, "refresh", "http://localhost:3000").suffixed_cookies(true);
    assert_eq!(client.refresh_session(session, refresh).await.unwrap().len(), 3);
}

/// What the owner of an instance does with it.
async fn runs_an_instance(app: &TestApp, client: &Client) {
    let listed = client.redirect_urls().create(NewRedirectUrl::of("com.example.shop://done")).await.unwrap();
    assert_eq!(client.redirect_urls().get(&listed.id).await.unwrap(), listed);
    assert_eq!(
        client.redirect_urls().list(PageQuery::default()).await.unwrap().data,
        std::slice::from_ref(&listed)
    );
    client.redirect_urls().delete(&listed.id).await.unwrap();

    let shop = client.domains().add(NewDomain::satellite("localhost:3001")).await.unwrap();
    let primary = client.domains().list().await.unwrap().data.remove(1);
    assert_eq!((shop.is_satellite, primary.is_satellite, &*shop.name), (true, false, "localhost:3001"));
    let renamed = DomainChanges::default().name("localhost:3002");
    assert_eq!(client.domains().update(&shop.id, renamed).await.unwrap().name, "localhost:3002");
    let stays = client.domains().delete(&primary.id).await.unwrap_err();
    assert_eq!(stays.code(), Some(&ErrorCode::PrimaryDomainDeletion));
    client.domains().delete(&shop.id).await.unwrap();

    let allowed = client.allowlist().add(NewAllowlistIdentifier::of("*@shop.example")).await.unwrap();
    assert_eq!(
        client.allowlist().list(PageQuery::default()).await.unwrap().data,
        std::slice::from_ref(&allowed)
    );
    client.allowlist().remove(&allowed.id).await.unwrap();
    let blocked = client.blocklist().add(NewBlocklistIdentifier::of("eve@shop.example")).await.unwrap();
    assert_eq!(
        client.blocklist().list(PageQuery::default()).await.unwrap().data,
        std::slice::from_ref(&blocked)
    );
    client.blocklist().remove(&blocked.id).await.unwrap();

    let instance = client.instance();
    assert_eq!(instance.get().await.unwrap().environment_type, "development");
    instance.update(InstanceChanges::default().support_email("help@shop.example")).await.unwrap();
    assert!(instance.restrict(RestrictionChanges::default().blocklist(true)).await.unwrap().blocklist);
    let settings = InstanceSettingsChanges::default().progressive_sign_up(true);
    assert!(instance.update_settings(settings).await.unwrap().progressive_sign_up);

    let mut browser = app.browser();
    let form = [("email_address", "eve+clerk_test@example.com"), ("password", "correct horse battery")];
    let begun = browser.post("/v1/client/sign_ups", &form).await.ok();
    let id = begun["response"]["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(client.sign_ups().get(&id).await.unwrap().status, "missing_requirements");
    client.sign_ups().update(&id, SignUpChanges::default().custom_action(true)).await.unwrap();

    let cookie = browser.cookie("__client").unwrap().to_owned();
    let known = client.clients().verify(ClientToVerify::holding(cookie)).await.unwrap();
    assert_eq!(client.clients().get(&known.id).await.unwrap().sign_up_id, Some(id));
    assert!(client.clients().list(PageQuery::default()).await.unwrap().data.contains(&known));
}

#[frontdesk_testkit::matrix::test]
async fn every_operation_that_is_served_succeeds_through_the_client(app: TestApp) {
    let noting = Noting { server: app.server.transport(), answered: Arc::default() };
    let client = Client::builder(app.instance.secret_key.clone()).build(noting.clone()).unwrap();
    let users = client.users();
    let ada =
        users.create(NewUser::with_email("ada@example.com").skip_password_requirement(true)).await.unwrap();
    let ada = &ada.profile.id;
    users.get_user(ada).await.unwrap();
    users.update(ada, UserChanges::default().first_name("Ada")).await.unwrap();
    users.merge_metadata(ada, MetadataChanges::default().public_metadata(Map::new())).await.unwrap();
    users.replace_metadata(ada, MetadataChanges::default().public_metadata(Map::new())).await.unwrap();
    assert_eq!(users.list(UserListQuery::default()).await.unwrap().len(), 1);
    assert_eq!(users.count(UserListQuery::default()).await.unwrap(), 1);
    assert!(users.ban(ada).await.unwrap().profile.banned);
    assert!(!users.unban(ada).await.unwrap().profile.banned);
    assert!(users.ban_all([ada]).await.unwrap()[0].profile.banned);
    assert!(!users.unban_all([ada]).await.unwrap()[0].profile.banned);

    let sessions = client.sessions();
    let session = sessions.create(NewSession::of_user(ada)).await.unwrap().id;
    assert_eq!(sessions.get(&session).await.unwrap().status, SessionStatus::Active);
    assert_eq!(sessions.list(SessionListQuery::default().user_id(ada)).await.unwrap().total_count, 1);
    let token = sessions.token(&session, NewToken::default()).await.unwrap().jwt;
    sessions.verify(&session, SessionToVerify::of_token(token.clone())).await.unwrap();
    refreshed(&app, &client, &session, &token).await;
    runs_an_instance(&app, &client).await;
    looks_after_somebody(&client).await;

    let templates = client.jwt_templates();
    let template = templates.create(NewJwtTemplate::new("supabase", Map::new())).await.unwrap().id;
    sessions.token_from_template(&session, "supabase", NewToken::default()).await.unwrap();
    assert_eq!(templates.get(&template).await.unwrap().name, "supabase");
    templates.update(&template, JwtTemplateChanges::default().lifetime(600)).await.unwrap();
    assert_eq!(templates.list(PageQuery::default()).await.unwrap().data.len(), 1);
    templates.delete(&template).await.unwrap();
    sessions.revoke(&session).await.unwrap();

    let ticket = client.sign_in_tokens().create(NewSignInToken::for_user(ada)).await.unwrap().id;
    client.sign_in_tokens().revoke(&ticket).await.unwrap();
    client.testing_tokens().create().await.unwrap();

    let mails = client.templates();
    assert_eq!(mails.list(PageQuery::default().limit(5)).await.unwrap().data.len(), 5);
    let changes = TemplateChanges::default().subject("News".to_owned());
    let changed = mails.update("password_changed", changes).await.unwrap();
    assert_eq!(mails.get("password_changed").await.unwrap(), changed);
    let shown = mails.preview("password_changed", TemplateDraft::default()).await.unwrap();
    assert_eq!(shown.subject, "News");
    assert!(!mails.set_delivery("password_changed", false).await.unwrap().delivered_by_clerk);
    assert!(mails.revert("password_changed").await.unwrap().delivered_by_clerk);
    assert_eq!(client.jwks().await.unwrap().keys.len(), 1);
    let page = InterstitialQuery::default().publishable_key(&app.instance.publishable_key);
    assert!(client.interstitial(page).await.unwrap().contains(&app.instance.publishable_key));
    let nonce = handshake_nonce(&mut app.browser()).await;
    let cookies = client.handshake_payload(nonce).await.unwrap();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("__client_uat=")), "{cookies:?}");
    users.delete(ada).await.unwrap();

    let answered =
        noting.answered.lock().unwrap().iter().map(|line| operation(line)).collect::<BTreeSet<_>>();
    let missing: Vec<_> = backend().filter(|operation| !answered.contains(operation.id)).collect();
    assert!(missing.is_empty(), "never answered with success: {missing:#?}");
}

/// Everything about one person that no other test of the client asks.
async fn looks_after_somebody(client: &Client) {
    let users = client.users();
    let password = || Secret::new("correct horse battery");
    let grace = NewUser::with_email("grace+clerk_test@example.com").password(password());
    let grace = users.create(grace.backup_codes([Secret::new("abcd1234")])).await.unwrap().profile.id;
    assert!(users.lock(&grace).await.unwrap().profile.locked);
    assert!(!users.unlock(&grace).await.unwrap().profile.locked);
    assert!(users.verify_password(&grace, password()).await.unwrap().verified);
    let error = users.verify_password(&grace, Secret::new("another")).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::IncorrectPassword));
    assert_eq!(users.verify_totp(&grace, Secret::new("abcd1234")).await.unwrap().code_type, "backup_code");
    users.delete_backup_codes(&grace).await.unwrap();
    users.delete_totp(&grace).await.unwrap();
    assert_eq!(users.disable_mfa(&grace).await.unwrap().user_id, grace);
    users.set_password_compromised(&grace, PasswordCompromise::default()).await.unwrap();
    users.unset_password_compromised(&grace).await.unwrap();
    let removed = users.remove_password(&grace, PasswordRemoval::default()).await.unwrap();
    assert!(!removed.profile.password_enabled);
    let only = EmailAddressReplacement::default().email_address("grace@navy.example");
    let only = users.replace_email_address(&grace, only).await.unwrap();

    let addresses = client.email_addresses();
    let new = NewEmailAddress::default().user_id(&grace).email_address("second+clerk_test@navy.example");
    let second = addresses.create(new).await.unwrap().id;
    let sent = addresses.prepare_verification(&second).await.unwrap();
    let proven = addresses.attempt_verification(&second, &sent.id, Secret::new("424242")).await.unwrap();
    assert_eq!(proven.status, "verified");
    addresses.update(&second, EmailAddressChanges::default().primary(true)).await.unwrap();
    assert_eq!(addresses.get(&second).await.unwrap().id, second);
    assert!(addresses.delete(&only.id).await.unwrap().deleted);
    assert!(users.set_profile_image(&grace, SMALLEST_PICTURE.to_vec()).await.unwrap().profile.has_image);
    assert!(!users.delete_profile_image(&grace).await.unwrap().profile.has_image);
    users.delete(&grace).await.unwrap();
}

/// A GIF of one pixel.
const SMALLEST_PICTURE: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

#[frontdesk_testkit::matrix::test]
async fn what_the_server_does_not_have_yet_is_refused_as_such(app: TestApp) {
    let client = client(&app);
    for error in [
        client.verify_api_key("ak_1").await.unwrap_err(),
        client.verify_m2m_token("mt_1").await.unwrap_err(),
        client.verify_oauth_access_token("oat_1").await.unwrap_err(),
    ] {
        assert!(error.is_not_implemented() && !error.is_unavailable(), "{error}");
        assert_eq!(error.code(), Some(&ErrorCode::OperationNotAvailable));
    }
}

#[frontdesk_testkit::matrix::test]
async fn streams_go_through_all_pages(app: TestApp) {
    let client = client(&app);
    let mut made = Vec::new();
    for number in 0..7 {
        made.push(app.user().email(&format!("user{number}@example.com")).create().await);
    }
    for limit in [1, 2, 3, 7, 8] {
        let query = UserListQuery::default().limit(limit).order_by("+email_address");
        let all = client.users().stream(query).all().await.unwrap();
        assert_eq!(all.into_iter().map(|user| user.profile.id).collect::<Vec<_>>(), made, "{limit}");
    }
    for user_id in &made {
        client.sessions().create(NewSession::of_user(user_id)).await.unwrap();
    }
    for limit in [2, 7, 100] {
        let sessions =
            client.sessions().stream(SessionListQuery::default().limit(limit)).all().await.unwrap();
        let of: BTreeSet<_> = sessions.iter().map(|session| &session.user_id).collect();
        assert_eq!((sessions.len(), of), (7, made.iter().collect()), "{limit}");
    }
    for name in ["a", "b", "c"] {
        client.jwt_templates().create(NewJwtTemplate::new(name, Map::new())).await.unwrap();
    }
    let templates = client.jwt_templates().stream(PageQuery::default().limit(2)).all().await.unwrap();
    assert_eq!(templates.len(), 3);
}

#[frontdesk_testkit::matrix::test]
async fn whoever_is_streamed_can_be_deleted(app: TestApp) {
    let client = client(&app);
    for number in 0..9 {
        app.user().email(&format!("user{number}@example.com")).create().await;
    }
    let mut rows = client.users().stream(UserListQuery::default().limit(2));
    let mut deleted = 0;
    while let Some(user) = rows.next().await {
        client.users().delete(&user.unwrap().profile.id).await.unwrap();
        deleted += 1;
    }
    assert_eq!((deleted, client.users().count(UserListQuery::default()).await.unwrap()), (9, 0));
}

/// Deliveries come later; what they will carry is recorded with every change.
#[frontdesk_testkit::matrix::test]
async fn what_the_server_records_is_a_typed_event(app: TestApp) {
    let client = client(&app);
    let ada = app.user().email("ada@example.com").create().await;
    client.users().update(&ada, UserChanges::default().first_name("Ada")).await.unwrap();
    let session = client.sessions().create(NewSession::of_user(&ada)).await.unwrap();
    client.sessions().revoke(&session.id).await.unwrap();
    client.users().delete(&ada).await.unwrap();

    let verifier = WebhookVerifier::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let mut kinds = Vec::new();
    for recorded in app.server.store().events(&app.instance.instance.id, 0, 100).await.unwrap() {
        let event = recorded.event;
        let at = event.created_at;
        let data: Value = serde_json::from_slice(&event.payload).unwrap();
        let body =
            json!({ "object": "event", "type": event.kind, "timestamp": at, "data": data }).to_string();
        let signature = verifier.sign(event.id.as_str(), at, &body);
        let seconds = at.as_secs().to_string();
        let headers =
            [("svix-id", event.id.as_str()), ("svix-timestamp", &seconds), ("svix-signature", &signature)];
        let delivery = verifier.verify(&headers[..], &body, app.now()).unwrap();
        assert_eq!(delivery.timestamp, Some(at));
        assert!(!matches!(delivery.event, Event::Other { .. }), "{:?}", delivery.event);
        kinds.push(delivery.event.kind().to_string());
    }
    let expected = ["user.created", "user.updated", "session.created", "session.revoked", "user.deleted"];
    assert_eq!(kinds, expected);
}
