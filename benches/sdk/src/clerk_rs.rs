//! The peer in Rust: clerk-rs, which verifies a token each time it comes.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use anyhow::{Context as _, Result, ensure};
use clerk_rs::validators::authorizer::{ClerkAuthorizer, ClerkError, ClerkRequest};
use clerk_rs::validators::jwks::{JwksKey, JwksProvider};
use http::Request;

use crate::measure::Subject;
use crate::ours::{Carrier, Order};
use crate::world::World;

/// The key set, fetched long ago.
struct Remembered(JwksKey);

#[async_trait::async_trait]
impl JwksProvider for Remembered {
    type Error = ClerkError;

    async fn get_key(&self, kid: &str) -> Result<JwksKey, ClerkError> {
        if kid == self.0.kid {
            Ok(self.0.clone())
        } else {
            Err(ClerkError::Unauthorized("no such key".to_owned()))
        }
    }
}

/// Reads a header as its adapters for frameworks do.
struct View<'r>(&'r Request<()>);

impl ClerkRequest for View<'_> {
    fn get_header(&self, key: &str) -> Option<String> {
        Some(self.0.headers().get(key)?.to_str().ok()?.to_owned())
    }

    fn get_cookie(&self, _key: &str) -> Option<String> {
        None
    }
}

pub(crate) fn subject<'w>(world: &'w World, people: &'w [String]) -> Result<Subject<'w>> {
    let jwk = world.jwk()?;
    let text = |member: Option<String>| member.context("a member of the key");
    let key = JwksKey {
        use_key: "sig".to_owned(),
        kty: jwk.kty.clone(),
        kid: text(jwk.kid.clone())?,
        alg: text(jwk.alg.clone())?,
        n: text(jwk.n.clone())?,
        e: text(jwk.e.clone())?,
    };
    let authorizer = ClerkAuthorizer::new(Remembered(key), false);
    let mut order = Order::of(people);
    Ok(Subject::new("clerk-rs 0.5.0: authorize, bearer, key at hand", people.len(), move |count, notes| {
        for token in order.by_ref().take(count) {
            let request = Carrier::Bearer.request(world, token);
            let answer = notes.time(1, || {
                let view = View(&request);
                let asking = pin!(authorizer.authorize(&view));
                asking.poll(&mut Context::from_waker(Waker::noop())).map(black_box)
            });
            ensure!(matches!(answer, Poll::Ready(Ok(_))), "clerk-rs refuses a token");
        }
        Ok(())
    }))
}
