//! Recorded changes: every change writes its event in the same transaction (decision 4).

use frontdesk_types::{EventId, Timestamp};

frontdesk_types::open_enum! {
    /// What happened, by its published name (wire protocol §10.3).
    pub enum EventType {
        /// A user was made.
        UserCreated = "user.created",
        /// A user changed.
        UserUpdated = "user.updated",
        /// A user was deleted.
        UserDeleted = "user.deleted",
        /// A session began.
        SessionCreated = "session.created",
        /// A session was ended by its user.
        SessionEnded = "session.ended",
        /// A session was taken off its client.
        SessionRemoved = "session.removed",
        /// A session was revoked.
        SessionRevoked = "session.revoked",
        /// A mail was written.
        EmailCreated = "email.created",
    }
}

/// One recorded change. The payload is the resource as the Backend API shows it, rendered when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// What happened.
    pub kind: EventType,
    /// The id of what it happened to.
    pub subject: String,
    /// The `data` of the webhook, as JSON bytes.
    pub payload: Vec<u8>,
    /// When it happened.
    pub created_at: Timestamp,
}
