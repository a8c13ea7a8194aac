//! What is asked: path, query and body of an operation, decoded into its types.

mod multipart;

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use frontdesk_api::{Audience, File, Operation, contract};
use http::request::Parts;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer};

use crate::errors::{self, ApiError};
use crate::pictures::LARGEST_FILE;

/// The largest body taken, in bytes.
pub(crate) const BODY_LIMIT: usize = 512 * 1024;

/// The largest body taken where a file is in it, in bytes: the file, in base64 if need be, and what is around it.
const FILE_BODY_LIMIT: usize = LARGEST_FILE / 3 * 4 + 16 * 1024;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// A request for one operation.
#[derive(Debug)]
pub(crate) struct Req<O: Operation> {
    /// The parameters in the path.
    pub(crate) path: O::Path,
    /// The parameters in the query.
    pub(crate) query: O::Query,
    /// The body.
    pub(crate) body: O::Body,
}

impl<O: Operation> Clone for Req<O> {
    fn clone(&self) -> Self {
        Self { path: self.path.clone(), query: self.query.clone(), body: self.body.clone() }
    }
}

impl<O: Operation> Req<O> {
    /// Reads and decodes a request. An id that cannot be one answers like an id that nobody has.
    pub(crate) async fn read(parts: &mut Parts, body: Body) -> Result<Self, ApiError> {
        let path = Path::<O::Path>::from_request_parts(parts, &()).await;
        // PostgreSQL takes no NUL, so nothing can have one in its name.
        let path = path.ok().filter(|_| !parts.uri.path().contains("%00"));
        let Path(path) = path.ok_or_else(|| errors::resource_not_found("resource", parts.uri.path()))?;
        let query = form::<O::Query>(parts.uri.query().unwrap_or_default())?.value;
        if let Some(file_body) = &O::FILE {
            let file = file(&parts.headers, &collect(body, FILE_BODY_LIMIT).await?)?;
            return Ok(Self { path, query, body: (file_body.from_file)(file) });
        }
        let bytes = collect(body, BODY_LIMIT).await?;
        let decoded = match BodyFormat::of(&parts.headers, O::AUDIENCE)? {
            _ if bytes.is_empty() => json::<O::Body>(b"{}")?,
            BodyFormat::Json => json::<O::Body>(&bytes)?,
            BodyFormat::Form => form::<O::Body>(
                std::str::from_utf8(&bytes).map_err(|_| errors::malformed_body("The form is not UTF-8."))?,
            )?,
        };
        refuse_unknown::<O>(&decoded.ignored)?;
        Ok(Self { path, query, body: decoded.value })
    }
}

enum BodyFormat {
    Json,
    Form,
}

impl BodyFormat {
    /// The Backend API speaks JSON; browsers send forms, other devices may send JSON.
    fn of(headers: &HeaderMap, audience: Audience) -> Result<Self, ApiError> {
        let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
        let essence =
            content_type.map(|text| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        match (essence.as_deref(), audience) {
            (None, Audience::Backend) | (Some("application/json"), _) => Ok(Self::Json),
            (None | Some("application/x-www-form-urlencoded"), Audience::Frontend) => Ok(Self::Form),
            (Some(_), Audience::Backend) => Err(errors::unsupported_content_type("application/json")),
            (Some(_), Audience::Frontend) => {
                Err(errors::unsupported_content_type("application/x-www-form-urlencoded or application/json"))
            }
        }
    }
}

/// The file in a body: in a multipart form, as its field `file`; or as the whole body, as it is or in base64, also with
/// `data:image/png;base64,` before it, which is how devices send what they have as text.
fn file(headers: &HeaderMap, body: &[u8]) -> Result<File, ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("?");
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "multipart/form-data" => {
            multipart::file(content_type, body, "file")?.map(File::from).ok_or_else(errors::image_missing)
        }
        "application/octet-stream" => {
            let text = std::str::from_utf8(body).ok().map(|text| {
                text.strip_prefix("data:").and_then(|url| url.split_once(',')).map_or(text, |(_, data)| data)
            });
            let decoded = text.and_then(|text| STANDARD.decode(text.trim()).ok());
            Ok(decoded.map_or_else(|| File::from(body), File::from))
        }
        _ => Err(errors::unsupported_content_type("multipart/form-data, with the file as `file`")),
    }
}

