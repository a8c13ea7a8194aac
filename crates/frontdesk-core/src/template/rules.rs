//! Which templates may be saved.

use std::ops::RangeInclusive;

use frontdesk_jwt::{Algorithm, ClaimsVersion, SessionClaims, UnknownAlgorithm};
use frontdesk_types::{Secret, Span};
use serde_json::{Map, Value};

use super::parse::{Template, TemplateError};

/// How long tokens may live, in seconds: half a minute to ten years.
pub const LIFETIME: RangeInclusive<i64> = 30..=315_360_000;
/// How long the tokens of a template live unless it says otherwise, in seconds.
pub const DEFAULT_LIFETIME: i64 = 60;
/// How far `nbf` may lie before `iat`, in seconds.
pub const ALLOWED_CLOCK_SKEW: RangeInclusive<i64> = 0..=300;
/// How far `nbf` lies before `iat` unless the template says otherwise, in seconds.
pub const DEFAULT_CLOCK_SKEW: i64 = 5;
/// What the instance's own key signs with.
pub const DEFAULT_SIGNING_ALGORITHM: Algorithm = Algorithm::Rs256;
/// The longest name of a template, in characters.
pub const MAX_NAME_LENGTH: usize = 255;

/// The claims that a template cannot set: seven that every token gets by itself, seven that belong to session tokens
/// (wire protocol §9.2), and the one that makes a token of the instance's key a handshake (§4.6): whatever a template
/// put there, SDKs would set as cookies.
pub const RESERVED_CLAIMS: [&str; 15] =
    ["azp", "exp", "iat", "iss", "jti", "nbf", "sub", "fea", "fva", "o", "pla", "sid", "sts", "v", HANDSHAKE];

const HANDSHAKE: &str = "handshake";

/// A template as somebody wants to save it.
#[derive(Clone, Copy, Debug)]
pub struct TemplateDraft<'a> {
    /// The name it is asked for by. That it is unique in the instance is for the store to say.
    pub name: &'a str,
    /// The claims with their shortcodes.
    pub claims: &'a Map<String, Value>,
    /// How long its tokens live, in seconds; `None` takes [`DEFAULT_LIFETIME`].
    pub lifetime: Option<i64>,
    /// How far `nbf` lies before `iat`, in seconds; `None` takes [`DEFAULT_CLOCK_SKEW`].
    pub allowed_clock_skew: Option<i64>,
    /// The algorithm its tokens are signed with, by name.
    pub signing_algorithm: Option<&'a str>,
    /// The key they are signed with.
    pub signing: SigningDraft<'a>,
}

/// The key that the tokens of a template shall be signed with.
#[derive(Clone, Copy, Debug)]
pub enum SigningDraft<'a> {
    /// The instance's own.
    InstanceKey,
    /// A key of the template's own: the shared secret of an HMAC, or a private key in PEM.
    NewKey(&'a Secret),
    /// The key that the template has already, with the algorithm that it has been used with.
    KeptKey(Algorithm),
}

/// A template that may be saved.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovedTemplate {
    /// The claims, read.
    pub template: Template,
    /// How long its tokens live.
    pub lifetime: Span,
    /// How far `nbf` lies before `iat`.
    pub allowed_clock_skew: Span,
    /// The algorithm its tokens are signed with.
    pub signing_algorithm: Algorithm,
}

/// Why a template may not be saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateRefusal {
    /// The name cannot be used in a path.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// Claims that every token or only session tokens have, in the order of the template.
    #[error("reserved claims cannot be set: {}", .0.join(", "))]
    ReservedClaims(Vec<String>),
    /// The claims cannot be read.
    #[error(transparent)]
    Claims(#[from] TemplateError),
    /// The lifetime is not in [`LIFETIME`].
    #[error("a token lives {least} to {most} seconds, not {0}", least = LIFETIME.start(), most = LIFETIME.end())]
    Lifetime(i64),
    /// The clock skew is not in [`ALLOWED_CLOCK_SKEW`].
    #[error("the allowed clock skew is at most {most} seconds, not {0}", most = ALLOWED_CLOCK_SKEW.end())]
    ClockSkew(i64),
    /// The algorithm is not known.
    #[error(transparent)]
    Algorithm(#[from] UnknownAlgorithm),
    /// A key of its own, and nothing said about what it signs with.
    #[error("a custom signing key needs a signing algorithm")]
    AlgorithmNeeded,
    /// The key does not fit the algorithm.
    #[error(transparent)]
    Key(#[from] InvalidKey),
}

/// Why a text cannot name a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing at all.
    #[error("a template needs a name")]
    Empty,
    /// More than [`MAX_NAME_LENGTH`] characters.
    #[error("a template's name has at most {MAX_NAME_LENGTH} characters")]
    TooLong,
    /// SDKs put the name into a path as it is, so what would end or change the path is refused.
    #[error(
        "a template's name cannot hold control characters, `/`, `\\`, `?`, `#` or `%`, be `.` or `..`, or begin or end with a space"
    )]
    NotForPaths,
}

