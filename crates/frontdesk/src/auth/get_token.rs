//! Tokens for other services: those of a session, or the one that a program showed.

use std::future::{self, IntoFuture};
use std::time::Duration;

use frontdesk_client::sessions::NewToken;
use frontdesk_client::{BoxFuture, Error};

use crate::{Machine, Session};

/// A token that is being asked for; await it. See [`Session::get_token`] and [`Auth::get_token`](crate::Auth::get_token).
///
/// ```
/// use frontdesk::{Auth, Reason};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), frontdesk::Error> {
/// let nobody = Auth::signed_out(Reason::SessionTokenAndUatMissing);
/// assert_eq!(nobody.get_token().template("supabase").await?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "await it to get the token"]
pub struct GetToken<'a> {
    holder: Holder<'a>,
    template: Option<&'a str>,
    expires_in: Option<Duration>,
}

/// Whose token it is.
#[derive(Clone, Copy, Debug)]
enum Holder<'a> {
    Nobody,
    Session(&'a Session),
    Machine(&'a Machine),
}

impl<'a> GetToken<'a> {
    pub(crate) fn of(session: Option<&'a Session>) -> Self {
        Self::held_by(session.map_or(Holder::Nobody, Holder::Session))
    }

    pub(crate) fn of_machine(machine: &'a Machine) -> Self {
        Self::held_by(Holder::Machine(machine))
    }

    fn held_by(holder: Holder<'a>) -> Self {
        Self { holder, template: None, expires_in: None }
    }

    /// A token made from this JWT template; the Backend API is asked for it.
    ///
    /// ```no_run
    /// # async fn example(session: frontdesk::Session) -> Result<(), frontdesk::Error> {
    /// let token = session.get_token().template("supabase").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn template(mut self, name: &'a str) -> Self {
        self.template = Some(name);
        self
    }

    /// A token that lives this long, to the second; the Backend API is asked for it.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// # async fn example(session: frontdesk::Session) -> Result<(), frontdesk::Error> {
    /// let for_a_long_upload = session.get_token().expires_in(Duration::from_secs(600)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.expires_in = Some(lifetime);
        self
    }

    async fn fetch(self, session: &Session) -> Result<Option<String>, Error> {
        let Some(session_id) = session.session_id() else { return Ok(None) };
        let seconds = self.expires_in.map(|lifetime| i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX));
        let new = NewToken::default().expires_in_seconds(seconds);
        let sessions = session.client().sessions();
        let token = match self.template {
            Some(name) => sessions.token_from_template(session_id, name, new).await?,
            None => sessions.token(session_id, new).await?,
        };
        Ok(Some(token.jwt))
    }
}

impl<'a> IntoFuture for GetToken<'a> {
    type Output = Result<Option<String>, Error>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    /// The own token of a session or of a program is at hand: no network, no waiting. `None` when nobody is signed in.
    ///
    /// Templates and lifetimes are for sessions; a program's token is a secret of its own, so that one who asks for
    /// another gets `None` instead of it.
    ///
    /// Errors come from the Backend API: it cannot be reached, the session has ended, or the template does not exist.
    fn into_future(self) -> Self::IntoFuture {
        let own = self.template.is_none() && self.expires_in.is_none();
        let at_hand = match self.holder {
            Holder::Session(session) if !own => return Box::pin(self.fetch(session)),
            Holder::Session(session) => session.session_id().map(|_| session.token()),
            Holder::Machine(machine) if own => Some(machine.token()),
            Holder::Machine(_) | Holder::Nobody => None,
        };
        Box::pin(future::ready(Ok(at_hand.map(str::to_owned))))
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
        assert!(world.backend.calls("/v1/sessions/").is_empty());
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
        assert!(error.is_not_found());
        let calls = world.backend.calls("/v1/sessions/");
        assert_eq!(
            calls,
            [
                format!("POST /v1/sessions/{SESSION}/tokens/supabase "),
                format!("POST /v1/sessions/{SESSION}/tokens {{\"expires_in_seconds\":60}}"),
                format!("POST /v1/sessions/{SESSION}/tokens/supabase {{\"expires_in_seconds\":60}}"),
                format!("POST /v1/sessions/{SESSION}/tokens/unknown "),
            ]
        );
    }

    #[tokio::test]
    async fn nobody_has_no_token() {
        let nobody = Auth::signed_out(Reason::SessionTokenAndUatMissing);
        assert_eq!(nobody.get_token().await.unwrap(), None);
        assert_eq!(nobody.get_token().template("supabase").await.unwrap(), None);
        let world = World::production();
        assert_eq!(nobody.get_token().expires_in(Duration::from_mins(1)).await.unwrap(), None);
        let without_session = world.auth(Request::fetch("/").bearer(&token().without("sid").sign())).await;
        assert_eq!(without_session.get_token().template("supabase").await.unwrap(), None);
    }
}
