//! What a request says about itself, read once and only as far as needed.

use std::borrow::Cow;

use frontdesk_types::Timestamp;
use url::Url;

use crate::InstanceType;
use crate::config::{Config, Proxy};
use crate::cookies::{Cookies, Spelling};
use crate::public_url::{public_url, query_value};
use crate::snapshot::Snapshot;

pub(crate) const DEV_BROWSER: &str = "__clerk_db_jwt";
pub(crate) const HANDSHAKE: &str = "__clerk_handshake";
pub(crate) const HANDSHAKE_NONCE: &str = "__clerk_handshake_nonce";

/// Everything the decision table asks of a request without a token in its header, and of one whose header token
/// needs a second look (wire contract §4.1).
#[derive(Debug)]
pub(crate) struct Facts<'r> {
    pub(crate) method: &'r str,
    /// The URL as the browser knows it.
    pub(crate) url: Url,
    pub(crate) spelling: Spelling,
    pub(crate) cookies: Cookies<'r>,
    pub(crate) header_token: Option<&'r str>,
    pub(crate) frontend: Frontend,
    sec_fetch_dest: Option<&'r str>,
    accept: Option<&'r str>,
    referer: Option<&'r str>,
    instance_type: InstanceType,
}

/// Where the browser finds the Frontend API.
#[derive(Debug)]
pub(crate) struct Frontend {
    /// Its URL, ending in `/`.
    pub(crate) base: Url,
    /// The host that pages of the Frontend API itself come from.
    host: String,
    /// Where the account pages of the instance live, if that follows from the key.
    accounts_origin: Option<String>,
}

impl<'r> Facts<'r> {
    /// `None` if the request has no URL that can be read.
    pub(crate) fn read(request: &Snapshot<'r>, config: &Config, now: Timestamp) -> Option<Self> {
        let url = public_url(request)?;
        let cookies = Cookies::read(&request.cookies, config.publishable_key.cookie_suffix());
        Some(Self {
            method: request.method,
            spelling: cookies.spelling(&config.publishable_key, now),
            cookies,
            header_token: request.header_token(),
            frontend: Frontend::of(config, &url)?,
            sec_fetch_dest: request.sec_fetch_dest,
            accept: request.accept,
            referer: request.referer,
            instance_type: config.publishable_key.instance_type(),
            url,
        })
    }

    pub(crate) fn in_development(&self) -> bool {
        self.instance_type == InstanceType::Development
    }

    pub(crate) fn session_cookie(&self) -> Option<&str> {
        self.cookies.session(self.spelling)
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

    /// Whether this looks like somebody opening a page. Only those can be sent on a detour: a script's request
    /// would follow the redirect in vain, and a form would lose its body.
    pub(crate) fn may_handshake(&self) -> bool {
        self.method == "GET"
            && match self.sec_fetch_dest {
                Some(destination) => matches!(destination, "document" | "iframe"),
                None => self.accept.is_some_and(|accept| accept.starts_with("text/html")),
            }
    }

    /// Whether the visitor followed a link from a site that is not ours: the session may have changed there.
    pub(crate) fn comes_from_elsewhere(&self) -> bool {
        self.method == "GET"
            && self.sec_fetch_dest == Some("document")
            && self.referer.and_then(|referer| Url::parse(referer).ok()).is_some_and(|referer| {
                referer.origin().ascii_serialization() != self.url.origin().ascii_serialization()
                    && !self.frontend.is_known(&referer, self.instance_type)
            })
    }
}

impl Frontend {
    fn of(config: &Config, page: &Url) -> Option<Self> {
        let key_host = config.publishable_key.frontend_api();
        let Some(proxy) = &config.proxy else {
            return Some(Self {
                base: Url::parse(&format!("https://{key_host}/")).ok()?,
                host: key_host.to_owned(),
                accounts_origin: accounts_origin(key_host),
            });
        };
        let mut base = match proxy {
            Proxy::Absolute(url) => url.clone(),
            Proxy::Path(path) => page.join(path).ok()?,
        };
        base.set_query(None);
        base.set_fragment(None);
        let path = format!("{}/", base.path().trim_end_matches('/'));
        base.set_path(&path);
        let host = base.host_str().unwrap_or_default().to_owned();
        Some(Self { base, host, accounts_origin: None })
    }

    /// Whether a page of the instance itself linked here: its Frontend API, or its account pages.
    fn is_known(&self, referer: &Url, instance_type: InstanceType) -> bool {
        let host = referer.host_str().unwrap_or_default();
        host == self.host
            || (instance_type == InstanceType::Development && is_development_account_portal(host))
            || self.accounts_origin.as_ref() == Some(&referer.origin().ascii_serialization())
    }
}

/// `clerk.example.com` has its account pages at `https://accounts.example.com`.
fn accounts_origin(key_host: &str) -> Option<String> {
    let start = key_host.find("clerk.")?;
    let tail = &key_host[start + "clerk.".len()..];
    let tail = tail.strip_prefix("accounts.").unwrap_or(tail);
    let url = Url::parse(&format!("https://{}accounts.{tail}", &key_host[..start])).ok()?;
    Some(url.origin().ascii_serialization())
}

/// Hosted account pages of development instances (wire contract §1.2). Anybody can have one, so production does not
/// trust them.
fn is_development_account_portal(host: &str) -> bool {
    const LEGACY: [&str; 3] = [".lcl.dev", ".lclstage.dev", ".lclclerk.com"];
    const CURRENT: [(&str, &str); 3] = [
        (".accounts.dev", ".clerk.accounts.dev"),
        (".accountsstage.dev", ".clerk.accountsstage.dev"),
        (".accounts.lclclerk.com", ".clerk.accounts.lclclerk.com"),
    ];
    (host.starts_with("accounts.") && LEGACY.iter().any(|suffix| host.ends_with(suffix)))
        || CURRENT.iter().any(|(portal, frontend)| host.ends_with(portal) && !host.ends_with(frontend))
}
