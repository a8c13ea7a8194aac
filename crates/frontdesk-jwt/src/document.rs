//! The decoded text of a token, and where in it the claims stand that have a meaning of their own.

use frontdesk_types::Timestamp;

use crate::json::{Kind, Place, Within, scan};
use crate::{Header, VerifyError};

/// A claim that verification or a session looks at. The number is its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    Act,
    Aud,
    Azp,
    Exp,
    Fea,
    Fva,
    Iat,
    Iss,
    Jti,
    Nbf,
    O,
    OrgId,
    OrgPermissions,
    OrgRole,
    OrgSlug,
    Pla,
    Sid,
    Sts,
    Sub,
    V,
    /// The members of `o`.
    OFpm,
    OId,
    OPer,
    ORol,
    OSlg,
}

const CLAIMS: usize = Claim::OSlg as usize + 1;

impl Claim {
    fn slot(within: Within, name: &str) -> Option<usize> {
        const O: usize = Claim::O as usize;
        let claim = match within {
            Within::Top => match name.as_bytes() {
                b"act" => Self::Act,
                b"aud" => Self::Aud,
                b"azp" => Self::Azp,
                b"exp" => Self::Exp,
                b"fea" => Self::Fea,
                b"fva" => Self::Fva,
                b"iat" => Self::Iat,
                b"iss" => Self::Iss,
                b"jti" => Self::Jti,
                b"nbf" => Self::Nbf,
                b"o" => Self::O,
                b"org_id" => Self::OrgId,
                b"org_permissions" => Self::OrgPermissions,
                b"org_role" => Self::OrgRole,
                b"org_slug" => Self::OrgSlug,
                b"pla" => Self::Pla,
                b"sid" => Self::Sid,
                b"sts" => Self::Sts,
                b"sub" => Self::Sub,
                b"v" => Self::V,
                _ => return None,
            },
            Within::Slot(O) => match name.as_bytes() {
                b"fpm" => Self::OFpm,
                b"id" => Self::OId,
                b"per" => Self::OPer,
                b"rol" => Self::ORol,
                b"slg" => Self::OSlg,
                _ => return None,
            },
            Within::Slot(_) | Within::Elsewhere => return None,
        };
        Some(claim as usize)
    }
}

/// Header and claims of a token in one text, and the places of the claims. Nothing is copied out of the text, except what
/// the few strings say that were written with escapes.
#[derive(Clone)]
pub(crate) struct Document {
    text: String,
    claims_start: usize,
    places: [Place; CLAIMS],
    unescaped: Vec<(Claim, Box<str>)>,
}

impl Document {
    /// Reads a decoded text of which the first bytes are the header, the rest the claims.
    pub(crate) fn read(text: String, header_length: usize) -> Result<(Header, Self), VerifyError> {
        let (Some(header), Some(claims)) = (text.get(..header_length), text.get(header_length..)) else {
            return Err(VerifyError::Malformed("a part is not UTF-8"));
        };
        let (header, critical) = read_header(header)?;
        let places = scan(claims, Claim::slot)
            .map_err(|fault| VerifyError::Json { part: "claims", detail: fault.to_string() })?;
        if critical {
            return Err(VerifyError::Critical);
        }
        let mut document = Self { claims_start: header_length, text, places, unescaped: Vec::new() };
        if document.places.iter().any(|place| place.kind == Kind::Escaped) {
            document.unescape();
        }
        Ok((header, document))
    }

    fn unescape(&mut self) {
        for claim in ESCAPABLE {
            let place = self.place(claim);
            if place.kind == Kind::Escaped
                && let Some(text) = place.text(self.claims_json())
            {
                let text = text.into();
                self.unescaped.push((claim, text));
            }
        }
    }

    /// The claims as they were sent.
    pub(crate) fn claims_json(&self) -> &str {
        self.text.get(self.claims_start..).unwrap_or_default()
    }

    /// The claims as they were sent.
    pub(crate) fn into_claims_json(mut self) -> String {
        self.text.drain(..self.claims_start);
        self.text
    }

    pub(crate) fn kind(&self, claim: Claim) -> Kind {
        self.place(claim).kind
    }

    /// The claim as it was written; empty if it is absent.
    pub(crate) fn raw(&self, claim: Claim) -> &str {
        self.place(claim).raw(self.claims_json())
    }

    /// What the claim says, if it is a string.
    pub(crate) fn text(&self, claim: Claim) -> Option<&str> {
        let place = self.place(claim);
        match place.kind {
            Kind::Text => place.plain_text(self.claims_json()),
            Kind::Escaped => {
                let said = self.unescaped.iter().find(|(escaped, _)| *escaped == claim);
                said.map(|(_, text)| &**text)
            }
            _ => None,
        }
    }

    /// A claim in seconds, as an instant. Fractions of a second are cut off, as SDKs do.
    pub(crate) fn time(&self, claim: Claim, name: &'static str) -> Result<Option<Timestamp>, VerifyError> {
        match self.kind(claim) {
            Kind::Absent => Ok(None),
            Kind::Number => Ok(Some(Timestamp::from_secs(whole_number(self.raw(claim))))),
            _ => Err(VerifyError::TimeClaim(name)),
        }
    }

    fn place(&self, claim: Claim) -> Place {
        self.places[claim as usize]
    }
}

/// The claims that are strings.
const ESCAPABLE: [Claim; 17] = [
    Claim::Azp,
    Claim::Fea,
    Claim::Iss,
    Claim::Jti,
    Claim::OrgId,
    Claim::OrgRole,
    Claim::OrgSlug,
    Claim::Pla,
    Claim::Sid,
    Claim::Sts,
    Claim::Sub,
    Claim::OFpm,
    Claim::OId,
    Claim::OPer,
    Claim::ORol,
    Claim::OSlg,
    Claim::Aud,
];

/// A JSON number without its fraction. What no integer of the machine can hold becomes the nearest one that can.
pub(crate) fn whole_number(raw: &str) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "far beyond the calendar the cast saturates")]
    let cut_off = |number: f64| number.trunc() as i64;
    raw.parse().or_else(|_| raw.parse().map(cut_off)).unwrap_or_default()
}

/// Reads the header; also says whether it has `crit`.
fn read_header(text: &str) -> Result<(Header, bool), VerifyError> {
    let broken = |detail: String| VerifyError::Json { part: "header", detail };
    let slot_of = |within: Within, name: &str| match (within, name) {
        (Within::Top, "alg") => Some(0),
        (Within::Top, "cat") => Some(1),
        (Within::Top, "kid") => Some(2),
        (Within::Top, "oiat") => Some(3),
        (Within::Top, "typ") => Some(4),
        (Within::Top, "crit") => Some(5),
        _ => None,
    };
    let [alg, cat, kid, oiat, typ, crit] =
        scan::<6>(text, slot_of).map_err(|fault| broken(fault.to_string()))?;
    let member = |place: Place, name: &str| match place.kind {
        Kind::Absent => Ok(None),
        Kind::Text | Kind::Escaped => Ok(place.text(text).map(String::from)),
        _ => Err(broken(format!("{name} is not a string"))),
    };
    let header = Header {
        alg: member(alg, "alg")?.unwrap_or_default(),
        cat: member(cat, "cat")?,
        kid: member(kid, "kid")?,
        // It orders tokens in browsers and decides nothing here, so an odd one is as good as none.
        oiat: if oiat.kind == Kind::Number { oiat.raw(text).parse().ok() } else { None },
        typ: member(typ, "typ")?,
    };
    Ok((header, crit.kind != Kind::Absent))
}
