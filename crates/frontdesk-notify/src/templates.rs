//! Templates: the words of each mail, built in or changed by the owner of an instance.
//!
//! They are written in a small part of Jinja: `{{ otp_code }}` puts in a value, `{% if %}` and `{% for %}` decide.
//! Values are escaped for HTML in the body, and are taken as they are in the subject and the text. A template names
//! values and makes none; it runs on a bounded amount of work and writes a bounded amount of text, so that whoever may
//! edit one cannot stop the server with it.

mod catalogue;
mod language;
mod layout;
mod plain;
mod render;

use serde_json::{Map, Value, json};

pub use self::catalogue::{BuiltIn, all, built_in};
pub use self::plain::plain_text;
pub use self::render::{MAX_RENDERED_BYTES, Rendered, TemplateError, Words};

/// What every mail of an instance looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// The name people know the application by.
    pub application: String,
    /// Where its logo is, as an `https` URL; empty shows the name.
    pub logo_url: String,
    /// The colour of buttons, as `#rrggbb`; another text counts as none.
    pub primary_color: String,
    /// The application's home page; empty if nobody said.
    pub home_url: String,
    /// Its domain; empty if nobody said.
    pub domain: String,
    /// Where people write to who need help; empty if nobody said.
    pub support_email: String,
}

/// The colour of buttons where none is set.
const PRIMARY_COLOR: &str = "#2f5bea";

impl Brand {
    /// The values that every template can name: `app.…`, `theme.…` and `support_email`.
    pub fn context(&self) -> Map<String, Value> {
        let color = if is_color(&self.primary_color) { &self.primary_color } else { PRIMARY_COLOR };
        let logo = if self.logo_url.starts_with("https://") { self.logo_url.as_str() } else { "" };
        let Value::Object(context) = json!({
            "app": {
                "name": one_line(&self.application),
                "url": self.home_url,
                "domain_name": self.domain,
                "logo_url": logo,
                "logo_image_url": logo,
            },
            "theme": {
                "primary_color": color,
                "button_text_color": if is_light(color) { "#111418" } else { "#ffffff" },
            },
            "support_email": self.support_email,
        }) else {
            return Map::new();
        };
        context
    }
}

/// A name without line breaks and other control characters: in a subject they would begin another header.
fn one_line(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether dark text reads better on this colour than light text does (relative luminance, WCAG 2).
fn is_light(color: &str) -> bool {
    let channel = |at: usize| {
        let value = color.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    // Where both have the same contrast.
    luminance > 0.179
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_colour_is_a_colour() {
        let color = |text: &str| {
            let brand = Brand { primary_color: text.to_owned(), ..Brand::default() };
            brand.context()["theme"]["primary_color"].as_str().unwrap().to_owned()
        };
        assert_eq!(color("#AB12ef"), "#AB12ef");
        for text in ["", "red", "#12345", "#12345g", "#123456;background:url(https://evil.example)"] {
            assert_eq!(color(text), PRIMARY_COLOR, "{text}");
        }
    }

    #[test]
    fn buttons_can_be_read() {
        for (color, is) in [("#ffffff", true), ("#000000", false), ("#2f5bea", false), ("#ffd400", true)] {
            assert_eq!(is_light(color), is, "{color}");
        }
    }

    #[test]
    fn a_logo_comes_over_https_or_not_at_all() {
        for url in ["http://shop.example/logo.png", "javascript:alert(1)", "data:image/png;base64,AA=="] {
            let brand = Brand { logo_url: url.to_owned(), ..Brand::default() };
            assert_eq!(brand.context()["app"]["logo_url"], "", "{url}");
        }
    }
}
