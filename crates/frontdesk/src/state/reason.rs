//! Why a request is not signed in.

use std::fmt;

macro_rules! reasons {
    ($($(#[$meta:meta])* $name:ident = $text:literal,)+) => {
        /// Why a request is not signed in, or why it is sent on a detour.
        ///
        /// The texts are those of the wire contract (§3.5, §4.4) and appear in the response header
        /// `x-clerk-auth-reason`. The two at the end are this library's own and never leave the process.
        ///
        /// ```
        /// use frontdesk::{Auth, Reason};
        ///
        /// fn page_for(auth: &Auth) -> &'static str {
        ///     match auth.reason() {
        ///         None => "/home",
        ///         Some(Reason::SessionPending) => "/sign-in/tasks",
        ///         Some(_) => "/sign-in",
        ///     }
        /// }
        ///
        /// assert_eq!(page_for(&Auth::signed_out(Reason::SessionPending)), "/sign-in/tasks");
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            /// The session token has expired, and it was not refreshed for the reason inside.
            SessionTokenExpired(RefreshObstacle),
            $($(#[$meta])* $name,)+
        }

        #[cfg(test)]
        const WRITTEN: &[&str] = &[$($text),+];

        impl Reason {
            /// The reason as it is written on the wire.
            ///
            /// ```
            /// use frontdesk::Reason;
            ///
            /// assert_eq!(Reason::DevBrowserMissing.as_str(), "dev-browser-missing");
            /// ```
            pub fn as_str(&self) -> &str {
                match self {
                    Self::SessionTokenExpired(obstacle) => obstacle.as_reason(),
                    $(Self::$name => $text,)+
                }
            }

            /// The reason that is written like this, if it is one without a detail inside.
            pub(crate) fn written(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

/// What begins every reason that says why a token was not refreshed.
const EXPIRED: &str = "session-token-expired-refresh-";

reasons! {
    /// A client is signed in somewhere, but this application has no session token.
    ClientUatWithoutSessionToken = "client-uat-but-no-session-token",
    /// Development: the browser has not introduced itself yet.
    DevBrowserMissing = "dev-browser-missing",
    /// Development: the browser introduces itself in the URL.
    DevBrowserSync = "dev-browser-sync",
    /// Development: a satellite asks its primary application for the browser's name.
    PrimaryRespondsToSyncing = "primary-responds-to-syncing",
    /// A visitor came from another site, where the session may have changed.
    PrimaryDomainCrossOriginSync = "primary-domain-cross-origin-sync",
    /// A satellite has not yet asked its primary application.
    SatelliteNeedsSyncing = "satellite-needs-syncing",
    /// Neither a session token nor a signed-in client: nobody is there.
    SessionTokenAndUatMissing = "session-token-and-uat-missing",
    /// A handshake brought no session token: the visitor is signed out.
    SessionTokenMissing = "session-token-missing",
    /// The client's authentication changed after the session token was issued.
    SessionTokenIatBeforeClientUat = "session-token-iat-before-client-uat",
    /// The session token is not valid yet.
    SessionTokenNbf = "session-token-nbf",
    /// The session token was issued in the future.
    SessionTokenIatInTheFuture = "session-token-iat-in-the-future",
    /// A session token without the cookie that tells when authentication last changed.
    SessionTokenWithoutClientUat = "session-token-but-no-client-uat",
    /// The URL names another organization than the session.
    ActiveOrganizationMismatch = "active-organization-mismatch",
    /// A token of a kind that is not accepted here.
    TokenTypeMismatch = "token-type-mismatch",
    /// Only tokens in the `authorization` header are accepted, and there is none.
    NoTokenInHeader = "No token in header",
    /// Something failed that is not the token's fault.
    UnexpectedError = "unexpected-error",

    /// The token has expired.
    TokenExpired = "token-expired",
    /// The token is not well formed, or of the wrong type.
    TokenInvalid = "token-invalid",
    /// The token's algorithm is not accepted.
    TokenInvalidAlgorithm = "token-invalid-algorithm",
    /// The token was issued to a party that is not authorized here (`azp`).
    TokenInvalidAuthorizedParties = "token-invalid-authorized-parties",
    /// The token was issued by somebody else (`iss`); only checked on demand.
    TokenInvalidIssuer = "token-invalid-issuer",
    /// The signature does not match.
    TokenInvalidSignature = "token-invalid-signature",
    /// The token is not valid yet.
    TokenNotActiveYet = "token-not-active-yet",
    /// The token was issued in the future.
    TokenIatInTheFuture = "token-iat-in-the-future",
    /// A claim is missing, of the wrong kind, or refused.
    TokenVerificationFailed = "token-verification-failed",
    /// The Backend API refused the secret key.
    SecretKeyInvalid = "secret-key-invalid",
    /// A fixed key was announced but is empty.
    JwkLocalMissing = "jwk-local-missing",
    /// The key set could not be fetched.
    JwkRemoteFailedToLoad = "jwk-remote-failed-to-load",
    /// The key set is not readable.
    JwkRemoteInvalid = "jwk-remote-invalid",
    /// The key set has no keys.
    JwkRemoteMissing = "jwk-remote-missing",
    /// There is nothing to fetch keys with.
    JwkFailedToResolve = "jwk-failed-to-resolve",
    /// The token names a key that the instance does not have.
    JwkKidMismatch = "jwk-kid-mismatch",

    /// The session exists but has tasks to finish; this library's own reason.
    SessionPending = "session-pending",
    /// There is no configuration to verify tokens with; this library's own reason.
    NotConfigured = "not-configured",
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why an expired session token was not exchanged for a fresh one on the spot (wire contract §4.5).
///
/// ```
/// use frontdesk::{Reason, RefreshObstacle};
///
/// let reason = Reason::SessionTokenExpired(RefreshObstacle::NoRefreshCookie);
/// assert_eq!(reason.as_str(), "session-token-expired-refresh-non-eligible-no-refresh-cookie");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefreshObstacle {
    /// Only `GET` requests are refreshed.
    NotGet,
    /// There is no `__refresh_…` cookie.
    NoRefreshCookie,
    /// The session token that would be refreshed cannot be read.
    UnreadableToken,
    /// The session token that would be refreshed does not say of which session it is.
    NoSessionId,
    /// The server could not be reached, or its answer could not be read.
    Unreachable,
    /// The server answered with an error that has no code.
    UnexpectedAnswer,
    /// The server answered without cookies.
    NoCookies,
    /// The new session token was refused.
    InvalidToken,
    /// The server refused, with a code.
    Refused(RefusalCode),
}

impl RefreshObstacle {
    fn as_reason(&self) -> &str {
        match self {
            Self::NotGet => "session-token-expired-refresh-non-eligible-non-get",
            Self::NoRefreshCookie => "session-token-expired-refresh-non-eligible-no-refresh-cookie",
            Self::UnreadableToken => "session-token-expired-refresh-expired-session-token-decode-failed",
            Self::NoSessionId => "session-token-expired-refresh-expired-session-token-missing-sid-claim",
            Self::Unreachable => "session-token-expired-refresh-fetch-error",
            Self::UnexpectedAnswer => "session-token-expired-refresh-unexpected-bapi-error",
            Self::NoCookies => "session-token-expired-refresh-unexpected-sdk-error",
            Self::InvalidToken => "session-token-expired-refresh-invalid-session-token",
            Self::Refused(code) => &code.reason,
        }
    }
}

/// The code of the error with which the server refused to refresh a session.
///
/// ```
/// use frontdesk::{Reason, RefreshObstacle, RefusalCode};
///
/// fn refusal(reason: &Reason) -> Option<&RefusalCode> {
///     match reason {
///         Reason::SessionTokenExpired(RefreshObstacle::Refused(code)) => Some(code),
///         _ => None,
///     }
/// }
///
/// assert_eq!(refusal(&Reason::TokenExpired), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefusalCode {
    /// With what stands before it in the reason.
    reason: Box<str>,
}

impl RefusalCode {
    pub(crate) fn new(code: &str) -> Self {
        Self { reason: format!("{EXPIRED}{code}").into() }
    }

    /// The code, such as `refresh_token_expired`.
    ///
    /// ```
    /// use frontdesk::RefusalCode;
    ///
    /// fn is_over(code: &RefusalCode) -> bool {
    ///     code.as_str() == "refresh_token_expired"
    /// }
    /// ```
    pub fn as_str(&self) -> &str {
        &self.reason[EXPIRED.len()..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_reason() {
        let page = include_str!("../../../../docs/reasons.md");
        let obstacles = [
            RefreshObstacle::NotGet,
            RefreshObstacle::NoRefreshCookie,
            RefreshObstacle::UnreadableToken,
            RefreshObstacle::NoSessionId,
            RefreshObstacle::Unreachable,
            RefreshObstacle::UnexpectedAnswer,
            RefreshObstacle::NoCookies,
            RefreshObstacle::InvalidToken,
        ];
        let details = obstacles.iter().map(|obstacle| &obstacle.as_reason()[EXPIRED.len()..]);
        for reason in WRITTEN.iter().copied().chain(details) {
            assert!(page.contains(&format!("`{reason}`")), "{reason} is missing in docs/reasons.md");
        }
    }
}
