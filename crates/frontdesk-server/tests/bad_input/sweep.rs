//! What strangers can send to any operation: nothing panics, and every answer has the contract's envelope.
//!
//! The list of operations comes from the declarations and from the published contract, so a new one is swept without
//! another line here.

use axum::body::Body;
use frontdesk_api::{Audience, contract};
use frontdesk_testkit::matrix::{Reply, TestApp};
use http::{Method, Request, header};

/// Bodies that no operation can want.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/json";
    vec![
        (JSON, b"{".to_vec()),
        (JSON, b"[1,2".to_vec()),
        (JSON, b"null".to_vec()),
        (JSON, b"{\"password\":\"\\u0000\"}".to_vec()),
        (JSON, vec![0xff, 0xfe, 0x00]),
        (JSON, "[".repeat(50_000).into_bytes()),
        (JSON, format!("{{\"a\":\"{}\"}}", "x".repeat(600_000)).into_bytes()),
        (FORM, b"%".to_vec()),
        (FORM, b"%00=%00&identifier=%00".to_vec()),
        (FORM, b"strategy=password&strategy=ticket&strategy=".to_vec()),
        (FORM, b"identifier=%ff%fe&password=%c3%28".to_vec()),
        (FORM, "unsafe_metadata=%7B".repeat(1000).into_bytes()),
        ("text/plain", b"hello".to_vec()),
        ("multipart/form-data; boundary=", b"--".to_vec()),
        ("\u{e9}", b"x".to_vec()),
    ]
}

/// Credentials that prove nothing.
const TOKENS: [&str; 7] = [
    "",
    "Bearer",
    "Bearer sk_test_",
    "Bearer sk_live_\u{e9}",
    "Basic c2tfdGVzdA==",
    "eyJhbGciOiJub25lIn0.e30.",
    "a.b.c",
];

/// Ids, slugs and names in the place of path parameters.
const PARAMETERS: [&str; 7] =
    ["user_nobody", "..%2f..%2fetc", "%00", "%ff", "%F0%9F%92%A9", "x'%20OR%20'1'%3D'1", "-1"];

