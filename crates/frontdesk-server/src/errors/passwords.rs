//! What is wrong with a password, or with a second factor.

use frontdesk_api::ErrorCode;
use http::StatusCode;

use super::ApiError;

// 422

/// The password is too short.
pub fn password_too_short(min: usize) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordTooShort,
        "is too short",
        &format!("A password must have {min} characters at least."),
    )
    .at("password")
}

/// The password is too long.
pub fn password_too_long(max: usize) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordTooLong,
        "is too long",
        &format!("A password may have {max} characters at most."),
    )
    .at("password")
}

/// The password takes too many bytes.
pub fn password_size_exceeded(max: usize) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordSizeExceeded,
        "is too large",
        &format!("A password may take {max} bytes at most."),
    )
    .at("password")
}

/// The password has no lower-case letter.
pub fn password_without_lowercase() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordNoLowercase,
        "needs a lower-case letter",
        "A password must have a lower-case letter.",
    )
    .at("password")
}

/// The password has no upper-case letter.
pub fn password_without_uppercase() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordNoUppercase,
        "needs an upper-case letter",
        "A password must have an upper-case letter.",
    )
    .at("password")
}

/// The password has no digit.
pub fn password_without_number() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordNoNumber,
        "needs a number",
        "A password must have a number.",
    )
    .at("password")
}

/// The password has no special character.
pub fn password_without_special_char() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordNoSpecialChar,
        "needs a special character",
        "A password must have a special character, such as ! or #.",
    )
    .at("password")
}

/// The password is one of the person's identifiers.
pub fn password_matches_identifier() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordMatchesIdentifier,
        "is an identifier",
        "The password must not be your e-mail address, your username or your phone number.",
    )
    .at("password")
}

/// The password is easy to guess.
pub fn password_not_strong_enough() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordNotStrongEnough,
        "is easy to guess",
        "The password is easy to guess. Choose a longer one, or more words.",
    )
    .at("password")
}

/// The password is known from a breach.
pub fn password_breached() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordPwned,
        "is known from a breach",
        "The password is known from a breach of another site, so it protects nothing. Choose another one.",
    )
    .at("password")
}

/// The new password is the one that is to be replaced.
pub fn new_password_matches_current() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::NewPasswordMatchesCurrent,
        "is the same",
        "Choose a password that is not the one you have.",
    )
    .at("password")
}

/// The digest is none of the given hasher.
pub fn password_digest_invalid() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordDigestInvalid,
        "is invalid",
        "password_digest must be a digest as the given hasher makes them.",
    )
    .at("password_digest")
}

/// The password is not the one that the person has set.
pub fn incorrect_password() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::IncorrectPassword,
        "incorrect password",
        "The password is not the one that the user has set.",
    )
    .at("password")
}

/// The code is neither the one that the app shows nor a backup code.
pub fn totp_incorrect() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::TotpIncorrect,
        "incorrect code",
        "The code is not the one that the authenticator app shows, and no backup code. Each works once.",
    )
    .at("code")
}

/// The code has another length than those of authenticator apps.
pub fn totp_length_invalid() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::TotpLengthInvalid,
        "invalid length",
        "The code of an authenticator app has 6 digits.",
    )
    .at("code")
}

/// The person has no authenticator app.
pub fn totp_disabled() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::TotpDisabled,
        "no authenticator app",
        "The user has no authenticator app.",
    )
}

/// The secret of an authenticator app cannot be read.
pub fn totp_secret_invalid() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::TotpSecretInvalid,
        "is invalid",
        "totp_secret must be Base32 of 10 to 64 bytes: the secret of an app that makes codes of 6 digits every 30 seconds by SHA-1.",
    )
    .at("totp_secret")
}
