//! One connection of the pool as the statements see it, and what the errors of PostgreSQL mean.

use std::error::Error;

use deadpool_postgres::{Object, Pool, PoolError};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Row as PostgresRow, Statement};

use super::arrays::{arrays, columns, given};
use crate::error::JournalError;
use crate::statements::rows::GatheredRow;
use crate::statements::table::{Insert, insert};
use crate::statements::value::{Param, Row, Value};
use crate::statements::{Failure, Sql, Step, failpoint};

/// A connection for the length of one transaction, or of some reads.
pub(crate) struct Session {
    /// `None` once the session has ended.
    connection: Option<Object>,
    in_transaction: bool,
}

impl Session {
    /// For statements that each stand alone.
    pub(super) async fn alone(pool: &Pool) -> Step<Self> {
        let connection = pool.get().await.map_err(no_connection)?;
        Ok(Session { connection: Some(connection), in_transaction: false })
    }

    /// For a transaction.
    pub(super) async fn begin(pool: &Pool) -> Step<Self> {
        let mut session = Session::alone(pool).await?;
        failpoint!("journal::begin");
        session.in_transaction = true;
        session.connection()?.batch_execute("BEGIN").await?;
        Ok(session)
    }

    /// Ends the transaction: commits what worked. Where it is dropped before, the connection is given up, and the server
    /// undoes what was done on it.
    pub(super) async fn end<T>(mut self, worked: Step<T>) -> Step<T> {
        let connection = self.connection()?;
        match worked {
            Ok(value) => {
                failpoint!("journal::commit");
                connection.batch_execute("COMMIT").await?;
                self.in_transaction = false;
                fail::fail_point!("journal::committed", |_| {
                    Err(JournalError::Unreachable("failpoint journal::committed".to_owned()).into())
                });
                Ok(value)
            }
            Err(failure) => {
                if connection.batch_execute("ROLLBACK").await.is_ok() {
                    self.in_transaction = false;
                }
                Err(failure)
            }
        }
    }

    pub(super) fn connection(&self) -> Step<&Object> {
        let ended = || Failure::Final(JournalError::Refused("the transaction has ended".to_owned()));
        self.connection.as_ref().ok_or_else(ended)
    }

    async fn prepare(&self, text: &str) -> Step<(&Object, Statement)> {
        #[cfg(test)]
        crate::plans::note(text);
        let connection = self.connection()?;
        Ok((connection, connection.prepare_cached(text).await?))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.in_transaction
            && let Some(connection) = self.connection.take()
        {
            drop(Object::take(connection));
        }
    }
}

impl Sql for Session {
    const LOCK: &'static str = "FOR UPDATE";
    const LOCK_FREE_ONES: &'static str = "FOR UPDATE SKIP LOCKED";
    const EVENTS_ORDER: &'static str = "writer, sequence";
    const EVENTS_AFTER: &'static str =
        "(writer, sequence) > ($1, $2) AND writer < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    const EVENTS_CERTAIN: &'static str = "writer < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    const EVENTS_NEWEST_FIRST: &'static str = "writer DESC, sequence DESC";
    const EVENTS_FORGETTABLE: &'static str = "writer < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

    async fn query(&mut self, text: &str, params: &[Param<'_>]) -> Step<Vec<Row>> {
        let (connection, statement) = self.prepare(text).await?;
        let rows = connection.query(&statement, &borrowed(params)).await?;
        rows.iter().map(read_row).collect()
    }

    async fn execute(&mut self, text: &str, params: &[Param<'_>]) -> Step<u64> {
        let (connection, statement) = self.prepare(text).await?;
        Ok(connection.execute(&statement, &borrowed(params)).await?)
    }

    fn among(place: usize) -> String {
        format!("= ANY(${place})")
    }

    async fn put<R: Insert + Sync>(&mut self, rows: &[R], known: &str) -> Step<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let (columns, given) = (columns::<R>(), given::<R>(&mut (1..)));
        let text = format!("INSERT INTO {} ({columns}) SELECT * FROM {given} {known}", R::TABLE);
        let columns: Vec<Param<'_>> = arrays(rows).into_iter().map(Param::Many).collect();
        self.execute(&text, &columns).await?;
        Ok(())
    }

    async fn change<R: Insert + Sync>(&mut self, rows: &[R], set: &str, which: &str) -> Step<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        let (columns, given) = (columns::<R>(), given::<R>(&mut (1..)));
        let text = format!("UPDATE {} SET {set} FROM {given} AS given ({columns}) WHERE {which}", R::TABLE);
        let columns: Vec<Param<'_>> = arrays(rows).into_iter().map(Param::Many).collect();
        self.execute(&text, &columns).await
    }

