//! Satellites: how a browser that is known on the primary domain becomes known on another one (wire protocol §4.10).
//!
//! ```text
//! satellite  /v1/client/sync  gives the browser a nonce to keep, and sends it, with the nonce's hash, to
//! primary    /v1/client/sync  which writes down who the browser is, for that nonce, and sends it with a token to
//! satellite  /v1/client/link  which wants token and nonce, links the client, and sends it to its page
//! ```
//!
//! The token works once, for a minute, on that satellite of that instance, for the client as it was when the token was made,
//! and only in the browser that has the nonce. So a link that somebody else sends signs nobody in: their token belongs to
//! their browser. Pages and satellites are those of the instance; the token goes to no other host.
//!
//! In development both domains share one Frontend API, and a development browser in the address does the same.

use frontdesk_api::frontend::handshake::HandshakeQuery;
use frontdesk_api::frontend::satellites::{LinkClient, SyncClient};
use frontdesk_core::domain::{Domain, SyncToken};
use http::{HeaderValue, StatusCode, header};
use subtle::ConstantTimeEq;
use url::Url;
use url::form_urlencoded::{Serializer, parse};

use super::{cookies, handshake, origins};
use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::keys;
use crate::routes::Routes;

/// Says on a page's address how far it is: `false` wants to be synchronised, `true` has been.
const SYNCED: &str = "__clerk_synced";
/// Marks a handshake that was handed over to a satellite.
const HANDED_OVER: &str = "__clerk_handed_over";
/// How many cookies with a nonce are looked at; paths make more than one possible.
const MOST_COOKIES: usize = 4;
const NONCE_LENGTH: usize = 40;

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(sync).on(link)
}

async fn sync(mut cx: FrontendCx, req: Req<SyncClient>) -> FrontendAnswer<SyncClient> {
    let text = req.query.redirect_url.ok_or_else(|| errors::param_missing("redirect_url"))?;
    let page = Url::parse(&text).map_err(|_| errors::redirect_url_invalid())?;
    if let Some(satellite) = cx.satellite().cloned() {
        want_on(&cx, &satellite, &page)?;
        let way = set_out(&mut cx, &satellite, &page)?;
        return go(cx, &way).await;
    }
    if cx.instance.is_development() {
        let way = in_development(&mut cx, page).await?;
        return go(cx, &way).await;
    }
    let name = req.query.link_domain.ok_or_else(|| errors::param_missing("link_domain"))?;
    let is_named = |satellite: &&Domain| satellite.name.eq_ignore_ascii_case(&name);
    let satellite = cx.instance.satellites().find(is_named).cloned();
    let satellite = satellite.ok_or_else(|| not_a_satellite("link_domain"))?;
    want_on(&cx, &satellite, &page)?;
    let frontend_api = cx.instance.frontend_api(&satellite);
    let Some(nonce) = req.query.nonce else {
        // Who begins here has not been given a nonce.
        let query = Serializer::new(String::new()).append_pair("redirect_url", page.as_str()).finish();
        return go(cx, &format!("{frontend_api}/v1/client/sync?{query}")).await;
    };
    let nonce_hash = keys::decode_hash(&nonce).ok_or_else(|| not_a_satellite("__clerk_sync_nonce"))?;
    if cx.is_read_only() {
        // Whoever has only a token that was replaced shall have nothing that lasts.
        return Err(errors::client_read_only());
    }
    let token = keys::alphanumeric::<48>(&mut cx.rng);
    let client = cx.client().map(|client| (client.id.clone(), client.token_hash.clone()));
    let (client_id, client_token_hash) = client.unzip();
    cx.work.insert_sync_token(&SyncToken {
        token_hash: keys::token_hash(&token),
        domain_id: satellite.id,
        client_id,
        client_token_hash,
        nonce_hash,
        redirect_url: page.into(),
        expires_at: cx.now + cx.instance.settings.limits.handshake_lifetime,
    });
    go(cx, &format!("{frontend_api}/v1/client/link?__clerk_token={token}")).await
}

