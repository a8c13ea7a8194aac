//! Session claims: one meaning, two versions on the wire (wire contract §3.2–3.4).
//!
//! API versions from 2025-04-10 get version 2, with the organization in the compact claim `o`; older callers get
//! version 1 with `org_id` and its siblings spelled out. Both are read into the same [`SessionClaims`].

mod read;

pub(crate) use read::spelled_permissions;

use frontdesk_types::{Timestamp, open_enum};
use serde_json::{Map, Value, json};

use crate::Scoped;
use crate::permissions::{custom_permission, listable, pack};

open_enum! {
    /// `sts`: whether the session is usable, or waits for the user to finish something.
    pub enum StatusClaim {
        /// Usable.
        Active = "active",
        /// The user still has a task to do; applications treat the session as signed out.
        Pending = "pending",
    }
}

/// Which claims a session token spells its meaning with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimsVersion {
    /// `org_id`, `org_role`, `org_slug`, `org_permissions`; no `v`.
    V1,
    /// `v: 2`, `o`, `fea`, `pla`, `sts`, `jti`.
    V2,
}

/// What a session token says. Any version is read (`Deserialize`); [`to_claims`](Self::to_claims) writes the one asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionClaims {
    /// `iss`: `https://` and the instance's key host.
    pub issuer: String,
    /// `sub`: the signed-in user.
    pub user_id: String,
    /// `sid`: the session.
    pub session_id: String,
    /// `azp`: the origin that asked for the token, if it had one.
    pub authorized_party: Option<String>,
    /// `iat`
    pub issued_at: Timestamp,
    /// `exp`
    pub expires_at: Timestamp,
    /// `nbf`
    pub not_before: Option<Timestamp>,
    /// `fva`: how long ago the user proved each factor.
    pub factor_verification_age: Option<FactorVerificationAge>,
    /// `sts`; version 1 does not say.
    pub status: Option<StatusClaim>,
    /// `jti`; version 1 has none.
    pub token_id: Option<String>,
    /// `act`: who acts in the user's name, as the object that was given when impersonation began.
    pub actor: Option<Map<String, Value>>,
    /// The active organization.
    pub organization: Option<ActiveOrganization>,
    /// `fea`; version 1 does not say.
    pub features: Vec<Scoped>,
    /// `pla`; version 1 does not say.
    pub plans: Vec<Scoped>,
    /// All other claims, which the instance's owner added. A name that [is reserved](Self::is_reserved) is not written.
    pub custom: Map<String, Value>,
}

/// The organization that the session acts for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActiveOrganization {
    /// Its id.
    pub id: String,
    /// Its slug, if it has one.
    pub slug: Option<String>,
    /// The user's role in it, with the prefix: `org:admin`. SDKs fail on an organization without a role (§12, 32).
    pub role: Option<String>,
    /// The custom permissions that the role gives, with the prefix: `org:invoices:create`. System permissions are never
    /// written into a token.
    pub permissions: Vec<String>,
}

/// How many minutes ago each factor was last proven; `None` if never (`-1` on the wire).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactorVerificationAge {
    /// Minutes since the first factor was proven.
    pub first_factor: Option<u32>,
    /// Minutes since the second factor was proven.
    pub second_factor: Option<u32>,
}

/// Reserved in both versions. Those of version 2 are reserved in version 1, too, because readers look at them (`v`,
/// `sts`, `fea`, `pla`) whatever the version.
const RESERVED: [&str; 15] =
    ["act", "azp", "exp", "fea", "fva", "iat", "iss", "jti", "nbf", "o", "pla", "sid", "sts", "sub", "v"];

/// Reserved in version 1; in version 2 an owner may add them for old readers.
const RESERVED_IN_V1: [&str; 4] = ["org_id", "org_permissions", "org_role", "org_slug"];

