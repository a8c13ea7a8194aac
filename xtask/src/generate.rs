//! Parts of checked-in files that are made from elsewhere, so that they cannot disagree with it.
//!
//! In any Markdown file, what stands between `<!-- generated: SOURCE -->` and `<!-- end of generated -->` is written by
//! this chore. `SOURCE` is `ci budget`, `coverage`, `sdk features`, or the path of a file whose text is shown as a code
//! block; `PATH#NAME` shows only the lines between the comments `sample: NAME` and `end of sample` in that file.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{budget, coverage, house, sdk};

const START: &str = "<!-- generated: ";
const END: &str = "<!-- end of generated -->";

/// Writes every stale part anew, or, when only checking, fails if there is one.
pub(crate) fn run(only_check: bool) -> Result<bool> {
    if only_check {
        house::tell(&[stale()?])?;
        return Ok(true);
    }
    for file in markdown_files()? {
        let text = read(&file)?;
        let fresh = regenerated(&text).with_context(|| format!("generating parts of {}", file.display()))?;
        if fresh != text {
            fs::write(&file, fresh).with_context(|| format!("writing {}", file.display()))?;
            println!("wrote {}", file.display());
        }
    }
    Ok(true)
}

/// A sentence for each file with a part that is not what its source says now.
pub(crate) fn stale() -> Result<Vec<String>> {
    let mut stale = Vec::new();
    for file in markdown_files()? {
        let text = read(&file)?;
        let fresh = regenerated(&text).with_context(|| format!("generating parts of {}", file.display()))?;
        if fresh != text {
            stale.push(format!("{} is stale: run `cargo xtask generate`", file.display()));
        }
    }
    Ok(stale)
}

fn markdown_files() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    house::files_with_suffix(Path::new("."), "md", &mut files)?;
    Ok(files)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

fn regenerated(text: &str) -> Result<String> {
    let mut fresh = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        fresh.push_str(line);
        let Some(source) = line.trim_end().strip_prefix(START).and_then(|rest| rest.strip_suffix(" -->"))
        else {
            continue;
        };
        write!(fresh, "\n{}\n{END}\n", part(source)?)?;
        if !lines.any(|line| line.trim_end() == END) {
            bail!("the part {source:?} has no end");
        }
    }
    Ok(fresh)
}

fn part(source: &str) -> Result<String> {
    match source.split_once('#') {
        None if source == "ci budget" => budget_table(),
        None if source == "sdk features" => sdk::dependency_table(),
        None if source == "coverage" => Ok(coverage::summary()),
        None => Ok(code_block(source, &read(Path::new(source))?)),
        Some((path, name)) => Ok(code_block(path, &sample(&read(Path::new(path))?, name)?)),
    }
}

fn budget_table() -> Result<String> {
    let mut table = String::from("| stage | what it does | budget, seconds |\n| --- | --- | ---: |\n");
    for stage in budget::ALL {
        let times = if stage.times == 1 { String::new() } else { format!("{} × ", stage.times) };
        writeln!(table, "| {} | {} | {times}{} |", stage.name, stage.does, stage.seconds)?;
    }
    let sum: u64 = budget::ALL.iter().map(|stage| stage.seconds * stage.times).sum();
    writeln!(table, "| together | the bound is {} | {sum} |", budget::TOTAL_SECONDS)?;
    Ok(table)
}

fn code_block(path: &str, text: &str) -> String {
    let language = match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        // A workspace of its own has what it needs; a page that rustdoc compiles need not.
        Some("rs") if path.starts_with("examples/") => "rust,ignore",
        Some("rs") => "rust",
        Some("mjs") => "js",
        Some(extension) => extension,
        None => "",
    };
    format!("```{language}\n{}\n```\n", text.trim_end())
}

/// The lines between two comments, moved left as far as their common indentation.
fn sample(text: &str, name: &str) -> Result<String> {
    let start = format!("sample: {name}");
    let mut lines = text.lines().skip_while(|line| !line.trim_end().ends_with(&start)).skip(1);
    let mut taken = Vec::new();
    loop {
        match lines.next() {
            None => bail!("the sample {name:?} is not there or has no end"),
            Some(line) if line.trim_end().ends_with("end of sample") => break,
            Some(line) => taken.push(line),
        }
    }
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let common =
        taken.iter().filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or_default();
    Ok(taken.iter().map(|line| line.get(common..).unwrap_or_default()).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_replaced_and_the_rest_is_kept() {
        let text = "before\n<!-- generated: ci budget -->\nold\n<!-- end of generated -->\nafter\n";
        let fresh = regenerated(text).unwrap();
        assert!(fresh.starts_with("before\n<!-- generated: ci budget -->\n\n| stage |"), "{fresh}");
        assert!(fresh.ends_with("|\n\n<!-- end of generated -->\nafter\n"), "{fresh}");
        assert_eq!(regenerated(&fresh).unwrap(), fresh);
    }

    #[test]
    fn a_part_without_an_end_is_an_error() {
        assert!(regenerated("<!-- generated: ci budget -->\nthe rest of the file\n").is_err());
    }

    #[test]
    fn a_sample_is_cut_out_and_moved_left() {
        let text = "fn main() {\n    // sample: greeting\n    if true {\n\n        greet();\n    }\n    // end of sample\n}\n";
        assert_eq!(sample(text, "greeting").unwrap(), "if true {\n\n    greet();\n}");
        assert!(sample(text, "farewell").is_err());
    }
}
