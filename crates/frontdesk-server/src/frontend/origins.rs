//! Which pages belong to an instance (decision 16). One list for CORS, redirects and the handshake: the instance's pages
//! may call and be redirected to; its redirect URLs may be redirected to.

use std::net::Ipv4Addr;

use frontdesk_core::domain::Domain;
use frontdesk_core::instance::Instance;
use url::{Host, Url};

use crate::LoadedInstance;

/// Whether pages at this address belong to the instance. Only the origin counts.
pub(crate) fn allows(instance: &LoadedInstance, url: &Url) -> bool {
    belongs(instance, instance.takes_loopback, url) || satellite_of(instance, url).is_some()
}

/// The satellite that a page is on: in production the pages of its domain and of what lies below it, in development those
/// of its host and port.
pub(crate) fn satellite_of<'i>(instance: &'i LoadedInstance, url: &Url) -> Option<&'i Domain> {
    let (is_development, mut satellites) = (instance.is_development(), instance.satellites());
    satellites.find(|satellite| is_on(satellite, is_development, url))
}

fn is_on(satellite: &Domain, is_development: bool, url: &Url) -> bool {
    if !is_web(url) || !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    let Some(host) = url.host() else { return false };
    if is_development {
        return authority(url).is_some_and(|authority| authority == satellite.name);
    }
    let is_below = matches!(host, Host::Domain(name) if is_within(name, &satellite.name));
    is_below && (url.scheme() == "https" || is_loopback(&host))
}

/// Whether a browser may be sent to this address: to the instance's pages, and to its redirect URLs, which are meant
/// letter by letter and may be those of programs that are no browsers (`myapp://callback`).
pub(crate) fn allows_redirect(instance: &LoadedInstance, url: &Url) -> bool {
    allows(instance, url) || instance.redirect_urls.contains(url)
}

/// Whether this is an address on the web, where the host says whose it is. Any program on a device may claim to be
/// `myapp://callback`.
pub(crate) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Whether the value of an `Origin` header names such pages. `null` never does.
pub(crate) fn allows_origin(instance: &LoadedInstance, origin: &str) -> bool {
    Url::parse(origin).is_ok_and(|url| allows(instance, &url))
}

fn belongs(instance: &Instance, takes_loopback: bool, url: &Url) -> bool {
    if !is_web(url) || !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    let Some(host) = url.host() else { return false };
    is_listed(instance, url)
        || is_key_host(instance, url)
        || (takes_loopback && is_loopback(&host))
        || (!instance.is_development() && is_at_home(instance, url, &host))
}

/// The domain that an instance serves: its key host without the leading `clerk.` and without its port. What is left
/// must still be a domain that somebody can own, or every name under `com` would count as theirs.
pub(crate) fn domain(instance: &Instance) -> &str {
    let host = instance.key_host.split(':').next().unwrap_or_default();
    match host.strip_prefix("clerk.") {
        Some(domain) if domain.contains('.') => domain,
        _ => host,
    }
}

/// Whether a host is this domain or lies below it.
pub(crate) fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_listed(instance: &Instance, url: &Url) -> bool {
    let origin = url.origin();
    instance
        .settings
        .allowed_origins
        .iter()
        .filter_map(|listed| Url::parse(listed).ok())
        .any(|listed| listed.origin() == origin && origin.is_tuple())
}

/// Pages that the Frontend API itself serves.
fn is_key_host(instance: &Instance, url: &Url) -> bool {
    let at_key_host = || authority(url).is_some_and(|it| it.eq_ignore_ascii_case(&instance.key_host));
    url.scheme() == "https" && at_key_host()
}

