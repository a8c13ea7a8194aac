//! Errors of what people do with their own accounts: identifications, passwords, pictures.

use frontdesk_api::ErrorCode;
use frontdesk_core::identification::Refusal;
use frontdesk_core::user::RemovalRefusal;
use http::StatusCode;

use super::{ApiError, code_too_soon, verification_already_verified, verification_missing};

// 400

/// There is no password to prove or to take away.
pub fn no_password_set() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::NoPasswordSet,
        "no password",
        "This account has no password.",
    )
}

/// The password must stay.
pub fn password_required(reason: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, ErrorCode::PasswordRequired, "password required", reason)
}

/// Too many addresses wait for their proof.
pub fn too_many_unverified(most: usize) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::TooManyUnverified,
        "too many unverified addresses",
        &format!(
            "Only {most} addresses of an account may wait for their proof. Prove one, or take one away."
        ),
    )
}

/// Too many addresses.
pub fn too_many_addresses(most: usize) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::BadRequest,
        "too many addresses",
        &format!("An account may have {most} addresses. Take one away first."),
    )
}

/// What identifies somebody must stay.
pub fn identification_deletion_failed() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::IdentificationDeletionFailed,
        "cannot be taken away",
        "It is the last thing that identifies this account.",
    )
}

/// One of a kind must stay.
pub fn last_required_identification(kind: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::LastRequiredIdentification,
        "cannot be taken away",
        &format!("Every account here must have a proven {kind}, and this is the last one."),
    )
}

/// No picture came with the request.
pub fn image_missing() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::ParamMissing,
        "no image",
        "There is no image in the request. Send one as the field `file` of a multipart form.",
    )
    .at("file")
}

/// The picture is none, or of a kind that is not read.
pub fn image_type_invalid() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::AvatarFileTypeInvalid,
        "not a supported image",
        "Only PNG, JPEG, GIF and WebP images can be read.",
    )
    .at("file")
}

/// The picture is too large.
pub fn image_size_exceeded(limit: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::AvatarFileSizeExceeded,
        "too large an image",
        &format!("An image may have {limit} at most."),
    )
    .at("file")
}

// 403, 404

/// The instance does without this.
pub fn feature_not_enabled(what: &str) -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        ErrorCode::FeatureNotEnabled,
        "not enabled",
        &format!("This instance does without {what}."),
    )
}

/// There is no picture.
pub fn image_not_found() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, ErrorCode::ImageNotFound, "no image", "There is no image here.")
}

// 422

/// The password given as proof is wrong.
pub fn password_validation_failed(param_name: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PasswordValidationFailed,
        "is incorrect",
        "The password is not correct. Try again.",
    )
    .at(param_name)
}

/// A parameter names something that is not there.
pub fn param_resource_not_found(name: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamResourceNotFound,
        "is unknown",
        &format!("There is nothing with the id in {name}."),
    )
    .at(name)
}

// What the domain says

impl From<RemovalRefusal> for ApiError {
    fn from(refusal: RemovalRefusal) -> Self {
        match refusal {
            RemovalRefusal::Last => identification_deletion_failed(),
            RemovalRefusal::LastRequired(kind) => {
                last_required_identification(&kind.as_str().replace('_', " "))
            }
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::AlreadyVerified => verification_already_verified(),
            Refusal::NotPrepared => verification_missing(),
            Refusal::TooSoon { retry_after } => code_too_soon(retry_after),
        }
    }
}
