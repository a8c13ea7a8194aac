//! How much of the published contract is answered, and what of it the tests have seen: docs/coverage.md.
//!
//! The test kit notes every request and answer of a test run where [`VARIABLE`] names a folder; here the operations are
//! found again and the bodies judged by the contract. `cargo xtask test` writes the report anew after the tests, or, in CI,
//! says that it is stale. What cannot be seen is in a table with its reasons ([`expected`]), and so is every place where
//! we answer something else than the contract says (`DEPARTURES`).

mod expected;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use self::expected::{BEYOND, NEVER};

#[path = "../../crates/frontdesk-server/tests/support/schema.rs"]
mod schema;

/// Where the test kit is told the folder.
pub(crate) const VARIABLE: &str = "FRONTDESK_COVERAGE";

const REPORT: &str = "docs/coverage.md";
const NEWEST: &str = "2026-05-12";
/// What is true is true on each of them.
const ENGINES: [&str; 2] = ["postgres", "sqlite"];

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
    audience: &'static str,
    method: String,
    path: String,
    id: String,
    /// The errors that the contract describes for it.
    errors: BTreeSet<u16>,
    answers: Value,
    /// Whether it is listed as missing.
    is_listed: bool,
    /// The statuses that were seen, each with the engines.
    seen: BTreeMap<u16, BTreeSet<&'static str>>,
    judged: usize,
    wrong: BTreeSet<String>,
    /// Which departures from the contract its answers need.
    departures: BTreeSet<usize>,
}

fn report(notes: &Path) -> Result<String> {
    let missing = fs::read_to_string("conformance/missing.txt").context("reading conformance/missing.txt")?;
    let notes = read(notes)?;
    for engine in ENGINES {
        ensure!(notes.iter().any(|note| note["engine"] == engine), "no test has asked a server on {engine}");
    }
    let mut tables = String::new();
    let mut counts = Vec::new();
    let mut departures = BTreeSet::new();
    for (audience, title) in [("backend", "Backend API"), ("frontend", "Frontend API")] {
        let path = format!("crates/frontdesk-api/contract/{audience}-{NEWEST}.json");
        let contract = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
        let contract: Value = serde_json::from_str(&contract).with_context(|| format!("parsing {path}"))?;
        let mut operations = published(&contract, audience, &missing);
        for note in notes.iter().filter(|note| note["audience"] == audience) {
            fill(&mut operations, note, &contract["schemas"]);
        }
        tell(&operations);
        let answered = operations.iter().filter(|it| !it.is_missing()).count();
        let proven = operations.iter().filter(|it| it.is_proven()).count();
        counts.push(format!(
            "{answered} of {} {title} operations ({proven} succeed in tests)",
            operations.len()
        ));
        departures.extend(operations.iter().flat_map(|it| it.departures.iter().copied()));
        write!(tables, "\n## {title}\n\n{}", table(&operations)?)?;
    }
    Ok(format!(
        "# Coverage of the contract\n\n<!-- Written by `cargo xtask test` from what its tests asked; not by hand. -->\n\n\
         Answered: {}.\n\nThe others answer `501 operation_not_available` and are listed in\n\
         [missing.txt](../conformance/missing.txt). *Succeeded* and the errors are what the tests of the server saw on \
         both\nengines, SQLite and PostgreSQL; what they saw on one only is marked with its name. *Valid* means that \
         successful\nanswers fit the contract's schema; a number names a [footnote](#where-we-depart-from-the-contract).\n\
         {tables}{}{}",
        counts.join(" and "),
        legend()?,
        footnotes(&departures)?,
    ))
}

fn published(contract: &Value, audience: &'static str, missing: &str) -> Vec<Operation> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let operation = |it: &Value| {
        let (method, path, id) = (text(&it["method"]), text(&it["path"]), text(&it["id"]));
        let line = format!("{audience} {method} {path} {id}");
        let statuses = it["responses"].as_object().into_iter().flat_map(|answers| answers.keys());
        let errors = statuses.filter_map(|status| status.parse().ok()).filter(|status| *status >= 400);
        Operation {
            audience,
            is_listed: missing.lines().any(|known| known.trim() == line),
            errors: errors.collect(),
            answers: it["responses"].clone(),
            seen: BTreeMap::new(),
            judged: 0,
            wrong: BTreeSet::new(),
            departures: BTreeSet::new(),
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
        for (number, line) in text.lines().enumerate() {
            let note = serde_json::from_str(line);
            notes.push(note.with_context(|| format!("line {} of {}", number + 1, file.display()))?);
        }
    }
    Ok(notes)
}

