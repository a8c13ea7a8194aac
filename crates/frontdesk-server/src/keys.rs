//! Keys of instances: how they are written, and how secrets are kept under the master key (decision 10).

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use frontdesk_core::instance::InstanceKind;
use frontdesk_store::SealedKind;
use frontdesk_types::Randomness;
use zeroize::Zeroizing;

/// The purpose (and the name in the store) of the word that proves the master key.
pub(crate) const CANARY: &str = "master_key_canary";
/// The purpose under which signing keys are sealed.
pub(crate) const SIGNING_KEY: &str = "signing_key";
/// The purpose under which secret keys are sealed.
pub(crate) const SECRET_KEY: &str = "secret_key";
/// The purpose under which the signing keys of JWT templates are sealed.
pub(crate) const TEMPLATE_KEY: &str = "template_key";
/// The purpose under which the secrets of authenticator apps are sealed.
pub(crate) const TOTP: &str = "totp";
/// The purpose under which the hashes of backup codes are sealed.
pub(crate) const BACKUP_CODE: &str = "backup_code";
/// The purpose under which handshake payloads are sealed.
pub(crate) const HANDSHAKE: &str = "handshake";
/// The purpose under which the words of mails are sealed until they are delivered.
pub(crate) const MAIL: &str = "mail";

/// What the purpose of each kind of sealed row is called.
pub(crate) const fn purpose(kind: SealedKind) -> &'static str {
    match kind {
        SealedKind::SigningKey => SIGNING_KEY,
        SealedKind::SecretKey => SECRET_KEY,
        SealedKind::TemplateKey => TEMPLATE_KEY,
        SealedKind::TotpSecret => TOTP,
        SealedKind::BackupCodes => BACKUP_CODE,
        SealedKind::Handshake => HANDSHAKE,
        SealedKind::Mail => MAIL,
    }
}

/// The key that everything secret is encrypted under. Lives in a file of the data folder, or in the environment.
///
/// While it is being replaced (see `rotation`), the new key seals and both open.
pub struct MasterKey(RwLock<Ring>);

#[derive(Clone)]
struct Ring {
    current: Arc<Derived>,
    /// What sealed before; still opens.
    previous: Option<Arc<Derived>>,
}

/// The keys that are made from one master key.
struct Derived {
    encryption: LessSafeKey,
    codes: hmac::Key,
    text: Zeroizing<String>,
}

/// What was sealed cannot be opened: another master key sealed it, or it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the master key does not open what was sealed with it")]
pub struct WrongMasterKey;

/// The text is not a master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 bytes in unpadded base64url, 43 characters")]
pub struct InvalidMasterKey;

impl MasterKey {
    /// A fresh key.
    pub fn generate(rng: &mut dyn Randomness) -> Self {
        Self::from_bytes(&rng.bytes())
    }

