//! The handshake: a browser that lacks good cookies for its application comes by, and goes back with them (wire
//! protocol §4.6).
//!
//! The cookies travel as `Set-Cookie` directives that the application's server emits in its own name. They hold session
//! tokens, so they go to the instance's own pages and redirect URLs and nowhere else (decision 16): sealed in the store
//! under a nonce that the server redeems with its secret key, or in a token signed by the instance.

mod directives;

use std::sync::Arc;

use frontdesk_api::frontend::handshake::HandshakeClient;
use frontdesk_core::client::HandshakePayload;
use frontdesk_core::refresh_token::REPLACED_GRACE;
use frontdesk_jwt::Header;
use frontdesk_store::Work;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use url::Url;

use self::directives::{Directives, SignedIn};
use super::{cookies, origins, satellites};
use crate::errors::{self, ApiError};
use crate::extract::{FrontendAnswer, FrontendCx, Req};
use crate::routes::Routes;
use crate::{keys, refresh_tokens};

/// Carries the nonce, in the query or in a cookie.
const NONCE: &str = "__clerk_handshake_nonce";
/// Carries the signed token, in the query or in a cookie.
const TOKEN: &str = "__clerk_handshake";

/// What this room answers.
pub(super) fn routes() -> Routes {
    Routes::new().on(handshake)
}

async fn handshake(mut cx: FrontendCx, req: Req<HandshakeClient>) -> FrontendAnswer<HandshakeClient> {
    let page = page(&cx, req.query.redirect_url.as_deref())?;
    let format = Format::of(req.query.format.as_deref(), &page)?;
    if let Some(place) = satellites::detour(&mut cx, &req.query, &page)? {
        return cx.commit_redirect(StatusCode::TEMPORARY_REDIRECT, &place).await;
    }
    // A satellite's page is told that it need not ask again.
    let page = if cx.satellite().is_some() && origins::satellite_of(&cx.instance, &page).is_some() {
        Url::parse(&satellites::synced(&page)).map_err(errors::internal)?
    } else {
        page
    };
    let way = Way::of(&cx, &page);

    let dev_browser = dev_browser(&mut cx).await?;
    let signed_in = signed_in(&mut cx, &page).await?;
    let refresh = refresh_token(&mut cx, signed_in.as_ref());
    let instance = Arc::clone(&cx.instance);
    let domain = shared_domain(&cx, &page).map(str::to_owned);
    let mut directives = Directives::new(&page, &instance.cookie_suffix, domain.as_deref());
    directives.session(signed_in.as_ref());
    directives.refresh(refresh.as_deref());
    if let Some(token) = &dev_browser {
        directives.dev_browser(token);
    }
    if let Way::Cookie { domain } = &way {
        // The application's server would take it for another handshake with the next request (§12, trap 10).
        directives.clear(format.carrier(), domain.as_deref());
    }

    let value = match format {
        Format::Nonce => set_aside(&mut cx, directives.texts())?,
        Format::Token => sign(&cx, directives.texts())?,
    };
    let mut location = page;
    match way {
        Way::Query => with_query(&mut location, format.carrier(), &value),
        Way::Cookie { domain } => {
            let lifetime = cx.instance.settings.limits.handshake_lifetime;
            let cookie =
                directives::carrier(format.carrier(), &value, lifetime, domain.as_deref(), &location);
            cx.headers.append(header::SET_COOKIE, HeaderValue::try_from(cookie).map_err(errors::internal)?);
        }
    }
    // The client is only looked at, so its previous token is good enough while it is being replaced.
    let work = std::mem::replace(&mut cx.work, Work::new(&cx.instance.id));
    cx.store.commit(work).await?;
    cx.commit_redirect(StatusCode::TEMPORARY_REDIRECT, location.as_str()).await
}

