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
    /// The names of the fields its body may have.
    fields: &'static str,
}

impl Published {
    /// The names of the fields its body may have, built or not.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.fields.split(',').filter(|field| *field != "-")
    }
}

/// The published operation with this audience, method and path.
pub fn published_operation(audience: Audience, method: &str, path: &str) -> Option<Published> {
    published().find(|it| it.audience == audience && it.method == method && it.path == path)
}

/// Every published operation.
pub fn published() -> impl Iterator<Item = Published> {
    include_str!("../contract/operations.txt").lines().filter_map(|line| {
        let mut words = line.split(' ');
        let audience = match words.next()? {
            "backend" => Audience::Backend,
            _ => Audience::Frontend,
        };
        Some(Published {
            audience,
            method: words.next()?,
            path: words.next()?,
            id: words.next()?,
            fields: words.next()?,
        })
    })
}

/// Every operation that this version declares, and so serves.
pub fn declared() -> impl Iterator<Item = &'static Declaration> {
    backend::tables().into_iter().chain(frontend::tables()).flatten()
}

/// Operations that are declared for the client, and that this version does not serve yet.
pub fn declared_ahead() -> impl Iterator<Item = &'static Declaration> {
    backend::tables_ahead().into_iter().flatten()
}

/// Whether a field was once published for the body of this operation and is no longer: older versions of the contract
/// let browsers send these, and no version of this server takes them.
pub fn retired_field(operation: &str, field: &str) -> bool {
    match operation {
        "patchUser" => {
            matches!(field, "password" | "private_metadata" | "profile_image_id" | "public_metadata")
        }
        _ => false,
    }
}

/// What SDKs call without `/v1`, and a server answers both ways (wire protocol §3.8).
pub const UNVERSIONED: [&str; 3] = ["/api_keys", "/m2m_tokens", "/oauth_applications/access_tokens"];

/// The path of an operation as SDKs write it: without `/v1` where machines prove themselves.
pub fn path_on_the_wire(path: &'static str) -> &'static str {
    let Some(bare) = path.strip_prefix("/v1") else { return path };
    let is_below =
        |root: &str| bare.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if UNVERSIONED.into_iter().any(is_below) { bare } else { path }
}

#[cfg(test)]
mod differences;
#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// The names of the properties of a schema, through references and alternatives.
    fn properties(schema: &Value, schemas: &Value, names: &mut Vec<String>) {
        if let Some(reference) = schema["$ref"].as_str() {
            properties(&schemas[reference.rsplit('/').next().unwrap()], schemas, names);
        }
        for name in schema["properties"].as_object().into_iter().flat_map(|map| map.keys()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| schema[*key].as_array()).flatten() {
            properties(part, schemas, names);
        }
    }

    fn from_json(audience: &str, text: &str) -> Vec<String> {
        let file: Value = serde_json::from_str(text).unwrap();
        let line = |operation: &Value| {
            let field = |name: &str| operation[name].as_str().unwrap().to_owned();
            let mut names = Vec::new();
            for body in operation["body"].as_object().into_iter().flat_map(|map| map.values()) {
                properties(body, &file["schemas"], &mut names);
            }
            let names = if names.is_empty() { "-".to_owned() } else { names.join(",") };
            format!("{audience} {} {} {} {names}", field("method"), field("path"), field("id"))
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
    fn what_is_declared_is_published_under_the_same_id() {
        // Asked for by the SDKs, and left out of the published description; or no longer in its newest version.
        let unpublished = ["GetHandshakePayload", "VerifySession"];
        for operation in backend::tables().into_iter().chain(backend::tables_ahead()).flatten() {
            let published =
                published_operation(operation.audience, operation.method.as_str(), operation.path);
            if !unpublished.contains(&operation.id) {
                assert_eq!(published.map(|it| it.id), Some(operation.id), "{operation:?}");
            }
        }
    }

    #[test]
    fn machines_are_verified_without_a_version_in_the_path() {
        for (path, wire) in [
            ("/v1/api_keys/verify", "/api_keys/verify"),
            ("/v1/api_keys", "/api_keys"),
            ("/v1/oauth_applications/access_tokens/verify", "/oauth_applications/access_tokens/verify"),
            ("/v1/oauth_applications/{id}", "/v1/oauth_applications/{id}"),
            ("/v1/api_keys_of_mine", "/v1/api_keys_of_mine"),
            ("/v1/jwks", "/v1/jwks"),
            ("/oauth/token", "/oauth/token"),
        ] {
            assert_eq!(path_on_the_wire(path), wire);
        }
    }

    #[test]
    fn no_operation_is_declared_twice() {
        let mut seen = BTreeSet::new();
        for operation in declared().chain(declared_ahead()) {
            assert!(
                seen.insert((operation.audience.as_str(), operation.method.as_str(), operation.path)),
                "{operation:?}"
            );
        }
    }
}
