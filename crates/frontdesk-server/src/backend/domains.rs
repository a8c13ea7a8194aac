//! Domains: the primary one is always there, satellites are added, changed and taken away (wire protocol §4.10).

use frontdesk_api::backend::domains::{AddDomain, DeleteDomain, ListDomains, UpdateDomain};
use frontdesk_api::{Deleted, Page};
use frontdesk_core::domain::Domain;
use frontdesk_types::{Change, DomainId};
use url::{Host, Url};

use crate::errors::{self, ApiError};
use crate::extract::{Answer, BackendCx, Req, Shown};
use crate::frontend::origins;
use crate::present;
use crate::routes::Routes;

/// How many domains one instance may have. All of them are held in memory and looked through at every request.
const MOST_DOMAINS: usize = 100;
/// The longest domain, in bytes: with `clerk.` before it, it must still be a name of the DNS.
const LONGEST_NAME: usize = 247;
/// The longest address of a proxy, in bytes.
const LONGEST_PROXY: usize = 2048;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(list_domains).on(add_domain).on(update_domain).on(delete_domain)
}

async fn list_domains(cx: BackendCx, _: Req<ListDomains>) -> Answer<ListDomains> {
    let domains = cx.store.domains(&cx.instance.id).await?;
    let total_count = domains.len() as u64;
    let data =
        domains.iter().map(|domain| present::domain::for_backend(&cx.server, &cx.instance, domain)).collect();
    Ok(Shown::new(Page { data, total_count }))
}

async fn add_domain(mut cx: BackendCx, req: Req<AddDomain>) -> Answer<AddDomain> {
    let name = req.body.name.as_deref().ok_or_else(|| errors::param_missing("name"))?;
    match req.body.is_satellite {
        Some(true) => {}
        Some(false) => return Err(errors::param_value_invalid("is_satellite", "true")),
        None => return Err(errors::param_missing("is_satellite")),
    }
    let domains = cx.store.domains(&cx.instance.id).await?;
    if domains.len() >= MOST_DOMAINS {
        return Err(errors::list_full("name", MOST_DOMAINS as u64));
    }
    let mut domain = Domain {
        id: DomainId::mint(cx.now, &mut cx.rng),
        name: String::new(),
        is_satellite: true,
        key_host: None,
        proxy_url: None,
        created_at: cx.now,
        updated_at: cx.now,
        version: 1,
    };
    cx.rename(&mut domain, name, &domains).await?;
    if let Some(proxy) = req.body.proxy_url {
        cx.set_proxy(&mut domain, Some(&proxy), &domains)?;
    }
    cx.work.insert_domain(&domain);
    cx.work.touch_instance(cx.now);
    let shown = present::domain::for_backend(&cx.server, &cx.instance, &domain);
    cx.commit(shown).await
}

async fn update_domain(mut cx: BackendCx, req: Req<UpdateDomain>) -> Answer<UpdateDomain> {
    let domains = cx.store.domains(&cx.instance.id).await?;
    let mut domain = one(&domains, &req.path.domain_id)?.clone();
    if let Some(name) = req.body.name.as_deref().filter(|name| *name != domain.name) {
        if !domain.is_satellite {
            // It is in the publishable key, and in the names of everybody's cookies.
            return Err(errors::param_not_available("name"));
        }
        cx.rename(&mut domain, name, &domains).await?;
        if let Some(proxy) = domain.proxy_url.clone().filter(|_| req.body.proxy_url.is_keep()) {
            cx.set_proxy(&mut domain, Some(&proxy), &domains)?;
        }
    }
    match req.body.proxy_url {
        Change::Keep => {}
        Change::Clear => cx.set_proxy(&mut domain, None, &domains)?,
        Change::Set(proxy) => cx.set_proxy(&mut domain, Some(&proxy), &domains)?,
    }
    domain.updated_at = cx.now;
    cx.work.save_domain(&domain);
    cx.work.touch_instance(cx.now);
    let shown = present::domain::for_backend(&cx.server, &cx.instance, &domain);
    cx.commit(shown).await
}

