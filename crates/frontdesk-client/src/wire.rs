//! From an operation's values to a request, and from an answer to its reply.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_api::contract::path_on_the_wire;
use frontdesk_api::{File, Operation};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, header};
use serde::de::IntoDeserializer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;
use crate::error::{Unreadable, Unsendable};
use crate::transport::{Request, Response};

/// The request of an operation (wire protocol §11.1). `headers` are those of every request.
pub(crate) fn encode<O: Operation>(
    mut headers: HeaderMap,
    path: &O::Path,
    query: &O::Query,
    body: &O::Body,
) -> Result<Request, Unsendable> {
    let mut target = fill(path_on_the_wire(O::PATH), path)?;
    let query = serde_html_form::to_string(query)?;
    if !query.is_empty() {
        target.push('?');
        target.push_str(&query);
    }
    let body = match &O::FILE {
        Some(file_body) => {
            let (content_type, form) = multipart((file_body.file)(body));
            headers.insert(header::CONTENT_TYPE, content_type);
            form
        }
        None => json(body)?,
    };
    if O::FILE.is_none() && !body.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(Request::new(O::METHOD, PathAndQuery::try_from(target)?, headers, body))
}

/// The path with its parameters in it. A parameter stays within its segment, whatever it is made of.
fn fill(template: &str, parameters: &impl Serialize) -> Result<String, Unsendable> {
    let parameters = serde_json::to_value(parameters)?;
    let mut path = String::with_capacity(template.len() + 40);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        path.push_str(before);
        match &parameters[name] {
            // `.` and `..` need no encoding, and no encoding protects them: URL parsers take `%2e%2e` for `..` too.
            Value::String(text) if !matches!(text.as_str(), "" | "." | "..") => push_encoded(&mut path, text),
            Value::Number(number) => path.push_str(&number.to_string()),
            _ => return Err(Unsendable::PathParameter(name.to_owned())),
        }
        rest = behind;
    }
    path.push_str(rest);
    Ok(path)
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
fn push_encoded(path: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let digit = |nibble: u8| char::from(b"0123456789ABCDEF"[usize::from(nibble)]);
            path.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// A body, or none where there is nothing to say.
fn json(body: &impl Serialize) -> Result<Bytes, Unsendable> {
    let json = serde_json::to_vec(body)?;
    Ok(if json == b"{}" { Bytes::new() } else { json.into() })
}

/// A form with one file in it (RFC 7578), and what it calls itself. Its boundary is a line that the file does not have.
fn multipart(file: &File) -> (HeaderValue, Bytes) {
    let is_in_file =
        |boundary: &str| file.bytes().windows(boundary.len()).any(|part| part == boundary.as_bytes());
    let mut number = 0_u64;
    let mut boundary = "frontdesk-file-0".to_owned();
    while is_in_file(&boundary) {
        number += 1;
        boundary = format!("frontdesk-file-{number}");
    }
    let mut form = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"file\"\r\n\
         content-type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    form.extend_from_slice(file.bytes());
    form.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let content_type = format!("multipart/form-data; boundary={boundary}");
    (HeaderValue::try_from(content_type).expect("letters, digits and hyphens"), form.into())
}

/// How long the server wants to be left alone: `Retry-After` in seconds (wire contract §11.1).
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

/// The reply of an operation.
pub(crate) fn decode<O: Operation>(response: &Response) -> Result<O::Reply, Error> {
    if !response.status.is_success() {
        return Err(Error::refused(O::ID, response));
    }
    read(response).map_err(|unreadable| Error::unreadable(O::ID, unreadable))
}

fn read<'a, T: Deserialize<'a>>(response: &'a Response) -> Result<T, Unreadable> {
    if is_page(&response.headers) {
        return read_text(&response.body);
    }
    // 204: an operation that replies nothing has nothing to read.
    let body = if response.body.is_empty() { b"{}".as_slice() } else { &response.body };
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| Unreadable {
        path: error.path().to_string(),
        line: error.inner().line(),
        column: error.inner().column(),
    })?;
    deserializer.end().map_err(|error| Unreadable {
        path: "the end".to_owned(),
        line: error.line(),
        column: error.column(),
    })?;
    Ok(value)
}

/// One operation answers with a page instead of a resource.
fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

fn read_text<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Unreadable> {
    let refused = || Unreadable { path: "a page".to_owned(), line: 1, column: 1 };
    let text = std::str::from_utf8(body).map_err(|_| refused())?;
    let deserializer: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
        text.into_deserializer();
    T::deserialize(deserializer).map_err(|_| refused())
}

#[cfg(test)]
mod tests;
