//! How the mail server is reached.

use std::time::Duration;

use frontdesk_types::Secret;
use lettre::Address;
use lettre::Tokio1Executor;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{AsyncSmtpTransport, PoolConfig};
use serde::Deserialize;

/// The settings of a mail server. Read from a configuration file as they stand; everything but `host` and `from` may be
/// left out.
///
/// ```
/// use frontdesk_notify::{Smtp, SmtpTls};
///
/// let smtp = Smtp::new("smtp.shop.example", "Shop <no-reply@shop.example>");
/// assert_eq!((smtp.tls, smtp.port()), (SmtpTls::Starttls, 587));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// The name of the mail server, as its certificate says it; or an IP address.
    pub host: String,
    /// Its port; by default 587 with `starttls`, 465 with `implicit`, 25 with `none`.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is encrypted; `starttls` by default.
    #[serde(default)]
    pub tls: SmtpTls,
    /// Further certificates to trust, in PEM, for a mail server whose certificate is signed by an authority of one's
    /// own. Those that the machine trusts count as well.
    #[serde(default)]
    pub ca_certificates: Option<String>,
    /// The user name; without one nobody signs in.
    #[serde(default)]
    pub username: Option<String>,
    /// The password that goes with it.
    #[serde(default)]
    pub password: Option<Secret>,
    /// Who mails come from: `no-reply@shop.example` or `Shop <no-reply@shop.example>`. Without a name, the name of the
    /// application is shown. A template can replace the part before the `@`.
    pub from: String,
    /// Where answers go to; by default nowhere else than `from`.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// The sender on the envelope, where bounces go to; by default the address of `from`.
    #[serde(default)]
    pub envelope_from: Option<String>,
    /// The name this server introduces itself with (`EHLO`); by default the name of the machine.
    #[serde(default)]
    pub hello_name: Option<String>,
    /// How long each step of the conversation may take, in seconds: 1 to 60, 20 by default. A whole mail may take four
    /// times as long.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u64,
    /// The most connections held open: 1 to 64, 4 by default. So many mails are sent at a time.
    #[serde(default = "default_pool_size")]
    pub pool_size: u32,
    /// How long an unused connection is kept, in seconds; 60 by default.
    #[serde(default = "default_idle_timeout")]
    pub idle_timeout_seconds: u64,
}

/// How the connection to the mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// It begins in clear and is encrypted before anything is said; a server that cannot is refused.
    #[default]
    Starttls,
    /// It is encrypted from the first byte.
    Implicit,
    /// It is not encrypted. For a mail server on the same machine; credentials go nowhere else in clear.
    None,
}

/// Settings of a mail server that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSmtp {
    /// An address does not parse.
    #[error("mail: {setting} is not an e-mail address: {text:?}")]
    Address {
        /// The setting.
        setting: &'static str,
        /// What it says.
        text: String,
    },
    /// A name is empty or has characters that names do not have.
    #[error("mail: {0} is not a name of a server")]
    Name(&'static str),
    /// The certificates do not parse.
    #[error("mail: ca_certificates are not certificates in PEM")]
    Certificates,
    /// Encryption cannot be set up.
    #[error("mail: TLS cannot be set up: {0}")]
    Tls(String),
    /// A user name without a password, or the other way round.
    #[error("mail: username and password go together")]
    HalfCredentials,
    /// Credentials would travel in clear over a network.
    #[error("mail: a password is not sent without TLS, except to this machine")]
    CredentialsInClear,
    /// A number is out of its range.
    #[error("mail: {setting} must lie between {least} and {most}")]
    Range {
        /// The setting.
        setting: &'static str,
        /// The smallest value.
        least: u64,
        /// The largest value.
        most: u64,
    },
}

const fn default_timeout() -> u64 {
    20
}

const fn default_pool_size() -> u32 {
    4
}

const fn default_idle_timeout() -> u64 {
    60
}

