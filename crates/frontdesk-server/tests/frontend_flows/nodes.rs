//! Several nodes on one database: what protects an account is counted there, so a second node gives nobody a second chance.

use frontdesk_server::Server;
use frontdesk_testkit::matrix::{Browser, TestApp};
use frontdesk_types::Span;
use serde_json::Value;

use crate::steps::{
    PASSWORD, attempt, begin_sign_up, identify, mailed_code, other_than, prepare, send_code, sign_in, text,
    try_code,
};

const ADA: &str = "ada@example.com";

/// The same browser, asking another node.
fn moved(app: &TestApp, browser: &Browser, node: &Server) -> Browser {
    let mut there = app.browser_at(node);
    for name in browser.cookie_names() {
        there.plant_cookie(name, browser.cookie(name).unwrap());
    }
    there
}

#[frontdesk_testkit::matrix::test]
async fn failures_are_counted_across_nodes(app: TestApp) {
    let node = app.second_node().await;
    app.user().email(ADA).password(PASSWORD).create().await;
    let tries = app.instance.instance.settings.limits.lockout_tries;
    for number in 1..=tries {
        let mut browser = if number % 2 == 0 { app.browser() } else { app.browser_at(&node) };
        let refused = sign_in(&mut browser, ADA, "a wrong one").await;
        if number < tries {
            refused.refused(422, "form_password_incorrect");
        } else {
            refused.refused(403, "user_locked");
        }
    }
    for mut browser in [app.browser(), app.browser_at(&node)] {
        sign_in(&mut browser, ADA, PASSWORD).await.refused(403, "user_locked");
    }
    app.advance(app.instance.instance.settings.limits.lockout_lifetime);
    for mut browser in [app.browser(), app.browser_at(&node)] {
        sign_in(&mut browser, ADA, PASSWORD).await.ok();
    }
}

#[frontdesk_testkit::matrix::test]
async fn tries_at_a_code_are_counted_across_nodes(app: TestApp) {
    let node = app.second_node().await;
    app.user().email(ADA).create().await;
    let mut here = app.browser();
    let (path, _) = identify(&mut here, ADA).await;
    send_code(&mut here, &path, "email_code").await.ok();
    let code = mailed_code(&app, ADA);
    let mut there = moved(&app, &here, &node);
    for number in 0..app.instance.instance.settings.limits.code_tries {
        let browser = if number % 2 == 0 { &mut there } else { &mut here };
        let wrong = try_code(browser, &path, "email_code", other_than(&code)).await;
        wrong.refused(422, "form_code_incorrect");
    }
    for browser in [&mut here, &mut there] {
        try_code(browser, &path, "email_code", &code).await.refused(400, "verification_failed");
    }

    // So it is for a sign-up; and the wait for the next code is the same on both.
    let mut here = app.browser();
    let path = begin_sign_up(&mut here, "eve@example.com").await;
    let mut there = moved(&app, &here, &node);
    prepare(&mut there, &path).await.ok();
    prepare(&mut here, &path).await.refused(429, "verification_code_too_many_requests");
    let code = mailed_code(&app, "eve@example.com");
    for number in 0..app.instance.instance.settings.limits.code_tries {
        let browser = if number % 2 == 0 { &mut there } else { &mut here };
        attempt(browser, &path, other_than(&code)).await.refused(422, "form_code_incorrect");
    }
    for browser in [&mut here, &mut there] {
        attempt(browser, &path, &code).await.refused(400, "verification_failed");
    }
}

#[frontdesk_testkit::matrix::test]
async fn a_code_works_once_on_whichever_node(app: TestApp) {
    let node = app.second_node().await;
    app.user().email(ADA).create().await;
    let mut here = app.browser();
    let (path, _) = identify(&mut here, ADA).await;
    send_code(&mut here, &path, "email_code").await.ok();
    let code = mailed_code(&app, ADA);
    let tries = [moved(&app, &here, &node), here].map(|mut browser| {
        let (path, code) = (path.clone(), code.clone());
        tokio::spawn(async move { try_code(&mut browser, &path, "email_code", &code).await })
    });
    let mut won = 0;
    for reply in tries {
        won += usize::from(reply.await.unwrap().status() == 200);
    }
    assert_eq!(won, 1);
    app.advance(Span::seconds(1));
    let sessions = app.backend().get("/v1/sessions?limit=100").await.ok();
    let of_ada = sessions.as_array().unwrap().iter().filter(|it| text(it, "/status") == "active");
    assert_eq!(of_ada.collect::<Vec<&Value>>().len(), 1);
}
