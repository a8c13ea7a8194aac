//! A sign-in on the wire.

use frontdesk_api::backend::users::Verification;
use frontdesk_api::frontend::sign_ins as wire;
use frontdesk_core::identification::{Identification, IdentificationKind};
use frontdesk_core::settings::{Settings, Wanted};
use frontdesk_core::sign_in::{EMAIL_CODE, RESET_PASSWORD_EMAIL_CODE, SignIn, SignInState};
use frontdesk_core::user::{Account, User};
use frontdesk_types::{EmailAddress, IdentificationId, Timestamp};

use super::user;
use crate::{LoadedInstance, keys};

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
        _ if sign_in.is_abandoned(now) => {
            "abandoned".clone_into(&mut shown.status);
            if instance.settings.enumeration_protection {
                shown.user_data = None;
            }
        }
        SignInState::NeedsIdentifier => {}
        SignInState::NeedsFirstFactor { identifier, challenge, .. }
        | SignInState::Nobody { identifier, challenge, .. } => {
            "needs_first_factor".clone_into(&mut shown.status);
            shown.supported_first_factors = Some(match account {
                Some(account) if !instance.settings.enumeration_protection => {
                    first_factors(&instance.settings, account)
                }
                _ => {
                    shown.user_data = None;
                    anybodys_first_factors(instance, identifier)
                }
            });
            shown.first_factor_verification =
                challenge.as_ref().map(|challenge| user::verification(&challenge.verification(now)));
        }
        SignInState::Transferable { challenge, .. } => {
            "needs_first_factor".clone_into(&mut shown.status);
            let mut verification = user::verification(&challenge.verification(now));
            // The contract does not describe this one; the SDKs ask for it by name.
            verification.status = "transferable".into();
            shown.first_factor_verification = Some(verification);
        }
        SignInState::Transferred { .. } => "abandoned".clone_into(&mut shown.status),
        SignInState::NeedsNewPassword { first, .. } => {
            "needs_new_password".clone_into(&mut shown.status);
            shown.first_factor_verification = Some(proven(&first.strategy));
        }
        SignInState::NeedsSecondFactor { first, .. } => {
            "needs_second_factor".clone_into(&mut shown.status);
            shown.first_factor_verification = Some(proven(&first.strategy));
            shown.supported_second_factors = account.map(|account| second_factors(&account.user));
        }
        SignInState::Complete { strategy, second, session_id, .. } => {
            "complete".clone_into(&mut shown.status);
            shown.first_factor_verification = Some(proven(strategy));
            shown.second_factor_verification = second.as_deref().map(proven);
            shown.created_session_id = Some(session_id.clone());
        }
    }
    shown
}

/// How this person can prove who they are, the primary address before the others.
pub(crate) fn first_factors(settings: &Settings, account: &Account) -> Vec<wire::SignInFactor> {
    let has_password = account.user.password_digest.is_some();
    let mut addresses: Vec<_> =
        account.of_kind(IdentificationKind::EmailAddress).filter(|email| email.is_claimed()).collect();
    let is_primary =
        |email: &Identification| account.user.primary_email_address_id.as_ref() == Some(&email.id);
    addresses.sort_by_key(|email| !is_primary(email));
    let addresses = addresses.into_iter().map(|email| Address {
        id: email.id.clone(),
        safe: masked(&email.value),
        is_primary: is_primary(email),
    });
    factors(settings, has_password, &addresses.collect::<Vec<_>>())
}

/// How anybody with this identifier could prove who they are: what is shown where answers do not tell whether there is
/// somebody.
fn anybodys_first_factors(instance: &LoadedInstance, identifier: &str) -> Vec<wire::SignInFactor> {
    let address = identifier.parse::<EmailAddress>().ok();
    let address = address.map(|address| Address {
        id: stand_in_id(instance, &address),
        safe: address.masked(),
        is_primary: true,
    });
    factors(&instance.settings, true, address.as_slice())
}

/// An id for an address, whoever has it or not: what stands in for the real one where that would tell. Made of nothing
/// but what the asker knows.
pub(crate) fn stand_in_id(instance: &LoadedInstance, address: &EmailAddress) -> IdentificationId {
    let hash = keys::token_hash(&format!("{}/{address}", instance.id));
    let digits = hash.iter().take(13).fold(String::from("0"), |digits, byte| digits + &format!("{byte:02x}"));
    format!("idn_{digits}").parse().expect("a prefix and 27 digits are an id")
}

struct Address {
    id: IdentificationId,
    safe: String,
    is_primary: bool,
}

fn factors(settings: &Settings, has_password: bool, addresses: &[Address]) -> Vec<wire::SignInFactor> {
    let takes_password = settings.attributes.password != Wanted::Off;
    let mut factors = Vec::new();
    if takes_password && has_password {
        factors.push(plain("password"));
    }
    if settings.attributes.email_address != Wanted::Off {
        factors.extend(addresses.iter().map(|address| mailed(EMAIL_CODE, address)));
        if takes_password {
            factors.extend(addresses.iter().map(|address| mailed(RESET_PASSWORD_EMAIL_CODE, address)));
        }
    }
    factors
}

fn plain(strategy: &str) -> wire::SignInFactor {
    wire::SignInFactor { strategy: strategy.to_owned(), ..wire::SignInFactor::default() }
}

fn mailed(strategy: &str, address: &Address) -> wire::SignInFactor {
    wire::SignInFactor {
        strategy: strategy.to_owned(),
        safe_identifier: Some(address.safe.clone()),
        email_address_id: Some(address.id.clone()),
        primary: Some(address.is_primary),
    }
}

/// How this person can prove it once more.
fn second_factors(user: &User) -> Vec<wire::SignInFactor> {
    let mut factors = Vec::new();
    if user.totp_sealed.is_some() {
        factors.push(plain("totp"));
    }
    if !user.backup_code_hashes.is_empty() {
        factors.push(plain("backup_code"));
    }
    factors
}

/// What may name somebody here.
pub(crate) fn supported_identifiers(settings: &Settings) -> Vec<String> {
    let attributes = settings.attributes;
    let all = [("email_address", attributes.email_address), ("username", attributes.username)];
    all.into_iter().filter(|(_, wanted)| *wanted != Wanted::Off).map(|(name, _)| name.to_owned()).collect()
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
