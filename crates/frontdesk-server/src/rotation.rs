//! Replacing the keys of a server and its instances while people stay signed in.
//!
//! * **Signing keys**: the new key signs at once. The old one stays in the JWKS until the longest-lived thing it has
//!   signed is over, so tokens of both verify.
//! * **Secret keys**: a new one is added; the old ones go on working until they are removed, one by one.
//! * **The master key**: everything that is kept sealed is sealed anew. The new key is kept under the old one until the
//!   rotation is finished, so that it can be cut off anywhere and taken up again, by any process that holds either.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_core::instance::{Instance, SecretKeyRecord, SigningKeyRecord};
use frontdesk_jwt::KeyError;
use frontdesk_store::{CommitError, SealedKind, Store, Work};
use frontdesk_types::{InstanceId, Randomness, Span, Timestamp};
use zeroize::Zeroizing;

use crate::errors::ApiError;
use crate::keys::{self, MasterKey};
use crate::provision::{self, KnownKeys, ProvisionError};
use crate::{LoadedInstance, Server};

/// How long a key stays in the JWKS after it stopped signing, at least. Tokens that live longer are noted when they are
/// signed; those that do not need not be.
pub(crate) const USUAL_LIFETIME: Span = Span::days(7);

/// Where the next master key is kept, sealed under the present one, while a rotation is under way.
const NEXT_MASTER_KEY: &str = "master_key_next";
/// How many rows are sealed anew in one work.
const ROWS_AT_ONCE: u32 = 200;

