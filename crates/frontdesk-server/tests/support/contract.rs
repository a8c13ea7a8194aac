//! The published contract as a judge: is this answer one that it describes?
//!
//! The committed description of each API (`super::CONTRACT`) holds every operation with the schemas of its answers.

use std::sync::LazyLock;

use frontdesk_testkit::matrix::Reply;
use serde_json::{Map, Value};

#[path = "schema.rs"]
#[expect(dead_code, reason = "the report of coverage tells which departures there are, and why")]
pub(crate) mod schema;

/// The description, parsed.
pub(crate) static CONTRACT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(super::CONTRACT).unwrap());

/// Asserts that the answer is one of the operation's: a success by its schema, or the error envelope.
pub(crate) fn assert_described(operation: &str, reply: &Reply) {
    let operations = CONTRACT["operations"].as_array().unwrap();
    let published = operations.iter().find(|it| it["id"] == operation).expect("an operation of the contract");
    let schema = if reply.status() < 300 {
        &published["responses"][reply.status().to_string()]["application/json"]
    } else {
        &CONTRACT["schemas"]["ClerkErrors"]
    };
    assert!(schema.is_object(), "{operation} answers {} nowhere in the contract", reply.status());
    assert_eq!(reply.header("content-type"), "application/json", "{operation}: or SDKs take it for text");
    let problems = schema::judge(operation, &CONTRACT["schemas"], schema, &reply.json()).problems;
    assert!(problems.is_empty(), "{operation}: {problems:#?}\n{:#}", reply.json());
}

/// A schema of the body that an operation takes.
pub(crate) fn body_properties(operation: &str) -> Map<String, Value> {
    let operations = CONTRACT["operations"].as_array().unwrap();
    let published = operations.iter().find(|it| it["id"] == operation).expect("an operation of the contract");
    published["body"]["application/json"]["properties"].as_object().cloned().unwrap_or_default()
}

/// The schema that a reference stands for.
pub(crate) fn resolved(schema: &Value) -> &Value {
    schema::resolved(&CONTRACT["schemas"], schema)
}

/// The description of the newest version.
pub(crate) fn newest() -> &'static Value {
    &CONTRACT
}

/// The description of an older version: the newest with what was different then.
pub(crate) fn older(difference: &str) -> Value {
    let difference: Value = serde_json::from_str(difference).unwrap();
    let mut description = CONTRACT.clone();
    for (name, schema) in difference["schemas"].as_object().unwrap() {
        description["schemas"][name] = schema.clone();
    }
    for name in difference["schemas_removed"].as_array().unwrap() {
        description["schemas"].as_object_mut().unwrap().remove(name.as_str().unwrap());
    }
    let changed = difference["operations"].as_array().unwrap();
    let is_kept = |it: &Value| {
        let own = place(it);
        !changed.iter().any(|other| place(other) == own)
            && !difference["operations_removed"].as_array().unwrap().contains(&Value::from(own))
    };
    let operations = description["operations"].as_array_mut().unwrap();
    operations.retain(is_kept);
    operations.extend(changed.iter().cloned());
    description
}

fn place(operation: &Value) -> String {
    format!("{} {}", operation["method"].as_str().unwrap(), operation["path"].as_str().unwrap())
}
