//! What a token says, before anybody signs it.
//!
//! A session token tells who is signed in, in which session and for which organization (wire protocol §3.2), plus the
//! claims that the instance's owner added (§9.4). The token of a JWT template says what its template says, and who it
//! is about (§9.2). In both, what a token says by itself cannot be overridden.

use frontdesk_jwt::{ActiveOrganization, FactorVerificationAge, SessionClaims, StatusClaim};
use frontdesk_types::{Randomness, Span, Timestamp};
use serde_json::{Map, Value};

use crate::instance::Instance;
use crate::organization::Membership;
use crate::session::{Session, SessionStatus};
use crate::template::{Facts, JwtTemplate, RESERVED_CLAIMS, Template};

/// How far `nbf` of a session token lies before `iat`, for verifiers whose clocks are behind.
pub const SESSION_TOKEN_CLOCK_SKEW: Span = Span::seconds(10);

/// Somebody asks for a token.
#[derive(Clone, Copy, Debug)]
pub struct TokenRequest<'a> {
    /// The instance that issues it.
    pub instance: &'a Instance,
    /// Whom it is about. A membership of another user counts as none.
    pub facts: Facts<'a>,
    /// The `Origin` of the request, if it had one.
    pub authorized_party: Option<&'a str>,
    /// How long the token shall live, from [`check_token_lifetime`](crate::template::check_token_lifetime); `None`
    /// leaves it to the instance's settings or the template.
    pub lifetime: Option<Span>,
    /// When it is issued.
    pub now: Timestamp,
}

/// Why no token is made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// The session has ended.
    #[error("the session is {0}")]
    SessionOver(SessionStatus),
    /// The user is kept out.
    #[error("the user is banned")]
    UserBanned,
}

impl TokenRequest<'_> {
    /// What a session token says. `custom` are the claims of
    /// [`Settings::session_token_claims`](crate::settings::Settings::session_token_claims).
    pub fn session_claims(
        &self,
        custom: &Template,
        rng: &mut dyn Randomness,
    ) -> Result<SessionClaims, TokenRefusal> {
        let status = self.allowed()?;
        let Facts { account, session, .. } = self.facts;
        let lifetime = self.lifetime.unwrap_or(self.instance.settings.limits.session_token_lifetime);
        let mut claims = SessionClaims::new(
            self.instance.issuer(),
            account.user.id.as_str(),
            session.id.as_str(),
            self.now,
            self.now + lifetime,
        );
        claims.authorized_party = self.authorized_party.map(str::to_owned);
        claims.not_before = Some(self.now - SESSION_TOKEN_CLOCK_SKEW);
        claims.factor_verification_age = Some(factor_verification_age(session, self.now));
        claims.status = Some(status);
        claims.token_id = Some(token_id(rng));
        claims.actor = session.actor.as_ref().and_then(Value::as_object).cloned();
        claims.organization = self.membership().map(active_organization);
        claims.custom = custom.evaluate(&self.own_facts());
        Ok(claims)
    }

    /// What the token of a template says: its claims, then the seven that every token has. `template` is what
    /// [`JwtTemplate::claims`] of `record` reads as.
    pub fn template_claims(
        &self,
        record: &JwtTemplate,
        template: &Template,
        rng: &mut dyn Randomness,
    ) -> Result<Map<String, Value>, TokenRefusal> {
        self.allowed()?;
        let mut claims = template.evaluate(&self.own_facts());
        // Saving refuses these names; a template that came another way must not pass for a session token either.
        claims.retain(|name, _| !RESERVED_CLAIMS.contains(&name.as_str()));
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        if let Some(origin) = self.authorized_party {
            put("azp", origin.into());
        }
        put("exp", (self.now + self.lifetime.unwrap_or(record.lifetime)).as_secs().into());
        put("iat", self.now.as_secs().into());
        put("iss", self.instance.issuer().into());
        put("jti", token_id(rng).into());
        put("nbf", (self.now - record.allowed_clock_skew).as_secs().into());
        put("sub", self.facts.account.user.id.as_str().into());
        Ok(claims)
    }

    /// Tokens are for those whose session lives and who are not kept out, asked at every mint (decision 6).
    fn allowed(&self) -> Result<StatusClaim, TokenRefusal> {
        if self.facts.account.user.banned {
            return Err(TokenRefusal::UserBanned);
        }
        match self.facts.session.status_at(self.now) {
            SessionStatus::Active => Ok(StatusClaim::Active),
            SessionStatus::Pending => Ok(StatusClaim::Pending),
            over => Err(TokenRefusal::SessionOver(over)),
        }
    }

    fn own_facts(&self) -> Facts<'_> {
        Facts { membership: self.membership(), ..self.facts }
    }

    /// The active membership, if it is this user's: a token must never speak for an organization by mistake.
    fn membership(&self) -> Option<&Membership> {
        self.facts.membership.filter(|membership| membership.user_id == self.facts.account.user.id)
    }
}

