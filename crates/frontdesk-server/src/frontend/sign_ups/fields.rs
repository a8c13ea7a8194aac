//! What a sign-up is given, checked.

use frontdesk_api::frontend::sign_ups::SignUpFields;
use frontdesk_core::metadata::Metadata;
use frontdesk_core::settings::{Settings, Wanted};
use frontdesk_core::sign_up::SignUp;
use frontdesk_types::{Change, EmailAddress, Username};

use crate::errors::{self, ApiError};
use crate::extract::FrontendCx;
use crate::{password, text, username};

/// Takes over what is given; the rest stays as it is. An attribute that the instance does not know is refused by name.
pub(super) async fn give(
    cx: &mut FrontendCx,
    sign_up: &mut SignUp,
    given: SignUpFields,
) -> Result<(), ApiError> {
    let attributes = cx.instance.settings.attributes;
    if !matches!(given.strategy.as_deref(), None | Some("password")) {
        return Err(errors::param_value_invalid("strategy", "password: the others are not available yet"));
    }
    for (name, is_given, wanted) in [
        ("email_address", !given.email_address.is_keep(), attributes.email_address),
        ("username", !given.username.is_keep(), attributes.username),
        ("password", given.password.is_some(), attributes.password),
        ("first_name", !given.first_name.is_keep(), attributes.first_name),
        ("last_name", !given.last_name.is_keep(), attributes.last_name),
    ] {
        if is_given && wanted == Wanted::Off {
            return Err(errors::param_unknown(name));
        }
    }

    match given.email_address {
        Change::Keep => {}
        Change::Clear => sign_up.set_email_address(None),
        Change::Set(text) => {
            let address: EmailAddress = text
                .parse()
                .map_err(|_| errors::param_format_invalid("email_address", "a valid e-mail address"))?;
            refuse_address(cx, &address).await?;
            if !cx.hides_accounts() && cx.has_address(&address).await? {
                return Err(errors::identifier_taken("email_address"));
            }
            sign_up.set_email_address(Some(address));
        }
    }
    match given.username {
        Change::Keep => {}
        Change::Clear => sign_up.state.username = None,
        Change::Set(text) => {
            let username = username::read(&text, &cx.instance.settings.username, "username")?;
            if cx.has_username(&username).await? {
                return Err(errors::identifier_taken("username"));
            }
            sign_up.state.username = Some(username);
        }
    }
    let state = &mut sign_up.state;
    text::change("first_name", given.first_name, &mut state.first_name)?;
    text::change("last_name", given.last_name, &mut state.last_name)?;
    text::change("locale", given.locale, &mut state.locale)?;
    match given.unsafe_metadata {
        Change::Keep => {}
        Change::Clear => state.unsafe_metadata = Metadata::default(),
        Change::Set(text) => state.unsafe_metadata = metadata(&text)?,
    }
    match given.legal_accepted {
        None => {}
        Some(true) => state.legal_accepted_at = Some(cx.now),
        Some(false) => state.legal_accepted_at = None,
    }
    if let Some(password) = given.password {
        let known = state.email_address.iter().map(EmailAddress::as_str);
        let known: Vec<&str> = known.chain(state.username.iter().map(Username::as_str)).collect();
        password::vet(&cx.server, &cx.instance, &password, "password", &known).await?;
        let digest = cx.server.passwords().clone().hash(&password, &mut cx.rng).await?;
        state.password_digest = Some(digest.as_str().to_owned());
    }
    Ok(())
}

/// Refuses what does not name everything that is required, for an instance that takes no sign-up step by step. Each
/// missing field has an error of its own.
pub(super) fn want_all(sign_up: &SignUp, settings: &Settings) -> Result<(), ApiError> {
    let missing = sign_up.missing_fields(settings).into_iter().map(errors::param_missing);
    missing.reduce(ApiError::and).map_or(Ok(()), Err)
}

/// Refuses an address that may not have an account here: one with a subaddress where those are blocked, one that is
/// not on the allowlist, or is on the blocklist. Whether somebody has it plays no part in that.
pub(in crate::frontend) async fn refuse_address(
    cx: &FrontendCx,
    address: &EmailAddress,
) -> Result<(), ApiError> {
    let settings = &cx.instance.settings;
    let restrictions = settings.restrictions;
    let is_test = settings.test_mode && address.is_test();
    if restrictions.block_email_subaddresses && address.has_subaddress() && !is_test {
        return Err(errors::email_address_blocked());
    }
    if !restrictions.allowlist && !restrictions.blocklist {
        return Ok(());
    }
    let listed = cx.store.lists_naming(&cx.instance.id, address).await?;
    let is_refused = restrictions.allowlist && !listed.allowed
        || restrictions.blocklist && listed.blocked && !listed.allowed;
    if is_refused { Err(errors::not_allowed_access(address.as_str())) } else { Ok(()) }
}

/// Refuses somebody without an address where only listed ones may sign up.
pub(super) fn refuse_without_address(cx: &FrontendCx) -> Result<(), ApiError> {
    let allowlist = cx.instance.settings.restrictions.allowlist;
    if allowlist { Err(errors::param_missing("email_address")) } else { Ok(()) }
}

fn metadata(given: &str) -> Result<Metadata, ApiError> {
    let map = text::object("unsafe_metadata", given)?;
    Metadata::from_map(&map).map_err(|reason| errors::metadata_invalid("unsafe_metadata", &reason))
}
