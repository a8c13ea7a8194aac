//! Errors of who asks: keys, pages, clients and sessions, and whom they are for.

use frontdesk_api::ErrorCode;
use frontdesk_types::Span;
use http::StatusCode;
use serde_json::json;

use super::ApiError;

// 400

/// Nothing in the request names an instance of this server.
pub fn instance_not_found() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::InstanceNotFound,
        "no instance at this address",
        "Neither the key, nor the host, nor the path of the request names an instance of this server.",
    )
}

/// The request comes from a page that the instance does not know.
pub fn origin_invalid(origin: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::OriginInvalid,
        "origin not allowed",
        &format!("Pages of {origin} may not use this instance. Add the origin to its allowed origins."),
    )
}

/// The operation is for another kind of instance.
pub fn wrong_environment(wanted: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::EnvironmentInvalid,
        "not in this environment",
        &format!("This operation is for {wanted} instances only."),
    )
}

/// Somebody is signed in on this client already, and it holds one session at a time.
pub fn session_exists() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::SessionExists,
        "already signed in",
        "Somebody is signed in here already. Sign out first.",
    )
}

/// This person is signed in on this client already.
pub fn already_signed_in(session_id: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::IdentifierAlreadySignedIn,
        "already signed in",
        "You are signed in here already.",
    )
    .with("session_id", json!(session_id))
}

/// Development browsers exist in development instances only.
pub fn dev_browser_in_production() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::BadRequest,
        "not a development instance",
        "Development browsers exist in development instances only.",
    )
}

// 401

/// No credentials.
pub fn authentication_missing() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::AuthenticationInvalid,
        "authentication required",
        "Send the secret key of the instance as a bearer token.",
    )
}

/// The secret key opens nothing.
pub fn secret_key_invalid() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::KeyInvalid,
        "invalid secret key",
        "The secret key belongs to no instance of this server.",
    )
}

/// The secret key that a proxy sent belongs to another instance than the one its request is aimed at.
pub fn proxy_key_mismatch() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::KeyInvalid,
        "secret key of another instance",
        "The secret key of the proxy belongs to another instance than the address it asks at.",
    )
}

/// The request says that it comes from two different clients.
pub fn clients_differ() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::AuthenticationInvalid,
        "credentials of two clients",
        "The development browser and the client token of the request belong to different clients.",
    )
}

/// The client token was replaced a moment ago: it still reads, and nothing more.
pub fn client_read_only() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::ClientReadOnly,
        "client token replaced",
        "The client token was replaced a moment ago. Send the new one.",
    )
}

/// The client token opens nothing (any more).
pub fn client_token_invalid() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        ErrorCode::ResourceNotFound,
        "no such client",
        "The token names no client of this instance, or was replaced.",
    )
    .at("token")
}

/// Nobody is signed in on this client, or nobody knows the client.
pub fn signed_out() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, ErrorCode::SignedOut, "signed out", "You are signed out.")
}

/// The token is no good session token of the session it was sent for.
pub fn session_token_invalid() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::SessionTokenInvalid,
        "no good session token",
        "The token is none that this instance signed for this session.",
    )
}

/// The refresh token opens nothing, or another session.
pub fn refresh_token_invalid() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::RefreshTokenInvalid,
        "no good refresh token",
        "The refresh token is unknown, over, or that of another session.",
    )
}

/// The session is over: signed out of, expired, revoked.
pub fn session_over(id: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::ResourceNotFound,
        "session over",
        &format!("The session {id:?} is over. Sign in again."),
    )
}

/// The development browser is unknown here.
pub fn dev_browser_unauthenticated() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::DevBrowserUnauthenticated,
        "unknown development browser",
        "This instance does not know the development browser. Make a new one.",
    )
}

// 403

/// People sign in on the primary domain only.
pub fn not_on_satellites() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        ErrorCode::OperationNotAllowedOnSatellite,
        "not on a satellite domain",
        "Sign-ins and sign-ups happen on the primary domain. Send the visitor to its sign-in page.",
    )
}

/// The browser brings nothing that takes it to this satellite: unknown, used up, too old, or somebody else's.
pub fn sync_token_invalid() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        ErrorCode::SyncTokenInvalid,
        "the way here is over",
        "This link to a satellite domain works once, for a minute, and only in the browser that asked for it. Open the \
         page again.",
    )
}

/// What should be the Frontend API of a satellite is that of the primary domain.
pub fn satellite_unreachable(frontend_api: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamValueInvalid,
        "the satellite is not reached",
        &format!(
            "{frontend_api} leads to the primary domain. Its proxy must send its own address as Clerk-Proxy-Url."
        ),
    )
    .at("satellite_fapi")
}

/// The primary domain of an instance stays.
pub fn primary_domain_stays() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        ErrorCode::PrimaryDomainDeletion,
        "the primary domain stays",
        "Only satellite domains can be deleted.",
    )
}

/// The user is kept out.
pub fn user_banned() -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, ErrorCode::UserBanned, "banned", "The user is banned.")
}

// 429

/// Too much in too short a time.
pub fn too_many_requests(retry_after: Span) -> ApiError {
    let mut error = ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::TooManyRequests,
        "too many requests",
        "Too many requests in too short a time. Wait a moment.",
    );
    error.0.retry_after = Some(retry_after);
    error
}
