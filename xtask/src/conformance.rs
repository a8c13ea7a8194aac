//! The proofs: unmodified SDKs and the Rust examples against a released server, on both engines, and the Rust SDK
//! against the unmodified one.

use anyhow::Result;

use crate::cargo::cargo;
use crate::postgres::Postgres;
use crate::stages::{Beside, Stages};
use crate::tally::Tally;
use crate::{budget, command};

const ENGINES: [&str; 2] = ["sqlite", "postgres"];

const SERVER: &str = "target/release/frontdesk";

/// The folders below `examples`. Those after the first go through the driver on one engine only: what they are to
/// prove is their framework, and the server has been proven with the others.
const EXAMPLES: [&str; 7] = ["axum", "actix", "poem", "rocket", "salvo", "warp", "tonic"];

/// What a page cannot ask, since they speak gRPC.
const GRPC_EXAMPLES: [&str; 1] = ["tonic"];

/// Begins to build the released server: most of the time it keeps one core busy and leaves the other.
pub(crate) fn begin_server() -> Beside {
    Stages::begin(&budget::SERVER, &mut cargo(&["build", "--release", "--package", "frontdesk-cli"]))
}

/// Builds what else the proofs need and runs them, one engine after the other.
pub(crate) fn add_stages(stages: &mut Stages, server: Beside, postgres: &Postgres) {
    let examples = stages.run(&budget::EXAMPLES, |_| EXAMPLES.into_iter().try_for_each(build_example));
    // The driver installs its packages and builds its apps where they are not up to date; here only that.
    let pages = stages.run(&budget::PAGES, |_| {
        command::run(&mut command::command("node", &["conformance/seed-page/prepare.mjs"]))
    });
    let server = stages.wait_for(server);
    if server.is_some() {
        stages.run(&budget::DIFFERENCE, compare_decisions);
        for engine in ENGINES {
            stages
                .run_labelled(&budget::WALKS, Some(engine.to_owned()), |tally| walk(engine, postgres, tally));
        }
        stages.run(&budget::BROWSER, |tally| {
            let visit = ["conformance/pages/run.mjs", "--binary", SERVER];
            command::run_counted(&mut command::command("node", &visit), tally)
        });
    }
    if server.and(examples).and(pages).is_none() {
        println!("\nthe seed page was left out: what it needs is not built");
        return;
    }
    for engine in ENGINES {
        stages.run_labelled(&budget::SEED_PAGE, Some(engine.to_owned()), |tally| {
            let mut driver = command::command("node", &["conformance/seed-page/run.mjs", "--engine", engine]);
            driver.args(["--server-bin", SERVER, "--rls-database-url", postgres.url()]);
            let examples = if engine == "postgres" {
                driver.args(["--database-url", postgres.url()]);
                &EXAMPLES[..1]
            } else {
                &EXAMPLES
            };
            for name in examples {
                let option = if GRPC_EXAMPLES.contains(name) { "--grpc-bin" } else { "--app-bin" };
                driver.arg(option).arg(format!("target/debug/frontdesk-example-{name}"));
            }
            command::run_counted(&mut driver, tally)
        });
    }
}

/// The same recorded requests to the Rust SDK and to the unmodified one; first the comparison itself is tried.
fn compare_decisions(tally: &mut Tally) -> Result<()> {
    command::run(&mut command::command("node", &["--test", "conformance/difference/selftest.mjs"]))?;
    let compare = ["conformance/difference/run.mjs", "--binary", SERVER];
    command::run_counted(&mut command::command("node", &compare), tally)
}

/// The official SDKs, unmodified, through everything that they can ask; the packages are installed on the way.
fn walk(engine: &str, postgres: &Postgres, tally: &mut Tally) -> Result<()> {
    let arguments = ["conformance/walks/run.mjs", "--binary", SERVER, "--engine", engine];
    let mut walks = command::command("node", &arguments);
    walks.args(["--database-url", postgres.url()]);
    command::run_counted(&mut walks, tally)
}

/// An example is a workspace of its own, as a reader's would be; it shares the folder of built dependencies.
fn build_example(name: &str) -> Result<()> {
    let target = std::path::absolute("target")?;
    let path = format!("examples/{name}/Cargo.toml");
    let manifest = ["--manifest-path", &path];
    let format = [&["fmt"], &manifest[..], &["--check"]].concat();
    command::run(&mut command::command("cargo", &format))?;
    let lints = [&["clippy"], &manifest[..], &["--all-targets", "--", "-D", "warnings"]].concat();
    command::run(cargo(&lints).env("CARGO_TARGET_DIR", &target))?;
    let build = [&["build"], &manifest[..]].concat();
    command::run(cargo(&build).env("CARGO_TARGET_DIR", &target))
}
