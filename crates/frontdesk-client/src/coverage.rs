//! Every operation that is declared for the Backend API has a method.

use std::collections::BTreeSet;

use frontdesk_api::contract::{declared, declared_ahead};
use frontdesk_api::{Audience, Declaration, Nothing, Operation};
use frontdesk_types::Secret;
use serde_json::Map;

use crate::clients::ClientToVerify;
use crate::domains::{DomainChanges, NewDomain};
use crate::email_addresses::{EmailAddressChanges, NewEmailAddress};
use crate::fake::Fake;
use crate::instance::{InstanceChanges, InstanceSettingsChanges, RestrictionChanges};
use crate::jwt_templates::{JwtTemplateChanges, NewJwtTemplate};
use crate::redirect_urls::NewRedirectUrl;
use crate::restrictions::{NewAllowlistIdentifier, NewBlocklistIdentifier};
use crate::sessions::{NewSession, NewToken, SessionListQuery, SessionToVerify};
use crate::sign_in_tokens::NewSignInToken;
use crate::sign_ups::SignUpChanges;
use crate::templates::{TemplateChanges, TemplateDraft};
use crate::users::{
    EmailAddressReplacement, MetadataChanges, NewUser, PasswordCompromise, PasswordRemoval, UserChanges,
    UserListQuery,
};
use crate::{Client, Error, InterstitialQuery, PageQuery, RefreshSession};

/// Calls every method there is, on a server that refuses everything.
async fn every_method(client: &Client) -> Vec<Error> {
    let user = &"user_1".parse().unwrap();
    let address = &"idn_1".parse().unwrap();
    let verification = &"ver_1".parse().unwrap();
    let addresses = client.email_addresses();
    let session = &"sess_1".parse().unwrap();
    let template = &"jtmp_1".parse().unwrap();
    let ticket = &"sit_1".parse().unwrap();
    let (browser, sign_up) = (&"client_1".parse().unwrap(), &"sua_1".parse().unwrap());
    let (listed, domain) = (&"ru_1".parse().unwrap(), &"dmn_1".parse().unwrap());
    let (allowed, blocked) = (&"alid_1".parse().unwrap(), &"blid_1".parse().unwrap());
    let (clients, urls, instance) = (client.clients(), client.redirect_urls(), client.instance());
    let (users, sessions) = (client.users(), client.sessions());
    let (templates, tickets) = (client.jwt_templates(), client.sign_in_tokens());
    vec![
        users.list(UserListQuery::default()).await.unwrap_err(),
        users.count(UserListQuery::default()).await.unwrap_err(),
        users.create(NewUser::default()).await.unwrap_err(),
        users.get_user(user).await.unwrap_err(),
        users.update(user, UserChanges::default()).await.unwrap_err(),
        users.delete(user).await.unwrap_err(),
        users.set_profile_image(user, b"x".as_slice()).await.unwrap_err(),
        users.delete_profile_image(user).await.unwrap_err(),
        users.ban(user).await.unwrap_err(),
        users.unban(user).await.unwrap_err(),
        users.ban_all([user]).await.unwrap_err(),
        users.unban_all([user]).await.unwrap_err(),
        users.lock(user).await.unwrap_err(),
        users.unlock(user).await.unwrap_err(),
        users.verify_password(user, Secret::new("p")).await.unwrap_err(),
        users.verify_totp(user, Secret::new("c")).await.unwrap_err(),
        users.disable_mfa(user).await.unwrap_err(),
        users.delete_totp(user).await.unwrap_err(),
        users.delete_backup_codes(user).await.unwrap_err(),
        users.remove_password(user, PasswordRemoval::default()).await.unwrap_err(),
        users.set_password_compromised(user, PasswordCompromise::default()).await.unwrap_err(),
        users.unset_password_compromised(user).await.unwrap_err(),
        users.replace_email_address(user, EmailAddressReplacement::default()).await.unwrap_err(),
        users.merge_metadata(user, MetadataChanges::default()).await.unwrap_err(),
        users.replace_metadata(user, MetadataChanges::default()).await.unwrap_err(),
        addresses.create(NewEmailAddress::default()).await.unwrap_err(),
        addresses.get(address).await.unwrap_err(),
        addresses.update(address, EmailAddressChanges::default()).await.unwrap_err(),
        addresses.delete(address).await.unwrap_err(),
        addresses.prepare_verification(address).await.unwrap_err(),
        addresses.attempt_verification(address, verification, Secret::new("c")).await.unwrap_err(),
        sessions.list(SessionListQuery::default()).await.unwrap_err(),
        sessions.create(NewSession::default()).await.unwrap_err(),
        sessions.get(session).await.unwrap_err(),
        sessions.revoke(session).await.unwrap_err(),
        sessions.token(session, NewToken::default()).await.unwrap_err(),
        sessions.token_from_template(session, "t", NewToken::default()).await.unwrap_err(),
        sessions.verify(session, SessionToVerify::of_token("eyJ")).await.unwrap_err(),
        clients.list(PageQuery::default()).await.unwrap_err(),
        clients.get(browser).await.unwrap_err(),
        clients.verify(ClientToVerify::holding("eyJ")).await.unwrap_err(),
        urls.list(PageQuery::default()).await.unwrap_err(),
        urls.create(NewRedirectUrl::of("https://a.example")).await.unwrap_err(),
        urls.get(listed).await.unwrap_err(),
        urls.delete(listed).await.unwrap_err(),
        client.domains().list().await.unwrap_err(),
        client.domains().add(NewDomain::satellite("a.example")).await.unwrap_err(),
        client.domains().update(domain, DomainChanges::default()).await.unwrap_err(),
        client.domains().delete(domain).await.unwrap_err(),
        instance.get().await.unwrap_err(),
        instance.update(InstanceChanges::default()).await.unwrap_err(),
        instance.restrict(RestrictionChanges::default()).await.unwrap_err(),
        instance.update_settings(InstanceSettingsChanges::default()).await.unwrap_err(),
        client.allowlist().list(PageQuery::default()).await.unwrap_err(),
        client.allowlist().add(NewAllowlistIdentifier::of("a@example.com")).await.unwrap_err(),
        client.allowlist().remove(allowed).await.unwrap_err(),
        client.blocklist().list(PageQuery::default()).await.unwrap_err(),
        client.blocklist().add(NewBlocklistIdentifier::of("a@example.com")).await.unwrap_err(),
        client.blocklist().remove(blocked).await.unwrap_err(),
        client.sign_ups().get(sign_up).await.unwrap_err(),
        client.sign_ups().update(sign_up, SignUpChanges::default()).await.unwrap_err(),
        client.refresh_session(session, RefreshSession::new("a", "b", "c")).await.unwrap_err(),
        templates.list(PageQuery::default()).await.unwrap_err(),
        templates.create(NewJwtTemplate::new("t", Map::new())).await.unwrap_err(),
        templates.get(template).await.unwrap_err(),
        templates.update(template, JwtTemplateChanges::default()).await.unwrap_err(),
        templates.delete(template).await.unwrap_err(),
        tickets.create(NewSignInToken::default()).await.unwrap_err(),
        tickets.revoke(ticket).await.unwrap_err(),
        client.templates().list(PageQuery::default()).await.unwrap_err(),
        client.templates().get("password_changed").await.unwrap_err(),
        client.templates().update("password_changed", TemplateChanges::default()).await.unwrap_err(),
        client.templates().revert("password_changed").await.unwrap_err(),
        client.templates().preview("password_changed", TemplateDraft::default()).await.unwrap_err(),
        client.templates().set_delivery("password_changed", true).await.unwrap_err(),
        client.testing_tokens().create().await.unwrap_err(),
        client.jwks().await.unwrap_err(),
        client.handshake_payload("n").await.unwrap_err(),
        client.interstitial(InterstitialQuery::default()).await.unwrap_err(),
        client.verify_api_key("ak_1").await.unwrap_err(),
        client.verify_m2m_token("mt_1").await.unwrap_err(),
        client.verify_oauth_access_token("oat_1").await.unwrap_err(),
    ]
}