async fn delete_domain(mut cx: BackendCx, req: Req<DeleteDomain>) -> Answer<DeleteDomain> {
    let domains = cx.store.domains(&cx.instance.id).await?;
    let domain = one(&domains, &req.path.domain_id)?;
    if !domain.is_satellite {
        return Err(errors::primary_domain_stays());
    }
    cx.work.delete_satellite(&domain.id);
    cx.work.touch_instance(cx.now);
    cx.commit(Deleted::new("domain", &domain.id)).await
}

fn one<'d>(domains: &'d [Domain], id: &DomainId) -> Result<&'d Domain, ApiError> {
    domains
        .iter()
        .find(|domain| domain.id == *id)
        .ok_or_else(|| errors::resource_not_found("domain", id.as_str()))
}

impl BackendCx {
    /// Gives a satellite its name, and with it the host of its Frontend API.
    async fn rename(&self, domain: &mut Domain, name: &str, domains: &[Domain]) -> Result<(), ApiError> {
        let is_development = self.instance.is_development();
        domain.name = canonical_name(name, is_development)?;
        let mut others = domains.iter().filter(|other| other.id != domain.id);
        if others.clone().any(|other| other.name == domain.name) {
            return Err(errors::already_listed("name"));
        }
        if is_development {
            return Ok(()); // Its pages use the Frontend API of the primary domain.
        }
        // Cookies of a domain are seen on everything below it: two of one name would contradict each other.
        let overlaps = |other: &Domain| {
            origins::is_within(&domain.name, &other.name) || origins::is_within(&other.name, &domain.name)
        };
        if others.any(overlaps) {
            return Err(errors::param_value_invalid("name", "a domain beside the others of the instance"));
        }
        let host = format!("clerk.{}", domain.name);
        let holder = self.store.instance_version_by_key_host(&host).await?;
        if holder.is_some() && domain.key_host.as_ref() != Some(&host) {
            return Err(errors::already_listed("name"));
        }
        domain.key_host = Some(host);
        Ok(())
    }

    fn set_proxy(
        &self,
        domain: &mut Domain,
        proxy: Option<&str>,
        domains: &[Domain],
    ) -> Result<(), ApiError> {
        let Some(text) = proxy else {
            domain.proxy_url = None;
            return Ok(());
        };
        if self.instance.is_development() {
            return Err(errors::param_value_invalid("proxy_url", "null: it is for production instances"));
        }
        // An instance that is reached by its path, without a host of its own, has no other address.
        let is_own = !domain.is_satellite && text.trim_end_matches('/') == self.instance.base_url;
        let proxy = if is_own { self.instance.base_url.clone() } else { canonical_proxy(text, domain)? };
        let is_known = |other: &&Domain| other.id != domain.id && other.proxy_url.as_deref() == Some(&proxy);
        if domains.iter().any(|other| is_known(&other)) {
            return Err(errors::already_listed("proxy_url"));
        }
        domain.proxy_url = Some(proxy);
        Ok(())
    }
}

