//! The page that applications on the 4.x line of the SDKs show while nobody knows who is signed in (wire protocol
//! §1.7).

use serde::{Deserialize, Serialize};

use crate::operations;

operations! { Backend;
    /// A page that loads clerk-js, and then what was asked for. HTML, and no secret key is wanted.
    GetPublicInterstitial = GET "/v1/public/interstitial" { ; query: InterstitialQuery } -> String;
}

/// What the page is for (contract `GetPublicInterstitial`; `clerk_js_version` and `is_satellite` are what the SDK
/// sends beyond it).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InterstitialQuery {
    /// The publishable key of the instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publishable_key: Option<String>,
    /// The key host of the instance, where no publishable key is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontend_api: Option<String>,
    /// The same under its older name.
    #[serde(rename = "frontendApi", skip_serializing_if = "Option::is_none")]
    pub frontend_api_camel: Option<String>,
    /// Where the application's proxy stands: a URL, or a path of the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_url: Option<String>,
    /// The domain of a satellite application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Whether the application is a satellite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_satellite: Option<bool>,
    /// The application's sign-in page: a URL, or a path of the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in_url: Option<String>,
    /// Whether clerk-js is loaded from the satellite's domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_domain_for_script: Option<bool>,
    /// The version of clerk-js.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clerk_js_version: Option<String>,
}
