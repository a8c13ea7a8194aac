//! The plain text of a page, for whoever reads mails without HTML.

/// The words of a page without its markup: paragraphs apart, links with where they lead. Bounded by the page itself:
/// nothing is read twice.
pub fn plain_text(html: &str) -> String {
    let mut text = Text::default();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push(&rest[..start]);
        rest = &rest[start..];
        if rest.starts_with("<!--") {
            rest = rest.find("-->").map_or("", |end| &rest[end + 3..]);
            continue;
        }
        let Some(end) = rest.find('>') else {
            break; // An open tag: what follows was never meant to be read.
        };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        let name: String = tag
            .chars()
            .take_while(|character| character.is_ascii_alphanumeric() || *character == '/')
            .collect();
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "style" | "script" | "head" | "title" => {
                let closing = format!("</{name}");
                rest = find_ignoring_case(rest, &closing).map_or("", |at| &rest[at..]);
            }
            "a" => text.open_link(attribute(tag, "href")),
            "/a" => text.close_link(),
            "br" | "br/" => text.line(),
            "li" => {
                text.line();
                text.push("- ");
            }
            "p" | "/p" | "div" | "/div" | "h1" | "/h1" | "h2" | "/h2" | "h3" | "/h3" | "tr" | "/tr"
            | "table" | "/table" | "ul" | "/ul" | "ol" | "/ol" | "hr" | "main" | "/main" | "section"
            | "/section" => {
                text.paragraph();
            }
            "td" | "/td" | "th" | "/th" => text.push(" "),
            _ => {}
        }
    }
    if !rest.starts_with('<') {
        text.push(rest);
    }
    text.finish()
}

#[derive(Default)]
struct Text {
    out: String,
    /// Where the link that is open leads, and where its words began.
    link: Option<(String, usize)>,
}

impl Text {
    /// Words of the page: white space runs together.
    fn push(&mut self, html: &str) {
        for character in unescaped(html).chars() {
            if character.is_whitespace() && character != '\u{a0}' {
                if !self.out.ends_with([' ', '\n']) && !self.out.is_empty() {
                    self.out.push(' ');
                }
            } else {
                self.out.push(character);
            }
        }
    }

    fn line(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn paragraph(&mut self) {
        self.out.truncate(self.out.trim_end().len());
        if !self.out.is_empty() {
            self.out.push_str("\n\n");
        }
    }

    fn open_link(&mut self, target: Option<String>) {
        self.link = target.map(|target| (target, self.out.len()));
    }

    fn close_link(&mut self) {
        let Some((target, began)) = self.link.take() else { return };
        let words = self.out.get(began..).unwrap_or_default().trim();
        let mail = target.strip_prefix("mailto:").unwrap_or(&target);
        if words.is_empty() {
            self.out.push_str(mail);
        } else if words != target && words != mail {
            let suffix = format!(": {mail}");
            self.out.truncate(self.out.trim_end().len());
            self.out.push_str(&suffix);
        }
    }

    fn finish(self) -> String {
        let mut text = self.out.trim().to_owned();
        text.push('\n');
        text
    }
}

/// The value of an attribute, quoted either way or not at all.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = find_ignoring_case(tag, &format!("{name}="))?;
    let value = &tag[at + name.len() + 1..];
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split_whitespace().next()?,
    };
    Some(unescaped(value))
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len()).position(|window| window.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// Text with its entities read: the few that our templates and escaping write, and numbers.
fn unescaped(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let entity =
            rest[1..].split(';').next().filter(|entity| entity.len() <= 8 && rest.len() > entity.len() + 1);
        let read = entity.and_then(|entity| Some((character(entity)?, entity.len() + 2)));
        let (character, length) = read.unwrap_or(('&', 1));
        out.push(character);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

fn character(entity: &str) -> Option<char> {
    Some(match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|character| !character.is_control())?
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_stay_and_markup_goes() {
        let html = "<html><head><title>No</title><style>p { color: red }</style></head><body>\n\
                    <!-- not this --><h1>Hello &lt;Ada&gt; &amp; &#x27;all&#39;</h1>\n<p>Read  \n this.<br>And that.</p>\
                    <ul><li>one</li><li>two</li></ul>\
                    <p><a href=\"https://shop.example/?a=1&amp;b=2\">Sign in</a> or <a href='mailto:a@b.example'>a@b.example</a></p>\
                    </body></html>";
        assert_eq!(
            plain_text(html),
            "Hello <Ada> & 'all'\n\nRead this.\nAnd that.\n\n- one\n- two\n\n\
             Sign in: https://shop.example/?a=1&b=2 or a@b.example\n"
        );
    }

    #[test]
    fn an_open_tag_hides_what_follows() {
        assert_eq!(plain_text("<p>Hello</p><p onclick="), "Hello\n");
        assert_eq!(plain_text("<script>alert(1)"), "\n");
        assert_eq!(plain_text("a & b &bogus; &#xD800; &#0;"), "a & b &bogus; &#xD800; &#0;\n");
    }

    proptest! {
        #[test]
        fn no_page_is_too_strange(html in "(<[a-z/! -]{0,6}(href=[\"']?)?[a-z&;#\"'é]{0,5}>?|[ -~é\u{2028}]{0,9}){0,20}") {
            let text = plain_text(&html);
            prop_assert!(text.ends_with('\n'));
        }
    }
}
