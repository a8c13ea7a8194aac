//! Brings a request into the form that the routes expect.
//!
//! SDKs send double slashes and trailing slashes (wire protocol §12, trap 20), and `POST` with `_method` instead of
//! other methods so that browsers need no preflight (§6.1). A path may begin with the instance it is for, `/i/shop`
//! (decision 7). Where machines prove themselves, SDKs leave `/v1` out (§3.8, decision 23).

use axum::body::Body;
use frontdesk_api::contract::UNVERSIONED;
use http::uri::PathAndQuery;
use http::{Method, Request, Uri};

use crate::errors::{self, ApiError};

/// The instance that the path of a request names. The routes do not see that part of the path.
#[derive(Clone, Debug)]
pub(crate) struct InstancePath(pub(crate) Box<str>);

/// Rewrites path and method in place.
pub(super) fn normalise(request: &mut Request<Body>) -> Result<(), ApiError> {
    // Whoever reads the query, also before an operation does, may ask the database for what it says.
    if request.uri().query().is_some_and(|query| query.contains("%00")) {
        return Err(errors::text_with_nul());
    }
    if let Some(method) = method_override(request)? {
        *request.method_mut() = method;
    }
    let path = request.uri().path();
    let is_for_instance = path.trim_start_matches('/').starts_with("i/");
    let is_ragged = path.contains("//") || (path.len() > 1 && path.ends_with('/'));
    if is_for_instance || is_ragged || is_unversioned(path) || well_known(path).is_some() {
        let whole = squeezed(path);
        let (instance, path) = named_instance(&whole);
        let instance = instance.map(|slug| InstancePath(slug.into()));
        let path = well_known(path).unwrap_or(path);
        let version = if is_unversioned(path) { "/v1" } else { "" };
        let text = match request.uri().query() {
            Some(query) => format!("{version}{path}?{query}"),
            None => format!("{version}{path}"),
        };
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query =
            Some(PathAndQuery::try_from(text).map_err(|_| errors::bad_request("The path cannot be read."))?);
        *request.uri_mut() =
            Uri::from_parts(parts).map_err(|_| errors::bad_request("The path cannot be read."))?;
        if let Some(instance) = instance {
            request.extensions_mut().insert(instance);
        }
    }
    Ok(())
}

/// The path with single slashes and none at its end.
fn squeezed(path: &str) -> String {
    let mut squeezed = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        squeezed.push('/');
        squeezed.push_str(segment);
    }
    if squeezed.is_empty() { "/".to_owned() } else { squeezed }
}

/// The instance that a path begins with, and the rest of the path.
fn named_instance(path: &str) -> (Option<&str>, &str) {
    let Some(behind) = path.strip_prefix("/i/") else { return (None, path) };
    let end = behind.find('/').unwrap_or(behind.len());
    let (slug, rest) = behind.split_at(end);
    (Some(slug), if rest.is_empty() { "/" } else { rest })
}

/// A well-known document that is asked for below `/v1`, where libraries look that know the API's address alone.
fn well_known(path: &str) -> Option<&str> {
    path.strip_prefix("/v1").filter(|rest| rest.starts_with("/.well-known/"))
}

/// The path of an operation as the routes know it: with `/v1`, also where the contract leaves it out.
pub(crate) fn versioned(path: &str) -> String {
    if is_unversioned(path) { format!("/v1{path}") } else { path.to_owned() }
}

fn is_unversioned(path: &str) -> bool {
    let is_below = |rest: &str| rest.is_empty() || rest.starts_with('/');
    UNVERSIONED.iter().any(|known| path.strip_prefix(known).is_some_and(is_below))
}

/// The method that `_method` in the query of a `POST` stands for.
fn method_override(request: &Request<Body>) -> Result<Option<Method>, ApiError> {
    if request.method() != Method::POST {
        return Ok(None);
    }
    let name = request
        .uri()
        .query()
        .and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("_method=")));
    match name {
        Some("PUT") => Ok(Some(Method::PUT)),
        Some("PATCH") => Ok(Some(Method::PATCH)),
        Some("DELETE") => Ok(Some(Method::DELETE)),
        None | Some("POST" | "") => Ok(None),
        Some(_) => Err(errors::bad_request("_method must be PUT, PATCH or DELETE.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(method: Method, uri: &str) -> (Method, String) {
        let mut request = Request::builder().method(method).uri(uri).body(Body::empty()).unwrap();
        normalise(&mut request).unwrap();
        (request.method().clone(), request.uri().to_string())
    }

    #[test]
    fn slashes_are_squeezed_and_the_query_is_kept() {
        assert_eq!(normalised(Method::GET, "//users?a=b//c").1, "/users?a=b//c");
        assert_eq!(normalised(Method::POST, "/v1/me/email_addresses/").1, "/v1/me/email_addresses");
        assert_eq!(normalised(Method::GET, "/").1, "/");
    }

    #[test]
    fn the_instance_in_the_path_is_taken_out() {
        let mut request = Request::builder().uri("//i/shop//v1/client/?a=/i/b/").body(Body::empty()).unwrap();
        normalise(&mut request).unwrap();
        assert_eq!(request.uri().to_string(), "/v1/client?a=/i/b/");
        assert_eq!(&*request.extensions().get::<InstancePath>().unwrap().0, "shop");
        assert_eq!(normalised(Method::GET, "/i/shop").1, "/");
        assert_eq!(normalised(Method::GET, "/i").1, "/i");
        assert_eq!(normalised(Method::GET, "/img/i/x").1, "/img/i/x");
    }

    #[test]
    fn machines_may_leave_the_version_out() {
        let path = |uri: &str| normalised(Method::POST, uri).1;
        assert_eq!(path("/v1/.well-known/jwks.json"), "/.well-known/jwks.json");
        assert_eq!(path("/api_keys"), "/v1/api_keys");
        assert_eq!(path("//m2m_tokens/verify?a=b"), "/v1/m2m_tokens/verify?a=b");
        assert_eq!(
            path("/oauth_applications/access_tokens/verify"),
            "/v1/oauth_applications/access_tokens/verify"
        );
        for other in ["/api_keys_of_mine", "/v1/api_keys", "/oauth_applications"] {
            assert_eq!(path(other), other);
        }
    }

    #[test]
    fn only_a_post_can_stand_for_another_method() {
        assert_eq!(normalised(Method::POST, "/v1/me?x=1&_method=PATCH").0, Method::PATCH);
        assert_eq!(normalised(Method::GET, "/v1/me?_method=DELETE").0, Method::GET);
    }
}
