//! An instance, and many people with tokens of it.

use std::thread;

use anyhow::{Result, anyhow};
use frontdesk::{Clock, Frontdesk, InstanceType, PublishableKey, SystemClock};
use frontdesk_jwt::{
    ActiveOrganization, ClaimsVersion, Header, Jwk, Scoped, SessionClaims, SigningKey, category,
};
use frontdesk_types::{Span, Timestamp};

/// The instance and its people.
pub(crate) struct World {
    pub(crate) key: SigningKey,
    pub(crate) publishable_key: PublishableKey,
    pub(crate) client_uat: i64,
    pub(crate) people: Vec<String>,
}

impl World {
    /// Signs a token for each of so many people. Tokens are as the server makes them, with an organization; only that
    /// they live a day.
    pub(crate) fn new(people: usize) -> Result<Self> {
        let key = SigningKey::generate("ins_2vXyWcGPZQmUKdTPQf7bzKqVbNH")?;
        let publishable_key = PublishableKey::mint(InstanceType::Production, "clerk.example.com")?;
        let now = SystemClock.now();
        let numbers: Vec<usize> = (0..people).collect();
        let halves: Vec<Result<Vec<String>>> = thread::scope(|threads| {
            let halves = numbers.chunks(people.div_ceil(2));
            let halves: Vec<_> = halves
                .map(|half| threads.spawn(|| half.iter().map(|number| token(&key, *number, now)).collect()))
                .collect();
            halves.into_iter().map(|half| half.join().map_err(|_| anyhow!("a thread")).flatten()).collect()
        });
        let people = halves.into_iter().collect::<Result<Vec<_>>>()?.concat();
        Ok(Self { key, publishable_key, client_uat: now.as_secs() - 3600, people })
    }

    /// Our SDK for this instance, with room for so many tokens.
    pub(crate) fn frontdesk(&self, token_cache: usize) -> Result<Frontdesk> {
        frontdesk(self.publishable_key.as_str(), self.public_pem()?, token_cache)
    }

    pub(crate) fn public_pem(&self) -> Result<String> {
        self.key.public_pem().ok_or_else(|| anyhow!("a public key"))
    }

    /// The public key as the key set has it.
    pub(crate) fn jwk(&self) -> Result<Jwk> {
        self.key.public_jwk().ok_or_else(|| anyhow!("a public key"))
    }

    /// The cookies of a browser: each with and without the suffix, as the Frontend API sets them, beside one of the
    /// application.
    pub(crate) fn cookies(&self, token: &str) -> String {
        let (suffix, uat) = (self.publishable_key.cookie_suffix(), self.client_uat);
        format!(
            "theme=dark; __client_uat={uat}; __client_uat_{suffix}={uat}; __session={token}; __session_{suffix}={token}"
        )
    }
}

/// Our SDK, given the key so that nothing is fetched.
pub(crate) fn frontdesk(publishable_key: &str, pem: String, token_cache: usize) -> Result<Frontdesk> {
    Ok(Frontdesk::builder()
        .publishable_key(publishable_key)
        .secret_key("sk_live_not_a_real_one")
        .api_url("http://127.0.0.1:9")
        .jwt_key(pem)
        .token_cache(token_cache)
        .build()?)
}

fn token(key: &SigningKey, number: usize, now: Timestamp) -> Result<String> {
    let user = format!("user_2vXyWcGPZQmUKdTPQf{number:09}");
    let session = format!("sess_2vXyWcGPZQmUKdTPQf{number:09}");
    let expires_at = now + Span::days(1);
    let mut claims = SessionClaims::new("https://clerk.example.com", user, session, now, expires_at);
    claims.authorized_party = Some("https://app.example.com".to_owned());
    claims.not_before = Some(now - Span::seconds(10));
    claims.token_id = Some(format!("{number:020x}"));
    claims.features =
        vec![Scoped::organization("invoices"), Scoped::organization("reports"), Scoped::user("beta")];
    claims.organization = Some(ActiveOrganization {
        id: "org_2vXyWcGPZQmUKdTPQf7bzKqVbNH".to_owned(),
        slug: Some("acme".to_owned()),
        role: Some("org:admin".to_owned()),
        permissions: vec!["org:invoices:create".to_owned(), "org:reports:read".to_owned()],
    });
    let header = Header::for_key(key).with_category(category::SESSION).with_origin_issued_at(now);
    Ok(key.sign(&header, &claims.to_claims(ClaimsVersion::V2))?)
}
