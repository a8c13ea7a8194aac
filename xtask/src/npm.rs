//! The npm packages that the proofs and the pages are made of: what the lock files say, nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{command, house};

/// Installs the packages of every folder that has a lock file and is not up to date.
pub(crate) fn install() -> Result<()> {
    for folder in folders()? {
        if is_fresh(&folder) {
            println!("{} is up to date", folder.display());
        } else {
            command::run(npm(&folder).args(["ci", "--no-audit", "--no-fund"]))?;
        }
    }
    Ok(())
}

/// Runs the `build` script of a package.
pub(crate) fn build(folder: &Path) -> Result<()> {
    command::run(npm(folder).args(["run", "build"]).env("NEXT_TELEMETRY_DISABLED", "1"))
}

fn npm(folder: &Path) -> Command {
    let mut command = command::command("npm", &[]);
    command.current_dir(folder);
    command
}

fn folders() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for place in ["conformance", "e2e"].map(Path::new) {
        if place.is_dir() {
            house::files_with_suffix(place, "json", &mut files)?;
        }
    }
    files
        .into_iter()
        .filter(|file| file.ends_with("package-lock.json"))
        .map(|file| file.parent().map(Path::to_owned).context("a file has no folder"))
        .collect()
}

/// Whether the packages were installed after the lock file was last written; npm leaves a copy of it beside them.
fn is_fresh(folder: &Path) -> bool {
    let written = |path: PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    match (written(folder.join("package-lock.json")), written(folder.join("node_modules/.package-lock.json")))
    {
        (Some(lock), Some(installed)) => installed >= lock,
        _ => false,
    }
}
