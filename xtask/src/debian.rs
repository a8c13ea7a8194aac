//! Programs that the tests need and a new machine may lack.

use std::fmt::Write as _;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{command, postgres};

/// A program that the tests start, and the Debian package that brings it.
const NEEDED: [(&str, &str); 9] = [
    ("cc", "gcc"),
    ("chromium", "chromium"),
    ("curl", "curl"),
    ("nginx", "nginx"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("openssl", "openssl"),
    ("prlimit", "util-linux"),
    ("strace", "strace"),
];

/// Installs what is missing when this is root on a Debian system, else says what is missing.
pub(crate) fn install() -> Result<()> {
    let mut missing: Vec<&str> =
        NEEDED.iter().filter(|(program, _)| !command::exists(program)).map(|(_, package)| *package).collect();
    if postgres::find().is_err() {
        missing.push("postgresql");
    }
    if !makes_environments()? {
        missing.push("python3-venv");
    }
    if missing.is_empty() {
        println!("nothing is missing");
        return Ok(());
    }
    if !is_root()? || !command::exists("apt-get") {
        let mut message = String::from("missing on this machine:");
        for package in &missing {
            write!(message, " {package}")?;
        }
        bail!("{message} (Debian package names; as root, this chore installs them)");
    }
    command::run(&mut apt_get(&["update", "--quiet"]))?;
    let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    arguments.extend(missing);
    command::run(&mut apt_get(&arguments))
}

/// Whether Python is here, with what makes virtual environments, which Debian packs apart.
fn makes_environments() -> Result<bool> {
    if !command::exists("python3") {
        return Ok(false);
    }
    let output = Command::new("python3").args(["-c", "import ensurepip, venv"]).output();
    Ok(output.context("asking `python3` what it has")?.status.success())
}

/// Whether this process acts as root.
pub(crate) fn is_root() -> Result<bool> {
    let output = Command::new("id").arg("-u").output().context("asking `id -u` who this is")?;
    Ok(output.stdout.trim_ascii() == b"0")
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = command::command("apt-get", arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