    /// The key in this text, as [`MasterKey::text`] wrote it.
    pub fn parse(text: &str) -> Result<Self, InvalidMasterKey> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| InvalidMasterKey)?);
        let bytes: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| InvalidMasterKey)?;
        Ok(Self::from_bytes(bytes))
    }

    /// The key as text, for its file.
    pub fn text(&self) -> Zeroizing<String> {
        self.ring().current.text.clone()
    }

    fn from_bytes(bytes: &[u8; 32]) -> Self {
        let current = Arc::new(Derived::from_bytes(bytes));
        Self(RwLock::new(Ring { current, previous: None }))
    }

    /// Encrypts a secret for the purpose named by `label`; only the same label opens it.
    ///
    /// # Panics
    ///
    /// If the secret is longer than AES-GCM takes, 64 GiB.
    pub fn seal(&self, label: &str, secret: &[u8], rng: &mut dyn Randomness) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = rng.bytes();
        let mut sealed = nonce.to_vec();
        let mut body = secret.to_vec();
        self.ring()
            .current
            .encryption
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(label.as_bytes()),
                &mut body,
            )
            .expect("AES-GCM takes any secret that fits in memory");
        sealed.append(&mut body);
        sealed
    }

    /// Decrypts what [`MasterKey::seal`] made with the same label, also before the key was replaced.
    pub fn open(&self, label: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, WrongMasterKey> {
        let ring = self.ring();
        let with_previous = || ring.previous.as_ref().ok_or(WrongMasterKey)?.open(label, sealed);
        ring.current.open(label, sealed).or_else(|_| with_previous())
    }

    /// Whether this was sealed with the key that seals now.
    pub(crate) fn is_current(&self, label: &str, sealed: &[u8]) -> bool {
        self.ring().current.open(label, sealed).is_ok()
    }

    /// Seals with another key from now on, and still opens what this one has sealed.
    pub(crate) fn replace_with(&self, new: &Self) {
        let new = new.ring().current;
        let mut ring = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut ring.current, new);
        ring.previous = Some(old);
    }

    /// Forgets the key that sealed before.
    pub(crate) fn forget_previous(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).previous = None;
    }

    fn ring(&self) -> Ring {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A keyed hash of a short code, bound to what it was sent for. Without the master key it cannot be guessed
    /// from the database. A code that is on its way while the key is replaced opens nothing any more: this is for what
    /// lives for minutes.
    pub fn hash_code(&self, purpose: &str, code: &str) -> String {
        let mut context = hmac::Context::with_key(&self.ring().current.codes);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(code.as_bytes());
        hex(context.sign().as_ref())
    }
}

impl Derived {
    fn from_bytes(bytes: &[u8; 32]) -> Self {
        // One purpose, one key: both are derived, so that neither use can weaken the other.
        let derive = |label: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, bytes), label);
        let unbound = UnboundKey::new(&AES_256_GCM, derive(b"frontdesk.seal").as_ref())
            .expect("an HMAC-SHA256 tag is 32 bytes");
        Self {
            encryption: LessSafeKey::new(unbound),
            codes: hmac::Key::new(hmac::HMAC_SHA256, derive(b"frontdesk.codes").as_ref()),
            text: Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes)),
        }
    }

    fn open(&self, label: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, WrongMasterKey> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(WrongMasterKey)?;
        let mut body = body.to_vec();
        let length = self
            .encryption
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(label.as_bytes()), &mut body)
            .map_err(|_| WrongMasterKey)?
            .len();
        body.truncate(length);
        Ok(Zeroizing::new(body))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterKey(…)")
    }
}

/// SHA-256 of a token with enough entropy of its own: secret keys, tickets, nonces.
pub fn token_hash(token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec()
}

/// Such a hash as it travels in an address.
pub(crate) fn encode_hash(hash: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(hash)
}

/// The hash in this text, if it is one.
pub(crate) fn decode_hash(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok().filter(|hash| hash.len() == digest::SHA256_OUTPUT_LEN)
}

/// The publishable key of an instance: one canonical spelling, without padding (wire protocol §1.1).
pub fn publishable_key(kind: InstanceKind, key_host: &str) -> String {
    format!("pk_{}_{}", kind.key_word(), STANDARD_NO_PAD.encode(format!("{key_host}$")))
}

/// The key host inside a publishable key, padded or not; `None` if the text is none (wire protocol §1.1).
pub fn key_host(publishable_key: &str) -> Option<String> {
    let encoded =
        publishable_key.strip_prefix("pk_test_").or_else(|| publishable_key.strip_prefix("pk_live_"))?;
    let decoded = STANDARD_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?;
    let host = String::from_utf8(decoded).ok()?.strip_suffix('$')?.to_owned();
    let is_host = host.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'$');
    (is_host && host.contains('.')).then_some(host)
}

/// A fresh secret key: 40 letters and digits after the prefix, 238 bits.
pub fn mint_secret_key(kind: InstanceKind, rng: &mut dyn Randomness) -> String {
    format!("sk_{}_{}", kind.key_word(), alphanumeric::<40>(rng))
}

/// `N` random letters and digits.
pub fn alphanumeric<const N: usize>(rng: &mut dyn Randomness) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    (0..N).map(|_| char::from(ALPHABET[rng.below(62) as usize])).collect()
}

