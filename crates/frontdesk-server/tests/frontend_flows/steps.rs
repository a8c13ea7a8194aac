//! What most of these tests begin with.

use frontdesk_core::settings::Settings;
use frontdesk_core::user::User;
use frontdesk_store::Work;
use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use serde_json::Value;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// The text at this place of a value; empty where there is none.
pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Begins a sign-up with a password, and gives its path.
pub(crate) async fn begin_sign_up(browser: &mut Browser, email: &str) -> String {
    let reply =
        browser.post("/v1/client/sign_ups", &[("email_address", email), ("password", PASSWORD)]).await.ok();
    format!("/v1/client/sign_ups/{}", text(&reply, "/response/id"))
}

/// Has a code sent for a sign-up.
pub(crate) async fn prepare(browser: &mut Browser, sign_up: &str) -> Reply {
    browser.post(&format!("{sign_up}/prepare_verification"), &[("strategy", "email_code")]).await
}

/// Tries a code for a sign-up.
pub(crate) async fn attempt(browser: &mut Browser, sign_up: &str, code: &str) -> Reply {
    let form = [("strategy", "email_code"), ("code", code)];
    browser.post(&format!("{sign_up}/attempt_verification"), &form).await
}

/// Signs somebody new up, from the first form to the session. Gives the last answer.
pub(crate) async fn sign_up(browser: &mut Browser, email: &str) -> Value {
    let path = begin_sign_up(browser, email).await;
    prepare(browser, &path).await.ok();
    attempt(browser, &path, "424242").await.ok()
}

/// Names somebody who wants to sign in. Gives the path of the sign-in and the answer.
pub(crate) async fn identify(browser: &mut Browser, email: &str) -> (String, Value) {
    let reply = browser.post("/v1/client/sign_ins", &[("identifier", email)]).await.ok();
    (format!("/v1/client/sign_ins/{}", text(&reply, "/response/id")), reply)
}

/// Signs in with a password in one request.
pub(crate) async fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Reply {
    browser.post("/v1/client/sign_ins", &[("identifier", email), ("password", password)]).await
}

/// The code in the latest mail, which must have gone to this address.
pub(crate) fn mailed_code(app: &TestApp, to: &str) -> String {
    let mails = app.mails();
    let letter = mails.first().expect("a mail");
    assert_eq!(letter.mail.to, to);
    letter.mail.code.clone().expect("a code")
}

/// A code that is not this one.
pub(crate) fn other_than(code: &str) -> &'static str {
    if code == "000000" { "111111" } else { "000000" }
}

/// Has a code sent for a sign-in, by this strategy.
pub(crate) async fn send_code(browser: &mut Browser, path: &str, strategy: &str) -> Reply {
    browser.post(&format!("{path}/prepare_first_factor"), &[("strategy", strategy)]).await
}

/// Tries a code for a sign-in, by this strategy.
pub(crate) async fn try_code(browser: &mut Browser, path: &str, strategy: &str, code: &str) -> Reply {
    browser.post(&format!("{path}/attempt_first_factor"), &[("strategy", strategy), ("code", code)]).await
}

/// Tries a password for a sign-in.
pub(crate) async fn try_password(browser: &mut Browser, path: &str, password: &str) -> Reply {
    let form = [("strategy", "password"), ("password", password)];
    browser.post(&format!("{path}/attempt_first_factor"), &form).await
}

/// Gives the new password that a sign-in asks for.
pub(crate) async fn reset_password(browser: &mut Browser, path: &str, password: &str) -> Reply {
    browser.post(&format!("{path}/reset_password"), &[("password", password)]).await
}

/// The same server with its instances set otherwise.
pub(crate) async fn with_settings(app: TestApp, change: impl FnOnce(&mut Settings)) -> TestApp {
    let mut settings = app.instance.instance.settings.clone();
    change(&mut settings);
    let kind = app.instance.instance.kind;
    app.remade(kind, settings).await
}

/// Changes somebody behind the server's back.
pub(crate) async fn change_user(app: &TestApp, id: &str, change: impl FnOnce(&mut User)) {
    let (store, instance) = (app.server.store(), &app.instance.instance.id);
    let mut user = store.user(instance, &id.parse().unwrap()).await.unwrap().expect("a user");
    change(&mut user);
    let mut work = Work::new(instance);
    work.save_user(&user);
    store.commit(work).await.unwrap();
}
