//! Tokens as signers, strangers, attackers and standards make them.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod attacks;
mod keys;
mod rules;
mod session_claims;
mod vectors;

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_jwt::{Expectations, Header, SigningKey, VerifyError, verify};
use frontdesk_types::Timestamp;
use serde_json::{Map, Value, json};

/// The instant at which most tests happen.
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// One RSA key for all tests: making one takes long in a debug build.
fn rsa_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate("key_1").unwrap())
}

/// Claims that pass at [`NOW`], with some replaced or, by `null`, removed.
fn claims(changes: Value) -> Map<String, Value> {
    let mut claims = json!({ "sub": "user_1", "iss": "https://clerk.example.com", "sid": "sess_1",
        "iat": NOW.as_secs(), "nbf": NOW.as_secs() - 10, "exp": NOW.as_secs() + 60 });
    let claims = claims.as_object_mut().unwrap();
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    claims.extend(changes);
    claims.retain(|_, value| !value.is_null());
    std::mem::take(claims)
}

/// A token of the test key with these changes to its claims.
fn signed(changes: Value) -> String {
    rsa_key().sign(&Header::for_key(rsa_key()), &claims(changes)).unwrap()
}

/// A token of the test key over header and claims as given, byte by byte.
fn signed_text(header: &str, claims: &str) -> String {
    let der = rsa_key().to_pkcs8_der().unwrap();
    let pair = aws_lc_rs::signature::RsaKeyPair::from_pkcs8(&der).unwrap();
    let message = format!("{}.{}", encode(header), encode(claims));
    let mut signature = vec![0; pair.public_modulus_len()];
    let unused = aws_lc_rs::rand::SystemRandom::new();
    pair.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &unused, message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", encode(signature))
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn check(token: &str, expectations: &Expectations, now: Timestamp) -> Result<(), VerifyError> {
    verify::<Map<String, Value>>(token, rsa_key().verifying_key(), expectations, now).map(drop)
}

/// The reason for which a token is refused at [`NOW`], or `ok`.
fn reason(token: &str) -> &'static str {
    check(token, &Expectations::default(), NOW).map_or_else(|error| error.reason(), |()| "ok")
}
