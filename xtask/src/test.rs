//! `cargo xtask test`: everything, on a new machine too.

use anyhow::Result;

use crate::cargo::cargo;
use crate::postgres::{self, Postgres};
use crate::stages::{Stages, Tests};
use crate::tally::Tally;
use crate::{budget, check, command, conformance, coverage, debian, fuzz};

/// Runs every stage; whether all succeeded.
pub(crate) fn run(skip_check: bool, skip_conformance: bool) -> bool {
    let mut stages = Stages::default();
    stages.run(&budget::DEBIAN, |_| debian::install());
    if !skip_check {
        check::add_stages(&mut stages);
    }
    // Half of the tests need it: without it, nothing below is worth its time.
    if let Some(postgres) = stages.run(&budget::POSTGRES, |_| Postgres::start()) {
        add_workspace_stages(&mut stages, &postgres);
        // Not earlier: the tests want both cores, and some are about time.
        let server = (!skip_conformance).then(conformance::begin_server);
        stages.run(&budget::FUZZ, |_| fuzz::run(None, None));
        if let Some(server) = server {
            conformance::add_stages(&mut stages, server, &postgres);
        }
    }
    stages.finish(Tests::Expected)
}

fn add_workspace_stages(stages: &mut Stages, postgres: &Postgres) {
    let built = stages.run(&budget::BUILD_TESTS, |_| {
        command::run(&mut cargo(&[runner(), &["--workspace", "--all-features", "--no-run"]].concat()))
    });
    if built.is_some() {
        let tested = stages.run(&budget::TESTS, |tally| run_workspace_tests(postgres, tally));
        if tested.is_some() {
            stages.run(&budget::COVERAGE, |_| coverage::settle());
        }
    }
}

fn run_workspace_tests(postgres: &Postgres, tally: &mut Tally) -> Result<()> {
    let arguments = [runner(), &["--workspace", "--all-features", "--no-fail-fast"]].concat();
    let notes = coverage::fresh_folder()?;
    let mut command = cargo(&arguments);
    command.env(postgres::VARIABLE, postgres.url()).env(coverage::VARIABLE, notes);
    command::run_counted(&mut command, tally)
}

/// nextest runs each test in a process of its own and tells which one was slow; cargo's own runner will do.
fn runner() -> &'static [&'static str] {
    if command::exists("cargo-nextest") {
        &["nextest", "run"]
    } else {
        &["test", "--lib", "--bins", "--tests"]
    }
}
