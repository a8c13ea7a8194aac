//! The decision table: who is asking, nobody, or ask the browser to go and find out (wire contract §4.2 to §4.5).
//!
//! ```text
//! token in the header ──► right kind? ──► verify ──► signed in, or why not
//! no token ──► handshake answer in the request? ──► resolve it
//!          └─► development browser known? ──► cookies agree? ──► verify ──► came from elsewhere? ──► signed in
//! ```
//! Whatever cannot be told from the request alone ends in a handshake if somebody is opening a page, and signed out
//! otherwise.

mod by_header;

use std::sync::Arc;

use frontdesk_jwt::Token;
use frontdesk_types::Timestamp;
use http::HeaderMap;
use url::Url;

use self::by_header::{by_header, is_session_token, without_header};
use crate::frontdesk::Inner;
use crate::handshake::{self, HandshakeFailure};
use crate::public_url::{has_query, query_value};
use crate::reason::RefreshObstacle;
use crate::request::{DEV_BROWSER, Facts};
use crate::snapshot::Snapshot;
use crate::state::set_location;
use crate::verification::{Carrier, Refusal};
use crate::{Accepts, AuthenticateError, Reason, RequestState};

/// Decides. Errors are what no visitor can cause and no redirect can mend.
pub(crate) async fn authenticate(
    frontdesk: &Arc<Inner>,
    request: &Snapshot<'_>,
    accepts: Accepts,
) -> Result<RequestState, AuthenticateError> {
    let now = frontdesk.config.clock.now();
    if let Some(token) = request.header_token() {
        return Ok(by_header(frontdesk, request, token, accepts, now).await);
    }
    if let Some(state) = without_header(accepts) {
        return Ok(state);
    }
    let facts = Facts::read(request, &frontdesk.config, now).ok_or(AuthenticateError::Url)?;
    by_cookie(frontdesk, &facts, now).await
}

