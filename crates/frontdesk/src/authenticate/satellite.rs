//! Applications on several domains that share their users (wire contract §4.10).
//!
//! A satellite cannot see the cookies of its primary application, so it sends the browser there, or to the Frontend
//! API, and gets it back with `__clerk_synced=true`. The primary application of a development instance answers by
//! sending the browser back.

use url::Url;

use super::{detour, detour_to};
use crate::authenticate::sign_in::set_query;
use crate::request::public_url::query_value;
use crate::request::{DEV_BROWSER, Facts, REDIRECT_URL, SYNCED};
use crate::{AuthenticateError, Reason, RequestState};

/// Decides for a satellite that is out of step with its primary application, and for a primary application that a
/// satellite has sent a browser to.
pub(super) fn in_step(facts: &Facts<'_>) -> Result<Option<RequestState>, AuthenticateError> {
    if let Some(satellite) = facts.browsers.satellite {
        return if facts.is_document() { ask_primary(facts, satellite.auto_sync) } else { Ok(None) };
    }
    if facts.in_development()
        && let Some(satellite) = query_value(&facts.url, REDIRECT_URL)
    {
        return answer_satellite(facts, &satellite).map(Some);
    }
    Ok(None)
}

fn ask_primary(facts: &Facts<'_>, auto_sync: bool) -> Result<Option<RequestState>, AuthenticateError> {
    let synced = query_value(&facts.url, SYNCED);
    let wants_sync = synced.as_deref() == Some("false");
    let has_cookies = facts.session_cookie().is_some() || facts.client_uat().is_some();
    if synced.as_deref() == Some("true") || (has_cookies && !wants_sync) {
        return Ok(None);
    }
    if !wants_sync && !auto_sync {
        return Ok(Some(RequestState::signed_out(Reason::SessionTokenAndUatMissing)));
    }
    if !facts.in_development() {
        return Ok(Some(detour(facts, Reason::SatelliteNeedsSyncing, None)));
    }
    let sign_in = facts.browsers.sign_in_url.as_deref().and_then(|url| Url::parse(url).ok());
    let mut primary = sign_in.ok_or(AuthenticateError::SignInUrl)?;
    primary.query_pairs_mut().append_pair(REDIRECT_URL, facts.url.as_str());
    Ok(Some(detour_to(facts, &primary, Reason::SatelliteNeedsSyncing.into(), None)))
}

/// Sends the browser back to the satellite's page, which is told the browser's name and that it need not ask again.
fn answer_satellite(facts: &Facts<'_>, satellite: &str) -> Result<RequestState, AuthenticateError> {
    let mut page = Url::parse(satellite).map_err(|_| AuthenticateError::RedirectUrl)?;
    if let Some(dev_browser) = facts.dev_browser() {
        page.query_pairs_mut().append_pair(DEV_BROWSER, &dev_browser);
    }
    set_query(&mut page, SYNCED, "true");
    Ok(detour_to(facts, &page, Reason::PrimaryRespondsToSyncing.into(), None))
}
