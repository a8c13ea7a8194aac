//! The decoded text of a token, and where in it the members stand that have a meaning of their own.

use frontdesk_types::Timestamp;

use crate::json::{Kind, Place, Within, scan};
use crate::{Header, VerifyError};

/// A member that verification or a session looks at, of the header or of the claims. The number is its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(crate) enum Member {
    // The header.
    Alg,
    Cat,
    Crit,
    Kid,
    Oiat,
    Typ,
    // The claims.
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
    // The members of `o`.
    OFpm,
    OId,
    OPer,
    ORol,
    OSlg,
}

const MEMBERS: usize = Member::OSlg as usize + 1;

impl Member {
    fn of_header(within: Within, name: &str) -> Option<usize> {
        let Within::Top = within else { return None };
        let member = match name.as_bytes() {
            b"alg" => Self::Alg,
            b"cat" => Self::Cat,
            b"crit" => Self::Crit,
            b"kid" => Self::Kid,
            b"oiat" => Self::Oiat,
            b"typ" => Self::Typ,
            _ => return None,
        };
        Some(member as usize)
    }

    fn of_claims(within: Within, name: &str) -> Option<usize> {
        const O: usize = Member::O as usize;
        let member = match within {
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
        Some(member as usize)
    }
}

/// Header and claims of a token in one text, and the places of their members. Nothing is copied out of the text, except
/// what the few strings say that were written with escapes.
#[derive(Clone)]
pub(crate) struct Document {
    text: String,
    header_length: usize,
    places: [Place; MEMBERS],
    unescaped: Vec<(Member, Box<str>)>,
}

impl Document {
    /// Reads a decoded text of which the first bytes are the header, the rest the claims.
    pub(crate) fn read(text: String, header_length: usize) -> Result<Self, VerifyError> {
        let Some((header, claims)) = text.split_at_checked(header_length) else {
            return Err(VerifyError::Malformed("a part is not UTF-8"));
        };
        let mut places = [Place::default(); MEMBERS];
        scan(header, Member::of_header, &mut places)
            .map_err(|fault| VerifyError::Json { part: "header", detail: fault.to_string() })?;
        scan(claims, Member::of_claims, &mut places)
            .map_err(|fault| VerifyError::Json { part: "claims", detail: fault.to_string() })?;
        let mut document = Self { text, header_length, places, unescaped: Vec::new() };
        document.check_header()?;
        if document.places.iter().any(|place| place.kind == Kind::Escaped) {
            document.unescape();
        }
        Ok(document)
    }

    fn check_header(&self) -> Result<(), VerifyError> {
        for (member, name) in
            [(Member::Alg, "alg"), (Member::Cat, "cat"), (Member::Kid, "kid"), (Member::Typ, "typ")]
        {
            if !matches!(self.kind(member), Kind::Absent | Kind::Text | Kind::Escaped) {
                return Err(VerifyError::Json { part: "header", detail: format!("{name} is not a string") });
            }
        }
        if self.kind(Member::Crit) == Kind::Absent { Ok(()) } else { Err(VerifyError::Critical) }
    }

    fn unescape(&mut self) {
        for member in TEXTS {
            if self.kind(member) == Kind::Escaped
                && let Some(text) = self.place(member).text(self.part(member))
            {
                let text = text.into();
                self.unescaped.push((member, text));
            }
        }
    }

    /// The header, copied.
    pub(crate) fn header(&self) -> Header {
        let text = |member| self.text(member).map(str::to_owned);
        Header {
            alg: text(Member::Alg).unwrap_or_default(),
            cat: text(Member::Cat),
            kid: text(Member::Kid),
            // It orders tokens in browsers and decides nothing here, so an odd one is as good as none.
            oiat: if self.kind(Member::Oiat) == Kind::Number {
                self.raw(Member::Oiat).parse().ok()
            } else {
                None
            },
            typ: text(Member::Typ),
        }
    }

    /// The claims as they were sent.
    pub(crate) fn claims_json(&self) -> &str {
        self.text.get(self.header_length..).unwrap_or_default()
    }

    /// The claims as they were sent.
    pub(crate) fn into_claims_json(mut self) -> String {
        self.text.drain(..self.header_length);
        self.text
    }

    pub(crate) fn kind(&self, member: Member) -> Kind {
        self.place(member).kind
    }

    /// The member as it was written; empty if it is absent.
    pub(crate) fn raw(&self, member: Member) -> &str {
        self.place(member).raw(self.part(member))
    }

    /// What the member says, if it is a string.
    pub(crate) fn text(&self, member: Member) -> Option<&str> {
        let place = self.place(member);
        match place.kind {
            Kind::Text => place.plain_text(self.part(member)),
            Kind::Escaped => {
                let said = self.unescaped.iter().find(|(escaped, _)| *escaped == member);
                said.map(|(_, text)| &**text)
            }
            _ => None,
        }
    }

    /// A claim in seconds, as an instant. Fractions of a second are cut off, as SDKs do.
    pub(crate) fn time(&self, claim: Member, name: &'static str) -> Result<Option<Timestamp>, VerifyError> {
        match self.kind(claim) {
            Kind::Absent => Ok(None),
            Kind::Number => Ok(Some(Timestamp::from_secs(whole_number(self.raw(claim))))),
            _ => Err(VerifyError::TimeClaim(name)),
        }
    }

    fn place(&self, member: Member) -> Place {
        self.places[member as usize]
    }

    /// The text that a member's place is in.
    fn part(&self, member: Member) -> &str {
        if member < Member::Act {
            self.text.get(..self.header_length).unwrap_or_default()
        } else {
            self.claims_json()
        }
    }
}

/// The members that are strings. (`aud` may be one, and is read as the value that it is.)
const TEXTS: [Member; 20] = [
    Member::Alg,
    Member::Cat,
    Member::Kid,
    Member::Typ,
    Member::Azp,
    Member::Fea,
    Member::Iss,
    Member::Jti,
    Member::OrgId,
    Member::OrgRole,
    Member::OrgSlug,
    Member::Pla,
    Member::Sid,
    Member::Sts,
    Member::Sub,
    Member::OFpm,
    Member::OId,
    Member::OPer,
    Member::ORol,
    Member::OSlg,
];

/// A JSON number without its fraction. What no integer of the machine can hold becomes the nearest one that can.
fn whole_number(raw: &str) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "far beyond the calendar the cast saturates")]
    let cut_off = |number: f64| number.trunc() as i64;
    raw.parse().or_else(|_| raw.parse().map(cut_off)).unwrap_or_default()
}
