//! A row of either engine, read by column name.

use std::cell::Cell;

use frontdesk_core::metadata::Metadata;
use frontdesk_types::{
    AllowlistIdentifierId, BlocklistIdentifierId, ClientId, DomainId, EmailId, EventId, IdentificationId,
    ImageId, InstanceId, JwtTemplateId, MembershipId, OrganizationId, RedirectUrlId, SessionId, SignInId,
    SignInTokenId, SignUpId, Span, Timestamp, UserId,
};
use rusqlite::types::ValueRef;
use serde::de::DeserializeOwned;
use tokio_postgres::types::{FromSql, Type};

use crate::Result;
use crate::error::Error;

/// A record that a row holds.
pub(crate) trait FromRow: Sized {
    /// Reads the record from its columns.
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

/// The names of a statement's columns, in order. Asking the engine for them at every row would cost as much as the
/// values.
pub(crate) type ColumnNames = [Box<str>];

/// One row.
pub(crate) struct Row<'a> {
    statement: &'static str,
    names: &'a ColumnNames,
    source: Source<'a>,
    /// Records read their columns in the order in which the statement names them, so the column after the last one
    /// is nearly always the one wanted: looking there first makes reading by name as cheap as by number.
    expected: Cell<usize>,
}

enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl<'a> Row<'a> {
    pub(crate) fn sqlite(
        statement: &'static str,
        names: &'a ColumnNames,
        row: &'a rusqlite::Row<'a>,
    ) -> Self {
        Self { statement, names, source: Source::Sqlite(row), expected: Cell::new(0) }
    }

    pub(crate) fn postgres(
        statement: &'static str,
        names: &'a ColumnNames,
        row: &'a tokio_postgres::Row,
    ) -> Self {
        Self { statement, names, source: Source::Postgres(row), expected: Cell::new(0) }
    }

    /// The value of this column.
    pub(crate) fn get<T: FromColumn>(&self, column: &'static str) -> Result<T> {
        let raw = self.raw(column).ok_or(self.mismatch(column, "a readable value"))?;
        T::from_raw(raw).ok_or(self.mismatch(column, T::EXPECTED))
    }

    /// The value of this column, parsed as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T> {
        match self.raw(column) {
            Some(Raw::Text(text)) => {
                serde_json::from_str(text).map_err(|_| self.mismatch(column, "the expected JSON"))
            }
            _ => Err(self.mismatch(column, "JSON text")),
        }
    }

    /// The value of this column, parsed as JSON unless it is null.
    pub(crate) fn optional_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>> {
        match self.raw(column) {
            Some(Raw::Null) => Ok(None),
            _ => self.json(column).map(Some),
        }
    }

    /// The text of this column, borrowed from the row.
    pub(crate) fn text(&self, column: &'static str) -> Result<&'a str> {
        match self.raw(column) {
            Some(Raw::Text(text)) => Ok(text),
            _ => Err(self.mismatch(column, "text")),
        }
    }

    /// Whether this column is null.
    pub(crate) fn is_null(&self, column: &'static str) -> bool {
        matches!(self.raw(column), Some(Raw::Null))
    }

    pub(crate) fn mismatch(&self, column: &'static str, expected: &'static str) -> Error {
        Error::Column { statement: self.statement, column, expected }
    }

    fn raw(&self, column: &str) -> Option<Raw<'a>> {
        let index = self.index(column)?;
        match self.source {
            Source::Sqlite(row) => match row.get_ref(index).ok()? {
                ValueRef::Null => Some(Raw::Null),
                ValueRef::Integer(integer) => Some(Raw::Integer(integer)),
                ValueRef::Text(text) => Some(Raw::Text(std::str::from_utf8(text).ok()?)),
                ValueRef::Blob(bytes) => Some(Raw::Blob(bytes)),
                ValueRef::Real(_) => None,
            },
            Source::Postgres(row) => row.try_get(index).ok(),
        }
    }

    fn index(&self, column: &str) -> Option<usize> {
        let expected = self.expected.get();
        let index = match self.names.get(expected) {
            Some(name) if **name == *column => expected,
            _ => self.names.iter().position(|name| **name == *column)?,
        };
        self.expected.set(index + 1);
        Some(index)
    }
}

