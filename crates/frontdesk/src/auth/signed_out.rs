//! Nobody, and why.

use std::sync::Arc;

use serde::ser::{SerializeMap, Serializer};

use crate::{Explanation, Reason};

/// Why nobody is signed in.
///
/// ```
/// use frontdesk::Auth;
///
/// fn log(auth: &Auth) {
///     if let Auth::SignedOut(why) = auth {
///         eprintln!("nobody is signed in: {}", why.reason());
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct SignedOut {
    reason: Reason,
    explanation: Option<Arc<Explanation>>,
}

impl SignedOut {
    pub(crate) fn explained(reason: Reason, explanation: Explanation) -> Self {
        Self { reason, explanation: Some(Arc::new(explanation)) }
    }

    /// Why, in one word of the wire contract.
    ///
    /// ```
    /// use frontdesk::{Reason, SignedOut};
    ///
    /// assert_eq!(SignedOut::from(Reason::TokenExpired).reason().as_str(), "token-expired");
    /// ```
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// What was wanted and what was seen, for logs and for developers. It never belongs in a response.
    ///
    /// ```
    /// use frontdesk::{Reason, SignedOut};
    ///
    /// let why = SignedOut::from(Reason::TokenExpired);
    /// assert_eq!(why.explanation().map(|said| said.summary.as_str()), Some("the token has expired"));
    /// ```
    pub fn explanation(&self) -> Option<&Explanation> {
        self.explanation.as_deref()
    }

    /// Whether somebody has a session, which still has tasks to finish.
    ///
    /// ```
    /// use frontdesk::{Reason, SignedOut};
    ///
    /// assert!(SignedOut::from(Reason::SessionPending).is_pending());
    /// assert!(!SignedOut::from(Reason::TokenExpired).is_pending());
    /// ```
    pub fn is_pending(&self) -> bool {
        self.reason == Reason::SessionPending
    }

    /// The auth object of a session that is not there.
    pub(super) fn serialize_session<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const REST: [&str; 7] =
            ["userId", "actor", "orgId", "orgRole", "orgSlug", "orgPermissions", "factorVerificationAge"];
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("tokenType", "session_token")?;
        object.serialize_entry("sessionClaims", &())?;
        object.serialize_entry("sessionId", &())?;
        object.serialize_entry("sessionStatus", &self.is_pending().then_some("pending"))?;
        for field in REST {
            object.serialize_entry(field, &())?;
        }
        object.serialize_entry("isAuthenticated", &false)?;
        object.end()
    }
}

impl From<Reason> for SignedOut {
    fn from(reason: Reason) -> Self {
        let explanation = Explanation::of(&reason);
        Self::explained(reason, explanation)
    }
}
