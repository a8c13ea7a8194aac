//! base64url without padding (RFC 4648 §5), decoded strictly: one spelling for one sequence of bytes.
//!
//! Decoding its text is a quarter of what a token costs beside the signature check. This takes eight characters at once
//! where the `base64` crate, which encodes for us, takes one after the other: two thirds of the time
//! (`benches/cold.rs`). Tests hold the two together.

/// For each place in a group of four characters: what a character contributes to the 24 bits of the group.
static CONTRIBUTIONS: [[u32; 256]; 4] = contributions();

/// Set for a character that is not in the alphabet.
const STRANGER: u32 = 1 << 31;

const fn contributions() -> [[u32; 256]; 4] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut tables = [[STRANGER; 256]; 4];
    let mut value = 0;
    while value < alphabet.len() {
        let mut place = 0;
        while place < 4 {
            #[expect(clippy::cast_possible_truncation, reason = "it is less than 64")]
            let bits = (value as u32) << (6 * (3 - place));
            tables[place][alphabet[value] as usize] = bits;
            place += 1;
        }
        value += 1;
    }
    tables
}

/// Appends what `text` says. `None` if it has a character beside the alphabet (padding too), a length that no bytes have,
/// or unused bits in its last character that are not zero; the bytes appended then mean nothing.
pub(crate) fn decode(text: &str, bytes: &mut Vec<u8>) -> Option<()> {
    let (groups, last) = text.as_bytes().as_chunks::<8>();
    let mut at = bytes.len();
    let end = at + text.len() / 4 * 3 + [0, 0, 1, 2][text.len() % 4];
    // Eight bytes are written for every six that are meant.
    bytes.resize(at + groups.len() * 6 + 2, 0);
    let mut seen = 0;
    for group in groups {
        let [high, low] =
            [0, 4].map(|from| join([group[from], group[from + 1], group[from + 2], group[from + 3]]));
        seen |= high | low;
        let six = u64::from(high) << 40 | u64::from(low) << 16;
        bytes[at..at + 8].copy_from_slice(&six.to_be_bytes());
        at += 6;
    }
    bytes.truncate(at);
    for group in last.chunks(4) {
        // Missing characters count as zeros.
        let mut padded = [b'A'; 4];
        padded[..group.len()].copy_from_slice(group);
        let joined = join(padded);
        seen |= joined;
        bytes.extend_from_slice(&joined.to_be_bytes()[1..]);
    }
    let unused = bytes.get(end..).unwrap_or_default().iter().fold(0, |bits, byte| bits | byte);
    bytes.truncate(end);
    (seen & STRANGER == 0 && unused == 0 && text.len() % 4 != 1).then_some(())
}

fn join([a, b, c, d]: [u8; 4]) -> u32 {
    let [first, second, third, fourth] = &CONTRIBUTIONS;
    first[usize::from(a)] | second[usize::from(b)] | third[usize::from(c)] | fourth[usize::from(d)]
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::*;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut bytes = vec![7; 3];
        decode(text, &mut bytes)?;
        assert_eq!(bytes[..3], [7; 3], "what stood before is untouched");
        Some(bytes.split_off(3))
    }

    #[test]
    fn every_last_character_is_taken_exactly_when_the_crate_takes_it() {
        for length in 0..=18 {
            for last in (0..=127).map(char::from).chain(['é', 'А', '\u{ff21}']) {
                let text = format!("{}{last}", "Qw_-9zAaQw_-9zAaQw"[..length].to_owned());
                assert_eq!(decoded(&text), URL_SAFE_NO_PAD.decode(&text).ok(), "{text:?}");
            }
        }
        assert_eq!(decoded(""), Some(Vec::new()));
    }

    #[test]
    fn every_character_counts_at_every_place() {
        for place in 0..16 {
            for character in (0..=127).map(char::from) {
                let mut text = "A".repeat(16);
                text.replace_range(place..=place, &character.to_string());
                assert_eq!(decoded(&text), URL_SAFE_NO_PAD.decode(&text).ok(), "{text:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn bytes_survive(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(decoded(&URL_SAFE_NO_PAD.encode(&bytes)), Some(bytes));
        }

        #[test]
        fn any_text_is_read_as_the_crate_reads_it(near in "[A-Za-z0-9_-]{0,40}[A-Za-z0-9_=+/ .-]{0,2}", far in ".{0,40}") {
            for text in [near, far] {
                prop_assert_eq!(decoded(&text), URL_SAFE_NO_PAD.decode(&text).ok());
            }
        }
    }
}
