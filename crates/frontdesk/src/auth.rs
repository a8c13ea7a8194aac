//! Who is asking.

use frontdesk_types::{SessionId, UserId};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::{GetToken, Organization, Reason, Session};

/// Who is asking. A request that is signed out has no user id: there is none to take by mistake.
///
/// It serialises as the auth object that other SDKs give (wire contract §5.1), without its functions.
///
/// ```
/// use frontdesk::Auth;
///
/// fn greet(auth: &Auth) -> String {
///     match auth {
///         Auth::SignedIn(session) => format!("Hello, {}", session.user_id()),
///         _ => "Hello, stranger".to_owned(),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Auth {
    /// A person with a verified session.
    SignedIn(Session),
    /// Nobody, or somebody whose token was refused.
    SignedOut {
        /// Why.
        reason: Reason,
    },
}

impl Auth {
    /// Nobody, for this reason.
    pub fn signed_out(reason: Reason) -> Self {
        Self::SignedOut { reason }
    }

    /// A session with unfinished tasks is not signed in.
    pub(crate) fn from_session(session: Session) -> Self {
        if session.is_pending() { Self::signed_out(Reason::SessionPending) } else { Self::SignedIn(session) }
    }

    /// Whether somebody is signed in.
    pub fn is_signed_in(&self) -> bool {
        self.session().is_some()
    }

    /// The session, if somebody is signed in.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::SignedIn(session) => Some(session),
            Self::SignedOut { .. } => None,
        }
    }

    /// Who is asking, if somebody is signed in.
    pub fn user_id(&self) -> Option<&UserId> {
        self.session().map(Session::user_id)
    }

    /// The session's id, if somebody is signed in.
    pub fn session_id(&self) -> Option<&SessionId> {
        self.session().and_then(Session::session_id)
    }

    /// The organization that the user acts for.
    pub fn organization(&self) -> Option<&Organization> {
        self.session().and_then(Session::organization)
    }

    /// Why nobody is signed in; `None` if somebody is.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::SignedIn(_) => None,
            Self::SignedOut { reason } => Some(reason),
        }
    }

    /// A token of the session; `None` when nobody is signed in. See [`Session::get_token`].
    ///
    /// ```no_run
    /// # async fn example(auth: frontdesk::Auth) -> Result<(), frontdesk::Error> {
    /// if let Some(token) = auth.get_token().template("supabase").await? {
    ///     // hand it to the database
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_token(&self) -> GetToken<'_> {
        GetToken::of(self.session())
    }
}

impl Serialize for Auth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::SignedIn(session) => session.serialize(serializer),
            Self::SignedOut { reason } => {
                const REST: [&str; 7] = [
                    "userId",
                    "actor",
                    "orgId",
                    "orgRole",
                    "orgSlug",
                    "orgPermissions",
                    "factorVerificationAge",
                ];
                let status = (*reason == Reason::SessionPending).then_some("pending");
                let mut object = serializer.serialize_map(None)?;
                object.serialize_entry("tokenType", "session_token")?;
                object.serialize_entry("sessionClaims", &())?;
                object.serialize_entry("sessionId", &())?;
                object.serialize_entry("sessionStatus", &status)?;
                for field in REST {
                    object.serialize_entry(field, &())?;
                }
                object.serialize_entry("isAuthenticated", &false)?;
                object.end()
            }
        }
    }
}
