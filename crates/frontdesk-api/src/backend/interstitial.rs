//! The page that applications on the 4.x line of the SDKs show while nobody knows who is signed in (wire protocol
//! §1.7).

use crate::operations;
use crate::request::request;

operations! { Backend;
    /// A page that loads clerk-js, and then what was asked for. HTML, and no secret key is wanted.
    GetPublicInterstitial = GET "/v1/public/interstitial" { ; query: InterstitialQuery } -> String;
}

request! {
    /// What the page is for (contract `GetPublicInterstitial`; `clerk_js_version` and `is_satellite` are what the SDK
    /// sends beyond it).
    pub struct InterstitialQuery {
        /// The publishable key of the instance.
        pub publishable_key: Option<String>,
        /// The key host of the instance, where no publishable key is given.
        pub frontend_api: Option<String>,
        /// The same under its older name.
        #[serde(rename = "frontendApi")]
        pub frontend_api_camel: Option<String>,
        /// Where the application's proxy stands: a URL, or a path of the application.
        pub proxy_url: Option<String>,
        /// The domain of a satellite application.
        pub domain: Option<String>,
        /// Whether the application is a satellite.
        pub is_satellite: Option<bool>,
        /// The application's sign-in page: a URL, or a path of the application.
        pub sign_in_url: Option<String>,
        /// Whether clerk-js is loaded from the satellite's domain.
        pub use_domain_for_script: Option<bool>,
        /// The version of clerk-js.
        pub clerk_js_version: Option<String>,
    }
}
