//! Whose form is it? A form counts only if it came from one of our own pages, in the browser that asked for the page.
//!
//! Three things must agree. The browser's own word (`Origin`, `Sec-Fetch-Site`), where it gives it. A token in the form,
//! which only this server can make: from a random cookie and from every client that the browser holds. So whoever plants
//! the cookie in somebody's browser still cannot make the token for a client that is not theirs; and over `https` the
//! cookie's name begins with `__Host-`, which browsers take from no other host, so it cannot be planted there at all.

use http::header;
use subtle::ConstantTimeEq;
use url::Url;

use super::visit::{Trouble, Visit};
use crate::frontend::client_token::ClientToken;

/// The field that carries the token.
pub(super) const FIELD: &str = "csrf_token";
const NONCE_LENGTH: usize = 40;

/// The cookie that tokens are bound to.
pub(super) const fn cookie_name(is_https: bool) -> &'static str {
    if is_https { "__Host-frontdesk_form" } else { "frontdesk_form" }
}

/// Whether this can be a value of ours.
pub(super) fn is_nonce(value: &str) -> bool {
    value.len() == NONCE_LENGTH && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The token for the forms of this page.
pub(super) fn token(visit: &Visit) -> String {
    let instance = visit.instance();
    let mut clients: Vec<String> = visit
        .jar()
        .clients()
        .iter()
        .filter_map(|token| ClientToken::read(instance, token))
        .map(|token| token.id.as_str().to_owned())
        .collect();
    clients.sort_unstable();
    clients.dedup();
    let purpose = format!("pages/{}/{}", instance.id, clients.join("/"));
    visit.pages().server.master_key().hash_code(&purpose, visit.nonce())
}

/// Refuses a form that the browser says comes from elsewhere.
pub(super) fn check_page(visit: &Visit) -> Result<(), Trouble> {
    let is_from_here = match visit.header("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => true,
    };
    let is_ours = match visit.header(header::ORIGIN.as_str()) {
        Some(origin) => is_own(visit, origin),
        None => true,
    };
    if is_from_here && is_ours { Ok(()) } else { Err(Trouble::Forged) }
}

/// Refuses a form that lacks the token of the page it should have come from.
pub(super) fn check_token(visit: &Visit, given: &str) -> Result<(), Trouble> {
    let expected = token(visit);
    if expected.as_bytes().ct_eq(given.as_bytes()).into() { Ok(()) } else { Err(Trouble::Forged) }
}

/// Whether an origin is that of the page. Whoever takes `https` off before us may not say so: then it counts as ours
/// all the same.
fn is_own(visit: &Visit, origin: &str) -> bool {
    if origin.eq_ignore_ascii_case(visit.origin()) {
        return true;
    }
    let Ok(named) = Url::parse(origin) else { return false };
    let secure = visit.origin().strip_prefix("http://").map(|authority| format!("https://{authority}"));
    secure.is_some_and(|secure| named.origin().ascii_serialization() == secure)
}
