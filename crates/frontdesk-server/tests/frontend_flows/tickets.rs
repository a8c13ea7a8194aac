//! Signing in with a ticket of the Backend API.

use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use frontdesk_types::Span;
use serde_json::{Value, json};

use crate::contract;
use crate::steps::text;

async fn ticket(app: &TestApp, user_id: &str, seconds: i64) -> (String, String) {
    let body = json!({ "user_id": user_id, "expires_in_seconds": seconds });
    let made = app.backend().post("/v1/sign_in_tokens", body).await.ok();
    (text(&made, "/id").to_owned(), text(&made, "/token").to_owned())
}

async fn redeem(browser: &mut Browser, ticket: &str) -> Reply {
    browser.post("/v1/client/sign_ins", &[("strategy", "ticket"), ("ticket", ticket)]).await
}

#[frontdesk_testkit::matrix::test]
async fn a_ticket_signs_in_once(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let (_, ticket) = ticket(&app, ada.as_str(), 300).await;
    let mut browser = app.browser();
    let reply = redeem(&mut browser, &ticket).await;
    contract::assert_described("Client.SignIn", &reply);
    let done = reply.ok();
    assert_eq!(
        (&done["response"]["status"], &done["response"]["identifier"]),
        (&json!("complete"), &Value::Null)
    );
    assert_eq!(done["client"]["sessions"][0]["user"]["id"], ada.as_str());
    assert_eq!(done["client"]["last_authentication_strategy"], "ticket");
    redeem(&mut app.browser(), &ticket).await.refused(400, "sign_in_token_already_used_code");
}

#[frontdesk_testkit::matrix::test]
async fn a_ticket_can_be_attempted_in_a_sign_in(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let (_, ticket) = ticket(&app, ada.as_str(), 300).await;
    let mut browser = app.browser();
    let begun = browser.post("/v1/client/sign_ins", &[]).await.ok();
    let path = format!("/v1/client/sign_ins/{}/attempt_first_factor", text(&begun, "/response/id"));
    let done = browser.post(&path, &[("strategy", "ticket"), ("ticket", &ticket)]).await.ok();
    assert_eq!(done["response"]["id"], begun["response"]["id"]);
    assert_eq!(done["response"]["status"], "complete");
}

#[frontdesk_testkit::matrix::test]
async fn of_many_who_redeem_one_ticket_one_gets_in(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let (_, ticket) = ticket(&app, ada.as_str(), 300).await;
    let tries = (0..4).map(|_| {
        let (mut browser, ticket) = (app.browser(), ticket.clone());
        tokio::spawn(async move { redeem(&mut browser, &ticket).await })
    });
    let mut won = 0;
    for reply in tries.collect::<Vec<_>>() {
        let reply = reply.await.unwrap();
        if reply.status() == 200 {
            won += 1;
        } else {
            reply.refused(400, "sign_in_token_already_used_code");
        }
    }
    assert_eq!(won, 1);
}

#[frontdesk_testkit::matrix::test]
async fn tickets_that_open_nothing_say_why(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let mut browser = app.browser();
    redeem(&mut browser, "made up").await.refused(400, "ticket_invalid_code");

    let (_, late) = ticket(&app, ada.as_str(), 60).await;
    let (id, revoked) = ticket(&app, ada.as_str(), 600).await;
    app.backend().post(&format!("/v1/sign_in_tokens/{id}/revoke"), json!({})).await.ok();
    app.advance(Span::seconds(60));
    redeem(&mut browser, &late).await.refused(400, "ticket_expired_code");
    redeem(&mut browser, &revoked).await.refused(400, "sign_in_token_revoked_code");

    let (_, banned) = ticket(&app, ada.as_str(), 600).await;
    let reply =
        browser.post("/i/neighbour/v1/client/sign_ins", &[("strategy", "ticket"), ("ticket", &banned)]).await;
    reply.refused(400, "ticket_invalid_code");
    app.backend().post(&format!("/v1/users/{ada}/ban"), json!({})).await.ok();
    redeem(&mut browser, &banned).await.refused(403, "user_banned");
    app.backend().post(&format!("/v1/users/{ada}/unban"), json!({})).await.ok();
    redeem(&mut browser, &banned).await.ok();
    assert_eq!(browser.cookie_names(), ["__client"]);
}

#[frontdesk_testkit::matrix::test]
async fn a_ticket_waits_until_a_lock_is_over(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let (_, ticket) = ticket(&app, ada.as_str(), 600).await;
    app.backend().post(&format!("/v1/users/{ada}/lock"), json!({})).await.ok();
    let mut browser = app.browser();
    redeem(&mut browser, &ticket).await.refused(403, "user_locked");
    let begun = browser.post("/v1/client/sign_ins", &[]).await.ok();
    let path = format!("/v1/client/sign_ins/{}/attempt_first_factor", text(&begun, "/response/id"));
    let form = [("strategy", "ticket"), ("ticket", ticket.as_str())];
    browser.post(&path, &form).await.refused(403, "user_locked");
    assert_eq!(browser.get("/v1/client").await.ok()["response"]["sessions"], json!([]));
    app.backend().post(&format!("/v1/users/{ada}/unlock"), json!({})).await.ok();
    redeem(&mut browser, &ticket).await.ok();
}