fn active_organization(membership: &Membership) -> ActiveOrganization {
    ActiveOrganization {
        id: membership.organization.id.to_string(),
        slug: membership.organization.slug.clone(),
        role: Some(membership.role.clone()),
        permissions: membership.permissions.clone(),
    }
}

fn factor_verification_age(session: &Session, now: Timestamp) -> FactorVerificationAge {
    // `-1`, never, does not fit and becomes `None`.
    let [first_factor, second_factor] =
        session.factor_verification_age(now).map(|minutes| u32::try_from(minutes).ok());
    FactorVerificationAge { first_factor, second_factor }
}

/// Twenty hexadecimal digits.
fn token_id(rng: &mut dyn Randomness) -> String {
    rng.hex::<10>()
}

#[cfg(test)]
mod tests {
    use frontdesk_jwt::ClaimsVersion;
    use serde_json::json;

    use super::*;
    use crate::instance::InstanceKind;
    use crate::metadata::Metadata;
    use crate::organization::Organization;
    use crate::settings::Settings;
    use crate::user::{Account, User};

    const NOW: Timestamp = Timestamp::from_millis(1_795_423_080_900);

    struct Fixed(u8);

    impl Randomness for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    /// Everything a request borrows from.
    struct Scene {
        instance: Instance,
        account: Account,
        session: Session,
        membership: Membership,
    }

    impl Scene {
        fn new() -> Self {
            let user = User::new("user_1".parse().unwrap(), NOW);
            Self {
                instance: Instance {
                    id: "ins_1".parse().unwrap(),
                    slug: "shop".to_owned(),
                    kind: InstanceKind::Development,
                    key_host: "clerk.shop.localhost".to_owned(),
                    settings: Settings::default(),
                    has_test_keys: false,
                    created_at: NOW,
                    updated_at: NOW,
                    version: 1,
                },
                session: Session {
                    id: "sess_1".parse().unwrap(),
                    client_id: "client_1".parse().unwrap(),
                    user_id: user.id.clone(),
                    status: SessionStatus::Active,
                    expire_at: NOW + Span::days(7),
                    abandon_at: NOW + Span::days(30),
                    last_active_at: NOW,
                    latest_activity: None,
                    last_active_organization_id: None,
                    actor: None,
                    first_factor_at: Some(NOW - Span::minutes(3)),
                    second_factor_at: None,
                    created_at: NOW,
                    updated_at: NOW,
                    version: 1,
                },
                membership: Membership {
                    id: "orgmem_1".parse().unwrap(),
                    organization: Organization {
                        id: "org_1".parse().unwrap(),
                        name: "Shop".to_owned(),
                        slug: Some("shop".to_owned()),
                        public_metadata: Metadata::default(),
                        private_metadata: Metadata::default(),
                        created_at: NOW,
                        updated_at: NOW,
                    },
                    user_id: user.id.clone(),
                    role: "org:admin".to_owned(),
                    permissions: vec!["org:stock:count".to_owned()],
                    public_metadata: Metadata::default(),
                    created_at: NOW,
                    updated_at: NOW,
                },
                account: Account { user, identifications: Vec::new() },
            }
        }

        fn request(&self) -> TokenRequest<'_> {
            TokenRequest {
                instance: &self.instance,
                facts: Facts::new(&self.account, &self.session),
                authorized_party: Some("https://shop.example"),
                lifetime: None,
                now: NOW,
            }
        }

