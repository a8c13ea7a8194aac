//! What authentication found out, and what the response must carry.

pub(crate) mod denied;
pub(crate) mod explanation;
pub(crate) mod notice;
pub(crate) mod reason;

use std::sync::{Arc, LazyLock};

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, LOCATION, SET_COOKIE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::authenticate::sign_in::Doors;
use crate::{Accepts, Auth, Denied, Machine, Notice, Reason, Requirement, Session, SignedOut, TokenType};

const AUTH_STATUS: HeaderName = HeaderName::from_static("x-clerk-auth-status");
const AUTH_REASON: HeaderName = HeaderName::from_static("x-clerk-auth-reason");
const AUTH_MESSAGE: HeaderName = HeaderName::from_static("x-clerk-auth-message");
/// How much of a reason or a message is said, in bytes.
const LONGEST_WORDS: usize = 1024;

/// The three ways a request can stand.
///
/// ```
/// use frontdesk::{RequestState, Status};
///
/// fn is_sent_away(state: &RequestState) -> bool {
///     state.status() == Status::Handshake
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// A credential was verified. A session may still be pending; [`RequestState::auth`] knows.
    SignedIn,
    /// Nobody is there, or the token was refused.
    SignedOut,
    /// It cannot be told from here: the browser must be sent to the Frontend API and comes back with the answer.
    Handshake,
}

impl Status {
    /// The status as it is written in `x-clerk-auth-status`.
    ///
    /// ```
    /// use frontdesk::Status;
    ///
    /// assert_eq!(Status::SignedOut.as_str(), "signed-out");
    /// ```
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
/// the handler and add the headers to its response. The layer of each framework does both, and leaves the state where
/// [`get_auth`](crate::get_auth) finds it.
///
/// ```
/// use frontdesk::{AuthenticateError, Frontdesk};
/// use http::{Request, Response, StatusCode};
///
/// async fn answer(
///     frontdesk: &Frontdesk,
///     request: Request<()>,
/// ) -> Result<Response<String>, AuthenticateError> {
///     let state = frontdesk.authenticate_request(&request).await?;
///     let mut response = Response::new("welcome".to_owned());
///     if state.location().is_some() {
///         response = Response::default();
///         *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
///     }
///     state.apply_to(response.headers_mut());
///     Ok(response)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RequestState {
    finding: Finding,
    message: Option<String>,
    /// `None` for none: most sessions need none, and are cloned often.
    headers: Option<Arc<HeaderMap>>,
    /// Where a visitor who opens a page can sign in and up.
    doors: Option<Arc<Doors>>,
    notice: Option<Notice>,
    asked: Asked,
}

/// By whom, and how, it was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Tells handles apart; zero is none.
    pub(crate) by: u64,
    pub(crate) accepts: Accepts,
    /// Whether a session with unfinished tasks counts as signed in.
    pub(crate) pending_counts: bool,
}

#[derive(Clone, Debug)]
enum Finding {
    Session(Session),
    Machine(Box<Machine>),
    Refused {
        /// `None` for a token of a kind that is not accepted.
        kind: Option<TokenType>,
        status: Status,
        why: SignedOut,
    },
}

impl RequestState {
    pub(crate) fn signed_in(session: Session, headers: HeaderMap) -> Self {
        Self::of(Finding::Session(session), None, headers)
    }

    pub(crate) fn machine(machine: Machine) -> Self {
        Self::of(Finding::Machine(Box::new(machine)), None, HeaderMap::new())
    }

    pub(crate) fn signed_out(reason: Reason) -> Self {
        Self::signed_out_with(reason, None, HeaderMap::new())
    }

    pub(crate) fn signed_out_with(
        why: impl Into<SignedOut>,
        message: Option<String>,
        headers: HeaderMap,
    ) -> Self {
        Self::refused(Some(TokenType::Session), Status::SignedOut, why.into(), message, headers)
    }

    pub(crate) fn handshake(why: impl Into<SignedOut>, message: Option<String>, headers: HeaderMap) -> Self {
        Self::refused(Some(TokenType::Session), Status::Handshake, why.into(), message, headers)
    }

    pub(crate) fn machine_signed_out(
        kind: TokenType,
        why: impl Into<SignedOut>,
        message: Option<String>,
    ) -> Self {
        Self::refused(Some(kind), Status::SignedOut, why.into(), message, HeaderMap::new())
    }

