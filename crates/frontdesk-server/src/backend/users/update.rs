//! Changing people: plain fields, password, primary address.

use frontdesk_api::backend::users::UpdateUser;
use frontdesk_core::identification::IdentificationKind;
use frontdesk_core::user::{Account, User};
use frontdesk_types::{Change, IdentificationId, Secret};

use super::{identifiers, replace};
use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req};
use crate::{mail, password, text, totp};

pub(super) async fn update_user(mut cx: BackendCx, req: Req<UpdateUser>) -> Answer<UpdateUser> {
    let mut account = cx.account(&req.path.user_id).await?;
    let changes = req.body;
    let user = &mut account.user;
    text::change("first_name", changes.first_name, &mut user.first_name)?;
    text::change("last_name", changes.last_name, &mut user.last_name)?;
    text::change("locale", changes.locale, &mut user.locale)?;
    rename_externally(&cx, user, changes.external_id).await?;
    flag(changes.delete_self_enabled, &mut user.delete_self_enabled);
    flag(changes.create_organization_enabled, &mut user.create_organization_enabled);
    changes.create_organizations_limit.apply_to(&mut user.create_organizations_limit);
    match changes.legal_accepted_at {
        Change::Keep => {}
        Change::Clear => user.legal_accepted_at = None,
        Change::Set(text) => user.legal_accepted_at = text::past("legal_accepted_at", Some(&text), cx.now)?,
    }
    if let Change::Set(text) = changes.created_at {
        user.created_at = text::past("created_at", Some(&text), cx.now)?.unwrap_or(user.created_at);
    }
    for (metadata, to, name) in [
        (&mut user.public_metadata, changes.public_metadata, "public_metadata"),
        (&mut user.private_metadata, changes.private_metadata, "private_metadata"),
        (&mut user.unsafe_metadata, changes.unsafe_metadata, "unsafe_metadata"),
    ] {
        // From 2026-05-12 on, metadata has operations of its own (wire protocol §11.4).
        if !to.is_keep() && !cx.version.updates_take_metadata() {
            return Err(errors::param_unknown(name));
        }
        replace(metadata, to, name)?;
    }
    if let Change::Set(id) = changes.primary_email_address_id {
        let before = account.primary_email_address().cloned();
        make_primary(&mut account, id)?;
        if changes.notify_primary_email_address_changed == Change::Set(true) {
            mail::primary_email_address_moved(&mut cx, &account, before.as_ref()).await?;
        }
    }
    identifiers::rename(&mut cx, &mut account, changes.username).await?;
    let user = &mut account.user;
    flag(changes.bypass_client_trust, &mut user.bypass_client_trust);
    match changes.totp_secret {
        Change::Keep => {}
        Change::Clear => user.remove_totp(cx.now),
        Change::Set(secret) => {
            totp::enroll(cx.server.master_key(), user, &secret, cx.now, &mut cx.rng)?;
        }
    }
    match changes.backup_codes {
        Change::Keep => {}
        Change::Clear => user.backup_code_hashes.clear(),
        Change::Set(codes) => totp::set_backup_codes(cx.server.master_key(), user, &codes, &mut cx.rng)?,
    }
    let password = NewPassword {
        password: changes.password.set(),
        digest: changes.password_digest.set(),
        hasher: changes.password_hasher.set(),
        skip_checks: changes.skip_password_checks == Change::Set(true),
    };
    let is_new = set_password(&mut cx, &mut account, password).await?;
    if is_new && changes.sign_out_of_other_sessions == Change::Set(true) {
        cx.revoke_sessions(&account.user.id).await?;
    }
    cx.save(account).await
}

/// Gives the person another id in the application's own database, or takes it away.
async fn rename_externally(cx: &BackendCx, user: &mut User, change: Change<String>) -> Result<(), ApiError> {
    let before = user.external_id.clone();
    text::change("external_id", change, &mut user.external_id)?;
    let Some(external_id) = user.external_id.as_deref().filter(|id| Some(*id) != before.as_deref()) else {
        return Ok(());
    };
    match cx.store.account_by_external_id(&cx.instance.id, external_id).await? {
        Some(_) => Err(errors::identifier_taken("external_id")),
        None => Ok(()),
    }
}

/// Makes a verified address of theirs the one they are written to.
fn make_primary(account: &mut Account, id: IdentificationId) -> Result<(), ApiError> {
    let email = account.of_kind(IdentificationKind::EmailAddress).find(|email| email.id == id);
    match email {
        None => Err(errors::resource_not_found("e-mail address", id.as_str())),
        Some(email) if !email.is_verified() => Err(errors::param_value_invalid(
            "primary_email_address_id",
            "a verified e-mail address of the user",
        )),
        Some(_) => {
            account.user.primary_email_address_id = Some(id);
            Ok(())
        }
    }
}

/// Sets a new password, if one was given: in clear, or as a digest. Tells whether it did.
async fn set_password(
    cx: &mut BackendCx,
    account: &mut Account,
    given: NewPassword,
) -> Result<bool, ApiError> {
    let digest = match (given.password, given.digest) {
        (None, None) if given.hasher.is_some() => return Err(errors::param_missing("password_digest")),
        (None, None) => return Ok(false),
        (Some(_), Some(_)) => {
            return Err(errors::param_value_invalid("password_digest", "left out where a password is given"));
        }
        (Some(password), None) => {
            if given.skip_checks {
                password::check_size(&password, "password")?;
            } else {
                let known: Vec<&str> = account.identifications.iter().map(|it| it.value.as_str()).collect();
                password::vet(&cx.server, &cx.instance, &password, "password", &known).await?;
            }
            let passwords = cx.server.passwords().clone();
            passwords.hash(&password, &mut cx.rng).await?
        }
        (None, Some(digest)) => password::imported(digest.expose(), given.hasher.as_deref())?,
    };
    // Whoever had one learns that it is no longer good. A first one is no news: the application's own doing, as in a
    // migration, whose people may not even know of the account yet.
    if account.user.password_digest.is_some() {
        mail::password_changed(cx, account).await?;
    }
    account.user.set_password(Some(digest), cx.now);
    cx.work.delete_user_refresh_tokens(&account.user.id);
    Ok(true)
}

/// What an update says about the password.
struct NewPassword {
    password: Option<Secret>,
    digest: Option<Secret>,
    hasher: Option<String>,
    skip_checks: bool,
}

/// Sets a switch that has no empty value: `null` keeps it.
fn flag(change: Change<bool>, field: &mut bool) {
    *field = change.set().unwrap_or(*field);
}
