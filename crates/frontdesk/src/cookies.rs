//! The cookies of a request, and which of their two spellings to believe.

use std::borrow::Cow;

use frontdesk_jwt::Token;
use frontdesk_types::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::{InstanceType, PublishableKey, RequestView};

/// Every cookie that this library reads. A value is `None` when the cookie is absent or empty.
#[derive(Debug, Default)]
pub(crate) struct Cookies<'r> {
    plain: Twins<'r>,
    suffixed: Twins<'r>,
    handshake: Option<Cow<'r, str>>,
    handshake_nonce: Option<Cow<'r, str>>,
    redirect_count: Option<Cow<'r, str>>,
}

/// The cookies that exist with and without the key's suffix.
#[derive(Debug, Default)]
struct Twins<'r> {
    session: Option<Cow<'r, str>>,
    client_uat: Option<Cow<'r, str>>,
    dev_browser: Option<Cow<'r, str>>,
    refresh: Option<Cow<'r, str>>,
}

/// Which of the twins holds the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    Plain,
    Suffixed,
}

impl<'r> Cookies<'r> {
    /// Reads the cookies of a request. Of equally named ones the first counts, as in browsers' order of paths.
    pub(crate) fn read(request: &'r impl RequestView, suffix: &str) -> Self {
        let mut cookies = Self::default();
        request.each_header("cookie", &mut |header| {
            for pair in header.split(|byte| *byte == b';') {
                cookies.take(pair, suffix);
            }
        });
        cookies
    }

    fn take(&mut self, pair: &'r [u8], suffix: &str) {
        let Some(equals) = pair.iter().position(|byte| *byte == b'=') else { return };
        let name = pair[..equals].trim_ascii();
        let slot = match name {
            b"__clerk_handshake" => &mut self.handshake,
            b"__clerk_handshake_nonce" => &mut self.handshake_nonce,
            b"__clerk_redirect_count" => &mut self.redirect_count,
            _ => {
                let twin = self.plain.slot(name).is_some();
                let bare = name.strip_suffix(suffix.as_bytes()).and_then(|name| name.strip_suffix(b"_"));
                let slot = match bare {
                    _ if twin => self.plain.slot(name),
                    Some(bare) => self.suffixed.slot(bare),
                    None => None,
                };
                let Some(slot) = slot else { return };
                slot
            }
        };
        // An empty value still takes the place: it is the first one.
        slot.get_or_insert_with(|| decode(pair[equals + 1..].trim_ascii()));
    }

    /// Chooses between the twins (wire contract §2.3).
    pub(crate) fn spelling(&self, key: &PublishableKey, now: Timestamp) -> Spelling {
        if self.believes_suffixed(key, now) { Spelling::Suffixed } else { Spelling::Plain }
    }

    fn believes_suffixed(&self, key: &PublishableKey, now: Timestamp) -> bool {
        let session = filled(self.plain.session.as_ref());
        let uat = filled(self.plain.client_uat.as_ref());
        let suffixed_session = filled(self.suffixed.session.as_ref());
        let suffixed_uat = filled(self.suffixed.client_uat.as_ref());

        let session_claims = session.map(Glimpse::of);
        if let Some(glimpse) = &session_claims {
            match &glimpse.issuer {
                Issuer::Missing => return false,
                Issuer::Named(host) if *host == key.frontend_api() => {}
                Issuer::Named(_) | Issuer::NotText => return true,
            }
        }
        if suffixed_uat.is_none() && suffixed_session.is_none() {
            return false;
        }

        // Only a literal zero says "signed out"; an absent cookie says nothing.
        let signed_out = uat == Some("0");
        let suffixed_signed_out = suffixed_uat == Some("0");
        let suffixed_claims = suffixed_session.map(Glimpse::of).unwrap_or_default();
        let issued_at = session_claims.unwrap_or_default().issued_at;
        if !suffixed_signed_out && !signed_out && issued_at > suffixed_claims.issued_at {
            return false;
        }
        if suffixed_signed_out && !signed_out {
            return false;
        }
        let expired = suffixed_claims.expires_at.is_some_and(|expires_at| expires_at <= now.as_secs());
        if key.instance_type() == InstanceType::Development && !suffixed_signed_out && signed_out && expired {
            return false;
        }
        suffixed_uat.is_some() || suffixed_session.is_none()
    }

    /// The session token.
    pub(crate) fn session(&self, spelling: Spelling) -> Option<&str> {
        filled(self.twins(spelling).session.as_ref())
    }

