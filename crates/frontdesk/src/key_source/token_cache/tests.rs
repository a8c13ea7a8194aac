use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use frontdesk_types::Span;

use super::*;
use crate::test_support::{FakeBackend, NOW, TokenDraft, key, token};

/// Every hash is the same.
#[derive(Debug)]
struct OneHash;

impl BuildHasher for OneHash {
    type Hasher = Constant;

    fn build_hasher(&self) -> Constant {
        Constant
    }
}

struct Constant;

impl Hasher for Constant {
    fn finish(&self) -> u64 {
        7
    }

    fn write(&mut self, _bytes: &[u8]) {}
}

fn session(draft: &TokenDraft) -> Session {
    let text = draft.sign();
    let verified = frontdesk_jwt::Token::decode(&text).unwrap();
    let verified =
        verified.verify_session(key().verifying_key(), &frontdesk_jwt::Expectations::new(), NOW).unwrap();
    Session::read(verified, &text, &FakeBackend::new().client()).unwrap()
}

/// Different people, told apart by their numbers.
fn person(number: usize) -> TokenDraft {
    token().claim("sub", format!("user_{number}"))
}

fn generation() -> Generation {
    Generation::default()
}

impl<H: BuildHasher> TokenCache<H> {
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.0.read().unwrap().len()).sum()
    }

    fn knows(&self, session: &Session) -> bool {
        let found = self.find(session.token().as_bytes(), generation());
        assert!(found.as_ref().is_none_or(|found| found.token() == session.token()));
        found.is_some()
    }
}

#[test]
fn a_token_is_found_again_and_no_other_is() {
    let cache = TokenCache::new(100);
    let ada = session(&person(1));
    assert!(!cache.knows(&ada));
    cache.remember(&ada, generation(), NOW);
    assert!(cache.knows(&ada));
    assert!(!cache.knows(&session(&person(2))));
    // Not even one that ends in the same way, which is all that the hash sees.
    let text = ada.token();
    for place in [0, 1, 40, 63, 64, text.len() - HASHED - 1] {
        let mut other = text.as_bytes().to_vec();
        other[place] ^= 1;
        assert_eq!(cache.place(&other).unwrap().1, cache.place(text.as_bytes()).unwrap().1);
        assert!(cache.find(&other, generation()).is_none(), "a difference at {place}");
    }
    for other in [&text[1..], &text[text.len() - HASHED..], &format!("x{text}"), ""] {
        assert!(cache.find(other.as_bytes(), generation()).is_none());
    }
}

#[test]
fn two_tokens_of_one_hash_are_not_mistaken_for_each_other() {
    let cache = TokenCache::with_hasher(100, OneHash);
    let (ada, bob) = (session(&person(1)), session(&person(2)));
    cache.remember(&ada, generation(), NOW);
    assert!(cache.knows(&ada) && !cache.knows(&bob));
    cache.remember(&bob, generation(), NOW);
    assert!(!cache.knows(&ada) && cache.knows(&bob));
    assert_eq!(cache.len(), 1);
}

#[test]
fn ten_times_as_many_find_no_more_room() {
    for most in [1, 2, 15, 40] {
        let cache = TokenCache::new(most);
        let people: Vec<_> = (0..10 * most).map(|number| session(&person(number))).collect();
        for (number, person) in people.iter().enumerate() {
            cache.remember(person, generation(), NOW);
            assert!(cache.knows(person), "the newest has a place");
            assert!(cache.len() <= most);
            assert!(cache.len() >= number.min(most - most.div_ceil(16)), "no more is forgotten than must be");
        }
    }
    for (most, in_all) in [(256, 256), (257, 256), (1000, 1000), (16_384, 16_384), (100_000, 99_840)] {
        let cache = TokenCache::new(most);
        assert_eq!(cache.room * cache.shards.len(), in_all);
    }
}

#[test]
fn the_expired_go_first_and_then_what_expires_next() {
    let cache = TokenCache::new(16);
    let lasting = |number: i64| {
        person(usize::try_from(number).unwrap()).claim("exp", NOW.as_secs() + 100 * (number + 1))
    };
    let people: Vec<_> = (0..16).map(|number| session(&lasting(number))).collect();
    // The order in which they come does not matter.
    for person in people.iter().rev() {
        cache.remember(person, generation(), NOW);
    }
    let kept = |cache: &TokenCache| people.iter().filter(|person| cache.knows(person)).count();
    assert_eq!(kept(&cache), 16);

    cache.remember(&session(&person(16)), generation(), NOW);
    assert_eq!((kept(&cache), cache.knows(&people[0])), (15, false), "the one that would have expired next");
    cache.remember(&session(&lasting(17)), generation(), NOW + Span::seconds(1000));
    assert_eq!((kept(&cache), cache.knows(&people[9])), (6, false), "all that have expired");
    assert!(people[10..].iter().all(|person| cache.knows(person)), "and nobody else");
}

#[test]
fn what_a_withdrawn_key_has_verified_is_forgotten() {
    let cache = TokenCache::new(16);
    let people: Vec<_> = (0..16).map(|number| session(&person(number))).collect();
    for person in &people {
        cache.remember(person, generation(), NOW);
    }
    let next = generation().next();
    assert!(cache.find(people[0].token().as_bytes(), next).is_none());
    cache.remember(&people[0], next, NOW);
    assert!(cache.find(people[0].token().as_bytes(), next).is_some(), "verified again by another key");
    // Among those of an earlier generation it is the newcomer that stays.
    cache.remember(&session(&person(16)), next, NOW);
    assert_eq!(cache.len(), 2);
}

#[test]
fn nothing_is_remembered_where_nothing_shall_be() {
    let cache = TokenCache::new(0);
    let ada = session(&person(1));
    cache.remember(&ada, generation(), NOW);
    assert!(!cache.knows(&ada));

    let cache = TokenCache::new(16);
    let (long, too_long) = ("x".repeat(2000), "x".repeat(4000));
    for (padding, remembered) in [(long, true), (too_long, false)] {
        let session = session(&token().claim("padding", padding));
        cache.remember(&session, generation(), NOW);
        assert_eq!(cache.knows(&session), remembered);
    }
}

#[test]
fn threads_find_what_others_remember() {
    let cache = Arc::new(TokenCache::new(24));
    let people: Vec<_> = (0..32).map(|number| session(&person(number))).collect();
    let found = AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for thread in 0..4 {
            let (cache, people, found) = (&cache, &people, &found);
            threads.spawn(move || {
                for round in 0..5000 {
                    let person = &people[(round * 7 + thread) % people.len()];
                    if cache.knows(person) {
                        found.fetch_add(1, Ordering::Relaxed);
                    } else {
                        cache.remember(person, generation(), NOW);
                    }
                }
            });
        }
    });
    assert!(cache.len() <= 24);
    assert!(found.load(Ordering::Relaxed) > 0);
}
