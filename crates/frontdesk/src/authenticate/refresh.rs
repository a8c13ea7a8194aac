//! A new session token in place of an expired one, without a detour of the browser (wire contract §4.5, §4.8).

use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::Arc;

use frontdesk_client::RefreshSession;
use frontdesk_jwt::Token;
use frontdesk_types::{SessionId, Timestamp};
use http::HeaderMap;
use http::header::SET_COOKIE;

use crate::authenticate::verification::Refusal;
use crate::frontdesk::Inner;
use crate::key_source::PATIENCE;
use crate::request::Facts;
use crate::request::cookies::Spelling;
use crate::state::reason::{RefreshObstacle, RefusalCode};
use crate::state::secret_value;
use crate::{RequestState, Session};

/// What the other SDK's client says of itself when an answer is missing or cannot be read.
const OWN_ERROR: &str = "unexpected_error";

/// Asks the server to renew the session. The answer's cookies go to the browser.
pub(crate) async fn refresh(
    frontdesk: &Arc<Inner>,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Result<RequestState, RefreshObstacle> {
    if !facts.is_get() {
        return Err(RefreshObstacle::NotGet);
    }
    let refresh_token = facts.cookies.refresh().ok_or(RefreshObstacle::NoRefreshCookie)?;
    let expired = facts.session_token().ok_or(RefreshObstacle::UnreadableToken)?;
    let session_id = session_of(expired)?;

    let origin = facts.url.origin().ascii_serialization();
    let mut question = RefreshSession::new(expired, refresh_token, origin)
        .suffixed_cookies(facts.spelling == Spelling::Suffixed);
    for (name, value) in visitor(facts) {
        question = question.request_header(name, value);
    }
    let asked = frontdesk.config.client.refresh_session(&session_id, question);
    let answer = tokio::time::timeout(PATIENCE, asked).await.map_err(|_| RefreshObstacle::Unreachable)?;
    let cookies = answer.map_err(|error| obstacle(&error))?;
    if cookies.is_empty() {
        return Err(RefreshObstacle::NoCookies);
    }
    let (headers, token) = read_cookies(&cookies).ok_or(RefreshObstacle::InvalidToken)?;
    match verified(frontdesk, token.unwrap_or_default(), now).await {
        Ok(session) => Ok(RequestState::signed_in(session, headers)),
        Err(refusal) if refusal.is_beyond_reading => {
            Ok(RequestState::signed_out_with(refusal.reason, None, headers))
        }
        Err(_) => Err(RefreshObstacle::InvalidToken),
    }
}

/// The headers of the request, those of one name joined as if they were one.
fn visitor(facts: &Facts<'_>) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::<String, String>::new();
    for (name, value) in &facts.request.visitor {
        let value: String = match std::str::from_utf8(value) {
            Ok(text) => text.to_owned(),
            Err(_) => value.iter().copied().map(char::from).collect(),
        };
        match headers.entry(name.to_ascii_lowercase()) {
            Entry::Vacant(first) => drop(first.insert(value)),
            Entry::Occupied(mut before) => {
                let separator = if before.key() == "cookie" { "; " } else { ", " };
                before.get_mut().push_str(separator);
                before.get_mut().push_str(&value);
            }
        }
    }
    headers
}

fn session_of(expired: &str) -> Result<SessionId, RefreshObstacle> {
    let token = Token::decode(expired).map_err(|_| RefreshObstacle::UnreadableToken)?;
    let claims = token.claims::<serde_json::Map<String, serde_json::Value>>();
    let claims = claims.map_err(|_| RefreshObstacle::UnreadableToken)?;
    let sid = claims.get("sid").and_then(serde_json::Value::as_str);
    sid.and_then(|sid| sid.parse().ok()).ok_or(RefreshObstacle::NoSessionId)
}

fn obstacle(error: &frontdesk_client::Error) -> RefreshObstacle {
    match error.code() {
        Some(code) if code.as_str() != OWN_ERROR => RefreshObstacle::Refused(RefusalCode::new(code.as_str())),
        None if error.status().is_some_and(|status| !status.is_success()) => {
            RefreshObstacle::UnexpectedAnswer
        }
        _ => RefreshObstacle::Unreachable,
    }
}

/// The headers that set these cookies, and the last session token among them.
pub(crate) fn read_cookies(cookies: &[String]) -> Option<(HeaderMap, Option<&str>)> {
    let mut headers = HeaderMap::new();
    // Nobody, unless a cookie says otherwise; and `None` for a session cookie without even an empty value.
    let mut token = Some("");
    for cookie in cookies {
        headers.append(SET_COOKIE, secret_value(cookie)?);
        let mut parts = cookie.split(';').next().unwrap_or_default().split('=');
        if parts.next().is_some_and(|name| name.starts_with("__session")) {
            // The last one counts, whichever suffix it has.
            token = parts.next();
        }
    }
    Some((headers, token))
}

async fn verified(frontdesk: &Arc<Inner>, token: &str, now: Timestamp) -> Result<Session, Refusal> {
    frontdesk.verify(token, Token::decode(token)?, now).await
}
