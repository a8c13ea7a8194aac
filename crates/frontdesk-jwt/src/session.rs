//! A verified session token, kept as it came.

use std::borrow::Cow;
use std::fmt;

use frontdesk_types::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::claims::spelled_permissions;
use crate::document::{Document, Member};
use crate::json::Kind;
use crate::permissions::unpack;
use crate::token::Times;
use crate::{
    ActiveOrganization, ClaimsVersion, Expectations, FactorVerificationAge, Header, Keys, Scoped, Token,
    VerifyError,
};

/// What a session token says, after every check has passed: there is no other way to get one.
///
/// It holds the decoded text once and knows where in it the claims stand (wire contract §3.2), so making one costs little
/// beside the signature check, and it can wait in a cache. Either version of the claims is read. What needs more than a
/// look (the organization's permissions, the map of all claims) is worked out when it is asked for.
///
/// ```
/// use frontdesk_jwt::{ClaimsVersion, Expectations, Header, SessionClaims, SigningKey, Token};
/// use frontdesk_types::{Span, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let now = Timestamp::from_secs(1_800_000_000);
/// # let key = SigningKey::generate("key_1")?;
/// # let claims = SessionClaims::new("https://clerk.example.com", "user_1", "sess_1", now, now + Span::seconds(60));
/// # let text = key.sign(&Header::for_key(&key), &claims.to_claims(ClaimsVersion::V2))?;
/// let expectations = Expectations::new().issuer("https://clerk.example.com");
/// let token = Token::decode(&text)?;
/// assert_eq!(token.kid(), Some("key_1"), "time to fetch that key");
/// let session = token.verify_session(key.verifying_key(), &expectations, now)?;
/// assert_eq!((session.user_id(), session.session_id()), ("user_1", Some("sess_1")));
/// assert!(session.organization().is_none());
///
/// // Found again in a cache a minute later: only time can have changed.
/// let refused = session.check_times(&expectations, now + Span::seconds(65)).unwrap_err();
/// assert_eq!(refused.reason(), "token-expired");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct VerifiedSession {
    document: Document,
    times: Times,
    version: ClaimsVersion,
}

/// Verifies a session token at a given time, by the rules and in the order of the wire contract (§3.5), like
/// [`verify`](crate::verify), but without parsing the claims a second time.
///
/// # Errors
/// The first rule that is broken; [`VerifyError::reason`] is the contract's code. Claims of a wrong type
/// ([`VerifyError::ClaimType`]) come last.
pub fn verify_session(
    token: &str,
    keys: &impl Keys,
    expectations: &Expectations,
    now: Timestamp,
) -> Result<VerifiedSession, VerifyError> {
    Token::decode(token)?.verify_session(keys, expectations, now)
}

impl VerifiedSession {
    /// Checks the types of the claims that decide about rights; `null` counts as absent.
    pub(crate) fn read(document: Document, times: Times) -> Result<Self, VerifyError> {
        let version = version(&document);
        let session = Self { document, times, version };
        let texts = [(Member::Sid, "sid"), (Member::Sts, "sts"), (Member::Fea, "fea"), (Member::Pla, "pla")];
        if let Some((_, name)) = texts.into_iter().find(|(claim, _)| !session.is_text_or_nothing(*claim)) {
            return Err(VerifyError::ClaimType(name));
        }
        if version == ClaimsVersion::V2 {
            session.check_compact_organization()?;
        }
        Ok(session)
    }

    fn check_compact_organization(&self) -> Result<(), VerifyError> {
        if matches!(self.document.kind(Member::O), Kind::Absent | Kind::Null) {
            return Ok(());
        }
        let mut optional = [Member::OSlg, Member::ORol, Member::OPer, Member::OFpm].into_iter();
        if self.organization_id().is_none() || !optional.all(|claim| self.is_text_or_nothing(claim)) {
            return Err(VerifyError::ClaimType("o"));
        }
        // Permissions cannot be unpacked if a feature does not say whose it is.
        let features = self.document.text(Member::Fea).filter(|features| !features.is_empty());
        if features.is_some_and(|features| features.split(',').any(|feature| !feature.contains(':'))) {
            return Err(VerifyError::ClaimType("fea"));
        }
        Ok(())
    }

    fn is_text_or_nothing(&self, claim: Member) -> bool {
        matches!(self.document.kind(claim), Kind::Absent | Kind::Null | Kind::Text | Kind::Escaped)
    }

    /// The token's header, copied out of it at each call.
    pub fn header(&self) -> Header {
        self.document.header()
    }

    /// The header's `kid`: the id of the key that signed. A cache forgets what a withdrawn key has signed.
    pub fn kid(&self) -> Option<&str> {
        self.document.text(Member::Kid)
    }

    /// The header's `cat`: what the token is for, see [`category`](crate::category).
    pub fn category(&self) -> Option<&str> {
        self.document.text(Member::Cat)
    }

    /// `sub`: the user.
    pub fn user_id(&self) -> &str {
        self.document.text(Member::Sub).unwrap_or_default()
    }

    /// `sid`: the session. Tokens of our own server always name it.
    pub fn session_id(&self) -> Option<&str> {
        self.document.text(Member::Sid)
    }

    /// `iss`, if it is a string.
    pub fn issuer(&self) -> Option<&str> {
        self.document.text(Member::Iss)
    }

    /// `azp`, if it is a string: the origin that asked for the token.
    pub fn authorized_party(&self) -> Option<&str> {
        self.document.text(Member::Azp)
    }

    /// `jti`, if it is a string.
    pub fn token_id(&self) -> Option<&str> {
        self.document.text(Member::Jti)
    }

