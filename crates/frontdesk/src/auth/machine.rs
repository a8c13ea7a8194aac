//! Programs with a token of their own.

use std::fmt;

use frontdesk_types::{OrganizationId, Secret, Timestamp, UserId};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::{Denied, TokenType};

/// A verified token of a program. It holds no session: it has scopes and a subject, but no roles, and no second
/// factor ever stood behind it.
///
/// It serialises as the auth object that other SDKs give (wire contract §5.1), without its functions.
///
/// ```
/// use frontdesk::{Auth, Machine};
///
/// fn may_read(auth: &Auth) -> bool {
///     auth.machine().is_some_and(|machine| machine.has_scope("orders:read"))
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Machine {
    /// A key that a user or an organization made.
    ApiKey(ApiKey),
    /// A machine of the instance.
    M2m(M2mToken),
    /// An application that a user allowed to act for them.
    OAuth(OAuthToken),
}

/// A verified API key. Its `Debug` shows neither the key nor its claims.
///
/// ```
/// use frontdesk::{Auth, Machine};
///
/// fn label(auth: &Auth) -> Option<&str> {
///     let Some(Machine::ApiKey(key)) = auth.machine() else { return None };
///     key.name.as_deref()
/// }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ApiKey {
    /// Its id, `ak_…`.
    pub id: String,
    /// Whose it is: a user's or an organization's id.
    pub subject: String,
    /// The name its owner gave it.
    pub name: Option<String>,
    /// What its owner allowed.
    pub scopes: Vec<String>,
    /// What its maker attached to it.
    pub claims: Option<Value>,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
    pub(crate) token: Secret,
}

/// A verified machine-to-machine token. Its `Debug` shows neither the token nor its claims.
///
/// ```
/// use frontdesk::{Auth, Machine};
///
/// fn is_the_worker(auth: &Auth) -> bool {
///     matches!(auth.machine(), Some(Machine::M2m(token)) if token.subject == "mch_worker")
/// }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct M2mToken {
    /// Its id, `mt_…`. A JWT may have none: then it is empty.
    pub id: String,
    /// The machine that is asking, `mch_…`.
    pub subject: String,
    /// The machines it may talk to.
    pub scopes: Vec<String>,
    /// What its maker attached to it. A JWT carries its audience and its scopes here, too, as it has them.
    pub claims: Option<Value>,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
    pub(crate) token: Secret,
}

/// A verified OAuth access token. Its `Debug` does not show the token.
///
/// ```
/// use frontdesk::{Auth, Machine};
///
/// fn application(auth: &Auth) -> Option<&str> {
///     let Some(Machine::OAuth(token)) = auth.machine() else { return None };
///     Some(&token.client_id)
/// }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct OAuthToken {
    /// Its id, `oat_…`. A JWT may have none: then it is empty.
    pub id: String,
    /// The user it acts for.
    pub subject: String,
    /// The application that is asking. A JWT may name none: then it is empty.
    pub client_id: String,
    /// What the user allowed.
    pub scopes: Vec<String>,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
    pub(crate) token: Secret,
}

impl Machine {
    /// The kind of token.
    ///
    /// ```
    /// use frontdesk::{Machine, TokenType};
    ///
    /// fn is_a_customers(machine: &Machine) -> bool {
    ///     machine.token_type() != TokenType::M2m
    /// }
    /// ```
    pub fn token_type(&self) -> TokenType {
        match self {
            Self::ApiKey(_) => TokenType::ApiKey,
            Self::M2m(_) => TokenType::M2m,
            Self::OAuth(_) => TokenType::OAuth,
        }
    }

    /// The token's id.
    ///
    /// ```
    /// use frontdesk::Machine;
    ///
    /// fn audit(machine: &Machine, done: &str) -> String {
    ///     format!("{done}, by the token {}", machine.id())
    /// }
    /// ```
    pub fn id(&self) -> &str {
        match self {
            Self::ApiKey(key) => &key.id,
            Self::M2m(token) => &token.id,
            Self::OAuth(token) => &token.id,
        }
    }

    /// Whose token it is: a user's, an organization's or a machine's id.
    ///
    /// ```
    /// use frontdesk::Machine;
    ///
    /// fn line(machine: &Machine) -> String {
    ///     format!("{} asks for the orders", machine.subject())
    /// }
    /// ```
    pub fn subject(&self) -> &str {
        match self {
            Self::ApiKey(key) => &key.subject,
            Self::M2m(token) => &token.subject,
            Self::OAuth(token) => &token.subject,
        }
    }

    /// What the token may be used for.
    ///
    /// ```
    /// use frontdesk::Machine;
    ///
    /// fn allowed(machine: &Machine) -> String {
    ///     machine.scopes().join(" ")
    /// }
    /// ```
    pub fn scopes(&self) -> &[String] {
        match self {
            Self::ApiKey(key) => &key.scopes,
            Self::M2m(token) => &token.scopes,
            Self::OAuth(token) => &token.scopes,
        }
    }

