//! Digests of passwords: made and verified off the async threads, a bounded number at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use frontdesk_core::user::PasswordDigest;
use frontdesk_types::{Randomness, Secret};
use tokio::time::Instant;

use super::threads::Threads;
use crate::errors::{self, ApiError};

/// New digests are argon2id with 19 MiB, two passes and one lane (OWASP's first choice): about 13 ms of a core.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes and verifies passwords. At most as many at once as there are threads for it, so that a flood of sign-ins cannot
/// take all memory or starve the requests that need no hashing.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    threads: Threads,
    hashed: Arc<AtomicU64>,
}

impl Passwords {
    /// A hasher for this many passwords at once.
    pub(crate) fn new(concurrency: usize) -> Self {
        Self { threads: Threads::new(concurrency), hashed: Arc::default() }
    }

    /// How many passwords were hashed so far, to keep or to verify.
    pub(crate) fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    /// The digest of a new password.
    pub(crate) async fn hash(
        &self,
        password: &Secret,
        rng: &mut dyn Randomness,
    ) -> Result<PasswordDigest, ApiError> {
        let salt: [u8; 16] = rng.bytes();
        let password = password.clone();
        self.hashed.fetch_add(1, Ordering::Relaxed);
        self.off_thread(move || {
            let digest = hasher().hash_password_with_salt(password.expose().as_bytes(), &salt);
            digest.map(|digest| PasswordDigest::new(digest.to_string())).map_err(errors::internal)
        })
        .await
    }

    /// Whether the password has this digest. Without a digest the same work is done for nothing, so that the time
    /// of the answer does not tell whether there is one.
    pub(crate) async fn verify(
        &self,
        password: &Secret,
        digest: Option<&PasswordDigest>,
    ) -> Result<bool, ApiError> {
        let (password, digest) = (password.clone(), digest.cloned());
        self.hashed.fetch_add(1, Ordering::Relaxed);
        self.off_thread(move || {
            if let Some(digest) = digest {
                return Ok(matches(password.expose(), digest.as_str()));
            }
            let spent = hasher().hash_password_with_salt(password.expose().as_bytes(), &[0; 16]);
            drop(std::hint::black_box(spent));
            Ok(false)
        })
        .await
    }

    /// Runs what takes long off the async threads, in turn.
    pub(crate) async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let queued = Queued::begin();
        let work = move || {
            let answer = work();
            drop(queued);
            answer
        };
        self.threads.run(work).await
    }
}

/// A password from the moment that it waits to the moment that it is hashed, as operators count it.
struct Queued {
    begun: Instant,
}

impl Queued {
    fn begin() -> Self {
        metrics::gauge!("frontdesk_hashing_queue").increment(1.0);
        Self { begun: Instant::now() }
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        metrics::gauge!("frontdesk_hashing_queue").decrement(1.0);
        metrics::histogram!("frontdesk_hashing_duration_seconds").record(self.begun.elapsed().as_secs_f64());
    }
}

fn hasher() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn matches(password: &str, digest: &str) -> bool {
    if is_bcrypt(digest) {
        // The systems these digests come from cut at 72 bytes; so does this.
        let bytes = password.as_bytes();
        bcrypt::verify(&bytes[..bytes.len().min(72)], digest).unwrap_or(false)
    } else {
        hasher().verify_password(password.as_bytes(), digest).is_ok()
    }
}

/// The hashers that the contract publishes and this server cannot verify yet.
const HASHERS_AHEAD: [&str; 19] = [
    "awscognito",
    "bcrypt_peppered",
    "bcrypt_sha256_django",
    "hmac_sha256_utf16_b64",
    "ldap_ssha",
    "md5",
    "md5_phpass",
    "md5_salted",
    "pbkdf2_sha1",
    "pbkdf2_sha256",
    "pbkdf2_sha256_django",
    "pbkdf2_sha512",
    "pbkdf2_sha512_hex",
    "phpass",
    "scrypt_firebase",
    "scrypt_werkzeug",
    "sha256",
    "sha256_salted",
    "sha512_symfony",
];

/// A digest that was made elsewhere, if this server can verify it (contract `CreateUser`, `password_hasher`).
pub(crate) fn imported(digest: &str, hasher: Option<&str>) -> Result<PasswordDigest, ApiError> {
    let is_well_formed = match hasher {
        Some("argon2i") => is_argon2(digest) && digest.starts_with("$argon2i$"),
        Some("argon2id") => is_argon2(digest) && digest.starts_with("$argon2id$"),
        Some("bcrypt") => is_bcrypt(digest),
        Some(known) if HASHERS_AHEAD.contains(&known) => {
            let expected = format!("argon2i, argon2id or bcrypt: {known} is not available yet");
            return Err(errors::param_value_invalid("password_hasher", &expected));
        }
        Some(_) => {
            return Err(errors::param_value_invalid("password_hasher", "argon2i, argon2id or bcrypt"));
        }
        None => return Err(errors::param_missing("password_hasher")),
    };
    if is_well_formed { Ok(PasswordDigest::new(digest)) } else { Err(errors::password_digest_invalid()) }
}

/// Whether the text is a well-formed bcrypt digest: version, cost 4 to 16, 53 characters of salt and hash. Checked
/// before the verifier sees it (RUSTSEC-2026-0199); the cost is bounded because it doubles the work each time.
pub(crate) fn is_bcrypt(digest: &str) -> bool {
    let mut parts = digest.split('$');
    let (empty, version, cost, rest) = (parts.next(), parts.next(), parts.next(), parts.next());
    empty == Some("")
        && matches!(version, Some("2a" | "2b" | "2x" | "2y"))
        && cost.is_some_and(|cost| {
            cost.len() == 2 && cost.parse().is_ok_and(|cost: u32| (4..=16).contains(&cost))
        })
        && rest.is_some_and(|rest| {
            rest.len() == 53
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'/')
        })
        && parts.next().is_none()
}

/// Whether the text is an argon2 digest in PHC string format, within bounds that this server is willing to compute.
pub(crate) fn is_argon2(digest: &str) -> bool {
    use argon2::password_hash::phc::PasswordHash;
    PasswordHash::new(digest).is_ok_and(|hash| {
        hash.hash.is_some()
            && hash.salt.is_some()
            && Algorithm::try_from(hash.algorithm.as_str()).is_ok()
            && Params::try_from(&hash).is_ok_and(|params| params.m_cost() <= 1 << 18 && params.t_cost() <= 16)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chance;

    #[tokio::test]
    async fn a_password_has_its_own_digest_and_no_other() {
        let passwords = Passwords::new(2);
        let right = Secret::new("correct horse battery");
        let digest = passwords.hash(&right, &mut Chance::seeded(1)).await.unwrap();
        assert!(is_argon2(digest.as_str()));
        assert!(passwords.verify(&right, Some(&digest)).await.unwrap());
        assert!(!passwords.verify(&Secret::new("correct horse"), Some(&digest)).await.unwrap());
        assert!(!passwords.verify(&right, None).await.unwrap());
    }

    #[test]
    fn bcrypt_digests_are_checked_before_use() {
        let digest = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";
        assert!(is_bcrypt(digest));
        for broken in [
            "$2b$04$short",
            "$2b$31$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie",
            "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxci\u{e9}",
            "",
        ] {
            assert!(!is_bcrypt(broken), "{broken}");
            assert!(!matches("anything", broken));
        }
    }
}
