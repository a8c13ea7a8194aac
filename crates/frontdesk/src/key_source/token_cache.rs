//! Session tokens that were verified a moment ago, so that the same token need not be verified again.
//!
//! A browser sends one token for a minute, with every request. What its signature said the first time it says the next
//! time, too: only time and the keys can have changed, and whoever finds a session here looks at both.
//!
//! - **A hit is the whole token.** The table is ordered by a hash of the token's last bytes, and what is found there is
//!   compared from the first byte to the last. Two tokens with one hash take turns, and neither is taken for the other.
//! - **Only verified tokens come in**, so strangers cannot fill the table; and the hash is keyed with numbers that no
//!   stranger knows, so those who have tokens cannot choose which of them meet.
//! - **It is bounded.** Where there is no room, what has expired goes first, then what expires next.
//!
//! It is a table of our own, for what is wanted is little and particular. `papaya` has no bound. `quick_cache` and `moka`
//! forget what is seldom used, so each hit leaves a trace, and what has expired may outlast what has not. Here a hit
//! writes to a lock that few others use, and to the counter of the session it hands out.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::hint::black_box;
use std::sync::{PoisonError, RwLock};

use frontdesk_types::Timestamp;

use crate::Session;
use crate::key_source::Generation;

/// Cookies cannot be longer. A longer token is verified every time, so that the memory is bounded, too.
const LONGEST: usize = 4096;
/// How much of a token's end is hashed: 192 bits of its signature.
const HASHED: usize = 32;
/// As many tokens share a lock, at most: few enough that looking through all of them costs little beside the
/// verification that precedes it.
const SHARD: usize = 256;

/// Verified sessions by their tokens.
#[derive(Debug)]
pub(crate) struct TokenCache<H = RandomState> {
    shards: Box<[Shard]>,
    /// How many tokens each shard holds at most.
    room: usize,
    hasher: H,
}

/// A lock of its own on lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(RwLock<Table>);

type Table = HashMap<u64, Entry, BuildHasherDefault<AsItIs>>;

#[derive(Debug)]
struct Entry {
    session: Session,
    /// Of the key that verified it.
    generation: Generation,
}

impl TokenCache {
    /// Room for this many tokens and never more; none, if it is zero.
    pub(crate) fn new(most: usize) -> Self {
        Self::with_hasher(most, RandomState::new())
    }
}

impl<H: BuildHasher> TokenCache<H> {
    fn with_hasher(most: usize, hasher: H) -> Self {
        let shards = if most == 0 { 0 } else { most.div_ceil(SHARD).next_power_of_two() };
        let room = most.checked_div(shards).unwrap_or_default();
        Self { shards: (0..shards).map(|_| Shard::default()).collect(), room, hasher }
    }

    /// The session of this very token, if a key of this generation has verified it. Whether it is still its time is for
    /// the caller to see.
    pub(crate) fn find(&self, token: &[u8], generation: Generation) -> Option<Session> {
        let (shard, hash) = self.place(token)?;
        let table = shard.0.read().unwrap_or_else(PoisonError::into_inner);
        let entry = table.get(&hash).filter(|entry| entry.generation == generation)?;
        is_same(token, entry.session.token().as_bytes()).then(|| entry.session.clone())
    }

    /// Remembers a session that a key of this generation has verified. `expired_before` says which sessions have expired
    /// by now.
    pub(crate) fn remember(&self, session: &Session, generation: Generation, expired_before: Timestamp) {
        let Some((shard, hash)) = self.place(session.token().as_bytes()) else { return };
        let mut table = shard.0.write().unwrap_or_else(PoisonError::into_inner);
        if table.len() >= self.room && !table.contains_key(&hash) {
            make_room(&mut table, self.room, generation, expired_before);
        }
        table.insert(hash, Entry { session: session.clone(), generation });
    }

    /// Where a token belongs; `None` if it is not to be remembered.
    fn place(&self, token: &[u8]) -> Option<(&Shard, u64)> {
        if self.shards.is_empty() || !(HASHED..=LONGEST).contains(&token.len()) {
            return None;
        }
        let mut hasher = self.hasher.build_hasher();
        hasher.write(&token[token.len() - HASHED..]);
        let hash = hasher.finish();
        // The table takes its bits from both ends of the hash, so the shard takes some from the middle.
        let shard = usize::try_from(hash >> 24 & 0xffff_ffff).unwrap_or_default() & (self.shards.len() - 1);
        Some((self.shards.get(shard)?, hash))
    }
}

/// Removes what is of no use any more, and more if that is little, so that the next ones find room without a search.
fn make_room(table: &mut Table, room: usize, generation: Generation, expired_before: Timestamp) {
    table.retain(|_, entry| entry.generation == generation && entry.session.expires_at() > expired_before);
    let keep = room - room.div_ceil(16);
    if table.len() <= keep {
        return;
    }
    let mut expiries: Vec<_> =
        table.iter().map(|(hash, entry)| (entry.session.expires_at(), *hash)).collect();
    let surplus = expiries.len() - keep;
    if surplus < expiries.len() {
        expiries.select_nth_unstable(surplus);
    }
    for (_, hash) in &expiries[..surplus] {
        table.remove(hash);
    }
}

/// Whether two tokens are the same. How long it takes depends on their length alone: a token is a credential, and
/// somebody who knows its end (from a log, perhaps) must not be told by the clock how much of a guess at the rest is
/// right.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (one, one_rest) = one.as_chunks::<64>();
    let (other, other_rest) = other.as_chunks::<64>();
    let mut difference = [0_u8; 64];
    for (one, other) in one.iter().zip(other) {
        for ((sum, one), other) in difference.iter_mut().zip(one).zip(other) {
            *sum |= one ^ other;
        }
    }
    for ((sum, one), other) in difference.iter_mut().zip(one_rest).zip(other_rest) {
        *sum |= one ^ other;
    }
    // Hidden from the compiler, which could otherwise leave the loops early.
    black_box(difference).iter().fold(0, |sum, byte| sum | byte) == 0
}

/// The keys of the tables are hashes already.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests;
