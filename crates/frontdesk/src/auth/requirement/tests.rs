//! The rules of `has`, one table.

use serde_json::{Value, json};

use super::*;
use crate::test_support::{Request, TokenDraft, World, token};

async fn session(draft: &TokenDraft) -> Session {
    let auth = World::production().auth(Request::fetch("/").bearer(&draft.sign())).await;
    auth.session().expect("signed in").clone()
}

async fn assert_has(draft: &TokenDraft, table: &[(Value, bool)]) {
    let session = session(draft).await;
    for (parameters, expected) in table {
        assert_eq!(session.has(&Requirement::from_json(parameters)), *expected, "{parameters}");
    }
}

fn with_organization() -> TokenDraft {
    token().claim("v", 2).claim("fea", "o:invoices,u:themes, ou:search").claim("pla", "u:pro,o:team").claim(
        "o",
        json!({ "id": "org_1", "slg": "acme", "rol": "admin", "per": "read,create", "fpm": "3,1" }),
    )
}

#[tokio::test]
async fn roles_and_permissions_need_an_organization() {
    assert_has(
        &with_organization(),
        &[
            (json!({}), false),
            (json!({ "role": "org:admin" }), true),
            (json!({ "role": "admin" }), true),
            (json!({ "role": "org:org:admin" }), true),
            (json!({ "role": "member" }), false),
            (json!({ "role": "" }), false),
            (json!({ "role": null }), false),
            (json!({ "permission": "org:invoices:create" }), true),
            (json!({ "permission": "invoices:create" }), true),
            (json!({ "permission": "org:search:create" }), false),
            (json!({ "permission": "org:search:read" }), true),
            (json!({ "permission": 1 }), false),
            (json!({ "role": "admin", "permission": "org:invoices:read" }), true),
            (json!({ "role": "member", "permission": "org:invoices:read" }), false),
            (json!({ "role": "admin", "permission": "org:invoices:delete" }), false),
        ],
    )
    .await;
    assert_has(
        &token(),
        &[(json!({ "role": "admin" }), false), (json!({ "permission": "org:invoices:create" }), false)],
    )
    .await;
}

#[tokio::test]
async fn features_and_plans_have_scopes() {
    assert_has(
        &with_organization(),
        &[
            (json!({ "feature": "invoices" }), true),
            (json!({ "feature": "o:invoices" }), true),
            (json!({ "feature": "organization:invoices" }), true),
            (json!({ "feature": "user:invoices" }), false),
            (json!({ "feature": "u:themes" }), true),
            (json!({ "feature": "org:themes" }), false),
            (json!({ "feature": "u:search" }), true),
            (json!({ "feature": "o:search" }), true),
            (json!({ "feature": "team:search" }), false),
            (json!({ "feature": "" }), false),
            (json!({ "plan": "pro" }), true),
            (json!({ "plan": "user:pro" }), true),
            (json!({ "plan": "org:pro" }), false),
            (json!({ "plan": "team", "feature": "invoices" }), true),
            (json!({ "plan": "team", "feature": "nothing" }), false),
            (json!({ "plan": ["team"] }), false),
        ],
    )
    .await;
    assert_has(&token(), &[(json!({ "feature": "search" }), false)]).await;
    assert_has(
        &token().claim("fea", "o:search,broken"),
        &[(json!({ "feature": "search" }), false), (json!({ "feature": "broken" }), false)],
    )
    .await;
}

#[tokio::test]
async fn freshness_is_strictly_younger_and_falls_back_to_the_first_factor() {
    const FIRST: &str = "first_factor";
    const SECOND: &str = "second_factor";
    const BOTH: &str = "multi_factor";
    for (ages, level, expected) in [
        (json!([9, -1]), FIRST, true),
        (json!([10, -1]), FIRST, false),
        (json!([-1, 5]), FIRST, false),
        (json!([0, 20]), FIRST, true),
        (json!([5, -1]), SECOND, true),
        (json!([15, -1]), SECOND, false),
        (json!([15, 5]), SECOND, true),
        (json!([-1, 5]), SECOND, true),
        (json!([5, 15]), SECOND, false),
        (json!([5, -1]), BOTH, true),
        (json!([-1, 5]), BOTH, false),
        (json!([5, 5]), BOTH, true),
        (json!([5, 15]), BOTH, false),
        (json!([15, 5]), BOTH, false),
        (json!([-1, -1]), BOTH, false),
        (json!([-1, -1]), SECOND, false),
        (json!([-2, 5]), FIRST, false),
        (json!([5]), FIRST, false),
        (json!([5, 5, 5]), FIRST, false),
        (json!(["5", 5]), FIRST, false),
        (json!("5,5"), FIRST, false),
        (json!(null), FIRST, false),
    ] {
        let wanted = json!({ "reverification": { "level": level, "afterMinutes": 10 } });
        assert_has(&token().claim("fva", ages.clone()), &[(wanted, expected)]).await;
    }
}

#[tokio::test]
async fn presets_are_what_they_are_called_and_garbage_fails() {
    assert_has(
        &token().claim("fva", json!([11, 30])),
        &[
            (json!({ "reverification": "strict_mfa" }), false),
            (json!({ "reverification": "strict" }), false),
            (json!({ "reverification": "moderate" }), true),
            (json!({ "reverification": "lax" }), true),
            (json!({ "reverification": "loose" }), false),
            (json!({ "reverification": null }), false),
            (json!({ "reverification": { "level": "first_factor", "afterMinutes": 12 } }), true),
            (json!({ "reverification": { "level": "first_factor", "afterMinutes": 0 } }), false),
            (json!({ "reverification": { "level": "first_factor", "afterMinutes": "12" } }), false),
            (json!({ "reverification": { "level": "third_factor", "afterMinutes": 12 } }), false),
            (json!({ "reverification": { "afterMinutes": 12 } }), false),
            (json!({ "reverification": "lax", "role": "admin" }), false),
        ],
    )
    .await;
    assert_has(&token(), &[(json!({ "reverification": "lax" }), false)]).await;
}

#[test]
fn a_reverification_is_written_as_it_is_read() {
    for text in [json!("strict_mfa"), json!("lax"), json!({ "level": "multi_factor", "afterMinutes": 5 })] {
        let read = Reverification::from_json(&text).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), text);
    }
}