    /// `exp`
    pub fn expires_at(&self) -> Timestamp {
        self.times.expires_at
    }

    /// `nbf`
    pub fn not_before(&self) -> Option<Timestamp> {
        self.times.not_before
    }

    /// `iat`
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.times.issued_at
    }

    /// Which claims the token spells its meaning with: version 2 if `v` is the number 2, version 1 otherwise.
    pub fn version(&self) -> ClaimsVersion {
        self.version
    }

    /// `sts`: `active`, `pending`, or nothing, as in version 1.
    pub fn status(&self) -> Option<&str> {
        self.document.text(Member::Sts)
    }

    /// Whether the user still has something to finish; applications treat the session as signed out.
    pub fn is_pending(&self) -> bool {
        self.status() == Some("pending")
    }

    /// `fva`; `None` if the claim is not a pair of numbers: then nothing counts as proven.
    pub fn factor_verification_age(&self) -> Option<FactorVerificationAge> {
        FactorVerificationAge::from_claim(&self.value(Member::Fva)?)
    }

    /// `act`: who acts in the user's name.
    pub fn actor(&self) -> Option<Value> {
        self.value(Member::Act)
    }

    /// The id of the active organization.
    pub fn organization_id(&self) -> Option<&str> {
        self.by_version(Member::OrgId, Member::OId)
    }

    /// The slug of the active organization.
    pub fn organization_slug(&self) -> Option<&str> {
        self.by_version(Member::OrgSlug, Member::OSlg)
    }

    /// The user's role in the active organization, with the prefix: `org:admin`.
    pub fn organization_role(&self) -> Option<Cow<'_, str>> {
        match self.version {
            ClaimsVersion::V1 => self.document.text(Member::OrgRole).map(Cow::Borrowed),
            ClaimsVersion::V2 => {
                let role = self.document.text(Member::ORol).filter(|role| !role.is_empty())?;
                Some(Cow::Owned(format!("org:{role}")))
            }
        }
    }

    /// The custom permissions that the role gives, with the prefix: `org:invoices:create`. Unpacked at each call.
    pub fn organization_permissions(&self) -> Vec<String> {
        match self.version {
            ClaimsVersion::V1 => spelled_permissions(self.value(Member::OrgPermissions).as_ref()),
            ClaimsVersion::V2 => {
                let text = |claim| self.document.text(claim).unwrap_or_default();
                unpack(&self.features(), text(Member::OPer), text(Member::OFpm))
            }
        }
    }

    /// The active organization, all of it.
    pub fn organization(&self) -> Option<ActiveOrganization> {
        Some(ActiveOrganization {
            id: self.organization_id()?.to_owned(),
            slug: self.organization_slug().map(str::to_owned),
            role: self.organization_role().map(Cow::into_owned),
            permissions: self.organization_permissions(),
        })
    }

    /// `fea`: the features of user and organization. Elements that belong to nobody are left out.
    pub fn features(&self) -> Vec<Scoped> {
        Scoped::read_list(self.document.text(Member::Fea).unwrap_or_default())
    }

    /// `pla`: the plans of user and organization. Elements that belong to nobody are left out.
    pub fn plans(&self) -> Vec<Scoped> {
        Scoped::read_list(self.document.text(Member::Pla).unwrap_or_default())
    }

    /// The claims as they were sent: the text of a JSON object.
    pub fn claims_json(&self) -> &str {
        self.document.claims_json()
    }

    /// All claims, those that the instance's owner added included, in the order they were sent. Parsed at each call.
    pub fn to_map(&self) -> Map<String, Value> {
        // The scanner takes nothing that the parser refuses; were it otherwise, no claims would give no rights.
        self.claims().unwrap_or_default()
    }

    /// All claims as a type of yours. Parsed at each call.
    ///
    /// # Errors
    /// [`VerifyError::Claims`] if they are of another shape.
    pub fn claims<C: DeserializeOwned>(&self) -> Result<C, VerifyError> {
        serde_json::from_str(self.claims_json()).map_err(VerifyError::Claims)
    }

    /// Checks the times again, later: everything else that was found out about the token stays true. Nothing is parsed.
    ///
    /// # Errors
    /// [`VerifyError::Expired`], [`NotActiveYet`](VerifyError::NotActiveYet) or
    /// [`IssuedInTheFuture`](VerifyError::IssuedInTheFuture).
    pub fn check_times(&self, expectations: &Expectations, now: Timestamp) -> Result<(), VerifyError> {
        self.times.check(expectations, now)
    }

    fn by_version(&self, spelled: Member, compact: Member) -> Option<&str> {
        match self.version {
            ClaimsVersion::V1 => self.document.text(spelled),
            ClaimsVersion::V2 => self.document.text(compact),
        }
    }

    /// A claim of any type; `null` counts as absent.
    fn value(&self, claim: Member) -> Option<Value> {
        serde_json::from_str(self.document.raw(claim)).ok().filter(|value: &Value| !value.is_null())
    }
}

/// Shows who and what, and no other claim.
impl fmt::Debug for VerifiedSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerifiedSession")
            .field("user_id", &self.user_id())
            .field("session_id", &self.session_id())
            .field("organization_id", &self.organization_id())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

/// Only the number 2 makes version 2, as for SDKs.
fn version(document: &Document) -> ClaimsVersion {
    const TWO: f64 = 2.0;
    match document.kind(Member::V) {
        Kind::Number if document.raw(Member::V).parse() == Ok(TWO) => ClaimsVersion::V2,
        _ => ClaimsVersion::V1,
    }
}