/// What the names of an application's cookies end in: the first eight characters of the base64url SHA-1 of the
/// publishable key (wire protocol §2.1).
pub fn cookie_suffix(publishable_key: &str) -> String {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, publishable_key.as_bytes());
    let mut suffix = URL_SAFE_NO_PAD.encode(digest.as_ref());
    suffix.truncate(8);
    suffix
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chance;

    #[test]
    fn publishable_keys_and_suffixes_are_the_published_ones() {
        let key = publishable_key(InstanceKind::Development, "clerk.frontdesk.test");
        assert_eq!(key, "pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk");
        assert_eq!(cookie_suffix(&key), "wg9BN2Og");
        let live = publishable_key(InstanceKind::Production, "127.0.0.1:4000");
        assert_eq!(
            (live.as_str(), cookie_suffix(&live).as_str()),
            ("pk_live_MTI3LjAuMC4xOjQwMDAk", "G1Ze9mJX")
        );
    }

    #[test]
    fn the_key_host_is_read_from_a_publishable_key() {
        for key in [
            "pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk",
            "pk_live_Y2xlcmsuY2xlcmsuZGV2JA",
            "pk_test_Y2xlcmsuY2xlcmsuZGV2JA==",
        ] {
            assert!(key_host(key).is_some(), "{key}");
        }
        assert_eq!(key_host("pk_test_Y2xlcmsuZnJvbnRkZXNrLnRlc3Qk").unwrap(), "clerk.frontdesk.test");
        // No dot, no dollar, NUL, not base64, another prefix.
        for key in [
            "pk_test_bG9jYWxob3N0OjQwMDAk",
            "pk_test_YS5i",
            "pk_test_YS5iACQ",
            "pk_test_***",
            "sk_test_Y2xlcmsuY2xlcmsuZGV2JA",
            "",
        ] {
            assert_eq!(key_host(key), None, "{key}");
        }
    }

    #[test]
    fn only_the_same_key_and_label_open_what_was_sealed() {
        let mut rng = Chance::seeded(1);
        let key = MasterKey::generate(&mut rng);
        let sealed = key.seal("secret_key", b"sk_test_1", &mut rng);
        assert_eq!(key.open("secret_key", &sealed).unwrap().as_slice(), b"sk_test_1");
        assert_eq!(key.open("signing_key", &sealed), Err(WrongMasterKey));
        assert_eq!(MasterKey::generate(&mut rng).open("secret_key", &sealed), Err(WrongMasterKey));
        assert_eq!(key.open("secret_key", &sealed[..5]), Err(WrongMasterKey));
        let same = MasterKey::parse(&key.text()).unwrap();
        assert_eq!(same.open("secret_key", &sealed).unwrap().as_slice(), b"sk_test_1");
    }

    #[test]
    fn a_key_that_was_replaced_opens_until_it_is_forgotten() {
        let mut rng = Chance::seeded(1);
        let (key, new) = (MasterKey::generate(&mut rng), MasterKey::generate(&mut rng));
        let before = key.seal("mail", b"words", &mut rng);
        key.replace_with(&new);
        let after = key.seal("mail", b"words", &mut rng);
        assert_eq!((key.is_current("mail", &before), key.is_current("mail", &after)), (false, true));
        assert_eq!(key.open("mail", &before).unwrap().as_slice(), b"words");
        assert_eq!(new.open("mail", &after).unwrap().as_slice(), b"words");
        assert_eq!(*key.text(), *new.text());
        key.forget_previous();
        assert_eq!(key.open("mail", &before), Err(WrongMasterKey));
    }

    #[test]
    fn a_code_hash_is_bound_to_its_purpose() {
        let key = MasterKey::generate(&mut Chance::seeded(1));
        assert_ne!(key.hash_code("sia_1", "424242"), key.hash_code("sia_2", "424242"));
        assert_eq!(key.hash_code("sia_1", "424242"), key.hash_code("sia_1", "424242"));
    }
}
