//! The proofs: unmodified SDKs and the Rust example against a released server, on both engines.

use anyhow::Result;

use crate::cargo::cargo;
use crate::postgres::Postgres;
use crate::stages::Stages;
use crate::{budget, command};

const ENGINES: [&str; 2] = ["sqlite", "postgres"];

const SERVER: &str = "target/release/frontdesk";

const EXAMPLE: &str = "target/debug/frontdesk-example-axum";

/// Builds what the proofs need and runs them, one engine after the other.
pub(crate) fn add_stages(stages: &mut Stages, postgres: &Postgres) {
    let server = stages.run(&budget::SERVER, |_| {
        command::run(&mut cargo(&["build", "--release", "--package", "frontdesk-cli"]))
    });
    let example = stages.run(&budget::EXAMPLE, |_| build_example());
    // The driver installs its packages and builds its apps where they are not up to date; here only that.
    let pages = stages.run(&budget::PAGES, |_| {
        command::run(&mut command::command("node", &["conformance/seed-page/prepare.mjs"]))
    });
    if server.and(example).and(pages).is_none() {
        println!("\nthe seed page was left out: what it needs is not built");
        return;
    }
    for engine in ENGINES {
        stages.run_labelled(&budget::SEED_PAGE, Some(engine.to_owned()), |tally| {
            let mut driver = command::command("node", &["conformance/seed-page/run.mjs", "--engine", engine]);
            driver.args(["--server-bin", SERVER, "--app-bin", EXAMPLE, "--rls-database-url", postgres.url()]);
            if engine == "postgres" {
                driver.args(["--database-url", postgres.url()]);
            }
            command::run_counted(&mut driver, tally)
        });
    }
}

/// The example is a workspace of its own, as a reader's would be; it shares the folder of built dependencies.
fn build_example() -> Result<()> {
    let target = std::path::absolute("target")?;
    let manifest = ["--manifest-path", "examples/axum/Cargo.toml"];
    let format = [&["fmt"], &manifest[..], &["--check"]].concat();
    command::run(&mut command::command("cargo", &format))?;
    let lints = [&["clippy"], &manifest[..], &["--all-targets", "--", "-D", "warnings"]].concat();
    command::run(cargo(&lints).env("CARGO_TARGET_DIR", &target))?;
    let build = [&["build"], &manifest[..]].concat();
    command::run(cargo(&build).env("CARGO_TARGET_DIR", &target))
}
