//! What cargo knows of the workspace and its dependencies.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::cargo::cargo;

/// The answer of `cargo metadata`, with every feature turned on.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
    /// Name and version of what is built on this machine. `cargo metadata` alone would add what other machines build,
    /// and dependencies that a weak feature (`quinn?/…`) names without turning them on.
    #[serde(default)]
    built: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    publish: Option<Vec<String>>,
    /// As declared, optional ones included.
    pub(crate) dependencies: Vec<Declared>,
    pub(crate) targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Declared {
    pub(crate) name: String,
    kind: Option<String>,
    pub(crate) optional: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Debug, Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

/// Which dependencies to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    /// What ends up in the program.
    Normal,
    /// That, and what its build scripts and macros are made with.
    NormalAndBuild,
}

impl Metadata {
    /// Asks cargo.
    pub(crate) fn load() -> Result<Self> {
        let output = cargo(&["metadata", "--format-version", "1", "--all-features"])
            .stderr(std::process::Stdio::inherit())
            .output()
            .context("starting cargo metadata")?;
        if !output.status.success() {
            bail!("cargo metadata ended with {}", output.status);
        }
        let metadata: Self =
            serde_json::from_slice(&output.stdout).context("reading the answer of cargo metadata")?;
        Ok(Self { built: built()?, ..metadata })
    }

    /// The crates of this repository.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// Those of them that others may depend on.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        self.members().filter(|package| package.publish.is_none())
    }

    /// Everything reachable from a package, itself included, each with the path that leads there, as names.
    pub(crate) fn reachable<'a>(&'a self, from: &'a Package, follow: Follow) -> Vec<(&'a Package, String)> {
        let packages: BTreeMap<&str, &Package> =
            self.packages.iter().map(|package| (package.id.as_str(), package)).collect();
        let nodes: BTreeMap<&str, &Node> =
            self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut paths = BTreeMap::from([(from.id.as_str(), from.name.clone())]);
        let mut waiting = VecDeque::from([from.id.as_str()]);
        let mut found = Vec::new();
        while let Some(id) = waiting.pop_front() {
            let path = paths[id].clone();
            for edge in nodes[id].deps.iter().filter(|edge| edge.counts(follow)) {
                let package = packages[edge.pkg.as_str()];
                let is_built = self.built.contains(&format!("{} v{}", package.name, package.version));
                if is_built && !paths.contains_key(edge.pkg.as_str()) {
                    let name = &package.name;
                    paths.insert(&edge.pkg, format!("{path} → {name}"));
                    waiting.push_back(&edge.pkg);
                }
            }
            found.push((packages[id], path));
        }
        found
    }
}

/// Asks cargo what it builds here, with every feature turned on: name and version of each package.
fn built() -> Result<BTreeSet<String>> {
    let output = cargo(&["tree", "--workspace", "--all-features", "--edges=normal,build", "--prefix=none"])
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("starting cargo tree")?;
    if !output.status.success() {
        bail!("cargo tree ended with {}", output.status);
    }
    let text = String::from_utf8(output.stdout).context("reading the answer of cargo tree")?;
    // Each line is `name v1.2.3`, and then where it comes from or that it stood there before.
    Ok(text.lines().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect())
}

impl Package {
    /// What this package itself declares for normal use, optional dependencies included.
    pub(crate) fn normal_dependencies(&self) -> impl Iterator<Item = &Declared> {
        self.dependencies.iter().filter(|declared| declared.kind.is_none())
    }
}

impl Edge {
    fn counts(&self, follow: Follow) -> bool {
        self.dep_kinds.iter().any(|dep| match dep.kind.as_deref() {
            None => true,
            Some("build") => follow == Follow::NormalAndBuild,
            Some(_) => false,
        })
    }
}
