//! Where a request comes from.

use std::net::IpAddr;

use http::Extensions;

/// The network address of whoever sent a request: put into the request's extensions by the listener, which knows the
/// peer and which proxies to believe. A request without one comes from inside the process, and counts against no rate
/// limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The address that the listener gave.
    pub(crate) fn of(extensions: &Extensions) -> Option<IpAddr> {
        extensions.get::<Self>().map(|address| address.0)
    }
}
