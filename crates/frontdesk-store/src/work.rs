//! The unit of work: the writes that a handler has decided on, sent to the database as one job (decision 1).
//!
//! ```ignore
//! let mut work = Work::new(&instance.id);
//! work.insert_user(&user);
//! work.insert_identification(&email);
//! work.emit(&event);
//! store.commit(work).await?; // all of it is on disk, or nothing of it happened
//! ```
//!
//! Nothing is written before `commit`. A write returns no rows; it states how many rows it must touch, and when it
//! touches another number the whole work is undone and answers [`CommitError::Stale`](crate::CommitError::Stale).
//! The methods that collect writes stand beside the reads of the same aggregate: `users.rs`, `sessions.rs` ….

use std::sync::Arc;

use frontdesk_core::identification::IdentificationKind;
use frontdesk_types::InstanceId;
use serde::Serialize;

use crate::error::Error;
use crate::statement::Statement;
use crate::value::{Param, Value};

/// Collected writes of one instance, in the order in which they will be made.
///
/// A record that counts its changes (`version`) can be saved once in a work: the second save would find the version
/// that the first one wrote.
#[derive(Debug)]
pub struct Work {
    pub(crate) instance: InstanceId,
    pub(crate) writes: Vec<Write>,
    /// A record that could not be written as JSON. Kept for the commit, so that collecting never fails.
    pub(crate) fault: Option<Error>,
}

/// One write.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) statement: &'static Statement,
    pub(crate) values: Vec<Value>,
    pub(crate) rows: Rows,
    /// The kind of identification it claims, to name the one that is taken.
    pub(crate) claims: Option<IdentificationKind>,
}

/// How many rows a write must touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Exactly one; anything else means that the record has moved or is gone.
    One,
    /// Any number: maintenance, where there may be nothing to do.
    Any,
}

impl Work {
    /// An empty work for one instance: every row it writes belongs to it.
    pub fn new(instance: &InstanceId) -> Self {
        Self { instance: instance.clone(), writes: Vec::new(), fault: None }
    }

    /// An empty work for the chores of the server: leases, and what is over in whatever instance.
    ///
    /// # Panics
    ///
    /// Never: the name it puts in place of an instance is one that ids may have.
    pub fn of_the_server() -> Self {
        Self::new(&"ins_server".parse().expect("an id of letters"))
    }

    /// The instance whose rows are written.
    pub fn instance(&self) -> &InstanceId {
        &self.instance
    }

    /// Whether nothing was collected. Committing it does nothing and succeeds.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.fault.is_none()
    }

    /// Adds the writes of another work, also of another instance, to the same job.
    pub fn append(&mut self, other: Self) {
        self.writes.extend(other.writes);
        self.fault = self.fault.take().or(other.fault);
    }

    /// A write of something that belongs to no instance, or is one.
    pub(crate) fn one(&mut self, statement: &'static Statement, params: &[Param<'_>]) {
        let values = params.iter().map(|param| param.to_value()).collect();
        self.writes.push(Write { statement, values, rows: Rows::One, claims: None });
    }

    /// Like [`Work::one`], for any number of rows.
    pub(crate) fn any(&mut self, statement: &'static Statement, params: &[Param<'_>]) {
        let values = params.iter().map(|param| param.to_value()).collect();
        self.writes.push(Write { statement, values, rows: Rows::Any, claims: None });
    }

    /// A write whose `?1` is the instance of the work.
    pub(crate) fn one_here(&mut self, statement: &'static Statement, params: &[Param<'_>]) -> &mut Write {
        self.push_here(statement, params, Rows::One)
    }

    /// Like [`Work::one_here`], for any number of rows.
    pub(crate) fn any_here(&mut self, statement: &'static Statement, params: &[Param<'_>]) {
        self.push_here(statement, params, Rows::Any);
    }

    /// A value as JSON text.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> String {
        serde_json::to_string(value).unwrap_or_else(|error| {
            self.fault = Some(Error::Json(Arc::new(error)));
            String::new()
        })
    }

    fn push_here(&mut self, statement: &'static Statement, params: &[Param<'_>], rows: Rows) -> &mut Write {
        let instance = Param::from(&self.instance).to_value();
        let values = std::iter::once(instance).chain(params.iter().map(|param| param.to_value())).collect();
        self.writes.push_mut(Write { statement, values, rows, claims: None })
    }
}