    /// When the client's authentication last changed, in seconds; `None` for signed out and for unknown.
    pub(crate) fn client_uat(&self, spelling: Spelling) -> Option<i64> {
        let seconds = leading_integer(filled(self.twins(spelling).client_uat.as_ref())?);
        (seconds != 0).then_some(seconds)
    }

    /// The development browser.
    pub(crate) fn dev_browser(&self, spelling: Spelling) -> Option<&str> {
        filled(self.twins(spelling).dev_browser.as_ref())
    }

    /// The refresh token; it has no plain twin.
    pub(crate) fn refresh(&self) -> Option<&str> {
        filled(self.suffixed.refresh.as_ref())
    }

    /// The signed handshake payload.
    pub(crate) fn handshake(&self) -> Option<&str> {
        filled(self.handshake.as_ref())
    }

    /// The name under which the Backend API holds the handshake payload.
    pub(crate) fn handshake_nonce(&self) -> Option<&str> {
        filled(self.handshake_nonce.as_ref())
    }

    /// How often this browser was sent on a handshake within the last two seconds.
    pub(crate) fn redirect_count(&self) -> u32 {
        filled(self.redirect_count.as_ref()).and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    fn twins(&self, spelling: Spelling) -> &Twins<'r> {
        match spelling {
            Spelling::Plain => &self.plain,
            Spelling::Suffixed => &self.suffixed,
        }
    }
}

impl<'r> Twins<'r> {
    fn slot(&mut self, name: &[u8]) -> Option<&mut Option<Cow<'r, str>>> {
        match name {
            b"__session" => Some(&mut self.session),
            b"__client_uat" => Some(&mut self.client_uat),
            b"__clerk_db_jwt" => Some(&mut self.dev_browser),
            b"__refresh" => Some(&mut self.refresh),
            _ => None,
        }
    }
}

fn filled<'c>(value: Option<&'c Cow<'_, str>>) -> Option<&'c str> {
    value.map(|value| &**value).filter(|value| !value.is_empty())
}

/// Undoes percent-encoding; text that is not properly encoded is taken as it is.
fn decode(value: &[u8]) -> Cow<'_, str> {
    if !value.contains(&b'%') {
        return String::from_utf8_lossy(value);
    }
    let decoded = percent_decode(value).and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.map_or_else(|| String::from_utf8_lossy(value), Cow::Owned)
}

fn percent_decode(value: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let [high, low, after @ ..] = tail else { return None };
            decoded.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
            rest = after;
        } else {
            decoded.push(*first);
            rest = tail;
        }
    }
    Some(decoded)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The integer that the text begins with, 0 if it begins with none: other SDKs read `__client_uat` this way.
fn leading_integer(text: &str) -> i64 {
    let text = text.trim_start();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = digits
        .bytes()
        .map_while(|byte| byte.is_ascii_digit().then(|| i64::from(byte - b'0')))
        .fold(0_i64, |number, digit| number.saturating_mul(10).saturating_add(digit));
    if negative { -magnitude } else { magnitude }
}

/// What a session cookie says of itself before anybody has verified it. Good for choosing between two cookies,
/// and for nothing else.
#[derive(Debug, Default)]
struct Glimpse {
    issuer: Issuer,
    issued_at: i64,
    expires_at: Option<i64>,
}

#[derive(Debug, Default)]
enum Issuer {
    #[default]
    Missing,
    NotText,
    Named(String),
}

impl Glimpse {
    fn of(token: &str) -> Self {
        let Ok(token) = Token::decode(token) else { return Self::default() };
        let issuer = match token.claims::<IssuerClaim>().map(|claims| claims.iss) {
            Ok(Value::String(issuer)) if !issuer.is_empty() => Issuer::Named(without_scheme(&issuer)),
            Ok(Value::Null | Value::Bool(false) | Value::String(_)) | Err(_) => Issuer::Missing,
            Ok(_) => Issuer::NotText,
        };
        let issued_at = token.issued_at().map_or(0, Timestamp::as_secs);
        Self { issuer, issued_at, expires_at: token.expires_at().map(Timestamp::as_secs) }
    }
}

#[derive(Deserialize)]
struct IssuerClaim {
    #[serde(default)]
    iss: Value,
}

/// Only the host of an issuer is compared: `http` and `https` name the same instance.
fn without_scheme(issuer: &str) -> String {
    let lower = issuer.to_ascii_lowercase();
    let skip =
        ["https://", "http://"].iter().find(|scheme| lower.starts_with(**scheme)).map_or(0, |s| s.len());
    issuer[skip..].to_owned()
}
