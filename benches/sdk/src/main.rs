//! The SDK bench: how long it takes to tell who is asking, beside the signature check alone, and beside other SDKs.
//!
//! `cargo xtask bench sdk` builds and runs it. Everything is measured in turns in one run: a short piece of each subject,
//! then the next piece of each, many times over. A subject's figure is the median of its pieces; the quickest piece
//! stands beside it, which other work on the machine disturbs least.

mod clerk_rs;
mod measure;
mod memory;
mod node;
mod ours;
mod raw;
mod report;
mod web;
mod world;

use anyhow::Result;

use crate::ours::Carrier;
use crate::world::World;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As many people as a busy application has in a minute, and as many as a very busy one.
const FEW: usize = 1_000;
const MANY: usize = 100_000;

/// Turns, unless the first argument says otherwise.
const TURNS: usize = 40;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some(memory::ROLE), _) => memory::serve(),
        (turns, only) => measure(turns.map_or(Ok(TURNS), str::parse)?, only.as_deref().unwrap_or_default()),
    }
}

/// Measures what has these words in its name, and the yardstick.
fn measure(turns: usize, only: &str) -> Result<()> {
    eprintln!("signing {MANY} tokens");
    let world = World::new(MANY)?;
    let few = &world.people[..FEW];
    let many = &world.people[..];
    let node = node::Peer::start(&world, few)?;

    let mut subjects = vec![
        raw::subject(&world)?,
        ours::cold(&world, "ours, cold: bearer, remembering nothing", Carrier::Bearer, 0, few)?,
        ours::cold(&world, "ours, cold: bearer, remembered for the next time", Carrier::Bearer, MANY, many)?,
        ours::cold(&world, "ours, cold: bearer, remembered in place of another", Carrier::Bearer, 4096, many)?,
        ours::cold(&world, "ours, cold: cookies, remembering nothing", Carrier::Cookies, 0, few)?,
    ];
    for carrier in [Carrier::Bearer, Carrier::Cookies] {
        for (people, number) in [(few, "1,000"), (many, "100,000")] {
            for (threads, said) in [(1, "one thread"), (2, "two threads")] {
                let name = format!("ours, warm: {carrier}, {number} tokens, {said}");
                subjects.push(ours::warm(&world, name, carrier, people, threads)?);
            }
        }
    }
    let name = "ours, warm: bearer, 100,000 tokens, requests from memory";
    subjects.push(ours::warm_untouched(&world, name, many)?);
    subjects.extend([web::bare(&world, few), web::idle(&world, few), web::layered(&world, few)?]);
    subjects.push(clerk_rs::subject(&world, few)?);
    if let Some(node) = &node {
        subjects.extend([
            node.subject("bearer", "@clerk/backend 3.25.0: authenticateRequest, bearer"),
            node.subject("cookie", "@clerk/backend 3.25.0: authenticateRequest, cookies"),
            node.subject("verify", "@clerk/backend 3.25.0: verifyToken"),
        ]);
    }
    let mut number = 0;
    subjects.retain(|subject| {
        number += 1;
        number == 1 || subject.name.contains(only)
    });
    let findings = measure::in_turns(&mut subjects, turns)?;
    report::print(&findings);
    report::memory(&memory::measure(&world)?);
    Ok(())
}