/// Why a key cannot sign with an algorithm. The key itself is read when it is sealed; this is only its outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// The algorithm wants a key of the template's own.
    #[error("{0} needs a custom signing key")]
    Needed(Algorithm),
    /// A shared secret without a single byte.
    #[error("a signing key cannot be empty")]
    Empty,
    /// The algorithm takes a private key in PEM.
    #[error("{0} needs a private key in PEM")]
    NotPem(Algorithm),
    /// The key that is kept belongs to another kind of algorithm.
    #[error("the key was made for {kept} and cannot sign with {wanted}")]
    OtherKind {
        /// What the key has signed with so far.
        kept: Algorithm,
        /// What it should sign with now.
        wanted: Algorithm,
    },
}

/// Says whether a template may be saved. Gives the first refusal, in the order of the contract's fields.
///
/// An approved template may still be too large for a cookie: see [`Template::size_warning`].
pub fn check_template(draft: &TemplateDraft<'_>) -> Result<ApprovedTemplate, TemplateRefusal> {
    check_name(draft.name)?;
    refuse_reserved(draft.claims, |name| RESERVED_CLAIMS.contains(&name))?;
    let template = Template::parse(draft.claims)?;
    let lifetime = check_token_lifetime(draft.lifetime.unwrap_or(DEFAULT_LIFETIME))?;
    let skew = draft.allowed_clock_skew.unwrap_or(DEFAULT_CLOCK_SKEW);
    if !ALLOWED_CLOCK_SKEW.contains(&skew) {
        return Err(TemplateRefusal::ClockSkew(skew));
    }
    let signing_algorithm = check_signing(draft)?;
    Ok(ApprovedTemplate { template, lifetime, allowed_clock_skew: Span::seconds(skew), signing_algorithm })
}

/// Says whether these claims may customise session tokens (wire protocol §9.4): whatever a session token says by
/// itself cannot be set.
pub fn check_session_token_claims(claims: &Map<String, Value>) -> Result<Template, TemplateRefusal> {
    refuse_reserved(claims, |name| name == HANDSHAKE || SessionClaims::is_reserved(name, ClaimsVersion::V2))?;
    Ok(Template::parse(claims)?)
}

/// The lifetime of a token that a template or a caller asks for (`expires_in_seconds`), in seconds.
pub fn check_token_lifetime(seconds: i64) -> Result<Span, TemplateRefusal> {
    if LIFETIME.contains(&seconds) {
        Ok(Span::seconds(seconds))
    } else {
        Err(TemplateRefusal::Lifetime(seconds))
    }
}

fn check_name(name: &str) -> Result<(), InvalidName> {
    if name.is_empty() {
        return Err(InvalidName::Empty);
    }
    if name.chars().count() > MAX_NAME_LENGTH {
        return Err(InvalidName::TooLong);
    }
    let breaks_a_path =
        |character: char| character.is_control() || matches!(character, '/' | '\\' | '?' | '#' | '%');
    if name.contains(breaks_a_path) || matches!(name, "." | "..") || name.trim() != name {
        return Err(InvalidName::NotForPaths);
    }
    Ok(())
}

fn refuse_reserved(
    claims: &Map<String, Value>,
    is_reserved: impl Fn(&str) -> bool,
) -> Result<(), TemplateRefusal> {
    let reserved: Vec<String> = claims.keys().filter(|name| is_reserved(name)).cloned().collect();
    if reserved.is_empty() { Ok(()) } else { Err(TemplateRefusal::ReservedClaims(reserved)) }
}

