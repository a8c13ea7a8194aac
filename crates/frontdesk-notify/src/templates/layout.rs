//! The look of the built-in mails: one column, the application's name or logo, its colour; light and dark.

/// A part of a built-in mail. Its text is a template.
#[derive(Clone, Copy, Debug)]
pub(super) enum Block {
    /// A paragraph.
    Text(&'static str),
    /// A code to be typed.
    Code(&'static str),
    /// A button: what it says, and where it leads.
    Button(&'static str, &'static str),
    /// Facts, each shown if there is one: a name and the value's template.
    Facts(&'static [(&'static str, &'static str)]),
    /// A paragraph in smaller letters.
    Small(&'static str),
}

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>@TITLE@</title>
<style>
  :root { color-scheme: light dark; supported-color-schemes: light dark; }
  @media (prefers-color-scheme: dark) {
    .page { background: #14171b !important; }
    .card { background: #1d2126 !important; border-color: #343b44 !important; }
    .words { color: #e8eaed !important; }
    .quiet { color: #a6adb7 !important; }
    .code { background: #2a3038 !important; color: #ffffff !important; }
  }
  @media (max-width: 520px) { .card { padding: 24px 20px !important; } .code { font-size: 28px !important; } }
</style>
</head>
<body class="page" style="margin: 0; padding: 0; background: #f4f5f7">
<div class="page" style="background: #f4f5f7; padding: 32px 12px">
<div class="card" style="max-width: 480px; margin: 0 auto; padding: 32px; background: #ffffff; border: 1px solid #dfe3e8; border-radius: 12px; font: 16px/1.5 -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif">
<p class="words" style="margin: 0 0 24px; font-weight: 600; color: #1f2328">{% if app.logo_url %}<img src="{{ app.logo_url }}" alt="{{ app.name }}" style="display: block; max-height: 40px; max-width: 200px; border: 0">{% else %}{{ app.name }}{% endif %}</p>
<h1 class="words" style="margin: 0 0 16px; font-size: 20px; line-height: 1.3; color: #1f2328">@TITLE@</h1>
"#;

const FOOT: &str = r#"{% if support_email %}<p class="quiet" style="margin: 24px 0 0; font-size: 14px; color: #59636e">Questions? Write to <a class="quiet" href="mailto:{{ support_email }}" style="color: #59636e">{{ support_email }}</a>.</p>
{% endif %}</div>
<p class="quiet" style="max-width: 480px; margin: 16px auto 0; text-align: center; font: 13px/1.5 -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; color: #59636e">{{ app.name }}{% if app.domain_name %} · {{ app.domain_name }}{% endif %}</p>
</div>
</body>
</html>
"#;

/// The template of the page.
pub(super) fn page(title: &str, blocks: &[Block]) -> String {
    let mut page = HEAD.replace("@TITLE@", title);
    for block in blocks {
        page.push_str(&html(block));
    }
    page.push_str(FOOT);
    page
}

/// The template of the text.
pub(super) fn text(title: &str, blocks: &[Block]) -> String {
    let mut text = format!("{title}\n");
    for block in blocks {
        text.push_str(&plain(block));
    }
    text.push_str(
        "{% if support_email %}\nQuestions? Write to {{ support_email }}.\n{% endif %}\n--\n{{ app.name }}\n",
    );
    text
}

fn html(block: &Block) -> String {
    match block {
        Block::Text(words) => {
            format!("<p class=\"words\" style=\"margin: 0 0 16px; color: #1f2328\">{words}</p>\n")
        }
        Block::Small(words) => format!(
            "<p class=\"quiet\" style=\"margin: 0 0 8px; font-size: 14px; color: #59636e\">{words}</p>\n"
        ),
        Block::Code(value) => format!(
            "<p class=\"code\" style=\"margin: 0 0 16px; padding: 12px 16px; border-radius: 8px; background: #f0f2f5; \
             color: #1f2328; font: 600 32px/1.3 ui-monospace, Menlo, Consolas, monospace; letter-spacing: 0.2em; \
             text-align: center\">{value}</p>\n"
        ),
        Block::Button(words, target) => format!(
            "<p style=\"margin: 0 0 16px\"><a href=\"{target}\" style=\"display: inline-block; padding: 12px 20px; \
             border-radius: 8px; background: {{{{ theme.primary_color }}}}; color: {{{{ theme.button_text_color }}}}; \
             font-weight: 600; text-decoration: none\">{words}</a></p>\n\
             <p class=\"quiet\" style=\"margin: 0 0 16px; font-size: 14px; color: #59636e; overflow-wrap: anywhere\">\
             If the button does not work, open this address: {target}</p>\n"
        ),
        Block::Facts(facts) => {
            let line = |(name, value): &(&str, &str)| {
                format!(
                    "{{% if {value} %}}<p class=\"words\" style=\"margin: 0 0 4px; color: #1f2328\">\
                     <span class=\"quiet\" style=\"color: #59636e\">{name}:</span> {{{{ {value} }}}}</p>\n{{% endif %}}"
                )
            };
            let lines: Vec<String> = facts.iter().map(line).collect();
            lines.concat() + "<p style=\"margin: 0 0 12px; font-size: 4px\">&nbsp;</p>\n"
        }
    }
}

fn plain(block: &Block) -> String {
    match block {
        Block::Text(words) | Block::Small(words) => format!("\n{words}\n"),
        Block::Code(value) => format!("\n    {value}\n"),
        Block::Button(words, target) => format!("\n{words}:\n{target}\n"),
        Block::Facts(facts) => {
            let line = |(name, value): &(&str, &str)| {
                format!("{{% if {value} %}}{name}: {{{{ {value} }}}}\n{{% endif %}}")
            };
            let lines: Vec<String> = facts.iter().map(line).collect();
            format!("\n{}", lines.concat())
        }
    }
}