impl SessionClaims {
    /// The least a session token says; set the other fields as needed.
    pub fn new(
        issuer: impl Into<String>,
        user_id: impl Into<String>,
        session_id: impl Into<String>,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            user_id: user_id.into(),
            session_id: session_id.into(),
            authorized_party: None,
            issued_at,
            expires_at,
            not_before: None,
            factor_verification_age: None,
            status: None,
            token_id: None,
            actor: None,
            organization: None,
            features: Vec::new(),
            plans: Vec::new(),
            custom: Map::new(),
        }
    }

    /// Whether a claim has a meaning of its own in this version, so that a custom claim cannot have its name.
    pub fn is_reserved(name: &str, version: ClaimsVersion) -> bool {
        RESERVED.contains(&name) || (version == ClaimsVersion::V1 && RESERVED_IN_V1.contains(&name))
    }

    /// The claims of a token, in alphabetical order with the custom ones last.
    pub fn to_claims(&self, version: ClaimsVersion) -> Map<String, Value> {
        let mut claims = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                claims.insert(name.to_owned(), value);
            }
        };
        let spelled = version == ClaimsVersion::V1;
        let in_v2 = |value: Option<Value>| if spelled { None } else { value };
        let compact = if spelled { None } else { Some(CompactClaims::new(self)) };
        let organization = if spelled { self.organization.as_ref() } else { None };

        put("act", self.actor.clone().map(Value::Object));
        put("azp", text(self.authorized_party.as_deref()));
        put("exp", Some(self.expires_at.as_secs().into()));
        put("fea", compact.as_ref().and_then(|compact| text(compact.fea.as_deref())));
        put("fva", self.factor_verification_age.map(FactorVerificationAge::to_claim));
        put("iat", Some(self.issued_at.as_secs().into()));
        put("iss", text(Some(&self.issuer)));
        put("jti", in_v2(text(self.token_id.as_deref())));
        put("nbf", self.not_before.map(|at| at.as_secs().into()));
        put("o", compact.and_then(|compact| compact.o).map(Value::Object));
        put("org_id", organization.map(|organization| organization.id.clone().into()));
        put("org_permissions", organization.map(ActiveOrganization::spelled_permissions));
        put("org_role", organization.and_then(|organization| text(organization.role.as_deref())));
        put("org_slug", organization.and_then(|organization| text(organization.slug.as_deref())));
        put("pla", in_v2(Scoped::write_list(&listable(&self.plans)).map(Value::String)));
        put("sid", text(Some(&self.session_id)));
        put("sts", in_v2(text(self.status.as_ref().map(StatusClaim::as_str))));
        put("sub", text(Some(&self.user_id)));
        put("v", in_v2(Some(2.into())));

        let custom = self.custom.iter().filter(|(name, _)| !Self::is_reserved(name, version));
        claims.extend(custom.map(|(name, value)| (name.clone(), value.clone())));
        claims
    }
}

/// `fea` and `o` of version 2.
struct CompactClaims {
    fea: Option<String>,
    o: Option<Map<String, Value>>,
}

impl CompactClaims {
    fn new(claims: &SessionClaims) -> Self {
        let Some(organization) = &claims.organization else {
            return Self { fea: Scoped::write_list(&listable(&claims.features)), o: None };
        };
        let packed = pack(&organization.permissions, &claims.features);
        let mut o = Map::new();
        o.insert("id".to_owned(), organization.id.clone().into());
        if let Some(slug) = &organization.slug {
            o.insert("slg".to_owned(), slug.clone().into());
        }
        if let Some(role) = &organization.role {
            o.insert("rol".to_owned(), role.strip_prefix("org:").unwrap_or(role).into());
        }
        if !packed.per.is_empty() {
            o.insert("per".to_owned(), packed.per.into());
            o.insert("fpm".to_owned(), packed.fpm.into());
        }
        Self { fea: Scoped::write_list(&packed.features), o: Some(o) }
    }
}

impl ActiveOrganization {
    /// `org_permissions` of version 1: the same permissions that version 2 can carry.
    fn spelled_permissions(&self) -> Value {
        let carried = self.permissions.iter().filter(|permission| custom_permission(permission).is_some());
        carried.cloned().map(Value::String).collect()
    }
}

impl FactorVerificationAge {
    fn to_claim(self) -> Value {
        let age = |minutes: Option<u32>| minutes.map_or(-1, i64::from);
        json!([age(self.first_factor), age(self.second_factor)])
    }
}

fn text(value: Option<&str>) -> Option<Value> {
    value.map(Value::from)
}
