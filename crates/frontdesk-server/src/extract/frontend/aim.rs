//! Which instance is a Frontend request aimed at, how did it get here, and may its page ask at all? (Decisions 7
//! and 16.)

use std::sync::Arc;

use frontdesk_core::domain::Domain;
use http::request::Parts;
use http::{Method, header};
use url::Url;

use crate::entry::{Arrival, ClientAddress, InstancePath};
use crate::errors::{self, ApiError};
use crate::extract::{Target, api_version};
use crate::frontend::origins;
use crate::server::Mode;
use crate::{LoadedInstance, Server, keys};

/// Finds the instance and checks the page that asks.
pub(super) async fn identify(server: &Server, parts: &Parts) -> Result<Target, ApiError> {
    let (instance, is_own_proxy) = find(server, parts).await?;
    check_origin(&instance, parts, is_own_proxy)?;
    let address = match Arrival::of(&parts.extensions) {
        Some(arrival) if is_own_proxy => arrival.behind_own_proxy(),
        _ => None,
    };
    let address = address.or_else(|| ClientAddress::of(&parts.extensions));
    let satellite = satellite(&instance, parts);
    Ok(Target { instance, version: api_version(parts)?, address, satellite })
}

/// The instance that a request is aimed at, whoever asks: for what every page may show.
pub(crate) async fn aimed_at(server: &Server, parts: &Parts) -> Result<Arc<LoadedInstance>, ApiError> {
    find(server, parts).await.map(|(instance, _)| instance)
}

/// The instance, and whether the request came through a proxy that holds its secret key.
async fn find(server: &Server, parts: &Parts) -> Result<(Arc<LoadedInstance>, bool), ApiError> {
    let addressed = addressed(server, parts).await?;
    let proxys = match header_text(parts, "clerk-secret-key") {
        Some(secret_key) => Some(of_secret_key(server, secret_key).await?),
        None => None,
    };
    let is_own_proxy = proxys.is_some();
    let instance = match (proxys, addressed) {
        (Some(proxys), Some(addressed)) if proxys.id != addressed.id => {
            return Err(errors::proxy_key_mismatch());
        }
        (Some(instance), _) | (None, Some(instance)) => instance,
        (None, None) => match server.mode() {
            Mode::Development { default_instance } => server.instance(default_instance).await?,
            Mode::Production => return Err(errors::instance_not_found()),
        },
    };
    Ok((instance, is_own_proxy))
}

/// The instance that the address of the request names, by host or by path. Both may name the same one.
async fn addressed(server: &Server, parts: &Parts) -> Result<Option<Arc<LoadedInstance>>, ApiError> {
    let store = server.store();
    let mut by_host = None;
    for host in hosts(parts) {
        by_host = by_host.or(store.instance_version_by_key_host(&host.to_ascii_lowercase()).await?);
    }
    let by_path = match parts.extensions.get::<InstancePath>() {
        Some(InstancePath(slug)) => {
            Some(store.instance_version_by_slug(slug).await?.ok_or_else(errors::instance_not_found)?)
        }
        None => None,
    };
    match (by_host, by_path) {
        (Some(host), Some(path)) if host.instance_id != path.instance_id => Err(errors::instance_not_found()),
        (Some(key), _) | (None, Some(key)) => server.loaded(key).await.map(Some),
        (None, None) => Ok(None),
    }
}

/// The satellite whose Frontend API is asked, by its proxy or by its host. In development all domains share one.
fn satellite(instance: &LoadedInstance, parts: &Parts) -> Option<Arc<Domain>> {
    if instance.is_development() {
        return None;
    }
    let proxy = proxy_url(parts).map(|url| url.trim_end_matches('/'));
    let by_proxy = |domain: &&Domain| proxy.is_some() && domain.proxy_url.as_deref() == proxy;
    let by_host = || {
        hosts(parts).find_map(|host| {
            let has_host = |known: &String| known.eq_ignore_ascii_case(host);
            instance.domains.iter().find(|domain| domain.key_host.as_ref().is_some_and(has_host))
        })
    };
    let domain = instance.domains.iter().find(by_proxy).or_else(by_host)?;
    domain.is_satellite.then(|| Arc::new(domain.clone()))
}

