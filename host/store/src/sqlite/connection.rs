//! One connection as the statements see it.

use std::future::{Future, ready};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row as SqliteRow, ToSql, params_from_iter};

use crate::statements::value::{Param, Row, Value};
use crate::statements::{Sql, Step};

/// A connection that is used by one thread.
pub(super) struct Local<'a>(pub(super) &'a Connection);

impl Local<'_> {
    fn run_query(&self, text: &str, params: &[Param<'_>]) -> Step<Vec<Row>> {
        let mut statement = self.0.prepare_cached(text)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(params))?;
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            read.push(read_row(row, columns)?);
        }
        Ok(read)
    }

    fn run_execute(&self, text: &str, params: &[Param<'_>]) -> Step<u64> {
        Ok(self.0.prepare_cached(text)?.execute(params_from_iter(params))? as u64)
    }
}

fn read_row(row: &SqliteRow<'_>, columns: usize) -> rusqlite::Result<Row> {
    let value = |column| {
        Ok(match row.get_ref(column)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            // No column of ours is one.
            ValueRef::Real(number) => Value::Text(number.to_string()),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        })
    };
    (0..columns).map(value).collect::<rusqlite::Result<Vec<_>>>().map(Row::new)
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(number) => ValueRef::Integer(*number),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
            Param::Id(id) => ValueRef::Blob(id.as_bytes()),
        }))
    }
}

impl Sql for Local<'_> {
    // One writes at a time, so nothing needs to be locked.
    const LOCK: &'static str = "";
    const LOCK_FREE_ONES: &'static str = "";
    const EVENTS_ORDER: &'static str = "sequence";
    const EVENTS_AFTER: &'static str = "$1 >= 0 AND sequence > $2";
    const EVENTS_CERTAIN: &'static str = "writer = 0";
    const EVENTS_NEWEST_FIRST: &'static str = "sequence DESC";
    // The next place is one more than the newest.
    const EVENTS_FORGETTABLE: &'static str = "sequence < (SELECT max(sequence) FROM events)";

    fn query(&self, text: &str, params: &[Param<'_>]) -> impl Future<Output = Step<Vec<Row>>> + Send {
        ready(self.run_query(text, params))
    }

    fn execute(&self, text: &str, params: &[Param<'_>]) -> impl Future<Output = Step<u64>> + Send {
        ready(self.run_execute(text, params))
    }

    fn lock_lanes(&self, _lanes: &[(&str, &str)]) -> impl Future<Output = Step<()>> + Send {
        ready(Ok(()))
    }
}
