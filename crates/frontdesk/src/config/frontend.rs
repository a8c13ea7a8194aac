//! Where browsers find the Frontend API, and which pages belong to it.

use std::borrow::Cow;

use url::Url;

use crate::InstanceType;

/// Where browsers find the Frontend API.
#[derive(Debug)]
pub(crate) enum FrontendPlace {
    /// On an origin of its own.
    Fixed(Frontend),
    /// Below a path of the application's own origin, such as `/__clerk`.
    Path(String),
}

/// The Frontend API of an instance.
#[derive(Clone, Debug)]
pub(crate) struct Frontend {
    /// Its URL, ending in `/`.
    base: Url,
    /// The host that pages of the Frontend API itself come from.
    host: String,
    /// Where the account pages of the instance live, if that follows from the key.
    accounts_origin: Option<String>,
}

impl FrontendPlace {
    /// The Frontend API of an application at this URL.
    pub(crate) fn seen_from(&self, page: &Url) -> Cow<'_, Frontend> {
        match self {
            Self::Fixed(frontend) => Cow::Borrowed(frontend),
            Self::Path(path) => {
                let mut base = page.clone();
                base.set_path(path);
                // A web URL can always be without them, so there is nothing to hear.
                let _ = (base.set_username(""), base.set_password(None));
                Cow::Owned(Frontend::behind_proxy(base))
            }
        }
    }
}

impl Frontend {
    /// At this host, `None` if it is none.
    pub(crate) fn at(host: &str) -> Option<Self> {
        Some(Self {
            base: Url::parse(&format!("https://{host}/")).ok()?,
            // With its port, which no host of a page has: other SDKs compare them like this, too.
            host: host.to_owned(),
            accounts_origin: accounts_origin(host),
        })
    }

    /// At this URL.
    pub(crate) fn behind_proxy(mut base: Url) -> Self {
        base.set_query(None);
        base.set_fragment(None);
        let path = format!("{}/", base.path().trim_end_matches('/'));
        base.set_path(&path);
        let host = base.host_str().unwrap_or_default().to_owned();
        Self { base, host, accounts_origin: None }
    }

    /// The URL of something that it offers.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path()));
        url
    }

    /// Whether a page of the instance itself linked here: its Frontend API, or its account pages.
    pub(crate) fn is_known(&self, referer: &Url, instance_type: InstanceType) -> bool {
        let host = referer.host_str().unwrap_or_default();
        host == self.host
            || (instance_type == InstanceType::Development && is_development_account_portal(host))
            || self.accounts_origin.as_ref() == Some(&referer.origin().ascii_serialization())
    }
}

/// `clerk.example.com` has its account pages at `https://accounts.example.com`; another name has them itself.
fn accounts_origin(host: &str) -> Option<String> {
    let host = host.replacen("clerk.accountsstage.", "accountsstage.", 1);
    let host = match host.split_once("clerk.") {
        Some((before, after)) => {
            format!("{before}accounts.{}", after.strip_prefix("accounts.").unwrap_or(after))
        }
        None => host,
    };
    Some(Url::parse(&format!("https://{host}")).ok()?.origin().ascii_serialization())
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
