//! Sets of verifying keys, and whoever else knows which key a token must have been signed with.

use std::collections::BTreeMap;

use crate::{Header, Token, VerifyError, VerifyingKey};

/// Verifying keys by their id. (Sets are small: comparing a few ids is quicker than hashing one.)
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: BTreeMap<String, VerifyingKey>,
}

impl KeySet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key under an id, in place of one that had it.
    pub fn insert(&mut self, kid: impl Into<String>, key: VerifyingKey) {
        self.keys.insert(kid.into(), key);
    }

    /// The key with this id.
    pub fn key(&self, kid: &str) -> Option<&VerifyingKey> {
        self.keys.get(kid)
    }

    fn find(&self, kid: Option<&str>) -> Result<&VerifyingKey, VerifyError> {
        kid.and_then(|kid| self.key(kid)).ok_or_else(|| VerifyError::UnknownKey(kid.map(str::to_owned)))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// Of two keys with one id the later one counts.
impl FromIterator<(String, VerifyingKey)> for KeySet {
    fn from_iter<I: IntoIterator<Item = (String, VerifyingKey)>>(keys: I) -> Self {
        Self { keys: keys.into_iter().collect() }
    }
}

/// Something that knows which key a token must have been signed with: one key, or a set asked by `kid`.
pub trait Keys {
    /// The key for a token with this header, or [`VerifyError::UnknownKey`].
    fn key_for(&self, header: &Header) -> Result<&VerifyingKey, VerifyError>;

    /// The same for a token whose header need not be copied for the question. By default it is.
    fn key_for_token(&self, token: &Token<'_>) -> Result<&VerifyingKey, VerifyError> {
        self.key_for(token.header())
    }
}

impl Keys for VerifyingKey {
    /// The key itself; `kid` is not compared, as a PEM key has none.
    fn key_for(&self, _header: &Header) -> Result<&VerifyingKey, VerifyError> {
        Ok(self)
    }

    fn key_for_token(&self, _token: &Token<'_>) -> Result<&VerifyingKey, VerifyError> {
        Ok(self)
    }
}

impl Keys for KeySet {
    fn key_for(&self, header: &Header) -> Result<&VerifyingKey, VerifyError> {
        self.find(header.kid.as_deref())
    }

    fn key_for_token(&self, token: &Token<'_>) -> Result<&VerifyingKey, VerifyError> {
        self.find(token.kid())
    }
}
