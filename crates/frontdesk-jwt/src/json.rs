//! Reading the JSON of strangers: an object, and no name twice at any depth.
//!
//! Parsers disagree about which of two equal names counts. A token that says two things is refused, so that nobody can
//! make us and somebody else read it differently.
//!
//! A token is scanned once, and nothing of it is copied: what comes out are the [`Place`]s of the members that
//! verification asks for. The scanner is this crate's own because it runs for every request that an application
//! authenticates, and because features that any other crate may switch on (`arbitrary_precision`) change what
//! `serde_json` says to a visitor. It accepts exactly what `serde_json` accepts, which tests hold it to: so whatever was
//! scanned can be parsed later.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};

/// How deep lists and objects may be nested: as deep as `serde_json` follows.
const MAX_DEPTH: usize = 127;

/// What kind of value stands where in the text. The default is a member that does not occur.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) kind: Kind,
    start: u16,
    end: u16,
}

/// As much of a JSON value as verification needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The member does not occur.
    #[default]
    Absent,
    Null,
    False,
    True,
    Number,
    /// A string that says what stands between its quotes.
    Text,
    /// A string with escapes in it.
    Escaped,
    List,
    Object,
}

impl Place {
    /// The value as it was written, a string with its quotes.
    pub(crate) fn raw(self, text: &str) -> &str {
        text.get(usize::from(self.start)..usize::from(self.end)).unwrap_or_default()
    }

    /// What a string without escapes says.
    pub(crate) fn plain_text(self, text: &str) -> Option<&str> {
        match self.kind {
            Kind::Text => text.get(usize::from(self.start) + 1..usize::from(self.end) - 1),
            _ => None,
        }
    }

    /// What a string says.
    pub(crate) fn text(self, text: &str) -> Option<Cow<'_, str>> {
        match self.kind {
            Kind::Text => self.plain_text(text).map(Cow::Borrowed),
            Kind::Escaped => serde_json::from_str(self.raw(text)).ok().map(Cow::Owned),
            _ => None,
        }
    }
}

/// The object that a name stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    /// The outermost one.
    Top,
    /// The one that is the value of the member with this slot.
    Slot(usize),
    /// Any other.
    Elsewhere,
}

/// The text is not an object in which each name occurs once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub(crate) struct Fault {
    what: What,
    at: usize,
}

/// What is wrong with the text. One byte, so that results stay in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum What {
    #[error("a name occurs twice")]
    Twice,
    #[error("too much text")]
    TooLong,
    #[error("too much nesting")]
    TooDeep,
    #[error("no object")]
    NoObject,
    #[error("something after the object")]
    Trailing,
    #[error("no value")]
    NoValue,
    #[error("no name")]
    NoName,
    #[error("no colon")]
    NoColon,
    #[error("no digit")]
    NoDigit,
    #[error("an object does not end")]
    OpenObject,
    #[error("a list does not end")]
    OpenList,
    #[error("a string does not end")]
    OpenString,
    #[error("a control character")]
    ControlCharacter,
    #[error("a broken escape")]
    BadEscape,
    #[error("a number with a leading zero")]
    LeadingZero,
    #[error("a number beyond all bounds")]
    TooLarge,
}

/// Finds the members of an object. `slot_of` says which of the places belongs to a name; the others are checked and
/// passed over. Places that were taken before stay as they are, and their names count as having occurred.
pub(crate) fn scan(
    text: &str,
    slot_of: impl Fn(Within, &str) -> Option<usize> + Copy,
    places: &mut [Place],
) -> Result<(), Fault> {
    let mut scanner = Scanner { text, at: 0, depth: 0, slot_of, places, names: Vec::new() };
    scanner.only_object().map_err(|what| Fault { what, at: scanner.at })
}

struct Scanner<'t, 'p, F> {
    text: &'t str,
    at: usize,
    depth: usize,
    slot_of: F,
    places: &'p mut [Place],
    /// The names without a slot, of all objects that are open.
    names: Vec<Cow<'t, str>>,
}