async fn collect(body: Body, limit: usize) -> Result<bytes::Bytes, ApiError> {
    let whole = Limited::new(body, limit).collect();
    match tokio::time::timeout(BODY_TIMEOUT, whole).await {
        Err(_) => Err(errors::malformed_body("The body took too long to arrive.")),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(match limit {
            FILE_BODY_LIMIT => errors::image_size_exceeded("10 MB"),
            _ => errors::body_too_large(limit),
        }),
        Ok(Err(_)) => Err(errors::malformed_body("The body ended before it was complete.")),
    }
}

/// A decoded value, and the fields that it has no place for.
struct Decoded<T> {
    value: T,
    ignored: Vec<String>,
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<Decoded<T>, ApiError> {
    refuse_escaped_nul(bytes)?;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let decoded = decode(NamedFields(&mut deserializer), |error: &serde_json::Error| error.is_data())?;
    deserializer.end().map_err(|_| errors::malformed_body("There is text behind the JSON value."))?;
    Ok(decoded)
}

/// Wants a JSON object where a struct is read. serde takes an array too, and its items for the fields in order.
struct NamedFields<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for NamedFields<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

fn form<T: DeserializeOwned>(text: &str) -> Result<Decoded<T>, ApiError> {
    if text.contains("%00") || text.contains('\0') {
        return Err(errors::text_with_nul());
    }
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    decode(serde_html_form::Deserializer::new(pairs), |_| true)
}

/// Decodes, remembering where it failed and what was left over. `is_data` tells a value of the wrong type from text
/// that does not parse.
fn decode<'de, T, D>(deserializer: D, is_data: impl Fn(&D::Error) -> bool) -> Result<Decoded<T>, ApiError>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let mut ignored = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(deserializer, &mut track);
    let outcome = serde_ignored::deserialize(tracked, |path| ignored.push(path.to_string()));
    match outcome {
        Ok(value) => Ok(Decoded { value, ignored }),
        Err(error) if is_data(&error) => {
            let path = track.path().to_string();
            let name = if path == "." { "body" } else { path.split(['.', '[']).next().unwrap_or("body") };
            Err(errors::param_type_invalid(name, &error.to_string()))
        }
        Err(error) => Err(errors::malformed_body(&error.to_string())),
    }
}

/// PostgreSQL keeps no NUL in text, so none is let in on either engine.
fn refuse_escaped_nul(bytes: &[u8]) -> Result<(), ApiError> {
    let escaped = bytes.windows(6).any(|window| window.eq_ignore_ascii_case(b"\\u0000"));
    if escaped { Err(errors::text_with_nul()) } else { Ok(()) }
}

/// No field is taken and forgotten: what the contract has and this server lacks is refused by name, and so is what
/// the Backend contract does not have. Browsers send fields of their own (`__clerk_protect_token`); those pass.
fn refuse_unknown<O: Operation>(ignored: &[String]) -> Result<(), ApiError> {
    if ignored.is_empty() {
        return Ok(());
    }
    let published = contract::published_operation(O::AUDIENCE, O::METHOD.as_str(), O::PATH);
    for path in ignored {
        let name = path.split('.').next().unwrap_or(path);
        if published.as_ref().is_some_and(|it| it.fields().any(|field| field == name)) {
            return Err(errors::param_not_available(name));
        }
        if contract::retired_field(O::ID, name) {
            return Err(errors::param_unknown(name));
        }
        if O::AUDIENCE == Audience::Backend {
            return Err(errors::param_unknown(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_not_waited_for() {
        let started = futures_util::stream::iter([Ok::<_, std::io::Error>("half")]);
        let body =
            Body::from_stream(futures_util::StreamExt::chain(started, futures_util::stream::pending()));
        assert_eq!(collect(body, BODY_LIMIT).await.unwrap_err().refused().status, 400);
    }
}
