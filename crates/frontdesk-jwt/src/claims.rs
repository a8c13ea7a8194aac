//! Session claims: one meaning, two versions on the wire (wire contract §3.2–3.4).
//!
//! API versions from 2025-04-10 get version 2, with the organization in the compact claim `o`; older callers get
//! version 1 with `org_id` and its siblings spelled out. Both are read into the same [`SessionClaims`].

use frontdesk_types::{Timestamp, open_enum};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Scoped;
use crate::permissions::{custom_permission, listable, pack, unpack};

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

/// What a session token says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
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

/// A claim that every session token has is missing or has the wrong type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session claim {0} is missing or of the wrong type")]
pub struct InvalidSessionClaims(pub &'static str);

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

impl TryFrom<Map<String, Value>> for SessionClaims {
    type Error = InvalidSessionClaims;

    /// Reads either version. Only `v: 2` is version 2, as for SDKs.
    fn try_from(claims: Map<String, Value>) -> Result<Self, Self::Error> {
        let mut claims = Members(claims);
        let version = match claims.0.get("v").and_then(Value::as_f64) {
            Some(2.0) => ClaimsVersion::V2,
            _ => ClaimsVersion::V1,
        };
        let features = Scoped::read_list(&claims.text("fea")?.unwrap_or_default());
        let organization = match version {
            ClaimsVersion::V1 => claims.organization_v1()?,
            ClaimsVersion::V2 => claims.organization_v2(&features)?,
        };
        let mut read = Self {
            issuer: claims.text("iss")?.ok_or(InvalidSessionClaims("iss"))?,
            user_id: claims.text("sub")?.ok_or(InvalidSessionClaims("sub"))?,
            session_id: claims.text("sid")?.ok_or(InvalidSessionClaims("sid"))?,
            authorized_party: claims.text("azp")?,
            issued_at: claims.time("iat")?.ok_or(InvalidSessionClaims("iat"))?,
            expires_at: claims.time("exp")?.ok_or(InvalidSessionClaims("exp"))?,
            not_before: claims.time("nbf")?,
            factor_verification_age: claims.take("fva").as_ref().and_then(FactorVerificationAge::from_claim),
            status: claims.text("sts")?.as_deref().map(StatusClaim::from),
            token_id: claims.text("jti")?,
            actor: claims.object("act")?,
            organization,
            features,
            plans: Scoped::read_list(&claims.text("pla")?.unwrap_or_default()),
            custom: Map::new(),
        };
        read.custom = claims.0;
        read.custom.retain(|name, _| !Self::is_reserved(name, version));
        Ok(read)
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

    /// `None` if the claim is not a pair of numbers: then nothing is known, and nothing counts as proven.
    fn from_claim(claim: &Value) -> Option<Self> {
        let age = |minutes: &Value| match minutes.as_i64() {
            Some(minutes) if minutes < 0 => Some(None),
            Some(minutes) => Some(Some(u32::try_from(minutes).unwrap_or(u32::MAX))),
            None => None,
        };
        let [first, second] = claim.as_array()?.as_slice() else { return None };
        Some(Self { first_factor: age(first)?, second_factor: age(second)? })
    }
}

/// Claims that are being taken out one by one.
struct Members(Map<String, Value>);

impl Members {
    /// The claim, unless it is absent or `null`.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.get_mut(name).map(Value::take).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &'static str) -> Result<Option<String>, InvalidSessionClaims> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(InvalidSessionClaims(name)),
        }
    }

    fn time(&mut self, name: &'static str) -> Result<Option<Timestamp>, InvalidSessionClaims> {
        let Some(value) = self.take(name) else { return Ok(None) };
        #[expect(clippy::cast_possible_truncation, reason = "far beyond the calendar the cast saturates")]
        let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds.trunc() as i64));
        Ok(Some(Timestamp::from_secs(seconds.ok_or(InvalidSessionClaims(name))?)))
    }

    fn object(&mut self, name: &'static str) -> Result<Option<Map<String, Value>>, InvalidSessionClaims> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(InvalidSessionClaims(name)),
        }
    }

    fn organization_v1(&mut self) -> Result<Option<ActiveOrganization>, InvalidSessionClaims> {
        let Some(id) = self.text("org_id")? else { return Ok(None) };
        let permissions = match self.take("org_permissions") {
            Some(Value::Array(list)) => {
                list.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
            }
            _ => Vec::new(),
        };
        Ok(Some(ActiveOrganization {
            id,
            slug: self.text("org_slug")?,
            role: self.text("org_role")?,
            permissions,
        }))
    }

    fn organization_v2(
        &mut self,
        features: &[Scoped],
    ) -> Result<Option<ActiveOrganization>, InvalidSessionClaims> {
        let Some(o) = self.object("o")? else { return Ok(None) };
        let mut o = Self(o);
        let per = o.text("per")?.unwrap_or_default();
        let fpm = o.text("fpm")?.unwrap_or_default();
        Ok(Some(ActiveOrganization {
            id: o.text("id")?.ok_or(InvalidSessionClaims("o"))?,
            slug: o.text("slg")?,
            role: o.text("rol")?.map(|role| format!("org:{role}")),
            permissions: unpack(features, &per, &fpm),
        }))
    }
}

fn text(value: Option<&str>) -> Option<Value> {
    value.map(Value::from)
}
