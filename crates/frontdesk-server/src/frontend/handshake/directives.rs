//! The cookies of an application, as `Set-Cookie` values for its server to emit (wire protocol §4.6).
//!
//! Every one is written twice, with and without the suffix of the publishable key: older SDKs read the one, newer ones
//! the other (§12, trap 49). They belong to the page's own host, except for `__client_uat`, which the Frontend API of a
//! production instance sets for the whole domain: two of one name would contradict each other.

use frontdesk_types::{SessionId, Span, Timestamp};
use url::Url;

use crate::frontend::cookies::{CLIENT_UAT, DEV_BROWSER};
use crate::refresh_tokens;

/// The session token.
const SESSION: &str = "__session";
/// The refresh token. It has no spelling without a suffix.
const REFRESH: &str = "__refresh";
/// How long cookies stay. What is in them says itself until when it is good.
const YEAR: Span = Span::days(365);

/// Directives, in the making.
#[derive(Debug)]
pub(super) struct Directives<'a> {
    suffix: &'a str,
    /// The domain that `__client_uat` is for; none for the page's host alone.
    domain: Option<&'a str>,
    is_https: bool,
    texts: Vec<String>,
}

/// Somebody is signed in.
pub(super) struct SignedIn {
    /// Their session.
    pub(super) session_id: SessionId,
    /// Until when it lives.
    pub(super) expire_at: Timestamp,
    /// Their session token.
    pub(super) token: String,
    /// When authentication last changed, in seconds.
    pub(super) client_uat: i64,
}

impl<'a> Directives<'a> {
    /// None yet, for this page and the applications of the key with this suffix.
    pub(super) fn new(page: &Url, suffix: &'a str, domain: Option<&'a str>) -> Self {
        Self { suffix, domain, is_https: page.scheme() == "https", texts: Vec::new() }
    }

    /// Says who is signed in, or that nobody is. An empty session cookie is what tells the latter.
    pub(super) fn session(&mut self, signed_in: Option<&SignedIn>) {
        let (uat, token, lifetime) = match signed_in {
            Some(signed_in) => (signed_in.client_uat, signed_in.token.as_str(), YEAR),
            None => (0, "", Span::default()),
        };
        for name in self.both(CLIENT_UAT) {
            let text = directive(&name, &uat.to_string(), YEAR, self.domain, self.is_https);
            self.texts.push(text);
        }
        for name in self.both(SESSION) {
            let text = directive(&name, token, lifetime, None, self.is_https);
            self.texts.push(text);
        }
    }

    /// Hands the application's server what it refreshes the session with, or takes that away. Scripts of the page have no
    /// business with it.
    pub(super) fn refresh(&mut self, token: Option<&str>) {
        let text = if let Some(token) = token {
            let secure = if self.is_https { "; Secure" } else { "" };
            refresh_tokens::cookie(token, self.suffix, YEAR.as_secs(), secure)
        } else {
            let name = format!("{REFRESH}_{}", self.suffix);
            directive(&name, "", Span::default(), None, self.is_https) + "; HttpOnly"
        };
        self.texts.push(text);
    }

    /// Names the development browser. Scripts read it, so it is not `HttpOnly`.
    pub(super) fn dev_browser(&mut self, token: &str) {
        for name in self.both(DEV_BROWSER) {
            let text = directive(&name, token, YEAR, None, self.is_https);
            self.texts.push(text);
        }
    }

    /// Takes the cookie away that carried the handshake.
    pub(super) fn clear(&mut self, name: &str, domain: Option<&str>) {
        self.texts.push(directive(name, "", Span::default(), domain, self.is_https));
    }

    /// The directives.
    pub(super) fn texts(&self) -> &[String] {
        &self.texts
    }

    fn both(&self, name: &str) -> [String; 2] {
        [name.to_owned(), format!("{name}_{}", self.suffix)]
    }
}

/// The cookie that carries a handshake to the page's server.
pub(super) fn carrier(name: &str, value: &str, lifetime: Span, domain: Option<&str>, page: &Url) -> String {
    let mut text = directive(name, value, lifetime, domain, page.scheme() == "https");
    text.push_str("; HttpOnly");
    text
}

/// One directive. A lifetime of nothing deletes the cookie. `Secure` only where the page speaks `https`: browsers drop
/// such cookies elsewhere (§12, trap 9).
fn directive(name: &str, value: &str, lifetime: Span, domain: Option<&str>, is_https: bool) -> String {
    let mut text = format!("{name}={value}; Path=/");
    if let Some(domain) = domain {
        text.push_str("; Domain=");
        text.push_str(domain);
    }
    text.push_str("; Max-Age=");
    text.push_str(&lifetime.as_secs().to_string());
    if lifetime == Span::default() {
        text.push_str("; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    }
    text.push_str("; SameSite=Lax");
    if is_https {
        text.push_str("; Secure");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_who_is_signed_in_gets_both_spellings() {
        let page = Url::parse("http://localhost:3000/").unwrap();
        let mut directives = Directives::new(&page, "abc", None);
        let session_id = "sess_1".parse().unwrap();
        let expire_at = Timestamp::default();
        let token = "jwt".to_owned();
        directives.session(Some(&SignedIn { session_id, expire_at, token, client_uat: 7 }));
        directives.refresh(Some("rt_1"));
        directives.dev_browser("dvb_1");
        assert_eq!(
            directives.texts(),
            [
                "__client_uat=7; Path=/; Max-Age=31536000; SameSite=Lax",
                "__client_uat_abc=7; Path=/; Max-Age=31536000; SameSite=Lax",
                "__session=jwt; Path=/; Max-Age=31536000; SameSite=Lax",
                "__session_abc=jwt; Path=/; Max-Age=31536000; SameSite=Lax",
                "__refresh_abc=rt_1; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
                "__clerk_db_jwt=dvb_1; Path=/; Max-Age=31536000; SameSite=Lax",
                "__clerk_db_jwt_abc=dvb_1; Path=/; Max-Age=31536000; SameSite=Lax",
            ]
        );
    }

    #[test]
    fn a_stranger_gets_empty_sessions_that_are_over() {
        let page = Url::parse("https://app.shop.example/").unwrap();
        let mut directives = Directives::new(&page, "abc", Some("shop.example"));
        directives.session(None);
        directives.clear("__clerk_handshake_nonce", Some("shop.example"));
        let over = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; SameSite=Lax; Secure";
        assert_eq!(
            directives.texts()[0],
            "__client_uat=0; Path=/; Domain=shop.example; Max-Age=31536000; SameSite=Lax; Secure"
        );
        assert_eq!(
            directives.texts()[2..4],
            [format!("__session=; Path=/; {over}"), format!("__session_abc=; Path=/; {over}")]
        );
        assert_eq!(
            directives.texts()[4],
            format!("__clerk_handshake_nonce=; Path=/; Domain=shop.example; {over}")
        );
    }
}
