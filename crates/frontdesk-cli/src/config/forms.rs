//! The kinds of value that a setting can have: how they are written, read and shown.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use frontdesk_notify::SmtpTls;
use frontdesk_server::ForwardedHeaders;
use frontdesk_types::Secret;
use ipnet::IpNet;
use url::Url;

/// A value as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Raw {
    One(String),
    Many(Vec<String>),
}

impl Raw {
    /// The value as a config file has it.
    pub(crate) fn as_toml<F: Form>(&self) -> String {
        let quoted = |text: &String| toml_string(text);
        match self {
            Self::One(text) if text.is_empty() => String::new(),
            Self::One(text) if F::IS_BARE => text.clone(),
            Self::One(text) => quoted(text),
            Self::Many(items) => format!("[{}]", items.iter().map(quoted).collect::<Vec<_>>().join(", ")),
        }
    }
}

fn toml_string(text: &str) -> String {
    // JSON's escapes are a part of TOML's.
    serde_json::Value::from(text).to_string()
}

/// A kind of value.
pub(crate) trait Form: Sized {
    /// What one looks like, to end the sentence "expected …".
    const EXPECTED: &'static str;
    /// Whether a file has it without quotes.
    const IS_BARE: bool = false;
    /// Whether it is kept out of sight.
    const IS_SECRET: bool = false;

    /// Reads one value.
    fn read(text: &str) -> Option<Self>;

    /// Reads what was given. Only lists take several values.
    fn read_raw(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::One(text) => Self::read(text),
            Raw::Many(_) => None,
        }
    }

    /// The value as it is given; empty where there is none.
    fn show(&self) -> Raw;
}

impl Form for bool {
    const EXPECTED: &'static str = "`true` or `false`";
    const IS_BARE: bool = true;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> Raw {
        Raw::One(self.to_string())
    }
}

/// How many of something; one at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) usize);

impl Form for Count {
    const EXPECTED: &'static str = "a number between 1 and 1000000";
    const IS_BARE: bool = true;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|count| (1..=1_000_000).contains(count)).map(Self)
    }

    fn show(&self) -> Raw {
        Raw::One(self.0.to_string())
    }
}

impl Form for Duration {
    const EXPECTED: &'static str = "a time of at most a day, such as `500ms`, `15s`, `5m` or `1h`";

    fn read(text: &str) -> Option<Self> {
        let digits = text.len() - text.trim_start_matches(|it: char| it.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().ok()?;
        let milliseconds = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        let milliseconds = number.checked_mul(milliseconds)?;
        (milliseconds <= 86_400_000).then_some(Self::from_millis(milliseconds))
    }

    fn show(&self) -> Raw {
        let milliseconds = self.as_millis();
        let units = [("h", 3_600_000), ("m", 60_000), ("s", 1000)];
        let fits = units.iter().find(|(_, size)| milliseconds > 0 && milliseconds.is_multiple_of(*size));
        Raw::One(match fits {
            Some((unit, size)) => format!("{}{unit}", milliseconds / size),
            None if milliseconds == 0 => "0s".to_owned(),
            None => format!("{milliseconds}ms"),
        })
    }
}

impl Form for String {
    const EXPECTED: &'static str = "a text";

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn show(&self) -> Raw {
        Raw::One(self.clone())
    }
}

impl Form for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn read(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.into())
    }

    fn show(&self) -> Raw {
        Raw::One(self.display().to_string())
    }
}

impl Form for Secret {
    const EXPECTED: &'static str = "a text";
    const IS_SECRET: bool = true;

    fn read(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::new(text))
    }

    fn show(&self) -> Raw {
        Raw::One("…".to_owned())
    }
}

/// The address that people see: a scheme and a host, no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicUrl {
    text: String,
    host: String,
}

impl PublicUrl {
    /// The address, without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and port, as in a `Host` header.
    pub(crate) fn authority(&self) -> &str {
        &self.host
    }

    /// Whether it is `https`.
    pub(crate) fn is_https(&self) -> bool {
        self.text.starts_with("https://")
    }
}

