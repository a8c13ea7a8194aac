//! Serving HTTP on sockets: accept, limits, time-outs, TLS, and a drain at the end.

mod patient;
mod refused;
pub(crate) mod tls;

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use frontdesk_server::{Peer, Router};
use http::Request;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use metrics::{counter, gauge};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use self::patient::Patient;
use self::refused::Refusals;

/// The largest head of a request, in bytes. Cookies of several applications on one domain make heads long.
const HEAD_LIMIT: usize = 64 * 1024;
/// The most lines in the head of a request.
const MOST_HEADERS: usize = 128;

/// How long a client may take to agree on TLS.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How much is served at once, and how long anybody is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at once.
    pub(crate) max_connections: usize,
    /// Requests at once on one HTTP/2 connection.
    pub(crate) max_streams: usize,
    /// How long a client may take to send the head of a request, and how long it may wait before the next one.
    pub(crate) header_timeout: Duration,
    /// How long a connection may be silent.
    pub(crate) idle_timeout: Duration,
    /// How long requests in flight may take once the server was asked to stop.
    pub(crate) drain_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            max_streams: 128,
            header_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_mins(1),
            drain_timeout: Duration::from_secs(10),
        }
    }
}

/// Sockets that are bound but not served yet.
#[derive(Debug)]
pub(crate) struct Sockets {
    listeners: Vec<TcpListener>,
    /// The port that the first of them took.
    pub(crate) port: u16,
}

/// Binds the address; port 0 takes a free one.
pub(crate) async fn bind(host: IpAddr, port: u16) -> Result<Sockets> {
    let mut sockets = bind_all(&[SocketAddr::new(host, port)]).await.map_err(|error| {
        let is_in_use = error
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::AddrInUse);
        if is_in_use { anyhow!("port {port} is in use: choose another with --port") } else { error }
    })?;
    // `localhost` means `127.0.0.1` to some programs and `::1` to others; a server for this machine answers on both.
    if host == IpAddr::V4(Ipv4Addr::LOCALHOST)
        && let Ok(twin) = TcpListener::bind((Ipv6Addr::LOCALHOST, sockets.port)).await
    {
        sockets.listeners.push(twin);
    }
    Ok(sockets)
}

/// Binds these addresses, one at least.
pub(crate) async fn bind_all(addresses: &[SocketAddr]) -> Result<Sockets> {
    let mut listeners = Vec::new();
    for address in addresses {
        let listener = TcpListener::bind(address).await;
        listeners.push(listener.with_context(|| format!("{address} cannot be listened on"))?);
    }
    let first = listeners.first().context("no address to listen on")?;
    let port = first.local_addr().context("the socket has no address")?.port();
    Ok(Sockets { listeners, port })
}

impl Sockets {
    /// The addresses that were bound.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let addresses = self.listeners.iter().filter_map(|listener| listener.local_addr().ok());
        addresses.map(|address| address.to_string()).collect()
    }
}

/// What answers on sockets, and within which limits.
#[derive(Clone)]
pub(crate) struct Served {
    /// What answers.
    pub(crate) router: Router,
    /// How much, and for how long.
    pub(crate) limits: Limits,
    /// Certificates, where the connections are encrypted.
    pub(crate) tls: Option<TlsAcceptor>,
}

/// Serves until `stop` is ready, then finishes the requests in flight. `true` if all of them ended in time.
pub(crate) async fn serve(sockets: Sockets, served: Served, stop: impl Future<Output = ()>) -> bool {
    let limits = served.limits;
    let graceful = Arc::new(GracefulShutdown::new());
    let door = Arc::new(Door::new(served));
    let (ask_to_stop, stopped) = watch::channel(false);
    let mut accepting = JoinSet::new();
    for listener in sockets.listeners {
        accepting.spawn(accept(listener, Arc::clone(&door), Arc::clone(&graceful), stopped.clone()));
    }
    stop.await;
    ask_to_stop.send_replace(true);
    while accepting.join_next().await.is_some() {}
    let Some(graceful) = Arc::into_inner(graceful) else { return false };
    tokio::time::timeout(limits.drain_timeout, graceful.shutdown()).await.is_ok()
}

/// What all connections share.
struct Door {
    served: Served,
    http: Builder<TokioExecutor>,
    places: Arc<Semaphore>,
    refusals: Refusals,
}

impl Door {
    fn new(served: Served) -> Self {
        let limits = served.limits;
        let mut http = Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .max_headers(MOST_HEADERS)
            .max_buf_size(HEAD_LIMIT);
        http.http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(u32::try_from(limits.max_streams).unwrap_or(u32::MAX))
            .max_header_list_size(u32::try_from(HEAD_LIMIT).unwrap_or(u32::MAX))
            // Whoever opens streams only to cancel them is sent away.
            .max_pending_accept_reset_streams(20)
            // Who does not answer is gone, whatever the socket says.
            .keep_alive_interval(limits.idle_timeout)
            .keep_alive_timeout(limits.header_timeout);
        let places = Arc::new(Semaphore::new(limits.max_connections));
        Self { served, http, places, refusals: Refusals::default() }
    }

    /// One connection from its first byte to its last.
    async fn welcome(&self, stream: TcpStream, address: SocketAddr, watcher: Watcher) {
        // Answers are small; waiting to fill a packet only makes them late.
        drop(stream.set_nodelay(true));
        let stream = Patient::new(stream, self.served.limits.idle_timeout);
        let Some(tls) = &self.served.tls else {
            return self.converse(stream, Peer { address, is_tls: false }, watcher).await;
        };
        let patience = self.served.limits.header_timeout.min(HANDSHAKE_TIMEOUT);
        match tokio::time::timeout(patience, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.converse(stream, Peer { address, is_tls: true }, watcher).await,
            Ok(Err(error)) => tracing::debug!(%error, "a client did not agree on TLS"),
            Err(_) => tracing::debug!("a client took too long to agree on TLS"),
        }
    }

    async fn converse<S>(&self, stream: S, peer: Peer, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let router = TowerToHyperService::new(self.served.router.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router.call(request)
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// Takes connections until it is told to stop.
async fn accept(
    listener: TcpListener,
    door: Arc<Door>,
    graceful: Arc<GracefulShutdown>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let (stream, address) = tokio::select! {
            accepted = next(&listener) => accepted,
            _ = stopped.wait_for(|is_over| *is_over) => break,
        };
        let Ok(place) = Arc::clone(&door.places).try_acquire_owned() else {
            counter!("frontdesk_connections_refused_total").increment(1);
            door.refusals.refuse(stream, door.served.tls.is_some());
            continue;
        };
        let (door, watcher, place) = (Arc::clone(&door), graceful.watcher(), Place::take(place));
        tokio::spawn(async move {
            door.welcome(stream, address, watcher).await;
            drop(place);
        });
    }
}

/// The next connection. A failed accept (too many open files, a client that left) is waited out.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// A connection's place among those that are served at once.
struct Place(#[expect(dead_code, reason = "held until the connection ends")] OwnedSemaphorePermit);

impl Place {
    fn take(permit: OwnedSemaphorePermit) -> Self {
        gauge!("frontdesk_connections").increment(1.0);
        Self(permit)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        gauge!("frontdesk_connections").decrement(1.0);
    }
}
