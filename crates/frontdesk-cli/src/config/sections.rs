//! The sections of the configuration. What stands here is the reference: names, defaults and what they mean.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use frontdesk_notify::{Delivery, Smtp, SmtpTls};
use frontdesk_server::{Breaches, ForwardedHeaders};
use frontdesk_types::Secret;
use ipnet::IpNet;

use super::forms::{Count, LogFormat, PublicUrl, TlsVersion};
use super::schema::section;

section! {
    /// How the server is reached, and by how many at once.
    Serving in "" {
        /// Where browsers reach the server, scheme and host: links in mails and pages begin with it. Has to be set.
        public_url: Option<PublicUrl> = None;
        /// The addresses to listen on. Behind a proxy on the same machine, the default will do.
        listen: Vec<SocketAddr> = vec![SocketAddr::from(([127, 0, 0, 1], 4400))];
        /// Addresses that answer every request with a redirect to `public_url`: for port 80, where the server itself
        /// has certificates.
        redirect_listen: Vec<SocketAddr> = Vec::new();
        /// Networks of proxies whose word about a request is believed: who asked, over what, for which host.
        trusted_proxies: Vec<IpNet> = Vec::new();
        /// In which headers the trusted proxies tell it. Only these are read: a proxy passes on what a stranger wrote
        /// into others.
        forwarded_headers: ForwardedHeaders = ForwardedHeaders::XForwarded;
        /// Connections at once. One more is answered with 503 (over TLS, closed) at once.
        max_connections: Count = Count(10_000);
        /// Requests at once on one HTTP/2 connection.
        max_streams: Count = Count(128);
        /// How long a client may take to send the head of a request; with HTTP/1.1 also how long a connection may wait for
        /// its next request, so it should be longer than a load balancer keeps idle connections. Where strangers
        /// connect directly, `15s` is plenty. (A whole body has 30 seconds, a TLS handshake 10.)
        header_timeout: Duration = Duration::from_secs(75);
        /// How long a connection may be silent.
        idle_timeout: Duration = Duration::from_secs(90);
        /// How long the server goes on taking connections once it was asked to stop, while `/readyz` says no already:
        /// as long as a load balancer takes to notice.
        drain_delay: Duration = Duration::ZERO;
        /// How long requests in flight may then take.
        drain_timeout: Duration = Duration::from_secs(20);
    }
}

section! {
    /// Certificates, where no proxy has them. Files that change are read again: within ten seconds, or at once on SIGHUP.
    Tls in "tls" {
        /// The certificate and those that lead to its root, in PEM.
        certificate_file: Option<PathBuf> = None;
        /// Its private key, in PEM.
        key_file: Option<PathBuf> = None;
        /// The oldest version of TLS that is spoken.
        min_version: TlsVersion = TlsVersion::Tls12;
    }
}

section! {
    /// What operators ask: `/metrics`, `/livez`, `/readyz`. Keep it off the internet.
    Admin in "admin" {
        /// The addresses to listen on; an empty list for none. (`/livez` and `/readyz` answer on the main ones, too.)
        listen: Vec<SocketAddr> = vec![SocketAddr::from(([127, 0, 0, 1], 4401))];
    }
}

section! {
    /// The data folder: the embedded database, the master key where nothing else has it, and the control socket.
    DataSettings in "data" {
        /// The folder, made if there is none.
        dir: PathBuf = PathBuf::from(".frontdesk");
    }
}

section! {
    /// PostgreSQL, instead of the embedded database.
    Database in "database" {
        /// Where it is: `postgres://user:password@host/database`. `?sslmode=` is `disable`, `prefer` (the default),
        /// `require`, `verify-ca` or `verify-full`; `&sslrootcert=` names a file of roots to trust instead of the
        /// system's.
        url: Option<Secret> = None;
        /// The most connections held open.
        pool_size: Count = Count(16);
        /// Keep statements prepared. Switch it off behind a pooler that gives each transaction another connection.
        prepared_statements: bool = true;
    }
}

section! {
    /// The master key, under which everything secret in the database is sealed.
    Master in "master" {
        /// 32 bytes in unpadded base64url. With PostgreSQL it has to be set; else it is made on the first start and kept
        /// in the data folder.
        key: Option<Secret> = None;
    }
}

section! {
    /// The instance that is made on the first start, with live keys. `frontdesk instances show NAME` shows them.
    FirstInstance in "instance" {
        /// Whether one is made. Switch it off to make it yourself: `frontdesk instances create NAME --live`.
        create: bool = true;
        /// Its short name: lower-case letters, digits and hyphens.
        name: String = "production".to_owned();
        /// The host inside its publishable key; the one of `public_url` if left out. Fixed for good. If it begins with
        /// `clerk.`, the rest is the domain whose pages belong to the instance.
        key_host: Option<String> = None;
    }
}

