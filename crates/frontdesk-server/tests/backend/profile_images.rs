//! Pictures of people, given by application servers.

use std::io::Cursor;

use frontdesk_testkit::matrix::TestApp;
use http::Method;
use image::{ImageFormat, Rgba, RgbaImage};

use crate::contract::assert_described;

pub(crate) const FORM: &str = "multipart/form-data; boundary=x";

/// A form with a picture.
pub(crate) fn form() -> Vec<u8> {
    let mut bytes = b"--x\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\n".to_vec();
    let mut picture = Vec::new();
    let clear = RgbaImage::from_pixel(8, 8, Rgba([1, 2, 3, 4]));
    clear.write_to(&mut Cursor::new(&mut picture), ImageFormat::WebP).unwrap();
    bytes.extend_from_slice(&picture);
    bytes.extend_from_slice(b"\r\n--x--\r\n");
    bytes
}

#[frontdesk_testkit::matrix::test]
async fn a_server_gives_and_takes_pictures(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let path = format!("/v1/users/{ada}/profile_image");
    let reply = app.backend().send_raw(Method::POST, &path, FORM, form()).await;
    assert_described("SetUserProfileImage", &reply);
    let user = reply.ok();
    assert_eq!(user["has_image"], true);
    let url = user["image_url"].as_str().unwrap().strip_prefix("http://localhost:4400").unwrap().to_owned();
    let shown = app.browser().get(&url).await;
    assert_eq!((shown.status(), shown.header("content-type")), (200, "image/png"));
    let changed = app.server.store().events(&app.instance.instance.id, 0, 100).await.unwrap();
    assert_eq!(changed.last().unwrap().event.kind.as_str(), "user.updated");

    let reply = app.backend().delete(&path).await;
    assert_described("DeleteUserProfileImage", &reply);
    assert_eq!(reply.ok()["has_image"], false);
    app.backend().delete(&path).await.refused(404, "image_not_found");
    app.browser().get(&url).await.refused(404, "image_not_found");

    let bad = app.backend().send_raw(Method::POST, &path, FORM, "nonsense").await;
    assert_described("SetUserProfileImage", &bad);
    bad.refused(400, "request_body_invalid");
    let theirs = format!("/v1/users/{}/profile_image", app.other.user_id);
    let unknown = app.backend().send_raw(Method::POST, &theirs, FORM, form()).await;
    assert_described("SetUserProfileImage", &unknown);
    unknown.refused(404, "resource_not_found");
    app.backend().delete(&theirs).await.refused(404, "resource_not_found");
}

#[frontdesk_testkit::matrix::test]
async fn the_client_sends_pictures(app: TestApp) {
    let ada = app.user().email("ada@example.com").create().await;
    let key = app.instance.secret_key.as_str();
    let client = frontdesk_client::Client::builder(key).build(app.server.transport()).unwrap();
    let mut picture = Vec::new();
    let clear = RgbaImage::from_pixel(8, 8, Rgba([1, 2, 3, 4]));
    clear.write_to(&mut Cursor::new(&mut picture), ImageFormat::Png).unwrap();
    assert!(client.users().set_profile_image(&ada, picture).await.unwrap().profile.has_image);
    assert!(!client.users().delete_profile_image(&ada).await.unwrap().profile.has_image);
    let refused = client.users().set_profile_image(&ada, b"nonsense".as_slice()).await.unwrap_err();
    assert_eq!(refused.code().unwrap().as_str(), "avatar_file_type_invalid");
}
