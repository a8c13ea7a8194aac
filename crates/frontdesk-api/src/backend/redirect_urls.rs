//! Redirect URLs: where people may be sent when a sign-in is over.

use frontdesk_types::{RedirectUrlId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::request::request;
use crate::{Deleted, PageQuery, Paginated, operations};

operations! { Backend;
    /// The listed URLs, newest first.
    ListRedirectUrls as "ListRedirectURLs" = GET "/v1/redirect_urls" { ; query: PageQuery } -> Paginated<RedirectUrl>;
    /// List a URL.
    CreateRedirectUrl as "CreateRedirectURL" = POST "/v1/redirect_urls" { ; body: NewRedirectUrl } -> RedirectUrl;
    /// One listed URL, by id.
    GetRedirectUrl as "GetRedirectURL" = GET "/v1/redirect_urls/{id}" { path: RedirectUrlPath } -> RedirectUrl;
    /// Take a URL off the list.
    DeleteRedirectUrl as "DeleteRedirectURL" = DELETE "/v1/redirect_urls/{id}" { path: RedirectUrlPath } -> Deleted;
}

/// Which URL.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RedirectUrlPath {
    /// Its id.
    pub id: RedirectUrlId,
}

/// A listed URL (contract schema `RedirectURL`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct RedirectUrl {
    /// Always `redirect_url`.
    pub object: String,
    /// Its id.
    pub id: RedirectUrlId,
    /// The URL: of a page, or of a mobile application (`com.example.shop://callback`).
    pub url: String,
    /// When it was listed, in ms.
    pub created_at: Timestamp,
    /// When it was last changed, in ms.
    pub updated_at: Timestamp,
}

request! {
    /// A URL to be listed (contract `CreateRedirectURL`).
    pub struct NewRedirectUrl {
        /// The URL. Wanted.
        pub url: Option<String>,
    }
}

impl NewRedirectUrl {
    /// This URL.
    pub fn of(url: impl Into<String>) -> Self {
        Self::default().url(url)
    }
}
