//! Why a request is not signed in.

use std::fmt;

macro_rules! reasons {
    ($($(#[$meta:meta])* $name:ident = $text:literal,)+) => {
        /// Why a request is not signed in, or why it is sent on a detour.
        ///
        /// The texts are those of the wire contract (§3.5, §4.4) and appear in the response header
        /// `x-clerk-auth-reason`. The two at the end are this library's own and never leave the process.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            /// The session token has expired, and it was not refreshed for the reason inside.
            SessionTokenExpired(RefreshObstacle),
            $($(#[$meta])* $name,)+
        }

        impl Reason {
            /// The reason as it is written on the wire.
            ///
            /// ```
            /// use frontdesk::Reason;
            ///
            /// assert_eq!(Reason::DevBrowserMissing.as_str(), "dev-browser-missing");
            /// ```
            pub fn as_str(&self) -> &'static str {
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

/// Why an expired session token was not exchanged for a fresh one on the spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefreshObstacle {
    /// Only `GET` requests are refreshed.
    NotGet,
    /// There is no `__refresh_…` cookie.
    NoRefreshCookie,
    /// Refreshing is not available here.
    NoApiClient,
}

impl RefreshObstacle {
    fn as_reason(self) -> &'static str {
        match self {
            Self::NotGet => "session-token-expired-refresh-non-eligible-non-get",
            Self::NoRefreshCookie => "session-token-expired-refresh-non-eligible-no-refresh-cookie",
            Self::NoApiClient => "session-token-expired-refresh-missing-api-client",
        }
    }
}
