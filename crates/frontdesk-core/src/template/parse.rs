//! Reads a whole template: the claims with every string in pieces.

use serde_json::{Map, Value};

use super::shortcode::{Fact, Operand, ShortcodeError, Text};

/// A template that was read and can be evaluated any number of times. The default has no claims.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    pub(super) claims: Vec<(String, Node)>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// No shortcode anywhere inside.
    Fixed(Value),
    /// A string with shortcodes.
    Text(Text),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// A template cannot be read: where, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("claims{path}: {problem}")]
pub struct TemplateError {
    /// The way to the offending value, such as `.roles[2].name`; empty for the whole template.
    pub path: String,
    /// What is wrong there.
    pub problem: TemplateProblem,
}

/// What is wrong with a value of a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateProblem {
    /// A string cannot be read.
    #[error(transparent)]
    Shortcode(#[from] ShortcodeError),
    /// The template is larger than [`Template::MAX_BYTES`] up to here.
    #[error("a template must not exceed {} bytes", Template::MAX_BYTES)]
    TooLarge,
    /// The value is nested deeper than [`Template::MAX_DEPTH`].
    #[error("a template must not be nested deeper than {} levels", Template::MAX_DEPTH)]
    TooDeep,
    /// The template has more than [`Template::MAX_OPERANDS`] operands up to here.
    #[error("a template must not hold more than {} shortcode operands", Template::MAX_OPERANDS)]
    TooManyOperands,
}

impl Template {
    /// The most bytes a template may take: keys, strings and numbers as text, and two for every value.
    pub const MAX_BYTES: usize = 64 * 1024;
    /// The deepest nesting of arrays and objects; the claims themselves are the first level.
    pub const MAX_DEPTH: usize = 16;
    /// The most operands in all shortcodes together. Each can stand for a metadata object of 8 KiB, so this bounds
    /// what a small template can blow up to.
    pub const MAX_OPERANDS: usize = 256;

    /// Reads a template. The error names the first value that cannot be read.
    pub fn parse(claims: &Map<String, Value>) -> Result<Self, TemplateError> {
        let mut parser = Parser { bytes_left: Self::MAX_BYTES, operands_left: Self::MAX_OPERANDS };
        let claims = parser.object(claims, &At::Root, 1)?;
        Ok(Self { claims })
    }

    /// Whether a shortcode asks for the organizations the user belongs to; they need not be loaded otherwise.
    pub fn reads_organizations(&self) -> bool {
        self.claims.iter().any(|(_, node)| node.reads(Fact::UserOrganizations))
    }
}

impl Node {
    fn reads(&self, fact: Fact) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Text(text) => text
                .expressions()
                .flat_map(|expression| &expression.operands)
                .any(|operand| matches!(operand, Operand::Path(path) if path.fact == fact)),
            Self::Array(items) => items.iter().any(|item| item.reads(fact)),
            Self::Object(members) => members.iter().any(|(_, node)| node.reads(fact)),
        }
    }
}

struct Parser {
    bytes_left: usize,
    operands_left: usize,
}

impl Parser {
    fn object(
        &mut self,
        map: &Map<String, Value>,
        at: &At<'_>,
        depth: usize,
    ) -> Result<Vec<(String, Node)>, TemplateError> {
        map.iter()
            .map(|(key, value)| {
                let at = At::Key(at, key);
                self.spend(key.len(), &at)?;
                Ok((key.clone(), self.node(value, &at, depth)?))
            })
            .collect()
    }