/// Why a key is not replaced. What was done so far stays done; trying again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// There is no such instance.
    #[error("there is no such instance")]
    NoInstance,
    /// There is no such secret key.
    #[error("the instance has no such secret key")]
    NoSecretKey,
    /// Without a secret key nobody could use the Backend API.
    #[error("this is the only secret key of the instance: add another one first")]
    LastSecretKey,
    /// Something is sealed with a key that is neither the present nor the next one.
    #[error("a {0:?} of the instance {1} was sealed with another master key")]
    Unreadable(SealedKind, InstanceId),
    /// Something is still sealed with the old master key.
    #[error("not everything is sealed with the new master key yet: rotate again")]
    Unfinished,
    /// The next master key cannot be read.
    #[error("the database holds a next master key that this one does not open")]
    WrongMasterKey(#[from] keys::WrongMasterKey),
    /// The new key cannot be made.
    #[error("the new key cannot be made")]
    Key(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store failed, or somebody else rotated at the same moment.
    #[error("the database did not take the new key")]
    Store(#[from] CommitError),
    /// The store failed.
    #[error(transparent)]
    Read(#[from] frontdesk_store::Error),
}

impl From<ProvisionError> for RotationError {
    fn from(error: ProvisionError) -> Self {
        Self::Key(error.into())
    }
}

impl From<KeyError> for RotationError {
    fn from(error: KeyError) -> Self {
        Self::Key(error.into())
    }
}

/// A signing key took another's place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SigningKeyRotation {
    /// The `kid` of the key that signs now.
    pub signs: String,
    /// The `kid` of the key that signed before.
    pub retired: String,
    /// Until when the retired key stays in the JWKS.
    pub retires_at: Timestamp,
}

/// A secret key as it may be shown in lists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecretKeySummary {
    /// Names the key in commands: the first twelve hexadecimal digits of its SHA-256.
    pub id: String,
    /// Its beginning and its end: `sk_test_…x7Qa`.
    pub shown: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A secret key that was added.
#[non_exhaustive]
pub struct NewSecretKey {
    /// Names the key in commands.
    pub id: String,
    /// The key. Keep it off logs.
    pub secret_key: Zeroizing<String>,
}

impl std::fmt::Debug for NewSecretKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("NewSecretKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How far the rotation of the master key has come.
#[non_exhaustive]
pub struct MasterKeyRotation {
    /// The new key. Keep it off logs.
    pub master_key: Zeroizing<String>,
    /// How many secrets were sealed anew.
    pub resealed: usize,
}

impl std::fmt::Debug for MasterKeyRotation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MasterKeyRotation").field("resealed", &self.resealed).finish_non_exhaustive()
    }
}

// Signing keys

impl Server {
    /// Makes a new signing key, or takes the given one, and signs with it from now on. The old one stays in the JWKS until
    /// every token that it signed is over.
    pub async fn rotate_signing_key(
        &self,
        instance: &InstanceId,
        new: Option<KnownKeys>,
    ) -> Result<SigningKeyRotation, RotationError> {
        let (der, kid) = match new {
            Some(known) => (known.signing_key, known.kid),
            None => (provision::generated_key().await?, None),
        };
        let (store, now, mut rng) = (self.store(), self.now(), self.chance());
        let instance = store.instance(instance).await?.ok_or(RotationError::NoInstance)?;
        let records = store.signing_keys(&instance.id).await?;
        let kid = kid.unwrap_or_else(|| provision::mint_kid(&mut rng));
        let mut work = Work::new(&instance.id);
        let mut rotation = SigningKeyRotation { signs: kid.clone(), retired: String::new(), retires_at: now };
        for old in records.iter().filter(|record| record.retires_at.is_none()) {
            let retires_at = self.end_of_tokens(&instance, old).await?;
            work.retire_signing_key(&old.kid, retires_at);
            rotation.retired.clone_from(&old.kid);
            rotation.retires_at = retires_at;
        }
        work.insert_signing_key(&SigningKeyRecord {
            kid,
            instance_id: instance.id.clone(),
            sealed: self.master_key().seal(keys::SIGNING_KEY, &der, &mut rng),
            created_at: now,
            retires_at: None,
            tokens_until: None,
        });
        forget_retired(&mut work, &records, now);
        work.touch_instance(now);
        store.commit(work).await?;
        Ok(rotation)
    }

    /// Takes retired signing keys out of the JWKS whose time is over; how many there were.
    pub async fn forget_retired_signing_keys(&self, instance: &InstanceId) -> Result<usize, RotationError> {
        let records = self.store().signing_keys(instance).await?;
        let mut work = Work::new(instance);
        let forgotten = forget_retired(&mut work, &records, self.now());
        if forgotten > 0 {
            work.touch_instance(self.now());
            self.store().commit(work).await?;
        }
        Ok(forgotten)
    }

    /// When the last token is over that this key may have signed: session tokens and those of templates, and the client
    /// tokens of browsers, which are worth something as long as a session lives on the client. A session that begins
    /// later gives its client a new token.
    async fn end_of_tokens(
        &self,
        instance: &Instance,
        key: &SigningKeyRecord,
    ) -> Result<Timestamp, RotationError> {
        let now = self.now();
        let usual = now + USUAL_LIFETIME.max(instance.settings.limits.session_lifetime);
        let sessions = self.store().last_session_end(&instance.id).await?;
        Ok([sessions, key.tokens_until].into_iter().flatten().fold(usual, Timestamp::max))
    }
}

/// Collects the end of keys that nobody needs any more.
fn forget_retired(work: &mut Work, records: &[SigningKeyRecord], now: Timestamp) -> usize {
    let over = records.iter().filter(|record| record.retires_at.is_some_and(|at| at <= now));
    over.map(|record| work.delete_retired_signing_key(&record.kid, now)).count()
}

/// Notes that a token will live longer than usual, so that its key stays in the JWKS as long. At most one write a day
/// for each lifetime: the end is rounded up to a day.
pub(crate) async fn note_lifetime(
    server: &Server,
    instance: &LoadedInstance,
    lifetime: Span,
    now: Timestamp,
) -> Result<(), ApiError> {
    use std::sync::atomic::Ordering;
    if lifetime <= USUAL_LIFETIME {
        return Ok(());
    }
    let day = Span::days(1).as_millis();
    let until = ((now + lifetime).as_millis() / day + 1) * day;
    if instance.tokens_until.load(Ordering::Relaxed) >= until {
        return Ok(());
    }
    let mut work = Work::new(&instance.id);
    work.note_tokens_until(instance.signing_key.kid(), Timestamp::from_millis(until));
    server.store().commit(work).await?;
    instance.tokens_until.fetch_max(until, Ordering::Relaxed);
    Ok(())
}

// Secret keys

impl Server {
    /// The secret keys of an instance, oldest first, without what makes them secret.
    pub async fn secret_keys(&self, instance: &InstanceId) -> Result<Vec<SecretKeySummary>, RotationError> {
        let records = self.store().secret_keys(instance).await?;
        records.iter().map(|record| self.summary(record)).collect()
    }

    /// Adds a secret key. Those that were there go on working.
    pub async fn add_secret_key(&self, instance: &InstanceId) -> Result<NewSecretKey, RotationError> {
        let instance = self.store().instance(instance).await?.ok_or(RotationError::NoInstance)?;
        let mut rng = self.chance();
        let secret_key = Zeroizing::new(keys::mint_secret_key(instance.kind, &mut rng));
        let record = SecretKeyRecord {
            hash: keys::token_hash(&secret_key),
            instance_id: instance.id.clone(),
            sealed: self.master_key().seal(keys::SECRET_KEY, secret_key.as_bytes(), &mut rng),
            created_at: self.now(),
        };
        let mut work = Work::new(&instance.id);
        work.insert_secret_key(&record);
        self.store().commit(work).await?;
        Ok(NewSecretKey { id: secret_key_id(&record), secret_key })
    }

    /// Takes a secret key away, by its id in [`Server::secret_keys`]: it opens nothing from then on. The last one stays.
    pub async fn remove_secret_key(&self, instance: &InstanceId, id: &str) -> Result<(), RotationError> {
        let records = self.store().secret_keys(instance).await?;
        let record = records.iter().find(|record| secret_key_id(record) == id);
        let record = record.ok_or(RotationError::NoSecretKey)?;
        if records.len() == 1 {
            return Err(RotationError::LastSecretKey);
        }
        let mut work = Work::new(instance);
        work.delete_secret_key(&record.hash);
        self.store().commit(work).await?;
        Ok(())
    }

    fn summary(&self, record: &SecretKeyRecord) -> Result<SecretKeySummary, RotationError> {
        let opened = self
            .master_key()
            .open(keys::SECRET_KEY, &record.sealed)
            .map_err(|_| RotationError::Unreadable(SealedKind::SecretKey, record.instance_id.clone()))?;
        let text = Zeroizing::new(String::from_utf8_lossy(&opened).into_owned());
        let begin: String = text.chars().take("sk_test_".len()).collect();
        let end: String = text.chars().skip(text.chars().count().saturating_sub(4)).collect();
        Ok(SecretKeySummary {
            id: secret_key_id(record),
            shown: format!("{begin}…{end}"),
            created_at: record.created_at,
        })
    }
}

fn secret_key_id(record: &SecretKeyRecord) -> String {
    let mut id = keys::hex(&record.hash);
    id.truncate(12);
    id
}

// The master key

impl Server {
    /// Replaces the master key, or goes on with a rotation that was cut off: seals with the new one from now on, and seals
    /// anew what the old one has sealed. The server works on meanwhile, and so do others on the same database.
    ///
    /// Keep the new key where the server finds it at its next start, then call [`Server::finish_master_key_rotation`].
    /// Until then the server also starts with the old one. Codes that are on their way to people open nothing any more.
    pub async fn rotate_master_key(&self) -> Result<MasterKeyRotation, RotationError> {
        let (store, master_key, mut rng) = (self.store(), self.master_key(), self.chance());
        let instances = store.instances().await?;
        if store.meta(NEXT_MASTER_KEY).await?.is_none() {
            let Some(any) = instances.first() else { return Err(RotationError::NoInstance) };
            let new = MasterKey::generate(&mut rng);
            let sealed = master_key.seal(NEXT_MASTER_KEY, new.text().as_bytes(), &mut rng);
            let mut work = Work::new(&any.id);
            work.set_meta(NEXT_MASTER_KEY, &URL_SAFE_NO_PAD.encode(sealed));
            store.commit(work).await?;
            master_key.replace_with(&new);
        } else {
            // Cut off before: this server learned of it at its start, or learns of it now.
            learn_next_master_key(store, master_key).await?;
        }
        let mut resealed = 0;
        for instance in &instances {
            resealed += self.reseal(&instance.id).await?;
        }
        if let Some(any) = instances.first() {
            let canary = master_key.seal(keys::CANARY, b"frontdesk", &mut rng);
            let mut work = Work::new(&any.id);
            work.set_meta(keys::CANARY, &URL_SAFE_NO_PAD.encode(canary));
            store.commit(work).await?;
        }
        Ok(MasterKeyRotation { master_key: master_key.text(), resealed })
    }

    /// Ends a rotation once the new master key is where the server will find it: the old one opens nothing any more.
    ///
    /// # Errors
    ///
    /// [`RotationError::Unfinished`] if something is still sealed with the old key: another server on the same database
    /// has not learned of the new one in time. [`Server::rotate_master_key`] takes it along.
    pub async fn finish_master_key_rotation(&self) -> Result<(), RotationError> {
        let (store, master_key) = (self.store(), self.master_key());
        if store.meta(NEXT_MASTER_KEY).await?.is_none() {
            return Ok(());
        }
        let instances = store.instances().await?;
        for instance in &instances {
            for kind in SealedKind::ALL {
                let mut last = None;
                loop {
                    let rows = store.sealed_rows(&instance.id, kind, last.as_ref(), ROWS_AT_ONCE).await?;
                    if !rows.iter().all(|row| is_current(master_key, kind, &row.sealed)) {
                        return Err(RotationError::Unfinished);
                    }
                    match rows.into_iter().last() {
                        Some(row) => last = Some(row),
                        None => break,
                    }
                }
            }
        }
        if let Some(any) = instances.first() {
            let mut work = Work::new(&any.id);
            work.delete_meta(NEXT_MASTER_KEY);
            store.commit(work).await?;
        }
        master_key.forget_previous();
        Ok(())
    }

    /// Seals anew whatever of an instance the present master key has not sealed; how much there was. Other servers hear
    /// of it by the version of the instance, and learn the new key when they load it.
    async fn reseal(&self, instance: &InstanceId) -> Result<usize, RotationError> {
        let (store, master_key, mut rng) = (self.store(), self.master_key(), self.chance());
        // First, so that others seal with the new key before the last row is read.
        let mut work = Work::new(instance);
        work.touch_instance(self.now());
        let mut resealed = 0;
        for kind in SealedKind::ALL {
            let mut last = None;
            loop {
                let rows = store.sealed_rows(instance, kind, last.as_ref(), ROWS_AT_ONCE).await?;
                for row in rows.iter().filter(|row| !is_current(master_key, kind, &row.sealed)) {
                    let sealed = sealed_anew(master_key, kind, &row.sealed, &mut rng)
                        .map_err(|_| RotationError::Unreadable(kind, instance.clone()))?;
                    work.reseal(kind, row, &sealed);
                    resealed += 1;
                }
                let full = std::mem::replace(&mut work, Work::new(instance));
                store.commit(full).await?;
                match rows.into_iter().last() {
                    Some(row) => last = Some(row),
                    None => break,
                }
            }
        }
        Ok(resealed)
    }
}

/// Whether all of this was sealed with the present master key.
fn is_current(master_key: &MasterKey, kind: SealedKind, sealed: &[u8]) -> bool {
    let purpose = keys::purpose(kind);
    if kind != SealedKind::BackupCodes {
        return master_key.is_current(purpose, sealed);
    }
    let codes: Vec<String> = serde_json::from_slice(sealed).unwrap_or_default();
    let mut sealed = codes.iter().filter(|code| is_sealed_code(code));
    sealed.all(|code| URL_SAFE_NO_PAD.decode(code).is_ok_and(|code| master_key.is_current(purpose, &code)))
}

/// The same, sealed with the present master key.
fn sealed_anew(
    master_key: &MasterKey,
    kind: SealedKind,
    sealed: &[u8],
    rng: &mut dyn Randomness,
) -> Result<Vec<u8>, keys::WrongMasterKey> {
    let purpose = keys::purpose(kind);
    if kind != SealedKind::BackupCodes {
        return Ok(master_key.seal(purpose, &master_key.open(purpose, sealed)?, rng));
    }
    let mut codes: Vec<String> = serde_json::from_slice(sealed).map_err(|_| keys::WrongMasterKey)?;
    for code in codes.iter_mut().filter(|code| is_sealed_code(code)) {
        let sealed = URL_SAFE_NO_PAD.decode(&*code).map_err(|_| keys::WrongMasterKey)?;
        *code = URL_SAFE_NO_PAD.encode(master_key.seal(purpose, &master_key.open(purpose, &sealed)?, rng));
    }
    serde_json::to_vec(&codes).map_err(|_| keys::WrongMasterKey)
}

/// Backup codes that were imported are digests of their own.
fn is_sealed_code(code: &str) -> bool {
    !code.starts_with('$')
}

/// Learns the next master key, if the store holds one that this one opens; whether it did.
pub(crate) async fn learn_next_master_key(
    store: &Store,
    master_key: &MasterKey,
) -> Result<bool, frontdesk_store::Error> {
    let Some(sealed) = store.meta(NEXT_MASTER_KEY).await? else { return Ok(false) };
    let opened = URL_SAFE_NO_PAD.decode(sealed).ok().and_then(|sealed| {
        let is_known = !master_key.is_current(NEXT_MASTER_KEY, &sealed);
        if is_known { None } else { master_key.open(NEXT_MASTER_KEY, &sealed).ok() }
    });
    let text = opened.map(|text| Zeroizing::new(String::from_utf8_lossy(&text).into_owned()));
    match text.map(|text| MasterKey::parse(&text)) {
        Some(Ok(next)) => {
            master_key.replace_with(&next);
            Ok(true)
        }
        _ => Ok(false),
    }
}
