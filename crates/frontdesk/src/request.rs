//! What a request says about itself, read once and only as far as needed.

pub(crate) mod cookies;
pub(crate) mod glimpse;
pub(crate) mod number;
pub(crate) mod public_url;
pub(crate) mod snapshot;
pub(crate) mod view;

use std::borrow::Cow;

use frontdesk_types::Timestamp;
use url::Url;

use self::cookies::{Cookies, Spelling};
use self::glimpse::Glimpse;
use self::public_url::{public_url, query_value};
use self::snapshot::Snapshot;
use crate::InstanceType;
use crate::authenticate::organization_sync::Target;
use crate::config::frontend::Frontend;
use crate::config::{Browsers, Config};

pub(crate) const DEV_BROWSER: &str = "__clerk_db_jwt";
pub(crate) const HANDSHAKE: &str = "__clerk_handshake";
pub(crate) const HANDSHAKE_NONCE: &str = "__clerk_handshake_nonce";
pub(crate) const SYNCED: &str = "__clerk_synced";
pub(crate) const REDIRECT_URL: &str = "__clerk_redirect_url";

/// Everything that the decision table asks of a request without a token in its header, and of one whose header token
/// needs a second look (wire contract §4.1).
#[derive(Debug)]
pub(crate) struct Facts<'r> {
    pub(crate) request: &'r Snapshot<'r>,
    pub(crate) browsers: &'r Browsers,
    /// The URL as the browser knows it.
    pub(crate) url: Url,
    pub(crate) spelling: Spelling,
    pub(crate) cookies: Cookies<'r>,
}

impl<'r> Facts<'r> {
    /// `None` if the request has no URL that can be read, or nothing is known of browsers.
    pub(crate) fn read(request: &'r Snapshot<'r>, config: &'r Config, now: Timestamp) -> Option<Self> {
        let browsers = config.browsers.as_ref()?;
        let cookies = Cookies::read(&request.cookies, browsers.key.cookie_suffix());
        Some(Self {
            url: public_url(request)?,
            spelling: cookies.spelling(browsers.key.instance_type(), now, |_, token| {
                Glimpse::of(token, &browsers.frontend_api)
            }),
            cookies,
            request,
            browsers,
        })
    }

    pub(crate) fn in_development(&self) -> bool {
        self.browsers.key.instance_type() == InstanceType::Development
    }

    pub(crate) fn is_satellite(&self) -> bool {
        self.browsers.satellite.is_some()
    }

    pub(crate) fn session_cookie(&self) -> Option<&str> {
        self.cookies.session(self.spelling)
    }

    pub(crate) fn session_cookie_name(&self) -> String {
        match self.spelling {
            Spelling::Plain => "__session".to_owned(),
            Spelling::Suffixed => format!("__session_{}", self.browsers.key.cookie_suffix()),
        }
    }

    /// The token that stands for the session: the cookie's, even where the header has another.
    pub(crate) fn session_token(&self) -> Option<&str> {
        self.session_cookie().or(self.request.header_token())
    }

    pub(crate) fn client_uat(&self) -> Option<i64> {
        self.cookies.client_uat(self.spelling)
    }

    pub(crate) fn dev_browser(&self) -> Option<Cow<'_, str>> {
        self.query_or(DEV_BROWSER, self.cookies.dev_browser(self.spelling))
    }

    pub(crate) fn handshake_token(&self) -> Option<Cow<'_, str>> {
        self.query_or(HANDSHAKE, self.cookies.handshake())
    }

    pub(crate) fn handshake_nonce(&self) -> Option<Cow<'_, str>> {
        self.query_or(HANDSHAKE_NONCE, self.cookies.handshake_nonce())
    }

    fn query_or<'f>(&'f self, name: &str, cookie: Option<&'f str>) -> Option<Cow<'f, str>> {
        query_value(&self.url, name).map(Cow::Owned).or_else(|| cookie.map(Cow::Borrowed))
    }

    pub(crate) fn is_get(&self) -> bool {
        self.request.method == "GET"
    }

    /// Whether a browser says that somebody navigates to this page in a tab of its own.
    pub(crate) fn is_document(&self) -> bool {
        self.is_get() && self.request.sec_fetch_dest == Some("document")
    }

    /// Whether this looks like somebody opening a page. Only those can be sent on a detour: a script's request
    /// would follow the redirect in vain, and a form would lose its body.
    pub(crate) fn may_handshake(&self) -> bool {
        self.request.opens_a_page()
    }

    /// Whether the visitor followed a link from a site that is not ours: the session may have changed there.
    pub(crate) fn comes_from_elsewhere(&self) -> bool {
        self.is_document()
            && self.request.referer.and_then(|referer| Url::parse(referer).ok()).is_some_and(|referer| {
                referer.origin().ascii_serialization() != self.url.origin().ascii_serialization()
                    && !self.frontend().is_known(&referer, self.browsers.key.instance_type())
            })
    }

    pub(crate) fn frontend(&self) -> Cow<'r, Frontend> {
        self.browsers.frontend.seen_from(&self.url)
    }

    /// What should be active according to the URL.
    pub(crate) fn organization_target(&self) -> Option<Target> {
        self.browsers.organization_sync.target(self.url.path())
    }
}
