//! A service that knows breached passwords by ranges of their SHA-1 (k-anonymity).

use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;

use super::{Sha1Hex, says};

/// How long an answer may take, whole. Somebody is waiting for their sign-up.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The most that is read of an answer; a padded range takes 50 kB.
const MAX_ANSWER: usize = 1024 * 1024;

/// Asks for ranges so that the length of an answer does not tell which one it was.
const ADD_PADDING: HeaderName = HeaderName::from_static("add-padding");

/// A service that answers `GET /range/{five characters}` with lines `REST:COUNT`, as the public one at
/// [`RangeService::PUBLIC`] does. Only those five characters leave the server.
#[derive(Clone, Debug)]
pub struct RangeService {
    http: reqwest::Client,
    url: String,
}

impl RangeService {
    /// Where the public service answers.
    pub const PUBLIC: &'static str = "https://api.pwnedpasswords.com";

    /// The service at this address, without the path. The system's proxy settings count, except on this machine.
    ///
    /// # Errors
    /// If no TLS can be set up.
    pub fn new(url: &str) -> Result<Self, reqwest::Error> {
        let builder = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")));
        let is_local = url::Url::parse(url).is_ok_and(|url| match url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        });
        let http = if is_local { builder.no_proxy() } else { builder }.build()?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned() })
    }

    /// Whether the service knows this hash; otherwise why that could not be found out, without the address (it ends
    /// in five characters of the hash).
    pub(super) async fn contains(&self, hash: &Sha1Hex) -> Result<bool, String> {
        let request = self
            .http
            .get(format!("{}/range/{}", self.url, hash.prefix()))
            .header(ADD_PADDING, HeaderValue::from_static("true"));
        let told = |error: reqwest::Error| error.without_url().to_string();
        let mut answer = request.send().await.map_err(told)?;
        if answer.status() != http::StatusCode::OK {
            return Err(format!("the service answers {}", answer.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(told)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err("the service's answer is too long".to_owned());
            }
            body.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(body).map_err(|_| "the service answers no text".to_owned())?;
        // All lines are looked at, so that the time does not tell where in the range the hash is.
        Ok(text.lines().fold(false, |known, line| known | says(line, hash.suffix())))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::extract::Path;
    use axum::routing::get;
    use frontdesk_types::{Secret, Timestamp};
    use http::HeaderMap;

    use super::*;
    use crate::password::Breaches;

    /// What the service was asked, and with what for padding.
    type Asked = Arc<Mutex<Vec<(String, String)>>>;

    async fn service(
        answer: impl Fn() -> (u16, String) + Clone + Send + Sync + 'static,
    ) -> (Breaches, Asked) {
        let asked = Asked::default();
        let seen = Arc::clone(&asked);
        let range = move |Path(prefix): Path<String>, headers: HeaderMap| {
            let padding = headers.get("add-padding").map_or("", |value| value.to_str().unwrap()).to_owned();
            seen.lock().unwrap().push((prefix, padding));
            let (status, body) = answer();
            async move { (http::StatusCode::from_u16(status).unwrap(), body) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router: Router = Router::new().route("/range/{prefix}", get(range));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (Breaches::service(&url).unwrap(), asked)
    }

    async fn knows(breaches: &Breaches, password: &str) -> bool {
        breaches.know(&Secret::new(password), Timestamp::from_secs(1)).await
    }

    #[tokio::test]
    async fn five_characters_leave_the_server() {
        let suffix = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";
        let (breaches, asked) =
            service(move || (200, format!("{}:0\r\n{suffix}:52256179\r\n", "0".repeat(35)))).await;
        assert!(knows(&breaches, "password").await);
        assert!(!knows(&breaches, "correct horse battery staple").await);
        let asked = asked.lock().unwrap().clone();
        assert_eq!(asked[0], ("5BAA6".to_owned(), "true".to_owned()));
        assert!(asked.iter().all(|(prefix, _)| prefix.len() == 5));
    }

    #[tokio::test]
    async fn a_service_that_fails_keeps_nobody_out() {
        for (status, body) in
            [(500, ""), (302, ""), (200, "no list"), (404, "1E4C9B93F3F0682250B6CF8331B7EE68FD8:9")]
        {
            let (breaches, _) = service(move || (status, body.to_owned())).await;
            assert!(!knows(&breaches, "password").await, "{status}");
        }
        let long = "1E4C9B93F3F0682250B6CF8331B7EE68FD8:1\n".repeat(30_000);
        let (breaches, _) = service(move || (200, long.clone())).await;
        assert!(!knows(&breaches, "password").await, "an answer without end is not read");
        let away = Breaches::service("http://127.0.0.1:1").unwrap();
        assert!(!knows(&away, "password").await);
    }

    #[tokio::test]
    async fn what_went_wrong_is_told_without_the_hash() {
        let hash = Sha1Hex::of(&Secret::new("password"));
        let away = RangeService::new("http://127.0.0.1:1").unwrap();
        let cause = away.contains(&hash).await.unwrap_err();
        assert!(!cause.contains("5BAA6") && !cause.is_empty(), "{cause}");
    }
}
