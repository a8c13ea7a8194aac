//! The project's chores, run as `cargo xtask <chore>`.
//!
//! Each file is one subject: a chore, or something that several chores need. A chore is a list of stages; a
//! stage is timed, may fail without stopping the ones that do not need it, and is one row of the table at the end.

#![expect(clippy::print_stdout, reason = "chores talk to the person who runs them")]

mod bench;
mod budget;
mod cargo;
mod check;
mod command;
mod conformance;
mod coverage;
mod debian;
mod fuzz;
mod generate;
mod house;
mod imports;
mod licences;
mod metadata;
mod postgres;
mod sdk;
mod stages;
mod tally;
mod test;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

/// Chores of the Frontdesk repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Chore {
    /// Format, lints, import rules, licences, generated files and documentation tests.
    Check,
    /// Everything: what `check` does, then all tests on both engines and the proofs against the real SDKs.
    ///
    /// Installs what is missing: Debian packages (as root; otherwise it names them) and npm packages.
    Test {
        /// Leave out what `check` does.
        #[arg(long)]
        skip_check: bool,
        /// Leave out the proofs that need Node.
        #[arg(long)]
        skip_conformance: bool,
    },
    /// Benchmarks, with the server pinned to one core and its client to another.
    Bench {
        /// Only those whose name contains this.
        name: Option<String>,
    },
    /// Searches for inputs that break something, with libFuzzer.
    Fuzz {
        /// Only this target.
        target: Option<String>,
        /// For so many seconds each, instead of a bounded number of inputs.
        #[arg(long)]
        seconds: Option<u32>,
    },
    /// Writes the generated parts of checked-in files anew.
    Generate {
        /// Write nothing; fail when a part is stale.
        #[arg(long)]
        check: bool,
    },
    /// Writes docs/coverage.md from what the tests asked in the last `cargo xtask test`, or in any run of them with
    /// `FRONTDESK_COVERAGE` naming the folder `target/coverage` by its whole path.
    Coverage,
    /// Runs a command beside a fresh PostgreSQL, whose address is in `FRONTDESK_TEST_POSTGRES`.
    #[command(after_help = "Example: cargo xtask with-postgres cargo test -p frontdesk-store")]
    WithPostgres {
        /// The command and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match run(Chore::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does the chore from the root of the repository; whether all of it succeeded.
fn run(chore: Chore) -> Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?;
    std::env::set_current_dir(root).with_context(|| format!("entering {}", root.display()))?;
    match chore {
        Chore::Check => Ok(check::run()),
        Chore::Test { skip_check, skip_conformance } => Ok(test::run(skip_check, skip_conformance)),
        Chore::Bench { name } => bench::run(name.as_deref()),
        Chore::Fuzz { target, seconds } => fuzz::run(target.as_deref(), seconds).map(|()| true),
        Chore::Generate { check } => generate::run(check),
        Chore::Coverage => coverage::settle().map(|()| true),
        Chore::WithPostgres { command } => postgres::run_beside(&command),
    }
}