fn fill(operations: &mut [Operation], note: &Value, schemas: &Value) {
    let (Some(method), Some(path)) = (note["method"].as_str(), note["path"].as_str()) else { return };
    let Some(status) = note["status"].as_u64().and_then(|status| u16::try_from(status).ok()) else { return };
    let Some(engine) = ENGINES.into_iter().find(|engine| note["engine"] == *engine) else { return };
    // An instance may be named by a prefix of the path, and machines leave the version out.
    let path = path.strip_prefix("/i/").and_then(|rest| rest.find('/').map(|at| &rest[at..])).unwrap_or(path);
    let is_beyond =
        |operation: &Operation| BEYOND.contains(&(operation.audience, operation.method.as_str(), path));
    let fitting =
        operations.iter_mut().filter(|it| it.method == method && fits(&it.path, path) && !is_beyond(it));
    let Some(operation) = fitting.min_by_key(|it| it.path.matches('{').count()) else { return };
    operation.seen.entry(status).or_default().insert(engine);
    let answer = &operation.answers[status.to_string()]["application/json"];
    let is_newest = note["version"] == NEWEST;
    if let (true, true, body) = (is_newest, answer.is_object(), &note["body"])
        && !body.is_null()
    {
        operation.judged += 1;
        let findings = schema::judge(&operation.id, schemas, answer, body);
        operation.wrong.extend(findings.problems);
        operation.departures.extend(findings.departures);
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
        self.seen.contains_key(&501) || (self.seen.is_empty() && self.is_listed)
    }

    /// The engines on which it succeeded.
    fn succeeded(&self) -> BTreeSet<&'static str> {
        self.seen
            .iter()
            .filter(|(status, _)| **status < 400)
            .flat_map(|(_, engines)| engines)
            .copied()
            .collect()
    }

    /// Whether all of it is as it should be, on each engine.
    fn is_proven(&self) -> bool {
        self.succeeded().len() == ENGINES.len() && self.wrong.is_empty()
    }

    fn valid(&self) -> String {
        let numbers: Vec<_> = self.departures.iter().map(|number| format!("[{}]", number + 1)).collect();
        match (self.judged, self.wrong.is_empty()) {
            (0, _) => String::new(),
            (_, true) => ["yes".to_owned()].into_iter().chain(numbers).collect::<Vec<_>>().join(" "),
            (_, false) => "**no**".to_owned(),
        }
    }

    /// Whether the table says that this status does not happen.
    fn is_never(&self, status: u16) -> bool {
        NEVER.iter().any(|never| never.names(self.audience, &self.id, status))
    }
}

/// Tells what the report has no place for.
fn tell(operations: &[Operation]) {
    for it in operations {
        for problem in &it.wrong {
            println!("{} {}: {problem}", it.audience, it.id);
        }
        let described = it.errors.iter().filter(|status| it.seen.contains_key(status));
        for status in described.filter(|status| it.is_never(**status)) {
            println!(
                "{} {}: {status} does happen; change xtask/src/coverage/expected.rs",
                it.audience, it.id
            );
        }
    }
}