/// The page to go back to, if it is one of the instance's or one of its redirect URLs.
fn page(cx: &FrontendCx, text: Option<&str>) -> Result<Url, ApiError> {
    let text = text.ok_or_else(|| errors::param_missing("redirect_url"))?;
    let url = Url::parse(text).map_err(|_| errors::redirect_url_invalid())?;
    if origins::allows_redirect(&cx.instance, &url) { Ok(url) } else { Err(errors::redirect_url_invalid()) }
}

/// How the cookies are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Nonce,
    Token,
}

impl Format {
    /// What is asked for, else a token. Programs that are no browsers get a nonce only, which is worth nothing without the
    /// secret key: some other program on the device may answer to their address.
    fn of(name: Option<&str>, page: &Url) -> Result<Self, ApiError> {
        match name {
            Some("nonce") => Ok(Self::Nonce),
            None | Some("") if !origins::is_web(page) => Ok(Self::Nonce),
            Some("token") if !origins::is_web(page) => {
                Err(errors::param_value_invalid("format", "nonce, where the redirect URL is no page"))
            }
            None | Some("" | "token") => Ok(Self::Token),
            Some(_) => Err(errors::param_value_invalid("format", "nonce or token")),
        }
    }

    const fn carrier(self) -> &'static str {
        match self {
            Self::Nonce => NONCE,
            Self::Token => TOKEN,
        }
    }
}

/// The way that nonce or token takes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    /// In the query of the page. Always possible; the SDKs take it off again in development.
    Query,
    /// In a short-lived cookie that the page's server gets to see.
    Cookie {
        /// The domain that page and Frontend API share; none if they share a host.
        domain: Option<String>,
    },
}

impl Way {
    fn of(cx: &FrontendCx, page: &Url) -> Self {
        if cx.instance.is_development() || !origins::is_web(page) {
            return Self::Query;
        }
        let proxy = cx.header("clerk-proxy-url").and_then(|text| Url::parse(text).ok());
        if proxy.is_some_and(|proxy| proxy.host() == page.host()) {
            return Self::Cookie { domain: None };
        }
        match shared_domain(cx, page) {
            Some(domain) => Self::Cookie { domain: Some(domain.to_owned()) },
            None => Self::Query,
        }
    }
}

/// The domain on which the Frontend API sets cookies that this page sees; none in development, where it never does.
fn shared_domain<'c>(cx: &'c FrontendCx, page: &Url) -> Option<&'c str> {
    if cx.instance.is_development() || cx.header("clerk-proxy-url").is_some() || !origins::is_web(page) {
        return None;
    }
    cookies::shared_domain(cx.domain_name(), cx.host()?, Some(page.as_str()))
}

/// The development browser that the page's cookies shall name: the caller's own if it stands for the caller's client,
/// else a new one. One that stands for nobody is never given the client here: somebody else may have planted it.
pub(super) async fn dev_browser(cx: &mut FrontendCx) -> Result<Option<String>, ApiError> {
    if !cx.instance.is_development() {
        return Ok(None);
    }
    let client_id = cx.client().filter(|_| !cx.is_read_only()).map(|client| client.id.clone());
    if let Some(token) = cx.dev_browser_token() {
        let known = cx.store.dev_browser(&cx.instance.id, &keys::token_hash(token)).await?;
        if client_id.is_none() || known.is_some_and(|known| known.client_id == client_id) {
            return Ok(Some(token.to_owned()));
        }
    }
    cx.make_dev_browser(client_id).await.map(Some)
}

/// The session that the page shall see, with a fresh token made out to the page's origin, if it has one. None for a
/// stranger, and for somebody who is kept out.
async fn signed_in(cx: &mut FrontendCx, page: &Url) -> Result<Option<SignedIn>, ApiError> {
    let Some(client) = cx.client() else { return Ok(None) };
    let (last_active, updated_at) = (client.last_active_session_id.clone(), client.updated_at);
    let sessions = cx.sessions().await?;
    let last = sessions.iter().find(|session| Some(&session.id) == last_active.as_ref());
    let Some(session) = last.or(sessions.last()) else { return Ok(None) };
    let found = cx.store.session_for_mint(&cx.instance.id, &session.id).await?;
    let Some(found) = found.filter(|found| !found.user_banned && found.session.is_live(cx.now)) else {
        return Ok(None);
    };
    let origin = origins::is_web(page).then(|| page.origin().ascii_serialization());
    let mut rng = cx.rng.clone();
    let mut minter = cx.minter();
    minter.authorized_party = origin.as_deref();
    let token = minter.session_token(&found, None, &mut rng).await?;
    // Never later than the token's `iat`, or the application would send the browser here again (§12, trap 6).
    Ok(Some(SignedIn {
        session_id: found.session.id,
        expire_at: found.session.expire_at,
        token,
        client_uat: updated_at.min(cx.now).as_secs(),
    }))
}

