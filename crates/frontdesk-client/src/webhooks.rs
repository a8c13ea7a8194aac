//! Webhooks, verified and typed (wire contract §10).
//!
//! A server tells an application what happened by a `POST` that is signed with a secret both know: HMAC-SHA256 over the
//! message's id, its time and its body, in the scheme of Svix and Standard Webhooks. [`verify_webhook`] proves all three
//! and gives the [`Event`].

use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use frontdesk_api::webhooks::Envelope;
pub use frontdesk_api::webhooks::{
    Email, Event, EventAttributes, EventRequest, EventType, SessionOfUser, SmsMessage,
};
use frontdesk_types::{Span, Timestamp};
use serde::de::DeserializeSeed as _;

const ID: &str = "svix-id";
const TIMESTAMP: &str = "svix-timestamp";
const SIGNATURE: &str = "svix-signature";

/// How far the time of a message may lie from ours, either way.
const TOLERANCE: Span = Span::minutes(5);

/// Signatures of one message that are looked at: senders give one for each secret that they rotate.
const MOST_SIGNATURES: usize = 16;

/// Verifies a webhook by the clock of this machine, and reads its event.
///
/// `headers` are those of the request, `body` its bytes as they came (parsed and written anew they would not match),
/// and `secret` is what the server shows for the endpoint: `whsec_…`. [`WebhookVerifier`] takes several secrets and a
/// time of your own.
///
/// ```
/// use frontdesk_client::webhooks::{Event, WebhookError, verify_webhook};
///
/// fn on_webhook(headers: &http::HeaderMap, body: &[u8], secret: &str) -> Result<(), WebhookError> {
///     match verify_webhook(headers, body, secret)?.event {
///         Event::UserCreated(user) => println!("welcome, {}", user.profile.id),
///         Event::UserDeleted(user) => println!("farewell, {}", user.id),
///         other => println!("{} is nothing to us", other.kind()),
///     }
///     Ok(())
/// }
/// ```
///
/// # Errors
/// [`WebhookError`]; answer the request with 400. [`WebhookError::is_misconfigured`] is yours to mend.
pub fn verify_webhook(
    headers: &(impl WebhookHeaders + ?Sized),
    body: impl AsRef<[u8]>,
    secret: &str,
) -> Result<WebhookEvent, WebhookError> {
    WebhookVerifier::new(secret)?.verify(headers, body, system_time())
}

/// A message that is proven to come from the server.
///
/// ```
/// use frontdesk_client::webhooks::WebhookEvent;
///
/// fn note(event: &WebhookEvent) {
///     println!("{}: {} in {:?}", event.id, event.event.kind(), event.instance_id);
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The id of the message: the same when it is delivered again, so remember it to do nothing twice.
    pub id: String,
    /// When this delivery was signed.
    pub signed_at: Timestamp,
    /// What happened.
    pub event: Event,
    /// When it happened, if the server tells.
    pub timestamp: Option<Timestamp>,
    /// In which instance, if the server tells: `ins_…`.
    pub instance_id: Option<String>,
    /// By which request, if it was one.
    pub attributes: Option<EventAttributes>,
}

/// Verifies webhooks with one secret, or with several while they are rotated.
///
/// ```
/// use frontdesk_client::Timestamp;
/// use frontdesk_client::webhooks::WebhookVerifier;
///
/// let verifier = WebhookVerifier::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?.or("whsec_b2xkIHNlY3JldA==")?;
///
/// // In a test: sign what the server would send, and say what time it is.
/// let (body, now) = (r#"{"type":"user.deleted","data":{"id":"user_1","deleted":true}}"#, Timestamp::from_secs(1_795_417_200));
/// let headers = [
///     ("svix-id", "msg_1"),
///     ("svix-timestamp", "1795417200"),
///     ("svix-signature", &verifier.sign("msg_1", now, body)),
/// ];
/// assert_eq!(verifier.verify(&headers[..], body, now)?.event.kind(), "user.deleted");
/// # Ok::<(), frontdesk_client::webhooks::WebhookError>(())
/// ```
#[derive(Clone)]
pub struct WebhookVerifier {
    /// Never empty; the first one signs.
    keys: Vec<hmac::Key>,
}

impl WebhookVerifier {
    /// With this secret: `whsec_` and base64, or the base64 alone.
    ///
    /// ```
    /// # use frontdesk_client::webhooks::{WebhookError, WebhookVerifier};
    /// let verifier = WebhookVerifier::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
    /// assert_eq!(WebhookVerifier::new("whsec_").unwrap_err(), WebhookError::Secret);
    /// # Ok::<(), WebhookError>(())
    /// ```
    ///
    /// # Errors
    /// [`WebhookError::Secret`].
    pub fn new(secret: &str) -> Result<Self, WebhookError> {
        Ok(Self { keys: vec![key(secret)?] })
    }