impl Form for PublicUrl {
    const EXPECTED: &'static str = "`https://` and a host, with a port if need be, and no path";

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        let host = url.host_str().filter(|_| is_plain)?;
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Some(Self { text: url.origin().ascii_serialization(), host })
    }

    fn show(&self) -> Raw {
        Raw::One(self.text.clone())
    }
}

impl Form for ForwardedHeaders {
    const EXPECTED: &'static str =
        "`x-forwarded` (`X-Forwarded-For`, `-Proto` and `-Host`) or `forwarded` (RFC 7239)";

    fn read(text: &str) -> Option<Self> {
        match text {
            "x-forwarded" => Some(Self::XForwarded),
            "forwarded" => Some(Self::Forwarded),
            _ => None,
        }
    }

    fn show(&self) -> Raw {
        Raw::One(match self {
            Self::XForwarded => "x-forwarded".to_owned(),
            Self::Forwarded => "forwarded".to_owned(),
        })
    }
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsVersion {
    Tls12,
    Tls13,
}

impl Form for TlsVersion {
    const EXPECTED: &'static str = "`1.2` or `1.3`";

    fn read(text: &str) -> Option<Self> {
        match text {
            "1.2" => Some(Self::Tls12),
            "1.3" => Some(Self::Tls13),
            _ => None,
        }
    }

    fn show(&self) -> Raw {
        Raw::One(match self {
            Self::Tls12 => "1.2".to_owned(),
            Self::Tls13 => "1.3".to_owned(),
        })
    }
}

impl Form for SmtpTls {
    const EXPECTED: &'static str = "`starttls`, `implicit` or `none`";

    fn read(text: &str) -> Option<Self> {
        match text {
            "starttls" => Some(Self::Starttls),
            "implicit" => Some(Self::Implicit),
            "none" => Some(Self::None),
            _ => None,
        }
    }

    fn show(&self) -> Raw {
        Raw::One(match self {
            Self::Starttls => "starttls".to_owned(),
            Self::Implicit => "implicit".to_owned(),
            Self::None => "none".to_owned(),
        })
    }
}

/// What lines of the log look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// For people.
    Text,
}

impl Form for LogFormat {
    const EXPECTED: &'static str = "`json` or `text`";

    fn read(text: &str) -> Option<Self> {
        match text {
            "json" => Some(Self::Json),
            "text" => Some(Self::Text),
            _ => None,
        }
    }

    fn show(&self) -> Raw {
        Raw::One(match self {
            Self::Json => "json".to_owned(),
            Self::Text => "text".to_owned(),
        })
    }
}

impl Form for SocketAddr {
    const EXPECTED: &'static str = "an address with a port, such as `127.0.0.1:4400` or `[::]:443`";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> Raw {
        Raw::One(self.to_string())
    }
}

impl Form for IpNet {
    const EXPECTED: &'static str = "a network or an address, such as `10.0.0.0/8` or `2001:db8::1`";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(Self::from))
    }

    fn show(&self) -> Raw {
        Raw::One(self.to_string())
    }
}

/// Several values: a list in the file, commas elsewhere.
impl<F: Form> Form for Vec<F> {
    const EXPECTED: &'static str = F::EXPECTED;

    fn read(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(F::read).collect()
    }

    fn read_raw(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::One(text) => Self::read(text),
            Raw::Many(items) => items.iter().map(|item| F::read(item)).collect(),
        }
    }

    fn show(&self) -> Raw {
        let shown = self.iter().map(|item| match item.show() {
            Raw::One(text) => text,
            Raw::Many(items) => items.join(","),
        });
        Raw::Many(shown.collect())
    }
}

/// A value that may be left out.
impl<F: Form> Form for Option<F> {
    const EXPECTED: &'static str = F::EXPECTED;
    const IS_BARE: bool = F::IS_BARE;
    const IS_SECRET: bool = F::IS_SECRET;

    fn read(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { F::read(text).map(Some) }
    }

    fn show(&self) -> Raw {
        self.as_ref().map_or_else(|| Raw::One(String::new()), F::show)
    }
}
