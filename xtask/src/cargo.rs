//! Calling cargo.

use std::process::Command;

use crate::command;

/// A cargo command that builds something. Under CI the lock file is law.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    // What follows `--` is for another program.
    let end = arguments.iter().position(|argument| *argument == "--").unwrap_or(arguments.len());
    let (own, passed_on) = arguments.split_at(end);
    let mut command = command::command("cargo", own);
    if std::env::var_os("CI").is_some() {
        command.arg("--locked");
    }
    command.args(passed_on);
    command
}
