//! What an application says about itself, once.

use std::sync::Arc;

use frontdesk_client::{BuildError, Client};
use frontdesk_jwt::{Algorithm, Expectations, VerifyingKey};
use frontdesk_types::Span;
use url::Url;

use crate::{Clock, Frontdesk, InvalidPublishableKey, PublishableKey, SecretKey, SystemClock};

/// Where Clerk's own Backend API answers: what the `CLERK_*` variables mean when they name no other place.
const CLERK_API_URL: &str = "https://api.clerk.com";

/// How the SDK is set up. Everything has been checked.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) publishable_key: PublishableKey,
    pub(crate) client: Client,
    pub(crate) jwt_key: Option<VerifyingKey>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) expectations: Expectations,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Where browsers reach the Frontend API when it is not the host in the publishable key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proxy {
    /// A path of the application's own origin, such as `/__clerk`.
    Path(String),
    /// Another origin, possibly with a path.
    Absolute(Url),
}

/// Builds a [`Frontdesk`]. The keys and the API's URL are needed; everything else has a default.
///
/// ```
/// use frontdesk::Frontdesk;
///
/// let frontdesk = Frontdesk::builder()
///     .publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk")
///     .secret_key("sk_test_not_a_real_one")
///     .api_url("http://127.0.0.1:4400")
///     .authorized_party("http://localhost:3000")
///     .build()?;
/// # Ok::<(), frontdesk::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Builder {
    publishable_key: Option<String>,
    secret_key: Option<SecretKey>,
    client: Option<Client>,
    jwt_key: Option<String>,
    api_url: Option<String>,
    proxy_url: Option<String>,
    expectations: Expectations,
    clock: Option<Arc<dyn Clock>>,
}

impl Builder {
    /// The publishable key, `pk_test_…` or `pk_live_…`, spelled as the browser's SDK has it.
    pub fn publishable_key(mut self, key: impl Into<String>) -> Self {
        self.publishable_key = Some(key.into());
        self
    }

    /// The secret key, `sk_test_…` or `sk_live_…`.
    pub fn secret_key(mut self, key: impl Into<Box<str>>) -> Self {
        self.secret_key = SecretKey::new(key);
        self
    }

    /// The instance's public key as PEM. With it, session tokens are verified without asking the server for keys.
    /// An RSA key; `\n` written as two characters is understood, as environment variables often have it.
    pub fn jwt_key(mut self, pem: impl Into<String>) -> Self {
        self.jwt_key = Some(pem.into());
        self
    }

