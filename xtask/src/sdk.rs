//! The SDK's features, one at a time: that each builds without the others, and what it brings along.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};

use crate::cargo::cargo;
use crate::command;

/// Each with what it is for.
const FEATURES: [(&str, &str); 11] = [
    ("", "`get_auth`, a server reached by plain `http`"),
    ("https", "a server behind TLS (default)"),
    ("tracing", "what goes wrong, as warnings"),
    ("tower", "the layer, for hyper and everything on tower"),
    ("axum", "the layer and extractors"),
    ("tonic", "the layer and gRPC requests"),
    ("actix", "the layer and extractors"),
    ("poem", "the layer and extractors"),
    ("rocket", "the layer and request guards"),
    ("salvo", "the layer and extractors"),
    ("warp", "the layer and filters"),
];

/// Builds it with each feature alone: with all of them at once, what one forgot another brings.
pub(crate) fn check_each_feature() -> Result<()> {
    FEATURES.iter().try_for_each(|(feature, _)| {
        let alone = ["--package=frontdesk", "--no-default-features", "--features", feature];
        command::run(&mut cargo(&[&["clippy"], &alone[..], &["--", "-D", "warnings"]].concat()))
    })?;
    // Those who bring their own cryptography build the tokens without ours.
    command::run(&mut cargo(&["check", "--package=frontdesk-jwt", "--no-default-features"]))
}

/// How many crates each feature brings along, for docs/frameworks.md.
pub(crate) fn dependency_table() -> Result<String> {
    let mut table =
        String::from("| feature | for | crates | more than without |\n| --- | --- | ---: | ---: |\n");
    let without = dependencies("")?;
    for (feature, purpose) in FEATURES {
        let crates = dependencies(feature)?;
        let more = crates.difference(&without).count();
        let name = if feature.is_empty() { "none".to_owned() } else { format!("`{feature}`") };
        writeln!(table, "| {name} | {purpose} | {} | {more} |", crates.len())?;
    }
    Ok(table)
}

/// Names and versions of what ends up in a program, the SDK itself left out.
fn dependencies(feature: &str) -> Result<BTreeSet<String>> {
    let only_this = ["--package=frontdesk", "--no-default-features", "--features", feature];
    let output = cargo(&[&["tree", "--edges=normal", "--prefix=none"], &only_this[..]].concat())
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("starting cargo tree")?;
    if !output.status.success() {
        bail!("cargo tree ended with {}", output.status);
    }
    let text = String::from_utf8(output.stdout).context("reading the answer of cargo tree")?;
    // Each line is `name v1.2.3`, and then where it comes from or that it stood there before.
    let named = text.lines().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "));
    Ok(named.filter(|line| !line.is_empty() && !line.starts_with("frontdesk v")).collect())
}
