//! The real binary, started and asked from outside.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The program under test.
pub(crate) fn frontdesk() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
    command
        .env_remove("FRONTDESK_DATABASE_URL")
        .env_remove("FRONTDESK_DATA_DIR")
        .env_remove("FRONTDESK_MASTER_KEY");
    command
}

/// Runs a command to its end.
pub(crate) fn run(arguments: &[&str], folder: &Path) -> Output {
    frontdesk().args(arguments).current_dir(folder).output().expect("the program runs")
}

/// What the command printed, as JSON.
pub(crate) fn json(arguments: &[&str], folder: &Path) -> Value {
    let output = run(arguments, folder);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON on standard output")
}

/// The one line that a failing command says, and its exit code.
pub(crate) fn failure(arguments: &[&str], folder: &Path) -> (i32, String) {
    let output = run(arguments, folder);
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(text.lines().count(), 1, "more than one line: {text}");
    assert!(output.stdout.is_empty(), "a failing command printed a result");
    (output.status.code().expect("an exit code"), text.trim_end().to_owned())
}

/// A server that listens. Killed when dropped.
pub(crate) struct Running {
    child: Child,
    /// The process id of the server, which is not the child where a tracer stands in front.
    server: u32,
    /// The port it took.
    pub(crate) port: u16,
    /// Its folder; the data lies in `.frontdesk` below it.
    pub(crate) folder: PathBuf,
}

impl Running {
    /// Starts `frontdesk dev` on a free port, in this folder.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_command(frontdesk(), folder, arguments)
    }

    /// The same with a prepared command (a tracer in front, say).
    pub(crate) fn start_command(mut command: Command, folder: &Path, arguments: &[&str]) -> Self {
        command.args(["dev", "--port", "0", "--env-file", "env"]).args(arguments).current_dir(folder);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let line = lines
            .find_map(|line| line.ok().filter(|line| line.contains("is listening on")))
            .expect("the server says where it listens");
        let port = line.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        // The rest of the output must go somewhere, or the server blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let server = traced_by(child.id()).unwrap_or(child.id());
        Self { child, server, port, folder: folder.to_owned() }
    }

    /// One setting of the env file.
    pub(crate) fn setting(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.folder.join("env")).expect("the env file is written");
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.expect("the setting is in the env file").to_owned()
    }

    /// One request to the Backend API on a connection of its own.
    pub(crate) fn backend(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        backend(self.port, &self.setting("FRONTDESK_SECRET_KEY"), method, path, body)
    }

    /// Sends a signal and waits for the end.
    pub(crate) fn stop(self, signal: &str) -> i32 {
        let sent = Command::new("kill").args([signal, &self.server.to_string()]).status().expect("kill runs");
        assert!(sent.success());
        self.wait()
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> i32 {
        self.child.wait().expect("the server ends").code().unwrap_or(-1)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            drop(Command::new("kill").args(["-KILL", &self.server.to_string()]).status());
        }
        drop(self.child.wait());
    }
}

/// The process that this one started, if it did.
fn traced_by(tracer: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{tracer}/task/{tracer}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}

/// One request to the Backend API at this port.
pub(crate) fn backend(port: u16, secret_key: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server answers");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {secret_key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("the request is sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("a whole answer");
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, serde_json::from_str(body).expect("a body of JSON"))
}