#[frontdesk_testkit::matrix::test]
async fn no_body_breaks_an_operation(app: TestApp) {
    for operation in contract::declared() {
        let path = filled(operation.path, "user_nobody");
        for (content_type, body) in bodies() {
            let request = request(&app, operation.audience, &operation.method, &path)
                .header(
                    header::CONTENT_TYPE,
                    header::HeaderValue::from_bytes(content_type.as_bytes()).unwrap(),
                )
                .body(Body::from(body))
                .unwrap();
            let reply = app.browser().send_request(request).await;
            refused_or_fine(&reply, &format!("{} {path} with {content_type}", operation.method));
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn no_parameter_breaks_an_operation(app: TestApp) {
    for operation in contract::declared() {
        for parameter in PARAMETERS {
            for query in ["", "?limit=-1&offset=x&order_by=;drop", "?%00=1", "?a=%ff&limit=1e9", "?&&==&"] {
                let uri = format!("{}{query}", filled(operation.path, parameter));
                let request =
                    request(&app, operation.audience, &operation.method, &uri).body(Body::empty()).unwrap();
                let reply = app.browser().send_request(request).await;
                refused_or_fine(&reply, &format!("{} {uri}", operation.method));
            }
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn no_credentials_break_an_operation(app: TestApp) {
    for operation in contract::declared() {
        let path = filled(operation.path, "user_nobody");
        for token in TOKENS {
            for cookie in
                ["__client=", "__client=a.b.c; __client=d", "__client=\u{e9}", "=;;=", "__clerk_db_jwt=dvb_x"]
            {
                let mut builder =
                    Request::builder().method(&operation.method).uri(&path).header("host", "localhost:4400");
                for (name, value) in
                    [("authorization", token), ("cookie", cookie), ("origin", "http://localhost:3000")]
                {
                    builder =
                        builder.header(name, header::HeaderValue::from_bytes(value.as_bytes()).unwrap());
                }
                let reply = app.browser().send_request(builder.body(Body::empty()).unwrap()).await;
                refused_or_fine(&reply, &format!("{} {path} as {token:?} with {cookie:?}", operation.method));
                assert!(
                    operation.audience == Audience::Frontend
                        || reply.status() == 401
                        || is_open(operation.path),
                    "{path} answered {} to somebody without a key",
                    reply.status()
                );
            }
        }
    }
}

#[frontdesk_testkit::matrix::test]
async fn what_is_published_and_not_built_says_so(app: TestApp) {
    let mut missing = 0;
    let built: Vec<_> = contract::declared().collect();
    for operation in contract::published() {
        let is_built = built.iter().any(|it| {
            it.audience == operation.audience && it.method == operation.method && it.id == operation.id
        });
        if !is_built {
            let method: Method = operation.method.parse().unwrap();
            let uri = filled(operation.path, "x");
            let reply = app
                .browser()
                .send_request(request(&app, operation.audience, &method, &uri).body(Body::empty()).unwrap())
                .await;
            let answer = (reply.status(), reply.error_code());
            assert_eq!(answer, (501, "operation_not_available".to_owned()), "{operation:?}");
            missing += 1;
        }
    }
    assert!(missing > 300, "this test looked at {missing} operations only");
}

/// Both audiences own these: the key decides who answers (decision 23).
#[frontdesk_testkit::matrix::test]
async fn of_two_owners_of_a_path_the_key_decides(app: TestApp) {
    let pairs = |audience| {
        let of = contract::published().filter(move |it| it.audience == audience);
        of.map(|it| (it.method, shape(it.path.strip_prefix("/v1").unwrap_or(it.path)), it.path))
            .collect::<Vec<_>>()
    };
    let (backend, frontend) = (pairs(Audience::Backend), pairs(Audience::Frontend));
    let shared: Vec<_> = backend
        .iter()
        .filter(|one| frontend.iter().any(|other| (one.0, &one.1) == (other.0, &other.1)))
        .collect();
    assert_eq!(shared.len(), 24);
    for (method, _, path) in shared {
        let method: Method = method.parse().unwrap();
        let uri = filled(path, "x");
        let ask = async |audience| {
            let request = request(&app, audience, &method, &uri).body(Body::empty()).unwrap();
            app.browser().send_request(request).await
        };
        // The Frontend speaks to browsers of other origins, the Backend never does: that tells who answered.
        assert_eq!(
            ask(Audience::Frontend).await.header("access-control-allow-origin"),
            "http://localhost:3000",
            "{uri}"
        );
        assert_eq!(ask(Audience::Backend).await.header("access-control-allow-origin"), "", "{uri}");
    }
}

fn request(app: &TestApp, audience: Audience, method: &Method, uri: &str) -> http::request::Builder {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header(header::HOST, "localhost:4400")
        .header(header::ORIGIN, "http://localhost:3000");
    match audience {
        Audience::Backend => {
            request.header(header::AUTHORIZATION, format!("Bearer {}", app.instance.secret_key))
        }
        Audience::Frontend => request,
    }
}

/// The path with every parameter replaced.
fn filled(path: &str, parameter: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { parameter } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

fn shape(path: &str) -> String {
    filled(path, "{}")
}

/// Operations of the Backend that want no key.
fn is_open(path: &str) -> bool {
    path == "/v1/public/interstitial"
}

/// Either the request made sense after all, or it was refused in the contract's words.
pub(crate) fn refused_or_fine(reply: &Reply, what: &str) {
    assert!(reply.status() < 500 || reply.status() == 501, "{what}: {} {}", reply.status(), reply.text());
    if reply.status() >= 400 {
        assert_eq!(reply.header("content-type"), "application/json", "{what}");
        let body = reply.json();
        assert!(
            body["errors"][0]["code"].is_string() && body["clerk_trace_id"].is_string(),
            "{what}: {body}"
        );
    }
}
