//! Values on their way into a statement.

use bytes::BytesMut;
use frontdesk_core::metadata::Metadata;
use frontdesk_types::{
    AllowlistIdentifierId, BlocklistIdentifierId, ClientId, DomainId, EmailId, EventId, IdentificationId,
    ImageId, InstanceId, JwtTemplateId, MembershipId, OrganizationId, RedirectUrlId, SessionId, SignInId,
    SignInTokenId, SignUpId, Span, Timestamp, UserId,
};
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A borrowed parameter of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Param<'a> {
    Null,
    Text(&'a str),
    Integer(i64),
    Boolean(bool),
    Blob(&'a [u8]),
}

/// An owned parameter of a collected write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Text(Box<str>),
    Integer(i64),
    Boolean(bool),
    Blob(Box<[u8]>),
}

/// A slice of parameters, from anything that converts.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Param::from($value)),*] };
}
pub(crate) use params;

impl Param<'_> {
    pub(crate) fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) => Value::Text(text.into()),
            Self::Integer(integer) => Value::Integer(integer),
            Self::Boolean(boolean) => Value::Boolean(boolean),
            Self::Blob(bytes) => Value::Blob(bytes.into()),
        }
    }

    /// The type PostgreSQL is told when a statement is sent without being prepared.
    pub(crate) const fn postgres_type(self) -> Type {
        match self {
            Self::Null => Type::UNKNOWN,
            Self::Text(_) => Type::TEXT,
            Self::Integer(_) => Type::INT8,
            Self::Boolean(_) => Type::BOOL,
            Self::Blob(_) => Type::BYTEA,
        }
    }
}

impl Value {
    pub(crate) fn as_param(&self) -> Param<'_> {
        match self {
            Self::Null => Param::Null,
            Self::Text(text) => Param::Text(text),
            Self::Integer(integer) => Param::Integer(*integer),
            Self::Boolean(boolean) => Param::Boolean(*boolean),
            Self::Blob(bytes) => Param::Blob(bytes),
        }
    }
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Integer(integer) => ValueRef::Integer(integer),
            Self::Boolean(boolean) => ValueRef::Integer(i64::from(boolean)),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Integer(integer) => integer.to_sql(kind, out),
            Self::Boolean(boolean) => boolean.to_sql(kind, out),
            Self::Blob(bytes) => bytes.to_sql(kind, out),
        }
    }

    /// The columns are our own: `TEXT`, `BIGINT`, `BOOLEAN` and `BYTEA`, and each must get its own kind of value.
    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::TEXT | Type::INT8 | Type::BOOL | Type::BYTEA | Type::UNKNOWN)
    }

    to_sql_checked!();
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Param<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a> From<&'a Metadata> for Param<'a> {
    fn from(metadata: &'a Metadata) -> Self {
        Self::Text(metadata.as_str())
    }
}

impl From<i64> for Param<'_> {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<u32> for Param<'_> {
    fn from(integer: u32) -> Self {
        Self::Integer(i64::from(integer))
    }
}

impl From<bool> for Param<'_> {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

impl From<Timestamp> for Param<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Integer(at.as_millis())
    }
}

impl From<Span> for Param<'_> {
    fn from(span: Span) -> Self {
        Self::Integer(span.as_millis())
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! from_ids {
    ($($id:ident)+) => {$(
        impl<'a> From<&'a $id> for Param<'a> {
            fn from(id: &'a $id) -> Self {
                Self::Text(id.as_str())
            }
        }
    )+};
}

from_ids!(
    AllowlistIdentifierId BlocklistIdentifierId ClientId DomainId EmailId EventId IdentificationId ImageId InstanceId JwtTemplateId MembershipId OrganizationId RedirectUrlId SessionId SignInId
    SignInTokenId SignUpId UserId
);