/// Settings that were checked, in the mail library's words.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) transport: AsyncSmtpTransport<Tokio1Executor>,
    pub(super) from: Mailbox,
    pub(super) reply_to: Option<Mailbox>,
    pub(super) envelope_from: Address,
    /// The longest a whole mail may take.
    pub(super) patience: Duration,
    pub(super) at_a_time: usize,
}

impl Smtp {
    /// The settings for this server and this sender, and the defaults for everything else.
    pub fn new(host: impl Into<String>, from: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: None,
            tls: SmtpTls::default(),
            ca_certificates: None,
            username: None,
            password: None,
            from: from.into(),
            reply_to: None,
            envelope_from: None,
            hello_name: None,
            timeout_seconds: default_timeout(),
            pool_size: default_pool_size(),
            idle_timeout_seconds: default_idle_timeout(),
        }
    }

    /// The port, as it was set or as the encryption has it.
    pub const fn port(&self) -> u16 {
        match (self.port, self.tls) {
            (Some(port), _) => port,
            (None, SmtpTls::Starttls) => 587,
            (None, SmtpTls::Implicit) => 465,
            (None, SmtpTls::None) => 25,
        }
    }

    /// Whether the settings can be used, without connecting. For `config check`.
    pub fn check(&self) -> Result<(), InvalidSmtp> {
        self.parts().map(drop)
    }

    fn parts(&self) -> Result<(Tls, Mailbox, Option<Mailbox>, Address), InvalidSmtp> {
        self.check_numbers()?;
        let is_name = |name: &str| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:_[]".contains(&byte))
        };
        if !is_name(&self.host) {
            return Err(InvalidSmtp::Name("host"));
        }
        if self.hello_name.as_deref().is_some_and(|name| !is_name(name)) {
            return Err(InvalidSmtp::Name("hello_name"));
        }
        self.check_credentials()?;
        let from = mailbox("from", &self.from)?;
        let reply_to = self.reply_to.as_deref().map(|text| mailbox("reply_to", text)).transpose()?;
        let envelope_from = match &self.envelope_from {
            Some(text) => mailbox("envelope_from", text)?.email,
            None => from.email.clone(),
        };
        Ok((self.encryption()?, from, reply_to, envelope_from))
    }

    /// The settings ready to use. Call it inside a runtime: the pool tidies up in the background.
    pub(super) fn checked(&self) -> Result<Checked, InvalidSmtp> {
        let (tls, from, reply_to, envelope_from) = self.parts()?;
        let timeout = Duration::from_secs(self.timeout_seconds);
        let pool = PoolConfig::new()
            .max_size(self.pool_size)
            .idle_timeout(Duration::from_secs(self.idle_timeout_seconds));
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(self.host.trim_matches(['[', ']']))
                .port(self.port())
                .tls(tls)
                .timeout(Some(timeout))
                .pool_config(pool);
        if let (Some(username), Some(password)) = (&self.username, &self.password) {
            builder = builder.credentials(Credentials::new(username.clone(), password.expose().to_owned()));
        }
        if let Some(name) = &self.hello_name {
            builder = builder.hello_name(ClientId::Domain(name.clone()));
        }
        Ok(Checked {
            transport: builder.build(),
            from,
            reply_to,
            envelope_from,
            patience: timeout * 4,
            at_a_time: usize::try_from(self.pool_size).unwrap_or(1),
        })
    }

    fn check_numbers(&self) -> Result<(), InvalidSmtp> {
        let numbers = [
            ("timeout_seconds", self.timeout_seconds, 60),
            ("pool_size", u64::from(self.pool_size), 64),
            ("idle_timeout_seconds", self.idle_timeout_seconds, 3_600),
        ];
        match numbers.into_iter().find(|(_, value, most)| !(1..=*most).contains(value)) {
            Some((setting, _, most)) => Err(InvalidSmtp::Range { setting, least: 1, most }),
            None => Ok(()),
        }
    }

    fn check_credentials(&self) -> Result<(), InvalidSmtp> {
        if self.username.is_some() != self.password.is_some() {
            return Err(InvalidSmtp::HalfCredentials);
        }
        let is_here = self.host == "localhost"
            || self.host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        if self.username.is_some() && self.tls == SmtpTls::None && !is_here {
            return Err(InvalidSmtp::CredentialsInClear);
        }
        Ok(())
    }

    fn encryption(&self) -> Result<Tls, InvalidSmtp> {
        if self.tls == SmtpTls::None {
            return Ok(Tls::None);
        }
        let mut parameters = TlsParameters::builder(self.host.clone());
        if let Some(pem) = &self.ca_certificates {
            if !pem.contains("BEGIN CERTIFICATE") {
                return Err(InvalidSmtp::Certificates);
            }
            let certificates =
                Certificate::from_pem(pem.as_bytes()).map_err(|_| InvalidSmtp::Certificates)?;
            parameters = parameters.add_root_certificate(certificates);
        }
        let parameters = parameters.build().map_err(|error| InvalidSmtp::Tls(error.to_string()))?;
        Ok(match self.tls {
            SmtpTls::Implicit => Tls::Wrapper(parameters),
            SmtpTls::Starttls | SmtpTls::None => Tls::Required(parameters),
        })
    }
}

