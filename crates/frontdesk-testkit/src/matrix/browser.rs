//! A browser that calls the Frontend API.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::body::Body;
use frontdesk_server::ClientAddress;
use http::{Method, Request, header};

use super::Reply;
use super::door::Door;

/// A browser on a page of an application: it keeps the cookies it is given, sends forms, and says where it is.
#[derive(Clone, Debug)]
pub struct Browser {
    door: Door,
    /// The page's origin, sent with every request; `None` leaves the header out.
    pub origin: Option<String>,
    /// What it calls itself; `None` leaves the header out.
    pub user_agent: Option<String>,
    /// What it says of the page that asks (`Sec-Fetch-Site`); `None` leaves the header out.
    pub fetch_site: Option<String>,
    /// The host that requests are sent to.
    pub host: String,
    /// Whether it speaks `https`, as a proxy before the server tells.
    pub is_https: bool,
    /// The network address it sends from; without one no rate limit counts it.
    pub address: Option<IpAddr>,
    /// The cookies it holds, by name. Only the server writes them.
    cookies: BTreeMap<String, String>,
    version: &'static str,
}

impl Browser {
    pub(super) fn new(door: Door) -> Self {
        Self {
            door,
            origin: Some("http://localhost:3000".to_owned()),
            user_agent: None,
            fetch_site: None,
            host: "localhost:4400".to_owned(),
            is_https: false,
            address: None,
            cookies: BTreeMap::new(),
            version: "2026-05-12",
        }
    }

    /// The same browser, speaking another API version.
    #[must_use]
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// The API version it speaks.
    pub fn spoken(&self) -> &'static str {
        self.version
    }

    /// The value of a cookie it holds.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// The names of the cookies it holds.
    pub fn cookie_names(&self) -> Vec<&str> {
        self.cookies.keys().map(String::as_str).collect()
    }

    /// Puts a cookie there by hand, as an attacker would.
    pub fn plant_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// `GET`.
    pub async fn get(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    /// `POST` of a form.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Reply {
        self.send(Method::POST, path, Some(form)).await
    }

    /// Another method, the way clerk-js sends it: a `POST` with `_method` in the query.
    pub async fn post_as(&mut self, method: &str, path: &str, form: &[(&str, &str)]) -> Reply {
        let glue = if path.contains('?') { '&' } else { '?' };
        self.send(Method::POST, &format!("{path}{glue}_method={method}"), Some(form)).await
    }

    /// Any request.
    pub async fn send(&mut self, method: Method, path: &str, form: Option<&[(&str, &str)]>) -> Reply {
        let glue = if path.contains('?') { '&' } else { '?' };
        let uri = format!("{path}{glue}__clerk_api_version={}&_clerk_js_version=6.29.3", self.version);
        let mut request = Request::builder().method(method).uri(uri).header(header::HOST, &self.host);
        if let Some(origin) = &self.origin {
            request = request.header(header::ORIGIN, origin);
        }
        if self.is_https {
            request = request.header("x-forwarded-proto", "https");
        }
        if let Some(site) = &self.fetch_site {
            request = request.header("sec-fetch-site", site);
        }
        if let Some(name) = &self.user_agent {
            request = request.header(header::USER_AGENT, name);
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        let body = form.map_or_else(Body::empty, |form| {
            Body::from(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish())
        });
        if form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(address) = self.address {
            request = request.extension(ClientAddress(address));
        }
        self.send_request(request.body(body).expect("a request")).await
    }

    /// A request as it is, without cookies or headers of the browser; what comes back is kept all the same.
    pub async fn send_request(&mut self, request: Request<Body>) -> Reply {
        let reply = self.door.ask("frontend", request).await;
        for directive in reply.headers().get_all(header::SET_COOKIE) {
            self.keep(directive.to_str().expect("a cookie of ASCII"));
        }
        reply
    }

    /// Takes one `Set-Cookie` directive: sets the cookie, or drops it where its time is over.
    fn keep(&mut self, directive: &str) {
        let mut parts = directive.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let is_over = parts.any(|part| {
            let part = part.to_ascii_lowercase();
            part == "max-age=0" || part.starts_with("expires=thu, 01 jan 1970")
        });
        if is_over {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
