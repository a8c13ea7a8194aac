//! Multipart forms, as far as a file comes in one (RFC 7578). The whole form is in memory when it is read, so there is
//! nothing to stream and nothing to wait for.

use crate::errors::{self, ApiError};

/// The most parts of a form.
const MOST_PARTS: usize = 16;
/// The longest boundary (RFC 2046 §5.1.1).
const LONGEST_BOUNDARY: usize = 70;

/// The first file of this name in a form with this content type; `None` if there is none.
pub(super) fn file<'b>(content_type: &str, body: &'b [u8], name: &str) -> Result<Option<&'b [u8]>, ApiError> {
    let boundary = boundary(content_type).ok_or_else(|| unreadable("its content type names no boundary"))?;
    let delimiter = [b"--", boundary.as_bytes()].concat();
    let line = [b"\r\n".as_slice(), &delimiter].concat();
    // What stands before the first boundary is nobody's.
    let first = match body.strip_prefix(delimiter.as_slice()) {
        Some(rest) => Some(rest),
        None => position(body, &line).map(|at| &body[at + line.len()..]),
    };
    let mut rest = first.ok_or_else(|| unreadable("its boundary is nowhere"))?;
    let mut found = None;
    for _ in 0..=MOST_PARTS {
        if rest.starts_with(b"--") {
            return Ok(found);
        }
        let part = rest.strip_prefix(b"\r\n").ok_or_else(|| unreadable("a boundary is followed by text"))?;
        let end = position(part, &line).ok_or_else(|| unreadable("a part does not end"))?;
        rest = &part[end + line.len()..];
        let part = &part[..end];
        let split = position(part, b"\r\n\r\n").ok_or_else(|| unreadable("a part has no headers"))?;
        let (headers, content) = (&part[..split], &part[split + 4..]);
        if found.is_none() && is_named(headers, name) {
            found = Some(content);
        }
    }
    Err(unreadable("it has too many parts"))
}

fn unreadable(why: &str) -> ApiError {
    errors::malformed_body(&format!("The multipart form cannot be read: {why}."))
}

/// The boundary in `multipart/form-data; boundary="…"`.
fn boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = parameters.find(|(key, _)| key.trim().eq_ignore_ascii_case("boundary"))?;
    let value = value.trim();
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    (1..=LONGEST_BOUNDARY).contains(&value.len()).then_some(value)
}

/// Whether the headers of a part give it this name.
fn is_named(headers: &[u8], name: &str) -> bool {
    let Ok(headers) = std::str::from_utf8(headers) else { return false };
    headers.split("\r\n").filter_map(|line| line.split_once(':')).any(|(key, value)| {
        key.eq_ignore_ascii_case("content-disposition")
            && value.split(';').skip(1).filter_map(|pair| pair.trim().split_once('=')).any(|(key, value)| {
                key.eq_ignore_ascii_case("name") && value.trim().trim_matches('"') == name
            })
    })
}

/// Where the bytes stand first.
fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|byte| *byte == first) {
        let at = from + at;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=xyz";

    #[test]
    fn the_file_is_found_among_the_parts() {
        let form = b"preamble\r\n--xyz\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nno\r\n\
            --xyz\r\ncontent-disposition: form-data; filename=\"a.png\"; name=\"file\"\r\n\
            Content-Type: image/png\r\n\r\n\r\n--xy\0\xff\r\n\r\n--xyz--\r\nepilogue";
        let found = file(TYPE, form, "file").unwrap();
        assert_eq!(found, Some(b"\r\n--xy\0\xff\r\n".as_slice()));
        assert_eq!(file(TYPE, form, "picture").unwrap(), None);
        let quoted = "multipart/form-data; charset=utf-8; Boundary=\"xyz\"";
        assert!(file(quoted, form, "file").unwrap().is_some());
        assert_eq!(file(TYPE, b"--xyz--", "file").unwrap(), None);
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let part = b"--xyz\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nx\r\n";
        let too_many = [part.repeat(17).as_slice(), b"--xyz--"].concat();
        for body in [
            b"".as_slice(),
            b"--xyz",
            b"--xyz\r\n",
            part,
            b"--xyz\r\nno headers\r\n--xyz--",
            b"--xyzq\r\n\r\n\r\n--xyz--",
            &too_many,
        ] {
            assert!(file(TYPE, body, "file").is_err(), "{:?}", String::from_utf8_lossy(body));
        }
        let whole = [part.repeat(16).as_slice(), b"--xyz--"].concat();
        assert_eq!(file(TYPE, &whole, "file").unwrap(), Some(b"x".as_slice()));
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        for content_type in ["multipart/form-data", "multipart/form-data; boundary=", long.as_str()] {
            assert!(file(content_type, &whole, "file").is_err(), "{content_type}");
        }
    }
}
