//! Lists with many optional filters: a statement put together from constant pieces.
//!
//! With one text that says `(?3 IS NULL OR email = ?3)` for every filter, neither engine can use an index. So a list
//! joins the constant conditions of the filters that are given, and only those. The values are always bound, never
//! written into the text; a test prepares every piece on both engines.

use crate::dialect;
use crate::value::Param;

/// Asks for a plan; SQLite calls it otherwise.
#[cfg(feature = "testing")]
const EXPLAIN: &str = "EXPLAIN ";

/// A statement in the making.
#[derive(Debug)]
pub(crate) struct Composed<'a> {
    name: &'static str,
    text: String,
    params: Vec<Param<'a>>,
}

impl<'a> Composed<'a> {
    /// Begins with a text whose parameters are numbered `?1`, `?2` … as the given ones.
    pub(crate) fn new(name: &'static str, text: &str, params: &[Param<'a>]) -> Self {
        Self { name, text: text.to_owned(), params: params.to_vec() }
    }

    /// Adds a piece. In it `?#` stands for the value, wherever it is wanted.
    pub(crate) fn bind(&mut self, piece: &str, param: impl Into<Param<'a>>) {
        self.params.push(param.into());
        let number = format!("?{}", self.params.len());
        self.text.push(' ');
        self.text.push_str(&piece.replace("?#", &number));
    }

    /// Adds a piece if there is a value for it.
    pub(crate) fn bind_some(&mut self, piece: &str, param: Option<impl Into<Param<'a>>>) {
        if let Some(param) = param {
            self.bind(piece, param);
        }
    }

    /// Adds a piece without a value.
    pub(crate) fn push(&mut self, piece: &str) {
        self.text.push(' ');
        self.text.push_str(piece);
    }

    /// The same statement, asked for its plan; for tests.
    #[cfg(feature = "testing")]
    pub(crate) fn explained(mut self) -> Self {
        self.text.insert_str(0, EXPLAIN);
        self
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn params(&self) -> &[Param<'a>] {
        &self.params
    }

    pub(crate) fn sqlite(&self) -> String {
        #[cfg(feature = "testing")]
        if let Some(text) = self.text.strip_prefix(EXPLAIN) {
            return format!("EXPLAIN QUERY PLAN {}", dialect::for_sqlite(text));
        }
        dialect::for_sqlite(&self.text)
    }

    pub(crate) fn postgres(&self) -> String {
        dialect::for_postgres(&self.text)
    }
}

/// Strings as the JSON array that `EACH(?1)` takes apart again.
pub(crate) fn json_array<T: AsRef<str>>(items: &[T]) -> String {
    let mut text = String::from("[");
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::from(item.as_ref()).to_string());
    }
    text.push(']');
    text
}

/// A pattern for `LIKE … ESCAPE '\'` that finds this text anywhere, in lower case as search columns are.
pub(crate) fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_bound_in_order() {
        let mut composed = Composed::new("TEST", "SELECT a FROM t WHERE b = ?1", &[Param::Integer(1)]);
        composed.bind_some("AND c = ?#", Option::<&str>::None);
        composed.bind("AND (d = ?# OR e = ?#)", "x");
        assert_eq!(composed.postgres(), "SELECT a FROM t WHERE b = $1 AND (d = $2 OR e = $2)");
        assert_eq!(composed.params(), [Param::Integer(1), Param::Text("x")]);
    }

    #[test]
    fn patterns_take_their_text_literally() {
        assert_eq!(anywhere("50%_Ada\\"), r"%50\%\_ada\\%");
    }

    #[test]
    fn arrays_are_escaped() {
        assert_eq!(json_array(&["a\"b", "é"]), r#"["a\"b","é"]"#);
    }
}
