//! Tokens: as they come, and with a good signature around any header and claims.
//!
//! The reader that looks once (`verify_session`) must never take what the general one (`verify`) refuses, and both must
//! tell the same claims.

use frontdesk_jwt::{Expectations, Jwk, KeySet, Token, VerifyError, verify, verify_session};
use frontdesk_types::Timestamp;
use serde_json::{Map, Value};

use crate::stage::STAGE;

const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

/// `data` is a token, or (after a `+`) the JSON of claims to be signed.
///
/// # Panics
/// Where something that must hold does not.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let token = match text.strip_prefix('+') {
        Some(claims) => {
            let Ok(claims) = serde_json::from_str::<Map<String, Value>>(claims) else { return };
            STAGE.signed(&claims.into())
        }
        None => text.to_owned(),
    };
    let mut keys = KeySet::new();
    keys.insert(STAGE.key.kid(), STAGE.key.verifying_key().clone());
    for expectations in [
        Expectations::new(),
        Expectations::new()
            .issuer("https://clerk.frontdesk.localhost")
            .authorized_party("http://localhost:3000"),
        Expectations::new().audience("api").accept_machine_tokens(),
    ] {
        let quick = verify_session(&token, &keys, &expectations, NOW);
        let general = verify::<Map<String, Value>>(&token, &keys, &expectations, NOW);
        match (&quick, &general) {
            (Ok(quick), Ok(general)) => {
                assert_eq!(general.claims["sub"].as_str(), Some(quick.user_id()));
                assert_eq!(general.claims.get("sid").and_then(Value::as_str), quick.session_id());
                let _ = (quick.organization(), quick.factor_verification_age(), quick.header());
            }
            (Ok(_), Err(refused)) => panic!("taken at once and refused at length: {refused}"),
            (Err(VerifyError::ClaimType(_)), Ok(_)) => {}
            (Err(quick), Err(general)) => assert_eq!(quick.reason(), general.reason()),
            (Err(refused), Ok(_)) => panic!("refused at once and taken at length: {refused}"),
        }
    }
    if let Ok(decoded) = Token::decode(&token) {
        let _ = decoded.claims::<Value>();
    }
    let _ = serde_json::from_str::<Jwk>(text).map(|jwk| jwk.rsa_numbers().is_ok());
}
