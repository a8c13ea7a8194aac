//! Who is asking: the five shapes of an answer.

pub(crate) mod requirement;
pub(crate) mod token_type;

mod debug;
mod get_token;
mod machine;
mod session;
mod signed_out;

use frontdesk_types::{SessionId, UserId};
use serde::ser::{Serialize, SerializeMap, Serializer};

pub use self::debug::AuthDebug;
pub use self::get_token::GetToken;
pub use self::machine::{ApiKey, M2mToken, Machine, OAuthToken};
pub(crate) use self::session::UnreadableClaim;
pub use self::session::{Organization, Session};
pub use self::signed_out::SignedOut;
use crate::{Reason, Requirement, TokenType};

/// Who is asking. A request that is signed out has no user id: there is none to take by mistake, and a program with
/// an API key is no person with a session.
///
/// Unless other kinds of credentials are accepted ([`Frontdesk::accepting`](crate::Frontdesk::accepting)), it is
/// `SignedIn` or `SignedOut`.
///
/// It serialises as the auth object that other SDKs give (wire contract §5.1), without its functions.
///
/// ```
/// use frontdesk::Auth;
///
/// fn greet(auth: &Auth) -> String {
///     match auth {
///         Auth::SignedIn(session) => format!("Hello, {}", session.user_id()),
///         Auth::Machine(machine) => format!("Hello, machine {}", machine.id()),
///         _ => "Hello, stranger".to_owned(),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Auth {
    /// A person with a verified session.
    SignedIn(Session),
    /// Nobody, or somebody whose session token was refused.
    SignedOut(SignedOut),
    /// A program with a verified token.
    Machine(Machine),
    /// No token of the one kind that is accepted, or one that was refused.
    MachineSignedOut(TokenType, SignedOut),
    /// A token of a kind that is not among those accepted.
    NotAccepted(SignedOut),
}

impl Auth {
    /// Nobody, for this reason.
    ///
    /// ```
    /// use frontdesk::{Auth, Reason};
    ///
    /// let nobody = Auth::signed_out(Reason::SessionTokenAndUatMissing);
    /// assert_eq!(nobody.user_id(), None);
    /// ```
    pub fn signed_out(reason: Reason) -> Self {
        Self::SignedOut(reason.into())
    }

    /// Whether a person is signed in. A machine is not: see [`is_authenticated`](Self::is_authenticated).
    ///
    /// ```
    /// use frontdesk::{Auth, Reason};
    ///
    /// let nobody = Auth::signed_out(Reason::TokenExpired);
    /// assert!(!nobody.is_signed_in());
    /// ```
    pub fn is_signed_in(&self) -> bool {
        self.session().is_some()
    }

    /// Whether a credential of an accepted kind was verified, be it a person's or a machine's.
    ///
    /// ```
    /// use frontdesk::Auth;
    ///
    /// fn requests_per_minute(auth: &Auth) -> u32 {
    ///     if auth.is_authenticated() { 600 } else { 60 }
    /// }
    /// ```
    pub fn is_authenticated(&self) -> bool {
        matches!(self, Self::SignedIn(_) | Self::Machine(_))
    }

