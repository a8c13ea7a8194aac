//! Reads shortcodes: one string of a template becomes literal text and expressions.
//!
//! ```text
//! string     = { text | "{{" expression "}}" }
//! expression = operand { "||" operand }
//! operand    = "'" any but "'" "'" | number | "true" | "false" | path
//! path       = name { "." name }
//! ```
//!
//! Spaces are allowed around operands. A number is a JSON number. A name is anything without spaces, dots, quotes,
//! bars or braces, because metadata keys are the application's own. A path that leads nowhere is no error: it is
//! `null` when the token is made (wire protocol §9.3). One pass over the text, no backtracking.

use serde_json::Value;

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// Why a string of a template cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShortcodeError {
    /// A `{{` that no `}}` follows.
    #[error("a shortcode is not closed by `}}}}`")]
    Unclosed,
    /// A `'` that no `'` follows.
    #[error("a quoted string is not closed")]
    UnclosedQuote,
    /// Nothing where an operand should be: `{{}}`, `{{user.id ||}}`.
    #[error("a shortcode lacks an operand")]
    MissingOperand,
    /// Something that is neither a literal nor a path.
    #[error("`{0}` is neither a path nor a literal")]
    NotAnOperand(String),
    /// Something other than `||` or `}}` after an operand.
    #[error("`||` or `}}}}` must follow an operand")]
    MissingOperator,
}

/// One string of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Text {
    /// No shortcode at all.
    Plain(String),
    /// One shortcode and nothing around it: keeps the type of its value.
    Whole(Expression),
    /// Shortcodes among text: always a string.
    Mixed(Vec<Piece>),
}

/// A piece of a mixed string.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// Text as it stands.
    Text(String),
    /// A shortcode.
    Shortcode(Expression),
}

/// Operands joined by `||`; never empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expression {
    pub(super) operands: Vec<Operand>,
}

/// One operand.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// A string, number or boolean.
    Literal(Value),
    /// Where to look a value up.
    Path(Path),
}

/// A dot path: the fact it names and the way into it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    pub(super) fact: Fact,
    pub(super) inside: Vec<String>,
}

