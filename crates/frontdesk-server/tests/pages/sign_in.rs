//! Signing in.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Wanted;
use frontdesk_testkit::matrix::TestApp;
use serde_json::json;

use crate::reader::Reader;
use crate::sign_up::{HERE, PASSWORD};

const GRACE: &str = "grace@example.com";

/// Signs somebody in by password, to the page about their account.
pub(crate) async fn sign_in(reader: &mut Reader, email: &str) {
    let page = reader.open("/sign-in").await.ok();
    let form = [("identifier", email), ("password", PASSWORD), ("with", "password")];
    reader.send(&page, "/sign-in", &form).await.ok().arrived_at("/user").says(email);
}

#[frontdesk_testkit::matrix::test]
async fn somebody_signs_in_with_a_password(app: TestApp) {
    app.user().email(GRACE).password(PASSWORD).create().await;
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-in").await.ok();
    let page = page.says("autocomplete=\"username\"").says("autocomplete=\"current-password\"");
    let form = |password| [("identifier", GRACE), ("password", password), ("with", "password")];
    let page =
        reader.send(&page, "/sign-in", &form("wrong password")).await.wrong("That is not the password");
    assert_eq!(page.form("/sign-in").value("identifier"), GRACE);
    let page = reader.send(&page, "/sign-in", &form("")).await.wrong("Enter your password");
    let nobody = [("identifier", "nobody@example.com"), ("password", PASSWORD), ("with", "password")];
    let page = reader.send(&page, "/sign-in", &nobody).await.wrong("We found no account");
    let page = reader.send(&page, "/sign-in", &[("identifier", " "), ("with", "password")]).await;
    let page = page.wrong("Enter your e-mail address");
    let spaced = [("identifier", " grace@example.com "), ("password", PASSWORD), ("with", "password")];
    reader.send(&page, "/sign-in", &spaced).await.ok().arrived_at("/user").says(GRACE);
    reader.open("/sign-in").await.ok().arrived_at("/user");
}

#[frontdesk_testkit::matrix::test]
async fn somebody_signs_in_with_a_code(app: TestApp) {
    app.user().email(GRACE).create().await;
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-in").await.ok();
    let page = reader.send(&page, "/sign-in", &[("identifier", GRACE), ("with", "email_code")]).await.ok();
    let page = page.arrived_at("/sign-in/code").says(GRACE);
    let code = app.mails()[0].mail.code.clone().unwrap();
    let page = reader.send(&page, "/sign-in/code/again", &[]).await.wrong("Try again in 30 seconds");
    let other = if code == "000000" { "111111" } else { "000000" };
    let page = reader.send(&page, "/sign-in/code", &[("code", other)]).await.wrong("That is not the code");
    reader.send(&page, "/sign-in/code", &[("code", &code)]).await.ok().arrived_at("/user");
    // Without a sign-in there is no code to ask for.
    let mut stranger = Reader::new(&app, HERE);
    stranger.open("/sign-in/code").await.ok().arrived_at("/sign-in");
}

#[frontdesk_testkit::matrix::test]
async fn too_many_tries_lock_the_account_and_say_for_how_long(app: TestApp) {
    app.user().email(GRACE).password(PASSWORD).create().await;
    let mut reader = Reader::new(&app, HERE);
    let mut page = reader.open("/sign-in").await.ok();
    let form = [("identifier", GRACE), ("password", "wrong password"), ("with", "password")];
    for _ in 0..app.instance.instance.settings.limits.lockout_tries {
        page = reader.send(&page, "/sign-in", &form).await;
    }
    let form = [("identifier", GRACE), ("password", PASSWORD), ("with", "password")];
    let page = reader.send(&page, "/sign-in", &form).await;
    assert!(page.html.contains("too many failed tries") && page.html.contains("60 minutes"), "{}", page.html);
}

#[frontdesk_testkit::matrix::test]
async fn a_ticket_is_used_by_a_press_and_not_by_a_look(app: TestApp) {
    let user_id = app.user().email(GRACE).create().await;
    let made = app.backend().post("/v1/sign_in_tokens", json!({ "user_id": user_id })).await.ok();
    let address = format!("/sign-in?__clerk_ticket={}", made["token"].as_str().unwrap());
    let mut reader = Reader::new(&app, HERE);
    reader.open(&address).await.ok();
    let page = reader.open(&address).await.ok();
    reader.send(&page, "/sign-in/ticket", &[]).await.ok().arrived_at("/user").says(GRACE);
    let mut other = Reader::new(&app, HERE);
    let page = other.open(&address).await.ok();
    other.send(&page, "/sign-in/ticket", &[]).await.wrong("This link does not work any more");
}

#[frontdesk_testkit::matrix::test]
async fn without_passwords_the_form_has_none(app: TestApp) {
    let mut settings = app.instance.instance.settings.clone();
    settings.attributes.password = Wanted::Off;
    let app = app.remade(InstanceKind::Development, settings).await;
    app.user().email(GRACE).create().await;
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-in").await.ok().says_not("type=\"password\"");
    reader.send(&page, "/sign-in", &[("identifier", GRACE)]).await.ok().arrived_at("/sign-in/code");
}

