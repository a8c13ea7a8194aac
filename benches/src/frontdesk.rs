//! Frontdesk itself, as it is released.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::client;
use crate::process::Process;

/// The released program, as `cargo xtask bench` built it.
pub(crate) fn program() -> Result<PathBuf> {
    let path = std::env::var_os("FRONTDESK_BENCH_SERVER");
    path.map(PathBuf::from).context("FRONTDESK_BENCH_SERVER is not set: run `cargo xtask bench load`")
}

/// A running server with a data folder of its own.
pub(crate) struct Frontdesk {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    secret_key: String,
    begun: Instant,
    /// From starting the program to the first answer to a request with a secret key.
    pub(crate) first_answer: Duration,
}

/// How a server is started.
#[derive(Clone, Copy, Default)]
pub(crate) struct Settings {
    /// Sign with published test keys instead of generating one.
    pub(crate) seed: bool,
    /// One durable commit for each request.
    pub(crate) without_group_commit: bool,
}

impl Frontdesk {
    /// Starts a server in this folder, made before or not, and waits for its first answer.
    pub(crate) fn start(folder: &Path, settings: Settings) -> Result<Self> {
        let env_file = folder.with_extension("env");
        if env_file.exists() {
            std::fs::remove_file(&env_file)?;
        }
        let mut more: Vec<&OsStr> = vec!["--env-file".as_ref(), env_file.as_ref()];
        if settings.seed {
            more.extend::<[&OsStr; 2]>(["--seed".as_ref(), "1".as_ref()]);
        }
        let mut server = Self::spawn(folder, &more, settings, String::new())?;
        let text = server.process.wait_until(|| std::fs::read_to_string(&env_file).ok())?;
        let secret_key = text.lines().find_map(|line| line.strip_prefix("FRONTDESK_SECRET_KEY="));
        secret_key.context("the server tells its secret key")?.clone_into(&mut server.secret_key);
        server.wait_for_answer()
    }

    /// Starts a server again in the folder of one that has ended.
    pub(crate) fn restart(folder: &Path, secret_key: &str) -> Result<Self> {
        Self::spawn(folder, &[], Settings::default(), secret_key.to_owned())?.wait_for_answer()
    }

    fn spawn(folder: &Path, more: &[&OsStr], settings: Settings, secret_key: String) -> Result<Self> {
        let port = free_port()?;
        let text = port.to_string();
        let arguments: [&OsStr; 5] =
            ["dev".as_ref(), "--port".as_ref(), text.as_ref(), "--data-dir".as_ref(), folder.as_ref()];
        let environment: &[_] =
            if settings.without_group_commit { &[("FRONTDESK_GROUP_COMMIT", "off")] } else { &[] };
        let program = program()?;
        let begun = Instant::now();
        let process = Process::start(&program, &[&arguments, more].concat(), environment)?;
        let address = (Ipv4Addr::LOCALHOST, port).into();
        Ok(Self { process, address, secret_key, begun, first_answer: Duration::ZERO })
    }

    fn wait_for_answer(mut self) -> Result<Self> {
        let address = self.address;
        self.process.wait_until(|| TcpStream::connect(address).ok())?;
        self.get("/v1/users/count")?;
        self.first_answer = self.begun.elapsed();
        Ok(self)
    }

    /// The secret key of its instance.
    pub(crate) fn secret_key(&self) -> &str {
        &self.secret_key
    }

    /// Writes a request of the Backend API, as an application server sends it.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> Vec<u8> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nclerk-api-version: 2026-05-12\r\n\
             accept: application/json\r\nuser-agent: frontdesk-benches\r\n",
            self.address, self.secret_key
        );
        if !body.is_empty() {
            request += "content-type: application/json\r\ncontent-length: ";
            request += &body.len().to_string();
            request += "\r\n";
        }
        request += "\r\n";
        request += body;
        request.into_bytes()
    }

    /// Reads something.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        self.json(&self.request("GET", path, ""))
    }

    /// Makes something.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.json(&self.request("POST", path, &body.to_string()))
    }

    fn json(&self, request: &[u8]) -> Result<Value> {
        let (status, body) = client::once(self.address, request)?;
        ensure!(status == 200, "status {status}: {}", String::from_utf8_lossy(&body));
        Ok(serde_json::from_slice(&body)?)
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
