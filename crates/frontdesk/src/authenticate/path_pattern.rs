//! Paths with parameters: `/orgs/:slug/(.*)`.
//!
//! The language is that of path-to-regexp 6, in which other SDKs write their patterns (wire contract §4.11): names
//! (`:slug`), regular expressions (`(\d+)`, also after a name), groups (`{/:page}?`) and the modifiers `?`, `*` and
//! `+`; letters match in either case, and a final `/` is optional. Of regular expressions everything is understood
//! but back references, look-behind, named groups and Unicode properties. Matching takes time in proportion to the
//! path: no path can make a pattern slow.

mod expression;
mod program;

use std::iter::Peekable;
use std::str::Chars;

use self::expression::{Node, Problem};
use self::program::Program;

/// Patterns of which the first that matches counts.
#[derive(Debug)]
pub(crate) struct PathPatterns {
    program: Program,
    /// What each captured part is called.
    keys: Vec<Key>,
}

#[derive(Clone, Debug)]
struct Key {
    /// Parts in bare parentheses have no name.
    name: Option<String>,
    /// What stands between the values of a parameter that repeats.
    separator: Option<String>,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    One(String),
    /// Of a parameter that repeats, joined by commas as JavaScript writes a list.
    Many(String),
}

/// The text is not a pattern for paths, or uses what is not understood here.
///
/// ```
/// use frontdesk::{ConfigError, Frontdesk};
///
/// # let builder = frontdesk::Frontdesk::builder().publishable_key("pk_test_MTI3LjAuMC4xOjQ0MDAk");
/// # let builder = builder.secret_key("sk_test_not_a_real_one").api_url("http://127.0.0.1:4400");
/// let Err(ConfigError::PathPattern(error)) = builder.organization_patterns(["/orgs/:slug("]).build() else {
///     panic!("a parenthesis is not closed");
/// };
/// assert!(error.to_string().contains("/orgs/:slug("));
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path pattern {pattern:?} cannot be read: {problem}")]
pub struct InvalidPathPattern {
    pattern: String,
    problem: String,
}

/// The longest pattern; far more than anybody writes.
const LONGEST_PATTERN: usize = 4096;

impl PathPatterns {
    pub(crate) fn new(patterns: &[String]) -> Result<Self, InvalidPathPattern> {
        let mut keys = Vec::new();
        let mut alternatives = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            let invalid = |Problem(problem)| InvalidPathPattern { pattern: pattern.clone(), problem };
            if pattern.len() > LONGEST_PATTERN {
                return Err(invalid(Problem::new("it is too long")));
            }
            let parts = parts(pattern).map_err(invalid)?;
            alternatives.push(anchored(parts, &mut keys).map_err(invalid)?);
        }
        let invalid = |Problem(problem)| InvalidPathPattern { pattern: patterns.join(", "), problem };
        // Without alternatives everything matches, as it does elsewhere.
        let whole = if alternatives.is_empty() { Node::nothing() } else { Node::Either(alternatives) };
        Ok(Self { program: Program::compile(&whole, keys.len()).map_err(invalid)?, keys })
    }

    /// The parameters of a path, by name, if it matches.
    pub(crate) fn parameters(&self, path: &str) -> Option<Vec<(&str, Value)>> {
        let captures = self.program.run(path)?;
        let named = self.keys.iter().zip(captures).filter_map(|(key, captured)| {
            let (name, text) = (key.name.as_deref()?, captured?);
            let value = match &key.separator {
                Some(separator) => Value::Many(text.replace(separator, ",")),
                None => Value::One(text.to_owned()),
            };
            Some((name, value))
        });
        Some(named.collect())
    }
}

/// A piece of a pattern.
#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Parameter {
        name: Option<String>,
        prefix: String,
        suffix: String,
        expression: Node,
        modifier: Option<char>,
    },
    /// A group with nothing to capture.
    Group {
        text: String,
        modifier: Option<char>,
    },
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Modifier(char),
    Escaped(char),
    Open,
    Close,
    Name(String),
    Expression(String),
    Plain(char),
}

