//! What a sign-up is given, checked.

use frontdesk_api::frontend::sign_ups::SignUpFields;
use frontdesk_core::metadata::Metadata;
use frontdesk_core::settings::Wanted;
use frontdesk_core::sign_up::SignUp;
use frontdesk_types::{Change, EmailAddress};

use crate::errors::{self, ApiError};
use crate::extract::FrontendCx;
use crate::{password, text};

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
            cx.refuse_taken_address(&address).await?;
            sign_up.set_email_address(Some(address));
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
        let known: Vec<&str> = state.email_address.iter().map(EmailAddress::as_str).collect();
        password::vet(&cx.server, &cx.instance, &password, "password", &known).await?;
        let digest = cx.server.passwords().clone().hash(&password, &mut cx.rng).await?;
        state.password_digest = Some(digest.as_str().to_owned());
    }
    Ok(())
}

fn metadata(given: &str) -> Result<Metadata, ApiError> {
    let map = text::object("unsafe_metadata", given)?;
    Metadata::from_map(&map).map_err(|reason| errors::metadata_invalid("unsafe_metadata", &reason))
}
