//! `cargo xtask check`: what can be told without running the server.

use crate::budget;
use crate::cargo::cargo;
use crate::command;
use crate::metadata::Metadata;
use crate::stages::{Stages, Tests};
use crate::{generate, house, imports, licences, sdk};

/// Runs every stage; whether all succeeded.
pub(crate) fn run() -> bool {
    let mut stages = Stages::default();
    add_stages(&mut stages);
    stages.finish(Tests::Optional)
}

/// The stages of `check`, which are the first ones of `test`.
pub(crate) fn add_stages(stages: &mut Stages) {
    stages
        .run(&budget::FORMAT, |_| command::run(&mut command::command("cargo", &["fmt", "--all", "--check"])));
    stages.run(&budget::RULES, |_| {
        let metadata = Metadata::load()?;
        house::tell(&[
            imports::broken(&metadata),
            licences::refused(&metadata),
            house::untold_crates(&metadata),
            house::unreasoned_lints()?,
            generate::stale()?,
        ])?;
        house::warn_of_long_files()
    });
    stages.run(&budget::LINTS, |_| {
        let everything = ["--workspace", "--all-features", "--all-targets"];
        command::run(&mut cargo(&[&["clippy"], &everything[..], &["--", "-D", "warnings"]].concat()))
    });
    stages.run(&budget::FEATURES, |_| sdk::check_each_feature());
    stages.run(&budget::DOC_TESTS, |tally| {
        command::run_counted(&mut cargo(&["test", "--doc", "--workspace", "--all-features"]), tally)
    });
}
