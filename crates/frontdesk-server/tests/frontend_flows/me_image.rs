//! One's own picture.

use std::io::Cursor;
use std::sync::Arc;

use axum::body::Body;
use frontdesk_testkit::matrix::{Browser, Reply, TestApp};
use http::{Request, header};
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::contract;
use crate::steps::sign_up;

const PATH: &str = "/v1/me/profile_image";

/// A picture of some size.
pub(crate) fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = RgbImage::from_pixel(1024, 512, Rgb([200, 20, 20]));
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    bytes
}

/// A form with one field, as browsers write it.
pub(crate) fn form(name: &str, content: &[u8]) -> (&'static str, Vec<u8>) {
    let head = format!(
        "------X\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"me.png\"\r\n\
         Content-Type: image/png\r\n\r\n"
    );
    ("multipart/form-data; boundary=----X", [head.as_bytes(), content, b"\r\n------X--\r\n"].concat())
}

async fn upload(browser: &Browser, content_type: &str, body: impl Into<Body>) -> Reply {
    let mut request = Request::post(PATH)
        .header(header::HOST, "localhost:4400")
        .header(header::ORIGIN, "http://localhost:3000")
        .header(header::CONTENT_TYPE, content_type);
    if let Some(client) = browser.cookie("__client") {
        request = request.header(header::COOKIE, format!("__client={client}"));
    }
    browser.clone().send_request(request.body(body.into()).unwrap()).await
}

async fn load(app: &TestApp, url: &Value) -> Reply {
    let path = url.as_str().unwrap().strip_prefix("http://localhost:4400").unwrap().to_owned();
    // Another site's page may show it, too.
    let mut browser = app.browser();
    browser.origin = Some("https://mail.example".to_owned());
    browser.get(&path).await
}

#[frontdesk_testkit::matrix::test]
async fn a_picture_is_given_shown_replaced_and_taken_away(app: TestApp) {
    let mut browser = app.browser();
    let done = sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let (content_type, body) = form("file", &picture());
    let reply = upload(&browser, content_type, body.clone()).await;
    contract::assert_described("Image", &reply);
    let given = reply.ok();
    let user = &given["client"]["sessions"][0]["user"];
    let url = given["response"]["public_url"].clone();
    assert_eq!((&user["has_image"], &user["image_url"]), (&json!(true), &url));
    assert_eq!(given["client"]["sessions"][0]["public_user_data"]["has_image"], true);

    let shown = load(&app, &url).await;
    assert_eq!((shown.status(), shown.header("content-type")), (200, "image/jpeg"));
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert!(shown.header("cache-control").contains("immutable"));
    let seen = image::load_from_memory(shown.bytes()).unwrap();
    assert_eq!((seen.width(), seen.height()), (512, 256));
    // It is the instance's, and nobody else's.
    let path = url.as_str().unwrap().strip_prefix("http://localhost:4400").unwrap().to_owned();
    let elsewhere = app.browser().get(&format!("/i/neighbour{path}")).await;
    elsewhere.refused(404, "image_not_found");

    let again = upload(&browser, content_type, body).await.ok();
    assert_ne!(again["response"]["public_url"], url);
    load(&app, &url).await.refused(404, "image_not_found");
    let url = again["response"]["public_url"].clone();

    let taken = browser.post_as("DELETE", PATH, &[]).await;
    contract::assert_described("Client.DeletedObject", &taken);
    let user = taken.ok()["client"]["sessions"][0]["user"].clone();
    assert_eq!(user["has_image"], false);
    assert_eq!(load(&app, &user["image_url"]).await.header("content-type"), "image/svg+xml");
    load(&app, &url).await.refused(404, "image_not_found");
    browser.post_as("DELETE", PATH, &[]).await.refused(404, "image_not_found");

    // With the person goes the picture.
    let (content_type, body) = form("file", &picture());
    let url = upload(&browser, content_type, body).await.ok()["response"]["public_url"].clone();
    let user = done["response"]["created_user_id"].as_str().unwrap().to_owned();
    app.backend().delete(&format!("/v1/users/{user}")).await.ok();
    load(&app, &url).await.refused(404, "image_not_found");
}

#[frontdesk_testkit::matrix::test]
async fn devices_send_pictures_as_text(app: TestApp) {
    use base64::Engine;
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let text = base64::engine::general_purpose::STANDARD.encode(picture());
    for body in [text.clone().into_bytes(), format!("data:image/png;base64,{text}").into_bytes(), picture()] {
        upload(&browser, "application/octet-stream", body).await.ok();
    }
}

/// As many files as are taken in at once (docs/limits.md): each is kept in memory.
const MOST_FILES: u32 = 16;

#[frontdesk_testkit::matrix::test]
async fn only_so_many_files_are_on_their_way_in_at_once(app: TestApp) {
    let mut browser = app.browser();
    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let (content_type, body) = form("file", &picture());
    let begun = Arc::new(Semaphore::new(0));
    let slow = (0..MOST_FILES).map(|_| {
        let (browser, begun) = (browser.clone(), Arc::clone(&begun));
        tokio::spawn(async move {
            // It is asked for its first byte, and never comes.
            let never = futures_util::stream::once(async move {
                begun.add_permits(1);
                std::future::pending::<Result<Vec<u8>, std::io::Error>>().await
            });
            upload(&browser, content_type, Body::from_stream(never)).await
        })
    });
    let slow: Vec<_> = slow.collect();
    drop(begun.acquire_many(MOST_FILES).await.unwrap());
    let refused = upload(&browser, content_type, body.clone()).await;
    refused.refused(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "5");
    // Everything else goes on, and whoever goes away makes room.
    browser.get("/v1/me").await.ok();
    for upload in slow {
        upload.abort();
        assert!(upload.await.unwrap_err().is_cancelled());
    }
    upload(&browser, content_type, body).await.ok();
}

#[frontdesk_testkit::matrix::test]
async fn what_is_no_picture_is_refused(app: TestApp) {
    let mut browser = app.browser();
    // Nobody sends a file before they are known.
    let (content_type, body) = form("file", &picture());
    upload(&browser, content_type, body).await.refused(401, "signed_out");
    let endless =
        Body::from_stream(futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 65536])));
    upload(&browser, content_type, endless).await.refused(401, "signed_out");

    sign_up(&mut browser, "ada+clerk_test@example.com").await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let (content_type, body) = form("file", svg);
    let reply = upload(&browser, content_type, body).await;
    reply.refused(400, "avatar_file_type_invalid");
    let (content_type, body) = form("picture", &picture());
    upload(&browser, content_type, body).await.refused(400, "form_param_missing");
    upload(&browser, content_type, "").await.refused(400, "request_body_invalid");
    upload(&browser, "application/json", "{}").await.refused(415, "unsupported_content_type");
    let endless =
        Body::from_stream(futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 65536])));
    upload(&browser, content_type, endless).await.refused(400, "avatar_file_size_exceeded");
    let seen = browser.get("/v1/me").await.ok();
    assert_eq!(seen["response"]["has_image"], false);
    for unknown in ["/img/img_unknown", "/img/nonsense", "/img/..%2Fx"] {
        assert_eq!(browser.get(unknown).await.status(), 404, "{unknown}");
    }
}
