//! Which licences the published crates may bring along, judged from their SPDX expressions.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::metadata::{Follow, Metadata};

/// Licences under which a dependency may stand. The same list is in deny.toml.
const ALLOWED: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// A sentence for each dependency whose licence does not permit its use.
pub(crate) fn refused(metadata: &Metadata) -> Vec<String> {
    let mut refused = BTreeMap::new();
    for package in metadata.published() {
        for (reached, path) in metadata.reachable(package, Follow::NormalAndBuild) {
            let licence = reached.license.as_deref().unwrap_or_default();
            let complaint = match permits(licence) {
                Ok(true) => continue,
                Ok(false) => format!("licence {licence:?} is not on the list"),
                Err(error) => format!("licence {licence:?}: {error}"),
            };
            refused
                .entry(format!("{} {}", reached.name, reached.version))
                .or_insert_with(|| format!("{} {}: {complaint} ({path})", reached.name, reached.version));
        }
    }
    refused.into_values().collect()
}

/// Whether an expression can be satisfied from the list.
fn permits(expression: &str) -> Result<bool> {
    // Before SPDX expressions, a slash meant a choice; old crates still say it so.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let permitted = choice(&mut words)?;
    match words.next() {
        None => Ok(permitted),
        Some(word) => bail!("unexpected {word:?}"),
    }
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

/// `a OR b`: one of them is enough.
fn choice(words: &mut Words<'_>) -> Result<bool> {
    let mut permitted = sum(words)?;
    while words.next_if_eq(&"OR").is_some() {
        permitted |= sum(words)?;
    }
    Ok(permitted)
}

/// `a AND b`: binds tighter than `OR`; both must be permitted.
fn sum(words: &mut Words<'_>) -> Result<bool> {
    let mut permitted = term(words)?;
    while words.next_if_eq(&"AND").is_some() {
        permitted &= term(words)?;
    }
    Ok(permitted)
}

/// A licence, perhaps with an exception, or an expression in parentheses.
fn term(words: &mut Words<'_>) -> Result<bool> {
    match words.next() {
        Some("(") => {
            let permitted = choice(words)?;
            if words.next() != Some(")") {
                bail!("a parenthesis is not closed");
            }
            Ok(permitted)
        }
        Some(")" | "AND" | "OR" | "WITH") | None => bail!("a licence is missing"),
        Some(licence) => {
            // An exception only ever grants more.
            if words.next_if_eq(&"WITH").is_some() && words.next().is_none() {
                bail!("an exception is missing");
            }
            Ok(ALLOWED.contains(&licence))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_judged_as_spdx_says() {
        let cases = [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("GPL-3.0-only / MIT", true),
            ("Apache-2.0/MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("GPL-3.0-only OR MIT AND ISC", true),
            ("(GPL-3.0-only OR MIT) AND OpenSSL", false),
            ("GPL-2.0-only WITH Classpath-exception-2.0", false),
            ("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", true),
            ("ISC AND (Apache-2.0 OR ISC) AND Apache-2.0 AND (Apache-2.0 OR ISC OR MIT-0)", true),
        ];
        for (expression, permitted) in cases {
            assert_eq!(permits(expression).unwrap(), permitted, "{expression}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for expression in ["", "MIT OR", "(MIT", "MIT)", "MIT ISC", "AND MIT", "MIT WITH"] {
            assert!(permits(expression).is_err(), "{expression}");
        }
    }
}