fn table(operations: &[Operation]) -> Result<String> {
    let mut text = String::from(
        "| operation | | answered | succeeded | errors seen | do not happen here | described and not seen | valid |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let mut sorted: BTreeMap<_, _> = BTreeMap::new();
    for operation in operations {
        sorted.insert((&operation.path, &operation.method), operation);
    }
    for it in sorted.values() {
        let (never, other): (Vec<u16>, Vec<u16>) = it.errors.iter().partition(|status| it.is_never(**status));
        let (seen, unseen): (Vec<u16>, Vec<u16>) =
            other.iter().partition(|status| it.seen.contains_key(status));
        let seen: Vec<_> =
            seen.iter().map(|status| on_engines(&status.to_string(), &it.seen[status])).collect();
        let list = |statuses: &[u16]| statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(" ");
        let cells = if it.is_missing() {
            Default::default()
        } else {
            let succeeded = on_engines("yes", &it.succeeded());
            ["yes".to_owned(), succeeded, seen.join(" "), list(&never), list(&unseen), it.valid()]
        };
        writeln!(text, "| {} | `{} {}` | {} |", it.id, it.method, it.path, cells.join(" | "))?;
    }
    Ok(text)
}

/// What was seen, with the engine where it was one only; nothing where it was none.
fn on_engines(what: &str, engines: &BTreeSet<&'static str>) -> String {
    let engines: Vec<_> = engines.iter().copied().collect();
    match engines.as_slice() {
        [] => String::new(),
        [only] => format!("{what} (**{only} only**)"),
        _ => what.to_owned(),
    }
}

/// Why some errors do not happen.
fn legend() -> Result<String> {
    let mut text = String::from(
        "\n## What does not happen here\n\n\
         The contract describes these errors. Here no request brings them about, or what they stand for is told otherwise.\n\n\
         | status | operations | why |\n| --- | --- | --- |\n",
    );
    for never in NEVER {
        let audience = match never.audience {
            "backend" => "Backend: ",
            "frontend" => "Frontend: ",
            _ => "",
        };
        let operations = match never.operations {
            ["*"] => "all".to_owned(),
            some => some.join(", "),
        };
        writeln!(text, "| {} | {audience}{operations} | {} |", never.status, never.reason)?;
    }
    Ok(text)
}

/// Where answers differ from the contract, and why.
fn footnotes(departures: &BTreeSet<usize>) -> Result<String> {
    let mut text = String::from("\n## Where we depart from the contract\n\n");
    for number in departures {
        writeln!(text, "- [{}] {}.", number + 1, schema::DEPARTURES[*number].reason)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contract() -> Value {
        json!({
            "operations": [
                { "id": "GetCount", "method": "GET", "path": "/v1/users/count", "responses": {} },
                { "id": "GetUser", "method": "GET", "path": "/v1/users/{user_id}", "responses": {
                    "200": { "application/json": { "type": "object", "required": ["id"] } },
                    "404": {}, "401": {}, "402": {}
                } },
            ],
            "schemas": {}
        })
    }

    fn filled(notes: &[(&str, &str, u16, Value)]) -> Vec<Operation> {
        let contract = contract();
        let mut operations = published(&contract, "backend", "backend GET /v1/users/count GetCount");
        for (engine, path, status, body) in notes {
            let note = json!({
                "engine": engine, "method": "GET", "path": path, "status": status, "version": NEWEST, "body": body,
            });
            fill(&mut operations, &note, &contract["schemas"]);
        }
        operations
    }

    #[test]
    fn a_note_is_found_again_and_judged() {
        let ada = json!({ "id": "user_1" });
        let mut notes = Vec::new();
        for engine in ENGINES {
            notes.extend([
                (engine, "/v1/users/user_1", 404, Value::Null),
                (engine, "/i/shop/v1/users/user_1", 200, ada.clone()),
                (engine, "/v1/users/count", 501, Value::Null),
                (engine, "/v1/nothing", 200, Value::Null),
            ]);
        }
        let operations = filled(&notes);
        let text = table(&operations).unwrap();
        assert!(text.contains("| GetCount | `GET /v1/users/count` |  |  |  |  |  |  |"), "{text}");
        assert!(
            text.contains("| GetUser | `GET /v1/users/{user_id}` | yes | yes | 404 | 402 | 401 | yes |"),
            "{text}"
        );
        notes.push(("sqlite", "/v1/users/user_1", 200, json!({})));
        assert_eq!(filled(&notes)[1].valid(), "**no**");
    }

    #[test]
    fn what_happened_on_one_engine_only_is_told() {
        let notes = [
            ("sqlite", "/v1/users/user_1", 200, json!({ "id": "user_1" })),
            ("postgres", "/v1/users/user_1", 404, Value::Null),
        ];
        let operations = filled(&notes);
        assert!(!operations[1].is_proven());
        let text = table(&operations).unwrap();
        assert!(
            text.contains("| yes | yes (**sqlite only**) | 404 (**postgres only**) | 402 | 401 | yes |"),
            "{text}"
        );
    }

    #[test]
    fn a_note_that_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1.jsonl"), "{\"status\":200}\n{\"status\":2{\"status\":404}\n")
            .unwrap();
        let error = read(folder.path()).unwrap_err();
        assert!(format!("{error:#}").contains("line 2 of"), "{error:#}");
    }

    #[test]
    fn the_table_of_what_never_happens_names_published_operations() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let known = fs::read_to_string(root.join("crates/frontdesk-api/contract/operations.txt")).unwrap();
        for never in NEVER {
            for id in never.operations.iter().filter(|id| **id != "*") {
                let is_known = known.lines().any(|line| {
                    let words: Vec<_> = line.split(' ').collect();
                    words[0] == never.audience && words[3] == *id
                });
                assert!(is_known, "{} {id}", never.audience);
            }
        }
    }
}