        fn request_in_organization(&self) -> TokenRequest<'_> {
            let mut request = self.request();
            request.facts.membership = Some(&self.membership);
            request
        }
    }

    fn template(claims: &Value) -> Template {
        Template::parse(claims.as_object().unwrap()).unwrap()
    }

    fn record(claims: &Value) -> JwtTemplate {
        JwtTemplate {
            id: "jtmp_1".parse().unwrap(),
            name: "warehouse".to_owned(),
            claims: claims.as_object().unwrap().clone(),
            lifetime: Span::seconds(300),
            allowed_clock_skew: Span::seconds(7),
            signing_algorithm: "RS256".to_owned(),
            sealed_signing_key: None,
            created_at: NOW,
            updated_at: NOW,
            version: 1,
        }
    }

    fn session_token(request: &TokenRequest<'_>, custom: &Value, version: ClaimsVersion) -> Value {
        let claims = request.session_claims(&template(custom), &mut Fixed(0xab)).unwrap();
        Value::Object(claims.to_claims(version))
    }

    #[test]
    fn a_session_token_says_who_is_signed_in() {
        let scene = Scene::new();
        assert_eq!(
            session_token(&scene.request(), &json!({}), ClaimsVersion::V2),
            json!({
                "azp": "https://shop.example",
                "exp": 1_795_423_140,
                "fva": [3, -1],
                "iat": 1_795_423_080,
                "iss": "https://clerk.shop.localhost",
                "jti": "abababababababababab",
                "nbf": 1_795_423_070,
                "sid": "sess_1",
                "sts": "active",
                "sub": "user_1",
                "v": 2,
            })
        );
    }

    #[test]
    fn the_active_organization_is_in_both_versions() {
        let scene = Scene::new();
        let request = scene.request_in_organization();
        let new = session_token(&request, &json!({}), ClaimsVersion::V2);
        assert_eq!(
            new["o"],
            json!({ "id": "org_1", "slg": "shop", "rol": "admin", "per": "count", "fpm": "1" })
        );
        let old = session_token(&request, &json!({}), ClaimsVersion::V1);
        assert_eq!(
            [&old["org_id"], &old["org_slug"], &old["org_role"], &old["org_permissions"]],
            [&json!("org_1"), &json!("shop"), &json!("org:admin"), &json!(["org:stock:count"])]
        );
    }

    #[test]
    fn somebody_elses_membership_counts_as_none() {
        let mut scene = Scene::new();
        scene.membership.user_id = "user_2".parse().unwrap();
        let request = scene.request_in_organization();
        let token = session_token(&request, &json!({ "role": "{{org.role}}" }), ClaimsVersion::V2);
        assert_eq!((token.get("o"), &token["role"]), (None, &Value::Null));
        let claims = json!({ "org": "{{org.id}}" });
        let token = request.template_claims(&record(&claims), &template(&claims), &mut Fixed(0)).unwrap();
        assert_eq!(token["org"], Value::Null);
    }

    #[test]
    fn custom_claims_are_added_and_never_override() {
        let mut scene = Scene::new();
        scene.session.actor = Some(json!({ "sub": "user_support" }));
        let custom = json!({
            "plan": "{{user.public_metadata.plan || 'free'}}",
            "sub": "user_root", "v": 1, "o": { "id": "org_root" }, "sts": "x", "act": null, "org_id": "{{org.id}}",
        });
        let token = session_token(&scene.request(), &custom, ClaimsVersion::V2);
        assert_eq!(
            [&token["plan"], &token["sub"], &token["v"]],
            [&json!("free"), &json!("user_1"), &json!(2)]
        );
        assert_eq!([&token["sts"], &token["act"]], [&json!("active"), &json!({ "sub": "user_support" })]);
        assert_eq!((token.get("o"), token.get("org_id")), (None, Some(&Value::Null)));
    }

    #[test]
    fn a_template_token_says_what_its_template_says_and_whom_it_is_about() {
        let scene = Scene::new();
        let claims = json!({
            "aud": "warehouse", "who": "{{user.id}}",
            "sub": "user_root", "iss": "https://evil.example", "exp": 9, "sid": "sess_9", "v": 2, "azp": "x",
        });
        let token =
            scene.request().template_claims(&record(&claims), &template(&claims), &mut Fixed(0)).unwrap();
        assert_eq!(
            Value::Object(token),
            json!({
                "aud": "warehouse",
                "who": "user_1",
                "azp": "https://shop.example",
                "exp": 1_795_423_380,
                "iat": 1_795_423_080,
                "iss": "https://clerk.shop.localhost",
                "jti": "00000000000000000000",
                "nbf": 1_795_423_073,
                "sub": "user_1",
            })
        );
    }

    #[test]
    fn the_caller_may_say_how_long_and_an_origin_may_be_missing() {
        let scene = Scene::new();
        let mut request = scene.request();
        request.lifetime = Some(Span::hours(1));
        request.authorized_party = None;
        let token = session_token(&request, &json!({ "azp": "https://evil.example" }), ClaimsVersion::V1);
        assert_eq!((&token["exp"], token.get("azp")), (&json!(1_795_426_680), None));
        let claims = json!({});
        let token = request.template_claims(&record(&claims), &template(&claims), &mut Fixed(0)).unwrap();
        assert_eq!((&token["exp"], token.get("azp")), (&json!(1_795_426_680), None));
    }

    #[test]
    fn the_signed_out_and_the_banned_get_no_token() {
        let refused = |change: fn(&mut Scene)| {
            let mut scene = Scene::new();
            change(&mut scene);
            let request = scene.request();
            let session = request.session_claims(&Template::default(), &mut Fixed(0)).map(|_| ());
            let made = request.template_claims(&record(&json!({})), &Template::default(), &mut Fixed(0));
            assert_eq!(session, made.map(|_| ()));
            session
        };
        assert_eq!(refused(|_| ()), Ok(()));
        assert_eq!(refused(|scene| scene.session.status = SessionStatus::Pending), Ok(()));
        assert_eq!(refused(|scene| scene.account.user.banned = true), Err(TokenRefusal::UserBanned));
        let over = |status| Err(TokenRefusal::SessionOver(status));
        let revoked = refused(|scene| scene.session.status = SessionStatus::Revoked);
        assert_eq!(revoked, over(SessionStatus::Revoked));
        assert_eq!(refused(|scene| scene.session.expire_at = NOW), over(SessionStatus::Expired));
    }
}
