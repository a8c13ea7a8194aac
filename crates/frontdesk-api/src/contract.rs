//! The published contract as bare facts: which operations there are, built or not.

use crate::{Audience, Declaration, backend, frontend};

/// One published operation of the newest API version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Who it is for.
    pub audience: Audience,
    /// Its HTTP method.
    pub method: &'static str,
    /// Its path with `{parameters}`, from the root of the server.
    pub path: &'static str,
    /// Its id.
    pub id: &'static str,
}

/// Every published operation.
pub fn published() -> impl Iterator<Item = Published> {
    include_str!("../contract/operations.txt").lines().filter_map(|line| {
        let mut words = line.split(' ');
        let audience = match words.next()? {
            "backend" => Audience::Backend,
            _ => Audience::Frontend,
        };
        Some(Published { audience, method: words.next()?, path: words.next()?, id: words.next()? })
    })
}

/// Every operation that this version declares, and so serves.
pub fn declared() -> impl Iterator<Item = &'static Declaration> {
    backend::tables().into_iter().chain(frontend::tables()).flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn from_json(audience: &str, text: &str) -> Vec<String> {
        let file: Value = serde_json::from_str(text).unwrap();
        let line = |operation: &Value| {
            let field = |name: &str| operation[name].as_str().unwrap().to_owned();
            format!("{audience} {} {} {}", field("method"), field("path"), field("id"))
        };
        file["operations"].as_array().unwrap().iter().map(line).collect()
    }

    #[test]
    fn the_list_of_operations_is_the_contracts() {
        let mut expected = from_json("backend", include_str!("../contract/backend-2026-05-12.json"));
        expected.extend(from_json("frontend", include_str!("../contract/frontend-2026-05-12.json")));
        let ours: Vec<_> = include_str!("../contract/operations.txt").lines().collect();
        assert_eq!(ours, expected);
        assert_eq!(published().count(), expected.len());
    }

    #[test]
    fn no_operation_is_declared_twice() {
        let mut seen = BTreeSet::new();
        for operation in declared() {
            assert!(
                seen.insert((operation.audience.as_str(), operation.method.as_str(), operation.path)),
                "{operation:?}"
            );
        }
    }
}
