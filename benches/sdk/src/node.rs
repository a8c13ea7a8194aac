//! The peer on Node: the official SDK, in a process of its own that is told what to do and says how long it took.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::measure::Subject;
use crate::world::World;

/// A running peer.
pub(crate) struct Peer(RefCell<Running>);

struct Running {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts it. Without its packages (`npm ci` in `benches/sdk/node`) there is none.
    pub(crate) fn start(world: &World, people: &[String]) -> Result<Option<Self>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
        if !folder.join("node_modules").is_dir() {
            eprintln!("without @clerk/backend: run npm ci in {}", folder.display());
            return Ok(None);
        }
        let mut process = Command::new("node")
            .arg("peer.mjs")
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("NODE_ENV", "production")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("node")?;
        let input = process.stdin.take().context("its input")?;
        let output = BufReader::new(process.stdout.take().context("its output")?);
        let mut running = Running { process, input, output };
        let set_up = json!({
            "publishableKey": world.publishable_key.as_str(),
            "jwtKey": world.key.public_pem(),
            "cookieSuffix": world.publishable_key.cookie_suffix(),
            "clientUat": world.client_uat,
            "tokens": people,
        });
        let ready = running.say(&set_up.to_string())?;
        ensure!(ready == "ready", "the peer says {ready}");
        Ok(Some(Self(RefCell::new(running))))
    }

    pub(crate) fn subject<'p>(&'p self, what: &'p str, name: &str) -> Subject<'p> {
        // Its compiler needs some rounds.
        Subject::new(name, 3000, move |count, notes| {
            let median = self.0.borrow_mut().say(&format!("{what} {count}"))?;
            notes.note(median.parse().with_context(|| format!("the peer says {median}"))?);
            Ok(())
        })
    }
}

impl Running {
    fn say(&mut self, line: &str) -> Result<String> {
        writeln!(self.input, "{line}")?;
        self.input.flush()?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        Ok(answer.trim().to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
