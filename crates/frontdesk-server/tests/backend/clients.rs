//! Clients, as application servers see them.

use frontdesk_testkit::matrix::{Browser, TestApp};
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract::assert_described;
use crate::sessions::session;

async fn signed_in(app: &TestApp) -> Browser {
    app.user().email("ada@example.com").password("correct horse battery").create().await;
    let mut browser = app.browser();
    let form = [("identifier", "ada@example.com"), ("password", "correct horse battery")];
    browser.post("/v1/client/sign_ins", &form).await.ok();
    browser
}

#[frontdesk_testkit::matrix::test]
async fn a_browser_is_listed_read_and_recognised_by_its_token(app: TestApp) {
    let mut browser = signed_in(&app).await;
    let own = browser.get("/v1/client").await.ok()["response"].clone();
    let token = browser.cookie("__client").unwrap().to_owned();
    let reply = app.backend().post("/v1/clients/verify", json!({ "token": token })).await;
    assert_described("VerifyClient", &reply);
    let client = reply.ok();
    assert_eq!((&client["id"], &client["object"]), (&own["id"], &json!("client")));
    assert_eq!(client["session_ids"], json!([own["sessions"][0]["id"]]));
    assert_eq!(client["sessions"][0]["id"], own["sessions"][0]["id"]);
    assert_eq!(client["last_active_session_id"], own["last_active_session_id"]);

    let path = format!("/v1/clients/{}", client["id"].as_str().unwrap());
    let reply = app.backend().get(&path).await;
    assert_described("GetClient", &reply);
    assert_eq!(reply.ok(), client);
    let reply = app.backend().get("/v1/clients").await;
    assert_described("GetClientList", &reply);
    assert_eq!(reply.ok(), json!([client]));

    // A session that is over is no longer on it.
    let revoke = format!("/v1/sessions/{}/revoke", client["session_ids"][0].as_str().unwrap());
    app.backend().post(&revoke, json!({})).await.ok();
    let after = app.backend().get(&path).await.ok();
    assert_eq!((&after["sessions"], &after["session_ids"]), (&json!([]), &json!([])));
}

#[frontdesk_testkit::matrix::test]
async fn lists_are_in_pages_newest_first_with_each_clients_own_sessions(app: TestApp) {
    let ada = app.user().create().await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        expected.insert(0, session(&app, &ada).await);
        app.advance(Span::seconds(1));
    }
    let all = app.backend().get("/v1/clients?paginated=true").await.ok();
    assert_eq!(all["total_count"], 3);
    let held: Vec<_> =
        all["data"].as_array().unwrap().iter().map(|client| client["session_ids"].clone()).collect();
    assert_eq!(held, expected.iter().map(|id| json!([id])).collect::<Vec<_>>());
    let part = app.backend().get("/v1/clients?limit=1&offset=1").await.ok();
    assert_eq!(part, json!([all["data"][1]]));
    app.backend().get("/v1/clients?limit=0").await.refused(422, "form_param_value_invalid");
}

#[frontdesk_testkit::matrix::test]
async fn what_names_no_client_of_the_instance_is_not_found(app: TestApp) {
    let browser = signed_in(&app).await;
    let token = browser.cookie("__client").unwrap().to_owned();
    let verify = async |body: Value| app.backend().post("/v1/clients/verify", body).await;
    verify(json!({})).await.refused(422, "form_param_missing");
    for token in ["", "a.b.c", "not a token", &format!("{token}x")] {
        verify(json!({ "token": token })).await.refused(404, "resource_not_found");
    }
    let theirs = app.backend_with(Some(&app.other.instance.secret_key));
    theirs.post("/v1/clients/verify", json!({ "token": token })).await.refused(404, "resource_not_found");
    let id = verify(json!({ "token": token })).await.ok()["id"].as_str().unwrap().to_owned();
    theirs.get(&format!("/v1/clients/{id}")).await.refused(404, "resource_not_found");
    app.backend().get("/v1/clients/client_nobody").await.refused(404, "resource_not_found");
    // A session token is no client token, whatever it says.
    let session = app.backend().get("/v1/sessions").await.ok()[0]["id"].as_str().unwrap().to_owned();
    let minted = app.backend().post(&format!("/v1/sessions/{session}/tokens"), json!({})).await.ok();
    verify(json!({ "token": minted["jwt"] })).await.refused(404, "resource_not_found");
}
