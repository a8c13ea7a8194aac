//! Requests over HTTP.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{ClientBuilder, Url};

use crate::BuildError;
use crate::retry::Pace;
use crate::tokio_pace::TokioPace;
use crate::transport::{BoxFuture, Failure, Request, Response, Transport, TransportError};

/// The longest time a whole request may take, unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The longest time for a connection to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest answer that is read, unless told otherwise: five hundred users with all the metadata they may have.
const RESPONSE_LIMIT: usize = 32 * 1024 * 1024;

/// A server at a URL. Connections are kept and used again. Proxies are taken from the environment (`HTTPS_PROXY` and
/// friends), except for servers on the same machine.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_client::{Client, HttpTransport};
///
/// let transport = HttpTransport::new("http://127.0.0.1:4400")?.timeout(Duration::from_secs(2));
/// let client = Client::builder("sk_test_…").user_agent("shop/1.0").build(transport)?;
/// # Ok::<(), frontdesk_client::BuildError>(())
/// ```
#[derive(Clone)]
pub struct HttpTransport {
    http: reqwest::Client,
    /// Without a slash at the end.
    api_url: String,
    timeout: Duration,
    response_limit: usize,
}

impl HttpTransport {
    /// The server at this URL, given without `/v1`: `http://127.0.0.1:4400`, `https://auth.example.com/prefix`.
    ///
    /// The secret key travels with every request: use plain `http` on networks you trust only.
    ///
    /// ```
    /// use frontdesk_client::{BuildError, HttpTransport};
    ///
    /// let transport = HttpTransport::new("http://127.0.0.1:4400")?;
    /// assert!(matches!(HttpTransport::new("127.0.0.1:4400"), Err(BuildError::ApiUrl(_))));
    /// # Ok::<(), BuildError>(())
    /// ```
    ///
    /// # Errors
    /// It is not an `http` or `https` URL, or it is `https` and this build has no TLS.
    pub fn new(api_url: &str) -> Result<Self, BuildError> {
        let url = Url::parse(api_url).ok().filter(is_a_place).ok_or_else(|| unusable(api_url))?;
        let http =
            ClientBuilder::new().redirect(reqwest::redirect::Policy::none()).connect_timeout(CONNECT_TIMEOUT);
        let http = if is_loopback(&url) { http.no_proxy() } else { http };
        let http = tls(http, &url)?.build().map_err(|error| BuildError::Http(error.into()))?;
        Ok(Self {
            http,
            api_url: url.as_str().trim_end_matches('/').to_owned(),
            timeout: TIMEOUT,
            response_limit: RESPONSE_LIMIT,
        })
    }

    /// How long a whole request may take, from the connection to the last byte: ten seconds unless said otherwise.
    ///
    /// ```
    /// # use frontdesk_client::HttpTransport;
    /// let transport = HttpTransport::new("http://127.0.0.1:4400")?.timeout(std::time::Duration::from_secs(2));
    /// # Ok::<(), frontdesk_client::BuildError>(())
    /// ```
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many bytes an answer may have: 32 MiB unless said otherwise.
    ///
    /// ```
    /// # use frontdesk_client::HttpTransport;
    /// let transport = HttpTransport::new("http://127.0.0.1:4400")?.response_limit(1024 * 1024);
    /// # Ok::<(), frontdesk_client::BuildError>(())
    /// ```
    #[must_use]
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.response_limit = bytes;
        self
    }

    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let url = format!("{}{}", self.api_url, request.path_and_query);
        let sending = self.http.request(request.method, url).timeout(self.timeout).headers(request.headers);
        let mut response = sending.body(request.body).send().await.map_err(failed)?;
        let headers = std::mem::take(response.headers_mut());
        Ok(Response::new(response.status(), headers, self.read(response).await?))
    }

    /// Reads the body while it is within the limit.
    async fn read(&self, mut response: reqwest::Response) -> Result<Bytes, TransportError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > self.response_limit {
                let cause = format!("more than {} bytes", self.response_limit);
                return Err(TransportError::new(Failure::TooLarge, cause));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self.exchange(request))
    }

    fn pace(&self) -> Option<Arc<dyn Pace>> {
        Some(Arc::new(TokioPace::new()))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("HttpTransport").field("api_url", &self.api_url).finish_non_exhaustive()
    }
}

/// The URL in the cause is left out: its query may hold a nonce.
fn failed(error: reqwest::Error) -> TransportError {
    let failure = if error.is_timeout() {
        Failure::Timeout
    } else if error.is_connect() {
        Failure::Unreachable
    } else {
        Failure::Broken
    };
    TransportError::new(failure, error.without_url())
}

/// Says which URL it is, without the password that somebody may have put into it.
fn unusable(api_url: &str) -> BuildError {
    BuildError::ApiUrl(api_url.rsplit('@').next().unwrap_or_default().to_owned())
}

/// Paths can be hung below it, and there is nothing in it that would be lost or shown.
fn is_a_place(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

/// What runs on this machine is not asked for through somebody else's.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    match host.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Without TLS there are no certificates to load: they may be missing, and loading them takes a while.
#[cfg(feature = "https")]
#[expect(clippy::unnecessary_wraps, reason = "its twin without the feature can fail")]
fn tls(http: ClientBuilder, api_url: &Url) -> Result<ClientBuilder, BuildError> {
    Ok(if api_url.scheme() == "http" { http.tls_certs_only([]) } else { http })
}

#[cfg(not(feature = "https"))]
fn tls(http: ClientBuilder, api_url: &Url) -> Result<ClientBuilder, BuildError> {
    if api_url.scheme() == "http" { Ok(http) } else { Err(BuildError::WithoutHttps) }
}

#[cfg(test)]
mod tests;
