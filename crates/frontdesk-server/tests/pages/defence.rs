//! What an attacker tries with somebody else's browser: forms from elsewhere, planted cookies, planted clients.

use frontdesk_testkit::matrix::TestApp;
use url::Url;

use crate::reader::{Page, Reader};
use crate::sign_in::sign_in;
use crate::sign_up::{HERE, PASSWORD};

const GRACE: &str = "grace@example.com";

fn fields(page: &Page, action: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let token = page.form(action).value("csrf_token").to_owned();
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    std::iter::once(("csrf_token".to_owned(), token)).chain(more.iter().map(own)).collect()
}

fn at(path: &str) -> Url {
    Url::parse(HERE).unwrap().join(path).unwrap()
}

#[frontdesk_testkit::matrix::test]
async fn forms_from_elsewhere_are_not_taken(app: TestApp) {
    app.user().email(GRACE).password(PASSWORD).create().await;
    let mut reader = Reader::new(&app, HERE);
    sign_in(&mut reader, GRACE).await;
    let page = reader.open("/user").await.ok();
    let form = fields(&page, "/user/name", &[("first_name", "Mallory")]);
    for headers in [
        [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        [("origin", "null"), ("sec-fetch-site", "cross-site")],
        // The application itself, on the same site.
        [("origin", "http://localhost:3000"), ("sec-fetch-site", "same-site")],
        [("origin", "http://localhost:4400"), ("sec-fetch-site", "cross-site")],
        [("origin", "http://localhost:4400.evil.example"), ("sec-fetch-site", "same-origin")],
    ] {
        let page = reader.post(at("/user/name"), &form, &headers).await;
        assert_eq!(page.status, 403, "{headers:?}");
    }
    reader.open("/user").await.ok().says_not("Mallory");
    // A browser that says nothing about the page is judged by the token alone.
    let silent = [("origin", "http://localhost:4400")];
    reader.post(at("/user/name"), &form, &silent).await.ok().says("Mallory");
}

#[frontdesk_testkit::matrix::test]
async fn every_form_wants_its_own_token(app: TestApp) {
    app.user().email(GRACE).password(PASSWORD).create().await;
    let mut reader = Reader::new(&app, HERE);
    sign_in(&mut reader, GRACE).await;
    let own = reader.open("/user").await.ok();
    for path in [
        "/sign-in",
        "/sign-in/code",
        "/sign-in/code/again",
        "/sign-in/ticket",
        "/sign-in/forgot-password",
        "/sign-in/new-password",
        "/sign-in/second-step",
        "/sign-up",
        "/sign-up/verify",
        "/sign-up/verify/again",
        "/sign-out",
        "/accounts",
        "/user/name",
        "/user/image",
        "/user/image/remove",
        "/user/email/add",
        "/user/email/send",
        "/user/email/verify",
        "/user/email/primary",
        "/user/email/remove",
        "/user/password",
        "/user/sessions/revoke",
        "/user/delete",
    ] {
        for token in ["", "0", &"0".repeat(64)] {
            let form = [("csrf_token".to_owned(), token.to_owned())];
            assert_eq!(reader.post(at(path), &form, &[]).await.status, 403, "{path} {token:?}");
        }
        assert_eq!(reader.post(at(path), &[], &[]).await.status, 403, "{path}");
    }
    reader.open("/user").await.ok().arrived_at("/user");

    // A token that another client was given, with the cookie that it was given with.
    let mut mallory = Reader::new(&app, HERE);
    app.user().email("mallory@example.com").password(PASSWORD).create().await;
    sign_in(&mut mallory, "mallory@example.com").await;
    let theirs = mallory.open("/user").await.ok();
    let form = fields(&theirs, "/user/name", &[("first_name", "Mallory")]);
    let planted = mallory.cookie("frontdesk_form").unwrap().to_owned();
    reader.cookies.retain(|(name, _, _)| name != "frontdesk_form");
    reader.cookies.push(("frontdesk_form".to_owned(), "/".to_owned(), planted));
    assert_eq!(reader.post(at("/user/name"), &form, &[]).await.status, 403);
    // Nor does one of another instance do.
    let page = reader.open("/i/neighbour/sign-in").await.ok();
    let form = fields(&page, "/i/neighbour/sign-in", &[("first_name", "Mallory")]);
    assert_eq!(reader.post(at("/user/name"), &form, &[]).await.status, 403);
    // And the page that was open before still works once the cookie is right again.
    let page = reader.open("/user").await.ok();
    assert_ne!(page.form("/user/name").value("csrf_token"), own.form("/user/name").value("csrf_token"));
    reader.send(&page, "/user/name", &[("first_name", "Grace")]).await.ok().says("Grace");
}

#[frontdesk_testkit::matrix::test]
async fn a_planted_client_sees_nothing_of_whoever_signs_in_on_it(app: TestApp) {
    app.user().email(GRACE).password(PASSWORD).create().await;
    // Mallory begins a sign-in, and plants her client in somebody's browser.
    let mut mallory = Reader::new(&app, HERE);
    let page = mallory.open("/sign-in").await.ok();
    mallory.send(&page, "/sign-in", &[("identifier", GRACE), ("with", "email_code")]).await.ok();
    let planted = mallory.cookie("__client").expect("a client").to_owned();
    let mut grace = Reader::new(&app, HERE);
    grace.cookies.push(("__client".to_owned(), "/".to_owned(), planted.clone()));
    sign_in(&mut grace, GRACE).await;
    assert_ne!(grace.cookie("__client").unwrap(), planted, "the token must change with the sign-in");
    let page = mallory.open("/user").await.ok();
    page.arrived_at("/sign-in").says_not(">Sign out<");
}

#[frontdesk_testkit::matrix::test]
async fn a_sign_up_planted_in_a_browser_is_not_gone_on_with(app: TestApp) {
    let settings = app.instance.instance.settings.clone();
    let app = app.in_production(settings).await;
    const LIVE: &str = "https://clerk.frontdesk.localhost/";
    // Mallory begins a sign-up with Grace's address and a password of her own, and plants her client.
    let mut mallory = Reader::new(&app, LIVE);
    let page = mallory.open("/sign-up").await.ok();
    let form = [("email_address", GRACE), ("password", PASSWORD)];
    mallory.send(&page, "/sign-up", &form).await.ok().arrived_at("/sign-up/verify");
    let code = app.mails()[0].mail.code.clone().unwrap();
    let mut grace = Reader::new(&app, LIVE);
    grace.open("/sign-up").await.ok();
    let planted = mallory.cookie("__client").expect("a client").to_owned();
    grace.cookies.push(("__client".to_owned(), "/".to_owned(), planted.clone()));
    // There is no page for the code, and nothing of hers in the form.
    let page = grace.open("/sign-up/verify").await.ok().arrived_at("/sign-up").says_not(GRACE);
    // Grace goes on with a password of her own.
    let form = [("email_address", GRACE), ("password", "Grace's own password")];
    let page = grace.send(&page, "/sign-up", &form).await.ok().arrived_at("/sign-up/verify");
    assert_ne!(grace.cookie("__client").unwrap(), planted);
    grace.send(&page, "/sign-up/verify", &[("code", &code)]).await.wrong("That is not the code");
    let code = app.mails()[0].mail.code.clone().unwrap();
    grace.send(&page, "/sign-up/verify", &[("code", &code)]).await.ok().arrived_at("/user");
    let mut mallory = Reader::new(&app, LIVE);
    let page = mallory.open("/sign-in").await.ok();
    let form = [("identifier", GRACE), ("password", PASSWORD), ("with", "password")];
    mallory.send(&page, "/sign-in", &form).await.wrong("That is not the password");
}

#[frontdesk_testkit::matrix::test]
async fn only_small_forms_of_text_are_read(app: TestApp) {
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-in").await.ok();
    let form = fields(&page, "/sign-in", &[("identifier", "a\0b")]);
    assert_eq!(reader.post(at("/sign-in"), &form, &[]).await.status, 400);
    let form = fields(&page, "/sign-in", &[("identifier", &"x".repeat(70_000))]);
    assert_eq!(reader.post(at("/sign-in"), &form, &[]).await.status, 413);
    let json = [("content-type", "application/json"), ("origin", "http://localhost:4400")];
    assert!((400..500).contains(&reader.post(at("/sign-in"), &[], &json).await.status));
    assert_eq!(reader.open("/sign-in?redirect_url=%00").await.status, 400);
}

#[frontdesk_testkit::matrix::test]
async fn passwords_are_never_sent_back(app: TestApp) {
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/sign-in").await.ok();
    let form = [("identifier", "nobody@example.com"), ("password", "hunter2hunter2"), ("with", "password")];
    reader.send(&page, "/sign-in", &form).await.wrong("We found no account").says_not("hunter2");
}
