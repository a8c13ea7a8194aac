//! Recorded changes (decision 4): written with the change itself, delivered later.

use frontdesk_core::event::{Event, EventType};
use frontdesk_types::InstanceId;

use crate::row::{FromRow, Row};
use crate::statement::statements;
use crate::value::params;
use crate::work::Work;
use crate::{Result, Store};

statements! {
    EVENTS_AFTER = "SELECT sequence, id, kind, subject, payload, created_at FROM events
                     WHERE instance_id = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3";
    INSERT_EVENT = "INSERT INTO events (instance_id, id, kind, subject, payload, created_at)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
}

/// An event with its place in the order of writing.
///
/// On SQLite the order is that of the commits. On PostgreSQL a number is given when the event is written, and two
/// transactions may commit in the other order: who delivers events must remember which ones, not how far it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Its place; grows, with gaps.
    pub sequence: i64,
    /// The event.
    pub event: Event,
}

impl FromRow for RecordedEvent {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            sequence: row.get("sequence")?,
            event: Event {
                id: row.get("id")?,
                kind: EventType::from(row.text("kind")?),
                subject: row.get("subject")?,
                payload: row.get("payload")?,
                created_at: row.get("created_at")?,
            },
        })
    }
}

impl Store {
    /// The events of an instance after this place (0 for all), at most `limit`, in order.
    pub async fn events(&self, instance: &InstanceId, after: i64, limit: u32) -> Result<Vec<RecordedEvent>> {
        self.fetch_all(&EVENTS_AFTER, params![instance, after, limit]).await
    }
}

impl Work {
    /// Records a change.
    pub fn emit(&mut self, event: &Event) {
        self.one_here(
            &INSERT_EVENT,
            params![&event.id, event.kind.as_str(), &event.subject, &event.payload, event.created_at,],
        );
    }
}
