//! The handshake: the browser goes to the Frontend API, which knows its client, and comes back with the cookies it
//! should have (wire contract §4.6).

use std::cmp::Ordering;
use std::sync::Arc;

use frontdesk_client::api::ApiVersion;
use frontdesk_jwt::Token;
use frontdesk_types::{Span, Timestamp};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use url::Url;

use crate::authenticate::refresh::read_cookies;
use crate::authenticate::verification::Refusal;
use crate::frontdesk::Inner;
use crate::key_source::PATIENCE;
use crate::request::cookies::Spelling;
use crate::request::public_url::without_query;
use crate::request::{DEV_BROWSER, Facts, HANDSHAKE, HANDSHAKE_NONCE};
use crate::state::{handshake_headers, set_location};
use crate::{Notice, Reason, RequestState};

/// After this many redirects within two seconds something is wrong with the keys, and going on helps nobody.
const MOST_REDIRECTS: f64 = 3.0;
/// Development machines have wrong clocks; a handshake's token was made a moment ago, so a day is forgiven.
const DEVELOPMENT_SKEW: Span = Span::days(1);

/// Where the browser is sent: the Frontend API, told where to come back to and why.
pub(crate) fn url(facts: &Facts<'_>, reason: &Reason) -> Url {
    let page = without_query(&facts.url, &[DEV_BROWSER, "__dev_session"]);
    let mut url = facts.frontend().url("v1/client/handshake");
    let mut query = url.query_pairs_mut();
    query
        .append_pair("redirect_url", page.as_str())
        .append_pair("__clerk_api_version", ApiVersion::NEWEST.as_str())
        .append_pair("suffixed_cookies", if facts.spelling == Spelling::Suffixed { "true" } else { "false" })
        .append_pair("__clerk_hs_reason", reason.as_str())
        .append_pair("format", "nonce");
    if let Some(token) = facts.session_token() {
        query.append_pair("__session", token);
    }
    if facts.in_development()
        && let Some(dev_browser) = facts.dev_browser()
    {
        query.append_pair(DEV_BROWSER, &dev_browser);
    }
    if let Some(target) = facts.organization_target() {
        query.append_pair("organization_id", target.written());
    }
    drop(query);
    url
}

/// Whether this browser has been sent away too often just now: the count is exactly the most, for a browser that has
/// made up a higher one harms itself only.
pub(crate) fn runs_in_circles(facts: &Facts<'_>) -> bool {
    matches!(facts.cookies.redirect_count().partial_cmp(&MOST_REDIRECTS), Some(Ordering::Equal))
}

/// The same, where it is better to stop than to go on.
pub(crate) fn has_run_enough(facts: &Facts<'_>) -> bool {
    facts.cookies.redirect_count() >= MOST_REDIRECTS
}

/// Whether this browser has been sent away just now.
pub(crate) fn was_redirected(facts: &Facts<'_>) -> bool {
    facts.cookies.redirect_count() != 0.0
}

/// Counts one more redirect, in a cookie that lives two seconds.
pub(crate) fn count_redirect(facts: &Facts<'_>, headers: &mut HeaderMap) {
    let count = facts.cookies.redirect_count() + 1.0;
    let cookie = format!("__clerk_redirect_count={count}; SameSite=Lax; HttpOnly; Max-Age=2");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(SET_COOKIE, cookie);
    }
}

/// A handshake's answer that leads to no decision.
#[derive(Debug)]
pub(crate) enum HandshakeFailure {
    /// The signed payload was refused.
    Token(Refusal),
    /// The payload is genuine but useless: cookies that no header can carry, or a session token that is refused. Or
    /// nobody could be asked whether it is genuine.
    Payload,
}

/// Takes the cookies that the handshake brought, and decides by the session token among them.
pub(crate) async fn resolve(
    frontdesk: &Arc<Inner>,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Result<RequestState, HandshakeFailure> {
    let (directives, notice) = directives(frontdesk, facts, now).await?;
    let (cookies, token) = read_cookies(&directives).ok_or(HandshakeFailure::Payload)?;
    let mut headers = handshake_headers();
    headers.extend(cookies);
    if facts.in_development() {
        let page = without_query(&facts.url, &[HANDSHAKE, "__clerk_help", DEV_BROWSER, HANDSHAKE_NONCE]);
        set_location(&mut headers, &page);
    }
    let token = token.ok_or(HandshakeFailure::Payload)?;
    if token.is_empty() {
        let state = RequestState::signed_out_with(Reason::SessionTokenMissing, None, headers);
        return Ok(state.noticed(notice));
    }
    let mut verified = match Token::decode(token) {
        Ok(decoded) => frontdesk.verify(token, decoded, now).await,
        Err(_) => return Err(HandshakeFailure::Payload),
    };
    let off_by_time = |refusal: &Refusal| {
        matches!(
            refusal.reason,
            Reason::TokenExpired | Reason::TokenNotActiveYet | Reason::TokenIatInTheFuture
        )
    };
    let mut notice = None;
    if facts.in_development() && verified.as_ref().is_err_and(off_by_time) {
        notice = Some(Notice::ClockSkew);
        verified = frontdesk.verify_with_skew(token, DEVELOPMENT_SKEW, now).await;
    }
    match verified {
        Ok(session) => Ok(RequestState::signed_in(session, headers).noticed(notice)),
        // The same token would come back with every handshake.
        Err(refusal) if refusal.is_beyond_reading => {
            Ok(RequestState::signed_out_with(refusal.reason, None, headers))
        }
        Err(_) => Err(HandshakeFailure::Payload),
    }
}

/// The `Set-Cookie` texts of the payload. A nonce that the Backend API does not answer for brings none.
async fn directives(
    frontdesk: &Arc<Inner>,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Result<(Vec<String>, Option<Notice>), HandshakeFailure> {
    if let Some(nonce) = facts.handshake_nonce() {
        let asked = frontdesk.config.client.handshake_payload(nonce);
        return Ok(match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(directives)) => (directives, None),
            Ok(Err(_)) | Err(_) => (Vec::new(), Some(Notice::HandshakePayload)),
        });
    }
    match facts.handshake_token() {
        Some(token) => Ok((frontdesk.verify_handshake(&token, now).await?, None)),
        None => Ok((Vec::new(), None)),
    }
}

#[cfg(test)]
mod tests;
