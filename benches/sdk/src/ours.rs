//! Our SDK: from a request to who is asking.

use std::fmt;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use std::thread;

use anyhow::{Result, anyhow};
use frontdesk::{Auth, Frontdesk};
use http::Request;

use crate::measure::{Notes, Subject};
use crate::world::World;

/// Requests that are made at once, just before they are asked about: like a request that a server has just read, they
/// are in the processor's cache. What they are about need not be.
pub(crate) const BATCH: usize = 16;

/// Where the token is.
#[derive(Clone, Copy)]
pub(crate) enum Carrier {
    Bearer,
    Cookies,
}

impl fmt::Display for Carrier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bearer => "bearer",
            Self::Cookies => "cookies",
        })
    }
}

impl Carrier {
    /// A request as a script in a page sends it.
    pub(crate) fn request(self, world: &World, token: &str) -> Request<()> {
        let request = Request::get("/orders?page=2")
            .header("host", "app.example.com")
            .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
            .header("accept", "application/json")
            .header("accept-language", "en-GB,en;q=0.5")
            .header("accept-encoding", "gzip, deflate, br, zstd")
            .header("sec-fetch-dest", "empty")
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-site", "same-origin");
        let request = match self {
            Self::Bearer => request.header("authorization", format!("Bearer {token}")),
            Self::Cookies => request.header("cookie", world.cookies(token)),
        };
        request.body(()).unwrap_or_else(|error| panic!("a request: {error}"))
    }
}

/// Verification of each token as if it were the first time.
pub(crate) fn cold<'w>(
    world: &'w World,
    name: &str,
    carrier: Carrier,
    room: usize,
    people: &'w [String],
) -> Result<Subject<'w>> {
    let frontdesk = world.frontdesk(room)?;
    let mut order = Order::of(people);
    Ok(Subject::new(name, 4096 + 512, move |count, notes| {
        for token in order.by_ref().take(count) {
            let request = carrier.request(world, token);
            notes.time(1, || drop(black_box(ask(&frontdesk, &request))));
        }
        Ok(())
    }))
}

/// Tokens that have been seen before.
pub(crate) fn warm<'w>(
    world: &'w World,
    name: String,
    carrier: Carrier,
    people: &'w [String],
    threads: usize,
) -> Result<Subject<'w>> {
    let frontdesk = world.frontdesk(people.len() + people.len() / 4)?;
    let mut orders: Vec<Order<'_>> = (0..threads).map(|_| Order::of(people)).collect();
    for (thread, order) in orders.iter_mut().enumerate() {
        order.next = thread * people.len() / threads;
    }
    // Twice each: a token that is new, and one that has been seen once, take a little longer.
    Ok(Subject::new(name, 2 * people.len(), move |count, notes| {
        if let [order] = &mut orders[..] {
            in_batches(world, &frontdesk, carrier, order, count, notes);
            return Ok(());
        }
        let start = Barrier::new(threads);
        thread::scope(|scope| {
            let running = orders.iter_mut().map(|order| {
                let (frontdesk, start) = (&frontdesk, &start);
                scope.spawn(move || {
                    let mut notes = Notes::default();
                    start.wait();
                    in_batches(world, frontdesk, carrier, order, count, &mut notes);
                    notes
                })
            });
            for thread in running.collect::<Vec<_>>() {
                notes.join(thread.join().map_err(|_| anyhow!("a thread"))?);
            }
            Ok(())
        })
    }))
}

/// As [`warm`], but the requests were made long ago, so that their headers come from memory as well.
pub(crate) fn warm_untouched<'w>(world: &'w World, name: &str, people: &'w [String]) -> Result<Subject<'w>> {
    let frontdesk = world.frontdesk(people.len() + people.len() / 4)?;
    let requests: Vec<_> =
        Order::of(people).take(people.len()).map(|token| Carrier::Bearer.request(world, token)).collect();
    let mut next = 0;
    Ok(Subject::new(name, people.len(), move |count, notes| {
        for _ in 0..count.div_ceil(BATCH) {
            notes.time(BATCH, || {
                for _ in 0..BATCH {
                    black_box(ask(&frontdesk, &requests[next]));
                    next = (next + 1) % requests.len();
                }
            });
        }
        Ok(())
    }))
}

/// Asks about so many requests; the time does not include making them.
fn in_batches(
    world: &World,
    frontdesk: &Frontdesk,
    carrier: Carrier,
    order: &mut Order<'_>,
    count: usize,
    notes: &mut Notes,
) {
    for _ in 0..count.div_ceil(BATCH) {
        let requests: Vec<_> = order.take(BATCH).map(|token| carrier.request(world, token)).collect();
        notes.time(BATCH, || requests.iter().for_each(|request| drop(black_box(ask(frontdesk, request)))));
    }
}

/// Polls once: the answer must be there.
pub(crate) fn ask(frontdesk: &Frontdesk, request: &Request<()>) -> Auth {
    let asking = pin!(frontdesk.get_auth(request));
    match asking.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(auth) if auth.is_signed_in() => auth,
        Poll::Ready(auth) => panic!("nobody is signed in: {:?}", auth.reason()),
        Poll::Pending => panic!("the answer must be there at the first poll"),
    }
}

/// People in an order that no prefetcher guesses: all of them once, then again.
pub(crate) struct Order<'p> {
    people: &'p [String],
    next: usize,
}

impl<'p> Order<'p> {
    pub(crate) fn of(people: &'p [String]) -> Self {
        Self { people, next: 0 }
    }
}

impl<'p> Iterator for Order<'p> {
    type Item = &'p str;

    fn next(&mut self) -> Option<&'p str> {
        // A step that shares no factor with the round numbers that are used here.
        const STEP: usize = 7919;
        let token = &self.people[self.next * STEP % self.people.len()];
        self.next = (self.next + 1) % self.people.len();
        Some(token)
    }
}