async fn link(mut cx: FrontendCx, req: Req<LinkClient>) -> FrontendAnswer<LinkClient> {
    let token = req.query.token.ok_or_else(|| errors::param_missing("__clerk_token"))?;
    let satellite = cx.satellite().cloned().ok_or_else(errors::sync_token_invalid)?;
    let kept = cx.store.sync_token(&cx.instance.id, &keys::token_hash(token.expose())).await?;
    let kept = kept.filter(|kept| kept.domain_id == satellite.id && cx.now < kept.expires_at);
    let kept = kept.filter(|kept| nonces(&cx).any(|nonce| is_hash_of(&kept.nonce_hash, &nonce)));
    let kept = kept.ok_or_else(errors::sync_token_invalid)?;
    let page = Url::parse(&kept.redirect_url).map_err(errors::internal)?;
    want_on(&cx, &satellite, &page)?;
    let client = match &kept.client_id {
        Some(id) => cx.store.client(&cx.instance.id, id).await?,
        None => None,
    };
    cx.work.delete_sync_token(&kept.token_hash);
    if client.as_ref().is_some_and(|client| kept.client_token_hash.as_ref() != Some(&client.token_hash)) {
        // Somebody has signed in on it since: whoever got this token may not be who holds the client now.
        cx.hold_nothing();
        let way = set_out(&mut cx, &satellite, &page)?;
        return go(cx, &way).await;
    }
    cx.follow(client).await?;
    go(cx, &synced(&page)).await
}

/// Where a handshake must go first, if it must: from the primary domain to the satellite whose page it is for, and from
/// there, where the browser is not known, to the primary domain and back.
pub(super) fn detour(
    cx: &mut FrontendCx,
    asked: &HandshakeQuery,
    page: &Url,
) -> Result<Option<String>, ApiError> {
    if cx.instance.is_development() {
        return Ok(None); // One Frontend API for all.
    }
    let query = cx.caller.parts.uri.query().unwrap_or_default().to_owned();
    if let Some(satellite) = cx.satellite().cloned() {
        let is_ours = is_on(cx, &satellite, page);
        let said = page.query_pairs().find(|(name, _)| name == SYNCED).map(|(_, value)| value.into_owned());
        let is_known = cx.client().is_some() && !cx.is_read_only();
        let is_in_step = match said.as_deref() {
            Some("true") => true,
            Some("false") => false,
            _ => is_known,
        };
        if !is_ours || is_in_step {
            return Ok(None);
        }
        let query = with(&query, &[("redirect_url", &synced(page))]);
        let back = format!("{}/v1/client/handshake?{query}", cx.instance.frontend_api(&satellite));
        let back = Url::parse(&back).map_err(errors::internal)?;
        return set_out(cx, &satellite, &back).map(Some);
    }
    let satellite = match asked.satellite_fapi.as_deref().filter(|text| !text.is_empty()) {
        Some(named) => {
            let is_named = |satellite: &&Domain| is_address_of(&cx.instance.frontend_api(satellite), named);
            let satellite = cx.instance.satellites().find(is_named);
            let satellite = satellite.ok_or_else(|| not_a_satellite("satellite_fapi"))?;
            want_on(cx, satellite, page)?;
            satellite
        }
        None => match origins::satellite_of(&cx.instance, page) {
            Some(satellite) => satellite,
            None => return Ok(None),
        },
    };
    if parse(query.as_bytes()).any(|(name, _)| name == HANDED_OVER) {
        // What should be the satellite's Frontend API is not: its proxy does not say who it is.
        return Err(errors::satellite_unreachable(&cx.instance.frontend_api(satellite)));
    }
    let query = with(&query, &[("satellite_fapi", ""), (HANDED_OVER, "1")]);
    Ok(Some(format!("{}/v1/client/handshake?{query}", cx.instance.frontend_api(satellite))))
}

/// The address of a satellite's page, with the word that it is in step. What else is in the query stays as it is written.
pub(super) fn synced(page: &Url) -> String {
    said(page, &[(SYNCED, "true")])
}

/// The page with the development browser that stands for this one, and the word that it is in step.
async fn in_development(cx: &mut FrontendCx, page: Url) -> Result<String, ApiError> {
    if !origins::is_web(&page) || !origins::allows(&cx.instance, &page) {
        return Err(errors::redirect_url_invalid());
    }
    let dev_browser = handshake::dev_browser(cx).await?.unwrap_or_default();
    Ok(said(&page, &[(SYNCED, "true"), (cookies::DEV_BROWSER, &dev_browser)]))
}

/// Sends the browser from a satellite to the primary domain, with something to be known by when it comes back.
fn set_out(cx: &mut FrontendCx, satellite: &Domain, back: &Url) -> Result<String, ApiError> {
    // Several tabs of one browser are on their way with one nonce.
    let known = nonces(cx).next();
    let nonce = known.unwrap_or_else(|| keys::alphanumeric::<NONCE_LENGTH>(&mut cx.rng));
    let lifetime = cx.instance.settings.limits.handshake_lifetime;
    let cookie = cx.cookie_scope().sync_nonce(nonce.clone(), lifetime);
    cx.set_cookie(&cookie)?;
    let query = Serializer::new(String::new())
        .append_pair("link_domain", &satellite.name)
        .append_pair("redirect_url", back.as_str())
        .append_pair("__clerk_sync_nonce", &keys::encode_hash(&keys::token_hash(&nonce)))
        .finish();
    Ok(format!("{}/v1/client/sync?{query}", cx.instance.primary_frontend_api()))
}

