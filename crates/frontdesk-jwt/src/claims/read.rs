//! Reading session claims, in one pass and straight into their fields: this runs for every request that an application
//! authenticates.

use std::fmt;

use frontdesk_types::Timestamp;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{ActiveOrganization, ClaimsVersion, FactorVerificationAge, SessionClaims, StatusClaim};
use crate::Scoped;
use crate::json::Name;
use crate::permissions::unpack;

/// Either version is read. Only the number 2 in `v` makes version 2, as for SDKs; `null` counts as absent. The claims
/// that every session token has (`iss`, `sub`, `sid`, `iat`, `exp`) must be there.
impl<'de> Deserialize<'de> for SessionClaims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Claims)?.into_meaning()
    }
}

impl TryFrom<Map<String, Value>> for SessionClaims {
    type Error = serde_json::Error;

    fn try_from(claims: Map<String, Value>) -> Result<Self, Self::Error> {
        Self::deserialize(Value::Object(claims))
    }
}

/// The claims by their wire names.
#[derive(Default)]
struct WireClaims {
    act: Option<Map<String, Value>>,
    azp: Option<String>,
    exp: Option<Number>,
    fea: Option<String>,
    fva: Option<Value>,
    iat: Option<Number>,
    iss: Option<String>,
    jti: Option<String>,
    nbf: Option<Number>,
    o: Option<WireOrganization>,
    pla: Option<String>,
    sid: Option<String>,
    sts: Option<String>,
    sub: Option<String>,
    v: Option<Value>,
    /// The rest, in which version 1 has its organization.
    rest: Map<String, Value>,
}

/// The claim `o` of version 2.
#[derive(serde::Deserialize)]
struct WireOrganization {
    id: String,
    slg: Option<String>,
    rol: Option<String>,
    per: Option<String>,
    fpm: Option<String>,
}

struct Claims;

impl<'de> Visitor<'de> for Claims {
    type Value = WireClaims;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the claims of a session token")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WireClaims, A::Error> {
        let mut claims = WireClaims::default();
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "act" => claims.act = map.next_value()?,
                "azp" => claims.azp = map.next_value()?,
                "exp" => claims.exp = map.next_value()?,
                "fea" => claims.fea = map.next_value()?,
                "fva" => claims.fva = map.next_value()?,
                "iat" => claims.iat = map.next_value()?,
                "iss" => claims.iss = map.next_value()?,
                "jti" => claims.jti = map.next_value()?,
                "nbf" => claims.nbf = map.next_value()?,
                "o" => claims.o = map.next_value()?,
                "pla" => claims.pla = map.next_value()?,
                "sid" => claims.sid = map.next_value()?,
                "sts" => claims.sts = map.next_value()?,
                "sub" => claims.sub = map.next_value()?,
                "v" => claims.v = map.next_value()?,
                _ => {
                    claims.rest.insert(name.into_owned(), map.next_value()?);
                }
            }
        }
        Ok(claims)
    }
}

impl WireClaims {
    fn into_meaning<E: Error>(mut self) -> Result<SessionClaims, E> {
        let version = version(self.v.as_ref());
        let features = Scoped::read_list(self.fea.as_deref().unwrap_or_default());
        let organization = match version {
            ClaimsVersion::V1 => spelled_organization(&self.rest),
            ClaimsVersion::V2 => self.o.map(|o| o.into_meaning(&features)),
        };
        self.rest.retain(|name, _| !SessionClaims::is_reserved(name, version));
        Ok(SessionClaims {
            issuer: self.iss.ok_or_else(|| E::missing_field("iss"))?,
            user_id: self.sub.ok_or_else(|| E::missing_field("sub"))?,
            session_id: self.sid.ok_or_else(|| E::missing_field("sid"))?,
            authorized_party: self.azp,
            issued_at: time(self.iat.as_ref()).ok_or_else(|| E::missing_field("iat"))?,
            expires_at: time(self.exp.as_ref()).ok_or_else(|| E::missing_field("exp"))?,
            not_before: time(self.nbf.as_ref()),
            factor_verification_age: self.fva.as_ref().and_then(FactorVerificationAge::from_claim),
            status: self.sts.as_deref().map(StatusClaim::from),
            token_id: self.jti,
            actor: self.act,
            organization,
            features,
            plans: Scoped::read_list(self.pla.as_deref().unwrap_or_default()),
            custom: self.rest,
        })
    }
}

impl WireOrganization {
    fn into_meaning(self, features: &[Scoped]) -> ActiveOrganization {
        let (per, fpm) = (self.per.unwrap_or_default(), self.fpm.unwrap_or_default());
        ActiveOrganization {
            id: self.id,
            slug: self.slg,
            role: self.rol.filter(|role| !role.is_empty()).map(|role| format!("org:{role}")),
            permissions: unpack(features, &per, &fpm),
        }
    }
}

impl ActiveOrganization {
    /// The active organization in a token's claims of either version, for callers who read the other claims themselves.
    ///
    /// # Errors
    /// `o` of version 2 is not an object with an id.
    pub fn from_claims(claims: &Map<String, Value>) -> Result<Option<Self>, serde_json::Error> {
        match (version(claims.get("v")), claims.get("o")) {
            (ClaimsVersion::V1, _) => Ok(spelled_organization(claims)),
            (ClaimsVersion::V2, None | Some(Value::Null)) => Ok(None),
            (ClaimsVersion::V2, Some(o)) => {
                let fea = claims.get("fea").and_then(Value::as_str).unwrap_or_default();
                Ok(Some(WireOrganization::deserialize(o)?.into_meaning(&Scoped::read_list(fea))))
            }
        }
    }
}

fn version(claim: Option<&Value>) -> ClaimsVersion {
    const TWO: f64 = 2.0;
    match claim.and_then(Value::as_f64) {
        Some(TWO) => ClaimsVersion::V2,
        _ => ClaimsVersion::V1,
    }
}

/// The organization of version 1. What is not text is taken for absent: an organization without an id is none, and
/// without a role gives no rights.
fn spelled_organization(claims: &Map<String, Value>) -> Option<ActiveOrganization> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(ActiveOrganization {
        id: text("org_id")?,
        slug: text("org_slug"),
        role: text("org_role"),
        permissions: spelled_permissions(claims.get("org_permissions")),
    })
}

/// `org_permissions` of version 1.
pub(crate) fn spelled_permissions(claim: Option<&Value>) -> Vec<String> {
    let list = claim.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

impl FactorVerificationAge {
    /// `None` if the claim is not a pair of numbers: then nothing is known, and nothing counts as proven.
    pub(crate) fn from_claim(claim: &Value) -> Option<Self> {
        let age = |minutes: &Value| match minutes.as_i64() {
            Some(minutes) if minutes < 0 => Some(None),
            Some(minutes) => Some(Some(u32::try_from(minutes).unwrap_or(u32::MAX))),
            None => None,
        };
        let [first, second] = claim.as_array()?.as_slice() else { return None };
        Some(Self { first_factor: age(first)?, second_factor: age(second)? })
    }
}

/// A claim in seconds, fractions cut off.
fn time(claim: Option<&Number>) -> Option<Timestamp> {
    let claim = claim?;
    #[expect(clippy::cast_possible_truncation, reason = "far beyond the calendar the cast saturates")]
    let seconds = claim.as_i64().or_else(|| claim.as_f64().map(|seconds| seconds.trunc() as i64));
    seconds.map(Timestamp::from_secs)
}
