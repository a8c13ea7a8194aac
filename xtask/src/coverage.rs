//! How much of the published contract is answered, and what of it the tests have seen: docs/coverage.md.
//!
//! The test kit notes every request and answer of a test run where [`VARIABLE`] names a folder; here the operations are
//! found again and the bodies judged by the contract. `cargo xtask test` writes the report anew after the tests, or, in CI,
//! says that it is stale.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

#[path = "../../crates/frontdesk-server/tests/support/schema.rs"]
mod schema;

/// Where the test kit is told the folder.
pub(crate) const VARIABLE: &str = "FRONTDESK_COVERAGE";

const REPORT: &str = "docs/coverage.md";
const NEWEST: &str = "2026-05-12";

/// An empty folder for the notes of a test run.
pub(crate) fn fresh_folder() -> Result<PathBuf> {
    let folder = std::env::current_dir()?.join("target/coverage");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

/// Writes the report from the notes of the last test run. In CI nobody would commit it, so there a difference is only told:
/// requests that race, or are made by chance, meet now one error and now another.
pub(crate) fn settle() -> Result<()> {
    let fresh = report(Path::new("target/coverage"))?;
    if fs::read_to_string(REPORT).is_ok_and(|known| known == fresh) {
        return Ok(());
    }
    if std::env::var_os("CI").is_some() {
        println!("{REPORT} says something else than this run: `cargo xtask test` writes it anew");
        return Ok(());
    }
    fs::write(REPORT, fresh).with_context(|| format!("writing {REPORT}"))?;
    println!("wrote {REPORT}; commit it");
    Ok(())
}

/// The sentence with the counts, for other pages; empty before the first report.
pub(crate) fn summary() -> String {
    let text = fs::read_to_string(REPORT).unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("Answered: "))
        .map_or_else(String::new, |counts| format!("Today it answers {counts}\n"))
}

/// A published operation, and what the tests have seen of it.
struct Operation {
    method: String,
    path: String,
    id: String,
    /// The errors that the contract describes for it.
    errors: BTreeSet<u16>,
    answers: Value,
    /// Whether it is listed as missing.
    is_listed: bool,
    /// The statuses that were seen.
    seen: BTreeSet<u16>,
    judged: usize,
    wrong: Vec<String>,
}

fn report(notes: &Path) -> Result<String> {
    let missing = fs::read_to_string("conformance/missing.txt").context("reading conformance/missing.txt")?;
    let mut text = String::from(
        "# Coverage of the contract\n\n<!-- Written by `cargo xtask test` from what its tests asked; not by hand. -->\n\n",
    );
    let mut tables = String::new();
    let mut counts = Vec::new();
    for (audience, title) in [("backend", "Backend API"), ("frontend", "Frontend API")] {
        let path = format!("crates/frontdesk-api/contract/{audience}-{NEWEST}.json");
        let contract = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
        let contract: Value = serde_json::from_str(&contract).with_context(|| format!("parsing {path}"))?;
        let mut operations = published(&contract, audience, &missing);
        for note in read(notes)?.iter().filter(|note| note["audience"] == audience) {
            fill(&mut operations, note, &contract["schemas"]);
        }
        let answered = operations.iter().filter(|it| !it.is_missing()).count();
        let proven = operations.iter().filter(|it| it.succeeded() && it.wrong.is_empty()).count();
        counts.push(format!(
            "{answered} of {} {title} operations ({proven} succeed in tests)",
            operations.len()
        ));
        write!(tables, "\n## {title}\n\n{}", table(&operations)?)?;
    }
    write!(
        text,
        "Answered: {}.\n\nThe others answer `501 operation_not_available` and are listed in\n\
         [missing.txt](../conformance/missing.txt). *Succeeded* and the errors are what the tests of the server saw on \
         either\nengine; *valid* means that successful answers fit the contract's schema.\n{tables}",
        counts.join(" and ")
    )?;
    Ok(text)
}

fn published(contract: &Value, audience: &str, missing: &str) -> Vec<Operation> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let operation = |it: &Value| {
        let (method, path, id) = (text(&it["method"]), text(&it["path"]), text(&it["id"]));
        let line = format!("{audience} {method} {path} {id}");
        let statuses = it["responses"].as_object().into_iter().flat_map(|answers| answers.keys());
        let errors = statuses.filter_map(|status| status.parse().ok()).filter(|status| *status >= 400);
        Operation {
            is_listed: missing.lines().any(|known| known.trim() == line),
            errors: errors.collect(),
            answers: it["responses"].clone(),
            seen: BTreeSet::new(),
            judged: 0,
            wrong: Vec::new(),
            method,
            path,
            id,
        }
    };
    contract["operations"].as_array().into_iter().flatten().map(operation).collect()
}

