//! The cookies of a request, and which of their two spellings to believe.

use std::borrow::Cow;

use frontdesk_types::Timestamp;
use memchr::{memchr, memchr_iter};

use crate::InstanceType;
use crate::request::glimpse::{Glimpse, Issuer};
use crate::request::number::{leading_integer, number};

/// Every cookie that this library reads. A value is `None` when the cookie is absent or empty.
#[derive(Debug, Default)]
pub(crate) struct Cookies<'r> {
    plain: Twins<'r>,
    suffixed: Twins<'r>,
    handshake: Option<Cow<'r, str>>,
    handshake_nonce: Option<Cow<'r, str>>,
    redirect_count: Option<Cow<'r, str>>,
}

/// The cookies that exist with and without the key's suffix.
#[derive(Debug, Default)]
struct Twins<'r> {
    session: Option<Cow<'r, str>>,
    client_uat: Option<Cow<'r, str>>,
    dev_browser: Option<Cow<'r, str>>,
    refresh: Option<Cow<'r, str>>,
}

/// Which of the twins holds the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    Plain,
    Suffixed,
}

impl<'r> Cookies<'r> {
    /// Reads the fields of a request's `cookie` header. Of equally named cookies the first counts: browsers send the
    /// one of the closest path first.
    pub(crate) fn read(fields: &[&'r [u8]], suffix: &str) -> Self {
        let mut cookies = Self::default();
        for field in fields {
            cookies.add(field, suffix);
        }
        cookies
    }

    /// Reads one more field.
    pub(crate) fn add(&mut self, field: &'r [u8], suffix: &str) {
        let mut start = 0;
        for end in memchr_iter(b';', field) {
            self.take(&field[start..end], suffix);
            start = end + 1;
        }
        self.take(&field[start..], suffix);
    }

    fn take(&mut self, pair: &'r [u8], suffix: &str) {
        let Some(equals) = memchr(b'=', pair) else { return };
        let name = pair[..equals].trim_ascii();
        let slot = match name {
            b"__clerk_handshake" => &mut self.handshake,
            b"__clerk_handshake_nonce" => &mut self.handshake_nonce,
            b"__clerk_redirect_count" => &mut self.redirect_count,
            _ => {
                let twin = self.plain.slot(name).is_some();
                let bare = name.strip_suffix(suffix.as_bytes()).and_then(|name| name.strip_suffix(b"_"));
                let slot = match bare {
                    _ if twin => self.plain.slot(name),
                    Some(bare) => self.suffixed.slot(bare),
                    None => None,
                };
                let Some(slot) = slot else { return };
                slot
            }
        };
        // An empty value still takes the place: it is the first one.
        slot.get_or_insert_with(|| decode(pair[equals + 1..].trim_ascii()));
    }

    /// Chooses between the twins (wire contract §2.3). It may ask what the session token of one or the other says.
    pub(crate) fn spelling(
        &self,
        instance_type: InstanceType,
        now: Timestamp,
        glimpse: impl Fn(Spelling, &str) -> Glimpse,
    ) -> Spelling {
        if self.believes_suffixed(instance_type, now, glimpse) { Spelling::Suffixed } else { Spelling::Plain }
    }

    fn believes_suffixed(
        &self,
        instance_type: InstanceType,
        now: Timestamp,
        glimpse: impl Fn(Spelling, &str) -> Glimpse,
    ) -> bool {
        let session = filled(self.plain.session.as_ref());
        let uat = filled(self.plain.client_uat.as_ref());
        let suffixed_session = filled(self.suffixed.session.as_ref());
        let suffixed_uat = filled(self.suffixed.client_uat.as_ref());

        let session_claims = session.map(|token| glimpse(Spelling::Plain, token));
        match session_claims.map(|claims| claims.issuer) {
            Some(Issuer::Missing) => return false,
            Some(Issuer::Another) => return true,
            Some(Issuer::Ours) | None => {}
        }
        if suffixed_uat.is_none() && suffixed_session.is_none() {
            return false;
        }

        // Only a literal zero says "signed out"; an absent cookie says nothing.
        let signed_out = uat == Some("0");
        let suffixed_signed_out = suffixed_uat == Some("0");
        let suffixed_claims = match suffixed_session {
            // They are one and the same, most of the time.
            Some(_) if suffixed_session == session => session_claims.unwrap_or_default(),
            Some(token) => glimpse(Spelling::Suffixed, token),
            None => Glimpse::default(),
        };
        let issued_at = session_claims.unwrap_or_default().issued_at;
        if !suffixed_signed_out && !signed_out && issued_at > suffixed_claims.issued_at {
            return false;
        }
        if suffixed_signed_out && !signed_out {
            return false;
        }
        let expired = suffixed_claims.expires_at.is_some_and(|expires_at| expires_at <= seconds(now));
        if instance_type == InstanceType::Development && !suffixed_signed_out && signed_out && expired {
            return false;
        }
        suffixed_uat.is_some() || suffixed_session.is_none()
    }

    /// The session token.
    pub(crate) fn session(&self, spelling: Spelling) -> Option<&str> {
        filled(self.twins(spelling).session.as_ref())
    }

    /// When the client's authentication last changed, in seconds; `None` for signed out and for unknown.
    pub(crate) fn client_uat(&self, spelling: Spelling) -> Option<i64> {
        let seconds = leading_integer(filled(self.twins(spelling).client_uat.as_ref())?);
        (seconds != 0).then_some(seconds)
    }

    /// The development browser.
    pub(crate) fn dev_browser(&self, spelling: Spelling) -> Option<&str> {
        filled(self.twins(spelling).dev_browser.as_ref())
    }

    /// The refresh token; it has no plain twin.
    pub(crate) fn refresh(&self) -> Option<&str> {
        filled(self.suffixed.refresh.as_ref())
    }

    /// The signed handshake payload.
    pub(crate) fn handshake(&self) -> Option<&str> {
        filled(self.handshake.as_ref())
    }

    /// The name under which the Backend API holds the handshake payload.
    pub(crate) fn handshake_nonce(&self) -> Option<&str> {
        filled(self.handshake_nonce.as_ref())
    }

    /// How often this browser was sent on a handshake within the last two seconds.
    pub(crate) fn redirect_count(&self) -> f64 {
        filled(self.redirect_count.as_ref()).and_then(number).unwrap_or(0.0)
    }

    fn twins(&self, spelling: Spelling) -> &Twins<'r> {
        match spelling {
            Spelling::Plain => &self.plain,
            Spelling::Suffixed => &self.suffixed,
        }
    }
}

