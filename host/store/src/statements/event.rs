//! The outbox, and how far its consumers have come.

use super::value::{Param, Row};
use super::{Sql, Step, limited};
use crate::error::JournalError;
use crate::event::{Cursor, Event, NewEvent};
use crate::id::EventId;

pub(crate) async fn insert_events<S: Sql>(sql: &S, events: &[NewEvent]) -> Step<()> {
    let text = "INSERT INTO events (id, kind, subject, partner, at, data) VALUES ($1, $2, $3, $4, $5, $6)";
    for event in events {
        let params = [
            Param::Id(event.id.0),
            Param::text(&event.kind),
            Param::text(&event.subject),
            Param::text(&event.partner),
            Param::time(event.at),
            Param::text(&event.data),
        ];
        sql.execute(text, &params).await?;
    }
    Ok(())
}

fn read_cursor(row: &mut Row) -> Result<Cursor, JournalError> {
    Ok(Cursor { transaction: row.int()?, sequence: row.int()? })
}

fn read_event(mut row: Row) -> Result<Event, JournalError> {
    Ok(Event {
        cursor: read_cursor(&mut row)?,
        event: NewEvent {
            id: EventId(row.id()?),
            kind: row.text()?,
            subject: row.text()?,
            partner: row.text()?,
            at: row.time()?,
            data: row.text()?,
        },
    })
}

pub(crate) async fn events<S: Sql>(
    sql: &S,
    after: Option<Cursor>,
    partner: Option<&str>,
    limit: u32,
) -> Step<Vec<Event>> {
    let after = after.unwrap_or_default();
    let mut params = vec![Param::Int(after.transaction), Param::Int(after.sequence)];
    let mut text =
        format!("SELECT writer, sequence, id, kind, subject, partner, at, data FROM events WHERE {}", S::EVENTS_AFTER);
    if let Some(partner) = partner {
        params.push(Param::text(partner));
        text.push_str(" AND partner = $3");
    }
    params.push(limited(limit));
    text.push_str(&format!(" ORDER BY {} LIMIT ${}", S::EVENTS_ORDER, params.len()));
    let rows = sql.query(&text, &params).await?;
    Ok(rows.into_iter().map(read_event).collect::<Result<_, _>>()?)
}

pub(crate) async fn end_of_events<S: Sql>(sql: &S) -> Step<Cursor> {
    match sql.query(S::EVENTS_END, &[]).await?.pop() {
        Some(mut row) => Ok(read_cursor(&mut row)?),
        None => Ok(Cursor::default()),
    }
}

pub(crate) async fn position<S: Sql>(sql: &S, consumer: &str) -> Step<Option<Cursor>> {
    let text = "SELECT writer, sequence FROM positions WHERE consumer = $1";
    let row = sql.query(text, &[Param::text(consumer)]).await?.pop();
    Ok(row.map(|mut row| read_cursor(&mut row)).transpose()?)
}

pub(crate) async fn advance<S: Sql>(sql: &S, consumer: &str, cursor: Cursor) -> Step<()> {
    let text = "INSERT INTO positions (consumer, writer, sequence) VALUES ($1, $2, $3) \
                ON CONFLICT (consumer) DO UPDATE SET writer = excluded.writer, sequence = excluded.sequence \
                WHERE (excluded.writer, excluded.sequence) > (positions.writer, positions.sequence)";
    let params = [Param::text(consumer), Param::Int(cursor.transaction), Param::Int(cursor.sequence)];
    sql.execute(text, &params).await?;
    Ok(())
}
