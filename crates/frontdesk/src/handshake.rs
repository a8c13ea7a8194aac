//! The handshake: the browser goes to the Frontend API, which knows its client, and comes back with the cookies it
//! should have (wire contract §4.6).

use std::sync::Arc;

use frontdesk_client::api::ApiVersion;
use frontdesk_jwt::Token;
use frontdesk_types::{Span, Timestamp};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use url::Url;

use crate::cookies::Spelling;
use crate::frontdesk::Inner;
use crate::public_url::without_query;
use crate::request::{DEV_BROWSER, Facts, HANDSHAKE, HANDSHAKE_NONCE};
use crate::state::{handshake_headers, set_location};
use crate::verification::Refusal;
use crate::{Reason, RequestState};

/// After this many redirects within two seconds something is wrong with the keys, and going on helps nobody.
const MOST_REDIRECTS: u32 = 3;
/// Development machines have wrong clocks; a handshake's token was made a moment ago, so a day is forgiven.
const DEVELOPMENT_SKEW: Span = Span::days(1);

/// Where the browser is sent: the Frontend API, told where to come back to and why.
pub(crate) fn url(facts: &Facts<'_>, reason: &Reason) -> Url {
    let page = without_query(&facts.url, &[DEV_BROWSER, "__dev_session"]);
    let mut url = facts.frontend.base.clone();
    url.set_path(&format!("{}v1/client/handshake", facts.frontend.base.path()));
    let mut query = url.query_pairs_mut();
    query
        .append_pair("redirect_url", page.as_str())
        .append_pair("__clerk_api_version", ApiVersion::NEWEST.as_str())
        .append_pair("suffixed_cookies", if facts.spelling == Spelling::Suffixed { "true" } else { "false" })
        .append_pair("__clerk_hs_reason", reason.as_str())
        .append_pair("format", "nonce");
    if let Some(token) = facts.session_cookie().or(facts.header_token) {
        query.append_pair("__session", token);
    }
    if facts.in_development()
        && let Some(dev_browser) = facts.dev_browser()
    {
        query.append_pair(DEV_BROWSER, &dev_browser);
    }
    drop(query);
    url
}

/// Whether this browser has been sent away too often just now.
pub(crate) fn runs_in_circles(facts: &Facts<'_>) -> bool {
    facts.cookies.redirect_count() == MOST_REDIRECTS
}

/// Counts one more redirect, in a cookie that lives two seconds.
pub(crate) fn count_redirect(facts: &Facts<'_>, headers: &mut HeaderMap) {
    let count = facts.cookies.redirect_count().saturating_add(1);
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
    /// The payload is genuine but useless: cookies that no header can carry, or a session token that is refused.
    Payload,
}

/// Takes the cookies that the handshake brought, and decides by the session token among them.
pub(crate) async fn resolve(
    frontdesk: &Arc<Inner>,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Result<RequestState, HandshakeFailure> {
    let directives = directives(frontdesk, facts, now).await?;
    let mut headers = handshake_headers();
    let mut token = Some("");
    for directive in &directives {
        let value = HeaderValue::from_str(directive).map_err(|_| HandshakeFailure::Payload)?;
        headers.append(SET_COOKIE, value);
        let pair = directive.split(';').next().unwrap_or_default();
        let mut parts = pair.split('=');
        if parts.next().is_some_and(|name| name.starts_with("__session")) {
            // The last one counts, whichever suffix it has.
            token = parts.next();
        }
    }
    if facts.in_development() {
        let page = without_query(&facts.url, &[HANDSHAKE, "__clerk_help", DEV_BROWSER, HANDSHAKE_NONCE]);
        set_location(&mut headers, &page);
    }
    let token = token.ok_or(HandshakeFailure::Payload)?;
    if token.is_empty() {
        return Ok(RequestState::signed_out_with(Reason::SessionTokenMissing, None, headers));
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
    if facts.in_development() && verified.as_ref().is_err_and(off_by_time) {
        verified = frontdesk.verify_with_skew(token, DEVELOPMENT_SKEW, now).await;
    }
    match verified {
        Ok(session) => Ok(RequestState::signed_in(session, headers)),
        Err(_) => Err(HandshakeFailure::Payload),
    }
}

/// The `Set-Cookie` texts of the payload. A nonce that the Backend API does not answer for brings none.
async fn directives(
    frontdesk: &Arc<Inner>,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Result<Vec<String>, HandshakeFailure> {
    if let Some(nonce) = facts.handshake_nonce() {
        return Ok(frontdesk.config.client.handshake_payload(nonce).await.unwrap_or_default());
    }
    match facts.handshake_token() {
        Some(token) => frontdesk.verify_handshake(&token, now).await,
        None => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests;