/// Every note of the run.
fn read(folder: &Path) -> Result<Vec<Value>> {
    let mut notes = Vec::new();
    let files =
        fs::read_dir(folder).with_context(|| format!("{} (run the tests first)", folder.display()))?;
    let mut files: Vec<_> = files.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        notes.extend(text.lines().filter_map(|line| serde_json::from_str(line).ok()));
    }
    Ok(notes)
}

fn fill(operations: &mut [Operation], note: &Value, schemas: &Value) {
    let (Some(method), Some(path)) = (note["method"].as_str(), note["path"].as_str()) else { return };
    let Some(status) = note["status"].as_u64().and_then(|status| u16::try_from(status).ok()) else { return };
    // An instance may be named by a prefix of the path, and machines leave the version out.
    let path = path.strip_prefix("/i/").and_then(|rest| rest.find('/').map(|at| &rest[at..])).unwrap_or(path);
    let candidates = operations.iter_mut().filter(|it| it.method == method && fits(&it.path, path));
    let Some(operation) = candidates.min_by_key(|it| it.path.matches('{').count()) else { return };
    operation.seen.insert(status);
    let answer = &operation.answers[status.to_string()]["application/json"];
    let is_newest = note["version"] == NEWEST;
    if let (true, true, body) = (is_newest, answer.is_object(), &note["body"])
        && !body.is_null()
    {
        operation.judged += 1;
        schema::check(schemas, answer, body, "$", &mut operation.wrong);
    }
}

/// Whether a path is one of a template's.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(wanted, given)| {
            wanted
                .split_once('{')
                .map_or(wanted == given, |(before, _)| !given.is_empty() && given.starts_with(before))
        })
}

impl Operation {
    /// Whether the server lacks it: it said so, or, where nobody asked, the list does.
    fn is_missing(&self) -> bool {
        self.seen.contains(&501) || (self.seen.is_empty() && self.is_listed)
    }

    fn succeeded(&self) -> bool {
        self.seen.iter().any(|status| *status < 400)
    }

    fn valid(&self) -> &'static str {
        match (self.judged, self.wrong.is_empty()) {
            (0, _) => "",
            (_, true) => "yes",
            (_, false) => "**no**",
        }
    }
}

fn table(operations: &[Operation]) -> Result<String> {
    let mut text = String::from(
        "| operation | | answered | succeeded | errors seen | errors described and not seen | valid |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut sorted: BTreeMap<_, _> = BTreeMap::new();
    for operation in operations {
        sorted.insert((&operation.path, &operation.method), operation);
    }
    for it in sorted.values() {
        let list =
            |statuses: Vec<&u16>| statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let (answered, succeeded, seen, unseen) = if it.is_missing() {
            ("", "", String::new(), String::new())
        } else {
            let seen = list(it.errors.intersection(&it.seen).collect());
            let unseen = list(it.errors.difference(&it.seen).collect());
            ("yes", if it.succeeded() { "yes" } else { "" }, seen, unseen)
        };
        writeln!(
            text,
            "| {} | `{} {}` | {answered} | {succeeded} | {seen} | {unseen} | {} |",
            it.id,
            it.method,
            it.path,
            if it.is_missing() { "" } else { it.valid() }
        )?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_note_is_found_again_and_judged() {
        let contract = json!({
            "operations": [
                { "id": "GetCount", "method": "GET", "path": "/v1/users/count", "responses": {} },
                { "id": "GetUser", "method": "GET", "path": "/v1/users/{user_id}", "responses": {
                    "200": { "application/json": { "type": "object", "required": ["id"] } }, "404": {}, "401": {}
                } },
            ],
            "schemas": {}
        });
        let mut operations = published(&contract, "backend", "backend GET /v1/users/count GetCount");
        let note = |path: &str, status: u16, body: Value| json!({ "method": "GET", "path": path, "status": status, "version": NEWEST, "body": body });
        for note in [
            note("/v1/users/user_1", 404, Value::Null),
            note("/i/shop/v1/users/user_1", 200, json!({ "id": "user_1" })),
            note("/v1/users/count", 501, Value::Null),
            note("/v1/nothing", 200, Value::Null),
        ] {
            fill(&mut operations, &note, &contract["schemas"]);
        }
        let table = table(&operations).unwrap();
        assert!(table.contains("| GetCount | `GET /v1/users/count` |  |  |  |  |  |"), "{table}");
        assert!(
            table.contains("| GetUser | `GET /v1/users/{user_id}` | yes | yes | 404 | 401 | yes |"),
            "{table}"
        );
        fill(&mut operations, &note("/v1/users/user_1", 200, json!({})), &contract["schemas"]);
        assert_eq!(operations[1].valid(), "**no**");
    }
}
