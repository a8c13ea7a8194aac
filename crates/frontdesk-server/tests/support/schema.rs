//! The subset of JSON Schema that the published descriptions use (with `OpenAPI`'s `nullable`), small enough to check here.
//! Shared with `cargo xtask`, which judges every answer of a test run.

use serde_json::{Map, Value};

/// The schema that a reference stands for.
pub(crate) fn resolved<'a>(schemas: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => resolved(schemas, &schemas[reference.rsplit('/').next().unwrap_or_default()]),
        None => schema,
    }
}

/// Collects what is wrong with a value by this schema.
pub(crate) fn check(schemas: &Value, schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    let schema = resolved(schemas, schema);
    if value.is_null() && schema["nullable"] == true {
        return;
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        check(schemas, part, value, place, problems);
    }
    for key in ["oneOf", "anyOf"] {
        let Some(alternatives) = schema[key].as_array() else { continue };
        let fits = |alternative: &Value| {
            let mut problems = Vec::new();
            check(schemas, alternative, value, place, &mut problems);
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
            check(schemas, &schema["items"], item, &format!("{place}[{index}]"), problems);
        }
    }
    if let Some(members) = value.as_object() {
        check_members(schemas, schema, members, place, problems);
    }
}

fn check_members(
    schemas: &Value,
    schema: &Value,
    members: &Map<String, Value>,
    place: &str,
    problems: &mut Vec<String>,
) {
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            problems.push(format!("{place} lacks {name}"));
        }
    }
    let properties = &schema["properties"];
    for (name, member) in members {
        let place = format!("{place}.{name}");
        match (&properties[name], &schema["additionalProperties"]) {
            // A verification that nobody has asked for yet has no end, as the SDKs know and the description of the
            // Frontend API does not (wire protocol §6.7a).
            _ if name == "expire_at" && member.is_null() => {}
            (Value::Null, Value::Bool(false)) => problems.push(format!("{place} is not described")),
            (Value::Null, additional) if additional.is_object() => {
                check(schemas, additional, member, &place, problems);
            }
            (Value::Null, _) => {}
            (property, _) => check(schemas, property, member, &place, problems),
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
