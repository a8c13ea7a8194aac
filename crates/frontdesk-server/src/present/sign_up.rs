//! A sign-up on the wire.

use frontdesk_api::backend::sign_ups as backend;
use frontdesk_api::backend::users::Verification;
use frontdesk_api::frontend::sign_ups as wire;
use frontdesk_core::identification::VerificationStatus;
use frontdesk_core::settings::Wanted;
use frontdesk_core::sign_up::{SignUp, SignUpState, fields_wanted};
use frontdesk_types::Timestamp;

use super::user;
use crate::LoadedInstance;

/// A sign-up as browsers (and the Backend API) see it.
pub(crate) fn sign_up(instance: &LoadedInstance, sign_up: &SignUp, now: Timestamp) -> wire::SignUp {
    let (state, settings) = (&sign_up.state, &instance.settings);
    let owned = |names: Vec<&'static str>| names.into_iter().map(str::to_owned).collect();
    let has_password = state.has_password();
    wire::SignUp {
        object: "sign_up_attempt".to_owned(),
        id: sign_up.id.clone(),
        status: sign_up.status(now).as_str().to_owned(),
        required_fields: owned(fields_wanted(settings, Wanted::Required)),
        optional_fields: owned(fields_wanted(settings, Wanted::Optional)),
        missing_fields: owned(sign_up.missing_fields(settings)),
        unverified_fields: owned(sign_up.unverified_fields()),
        verifications: wire::SignUpVerifications {
            email_address: email_verification(state, now),
            phone_number: None,
            web3_wallet: None,
            external_account: None,
        },
        username: state.username.as_ref().map(ToString::to_string),
        email_address: state.email_address.as_ref().map(ToString::to_string),
        phone_number: None,
        web3_wallet: None,
        has_password,
        password_enabled: has_password,
        first_name: state.first_name.clone(),
        last_name: state.last_name.clone(),
        unsafe_metadata: user::object(&state.unsafe_metadata),
        public_metadata: frontdesk_api::JsonObject::default(),
        custom_action: state.custom_action,
        external_id: state.external_id.clone(),
        external_account: None,
        external_account_strategy: None,
        created_session_id: state.outcome.as_ref().map(|outcome| outcome.session_id.clone()),
        created_user_id: state.outcome.as_ref().map(|outcome| outcome.user_id.clone()),
        abandon_at: sign_up.abandon_at,
        legal_accepted_at: state.legal_accepted_at,
        locale: state.locale.clone(),
    }
}

/// The same as application servers see it.
pub(crate) fn for_backend(instance: &LoadedInstance, attempt: &SignUp, now: Timestamp) -> backend::SignUp {
    let shown = sign_up(instance, attempt, now);
    backend::SignUp {
        object: shown.object,
        id: shown.id,
        status: shown.status,
        required_fields: shown.required_fields,
        optional_fields: shown.optional_fields,
        missing_fields: shown.missing_fields,
        unverified_fields: shown.unverified_fields,
        verifications: serde_json::to_value(shown.verifications)
            .ok()
            .and_then(|verifications| serde_json::from_value(verifications).ok())
            .unwrap_or_default(),
        username: shown.username,
        email_address: shown.email_address,
        phone_number: shown.phone_number,
        web3_wallet: shown.web3_wallet,
        password_enabled: shown.password_enabled,
        first_name: shown.first_name,
        last_name: shown.last_name,
        unsafe_metadata: shown.unsafe_metadata,
        public_metadata: shown.public_metadata,
        custom_action: shown.custom_action,
        external_id: shown.external_id,
        created_session_id: shown.created_session_id,
        created_user_id: shown.created_user_id,
        abandon_at: shown.abandon_at,
        legal_accepted_at: shown.legal_accepted_at,
        locale: shown.locale,
        external_account: shown.external_account,
    }
}

/// How the proof of the address stands, and what the browser does next about it.
fn email_verification(state: &SignUpState, now: Timestamp) -> Option<wire::SignUpVerification> {
    state.email_address.as_ref()?;
    let (verification, next_action) = match &state.email_challenge {
        Some(challenge) => {
            let verification = challenge.verification(now);
            let next_action = match verification.status {
                VerificationStatus::Verified => "",
                VerificationStatus::Unverified => "needs_attempt",
                VerificationStatus::Expired | VerificationStatus::Failed => "needs_prepare",
            };
            (user::verification(&verification), next_action)
        }
        None => (not_sent(), "needs_prepare"),
    };
    Some(wire::SignUpVerification {
        verification,
        next_action: next_action.to_owned(),
        supported_strategies: vec!["email_code".to_owned()],
    })
}

/// A proof that nobody has asked for yet.
fn not_sent() -> Verification {
    Verification {
        object: "verification_otp".to_owned(),
        status: "unverified".into(),
        strategy: "email_code".into(),
        attempts: None,
        expire_at: None,
    }
}