fn check_signing(draft: &TemplateDraft<'_>) -> Result<Algorithm, TemplateRefusal> {
    let wanted = draft.signing_algorithm.map(str::parse::<Algorithm>).transpose()?;
    match draft.signing {
        SigningDraft::InstanceKey => match wanted {
            None | Some(DEFAULT_SIGNING_ALGORITHM) => Ok(DEFAULT_SIGNING_ALGORITHM),
            Some(other) => Err(InvalidKey::Needed(other).into()),
        },
        SigningDraft::NewKey(key) => {
            let algorithm = wanted.ok_or(TemplateRefusal::AlgorithmNeeded)?;
            check_key(key, algorithm)?;
            Ok(algorithm)
        }
        SigningDraft::KeptKey(kept) => {
            let wanted = wanted.unwrap_or(kept);
            let fits = wanted == kept
                || matches!((kind(kept), kind(wanted)), (Some(kept), Some(wanted)) if kept == wanted);
            if fits { Ok(wanted) } else { Err(InvalidKey::OtherKind { kept, wanted }.into()) }
        }
    }
}

fn check_key(key: &Secret, algorithm: Algorithm) -> Result<(), InvalidKey> {
    if key.expose().is_empty() {
        return Err(InvalidKey::Empty);
    }
    let text = key.expose().trim_start();
    let is_pem = text.starts_with("-----BEGIN ") && text.contains("PRIVATE KEY-----");
    if is_pem || algorithm.is_shared_secret() { Ok(()) } else { Err(InvalidKey::NotPem(algorithm)) }
}

#[derive(PartialEq, Eq)]
enum KeyKind {
    SharedSecret,
    Rsa,
}

