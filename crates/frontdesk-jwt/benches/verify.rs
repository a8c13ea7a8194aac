//! What a token costs beyond the RSA operation in it: raw and ours side by side, in one run.

use std::hint::black_box;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, KeyPair, ParsedPublicKey, RsaKeyPair};
use criterion::{Criterion, criterion_group, criterion_main};
use frontdesk_jwt::{
    ActiveOrganization, Algorithm, ClaimsVersion, Expectations, Header, KeySet, Scoped, SessionClaims,
    SigningKey, StatusClaim, Token, category, verify,
};
use frontdesk_types::{Span, Timestamp};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// A session token as an application with organizations sees it.
fn claims() -> SessionClaims {
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
    claims.features = vec![Scoped::organization("dashboard"), Scoped::user("beta")];
    claims.organization = Some(ActiveOrganization {
        id: "org_2nZ8mGxOwY4bYbZqWcXo5vB1kQd".to_owned(),
        slug: Some("acme".to_owned()),
        role: Some("org:admin".to_owned()),
        permissions: vec!["org:dashboard:read".to_owned(), "org:dashboard:manage".to_owned()],
    });
    claims
}

fn bench(criterion: &mut Criterion) {
    let key = SigningKey::generate("key_1").expect("a key can be generated");
    let header = Header::for_key(&key).with_category(category::SESSION).with_origin_issued_at(NOW);
    let claims = claims();
    let token = key.sign(&header, &claims.to_claims(ClaimsVersion::V2)).expect("the claims can be signed");
    let (message, _) = token.rsplit_once('.').expect("a token has dots");

    let der = key.to_pkcs8_der().expect("the key can be exported");
    let raw_key = RsaKeyPair::from_pkcs8(&der).expect("what was exported can be read");
    let raw_public =
        ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, raw_key.public_key().as_ref())
            .expect("so can this");
    let unused = SystemRandom::new();
    let mut raw_signature = vec![0; raw_key.public_modulus_len()];
    raw_key
        .sign(&signature::RSA_PKCS1_SHA256, &unused, message.as_bytes(), &mut raw_signature)
        .expect("a message can be signed");

    let mut signing = criterion.benchmark_group("sign");
    signing.bench_function("raw RSA-2048", |bencher| {
        bencher.iter(|| {
            raw_key.sign(
                &signature::RSA_PKCS1_SHA256,
                &unused,
                black_box(message.as_bytes()),
                &mut raw_signature,
            )
        });
    });
    signing.bench_function("session token v2", |bencher| {
        bencher.iter(|| key.sign(&header, &black_box(&claims).to_claims(ClaimsVersion::V2)));
    });
    signing.finish();

    let mut keys = KeySet::new();
    keys.insert("key_1", key.verifying_key().clone());
    let expectations = Expectations::new().authorized_party("https://app.example.com");

    let mut verifying = criterion.benchmark_group("verify");
    verifying.bench_function("raw RSA-2048", |bencher| {
        bencher.iter(|| raw_public.verify_sig(black_box(message.as_bytes()), &raw_signature));
    });
    verifying.bench_function("session token v2", |bencher| {
        bencher.iter(|| verify::<SessionClaims>(black_box(&token), &keys, &expectations, NOW));
    });
    verifying.finish();

    // A shared secret signs in about a microsecond, so these are nearly all that we add to the RSA operation.
    let secret = SigningKey::from_secret("key_1", Algorithm::Hs256, &[7; 32]).expect("a secret is a key");
    let header = Header::for_key(&secret).with_category(category::SESSION).with_origin_issued_at(NOW);
    let token = secret.sign(&header, &claims.to_claims(ClaimsVersion::V2)).expect("the claims can be signed");
    let mut rest = criterion.benchmark_group("all but RSA");
    rest.bench_function("sign", |bencher| {
        bencher.iter(|| secret.sign(&header, &black_box(&claims).to_claims(ClaimsVersion::V2)));
    });
    rest.bench_function("verify", |bencher| {
        let key = secret.verifying_key();
        bencher.iter(|| verify::<SessionClaims>(black_box(&token), key, &expectations, NOW));
    });
    rest.bench_function("decode", |bencher| bencher.iter(|| Token::decode(black_box(&token)).is_ok()));
    rest.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
