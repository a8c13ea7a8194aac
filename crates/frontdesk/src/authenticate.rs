//! The decision table: who is asking, nobody, or ask the browser to go and find out (wire contract §4.2 to §4.5).
//!
//! ```text
//! token in the header ──► right kind? ──► verify ──► signed in, or why not
//! no token ──► handshake answer in the request? ──► resolve it
//!          └─► satellite in step? ──► development browser known? ──► cookies agree? ──► verify
//!              ──► came from elsewhere? ──► right organization? ──► signed in
//! ```
//! Whatever cannot be told from the request alone ends in a handshake if somebody is opening a page, and signed out
//! otherwise.

pub(crate) mod at_once;
pub(crate) mod handshake;
pub(crate) mod machine;
pub(crate) mod organization_sync;
pub(crate) mod path_pattern;
pub(crate) mod refresh;
pub(crate) mod sign_in;
pub(crate) mod verification;

mod by_header;
mod satellite;

use std::sync::Arc;

use frontdesk_jwt::Token;
use frontdesk_types::Timestamp;
use http::HeaderMap;
use url::Url;

pub(crate) use self::by_header::is_session_token;
use self::by_header::{by_header, without_header};
use self::handshake::HandshakeFailure;
use self::refresh::refresh;
use self::sign_in::Waiting;
use self::verification::{Carrier, Refusal};
use crate::config::Config;
use crate::frontdesk::Inner;
use crate::request::public_url::has_query;
use crate::request::snapshot::Snapshot;
use crate::request::{DEV_BROWSER, Facts};
use crate::state::set_location;
use crate::{Accepts, AuthenticateError, Notice, Reason, RequestState, SignedOut, TokenType};

/// Decides. Errors are what no visitor can cause and no redirect can mend.
pub(crate) async fn authenticate(
    frontdesk: &Arc<Inner>,
    request: &Snapshot<'_>,
    accepts: Accepts,
) -> Result<RequestState, AuthenticateError> {
    let config = &frontdesk.config;
    check_settings(config, request, accepts)?;
    let now = config.clock.now();
    let state = if let Some(token) = request.header_token() {
        by_header(frontdesk, request, token, accepts, now).await
    } else if let Some(state) = without_header(accepts) {
        state
    } else {
        let facts = Facts::read(request, config, now).ok_or(AuthenticateError::Url)?;
        by_cookie(frontdesk, &facts, now).await?
    };
    if let Some(notice) = state.notice() {
        notice.log();
    }
    if !accepts.contains(TokenType::Session) {
        // Signing in would help nobody here.
        return Ok(state);
    }
    Ok(with_doors(config, request, state, now))
}

/// What other SDKs ask of the settings only when a request comes.
fn check_settings(
    config: &Config,
    request: &Snapshot<'_>,
    accepts: Accepts,
) -> Result<(), AuthenticateError> {
    let alone = accepts.single();
    if config.browsers.is_none() && !matches!(alone, Some(TokenType::M2m | TokenType::ApiKey)) {
        return Err(AuthenticateError::PublishableKey);
    }
    if alone != Some(TokenType::M2m)
        && let (Some(sign_in), Some(origin)) = (&config.primary_sign_in, request.origin)
    {
        let sign_in = Url::parse(sign_in).map_err(|_| AuthenticateError::SignInUrl)?;
        if sign_in.origin().ascii_serialization() == origin {
            return Err(AuthenticateError::SignInUrl);
        }
    }
    Ok(())
}

/// Somebody opening a page, and not signed in, is told where they can sign in.
fn with_doors(config: &Config, request: &Snapshot<'_>, state: RequestState, now: Timestamp) -> RequestState {
    let has_doors = config.browsers.as_ref().is_some_and(|browsers| browsers.sign_in_url.is_some());
    let waiting = match (state.refusal(), state.has_pending_session()) {
        (None, true) => Waiting::ForTasks,
        (Some(_), _) => Waiting::Nobody,
        (None, false) => return state,
    };
    if !has_doors || !request.opens_a_page() || state.location().is_some() {
        return state;
    }
    match Facts::read(request, config, now) {
        Some(facts) => state.with_doors(sign_in::doors(&facts, waiting)),
        None => state,
    }
}