    /// With this secret too: the old one, until the last message that was signed with it has come.
    ///
    /// ```
    /// # use frontdesk_client::webhooks::{WebhookError, WebhookVerifier};
    /// let verifier = WebhookVerifier::new("whsec_bmV3IHNlY3JldA==")?.or("whsec_b2xkIHNlY3JldA==")?;
    /// # Ok::<(), WebhookError>(())
    /// ```
    ///
    /// # Errors
    /// [`WebhookError::Secret`].
    pub fn or(mut self, secret: &str) -> Result<Self, WebhookError> {
        self.keys.push(key(secret)?);
        Ok(self)
    }

    /// Verifies a webhook at this time, and reads its event. The message may be five minutes old, and five minutes
    /// ahead of our clock.
    ///
    /// ```
    /// # use frontdesk_client::webhooks::{WebhookError, WebhookVerifier};
    /// use frontdesk_client::Timestamp;
    ///
    /// fn is_genuine(verifier: &WebhookVerifier, headers: &http::HeaderMap, body: &[u8], now: Timestamp) -> bool {
    ///     verifier.verify(headers, body, now).is_ok()
    /// }
    /// ```
    ///
    /// # Errors
    /// As of [`verify_webhook`].
    pub fn verify(
        &self,
        headers: &(impl WebhookHeaders + ?Sized),
        body: impl AsRef<[u8]>,
        now: Timestamp,
    ) -> Result<WebhookEvent, WebhookError> {
        let body = body.as_ref();
        let header = |name| {
            let value = headers.header(name).map(str::trim).filter(|value| !value.is_empty());
            value.ok_or(WebhookError::MissingHeader(name))
        };
        let (id, timestamp, signatures) = (header(ID)?, header(TIMESTAMP)?, header(SIGNATURE)?);
        let signed_at = instant(timestamp, now)?;
        if !self.has_signed(id, signed_at, body, signatures) {
            return Err(WebhookError::Signature);
        }
        read(id, signed_at, body)
    }

    /// The value of `svix-signature` for a message with this id, time and body, by the first secret: for tests, and for
    /// whoever sends.
    ///
    /// ```
    /// # use frontdesk_client::webhooks::{WebhookError, WebhookVerifier};
    /// # use frontdesk_client::Timestamp;
    /// let verifier = WebhookVerifier::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
    /// assert!(verifier.sign("msg_1", Timestamp::from_secs(1_795_417_200), "{}").starts_with("v1,"));
    /// # Ok::<(), WebhookError>(())
    /// ```
    pub fn sign(&self, id: &str, at: Timestamp, body: impl AsRef<[u8]>) -> String {
        // A verifier has a key; without one there is nothing to sign with.
        let tag = self.keys.first().map(|key| tag(key, id, at, body.as_ref()));
        tag.map(|tag| format!("v1,{}", STANDARD.encode(tag))).unwrap_or_default()
    }

    /// Whether one of the signatures is one of ours. All of them are compared, in constant time each.
    fn has_signed(&self, id: &str, at: Timestamp, body: &[u8], signatures: &str) -> bool {
        let given: Vec<_> = signatures.split(' ').take(MOST_SIGNATURES).filter_map(signature).collect();
        let is_given = |tag: hmac::Tag| {
            let equal =
                |given: &&Vec<u8>| constant_time::verify_slices_are_equal(given, tag.as_ref()).is_ok();
            given.iter().filter(equal).count() > 0
        };
        self.keys.iter().filter(|key| is_given(tag(key, id, at, body))).count() > 0
    }
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WebhookVerifier").field("secrets", &self.keys.len()).finish_non_exhaustive()
    }
}

/// The headers of a request, of whichever framework and whichever version of `http`.
///
/// Implemented for [`http::HeaderMap`], and for pairs of name and value, so that any other can be brought into the form:
///
/// ```
/// use frontdesk_client::webhooks::WebhookHeaders;
///
/// let pairs = vec![("Svix-Id".to_owned(), "msg_1".to_owned())];
/// assert_eq!(pairs[..].header("svix-id"), Some("msg_1"));
/// ```
pub trait WebhookHeaders {
    /// The value of this header, whose name is given in lower case. `None` if there is none, if it is no text, or if
    /// there are several: nobody can say which of them counts.
    fn header(&self, name: &str) -> Option<&str>;
}

impl WebhookHeaders for http::HeaderMap {
    fn header(&self, name: &str) -> Option<&str> {
        only(self.get_all(name).iter())?.to_str().ok()
    }
}

impl<Name: AsRef<str>, Value: AsRef<str>> WebhookHeaders for [(Name, Value)] {
    fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = only(self.iter().filter(|(given, _)| given.as_ref().eq_ignore_ascii_case(name)))?;
        Some(value.as_ref())
    }
}

