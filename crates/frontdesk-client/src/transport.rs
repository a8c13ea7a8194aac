//! How requests travel: one goes in, one answer comes out.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, StatusCode};

use crate::retry::Pace;

/// A future that a trait object can return.
///
/// ```
/// use frontdesk_client::BoxFuture;
///
/// fn nothing() -> BoxFuture<'static, ()> {
///     Box::pin(async {})
/// }
/// ```
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries requests to a server and answers back. It knows where the server is, and nothing about operations.
///
/// ```
/// use frontdesk_client::{BoxFuture, Client, Request, Response, Transport, TransportError};
///
/// /// A server that has nothing to say.
/// #[derive(Debug)]
/// struct Silent;
///
/// impl Transport for Silent {
///     fn send(&self, _request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
///         Box::pin(async { Ok(Response::new(http::StatusCode::NOT_FOUND, http::HeaderMap::new(), "{}")) })
///     }
/// }
///
/// let client = Client::builder("sk_test_…").build(Silent)?;
/// # Ok::<(), frontdesk_client::BuildError>(())
/// ```
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends a request, once, and reads the answer to its end. Any status is an answer; redirects are not followed,
    /// because they would carry the secret key to somebody else.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;

    /// Time and chance for the pauses between attempts. A transport without them sends every request once, unless the
    /// client is given some ([`Builder::pace`](crate::Builder::pace)).
    fn pace(&self) -> Option<Arc<dyn Pace>> {
        None
    }
}

/// A request on its way. `Debug` shows neither query nor headers nor body, which may hold secrets.
///
/// ```
/// fn note(request: &frontdesk_client::Request) {
///     println!("{} {}", request.method, request.path_and_query.path());
/// }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query from the root of the server: `/v1/users?limit=10`. Percent-encoded.
    pub path_and_query: PathAndQuery,
    /// The headers, the secret key among them (as a sensitive value).
    pub headers: HeaderMap,
    /// The body; empty if there is none.
    pub body: Bytes,
}

impl Request {
    pub(crate) fn new(method: Method, path_and_query: PathAndQuery, headers: HeaderMap, body: Bytes) -> Self {
        Self { method, path_and_query, headers, body }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path_and_query.path())
            .finish_non_exhaustive()
    }
}

/// An answer, read to its end. `Debug` shows the status alone, because bodies hold tokens.
///
/// ```
/// let response = frontdesk_client::Response::new(http::StatusCode::OK, http::HeaderMap::new(), "{}");
/// assert_eq!(format!("{response:?}"), "Response { status: 200, .. }");
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Response {
    /// An answer of these parts.
    ///
    /// ```
    /// use frontdesk_client::Response;
    ///
    /// let response = Response::new(http::StatusCode::OK, http::HeaderMap::new(), r#"{"keys":[]}"#);
    /// assert_eq!(response.body.len(), 11);
    /// ```
    pub fn new(status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self { status, headers, body: body.into() }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

/// There was no whole answer.
///
/// ```
/// use frontdesk_client::{Failure, TransportError};
///
/// let error = TransportError::new(Failure::Timeout, "two seconds are over");
/// assert_eq!(error.failure(), Failure::Timeout);
/// assert_eq!(error.to_string(), "the server took too long to answer");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{failure}")]
pub struct TransportError {
    failure: Failure,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// What went wrong on the way.
///
/// ```
/// use frontdesk_client::Failure;
///
/// /// Whether the server has certainly done nothing.
/// fn nothing_happened(failure: Failure) -> bool {
///     failure == Failure::Unreachable
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No connection came about, so nothing was sent.
    #[error("the server cannot be reached")]
    Unreachable,
    /// The time was over. The server may have done what was asked.
    #[error("the server took too long to answer")]
    Timeout,
    /// The answer is larger than was allowed.
    #[error("the answer is too large")]
    TooLarge,
    /// The connection broke. The server may have done what was asked.
    #[error("the connection broke before the answer was complete")]
    Broken,
}

impl TransportError {
    /// This failure, with its cause. The cause must not hold the request's headers, query or body.
    ///
    /// ```
    /// use frontdesk_client::{Failure, TransportError};
    ///
    /// let error = TransportError::new(Failure::Broken, "the connection was closed");
    /// ```
    pub fn new(failure: Failure, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { failure, source: source.into() }
    }

    /// What went wrong.
    ///
    /// ```
    /// # use frontdesk_client::{Failure, TransportError};
    /// assert_eq!(TransportError::new(Failure::Broken, "closed").failure(), Failure::Broken);
    /// ```
    pub fn failure(&self) -> Failure {
        self.failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let headers =
            HeaderMap::from_iter([(http::header::AUTHORIZATION, "Bearer sk_test_1".parse().unwrap())]);
        let path = PathAndQuery::from_static("/v1/clients/handshake_payload?nonce=hush");
        let request = Request::new(Method::GET, path, headers.clone(), Bytes::from_static(b"hush"));
        assert_eq!(
            format!("{request:?}"),
            "Request { method: GET, path: \"/v1/clients/handshake_payload\", .. }"
        );
        let response = Response::new(StatusCode::OK, headers, "hush");
        assert_eq!(format!("{response:?}"), "Response { status: 200, .. }");
    }
}
