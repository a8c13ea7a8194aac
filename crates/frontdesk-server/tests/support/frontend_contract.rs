//! The published description of the Frontend API as a judge: does an answer have what it promises?

use std::sync::LazyLock;

use frontdesk_testkit::Reply;
use serde_json::Value;

static CONTRACT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../frontdesk-api/contract/frontend-2026-05-12.json")).unwrap()
});

/// Asserts that the answer is a success as this schema describes its `response`.
pub(crate) fn assert_described(schema: &str, reply: &Reply) {
    assert_value(schema, &reply.ok()["response"]);
}

/// Asserts that the value is as this schema describes it: nothing wanted is missing, nothing has a wrong type.
pub(crate) fn assert_value(schema: &str, value: &Value) {
    let mut problems = Vec::new();
    check(&CONTRACT["schemas"][schema], value, "$", &mut problems);
    assert!(problems.is_empty(), "{schema}: {problems:#?}\n{value:#}");
}

/// Method, path and the names of the body's fields of an operation.
pub(crate) fn operation(id: &str) -> (String, String, Vec<String>) {
    let operations = CONTRACT["operations"].as_array().unwrap();
    let found = operations.iter().find(|it| it["id"] == id).expect("an operation of the contract");
    let properties = found["body"]["application/x-www-form-urlencoded"]["properties"].as_object();
    let names = properties.into_iter().flat_map(|map| map.keys().cloned()).collect();
    (found["method"].as_str().unwrap().to_owned(), found["path"].as_str().unwrap().to_owned(), names)
}

fn check(schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        return check(&CONTRACT["schemas"][reference.rsplit('/').next().unwrap()], value, place, problems);
    }
    if value.is_null() && schema["nullable"] == true {
        return;
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        check(part, value, place, problems);
    }
    for key in ["oneOf", "anyOf"] {
        let Some(alternatives) = schema[key].as_array() else { continue };
        let fits = |alternative: &Value| {
            let mut found = Vec::new();
            check(alternative, value, place, &mut found);
            found.is_empty()
        };
        // What nobody has asked for yet has no end: the one place where the description is stricter than its SDKs.
        if !alternatives.iter().any(fits) && value["expire_at"] != Value::Null {
            problems.push(format!("{place} is none of the described alternatives"));
        }
    }
    let is_right = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !is_right {
        problems.push(format!("{place} should be {}, is {value}", schema["type"]));
    }
    if let Some(allowed) = schema["enum"].as_array().filter(|allowed| !allowed.contains(value)) {
        problems.push(format!("{place} should be one of {allowed:?}, is {value}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.is_object() && value.get(name).is_none() {
            problems.push(format!("{place}.{name} is missing"));
        }
    }
    if let (Some(properties), Some(object)) = (schema["properties"].as_object(), value.as_object()) {
        for (name, property) in properties {
            if let Some(inner) = object.get(name) {
                check(property, inner, &format!("{place}.{name}"), problems);
            }
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        check(&schema["items"], item, &format!("{place}[{index}]"), problems);
    }
}
