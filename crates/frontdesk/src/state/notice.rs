//! What whoever runs the application should hear about.

use std::fmt;

use crate::Reason;

/// Something went wrong that no visitor can mend, and the request was answered all the same. Other SDKs write it to the
/// console.
///
/// [`RequestState::notice`](crate::RequestState::notice) has it. With the feature `tracing` it is also logged, as a
/// warning with the target `frontdesk`.
///
/// ```
/// use frontdesk::{Notice, Reason};
///
/// let notice = Notice::RedirectLoop(Reason::ClientUatWithoutSessionToken);
/// assert!(notice.to_string().contains("belong to the same instance?"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The browser has been redirected three times within two seconds, and nothing came of it.
    RedirectLoop(Reason),
    /// The organization in the URL cannot be activated: there is none of this name, or the visitor is no member.
    OrganizationLoop,
    /// Development: the session token was only accepted because a day of clock skew was forgiven.
    ClockSkew,
    /// The handshake came back with something that could not be used, and was passed over.
    Handshake,
    /// The Backend API does not know what the handshake set aside, or did not answer.
    HandshakePayload,
}

impl Notice {
    /// Writes it to the log, where there is one.
    #[cfg(feature = "tracing")]
    pub(crate) fn log(&self) {
        tracing::warn!(target: "frontdesk", "{self}");
    }

    #[cfg(not(feature = "tracing"))]
    #[expect(clippy::unused_self, reason = "there is no log")]
    pub(crate) fn log(&self) {}
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RedirectLoop(Reason::SatelliteNeedsSyncing) => formatter.write_str(
                "the browser runs in circles between this satellite and its primary application: is this domain a \
                 configured satellite of the instance?",
            ),
            Self::RedirectLoop(reason) => write!(
                formatter,
                "the browser runs in circles between this application and the Frontend API ({reason}): do the \
                 publishable key and the secret key belong to the same instance?"
            ),
            Self::OrganizationLoop => formatter.write_str(
                "the organization in the URL could not be activated: there is none of this name, or the visitor is no \
                 member",
            ),
            Self::ClockSkew => formatter.write_str(
                "the clock of this machine is wrong: a session token made just now does not fit the time. In \
                 development it is accepted all the same",
            ),
            Self::Handshake => formatter.write_str(
                "a handshake came back with something that could not be used: another application on this domain, or \
                 exchanged keys",
            ),
            Self::HandshakePayload => {
                formatter.write_str("the Backend API did not give what the handshake has set aside")
            }
        }
    }
}