    /// The session, if a person is signed in.
    ///
    /// ```
    /// use frontdesk::Auth;
    ///
    /// fn is_impersonated(auth: &Auth) -> bool {
    ///     auth.session().is_some_and(|session| session.actor().is_some())
    /// }
    /// ```
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::SignedIn(session) => Some(session),
            _ => None,
        }
    }

    /// The machine's token, if it was verified.
    ///
    /// ```
    /// use frontdesk::Auth;
    ///
    /// fn caller(auth: &Auth) -> Option<&str> {
    ///     auth.machine().map(|machine| machine.subject())
    /// }
    /// ```
    pub fn machine(&self) -> Option<&Machine> {
        match self {
            Self::Machine(machine) => Some(machine),
            _ => None,
        }
    }

    /// The kind of credential; `None` if it was one that is not accepted.
    ///
    /// ```
    /// use frontdesk::{Auth, Reason, TokenType};
    ///
    /// let nobody = Auth::signed_out(Reason::TokenExpired);
    /// assert_eq!(nobody.token_type(), Some(TokenType::Session));
    /// ```
    pub fn token_type(&self) -> Option<TokenType> {
        match self {
            Self::SignedIn(_) | Self::SignedOut(_) => Some(TokenType::Session),
            Self::Machine(machine) => Some(machine.token_type()),
            Self::MachineSignedOut(kind, _) => Some(*kind),
            Self::NotAccepted(_) => None,
        }
    }

    /// Who is asking, if a person is signed in. The user behind an API key is not asking themselves; see
    /// [`Machine::user_id`].
    ///
    /// ```
    /// use frontdesk::Auth;
    ///
    /// fn greeting(auth: &Auth) -> String {
    ///     auth.user_id().map_or("signed out".to_owned(), ToString::to_string)
    /// }
    /// ```
    pub fn user_id(&self) -> Option<&UserId> {
        self.session().map(Session::user_id)
    }

    /// The session's id, if a person is signed in.
    ///
    /// ```
    /// use frontdesk::Auth;
    ///
    /// fn is_this_session(auth: &Auth, listed: &frontdesk::SessionId) -> bool {
    ///     auth.session_id() == Some(listed)
    /// }
    /// ```
    pub fn session_id(&self) -> Option<&SessionId> {
        self.session().and_then(Session::session_id)
    }

    /// The organization that the user acts for.
    ///
    /// ```
    /// use frontdesk::Auth;
    ///
    /// fn tenant(auth: &Auth) -> Option<&str> {
    ///     auth.organization()?.slug.as_deref()
    /// }
    /// ```
    pub fn organization(&self) -> Option<&Organization> {
        self.session().and_then(Session::organization)
    }

    /// Why nobody is signed in; `None` if somebody is.
    ///
    /// ```
    /// use frontdesk::{Auth, Reason};
    ///
    /// let nobody = Auth::signed_out(Reason::SessionPending);
    /// assert_eq!(nobody.reason(), Some(&Reason::SessionPending));
    /// ```
    pub fn reason(&self) -> Option<&Reason> {
        self.refusal().map(SignedOut::reason)
    }

    /// Why nobody is signed in, with what helps to find out; `None` if somebody is.
    ///
    /// ```
    /// use frontdesk::{Auth, Reason};
    ///
    /// let nobody = Auth::signed_out(Reason::TokenExpired);
    /// let why = nobody.refusal().and_then(|why| why.explanation()).map(ToString::to_string);
    /// assert_eq!(why.as_deref(), Some("the token has expired"));
    /// ```
    pub fn refusal(&self) -> Option<&SignedOut> {
        match self {
            Self::SignedIn(_) | Self::Machine(_) => None,
            Self::SignedOut(why) | Self::MachineSignedOut(_, why) | Self::NotAccepted(why) => Some(why),
        }
    }

    /// Whether a person is signed in who may do what is required. Machines have scopes, not roles: never.
    ///
    /// ```
    /// use frontdesk::{Auth, Requirement};
    ///
    /// fn may_invoice(auth: &Auth) -> bool {
    ///     auth.has(&Requirement::permission("org:invoices:create"))
    /// }
    /// ```
    pub fn has(&self, requirement: &Requirement) -> bool {
        self.session().is_some_and(|session| session.has(requirement))
    }

    /// A token of the session, or the one that a program showed; `None` when nobody is signed in. See
    /// [`Session::get_token`]. A program has no other token: asked for a template or a lifetime, it has none.
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
        match self {
            Self::Machine(machine) => GetToken::of_machine(machine),
            _ => GetToken::of(self.session()),
        }
    }

    /// What a log may know of this answer: who, why not, and the first seven characters of the token. No secret, no
    /// claim.
    ///
    /// ```
    /// use frontdesk::{Auth, Reason};
    ///
    /// let auth = Auth::signed_out(Reason::TokenInvalidSignature);
    /// let line = serde_json::to_string(&auth.debug())?;
    /// assert!(line.contains(r#""isAuthenticated":false,"reason":"token-invalid-signature""#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn debug(&self) -> AuthDebug<'_> {
        AuthDebug::of(self)
    }
}

impl Serialize for Auth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::SignedIn(session) => session.serialize(serializer),
            Self::SignedOut(why) => why.serialize_session(serializer),
            Self::Machine(machine) => machine.serialize(serializer),
            Self::MachineSignedOut(kind, _) => machine::serialize_nobody(*kind, serializer),
            Self::NotAccepted(_) => {
                let mut object = serializer.serialize_map(Some(2))?;
                object.serialize_entry("isAuthenticated", &false)?;
                object.serialize_entry("tokenType", &())?;
                object.end()
            }
        }
    }
}
