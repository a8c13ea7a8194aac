//! Regular expressions as JavaScript writes them, without what needs memory: back references, look-behind, and groups
//! that capture.

use std::iter::Peekable;
use std::str::Chars;

/// What a pattern is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// One character out of a set.
    One(Set),
    /// One after the other.
    All(Vec<Node>),
    /// The first that leads to a match.
    Either(Vec<Node>),
    Repeat {
        node: Box<Node>,
        least: u32,
        most: Option<u32>,
        greedy: bool,
    },
    Capture {
        index: usize,
        node: Box<Node>,
    },
    /// Looks ahead, and stays.
    Ahead {
        wanted: bool,
        node: Box<Node>,
    },
    Start,
    End,
    /// Whether a word begins or ends here.
    WordEdge {
        wanted: bool,
    },
}

/// A set of characters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Set {
    ranges: Vec<(char, char)>,
    complement: bool,
}

/// What is wrong with a pattern.
#[derive(Debug, PartialEq)]
pub(super) struct Problem(pub(super) String);

impl Problem {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

const DIGIT: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
/// White space of ASCII; paths have nothing else.
const SPACE: &[(char, char)] = &[('\t', '\r'), (' ', ' ')];
const LINE_ENDS: &[char] = &['\n', '\r', '\u{2028}', '\u{2029}'];

impl Node {
    pub(super) fn nothing() -> Self {
        Self::All(Vec::new())
    }

    pub(super) fn text(text: &str) -> Self {
        Self::All(text.chars().map(|character| Self::any_of(&[character])).collect())
    }

    pub(super) fn any_of(characters: &[char]) -> Self {
        let ranges = characters.iter().map(|character| (*character, *character)).collect();
        Self::One(Set { ranges, complement: false })
    }

    pub(super) fn none_of(characters: &[char]) -> Self {
        let ranges = characters.iter().map(|character| (*character, *character)).collect();
        Self::One(Set { ranges, complement: true })
    }

    pub(super) fn repeated(self, least: u32, most: Option<u32>, greedy: bool) -> Self {
        Self::Repeat { node: Box::new(self), least, most, greedy }
    }
}

impl Set {
    /// Whether the set has this letter, in either case.
    pub(super) fn has(&self, byte: u8) -> bool {
        let within =
            |character: char| self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&character));
        let (lower, upper) = (byte.to_ascii_lowercase(), byte.to_ascii_uppercase());
        (within(char::from(lower)) || within(char::from(upper))) != self.complement
    }

    fn add(&mut self, ranges: &[(char, char)]) {
        self.ranges.extend_from_slice(ranges);
    }

    /// `ranges` are in order.
    fn add_all_but(&mut self, ranges: &[(char, char)]) {
        let mut next = '\0';
        for (first, last) in ranges {
            if let Some(before) = (next..*first).next_back() {
                self.ranges.push((next, before));
            }
            next = (*last..=char::MAX).nth(1).unwrap_or(char::MAX);
        }
        self.ranges.push((next, char::MAX));
    }
}

/// Reads an expression.
pub(super) fn read(text: &str) -> Result<Node, Problem> {
    let mut reader = Reader { rest: text.chars().peekable(), depth: 0 };
    let node = reader.either()?;
    match reader.rest.next() {
        None => Ok(node),
        Some(_) => Err(Problem::new("a parenthesis is closed that was not opened")),
    }
}

struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
    depth: u32,
}

/// Groups in groups: deeper ones are nobody's honest wish.
const DEEPEST: u32 = 32;
/// How often something may be repeated by count.
const MOST_REPEATED: u32 = 256;

