//! CORS: every answer of the Frontend API can be read by the page that asked (wire protocol §6.4), refusals included.
//! Whether the page may ask at all is decided before (`origin_invalid`), so that a refused page learns why.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

/// What pages may read of an answer beside its body.
const EXPOSED: &str = "Clerk-Db-Jwt, Retry-After, X-Country, Authorization, X-Clerk-Trace-Id";
/// What pages may send after a preflight.
const HEADERS: &str = "Authorization, Content-Type, Clerk-Api-Version, Clerk-Db-Jwt, Clerk-Cookie, X-Mobile, \
     X-Expo-Sdk-Version, X-Expo-Native-Application-Version, X-Native-Device-Id, X-Clerk-Client, \
     X-Clerk-Client-Version";
const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
/// How long a browser may remember a preflight, in seconds.
const MAX_AGE: &str = "7200";

/// Answers preflights, and dresses every other answer of a Frontend path.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    if request.method() == Method::OPTIONS {
        return preflight(origin.as_ref());
    }
    let mut response = next.run(request).await;
    dress(response.headers_mut(), origin.as_ref());
    response
}

/// Lets the page that asked read the answer. Never `*`: answers are made for one person.
pub(crate) fn dress(headers: &mut HeaderMap, origin: Option<&HeaderValue>) {
    vary_by_origin(headers);
    let Some(origin) = origin else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

fn preflight(origin: Option<&HeaderValue>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    dress(headers, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    response
}

fn vary_by_origin(headers: &mut HeaderMap) {
    let names_origin = |value: &HeaderValue| {
        value
            .to_str()
            .is_ok_and(|text| text.split(',').any(|name| name.trim().eq_ignore_ascii_case("origin")))
    };
    if !headers.get_all(header::VARY).iter().any(names_origin) {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}
