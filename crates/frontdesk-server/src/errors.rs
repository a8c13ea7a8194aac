//! The catalogue of errors: one constructor for each published answer, so that a handler reads
//! `return Err(errors::identifier_taken("email_address"))`.

mod attempts;

use axum::response::{IntoResponse, Response};
use frontdesk_api::{ErrorBody, ErrorCode, ErrorItem};
use frontdesk_core::metadata::InvalidMetadata;
use frontdesk_store::CommitError;
use frontdesk_types::Span;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

pub use self::attempts::*;

/// Why a request is refused. Small on purpose: it travels in every `Result`.
#[derive(Debug)]
pub struct ApiError(Box<Refused>);

/// The parts of an [`ApiError`].
#[derive(Debug)]
pub struct Refused {
    /// The HTTP status.
    pub status: StatusCode,
    /// What is wrong; never empty.
    pub items: Vec<ErrorItem>,
    /// When it makes sense to come back.
    pub retry_after: Option<Span>,
    /// About the whole answer.
    pub meta: Option<Map<String, Value>>,
    /// Why, for the log; never sent.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// Whether the request lost a race and may be run again from the start.
    pub lost_race: bool,
}

impl ApiError {
    fn new(status: StatusCode, code: ErrorCode, message: &str, long_message: &str) -> Self {
        let item = ErrorItem {
            code,
            message: message.to_owned(),
            long_message: long_message.to_owned(),
            meta: Map::new(),
        };
        Self(Box::new(Refused {
            status,
            items: vec![item],
            retry_after: None,
            meta: None,
            cause: None,
            lost_race: false,
        }))
    }

    /// Names the parameter that is wrong.
    #[must_use]
    pub fn at(self, param_name: &str) -> Self {
        self.with("param_name", json!(param_name))
    }

    /// Adds a field to the `meta` of the error.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        if let Some(item) = self.0.items.first_mut() {
            item.meta.insert(key.to_owned(), value);
        }
        self
    }

    /// The parts.
    pub fn refused(&self) -> &Refused {
        &self.0
    }

    /// The parts, to be changed on the way out.
    pub fn refused_mut(&mut self) -> &mut Refused {
        &mut self.0
    }

    /// The body as it is sent, with the id of the request.
    pub fn body(&self, trace_id: &str) -> ErrorBody {
        ErrorBody {
            errors: self.0.items.clone(),
            meta: self.0.meta.clone(),
            trace_id: Some(trace_id.to_owned()),
        }
    }

    /// The whole answer.
    pub fn into_response(self, trace_id: &str) -> Response {
        if let Some(cause) = &self.0.cause {
            tracing::error!(trace_id, cause = %Chain(cause.as_ref()), "request failed");
        }
        let mut response = (self.0.status, axum::Json(self.body(trace_id))).into_response();
        if let Some(wait) = self.0.retry_after {
            let seconds = (wait.as_millis() + 999).div_euclid(1000).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An error and everything that caused it, on one line.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(formatter, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

// 400

/// The request cannot be read.
pub fn bad_request(detail: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, "bad request", detail)
}

/// Text holds NUL, which PostgreSQL cannot keep: it is refused at the edge on either engine (decision 5).
pub fn text_with_nul() -> ApiError {
    bad_request("Text must not contain the character NUL.")
}

/// The body does not parse.
pub fn malformed_body(detail: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, ErrorCode::MalformedBody, "the body cannot be read", detail)
}

/// The API version is unknown.
pub fn api_version_invalid(version: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::ApiVersionInvalid,
        "unknown API version",
        &format!("There is no API version {version:?}."),
    )
}

/// Nothing in the request names an instance of this server.
pub fn instance_not_found() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::InstanceNotFound,
        "no instance at this address",
        "Neither the key, nor the host, nor the path of the request names an instance of this server.",
    )
}

/// The request names more things than one request may.
pub fn bulk_size_exceeded(limit: usize) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::BulkSizeExceeded,
        "too many at once",
        &format!("One request may name {limit} at most."),
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

/// The sign-in token was redeemed or revoked before.
pub fn sign_in_token_not_pending(status: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::SignInTokenNotPending,
        "cannot be revoked",
        &format!("The sign-in token is {status}; only pending ones can be revoked."),
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

/// Nobody is signed in on this client, or nobody knows the client.
pub fn signed_out() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, ErrorCode::SignedOut, "signed out", "You are signed out.")
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

/// The user is kept out.
pub fn user_banned() -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, ErrorCode::UserBanned, "banned", "The user is banned.")
}

// 404, 405, 413, 415

/// There is no such thing, or it belongs to somebody else.
pub fn resource_not_found(kind: &str, id: &str) -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        ErrorCode::ResourceNotFound,
        "not found",
        &format!("There is no {kind} with the id {id:?}."),
    )
}

/// There is no such path.
pub fn route_not_found() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        ErrorCode::RouteNotFound,
        "no such path",
        "This server has no such path.",
    )
}

/// The path is there, the method is not.
pub fn method_not_allowed() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::MethodNotAllowed,
        "method not allowed",
        "This path does not take this method.",
    )
}

/// The body is too large.
pub fn body_too_large(limit: usize) -> ApiError {
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::RequestTooLarge,
        "the body is too large",
        &format!("A body may have {limit} bytes at most."),
    )
}

/// The content type is none that is read here.
pub fn unsupported_content_type(expected: &str) -> ApiError {
    ApiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::UnsupportedContentType,
        "unsupported content type",
        &format!("Send the body as {expected}."),
    )
}

// 409

/// The thing changed under the request, again and again.
pub fn conflict() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        ErrorCode::ResourceConflict,
        "changed meanwhile",
        "Another request changed the same thing at the same time. Try again.",
    )
}

/// The request lost a race: run it again from the start, so that it sees what happened.
pub fn lost_race() -> ApiError {
    let mut error = conflict();
    error.0.lost_race = true;
    error
}

// 422: parameters

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
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::ParamValueInvalid,
        "is not allowed",
        &format!("{name}: {reason}."),
    )
    .at(name)
}

// 422: people

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

// What the store says

impl From<frontdesk_store::Error> for ApiError {
    fn from(error: frontdesk_store::Error) -> Self {
        internal(error)
    }
}

impl From<CommitError> for ApiError {
    /// A lost race runs the handler again. Its second reading finds what the winner wrote, and answers the published
    /// error for it.
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(_) | CommitError::Stale => lost_race(),
            CommitError::Failed(error) => internal(error),
        }
    }
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

// 500, 501

/// Something went wrong that the caller cannot help. The cause is logged, never sent.
pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ApiError {
    let mut error = ApiError::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::InternalError,
        "internal error",
        "Something went wrong on the server. The trace id finds it in the log.",
    );
    error.0.cause = Some(cause.into());
    error
}

/// The contract has this operation; this server does not yet.
pub fn operation_not_available(id: &str) -> ApiError {
    ApiError::new(
        StatusCode::NOT_IMPLEMENTED,
        ErrorCode::OperationNotAvailable,
        "not available",
        &format!("This version of the server lacks the operation {id}."),
    )
}
