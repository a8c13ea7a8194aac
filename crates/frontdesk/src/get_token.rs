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

impl GetTokenError {
    /// The HTTP status of a refusal; `None` if there was no answer to speak of.
    pub fn status(&self) -> Option<u16> {
        match &self.0 {
            BackendError::Refused { status, .. } => Some(*status),
            BackendError::Unavailable(_) | BackendError::Unreadable(_) => None,
        }
    }

    /// The code of a refusal, such as `resource_not_found`.
    pub fn code(&self) -> Option<&str> {
        match &self.0 {
            BackendError::Refused { code, .. } if !code.is_empty() => Some(code),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Request, SESSION, World, token};
    use crate::{Auth, Reason};

    #[tokio::test]
    async fn the_own_token_needs_no_network() {
        let world = World::production();
        let own = token().sign();
        let auth = world.auth(Request::fetch("/").bearer(&own)).await;
        assert_eq!(auth.get_token().await.unwrap(), Some(own));
        assert!(world.backend.token_calls.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn templates_and_lifetimes_are_asked_for() {
        let world = World::production();
        let auth = world.auth(Request::fetch("/").bearer(&token().sign())).await;
        let minute = Duration::from_mins(1);
        for asking in [
            auth.get_token().template("supabase"),
            auth.get_token().expires_in(minute),
            auth.get_token().template("supabase").expires_in(minute),
        ] {
            assert_eq!(asking.await.unwrap().as_deref(), Some("minted"));
        }
        let error = auth.get_token().template("unknown").await.unwrap_err();
        assert_eq!((error.status(), error.code()), (Some(404), Some("resource_not_found")));
        assert_eq!(
            *world.backend.token_calls.lock().unwrap(),
            [
                format!("{SESSION}/Some(\"supabase\")/None"),
                format!("{SESSION}/None/Some(60)"),
                format!("{SESSION}/Some(\"supabase\")/Some(60)"),
                format!("{SESSION}/Some(\"unknown\")/None"),
            ]
        );
    }

    #[tokio::test]
    async fn nobody_has_no_token() {
        let nobody = Auth::signed_out(Reason::SessionTokenAndUatMissing);
        assert_eq!(nobody.get_token().await.unwrap(), None);
        assert_eq!(nobody.get_token().template("supabase").await.unwrap(), None);
        let world = World::production();
        let without_session = world.auth(Request::fetch("/").bearer(&token().without("sid").sign())).await;
        assert_eq!(without_session.get_token().template("supabase").await.unwrap(), None);
    }
}
