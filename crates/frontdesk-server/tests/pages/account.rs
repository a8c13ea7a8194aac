//! One's own account.

use frontdesk_testkit::matrix::TestApp;

use crate::reader::Reader;
use crate::sign_in::sign_in;
use crate::sign_up::{HERE, PASSWORD};

const GRACE: &str = "grace@example.com";

async fn signed_in(app: &TestApp) -> Reader {
    app.user().email(GRACE).password(PASSWORD).create().await;
    let mut reader = Reader::new(app, HERE);
    sign_in(&mut reader, GRACE).await;
    reader
}

#[frontdesk_testkit::matrix::test]
async fn strangers_sign_in_first_and_come_back(app: TestApp) {
    app.user().email(GRACE).password(PASSWORD).create().await;
    let mut reader = Reader::new(&app, HERE);
    let page = reader.open("/user").await.ok().is_at("/sign-in");
    let form = [("identifier", GRACE), ("password", PASSWORD), ("with", "password")];
    reader.send(&page, "/sign-in", &form).await.ok().is_at("/user");
}

#[frontdesk_testkit::matrix::test]
async fn names_are_changed_and_cleared(app: TestApp) {
    let mut reader = signed_in(&app).await;
    let page = reader.open("/user").await.ok();
    let page =
        reader.send(&page, "/user/name", &[("first_name", "Zoë <b>"), ("last_name", "Ray")]).await.ok();
    let page = page.is_at("/user").says("Your name was saved.").says("Zoë &#60;b&#62; Ray").says_not("<b>");
    let page = reader.send(&page, "/user/name", &[("first_name", ""), ("last_name", "Ray")]).await.ok();
    assert_eq!(page.form("/user/name").value("first_name"), "");
    let long = "x".repeat(300);
    reader.send(&page, "/user/name", &[("first_name", &long)]).await.wrong("href=\"#first_name\"");
}

#[frontdesk_testkit::matrix::test]
async fn signing_out_is_asked_for_first(app: TestApp) {
    let mut reader = signed_in(&app).await;
    let page = reader.open("/sign-out").await.ok().is_at("/sign-out").says(GRACE);
    reader.open("/user").await.ok().is_at("/user");
    reader.send(&page, "/sign-out", &[]).await.ok().is_at("/sign-in");
    reader.open("/user").await.ok().is_at("/sign-in");
}

#[frontdesk_testkit::matrix::test]
async fn one_sees_where_one_is_signed_in(app: TestApp) {
    let mut reader = signed_in(&app).await;
    let mut elsewhere = Reader::new(&app, HERE);
    sign_in(&mut elsewhere, GRACE).await;
    app.advance(frontdesk_types::Span::hours(3));
    let page = reader.open("/user/security").await.ok();
    assert_eq!(page.html.matches("This browser").count(), 1);
    page.says("3 hours ago");
}
