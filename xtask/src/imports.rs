//! Which crate may depend on which.
//!
//! Imports flow one way: the domain never sees HTTP or SQL, and what an application adds (the SDK and its client)
//! never sees the server. Tests may reach further, so only normal dependencies are looked at.

use crate::metadata::{Follow, Metadata, Package};

/// What each crate of the workspace may take from the others, by what follows `frontdesk-`; the SDK is `frontdesk`.
const MAY_USE: [(&str, &[&str]); 12] = [
    ("frontdesk-types", &[]),
    ("frontdesk-api", &["types"]),
    ("frontdesk-jwt", &["types"]),
    ("frontdesk-core", &["types", "api", "jwt"]),
    ("frontdesk-store", &["types", "core"]),
    ("frontdesk-notify", &["types"]),
    // The client is here for its `Transport`, which the server implements in its own process.
    ("frontdesk-server", &["types", "api", "jwt", "core", "store", "notify", "client"]),
    // The SDK, for `frontdesk authenticate`.
    ("frontdesk-cli", &["frontdesk", "types", "api", "jwt", "core", "store", "notify", "client", "server"]),
    ("frontdesk-client", &["types", "api"]),
    ("frontdesk", &["types", "api", "jwt", "client"]),
    ("frontdesk-testkit-macros", &[]),
    (
        "frontdesk-testkit",
        // The SDK, so that an application under test is handed one that asks the server of the test.
        &[
            "frontdesk",
            "types",
            "api",
            "jwt",
            "core",
            "store",
            "notify",
            "client",
            "server",
            "testkit-macros",
        ],
    ),
];

/// Crates that only some of ours may name. `?` after a name: as an optional dependency only.
const CONFINED: [(&str, &[&str]); 11] = [
    ("rusqlite", &["frontdesk-store"]),
    ("tokio-postgres", &["frontdesk-store"]),
    ("deadpool-postgres", &["frontdesk-store"]),
    ("axum", &["frontdesk-server", "frontdesk-testkit", "frontdesk?"]),
    ("actix-web", &["frontdesk?"]),
    ("poem", &["frontdesk?"]),
    ("rocket", &["frontdesk?"]),
    ("salvo", &["frontdesk?"]),
    ("salvo_core", &["frontdesk?"]),
    ("tonic", &["frontdesk?"]),
    ("warp", &["frontdesk?"]),
];

/// What some of ours must not reach, however indirectly and under whatever feature.
const OUT_OF_REACH: [(&[&str], &[&str]); 2] = [
    (
        &["frontdesk", "frontdesk-client"],
        &[
            "frontdesk-core",
            "frontdesk-store",
            "frontdesk-notify",
            "frontdesk-server",
            "frontdesk-cli",
            "rusqlite",
            "tokio-postgres",
        ],
    ),
    (
        &["frontdesk-types", "frontdesk-api", "frontdesk-jwt", "frontdesk-core"],
        &["tokio", "hyper", "axum", "reqwest", "rusqlite", "tokio-postgres"],
    ),
];

/// Crates that no published crate may bring along: they need more than a C compiler, set a process-wide crypto
/// provider, or are a second copy of what aws-lc does for us.
const BANNED: [&str; 8] =
    ["bindgen", "jsonwebtoken", "libxml", "native-tls", "openssl", "openssl-sys", "ring", "schannel"];

/// Every broken rule, as a sentence.
pub(crate) fn broken(metadata: &Metadata) -> Vec<String> {
    let mut broken = Vec::new();
    for package in metadata.published() {
        broken.extend(inner_imports(package));
        broken.extend(confined_imports(package));
        for (reached, path) in metadata.reachable(package, Follow::Normal) {
            if BANNED.contains(&reached.name.as_str()) {
                broken.push(format!("{} is banned, yet {path}", reached.name));
            }
            let forbidden = OUT_OF_REACH.iter().any(|(ours, theirs)| {
                ours.contains(&package.name.as_str()) && theirs.contains(&reached.name.as_str())
            });
            if forbidden {
                broken.push(format!("{} must not reach {}, yet {path}", package.name, reached.name));
            }
        }
    }
    broken
}

fn inner_imports(package: &Package) -> Vec<String> {
    let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == package.name) else {
        return vec![format!("{} has no line in MAY_USE (xtask/src/imports.rs)", package.name)];
    };
    package
        .normal_dependencies()
        .filter(|declared| MAY_USE.iter().any(|(name, _)| *name == declared.name))
        .filter(|declared| {
            let name = declared.name.strip_prefix("frontdesk-").unwrap_or(&declared.name);
            !allowed.contains(&name)
        })
        .map(|declared| format!("{} must not use {}", package.name, declared.name))
        .collect()
}

fn confined_imports(package: &Package) -> Vec<String> {
    let mut broken = Vec::new();
    for declared in package.normal_dependencies() {
        let Some((_, users)) = CONFINED.iter().find(|(name, _)| *name == declared.name) else { continue };
        let as_optional = format!("{}?", package.name);
        let allowed =
            users.iter().any(|user| *user == package.name || (declared.optional && *user == as_optional));
        if !allowed {
            broken.push(format!(
                "{} must not use {}: that is for {}",
                package.name,
                declared.name,
                users.join(", ")
            ));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two of our crates and two of others: the client reaches the store through the domain.
    fn sample() -> Metadata {
        let package = |name: &str, dependencies: serde_json::Value| {
            serde_json::json!({ "id": name, "name": name, "version": "1.0.0", "license": "MIT", "publish": null,
                "dependencies": dependencies, "targets": [] })
        };
        let declared = |name: &str, kind: Option<&str>| serde_json::json!({ "name": name, "kind": kind, "optional": false });
        let edge = |name: &str, kind: Option<&str>| serde_json::json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        serde_json::from_value(serde_json::json!({
            "packages": [
                package("frontdesk-client", serde_json::json!([
                    declared("frontdesk-core", None), declared("axum", None), declared("frontdesk-server", Some("dev")),
                ])),
                package("frontdesk-core", serde_json::json!([])),
                package("axum", serde_json::json!([])),
                package("ring", serde_json::json!([])),
                package("schannel", serde_json::json!([])),
            ],
            "workspace_members": ["frontdesk-client", "frontdesk-core"],
            "resolve": { "nodes": [
                { "id": "frontdesk-client", "deps": [edge("frontdesk-core", None), edge("axum", None)] },
                { "id": "frontdesk-core", "deps": [edge("ring", Some("dev"))] },
                { "id": "axum", "deps": [edge("ring", None), edge("schannel", None)] },
                { "id": "ring", "deps": [] },
            ]},
            // What is not built here counts for nothing, whatever leads there.
            "built": ["frontdesk-client v1.0.0", "frontdesk-core v1.0.0", "axum v1.0.0", "ring v1.0.0"],
        }))
        .unwrap()
    }

    #[test]
    fn each_kind_of_rule_is_told() {
        assert_eq!(
            broken(&sample()),
            [
                "frontdesk-client must not use frontdesk-core",
                "frontdesk-client must not use axum: that is for frontdesk-server, frontdesk-testkit, frontdesk?",
                "frontdesk-client must not reach frontdesk-core, yet frontdesk-client → frontdesk-core",
                "ring is banned, yet frontdesk-client → axum → ring",
            ]
        );
    }
}
