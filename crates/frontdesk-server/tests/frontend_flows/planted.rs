//! Clients that somebody plants in another browser, over `https`: a neighbouring host can set a `__client` cookie there,
//! but not the one that says which client the browser was given.

use frontdesk_testkit::matrix::{Browser, TestApp};
use serde_json::Value;

use crate::steps::{PASSWORD, attempt, begin_sign_up, mailed_code, prepare, sign_in, text};

const ADA: &str = "ada@example.com";

/// A browser at the live instance's own host.
fn browser(app: &TestApp) -> Browser {
    let mut browser = app.browser();
    browser.is_https = true;
    "clerk.frontdesk.localhost".clone_into(&mut browser.host);
    browser.origin = Some("https://app.frontdesk.localhost".to_owned());
    browser
}

async fn live(app: TestApp) -> TestApp {
    let settings = app.instance.instance.settings.clone();
    app.in_production(settings).await
}

fn client_token(browser: &Browser) -> String {
    browser.cookie("__client").expect("a client").to_owned()
}

fn holder(browser: &Browser) -> Option<String> {
    let name = browser.cookie_names().into_iter().find(|name| name.starts_with("__Host-client_"))?;
    browser.cookie(name).map(str::to_owned)
}

#[frontdesk_testkit::matrix::test]
async fn nobody_proves_an_address_for_somebody_elses_password(app: TestApp) {
    let app = live(app).await;
    let mut mallory = browser(&app);
    let path = begin_sign_up(&mut mallory, ADA).await;
    prepare(&mut mallory, &path).await.ok();
    let code = mailed_code(&app, ADA);

    // Ada's browser has never been here, or has a client of its own.
    let mut stranger = browser(&app);
    stranger.plant_cookie("__client", &client_token(&mallory));
    let mut known = browser(&app);
    known.post_as("PUT", "/v1/client", &[]).await.ok();
    known.plant_cookie("__client", &client_token(&mallory));
    for mut ada in [stranger, known] {
        assert_eq!(ada.get("/v1/client").await.ok()["response"], Value::Null, "nothing of it is shown");
        attempt(&mut ada, &path, &code).await.refused(401, "signed_out");
    }
    sign_in(&mut browser(&app), ADA, PASSWORD).await.refused(422, "form_identifier_not_found");
    // Whoever began it can go on with it.
    attempt(&mut mallory, &path, &code).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn nobody_is_signed_in_as_somebody_else_unawares(app: TestApp) {
    let app = live(app).await;
    app.user().email("mallory@example.com").password(PASSWORD).create().await;
    let mut mallory = browser(&app);
    sign_in(&mut mallory, "mallory@example.com", PASSWORD).await.ok();
    let mut ada = browser(&app);
    ada.plant_cookie("__client", &client_token(&mallory));
    assert_eq!(ada.get("/v1/client").await.ok()["response"], Value::Null);
    // What she does begins on a client of her own.
    app.user().email(ADA).password(PASSWORD).create().await;
    sign_in(&mut ada, ADA, PASSWORD).await.ok();
    assert_ne!(holder(&ada).expect("a client of her own"), holder(&mallory).unwrap());
    let seen = mallory.get("/v1/client").await.ok();
    assert_eq!(seen["response"]["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(
        text(&seen, "/response/sessions/0/user/email_addresses/0/email_address"),
        "mallory@example.com"
    );
}

#[frontdesk_testkit::matrix::test]
async fn a_token_of_a_device_is_no_cookie(app: TestApp) {
    let app = live(app).await;
    let mut device = browser(&app);
    device.origin = None;
    let made = device.post("/v1/client/sign_ups?_is_native=1", &[("email_address", ADA)]).await;
    made.ok();
    assert!(device.cookie_names().is_empty(), "a device keeps its token by itself");
    let mut ada = browser(&app);
    ada.plant_cookie("__client", made.header("authorization"));
    assert_eq!(ada.get("/v1/client").await.ok()["response"], Value::Null);
}

#[frontdesk_testkit::matrix::test]
async fn a_planted_cookie_in_front_of_the_right_one_changes_nothing(app: TestApp) {
    let app = live(app).await;
    let mut mallory = browser(&app);
    mallory.post_as("PUT", "/v1/client", &[]).await.ok();
    let mut ada = browser(&app);
    ada.post_as("PUT", "/v1/client", &[]).await.ok();
    // Both are sent: browsers put the one with the longer path first.
    let own = client_token(&ada);
    ada.plant_cookie("__client", &format!("{}; __client={own}", client_token(&mallory)));
    let shown = ada.get("/v1/client").await.ok();
    assert_eq!(Some(text(&shown, "/response/id")), holder(&ada).as_deref());
}

#[frontdesk_testkit::matrix::test]
async fn whose_client_it_is_comes_and_goes_with_it(app: TestApp) {
    let app = live(app).await;
    let mut ada = browser(&app);
    let made = ada.post_as("PUT", "/v1/client", &[]).await;
    made.ok();
    let lines = made.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    let line = lines.into_iter().find(|line| line.starts_with("__Host-client_")).expect("whose client it is");
    assert!(line.contains("; Secure") && line.contains("; HttpOnly") && line.contains("; Path=/;"), "{line}");
    assert!(!line.contains("Domain"), "{line}");
    ada.post_as("DELETE", "/v1/client", &[]).await.ok();
    assert_eq!((ada.cookie("__client"), holder(&ada)), (None, None));
}
