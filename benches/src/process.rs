//! Processes on the servers' core, and what the kernel says about them.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// How long a process may take to begin or to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process that ends with its owner.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts a program on the servers' core. What it prints is dropped.
    pub(crate) fn start<A: AsRef<OsStr>>(
        program: &Path,
        arguments: &[A],
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let child = pinned(program, arguments, environment).stdout(Stdio::null()).spawn();
        Ok(Self { child: child.context("the process does not start (is taskset installed?)")? })
    }

    /// Starts this very program in another role, with its standard output to read from.
    pub(crate) fn start_role<A: AsRef<OsStr>>(arguments: &[A]) -> Result<(Self, BufReader<ChildStdout>)> {
        let program = std::env::current_exe()?;
        let spawned = pinned(&program, arguments, &[]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.context("the peer does not start (is taskset installed?)")?;
        let output = child.stdout.take().context("the peer has an output")?;
        Ok((Self { child }, BufReader::new(output)))
    }

    /// Where the process reads from.
    pub(crate) fn input(&mut self) -> Result<&mut std::process::ChildStdin> {
        self.child.stdin.as_mut().context("the process has no input")
    }

    /// Waits until it is time, as long as the process lives and patience lasts.
    pub(crate) fn wait_until<T>(&mut self, mut ready: impl FnMut() -> Option<T>) -> Result<T> {
        let begun = Instant::now();
        loop {
            if let Some(outcome) = ready() {
                return Ok(outcome);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended: {status}");
            }
            ensure!(begun.elapsed() < PATIENCE, "the server does not answer");
            std::thread::sleep(Duration::from_micros(100));
        }
    }

    /// Asks the process to end, and waits for that.
    pub(crate) fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status()?;
        ensure!(asked.success(), "the process cannot be told to end");
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "the server did not end well: {status}");
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        bail!("the server does not end")
    }

    /// The processor time that all its threads have had.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        processor_time(&self.child.id().to_string())
    }

    /// What it occupies of the memory.
    pub(crate) fn memory(&self) -> Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kilobytes = |name: &str| -> Result<f64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let number = line.and_then(|line| line.split_whitespace().next()).context("no such line")?;
            Ok(number.parse::<f64>()?)
        };
        let megabytes = |name| kilobytes(name).map(|it| it * 1024.0 / 1e6);
        Ok(Memory { resident: megabytes("VmRSS")?, own: megabytes("RssAnon")? })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails if it has ended, which is as well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Resident memory in MB (10⁶ bytes).
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    /// `VmRSS`: everything, the pages of the program's file included, which other processes can share.
    pub(crate) resident: f64,
    /// `RssAnon`: the process's own.
    pub(crate) own: f64,
}

/// The processor time that this process has had.
pub(crate) fn own_processor_time() -> Result<Duration> {
    processor_time("self")
}

fn processor_time(process: &str) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread may have ended since the folder was read.
        if let Ok(text) = std::fs::read_to_string(thread?.path().join("schedstat")) {
            let first = text.split_whitespace().next().context("an empty schedstat")?;
            nanoseconds += first.parse::<u64>()?;
        }
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// A line that a peer has printed.
pub(crate) fn line(output: &mut BufReader<ChildStdout>) -> Result<String> {
    let mut line = String::new();
    output.read_line(&mut line)?;
    ensure!(line.ends_with('\n'), "the peer ended");
    Ok(line.trim_end().to_owned())
}

fn pinned<A: AsRef<OsStr>>(program: &Path, arguments: &[A], environment: &[(&str, &str)]) -> Command {
    let core = std::env::var("FRONTDESK_BENCH_SERVER_CORE").unwrap_or_else(|_| "0".to_owned());
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &core]).arg(program).args(arguments).envs(environment.iter().copied());
    command
}