    /// Where the Backend API answers, without `/v1`: `http://127.0.0.1:4400`.
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.api_url = Some(url.into());
        self
    }

    /// A client of the Backend API, in place of one made from URL and secret key: over a transport of your own, or to a
    /// server in the same process.
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Where browsers reach the Frontend API, when it is not `https://` and the host in the publishable key: an
    /// absolute URL, or a path of the application's own origin such as `/__clerk`.
    pub fn proxy_url(mut self, url: impl Into<String>) -> Self {
        self.proxy_url = Some(url.into());
        self
    }

    /// Accepts session tokens that were issued to this origin (`azp`), and to others added before. Recommended: it
    /// stops a cookie that leaked to a sibling domain. With none added, the claim is not looked at.
    pub fn authorized_party(mut self, origin: impl Into<String>) -> Self {
        self.expectations = self.expectations.authorized_party(origin);
        self
    }

    /// Accepts tokens for this audience (`aud`), and for others added before. Tokens without one are still
    /// accepted.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.expectations = self.expectations.audience(audience);
        self
    }

    /// Accepts tokens from this issuer (`iss`) only, and from others added before. Stricter than other SDKs, which
    /// rely on the key alone.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.expectations = self.expectations.issuer(issuer);
        self
    }

    /// How far the clocks of the server and of this machine may be apart: five seconds unless said otherwise.
    pub fn clock_skew(mut self, skew: Span) -> Self {
        self.expectations = self.expectations.clock_skew(skew);
        self
    }

    /// Another clock than the system's, for tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Reads the settings from variables, as [`Frontdesk::from_env`] does from the environment's. What was set on
    /// the builder before is replaced by what the variables say.
    ///
    /// | Setting | Variables, the first that is set wins |
    /// |---|---|
    /// | publishable key | `FRONTDESK_PUBLISHABLE_KEY`, `CLERK_PUBLISHABLE_KEY`, `NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY` |
    /// | secret key | `FRONTDESK_SECRET_KEY`, `CLERK_SECRET_KEY` |
    /// | API URL | `FRONTDESK_URL`, `CLERK_API_URL`; else Clerk's own, if no `FRONTDESK_*` key is set |
    /// | JWT key | `FRONTDESK_JWT_KEY`, `CLERK_JWT_KEY` |
    /// | proxy URL | `FRONTDESK_PROXY_URL`, `CLERK_PROXY_URL`; else `FRONTDESK_URL`, with a `pk_test_` key |
    /// | authorized parties | `FRONTDESK_AUTHORIZED_PARTIES`, separated by commas |
    pub fn variables(mut self, lookup: impl Fn(&str) -> Option<String>) -> Self {
        let first =
            |names: &[&str]| names.iter().find_map(|name| lookup(name).filter(|value| !value.is_empty()));
        let own_keys = first(&["FRONTDESK_PUBLISHABLE_KEY", "FRONTDESK_SECRET_KEY"]).is_some();
        let clerk_api_url = || (!own_keys).then(|| CLERK_API_URL.to_owned());

        let publishable_key = first(&[
            "FRONTDESK_PUBLISHABLE_KEY",
            "CLERK_PUBLISHABLE_KEY",
            "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY",
        ]);
        // The development server speaks plain http on one port, for browsers and for servers alike.
        let development = publishable_key.as_deref().is_some_and(|key| key.starts_with("pk_test_"));
        let own_proxy = || if development { first(&["FRONTDESK_URL"]) } else { None };

        self.secret_key =
            first(&["FRONTDESK_SECRET_KEY", "CLERK_SECRET_KEY"]).and_then(SecretKey::new).or(self.secret_key);
        self.api_url = first(&["FRONTDESK_URL", "CLERK_API_URL"]).or(self.api_url).or_else(clerk_api_url);
        self.jwt_key = first(&["FRONTDESK_JWT_KEY", "CLERK_JWT_KEY"]).or(self.jwt_key);
        self.proxy_url =
            first(&["FRONTDESK_PROXY_URL", "CLERK_PROXY_URL"]).or(self.proxy_url).or_else(own_proxy);
        self.publishable_key = publishable_key.or(self.publishable_key);
        for party in first(&["FRONTDESK_AUTHORIZED_PARTIES"]).unwrap_or_default().split(',') {
            if !party.trim().is_empty() {
                self = self.authorized_party(party.trim());
            }
        }
        self
    }

    /// Checks the settings. Nothing is fetched yet.
    ///
    /// # Errors
    /// A setting is missing or unreadable; the error names it and the variable that gives it.
    pub fn build(self) -> Result<Frontdesk, ConfigError> {
        Ok(Frontdesk::from_config(self.check()?))
    }

    fn check(self) -> Result<Config, ConfigError> {
        Ok(Config {
            publishable_key: self.publishable_key.ok_or(ConfigError::MissingPublishableKey)?.parse()?,
            client: self.client.map_or_else(|| make_client(self.secret_key, self.api_url), Ok)?,
            jwt_key: self.jwt_key.as_deref().map(read_jwt_key).transpose()?,
            proxy: self.proxy_url.map(read_proxy).transpose()?,
            expectations: self.expectations,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
        })
    }
}

fn make_client(secret_key: Option<SecretKey>, api_url: Option<String>) -> Result<Client, ConfigError> {
    let secret_key = secret_key.ok_or(ConfigError::MissingSecretKey)?;
    Ok(Client::new(&api_url.ok_or(ConfigError::MissingApiUrl)?, secret_key.expose())?)
}

/// PEM as it is, or with its line ends escaped, or without its frame as other SDKs take it.
fn read_jwt_key(text: &str) -> Result<VerifyingKey, ConfigError> {
    let text = text.trim().replace("\\n", "\n");
    let pem = if text.starts_with("-----") {
        text
    } else {
        format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
    };
    VerifyingKey::from_pem(Algorithm::Rs256, &pem).map_err(ConfigError::JwtKey)
}

fn read_proxy(text: String) -> Result<Proxy, ConfigError> {
    if text.starts_with('/') && !text.starts_with("//") {
        return Ok(Proxy::Path(text));
    }
    web_url(&text).map(Proxy::Absolute).ok_or(ConfigError::ProxyUrl(text))
}

