//! The allowlist and the blocklist.

use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::Span;
use serde_json::json;

use crate::contract::assert_described;

#[frontdesk_testkit::matrix::test]
async fn both_lists_take_show_and_lose_entries(app: TestApp) {
    for (list, object, prefix, operations) in [
        (
            "allowlist_identifiers",
            "allowlist_identifier",
            "alid_",
            ["CreateAllowlistIdentifier", "DeleteAllowlistIdentifier"],
        ),
        (
            "blocklist_identifiers",
            "blocklist_identifier",
            "blid_",
            ["CreateBlocklistIdentifier", "DeleteBlocklistIdentifier"],
        ),
    ] {
        let path = format!("/v1/{list}");
        let reply = app.backend().post(&path, json!({ "identifier": "Ada@Example.com" })).await;
        assert_described(operations[0], &reply);
        let ada = reply.ok();
        assert!(ada["id"].as_str().unwrap().starts_with(prefix));
        assert_eq!(
            [&ada["object"], &ada["identifier"], &ada["identifier_type"]],
            [object, "ada@example.com", "email_address"]
        );
        assert_eq!(ada["instance_id"], json!(app.instance.instance.id));
        app.advance(Span::seconds(1));
        let domain = app.backend().post(&path, json!({ "identifier": "*@Example.com" })).await.ok();
        assert_eq!(domain["identifier"], "*@example.com");

        app.backend().post(&path, json!({})).await.refused(422, "form_param_missing");
        app.backend()
            .post(&path, json!({ "identifier": "ADA@example.com" }))
            .await
            .refused(422, "duplicate_record");
        for text in ["", "ada", "*", "+15555550100"] {
            let reply = app.backend().post(&path, json!({ "identifier": text })).await;
            reply.refused(422, "form_param_format_invalid");
            assert_eq!(reply.error_param(), "identifier");
        }

        let listed = app.backend().get(&format!("{path}?paginated=true")).await.ok();
        assert_eq!(listed, json!({ "data": [domain, ada], "total_count": 2 }));
        let part = app.backend().get(&format!("{path}?paginated=true&limit=1&offset=1")).await.ok();
        assert_eq!(part, json!({ "data": [ada], "total_count": 2 }));
        app.backend().get(&format!("{path}?limit=501")).await.refused(422, "form_param_value_invalid");

        let one = format!("{path}/{}", ada["id"].as_str().unwrap());
        let theirs = app.backend_with(Some(&app.other.instance.secret_key));
        theirs.delete(&one).await.refused(404, "resource_not_found");
        assert_eq!(theirs.get(&format!("{path}?paginated=true")).await.ok()["total_count"], 0);
        let reply = app.backend().delete(&one).await;
        assert_described(operations[1], &reply);
        assert_eq!(reply.ok(), json!({ "object": object, "id": ada["id"], "deleted": true }));
        app.backend().delete(&one).await.refused(404, "resource_not_found");
    }
    // SDKs always say whether to send an invitation; there are none.
    let quiet = json!({ "identifier": "eve@example.com", "notify": false });
    let quiet = app.backend().post("/v1/allowlist_identifiers", quiet).await.ok();
    assert_eq!((&quiet["identifier"], &quiet["invitation_id"]), (&json!("eve@example.com"), &json!(null)));
    let path = format!("/v1/allowlist_identifiers/{}", quiet["id"].as_str().unwrap());
    app.backend().delete(&path).await.ok();
    let loud = json!({ "identifier": "eve@example.com", "notify": true });
    let reply = app.backend().post("/v1/allowlist_identifiers", loud).await;
    reply.refused(422, "form_param_not_available");
    assert_eq!(reply.error_param(), "notify");

    let allowed = app.backend().get("/v1/allowlist_identifiers").await;
    assert_described("ListAllowlistIdentifiers", &allowed);
    assert_eq!(allowed.ok().as_array().unwrap().len(), 1);
    let blocked = app.backend().get("/v1/blocklist_identifiers").await;
    assert_described("ListBlocklistIdentifiers", &blocked);
    assert_eq!(blocked.ok()["total_count"], 1);
    // An id of one list names nothing on the other.
    let id = allowed.ok()[0]["id"].as_str().unwrap().to_owned();
    app.backend().delete(&format!("/v1/blocklist_identifiers/{id}")).await.refused(404, "resource_not_found");
}
