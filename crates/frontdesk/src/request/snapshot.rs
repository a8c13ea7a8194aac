//! What is read of a request before the first wait.

use std::borrow::Cow;

use crate::RequestView;

/// Everything that authentication looks at, borrowed from a request.
///
/// Futures hold this instead of the request: a body need not be `Sync`, and the bodies of common frameworks are not.
#[derive(Debug)]
pub(crate) struct Snapshot<'r> {
    pub(crate) method: &'r str,
    pub(crate) url: Cow<'r, str>,
    pub(crate) host: Option<&'r str>,
    /// The first item of the list, even if it is empty.
    pub(crate) forwarded_host: Option<&'r str>,
    pub(crate) forwarded_proto: Option<&'r str>,
    pub(crate) sec_fetch_dest: Option<&'r str>,
    pub(crate) accept: Option<&'r str>,
    pub(crate) referer: Option<&'r str>,
    pub(crate) origin: Option<&'r str>,
    /// The fields of `cookie`; HTTP/2 may send several.
    pub(crate) cookies: Vec<&'r [u8]>,
    /// All headers, if there is a refresh token: the server wants to know who uses it.
    pub(crate) visitor: Vec<(&'r str, &'r [u8])>,
    authorization: Option<&'r str>,
}

impl<'r> Snapshot<'r> {
    pub(crate) fn of(request: &'r (impl RequestView + ?Sized)) -> Self {
        let header = |name| text(request.header(name)?);
        let mut cookies: Vec<&[u8]> = Vec::new();
        request.each_header("cookie", &mut |field| cookies.push(field));
        let mut visitor = Vec::new();
        if cookies.iter().any(|field| mentions_refresh(field)) {
            request.all_headers(&mut |name, value| visitor.push((name, value)));
        }
        Self {
            method: request.method(),
            url: request.url(),
            host: header("host"),
            forwarded_host: first_item(request.header("x-forwarded-host")),
            forwarded_proto: first_item(request.header("x-forwarded-proto")),
            sec_fetch_dest: header("sec-fetch-dest"),
            accept: header("accept"),
            referer: header("referer"),
            origin: header("origin"),
            cookies,
            visitor,
            authorization: header("authorization"),
        }
    }

    /// The token in the `authorization` header: after `Bearer `, or the whole value if it is a single word. Other
    /// schemes are somebody else's.
    pub(crate) fn header_token(&self) -> Option<&'r str> {
        let mut words = self.authorization?.split(' ');
        let (scheme, token) = (words.next()?, words.next().unwrap_or_default());
        match (scheme, token) {
            (word, "") => Some(word),
            ("Bearer", token) => Some(token),
            _ => None,
        }
    }

    /// Whether somebody is opening a page, as far as a request tells.
    pub(crate) fn opens_a_page(&self) -> bool {
        self.method == "GET"
            && match self.sec_fetch_dest {
                Some(destination) => matches!(destination, "document" | "iframe"),
                None => self.accept.is_some_and(|accept| accept.starts_with("text/html")),
            }
    }
}

fn mentions_refresh(cookies: &[u8]) -> bool {
    const NAME: &[u8] = b"__refresh_";
    cookies.windows(NAME.len()).any(|window| window == NAME)
}

/// A header as text; one that is empty or not text is as good as absent.
fn text(value: &[u8]) -> Option<&str> {
    let value = std::str::from_utf8(value).ok()?.trim_ascii();
    (!value.is_empty()).then_some(value)
}

/// A chain of proxies lists the outermost first.
fn first_item(list: Option<&[u8]>) -> Option<&str> {
    std::str::from_utf8(list?).ok()?.trim_ascii().split(',').next()
}
