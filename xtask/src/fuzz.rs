//! `cargo xtask fuzz`: libFuzzer searches for inputs that break something.
//!
//! The compiler that is there does it: our own crates are compiled with counters (`fuzz-rustc.sh`), the others as they
//! are. A run in CI is bounded and begins with the same seed; by hand, give it hours.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::cargo::cargo;
use crate::command;

/// A target, and how many inputs a bounded run tries.
struct Target {
    name: &'static str,
    runs: u32,
}

const TARGETS: [Target; 5] = [
    Target { name: "tokens", runs: 20_000 },
    Target { name: "templates", runs: 40_000 },
    Target { name: "authenticate", runs: 8_000 },
    Target { name: "handshake", runs: 8_000 },
    Target { name: "requests", runs: 4_000 },
];

/// Runs every target, or those with this name: a bounded number of inputs, or for so many seconds each. What breaks
/// something is left in `target/fuzz`, and so is what reaches new code.
pub(crate) fn run(name: Option<&str>, seconds: Option<u32>) -> Result<()> {
    let wrapper = Path::new("xtask/src/fuzz-rustc.sh").canonicalize().context("the compiler's wrapper")?;
    command::run(cargo(&["build", "-p", "frontdesk-fuzz"]).env("RUSTC_WORKSPACE_WRAPPER", wrapper))?;
    let chosen: Vec<_> = TARGETS.iter().filter(|it| name.is_none_or(|name| it.name == name)).collect();
    ensure!(!chosen.is_empty(), "no target is called {}", name.unwrap_or_default());
    for target in chosen {
        let found = format!("target/fuzz/{}", target.name);
        std::fs::create_dir_all(&found).with_context(|| format!("making {found}"))?;
        let bound = match seconds {
            Some(seconds) => format!("-max_total_time={seconds}"),
            None => format!("-runs={}", target.runs),
        };
        let program = format!("target/debug/fuzz-{}", target.name);
        let (artifacts, kept) =
            (format!("-artifact_prefix={found}-"), format!("fuzz/corpus/{}", target.name));
        command::run(&mut command::command(
            &program,
            &[&bound, "-seed=1", "-max_len=4096", "-timeout=20", "-verbosity=0", &artifacts, &found, &kept],
        ))?;
    }
    Ok(())
}
