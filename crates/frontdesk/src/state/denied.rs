//! The answer to somebody who may not.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::Reverification;

/// A request that may not go on, and how to answer it: 401 to a program, a redirect to somebody opening a page, 403 to
/// somebody who is signed in but not allowed.
///
/// Every framework's feature turns it into a response of its own; [`into_response`](Self::into_response) does for
/// whatever is built on `http`.
///
/// ```
/// use frontdesk::{Denied, RequestState};
///
/// fn my_profile(state: &RequestState) -> Result<String, Denied> {
///     let session = state.signed_in_session()?;
///     Ok(format!("you are {}", session.user_id()))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Denied {
    kind: Kind,
    /// Behind a pointer: a refusal is to be no larger than what it refuses.
    headers: Box<HeaderMap>,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// Nobody is signed in.
    Unauthorized,
    /// A page is being opened, and its visitor is sent where they can sign in, or where it can be told who they are.
    Redirect,
    Forbidden,
    Stale(Reverification),
}

impl Denied {
    pub(crate) fn unauthorized(headers: HeaderMap) -> Self {
        Self { kind: Kind::Unauthorized, headers: Box::new(headers) }
    }

    /// `headers` has a `Location`.
    pub(crate) fn redirect(headers: HeaderMap) -> Self {
        Self { kind: Kind::Redirect, headers: Box::new(headers) }
    }

    pub(crate) fn redirect_to(location: HeaderValue) -> Self {
        let no_store = HeaderValue::from_static("no-store");
        Self::redirect(HeaderMap::from_iter([(LOCATION, location), (CACHE_CONTROL, no_store)]))
    }

    pub(crate) fn forbidden() -> Self {
        Self { kind: Kind::Forbidden, headers: Box::default() }
    }

    /// Only a program's token opens this, and none was shown, or a bad one (RFC 6750 §3).
    pub(crate) fn no_machine(token_was_bad: bool) -> Self {
        let challenge = if token_was_bad { r#"Bearer error="invalid_token""# } else { "Bearer" };
        Self::unauthorized(HeaderMap::from_iter([(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))]))
    }

    /// The token is good, but not for this (RFC 6750 §3.1).
    pub(crate) fn insufficient_scope(scope: &str) -> Self {
        let spellable = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        let mut challenge = r#"Bearer error="insufficient_scope""#.to_owned();
        if scope.bytes().all(spellable) {
            challenge = format!(r#"{challenge}, scope="{scope}""#);
        }
        let headers = HeaderValue::try_from(challenge).map(|challenge| (WWW_AUTHENTICATE, challenge));
        Self { kind: Kind::Forbidden, headers: Box::new(headers.into_iter().collect()) }
    }

    pub(crate) fn stale(wanted: Reverification) -> Self {
        Self { kind: Kind::Stale(wanted), headers: Box::default() }
    }

    /// With the cookies that a refusal brings along, such as those of a handshake that has just been spent.
    pub(crate) fn carrying(mut self, headers: &HeaderMap) -> Self {
        if !self.headers.contains_key(SET_COOKIE) {
            for cookie in headers.get_all(SET_COOKIE) {
                self.headers.append(SET_COOKIE, cookie.clone());
            }
        }
        self
    }

    /// 401 where nobody is signed in, 307 where a page's visitor is sent on, 403 where somebody is not allowed.
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// let request = http::Request::get("/").body(())?;
    /// let denied = frontdesk.require(&request, &Requirement::role("org:admin")).await.unwrap_err();
    /// assert_eq!(denied.status(), 401);
    /// # Ok(())
    /// # }
    /// ```
    pub fn status(&self) -> StatusCode {
        match self.kind {
            Kind::Unauthorized => StatusCode::UNAUTHORIZED,
            Kind::Redirect => StatusCode::TEMPORARY_REDIRECT,
            Kind::Forbidden | Kind::Stale(_) => StatusCode::FORBIDDEN,
        }
    }

    /// Where somebody opening a page is sent.
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let builder = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1");
    /// let frontdesk = builder.sign_in_url("/sign-in").build()?;
    /// let page = http::Request::get("https://app.example.com/me").header("accept", "text/html").body(())?;
    /// let denied = frontdesk.require(&page, &Requirement::role("org:admin")).await.unwrap_err();
    /// assert!(denied.location().is_some_and(|door| door.starts_with("https://app.example.com/sign-in?")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION)?.to_str().ok()
    }

    /// The verification that is not fresh enough, if that is all that is missing.
    ///
    /// ```
    /// use frontdesk::Denied;
    ///
    /// fn advice(denied: &Denied) -> &'static str {
    ///     match denied.reverification() {
    ///         Some(_) => "please prove once more who you are",
    ///         None => "you may not do this",
    ///     }
    /// }
    /// ```
    pub fn reverification(&self) -> Option<Reverification> {
        match self.kind {
            Kind::Stale(wanted) => Some(wanted),
            _ => None,
        }
    }

    /// What the response must carry besides its content type. `Set-Cookie` may occur several times.
    ///
    /// ```
    /// use frontdesk::Denied;
    ///
    /// fn challenge(denied: &Denied) -> Option<&str> {
    ///     denied.headers().get("www-authenticate")?.to_str().ok()
    /// }
    /// ```
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body, JSON; empty for a redirect. Where a factor must be verified anew it is the object that the browser's
    /// SDK looks for (wire contract §5.2).
    ///
    /// ```
    /// use frontdesk::Requirement;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_live_YXV0aC5leGFtcGxlLmNvbSQ");
    /// # let frontdesk = builder.secret_key("sk_live_not_a_real_one").api_url("http://127.0.0.1:1").build()?;
    /// let request = http::Request::get("/").body(())?;
    /// let denied = frontdesk.require(&request, &Requirement::role("org:admin")).await.unwrap_err();
    /// assert_eq!(denied.body(), r#"{"error":"unauthorized"}"#);
    /// # Ok(())
    /// # }
    /// ```
    pub fn body(&self) -> String {
        match &self.kind {
            Kind::Unauthorized => r#"{"error":"unauthorized"}"#.to_owned(),
            Kind::Redirect => String::new(),
            Kind::Forbidden => r#"{"error":"forbidden"}"#.to_owned(),
            Kind::Stale(wanted) => json!({
                "clerk_error": {
                    "type": "forbidden",
                    "reason": "reverification-error",
                    "metadata": { "reverification": wanted },
                }
            })
            .to_string(),
        }
    }

    /// The whole response.
    ///
    /// ```no_run
    /// use frontdesk::Requirement;
    ///
    /// async fn delete_all(request: http::Request<()>) -> http::Response<String> {
    ///     let session = match frontdesk::require(&request, &Requirement::role("admin")).await {
    ///         Ok(session) => session,
    ///         Err(denied) => return denied.into_response(),
    ///     };
    ///     http::Response::new(format!("as you wish, {}", session.user_id()))
    /// }
    /// ```
    pub fn into_response<B: From<String>>(self) -> Response<B> {
        let mut response = Response::new(B::from(self.body()));
        *response.status_mut() = self.status();
        *response.headers_mut() = *self.headers;
        if self.kind != Kind::Redirect {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        response
    }
}

impl std::fmt::Display for Denied {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self.kind {
            Kind::Unauthorized | Kind::Redirect => "nobody is signed in",
            Kind::Forbidden => "the session is not allowed to do this",
            Kind::Stale(_) => "the session's factors must be verified anew",
        })
    }
}

impl std::error::Error for Denied {}