fn tokens(pattern: &str) -> Result<Vec<Token>, Problem> {
    let mut tokens = Vec::new();
    let mut rest = pattern.chars().peekable();
    while let Some(first) = rest.next() {
        tokens.push(match first {
            '*' | '+' | '?' => Token::Modifier(first),
            '{' => Token::Open,
            '}' => Token::Close,
            '\\' => match rest.next() {
                Some(escaped) => Token::Escaped(escaped),
                None => break,
            },
            ':' => {
                let mut name = String::new();
                while let Some(next) = rest.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
                    name.push(next);
                }
                if name.is_empty() {
                    return Err(Problem::new("a parameter has no name after its `:`"));
                }
                Token::Name(name)
            }
            '(' => Token::Expression(parenthesised(&mut rest)?),
            plain => Token::Plain(plain),
        });
    }
    Ok(tokens)
}

/// What stands between an opening parenthesis, just read, and its closing one.
fn parenthesised(rest: &mut Peekable<Chars<'_>>) -> Result<String, Problem> {
    const UNBALANCED: &str = "a parenthesis is not closed";
    let mut expression = String::new();
    let mut depth = 1;
    if rest.peek() == Some(&'?') {
        return Err(Problem::new("an expression begins with `?`"));
    }
    loop {
        let next = rest.next().ok_or(Problem::new(UNBALANCED))?;
        match next {
            '\\' => {
                expression.push(next);
                expression.push(rest.next().ok_or(Problem::new(UNBALANCED))?);
                continue;
            }
            ')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            '(' => {
                depth += 1;
                if rest.peek() != Some(&'?') {
                    return Err(Problem::new("a group inside an expression must begin with `(?:`"));
                }
            }
            _ => {}
        }
        expression.push(next);
    }
    if expression.is_empty() {
        return Err(Problem::new("an expression is empty"));
    }
    Ok(expression)
}

/// Whether the character, before a parameter, belongs to it: an optional parameter is optional together with it.
fn is_prefix(character: char) -> bool {
    matches!(character, '.' | '/')
}

const DELIMITERS: [char; 3] = ['/', '#', '?'];

fn parts(pattern: &str) -> Result<Vec<Part>, Problem> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = tokens(pattern)?.into_iter().peekable();
    loop {
        let plain = match rest.next_if(|token| matches!(token, Token::Plain(_))) {
            Some(Token::Plain(plain)) => Some(plain),
            _ => None,
        };
        let (name, expression) = (take_name(&mut rest), take_expression(&mut rest));
        if name.is_some() || expression.is_some() {
            let mut prefix = String::new();
            match plain {
                Some(plain) if is_prefix(plain) => prefix.push(plain),
                Some(plain) => text.push(plain),
                None => {}
            }
            flush(&mut text, &mut parts);
            let expression = match expression {
                Some(expression) => expression::read(&expression)?,
                None => until_the_next(&prefix, parts.last())?,
            };
            let modifier = take_modifier(&mut rest);
            parts.push(Part::Parameter { name, prefix, suffix: String::new(), expression, modifier });
            continue;
        }
        if let Some(plain) = plain.or_else(|| take_escaped(&mut rest)) {
            text.push(plain);
            continue;
        }
        flush(&mut text, &mut parts);
        match rest.next() {
            None => return Ok(parts),
            Some(Token::Open) => {}
            Some(_) => return Err(Problem::new("a modifier or a `}` has nothing before it")),
        }
        let prefix = take_text(&mut rest);
        let (name, expression) = (take_name(&mut rest), take_expression(&mut rest));
        let suffix = take_text(&mut rest);
        if rest.next() != Some(Token::Close) {
            return Err(Problem::new("a group is not closed, or holds more than one parameter"));
        }
        let expression = match (&name, expression) {
            (_, Some(expression)) => Some(expression::read(&expression)?),
            (Some(_), None) => Some(until_the_next(&prefix, parts.last())?),
            (None, None) => None,
        };
        let modifier = take_modifier(&mut rest);
        parts.push(match expression {
            Some(expression) => Part::Parameter { name, prefix, suffix, expression, modifier },
            None => Part::Group { text: prefix + &suffix, modifier },
        });
    }
}

type Rest = Peekable<std::vec::IntoIter<Token>>;

fn take_name(rest: &mut Rest) -> Option<String> {
    match rest.next_if(|token| matches!(token, Token::Name(_)))? {
        Token::Name(name) => Some(name),
        _ => None,
    }
}

