//! Making people.

use frontdesk_api::backend::users::{CreateUser, NewUser};
use frontdesk_core::event::EventType;
use frontdesk_core::identification::{Identification, Verification};
use frontdesk_core::metadata::Metadata;
use frontdesk_core::settings::Wanted;
use frontdesk_core::user::{Account, PasswordDigest, User};
use frontdesk_types::{EmailAddress, IdentificationId, UserId};
use serde_json::{Map, Value};

use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req};
use crate::{password, text, totp, username as usernames};

/// The most e-mail addresses that one request may bring.
const MAX_ADDRESSES: usize = 20;

pub(super) async fn create_user(mut cx: BackendCx, req: Req<CreateUser>) -> Answer<CreateUser> {
    let asked = req.body;
    let mut user = User::new(UserId::mint(cx.now, &mut cx.rng), cx.now);
    user.external_id = text::optional("external_id", asked.external_id.clone())?;
    user.first_name = text::optional("first_name", asked.first_name.clone())?;
    user.last_name = text::optional("last_name", asked.last_name.clone())?;
    user.locale = text::optional("locale", asked.locale.clone())?;
    user.public_metadata = metadata("public_metadata", asked.public_metadata.as_ref())?;
    user.private_metadata = metadata("private_metadata", asked.private_metadata.as_ref())?;
    user.unsafe_metadata = metadata("unsafe_metadata", asked.unsafe_metadata.as_ref())?;
    user.delete_self_enabled = asked.delete_self_enabled.unwrap_or(true);
    user.create_organization_enabled = asked.create_organization_enabled.unwrap_or(true);
    user.create_organizations_limit = asked.create_organizations_limit;
    user.legal_accepted_at = text::past("legal_accepted_at", asked.legal_accepted_at.as_deref(), cx.now)?;
    user.banned = asked.banned.unwrap_or(false);
    user.bypass_client_trust = asked.bypass_client_trust.unwrap_or(false);
    if asked.locked == Some(true) {
        user.lock(&cx.instance.settings.limits, cx.now);
    }
    if let Some(created_at) = text::past("created_at", asked.created_at.as_deref(), cx.now)? {
        user.created_at = created_at;
    }

    if let Some(secret) = &asked.totp_secret {
        totp::enroll(cx.server.master_key(), &mut user, secret, cx.now, &mut cx.rng)?;
    }
    totp::set_backup_codes(cx.server.master_key(), &mut user, &asked.backup_codes, &mut cx.rng)?;

    let mut identifications = addresses(&mut cx, &user.id, &asked)?;
    user.primary_email_address_id = identifications.first().map(|email| email.id.clone());
    identifications.extend(username(&mut cx, &user.id, &asked)?);
    refuse_nobody(&cx, &asked)?;
    refuse_taken(&cx, &identifications, user.external_id.as_deref()).await?;
    let digest = digest(&mut cx, &asked).await?;
    user.set_password(digest, cx.now);

    cx.work.insert_user(&user);
    for identification in &identifications {
        cx.work.insert_identification(identification);
    }
    let account = Account { user, identifications };
    let shown = cx.show(&account);
    cx.emit(EventType::UserCreated, account.user.id.as_str(), &shown)?;
    cx.commit(shown).await
}

fn metadata(name: &str, given: Option<&Map<String, Value>>) -> Result<Metadata, ApiError> {
    let Some(map) = given else { return Ok(Metadata::default()) };
    Metadata::from_map(map).map_err(|reason| errors::metadata_invalid(name, &reason))
}

/// The e-mail addresses asked for. Each is verified unless it was said to be only reserved.
fn addresses(cx: &mut BackendCx, user_id: &UserId, asked: &NewUser) -> Result<Vec<Identification>, ApiError> {
    let statuses = &asked.email_address_identification_status;
    if asked.email_address.len() > MAX_ADDRESSES {
        return Err(errors::param_value_invalid("email_address", "a list of 20 addresses at most"));
    }
    if !statuses.is_empty() && statuses.len() != asked.email_address.len() {
        return Err(errors::param_value_invalid(
            "email_address_identification_status",
            "as long as email_address",
        ));
    }
    // What was made at one instant is read in the order of its ids, so these keep the order that was given.
    let mut ids: Vec<_> =
        asked.email_address.iter().map(|_| IdentificationId::mint(cx.now, &mut cx.rng)).collect();
    ids.sort();
    let mut identifications: Vec<Identification> = Vec::new();
    for (index, (text, id)) in asked.email_address.iter().zip(ids).enumerate() {
        let address: EmailAddress = text
            .parse()
            .map_err(|_| errors::param_format_invalid("email_address", "a valid e-mail address"))?;
        if identifications.iter().any(|known| known.value == address.as_str()) {
            return Err(errors::identifier_taken("email_address"));
        }
        let mut email = Identification::email(id, user_id.clone(), &address, cx.now);
        email.verification = match statuses.get(index).map(String::as_str) {
            None | Some("verified") => Some(Verification::by_admin()),
            Some("reserved") => None,
            Some(_) => {
                return Err(errors::param_value_invalid(
                    "email_address_identification_status",
                    "verified or reserved",
                ));
            }
        };
        identifications.push(email);
    }
    Ok(identifications)
}