async fn by_cookie(
    frontdesk: &Arc<Inner>,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Result<RequestState, AuthenticateError> {
    if facts.handshake_nonce().is_some() || facts.handshake_token().is_some() {
        match handshake::resolve(frontdesk, facts, now).await {
            Ok(state) => return Ok(state),
            // In development the answer came through the URL, so it can only be a mistake of the set-up; going on
            // would redirect for ever.
            Err(HandshakeFailure::Token(refusal)) if facts.in_development() => {
                return Err(AuthenticateError::Handshake(refusal.reason));
            }
            // In production a cookie of another application on the same domain may be in the way.
            Err(_) => {}
        }
    }
    if facts.in_development()
        && let Some(state) = introduce_browser(facts)?
    {
        return Ok(state);
    }
    let (token, client_uat) = match (facts.session_cookie(), facts.client_uat()) {
        (None, None) => return Ok(RequestState::signed_out(Reason::SessionTokenAndUatMissing)),
        (Some(_), None) => return Ok(detour(facts, Reason::SessionTokenWithoutClientUat, None)),
        (None, Some(_)) => return Ok(detour(facts, Reason::ClientUatWithoutSessionToken, None)),
        (Some(token), Some(client_uat)) => (token, client_uat),
    };
    let decoded = match Token::decode(token) {
        Ok(decoded) => decoded,
        Err(error) => return Ok(refused(facts, Refusal::from(error), Carrier::Cookie)),
    };
    if !is_session_token(token, &decoded) {
        return Ok(RequestState::signed_out(Reason::TokenTypeMismatch));
    }
    if decoded.issued_at().is_some_and(|issued_at| issued_at.as_secs() < client_uat) {
        return Ok(detour(facts, Reason::SessionTokenIatBeforeClientUat, None));
    }
    let session = match frontdesk.verify(token, decoded, now).await {
        Ok(session) => session,
        Err(refusal) => return Ok(refused(facts, refusal, Carrier::Cookie)),
    };
    if facts.comes_from_elsewhere() && facts.cookies.redirect_count() == 0 {
        let message = "the visitor came from another origin, where the session may have changed";
        return Ok(detour(facts, Reason::PrimaryDomainCrossOriginSync, Some(message.to_owned())));
    }
    Ok(RequestState::signed_in(session, HeaderMap::new()))
}

/// Development only: the cookies of the Frontend API do not reach it across sites, so the browser carries its name
/// in the URL and in a cookie of the application.
fn introduce_browser(facts: &Facts<'_>) -> Result<Option<RequestState>, AuthenticateError> {
    if let Some(satellite) = query_value(&facts.url, "__clerk_redirect_url") {
        let back = Url::parse(&satellite).map_err(|_| AuthenticateError::RedirectUrl)?;
        let back = answer_to_satellite(back, facts.dev_browser().as_deref());
        return Ok(Some(detour_to(facts, &back, Reason::PrimaryRespondsToSyncing, None)));
    }
    if has_query(&facts.url, DEV_BROWSER) {
        return Ok(Some(detour(facts, Reason::DevBrowserSync, None)));
    }
    if facts.dev_browser().is_none() {
        return Ok(Some(detour(facts, Reason::DevBrowserMissing, None)));
    }
    Ok(None)
}

/// The satellite's page, told the browser's name and that it need not ask again.
fn answer_to_satellite(mut page: Url, dev_browser: Option<&str>) -> Url {
    const SYNCED: &str = "__clerk_synced";
    let mut pairs: Vec<(String, String)> = page.query_pairs().into_owned().collect();
    if let Some(dev_browser) = dev_browser {
        pairs.push((DEV_BROWSER.to_owned(), dev_browser.to_owned()));
    }
    let place = pairs.iter().position(|(name, _)| name == SYNCED).unwrap_or(pairs.len());
    pairs.retain(|(name, _)| name != SYNCED);
    pairs.insert(place, (SYNCED.to_owned(), "true".to_owned()));
    page.query_pairs_mut().clear().extend_pairs(pairs);
    page
}

/// A token was refused: what time may have spoiled, a handshake can renew; the rest is final.
fn refused(facts: &Facts<'_>, refusal: Refusal, carrier: Carrier) -> RequestState {
    let message = refusal.message(carrier);
    match refusal.reason {
        Reason::TokenExpired => {
            let obstacle = if facts.method != "GET" {
                RefreshObstacle::NotGet
            } else if facts.cookies.refresh().is_none() {
                RefreshObstacle::NoRefreshCookie
            } else {
                RefreshObstacle::NoApiClient
            };
            detour(facts, Reason::SessionTokenExpired(obstacle), Some(message))
        }
        Reason::TokenNotActiveYet => detour(facts, Reason::SessionTokenNbf, Some(message)),
        Reason::TokenIatInTheFuture => detour(facts, Reason::SessionTokenIatInTheFuture, Some(message)),
        reason => RequestState::signed_out_with(reason, Some(message), HeaderMap::new()),
    }
}

/// Sends the browser to the Frontend API, if it is a browser opening a page and not running in circles.
fn detour(facts: &Facts<'_>, reason: Reason, message: Option<String>) -> RequestState {
    if !facts.may_handshake() {
        return RequestState::signed_out_with(reason, message, HeaderMap::new());
    }
    let target = handshake::url(facts, &reason);
    detour_to(facts, &target, reason, message)
}

fn detour_to(facts: &Facts<'_>, target: &Url, reason: Reason, message: Option<String>) -> RequestState {
    if !facts.may_handshake() || handshake::runs_in_circles(facts) {
        return RequestState::signed_out_with(reason, message, HeaderMap::new());
    }
    let mut headers = HeaderMap::new();
    set_location(&mut headers, target);
    handshake::count_redirect(facts, &mut headers);
    RequestState::handshake(reason, message, headers)
}

#[cfg(test)]
mod tests;
