//! The three questions that authentication asks the Backend API.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use frontdesk_jwt::Jwks;

/// A future that a trait object can return.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What authentication needs of the Backend API.
pub(crate) trait Backend: fmt::Debug + Send + Sync + 'static {
    /// The instance's public keys: `GET /v1/jwks`.
    fn jwks(&self) -> BoxFuture<'_, Result<Jwks, BackendError>>;

    /// The cookies that a handshake set aside: `GET /v1/clients/handshake_payload`.
    fn handshake_payload<'a>(&'a self, nonce: &'a str) -> BoxFuture<'a, Result<Vec<String>, BackendError>>;

    /// A fresh token of a session: `POST /v1/sessions/{id}/tokens[/{template}]`.
    fn session_token<'a>(
        &'a self,
        session_id: &'a str,
        template: Option<&'a str>,
        expires_in_seconds: Option<u64>,
    ) -> BoxFuture<'a, Result<String, BackendError>>;
}

/// Why the Backend API gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackendError {
    /// It cannot be reached, is overloaded or broken, or did not answer in time.
    #[error("the Backend API did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It answered with something that cannot be read.
    #[error("the Backend API's answer cannot be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It answered, and the answer is no.
    #[error("the Backend API refused with status {status} ({code})")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The first error's code; empty if there is none.
        code: String,
    },
}

impl BackendError {
    /// Whether the secret key is not one of the server's own.
    pub(crate) fn is_about_the_secret_key(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "clerk_key_invalid")
    }
}
