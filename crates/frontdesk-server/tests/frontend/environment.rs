//! What pages learn about the instance.

use frontdesk_core::instance::InstanceKind;
use frontdesk_core::settings::{ApplicationUrls, Attributes, Settings, Wanted};
use frontdesk_testkit::matrix::TestApp;

#[frontdesk_testkit::matrix::test]
async fn both_ways_of_asking_get_the_same(app: TestApp) {
    let mut browser = app.browser();
    let reply = browser.get("/v1/environment").await;
    crate::contract::assert_described("getEnvironment", &reply);
    let read = reply.ok();
    assert_eq!(browser.post_as("PATCH", "/v1/environment", &[]).await.ok(), read);
    insta::assert_json_snapshot!("environment", read);
    let theirs = browser.get("/i/neighbour/v1/environment").await.ok();
    assert_ne!(theirs["auth_config"]["id"], read["auth_config"]["id"]);
}

#[frontdesk_testkit::matrix::test]
async fn it_says_what_the_owner_has_set(app: TestApp) {
    let settings = Settings {
        application_name: "Shop".to_owned(),
        urls: ApplicationUrls {
            home: "http://localhost:3000".to_owned(),
            sign_in: "http://localhost:3000/sign-in".to_owned(),
            sign_up: String::new(),
            terms: "https://shop.example/terms".to_owned(),
            privacy_policy: String::new(),
        },
        single_session_mode: false,
        attributes: Attributes {
            email_address: Wanted::Required,
            password: Wanted::Off,
            username: Wanted::Off,
            first_name: Wanted::Required,
            last_name: Wanted::Off,
        },
        ..Settings::default()
    };
    let app = app.remade(InstanceKind::Production, settings).await;
    let mut browser = app.browser();
    browser.origin = Some("https://frontdesk.localhost".to_owned());
    let shown = browser.get("/v1/environment").await.ok();
    assert_eq!(shown["auth_config"]["single_session_mode"], false);
    assert_eq!(shown["auth_config"]["password"], "off");
    assert_eq!(shown["auth_config"]["first_name"], "required");
    let display = &shown["display_config"];
    assert_eq!(display["instance_environment_type"], "production");
    assert_eq!(display["application_name"], "Shop");
    assert_eq!(display["preferred_sign_in_strategy"], "otp");
    assert_eq!(display["terms_url"], "https://shop.example/terms");
    assert_eq!(display["privacy_policy_url"], serde_json::Value::Null);
    assert_eq!(display["after_sign_out_all_url"], "http://localhost:3000/sign-in");
    let attributes = &shown["user_settings"]["attributes"];
    assert_eq!(attributes["password"]["enabled"], false);
    assert_eq!(attributes["first_name"]["required"], true);
    assert_eq!(attributes["email_address"]["first_factors"], serde_json::json!(["email_code"]));
}
