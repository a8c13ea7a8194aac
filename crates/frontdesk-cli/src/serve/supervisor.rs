//! Signals from whoever started the process, and a word to systemd.

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

/// What the process is told from outside.
pub(super) struct Signals {
    /// SIGTERM or SIGINT: the first asks for a drain. The second ends the process at once.
    pub(super) stop: Stop,
    /// SIGHUP: files should be read again.
    pub(super) hang_up: mpsc::Receiver<()>,
}

/// Whether the process was asked to stop.
#[derive(Clone)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Ready once it was.
    pub(super) async fn requested(mut self) {
        drop(self.0.wait_for(|is_asked| *is_asked).await);
    }
}

/// Begins to listen for signals.
pub(super) fn listen() -> Result<Signals> {
    let receive = |kind| signal(kind).context("signals cannot be received");
    let mut terminate = receive(SignalKind::terminate())?;
    let mut interrupt = receive(SignalKind::interrupt())?;
    let mut hang_ups = receive(SignalKind::hangup())?;
    let (ask, stop) = watch::channel(false);
    tokio::spawn(async move {
        for is_second in [false, true] {
            let code = tokio::select! {
                _ = terminate.recv() => 143,
                _ = interrupt.recv() => 130,
            };
            if is_second {
                tracing::warn!("asked to stop twice: stopping at once");
                std::process::exit(code);
            }
            ask.send_replace(true);
        }
    });
    let (tell, hang_up) = mpsc::channel(1);
    tokio::spawn(async move {
        while hang_ups.recv().await.is_some() {
            // One that still waits stands for this one, too.
            let _ = tell.try_send(());
        }
    });
    Ok(Signals { stop: Stop(stop), hang_up })
}

/// Tells systemd how the service stands (`Type=notify`), where it wants to know.
pub(super) fn tell(state: &str) {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let told = std::os::unix::net::UnixDatagram::unbound()
        .and_then(|socket| socket.send_to(state.as_bytes(), std::path::PathBuf::from(path)));
    if let Err(error) = told {
        tracing::warn!(%error, "systemd cannot be told");
    }
}