    pub(crate) fn not_accepted() -> Self {
        Self::refused(None, Status::SignedOut, Reason::TokenTypeMismatch.into(), None, HeaderMap::new())
    }

    fn refused(
        kind: Option<TokenType>,
        status: Status,
        why: SignedOut,
        message: Option<String>,
        headers: HeaderMap,
    ) -> Self {
        let headers = announced(headers, status, why.reason(), message.as_deref());
        Self::of(Finding::Refused { kind, status, why }, message, headers)
    }

    fn of(finding: Finding, message: Option<String>, headers: HeaderMap) -> Self {
        let headers = (!headers.is_empty()).then(|| Arc::new(headers));
        Self { finding, message, headers, doors: None, notice: None, asked: Asked::default() }
    }

    pub(crate) fn asked(mut self, asked: Asked) -> Self {
        self.asked = asked;
        self
    }

    /// Whether this handle, asked in this way, would find the same.
    pub(crate) fn answers(&self, asked: Asked) -> bool {
        self.asked == asked
    }

    /// Where somebody who is opening a page can sign in and up.
    pub(crate) fn with_doors(mut self, doors: Doors) -> Self {
        self.doors = Some(Arc::new(doors));
        self
    }

    /// What whoever runs the application should hear about; an earlier notice stays.
    pub(crate) fn noticed(mut self, notice: Option<Notice>) -> Self {
        self.notice = self.notice.or(notice);
        self
    }

    pub(crate) fn has_pending_session(&self) -> bool {
        matches!(&self.finding, Finding::Session(session) if session.is_pending())
    }

    /// How the request stands.
    ///
    /// ```
    /// use frontdesk::Status;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// let request = http::Request::get("/").body(())?;
    /// let state = frontdesk.authenticate_request(&request).await?;
    /// assert_eq!(state.status(), Status::SignedOut);
    /// # Ok(())
    /// # }
    /// ```
    pub fn status(&self) -> Status {
        match self.finding {
            Finding::Session(_) | Finding::Machine(_) => Status::SignedIn,
            Finding::Refused { status, .. } => status,
        }
    }

    /// Why the request is not signed in; `None` if it is.
    ///
    /// ```
    /// use frontdesk::Reason;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// let request = http::Request::get("/").body(())?;
    /// let state = frontdesk.authenticate_request(&request).await?;
    /// assert_eq!(state.reason(), Some(&Reason::SessionTokenAndUatMissing));
    /// # Ok(())
    /// # }
    /// ```
    pub fn reason(&self) -> Option<&Reason> {
        self.refusal().map(SignedOut::reason)
    }

    /// Why the request is not signed in, with what helps to find out; `None` if it is.
    ///
    /// ```
    /// use frontdesk::RequestState;
    ///
    /// fn log(state: &RequestState) {
    ///     if let Some(explanation) = state.refusal().and_then(|why| why.explanation()) {
    ///         eprintln!("signed out: {explanation}");
    ///     }
    /// }
    /// ```
    pub fn refusal(&self) -> Option<&SignedOut> {
        match &self.finding {
            Finding::Session(_) | Finding::Machine(_) => None,
            Finding::Refused { why, .. } => Some(why),
        }
    }

    /// More about the reason, for people.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// let request = http::Request::get("/").header("authorization", "Bearer nonsense").body(())?;
    /// let state = frontdesk.authenticate_request(&request).await?;
    /// assert!(state.message().is_some_and(|message| message.contains("token-carrier=header")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What the response must carry. `Set-Cookie` may occur several times: append, do not replace.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// let request = http::Request::get("/").body(())?;
    /// let state = frontdesk.authenticate_request(&request).await?;
    /// assert_eq!(state.headers()["x-clerk-auth-status"], "signed-out");
    /// # Ok(())
    /// # }
    /// ```
    pub fn headers(&self) -> &HeaderMap {
        static NONE: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
        self.headers.as_deref().unwrap_or(&NONE)
    }

