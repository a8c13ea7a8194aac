//! One error, with questions.

use std::fmt;
use std::time::Duration;

use frontdesk_api::{ErrorBody, ErrorCode, ErrorItem};
use http::{HeaderMap, StatusCode};

use crate::transport::{Failure, Response, TransportError};
use crate::{retry, wire};

/// An operation that did not succeed. Ask it what to do; read it, or log it, for what happened.
///
/// `Display` and `Debug` hold the operation, the status and the server's words, and neither the secret key nor anything
/// else that was sent or received.
///
/// ```no_run
/// # use frontdesk_client::{Client, ErrorCode, users::NewUser};
/// # async fn example(client: Client) -> Result<(), frontdesk_client::Error> {
/// match client.users().create(NewUser::with_email("ada@example.com")).await {
///     Ok(user) => println!("made {}", user.profile.id),
///     Err(error) if error.code() == Some(&ErrorCode::IdentifierExists) => println!("somebody has it already"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Inner>);

#[derive(Debug, thiserror::Error)]
#[error("{operation}: {cause}")]
struct Inner {
    operation: &'static str,
    cause: Cause,
}

/// Why it did not succeed.
#[derive(Debug, thiserror::Error)]
enum Cause {
    #[error("the request cannot be written")]
    Unsendable(#[source] Unsendable),
    #[error("no answer")]
    NoAnswer(#[source] TransportError),
    #[error("the answer cannot be read")]
    Unreadable(#[source] Unreadable),
    #[error("{0}")]
    Refused(Refusal),
}

/// What cannot be put into a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsendable {
    #[error("the path parameter {0} is missing, empty, or a segment of dots that a URL would swallow")]
    PathParameter(String),
    #[error("the path or the query is no URL")]
    Url(#[from] http::uri::InvalidUri),
    #[error("the query has no form")]
    Query(#[from] serde_html_form::ser::Error),
    #[error("the value has no JSON")]
    Json(#[from] serde_json::Error),
}

/// Where an answer stopped making sense. The parser's own words would quote what may be a secret.
#[derive(Debug, thiserror::Error)]
#[error("at {path}, line {line}, column {column}")]
pub(crate) struct Unreadable {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// The server's no.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    errors: Vec<ErrorItem>,
    trace_id: Option<String>,
    retry_after: Option<Duration>,
}

impl Error {
    pub(crate) fn unsendable(operation: &'static str, cause: impl Into<Unsendable>) -> Self {
        Self(Box::new(Inner { operation, cause: Cause::Unsendable(cause.into()) }))
    }

    pub(crate) fn no_answer(operation: &'static str, cause: TransportError) -> Self {
        Self(Box::new(Inner { operation, cause: Cause::NoAnswer(cause) }))
    }

    pub(crate) fn unreadable(operation: &'static str, cause: Unreadable) -> Self {
        Self(Box::new(Inner { operation, cause: Cause::Unreadable(cause) }))
    }

    /// An answer without success. It may come from something in front of the server, so nothing is expected of it.
    pub(crate) fn refused(operation: &'static str, response: &Response) -> Self {
        let body = serde_json::from_slice::<ErrorBody>(&response.body).ok();
        let (errors, trace_id) = body.map_or((Vec::new(), None), |body| (body.errors, body.trace_id));
        let refusal = Refusal {
            status: response.status,
            errors,
            trace_id: trace_id.or_else(|| text(&response.headers, "cf-ray")),
            retry_after: wire::retry_after(&response.headers),
        };
        Self(Box::new(Inner { operation, cause: Cause::Refused(refusal) }))
    }

    fn refusal(&self) -> Option<&Refusal> {
        match &self.0.cause {
            Cause::Refused(refusal) => Some(refusal),
            Cause::Unsendable(_) | Cause::NoAnswer(_) | Cause::Unreadable(_) => None,
        }
    }

    /// The contract's id of the operation: `GetUser`.
    ///
    /// ```
    /// fn note(error: &frontdesk_client::Error) {
    ///     println!("{} did not succeed", error.operation());
    /// }
    /// ```
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The status of a refusal; `None` if there was no answer, or a success that cannot be read.
    ///
    /// ```
    /// fn passed_on(error: &frontdesk_client::Error) -> http::StatusCode {
    ///     error.status().unwrap_or(http::StatusCode::BAD_GATEWAY)
    /// }
    /// ```
    pub fn status(&self) -> Option<StatusCode> {
        self.refusal().map(|refusal| refusal.status)
    }

    /// The code of the first error; what a program switches on.
    ///
    /// ```
    /// use frontdesk_client::ErrorCode;
    ///
    /// fn is_banned(error: &frontdesk_client::Error) -> bool {
    ///     error.code() == Some(&ErrorCode::UserBanned)
    /// }
    /// ```
    pub fn code(&self) -> Option<&ErrorCode> {
        self.errors().first().map(|error| &error.code)
    }

    /// Everything that the server found wrong, with the parameters it names.
    ///
    /// ```
    /// fn sentences(error: &frontdesk_client::Error) -> Vec<&str> {
    ///     error.errors().iter().map(|item| item.long_message.as_str()).collect()
    /// }
    /// ```
    pub fn errors(&self) -> &[ErrorItem] {
        self.refusal().map_or(&[], |refusal| &refusal.errors)
    }

    /// Finds the request in the server's log.
    ///
    /// ```
    /// fn note(error: &frontdesk_client::Error) {
    ///     eprintln!("{error}, see {:?} in the server's log", error.trace_id());
    /// }
    /// ```
    pub fn trace_id(&self) -> Option<&str> {
        self.refusal()?.trace_id.as_deref()
    }

    /// How long the server wants to be left alone.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// fn pause(error: &frontdesk_client::Error) -> Duration {
    ///     error.retry_after().unwrap_or(Duration::from_secs(1))
    /// }
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        self.refusal()?.retry_after
    }

    /// Whether there is no such thing (404).
    ///
    /// ```
    /// fn note(error: &frontdesk_client::Error) {
    ///     if error.is_not_found() {
    ///         println!("there is no such thing");
    ///     }
    /// }
    /// ```
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Whether the secret key is missing or wrong (401).
    ///
    /// ```
    /// fn note(error: &frontdesk_client::Error) {
    ///     if error.is_unauthorized() {
    ///         println!("look at the secret key");
    ///     }
    /// }
    /// ```
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// Whether it may not be done with this secret key, or in this instance (403).
    ///
    /// ```
    /// fn note(error: &frontdesk_client::Error) {
    ///     if error.is_forbidden() {
    ///         println!("not with this key");
    ///     }
    /// }
    /// ```
    pub fn is_forbidden(&self) -> bool {
        self.status() == Some(StatusCode::FORBIDDEN)
    }

    /// Whether it does not fit what is there already: the thing changed meanwhile (409), or somebody has the identifier
    /// ([`ErrorCode::IdentifierExists`]).
    ///
    /// ```
    /// fn note(error: &frontdesk_client::Error) {
    ///     if error.is_conflict() {
    ///         println!("somebody was faster");
    ///     }
    /// }
    /// ```
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(StatusCode::CONFLICT) || self.code() == Some(&ErrorCode::IdentifierExists)
    }

    /// Whether something in the request is wrong (400 or 422): [`errors`](Self::errors) tells what, and
    /// [`param_names`](Self::param_names) where.
    ///
    /// ```
    /// fn to_mend(error: &frontdesk_client::Error) -> Vec<&str> {
    ///     if error.is_validation() { error.param_names().collect() } else { Vec::new() }
    /// }
    /// ```
    pub fn is_validation(&self) -> bool {
        matches!(self.status(), Some(StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY))
    }

    /// The parameters that the server found wrong, in its order: one name for each of [`errors`](Self::errors) that
    /// has one.
    ///
    /// ```no_run
    /// # use frontdesk_client::{Client, users::NewUser};
    /// # async fn example(client: Client) {
    /// if let Err(error) = client.users().create(NewUser::default()).await {
    ///     for name in error.param_names() {
    ///         println!("look at {name}");
    ///     }
    /// }
    /// # }
    /// ```
    pub fn param_names(&self) -> impl Iterator<Item = &str> {
        self.errors().iter().filter_map(|error| error.meta.get("param_name")?.as_str())
    }

    /// Whether the server does not have the operation yet (501).
    ///
    /// ```
    /// fn note(error: &frontdesk_client::Error) {
    ///     if error.is_not_implemented() {
    ///         println!("not yet");
    ///     }
    /// }
    /// ```
    pub fn is_not_implemented(&self) -> bool {
        self.status() == Some(StatusCode::NOT_IMPLEMENTED)
    }

    /// Whether it was too much in too short a time (429). See [`retry_after`](Self::retry_after).
    ///
    /// ```
    /// fn note(error: &frontdesk_client::Error) {
    ///     if error.is_rate_limited() {
    ///         println!("slower, please");
    ///     }
    /// }
    /// ```
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    /// Whether the time was over. The server may have done what was asked.
    ///
    /// ```
    /// fn note(error: &frontdesk_client::Error) {
    ///     if error.is_timeout() {
    ///         println!("who knows whether it was done");
    ///     }
    /// }
    /// ```
    pub fn is_timeout(&self) -> bool {
        matches!(&self.0.cause, Cause::NoAnswer(error) if error.failure() == Failure::Timeout)
    }

    /// Whether the same request may succeed later: no answer came, the server is overloaded (429) or broken (5xx, but
    /// not 501, which is an operation that it does not have).
    ///
    /// ```
    /// fn advice(error: &frontdesk_client::Error) -> &'static str {
    ///     if error.is_unavailable() { "try again later" } else { "do not try again" }
    /// }
    /// ```
    pub fn is_unavailable(&self) -> bool {
        match &self.0.cause {
            Cause::NoAnswer(error) => error.failure() != Failure::TooLarge,
            Cause::Refused(refusal) => retry::may_pass(refusal.status),
            Cause::Unsendable(_) | Cause::Unreadable(_) => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Error")
            .field("operation", &self.0.operation)
            .field("cause", &self.0.cause)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.source()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "refused with status {}", self.status.as_u16())?;
        if let Some(error) = self.errors.first() {
            write!(formatter, " ({}): {}", error.code, error.message)?;
        }
        if let Some(trace_id) = &self.trace_id {
            write!(formatter, " [trace {trace_id}]")?;
        }
        Ok(())
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.trim().to_owned())
}
