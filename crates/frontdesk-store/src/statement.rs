//! Statements: constants written once for both engines.

use std::sync::OnceLock;

use crate::dialect;
use crate::row::ColumnNames;

/// One SQL text with a name for logs and errors. Made by [`statements!`](crate::statement::statements) alone, which
/// registers it.
#[derive(Debug)]
pub(crate) struct Statement {
    name: &'static str,
    text: &'static str,
    sqlite: OnceLock<Box<str>>,
    postgres: OnceLock<Box<str>>,
    columns: OnceLock<Box<ColumnNames>>,
}

/// Declares the statements of one aggregate and lists them as `STATEMENTS`.
///
/// `registry.rs` names the list of every file; a file it forgets does not compile without a warning, since its list
/// is then never used, and a test prepares every listed statement on both engines.
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$meta])* static $name: $crate::statement::Statement =
            $crate::statement::Statement::new(stringify!($name), $text);)+

        /// Every statement of this file.
        pub(crate) static STATEMENTS: &[&$crate::statement::Statement] = &[$(&$name),+];
    };
}
pub(crate) use statements;

impl Statement {
    pub(crate) const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, sqlite: OnceLock::new(), postgres: OnceLock::new(), columns: OnceLock::new() }
    }

    /// Its name.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it writes to a table that decides what secret keys open.
    pub(crate) fn changes_keys(&self) -> bool {
        // `INSERT INTO table`, `UPDATE table` or `DELETE FROM table`.
        self.text.split_whitespace().take(3).any(|word| ["secret_keys", "instances"].contains(&word))
    }

    /// The text SQLite gets.
    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| dialect::for_sqlite(self.text).into())
    }

    /// The names of its columns, asked once: they stand in the text, so both engines give the same.
    pub(crate) fn columns(&self, ask: impl FnOnce() -> Box<ColumnNames>) -> &ColumnNames {
        self.columns.get_or_init(ask)
    }

    /// The text PostgreSQL gets.
    pub(crate) fn postgres(&self) -> &str {
        self.postgres.get_or_init(|| dialect::for_postgres(self.text).into())
    }
}
