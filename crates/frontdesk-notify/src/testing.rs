//! A mail server for tests: it speaks as much SMTP as a client can ask for, keeps what it is given, and fails as it is
//! told.
//!
//! ```
//! use frontdesk_notify::testing::{MailServer, Security};
//! use frontdesk_notify::{Delivery, Smtp};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let server = MailServer::start(Security::Starttls).await;
//! let delivery = Delivery::smtp(&server.settings("Shop <no-reply@shop.example>")).unwrap();
//! // … deliver …
//! assert!(server.mails().is_empty());
//! # drop(delivery);
//! # }
//! ```

#![expect(clippy::missing_panics_doc, reason = "a test that cannot go on has failed")]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use frontdesk_types::Secret;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::{Smtp, SmtpTls};

/// The authority that signed the server's certificate, in PEM. Its key is gone.
pub const AUTHORITY: &str = include_str!("testing/authority.pem");
const CERTIFICATE: &str = include_str!("testing/server.pem");
const KEY: &str = include_str!("testing/server.key");

/// How the server encrypts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    None,
    /// When asked to, and then it wants it.
    Starttls,
    /// From the first byte.
    Implicit,
}

/// A mail that the server took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The sender on the envelope.
    pub from: String,
    /// The receivers on the envelope.
    pub to: Vec<String>,
    /// Headers and body, as they came.
    pub data: String,
    /// Whether it came over an encrypted connection.
    pub encrypted: bool,
    /// What the client called itself.
    pub hello: String,
    /// Which connection it came over; counts from 1.
    pub connection: usize,
}

impl Received {
    /// The value of a header, unfolded; empty if there is none.
    pub fn header(&self, name: &str) -> String {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
        let found = head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        });
        found.unwrap_or_default()
    }
}

/// A mail server on a port of this machine. It stops when it is dropped.
#[derive(Debug)]
pub struct MailServer {
    address: SocketAddr,
    security: Security,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    mails: Vec<Received>,
    /// What the next receivers are answered instead of being taken.
    refusals: VecDeque<String>,
    /// The user name and password that are wanted.
    credentials: Option<(String, String)>,
    connections: usize,
    talks: Vec<JoinHandle<()>>,
    /// Mails that are taken and never confirmed.
    silent: bool,
}

impl MailServer {
    /// A server on a free port.
    pub async fn start(security: Security) -> Self {
        Self::start_at("127.0.0.1:0".parse().expect("an address"), security).await
    }

