//! What authentication found out, and what the response must carry.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, LOCATION, SET_COOKIE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Auth, Reason, Session};

const AUTH_STATUS: HeaderName = HeaderName::from_static("x-clerk-auth-status");
const AUTH_REASON: HeaderName = HeaderName::from_static("x-clerk-auth-reason");
const AUTH_MESSAGE: HeaderName = HeaderName::from_static("x-clerk-auth-message");

/// The three ways a request can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// A session token was verified. The session may still be pending; [`RequestState::auth`] knows.
    SignedIn,
    /// Nobody is there, or the token was refused.
    SignedOut,
    /// It cannot be told from here: the browser must be sent to the Frontend API and comes back with the answer.
    Handshake,
}

impl Status {
    /// The status as it is written in `x-clerk-auth-status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::SignedOut => "signed-out",
            Self::Handshake => "handshake",
        }
    }
}

/// What [`Frontdesk::authenticate_request`](crate::Frontdesk::authenticate_request) found out.
///
/// If [`location`](Self::location) says where to go, answer 307 with the [`headers`](Self::headers); otherwise run
/// the handler and add the headers to its response. [`FrontdeskLayer`](crate::FrontdeskLayer) does both.
#[derive(Clone, Debug)]
pub struct RequestState {
    finding: Finding,
    message: Option<String>,
    headers: HeaderMap,
}

#[derive(Clone, Debug)]
enum Finding {
    SignedIn(Session),
    SignedOut(Reason),
    Handshake(Reason),
}

impl RequestState {
    pub(crate) fn signed_in(session: Session, headers: HeaderMap) -> Self {
        Self { finding: Finding::SignedIn(session), message: None, headers }
    }

    pub(crate) fn signed_out(reason: Reason) -> Self {
        Self::signed_out_with(reason, None, HeaderMap::new())
    }

    pub(crate) fn signed_out_with(reason: Reason, message: Option<String>, headers: HeaderMap) -> Self {
        Self { finding: Finding::SignedOut(reason), message, headers }.announced()
    }

    pub(crate) fn handshake(reason: Reason, message: Option<String>, headers: HeaderMap) -> Self {
        Self { finding: Finding::Handshake(reason), message, headers }.announced()
    }

    /// Says in the response why somebody is not signed in; it helps when debugging, and tells no secrets.
    fn announced(mut self) -> Self {
        self.headers.insert(AUTH_STATUS, HeaderValue::from_static(self.status().as_str()));
        if let Some(reason) = self.reason() {
            self.headers.insert(AUTH_REASON, HeaderValue::from_static(reason.as_str()));
        }
        // A message may quote a token's claim; what does not fit a header is left out.
        if let Some(message) = self.message.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
            self.headers.insert(AUTH_MESSAGE, message);
        }
        self
    }

    /// How the request stands.
    pub fn status(&self) -> Status {
        match self.finding {
            Finding::SignedIn(_) => Status::SignedIn,
            Finding::SignedOut(_) => Status::SignedOut,
            Finding::Handshake(_) => Status::Handshake,
        }
    }

    /// Why the request is not signed in; `None` if it is.
    pub fn reason(&self) -> Option<&Reason> {
        match &self.finding {
            Finding::SignedIn(_) => None,
            Finding::SignedOut(reason) | Finding::Handshake(reason) => Some(reason),
        }
    }

    /// More about the reason, for people.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What the response must carry. `Set-Cookie` may occur several times: append, do not replace.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Where the browser must go instead of getting a page: the handshake itself, or (development) the same page
    /// without the handshake in its URL.
    pub fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION)?.to_str().ok()
    }

    /// Who is asking. A handshake counts as signed out, and so does a session that still has tasks to finish.
    pub fn auth(&self) -> Auth {
        match &self.finding {
            Finding::SignedIn(session) => Auth::from_session(session.clone()),
            Finding::SignedOut(reason) | Finding::Handshake(reason) => Auth::signed_out(reason.clone()),
        }
    }

    /// Who is asking, where a session with unfinished tasks counts as signed in.
    pub fn auth_with_pending(&self) -> Auth {
        match &self.finding {
            Finding::SignedIn(session) => Auth::SignedIn(session.clone()),
            Finding::SignedOut(_) | Finding::Handshake(_) => self.auth(),
        }
    }

    /// Adds what this state demands to a response's headers. Cookies are added to those already there; other
    /// headers give way to what the handler set itself.
    pub fn apply_to(&self, response: &mut HeaderMap) {
        for (name, value) in &self.headers {
            if name == SET_COOKIE || !response.contains_key(name) {
                response.append(name, value.clone());
            }
        }
    }
}

/// A redirect that no browser may remember: tabs cache 307s eagerly and would run in circles.
pub(crate) fn set_location(headers: &mut HeaderMap, url: &url::Url) {
    // A parsed URL is printable ASCII, so it always fits.
    if let Ok(value) = HeaderValue::from_str(url.as_str()) {
        headers.insert(LOCATION, value);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// What a resolved handshake says to scripts of other origins: nothing.
pub(crate) fn handshake_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("null"));
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers
}