/// A domain in its canonical spelling: in lower case, in ASCII. Only in development it may have a port, and be a name or an
/// address of the developer's machine.
fn canonical_name(text: &str, is_development: bool) -> Result<String, ApiError> {
    let expected =
        if is_development { "a host like localhost:3001" } else { "a domain like shop.example.com" };
    let invalid = || errors::param_format_invalid("name", expected);
    if text.len() > LONGEST_NAME {
        return Err(errors::param_too_long("name", LONGEST_NAME));
    }
    // What would end the host of a URL, or be skipped by who reads one.
    if text.is_empty()
        || text.chars().any(|it| it.is_whitespace() || it.is_control() || "/\\?#@%*_".contains(it))
    {
        return Err(invalid());
    }
    let url = Url::parse(&format!("http://{text}/")).map_err(|_| invalid())?;
    let host = url.host_str().ok_or_else(invalid)?;
    if is_development {
        return Ok(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")));
    }
    let is_name = matches!(url.host(), Some(Host::Domain(_)));
    let has_labels = host.contains('.') && host.split('.').all(|label| (1..=63).contains(&label.len()));
    if is_name && has_labels && !text.contains(':') && host.len() <= LONGEST_NAME {
        Ok(host.to_owned())
    } else {
        Err(invalid())
    }
}

/// The address of a proxy, without a slash at the end. It is on the domain, so that its cookies are, and a satellite's has
/// a path (wire protocol §12, trap 53).
fn canonical_proxy(text: &str, domain: &Domain) -> Result<String, ApiError> {
    let expected = format!("an address like https://{}/__clerk", domain.name);
    let invalid = || errors::param_format_invalid("proxy_url", &expected);
    if text.len() > LONGEST_PROXY {
        return Err(errors::param_too_long("proxy_url", LONGEST_PROXY));
    }
    let url = Url::parse(text).map_err(|_| invalid())?;
    let host = url.host_str().unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    let fits = url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && origins::is_within(host, &domain.name)
        && !path.starts_with("//")
        && (!path.is_empty() || !domain.is_satellite);
    if fits { Ok(format!("{}{path}", url.origin().ascii_serialization())) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use frontdesk_types::Timestamp;

    use super::*;

    #[test]
    fn names_have_one_spelling() {
        for (text, name) in [
            ("Shop.Example", "shop.example"),
            ("shop.example.com", "shop.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(canonical_name(text, false).unwrap(), name);
        }
        for text in [
            "",
            "shop",
            "localhost:3001",
            "https://shop.example",
            "shop.example/",
            "shop.example:443",
            "*.example",
            "shop.example?x",
            "user@shop.example",
            "10.0.0.1",
            "[::1]",
            "shop..example",
            "shop.example.",
            " shop.example",
            "a_b.example",
            "shop.example\u{0}",
            "%73hop.example",
        ] {
            assert!(canonical_name(text, false).is_err(), "{text:?}");
        }
        assert!(canonical_name(&format!("{}.example", "a".repeat(250)), false).is_err());
        for (text, name) in
            [("localhost:3001", "localhost:3001"), ("Shop.Test", "shop.test"), ("[::1]:3000", "[::1]:3000")]
        {
            assert_eq!(canonical_name(text, true).unwrap(), name);
        }
        assert!(canonical_name("http://localhost:3001", true).is_err());
    }

    #[test]
    fn a_proxy_is_on_its_domain() {
        let mut domain = Domain {
            id: "dmn_1".parse().unwrap(),
            name: "shop.example".to_owned(),
            is_satellite: true,
            key_host: None,
            proxy_url: None,
            created_at: Timestamp::default(),
            updated_at: Timestamp::default(),
            version: 1,
        };
        let proxy = |text: &str, domain: &Domain| canonical_proxy(text, domain).ok();
        assert_eq!(proxy("https://SHOP.example/__clerk/", &domain).unwrap(), "https://shop.example/__clerk");
        assert_eq!(
            proxy("https://app.shop.example:8443/a/b", &domain).unwrap(),
            "https://app.shop.example:8443/a/b"
        );
        for text in [
            "http://shop.example/__clerk",
            "https://shop.example",
            "https://shop.example/",
            "https://evilshop.example/x",
            "https://user@shop.example/x",
            "https://shop.example/x?y",
            "https://shop.example/x#y",
            "/__clerk",
            "",
        ] {
            assert_eq!(proxy(text, &domain), None, "{text}");
        }
        domain.is_satellite = false;
        assert_eq!(proxy("https://shop.example/", &domain).unwrap(), "https://shop.example");
    }
}