    /// A server on this port.
    pub async fn start_at(address: SocketAddr, security: Security) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let serving = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let state = Arc::clone(&shared);
                let number = {
                    let mut state = lock(&state);
                    state.connections += 1;
                    state.connections
                };
                let talk = tokio::spawn(async move {
                    // A client that hangs up is no failure of the server.
                    drop(serve(stream, security, number, state).await);
                });
                lock(&shared).talks.push(talk);
            }
        });
        Self { address, security, state, serving }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Settings that reach it.
    pub fn settings(&self, from: &str) -> Smtp {
        Smtp {
            port: Some(self.address.port()),
            tls: match self.security {
                Security::None => SmtpTls::None,
                Security::Starttls => SmtpTls::Starttls,
                Security::Implicit => SmtpTls::Implicit,
            },
            ca_certificates: (self.security != Security::None).then(|| AUTHORITY.to_owned()),
            hello_name: Some("frontdesk.test".to_owned()),
            timeout_seconds: 5,
            ..Smtp::new("localhost", from)
        }
    }

    /// The same, signing in as this user.
    pub fn settings_of(&self, from: &str, username: &str, password: &str) -> Smtp {
        Smtp {
            username: Some(username.to_owned()),
            password: Some(Secret::new(password)),
            ..self.settings(from)
        }
    }

    /// Takes mails from this user alone.
    pub fn want_credentials(&self, username: &str, password: &str) {
        lock(&self.state).credentials = Some((username.to_owned(), password.to_owned()));
    }

    /// Answers the next receiver like this, `550 5.1.1 nobody here` for example.
    pub fn refuse_next(&self, answer: &str) {
        lock(&self.state).refusals.push_back(answer.to_owned());
    }

    /// Takes mails from now on and never says so.
    pub fn fall_silent(&self) {
        lock(&self.state).silent = true;
    }

    /// The mails it took, oldest first.
    pub fn mails(&self) -> Vec<Received> {
        lock(&self.state).mails.clone()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        lock(&self.state).connections
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.serving.abort();
        for talk in lock(&self.state).talks.drain(..) {
            talk.abort();
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whatever bytes come and go over.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

async fn serve(
    stream: TcpStream,
    security: Security,
    connection: usize,
    state: Arc<Mutex<State>>,
) -> std::io::Result<()> {
    let mut encrypted = security == Security::Implicit;
    let wire: Box<dyn Wire> =
        if encrypted { Box::new(acceptor().accept(stream).await?) } else { Box::new(stream) };
    let mut wire = BufReader::new(wire);
    say(&mut wire, "220 mail.test ESMTP").await?;
    let (mut hello, mut from, mut to) = (String::new(), String::new(), Vec::new());
    let mut known = lock(&state).credentials.is_none();
    loop {
        let mut line = String::new();
        if wire.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" => {
                hello = rest.to_owned();
                let mut lines = vec!["250-mail.test"];
                if security == Security::Starttls && !encrypted {
                    lines.push("250-STARTTLS");
                }
                if !known {
                    lines.push("250-AUTH PLAIN LOGIN");
                }
                lines.push("250 8BITMIME");
                say(&mut wire, &lines.join("\r\n")).await?;
            }
            "STARTTLS" => {
                say(&mut wire, "220 go ahead").await?;
                wire = BufReader::new(Box::new(acceptor().accept(wire.into_inner()).await?));
                encrypted = true;
            }
            "AUTH" => {
                let given = rest.strip_prefix("PLAIN ").and_then(base64).unwrap_or_default();
                let wanted = lock(&state).credentials.clone();
                known = wanted
                    .is_some_and(|(name, password)| given == format!("\0{name}\0{password}").as_bytes());
                say(&mut wire, if known { "235 welcome" } else { "535 5.7.8 wrong credentials" }).await?;
            }
            "MAIL" if security == Security::Starttls && !encrypted => {
                say(&mut wire, "530 5.7.0 STARTTLS first").await?;
            }
            "MAIL" if !known => say(&mut wire, "530 5.7.0 who are you?").await?,
            "MAIL" => {
                from = address(rest);
                say(&mut wire, "250 ok").await?;
            }
            "RCPT" => {
                let refusal = lock(&state).refusals.pop_front();
                if refusal.is_none() {
                    to.push(address(rest));
                }
                say(&mut wire, refusal.as_deref().unwrap_or("250 ok")).await?;
            }
            "DATA" => {
                say(&mut wire, "354 go on").await?;
                let data = read_data(&mut wire).await?;
                let silent = {
                    let mut state = lock(&state);
                    state.mails.push(Received {
                        from: std::mem::take(&mut from),
                        to: std::mem::take(&mut to),
                        data,
                        encrypted,
                        hello: hello.clone(),
                        connection,
                    });
                    state.silent
                };
                if silent {
                    return Ok(());
                }
                say(&mut wire, "250 taken").await?;
            }
            "RSET" | "NOOP" => {
                (from, to) = (String::new(), Vec::new());
                say(&mut wire, "250 ok").await?;
            }
            "QUIT" => return say(&mut wire, "221 bye").await,
            _ => say(&mut wire, "502 what?").await?,
        }
    }
}

async fn say(wire: &mut BufReader<Box<dyn Wire>>, line: &str) -> std::io::Result<()> {
    wire.get_mut().write_all(format!("{line}\r\n").as_bytes()).await?;
    wire.get_mut().flush().await
}

/// Everything up to the line with a dot, with doubled dots made one again.
async fn read_data(wire: &mut BufReader<Box<dyn Wire>>) -> std::io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if wire.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// What stands between the angle brackets.
fn address(text: &str) -> String {
    text.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a key that fits the certificate");
    TlsAcceptor::from(Arc::new(config))
}

/// What standard base64 with padding says.
fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let digits: Option<Vec<usize>> =
            group.iter().map(|byte| ALPHABET.iter().position(|known| known == byte)).collect();
        let bits = digits?.iter().fold(0_usize, |bits, digit| bits << 6 | digit) << (6 * (4 - group.len()));
        let bytes = [bits >> 16 & 255, bits >> 8 & 255, bits & 255];
        out.extend(bytes.iter().take(group.len() - 1).map(|byte| u8::try_from(*byte).unwrap_or_default()));
    }
    Some(out)
}
