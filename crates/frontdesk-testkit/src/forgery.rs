//! Tokens that must not be accepted.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_jwt::{Algorithm, Header, SigningKey, Token};
use serde_json::{Map, Value, json};

use crate::TestServer;

/// Ways of making a token that must not be accepted; [`Session::forged`](crate::Session::forged) applies them.
///
/// ```
/// use frontdesk_testkit::Forgery;
///
/// assert!(Forgery::all().any(|forgery| forgery == Forgery::Expired));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Forgery {
    /// Genuine, but it expired an hour ago.
    Expired,
    /// Genuine, but it is not good for another hour.
    NotYetActive,
    /// Somebody else's id was written into it; the signature is the old one.
    Tampered,
    /// The signature lacks its end.
    Truncated,
    /// Without a signature: the algorithm `none`.
    Unsigned,
    /// Signed with another key, which claims to be the instance's.
    ForeignKey,
    /// Signed with another key, which the server does not know.
    UnknownKey,
    /// Signed with the public key as if it were a shared secret: algorithm confusion.
    PublicKeyAsSecret,
    /// Made from a JWT template: validly signed, but for other services, and no session token. An application that
    /// [accepts any kind of token](frontdesk::Accepts) takes it.
    Template,
}

impl Forgery {
    /// All of them; later versions know more.
    pub fn all() -> impl Iterator<Item = Self> {
        [
            Self::Expired,
            Self::NotYetActive,
            Self::Tampered,
            Self::Truncated,
            Self::Unsigned,
            Self::ForeignKey,
            Self::UnknownKey,
            Self::PublicKeyAsSecret,
            Self::Template,
        ]
        .into_iter()
    }
}

/// The token with other claims, signed anew by the instance's key.
pub(crate) fn with_claims(server: &TestServer, token: &str, changes: Map<String, Value>) -> String {
    let Parts { header, mut claims } = Parts::of(token);
    for (name, value) in changes {
        match value {
            Value::Null => claims.remove(&name),
            value => claims.insert(name, value),
        };
    }
    sign(&server.signing_key(), &header, &claims)
}

/// What a forger makes of this token.
pub(crate) fn forge(server: &TestServer, token: &str, forgery: Forgery) -> String {
    const HOUR: i64 = 3600;
    let Parts { mut header, mut claims } = Parts::of(token);
    let now = server.now().as_secs();
    match forgery {
        Forgery::Expired => {
            claims.extend(times(now - HOUR - 60, now - HOUR));
            sign(&server.signing_key(), &header, &claims)
        }
        Forgery::NotYetActive => {
            claims.extend(times(now + HOUR, now + HOUR + 60));
            sign(&server.signing_key(), &header, &claims)
        }
        Forgery::Tampered => {
            let (signed, signature) = token.rsplit_once('.').unwrap_or_default();
            let (header, _) = signed.split_once('.').unwrap_or_default();
            claims.insert("sub".to_owned(), json!("user_000000000000000000000000000"));
            format!("{header}.{}.{signature}", encode(&Value::Object(claims)))
        }
        // Whole groups of four, so that what is left is still base64url.
        Forgery::Truncated => token.get(..token.len() - 8).unwrap_or_default().to_owned(),
        Forgery::Unsigned => {
            let header = json!({ "alg": "none", "typ": "JWT", "kid": header.kid });
            format!("{}.{}.", encode(&header), encode(&Value::Object(claims)))
        }
        Forgery::ForeignKey => sign(&server.foreign_key(), &header, &claims),
        Forgery::UnknownKey => {
            header.kid = Some("kid_test_unknown".to_owned());
            sign(&server.foreign_key(), &header, &claims)
        }
        Forgery::PublicKeyAsSecret => {
            let kid = header.kid.clone().unwrap_or_default();
            let key = SigningKey::from_secret(kid, Algorithm::Hs256, server.jwt_key().as_bytes());
            Algorithm::Hs256.as_str().clone_into(&mut header.alg);
            sign(&key.expect("a PEM is long enough"), &header, &claims)
        }
        Forgery::Template => {
            header.cat = Some(frontdesk_jwt::category::JWT_TEMPLATE.to_owned());
            sign(&server.signing_key(), &header, &claims)
        }
    }
}

struct Parts {
    header: Header,
    claims: Map<String, Value>,
}

impl Parts {
    fn of(token: &str) -> Self {
        let decoded = Token::decode(token).unwrap_or_else(|error| panic!("not a token ({error}): {token:?}"));
        let claims = serde_json::from_str(decoded.claims_json()).expect("claims are a JSON object");
        Self { header: decoded.header().clone(), claims }
    }
}

fn times(from: i64, until: i64) -> [(String, Value); 3] {
    [("iat", from), ("nbf", from), ("exp", until)].map(|(name, at)| (name.to_owned(), json!(at)))
}

fn sign(key: &SigningKey, header: &Header, claims: &Map<String, Value>) -> String {
    key.sign(header, claims).expect("claims can be signed")
}

fn encode(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}
