//! Tokens as signers, strangers, attackers and standards make them.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod attacks;
mod big_numbers;
mod keys;
mod other_verifiers;
mod rules;
mod second_opinion;
mod session_claims;
mod vectors;
mod verified_session;
mod wycheproof;

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
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
fn signed_text(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = raw_signature(&message);
    format!("{message}.{}", encode(signature))
}

/// The test key's RS256 signature over any text.
fn raw_signature(message: &str) -> Vec<u8> {
    static PAIR: OnceLock<RsaKeyPair> = OnceLock::new();
    let pair = PAIR.get_or_init(|| RsaKeyPair::from_pkcs8(&rsa_key().to_pkcs8_der().unwrap()).unwrap());
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    signature
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
