//! What was wanted and what was seen, when somebody is signed out.

use std::fmt;

use frontdesk_types::Span;

use crate::{Reason, RefreshObstacle};

/// What was wanted and what was seen, for logs and for developers. It names keys, cookies and times, never a token;
/// still it belongs in no production response.
///
/// ```
/// use frontdesk::{Reason, SignedOut};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
/// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
/// let request = http::Request::get("/").header("authorization", "Bearer nonsense").body(())?;
/// let auth = frontdesk.get_auth(&request).await;
/// let explanation = auth.refusal().and_then(SignedOut::explanation).expect("the token is refused");
/// assert_eq!(explanation.carrier.as_deref(), Some("authorization"));
/// assert!(explanation.to_string().ends_with("; token from authorization"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// What is wrong, as a sentence without its full stop.
    pub summary: String,
    /// The cookie or header that the token was taken from.
    pub carrier: Option<String>,
    /// The key that the token names.
    pub kid_wanted: Option<String>,
    /// The keys that the instance has.
    pub kids_known: Vec<String>,
    /// How far the token's time is off, before anything is forgiven: positive if it is over, negative if it has not
    /// come.
    pub skew: Option<Span>,
}

impl Explanation {
    /// What a reason alone tells.
    pub(crate) fn of(reason: &Reason) -> Self {
        Self { summary: summary(reason).to_owned(), ..Self::default() }
    }
}

/// What a reason means, as a sentence without its full stop.
pub(crate) fn summary(reason: &Reason) -> &'static str {
    match reason {
        Reason::SessionTokenExpired(RefreshObstacle::NotGet | RefreshObstacle::NoRefreshCookie) => {
            "the session token has expired"
        }
        Reason::SessionTokenExpired(_) => "the session token has expired and could not be refreshed",
        Reason::ClientUatWithoutSessionToken => {
            "__client_uat says that somebody is signed in, but there is no __session cookie"
        }
        Reason::DevBrowserMissing => "the browser has no __clerk_db_jwt, neither as a cookie nor in the URL",
        Reason::DevBrowserSync => "the URL has a __clerk_db_jwt",
        Reason::PrimaryRespondsToSyncing => "a satellite has sent the browser here",
        Reason::PrimaryDomainCrossOriginSync => "the visitor came from another origin",
        Reason::SatelliteNeedsSyncing => "this satellite has not asked its primary application yet",
        Reason::SessionTokenAndUatMissing => {
            "there is no token in the authorization header, no __session cookie, and no __client_uat but 0"
        }
        Reason::SessionTokenMissing => "the handshake brought no session token",
        Reason::SessionTokenIatBeforeClientUat => "the session token is older than __client_uat",
        Reason::SessionTokenNbf | Reason::TokenNotActiveYet => "the token is not valid yet",
        Reason::SessionTokenIatInTheFuture | Reason::TokenIatInTheFuture => {
            "the token was issued in the future"
        }
        Reason::SessionTokenWithoutClientUat => "there is a __session cookie, but no __client_uat but 0",
        Reason::ActiveOrganizationMismatch => "the URL names another organization than the session",
        Reason::TokenTypeMismatch => "a token of this kind is not accepted here",
        Reason::NoTokenInHeader => "there is no token in the authorization header",
        Reason::UnexpectedError => "something failed that is not the token's fault",
        Reason::TokenExpired => "the token has expired",
        Reason::TokenInvalid => "the token is not well formed, or of the wrong type",
        Reason::TokenInvalidAlgorithm => "the token's algorithm is not accepted",
        Reason::TokenInvalidAuthorizedParties => {
            "the token was issued to a party that is not authorized here"
        }
        Reason::TokenInvalidIssuer => "the token was issued by somebody else",
        Reason::TokenInvalidSignature => "the signature does not match",
        Reason::TokenVerificationFailed => "a claim is missing, of the wrong kind, or refused",
        Reason::SecretKeyInvalid => "the Backend API refused the secret key",
        Reason::JwkLocalMissing => "the JWT key is empty",
        Reason::JwkRemoteFailedToLoad => "the key set could not be fetched",
        Reason::JwkRemoteInvalid => "the key set is not readable",
        Reason::JwkRemoteMissing => "the key set has no keys",
        Reason::JwkFailedToResolve => "there is nothing to fetch keys with",
        Reason::JwkKidMismatch => "the token names a key that the instance does not have",
        Reason::SessionPending => "the session still has tasks to finish",
        Reason::NotConfigured => "there are no settings to verify tokens with (FRONTDESK_PUBLISHABLE_KEY, …)",
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.summary)?;
        if let Some(carrier) = &self.carrier {
            write!(formatter, "; token from {carrier}")?;
        }
        if let Some(kid) = &self.kid_wanted {
            // Nobody has verified this one: it could be as long as a header, and look like lines of a log.
            let kid: String = kid.chars().take(64).collect();
            write!(formatter, "; key wanted {kid:?}, keys known {:?}", self.kids_known)?;
        }
        if let Some(skew) = self.skew {
            write!(formatter, "; off by {} ms", skew.as_millis())?;
        }
        Ok(())
    }
}
