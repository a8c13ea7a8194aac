//! What the contract has and this server lacks, as a list that only gets shorter: `conformance/missing.txt`.
//!
//! Written anew by `FRONTDESK_WRITE_MISSING=1 cargo test -p frontdesk-server --test missing`.

use std::collections::BTreeSet;
use std::path::Path;

use frontdesk_api::contract::{Published, declared, published};
use frontdesk_api::{Audience, Declaration};
use frontdesk_testkit::matrix::TestApp;
use serde_json::json;

const HEADER: &str = "\
# Operations of the published contract that this server answers with 501 operation_not_available.
# It only gets shorter. Written by: FRONTDESK_WRITE_MISSING=1 cargo test -p frontdesk-server --test missing
";

fn is_same(published: &Published, declared: &Declaration) -> bool {
    (published.audience, published.method, published.path)
        == (declared.audience, declared.method.as_str(), declared.path)
}

fn missing() -> impl Iterator<Item = Published> {
    published().filter(|published| !declared().any(|declared| is_same(published, declared)))
}

fn line(published: &Published) -> String {
    let Published { audience, method, path, id, .. } = published;
    format!("{} {method} {path} {id}", audience.as_str())
}

#[test]
fn the_list_of_what_is_missing_is_up_to_date_and_only_shrinks() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/missing.txt");
    let fresh: String = missing().map(|it| line(&it) + "\n").collect();
    let fresh = format!("{HEADER}{fresh}");
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    if written == fresh {
        return;
    }
    let known: BTreeSet<_> = written.lines().collect();
    let grown: Vec<_> =
        fresh.lines().filter(|line| !line.starts_with('#') && !known.contains(line)).collect();
    assert!(written.is_empty() || grown.is_empty(), "operations that were there are gone: {grown:#?}");
    assert!(
        std::env::var_os("FRONTDESK_WRITE_MISSING").is_some(),
        "{} is stale, see above it",
        file.display()
    );
    std::fs::write(&file, fresh).unwrap();
}

/// What a declared operation answers is for its own tests; here it only must not say that it is missing.
#[frontdesk_testkit::matrix::test]
async fn what_is_declared_is_served_and_what_is_missing_says_so(app: TestApp) {
    let concrete = |path: &str| {
        let mut concrete = String::new();
        for segment in path.split('/').skip(1) {
            concrete.push('/');
            concrete.push_str(if segment.contains('{') { "x" } else { segment });
        }
        concrete
    };
    let backend = |audience: Audience| match audience {
        Audience::Backend => app.backend(),
        Audience::Frontend => app.backend_with(None),
    };
    for operation in declared() {
        let path = concrete(operation.path);
        let reply = backend(operation.audience).send(operation.method.clone(), &path, Some(json!({}))).await;
        assert_ne!(reply.status(), 501, "{operation:?} is declared, and nobody answers it");
        assert_ne!(reply.status(), 405, "{operation:?}");
    }
    for operation in missing().filter(|it| it.audience == Audience::Backend) {
        let method = operation.method.parse().expect("the contract uses ordinary methods");
        let reply = app.backend().send(method, &concrete(operation.path), Some(json!({}))).await;
        reply.refused(501, "operation_not_available");
    }
}
