//! Serving HTTP on sockets: accept, time-outs, and a drain at the end.

mod patient;

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use frontdesk_server::Server;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use self::patient::Patient;

/// How long a client may take to send the head of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a connection may be silent.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long requests in flight may take once the server was asked to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Sockets that are bound but not served yet.
#[derive(Debug)]
pub(crate) struct Sockets {
    main: TcpListener,
    /// `localhost` means `127.0.0.1` to some programs and `::1` to others; a server for this machine answers on both.
    twin: Option<TcpListener>,
    /// The port that was taken.
    pub(crate) port: u16,
}

/// Binds the address; port 0 takes a free one.
pub(crate) async fn bind(host: IpAddr, port: u16) -> Result<Sockets> {
    let address = SocketAddr::new(host, port);
    let main = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow!("port {port} is in use: choose another with --port"),
        _ => anyhow::Error::new(error).context(format!("{address} cannot be listened on")),
    })?;
    let port = main.local_addr().context("the socket has no address")?.port();
    let twin = match host {
        IpAddr::V4(Ipv4Addr::LOCALHOST) => TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok(),
        _ => None,
    };
    Ok(Sockets { main, twin, port })
}

/// Serves until `stop` is ready, then finishes the requests in flight.
pub(crate) async fn serve(sockets: Sockets, server: Server, stop: impl Future<Output = ()>) {
    let Sockets { main, twin, .. } = sockets;
    let router = server.router();
    let mut http = Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let stream = tokio::select! {
            stream = accept(&main) => stream,
            stream = accept_twin(twin.as_ref()) => stream,
            () = &mut stop => break,
        };
        let service = TowerToHyperService::new(router.clone());
        let connection =
            http.serve_connection(TokioIo::new(Patient::new(stream, PATIENCE)), service).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop((main, twin));
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

/// The next connection. A failed accept (too many open files, a client that left) is waited out.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are small; waiting to fill a packet only makes them late.
                drop(stream.set_nodelay(true));
                return stream;
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn accept_twin(listener: Option<&TcpListener>) -> TcpStream {
    match listener {
        Some(listener) => accept(listener).await,
        None => std::future::pending().await,
    }
}
