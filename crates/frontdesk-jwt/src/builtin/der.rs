//! The little DER and PEM that keys need beyond what the crypto library offers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::KeyError;
use crate::jwk::without_leading_zeros;

/// A PEM block: its label and what is inside.
pub(super) struct Pem {
    pub(super) label: String,
    pub(super) der: Zeroizing<Vec<u8>>,
}

impl Pem {
    /// Reads the first block of the text. A literal `\n`, which environment variables often carry in place of a line
    /// break, counts as one.
    pub(super) fn read(text: &str) -> Result<Self, KeyError> {
        let (_, rest) = text.split_once("-----BEGIN ").ok_or(KeyError::Pem("no BEGIN line"))?;
        let (label, rest) = rest.split_once("-----").ok_or(KeyError::Pem("the BEGIN line does not end"))?;
        let (body, end) = rest.split_once("-----END ").ok_or(KeyError::Pem("no END line"))?;
        if end.strip_prefix(label).is_none_or(|end| !end.starts_with("-----")) {
            return Err(KeyError::Pem("BEGIN and END do not match"));
        }
        let mut compact = Zeroizing::new(String::with_capacity(body.len()));
        for line in body.split("\\n") {
            compact.extend(line.chars().filter(|character| !character.is_ascii_whitespace()));
        }
        let der = STANDARD.decode(compact.as_bytes()).map_err(|_| KeyError::Pem("the body is not base64"))?;
        Ok(Self { label: label.to_owned(), der: Zeroizing::new(der) })
    }

    /// A public key as `SubjectPublicKeyInfo`, with lines of 64 characters (RFC 7468).
    pub(super) fn write_public_key(der: &[u8]) -> String {
        let body = STANDARD.encode(der);
        let mut text = String::with_capacity(body.len() + body.len() / 64 + 60);
        text.push_str("-----BEGIN PUBLIC KEY-----\n");
        let mut rest = body.as_str();
        while !rest.is_empty() {
            let (line, tail) = rest.split_at(rest.len().min(64));
            text.push_str(line);
            text.push('\n');
            rest = tail;
        }
        text.push_str("-----END PUBLIC KEY-----\n");
        text
    }
}

/// Modulus and exponent of a PKCS#1 `RSAPublicKey` (RFC 8017 A.1.1), big-endian without leading zeros.
pub(super) fn rsa_components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    let (sequence, _) = element(der, SEQUENCE)?;
    let (modulus, rest) = element(sequence, INTEGER)?;
    let (exponent, _) = element(rest, INTEGER)?;
    Some((without_leading_zeros(modulus), without_leading_zeros(exponent)))
}

/// The content of a DER element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    if first != tag {
        return None;
    }
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let count = usize::from(length & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let (bytes, rest) = rest.split_at_checked(count)?;
        (bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)), rest)
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_is_read_in_the_forms_people_paste() {
        let plain = "-----BEGIN PUBLIC KEY-----\nAQID\nBAU=\n-----END PUBLIC KEY-----\n";
        for text in [
            plain.to_owned(),
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\\n"),
            format!("# key\n{plain}"),
        ] {
            let pem = Pem::read(&text).unwrap();
            assert_eq!((pem.label.as_str(), pem.der.as_slice()), ("PUBLIC KEY", [1, 2, 3, 4, 5].as_slice()));
        }
        for broken in [
            "",
            "AQID",
            "-----BEGIN PUBLIC KEY-----AQID",
            "-----BEGIN A-----AQID-----END B-----",
            "-----BEGIN A-----A!ID-----END A-----",
        ] {
            assert!(Pem::read(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn broken_der_is_refused_without_a_panic() {
        for broken in
            [&[][..], &[0x30], &[0x30, 0x84, 0xff], &[0x30, 0x02, 0x02, 0x05], &[0x31, 0x00], &[0x30, 0x80]]
        {
            assert!(rsa_components(broken).is_none());
        }
    }
}
