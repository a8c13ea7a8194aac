//! The load bench: Frontdesk under load, beside what its answers are made of.
//!
//! `cargo xtask bench load` builds the released server and this program and runs it on the clients' core; it starts
//! the servers on the other core. Every figure is a ratio of two things that were measured in turns in the same run,
//! since numbers of one machine mean little on the next. Every answer's status is checked, and a sample of bodies; one
//! wrong answer ends the run.
//!
//! The same program is also the peer it compares with, started again as another process on the servers' core.

mod bare;
mod client;
mod frontdesk;
mod measures;
mod process;
mod report;
mod signer;

use anyhow::{Result, bail};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [bare::ROLE, database] => bare::serve(database.as_ref()),
        [signer::ROLE] => signer::serve(),
        ["--help", ..] => bail!("usage: load [{}]…", measures::NAMES.join("|")),
        ref names => measures::run(names),
    }
}
