//! The Backend API over HTTP.

use std::fmt;
use std::future::ready;
use std::time::Duration;

use frontdesk_jwt::Jwks;
use reqwest::{ClientBuilder, Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::Url;

use crate::backend::{Backend, BackendError, BoxFuture};
use crate::config::Config;
use crate::handshake::API_VERSION;
use crate::{ConfigError, SecretKey};

/// No request of ours takes longer than this; a handler should not hang because the server does.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The Backend API at a URL, with a secret key.
pub(crate) struct HttpBackend {
    http: reqwest::Client,
    api_url: Url,
    secret_key: SecretKey,
}

impl HttpBackend {
    pub(crate) fn new(config: &Config) -> Result<Self, ConfigError> {
        // A redirect would carry the secret key to somebody we were not told about.
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(TIMEOUT);
        let client = if is_loopback(&config.api_url) { client.no_proxy() } else { client };
        let http = tls(client, &config.api_url)?.build().map_err(|error| ConfigError::Http(error.into()))?;
        Ok(Self { http, api_url: config.api_url.clone(), secret_key: config.secret_key.clone() })
    }

    /// A URL below `/v1`. Segments are encoded, so an id cannot lead elsewhere.
    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.api_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("v1").extend(segments);
        }
        url
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http
            .request(method, url)
            .bearer_auth(self.secret_key.expose())
            .header("clerk-api-version", API_VERSION)
            .header("user-agent", concat!("frontdesk-rust/", env!("CARGO_PKG_VERSION")))
    }
}

/// What runs on this machine is not asked for through somebody else's.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Without TLS there are no certificates to load: they may be missing, and loading them takes a while.
#[cfg(feature = "https")]
#[expect(clippy::unnecessary_wraps, reason = "its twin without the feature can fail")]
fn tls(client: ClientBuilder, api_url: &Url) -> Result<ClientBuilder, ConfigError> {
    Ok(if api_url.scheme() == "http" { client.tls_certs_only([]) } else { client })
}

#[cfg(not(feature = "https"))]
fn tls(client: ClientBuilder, api_url: &Url) -> Result<ClientBuilder, ConfigError> {
    if api_url.scheme() == "http" { Ok(client) } else { Err(ConfigError::WithoutHttps) }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, BackendError> {
    let response = request.send().await.map_err(|error| BackendError::Unavailable(error.into()))?;
    let status = response.status();
    let body = response.bytes().await.map_err(|error| BackendError::Unavailable(error.into()))?;
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|error| BackendError::Unreadable(error.into()));
    }
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(BackendError::Unavailable(format!("status {}", status.as_u16()).into()));
    }
    let refusal = serde_json::from_slice::<Refusal>(&body).unwrap_or_default();
    let code = refusal.errors.into_iter().next().map(|error| error.code).unwrap_or_default();
    Err(BackendError::Refused { status: status.as_u16(), code })
}

impl Backend for HttpBackend {
    fn jwks(&self) -> BoxFuture<'_, Result<Jwks, BackendError>> {
        Box::pin(answer(self.request(Method::GET, self.url(&["jwks"]))))
    }

    fn handshake_payload<'a>(&'a self, nonce: &'a str) -> BoxFuture<'a, Result<Vec<String>, BackendError>> {
        let mut url = self.url(&["clients", "handshake_payload"]);
        url.query_pairs_mut().append_pair("nonce", nonce);
        let request = self.request(Method::GET, url);
        Box::pin(async { Ok(answer::<HandshakePayload>(request).await?.directives) })
    }

    fn session_token<'a>(
        &'a self,
        session_id: &'a str,
        template: Option<&'a str>,
        expires_in_seconds: Option<u64>,
    ) -> BoxFuture<'a, Result<String, BackendError>> {
        if matches!(template, Some("" | "." | "..")) {
            // A URL would swallow it, and another token would come back than was asked for.
            return Box::pin(ready(Err(BackendError::Refused {
                status: 404,
                code: "resource_not_found".to_owned(),
            })));
        }
        let segments: Vec<&str> = ["sessions", session_id, "tokens"].into_iter().chain(template).collect();
        let mut request = self.request(Method::POST, self.url(&segments));
        if let Some(seconds) = expires_in_seconds {
            request = request.json(&json!({ "expires_in_seconds": seconds }));
        }
        Box::pin(async { Ok(answer::<TokenAnswer>(request).await?.jwt) })
    }
}

impl fmt::Debug for HttpBackend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HttpBackend").field("api_url", &self.api_url.as_str()).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct HandshakePayload {
    directives: Vec<String>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    jwt: String,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: Vec<RefusalItem>,
}

#[derive(Deserialize)]
struct RefusalItem {
    code: String,
}

#[cfg(test)]
mod tests;