    async fn lock_lanes(&mut self, lanes: &[(&str, &str)]) -> Step<()> {
        for number in lane_numbers(lanes) {
            self.execute("SELECT pg_advisory_xact_lock($1)", &[Param::Int(number)]).await?;
        }
        Ok(())
    }

    async fn gather(&mut self, entries: &[u8]) -> Step<()> {
        match entries.is_empty() {
            true => Ok(()),
            false => insert(self, &GatheredRow { entries: entries.to_vec() }).await,
        }
    }
}

/// The numbers that name the locks of lanes, in the order in which everybody takes them. Two lanes that share a number
/// wait for each other, which does no other harm.
pub(super) fn lane_numbers(lanes: &[(&str, &str)]) -> Vec<i64> {
    let number = |(destination, lane): &(&str, &str)| {
        let hash = crate::statements::value::key_hash("lane", destination, "", lane);
        hash.iter().take(8).fold(0, |number: i64, byte| (number << 8) | i64::from(*byte))
    };
    let mut numbers: Vec<i64> = lanes.iter().map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn borrowed<'a>(params: &'a [Param<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

fn read_row(row: &PostgresRow) -> Step<Row> {
    let value = |(index, column): (usize, &tokio_postgres::Column)| -> Step<Value> {
        let kind = column.type_();
        let value = if *kind == Type::INT8 {
            row.try_get::<_, Option<i64>>(index)?.map(Value::Int)
        } else if *kind == Type::INT4 {
            row.try_get::<_, Option<i32>>(index)?.map(|number| Value::Int(i64::from(number)))
        } else if *kind == Type::BYTEA {
            row.try_get::<_, Option<Vec<u8>>>(index)?.map(Value::Bytes)
        } else if *kind == Type::UUID {
            row.try_get::<_, Option<uuid::Uuid>>(index)?.map(Value::Id)
        } else {
            row.try_get::<_, Option<String>>(index)?.map(Value::Text)
        };
        Ok(value.unwrap_or(Value::Null))
    };
    row.columns().iter().enumerate().map(value).collect::<Step<Vec<_>>>().map(Row::new)
}

impl ToSql for Param<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Param::Null => Ok(IsNull::Yes),
            Param::Int(number) => number.to_sql_checked(kind, out),
            Param::Text(text) => text.as_ref().to_sql_checked(kind, out),
            Param::Bytes(bytes) => bytes.to_sql_checked(kind, out),
            Param::Id(id) => id.to_sql_checked(kind, out),
            Param::Many(values) => values.to_sql_checked(kind, out),
        }
    }

    fn accepts(_kind: &Type) -> bool {
        // Each kind of value checks it itself.
        true
    }

    to_sql_checked!();
}

/// Why the pool gave no connection.
pub(super) fn no_connection(error: PoolError) -> Failure {
    match error {
        PoolError::Backend(error) => error.into(),
        other => Failure::Final(JournalError::Unreachable(other.to_string())),
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.code() {
            // A unique key that somebody else took first, or a row that somebody else removed: the next try finds out.
            Some(
                &SqlState::T_R_SERIALIZATION_FAILURE
                | &SqlState::T_R_DEADLOCK_DETECTED
                | &SqlState::UNIQUE_VIOLATION
                | &SqlState::FOREIGN_KEY_VIOLATION,
            ) => Failure::Passing(said(&error)),
            _ => Failure::Final(said(&error)),
        }
    }
}

/// What an error means for the journal.
pub(super) fn said(error: &tokio_postgres::Error) -> JournalError {
    let Some(from_server) = error.as_db_error() else {
        // No answer from the server: the connection, its end, TLS or the password.
        return match error.is_closed() || error.source().is_some() {
            true => JournalError::Unreachable(explained(error)),
            false => JournalError::Refused(explained(error)),
        };
    };
    let code = from_server.code();
    let class = code.code().get(..2).unwrap_or_default();
    let said = match class {
        // The server's message quotes the value that it does not like, which can be a partner's.
        "22" | "23" => format!("{} ({})", from_server.constraint().unwrap_or("a value does not fit"), code.code()),
        _ => format!("{} ({})", from_server.message(), code.code()),
    };
    match class {
        _ if *code == SqlState::DISK_FULL => JournalError::Full,
        // The server has undone the transaction: there were too many connections or too few resources, a lock or a
        // statement took too long, other transactions were in the way at each try, or the server is read-only.
        "53" | "55" | "40" | "25" => JournalError::Blocked(said),
        "57" if *code == SqlState::QUERY_CANCELED => JournalError::Blocked(said),
        // The connection broke, an operator intervened, the system failed, or a role or database is gone.
        "08" | "57" | "58" | "28" | "3D" => JournalError::Unreachable(said),
        _ => JournalError::Refused(said),
    }
}

/// An error with its causes.
pub(super) fn explained(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