async fn of_secret_key(server: &Server, secret_key: &str) -> Result<Arc<LoadedInstance>, ApiError> {
    let key = server.store().instance_key(&keys::token_hash(secret_key)).await?;
    server.loaded(key.ok_or_else(errors::secret_key_invalid)?).await
}

/// Lets only the instance's own pages in. A page's name comes with every request that a browser makes for another
/// origin or that can change something; programs that are no browsers send none. The answer to a refusal holds
/// nothing but the refusal, so a foreign page may read it.
fn check_origin(instance: &LoadedInstance, parts: &Parts, is_own_proxy: bool) -> Result<(), ApiError> {
    let changes_something = !matches!(parts.method, Method::GET | Method::HEAD);
    match parts.headers.get(header::ORIGIN) {
        Some(origin) => {
            let origin = origin.to_str().unwrap_or("?");
            let is_behind_own_proxy =
                || is_own_proxy && proxy_url(parts).is_some_and(|url| is_origin_of(origin, url));
            if origins::allows_origin(instance, origin) || is_behind_own_proxy() {
                Ok(())
            } else {
                Err(errors::origin_invalid(origin))
            }
        }
        // An old browser that names no page still tells that it is another site's.
        None if changes_something && header_text(parts, "sec-fetch-site") == Some("cross-site") => {
            Err(errors::origin_invalid("another site"))
        }
        None => Ok(()),
    }
}

fn is_origin_of(origin: &str, url: &str) -> bool {
    match (Url::parse(origin), Url::parse(url)) {
        (Ok(page), Ok(url)) => page.origin().is_tuple() && page.origin() == url.origin(),
        _ => false,
    }
}

/// The origin of the page that asks, for the `azp` of its tokens. Browsers leave `Origin` out where a page only reads
/// from its own server, which is how every request looks that a proxy on the application's own origin passes on.
/// Whatever else names the page then must name one of the instance's.
pub(super) fn page(instance: &LoadedInstance, parts: &Parts) -> Option<String> {
    if let Some(origin) = header_text(parts, "origin") {
        return Some(origin.to_owned());
    }
    let is_same_origin = header_text(parts, "sec-fetch-site") == Some("same-origin");
    let named = proxy_url(parts).or_else(|| header_text(parts, "referer").filter(|_| is_same_origin))?;
    let url = Url::parse(named).ok()?;
    origins::allows(instance, &url).then(|| url.origin().ascii_serialization())
}

/// The address of the proxy that the request came through, as the proxy says.
pub(crate) fn proxy_url(parts: &Parts) -> Option<&str> {
    header_text(parts, "clerk-proxy-url")
        .filter(|url| url.starts_with("http://") || url.starts_with("https://"))
}

/// Whether the browser speaks `https`, to us or to whoever stands before us.
pub(crate) fn is_https(server: &Server, parts: &Parts) -> bool {
    let arrived = Arrival::of(&parts.extensions).and_then(|arrival| arrival.is_https);
    match (proxy_url(parts), arrived) {
        (Some(url), _) => url.starts_with("https://"),
        (None, Some(is_https)) => is_https,
        (None, None) => server.public_url().starts_with("https://"),
    }
}

/// The path that cookies are valid for. A proxy has a path of its own, which we cannot rely on.
pub(crate) fn cookie_path(parts: &Parts) -> String {
    match parts.extensions.get::<InstancePath>() {
        Some(InstancePath(slug)) if proxy_url(parts).is_none() => format!("/i/{slug}"),
        _ => "/".to_owned(),
    }
}

/// The hosts that the request may be for, with their ports if they are written: what a trusted proxy says that the
/// browser asked for, then what stands in the request itself. An application's proxy tells its own host first, and ours
/// second.
pub(crate) fn hosts(parts: &Parts) -> impl Iterator<Item = &str> {
    let told = Arrival::of(&parts.extensions).and_then(|arrival| arrival.host.as_deref());
    let own = header_text(parts, "host").or_else(|| parts.uri.authority().map(http::uri::Authority::as_str));
    told.into_iter().chain(own.filter(|own| Some(*own) != told))
}

fn header_text<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    parts.headers.get(name)?.to_str().ok().filter(|text| !text.is_empty())
}
