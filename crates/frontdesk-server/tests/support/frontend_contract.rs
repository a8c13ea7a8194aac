//! The published description of the Frontend API as a judge: does an answer have what it promises?

use frontdesk_testkit::matrix::Reply;
use serde_json::Value;

#[path = "contract.rs"]
#[expect(dead_code, reason = "the Backend's tests ask more of it")]
mod judge;

pub(crate) use judge::{newest, older, schema};

/// The published contract of this audience.
const CONTRACT: &str = include_str!("../../../frontdesk-api/contract/frontend-2026-05-12.json");

/// Asserts that the answer is a success as this schema describes its `response`.
pub(crate) fn assert_described(schema: &str, reply: &Reply) {
    assert_value(schema, &reply.ok()["response"]);
}

/// Asserts that the value is as this schema describes it: nothing wanted is missing, nothing has a wrong type.
pub(crate) fn assert_value(schema: &str, value: &Value) {
    let schemas = &judge::CONTRACT["schemas"];
    let problems = judge::schema::judge("", schemas, &schemas[schema], value).problems;
    assert!(problems.is_empty(), "{schema}: {problems:#?}\n{value:#}");
}

/// Method, path and the names of the body's fields of an operation.
pub(crate) fn operation(id: &str) -> (String, String, Vec<String>) {
    let operations = judge::CONTRACT["operations"].as_array().unwrap();
    let found = operations.iter().find(|it| it["id"] == id).expect("an operation of the contract");
    let properties = found["body"]["application/x-www-form-urlencoded"]["properties"].as_object();
    let names = properties.into_iter().flat_map(|map| map.keys().cloned()).collect();
    (found["method"].as_str().unwrap().to_owned(), found["path"].as_str().unwrap().to_owned(), names)
}