/// A value as either engine hands it over. PostgreSQL's booleans arrive as 0 and 1, as SQLite keeps them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Raw<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(kind: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *kind {
            Type::INT8 => Self::Integer(i64::from_sql(kind, bytes)?),
            Type::BOOL => Self::Integer(i64::from(bool::from_sql(kind, bytes)?)),
            Type::BYTEA => Self::Blob(bytes),
            _ => Self::Text(<&str>::from_sql(kind, bytes)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::TEXT | Type::INT8 | Type::BOOL | Type::BYTEA)
    }
}

/// A value that a column can hold.
pub(crate) trait FromColumn: Sized {
    /// What is expected, for the error.
    const EXPECTED: &'static str;

    fn from_raw(raw: Raw<'_>) -> Option<Self>;
}

impl FromColumn for i64 {
    const EXPECTED: &'static str = "an integer";

    fn from_raw(raw: Raw<'_>) -> Option<Self> {
        match raw {
            Raw::Integer(integer) => Some(integer),
            _ => None,
        }
    }
}

impl FromColumn for u32 {
    const EXPECTED: &'static str = "a small natural number";

    fn from_raw(raw: Raw<'_>) -> Option<Self> {
        i64::from_raw(raw)?.try_into().ok()
    }
}

impl FromColumn for bool {
    const EXPECTED: &'static str = "a boolean";

    fn from_raw(raw: Raw<'_>) -> Option<Self> {
        i64::from_raw(raw).map(|integer| integer != 0)
    }
}

impl FromColumn for Timestamp {
    const EXPECTED: &'static str = "milliseconds";

    fn from_raw(raw: Raw<'_>) -> Option<Self> {
        i64::from_raw(raw).map(Self::from_millis)
    }
}

impl FromColumn for Span {
    const EXPECTED: &'static str = "milliseconds";

    fn from_raw(raw: Raw<'_>) -> Option<Self> {
        i64::from_raw(raw).map(Self::millis)
    }
}

impl FromColumn for String {
    const EXPECTED: &'static str = "text";

    fn from_raw(raw: Raw<'_>) -> Option<Self> {
        match raw {
            Raw::Text(text) => Some(text.into()),
            _ => None,
        }
    }
}

impl FromColumn for Metadata {
    const EXPECTED: &'static str = "a JSON object";

    fn from_raw(raw: Raw<'_>) -> Option<Self> {
        match raw {
            Raw::Text(text) => Some(Self::from_stored(text)),
            _ => None,
        }
    }
}

impl FromColumn for Vec<u8> {
    const EXPECTED: &'static str = "bytes";

    fn from_raw(raw: Raw<'_>) -> Option<Self> {
        match raw {
            Raw::Blob(bytes) => Some(bytes.to_owned()),
            _ => None,
        }
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_raw(raw: Raw<'_>) -> Option<Self> {
        match raw {
            Raw::Null => Some(None),
            other => T::from_raw(other).map(Some),
        }
    }
}

macro_rules! id_columns {
    ($($id:ident)+) => {$(
        impl FromColumn for $id {
            const EXPECTED: &'static str = concat!("a ", stringify!($id));

            fn from_raw(raw: Raw<'_>) -> Option<Self> {
                match raw {
                    Raw::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        }
    )+};
}

id_columns!(
    AllowlistIdentifierId BlocklistIdentifierId ClientId DomainId EmailId EventId IdentificationId ImageId InstanceId JwtTemplateId MembershipId OrganizationId RedirectUrlId SessionId SignInId
    SignInTokenId SignUpId UserId
);
