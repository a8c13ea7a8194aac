//! A sign-in on the wire.

use frontdesk_api::backend::users::Verification;
use frontdesk_api::frontend::sign_ins as wire;
use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_core::settings::{Settings, Wanted};
use frontdesk_core::sign_in::{SignIn, SignInState};
use frontdesk_core::user::Account;
use frontdesk_types::{EmailAddress, Timestamp};

use super::user;
use crate::LoadedInstance;

/// A sign-in as browsers see it. `account` is the person named in it, if there is one.
pub(crate) fn sign_in(
    instance: &LoadedInstance,
    sign_in: &SignIn,
    account: Option<&Account>,
    now: Timestamp,
) -> wire::SignIn {
    let mut shown = wire::SignIn {
        object: "sign_in_attempt".to_owned(),
        id: sign_in.id.clone(),
        status: "needs_identifier".to_owned(),
        supported_identifiers: supported_identifiers(&instance.settings),
        supported_first_factors: None,
        supported_second_factors: None,
        first_factor_verification: None,
        second_factor_verification: None,
        identifier: sign_in.identifier().map(str::to_owned),
        user_data: account.map(|account| face(instance, account)),
        created_session_id: None,
        abandon_at: sign_in.abandon_at,
    };
    match &sign_in.state {
        _ if sign_in.is_abandoned(now) => "abandoned".clone_into(&mut shown.status),
        SignInState::NeedsIdentifier => {}
        SignInState::NeedsFirstFactor { challenge, .. } => {
            "needs_first_factor".clone_into(&mut shown.status);
            shown.supported_first_factors = account.map(|account| first_factors(&instance.settings, account));
            shown.first_factor_verification =
                challenge.as_ref().map(|challenge| user::verification(&challenge.verification(now)));
        }
        SignInState::Complete { strategy, session_id, .. } => {
            "complete".clone_into(&mut shown.status);
            shown.first_factor_verification = Some(proven(strategy));
            shown.created_session_id = Some(session_id.clone());
        }
    }
    shown
}

/// How this person can prove who they are, the primary address before the others.
pub(crate) fn first_factors(settings: &Settings, account: &Account) -> Vec<wire::SignInFactor> {
    let mut factors = Vec::new();
    if settings.attributes.password != Wanted::Off && account.user.password_digest.is_some() {
        factors.push(wire::SignInFactor { strategy: "password".to_owned(), ..wire::SignInFactor::default() });
    }
    let mut addresses: Vec<_> = account.of_kind(IdentificationKind::EmailAddress).collect();
    let is_primary =
        |email: &Identification| account.user.primary_email_address_id.as_ref() == Some(&email.id);
    addresses.sort_by_key(|email| !is_primary(email));
    factors.extend(addresses.into_iter().filter(|email| email.is_claimed()).map(|email| {
        wire::SignInFactor {
            strategy: "email_code".to_owned(),
            safe_identifier: Some(masked(&email.value)),
            email_address_id: Some(email.id.clone()),
            primary: Some(is_primary(email)),
        }
    }));
    factors
}

/// What may name somebody here.
fn supported_identifiers(settings: &Settings) -> Vec<String> {
    if settings.attributes.email_address == Wanted::Off {
        Vec::new()
    } else {
        vec!["email_address".to_owned()]
    }
}

fn masked(address: &str) -> String {
    address.parse().map_or_else(|_| "***".to_owned(), |address: EmailAddress| address.masked())
}

/// What the page that asks for the proof may show to somebody who has not given it yet.
fn face(instance: &LoadedInstance, account: &Account) -> wire::SignInUser {
    wire::SignInUser {
        first_name: account.user.first_name.clone(),
        last_name: account.user.last_name.clone(),
        image_url: user::image_url(instance, account),
        has_image: user::has_image(account),
    }
}

fn proven(strategy: &str) -> Verification {
    Verification {
        object: user::verification_object(strategy).to_owned(),
        status: "verified".into(),
        strategy: strategy.into(),
        attempts: None,
        expire_at: None,
    }
}
