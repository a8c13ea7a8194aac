//! What a log may know of an answer.

use serde::Serialize;

use crate::{Auth, Machine, OrganizationId, Session, SessionId, TokenType, UserId};

/// What a log may know of an answer; [`Auth::debug`] gives it, to be written by `{:?}` or as JSON. What does not apply
/// is left out of the JSON.
///
/// ```
/// use frontdesk::{Auth, Reason};
///
/// let nobody = Auth::signed_out(Reason::TokenExpired);
/// assert!(!nobody.debug().is_authenticated);
/// assert_eq!(nobody.debug().reason, Some("token-expired"));
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuthDebug<'a> {
    /// The kind of credential; `None` if it was one that is not accepted.
    pub token_type: Option<TokenType>,
    /// Whether a credential was verified.
    pub is_authenticated: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    /// What was wanted and what was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// The person, or the user in whose name a program asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<&'a SessionId>,
    /// The organization that the person acts for, or in whose name a program asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_id: Option<OrganizationId>,
    /// The id of a program's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// Whose token a program's is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<&'a str>,
    /// What a program's token may be used for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<&'a [String]>,
    /// How the token begins: seven characters at most, as other SDKs show them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<&'a str>,
}

impl<'a> AuthDebug<'a> {
    pub(super) fn of(auth: &'a Auth) -> Self {
        let machine = auth.machine();
        let token = auth.session().map(Session::token).or(machine.map(Machine::token));
        Self {
            token_type: auth.token_type(),
            is_authenticated: auth.is_authenticated(),
            reason: auth.reason().map(crate::Reason::as_str),
            explanation: auth.refusal().and_then(|why| why.explanation()).map(ToString::to_string),
            user_id: auth.user_id().cloned().or_else(|| machine.and_then(Machine::user_id)),
            session_id: auth.session_id(),
            org_id: auth
                .organization()
                .map(|organization| organization.id.clone())
                .or_else(|| machine.and_then(Machine::organization_id)),
            id: machine.map(Machine::id),
            subject: machine.map(Machine::subject),
            scopes: machine.map(Machine::scopes),
            token: token.map(beginning),
        }
    }
}

/// Enough to tell two tokens apart in a log, too little to guess the rest.
fn beginning(token: &str) -> &str {
    const SHOWN: usize = 7;
    let end = token.char_indices().nth(SHOWN).map_or(token.len(), |(index, _)| index);
    // Of a short secret this would be much, or all.
    if token.len() < 4 * SHOWN { "" } else { &token[..end] }
}
