//! From a token's text to verified claims, beside the RSA operation in it: the cold path of authentication.
//!
//! All are measured in turns, a fraction of a millisecond each, so that whatever else the machine does falls on all of
//! them. Printed are the median, its ratio to the raw operation's, and the ratio of the tenth percentiles, which say most
//! on a busy machine.
//!
//! ```sh
//! cargo bench -p frontdesk-jwt --bench cold
//! ```

#![expect(clippy::print_stdout, reason = "this is a report")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::hint::black_box;
use std::time::Instant;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, KeyPair, ParsedPublicKey, RsaKeyPair};
use frontdesk_jwt::{
    ActiveOrganization, Algorithm, BadSignature, ClaimsVersion, Expectations, FactorVerificationAge, Header,
    KeySet, Scoped, SessionClaims, SignatureVerifier, SigningKey, StatusClaim, Token, VerifyingKey, category,
    verify, verify_session,
};
use frontdesk_types::{Span, Timestamp};
use serde_json::{Map, Value};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
/// How often each is measured, and how often it runs for one measurement.
const TURNS: usize = 3_000;
const RUNS: u32 = 16;

fn main() {
    let key = SigningKey::generate("ins_2nZ8mGxOwY4bYbZqWcXo5vB1kQd").expect("a key can be generated");
    let mut keys = KeySet::new();
    keys.insert(key.kid(), key.verifying_key().clone());
    let mut unchecked = KeySet::new();
    unchecked.insert(key.kid(), VerifyingKey::from_verifier(None, Algorithm::Rs256, Unchecked));
    let expectations = Expectations::new()
        .authorized_party("https://app.example.com")
        .issuer("https://clerk.frontdesk.localhost");

    for (name, claims, version) in [
        ("version 2, with an organization", with_organization(), ClaimsVersion::V2),
        ("version 2, without", plain(), ClaimsVersion::V2),
        ("version 1, with an organization", with_organization(), ClaimsVersion::V1),
    ] {
        let header = Header::for_key(&key).with_category(category::SESSION).with_origin_issued_at(NOW);
        let token = key.sign(&header, &claims.to_claims(version)).expect("the claims can be signed");
        let raw = Raw::new(&key, &token);
        println!("\n{name}: {} bytes", token.len());
        compare(&mut [
            ("raw RSA-2048 verification", &mut || raw.verify()),
            ("verify_session", &mut || {
                verify_session(black_box(&token), &keys, &expectations, NOW).is_ok_and(|session| {
                    black_box((session.user_id(), session.session_id(), session.organization_id()));
                    true
                })
            }),
            ("verify_session, then organization()", &mut || {
                verify_session(black_box(&token), &keys, &expectations, NOW).is_ok_and(|session| {
                    black_box(session.organization()).is_some() || version == ClaimsVersion::V2
                })
            }),
            ("verify::<SessionClaims>", &mut || {
                verify::<SessionClaims>(black_box(&token), &keys, &expectations, NOW).is_ok()
            }),
            ("verify::<Map>", &mut || {
                verify::<Map<String, Value>>(black_box(&token), &keys, &expectations, NOW).is_ok()
            }),
            ("verify_session but for the signature", &mut || {
                verify_session(black_box(&token), &unchecked, &expectations, NOW).is_ok()
            }),
            ("Token::decode alone", &mut || Token::decode(black_box(&token)).is_ok()),
        ]);
    }
}

/// Everything but the RSA operation.
struct Unchecked;

impl SignatureVerifier for Unchecked {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        black_box((message, signature));
        Ok(())
    }
}

/// The RSA operation without anything around it.
struct Raw {
    key: ParsedPublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Raw {
    fn new(key: &SigningKey, token: &str) -> Self {
        let (message, _) = token.rsplit_once('.').expect("a token has dots");
        let der = key.to_pkcs8_der().expect("the key can be exported");
        let pair = RsaKeyPair::from_pkcs8(&der).expect("what was exported can be read");
        let public = ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
            .expect("so can this");
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .expect("a message can be signed");
        Self { key: public, message: message.as_bytes().to_vec(), signature }
    }

    fn verify(&self) -> bool {
        self.key.verify_sig(black_box(&self.message), black_box(&self.signature)).is_ok()
    }
}

/// A name and what to measure; it says whether it succeeded.
type Contender<'a> = (&'a str, &'a mut dyn FnMut() -> bool);

fn compare(contenders: &mut [Contender<'_>]) {
    let mut times = vec![Vec::with_capacity(TURNS); contenders.len()];
    for _ in 0..TURNS {
        for ((name, run), times) in contenders.iter_mut().zip(&mut times) {
            let begin = Instant::now();
            for _ in 0..RUNS {
                assert!(run(), "{name} failed");
            }
            times.push(begin.elapsed().as_secs_f64() * 1e6 / f64::from(RUNS));
        }
    }
    for times in &mut times {
        times.sort_by(f64::total_cmp);
    }
    let [median, tenth] = [TURNS / 2, TURNS / 10];
    for ((name, _), own) in contenders.iter().zip(&times) {
        let ratio = |rank: usize| own[rank] / times[0][rank];
        println!("  {name:<38} {:7.2} µs   {:5.3}   {:5.3}", own[median], ratio(median), ratio(tenth));
    }
}

/// A session token as an application without organizations sees it.
fn plain() -> SessionClaims {
    let mut claims = SessionClaims::new(
        "https://clerk.frontdesk.localhost",
        "user_2nZ8mGxOwY4bYbZqWcXo5vB1kQd",
        "sess_2nZ8mGxOwY4bYbZqWcXo5vB1kQd",
        NOW,
        NOW + Span::seconds(60),
    );
    claims.authorized_party = Some("https://app.example.com".to_owned());
    claims.not_before = Some(NOW - Span::seconds(10));
    claims.status = Some(StatusClaim::Active);
    claims.token_id = Some("2nZ8mGxOwY4bYbZqWcXo5vB1kQd".to_owned());
    claims.factor_verification_age =
        Some(FactorVerificationAge { first_factor: Some(3), second_factor: None });
    claims
}

/// And with one.
fn with_organization() -> SessionClaims {
    let mut claims = plain();
    claims.features = vec![Scoped::organization("dashboard"), Scoped::user("beta")];
    claims.organization = Some(ActiveOrganization {
        id: "org_2nZ8mGxOwY4bYbZqWcXo5vB1kQd".to_owned(),
        slug: Some("acme".to_owned()),
        role: Some("org:admin".to_owned()),
        permissions: vec!["org:dashboard:read".to_owned(), "org:dashboard:manage".to_owned()],
    });
    claims
}
