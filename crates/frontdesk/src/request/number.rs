//! Numbers as JavaScript reads and writes them. Cookies hold some, and all SDKs must see the same.

/// The integer that a text begins with (`parseInt`): decimal, or hexadecimal after `0x`. 0 if it begins with none.
pub(crate) fn leading_integer(text: &str) -> i64 {
    let text = text.trim_start();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None => (10, digits),
    };
    let magnitude = digits
        .chars()
        .map_while(|digit| digit.to_digit(radix))
        .fold(0_i64, |number, digit| number.saturating_mul(radix.into()).saturating_add(digit.into()));
    if negative { -magnitude } else { magnitude }
}

/// The number that the whole text is (`Number`), if it is one.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0.0);
    }
    let in_radix = |prefixes: [&str; 2], radix: u32| {
        let digits = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix))?;
        let digits: Option<Vec<u32>> = digits.chars().map(|digit| digit.to_digit(radix)).collect();
        let digits = digits.filter(|digits| !digits.is_empty())?;
        Some(digits.into_iter().fold(0.0, |number, digit| number * f64::from(radix) + f64::from(digit)))
    };
    let decimal = || {
        let is_written_so =
            text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        text.parse::<f64>().ok().filter(|_| is_written_so)
    };
    in_radix(["0x", "0X"], 16)
        .or_else(|| in_radix(["0o", "0O"], 8))
        .or_else(|| in_radix(["0b", "0B"], 2))
        .or_else(decimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_end_where_they_end() {
        for (text, integer) in [
            ("", 0),
            ("x", 0),
            ("12abc", 12),
            (" 7", 7),
            ("-5", -5),
            ("+5", 5),
            ("1e3", 1),
            ("0x10", 16),
            ("-0xfg", -15),
            ("0x", 0),
            ("99999999999999999999", i64::MAX),
        ] {
            assert_eq!(leading_integer(text), integer, "{text:?}");
        }
    }

    #[test]
    fn numbers_are_whole_texts() {
        for (text, expected) in [
            ("", 0.0),
            ("3", 3.0),
            (" 3 ", 3.0),
            ("3.0", 3.0),
            ("3e0", 3.0),
            ("0x3", 3.0),
            ("0b11", 3.0),
            ("1.5", 1.5),
            ("-1", -1.0),
            (".5", 0.5),
        ] {
            assert!((number(text).unwrap() - expected).abs() < f64::EPSILON, "{text:?}");
        }
        for none in ["x", "3x", "0x", "inf", "NaN", "1_0", "-", "1 2"] {
            assert_eq!(number(none), None, "{none:?}");
        }
    }
}