impl Reader<'_> {
    fn either(&mut self) -> Result<Node, Problem> {
        let mut alternatives = vec![self.all()?];
        while self.rest.next_if_eq(&'|').is_some() {
            alternatives.push(self.all()?);
        }
        Ok(if alternatives.len() == 1 { alternatives.remove(0) } else { Node::Either(alternatives) })
    }

    fn all(&mut self) -> Result<Node, Problem> {
        let mut nodes = Vec::new();
        while self.rest.peek().is_some_and(|next| !matches!(next, '|' | ')')) {
            let node = self.one()?;
            let repeatable = !matches!(node, Node::Start | Node::End | Node::WordEdge { .. });
            nodes.push(match self.quantifier()? {
                None => node,
                Some(_) if !repeatable => return Err(Problem::new("an anchor cannot be repeated")),
                Some((least, most, greedy)) => node.repeated(least, most, greedy),
            });
        }
        Ok(Node::All(nodes))
    }

    fn one(&mut self) -> Result<Node, Problem> {
        Ok(match self.rest.next().unwrap_or_default() {
            '.' => Node::none_of(LINE_ENDS),
            '^' => Node::Start,
            '$' => Node::End,
            '(' => self.group()?,
            '[' => Node::One(self.set()?),
            '*' | '+' | '?' => return Err(Problem::new("there is nothing to repeat")),
            '\\' if matches!(self.rest.peek(), Some('b' | 'B')) => {
                Node::WordEdge { wanted: self.rest.next() == Some('b') }
            }
            '\\' => {
                let mut set = Set::default();
                if let Member::Character(character) = self.escaped(&mut set)? {
                    set.add(&[(character, character)]);
                }
                Node::One(set)
            }
            plain => Node::any_of(&[plain]),
        })
    }

    fn group(&mut self) -> Result<Node, Problem> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Problem::new("groups are nested too deeply"));
        }
        let kind = (self.rest.next(), self.rest.next());
        let node = Box::new(self.either()?);
        if self.rest.next() != Some(')') {
            return Err(Problem::new("a group is not closed"));
        }
        self.depth -= 1;
        match kind {
            (Some('?'), Some(':')) => Ok(*node),
            (Some('?'), Some(sign @ ('=' | '!'))) => Ok(Node::Ahead { wanted: sign == '=', node }),
            _ => Err(Problem::new("named groups and look-behind are not understood")),
        }
    }

    /// `*`, `+`, `?`, `{2}`, `{2,}` or `{2,5}`, each with a `?` after it for as few as possible.
    fn quantifier(&mut self) -> Result<Option<Quantity>, Problem> {
        let (least, most) = match self.rest.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.counted(),
            _ => return Ok(None),
        };
        self.rest.next();
        Ok(Some((least, most, self.is_greedy())))
    }

    /// A brace that begins no count stands for itself.
    fn counted(&mut self) -> Result<Option<Quantity>, Problem> {
        let written: String = self.rest.clone().skip(1).take_while(|next| *next != '}').collect();
        let closed = self.rest.clone().any(|next| next == '}');
        let (least, most) = match written.split_once(',') {
            None => (written.as_str(), Some(written.as_str())),
            Some((least, "")) => (least, None),
            Some((least, most)) => (least, Some(most)),
        };
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !closed || !is_number(least) || !most.is_none_or(is_number) {
            return Ok(None);
        }
        let number = |text: &str| text.parse().ok().filter(|number| *number <= MOST_REPEATED);
        let too_often = || Problem::new("something is repeated too often");
        let least: u32 = number(least).ok_or_else(too_often)?;
        let most = most.map(|most| number(most).ok_or_else(too_often)).transpose()?;
        if most.is_some_and(|most| most < least) {
            return Err(Problem::new("the counts of a repetition are in the wrong order"));
        }
        for _ in 0..written.len() + 2 {
            self.rest.next();
        }
        Ok(Some((least, most, self.is_greedy())))
    }

    fn is_greedy(&mut self) -> bool {
        self.rest.next_if_eq(&'?').is_none()
    }

    /// A set, after its opening bracket.
    fn set(&mut self) -> Result<Set, Problem> {
        let mut set = Set { complement: self.rest.next_if_eq(&'^').is_some(), ..Set::default() };
        loop {
            let first = self.member(&mut set)?;
            // A dash at the end stands for itself.
            let range =
                self.rest.peek() == Some(&'-') && self.rest.clone().nth(1).is_some_and(|next| next != ']');
            match first {
                Member::End => return Ok(set),
                Member::Several if range => {
                    return Err(Problem::new("a range of characters has no single first one"));
                }
                Member::Several => {}
                Member::Character(only) if !range => set.add(&[(only, only)]),
                Member::Character(first) => {
                    self.rest.next();
                    match self.member(&mut set)? {
                        Member::Character(last) if first <= last => set.add(&[(first, last)]),
                        _ => return Err(Problem::new("a range of characters is not one")),
                    }
                }
            }
        }
    }

    fn member(&mut self, set: &mut Set) -> Result<Member, Problem> {
        match self.rest.next() {
            None => Err(Problem::new("a set of characters is not closed")),
            Some(']') => Ok(Member::End),
            Some('\\') if self.rest.next_if_eq(&'b').is_some() => Ok(Member::Character('\u{8}')),
            Some('\\') => self.escaped(set),
            Some(plain) => Ok(Member::Character(plain)),
        }
    }

    /// What a backslash, just read, makes of what follows.
    fn escaped(&mut self, set: &mut Set) -> Result<Member, Problem> {
        let next = self.rest.next().ok_or(Problem::new("nothing follows a backslash"))?;
        match next {
            'd' => set.add(DIGIT),
            'D' => set.add_all_but(DIGIT),
            'w' => set.add(WORD),
            'W' => set.add_all_but(WORD),
            's' => set.add(SPACE),
            'S' => set.add_all_but(SPACE),
            't' => return Ok(Member::Character('\t')),
            'n' => return Ok(Member::Character('\n')),
            'v' => return Ok(Member::Character('\u{b}')),
            'f' => return Ok(Member::Character('\u{c}')),
            'r' => return Ok(Member::Character('\r')),
            '0' => return Ok(Member::Character('\0')),
            'x' => return self.hexadecimal(2),
            'u' => return self.hexadecimal(4),
            '1'..='9' | 'k' | 'c' | 'p' | 'P' => {
                return Err(Problem::new(
                    "back references, control letters and properties are not understood",
                ));
            }
            itself => return Ok(Member::Character(itself)),
        }
        Ok(Member::Several)
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<Member, Problem> {
        let written: String = self.rest.by_ref().take(digits).collect();
        let number = u32::from_str_radix(&written, 16).ok().filter(|_| written.len() == digits);
        let character = number.and_then(char::from_u32);
        character.map(Member::Character).ok_or(Problem::new("an escaped number names no character"))
    }
}

/// At least how often, at most how often, and whether rather more than less.
type Quantity = (u32, Option<u32>, bool);

/// A member of a set.
enum Member {
    Character(char),
    /// Several, already added.
    Several,
    /// The end of the set.
    End,
}