section! {
    /// The mail server that mails leave by. Without `host` none are sent, and whatever needs one is refused.
    MailSettings in "mail" {
        /// The name of the mail server, as its certificate says it; or an IP address.
        host: Option<String> = None;
        /// Its port; by default 587 with `starttls`, 465 with `implicit`, 25 with `none`.
        port: Option<Count> = None;
        /// How the connection is encrypted. `none` is for a mail server on the same machine.
        tls: SmtpTls = SmtpTls::Starttls;
        /// Further certificates to trust, in PEM, for a mail server of one's own.
        ca_certificates_file: Option<PathBuf> = None;
        /// The user name; without one nobody signs in.
        username: Option<String> = None;
        /// The password that goes with it.
        password: Option<Secret> = None;
        /// Who mails come from: `no-reply@shop.example` or `Shop <no-reply@shop.example>`.
        from: Option<String> = None;
        /// Where answers go to; by default nowhere else than `from`.
        reply_to: Option<String> = None;
        /// The sender on the envelope, where bounces go to; by default the address of `from`.
        envelope_from: Option<String> = None;
        /// The name this server introduces itself with; by default the name of the machine.
        hello_name: Option<String> = None;
        /// How long each step of the conversation may take, between `1s` and `1m`.
        timeout: Duration = Duration::from_secs(20);
        /// The most connections held open, 64 at most. So many mails are sent at a time.
        pool_size: Count = Count(4);
        /// How long an unused connection is kept.
        idle_timeout: Duration = Duration::from_mins(1);
    }
}

impl MailSettings {
    /// How mails leave the server.
    pub(crate) fn delivery(&self) -> anyhow::Result<Delivery> {
        match self.smtp()? {
            Some(smtp) => Delivery::smtp(&smtp).context("mail"),
            None => Ok(Delivery::Unconfigured),
        }
    }

    /// The mail server, if one was set.
    pub(crate) fn smtp(&self) -> anyhow::Result<Option<Smtp>> {
        let Some(host) = &self.host else {
            if self.from.is_some() || self.username.is_some() || self.password.is_some() {
                bail!("mail.host is missing");
            }
            return Ok(None);
        };
        let from = self.from.clone().context("mail.from is missing")?;
        let port = self
            .port
            .map(|port| u16::try_from(port.0).ok().context("mail.port is not a port"))
            .transpose()?;
        let certificates = self.ca_certificates_file.as_ref().map(|path| {
            std::fs::read_to_string(path)
                .with_context(|| format!("the file {} cannot be read", path.display()))
        });
        Ok(Some(Smtp {
            port,
            tls: self.tls,
            ca_certificates: certificates.transpose()?,
            username: self.username.clone(),
            password: self.password.clone(),
            reply_to: self.reply_to.clone(),
            envelope_from: self.envelope_from.clone(),
            hello_name: self.hello_name.clone(),
            timeout_seconds: self.timeout.as_secs(),
            pool_size: u32::try_from(self.pool_size.0).unwrap_or(u32::MAX),
            idle_timeout_seconds: self.idle_timeout.as_secs(),
            ..Smtp::new(host.clone(), from)
        }))
    }
}

section! {
    /// Where it is learned whether a new password is known from a breach. Without either, none is.
    Passwords in "passwords" {
        /// A file of SHA-1 hashes in upper-case hexadecimal, sorted, one a line.
        breach_list: Option<PathBuf> = None;
        /// A service that is asked for ranges of hashes, by the first five characters of one, such as
        /// `https://api.pwnedpasswords.com`.
        breach_service: Option<String> = None;
    }
}

impl Passwords {
    /// The source that was set.
    pub(crate) fn breaches(&self) -> anyhow::Result<Breaches> {
        match (&self.breach_list, &self.breach_service) {
            (Some(path), _) => Breaches::list(path).context("passwords.breach_list"),
            (None, Some(url)) => Breaches::service(url).context("passwords.breach_service"),
            (None, None) => Ok(Breaches::Unknown),
        }
    }
}

section! {
    /// Logs, one line each on standard error.
    Log in "log" {
        /// Which lines: `info`, `warn`, `info,frontdesk_store=debug` …
        filter: String = "info".to_owned();
        /// `json` or `text`.
        format: LogFormat = LogFormat::Json;
        /// Whether lines about requests tell the address they came from. It is personal data.
        client_addresses: bool = false;
    }
}
