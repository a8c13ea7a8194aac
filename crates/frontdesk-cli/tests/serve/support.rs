//! A server in production, and what the tests ask it with.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The host of the first instance.
pub(crate) const HOST: &str = "clerk.shop.example";
/// A master key for tests.
pub(crate) const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program under test, without what the machine's own environment says.
pub(crate) fn frontdesk() -> Command {
    without_environment(Command::new(env!("CARGO_BIN_EXE_frontdesk")))
}

fn without_environment(mut command: Command) -> Command {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("FRONTDESK_")) {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn run(arguments: &[&str], folder: &Path) -> Output {
    frontdesk().args(arguments).current_dir(folder).output().expect("the program runs")
}

/// Runs a command that succeeds, and gives what it printed.
pub(crate) fn succeed(arguments: &[&str], folder: &Path) -> String {
    let output = run(arguments, folder);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What a failing command says, and its exit code.
pub(crate) fn failure(mut command: Command, folder: &Path) -> (i32, String) {
    let output = command.current_dir(folder).stdin(Stdio::null()).output().expect("the program runs");
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stderr).expect("UTF-8"))
}

/// Settings that every test needs: free ports, and an address.
pub(crate) fn settings() -> Vec<String> {
    [
        "serve",
        "--public-url",
        "https://clerk.shop.example",
        "--listen",
        "127.0.0.1:0",
        "--set",
        "admin.listen=127.0.0.1:0",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// A server that listens. Killed when dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) port: u16,
    pub(crate) admin: u16,
    pub(crate) folder: PathBuf,
    log: Arc<Mutex<Vec<Value>>>,
}

impl Serving {
    /// Starts a server in this folder with these settings beside the usual ones.
    pub(crate) fn start(folder: &Path, more: &[&str]) -> Self {
        Self::start_command(frontdesk(), folder, more)
    }

    /// The same with a prepared command.
    pub(crate) fn start_command(mut command: Command, folder: &Path, more: &[&str]) -> Self {
        command.args(settings()).args(more).current_dir(folder);
        Self::spawn(command, folder)
    }

    /// Starts a command that becomes a server, and waits until it listens.
    pub(crate) fn spawn(mut command: Command, folder: &Path) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut seen = Vec::new();
        let listening = loop {
            let Some(Ok(line)) = lines.next() else { panic!("the server did not start: {seen:?}") };
            let Ok(line) = serde_json::from_str::<Value>(&line) else {
                seen.push(Value::from(line));
                continue;
            };
            seen.push(line.clone());
            if line["message"] == "listening" {
                break line;
            }
        };
        let port = |name: &str| {
            let addresses = listening[name].as_str().unwrap_or_default();
            addresses.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default()
        };
        let (port, admin) = (port("listen"), port("admin"));
        let log = Arc::new(Mutex::new(seen));
        let shared = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let line = serde_json::from_str(&line).unwrap_or(Value::String(line));
                shared.lock().expect("no panic before").push(line);
            }
        });
        Self { child, port, admin, folder: folder.to_owned(), log }
    }

    /// The lines of the log so far.
    pub(crate) fn log(&self) -> Vec<Value> {
        self.log.lock().expect("no panic before").clone()
    }

    /// Waits for a line of the log.
    pub(crate) fn wait_for_line(&self, is_it: impl Fn(&Value) -> bool) -> Value {
        eventually(|| self.log().into_iter().find(&is_it))
    }

    /// The secret key of the first instance, as its operator gets it.
    pub(crate) fn secret_key(&self) -> String {
        let shown = succeed(&["instances", "show", "production", "--json"], &self.folder);
        let shown: Value = serde_json::from_str(&shown).expect("JSON");
        shown["secret_key"].as_str().expect("a secret key").to_owned()
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: &str) {
        let sent =
            Command::new("kill").args([signal, &self.process().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Asks it to stop, and waits for the end.
    pub(crate) fn stop(self) -> i32 {
        self.signal("-TERM");
        self.wait()
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> i32 {
        self.child.wait().expect("the server ends").code().unwrap_or(-1)
    }

    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    /// Readiness, as a load balancer sees it.
    pub(crate) fn readiness(&self) -> (u16, Value) {
        let reply = ask(self.admin, "GET", "/readyz", &[], "");
        (reply.status, reply.json())
    }

    /// A number that operators see; 0 if it was never counted.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let text = ask(self.admin, "GET", "/metrics", &[], "").body;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        line.unwrap_or_default()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn parse(text: &str) -> Option<Self> {
        let status = text.split(' ').nth(1)?.parse().ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        Some(Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() })
    }
}

/// One request on a connection of its own.
pub(crate) fn ask(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    try_ask(port, method, path, headers, body).expect("an answer")
}

/// One request; nothing if no whole answer comes.
pub(crate) fn try_ask(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Reply> {
    let mut stream = connect(port)?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        let _ = write!(request, "host: {HOST}\r\n");
    }
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    let _ = write!(request, "content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).ok()?;
    let mut bytes = Vec::new();
    // A connection that is cut may have brought a whole answer before.
    drop(stream.read_to_end(&mut bytes));
    Reply::parse(&String::from_utf8_lossy(&bytes))
}

pub(crate) fn connect(port: u16) -> Option<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    Some(stream)
}

/// One request to the Backend API.
pub(crate) fn backend(port: u16, key: &str, method: &str, path: &str, body: &str) -> Option<Reply> {
    let bearer = format!("Bearer {key}");
    try_ask(port, method, path, &[("authorization", &bearer), ("content-type", "application/json")], body)
}

/// Makes a user; the id if it was answered so.
pub(crate) fn make_user(port: u16, key: &str, email: &str) -> Result<String, Option<Reply>> {
    let body = format!("{{\"email_address\":[\"{email}\"],\"skip_password_requirement\":true}}");
    match backend(port, key, "POST", "/v1/users", &body) {
        Some(reply) if reply.status == 200 => Ok(reply.json()["id"].as_str().expect("an id").to_owned()),
        other => Err(other),
    }
}

/// Waits until there is something.
pub(crate) fn eventually<T>(look: impl Fn() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it did not come to be in time");
}

/// The time, for telling how long something took.
#[expect(clippy::disallowed_methods, reason = "what is measured here is another process")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