    /// Whether the token may be used for this.
    ///
    /// ```
    /// use frontdesk::Machine;
    ///
    /// fn with_prices(machine: &Machine) -> bool {
    ///     machine.has_scope("prices:read")
    /// }
    /// ```
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().iter().any(|allowed| allowed == scope)
    }

    /// Lets the program pass if its token may be used for this; otherwise how to answer.
    ///
    /// ```
    /// use frontdesk::{Denied, Machine};
    ///
    /// fn read_orders(machine: &Machine) -> Result<String, Denied> {
    ///     machine.require_scope("orders:read")?;
    ///     Ok(format!("the orders of {}", machine.subject()))
    /// }
    /// ```
    ///
    /// # Errors
    /// The token lacks the scope: 403, with a challenge that names it (RFC 6750 §3.1).
    pub fn require_scope(&self, scope: &str) -> Result<(), Denied> {
        if self.has_scope(scope) { Ok(()) } else { Err(Denied::insufficient_scope(scope)) }
    }

    /// The user in whose name it asks; none for a machine or an organization's key.
    ///
    /// ```
    /// use frontdesk::{Auth, UserId};
    ///
    /// /// The person who is asking, or in whose name a program does.
    /// fn responsible(auth: &Auth) -> Option<UserId> {
    ///     auth.user_id().cloned().or_else(|| auth.machine()?.user_id())
    /// }
    /// ```
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::ApiKey(_) | Self::OAuth(_) => self.subject().parse().ok(),
            Self::M2m(_) => None,
        }
    }

    /// The organization in whose name it asks.
    ///
    /// ```
    /// use frontdesk::Machine;
    ///
    /// fn owner(machine: &Machine) -> String {
    ///     match machine.organization_id() {
    ///         Some(organization_id) => format!("the organization {organization_id}"),
    ///         None => machine.subject().to_owned(),
    ///     }
    /// }
    /// ```
    pub fn organization_id(&self) -> Option<OrganizationId> {
        match self {
            Self::ApiKey(key) => key.subject.parse().ok(),
            Self::M2m(_) | Self::OAuth(_) => None,
        }
    }

    /// When the token stops working; `None` for never. An opaque token may be taken back before.
    ///
    /// ```
    /// use frontdesk::{Machine, Span, Timestamp};
    ///
    /// fn ends_within_a_day(machine: &Machine, now: Timestamp) -> bool {
    ///     machine.expires_at().is_some_and(|end| end < now + Span::days(1))
    /// }
    /// ```
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::ApiKey(key) => key.expires_at,
            Self::M2m(token) => token.expires_at,
            Self::OAuth(token) => token.expires_at,
        }
    }

    /// The token itself. It is a credential: pass it on, do not log it.
    ///
    /// ```
    /// use frontdesk::Machine;
    ///
    /// fn forwarded(machine: &Machine) -> String {
    ///     format!("Bearer {}", machine.token())
    /// }
    /// ```
    pub fn token(&self) -> &str {
        match self {
            Self::ApiKey(key) => key.token.expose(),
            Self::M2m(token) => token.token.expose(),
            Self::OAuth(token) => token.token.expose(),
        }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApiKey")
            .field("id", &self.id)
            .field("subject", &self.subject)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for M2mToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("M2mToken")
            .field("id", &self.id)
            .field("subject", &self.subject)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for OAuthToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OAuthToken")
            .field("id", &self.id)
            .field("subject", &self.subject)
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// The order of the members is part of what others have come to see.
impl Serialize for Machine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("id", self.id())?;
        object.serialize_entry("subject", self.subject())?;
        object.serialize_entry("isAuthenticated", &true)?;
        object.serialize_entry("tokenType", self.token_type().as_str())?;
        match self {
            Self::ApiKey(key) => {
                object.serialize_entry("name", &key.name)?;
                object.serialize_entry("claims", &key.claims)?;
                object.serialize_entry("scopes", &key.scopes)?;
                object.serialize_entry("userId", &self.user_id())?;
                object.serialize_entry("orgId", &self.organization_id())?;
            }
            Self::M2m(token) => {
                object.serialize_entry("claims", &token.claims)?;
                object.serialize_entry("scopes", &token.scopes)?;
                object.serialize_entry("machineId", &token.subject)?;
            }
            Self::OAuth(token) => {
                object.serialize_entry("scopes", &token.scopes)?;
                object.serialize_entry("userId", &token.subject)?;
                object.serialize_entry("clientId", &token.client_id)?;
            }
        }
        object.end()
    }
}

/// The auth object of a machine that is not there.
pub(super) fn serialize_nobody<S: Serializer>(kind: TokenType, serializer: S) -> Result<S::Ok, S::Error> {
    let own: &[&str] = match kind {
        TokenType::ApiKey => &["name", "claims", "userId", "orgId"],
        TokenType::M2m => &["claims", "machineId"],
        TokenType::OAuth => &["userId", "clientId"],
        TokenType::Session => &[],
    };
    let mut object = serializer.serialize_map(None)?;
    for field in ["id", "subject", "scopes"] {
        object.serialize_entry(field, &())?;
    }
    object.serialize_entry("isAuthenticated", &false)?;
    object.serialize_entry("tokenType", kind.as_str())?;
    for field in own {
        object.serialize_entry(field, &())?;
    }
    object.end()
}
