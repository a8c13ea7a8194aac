//! Refresh tokens: made by a handshake, and again by each refresh that answers with cookies.
//!
//! SDKs hand the cookies of a refresh on to the browser as they are, so a refresh can give the next token, and the one it
//! was asked with is over (RFC 9700 §4.14.2). A copy that was taken out of a browser is good until the browser refreshes;
//! when the older of the two comes back, both have nothing, and the browser, which alone holds the client, shakes hands
//! anew.

use frontdesk_core::refresh_token::RefreshToken;
use frontdesk_types::{Randomness, SessionId, Timestamp};

use crate::keys;

/// A refresh token, and what is kept of it.
pub(crate) fn mint(
    session_id: &SessionId,
    expires_at: Timestamp,
    now: Timestamp,
    rng: &mut dyn Randomness,
) -> (String, RefreshToken) {
    let token = format!("rt_{}", keys::alphanumeric::<40>(rng));
    let kept = RefreshToken {
        token_hash: keys::token_hash(&token),
        session_id: session_id.clone(),
        expires_at,
        created_at: now,
        replaced_at: None,
    };
    (token, kept)
}

/// The directive that sets its cookie, whose name has no spelling without a suffix. Scripts of the page have no business
/// with it.
pub(crate) fn cookie(token: &str, suffix: &str, seconds: i64, secure: &str) -> String {
    format!("__refresh_{suffix}={token}; Path=/; Max-Age={seconds}; SameSite=Lax{secure}; HttpOnly")
}
