//! Clients: one browser (or device) in one instance, with the sessions it holds (decision 12).

use frontdesk_types::{ClientId, SessionId, SignInId, SignUpId, Span, Timestamp};

/// One browser in one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// SHA-256 of the rotating token in its cookie; empty for a client that only the Backend API made and no browser holds.
    pub token_hash: Vec<u8>,
    /// SHA-256 of the token before the last rotation.
    pub previous_token_hash: Vec<u8>,
    /// When the token was last rotated; the previous one still reads for a short while.
    pub rotated_at: Timestamp,
    /// The sign-in under way.
    pub sign_in_id: Option<SignInId>,
    /// The sign-up under way.
    pub sign_up_id: Option<SignUpId>,
    /// The session that was used last.
    pub last_active_session_id: Option<SessionId>,
    /// The strategy of the last successful sign-in.
    pub last_authentication_strategy: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When authentication on it last changed. Nothing else moves it: it becomes `__client_uat` (decision 14).
    pub updated_at: Timestamp,
    /// Counts the changes; guards against lost updates.
    pub version: i64,
}

impl Client {
    /// A client that holds nothing yet.
    pub fn new(id: ClientId, token_hash: Vec<u8>, now: Timestamp) -> Self {
        Self {
            id,
            token_hash,
            previous_token_hash: Vec::new(),
            rotated_at: now,
            sign_in_id: None,
            sign_up_id: None,
            last_active_session_id: None,
            last_authentication_strategy: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// Gives the client a new token; the old one still reads for the rotation grace (decision 13).
    pub fn rotate(&mut self, token_hash: Vec<u8>, now: Timestamp) {
        self.previous_token_hash = std::mem::replace(&mut self.token_hash, token_hash);
        self.rotated_at = now;
    }

    /// What the holder of a token with this hash may do. The caller compares in constant time; see
    /// [`TokenMatch`].
    pub fn admits(&self, matched: TokenMatch, grace: Span, now: Timestamp) -> Admission {
        match matched {
            TokenMatch::Current => Admission::Full,
            TokenMatch::Previous if now.since(self.rotated_at) <= grace => Admission::ReadOnly,
            TokenMatch::Previous | TokenMatch::None => Admission::Refused,
        }
    }
}

/// Which of a client's tokens was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenMatch {
    /// The current one.
    Current,
    /// The one before the last rotation.
    Previous,
    /// Neither.
    None,
}

/// What the holder of a client token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Everything.
    Full,
    /// Read: a request that was in flight while the token rotated.
    ReadOnly,
    /// Nothing.
    Refused,
}

/// A development browser: what names a client where cookies cannot travel (wire protocol §4.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevBrowser {
    /// SHA-256 of its token.
    pub token_hash: Vec<u8>,
    /// The client it stands for, once there is one.
    pub client_id: Option<ClientId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a handshake left behind for the application's server to fetch (wire protocol §4.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandshakePayload {
    /// SHA-256 of the nonce.
    pub nonce_hash: Vec<u8>,
    /// The `Set-Cookie` directives, encrypted under the master key.
    pub sealed: Vec<u8>,
    /// Until when it can be fetched.
    pub expires_at: Timestamp,
    /// When it was first fetched; a second read is tolerated for a moment.
    pub fetched_at: Option<Timestamp>,
}
