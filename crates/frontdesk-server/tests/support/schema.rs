//! The subset of JSON Schema that the published descriptions use (with `OpenAPI`'s `nullable`), small enough to check here.
//! Shared with `cargo xtask`, which judges every answer of a test run.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A place where we answer something else than the description says, on purpose. This is the whole list.
pub(crate) struct Departure {
    /// The operations that depart; none named means all.
    pub(crate) operations: &'static [&'static str],
    /// How the path of the value ends, from `$`.
    place: &'static str,
    /// How the complaint about it begins.
    complaint: &'static str,
    /// Why.
    pub(crate) reason: &'static str,
}

/// Every departure; the report of coverage tells them as footnotes.
pub(crate) const DEPARTURES: [Departure; 3] = [
    Departure {
        operations: &["getOpenIDConfiguration", "getOAuth2AuthorizationServerMetadata"],
        place: "$",
        complaint: "lacks ",
        reason: "there is no OAuth provider yet, so its endpoints and methods are not announced",
    },
    Departure {
        operations: &["getSession"],
        place: ".status",
        complaint: "is none of the values: \"replaced\"",
        reason: "a session that another one took the place of is `replaced`, which the SDKs know and the description of \
                 this one operation leaves out",
    },
    Departure {
        operations: &[],
        place: ".expire_at",
        complaint: "is no integer: null",
        reason: "a verification that nobody has asked for yet has no end, as the SDKs know and the description of the \
                 Frontend API does not",
    },
];

/// What a value was found to be by a schema.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What is wrong.
    pub(crate) problems: Vec<String>,
    /// Which [`DEPARTURES`] it needs.
    pub(crate) departures: BTreeSet<usize>,
}

/// Judges an answer of this operation.
pub(crate) fn judge(operation: &str, schemas: &Value, schema: &Value, answer: &Value) -> Findings {
    let mut judge = Judge { operation, schemas, findings: Findings::default() };
    judge.check(schema, answer, "$");
    judge.findings
}

/// The schema that a reference stands for.
pub(crate) fn resolved<'a>(schemas: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => resolved(schemas, &schemas[reference.rsplit('/').next().unwrap_or_default()]),
        None => schema,
    }
}

struct Judge<'a> {
    operation: &'a str,
    schemas: &'a Value,
    findings: Findings,
}

impl<'a> Judge<'a> {
    fn check(&mut self, schema: &'a Value, value: &Value, place: &str) {
        let schema = resolved(self.schemas, schema);
        if value.is_null() && schema["nullable"] == true {
            return;
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.check(part, value, place);
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(alternatives) = schema[key].as_array() {
                self.check_alternatives(alternatives, value, place);
            }
        }
        if let Some(wanted) = schema["type"].as_str()
            && !has_type(value, wanted)
        {
            self.complain(place, &format!("is no {wanted}: {value}"));
        }
        if let Some(values) = schema["enum"].as_array()
            && !values.contains(value)
        {
            self.complain(place, &format!("is none of the values: {value}"));
        }
        if let Some(items) = value.as_array() {
            for (index, item) in items.iter().enumerate().filter(|_| schema["items"].is_object()) {
                self.check(&schema["items"], item, &format!("{place}[{index}]"));
            }
        }
        if let Some(members) = value.as_object() {
            self.check_members(schema, members, place);
        }
    }

    fn check_alternatives(&mut self, alternatives: &'a [Value], value: &Value, place: &str) {
        for alternative in alternatives {
            let mut judge =
                Judge { operation: self.operation, schemas: self.schemas, findings: Findings::default() };
            judge.check(alternative, value, place);
            if judge.findings.problems.is_empty() {
                self.findings.departures.append(&mut judge.findings.departures);
                return;
            }
        }
        self.complain(place, &format!("fits none of the alternatives: {value}"));
    }

    fn check_members(&mut self, schema: &'a Value, members: &Map<String, Value>, place: &str) {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                self.complain(place, &format!("lacks {name}"));
            }
        }
        let properties = &schema["properties"];
        for (name, member) in members {
            let place = format!("{place}.{name}");
            match (&properties[name], &schema["additionalProperties"]) {
                (Value::Null, Value::Bool(false)) => self.complain(&place, "is not described"),
                (Value::Null, additional) if additional.is_object() => self.check(additional, member, &place),
                (Value::Null, _) => {}
                (property, _) => self.check(property, member, &place),
            }
        }
    }

    fn complain(&mut self, place: &str, complaint: &str) {
        let departs = |it: &Departure| {
            (it.operations.is_empty() || it.operations.contains(&self.operation))
                && place.ends_with(it.place)
                && complaint.starts_with(it.complaint)
        };
        match DEPARTURES.iter().position(departs) {
            Some(number) => _ = self.findings.departures.insert(number),
            None => self.findings.problems.push(format!("{place} {complaint}")),
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
