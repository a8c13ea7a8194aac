//! What came back.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// One header as text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of ASCII"))
    }

    /// The body as it is.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body of UTF-8")
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// If it is none: the message shows the body.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: not JSON ({error}): {}", self.status, self.text()))
    }

    /// The code of the first error.
    pub fn error_code(&self) -> String {
        self.json()["errors"][0]["code"].as_str().unwrap_or("(no error)").to_owned()
    }

    /// The parameter that the first error names.
    pub fn error_param(&self) -> String {
        self.json()["errors"][0]["meta"]["param_name"].as_str().unwrap_or("(none)").to_owned()
    }

    /// The JSON of a successful answer.
    ///
    /// # Panics
    ///
    /// If the status is not 200: the message shows the body.
    pub fn ok(&self) -> Value {
        assert_eq!(self.status(), 200, "{}", self.text());
        self.json()
    }

    /// Asserts that the request was refused with this status and code.
    ///
    /// # Panics
    ///
    /// If it was not: the message shows the body.
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status(), self.error_code().as_str()), (status, code), "{}", self.text());
        assert!(
            !self.json()["clerk_trace_id"].as_str().unwrap_or_default().is_empty(),
            "no trace id: {}",
            self.text()
        );
    }
}
