//! Settings from variables: the names of this project, and those that people already have.

use super::builder::Builder;
use crate::SecretKey;

/// Where Clerk's own Backend API answers: what the `CLERK_*` variables mean when they name no other place.
const CLERK_API_URL: &str = "https://api.clerk.com";

impl Builder {
    /// Reads the settings from variables, as [`Frontdesk::from_env`](crate::Frontdesk::from_env) does from the
    /// environment's. What was set on the builder before is replaced by what the variables say.
    ///
    /// | Setting | Variables, the first that is set wins |
    /// |---|---|
    /// | publishable key | `FRONTDESK_PUBLISHABLE_KEY`, `CLERK_PUBLISHABLE_KEY`, `NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY` |
    /// | secret key | `FRONTDESK_SECRET_KEY`, `CLERK_SECRET_KEY` |
    /// | machine secret key | `FRONTDESK_MACHINE_SECRET_KEY`, `CLERK_MACHINE_SECRET_KEY` |
    /// | API URL | `FRONTDESK_URL`, `CLERK_API_URL`; else Clerk's own, if no `FRONTDESK_*` key is set |
    /// | JWT key | `FRONTDESK_JWT_KEY`, `CLERK_JWT_KEY` |
    /// | proxy URL | `FRONTDESK_PROXY_URL`, `CLERK_PROXY_URL`, `NEXT_PUBLIC_CLERK_PROXY_URL`; else `FRONTDESK_URL`, with a `pk_test_` key |
    /// | sign-in URL | `FRONTDESK_SIGN_IN_URL`, `CLERK_SIGN_IN_URL`, `NEXT_PUBLIC_CLERK_SIGN_IN_URL` |
    /// | sign-up URL | `FRONTDESK_SIGN_UP_URL`, `CLERK_SIGN_UP_URL`, `NEXT_PUBLIC_CLERK_SIGN_UP_URL` |
    /// | satellite | `FRONTDESK_IS_SATELLITE`, `CLERK_IS_SATELLITE`, `NEXT_PUBLIC_CLERK_IS_SATELLITE`: `true` or a number but 0 |
    /// | domain | `FRONTDESK_DOMAIN`, `CLERK_DOMAIN`, `NEXT_PUBLIC_CLERK_DOMAIN` |
    /// | satellite auto sync | `FRONTDESK_SATELLITE_AUTO_SYNC`, in the same way |
    /// | authorized parties | `FRONTDESK_AUTHORIZED_PARTIES`, separated by commas |
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// use frontdesk::Frontdesk;
    ///
    /// let settings = HashMap::from([
    ///     ("FRONTDESK_URL", "http://127.0.0.1:4400"),
    ///     ("FRONTDESK_PUBLISHABLE_KEY", "pk_test_MTI3LjAuMC4xOjQ0MDAk"),
    ///     ("FRONTDESK_SECRET_KEY", "sk_test_not_a_real_one"),
    /// ]);
    /// let lookup = |name: &str| settings.get(name).map(ToString::to_string);
    /// let frontdesk = Frontdesk::builder().variables(lookup).build()?;
    /// # Ok::<(), frontdesk::ConfigError>(())
    /// ```
    pub fn variables(mut self, lookup: impl Fn(&str) -> Option<String>) -> Self {
        let first =
            |names: &[&str]| names.iter().find_map(|name| lookup(name).filter(|value| !value.is_empty()));
        // The name that it has here, with Clerk's prefix, and as Next.js shows it to browsers.
        let shown = |name: &str| {
            first(&[
                &format!("FRONTDESK_{name}"),
                &format!("CLERK_{name}"),
                &format!("NEXT_PUBLIC_CLERK_{name}"),
            ])
        };
        let secret = |name: &str| first(&[&format!("FRONTDESK_{name}"), &format!("CLERK_{name}")]);
        let own_keys =
            ["PUBLISHABLE_KEY", "SECRET_KEY", "MACHINE_SECRET_KEY"].map(|name| format!("FRONTDESK_{name}"));
        let own_keys = own_keys.iter().any(|name| first(&[name]).is_some());
        let clerk_api_url = || (!own_keys).then(|| CLERK_API_URL.to_owned());

        let publishable_key = shown("PUBLISHABLE_KEY");
        // The development server speaks plain http on one port, for browsers and for servers alike.
        let development = publishable_key.as_deref().is_some_and(|key| key.starts_with("pk_test_"));
        let own_proxy = || if development { first(&["FRONTDESK_URL"]) } else { None };

        self.secret_key = secret("SECRET_KEY").and_then(SecretKey::new).or(self.secret_key);
        self.machine_secret_key =
            secret("MACHINE_SECRET_KEY").and_then(SecretKey::new).or(self.machine_secret_key);
        self.api_url = first(&["FRONTDESK_URL", "CLERK_API_URL"]).or(self.api_url).or_else(clerk_api_url);
        self.jwt_key = secret("JWT_KEY").or(self.jwt_key);
        self.proxy_url = shown("PROXY_URL").or(self.proxy_url).or_else(own_proxy);
        self.publishable_key = publishable_key.or(self.publishable_key);
        self.sign_in_url = shown("SIGN_IN_URL").or(self.sign_in_url);
        self.sign_up_url = shown("SIGN_UP_URL").or(self.sign_up_url);
        self.domain = shown("DOMAIN").or(self.domain);
        self.is_satellite = shown("IS_SATELLITE").map_or(self.is_satellite, |value| says_yes(&value));
        self.satellite_auto_sync = first(&["FRONTDESK_SATELLITE_AUTO_SYNC"])
            .map_or(self.satellite_auto_sync, |value| says_yes(&value));
        for party in first(&["FRONTDESK_AUTHORIZED_PARTIES"]).unwrap_or_default().split(',') {
            if !party.trim().is_empty() {
                self = self.authorized_party(party.trim());
            }
        }
        self
    }
}

/// `true`, or a number that is not 0, as other SDKs read it.
fn says_yes(value: &str) -> bool {
    let value = value.trim();
    let number = || value.bytes().take_while(u8::is_ascii_digit).any(|digit| digit != b'0');
    value.eq_ignore_ascii_case("true") || number()
}