/// What the application's server may refresh the session with, as long as it lives (wire protocol §4.8). Not for a client
/// token that was replaced a moment ago: whoever has only that shall have nothing that lasts.
fn refresh_token(cx: &mut FrontendCx, signed_in: Option<&SignedIn>) -> Option<String> {
    let signed_in = signed_in.filter(|_| !cx.is_read_only())?;
    let (token, kept) = refresh_tokens::mint(&signed_in.session_id, signed_in.expire_at, cx.now, &mut cx.rng);
    cx.work.delete_expired_refresh_tokens(cx.now);
    cx.work.delete_surplus_refresh_tokens(&signed_in.session_id, cx.now - REPLACED_GRACE);
    cx.work.insert_refresh_token(&kept);
    Some(token)
}

/// Keeps the directives under a nonce.
fn set_aside(cx: &mut FrontendCx, directives: &[String]) -> Result<String, ApiError> {
    let nonce = keys::alphanumeric::<40>(&mut cx.rng);
    let json = serde_json::to_vec(directives).map_err(errors::internal)?;
    let sealed = cx.server.master_key().seal(keys::HANDSHAKE, &json, &mut cx.rng);
    cx.work.delete_expired_handshakes(cx.now);
    cx.work.insert_handshake_payload(&HandshakePayload {
        nonce_hash: keys::token_hash(&nonce),
        sealed,
        expires_at: cx.now + cx.instance.settings.limits.handshake_lifetime,
        fetched_at: None,
    });
    Ok(nonce)
}

/// Puts the directives into a token of the instance.
fn sign(cx: &FrontendCx, directives: &[String]) -> Result<String, ApiError> {
    #[derive(Serialize)]
    struct Claims<'a> {
        handshake: &'a [String],
        iat: i64,
        exp: i64,
    }
    let key = &cx.instance.signing_key;
    let expires_at = cx.now + cx.instance.settings.limits.handshake_lifetime;
    let claims = Claims { handshake: directives, iat: cx.now.as_secs(), exp: expires_at.as_secs() };
    key.sign(&Header::for_key(key), &claims).map_err(errors::internal)
}

/// Adds a parameter to the query. What is there stays as it is written, except for what an earlier handshake left.
fn with_query(url: &mut Url, name: &str, value: &str) {
    let is_left_over = |pair: &&str| pair.starts_with("__clerk_handshake");
    let kept =
        url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !is_left_over(pair));
    let mut query = kept.collect::<Vec<_>>().join("&");
    if !query.is_empty() {
        query.push('&');
    }
    // Both are letters, digits, dots, hyphens and underscores: nothing to escape.
    query.extend([name, "=", value]);
    url.set_query(Some(&query));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_the_page_stays_as_it_is_written() {
        let mut url =
            Url::parse("http://localhost:3000/a?q=a%20b+c&__clerk_handshake_nonce=old#top").unwrap();
        with_query(&mut url, NONCE, "new");
        assert_eq!(url.as_str(), "http://localhost:3000/a?q=a%20b+c&__clerk_handshake_nonce=new#top");
        let mut bare = Url::parse("http://localhost:3000").unwrap();
        with_query(&mut bare, TOKEN, "a.b.c");
        assert_eq!(bare.as_str(), "http://localhost:3000/?__clerk_handshake=a.b.c");
    }
}
