//! Running other programs: named before they start, judged by their exit code.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::tally::Tally;

/// A command with its arguments, reading nothing from the terminal.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs to the end with this program's own output; an exit code other than zero is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().with_context(|| format!("starting {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// A command that runs while something else does. What it prints waits in a file, so that nothing stands still for it
/// and nobody's lines run into another's.
#[derive(Debug)]
pub(crate) struct Unattended {
    shown: String,
    child: Child,
    output: File,
}

/// Starts a command that nobody looks at until [`Unattended::finish`].
pub(crate) fn begin(command: &mut Command) -> Result<Unattended> {
    announce(command);
    let output = tempfile::tempfile().context("a file for the output")?;
    let child = command
        .stdout(output.try_clone().context("sharing the file")?)
        .stderr(output.try_clone().context("sharing the file")?)
        .spawn()
        .with_context(|| format!("starting {}", shown(command)))?;
    Ok(Unattended { shown: shown(command), child, output })
}

impl Unattended {
    /// Waits for the end and shows what was printed; an exit code other than zero is an error.
    pub(crate) fn finish(mut self) -> Result<()> {
        let status = self.child.wait().context("waiting for the command")?;
        self.output.rewind().context("reading the output")?;
        std::io::copy(&mut self.output, &mut std::io::stdout()).context("reading the output")?;
        if !status.success() {
            bail!("{} ended with {status}", self.shown);
        }
        Ok(())
    }
}

/// Like [`run`], and adds up the tests that the output tells of.
///
/// Output is passed on line by line as it comes. Both streams end up on standard output, in the order of arrival.
/// A non-zero exit code without a failed test counts as one failure, so that the sum never hides it.
pub(crate) fn run_counted(command: &mut Command, tally: &mut Tally) -> Result<()> {
    announce(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", shown(command)))?;
    let (sender, lines) = mpsc::channel();
    forward(child.stdout.take().context("no standard output")?, sender.clone());
    forward(child.stderr.take().context("no standard error")?, sender);

    let mut counted = Tally::default();
    for line in lines {
        counted += Tally::of_line(&line);
        println!("{line}");
    }
    let status = child.wait().context("waiting for the command")?;
    if !status.success() && counted.failed == 0 {
        counted.failed = 1;
    }
    *tally += counted;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Whether the program is in one of the folders of `PATH`.
pub(crate) fn exists(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// Sends each line of a stream; bytes that are not UTF-8 are replaced, for a log must not stop a run.
fn forward(stream: impl Read + Send + 'static, lines: mpsc::Sender<String>) {
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|length| length > 0) {
            let line = String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned();
            if lines.send(line).is_err() {
                return;
            }
            bytes.clear();
        }
    });
}

fn announce(command: &Command) {
    println!("$ {}", shown(command));
    // What the child prints must not overtake this line.
    drop(std::io::stdout().flush());
}

fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
