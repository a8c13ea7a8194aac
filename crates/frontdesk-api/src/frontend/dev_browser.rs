//! Development browsers: what names a client where cookies cannot travel (wire protocol §4.9).

use serde::{Deserialize, Serialize};

use crate::operations;

operations! { Frontend;
    /// Make a development browser. Bare, and for development instances only.
    CreateDevBrowser as "createDevBrowser" = POST "/v1/dev_browser" {} -> DevBrowser;
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