/// The nonces that the browser brings.
fn nonces(cx: &FrontendCx) -> impl Iterator<Item = String> {
    let name = cx.cookie_scope().sync_nonce_name();
    let found = cookies::values(&cx.caller.parts.headers, name);
    let is_ours =
        |value: &&str| value.len() == NONCE_LENGTH && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    found.filter(is_ours).take(MOST_COOKIES).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

fn is_hash_of(hash: &[u8], nonce: &str) -> bool {
    keys::token_hash(nonce).ct_eq(hash).into()
}

/// Wants a page of this satellite: the browser is known there afterwards, and nowhere else.
fn want_on(cx: &FrontendCx, satellite: &Domain, page: &Url) -> Result<(), ApiError> {
    if is_on(cx, satellite, page) { Ok(()) } else { Err(errors::redirect_url_invalid()) }
}

fn is_on(cx: &FrontendCx, satellite: &Domain, page: &Url) -> bool {
    origins::satellite_of(&cx.instance, page).is_some_and(|found| found.id == satellite.id)
}

/// Whether a text names this address, as a URL or as a host.
fn is_address_of(frontend_api: &str, text: &str) -> bool {
    let text = text.trim_end_matches('/');
    text.eq_ignore_ascii_case(frontend_api)
        || frontend_api.split_once("://").is_some_and(|(_, rest)| text.eq_ignore_ascii_case(rest))
}

fn not_a_satellite(param_name: &str) -> ApiError {
    errors::param_value_invalid(param_name, "what names a satellite domain of this instance")
}

/// The page with these parameters instead of any of their names.
fn said(page: &Url, pairs: &[(&str, &str)]) -> String {
    let mut page = page.clone();
    let named = |pair: &&str| pairs.iter().any(|(name, _)| pair.split('=').next() == Some(name));
    let kept = page.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !named(pair));
    let mut query = kept.map(str::to_owned).collect::<Vec<_>>();
    query.extend(
        pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")),
    );
    page.set_query(Some(&query.join("&")));
    page.into()
}

/// The query of a handshake with these parameters instead of any of their names, without the empty ones; and without the
/// session token, which the next one has no use for.
fn with(query: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = Serializer::new(String::new());
    for (name, value) in parse(query.as_bytes()) {
        if name != "__session" && !pairs.iter().any(|(other, _)| *other == name) {
            out.append_pair(&name, &value);
        }
    }
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        out.append_pair(name, value);
    }
    out.finish()
}

/// Sends the browser on. Where it comes from is nobody's business there.
async fn go<T: serde::Serialize + Send>(
    mut cx: FrontendCx,
    location: &str,
) -> Result<crate::extract::Reply<T>, ApiError> {
    cx.headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    cx.commit_redirect(StatusCode::TEMPORARY_REDIRECT, location).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_keeps_what_it_says_and_learns_that_it_is_in_step() {
        let of = |text: &str| synced(&Url::parse(text).unwrap());
        assert_eq!(
            of("https://other.example/a?q=a%20b+c&__clerk_synced=false&x#top"),
            "https://other.example/a?q=a%20b+c&x&__clerk_synced=true#top"
        );
        assert_eq!(of("https://other.example"), "https://other.example/?__clerk_synced=true");
        let page = Url::parse("http://localhost:3001/?__clerk_db_jwt=old").unwrap();
        let told = said(&page, &[(SYNCED, "true"), (cookies::DEV_BROWSER, "dvb_1")]);
        assert_eq!(told, "http://localhost:3001/?__clerk_synced=true&__clerk_db_jwt=dvb_1");
    }

    #[test]
    fn a_handshake_goes_on_without_the_session_token() {
        let query =
            "redirect_url=https%3A%2F%2Fa.example%2F%3Fx%3D1&format=nonce&__session=eyJ&satellite_fapi=x";
        assert_eq!(
            with(query, &[("satellite_fapi", ""), (HANDED_OVER, "1")]),
            "redirect_url=https%3A%2F%2Fa.example%2F%3Fx%3D1&format=nonce&__clerk_handed_over=1"
        );
    }

    #[test]
    fn a_frontend_api_is_named_by_host_or_url() {
        for text in ["clerk.other.example", "https://clerk.other.example", "https://CLERK.other.example/"] {
            assert!(is_address_of("https://clerk.other.example", text), "{text}");
        }
        for text in ["http://clerk.other.example", "clerk.other.example.evil.example", "other.example"] {
            assert!(!is_address_of("https://clerk.other.example", text), "{text}");
        }
    }
}