impl<Name: AsRef<str>, Value: AsRef<str>, S: BuildHasher> WebhookHeaders for HashMap<Name, Value, S> {
    fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = only(self.iter().filter(|(given, _)| given.as_ref().eq_ignore_ascii_case(name)))?;
        Some(value.as_ref())
    }
}

/// Why a webhook is not taken. None of them shows the secret or the body.
///
/// ```
/// use frontdesk_client::webhooks::{WebhookError, verify_webhook};
///
/// let nothing: [(&str, &str); 0] = [];
/// let error = verify_webhook(&nothing[..], "{}", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap_err();
/// assert_eq!(error, WebhookError::MissingHeader("svix-id"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The secret is not `whsec_` and base64, or there is nothing in it.
    #[error("the webhook secret is not whsec_ followed by base64")]
    Secret,
    /// This header is missing, or there are several.
    #[error("the header {0} is missing, or there are several")]
    MissingHeader(&'static str),
    /// The time is no number of seconds.
    #[error("the time of the message is no number of seconds")]
    Timestamp,
    /// The message is older than five minutes: somebody may have kept it.
    #[error("the message is older than five minutes")]
    TooOld,
    /// The message lies more than five minutes ahead: one of the clocks is wrong.
    #[error("the message lies more than five minutes ahead")]
    TooNew,
    /// No signature fits: another secret, or another body.
    #[error("no signature of the message fits")]
    Signature,
    /// The message is genuine, but its body is none of an event.
    #[error("the body of the message cannot be read: at {0}")]
    Body(String),
}

impl WebhookError {
    /// Whether it is the application that is wrong, and not the message.
    ///
    /// ```
    /// # use frontdesk_client::webhooks::WebhookError;
    /// assert!(WebhookError::Secret.is_misconfigured() && !WebhookError::Signature.is_misconfigured());
    /// ```
    pub fn is_misconfigured(&self) -> bool {
        matches!(self, Self::Secret)
    }
}

/// The key in a secret.
fn key(secret: &str) -> Result<hmac::Key, WebhookError> {
    /// People lose the `=` at the end when they copy.
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let secret = secret.trim();
    let bytes = LENIENT.decode(secret.strip_prefix("whsec_").unwrap_or(secret));
    let bytes = bytes.ok().filter(|bytes| !bytes.is_empty()).ok_or(WebhookError::Secret)?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

/// What the sender has signed: `id.seconds.body`.
fn tag(key: &hmac::Key, id: &str, at: Timestamp, body: &[u8]) -> hmac::Tag {
    let mut signing = hmac::Context::with_key(key);
    signing.update(id.as_bytes());
    signing.update(format!(".{}.", at.as_secs()).as_bytes());
    signing.update(body);
    signing.sign()
}

/// The bytes of one signature of the version that we know.
fn signature(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.strip_prefix("v1,")?).ok()
}

/// The time of the message, if it is near enough.
fn instant(text: &str, now: Timestamp) -> Result<Timestamp, WebhookError> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| is_number).ok_or(WebhookError::Timestamp)?;
    let (at, now) = (Timestamp::from_secs(seconds), Timestamp::from_secs(now.as_secs()));
    if now.since(at) > TOLERANCE {
        return Err(WebhookError::TooOld);
    }
    if at.since(now) > TOLERANCE {
        return Err(WebhookError::TooNew);
    }
    Ok(at)
}

/// The event in a body that is proven.
fn read(id: &str, signed_at: Timestamp, body: &[u8]) -> Result<WebhookEvent, WebhookError> {
    let place = |error: serde_json::Error| {
        WebhookError::Body(format!("line {}, column {}", error.line(), error.column()))
    };
    let envelope: Envelope = serde_json::from_slice(body).map_err(place)?;
    let mut track = serde_path_to_error::Track::new();
    let data = serde_path_to_error::Deserializer::new(envelope.data, &mut track);
    let event = envelope.kind.deserialize(data);
    Ok(WebhookEvent {
        id: id.to_owned(),
        signed_at,
        event: event.map_err(|_| WebhookError::Body(within_data(&track.path())))?,
        timestamp: envelope.timestamp,
        instance_id: envelope.instance_id,
        attributes: envelope.event_attributes,
    })
}

/// The place of what is wrong with the resource, as far as it is known.
fn within_data(path: &serde_path_to_error::Path) -> String {
    if path.iter().next().is_none() { "data".to_owned() } else { format!("data.{path}") }
}

/// The only one of them.
fn only<T>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next();
    if values.next().is_some() { None } else { first }
}

#[expect(clippy::disallowed_methods, reason = "the one place for whoever brings no time of their own")]
fn system_time() -> Timestamp {
    // A clock before 1970 makes every message too new.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
