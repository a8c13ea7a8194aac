//! What an application says about itself, once.

pub(crate) mod clock;
pub(crate) mod frontend;
pub(crate) mod keys;

mod builder;
mod variables;

use std::sync::Arc;

use frontdesk_client::{BuildError, Client};
use frontdesk_jwt::{Algorithm, Expectations, VerifyingKey};
use url::Url;

pub use self::builder::Builder;
use self::frontend::{Frontend, FrontendPlace};
use crate::authenticate::organization_sync::OrganizationSync;
use crate::authenticate::path_pattern::InvalidPathPattern;
use crate::{
    Accepts, Clock, InstanceType, InvalidPublishableKey, PublishableKey, SecretKey, SystemClock, TokenType,
};

/// Enough for as many people at once, in 40 MB when all of them are there (docs/benchmarks.md).
const DEFAULT_TOKEN_CACHE: usize = 16_384;

/// How the SDK is set up. Everything has been checked.
#[derive(Debug)]
pub(crate) struct Config {
    /// What browsers know of the instance; applications that only talk to machines have none.
    pub(crate) browsers: Option<Browsers>,
    /// Where the primary application of a satellite signs people in.
    pub(crate) primary_sign_in: Option<String>,
    pub(crate) client: Client,
    pub(crate) jwt_key: Option<VerifyingKey>,
    pub(crate) expectations: Expectations,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) accepts: Accepts,
    /// How many verified tokens are remembered at most.
    pub(crate) token_cache: usize,
}

/// What has to do with browsers and their sessions.
#[derive(Debug)]
pub(crate) struct Browsers {
    pub(crate) key: PublishableKey,
    /// The host of the Frontend API behind any proxy, which tokens name as their issuer: the one in the key, or the
    /// satellite's own.
    pub(crate) frontend_api: String,
    pub(crate) frontend: FrontendPlace,
    pub(crate) satellite: Option<Satellite>,
    pub(crate) sign_in_url: Option<String>,
    pub(crate) sign_up_url: Option<String>,
    pub(crate) organization_sync: OrganizationSync,
}

/// An application on a domain of its own that shares the users of a primary application (wire contract §4.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Satellite {
    /// Whether a visitor without cookies is sent to the primary application at once.
    pub(crate) auto_sync: bool,
}

impl Builder {
    /// Checks the settings. Nothing is fetched yet.
    ///
    /// ```
    /// use frontdesk::{ConfigError, Frontdesk};
    ///
    /// let error = Frontdesk::builder().build().unwrap_err();
    /// assert!(matches!(error, ConfigError::MissingPublishableKey));
    /// assert!(error.to_string().contains("FRONTDESK_PUBLISHABLE_KEY"));
    /// ```
    ///
    /// # Errors
    /// A setting is missing or unreadable; the error names it and the variable that gives it.
    pub fn build(self) -> Result<crate::Frontdesk, ConfigError> {
        Ok(crate::Frontdesk::from_config(self.check()?))
    }

    fn check(self) -> Result<Config, ConfigError> {
        if self.is_satellite && self.accepts.single() != Some(TokenType::M2m) {
            self.check_satellite()?;
        }
        // Who only asks for these kinds of tokens looks at no cookie, and sends nobody anywhere.
        let without_browsers = matches!(self.accepts.single(), Some(TokenType::M2m | TokenType::ApiKey));
        let key = self.publishable_key.as_deref().map(str::parse::<PublishableKey>);
        let browsers = match key {
            Some(Ok(key)) => Some(self.browsers(key)?),
            None | Some(Err(_)) if without_browsers => None,
            Some(Err(error)) => return Err(error.into()),
            None => return Err(ConfigError::MissingPublishableKey),
        };
        Ok(Config {
            browsers,
            primary_sign_in: self.sign_in_url.clone().filter(|_| self.is_satellite),
            jwt_key: self.jwt_key.as_deref().map(read_jwt_key).transpose()?,
            client: match self.client {
                Some(client) => client,
                None => make_client(self.secret_key, self.machine_secret_key, self.api_url, self.accepts)?,
            },
            expectations: self.expectations,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
            accepts: self.accepts,
            token_cache: self.token_cache.unwrap_or(DEFAULT_TOKEN_CACHE),
        })
    }

