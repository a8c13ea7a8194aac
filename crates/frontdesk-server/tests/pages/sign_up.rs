//! Signing up.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::Wanted;
use frontdesk_testkit::matrix::TestApp;

use crate::reader::Reader;

pub(crate) const HERE: &str = "http://localhost:4400/";
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const ADA: &str = "ada+clerk_test@example.com";

#[frontdesk_testkit::matrix::test]
async fn somebody_signs_up_with_a_code(app: TestApp) {
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-up").await.ok();
    let form = [("first_name", "Ada"), ("email_address", "ada@example.com"), ("password", PASSWORD)];
    let page = reader.send(&page, "/sign-up", &form).await.ok().arrived_at("/sign-up/verify");
    let page = page.says("ada@example.com").says("autocomplete=\"one-time-code\"");
    let code = app.mails()[0].mail.code.clone().unwrap();

    let other = if code == "000000" { "111111" } else { "000000" };
    let page = reader.send(&page, "/sign-up/verify", &[("code", other)]).await.wrong("That is not the code");
    let page = page.says("aria-invalid=\"true\"").says("aria-describedby=\"code-problem\"");
    let page = reader.send(&page, "/sign-up/verify", &[("code", "")]).await.wrong("Enter the code");
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let page = reader.send(&page, "/sign-up/verify", &[("code", &spaced)]).await.ok().arrived_at("/user");
    page.says("ada@example.com").says("Ada");
}

#[frontdesk_testkit::matrix::test]
async fn what_was_wrong_is_told_at_its_field_and_nothing_is_lost(app: TestApp) {
    app.user().email("grace@example.com").password(PASSWORD).create().await;
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-up").await.ok();
    let form = [("first_name", "Grace"), ("email_address", "grace@example.com"), ("password", PASSWORD)];
    let page = reader.send(&page, "/sign-up", &form).await.wrong("an account with this address already");
    let page = page.says("<a href=\"#email_address\">").says("aria-describedby=\"email_address-problem\"");
    assert_eq!(page.form("/sign-up").value("first_name"), "Grace");
    assert_eq!(page.form("/sign-up").value("password"), "", "a password is never sent back");

    let form = [("email_address", "grace.hopper@example.com"), ("password", "short")];
    let page = reader.send(&page, "/sign-up", &form).await.wrong("href=\"#password\"");
    let form = [("email_address", "no address"), ("password", PASSWORD)];
    reader.send(&page, "/sign-up", &form).await.wrong("This is not an e-mail address");
}

#[frontdesk_testkit::matrix::test]
async fn another_code_is_sent_when_its_time_has_come(app: TestApp) {
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-up").await.ok();
    let form = [("email_address", "ada@example.com"), ("password", PASSWORD)];
    let page = reader.send(&page, "/sign-up", &form).await.ok();
    let page = reader.send(&page, "/sign-up/verify/again", &[]).await.wrong("Try again in 30 seconds");
    app.advance(frontdesk_types::Span::seconds(30));
    let page = reader.send(&page, "/sign-up/verify/again", &[]).await.ok().says("A new code is on its way");
    assert_eq!(app.mails().len(), 2);
    let code = app.mails()[0].mail.code.clone().unwrap();
    reader.send(&page, "/sign-up/verify", &[("code", &code)]).await.ok().arrived_at("/user");
    // Whoever goes back finds the way on.
    reader.open("/sign-up").await.ok().arrived_at("/user");
    reader.open("/sign-up/verify").await.ok().arrived_at("/user");
}

#[frontdesk_testkit::matrix::test]
async fn the_form_asks_for_what_the_instance_wants(app: TestApp) {
    let mut settings = app.instance.instance.settings.clone();
    settings.attributes.first_name = Wanted::Required;
    settings.attributes.last_name = Wanted::Off;
    settings.sign_up.legal_consent = true;
    settings.urls.terms = String::from("https://tea.example/terms");
    settings.urls.privacy_policy = String::from("javascript:alert(1)");
    settings.application_name = String::from("Tea & <Biscuits>");
    settings.appearance.primary_color = String::from("#ffdd00");
    settings.support_email = String::from("help@example.com");
    let app = app.remade(InstanceKind::Development, settings).await;
    let mut reader = Reader::new(&app, HERE);
    let page = reader
        .open("/sign-up")
        .await
        .ok()
        .says("Tea &#38; &#60;Biscuits&#62;")
        .says("mailto:help@example.com");
    let page = page.says("colour-ffdd00.css").says_not("last_name");
    let page = page.says("<a href=\"https://tea.example/terms\" target").says_not("javascript:");
    let form = [("first_name", "Ada"), ("email_address", ADA), ("password", PASSWORD)];
    let page = reader.send(&page, "/sign-up", &form).await.wrong("accept the terms");
    let form = [&form[..], &[("legal_accepted", "true")]].concat();
    let page = reader.send(&page, "/sign-up", &form).await.ok();
    reader.send(&page, "/sign-up/verify", &[("code", "424242")]).await.ok().arrived_at("/user");
}
