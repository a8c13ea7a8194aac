//! The published test keys: fixed, so that `.env` files and snapshots stay as they are, and known to everybody.

use frontdesk_core::instance::InstanceKind;
use frontdesk_jwt::{Algorithm, SigningKey};
use frontdesk_server::{KnownKeys, test_keys};

/// The secret key of the first instance of a server that was started as it comes. It is **published**: it protects
/// nothing, and a server for production refuses an instance that has such keys.
///
/// Other instances and other [seeds](crate::Builder::seed) have other numbers at the end: the seed, `x`, and which
/// instance of the server it is.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = frontdesk_testkit::TestServer::start().await;
/// assert_eq!(server.secret_key(), frontdesk_testkit::SECRET_KEY);
/// # }
/// ```
pub const SECRET_KEY: &str = "sk_test_PublishedKeyForTestsProtectsNothing1x0";

/// The publishable key of the same instance. It names the host `clerk.frontdesk.localhost`, which is nobody's.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = frontdesk_testkit::TestServer::start().await;
/// assert_eq!(server.publishable_key(), frontdesk_testkit::PUBLISHABLE_KEY);
/// # }
/// ```
pub const PUBLISHABLE_KEY: &str = "pk_test_Y2xlcmsuZnJvbnRkZXNrLmxvY2FsaG9zdCQ";

/// The key with which a server that was started as it comes signs its tokens: for tests that make tokens of their own
/// which such a server, and an SDK that trusts it, will take. As **published** as the rest.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = frontdesk_testkit::TestServer::start().await;
/// let key = frontdesk_testkit::published_signing_key();
/// assert!(server.jwt_key().contains("PUBLIC KEY") && key.kid().starts_with("kid_test_"));
/// # }
/// ```
pub fn published_signing_key() -> SigningKey {
    signing_key(InstanceKind::Development, 1, 0)
}

/// The keys of the instance with this number in a server of this seed. There are four signing keys; what keeps
/// instances apart beyond that is the `kid`, by which a key is looked up.
pub(crate) fn published(kind: InstanceKind, seed: u64, number: usize) -> KnownKeys {
    KnownKeys {
        kid: Some(format!("kid_test_{seed}x{number}")),
        secret_key: Some(format!(
            "sk_{}_PublishedKeyForTestsProtectsNothing{seed}x{number}",
            kind.key_word()
        )),
        ..test_keys(signing_key_number(seed, number))
    }
}

/// Which of the four published signing keys that is.
pub(crate) fn signing_key_number(seed: u64, number: usize) -> usize {
    // The default seed begins with the first key.
    usize::try_from((seed.wrapping_sub(1) % 4 + (number % 4) as u64) % 4).unwrap_or(0)
}

/// The same signing key, ready to sign.
pub(crate) fn signing_key(kind: InstanceKind, seed: u64, number: usize) -> SigningKey {
    let known = published(kind, seed, number);
    parse(known.kid.unwrap_or_default(), &known.signing_key)
}

/// Another one under the same id.
pub(crate) fn foreign_key(kind: InstanceKind, seed: u64, number: usize) -> SigningKey {
    let known = published(kind, seed, number);
    parse(known.kid.unwrap_or_default(), &test_keys(signing_key_number(seed, number) + 1).signing_key)
}

fn parse(kid: String, der: &[u8]) -> SigningKey {
    SigningKey::from_pkcs8_der(kid, Algorithm::Rs256, der).expect("the published keys are well-formed")
}