fn mailbox(setting: &'static str, text: &str) -> Result<Mailbox, InvalidSmtp> {
    text.parse().map_err(|_| InvalidSmtp::Address { setting, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp() -> Smtp {
        Smtp::new("smtp.shop.example", "Shop <no-reply@shop.example>")
    }

    #[test]
    fn debug_shows_no_password() {
        let smtp = Smtp { username: Some("shop".into()), password: Some(Secret::new("hunter2")), ..smtp() };
        assert!(!format!("{smtp:?}").contains("hunter2"));
    }

    #[test]
    fn settings_are_read_leniently_about_what_is_left_out_and_strictly_about_what_is_not_known() {
        let read = |json: &str| serde_json::from_str::<Smtp>(json);
        let least = read(r#"{"host":"smtp.shop.example","from":"Shop <no-reply@shop.example>"}"#).unwrap();
        assert_eq!(least, smtp());
        let more =
            read(r#"{"host":"h.example","from":"a@h.example","tls":"implicit","password":"x"}"#).unwrap();
        assert_eq!((more.tls, more.port()), (SmtpTls::Implicit, 465));
        assert!(read(r#"{"host":"h.example","from":"a@h.example","pasword":"x"}"#).is_err());
        assert!(read(r#"{"from":"a@h.example"}"#).is_err());
    }

    #[test]
    fn what_cannot_work_is_refused_before_a_mail_is_promised() {
        assert_eq!(smtp().check(), Ok(()));
        let refused = |change: fn(&mut Smtp)| {
            let mut smtp = smtp();
            change(&mut smtp);
            smtp.check().unwrap_err()
        };
        assert!(matches!(
            refused(|it| it.from = "nobody".into()),
            InvalidSmtp::Address { setting: "from", .. }
        ));
        assert!(matches!(
            refused(|it| it.from = "Shop <a@b.example>\r\nBcc: all@b.example".into()),
            InvalidSmtp::Address { .. }
        ));
        assert_eq!(refused(|it| it.host = "evil host".into()), InvalidSmtp::Name("host"));
        assert_eq!(refused(|it| it.hello_name = Some("a\r\nb".into())), InvalidSmtp::Name("hello_name"));
        assert_eq!(refused(|it| it.ca_certificates = Some("no".into())), InvalidSmtp::Certificates);
        assert_eq!(refused(|it| it.username = Some("a".into())), InvalidSmtp::HalfCredentials);
        assert!(matches!(refused(|it| it.timeout_seconds = 0), InvalidSmtp::Range { most: 60, .. }));
        let in_clear = |host: &str| Smtp {
            host: host.to_owned(),
            tls: SmtpTls::None,
            username: Some("a".into()),
            password: Some(Secret::new("b")),
            ..smtp()
        };
        assert_eq!(in_clear("smtp.shop.example").check(), Err(InvalidSmtp::CredentialsInClear));
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            assert_eq!(in_clear(host).check(), Ok(()), "{host}");
        }
    }
}