fn web_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// A setting is missing or unreadable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No publishable key.
    #[error("no publishable key: set FRONTDESK_PUBLISHABLE_KEY")]
    MissingPublishableKey,
    /// A publishable key that cannot be read.
    #[error("the publishable key cannot be read")]
    PublishableKey(#[from] InvalidPublishableKey),
    /// No secret key.
    #[error("no secret key: set FRONTDESK_SECRET_KEY")]
    MissingSecretKey,
    /// No URL for the Backend API.
    #[error("no URL of the server: set FRONTDESK_URL")]
    MissingApiUrl,
    /// The URL or the secret key cannot be used.
    #[error("the client of the Backend API cannot be made (FRONTDESK_URL, FRONTDESK_SECRET_KEY)")]
    Client(#[from] BuildError),
    /// A proxy URL that is neither absolute nor a path.
    #[error("{0:?} is neither an http or https URL nor a path (FRONTDESK_PROXY_URL)")]
    ProxyUrl(String),
    /// A JWT key that is not the PEM of an RSA public key.
    #[error("the JWT key is not the PEM of an RSA public key (FRONTDESK_JWT_KEY)")]
    JwtKey(#[source] frontdesk_jwt::KeyError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Builder {
        Builder::default().variables(|name| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some((*value).to_owned())
        })
    }

    fn from(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        read(variables).check()
    }

    const TEST_KEY: &str = "pk_test_MTI3LjAuMC4xOjQwMDAk";

    #[test]
    fn the_variables_people_already_have_are_enough() {
        let config = from(&[("CLERK_PUBLISHABLE_KEY", TEST_KEY), ("CLERK_SECRET_KEY", "sk_test_1")]).unwrap();
        assert!(format!("{:?}", config.client).contains("https://api.clerk.com"));
        assert_eq!(config.proxy, None);
    }

    #[test]
    fn our_own_variables_win() {
        let builder = read(&[
            ("CLERK_PUBLISHABLE_KEY", "pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk"),
            ("FRONTDESK_PUBLISHABLE_KEY", TEST_KEY),
            ("CLERK_SECRET_KEY", "sk_test_theirs"),
            ("FRONTDESK_SECRET_KEY", "sk_test_ours"),
            ("CLERK_API_URL", "http://127.0.0.1:1"),
            ("FRONTDESK_URL", "http://127.0.0.1:4400"),
            ("FRONTDESK_AUTHORIZED_PARTIES", "http://a.test, http://b.test"),
        ]);
        assert_eq!(builder.secret_key.as_ref().unwrap().expose(), "sk_test_ours");
        let config = builder.check().unwrap();
        assert_eq!(config.publishable_key.as_str(), TEST_KEY);
        assert!(format!("{:?}", config.client).contains("http://127.0.0.1:4400"));
        assert_eq!(config.proxy, Some(Proxy::Absolute("http://127.0.0.1:4400".parse().unwrap())));
        let expected =
            Expectations::new().authorized_party("http://a.test").authorized_party("http://b.test");
        assert_eq!(config.expectations, expected);
    }

    #[test]
    fn our_secret_key_is_never_sent_to_a_stranger_by_default() {
        let keys = [("FRONTDESK_PUBLISHABLE_KEY", TEST_KEY), ("FRONTDESK_SECRET_KEY", "sk_test_1")];
        assert!(matches!(from(&keys), Err(ConfigError::MissingApiUrl)));
    }

    #[test]
    fn a_missing_or_broken_setting_is_named() {
        assert!(matches!(from(&[]), Err(ConfigError::MissingPublishableKey)));
        let key = ("CLERK_PUBLISHABLE_KEY", TEST_KEY);
        assert!(matches!(from(&[key]), Err(ConfigError::MissingSecretKey)));
        let keys = [key, ("CLERK_SECRET_KEY", "sk_test_1")];
        let with = |name, value| from(&[keys[0], keys[1], (name, value)]);
        assert!(matches!(with("CLERK_API_URL", "localhost:4400"), Err(ConfigError::Client(_))));
        assert!(matches!(with("CLERK_PROXY_URL", "//elsewhere.test"), Err(ConfigError::ProxyUrl(_))));
        assert!(matches!(with("CLERK_PROXY_URL", "__clerk"), Err(ConfigError::ProxyUrl(_))));
        assert!(matches!(with("CLERK_JWT_KEY", "not a key"), Err(ConfigError::JwtKey(_))));
        assert_eq!(
            with("CLERK_PROXY_URL", "/__clerk").unwrap().proxy,
            Some(Proxy::Path("/__clerk".to_owned()))
        );
    }
}
