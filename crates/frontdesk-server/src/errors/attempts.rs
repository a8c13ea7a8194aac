//! Errors of signing in and up: what is wrong with an attempt, a proof, a ticket, a redirect.

use frontdesk_api::ErrorCode;
use frontdesk_core::{sign_in, sign_up};
use frontdesk_types::Span;
use http::StatusCode;
use serde_json::json;

use super::{ApiError, param_missing};

// 400

/// The attempt, or the client it belongs to, is in no state for this.
pub fn client_state_invalid(detail: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, ErrorCode::ClientStateInvalid, "not possible now", detail)
}

/// The strategy does not fit the person or the state of the attempt.
pub fn strategy_for_user_invalid() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::StrategyForUserInvalid,
        "not a way for this account",
        "This account cannot be signed in to that way.",
    )
}

/// What was to be proven is proven already.
pub fn verification_already_verified() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::VerificationAlreadyVerified,
        "already verified",
        "This was verified before; there is nothing left to prove.",
    )
}

/// The code's time is over.
pub fn verification_expired() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::VerificationExpired,
        "expired",
        "The code works no longer. Have a new one sent.",
    )
}

/// The code was tried too often.
pub fn verification_failed() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::VerificationFailed,
        "too many tries",
        "The code was tried too often. Have a new one sent, or choose another way.",
    )
}

/// No code was asked for.
pub fn verification_missing() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::VerificationMissing,
        "nothing was sent",
        "Have a code sent before you try one.",
    )
}

/// The ticket opens nothing here.
pub fn ticket_invalid() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::TicketInvalid,
        "invalid ticket",
        "The ticket opens nothing here.",
    )
}

/// The ticket's time is over.
pub fn ticket_expired() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::TicketExpired,
        "expired ticket",
        "The ticket works no longer. Ask for a new one.",
    )
}

/// The ticket was redeemed before.
pub fn ticket_already_used() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::SignInTokenAlreadyUsed,
        "used ticket",
        "The ticket was used before; each works once.",
    )
}

/// The ticket was taken back.
pub fn ticket_revoked() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::SignInTokenRevoked,
        "revoked ticket",
        "The ticket was taken back. Ask for a new one.",
    )
}

/// The redirect leads where the instance does not live.
pub fn redirect_url_invalid() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::RedirectUrlInvalid,
        "redirect not allowed",
        "redirect_url must be an address of this instance's application. Add its origin to the allowed origins.",
    )
    .at("redirect_url")
}

// 404

/// The handshake nonce is unknown, used up, or too old.
pub fn nonce_invalid() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        ErrorCode::NonceInvalid,
        "unknown nonce",
        "The handshake nonce is unknown, used up, or too old.",
    )
    .at("nonce")
}

// 403

/// Too many failures: the account is locked for a while.
pub fn user_locked(remaining: Span) -> ApiError {
    let seconds = (remaining.as_millis() + 999).div_euclid(1000).max(1);
    ApiError::new(
        StatusCode::FORBIDDEN,
        ErrorCode::UserLocked,
        "account locked",
        "The account is locked for a while after too many failed tries.",
    )
    .with("lockout_expires_in_seconds", json!(seconds))
}

/// This person may not delete themselves.
pub fn delete_self_not_enabled() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        ErrorCode::DeleteSelfNotEnabled,
        "deletion not allowed",
        "This account cannot be deleted by its owner.",
    )
}

/// The identifier may not have an account here.
pub fn not_allowed_access(identifier: &str) -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        ErrorCode::NotAllowedAccess,
        "access not allowed",
        &format!("{identifier} may not have an account here."),
    )
    .with("identifiers", json!([identifier]))
}

// 422

/// The address has a subaddress (`name+tag@…`), and those may not sign up here.
pub fn email_address_blocked() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::EmailAddressBlocked,
        "is blocked",
        "Addresses with +, = or # before the @ may not sign up here.",
    )
    .at("email_address")
}

/// Nobody has this identifier.
pub fn identifier_not_found(param_name: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::IdentifierNotFound,
        "is unknown",
        "There is no account with this identifier.",
    )
    .at(param_name)
}

/// The password is wrong.
pub fn password_incorrect() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordIncorrect,
        "is incorrect",
        "The password is not correct. Try again, or choose another way.",
    )
    .at("password")
}

/// The password is wrong, or nobody has the identifier: where answers hide who has an account, there is one answer to
/// both.
pub fn password_or_identifier_incorrect() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordOrIdentifierIncorrect,
        "is incorrect",
        "The password does not belong to this identifier. Try again, or choose another way.",
    )
    .at("password")
}

/// The password is right, and others know it: it was marked so. It proves nothing any more.
pub fn password_compromised() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordCompromised,
        "is known to others",
        "This password may be known to others. Sign in another way, or reset the password.",
    )
    .at("password")
}

/// The password is right, and known from a breach, where the instance refuses such at sign-in.
pub fn password_breached_at_sign_in() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordPwned,
        "is known from a breach",
        "This password is known from a breach of another site. Sign in another way, or reset the password.",
    )
    .at("password")
}

/// The address is proven and nobody's: a sign-up can take over.
pub fn sign_up_if_missing_transfer() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::SignUpIfMissingTransfer,
        "no account yet",
        "Nobody has this identifier. It is proven to be yours: create a sign-up with transfer to go on.",
    )
    .at("identifier")
}

/// The code is wrong.
pub fn code_incorrect() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::CodeIncorrect,
        "is incorrect",
        "The code is not correct.",
    )
    .at("code")
}

// 429, 501

/// A code was sent moments ago.
pub fn code_too_soon(retry_after: Span) -> ApiError {
    let mut error = ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::CodeTooManyRequests,
        "a code was sent moments ago",
        "A code was sent moments ago. Wait for it before you ask for another one.",
    );
    error.0.retry_after = Some(retry_after);
    error
}

/// No way of sending mail is configured.
pub fn mail_not_configured() -> ApiError {
    ApiError::new(
        StatusCode::NOT_IMPLEMENTED,
        ErrorCode::MailNotConfigured,
        "mail cannot be sent",
        "This server has no way of sending mail yet, so no code can be sent.",
    )
}

// What the state machines say

impl From<sign_in::Refusal> for ApiError {
    fn from(refusal: sign_in::Refusal) -> Self {
        match refusal {
            sign_in::Refusal::AlreadyComplete => {
                client_state_invalid("The sign-in is complete. Begin a new one.")
            }
            sign_in::Refusal::OutOfOrder => {
                client_state_invalid("The sign-in waits for something else. See its status.")
            }
            sign_in::Refusal::NoIdentifier => param_missing("identifier"),
            sign_in::Refusal::NotPrepared => verification_missing(),
            sign_in::Refusal::TooSoon { retry_after } => code_too_soon(retry_after),
        }
    }
}

impl From<sign_up::Refusal> for ApiError {
    fn from(refusal: sign_up::Refusal) -> Self {
        match refusal {
            sign_up::Refusal::Over => client_state_invalid("The sign-up is over. Begin a new one."),
            sign_up::Refusal::NoAddress => param_missing("email_address"),
            sign_up::Refusal::AlreadyVerified => verification_already_verified(),
            sign_up::Refusal::Incomplete => {
                client_state_invalid("The sign-up is not complete. See what it misses.")
            }
            sign_up::Refusal::NotPrepared => verification_missing(),
            sign_up::Refusal::TooSoon { retry_after } => code_too_soon(retry_after),
        }
    }
}