macro_rules! facts {
    ($($(#[$meta:meta])* $fact:ident = $($name:literal)|+;)+) => {
        /// Everything that a shortcode can name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Fact {
            $($(#[$meta])* $fact,)+
            /// Any other name: `null`.
            Unknown,
        }

        impl Fact {
            /// Every fact with its spellings.
            #[cfg(test)]
            pub(super) const ALL: &[(&str, Self)] = &[$($(($name, Self::$fact),)+)+];

            fn named(name: &str) -> Self {
                match name {
                    $($($name)|+ => Self::$fact,)+
                    _ => Self::Unknown,
                }
            }
        }
    };
}

facts! {
    UserId = "user.id";
    UserExternalId = "user.external_id";
    UserFirstName = "user.first_name";
    UserLastName = "user.last_name";
    UserFullName = "user.full_name";
    UserUsername = "user.username";
    UserImageUrl = "user.image_url";
    UserHasImage = "user.has_image";
    UserPrimaryEmailAddress = "user.primary_email_address";
    // The first spelling is the documented one, the second the one that people expect.
    UserPrimaryPhoneNumber = "user.primary_phone_address" | "user.primary_phone_number";
    UserPrimaryWeb3Wallet = "user.primary_web3_wallet";
    UserEmailVerified = "user.email_verified";
    UserPhoneNumberVerified = "user.phone_number_verified";
    UserTwoFactorEnabled = "user.two_factor_enabled";
    UserCreatedAt = "user.created_at";
    UserUpdatedAt = "user.updated_at";
    UserPublicMetadata = "user.public_metadata";
    UserUnsafeMetadata = "user.unsafe_metadata";
    /// Role keys by organization id.
    UserOrganizations = "user.organizations";
    OrganizationId = "org.id" | "organization.id";
    OrganizationName = "org.name" | "organization.name";
    OrganizationSlug = "org.slug" | "organization.slug";
    OrganizationImageUrl = "org.image_url" | "organization.image_url";
    OrganizationHasImage = "org.has_image" | "organization.has_image";
    OrganizationPublicMetadata = "org.public_metadata" | "organization.public_metadata";
    MembershipRole = "org.role" | "organization.role" | "org_membership.role" | "organization_membership.role";
    MembershipPermissions = "org_membership.permissions" | "organization_membership.permissions";
    MembershipPublicMetadata = "org_membership.public_metadata" | "organization_membership.public_metadata";
    SessionActor = "session.actor";
    SessionReverificationId = "session.reverification_id";
}

impl Text {
    /// Reads one string.
    pub(super) fn parse(text: &str) -> Result<Self, ShortcodeError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(OPEN) {
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let (expression, after) = Expression::parse(after)?;
            pieces.push(Piece::Shortcode(expression));
            rest = after;
        }
        if pieces.is_empty() {
            return Ok(Self::Plain(text.to_owned()));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        if pieces.len() > 1 {
            return Ok(Self::Mixed(pieces));
        }
        Ok(match pieces.remove(0) {
            Piece::Shortcode(expression) => Self::Whole(expression),
            Piece::Text(text) => Self::Plain(text),
        })
    }

    /// The expressions in this string.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let (whole, pieces) = match self {
            Self::Plain(_) => (None, [].as_slice()),
            Self::Whole(expression) => (Some(expression), [].as_slice()),
            Self::Mixed(pieces) => (None, pieces.as_slice()),
        };
        whole.into_iter().chain(pieces.iter().filter_map(|piece| match piece {
            Piece::Shortcode(expression) => Some(expression),
            Piece::Text(_) => None,
        }))
    }
}

impl Expression {
    /// Reads from behind `{{`; gives back what stands behind `}}`.
    fn parse(text: &str) -> Result<(Self, &str), ShortcodeError> {
        let mut operands = Vec::new();
        let mut rest = text;
        loop {
            let (operand, after) = Operand::parse(rest.trim_start())?;
            operands.push(operand);
            let after = after.trim_start();
            if let Some(after) = after.strip_prefix(CLOSE) {
                return Ok((Self { operands }, after));
            }
            rest = match after.strip_prefix("||") {
                Some(after) => after,
                None if after.is_empty() => return Err(ShortcodeError::Unclosed),
                None => return Err(ShortcodeError::MissingOperator),
            };
        }
    }
}

impl Operand {
    /// Reads one operand, which begins at the first byte; gives back what follows it.
    fn parse(text: &str) -> Result<(Self, &str), ShortcodeError> {
        if let Some(quoted) = text.strip_prefix('\'') {
            let (string, after) = quoted.split_once('\'').ok_or(ShortcodeError::UnclosedQuote)?;
            return Ok((Self::Literal(Value::from(string)), after));
        }
        let end = text.find(ends_a_word).unwrap_or(text.len());
        let (word, after) = text.split_at(end);
        if word.is_empty() {
            return Err(match after.chars().next() {
                None => ShortcodeError::Unclosed,
                Some('|' | '}') => ShortcodeError::MissingOperand,
                Some(other) => ShortcodeError::NotAnOperand(other.to_string()),
            });
        }
        let operand = match word {
            "true" => Self::Literal(Value::Bool(true)),
            "false" => Self::Literal(Value::Bool(false)),
            _ if looks_like_a_number(word) => Self::Literal(
                serde_json::from_str(word).map_err(|_| ShortcodeError::NotAnOperand(word.to_owned()))?,
            ),
            _ => Self::Path(Path::parse(word)?),
        };
        Ok((operand, after))
    }
}

impl Path {
    fn parse(word: &str) -> Result<Self, ShortcodeError> {
        if word.split('.').any(str::is_empty) {
            return Err(ShortcodeError::NotAnOperand(word.to_owned()));
        }
        let second_dot = word.match_indices('.').nth(1).map_or(word.len(), |(index, _)| index);
        let (name, inside) = word.split_at(second_dot);
        let inside = inside.split('.').skip(1).map(str::to_owned).collect();
        Ok(Self { fact: Fact::named(name), inside })
    }
}

fn ends_a_word(character: char) -> bool {
    character.is_whitespace() || matches!(character, '|' | '{' | '}' | '\'' | '"')
}

fn looks_like_a_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    digits.starts_with(|character: char| character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn literal(value: &Value) -> Operand {
        Operand::Literal(value.clone())
    }

    fn path(fact: Fact, inside: &[&str]) -> Operand {
        Operand::Path(Path { fact, inside: inside.iter().map(|&name| name.to_owned()).collect() })
    }

    fn whole(operands: Vec<Operand>) -> Text {
        Text::Whole(Expression { operands })
    }

    #[test]
    fn every_name_leads_to_its_fact() {
        for (name, fact) in Fact::ALL {
            let text = Text::parse(&format!("{{{{{name}.a.b-c}}}}")).unwrap();
            assert_eq!(text, whole(vec![path(*fact, &["a", "b-c"])]), "{name}");
        }
        for name in ["user", "user.ID", "me.id", "session.id", "null", "user.private_metadata"] {
            assert_eq!(
                Text::parse(&format!("{{{{{name}}}}}")),
                Ok(whole(vec![path(Fact::Unknown, &[])])),
                "{name}"
            );
        }
    }

    #[test]
    fn literals_are_strings_numbers_and_booleans() {
        let table = [
            ("{{'two words'}}", json!("two words")),
            ("{{''}}", json!("")),
            ("{{ 'a || }} {{ \"b' }}", json!("a || }} {{ \"b")),
            ("{{0}}", json!(0)),
            ("{{-12}}", json!(-12)),
            ("{{2.50}}", json!(2.5)),
            ("{{1e3}}", json!(1000.0)),
            ("{{ true }}", json!(true)),
            ("{{false}}", json!(false)),
        ];
        for (text, value) in table {
            assert_eq!(Text::parse(text), Ok(whole(vec![literal(&value)])), "{text}");
        }
    }

    #[test]
    fn operands_are_joined_by_bars_with_or_without_spaces() {
        let expected = whole(vec![
            path(Fact::UserId, &[]),
            path(Fact::UserPublicMetadata, &["é"]),
            literal(&json!('x')),
        ]);
        for text in
            ["{{user.id||user.public_metadata.é||'x'}}", "{{  user.id  ||\tuser.public_metadata.é || 'x'\n}}"]
        {
            assert_eq!(Text::parse(text), Ok(expected.clone()), "{text}");
        }
    }

    #[test]
    fn text_around_shortcodes_is_kept() {
        let Text::Mixed(pieces) = Text::parse(" {a} {{user.id}}{{user.id}} }} z").unwrap() else {
            panic!("not mixed");
        };
        let texts: Vec<_> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Shortcode(_) => "#",
            })
            .collect();
        assert_eq!(texts, [" {a} ", "#", "#", " }} z"]);
        for plain in ["", "plain", "{ {user.id} }", "}}"] {
            assert_eq!(Text::parse(plain), Ok(Text::Plain(plain.to_owned())));
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        use ShortcodeError::{MissingOperand, MissingOperator, NotAnOperand, Unclosed, UnclosedQuote};
        let table = [
            ("{{", Unclosed),
            ("{{ user.id", Unclosed),
            ("{{user.id ||", Unclosed),
            ("{{ 'x }}", UnclosedQuote),
            ("{{}}", MissingOperand),
            ("{{ }}", MissingOperand),
            ("{{user.id || }}", MissingOperand),
            ("{{ || user.id}}", MissingOperand),
            ("{{user.id user.id}}", MissingOperator),
            ("{{user.id | user.id}}", MissingOperator),
            ("{{user.id}", MissingOperator),
            ("{{user.id'x'}}", MissingOperator),
            ("{{{user.id}}}", NotAnOperand("{".to_owned())),
            ("{{\"x\"}}", NotAnOperand("\"".to_owned())),
            ("{{user..id}}", NotAnOperand("user..id".to_owned())),
            ("{{.user}}", NotAnOperand(".user".to_owned())),
            ("{{user.}}", NotAnOperand("user.".to_owned())),
            ("{{0x10}}", NotAnOperand("0x10".to_owned())),
            ("{{1.}}", NotAnOperand("1.".to_owned())),
            ("{{1e999}}", NotAnOperand("1e999".to_owned())),
        ];
        for (text, problem) in table {
            assert_eq!(Text::parse(text), Err(problem), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), odd in "[{}|' .a1\"\\-é]{0,40}") {
            let _ = Text::parse(&text);
            let _ = Text::parse(&format!("{{{{{odd}}}}}"));
            let _ = Text::parse(&odd);
        }

        #[test]
        fn a_quoted_string_is_kept_exactly(text in "[^']{0,40}") {
            let operand = literal(&Value::from(text.as_str()));
            prop_assert_eq!(Text::parse(&format!("{{{{'{text}'}}}}")), Ok(whole(vec![operand])));
        }
    }
}
