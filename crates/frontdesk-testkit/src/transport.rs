//! The way from the SDK to the server of the same process.

use std::sync::Arc;

use frontdesk::client::{BoxFuture, Request, Response, Transport, TransportError};

use crate::server::Shared;

/// Carries requests to the server, and keeps it and its folder alive: an application that outlives the test's handle
/// still finds them.
#[derive(Debug)]
pub(crate) struct ToServer(pub(crate) Arc<Shared>);

impl Transport for ToServer {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.0.in_process.send(request)
    }
}
