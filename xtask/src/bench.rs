//! `cargo xtask bench`: every benchmark there is, pinned so that a server and its client do not share a core.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::cargo::cargo;
use crate::command;
use crate::metadata::Metadata;

/// The core that servers under load are pinned to. The load bench starts its servers, so it is told.
const SERVER_CORE: &str = "0";

/// The core of clients, and of benchmarks without a server.
const CLIENT_CORE: &str = "1";

/// The load bench: a workspace of its own, since it brings peers to compare with.
const LOAD_BENCH: &str = "benches/Cargo.toml";

/// The SDK bench, in the same workspace, and its peer on Node.
const SDK_BENCH: &str = "benches/sdk/Cargo.toml";
const SDK_PEER: &str = "benches/sdk/node";

/// Runs the benchmarks whose name contains the given text, or all.
pub(crate) fn run(name: Option<&str>) -> Result<bool> {
    if !command::exists("taskset") {
        bail!("taskset is missing (Debian package util-linux): unpinned numbers would mean nothing");
    }
    let wanted = |bench: &str| name.is_none_or(|part| bench.contains(part));
    let mut found = false;
    for (package, bench) in crate_benches()? {
        if wanted(&bench) {
            found = true;
            command::run(&mut cargo(&["bench", "--no-run", "--package", &package, "--bench", &bench]))?;
            command::run(&mut pinned(&cargo(&["bench", "--package", &package, "--bench", &bench])))?;
        }
    }
    if wanted("load") && Path::new(LOAD_BENCH).is_file() {
        found = true;
        run_load_bench()?;
    }
    if wanted("sdk") && Path::new(SDK_BENCH).is_file() {
        found = true;
        run_sdk_bench()?;
    }
    if !found {
        bail!("there is no such benchmark");
    }
    Ok(true)
}

/// Every `[[bench]]` of the workspace, as (package, bench).
fn crate_benches() -> Result<Vec<(String, String)>> {
    let metadata = Metadata::load()?;
    let benches = metadata.members().flat_map(|package| {
        let targets = package.targets.iter().filter(|target| target.kind.iter().any(|kind| kind == "bench"));
        targets.map(|target| (package.name.clone(), target.name.clone()))
    });
    Ok(benches.collect())
}

/// Builds everything on all cores first, then runs the client on its own.
fn run_load_bench() -> Result<()> {
    command::run(&mut cargo(&["build", "--release", "--package", "frontdesk-cli"]))?;
    command::run(&mut cargo(&["build", "--release", "--manifest-path", LOAD_BENCH]))?;
    let mut load = pinned(&cargo(&["run", "--release", "--manifest-path", LOAD_BENCH]));
    load.env("FRONTDESK_BENCH_SERVER", std::path::absolute("target/release/frontdesk")?);
    load.env("FRONTDESK_BENCH_SERVER_CORE", SERVER_CORE);
    command::run(&mut load)
}

/// It asks from two threads, so it is not pinned.
fn run_sdk_bench() -> Result<()> {
    if command::exists("npm") {
        command::run(&mut command::command("npm", &["ci", "--silent", "--prefix", SDK_PEER]))?;
    }
    command::run(&mut cargo(&["run", "--release", "--manifest-path", SDK_BENCH]))
}

fn pinned(bench: &Command) -> Command {
    let mut command = command::command("taskset", &["--cpu-list", CLIENT_CORE]);
    command.arg(bench.get_program()).args(bench.get_args());
    command
}