    fn node(&mut self, value: &Value, at: &At<'_>, depth: usize) -> Result<Node, TemplateError> {
        self.spend(2, at)?;
        let node = match value {
            Value::String(text) => self.text(text, at)?,
            Value::Number(number) => {
                self.spend(number.to_string().len(), at)?;
                Node::Fixed(value.clone())
            }
            Value::Null | Value::Bool(_) => Node::Fixed(value.clone()),
            Value::Array(_) | Value::Object(_) if depth >= Template::MAX_DEPTH => {
                return Err(at.error(TemplateProblem::TooDeep));
            }
            Value::Array(items) => {
                let nodes: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.node(item, &At::Index(at, index), depth + 1))
                    .collect::<Result<_, _>>()?;
                if nodes.iter().all(Node::is_fixed) { Node::Fixed(value.clone()) } else { Node::Array(nodes) }
            }
            Value::Object(map) => {
                let nodes = self.object(map, at, depth + 1)?;
                if nodes.iter().all(|(_, node)| node.is_fixed()) {
                    Node::Fixed(value.clone())
                } else {
                    Node::Object(nodes)
                }
            }
        };
        Ok(node)
    }

    fn text(&mut self, text: &str, at: &At<'_>) -> Result<Node, TemplateError> {
        self.spend(text.len(), at)?;
        let text = Text::parse(text).map_err(|problem| at.error(problem.into()))?;
        let operands = text.expressions().map(|expression| expression.operands.len()).sum();
        self.operands_left = self
            .operands_left
            .checked_sub(operands)
            .ok_or_else(|| at.error(TemplateProblem::TooManyOperands))?;
        Ok(match text {
            Text::Plain(text) => Node::Fixed(Value::String(text)),
            text => Node::Text(text),
        })
    }

    fn spend(&mut self, bytes: usize, at: &At<'_>) -> Result<(), TemplateError> {
        self.bytes_left =
            self.bytes_left.checked_sub(bytes).ok_or_else(|| at.error(TemplateProblem::TooLarge))?;
        Ok(())
    }
}

impl Node {
    fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }
}

/// The way to a value, written out only for an error.
enum At<'a> {
    Root,
    Key(&'a At<'a>, &'a str),
    Index(&'a At<'a>, usize),
}

impl At<'_> {
    fn error(&self, problem: TemplateProblem) -> TemplateError {
        TemplateError { path: self.to_string(), problem }
    }
}

impl std::fmt::Display for At<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(parent, key) => write!(formatter, "{parent}.{key}"),
            Self::Index(parent, index) => write!(formatter, "{parent}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(value: &Value) -> Result<Template, TemplateError> {
        Template::parse(value.as_object().unwrap())
    }

    #[test]
    fn an_error_tells_where() {
        let error = parse(&json!({ "a": { "b": ["{{user.id}}", { "c": "x {{user.id" }] } })).unwrap_err();
        assert_eq!(error.path, ".a.b[1].c");
        assert_eq!(error.problem, TemplateProblem::Shortcode(ShortcodeError::Unclosed));
        assert_eq!(error.to_string(), "claims.a.b[1].c: a shortcode is not closed by `}}`");
    }

    #[test]
    fn what_has_no_shortcodes_is_kept_as_it_is() {
        let claims = json!({ "list": [1, { "deep": null }], "text": "plain", "{{user.id}}": true });
        let template = parse(&claims).unwrap();
        assert!(template.claims.iter().all(|(_, node)| node.is_fixed()));
        assert!(parse(&json!({})).unwrap().claims.is_empty());
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels| (1..levels).fold(json!({ "end": 1 }), |inner, _| json!({ "in": inner }));
        assert!(parse(&nested(Template::MAX_DEPTH)).is_ok());
        let error = parse(&nested(Template::MAX_DEPTH + 1)).unwrap_err();
        assert_eq!(error.problem, TemplateProblem::TooDeep);
        assert_eq!(error.path, ".in".repeat(Template::MAX_DEPTH));
    }

    #[test]
    fn size_is_bounded() {
        let with_text = |bytes| json!({ "key": "x".repeat(bytes) });
        let most = Template::MAX_BYTES - "key".len() - 2;
        assert!(parse(&with_text(most)).is_ok());
        assert_eq!(parse(&with_text(most + 1)).unwrap_err().problem, TemplateProblem::TooLarge);
        assert_eq!(
            parse(&json!({ "many": vec![0; 40_000] })).unwrap_err().problem,
            TemplateProblem::TooLarge
        );
    }

    #[test]
    fn operands_are_bounded() {
        let with_operands =
            |count| json!({ "key": format!("{{{{{}}}}}", vec!["user.id"; count].join("||")) });
        assert!(parse(&with_operands(Template::MAX_OPERANDS)).is_ok());
        let error = parse(&with_operands(Template::MAX_OPERANDS + 1)).unwrap_err();
        assert_eq!(error.problem, TemplateProblem::TooManyOperands);
    }

    #[test]
    fn it_is_known_whether_organizations_are_asked_for() {
        assert!(
            parse(&json!({ "a": [{ "b": "x {{user.id || user.organizations}}" }] }))
                .unwrap()
                .reads_organizations()
        );
        assert!(
            !parse(&json!({ "a": "{{org.id}}", "b": "user.organizations" })).unwrap().reads_organizations()
        );
    }
}
