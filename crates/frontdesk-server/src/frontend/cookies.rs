//! Cookies that the Frontend API reads and sets (wire protocol §2.2).

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use frontdesk_types::{ClientId, Span};
use http::{HeaderMap, header};
use url::{Host, Url};

use super::origins;
use crate::LoadedInstance;

/// Holds the client token. The application never sees it.
pub(crate) const CLIENT: &str = "__client";
/// Says which client the browser was given, with the instance's suffix behind it. Browsers take a cookie of this name over
/// `https` alone, and from no other host: so a `__client` that a neighbouring host has planted stands without it, and
/// counts for nothing. It needs no secret, since nobody else can set it.
const HOLDER: &str = "__Host-client";
/// When authentication on the client last changed, in seconds; `0` while nobody is signed in.
pub(crate) const CLIENT_UAT: &str = "__client_uat";
/// Names a development browser.
pub(crate) const DEV_BROWSER: &str = "__clerk_db_jwt";

/// Browsers keep no cookie longer than this.
const LONGEST: Span = Span::days(400);

/// Where a request came in, as far as cookies depend on it.
#[derive(Clone, Debug)]
pub(crate) struct CookieScope {
    /// Whether the browser speaks `https`, to us or to the proxy before us.
    pub(crate) is_https: bool,
    /// `/`, or the path that names the instance.
    pub(crate) path: String,
}

impl CookieScope {
    /// The cookie that holds a client token.
    pub(crate) fn client(&self, token: String) -> Cookie<'static> {
        self.host_only(CLIENT, token).http_only(true).max_age(seconds(LONGEST)).build()
    }

    /// The cookie that takes the client token away.
    pub(crate) fn no_client(&self) -> Cookie<'static> {
        self.host_only(CLIENT, String::new()).http_only(true).max_age(Duration::ZERO).build()
    }

    /// The cookie that says which client the browser was given, where one is used.
    pub(crate) fn holder(&self, instance: &LoadedInstance, client_id: &ClientId) -> Option<Cookie<'static>> {
        self.holder_cookie(instance, client_id.as_str().to_owned(), seconds(LONGEST))
    }

    /// The cookie that takes that away.
    pub(crate) fn no_holder(&self, instance: &LoadedInstance) -> Option<Cookie<'static>> {
        self.holder_cookie(instance, String::new(), Duration::ZERO)
    }

    fn holder_cookie(
        &self,
        instance: &LoadedInstance,
        value: String,
        max_age: Duration,
    ) -> Option<Cookie<'static>> {
        let cookie = self.host_only(holder_name(instance), value).http_only(true).max_age(max_age);
        // The prefix wants the path of the whole host.
        self.is_https.then(|| cookie.path("/").build())
    }

    /// The cookie that a browser on its way from a satellite to the primary domain is known by when it comes back.
    pub(crate) fn sync_nonce(&self, nonce: String, lifetime: Span) -> Cookie<'static> {
        let name = self.sync_nonce_name();
        self.host_only(name, nonce).path("/").http_only(true).max_age(seconds(lifetime)).build()
    }

    /// Its name. Over `https` browsers take cookies of such a name from this host alone: no other host plants one.
    pub(crate) const fn sync_nonce_name(&self) -> &'static str {
        if self.is_https { "__Host-frontdesk_sync" } else { "frontdesk_sync" }
    }

    /// The cookie that names a development browser, under this name. Scripts read it, so it is not `HttpOnly`.
    pub(crate) fn dev_browser(&self, name: String, token: String) -> Cookie<'static> {
        self.host_only(name, token).max_age(Duration::days(365)).build()
    }

    /// `__client_uat` under this name. Read by the application's server and its pages, so on the application's domain
    /// where the Frontend API lives there too.
    pub(crate) fn client_uat(&self, name: String, seconds_at: i64, domain: Option<&str>) -> Cookie<'static> {
        let mut cookie = self.host_only(name, seconds_at.to_string()).max_age(Duration::days(365)).build();
        if let Some(domain) = domain {
            cookie.set_domain(domain.to_owned());
            cookie.set_path("/");
        }
        cookie
    }

    fn host_only(&self, name: impl Into<String>, value: String) -> cookie::CookieBuilder<'static> {
        Cookie::build((name.into(), value))
            .path(self.path.clone())
            .same_site(SameSite::Lax)
            .secure(self.is_https)
    }
}

/// The name of the cookie that says which client a browser was given. Instances may share a host.
pub(crate) fn holder_name(instance: &LoadedInstance) -> String {
    format!("{HOLDER}_{}", instance.cookie_suffix)
}

/// The domain that application and Frontend API share, if the request came to a host of that domain from one of its pages
/// (or from no page). Behind a proxy both are one host, and cookies need no domain.
pub(crate) fn shared_domain<'d>(domain: &'d str, host: &str, origin: Option<&str>) -> Option<&'d str> {
    let host = host.split(':').next().unwrap_or_default();
    let is_name = matches!(Host::parse(domain), Ok(Host::Domain(_))) && domain.contains('.');
    let page_is_within = match origin {
        None => true,
        Some(origin) => Url::parse(origin)
            .is_ok_and(|url| url.host_str().is_some_and(|host| origins::is_within(host, domain))),
    };
    (is_name && host != domain && origins::is_within(host, domain) && page_is_within).then_some(domain)
}

/// The values of the cookies with this name, in the order in which the browser sent them.
pub(crate) fn values<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(move |(key, value)| (key == name && !value.is_empty()).then_some(value))
}

fn seconds(span: Span) -> Duration {
    Duration::seconds(span.as_secs())
}
