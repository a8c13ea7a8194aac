//! A new session token for an expired one, without the browser (wire contract §4.8).

use std::fmt;

use frontdesk_api::backend::session_refresh::{self as api, Refresh, RefreshQuery, Refreshed};
use frontdesk_api::backend::sessions::SessionPath;
use frontdesk_types::SessionId;
use serde_json::Value;

use crate::error::Unreadable;
use crate::{Client, Error, Operation};

/// What a browser brought along, from which the server makes a new session token: [`Client::refresh_session`].
#[derive(Clone)]
#[must_use]
pub struct RefreshSession {
    query: RefreshQuery,
    body: Refresh,
}

impl RefreshSession {
    /// From the expired session token, the refresh token (the cookie `__refresh_…`) and the application's origin
    /// (`https://shop.example.com`).
    ///
    /// ```
    /// use frontdesk_client::RefreshSession;
    ///
    /// let refresh = RefreshSession::new("eyJ…", "the refresh token", "https://shop.example.com")
    ///     .suffixed_cookies(true)
    ///     .request_header("user-agent", "Mozilla/5.0");
    /// assert!(!format!("{refresh:?}").contains("eyJ"));
    /// ```
    pub fn new(
        expired_token: impl Into<String>,
        refresh_token: impl Into<String>,
        request_origin: impl Into<String>,
    ) -> Self {
        let body = Refresh::for_cookies(expired_token, refresh_token, request_origin);
        Self { query: RefreshQuery::default(), body }
    }

    /// Whether the cookies are named with the suffix of the instance; they are not unless said otherwise.
    ///
    /// ```
    /// # use frontdesk_client::RefreshSession;
    /// let refresh = RefreshSession::new("eyJ…", "the refresh token", "https://shop.example.com").suffixed_cookies(true);
    /// ```
    pub fn suffixed_cookies(mut self, suffixed: bool) -> Self {
        self.query.suffixed_cookies = suffixed;
        self
    }

    /// A header of the browser's request. One name may have several values.
    ///
    /// ```
    /// # use frontdesk_client::RefreshSession;
    /// let refresh = RefreshSession::new("eyJ…", "the refresh token", "https://shop.example.com")
    ///     .request_header("user-agent", "Mozilla/5.0");
    /// ```
    pub fn request_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let values = self.body.request_headers.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values {
            values.push(Value::String(value.into()));
        }
        self
    }

    /// Where the browser's request came from.
    ///
    /// ```
    /// # use frontdesk_client::RefreshSession;
    /// let refresh = RefreshSession::new("eyJ…", "the refresh token", "https://shop.example.com")
    ///     .request_originating_ip("192.0.2.1");
    /// ```
    pub fn request_originating_ip(mut self, address: impl Into<String>) -> Self {
        self.body.request_originating_ip = Some(address.into());
        self
    }
}

impl fmt::Debug for RefreshSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RefreshSession")
            .field("request_origin", &self.body.request_origin)
            .field("suffixed_cookies", &self.query.suffixed_cookies)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Asks for a new session token in place of an expired one, and gives the values of `Set-Cookie` that carry it.
    /// They hold tokens. The SDK asks for them, an application need not.
    ///
    /// ```no_run
    /// # use frontdesk_client::{Client, RefreshSession, SessionId};
    /// # async fn example(client: Client, id: SessionId) -> Result<(), frontdesk_client::Error> {
    /// let refresh = RefreshSession::new("eyJ…", "the refresh token", "https://shop.example.com");
    /// let cookies: Vec<String> = client.refresh_session(&id, refresh).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A refusal with status 401 if the refresh token opens nothing; [`Error::code`] tells why.
    pub async fn refresh_session(
        &self,
        session_id: &SessionId,
        refresh: RefreshSession,
    ) -> Result<Vec<String>, Error> {
        let path = SessionPath { session_id: session_id.clone() };
        match self.send(api::RefreshSession, path, refresh.query, refresh.body).await? {
            Refreshed::Cookies(answer) => Ok(answer.cookies),
            _ => Err(Error::unreadable(
                api::RefreshSession::ID,
                Unreadable { path: "cookies".to_owned(), line: 1, column: 1 },
            )),
        }
    }
}