impl<'t, F: Fn(Within, &str) -> Option<usize> + Copy> Scanner<'t, '_, F> {
    fn only_object(&mut self) -> Result<(), What> {
        if u16::try_from(self.text.len()).is_err() {
            return Err(What::TooLong);
        }
        self.skip_whitespace();
        if self.peek() != Some(b'{') {
            return Err(What::NoObject);
        }
        self.object(Within::Top)?;
        self.skip_whitespace();
        if self.peek().is_none() { Ok(()) } else { Err(What::Trailing) }
    }

    /// Reads a value. If it is an object, `within` is what its names stand in.
    fn value(&mut self, within: Within) -> Result<Kind, What> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'{') => self.object(within),
            Some(b'[') => self.list(),
            Some(b't') => self.literal("true", Kind::True),
            Some(b'f') => self.literal("false", Kind::False),
            Some(b'n') => self.literal("null", Kind::Null),
            _ => Err(What::NoValue),
        }
    }

    fn object(&mut self, within: Within) -> Result<Kind, What> {
        self.enter()?;
        let outer_names = self.names.len();
        let mut more = !self.take(b'}');
        while more {
            let name = self.name()?;
            let slot = (self.slot_of)(within, &name);
            let start = self.at;
            let kind = self.value(slot.map_or(Within::Elsewhere, Within::Slot))?;
            match slot.and_then(|slot| self.places.get_mut(slot)) {
                Some(free) if free.kind == Kind::Absent => {
                    *free = Place { kind, start: offset(start), end: offset(self.at) };
                }
                Some(_) => return Err(What::Twice),
                None => self.names.push(name),
            }
            more = self.take(b',');
            if !more && !self.take(b'}') {
                return Err(What::OpenObject);
            }
        }
        if self.names.len() > outer_names {
            self.check_names(outer_names)?;
        }
        self.depth -= 1;
        Ok(Kind::Object)
    }

    fn list(&mut self) -> Result<Kind, What> {
        self.enter()?;
        let mut more = !self.take(b']');
        while more {
            self.skip_whitespace();
            self.value(Within::Elsewhere)?;
            more = self.take(b',');
            if !more && !self.take(b']') {
                return Err(What::OpenList);
            }
        }
        self.depth -= 1;
        Ok(Kind::List)
    }

    /// Goes past the bracket that begins a list or an object.
    fn enter(&mut self) -> Result<(), What> {
        if self.depth == MAX_DEPTH {
            return Err(What::TooDeep);
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// A member's name, up to where its value begins.
    fn name(&mut self) -> Result<Cow<'t, str>, What> {
        self.skip_whitespace();
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(What::NoName);
        }
        let kind = self.string()?;
        let text = self.text;
        let name = match kind {
            Kind::Text => Cow::Borrowed(&text[start + 1..self.at - 1]),
            _ => Cow::Owned(serde_json::from_str(&text[start..self.at]).map_err(|_| What::BadEscape)?),
        };
        if !self.take(b':') {
            return Err(What::NoColon);
        }
        self.skip_whitespace();
        Ok(name)
    }

    /// Refuses two equal names among those of the object that ends here, and forgets them.
    fn check_names(&mut self, outer_names: usize) -> Result<(), What> {
        /// Up to here comparing all with all is faster; beyond, thousands of names must not cost their square.
        const FEW: usize = 16;
        let names = self.names.get_mut(outer_names..).unwrap_or_default();
        let twice = if names.len() <= FEW {
            names.iter().enumerate().any(|(index, name)| names[..index].contains(name))
        } else {
            names.sort_unstable();
            names.windows(2).any(|pair| pair[0] == pair[1])
        };
        self.names.truncate(outer_names);
        if twice { Err(What::Twice) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<Kind, What> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut kind = Kind::Text;
        self.at += 1;
        loop {
            self.at += plain_bytes(bytes.get(self.at..).unwrap_or_default());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    kind = Kind::Escaped;
                    self.at += 2;
                }
                Some(_) => return Err(What::ControlCharacter),
                None => return Err(What::OpenString),
            }
        }
        self.at += 1;
        if kind == Kind::Escaped && serde_json::from_str::<String>(&self.text[start..self.at]).is_err() {
            return Err(What::BadEscape);
        }
        Ok(kind)
    }

    fn number(&mut self) -> Result<Kind, What> {
        /// No number with fewer digits and without an exponent is too large for a double.
        const LONG: usize = 300;
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let leading_zero = self.peek() == Some(b'0');
        if self.digits()? > 1 && leading_zero {
            return Err(What::LeadingZero);
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        let exponent = matches!(self.peek(), Some(b'e' | b'E'));
        if exponent {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let unusual = exponent || self.at - start > LONG;
        if unusual && serde_json::from_str::<f64>(&self.text[start..self.at]).is_err() {
            return Err(What::TooLarge);
        }
        Ok(Kind::Number)
    }

    /// One digit or more; says how many.
    fn digits(&mut self) -> Result<usize, What> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(What::NoDigit) } else { Ok(self.at - start) }
    }

    fn literal(&mut self, word: &str, kind: Kind) -> Result<Kind, What> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(What::NoValue);
        }
        self.at += word.len();
        Ok(kind)
    }

    /// Goes past whitespace and, if it comes next, this byte; says whether it did.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_whitespace();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_whitespace(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

/// How many bytes stand before the first that means something in a string: a quote, a backslash, a control character.
fn plain_bytes(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // Eight bytes at once. The high bit of a byte of the result says that the byte was less than `limit`, and is never
    // wrong about the lowest such byte (a borrow can only reach those above it).
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word & HIGH;
    let (words, _) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let found = quote | backslash | below(word, 0x20);
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let start = words.len() * 8;
    let rest = &bytes[start..];
    let special = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    start + special.unwrap_or(rest.len())
}

/// A position in a text whose length has been found to fit.
fn offset(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// A member's name, borrowed from the text unless it has escapes.
pub(crate) struct Name<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests;