    fn check_satellite(&self) -> Result<(), ConfigError> {
        // The kind of the secret key counts here, as it does elsewhere; without one, that of the other key.
        let development = match (&self.secret_key, &self.publishable_key) {
            (Some(secret), _) => ["sk_test_", "test_"].iter().any(|start| secret.expose().starts_with(start)),
            (None, key) => key.as_ref().is_some_and(|key| key.starts_with("pk_test_")),
        };
        if development && self.sign_in_url.is_none() {
            return Err(ConfigError::MissingSignInUrl);
        }
        if self.proxy_url.is_none() && self.domain.is_none() {
            return Err(ConfigError::MissingDomain);
        }
        Ok(())
    }

    fn browsers(&self, key: PublishableKey) -> Result<Browsers, ConfigError> {
        let production = key.instance_type() == InstanceType::Production;
        let satellite = self.is_satellite.then_some(Satellite { auto_sync: self.satellite_auto_sync });
        let frontend_api = match &self.domain {
            Some(domain) if satellite.is_some() && production => format!("clerk.{domain}"),
            _ => key.frontend_api().to_owned(),
        };
        let frontend = match &self.proxy_url {
            Some(proxy) => read_proxy(proxy)?,
            None => Frontend::at(&frontend_api)
                .map(FrontendPlace::Fixed)
                .ok_or_else(|| ConfigError::Domain(frontend_api.clone()))?,
        };
        Ok(Browsers {
            frontend_api,
            frontend,
            satellite,
            sign_in_url: self.sign_in_url.clone(),
            sign_up_url: self.sign_up_url.clone(),
            organization_sync: OrganizationSync::new(
                self.organization_patterns.as_deref(),
                self.personal_account_patterns.as_deref(),
            )?,
            key,
        })
    }
}

fn make_client(
    secret_key: Option<SecretKey>,
    machine_secret_key: Option<SecretKey>,
    api_url: Option<String>,
    accepts: Accepts,
) -> Result<Client, ConfigError> {
    let secret_key = match secret_key {
        // A machine that only hears other machines needs no secret of the instance.
        None if accepts.single() == Some(TokenType::M2m) => machine_secret_key.clone(),
        known => known,
    };
    let secret_key = secret_key.ok_or(ConfigError::MissingSecretKey)?;
    let transport = frontdesk_client::HttpTransport::new(&api_url.ok_or(ConfigError::MissingApiUrl)?)?;
    let mut client = Client::builder(secret_key.expose());
    if let Some(key) = machine_secret_key {
        client = client.machine_secret_key(key.expose());
    }
    Ok(client.build(transport)?)
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

fn read_proxy(text: &str) -> Result<FrontendPlace, ConfigError> {
    if text.starts_with('/') && !text.starts_with("//") {
        return Ok(FrontendPlace::Path(text.to_owned()));
    }
    let url = web_url(text).ok_or_else(|| ConfigError::ProxyUrl(text.to_owned()))?;
    Ok(FrontendPlace::Fixed(Frontend::behind_proxy(url)))
}

fn web_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// A setting is missing or unreadable.
///
/// ```
/// use frontdesk::{ConfigError, Frontdesk};
///
/// let built = Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk").build();
/// match built {
///     Err(ConfigError::MissingSecretKey) => eprintln!("where is the secret key?"),
///     Err(error) => eprintln!("{error}"),
///     Ok(_) => println!("ready"),
/// }
/// ```
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
    /// A satellite of a development instance that does not know where the primary application signs people in.
    #[error("a satellite needs the URL of its primary application's sign-in page (FRONTDESK_SIGN_IN_URL)")]
    MissingSignInUrl,
    /// A satellite with neither a domain nor a proxy.
    #[error("a satellite needs a domain or a proxy (FRONTDESK_DOMAIN, FRONTDESK_PROXY_URL)")]
    MissingDomain,
    /// No Frontend API can be there.
    #[error("{0:?} is not a host (FRONTDESK_DOMAIN, FRONTDESK_PUBLISHABLE_KEY)")]
    Domain(String),
    /// A pattern that names no paths.
    #[error("a pattern for paths of organizations or personal accounts cannot be read")]
    PathPattern(#[from] InvalidPathPattern),
}

#[cfg(test)]
mod tests;
