//! What is over is cleared away when its time has come, and nothing else; by one node at a time.

use frontdesk_server::{JobsDone, Server, lifetimes};
use frontdesk_store::{CommitError, Leftover, Work};
use frontdesk_testkit::matrix::TestApp;
use frontdesk_types::{Span, Timestamp};
use serde_json::json;

/// How many records of a kind there are, over or not.
async fn count(app: &TestApp, what: Leftover) -> u64 {
    let end = Timestamp::from_millis(i64::MAX);
    app.server.store().count_leftovers(what, end, 1_000).await.unwrap()
}

async fn cleared(server: &Server) -> u64 {
    let JobsDone { cleared, .. } = server.run_jobs_once().await.unwrap();
    cleared
}

#[frontdesk_testkit::matrix::test]
async fn attempts_go_a_day_after_they_were_abandoned(app: TestApp) {
    app.user().email("ada@example.com").create().await;
    for _ in 0..2 {
        app.browser().post("/v1/client/sign_ups", &[("email_address", "grace@example.com")]).await.ok();
        app.browser().post("/v1/client/sign_ins", &[("identifier", "ada@example.com")]).await.ok();
    }
    app.advance(Span::millis(Span::days(2).as_millis() - 1));
    cleared(&app.server).await;
    assert_eq!((count(&app, Leftover::SignUps).await, count(&app, Leftover::SignIns).await), (2, 2));
    app.advance(Span::millis(1));
    cleared(&app.server).await;
    assert_eq!((count(&app, Leftover::SignUps).await, count(&app, Leftover::SignIns).await), (0, 0));
}

#[frontdesk_testkit::matrix::test]
async fn tokens_go_when_nobody_can_use_them(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let token = json!({ "user_id": ada, "expires_in_seconds": 60 });
    app.backend().post("/v1/sign_in_tokens", token).await.ok();
    app.backend().post("/v1/testing_tokens", json!({})).await.ok();
    assert_eq!(
        (count(&app, Leftover::SignInTokens).await, count(&app, Leftover::TestingTokens).await),
        (1, 1)
    );
    app.advance(Span::minutes(1));
    cleared(&app.server).await;
    assert_eq!(count(&app, Leftover::SignInTokens).await, 1, "late comers are told that it has expired");
    app.advance(lifetimes::SIGN_IN_TOKEN);
    cleared(&app.server).await;
    assert_eq!(
        (count(&app, Leftover::SignInTokens).await, count(&app, Leftover::TestingTokens).await),
        (0, 0)
    );
}

#[frontdesk_testkit::matrix::test]
async fn sessions_are_kept_for_a_while_after_they_are_over(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let backend = app.backend();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = backend.post("/v1/sessions", json!({ "user_id": ada })).await.ok();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    backend.post(&format!("/v1/sessions/{}/revoke", ids[0]), json!({})).await.ok();
    let is_there = async |id: &str| backend.get(&format!("/v1/sessions/{id}")).await.status() == 200;
    app.advance(Span::millis(lifetimes::SESSION.as_millis() - 1));
    cleared(&app.server).await;
    assert!(is_there(&ids[0]).await && is_there(&ids[1]).await);
    app.advance(Span::millis(1));
    cleared(&app.server).await;
    assert!(!is_there(&ids[0]).await, "it was revoked thirty days ago");
    assert!(is_there(&ids[1]).await, "it ran out a week later");
    app.advance(Span::days(7));
    cleared(&app.server).await;
    assert!(!is_there(&ids[1]).await);
}

#[frontdesk_testkit::matrix::test]
async fn mails_and_idle_browsers_are_forgotten(app: TestApp) {
    let mut browser = app.browser();
    browser.post("/v1/dev_browser", &[]).await;
    let begun = browser.post("/v1/client/sign_ups", &[("email_address", "ada@example.com")]).await.ok();
    let path =
        format!("/v1/client/sign_ups/{}/prepare_verification", begun["response"]["id"].as_str().unwrap());
    browser.post(&path, &[("strategy", "email_code")]).await.ok();
    app.browser().post("/v1/dev_browser", &[]).await;
    let idle = count(&app, Leftover::IdleDevBrowsers).await;
    assert!(idle >= 1);
    assert_eq!(count(&app, Leftover::Mails).await, 1);
    app.advance(lifetimes::IDLE_DEV_BROWSER);
    cleared(&app.server).await;
    assert_eq!((count(&app, Leftover::IdleDevBrowsers).await, count(&app, Leftover::Mails).await), (0, 1));
    app.advance(lifetimes::FINISHED_MAIL);
    cleared(&app.server).await;
    assert_eq!(count(&app, Leftover::Mails).await, 0);
}

#[frontdesk_testkit::matrix::test]
async fn no_commit_takes_away_more_than_its_share(app: TestApp) {
    for _ in 0..7 {
        app.backend().post("/v1/testing_tokens", json!({})).await.ok();
    }
    app.advance(Span::days(1));
    let store = app.server.store();
    assert_eq!(store.count_leftovers(Leftover::TestingTokens, app.now(), 5).await.unwrap(), 5);
    let mut work = Work::of_the_server();
    work.delete_leftovers(Leftover::TestingTokens, app.now(), 5);
    store.commit(work).await.unwrap();
    assert_eq!(count(&app, Leftover::TestingTokens).await, 2);
    assert_eq!(cleared(&app.server).await, 2);
}

#[frontdesk_testkit::matrix::test]
async fn one_node_at_a_time_clears_away(app: TestApp) {
    app.backend().post("/v1/testing_tokens", json!({})).await.ok();
    app.advance(Span::days(1));
    // Another node is at it, or died at it.
    let mut work = Work::of_the_server();
    work.take_lease("clean_up", "another node", app.now() + lifetimes::CLEAN_UP_LEASE, app.now());
    app.server.store().commit(work).await.unwrap();
    assert_eq!(cleared(&app.server).await, 0);
    app.advance(lifetimes::CLEAN_UP_LEASE);
    assert_eq!(cleared(&app.server).await, 1, "a lease runs out");

    // It gives the lease back: the next node need not wait.
    app.backend().post("/v1/testing_tokens", json!({})).await.ok();
    app.advance(Span::days(1));
    let other = app.second_node().await;
    assert_eq!(cleared(&other).await, 1);
}

#[frontdesk_testkit::matrix::test]
async fn a_lease_has_one_holder(app: TestApp) {
    let (store, now) = (app.server.store(), app.now());
    let take = async |holder: &str, now: Timestamp| {
        let mut work = Work::of_the_server();
        work.take_lease("a chore", holder, now + Span::minutes(1), now);
        match store.commit(work).await {
            Ok(()) => true,
            Err(CommitError::Stale) => false,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(take("one", now).await && take("one", now).await, "whoever has it keeps it");
    assert!(!take("two", now).await);
    let mut work = Work::of_the_server();
    work.release_lease("a chore", "two");
    store.commit(work).await.unwrap();
    assert!(!take("two", now).await, "nobody gives away what is another's");
    assert!(take("two", now + Span::minutes(1)).await);
    assert!(!take("one", now + Span::minutes(1)).await);
}
