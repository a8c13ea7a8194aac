//! What a remembered token takes: measured in a process of its own, in which nothing else has happened.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use frontdesk::Frontdesk;
use http::Request;
use serde_json::json;

use crate::ours::ask;
use crate::world::{World, frontdesk};

/// What starts this role.
pub(crate) const ROLE: &str = "memory";

/// What remembered tokens take, in bytes each.
pub(crate) struct Memory {
    /// The token itself.
    pub(crate) token: usize,
    /// All that is kept for it.
    pub(crate) entry: usize,
    /// The same, after its claims and its organization were asked for.
    pub(crate) unpacked: usize,
}

/// Measures it with the tokens of all people.
pub(crate) fn measure(world: &World) -> Result<Memory> {
    let mut process = Command::new(std::env::current_exe()?)
        .arg(ROLE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = process.stdin.take().context("its input")?;
    writeln!(input, "{}", json!([world.publishable_key.as_str(), world.public_pem()?]))?;
    for token in &world.people {
        writeln!(input, "{token}")?;
    }
    drop(input);
    let output = String::from_utf8(process.wait_with_output()?.stdout)?;
    let (entry, unpacked) = output.trim().split_once(' ').context("two numbers")?;
    let token = world.people.iter().map(String::len).sum::<usize>() / world.people.len();
    Ok(Memory { token, entry: entry.parse()?, unpacked: unpacked.parse()? })
}

/// The role itself.
pub(crate) fn serve() -> Result<()> {
    let mut lines = std::io::stdin().lock().lines();
    let (publishable_key, pem): (String, String) = serde_json::from_str(&lines.next().context("a line")??)?;
    let people = lines.collect::<Result<Vec<_>, _>>()?;
    let frontdesk = frontdesk(&publishable_key, pem, people.len() * 5 / 4)?;
    let look = |what: &dyn Fn(&Frontdesk, &Request<()>)| {
        for token in &people {
            let mut request = Request::new(());
            let value = format!("Bearer {token}").try_into().context("a header")?;
            request.headers_mut().insert(http::header::AUTHORIZATION, value);
            what(&frontdesk, &request);
        }
        resident()
    };
    let begun = resident()?;
    let remembered = look(&|frontdesk, request| drop(ask(frontdesk, request)))?;
    let unpacked = look(&|frontdesk, request| {
        let auth = ask(frontdesk, request);
        black_box((auth.organization().is_some(), auth.session().map(|session| session.claims().len())));
    })?;
    println!("{} {}", (remembered - begun) / people.len(), (unpacked - begun) / people.len());
    Ok(())
}

/// What is resident, in bytes: with everything that an allocator keeps for itself.
fn resident() -> Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kilobytes: usize = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}
