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
    pub(crate) forwarded_host: Option<&'r str>,
    pub(crate) forwarded_proto: Option<&'r str>,
    pub(crate) sec_fetch_dest: Option<&'r str>,
    pub(crate) accept: Option<&'r str>,
    pub(crate) referer: Option<&'r str>,
    /// The fields of `cookie`; HTTP/2 may send several.
    pub(crate) cookies: Vec<&'r [u8]>,
    authorization: Option<&'r str>,
}

impl<'r> Snapshot<'r> {
    pub(crate) fn of(request: &'r (impl RequestView + ?Sized)) -> Self {
        let header = |name| text(request.header(name)?);
        let mut cookies = Vec::new();
        request.each_header("cookie", &mut |field| cookies.push(field));
        Self {
            method: request.method(),
            url: request.url(),
            host: header("host"),
            forwarded_host: header("x-forwarded-host").and_then(first_item),
            forwarded_proto: header("x-forwarded-proto").and_then(first_item),
            sec_fetch_dest: header("sec-fetch-dest"),
            accept: header("accept"),
            referer: header("referer"),
            cookies,
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
}

/// A header as text; one that is empty or not text is as good as absent.
fn text(value: &[u8]) -> Option<&str> {
    let value = std::str::from_utf8(value).ok()?.trim_ascii();
    (!value.is_empty()).then_some(value)
}

/// A chain of proxies lists the outermost first.
fn first_item(list: &str) -> Option<&str> {
    let first = list.split(',').next()?.trim_ascii();
    (!first.is_empty()).then_some(first)
}
