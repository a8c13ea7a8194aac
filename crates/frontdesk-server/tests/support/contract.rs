//! The published contract as a judge: is this answer one that it describes?
//!
//! The committed description of each API (`super::CONTRACT`) holds every operation with the schemas of its answers.
//! The subset of JSON Schema that it uses (with `OpenAPI`'s `nullable`) is small enough to check here.

use std::sync::LazyLock;

use frontdesk_testkit::matrix::Reply;
use serde_json::{Map, Value};

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
    let mut problems = Vec::new();
    check(schema, &reply.json(), "$", &mut problems);
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
    match schema["$ref"].as_str() {
        Some(reference) => resolved(&CONTRACT["schemas"][reference.rsplit('/').next().unwrap()]),
        None => schema,
    }
}

/// Collects what is wrong with a value by this schema.
pub(crate) fn check(schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    let schema = resolved(schema);
    if value.is_null() && schema["nullable"] == true {
        return;
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        check(part, value, place, problems);
    }
    for key in ["oneOf", "anyOf"] {
        let Some(alternatives) = schema[key].as_array() else { continue };
        let fits = |alternative: &Value| {
            let mut problems = Vec::new();
            check(alternative, value, place, &mut problems);
            problems.is_empty()
        };
        if !alternatives.iter().any(fits) {
            problems.push(format!("{place} fits none of the alternatives: {value}"));
        }
    }
    if let Some(wanted) = schema["type"].as_str()
        && !has_type(value, wanted)
    {
        problems.push(format!("{place} is no {wanted}: {value}"));
    }
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(value)
    {
        problems.push(format!("{place} is none of the values: {value}"));
    }
    if let Some(items) = value.as_array() {
        for (index, item) in items.iter().enumerate().filter(|_| schema["items"].is_object()) {
            check(&schema["items"], item, &format!("{place}[{index}]"), problems);
        }
    }
    if let Some(members) = value.as_object() {
        check_members(schema, members, place, problems);
    }
}

fn check_members(schema: &Value, members: &Map<String, Value>, place: &str, problems: &mut Vec<String>) {
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            problems.push(format!("{place} lacks {name}"));
        }
    }
    let properties = &schema["properties"];
    for (name, member) in members {
        let place = format!("{place}.{name}");
        match (&properties[name], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => problems.push(format!("{place} is not described")),
            (Value::Null, additional) if additional.is_object() => {
                check(additional, member, &place, problems);
            }
            (Value::Null, _) => {}
            (property, _) => check(property, member, &place, problems),
        }
    }
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("a type that the contract did not use before: {other}"),
    }
}