/// The username asked for, where the instance has usernames.
fn username(
    cx: &mut BackendCx,
    user_id: &UserId,
    asked: &NewUser,
) -> Result<Option<Identification>, ApiError> {
    let Some(text) = asked.username.as_deref().filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    if cx.instance.settings.attributes.username == Wanted::Off {
        return Err(errors::param_unknown("username"));
    }
    let username = usernames::read(text, &cx.instance.settings.username, "username")?;
    let id = IdentificationId::mint(cx.now, &mut cx.rng);
    Ok(Some(Identification::username(id, user_id.clone(), &username, cx.now)))
}

/// A person has what the instance requires of everybody, unless the caller says that they need not: an address or a
/// username, a password where nothing could be sent to them, and their consent to the terms.
fn refuse_nobody(cx: &BackendCx, asked: &NewUser) -> Result<(), ApiError> {
    let settings = &cx.instance.settings;
    if settings.sign_up.legal_consent
        && asked.legal_accepted_at.is_none()
        && asked.skip_legal_checks != Some(true)
    {
        return Err(errors::param_missing("legal_accepted_at"));
    }
    let has_username = asked.username.as_ref().is_some_and(|text| !text.trim().is_empty());
    if asked.skip_user_requirement != Some(true) {
        let needs_email = settings.attributes.email_address == Wanted::Required || !has_username;
        if needs_email && asked.email_address.is_empty() {
            return Err(errors::param_missing("email_address"));
        }
        if settings.attributes.username == Wanted::Required && !has_username {
            return Err(errors::param_missing("username"));
        }
    }
    // A code can be sent to whoever has an address; the others need something else that signs them in.
    let has_password = asked.password.is_some() || asked.password_digest.is_some();
    if !asked.email_address.is_empty() || has_password || asked.skip_password_requirement == Some(true) {
        Ok(())
    } else {
        Err(errors::param_missing("password"))
    }
}

/// Looks for the identifiers before they are written, so that the answer can name the one that is taken. A race
/// between two such requests is decided by the store, and the loser comes here again.
async fn refuse_taken(
    cx: &BackendCx,
    identifications: &[Identification],
    external_id: Option<&str>,
) -> Result<(), ApiError> {
    for identification in identifications {
        let kind = identification.kind;
        if cx.store.identification_owner(&cx.instance.id, kind, &identification.value).await?.is_some() {
            return Err(errors::identifier_taken(kind.as_str()));
        }
    }
    if let Some(external_id) = external_id
        && cx.store.account_by_external_id(&cx.instance.id, external_id).await?.is_some()
    {
        return Err(errors::identifier_taken("external_id"));
    }
    Ok(())
}

async fn digest(cx: &mut BackendCx, asked: &NewUser) -> Result<Option<PasswordDigest>, ApiError> {
    match (&asked.password, &asked.password_digest) {
        (Some(_), Some(_)) => {
            Err(errors::param_value_invalid("password_digest", "left out where a password is given"))
        }
        (Some(password), None) => {
            if asked.skip_password_checks == Some(true) {
                password::check_size(password, "password")?;
            } else {
                let known: Vec<&str> =
                    asked.email_address.iter().chain(&asked.username).map(String::as_str).collect();
                password::vet(&cx.server, &cx.instance, password, "password", &known).await?;
            }
            let passwords = cx.server.passwords().clone();
            passwords.hash(password, &mut cx.rng).await.map(Some)
        }
        (None, Some(digest)) => {
            password::imported(digest.expose(), asked.password_hasher.as_deref()).map(Some)
        }
        (None, None) if asked.password_hasher.is_some() => Err(errors::param_missing("password_digest")),
        (None, None) => Ok(None),
    }
}
