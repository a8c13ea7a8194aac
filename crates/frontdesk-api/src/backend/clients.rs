//! Clients, as the backend sees them: so far what a handshake set aside for one.

use serde::{Deserialize, Serialize};

use crate::operations;

operations! { Backend;
    /// The cookies that a handshake set aside under a nonce (wire protocol §4.6). SDKs ask for it; the published
    /// description leaves it out.
    GetHandshakePayload = GET "/v1/clients/handshake_payload" { ; query: HandshakeQuery } -> HandshakePayload;
}

/// Which handshake.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HandshakeQuery {
    /// What the browser brought back in `__clerk_handshake_nonce`. Wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

/// What a handshake set aside. It holds session tokens, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandshakePayload {
    /// Values of `Set-Cookie`, in order.
    pub directives: Vec<String>,
}

impl std::fmt::Debug for HandshakePayload {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("HandshakePayload(…)")
    }
}
