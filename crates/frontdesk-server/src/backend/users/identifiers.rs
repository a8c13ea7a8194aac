//! What people are identified by: usernames, and an address in place of all others.

use frontdesk_api::backend::users::{EmailAddress as Shape, ReplaceUserEmailAddress};
use frontdesk_core::identification::{Identification, IdentificationKind, Verification};
use frontdesk_core::settings::Wanted;
use frontdesk_core::user::Account;
use frontdesk_types::{Change, EmailAddress, IdentificationId};

use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req};
use crate::{mail, present, username as usernames};

/// Gives a person a username, or another one, or takes it away. Collected only: the caller saves the user.
pub(super) async fn rename(
    cx: &mut BackendCx,
    account: &mut Account,
    change: Change<String>,
) -> Result<(), ApiError> {
    let wanted = cx.instance.settings.attributes.username;
    let current = account.identifications.iter().position(|it| it.kind == IdentificationKind::Username);
    let text = match change {
        Change::Keep => return Ok(()),
        Change::Set(text) if !text.trim().is_empty() => text,
        Change::Set(_) | Change::Clear => {
            let Some(index) = current else { return Ok(()) };
            if wanted == Wanted::Required {
                return Err(errors::param_nil("username"));
            }
            let taken = account.identifications.remove(index);
            cx.work.delete_identification(&account.user.id, &taken.id);
            return Ok(());
        }
    };
    if wanted == Wanted::Off {
        return Err(errors::param_unknown("username"));
    }
    let username = usernames::read(&text, &cx.instance.settings.username, "username")?;
    if current.is_some_and(|index| account.identifications[index].value == username.as_str()) {
        return Ok(());
    }
    cx.refuse_taken_identifier(IdentificationKind::Username, username.as_str(), account, "username").await?;
    if let Some(index) = current {
        let identification = &mut account.identifications[index];
        username.as_str().clone_into(&mut identification.value);
        identification.updated_at = cx.now;
        cx.work.save_identification(identification);
    } else {
        let id = IdentificationId::mint(cx.now, &mut cx.rng);
        let identification = Identification::username(id, account.user.id.clone(), &username, cx.now);
        cx.work.insert_identification(&identification);
        account.identifications.push(identification);
    }
    Ok(())
}

/// The address becomes their only one, and their primary one.
pub(super) async fn replace_email_address(
    mut cx: BackendCx,
    req: Req<ReplaceUserEmailAddress>,
) -> Answer<ReplaceUserEmailAddress> {
    let mut account = cx.account(&req.path.user_id).await?;
    let address = req.body.email_address.ok_or_else(|| errors::param_missing("email_address"))?;
    let address = read_address(&address)?;
    let verification = match req.body.identification_status.as_deref() {
        None | Some("verified") => Some(Verification::by_admin()),
        Some("reserved") => None,
        Some(_) => {
            return Err(errors::param_value_invalid("identification_status", "verified or reserved"));
        }
    };
    cx.refuse_taken_identifier(IdentificationKind::EmailAddress, address.as_str(), &account, "email_address")
        .await?;

    let before = account.primary_email_address().cloned();
    let is_address = |it: &Identification| it.kind == IdentificationKind::EmailAddress;
    let (addresses, mut others): (Vec<_>, Vec<_>) = account.identifications.into_iter().partition(is_address);
    let mut kept = None;
    for old in addresses {
        if old.value == address.as_str() && kept.is_none() {
            kept = Some(old);
        } else {
            cx.work.delete_identification(&account.user.id, &old.id);
        }
    }
    let email = if let Some(mut email) = kept {
        email.verification = verification;
        email.challenge = None;
        email.updated_at = cx.now;
        cx.work.save_identification(&email);
        email
    } else {
        let id = IdentificationId::mint(cx.now, &mut cx.rng);
        let mut email = Identification::email(id, account.user.id.clone(), &address, cx.now);
        email.verification = verification;
        cx.work.insert_identification(&email);
        email
    };
    let shown: Shape = present::user::email_address(&email);
    account.user.primary_email_address_id = Some(email.id.clone());
    others.push(email);
    account.identifications = others;
    if req.body.notify_primary_email_address_changed == Some(true) {
        mail::primary_email_address_moved(&mut cx, &account, before.as_ref()).await?;
    }
    cx.collect(account)?;
    cx.commit(shown).await
}

/// An address that a caller sends.
pub(in crate::backend) fn read_address(text: &str) -> Result<EmailAddress, ApiError> {
    text.parse().map_err(|_| errors::param_format_invalid("email_address", "a valid e-mail address"))
}

impl BackendCx {
    /// Looks for an identifier before it is written, so that the answer can name the one that is taken. A race between
    /// two such requests is decided by the store, and the loser comes here again.
    pub(in crate::backend) async fn refuse_taken_identifier(
        &self,
        kind: IdentificationKind,
        value: &str,
        account: &Account,
        param: &str,
    ) -> Result<(), ApiError> {
        match self.store.identification_owner(&self.instance.id, kind, value).await? {
            Some(owner) if owner != account.user.id => Err(errors::identifier_taken(param)),
            _ => Ok(()),
        }
    }
}