fn backend() -> impl Iterator<Item = &'static Declaration> {
    declared().chain(declared_ahead()).filter(|it| it.audience == Audience::Backend)
}

#[tokio::test]
async fn every_declared_operation_has_a_method() {
    let fake = backend().fold(Fake::default(), |fake, _| fake.answering(404, "{}"));
    let reached: BTreeSet<_> = every_method(&fake.client())
        .await
        .iter()
        .map(|error| (error.operation(), error.is_not_found()))
        .collect();
    let wanted: BTreeSet<_> = backend().map(|operation| (operation.id, true)).collect();
    let missing: Vec<_> = wanted.difference(&reached).collect();
    let unknown: Vec<_> = reached.difference(&wanted).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "without a method: {missing:?}; not declared: {unknown:?}"
    );
}

/// What [`Client::send`] is for: an operation that the client has no method for.
#[tokio::test]
async fn an_operation_of_somebody_else_can_be_sent() {
    struct Theirs;
    impl Operation for Theirs {
        const AUDIENCE: Audience = Audience::Backend;
        const ID: &'static str = "Theirs";
        const METHOD: http::Method = http::Method::GET;
        const PATH: &'static str = "/v1/theirs";
        type Path = Nothing;
        type Query = Nothing;
        type Body = Nothing;
        type Reply = Nothing;
    }
    let fake = Fake::default().answering(204, "");
    fake.client().send(Theirs, Nothing {}, Nothing {}, Nothing {}).await.unwrap();
    assert_eq!(fake.asked(), ["GET /v1/theirs"]);
}
