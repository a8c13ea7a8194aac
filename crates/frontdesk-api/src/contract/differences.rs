//! Every difference between the published versions, for what is declared here, is accounted for (decision 21).
//!
//! The descriptions are compared by program: parameters, bodies, statuses, answers, through all references. What they
//! differ in must fit a rule below, and each rule must fit something, so that neither a forgotten difference nor a rule
//! without one goes unnoticed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::declared;
use crate::Audience;

/// A difference: in which version it came, for whom, by which words it is known; and what becomes of it.
#[expect(dead_code, reason = "what becomes of a difference is said for the reader")]
struct Rule(&'static str, &'static str, &'static str, Handling);

#[derive(Debug)]
#[expect(dead_code, reason = "said for the reader")]
enum Handling {
    /// A named transform of the server.
    Transform(&'static str),
    /// All versions are served the same, and this is why that fits them.
    Same(&'static str),
}

use Handling::{Same, Transform};

const RULES: &[Rule] = &[
    Rule("2025-04-10", "backend", "tasks", Transform("session_without_tasks")),
    Rule("2025-04-10", "backend", "status = pending", Transform("session_without_tasks")),
    Rule(
        "2025-04-10",
        "backend",
        "- operation POST /v1/sessions/{session_id}/verify",
        Same("SDKs still ask it"),
    ),
    Rule("2025-11-10", "backend", "+ operation", Same("new operations are there for all")),
    Rule("2026-05-12", "backend", "_metadata: object?", Transform("ApiVersion::updates_take_metadata")),
    Rule("2025-04-10", "frontend", "tasks", Transform("browser_session_without_tasks")),
    Rule("2025-04-10", "frontend", "status = pending", Transform("browser_session_without_tasks")),
    Rule(
        "2025-04-10",
        "frontend",
        "|verification_",
        Same("proofs that are not built: links, trusted devices, enterprise connections"),
    ),
    Rule("2025-04-10", "frontend", "trusted_device", Same("refused by name: not built")),
    Rule("2025-04-10", "frontend", "body.algorithm", Same("refused by name: not built")),
    Rule("2025-04-10", "frontend", "body.client_data", Same("refused by name: not built")),
    Rule("2025-04-10", "frontend", "+ body.redirect_url: string?", Same("refused by name: not built")),
    Rule("2025-04-10", "frontend", "+ body.strategy = email_link", Same("refused by value: not built")),
    Rule(
        "2025-04-10",
        "frontend",
        "_password required",
        Same("the account decides what is wanted, in all versions"),
    ),
    Rule("2025-04-10", "frontend", "- body.", Transform("contract::retired_field")),
    Rule("2025-04-10", "frontend", "_clerk_session_id", Same("taken from callers of all versions")),
    Rule("2025-04-10", "frontend", "needs_client_trust", Same("never answered: not built")),
    Rule("2025-11-10", "frontend", "status 401", Same("what was answered before it was described")),
    Rule(
        "2025-11-10",
        "frontend",
        "- 200.commerce_settings",
        Same("optional, and left out: billing is not built"),
    ),
    Rule("2025-11-10", "frontend", "+ operation", Same("new operations are there for all")),
    Rule("2026-05-12", "frontend", "- body.unsafe_metadata", Transform("ApiVersion::updates_take_metadata")),
];

type Facts = BTreeMap<(String, String), BTreeSet<String>>;

#[test]
fn every_difference_between_versions_is_accounted_for() {
    let mut used = BTreeSet::new();
    let mut unaccounted = Vec::new();
    let mut differing = BTreeSet::new();
    for audience in [Audience::Backend, Audience::Frontend] {
        let versions = versions(audience);
        for pair in versions.windows(2) {
            let ((_, before), (version, after)) = (&pair[0], &pair[1]);
            for (is_declared, difference) in differences(audience, before, after) {
                if is_declared {
                    differing.insert(*version);
                }
                let fits = |(_, rule): &(usize, &Rule)| {
                    rule.0 == *version && rule.1 == audience.as_str() && difference.contains(rule.2)
                };
                match RULES.iter().enumerate().find(fits) {
                    Some((number, _)) => {
                        used.insert(number);
                    }
                    None if is_declared => {
                        unaccounted.push(format!("{version} {} {difference}", audience.as_str()));
                    }
                    None => {}
                }
            }
        }
    }
    // Between the first two versions nothing changed that is declared, for either audience.
    assert!(!differing.contains("2024-10-01"), "a version without a difference has one");
    assert!(unaccounted.is_empty(), "without a rule: {unaccounted:#?}");
    let idle: Vec<_> = RULES
        .iter()
        .enumerate()
        .filter(|(number, _)| !used.contains(number))
        .map(|(_, rule)| rule.2)
        .collect();
    assert!(idle.is_empty(), "rules that fit nothing: {idle:?}");
}

/// What differs between two versions, and whether it concerns an operation that is declared.
fn differences(audience: Audience, before: &Facts, after: &Facts) -> Vec<(bool, String)> {
    let is_declared = |(method, path): &(String, String)| {
        declared().any(|it| it.audience == audience && it.method.as_str() == method && it.path == path)
    };
    let mut found = Vec::new();
    for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let declared = is_declared(key);
        match (before.get(key), after.get(key)) {
            (Some(before), Some(after)) => {
                found.extend(before.difference(after).map(|fact| (declared, format!("- {fact}"))));
                found.extend(after.difference(before).map(|fact| (declared, format!("+ {fact}"))));
            }
            (Some(_), None) => found.push((declared, format!("- operation {} {}", key.0, key.1))),
            (None, _) => found.push((declared, format!("+ operation {} {}", key.0, key.1))),
        }
    }
    found.sort();
    found.dedup();
    found
}

fn versions(audience: Audience) -> [(&'static str, Facts); 5] {
    let (newest, older) = match audience {
        Audience::Backend => (
            include_str!("../../contract/backend-2026-05-12.json"),
            [
                include_str!("../../contract/backend-2021-02-05.difference.json"),
                include_str!("../../contract/backend-2024-10-01.difference.json"),
                include_str!("../../contract/backend-2025-04-10.difference.json"),
                include_str!("../../contract/backend-2025-11-10.difference.json"),
            ],
        ),
        Audience::Frontend => (
            include_str!("../../contract/frontend-2026-05-12.json"),
            [
                include_str!("../../contract/frontend-2021-02-05.difference.json"),
                include_str!("../../contract/frontend-2024-10-01.difference.json"),
                include_str!("../../contract/frontend-2025-04-10.difference.json"),
                include_str!("../../contract/frontend-2025-11-10.difference.json"),
            ],
        ),
    };
    let newest: Value = serde_json::from_str(newest).unwrap();
    let facts_of = |difference: &str| facts(&older_than(&newest, &serde_json::from_str(difference).unwrap()));
    [
        ("2021-02-05", facts_of(older[0])),
        ("2024-10-01", facts_of(older[1])),
        ("2025-04-10", facts_of(older[2])),
        ("2025-11-10", facts_of(older[3])),
        ("2026-05-12", facts(&newest)),
    ]
}

fn place(operation: &Value) -> String {
    format!("{} {}", operation["method"].as_str().unwrap(), operation["path"].as_str().unwrap())
}

/// The description of an older version: the newest with what was different then.
fn older_than(newest: &Value, difference: &Value) -> Value {
    let mut description = newest.clone();
    let schemas = description["schemas"].as_object_mut().unwrap();
    for name in difference["schemas_removed"].as_array().unwrap() {
        schemas.remove(name.as_str().unwrap());
    }
    schemas.extend(difference["schemas"].as_object().unwrap().clone());
    let changed = difference["operations"].as_array().unwrap();
    let gone: BTreeSet<_> = changed.iter().map(place).collect();
    let removed = difference["operations_removed"].as_array().unwrap();
    let operations = description["operations"].as_array_mut().unwrap();
    operations.retain(|it| !gone.contains(&place(it)) && !removed.contains(&Value::from(place(it))));
    operations.extend(changed.iter().cloned());
    description
}

/// What a description says of each operation, one thing a line.
fn facts(description: &Value) -> Facts {
    let mut all = Facts::new();
    for operation in description["operations"].as_array().unwrap() {
        let mut lines = BTreeSet::new();
        let schemas = &description["schemas"];
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default();
            lines.insert(format!("param {} {name}", parameter["in"].as_str().unwrap_or_default()));
            flatten(schemas, &parameter["schema"], &format!("param {name}"), &mut lines, &mut Vec::new());
        }
        for schema in operation["body"].as_object().into_iter().flat_map(|bodies| bodies.values()) {
            flatten(schemas, schema, "body", &mut lines, &mut Vec::new());
        }
        for (status, answers) in operation["responses"].as_object().into_iter().flatten() {
            lines.insert(format!("status {status}"));
            for schema in answers.as_object().into_iter().flat_map(|answers| answers.values()) {
                if !status.starts_with(['4', '5']) {
                    flatten(schemas, schema, status, &mut lines, &mut Vec::new());
                }
            }
        }
        let text = |name: &str| operation[name].as_str().unwrap().to_owned();
        all.insert((text("method"), text("path")), lines);
    }
    all
}

fn flatten<'a>(
    schemas: &'a Value,
    schema: &'a Value,
    path: &str,
    lines: &mut BTreeSet<String>,
    within: &mut Vec<&'a str>,
) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        if !within.contains(&name) {
            within.push(name);
            flatten(schemas, &schemas[name], path, lines, within);
            within.pop();
        }
        return;
    }
    if let Some(kind) = schema["type"].as_str() {
        let nullable = if schema["nullable"] == true { "?" } else { "" };
        lines.insert(format!("{path}: {kind}{nullable}"));
    }
    for value in schema["enum"].as_array().into_iter().flatten() {
        lines.insert(format!("{path} = {}", value.as_str().unwrap_or_default()));
    }
    if schema["additionalProperties"] == false {
        lines.insert(format!("{path} closed"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        lines.insert(format!("{path}.{name} required"));
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        flatten(schemas, property, &format!("{path}.{name}"), lines, within);
    }
    if schema["items"].is_object() {
        flatten(schemas, &schema["items"], &format!("{path}[]"), lines, within);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        flatten(schemas, part, path, lines, within);
    }
    for key in ["oneOf", "anyOf"] {
        for (number, alternative) in schema[key].as_array().into_iter().flatten().enumerate() {
            let name = object_name(schemas, alternative).unwrap_or_else(|| number.to_string());
            flatten(schemas, alternative, &format!("{path}|{name}"), lines, within);
        }
    }
}

/// What an alternative calls itself in `object`; a number would shift where one is put in between.
fn object_name(schemas: &Value, schema: &Value) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return object_name(schemas, &schemas[reference.rsplit('/').next()?]);
    }
    let own = schema["properties"]["object"]["enum"][0].as_str().map(str::to_owned);
    own.or_else(|| schema["allOf"].as_array()?.iter().find_map(|part| object_name(schemas, part)))
}
