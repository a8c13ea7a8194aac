//! The catalogue of errors: one constructor for each published answer, so that a handler reads
//! `return Err(errors::identifier_taken("email_address"))`.

mod accounts;
mod attempts;
mod callers;
mod params;
mod passwords;

use axum::response::{IntoResponse, Response};
use frontdesk_api::{ErrorBody, ErrorCode, ErrorItem};
use frontdesk_store::CommitError;
use frontdesk_types::Span;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

pub use self::accounts::*;
pub use self::attempts::*;
pub use self::callers::*;
pub use self::params::*;
pub use self::passwords::*;

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
    /// What goes beside the body: cookies, where a refusal changed the client.
    pub headers: HeaderMap,
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
            headers: HeaderMap::new(),
            cause: None,
            lost_race: false,
        }))
    }

    /// Names the parameter that is wrong.
    #[must_use]
    pub fn at(self, param_name: &str) -> Self {
        self.with("param_name", json!(param_name))
    }

    /// Tells another thing that is wrong in the same answer.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.items.extend(other.0.items);
        self
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
        for (name, value) in &self.0.headers {
            response.headers_mut().append(name, value.clone());
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

/// The sign-in token was redeemed or revoked before.
pub fn sign_in_token_not_pending(status: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::SignInTokenNotPending,
        "cannot be revoked",
        &format!("The sign-in token is {status}; only pending ones can be revoked."),
    )
}

// 404, 405, 413, 415

/// The browser holds no client that could be deleted.
pub fn client_not_found() -> ApiError {
    let (code, message) = (ErrorCode::ResourceNotFound, "not found");
    ApiError::new(StatusCode::NOT_FOUND, code, message, "There is no client to delete.")
}

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

// What the store says

impl From<frontdesk_store::Error> for ApiError {
    fn from(error: frontdesk_store::Error) -> Self {
        if error.is_unavailable() { service_unavailable(error) } else { internal(error) }
    }
}

impl From<CommitError> for ApiError {
    /// A lost race runs the handler again. Its second reading finds what the winner wrote, and answers the published
    /// error for it.
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(_) | CommitError::Stale => lost_race(),
            CommitError::Failed(error) => error.into(),
        }
    }
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

/// The database does not answer for the moment. What was to be written may have been: who asks again should look first.
pub fn service_unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ApiError {
    let mut error = ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::ServiceUnavailable,
        "not available for the moment",
        "The server cannot reach its database for the moment. Try again.",
    );
    error.0.retry_after = Some(Span::seconds(1));
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