fn take_expression(rest: &mut Rest) -> Option<String> {
    match rest.next_if(|token| matches!(token, Token::Expression(_)))? {
        Token::Expression(expression) => Some(expression),
        _ => None,
    }
}

fn take_modifier(rest: &mut Rest) -> Option<char> {
    match rest.next_if(|token| matches!(token, Token::Modifier(_)))? {
        Token::Modifier(modifier) => Some(modifier),
        _ => None,
    }
}

fn take_escaped(rest: &mut Rest) -> Option<char> {
    match rest.next_if(|token| matches!(token, Token::Escaped(_)))? {
        Token::Escaped(escaped) => Some(escaped),
        _ => None,
    }
}

fn take_text(rest: &mut Rest) -> String {
    let mut text = String::new();
    while let Some(Token::Plain(next) | Token::Escaped(next)) =
        rest.next_if(|token| matches!(token, Token::Plain(_) | Token::Escaped(_)))
    {
        text.push(next);
    }
    text
}

fn flush(text: &mut String, parts: &mut Vec<Part>) {
    if !text.is_empty() {
        parts.push(Part::Text(std::mem::take(text)));
    }
}

/// What a parameter without an expression of its own stands for: as little as possible, up to the next delimiter,
/// or up to what it began after.
fn until_the_next(prefix: &str, last: Option<&Part>) -> Result<Node, Problem> {
    let begun_after = match last {
        _ if !prefix.is_empty() => prefix,
        Some(Part::Text(text)) => text,
        Some(_) => return Err(Problem::new("two parameters have no text between them")),
        None => "",
    };
    let within = Node::none_of(&DELIMITERS);
    let one = if begun_after.is_empty() || begun_after.contains(DELIMITERS) {
        within
    } else if let [byte] = begun_after.as_bytes() {
        let delimiters = DELIMITERS.into_iter().chain([char::from(*byte)]).collect::<Vec<_>>();
        Node::none_of(&delimiters)
    } else {
        Node::All(vec![Node::Ahead { wanted: false, node: Box::new(Node::text(begun_after)) }, within])
    };
    Ok(one.repeated(1, None, false))
}

/// The whole of one pattern: from the beginning of a path to its end, but for one delimiter.
fn anchored(parts: Vec<Part>, keys: &mut Vec<Key>) -> Result<Node, Problem> {
    let mut nodes = vec![Node::Start];
    for part in parts {
        nodes.push(match part {
            Part::Text(text) => Node::text(&text),
            Part::Group { text, modifier } => modified(Node::text(&text), modifier),
            Part::Parameter { name, prefix, suffix, expression, modifier } => {
                let repeats = matches!(modifier, Some('*' | '+'));
                let separator = repeats.then(|| format!("{suffix}{prefix}"));
                if separator.as_ref().is_some_and(String::is_empty) {
                    return Err(Problem::new("a parameter that repeats needs text around it"));
                }
                // Split where the texts meet, but other SDKs look for them the other way round.
                let key = Key { name, separator: repeats.then(|| format!("{prefix}{suffix}")) };
                let captured = match separator {
                    Some(separator) => {
                        let again = Node::All(vec![Node::text(&separator), expression.clone()]);
                        Node::All(vec![expression, again.repeated(0, None, true)])
                    }
                    None => expression,
                };
                let captured = Node::Capture { index: keys.len(), node: Box::new(captured) };
                keys.push(key);
                let whole = Node::All(vec![Node::text(&prefix), captured, Node::text(&suffix)]);
                match modifier {
                    Some('*' | '?') => whole.repeated(0, Some(1), true),
                    _ => whole,
                }
            }
        });
    }
    nodes.push(Node::any_of(&DELIMITERS).repeated(0, Some(1), true));
    nodes.push(Node::End);
    Ok(Node::All(nodes))
}

fn modified(node: Node, modifier: Option<char>) -> Node {
    match modifier {
        Some('?') => node.repeated(0, Some(1), true),
        Some('*') => node.repeated(0, None, true),
        Some('+') => node.repeated(1, None, true),
        _ => node,
    }
}

#[cfg(test)]
mod tests;
