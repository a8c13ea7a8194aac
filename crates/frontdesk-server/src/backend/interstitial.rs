//! The interstitial: a page that applications on the 4.x line of the SDKs fetch from here and show as their own while
//! nobody knows who is signed in (wire protocol §1.7). It loads clerk-js, which finds out, and asks again.
//!
//! Everything in the page comes from the query of whoever asks. As part of the application's own answer that is the
//! application itself; opened at this server's address it could be anybody. So values stand in attributes only,
//! escaped and checked, and the answer is sandboxed: a browser runs none of it here, where the Frontend API's cookies
//! are, while application servers take the body and leave the header.

use askama::Template;
use frontdesk_api::backend::interstitial::{GetPublicInterstitial, InterstitialQuery};
use url::Url;

use crate::errors::{self, ApiError};
use crate::extract::{HtmlPage, PublicCx, Req};
use crate::routes::Routes;

/// The clerk-js that belongs to the 4.x line.
const DEFAULT_VERSION: &str = "4";

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(interstitial)
}

#[derive(Template)]
#[template(path = "interstitial.html")]
struct Interstitial<'a> {
    script_url: String,
    publishable_key: &'a str,
    proxy_url: Option<&'a str>,
    domain: Option<&'a str>,
    sign_in_url: Option<&'a str>,
    is_satellite: bool,
}

async fn interstitial(cx: PublicCx, req: Req<GetPublicInterstitial>) -> Result<HtmlPage<String>, ApiError> {
    let query = &req.query;
    let page = Interstitial {
        proxy_url: checked(query.proxy_url.as_deref(), "proxy_url", is_url_or_path)?,
        domain: checked(query.domain.as_deref(), "domain", is_domain)?,
        sign_in_url: checked(query.sign_in_url.as_deref(), "sign_in_url", is_url_or_path)?,
        is_satellite: query.is_satellite.unwrap_or(false),
        publishable_key: &cx.instance.publishable_key,
        script_url: script_url(query, &cx.instance.base_url)?,
    };
    page.render().map(HtmlPage::new).map_err(errors::internal)
}

/// Where clerk-js comes from: the application's proxy, the satellite's domain, or this server (wire protocol §1.3).
fn script_url(query: &InterstitialQuery, base_url: &str) -> Result<String, ApiError> {
    let version = query.clerk_js_version.as_deref().filter(|version| !version.is_empty());
    let version = checked(version, "clerk_js_version", is_version)?.unwrap_or(DEFAULT_VERSION);
    let from = match (query.proxy_url.as_deref(), query.domain.as_deref()) {
        (Some(proxy), _) if !proxy.is_empty() => proxy.trim_end_matches('/').to_owned(),
        (_, Some(domain)) if !domain.is_empty() && query.use_domain_for_script == Some(true) => {
            format!("https://clerk.{}", domain.trim_start_matches("clerk."))
        }
        _ => base_url.to_owned(),
    };
    Ok(format!("{from}/npm/@clerk/clerk-js@{version}/dist/clerk.browser.js"))
}

/// A value that was given and is what it should be. An empty one counts as left out.
fn checked<'a>(
    value: Option<&'a str>,
    name: &str,
    is_fine: impl Fn(&str) -> bool,
) -> Result<Option<&'a str>, ApiError> {
    match value.filter(|value| !value.is_empty()) {
        Some(value) if !is_fine(value) => {
            Err(errors::bad_request(&format!("The parameter {name} of the query cannot be used.")).at(name))
        }
        value => Ok(value),
    }
}

/// A page of the application by its path, or any page by its whole URL. Nothing that runs: no `javascript:`, no
/// `data:`, and no `//host` that looks like a path.
fn is_url_or_path(text: &str) -> bool {
    if text.chars().any(|character| character.is_control() || character == '\\') {
        return false;
    }
    if text.starts_with('/') {
        return !text.starts_with("//");
    }
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    })
}

/// A host name, with a port if it has one.
fn is_domain(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.len() <= 253
        && host.split('.').all(is_label)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// `4`, `4.73.8`, `canary`.
fn is_version(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_pass_for_pages() {
        for fine in ["/__clerk", "/sign-in?a=b", "https://example.com/sign-in", "http://localhost:3000"] {
            assert!(is_url_or_path(fine), "{fine}");
        }
        for refused in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "https://user:password@evil.example",
            "sign-in",
            "https://",
            "/a\nb",
        ] {
            assert!(!is_url_or_path(refused), "{refused}");
        }
    }

    #[test]
    fn the_script_comes_from_the_nearest_place() {
        let query = |proxy: &str, domain: &str, use_domain: bool| InterstitialQuery {
            proxy_url: Some(proxy.to_owned()),
            domain: Some(domain.to_owned()),
            use_domain_for_script: Some(use_domain),
            ..InterstitialQuery::default()
        };
        let url = |query: &InterstitialQuery| script_url(query, "http://localhost:4400").unwrap();
        let path = "npm/@clerk/clerk-js@4/dist/clerk.browser.js";
        assert_eq!(url(&InterstitialQuery::default()), format!("http://localhost:4400/{path}"));
        assert_eq!(url(&query("/__clerk/", "", false)), format!("/__clerk/{path}"));
        assert_eq!(url(&query("", "example.com", true)), format!("https://clerk.example.com/{path}"));
        assert_eq!(url(&query("", "example.com", false)), format!("http://localhost:4400/{path}"));
        let version =
            InterstitialQuery { clerk_js_version: Some("4/../x".to_owned()), ..query("", "", false) };
        assert!(script_url(&version, "").is_err());
    }
}