/// The kind of key whose algorithms can be exchanged; an elliptic curve has just one algorithm.
fn kind(algorithm: Algorithm) -> Option<KeyKind> {
    match algorithm {
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => Some(KeyKind::SharedSecret),
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => Some(KeyKind::Rsa),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn draft(claims: &Map<String, Value>) -> TemplateDraft<'_> {
        TemplateDraft {
            name: "warehouse",
            claims,
            lifetime: None,
            allowed_clock_skew: None,
            signing_algorithm: None,
            signing: SigningDraft::InstanceKey,
        }
    }

    #[test]
    fn what_is_not_said_takes_its_default() {
        let approved = check_template(&draft(&Map::new())).unwrap();
        assert_eq!(approved.lifetime, Span::seconds(60));
        assert_eq!(approved.allowed_clock_skew, Span::seconds(5));
        assert_eq!(approved.signing_algorithm, Algorithm::Rs256);
    }

    #[test]
    fn lifetimes_and_skews_end_where_the_contract_says() {
        let claims = Map::new();
        for (seconds, passes) in
            [(30, true), (29, false), (315_360_000, true), (315_360_001, false), (0, false), (-60, false)]
        {
            let checked = check_template(&TemplateDraft { lifetime: Some(seconds), ..draft(&claims) });
            assert_eq!(checked.is_ok(), passes, "{seconds}");
            assert!(passes || checked == Err(TemplateRefusal::Lifetime(seconds)));
        }
        for (seconds, passes) in [(0, true), (300, true), (301, false), (-1, false), (i64::MAX, false)] {
            let checked =
                check_template(&TemplateDraft { allowed_clock_skew: Some(seconds), ..draft(&claims) });
            assert_eq!(checked.is_ok(), passes, "{seconds}");
            assert!(passes || checked == Err(TemplateRefusal::ClockSkew(seconds)));
        }
    }

    #[test]
    fn names_must_fit_into_a_path() {
        for name in ["supabase", "My template", "a.b_c-d~e", "шаблон", &"n".repeat(255)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        assert_eq!(check_name(""), Err(InvalidName::Empty));
        assert_eq!(check_name(&"n".repeat(256)), Err(InvalidName::TooLong));
        for name in ["a/b", "..", ".", "a?b", "a#b", "a%2Fb", "a\\b", " a", "a ", "a\0", "a\nb"] {
            assert_eq!(check_name(name), Err(InvalidName::NotForPaths), "{name:?}");
        }
    }

    #[test]
    fn reserved_claims_are_listed() {
        let claims = json!({ "sub": "{{user.id}}", "aud": "x", "sid": 1, "deep": { "iss": "fine" }, "v": 2 });
        let refusal = check_template(&draft(claims.as_object().unwrap())).unwrap_err();
        assert_eq!(refusal, TemplateRefusal::ReservedClaims(vec!["sub".into(), "sid".into(), "v".into()]));
        assert_eq!(refusal.to_string(), "reserved claims cannot be set: sub, sid, v");
    }

    #[test]
    fn a_session_token_reserves_the_actor_too_and_leaves_old_organization_claims_free() {
        for name in RESERVED_CLAIMS.into_iter().chain(["act"]) {
            let claims = Map::from_iter([(name.to_owned(), json!("x"))]);
            let refusal = check_session_token_claims(&claims).unwrap_err();
            assert_eq!(refusal, TemplateRefusal::ReservedClaims(vec![name.to_owned()]));
        }
        let claims = json!({ "org_id": "{{org.id}}", "metadata": "{{user.public_metadata}}" });
        assert!(check_session_token_claims(claims.as_object().unwrap()).is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place() {
        let claims = json!({ "a": "{{user.id" });
        let refusal = check_session_token_claims(claims.as_object().unwrap()).unwrap_err();
        assert_eq!(refusal.to_string(), "claims.a: a shortcode is not closed by `}}`");
    }

    #[test]
    fn the_key_fits_the_algorithm() {
        use SigningDraft::{InstanceKey, KeptKey, NewKey};
        let secret = Secret::new("correct horse battery staple");
        let empty = Secret::new("");
        let private = Secret::new("\n-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n");
        let old_private = Secret::new("-----BEGIN RSA PRIVATE KEY-----\nMII=\n-----END RSA PRIVATE KEY-----");
        let public = Secret::new("-----BEGIN PUBLIC KEY-----\nMII=\n-----END PUBLIC KEY-----");
        let key_refused = |refusal: InvalidKey| Err(TemplateRefusal::Key(refusal));
        let (hs256, rs256, rs512, es256) =
            (Algorithm::Hs256, Algorithm::Rs256, Algorithm::Rs512, Algorithm::Es256);
        let table = [
            (Some("RS256"), InstanceKey, Ok(rs256)),
            (Some("HS256"), InstanceKey, key_refused(InvalidKey::Needed(hs256))),
            (Some("RS512"), InstanceKey, key_refused(InvalidKey::Needed(rs512))),
            (Some("none"), InstanceKey, Err(UnknownAlgorithm("none".to_owned()).into())),
            (Some("HS256"), NewKey(&secret), Ok(hs256)),
            (Some("HS384"), NewKey(&secret), Ok(Algorithm::Hs384)),
            (Some("HS512"), NewKey(&secret), Ok(Algorithm::Hs512)),
            (Some("HS256"), NewKey(&empty), key_refused(InvalidKey::Empty)),
            (None, NewKey(&secret), Err(TemplateRefusal::AlgorithmNeeded)),
            (Some("hs256"), NewKey(&secret), Err(UnknownAlgorithm("hs256".to_owned()).into())),
            (Some("RS256"), NewKey(&private), Ok(rs256)),
            (Some("RS512"), NewKey(&old_private), Ok(rs512)),
            (Some("ES256"), NewKey(&private), Ok(es256)),
            (Some("RS256"), NewKey(&secret), key_refused(InvalidKey::NotPem(rs256))),
            (Some("RS256"), NewKey(&public), key_refused(InvalidKey::NotPem(rs256))),
            (None, KeptKey(hs256), Ok(hs256)),
            (Some("RS512"), KeptKey(rs256), Ok(rs512)),
            (Some("ES256"), KeptKey(es256), Ok(es256)),
            (
                Some("RS256"),
                KeptKey(hs256),
                key_refused(InvalidKey::OtherKind { kept: hs256, wanted: rs256 }),
            ),
            (
                Some("ES384"),
                KeptKey(es256),
                key_refused(InvalidKey::OtherKind { kept: es256, wanted: Algorithm::Es384 }),
            ),
        ];
        let claims = Map::new();
        for (signing_algorithm, signing, expected) in table {
            let checked = check_template(&TemplateDraft { signing_algorithm, signing, ..draft(&claims) });
            let algorithm = checked.map(|approved| approved.signing_algorithm);
            assert_eq!(algorithm, expected, "{signing_algorithm:?} {signing:?}");
        }
    }
}
