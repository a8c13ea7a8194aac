//! Errors of what is asked: parameters, and what people may not be given.

use frontdesk_api::ErrorCode;
use frontdesk_core::metadata::InvalidMetadata;
use frontdesk_core::settings::UsernameRules;
use http::StatusCode;

use super::ApiError;

// 400

/// The request names more things than one request may.
pub fn bulk_size_exceeded(limit: usize) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::BulkSizeExceeded,
        "too many at once",
        &format!("One request may name {limit} at most."),
    )
}

/// A parameter of the query is missing.
pub fn query_parameter_missing(names: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::QueryParameterMissing,
        "is missing",
        &format!("The query must have {names}."),
    )
}

/// The publishable key is none.
pub fn publishable_key_malformed() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::PublishableKeyMalformed,
        "malformed publishable key",
        "The publishable key cannot be read. Copy it as the server shows it.",
    )
    .at("publishable_key")
}

/// The claims of a template use names that only the server sets.
pub fn reserved_claims(names: &[String]) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::ReservedClaim,
        "reserved claim",
        &format!("Templates cannot set the reserved claims {}.", names.join(", ")),
    )
    .at("claims")
}

// 422

/// A parameter is missing.
pub fn param_missing(name: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamMissing,
        "is missing",
        &format!("{name} must be given."),
    )
    .at(name)
}

/// A parameter is empty.
pub fn param_nil(name: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamNil,
        "is empty",
        &format!("{name} must not be empty."),
    )
    .at(name)
}

/// A parameter has the wrong format.
pub fn param_format_invalid(name: &str, expected: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamFormatInvalid,
        "is invalid",
        &format!("{name} must be {expected}."),
    )
    .at(name)
}

/// A parameter has the wrong type.
pub fn param_type_invalid(name: &str, detail: &str) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::ParamTypeInvalid, "has the wrong type", detail)
        .at(name)
}

/// A parameter has a value that is not allowed.
pub fn param_value_invalid(name: &str, expected: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamValueInvalid,
        "is not allowed",
        &format!("{name} must be {expected}."),
    )
    .at(name)
}

/// A time is not written as RFC 3339 wants it.
pub fn time_invalid(name: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::TimeInvalid,
        "is invalid",
        &format!("{name} must be a date and time as RFC 3339 writes them, such as 2022-10-20T10:00:27.645Z."),
    )
    .at(name)
}

/// A date lies ahead that must not.
pub fn date_in_future(name: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::DateInFuture,
        "lies in the future",
        &format!("{name} must not lie in the future."),
    )
    .at(name)
}

/// A parameter is too long.
pub fn param_too_long(name: &str, limit: usize) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamTooLong,
        "is too long",
        &format!("{name} may have {limit} characters at most."),
    )
    .at(name)
}

/// The operation has no such parameter.
pub fn param_unknown(name: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamUnknown,
        "is unknown",
        &format!("This operation has no parameter {name}."),
    )
    .at(name)
}

/// The contract has this parameter; the feature behind it is not built yet.
pub fn param_not_available(name: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamNotAvailable,
        "is not available",
        &format!("This version of the server lacks the feature behind {name}."),
    )
    .at(name)
}

/// The claims of a template cannot be read.
pub fn claims_invalid(reason: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamFormatInvalid,
        "cannot be read",
        &format!("{reason}."),
    )
    .at("claims")
}

/// Metadata that cannot be kept.
pub fn metadata_invalid(name: &str, reason: &InvalidMetadata) -> ApiError {
    let code = match reason {
        InvalidMetadata::TooLarge => ErrorCode::ParamExceedsAllowedSize,
        InvalidMetadata::NotAnObject | InvalidMetadata::TooDeep => ErrorCode::ParamValueInvalid,
    };
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, "is not allowed", &format!("{name}: {reason}."))
        .at(name)
}

/// What shall be listed stands on the list already.
pub fn already_listed(param_name: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::DuplicateRecord,
        "is listed already",
        &format!("This {param_name} stands on the list already."),
    )
    .at(param_name)
}

/// A list has room for no more.
pub fn list_full(param_name: &str, limit: u64) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamValueInvalid,
        "the list is full",
        &format!("This list has room for {limit} entries."),
    )
    .at(param_name)
}

/// Somebody has this identifier already.
pub fn identifier_taken(param_name: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::IdentifierExists,
        "is taken",
        "Somebody has this identifier already. Try another one.",
    )
    .at(param_name)
}

/// A username has too few or too many characters.
pub fn username_length(rules: &UsernameRules) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::UsernameLength,
        "is too short or too long",
        &format!("A username has {} to {} characters.", rules.min_length, rules.max_length),
    )
    .at("username")
}

/// A username has a character that usernames do not have.
pub fn username_character() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::UsernameCharacter,
        "has other characters",
        "A username has only Latin letters, digits, _ and -.",
    )
    .at("username")
}

/// A username is nothing but digits.
pub fn username_numeric() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::UsernameNumeric,
        "is a number",
        "A username has a character that is no digit.",
    )
    .at("username")
}
