//! Development browsers: what names a client where cookies cannot travel (wire protocol §4.9).

use serde::{Deserialize, Serialize};

use crate::operations;

operations! { Frontend;
    /// Make a development browser. Bare, and for development instances only.
    CreateDevBrowser as "createDevBrowser" = POST "/v1/dev_browser" {} -> DevBrowser;
    /// The development browser that the caller is, made if it is none. Bare.
    InitDevBrowser as "getDevBrowserInit" = GET "/v1/dev_browser/init" { ; query: DevBrowserQuery } -> DevBrowser;
    /// Have this host remember the development browser that the caller names, in a cookie. Bare.
    KeepDevBrowser as "postDevBrowserInitSetCookie" = POST "/v1/dev_browser/set_first_party_cookie" {} -> DevBrowser;
}

/// A development browser.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevBrowser {
    /// Always `dev_browser`.
    pub object: String,
    /// Its token, as current browsers read it.
    pub id: String,
    /// Its token, as older ones do.
    pub token: String,
}

impl std::fmt::Debug for DevBrowser {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DevBrowser(…)")
    }
}

/// Who asks (contract `getDevBrowserInit`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DevBrowserQuery {
    /// The origin of the page that asks; one of the instance's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}
