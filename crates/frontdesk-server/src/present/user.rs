//! A person on the wire.

use frontdesk_api::JsonObject;
use frontdesk_api::backend::users as wire;
use frontdesk_api::frontend::sessions::PublicUserData;
use frontdesk_api::frontend::users as browser;
use frontdesk_core::identification::{Identification, IdentificationKind, Verification, VerificationStatus};
use frontdesk_core::metadata::Metadata;
use frontdesk_core::user::Account;
use frontdesk_types::{ImageId, Timestamp};

use crate::LoadedInstance;

/// A person as the Backend API shows them.
pub(crate) fn for_backend(instance: &LoadedInstance, account: &Account, now: Timestamp) -> wire::User {
    wire::User {
        profile: profile(instance, account, now),
        create_organizations_limit: account.user.create_organizations_limit,
        private_metadata: object(&account.user.private_metadata),
        bypass_client_trust: account.user.bypass_client_trust,
    }
}

/// A person as they see themselves.
pub(crate) fn for_frontend(instance: &LoadedInstance, account: &Account, now: Timestamp) -> browser::User {
    browser::User {
        profile: profile(instance, account, now),
        create_organizations_limit: account.user.create_organizations_limit,
        organization_memberships: Vec::new(),
        deprovisioned: false,
    }
}

/// What others may see of a person.
pub(crate) fn public_data(instance: &LoadedInstance, account: &Account) -> PublicUserData {
    let image_url = image_url(instance, account);
    PublicUserData {
        first_name: account.user.first_name.clone(),
        last_name: account.user.last_name.clone(),
        profile_image_url: image_url.clone(),
        image_url,
        has_image: has_image(account),
        identifier: account.identifier().unwrap_or_default().to_owned(),
        user_id: account.user.id.clone(),
        username: account.username().map(str::to_owned),
        banned: account.user.banned,
        deprovisioned: false,
    }
}

/// What both audiences see of a person.
pub(crate) fn profile(instance: &LoadedInstance, account: &Account, now: Timestamp) -> wire::UserProfile {
    let user = &account.user;
    let image_url = image_url(instance, account);
    wire::UserProfile {
        id: user.id.clone(),
        object: "user".to_owned(),
        username: account.username().map(str::to_owned),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        locale: user.locale.clone(),
        profile_image_url: image_url.clone(),
        image_url,
        has_image: has_image(account),
        primary_email_address_id: user.primary_email_address_id.clone(),
        primary_phone_number_id: user.primary_phone_number_id.clone(),
        primary_web3_wallet_id: user.primary_web3_wallet_id.clone(),
        password_enabled: user.password_digest.is_some(),
        password_last_updated_at: user.password_updated_at,
        two_factor_enabled: user.has_second_factor(),
        totp_enabled: user.totp_sealed.is_some(),
        backup_code_enabled: !user.backup_code_hashes.is_empty(),
        email_addresses: account.of_kind(IdentificationKind::EmailAddress).map(email_address).collect(),
        phone_numbers: Vec::new(),
        web3_wallets: Vec::new(),
        passkeys: Vec::new(),
        external_accounts: Vec::new(),
        saml_accounts: Vec::new(),
        enterprise_accounts: Vec::new(),
        public_metadata: object(&user.public_metadata),
        unsafe_metadata: object(&user.unsafe_metadata),
        external_id: user.external_id.clone(),
        last_sign_in_at: user.last_sign_in_at,
        banned: user.banned,
        locked: user.is_locked(now),
        lockout_expires_in_seconds: user
            .is_locked(now)
            .then_some(user.locked_until)
            .flatten()
            .map(|until| (until.since(now).as_millis() + 999).div_euclid(1000)),
        verification_attempts_remaining: Some(user.attempts_remaining(&instance.settings.limits, now).into()),
        created_at: user.created_at,
        updated_at: user.updated_at,
        delete_self_enabled: user.delete_self_enabled,
        create_organization_enabled: user.create_organization_enabled,
        last_active_at: user.last_active_at,
        mfa_enabled_at: user.mfa_enabled_at,
        mfa_disabled_at: user.mfa_disabled_at,
        legal_accepted_at: user.legal_accepted_at,
    }
}

/// An e-mail address on the wire.
pub(crate) fn email_address(email: &Identification) -> wire::EmailAddress {
    wire::EmailAddress {
        id: email.id.clone(),
        object: "email_address".to_owned(),
        email_address: email.value.clone(),
        reserved: email.verification.is_none(),
        verification: email.verification.as_ref().map(verification),
        linked_to: Vec::new(),
        matches_sso_connection: false,
        created_at: email.created_at,
        updated_at: email.updated_at,
    }
}

/// How something was verified, on the wire.
pub(crate) fn verification(verification: &Verification) -> wire::Verification {
    wire::Verification {
        object: verification_object(&verification.strategy).to_owned(),
        status: match verification.status {
            VerificationStatus::Unverified => "unverified",
            VerificationStatus::Verified => "verified",
            VerificationStatus::Expired => "expired",
            VerificationStatus::Failed => "failed",
        }
        .into(),
        strategy: verification.strategy.as_str().into(),
        attempts: verification.attempts,
        expire_at: verification.expire_at,
    }
}

/// The `object` of a verification by this strategy (wire protocol §6.7).
pub(crate) fn verification_object(strategy: &str) -> &'static str {
    match strategy {
        "admin" => "verification_admin",
        "ticket" => "verification_ticket",
        "password" => "verification_password",
        "totp" => "verification_totp",
        "backup_code" => "verification_backup_code",
        _ => "verification_otp",
    }
}

/// The text of metadata, passed on as it is.
pub(crate) fn object(metadata: &Metadata) -> JsonObject {
    JsonObject::from_text(metadata.as_str())
}

/// A picture that always loads: the one that was given, else the person's initials, drawn by this server.
pub(crate) fn image_url(instance: &LoadedInstance, account: &Account) -> String {
    if let Some(id) = &account.user.profile_image_id {
        return given_image_url(instance, id);
    }
    let initial =
        |name: &Option<String>| name.as_ref().and_then(|name| name.chars().find(char::is_ascii_alphanumeric));
    let letters: String =
        [initial(&account.user.first_name), initial(&account.user.last_name)].into_iter().flatten().collect();
    format!("{}/img/{}.svg", instance.base_url, if letters.is_empty() { "user" } else { &letters })
}

/// Where a picture is that somebody gave.
pub(crate) fn given_image_url(instance: &LoadedInstance, id: &ImageId) -> String {
    format!("{}/img/{id}", instance.base_url)
}

/// Whether their picture was given by somebody.
pub(crate) fn has_image(account: &Account) -> bool {
    account.user.profile_image_id.is_some()
}
