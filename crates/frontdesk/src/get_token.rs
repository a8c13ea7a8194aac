//! Tokens of a session for other services.

use std::future::{self, IntoFuture};
use std::time::Duration;

use crate::Session;
use crate::backend::{BackendError, BoxFuture};

/// A token that is being asked for; await it. See [`Session::get_token`].
#[derive(Clone, Debug)]
#[must_use = "await it to get the token"]
pub struct GetToken<'a> {
    session: Option<&'a Session>,
    template: Option<&'a str>,
    expires_in: Option<Duration>,
}

impl<'a> GetToken<'a> {
    pub(crate) fn of(session: Option<&'a Session>) -> Self {
        Self { session, template: None, expires_in: None }
    }

    /// A token made from this JWT template; the Backend API is asked for it.
    pub fn template(mut self, name: &'a str) -> Self {
        self.template = Some(name);
        self
    }

    /// A token that lives this long, to the second; the Backend API is asked for it.
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.expires_in = Some(lifetime);
        self
    }

    async fn fetch(self, session: &Session) -> Result<Option<String>, GetTokenError> {
        let Some(session_id) = session.session_id() else { return Ok(None) };
        let lifetime = self.expires_in.map(|lifetime| lifetime.as_secs());
        let token =
            session.frontdesk().backend.session_token(session_id.as_str(), self.template, lifetime).await;
        token.map(Some).map_err(GetTokenError)
    }
}

impl<'a> IntoFuture for GetToken<'a> {
    type Output = Result<Option<String>, GetTokenError>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    /// The session's own token is at hand: no network, no waiting. `None` when nobody is signed in.
    fn into_future(self) -> Self::IntoFuture {
        match self.session {
            None => Box::pin(future::ready(Ok(None))),
            Some(session) if self.template.is_none() && self.expires_in.is_none() => {
                Box::pin(future::ready(Ok(session.session_id().map(|_| session.token().to_owned()))))
            }
            Some(session) => Box::pin(self.fetch(session)),
        }
    }
}

/// The Backend API gave no token: it cannot be reached, the session has ended, or the template does not exist.
#[derive(Debug, thiserror::Error)]
#[error("the Backend API gave no token")]
pub struct GetTokenError(#[source] BackendError);
