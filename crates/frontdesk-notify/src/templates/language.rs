//! The part of Jinja that templates may use.
//!
//! Whole Jinja can make values, and with fifty lines of `{% set s = s ~ s %}` one that fills the memory; steps are
//! counted, memory is not. So templates name values, compare them, and pass them through a few filters. Nothing in
//! them puts two values together, and so no value is larger than those that came in.

use minijinja::{Environment, filters};

/// The statements there are.
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// The engine, knowing the filters that let no text grow without end.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("title", filters::title);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("length", filters::length);
    environment.add_filter("default", filters::default);
    environment.add_filter("escape", filters::escape);
    environment.add_filter("urlencode", filters::urlencode);
    environment
}

/// Refuses what is beyond the language, saying where.
pub(super) fn check(source: &str) -> Result<(), String> {
    let mut rest = source;
    while let Some(start) = rest.find('{') {
        let line = || 1 + source[..source.len() - rest.len() + start].matches('\n').count();
        let (closing, is_statement) = match rest.as_bytes().get(start + 1) {
            Some(b'{') => ("}}", false),
            Some(b'%') => ("%}", true),
            Some(b'#') => {
                let end = rest[start..]
                    .find("#}")
                    .ok_or_else(|| format!("a comment has no end (line {})", line()))?;
                rest = &rest[start + end + 2..];
                continue;
            }
            _ => {
                rest = &rest[start + 1..];
                continue;
            }
        };
        let code = &rest[start + 2..];
        let end = code_end(code, closing).map_err(|why| format!("{why} (line {})", line()))?;
        if is_statement {
            let word: String = code[..end]
                .trim_start_matches(['-', '+'])
                .trim_start()
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            if !STATEMENTS.contains(&word.as_str()) {
                return Err(format!("there is no statement {word:?}, only if and for (line {})", line()));
            }
        }
        rest = &code[end + closing.len()..];
    }
    Ok(())
}

/// Where a piece of code ends, if everything up to there is of the language.
fn code_end(code: &str, closing: &str) -> Result<usize, String> {
    let mut quote = None;
    for (at, character) in code.char_indices() {
        match (quote, character) {
            (_, '\\') => return Err("a template has no backslashes".to_owned()),
            (Some(open), it) if it == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, _) if code[at..].starts_with(closing) => return Ok(at),
            (None, '+') if at == 0 => {} // Keeps the white space before a block.
            (None, it) if it.is_ascii_alphanumeric() || "_.|()=!<>- \t\r\n".contains(it) => {}
            (None, it) => {
                return Err(format!(
                    "{it:?} is not understood: a template has values, their filters, if and for"
                ));
            }
        }
    }
    Err(format!("{closing} is missing"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_filters_and_decisions_are_understood() {
        for source in [
            "no code { at } all, and {- }",
            "{{ app.name }} {{- user.first_name|default('you') -}} {{ \"a %} b\"|upper }}",
            "{% if a == 'b' and not (c.d or e) %}x{%- elif ttl_minutes != 1 %}y{% else %}z{% endif %}",
            "{% for invitation in invitations %}{{ loop.index }}{{ invitation }}{% endfor %}",
            "{# {{ #if this }} is said %} #}",
        ] {
            assert_eq!(check(source), Ok(()), "{source}");
        }
    }

    #[test]
    fn whatever_could_make_a_value_grow_is_refused() {
        for source in [
            "{% set s = s %}",
            "{% for s in [s ~ s] %}{% endfor %}",
            "{% for s in (s, s) %}{% endfor %}",
            "{% for s in {'a': s} %}{% endfor %}",
            "{{ 'x' * 9 }}",
            "{{ a + b }}",
            "{{ a ~ b }}",
            "{{ a[0] }}",
            "{% with a = b %}{% endwith %}",
            "{% macro m() %}{% endmacro %}",
            "{% include 'x' %}",
            "{% raw %}{{ x * 2 }}{% endraw %}",
            "{% autoescape false %}{% endautoescape %}",
            "{{ 'a\\' }} {{ x * 2 }} {{ '",
            "{{#if user}}",
            "{{> app_logo}}{{/if}}",
            "{{ a",
            "{# a",
        ] {
            assert!(check(source).is_err(), "{source}");
        }
        assert!(check("a\n{{ b }}\n{{ c * 2 }}").unwrap_err().ends_with("(line 3)"));
    }

    #[test]
    fn filters_beyond_the_language_are_unknown() {
        let environment = environment();
        for filter in ["safe", "join", "replace", "indent", "list", "tojson", "format", "batch", "groupby"] {
            let rendered = environment.render_str(&format!("{{{{ 'a'|{filter} }}}}"), ());
            assert!(rendered.is_err(), "{filter}");
        }
        assert!(environment.render_str("{{ range(3) }}", ()).is_err());
        assert!(environment.render_str("{{ namespace() }}", ()).is_err());
    }

    proptest! {
        /// What passes has no code in the engine's eyes that was none in ours: it would print a sum.
        #[test]
        fn we_and_the_engine_agree_what_is_code(source in "([{}%# '\"a]|\\{\\{|\\}\\}|\\{%|%\\}|1\\*2|1~2|if a|endif|raw|endraw){0,12}") {
            if check(&source).is_ok() && let Ok(rendered) = environment().render_str(&source, ()) {
                let sums = |text: &str| text.matches("1*2").count() + text.matches("1~2").count();
                let comments_out = sums(&rendered) <= sums(&source);
                prop_assert!(comments_out);
                let in_data_only = !rendered.contains("12") || source.contains("12");
                prop_assert!(in_data_only, "{source:?} gave {rendered:?}");
            }
        }
    }
}