    /// What went wrong that no visitor can mend, if anything did: for logs.
    ///
    /// ```
    /// use frontdesk::RequestState;
    ///
    /// fn log(state: &RequestState) {
    ///     if let Some(notice) = state.notice() {
    ///         eprintln!("please look: {notice}");
    ///     }
    /// }
    /// ```
    pub fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    /// Where the visitor can sign in and come back from to this page, if they are opening a page without being signed
    /// in and [`Builder::sign_in_url`](crate::Builder::sign_in_url) is set. Somebody whose session still has tasks is
    /// sent to finish them. [`require`](Self::require) and the extractors redirect there.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let builder = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1");
    /// let frontdesk = builder.sign_in_url("/sign-in").build()?;
    /// let page = http::Request::get("https://app.example.com/me").header("accept", "text/html").body(())?;
    /// let state = frontdesk.authenticate_request(&page).await?;
    /// let door = state.sign_in_location().unwrap_or_default();
    /// assert!(door.starts_with("https://app.example.com/sign-in?redirect_url="));
    /// # Ok(())
    /// # }
    /// ```
    pub fn sign_in_location(&self) -> Option<&str> {
        self.doors.as_ref()?.sign_in.as_ref()?.to_str().ok()
    }

    /// Where the visitor can sign up and come back from to this page: what
    /// [`Builder::sign_up_url`](crate::Builder::sign_up_url) says, or else `create` below the sign-in page. It is there when
    /// [`sign_in_location`](Self::sign_in_location) is.
    ///
    /// ```
    /// use frontdesk::RequestState;
    ///
    /// fn door(state: &RequestState) -> &str {
    ///     state.sign_up_location().unwrap_or("/sign-up")
    /// }
    /// ```
    pub fn sign_up_location(&self) -> Option<&str> {
        self.doors.as_ref()?.sign_up.as_ref()?.to_str().ok()
    }

