//! Requests in any order, over the real router: whatever somebody tries, a session begins only when everything that is
//! demanded was proven in that attempt.

use frontdesk_core::user::User;
use frontdesk_testkit::matrix::{Browser, TestApp};
use frontdesk_types::{Randomness, Span};
use serde_json::{Value, json};

use crate::steps::{PASSWORD, change_user, text, with_settings};

const ADDRESS: &str = "ada+clerk_test@example.com";
const BACKUP_CODES: usize = 8;

/// What was proven so far in one sign-in.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is proven by itself")]
struct Proven {
    first: bool,
    by_reset: bool,
    new_password: bool,
    second: bool,
}

fn pick<'t, T>(rng: &mut dyn Randomness, items: &'t [T]) -> &'t T {
    &items[rng.below(u32::try_from(items.len()).unwrap()) as usize]
}

async fn wander(app: &TestApp, has_second: bool, compromised: bool, seed: u64) -> u32 {
    let codes: Vec<String> = (0..BACKUP_CODES).map(|number| format!("backup-{number}")).collect();
    let mut user = app.user().email(ADDRESS).password(PASSWORD);
    if has_second {
        let secret = json!("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        user = user.with("totp_secret", secret).with("backup_codes", json!(codes));
    }
    let id = user.create().await.to_string();
    change_user(app, &id, |user| user.password_compromised = compromised).await;
    let mut password_is_known = compromised;
    let mut used: Vec<String> = Vec::new();
    let mut chance = frontdesk_server::Chance::seeded(seed);
    let rng: &mut dyn Randomness = &mut chance;
    let (mut browser, mut path, mut proven) = (app.browser(), String::new(), Proven::default());
    let mut password = PASSWORD.to_owned();
    let mut sessions = 0;
    for step in 0..60 {
        let new_password = format!("new password number {step}");
        let second = pick(rng, &codes).clone();
        let strategy = *pick(rng, &["email_code", "reset_password_email_code"]);
        let code = *pick(rng, &["424242", "424242", "000000"]);
        let given = if rng.below(3) == 0 { "a wrong password" } else { &password };
        let action = rng.below(8);
        let reply = match action {
            0 => browser.post("/v1/client/sign_ins", &[("identifier", ADDRESS)]).await,
            1 => send(&mut browser, &path, "prepare_first_factor", &[("strategy", strategy)]).await,
            2 | 3 => {
                let form = [("strategy", strategy), ("code", code)];
                send(&mut browser, &path, "attempt_first_factor", &form).await
            }
            4 => {
                let form = [("strategy", "password"), ("password", given)];
                send(&mut browser, &path, "attempt_first_factor", &form).await
            }
            5 => send(&mut browser, &path, "reset_password", &[("password", &new_password)]).await,
            6 => {
                let form = [("strategy", "backup_code"), ("code", second.as_str())];
                send(&mut browser, &path, "attempt_second_factor", &form).await
            }
            _ => {
                app.advance(Span::seconds(i64::from(rng.below(400))));
                continue;
            }
        };
        assert!(reply.status() < 500, "{}", reply.text());
        if reply.status() != 200 {
            continue;
        }
        let answer = reply.json();
        match action {
            0 => {
                path = format!("/v1/client/sign_ins/{}", text(&answer, "/response/id"));
                proven = Proven::default();
            }
            2 | 3 => {
                assert_eq!(code, "424242", "a wrong code was taken");
                proven.first = true;
                proven.by_reset = strategy == "reset_password_email_code";
            }
            4 => {
                assert!(given == password && !password_is_known, "a password that proves nothing was taken");
                proven.first = true;
            }
            5 => {
                assert!(proven.first, "a new password was set for whom nothing was proven");
                proven.new_password = true;
                (password, password_is_known) = (new_password, false);
            }
            6 => {
                assert!(proven.first && !used.contains(&second), "a backup code was taken twice");
                proven.second = true;
                used.push(second);
            }
            _ => {}
        }
        let live = answer["client"]["sessions"].as_array().map_or(0, Vec::len);
        if answer["response"]["status"] == "complete" {
            assert_eq!(live, 1);
            assert!(proven.first, "{proven:?}");
            assert!(!has_second || proven.second, "{proven:?}");
            assert!(!(proven.by_reset || password_is_known) || proven.new_password, "{proven:?}");
            assert_ne!(answer["response"]["created_session_id"], Value::Null);
            sessions += 1;
            (browser, path, proven) = (app.browser(), String::new(), Proven::default());
            // What locks and what expires has its own tests: here everybody may go on.
            change_user(app, &id, User::forget_failures).await;
        } else {
            assert_eq!(live, 0, "a session before the sign-in was complete: {answer}");
        }
    }
    let all = app.backend().get(&format!("/v1/sessions?user_id={id}&limit=100")).await.ok();
    assert_eq!(all.as_array().unwrap().len(), sessions as usize, "as many sessions as sign-ins");
    sessions
}

async fn send(
    browser: &mut Browser,
    path: &str,
    action: &str,
    form: &[(&str, &str)],
) -> frontdesk_testkit::matrix::Reply {
    let path = if path.is_empty() { "/v1/client/sign_ins/sia_nobody" } else { path };
    browser.post(&format!("{path}/{action}"), form).await
}

#[frontdesk_testkit::matrix::test]
async fn no_order_of_requests_signs_in_without_what_is_demanded(app: TestApp) {
    let mut app = app;
    let mut sessions = 0;
    for seed in 0..6 {
        app = with_settings(app, |settings| settings.limits.code_interval = Span::default()).await;
        sessions += wander(&app, seed % 2 == 0, seed % 3 == 0, seed).await;
    }
    assert!(sessions > 5, "only {sessions} sign-ins came to an end");
}
