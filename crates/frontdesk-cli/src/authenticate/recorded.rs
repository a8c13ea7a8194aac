//! A recorded request, as the SDK wants to see one.

use std::borrow::Cow;

use frontdesk::RequestView;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};
use url::Url;

/// What was recorded of a request.
pub(super) struct Recorded {
    method: String,
    url: String,
    headers: HeaderMap,
}

impl Recorded {
    /// Takes what a JavaScript `Request` would take.
    pub(super) fn new(method: &str, url: &str, headers: &Map<String, Value>) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|error| format!("the URL cannot be read: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the URL has credentials".to_owned());
        }
        let mut recorded =
            Self { method: normalised(method), url: url.to_string(), headers: HeaderMap::new() };
        for (name, value) in headers {
            match value {
                Value::Array(values) => {
                    for value in values {
                        recorded.add(name, value)?;
                    }
                }
                value => recorded.add(name, value)?,
            }
        }
        Ok(recorded)
    }

    fn add(&mut self, name: &str, value: &Value) -> Result<(), String> {
        let unusable = || format!("the header {name:?} cannot be used");
        let key = HeaderName::try_from(name).map_err(|_| unusable())?;
        // A header is bytes; text recorded by JavaScript has one character for each.
        let bytes: Option<Vec<u8>> = value.as_str().ok_or_else(unusable)?.chars().map(byte).collect();
        let value = HeaderValue::from_bytes(&bytes.ok_or_else(unusable)?).map_err(|_| unusable())?;
        self.headers.append(key, value);
        Ok(())
    }
}

fn byte(character: char) -> Option<u8> {
    u8::try_from(u32::from(character)).ok()
}

/// The usual methods are known in either case, as in browsers.
fn normalised(method: &str) -> String {
    let upper = method.to_ascii_uppercase();
    if matches!(upper.as_str(), "DELETE" | "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT") {
        return upper;
    }
    method.to_owned()
}

impl RequestView for Recorded {
    fn method(&self) -> &str {
        &self.method
    }

    fn url(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.url)
    }

    fn header(&self, name: &str) -> Option<&[u8]> {
        Some(self.headers.get(name)?.as_bytes())
    }

    fn each_header<'r>(&'r self, name: &str, visit: &mut dyn FnMut(&'r [u8])) {
        for value in self.headers.get_all(name) {
            visit(value.as_bytes());
        }
    }

    fn all_headers<'r>(&'r self, visit: &mut dyn FnMut(&'r str, &'r [u8])) {
        for (name, value) in &self.headers {
            visit(name.as_str(), value.as_bytes());
        }
    }
}
