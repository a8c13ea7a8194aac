//! Small rules of the house that no compiler knows.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::metadata::Metadata;

/// A file beyond this many lines is usually two subjects.
const LONG: usize = 600;

/// Prints every complaint; an error when there is one.
pub(crate) fn tell(complaints: &[Vec<String>]) -> Result<()> {
    let complaints: Vec<&String> = complaints.iter().flatten().collect();
    for complaint in &complaints {
        println!("- {complaint}");
    }
    if !complaints.is_empty() {
        bail!("{} rules of the house are broken", complaints.len());
    }
    Ok(())
}

/// ARCHITECTURE.md names every crate, and none that is gone.
pub(crate) fn untold_crates(metadata: &Metadata) -> Vec<String> {
    let Ok(text) = fs::read_to_string("ARCHITECTURE.md") else {
        return vec!["ARCHITECTURE.md cannot be read".to_owned()];
    };
    let crates: Vec<&str> = metadata.published().map(|package| package.name.as_str()).collect();
    crate_list_complaints(&text, &crates)
}

/// CONTRIBUTING.md gives a reason for every lint that is off in the whole workspace.
pub(crate) fn unreasoned_lints() -> Result<Vec<String>> {
    let manifest = fs::read_to_string("Cargo.toml").context("reading Cargo.toml")?;
    let reasons = fs::read_to_string("CONTRIBUTING.md").context("reading CONTRIBUTING.md")?;
    let switched_off = manifest.lines().filter_map(|line| line.strip_suffix(" = \"allow\""));
    let unreasoned = switched_off.filter(|lint| !reasons.contains(&format!("| `{lint}` |")));
    Ok(unreasoned.map(|lint| format!("CONTRIBUTING.md does not say why the lint `{lint}` is off")).collect())
}

/// Names the Rust files that have grown long.
pub(crate) fn warn_of_long_files() -> Result<()> {
    let mut files = Vec::new();
    for folder in ["crates", "xtask", "examples"] {
        if Path::new(folder).is_dir() {
            files_with_suffix(Path::new(folder), "rs", &mut files)?;
        }
    }
    for file in files {
        let lines =
            fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?.lines().count();
        if lines > LONG {
            println!("warning: {} has {lines} lines; is that two subjects?", file.display());
        }
    }
    Ok(())
}

/// Every file of a folder with this suffix, in a stable order; build output and foreign packages are passed over.
pub(crate) fn files_with_suffix(folder: &Path, suffix: &str, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.with_context(|| format!("reading {}", folder.display()))?.path());
    }
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if name != "target" && name != "node_modules" && !name.starts_with('.') {
                files_with_suffix(&path, suffix, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == suffix) {
            found.push(path);
        }
    }
    Ok(())
}

fn crate_list_complaints(text: &str, crates: &[&str]) -> Vec<String> {
    // Crate names stand in backticks: the odd pieces of a text cut at backticks.
    let told: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    let missing = crates
        .iter()
        .filter(|name| !told.contains(name))
        .map(|name| format!("ARCHITECTURE.md does not tell of `{name}`"));
    let gone = told
        .iter()
        .filter(|word| is_crate_name(word) && !crates.contains(word))
        .map(|word| format!("ARCHITECTURE.md tells of `{word}`, which is not in the tree"));
    missing.chain(gone).collect()
}

/// `frontdesk-something`, without spaces, dots or slashes.
fn is_crate_name(word: &str) -> bool {
    word.strip_prefix("frontdesk-")
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_vanished_crates_are_told() {
        let text = "`frontdesk-types` holds ids; `frontdesk-old` is gone; run `frontdesk dev`.";
        assert_eq!(
            crate_list_complaints(text, &["frontdesk-types", "frontdesk"]),
            [
                "ARCHITECTURE.md does not tell of `frontdesk`",
                "ARCHITECTURE.md tells of `frontdesk-old`, which is not in the tree",
            ]
        );
    }
}
