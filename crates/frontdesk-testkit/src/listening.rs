//! A server on a port.

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A port that is bound but not served yet.
#[derive(Debug)]
pub(crate) struct Bound {
    listener: TcpListener,
    pub(crate) url: String,
}

impl Bound {
    /// A free port of this machine alone.
    pub(crate) async fn anywhere() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the socket has an address");
        Self { listener, url: format!("http://{address}") }
    }

    pub(crate) fn serve(self, router: Router) -> Listening {
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = axum::serve(self.listener, router).with_graceful_shutdown(async move {
            // Ready when the other end is dropped.
            drop(stopped.await);
        });
        tokio::spawn(serving.into_future());
        Listening { _stop: stop }
    }
}

/// Answers until it is dropped: then no connection is taken any more, and idle ones are closed.
#[derive(Debug)]
pub(crate) struct Listening {
    _stop: oneshot::Sender<()>,
}
