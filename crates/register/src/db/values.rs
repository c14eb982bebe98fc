//! What goes into statements and comes out of them.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use super::{DbError, DbResult};

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub enum Param<'a> {
    /// NULL.
    Null,
    /// A whole number; yes/no is 1 or 0.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Param::Int(value)
    }
}

impl From<u64> for Param<'_> {
    /// Counts and sizes; what no database column can hold is stored as the largest number that it can.
    fn from(value: u64) -> Self {
        Param::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Param<'_> {
    fn from(value: bool) -> Self {
        Param::Int(i64::from(value))
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Param::Text(value)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Param::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Param::Blob(value)
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Param::Null, Into::into)
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match *self {
            Param::Null => ToSqlOutput::Owned(Value::Null),
            Param::Int(value) => ToSqlOutput::Owned(Value::Integer(value)),
            Param::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Param::Blob(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
        })
    }
}

/// One row of an answer; columns are counted from 0.
pub struct Row<'a>(pub(super) &'a rusqlite::Row<'a>);

impl Row<'_> {
    /// A whole number; an error when the column holds something else or NULL.
    pub fn int(&self, column: usize) -> DbResult<i64> {
        Ok(self.0.get(column)?)
    }

    /// A whole number, or `None` for NULL.
    pub fn opt_int(&self, column: usize) -> DbResult<Option<i64>> {
        Ok(self.0.get(column)?)
    }

    /// A count or a size; an error when the column holds a negative number, something else or NULL.
    pub fn count(&self, column: usize) -> DbResult<u64> {
        unsigned(column, self.int(column)?)
    }

    /// A count or a size, or `None` for NULL.
    pub fn opt_count(&self, column: usize) -> DbResult<Option<u64>> {
        self.opt_int(column)?.map(|value| unsigned(column, value)).transpose()
    }

    /// A yes/no value.
    pub fn flag(&self, column: usize) -> DbResult<bool> {
        Ok(self.int(column)? != 0)
    }

    /// Text, copied.
    pub fn text(&self, column: usize) -> DbResult<String> {
        Ok(self.0.get(column)?)
    }

    /// Text, copied, or `None` for NULL.
    pub fn opt_text(&self, column: usize) -> DbResult<Option<String>> {
        Ok(self.0.get(column)?)
    }

    /// Text without a copy, or `None` for NULL.
    pub fn text_ref(&self, column: usize) -> DbResult<Option<&str>> {
        let value = self.0.get_ref(column)?;
        value.as_str_or_null().map_err(|e| {
            DbError::Driver(rusqlite::Error::FromSqlConversionFailure(column, value.data_type(), Box::new(e)))
        })
    }

    /// Bytes without a copy, or `None` for NULL.
    pub fn blob_ref(&self, column: usize) -> DbResult<Option<&[u8]>> {
        let value = self.0.get_ref(column)?;
        value.as_blob_or_null().map_err(|e| {
            DbError::Driver(rusqlite::Error::FromSqlConversionFailure(column, value.data_type(), Box::new(e)))
        })
    }
}

fn unsigned(column: usize, value: i64) -> DbResult<u64> {
    u64::try_from(value).map_err(|_| DbError::Driver(rusqlite::Error::IntegralValueOutOfRange(column, value)))
}