/// The host, with the port if there is one.
fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// In production: the instance's domain and what lies below it. Over `http` only where nobody can sit in between.
fn is_at_home(instance: &Instance, url: &Url, host: &Host<&str>) -> bool {
    let name = url.host_str().unwrap_or_default();
    let is_own = match host {
        Host::Domain(_) => is_within(name, domain(instance)),
        Host::Ipv4(_) | Host::Ipv6(_) => name == domain(instance),
    };
    is_own && (url.scheme() == "https" || is_loopback(host))
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_within(name, "localhost"),
        Host::Ipv4(address) => address.is_loopback() || *address == Ipv4Addr::UNSPECIFIED,
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_core::instance::InstanceKind;
    use frontdesk_core::settings::Settings;
    use frontdesk_types::Timestamp;

    use super::*;

    fn instance(kind: InstanceKind, key_host: &str, allowed: &[&str]) -> Instance {
        let settings = Settings {
            allowed_origins: allowed.iter().map(|origin| (*origin).to_owned()).collect(),
            ..Settings::default()
        };
        Instance {
            id: "ins_1".parse().unwrap(),
            slug: "shop".to_owned(),
            kind,
            key_host: key_host.to_owned(),
            settings,
            has_test_keys: false,
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
            version: 1,
        }
    }

    /// As a server in production asks.
    fn allows_origin(instance: &Instance, origin: &str) -> bool {
        Url::parse(origin).is_ok_and(|url| belongs(instance, instance.is_development(), &url))
    }

    #[test]
    fn a_developers_machine_serves_its_own_pages_from_a_live_instance_too() {
        let live = instance(InstanceKind::Production, "clerk.shop.example", &[]);
        for (page, expected) in [("http://localhost:3000", true), ("http://shop.example", false)] {
            assert_eq!(belongs(&live, true, &Url::parse(page).unwrap()), expected, "{page}");
        }
        assert!(!allows_origin(&live, "http://localhost:3000"));
    }

    #[test]
    fn development_knows_loopback_and_what_is_listed() {
        let dev = instance(InstanceKind::Development, "clerk.shop.localhost", &["http://192.168.1.5:3000"]);
        for origin in [
            "http://localhost:3000",
            "https://localhost",
            "http://127.0.0.1:5173",
            "http://127.8.9.1",
            "http://[::1]:3000",
            "http://app.localhost:3000",
            "http://192.168.1.5:3000",
        ] {
            assert!(allows_origin(&dev, origin), "{origin}");
        }
        for origin in [
            "null",
            "",
            "https://evil.example",
            "http://192.168.1.5:3001",
            "https://192.168.1.5:3000",
            "http://localhost.evil.example",
            "http://notlocalhost:3000",
            "http://127.0.0.1.evil.example",
            "http://localhost@evil.example",
            "http://user@localhost:3000",
            "ftp://localhost",
            "file:///etc/passwd",
            "http://128.0.0.1",
            "javascript:alert(1)",
        ] {
            assert!(!allows_origin(&dev, origin), "{origin}");
        }
    }

    #[test]
    fn production_knows_its_domain_and_what_lies_below() {
        let live = instance(InstanceKind::Production, "clerk.shop.example", &["https://partner.example"]);
        for origin in [
            "https://shop.example",
            "https://app.shop.example",
            "https://clerk.shop.example",
            "https://shop.example:8443",
            "https://partner.example",
            "https://SHOP.example",
        ] {
            assert!(allows_origin(&live, origin), "{origin}");
        }
        for origin in [
            "http://shop.example",
            "https://evilshop.example",
            "https://shop.example.evil.example",
            "https://example",
            "http://localhost:3000",
            "https://sub.partner.example",
            "https://partner.example:444",
        ] {
            assert!(!allows_origin(&live, origin), "{origin}");
        }
    }

    #[test]
    fn a_satellite_has_its_pages() {
        let satellite = |name: &str| Domain {
            id: "dmn_1".parse().unwrap(),
            name: name.to_owned(),
            is_satellite: true,
            key_host: None,
            proxy_url: None,
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
            version: 1,
        };
        let is_on = |name: &str, is_development, page: &str| {
            super::is_on(&satellite(name), is_development, &Url::parse(page).unwrap())
        };
        for page in
            ["https://other.example/a", "https://app.other.example", "https://clerk.other.example:8443/"]
        {
            assert!(is_on("other.example", false, page), "{page}");
        }
        for page in [
            "http://other.example/",
            "https://evilother.example/",
            "https://other.example.evil.example/",
            "https://user@other.example/",
            "https://example/",
            "com.other.example://callback",
        ] {
            assert!(!is_on("other.example", false, page), "{page}");
        }
        assert!(is_on("other.test:3001", true, "http://other.test:3001/a"));
        assert!(is_on("other.test", true, "https://other.test/"));
        for page in ["http://other.test/", "http://app.other.test:3001/", "http://other.test:3002/"] {
            assert!(!is_on("other.test:3001", true, page), "{page}");
        }
    }

    #[test]
    fn a_top_level_domain_is_nobodys() {
        let live = instance(InstanceKind::Production, "clerk.example", &[]);
        assert!(!allows_origin(&live, "https://shop.example"));
        assert!(allows_origin(&live, "https://clerk.example"));
        let local = instance(InstanceKind::Production, "127.0.0.1:4000", &[]);
        assert!(allows_origin(&local, "http://127.0.0.1:3000"));
        assert!(!allows_origin(&local, "http://localhost:3000"));
    }
}
