//! The driver: HTTP/1.1 on connections that are kept, one request at a time on each, on one thread.
//!
//! It knows just enough of HTTP for the servers it meets (a status line, `content-length`), so that it never is what
//! is waited for; the report says how much of its core it used.

use std::cell::Cell;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::try_join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::process::{self, Process};

/// One body of this many is looked at.
const SAMPLE: u64 = 128;

/// What is asked, over and over.
pub(crate) struct Load<'a> {
    /// Whom.
    pub(crate) address: SocketAddr,
    /// How many connections at once.
    pub(crate) connections: usize,
    /// For how long.
    pub(crate) time: Duration,
    /// How the client waits for answers.
    pub(crate) waiting: Waiting,
    /// The status of every answer.
    pub(crate) status: u16,
    /// Writes the request of this number.
    pub(crate) request: &'a dyn Fn(u64, &mut Vec<u8>),
    /// Looks at the body that answered the request of this number.
    pub(crate) check: &'a dyn Fn(u64, &[u8]) -> Result<()>,
}

/// One request that is asked at a steady pace beside a load.
pub(crate) struct Probe<'a> {
    /// The request; its answer must have the status 200.
    pub(crate) request: &'a [u8],
    /// How long from one to the next.
    pub(crate) every: Duration,
}

/// How a client waits while no answer is there.
///
/// A client that sleeps must be woken for the next answer, and on a virtual machine it is the server's core that pays
/// for it, with an interrupt to the other core: more than ten microseconds. A server whose clients are other machines
/// does not. Where answers come fast the client hardly ever sleeps, and there is no difference.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// In the kernel.
    Asleep,
    /// By looking again and again.
    Awake,
}

/// What was done in what time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// Answers.
    pub(crate) count: u64,
    /// Time by the clock.
    pub(crate) elapsed: Duration,
    /// Processor time of whoever answered.
    pub(crate) processor: Duration,
    /// Processor time of whoever asked.
    pub(crate) client: Duration,
}

impl Rate {
    /// Answers per second.
    pub(crate) fn per_second(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    /// Answers per second of processor time: what a busy machine changes little.
    pub(crate) fn per_processor_second(&self) -> f64 {
        self.count as f64 / self.processor.as_secs_f64()
    }

    /// The share of its core that the server had.
    pub(crate) fn server_share(&self) -> f64 {
        self.processor.as_secs_f64() / self.elapsed.as_secs_f64()
    }

    /// The share of its core that the client needed.
    pub(crate) fn client_share(&self) -> f64 {
        self.client.as_secs_f64() / self.elapsed.as_secs_f64()
    }
}

impl Load<'_> {
    /// Puts a server under this load, and measures what it answers. Requests are numbered from `first`.
    pub(crate) fn run(&self, server: &Process, first: u64) -> Result<Rate> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.measure(server, first))
    }

    async fn measure(&self, server: &Process, first: u64) -> Result<Rate> {
        let mut connections = Vec::new();
        for _ in 0..self.connections {
            connections.push(Connection::open(self.address).await?);
        }
        let next = Cell::new(first);
        let (had, client_had) = (server.processor_time()?, process::own_processor_time()?);
        let begun = Instant::now();
        let outcomes = connections.iter_mut().map(|connection| self.ask(connection, begun, &next));
        let (counts, ()) = tokio::try_join!(try_join_all(outcomes), self.stay_awake(begun))?;
        Ok(Rate {
            count: counts.iter().sum(),
            elapsed: begun.elapsed(),
            processor: server.processor_time()?.saturating_sub(had),
            client: process::own_processor_time()?.saturating_sub(client_had),
        })
    }

    /// Puts a server under this load, and beside it asks the probe; gives how long each of its answers took.
    pub(crate) fn run_beside(
        &self,
        server: &Process,
        first: u64,
        probe: &Probe<'_>,
    ) -> Result<(Rate, Vec<Duration>)> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async { tokio::try_join!(self.measure(server, first), self.probe(probe)) })
    }

    async fn probe(&self, probe: &Probe<'_>) -> Result<Vec<Duration>> {
        let mut connection = Connection::open(self.address).await?;
        connection.request.extend_from_slice(probe.request);
        let (begun, mut times) = (Instant::now(), Vec::new());
        let mut pace = tokio::time::interval(probe.every);
        while begun.elapsed() < self.time {
            pace.tick().await;
            let asked = Instant::now();
            let status = connection.round_trip().await?;
            ensure!(status == 200, "the probe was answered with {status}");
            times.push(asked.elapsed());
        }
        Ok(times)
    }

    /// Keeps this thread from sleeping, if that is wanted: the runtime looks for answers whenever a task yields.
    async fn stay_awake(&self, begun: Instant) -> Result<()> {
        while self.waiting == Waiting::Awake && begun.elapsed() < self.time {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Asks until the time is over; gives how often that was answered.
    async fn ask(&self, connection: &mut Connection, begun: Instant, next: &Cell<u64>) -> Result<u64> {
        let mut count = 0;
        while begun.elapsed() < self.time {
            let number = next.replace(next.get() + 1);
            connection.request.clear();
            (self.request)(number, &mut connection.request);
            let status = connection.round_trip().await?;
            if status != self.status {
                bail!("status {status}: {}", String::from_utf8_lossy(connection.body()));
            }
            if number.is_multiple_of(SAMPLE) {
                (self.check)(number, connection.body()).context("a wrong body")?;
            }
            count += 1;
        }
        Ok(count)
    }
}

/// Sends one request and gives status and body. For what happens once.
pub(crate) fn once(address: SocketAddr, request: &[u8]) -> Result<(u16, Vec<u8>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = Connection::open(address).await?;
        connection.request.extend_from_slice(request);
        let status = connection.round_trip().await?;
        Ok((status, connection.body().to_owned()))
    })
}

struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
    head: usize,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request: Vec::new(), answer: Vec::with_capacity(64 * 1024), head: 0 })
    }

    /// Sends the request and reads the whole answer; gives its status.
    async fn round_trip(&mut self) -> Result<u16> {
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.answer).await?;
            ensure!(read > 0, "the server closed the connection");
            if let Some(head) = find(&self.answer, b"\r\n\r\n") {
                self.head = head + 4;
                break;
            }
        }
        let head = std::str::from_utf8(&self.answer[..self.head])?;
        let status = head.get(9..12).context("no status")?.parse()?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
        });
        let end = self.head + length.context("an answer without content-length")??;
        while self.answer.len() < end {
            ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the server closed the connection");
        }
        ensure!(self.answer.len() == end, "more than one answer to one request");
        Ok(status)
    }

    fn body(&self) -> &[u8] {
        &self.answer[self.head..]
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
