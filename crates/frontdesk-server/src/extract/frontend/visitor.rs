//! Who is the client? Recognised by development browser, then by the native token, then by cookie (decision 12).

use frontdesk_core::client::{Admission, Client, DevBrowser};
use http::header;

use super::aim;
use crate::errors::{self, ApiError};
use crate::extract::{Caller, query_value};
use crate::frontend::client_token::{self, ClientToken};
use crate::frontend::cookies;
use crate::keys;

/// The one path on which an unknown development browser, or that of another client, is no error: the handshake gives
/// out new ones.
const HANDSHAKE: &str = "/v1/client/handshake";
/// How many cookies of the client's name are looked at; paths make more than one possible.
const MOST_COOKIES: usize = 4;

/// The caller, as far as it could be recognised.
#[derive(Debug)]
pub(super) struct Visitor {
    /// The client it holds.
    pub(super) client: Option<Client>,
    /// What it may do with it.
    pub(super) admission: Admission,
    /// The development browser it is, with its token.
    pub(super) dev_browser: Option<(String, DevBrowser)>,
    /// Whether it keeps its token by itself instead of in cookies.
    pub(super) is_native: bool,
}

/// Recognises the caller. A token that opens nothing (any more) makes a stranger, not an error: a browser with a
/// stale cookie must be able to start anew.
pub(super) async fn recognise(caller: &Caller) -> Result<Visitor, ApiError> {
    let is_native =
        query_value(&caller.parts, "_is_native").is_some_and(|value| matches!(value, "1" | "true"));
    let dev_browser = dev_browser(caller).await?;
    let mut visitor = Visitor { client: None, admission: Admission::Refused, dev_browser, is_native };
    if let Some(id) = visitor.dev_browser.as_ref().and_then(|(_, browser)| browser.client_id.as_ref()) {
        visitor.client = caller.server.store().client(&caller.target.instance.id, id).await?;
        visitor.admission = Admission::Full;
    }
    let Some((client, admission)) = by_token(caller, is_native).await? else { return Ok(visitor) };
    match &visitor.client {
        Some(known) if known.id != client.id && caller.parts.uri.path() == HANDSHAKE => {
            // A browser cannot mend this by itself, and a navigation must lead somewhere. The cookie is harder to plant
            // than a parameter, so it counts.
            (visitor.client, visitor.admission, visitor.dev_browser) = (Some(client), admission, None);
        }
        Some(known) if known.id != client.id => return Err(errors::clients_differ()),
        Some(_) => {}
        None => (visitor.client, visitor.admission) = (Some(client), admission),
    }
    Ok(visitor)
}

/// The development browser that the request names. One in a cookie may be a left-over of other data, or another
/// instance's on the same host, and counts for nothing then; one in the query is the browser's own statement.
async fn dev_browser(caller: &Caller) -> Result<Option<(String, DevBrowser)>, ApiError> {
    let instance = &caller.target.instance;
    if !instance.is_development() {
        return Ok(None);
    }
    let parts = &caller.parts;
    let from_header = |name: &str| {
        parts.headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty())
    };
    let stated = query_value(parts, cookies::DEV_BROWSER)
        .or_else(|| query_value(parts, "__dev_session"))
        .filter(|text| !text.is_empty())
        .or_else(|| from_header("clerk-db-jwt"))
        .or_else(|| from_header("clerk-cookie"));
    if let Some(token) = stated {
        let found = known_dev_browser(caller, token).await?;
        if found.is_none() && parts.uri.path() != HANDSHAKE {
            return Err(errors::dev_browser_unauthenticated());
        }
        return Ok(found);
    }
    let suffixed = format!("{}_{}", cookies::DEV_BROWSER, instance.cookie_suffix);
    let mut in_cookies = cookies::values(&parts.headers, &suffixed)
        .chain(cookies::values(&parts.headers, cookies::DEV_BROWSER));
    match in_cookies.next() {
        Some(token) => known_dev_browser(caller, token).await,
        None => Ok(None),
    }
}

async fn known_dev_browser(caller: &Caller, token: &str) -> Result<Option<(String, DevBrowser)>, ApiError> {
    let store = caller.server.store();
    let browser = store.dev_browser(&caller.target.instance.id, &keys::token_hash(token)).await?;
    Ok(browser.map(|browser| (token.to_owned(), browser)))
}

/// The client whose token the request brings, and what the token still opens.
async fn by_token(caller: &Caller, is_native: bool) -> Result<Option<(Client, Admission)>, ApiError> {
    let headers = &caller.parts.headers;
    if is_native {
        let sent =
            headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = sent.strip_prefix("Bearer ").unwrap_or(sent).trim();
        return admitted(caller, token).await;
    }
    let holder = cookies::holder_name(&caller.target.instance);
    let given = cookies::values(headers, &holder).next();
    let is_https = aim::is_https(&caller.server, &caller.parts);
    let mut found = None;
    for token in cookies::values(headers, cookies::CLIENT).take(MOST_COOKIES) {
        match admitted(caller, token).await? {
            // Not the one that this browser was given: somebody else has planted it.
            Some((client, _)) if is_https && given != Some(client.id.as_str()) => {}
            Some((client, Admission::Full)) => return Ok(Some((client, Admission::Full))),
            // One that was replaced a moment ago may stand in front of the one that replaced it.
            read_only => found = found.or(read_only),
        }
    }
    Ok(found)
}

async fn admitted(caller: &Caller, token: &str) -> Result<Option<(Client, Admission)>, ApiError> {
    let (instance, here) = (&caller.target.instance, caller.target.satellite.as_ref());
    // A token is for the domain that it was given out on: what one of them leaks opens nothing on another.
    let token = ClientToken::read(instance, token)
        .filter(|token| token.domain.as_ref() == here.map(|satellite| &satellite.id));
    match token {
        Some(token) => client_token::holder(&caller.server, instance, &token, caller.now).await,
        None => Ok(None),
    }
}
