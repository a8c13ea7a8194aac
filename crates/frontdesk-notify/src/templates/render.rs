//! From a template to a mail's words, within bounds.

use std::io;

use minijinja::{AutoEscape, UndefinedBehavior, Value as Jinja};
use serde_json::{Map, Value};

use super::{language, one_line, plain_text};

/// The most a rendered subject, text or page may have, in bytes.
pub const MAX_RENDERED_BYTES: usize = 256 * 1024;
/// The most steps that rendering one of them may take.
const FUEL: u64 = 100_000;
/// The name of the template whose values are escaped.
const PAGE: &str = "body.html";
/// How deep templates may call themselves.
const RECURSION: usize = 32;
/// The longest subject, in characters. Longer ones are cut: mail servers refuse lines of more than 998 bytes.
const LONGEST_SUBJECT: usize = 200;

/// The templates of one mail: subject, page, and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The template of the subject.
    pub subject: String,
    /// The template of the page, HTML.
    pub body: String,
    /// The template of the text; `None` makes it from the page.
    pub text: Option<String>,
}

/// A mail's words.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, one line.
    pub subject: String,
    /// The page.
    pub html: String,
    /// The text.
    pub text: String,
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Rendered(…)")
    }
}

/// A template cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part}: {message}")]
pub struct TemplateError {
    /// Which template: `subject`, `body` or `text`.
    pub part: &'static str,
    /// What is wrong, for whoever wrote it.
    pub message: String,
}

/// What happens to a value that nobody gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    /// It is an error: whoever edits a template should know.
    Refused,
    /// It is left out: a mail that is on its way should arrive.
    LeftOut,
}

impl Words {
    /// The words with these values. A value that is not there is left out.
    pub fn render(&self, context: &Map<String, Value>) -> Result<Rendered, TemplateError> {
        self.rendered(context, Missing::LeftOut)
    }

    /// The same, refusing values that are not there: for checking a template.
    pub fn render_strictly(&self, context: &Map<String, Value>) -> Result<Rendered, TemplateError> {
        self.rendered(context, Missing::Refused)
    }

    fn rendered(&self, context: &Map<String, Value>, missing: Missing) -> Result<Rendered, TemplateError> {
        let context = Jinja::from(minijinja::value::Serde(context));
        let render = |part, name, source: &str| {
            render(name, source, context.clone(), missing).map_err(|message| TemplateError { part, message })
        };
        let subject = render("subject", "subject.txt", &self.subject)?;
        let html = render("body", PAGE, &self.body)?;
        let text = match &self.text {
            Some(text) => render("text", "text.txt", text)?,
            None => plain_text(&html),
        };
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Rendered { subject: one_line(&subject).chars().take(LONGEST_SUBJECT).collect(), html, text })
    }
}

fn render(name: &str, source: &str, context: Jinja, missing: Missing) -> Result<String, String> {
    language::check(source)?;
    let mut environment = language::environment();
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    environment.set_undefined_behavior(match missing {
        Missing::Refused => UndefinedBehavior::Strict,
        Missing::LeftOut => UndefinedBehavior::Chainable,
    });
    environment
        .set_auto_escape_callback(|name| if name == PAGE { AutoEscape::Html } else { AutoEscape::None });
    let template = environment.template_from_named_str(name, source).map_err(|error| explained(&error))?;
    let mut out = Bounded(Vec::new());
    template.render_captured_to(context, &mut out).map_err(|error| explained(&error))?;
    String::from_utf8(out.0).map_err(|_| "it does not write text".to_owned())
}

/// Takes so much and no more.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_RENDERED_BYTES {
            return Err(io::Error::other(format!("it writes more than {MAX_RENDERED_BYTES} bytes")));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is wrong and where, without the template's text.
fn explained(error: &minijinja::Error) -> String {
    let mut message = error.kind().to_string();
    if let Some(detail) = error.detail() {
        message.push_str(": ");
        message.push_str(detail);
    }
    if let Some(line) = error.line() {
        message = format!("{message} (line {line})");
    }
    let source = std::error::Error::source(error).map(ToString::to_string);
    if let Some(source) = source.filter(|source| !message.contains(source.as_str())) {
        message.push_str(": ");
        message.push_str(&source);
    }
    message
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(subject: &str, body: &str) -> Words {
        Words { subject: subject.to_owned(), body: body.to_owned(), text: None }
    }

    fn context() -> Map<String, Value> {
        json!({ "name": "<i>Ada</i>", "app": { "name": "Shop" } }).as_object().cloned().unwrap()
    }

    #[test]
    fn values_are_escaped_in_the_page_and_nowhere_else() {
        let rendered = words("Hello {{ name }}", "<p>Hello {{ name }}</p>").render(&context()).unwrap();
        assert_eq!(rendered.subject, "Hello <i>Ada</i>");
        assert!(rendered.html.contains("&lt;i&gt;Ada"), "{}", rendered.html);
        assert!(rendered.text.contains("Hello <i>Ada</i>"), "{}", rendered.text);
    }

    #[test]
    fn a_subject_is_one_line_of_bounded_length() {
        let mut context = context();
        context.insert("long".to_owned(), json!("é\n".repeat(5_000)));
        let rendered = words("a\r\nBcc: x {{ long }}", "").render(&context).unwrap();
        assert!(rendered.subject.starts_with("a Bcc: x é é"), "{}", rendered.subject);
        assert_eq!(rendered.subject.chars().count(), LONGEST_SUBJECT);
        assert!(!rendered.subject.contains(char::is_control));
    }

    #[test]
    fn what_is_not_there_is_refused_in_a_check_and_left_out_in_a_mail() {
        let words = words("{{ app.nam }}{{ nobody.name }}", "ok");
        assert_eq!(words.render(&context()).unwrap().subject, "");
        let refused = words.render_strictly(&context()).unwrap_err();
        assert_eq!(refused.part, "subject");
        assert!(refused.message.contains("undefined"), "{refused}");
    }

    #[test]
    fn a_template_that_does_not_parse_says_where() {
        let refused = words("ok", "<p>\n{{ #if x }}").render(&context()).unwrap_err();
        assert_eq!(refused.part, "body");
        assert!(refused.message.contains("line 2"), "{refused}");
    }

    #[test]
    fn neither_work_nor_text_is_without_end() {
        let mut context = context();
        context.insert("many".to_owned(), json!(vec!["x"; 1_000]));
        context.insert("long".to_owned(), json!("x".repeat(1_000)));
        for body in [
            "{% for a in many %}{% for b in many %}{{ b }}{% endfor %}{% endfor %}",
            "{% for a in many %}{{ long }}{% endfor %}",
        ] {
            let refused = words("ok", body).render(&context).unwrap_err();
            assert!(refused.message.contains("fuel") || refused.message.contains("262144"), "{refused}");
        }
    }
}
