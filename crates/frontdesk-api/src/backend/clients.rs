//! Clients, as the backend sees them: so far what a handshake set aside for one.

use serde::{Deserialize, Serialize};

use crate::operations;
use crate::request::request;

operations! { Backend;
    /// The cookies that a handshake set aside under a nonce (wire protocol §4.6). SDKs ask for it; the published
    /// description leaves it out.
    GetHandshakePayload = GET "/v1/clients/handshake_payload" { ; query: HandshakeQuery } -> HandshakePayload;
}

request! {
    /// Which handshake.
    pub struct HandshakeQuery {
        /// What the browser brought back in `__clerk_handshake_nonce`. Wanted.
        pub nonce: Option<String>,
    }
}

/// What a handshake set aside. It holds session tokens, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct HandshakePayload {
    /// Values of `Set-Cookie`, in order.
    pub directives: Vec<String>,
}

impl std::fmt::Debug for HandshakePayload {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("HandshakePayload(…)")
    }
}
