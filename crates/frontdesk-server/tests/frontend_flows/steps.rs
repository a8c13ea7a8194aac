//! What most of these tests begin with.

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
