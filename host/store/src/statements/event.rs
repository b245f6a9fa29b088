//! The outbox, and how far its consumers have come.

use super::table::insert;
use super::value::{Param, Row};
use super::{Sql, Step, limited};
use crate::error::JournalError;
use crate::event::{Cursor, Event, EventData, NewEvent};
use crate::id::{EventId, ExchangeId};

pub(crate) async fn insert_events<S: Sql>(sql: &mut S, events: &[NewEvent]) -> Step<()> {
    for event in events {
        insert(sql, event).await?;
    }
    Ok(())
}

/// How an event's data is kept: as a text, or, with an empty text, as the document whose body it is.
pub(crate) fn kept(data: &EventData) -> (&str, Option<(ExchangeId, u32)>) {
    match data {
        EventData::Own(json) => (json, None),
        EventData::Document { exchange, position, .. } => ("", Some((*exchange, *position))),
    }
}

fn read_data(row: &mut Row) -> Result<EventData, JournalError> {
    let json = row.text()?;
    let (exchange, position) = (row.optional(Row::id)?, row.optional(Row::count)?);
    let (Some(exchange), Some(position)) = (exchange, position) else { return Ok(EventData::Own(json)) };
    let body = row.optional(Row::bytes)?.map(String::from_utf8).transpose();
    let body = body.map_err(|_| JournalError::Unreadable("a document is not UTF-8".to_owned()))?;
    Ok(EventData::Document { exchange: ExchangeId(exchange), position, body })
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
            data: read_data(&mut row)?,
        },
    })
}

pub(crate) async fn events<S: Sql>(
    sql: &mut S,
    after: Option<Cursor>,
    partner: Option<&str>,
    limit: u32,
) -> Step<Vec<Event>> {
    let after = after.unwrap_or_default();
    let mut params = vec![Param::Int(after.transaction), Param::Int(after.sequence)];
    let mut text = format!(
        "SELECT writer, sequence, events.id, events.kind, subject, partner, at, data, events.exchange, events.position, \
         documents.body FROM events LEFT JOIN documents ON documents.exchange = events.exchange \
         AND documents.position = events.position WHERE {}",
        S::EVENTS_AFTER
    );
    if let Some(partner) = partner {
        params.push(Param::text(partner));
        text.push_str(" AND partner = $3");
    }
    params.push(limited(limit));
    text.push_str(&format!(" ORDER BY {} LIMIT ${}", S::EVENTS_ORDER, params.len()));
    let rows = sql.query(&text, &params).await?;
    Ok(rows.into_iter().map(read_event).collect::<Result<_, _>>()?)
}

/// The events of an exchange's documents, without their bodies.
pub(crate) async fn of_documents<S: Sql>(sql: &mut S, exchange: ExchangeId) -> Step<Vec<Event>> {
    let text = format!(
        "SELECT writer, sequence, id, kind, subject, partner, at, data, exchange, position, NULL FROM events \
         WHERE exchange = $1 ORDER BY {}",
        S::EVENTS_ORDER
    );
    let rows = sql.query(&text, &[Param::Id(exchange.0)]).await?;
    Ok(rows.into_iter().map(read_event).collect::<Result<_, _>>()?)
}

pub(crate) async fn end_of_events<S: Sql>(sql: &mut S, partner: Option<&str>) -> Step<Cursor> {
    let (of_partner, params) = match partner {
        Some(partner) => ("AND partner = $1", vec![Param::text(partner)]),
        None => ("", Vec::new()),
    };
    let text = format!(
        "SELECT writer, sequence FROM events WHERE {} {of_partner} ORDER BY {} LIMIT 1",
        S::EVENTS_CERTAIN,
        S::EVENTS_NEWEST_FIRST
    );
    match sql.query(&text, &params).await?.pop() {
        Some(mut row) => Ok(read_cursor(&mut row)?),
        None => Ok(Cursor::default()),
    }
}

pub(crate) async fn position<S: Sql>(sql: &mut S, consumer: &str) -> Step<Option<Cursor>> {
    let text = "SELECT writer, sequence FROM positions WHERE consumer = $1";
    let row = sql.query(text, &[Param::text(consumer)]).await?.pop();
    Ok(row.map(|mut row| read_cursor(&mut row)).transpose()?)
}

pub(crate) async fn advance<S: Sql>(sql: &mut S, consumer: &str, cursor: Cursor) -> Step<()> {
    let text = "INSERT INTO positions (consumer, writer, sequence) VALUES ($1, $2, $3) \
                ON CONFLICT (consumer) DO UPDATE SET writer = excluded.writer, sequence = excluded.sequence \
                WHERE (excluded.writer, excluded.sequence) > (positions.writer, positions.sequence)";
    let params = [Param::text(consumer), Param::Int(cursor.transaction), Param::Int(cursor.sequence)];
    sql.execute(text, &params).await?;
    Ok(())
}
