//! Kinds of credentials, and which of them are accepted.

use std::fmt;
use std::str::FromStr;

/// A kind of credential (wire contract §3.8). The texts are those of the auth object's `tokenType`.
///
/// ```
/// use frontdesk::TokenType;
///
/// let kind: TokenType = "api_key".parse()?;
/// assert_eq!(kind, TokenType::ApiKey);
/// assert!(TokenType::PROGRAMS.contains(&kind));
/// # Ok::<(), frontdesk::UnknownTokenType>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenType {
    /// A person's session: `session_token`.
    Session,
    /// A key that a user or an organization made for a program: `api_key`.
    ApiKey,
    /// One machine of the instance talking to another: `m2m_token`.
    M2m,
    /// An application that a user allowed to act for them: `oauth_token`.
    OAuth,
}

impl TokenType {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Session, Self::ApiKey, Self::M2m, Self::OAuth];
    /// The kinds that stand for programs.
    pub const PROGRAMS: [Self; 3] = [Self::ApiKey, Self::M2m, Self::OAuth];

    /// The kind as it is written on the wire.
    ///
    /// ```
    /// use frontdesk::TokenType;
    ///
    /// assert_eq!(TokenType::M2m.as_str(), "m2m_token");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session_token",
            Self::ApiKey => "api_key",
            Self::M2m => "m2m_token",
            Self::OAuth => "oauth_token",
        }
    }

    fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

impl fmt::Display for TokenType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl serde::Serialize for TokenType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Not one of the kinds in [`TokenType::ALL`].
///
/// ```
/// use frontdesk::{TokenType, UnknownTokenType};
///
/// assert_eq!("password".parse::<TokenType>(), Err(UnknownTokenType));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token type is one of session_token, api_key, m2m_token and oauth_token")]
pub struct UnknownTokenType;

impl FromStr for TokenType {
    type Err = UnknownTokenType;

    fn from_str(text: &str) -> Result<Self, UnknownTokenType> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownTokenType)
    }
}

/// Which kinds of credentials count: sessions only, unless said otherwise.
///
/// One kind on its own and a list of that one kind are not the same on the wire: where a list is accepted, a token of
/// another kind is answered by [`Auth::NotAccepted`](crate::Auth::NotAccepted). Programs show their tokens in the
/// `authorization` header: where sessions are not accepted, cookies are not looked at.
///
/// ```
/// use frontdesk::{Accepts, TokenType};
///
/// let programs = Accepts::from([TokenType::ApiKey, TokenType::OAuth]);
/// assert!(programs.contains(TokenType::ApiKey) && !programs.contains(TokenType::Session));
/// assert!(Accepts::ANY.contains(TokenType::M2m));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Accepts {
    kinds: u8,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    One(TokenType),
    List,
    Any,
}

impl Accepts {
    /// Whatever comes.
    pub const ANY: Self = Self { kinds: 0b1111, form: Form::Any };

    /// Whether this kind is accepted.
    ///
    /// ```
    /// use frontdesk::{Accepts, TokenType};
    ///
    /// assert!(Accepts::default().contains(TokenType::Session));
    /// assert!(!Accepts::default().contains(TokenType::ApiKey));
    /// ```
    pub fn contains(self, kind: TokenType) -> bool {
        self.kinds & kind.bit() != 0
    }

    /// The kind, if it is a single one and not a list of one. A list answers other kinds with
    /// [`Auth::NotAccepted`](crate::Auth::NotAccepted).
    pub(crate) fn single(self) -> Option<TokenType> {
        match self.form {
            Form::One(kind) => Some(kind),
            Form::List | Form::Any => None,
        }
    }
}

impl Default for Accepts {
    fn default() -> Self {
        TokenType::Session.into()
    }
}

impl From<TokenType> for Accepts {
    fn from(kind: TokenType) -> Self {
        Self { kinds: kind.bit(), form: Form::One(kind) }
    }
}

impl From<&[TokenType]> for Accepts {
    fn from(kinds: &[TokenType]) -> Self {
        Self { kinds: kinds.iter().fold(0, |bits, kind| bits | kind.bit()), form: Form::List }
    }
}

impl<const N: usize> From<[TokenType; N]> for Accepts {
    fn from(kinds: [TokenType; N]) -> Self {
        Self::from(&kinds[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_as_it_is_written() {
        for kind in TokenType::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert!(Accepts::from(kind).contains(kind) && Accepts::ANY.contains(kind));
            for other in TokenType::ALL {
                assert_eq!(Accepts::from(kind).contains(other), kind == other);
            }
        }
        assert_eq!("Session".parse::<TokenType>(), Err(UnknownTokenType));
    }
}
