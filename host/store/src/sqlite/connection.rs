//! One connection as the statements see it.

use std::ffi::CStr;
use std::future::{Future, ready};
use std::rc::Rc;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row as SqliteRow, ToSql, params_from_iter};

use super::status::said;
use crate::error::JournalError;
use crate::statements::rows::GatheredRow;
use crate::statements::table::Insert;
use crate::statements::value::{Param, Row, Value};
use crate::statements::{Failure, Sql, Step};

/// A connection that is used by one thread at a time.
pub(crate) struct Local {
    pub(super) connection: Connection,
    /// The names that the transaction's exchanges are found by. One row holds those of all its commands.
    gathered: Vec<u8>,
}

impl Local {
    pub(super) fn new(connection: Connection) -> Self {
        Local { connection, gathered: Vec::new() }
    }

    /// Begins a transaction that writes.
    pub(super) fn begin_writing(&mut self) -> Result<(), JournalError> {
        self.gathered.clear();
        self.control("BEGIN IMMEDIATE")
    }

    /// How much was gathered since the transaction began.
    pub(super) fn gathered(&self) -> usize {
        self.gathered.len()
    }

    /// Forgets what was gathered beyond this.
    pub(super) fn forget_gathered(&mut self, beyond: usize) {
        self.gathered.truncate(beyond);
    }

    /// Keeps what was gathered, and commits.
    pub(super) fn commit(&mut self) -> Result<(), JournalError> {
        if !self.gathered.is_empty() {
            let row = GatheredRow { entries: std::mem::take(&mut self.gathered) };
            let kept = self.run_execute(GatheredRow::statement(), &row.values());
            kept.map_err(|error| said(&error, &self.connection))?;
        }
        self.control("COMMIT")
    }

    /// Begins or ends a transaction, or marks a place in one.
    pub(super) fn control(&self, text: &str) -> Result<(), JournalError> {
        let run = || self.connection.prepare_cached(text)?.execute([]);
        run().map(|_| ()).map_err(|error| said(&error, &self.connection))
    }

    /// Begins a transaction that only reads. The first statement takes the lock, and decides which state is read.
    pub(super) fn begin_reading(&self) -> Result<(), JournalError> {
        let run = || {
            self.connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
            self.connection.prepare_cached("SELECT 1 FROM sqlite_schema LIMIT 1")?.query_row([], |_| Ok(()))
        };
        let begun = run().map_err(|error| said(&error, &self.connection));
        if begun.is_err() {
            self.end_reading();
        }
        begun
    }

    /// There is nothing to commit, so that it does not matter whether this works.
    pub(super) fn end_reading(&self) {
        if !self.connection.is_autocommit() {
            let _ = self.control("ROLLBACK");
        }
    }

    fn run_query(&self, text: &str, params: &[Param<'_>]) -> rusqlite::Result<Vec<Row>> {
        #[cfg(test)]
        crate::plans::note(text);
        let mut statement = self.connection.prepare_cached(text)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(params))?;
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            read.push(read_row(row, columns)?);
        }
        Ok(read)
    }

    fn run_execute(&self, text: &str, params: &[Param<'_>]) -> rusqlite::Result<u64> {
        #[cfg(test)]
        crate::plans::note(text);
        Ok(self.connection.prepare_cached(text)?.execute(params_from_iter(params))? as u64)
    }

    /// There is one writer, so no failure is due to another transaction.
    fn step<T>(&self, ran: rusqlite::Result<T>) -> Step<T> {
        ran.map_err(|error| Failure::Final(said(&error, &self.connection)))
    }
}

fn read_row(row: &SqliteRow<'_>, columns: usize) -> rusqlite::Result<Row> {
    let value = |column| {
        Ok(match row.get_ref(column)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            // No column of ours holds a real number.
            ValueRef::Real(number) => Value::Text(number.to_string()),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        })
    };
    (0..columns).map(value).collect::<rusqlite::Result<Vec<_>>>().map(Row::new)
}

/// What `rusqlite::vtab::array` calls its values.
const ARRAY: &CStr = c"rarray";

/// A value of many.
fn owned(param: &Param<'_>) -> rusqlite::types::Value {
    use rusqlite::types::Value;
    match param {
        Param::Int(number) => Value::Integer(*number),
        Param::Text(text) => Value::Text(text.to_string()),
        Param::Bytes(bytes) => Value::Blob(bytes.to_vec()),
        Param::Id(id) => Value::Blob(id.as_bytes().to_vec()),
        // Nothing is one of many lists.
        Param::Null | Param::Many(_) => Value::Null,
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(number) => ValueRef::Integer(*number),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
            Param::Id(id) => ValueRef::Blob(id.as_bytes()),
            Param::Many(values) => {
                let values: Vec<rusqlite::types::Value> = values.iter().map(owned).collect();
                return Ok(ToSqlOutput::from_rc(Rc::new(values), ARRAY));
            }
        }))
    }
}

impl Sql for Local {
    // One writes at a time, so nothing needs to be locked.
    const LOCK: &'static str = "";
    const LOCK_FREE_ONES: &'static str = "";
    const EVENTS_ORDER: &'static str = "sequence";
    const EVENTS_AFTER: &'static str = "$1 >= 0 AND sequence > $2";
    const EVENTS_CERTAIN: &'static str = "writer = 0";
    const EVENTS_NEWEST_FIRST: &'static str = "sequence DESC";
    // The next place is one more than the newest.
    const EVENTS_FORGETTABLE: &'static str = "sequence < (SELECT max(sequence) FROM events)";

    fn query(&mut self, text: &str, params: &[Param<'_>]) -> impl Future<Output = Step<Vec<Row>>> + Send {
        ready(self.step(self.run_query(text, params)))
    }

    fn execute(&mut self, text: &str, params: &[Param<'_>]) -> impl Future<Output = Step<u64>> + Send {
        ready(self.step(self.run_execute(text, params)))
    }

    fn among(place: usize) -> String {
        format!("IN rarray(${place})")
    }

    fn put<R: Insert + Sync>(&mut self, rows: &[R], known: &str) -> impl Future<Output = Step<()>> + Send {
        let text = format!("{} {known}", R::statement());
        let put = rows.iter().try_for_each(|row| self.run_execute(&text, &row.values()).map(drop));
        ready(self.step(put))
    }

    fn change<R: Insert + Sync>(
        &mut self,
        rows: &[R],
        set: &str,
        which: &str,
    ) -> impl Future<Output = Step<u64>> + Send {
        let given: Vec<String> =
            (1..).zip(R::COLUMNS).map(|(place, column)| format!("${place} AS {}", column.name)).collect();
        let text = format!("UPDATE {} SET {set} FROM (SELECT {}) AS given WHERE {which}", R::TABLE, given.join(", "));
        let changed = rows.iter().map(|row| self.run_execute(&text, &row.values())).sum();
        ready(self.step(changed))
    }

    fn lock_lanes(&mut self, _lanes: &[(&str, &str)]) -> impl Future<Output = Step<()>> + Send {
        ready(Ok(()))
    }

    fn gather(&mut self, entries: &[u8]) -> impl Future<Output = Step<()>> + Send {
        self.gathered.extend_from_slice(entries);
        ready(Ok(()))
    }
}
