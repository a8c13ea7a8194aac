//! The published descriptions of every API version, each as a judge of the answers to callers of its time.

use std::collections::BTreeSet;

use frontdesk_api::{ApiVersion, Declaration};
use frontdesk_testkit::matrix::Reply;
use serde_json::Value;

use crate::contract::{newest, older, schema};

/// What one version says of every operation.
pub(crate) struct Description {
    /// The version.
    pub(crate) version: ApiVersion,
    contract: Value,
}

/// The descriptions of all versions, oldest first, from what was different in 2021-02-05, 2024-10-01, 2025-04-10 and
/// 2025-11-10. That of 2025-03-12 was never told apart from its predecessor's.
pub(crate) fn descriptions(differences: [&str; 4]) -> Vec<Description> {
    let [first, second, third, fourth] = differences.map(older);
    let contracts = [first, second.clone(), second, third, fourth, newest().clone()];
    let described = |(version, contract)| Description { version, contract };
    ApiVersion::ALL.into_iter().zip(contracts).map(described).collect()
}

impl Description {
    /// What this version says of an operation, if it has it.
    pub(crate) fn operation(&self, asked: &Declaration) -> Option<&Value> {
        let operations = self.contract["operations"].as_array().unwrap();
        operations.iter().find(|it| it["method"] == asked.method.as_str() && it["path"] == asked.path)
    }

    /// What is wrong with a successful answer to a caller of this version. What the version lacks is judged as the first
    /// of `others` that has it says, with the shapes of this version.
    pub(crate) fn problems(&self, asked: &Declaration, others: &[Self], reply: &Reply) -> Vec<String> {
        let published = self.operation(asked).or_else(|| others.iter().find_map(|it| it.operation(asked)));
        let Some(published) = published else { return vec!["no version has it".to_owned()] };
        let answer = &published["responses"][reply.status().to_string()];
        if !answer.is_object() {
            return vec![format!("answers {} nowhere: {}", reply.status(), reply.text())];
        }
        let described = &answer["application/json"];
        if !described.is_object() {
            return Vec::new();
        }
        let body = reply.json();
        let schemas = &self.contract["schemas"];
        let mut problems = schema::judge(asked.id, schemas, described, &body).problems;
        // What is newer than the caller is not there, even where the description leaves room for more.
        let known = places(schemas, described, &body);
        let newest = others.last().expect("the newest version");
        if let Some(of_newest) = newest.operation(asked) {
            let schema = &of_newest["responses"][reply.status().to_string()]["application/json"];
            let newer = places(&newest.contract["schemas"], schema, &body);
            problems.extend(newer.difference(&known).map(|place| format!("{place} is newer")));
        }
        problems
    }
}

/// The members of a value that a schema describes.
fn places(schemas: &Value, schema: &Value, value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(schemas, schema, value, "$", &mut found);
    found
}

fn collect(schemas: &Value, schema: &Value, value: &Value, place: &str, found: &mut BTreeSet<String>) {
    let schema = schema::resolved(schemas, schema);
    for key in ["allOf", "oneOf", "anyOf"] {
        for part in schema[key].as_array().into_iter().flatten() {
            collect(schemas, part, value, place, found);
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        if schema["items"].is_object() {
            collect(schemas, &schema["items"], item, &format!("{place}[{index}]"), found);
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let property = &schema["properties"][name];
        if !property.is_null() {
            let place = format!("{place}.{name}");
            found.insert(place.clone());
            collect(schemas, property, member, &place, found);
        }
    }
}
