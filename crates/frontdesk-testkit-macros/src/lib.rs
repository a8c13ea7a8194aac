//! The test attribute of `frontdesk-testkit`.

#![warn(missing_docs)]

use proc_macro::{TokenStream, TokenTree};

/// Makes two tests of one async function that takes a `TestApp`: one on SQLite, one on PostgreSQL.
#[proc_macro_attribute]
pub fn test(_arguments: TokenStream, function: TokenStream) -> TokenStream {
    let Some(name) = name_of(&function) else {
        return "compile_error!(\"this attribute belongs on `async fn name(app: TestApp)`\");"
            .parse()
            .unwrap_or_default();
    };
    let tests = format!(
        "mod {name} {{
            use super::*;
            #[::core::prelude::v1::test]
            fn sqlite() {{ ::frontdesk_testkit::matrix::run_on_sqlite(super::{name}); }}
            #[::core::prelude::v1::test]
            fn postgres() {{ ::frontdesk_testkit::matrix::run_on_postgres(super::{name}); }}
        }}"
    );
    let tests: TokenStream = tests.parse().unwrap_or_default();
    function.into_iter().chain(tests).collect()
}

/// The word behind `fn`.
fn name_of(function: &TokenStream) -> Option<String> {
    let mut tokens = function.clone().into_iter();
    tokens.find(|token| matches!(token, TokenTree::Ident(word) if word.to_string() == "fn"))?;
    match tokens.next()? {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => None,
    }
}