    /// Where the browser must go instead of getting a page: the handshake itself, or (development) the same page
    /// without the handshake in its URL.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// // Signed in somewhere, but not here.
    /// let page = http::Request::get("/").header("accept", "text/html").header("cookie", "__client_uat=1");
    /// let state = frontdesk.authenticate_request(&page.body(())?).await?;
    /// let location = state.location().unwrap_or_default();
    /// assert!(location.starts_with("https://auth.example.com/v1/client/handshake?"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn location(&self) -> Option<&str> {
        self.headers().get(LOCATION)?.to_str().ok()
    }

    /// Who is asking. A handshake counts as signed out, and so does a session that still has tasks to finish, unless
    /// [`Frontdesk::with_pending_sessions`](crate::Frontdesk::with_pending_sessions) was asked.
    ///
    /// ```
    /// use frontdesk::RequestState;
    ///
    /// fn name(state: &RequestState) -> String {
    ///     state.auth().user_id().map_or("nobody".to_owned(), ToString::to_string)
    /// }
    /// ```
    pub fn auth(&self) -> Auth {
        match &self.finding {
            Finding::Session(session) if session.is_pending() && !self.asked.pending_counts => {
                Auth::signed_out(Reason::SessionPending)
            }
            Finding::Session(session) => Auth::SignedIn(session.clone()),
            Finding::Machine(machine) => Auth::Machine(Machine::clone(machine)),
            Finding::Refused { kind: Some(TokenType::Session), why, .. } => Auth::SignedOut(why.clone()),
            Finding::Refused { kind: Some(kind), why, .. } => Auth::MachineSignedOut(*kind, why.clone()),
            Finding::Refused { kind: None, why, .. } => Auth::NotAccepted(why.clone()),
        }
    }

    /// Lets a session pass, or says how to answer: 401 to programs, a redirect to somebody opening a page if it is
    /// known where they can sign in ([`Builder::sign_in_url`](crate::Builder::sign_in_url)).
    ///
    /// ```
    /// use frontdesk::{Denied, RequestState};
    ///
    /// fn my_profile(state: &RequestState) -> Result<String, Denied> {
    ///     let session = state.signed_in_session()?;
    ///     Ok(format!("you are {}", session.user_id()))
    /// }
    /// ```
    ///
    /// # Errors
    /// No person is signed in.
    pub fn signed_in_session(&self) -> Result<Session, Denied> {
        let sign_in = self.doors.as_ref().and_then(|doors| doors.sign_in.as_ref());
        match (self.auth(), sign_in) {
            (Auth::SignedIn(session), _) => Ok(session),
            _ if self.location().is_some() => Err(Denied::redirect(self.headers().clone())),
            (_, Some(location)) => Err(Denied::redirect_to(location.clone())),
            (_, None) => Err(Denied::unauthorized(HeaderMap::new())),
        }
    }

    /// Lets a session pass that has what is required, or says how to answer: as
    /// [`signed_in_session`](Self::signed_in_session), and 403 to somebody who is signed in but not allowed.
    ///
    /// ```
    /// use frontdesk::{Denied, RequestState, Requirement};
    ///
    /// fn new_invoice(state: &RequestState) -> Result<String, Denied> {
    ///     let session = state.require(&Requirement::permission("org:invoices:create"))?;
    ///     Ok(format!("an invoice by {}", session.user_id()))
    /// }
    /// ```
    ///
    /// # Errors
    /// No person is signed in, or they may not.
    pub fn require(&self, requirement: &Requirement) -> Result<Session, Denied> {
        let session = self.signed_in_session()?;
        if session.has(requirement) {
            return Ok(session);
        }
        // Asking somebody to prove who they are helps only if nothing else is missing.
        Err(match requirement.reverification() {
            Some(wanted) if requirement.is_met_but_for_freshness(&session) => Denied::stale(wanted),
            _ => Denied::forbidden(),
        })
    }

    /// Lets a program with a verified token pass, or says how to answer: 401 with a challenge (RFC 6750) where there is
    /// none, 403 to a person with a session. Programs are never redirected.
    ///
    /// ```
    /// use frontdesk::TokenType;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// let request = http::Request::get("/").body(())?;
    /// let state = frontdesk.accepting(TokenType::ApiKey).authenticate_request(&request).await?;
    /// let denied = state.signed_in_machine().unwrap_err();
    /// assert_eq!(denied.headers()["www-authenticate"], "Bearer");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// No program with a verified token is asking.
    pub fn signed_in_machine(&self) -> Result<Machine, Denied> {
        match &self.finding {
            Finding::Machine(machine) => Ok(Machine::clone(machine)),
            Finding::Session(_) => Err(Denied::forbidden()),
            Finding::Refused { why, .. } => Err(Denied::no_machine(matches!(
                why.reason(),
                Reason::TokenInvalid | Reason::TokenVerificationFailed
            ))),
        }
    }

    /// Lets a program pass whose token may be used for this, or says how to answer: as
    /// [`signed_in_machine`](Self::signed_in_machine), and 403 that names the scope where the token lacks it.
    ///
    /// ```
    /// use frontdesk::{Denied, RequestState};
    ///
    /// fn read_orders(state: &RequestState) -> Result<String, Denied> {
    ///     let machine = state.require_scope("orders:read")?;
    ///     Ok(format!("the orders, for {}", machine.subject()))
    /// }
    /// ```
    ///
    /// # Errors
    /// No program with a verified token is asking, or not one with this scope.
    pub fn require_scope(&self, scope: &str) -> Result<Machine, Denied> {
        let machine = self.signed_in_machine()?;
        machine.require_scope(scope)?;
        Ok(machine)
    }

    /// Adds what this state demands to a response's headers. Cookies are added to those already there; other
    /// headers give way to what the handler set itself.
    ///
    /// ```
    /// use frontdesk::RequestState;
    ///
    /// fn answer(state: &RequestState, page: String) -> http::Response<String> {
    ///     let mut response = http::Response::new(page);
    ///     state.apply_to(response.headers_mut());
    ///     response
    /// }
    /// ```
    pub fn apply_to(&self, response: &mut HeaderMap) {
        for (name, value) in self.headers() {
            if name == SET_COOKIE || !response.contains_key(name) {
                response.append(name, value.clone());
            }
        }
    }
}

/// Says in the response why somebody is not signed in; it helps when debugging, and tells no secrets.
fn announced(mut headers: HeaderMap, status: Status, reason: &Reason, message: Option<&str>) -> HeaderMap {
    headers.insert(AUTH_STATUS, HeaderValue::from_static(status.as_str()));
    // A reason may quote a code of the server, a message a token's claim; what does not fit a header is left out. What
    // is too long is cut: a stranger's token could make a header that no proxy lets through.
    let said = [(AUTH_REASON, Some(reason.as_str())), (AUTH_MESSAGE, message)];
    for (name, text) in said {
        let short = text.map(|text| &text[..text.floor_char_boundary(LONGEST_WORDS)]);
        if let Some(value) = short.and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

/// A redirect that no browser may remember: tabs cache 307s eagerly and would run in circles.
pub(crate) fn set_location(headers: &mut HeaderMap, url: &url::Url) {
    // A parsed URL is printable ASCII, so it always fits.
    if let Some(value) = secret_value(url.as_str()) {
        headers.insert(LOCATION, value);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// A header that carries a token; debugging does not show it.
pub(crate) fn secret_value(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// What a resolved handshake says to scripts of other origins, as other SDKs do.
pub(crate) fn handshake_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("null"));
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers
}