async fn by_cookie(
    frontdesk: &Arc<Inner>,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Result<RequestState, AuthenticateError> {
    let mut notice = None;
    if facts.handshake_nonce().is_some() || facts.handshake_token().is_some() {
        // What seldom happens waits behind a pointer, so that what happens always carries no room for it.
        match Box::pin(handshake::resolve(frontdesk, facts, now)).await {
            Ok(state) => return Ok(state),
            // In development the answer came through the URL, so it can only be a mistake of the set-up; going on
            // would redirect for ever.
            Err(HandshakeFailure::Token(refusal)) if facts.in_development() => {
                return Err(AuthenticateError::Handshake(refusal.reason));
            }
            // In production a cookie of another application on the same domain may be in the way.
            Err(_) => notice = Some(Notice::Handshake),
        }
    }
    if let Some(state) = satellite::in_step(facts)? {
        return Ok(state.noticed(notice));
    }
    if facts.in_development()
        && let Some(state) = introduce_browser(facts)
    {
        return Ok(state.noticed(notice));
    }
    Ok(by_session_cookie(frontdesk, facts, now).await.noticed(notice))
}

/// Development only: the cookies of the Frontend API do not reach it across sites, so the browser carries its name
/// in the URL and in a cookie of the application.
fn introduce_browser(facts: &Facts<'_>) -> Option<RequestState> {
    if has_query(&facts.url, DEV_BROWSER) {
        return Some(detour(facts, Reason::DevBrowserSync, None));
    }
    facts.dev_browser().is_none().then(|| detour(facts, Reason::DevBrowserMissing, None))
}

async fn by_session_cookie(frontdesk: &Arc<Inner>, facts: &Facts<'_>, now: Timestamp) -> RequestState {
    let (token, client_uat) = match (facts.session_cookie(), facts.client_uat()) {
        (None, None) => return RequestState::signed_out(Reason::SessionTokenAndUatMissing),
        (Some(_), None) => return detour(facts, Reason::SessionTokenWithoutClientUat, None),
        (None, Some(_)) => return detour(facts, Reason::ClientUatWithoutSessionToken, None),
        (Some(token), Some(client_uat)) => (token, client_uat),
    };
    let decoded = match Token::decode(token) {
        Ok(decoded) => decoded,
        Err(error) => return refused(frontdesk, facts, error.into(), Carrier::Cookie, now).await,
    };
    if !is_session_token(token, &decoded) {
        return RequestState::signed_out(Reason::TokenTypeMismatch);
    }
    if decoded.issued_at().is_some_and(|issued_at| issued_at.as_secs() < client_uat) {
        return detour(facts, Reason::SessionTokenIatBeforeClientUat, None);
    }
    let session = match frontdesk.verify(token, decoded, now).await {
        Ok(session) => session,
        Err(refusal) => return refused(frontdesk, facts, refusal, Carrier::Cookie, now).await,
    };
    if !facts.is_satellite() && facts.comes_from_elsewhere() && !handshake::was_redirected(facts) {
        let message = "the visitor came from another origin, where the session may have changed";
        return detour(facts, Reason::PrimaryDomainCrossOriginSync, Some(message.to_owned()));
    }
    if session.is_pending() {
        return RequestState::signed_in(session, HeaderMap::new());
    }
    match facts.organization_target() {
        Some(target) if !target.is(session.organization()) => {
            if handshake::has_run_enough(facts) {
                let state = RequestState::signed_in(session, HeaderMap::new());
                return state.noticed(Some(Notice::OrganizationLoop));
            }
            if facts.may_handshake() {
                return detour(facts, Reason::ActiveOrganizationMismatch, None);
            }
            // A script cannot be sent away; it stays signed in, with the organization it has.
            RequestState::signed_in(session, HeaderMap::new())
        }
        _ => RequestState::signed_in(session, HeaderMap::new()),
    }
}

/// A token was refused: what time may have spoiled can be renewed, here or by a handshake; the rest is final.
async fn refused(
    frontdesk: &Arc<Inner>,
    facts: &Facts<'_>,
    refusal: Refusal,
    carrier: Carrier,
    now: Timestamp,
) -> RequestState {
    let message = Some(refusal.message(carrier));
    let reason = match refusal.reason {
        Reason::TokenExpired => match Box::pin(refresh(frontdesk, facts, now)).await {
            Ok(state) => return state,
            Err(obstacle) => Reason::SessionTokenExpired(obstacle),
        },
        Reason::TokenNotActiveYet => Reason::SessionTokenNbf,
        Reason::TokenIatInTheFuture => Reason::SessionTokenIatInTheFuture,
        _ => {
            let why = frontdesk.explain(&refusal, refusal.reason.clone(), carrier, facts);
            return RequestState::signed_out_with(why, message, HeaderMap::new());
        }
    };
    detour(facts, frontdesk.explain(&refusal, reason, carrier, facts), message)
}

/// Sends the browser to the Frontend API, if it is a browser opening a page and not running in circles.
fn detour(facts: &Facts<'_>, why: impl Into<SignedOut>, message: Option<String>) -> RequestState {
    let why = why.into();
    if !facts.may_handshake() {
        return RequestState::signed_out_with(why, message, HeaderMap::new());
    }
    let target = handshake::url(facts, why.reason());
    detour_to(facts, &target, why, message)
}

fn detour_to(facts: &Facts<'_>, target: &Url, why: SignedOut, message: Option<String>) -> RequestState {
    if !facts.may_handshake() {
        return RequestState::signed_out_with(why, message, HeaderMap::new());
    }
    if handshake::runs_in_circles(facts) {
        let notice = Notice::RedirectLoop(why.reason().clone());
        return RequestState::signed_out_with(why, message, HeaderMap::new()).noticed(Some(notice));
    }
    let mut headers = HeaderMap::new();
    set_location(&mut headers, target);
    handshake::count_redirect(facts, &mut headers);
    RequestState::handshake(why, message, headers)
}

#[cfg(test)]
mod tests;
