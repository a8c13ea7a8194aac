//! A domain on the wire.

use frontdesk_api::backend::domains as wire;
use frontdesk_core::domain::Domain;
use url::{Host, Url};

use crate::{LoadedInstance, Server};

/// A domain as the Backend API shows it.
pub(crate) fn for_backend(server: &Server, instance: &LoadedInstance, domain: &Domain) -> wire::Domain {
    let frontend_api_url = instance.frontend_api(domain);
    wire::Domain {
        object: "domain".to_owned(),
        id: domain.id.clone(),
        name: domain.name.clone(),
        is_satellite: domain.is_satellite,
        accounts_portal_url: (!domain.is_satellite).then(|| frontend_api_url.clone()),
        frontend_api_url,
        proxy_url: domain.proxy_url.clone(),
        development_origin: development_origin(instance, domain),
        cname_targets: Some(cname_targets(server, instance, domain)),
    }
}

/// Where the pages of a domain are in development, as far as that is known.
fn development_origin(instance: &LoadedInstance, domain: &Domain) -> String {
    if !instance.is_development() {
        return String::new();
    }
    if domain.is_satellite {
        return format!("http://{}", domain.name);
    }
    let home = Url::parse(&instance.settings.urls.home).ok().map(|url| url.origin());
    home.filter(url::Origin::is_tuple).map_or_else(String::new, |origin| origin.ascii_serialization())
}

/// A satellite without a proxy needs its Frontend API's name to stand for this server's. In development nothing does.
fn cname_targets(server: &Server, instance: &LoadedInstance, domain: &Domain) -> Vec<wire::CnameTarget> {
    let Some(host) = domain.key_host.as_ref().filter(|_| domain.is_satellite && domain.proxy_url.is_none())
    else {
        return Vec::new();
    };
    let server = Url::parse(server.public_url()).ok();
    let named = server.as_ref().and_then(|url| match url.host() {
        Some(Host::Domain(name)) => Some(name),
        _ => None,
    });
    let value = named.unwrap_or(&instance.key_host).to_owned();
    vec![wire::CnameTarget { host: host.clone(), value, required: true }]
}