impl<'r> Twins<'r> {
    fn slot(&mut self, name: &[u8]) -> Option<&mut Option<Cow<'r, str>>> {
        match name {
            b"__session" => Some(&mut self.session),
            b"__client_uat" => Some(&mut self.client_uat),
            b"__clerk_db_jwt" => Some(&mut self.dev_browser),
            b"__refresh" => Some(&mut self.refresh),
            _ => None,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact for the next hundred million years")]
fn seconds(now: Timestamp) -> f64 {
    now.as_secs() as f64
}

fn filled<'c>(value: Option<&'c Cow<'_, str>>) -> Option<&'c str> {
    value.map(|value| &**value).filter(|value| !value.is_empty())
}

/// Undoes percent-encoding; text that is not properly encoded is taken as it is.
fn decode(value: &[u8]) -> Cow<'_, str> {
    if memchr(b'%', value).is_none() {
        // Far quicker than the lossy way, which looks at every letter.
        return std::str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed);
    }
    let decoded = percent_decode(value).and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.map_or_else(|| String::from_utf8_lossy(value), Cow::Owned)
}

fn percent_decode(value: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let [high, low, after @ ..] = tail else { return None };
            decoded.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
            rest = after;
        } else {
            decoded.push(*first);
            rest = tail;
        }
    }
    Some(decoded)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use frontdesk_types::Span;

    use super::*;
    use crate::request::snapshot::Snapshot;
    use crate::test_support::{NOW, Request, TokenDraft, World, token};

    /// Reads the cookies of a request and says which spelling is believed, and its session token.
    fn believed(world: &World, cookies: &[(&str, &str)]) -> (Spelling, Option<String>) {
        let request = cookies.iter().fold(Request::fetch("/"), |request, (name, value)| {
            let name = name.strip_suffix("_S").map_or((*name).to_owned(), |name| world.suffixed(name));
            request.cookie(&name, value)
        });
        let cookies = Cookies::read(&Snapshot::of(&request.0).cookies, world.key.cookie_suffix());
        let issuer = world.key.frontend_api();
        let spelling =
            cookies.spelling(world.key.instance_type(), NOW, |_, token| Glimpse::of(token, issuer));
        (spelling, cookies.session(spelling).map(str::to_owned))
    }

    fn newer(draft: TokenDraft) -> String {
        draft.shifted(Span::seconds(5)).sign()
    }

    #[test]
    fn row_1_a_token_that_names_nobody_is_taken_as_it_is() {
        let world = World::production();
        for session in ["nonsense", &token().without("iss").sign(), &token().claim("iss", "").sign()] {
            let cookies = [("__session", session), ("__session_S", "x"), ("__client_uat_S", "5")];
            assert_eq!(believed(&world, &cookies), (Spelling::Plain, Some(session.to_owned())));
        }
    }

    #[test]
    fn row_2_a_token_of_another_instance_gives_way() {
        let world = World::production();
        for issuer in ["https://clerk.other.test", "http:whatever", "https://clerk.frontdesk.test/"] {
            let foreign = token().claim("iss", issuer).sign();
            let cookies = [("__session", &*foreign), ("__client_uat", "5")];
            assert_eq!(believed(&world, &cookies), (Spelling::Suffixed, None), "{issuer}");
        }
        let not_text = token().claim("iss", 123).sign();
        assert_eq!(believed(&world, &[("__session", &not_text)]).0, Spelling::Suffixed);
        // The scheme does not matter.
        let plain_http = token().claim("iss", "http://clerk.frontdesk.test").sign();
        assert_eq!(believed(&world, &[("__session", &plain_http)]).0, Spelling::Plain);
    }

    #[test]
    fn row_3_without_suffixed_cookies_the_plain_ones_count() {
        let world = World::development();
        let session = token().sign();
        assert_eq!(believed(&world, &[]).0, Spelling::Plain);
        let cookies = [
            ("__session", &*session),
            ("__client_uat", "5"),
            ("__client_uat_S", ""),
            ("__clerk_db_jwt_S", "d"),
        ];
        assert_eq!(believed(&world, &cookies), (Spelling::Plain, Some(session)));
    }

    #[test]
    fn row_4_both_signed_in_and_the_plain_one_is_newer() {
        let world = World::production();
        let (session, newer) = (token().sign(), newer(token()));
        let cookies = |plain, suffixed| {
            [("__session", plain), ("__session_S", suffixed), ("__client_uat", "5"), ("__client_uat_S", "6")]
        };
        assert_eq!(believed(&world, &cookies(&newer, &session)), (Spelling::Plain, Some(newer.clone())));
        assert_eq!(believed(&world, &cookies(&session, &newer)), (Spelling::Suffixed, Some(newer.clone())));
        assert_eq!(believed(&world, &cookies(&session, &session)).0, Spelling::Suffixed);
        // An undecodable suffixed token was issued at the beginning of time.
        assert_eq!(believed(&world, &cookies(&session, "nonsense")).0, Spelling::Plain);
    }

    #[test]
    fn row_5_only_the_suffixed_one_says_signed_out() {
        let world = World::development();
        let session = token().sign();
        let cookies = [("__session", &*session), ("__client_uat", "5"), ("__client_uat_S", "0")];
        assert_eq!(believed(&world, &cookies), (Spelling::Plain, Some(session.clone())));
        // An absent plain uat does not say signed out either.
        assert_eq!(believed(&world, &[("__session", &*session), ("__client_uat_S", "0")]).0, Spelling::Plain);
    }

    #[test]
    fn row_6_development_after_a_downgrade_and_sign_out() {
        let expired = token().shifted(Span::minutes(-5)).sign();
        // Without skew: it expires this very second.
        let just_expired = token().shifted(Span::seconds(-50)).sign();
        let alive = token().shifted(Span::seconds(-49)).sign();
        let cookies = |suffixed| [("__client_uat", "0"), ("__client_uat_S", "5"), ("__session_S", suffixed)];
        for (session, development) in
            [(&expired, Spelling::Plain), (&just_expired, Spelling::Plain), (&alive, Spelling::Suffixed)]
        {
            assert_eq!(believed(&World::development(), &cookies(session)).0, development);
            assert_eq!(believed(&World::production(), &cookies(session)).0, Spelling::Suffixed);
        }
    }

    #[test]
    fn row_7_a_suffixed_session_needs_its_uat() {
        let world = World::production();
        let session = token().sign();
        assert_eq!(believed(&world, &[("__session_S", &session)]), (Spelling::Plain, None));
    }

    #[test]
    fn row_8_otherwise_the_suffixed_ones_count() {
        for world in [World::production(), World::development()] {
            let session = token().sign();
            let signed_out = [
                ("__session", &*session),
                ("__session_S", &*session),
                ("__client_uat", "0"),
                ("__client_uat_S", "0"),
            ];
            assert_eq!(believed(&world, &signed_out), (Spelling::Suffixed, Some(session.clone())));
            let without_session = [("__session", &*session), ("__client_uat", "0"), ("__client_uat_S", "0")];
            assert_eq!(believed(&world, &without_session), (Spelling::Suffixed, None));
        }
    }

    #[test]
    fn cookies_are_read_as_browsers_send_them() {
        let header = "a=1; __session = first ;__session=second;__client_uat=%31%32; __clerk_db_jwt=a%zz; noise; \
                      __clerk_redirect_count=2;\t__clerk_handshake=a=b=c; __session_suffix=s; __refresh_suffix=r";
        let request =
            Request::fetch("/").header("cookie", header).cookie("__clerk_handshake_nonce", "n\u{e9}");
        let cookies = Cookies::read(&Snapshot::of(&request.0).cookies, "suffix");
        assert_eq!(cookies.session(Spelling::Plain), Some("first"), "the first one counts");
        assert_eq!(cookies.session(Spelling::Suffixed), Some("s"));
        assert_eq!(cookies.client_uat(Spelling::Plain), Some(12), "percent-encoding is undone");
        assert_eq!(cookies.dev_browser(Spelling::Plain), Some("a%zz"), "unless it is none");
        assert_eq!(cookies.handshake(), Some("a=b=c"));
        assert_eq!(cookies.handshake_nonce(), Some("n\u{e9}"), "every cookie header is read");
        assert!((cookies.redirect_count() - 2.0).abs() < f64::EPSILON);
        assert_eq!(cookies.refresh(), Some("r"));
    }

    #[test]
    fn an_empty_first_cookie_hides_the_second() {
        let request = Request::fetch("/").cookie("__session", "").cookie("__session", "second");
        assert_eq!(Cookies::read(&Snapshot::of(&request.0).cookies, "suffix").session(Spelling::Plain), None);
    }

    #[test]
    fn bytes_that_are_no_text_do_not_hide_other_cookies() {
        let mut request = http::Request::get("/").body(()).unwrap();
        let value = http::HeaderValue::from_bytes(b"name=Jos\xe9; __session=s").unwrap();
        request.headers_mut().insert("cookie", value);
        assert_eq!(
            Cookies::read(&Snapshot::of(&request).cookies, "suffix").session(Spelling::Plain),
            Some("s")
        );
    }

    #[test]
    fn uat_is_read_leniently() {
        for (text, seconds) in [
            ("12", 12),
            (" 12abc", 12),
            ("-5", -5),
            ("+7", 7),
            ("abc", 0),
            ("", 0),
            ("99999999999999999999", i64::MAX),
        ] {
            assert_eq!(leading_integer(text), seconds, "{text:?}");
        }
    }
}