#[frontdesk_testkit::matrix::test]
async fn several_accounts_on_one_browser(app: TestApp) {
    let mut settings = app.instance.instance.settings.clone();
    settings.single_session_mode = false;
    let app = app.remade(InstanceKind::Development, settings).await;
    for email in [GRACE, "ada@example.com"] {
        app.user().email(email).password(PASSWORD).create().await;
    }
    let mut reader = Reader::new(&app, HERE);
    sign_in(&mut reader, GRACE).await;
    app.advance(frontdesk_types::Span::seconds(1));
    sign_in(&mut reader, "ada@example.com").await;
    // Signing in once more as somebody who is signed in chooses them.
    sign_in(&mut reader, GRACE).await;
    let page = reader.open("/accounts").await.ok().says(GRACE).says("ada@example.com");
    let ada = page.forms().into_iter().filter(|form| form.action.starts_with("/accounts")).nth(1).unwrap();
    let fields = ["csrf_token", "session_id"].map(|name| (name.to_owned(), ada.value(name).to_owned()));
    let url = page.url.join("/accounts").unwrap();
    reader.post(url, &fields, &[]).await.ok().arrived_at("/user").says("ada@example.com");

    let page = reader.open("/sign-out").await.ok().says("Sign out of all accounts");
    reader.send(&page, "/sign-out", &[]).await.ok().arrived_at("/sign-in");
    reader.open("/accounts").await.ok().arrived_at("/sign-in");
}

/// The code in the latest mail to this address.
fn code(app: &TestApp, to: &str) -> String {
    let mails = app.mails();
    mails
        .iter()
        .find(|letter| letter.mail.to == to)
        .and_then(|letter| letter.mail.code.clone())
        .expect("a code")
}

#[frontdesk_testkit::matrix::test]
async fn a_forgotten_password_is_replaced(app: TestApp) {
    app.user().email(GRACE).password(PASSWORD).create().await;
    let mut elsewhere = Reader::new(&app, HERE);
    sign_in(&mut elsewhere, GRACE).await;
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-in").await.ok();
    let page =
        reader.open(&page.link("Forgot your password?")).await.ok().arrived_at("/sign-in/forgot-password");
    let page =
        reader.send(&page, "/sign-in/forgot-password", &[("identifier", "")]).await.wrong("Enter your");
    let nobody = [("identifier", "nobody@example.com")];
    let page = reader.send(&page, "/sign-in/forgot-password", &nobody).await.wrong("We found no account");
    let page = reader.send(&page, "/sign-in/forgot-password", &[("identifier", GRACE)]).await.ok();
    let page = page.arrived_at("/sign-in/code").says(GRACE);
    let page = reader.send(&page, "/sign-in/code", &[("code", &code(&app, GRACE))]).await.ok();
    let page = page.arrived_at("/sign-in/new-password").says("autocomplete=\"new-password\"").says(GRACE);
    let page = reader.send(&page, "/sign-in/new-password", &[("password", "short")]).await;
    let page = page.wrong("href=\"#password\"");
    reader
        .send(&page, "/sign-in/new-password", &[("password", "a whole new one")])
        .await
        .ok()
        .arrived_at("/user");
    elsewhere.open("/user").await.ok().arrived_at("/sign-in");
    // Without a sign-in there is nothing to set.
    Reader::new(&app, HERE).open("/sign-in/new-password").await.ok().arrived_at("/sign-in");
}

#[frontdesk_testkit::matrix::test]
async fn whoever_has_a_second_proof_gives_it(app: TestApp) {
    let body = json!({
        "email_address": [GRACE], "password": PASSWORD, "backup_codes": ["first-of-them", "second-of-them"],
        "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    });
    app.backend().post("/v1/users", body).await.ok();
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-in").await.ok();
    let form = [("identifier", GRACE), ("password", PASSWORD), ("with", "password")];
    let page = reader.send(&page, "/sign-in", &form).await.ok().arrived_at("/sign-in/second-step");
    let page = page.says("authenticator app").says("autocomplete=\"one-time-code\"");
    // The proof so far opens nothing.
    reader.open("/user").await.ok().arrived_at("/sign-in");
    let page =
        reader.send(&page, "/sign-in/second-step", &[("code", "000000")]).await.wrong("That is not the code");
    let page = reader.open(&page.link("Use a backup code")).await.ok().says("Backup code");
    let page = reader.send(&page, "/sign-in/second-step", &[("code", "first-of-them")]).await.ok();
    page.arrived_at("/user").says(GRACE);
    Reader::new(&app, HERE).open("/sign-in/second-step").await.ok().arrived_at("/sign-in");
}

#[frontdesk_testkit::matrix::test]
async fn a_password_that_others_know_is_replaced(app: TestApp) {
    let grace = app.user().email(GRACE).password(PASSWORD).create().await;
    let path = format!("/v1/users/{}/password/set_compromised", grace.as_str());
    app.backend().post(&path, json!({})).await.ok();
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-in").await.ok();
    let form = [("identifier", GRACE), ("password", PASSWORD), ("with", "password")];
    let page = reader.send(&page, "/sign-in", &form).await.wrong("may be known to others");
    let form = [("identifier", GRACE), ("with", "email_code")];
    let page = reader.send(&page, "/sign-in", &form).await.ok().arrived_at("/sign-in/code");
    let page = reader.send(&page, "/sign-in/code", &[("code", &code(&app, GRACE))]).await.ok();
    let page = page.arrived_at("/sign-in/new-password").says("The old one may be known to others.");
    let form = [("password", "a whole new one")];
    reader.send(&page, "/sign-in/new-password", &form).await.ok().arrived_at("/user");
}
