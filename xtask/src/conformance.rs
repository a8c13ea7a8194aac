//! The proofs: unmodified SDKs and the Rust example against a released server, on both engines.

use std::path::Path;

use anyhow::Result;

use crate::cargo::cargo;
use crate::postgres::{self, Postgres};
use crate::stages::Stages;
use crate::{budget, command, npm};

/// The seed page's apps: the SDK's 4.x line, its newest line, and Rust.
const APPS: [&str; 3] = ["legacy", "current", "rust"];

/// The seed page's storage engines.
const ENGINES: [&str; 2] = ["sqlite", "postgres"];

/// The folders in which `next build` is run.
const NEXT_APPS: [&str; 2] = ["next-legacy", "next"];

/// Builds what the proofs need and runs them one after the other.
pub(crate) fn add_stages(stages: &mut Stages, postgres: &Postgres) {
    let packages = stages.run(&budget::NPM, |_| npm::install());
    let server = stages.run(&budget::SERVER, |_| {
        command::run(&mut cargo(&["build", "--release", "--package", "frontdesk-cli"]))
    });
    let example = stages.run(&budget::EXAMPLE, |_| build_example());
    let mut pages = packages;
    for app in NEXT_APPS {
        let built = stages.run_labelled(&budget::NEXT_BUILD, Some(app.to_owned()), |_| {
            npm::build(&Path::new("conformance/seed-page").join(app))
        });
        pages = pages.and(built);
    }
    if pages.and(server).and(example).is_none() {
        println!("\nthe seed page was left out: what it needs is not built");
        return;
    }
    for app in APPS {
        for engine in ENGINES {
            stages.run_labelled(&budget::CONFORMANCE, Some(format!("{app} on {engine}")), |tally| {
                let mut driver = command::command(
                    "node",
                    &["conformance/seed-page/run.mjs", "--app", app, "--engine", engine],
                );
                driver.args(["--server", "target/release/frontdesk"]).env(postgres::VARIABLE, postgres.url());
                command::run_counted(&mut driver, tally)
            });
        }
    }
}

/// The example is a workspace of its own, as a reader's would be; it shares the folder of built dependencies.
fn build_example() -> Result<()> {
    let manifest = ["--manifest-path", "examples/axum/Cargo.toml"];
    for (chore, rest) in
        [("fmt", &["--check"][..]), ("clippy", &["--all-targets", "--", "-D", "warnings"]), ("build", &[])]
    {
        let arguments = [&[chore], &manifest[..], rest].concat();
        let mut command =
            if chore == "fmt" { command::command("cargo", &arguments) } else { cargo(&arguments) };
        command::run(command.env("CARGO_TARGET_DIR", std::path::absolute("target")?))?;
    }
    Ok(())
}
