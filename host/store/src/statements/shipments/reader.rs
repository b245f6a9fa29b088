//! What a reader is shown of shipments: those that it may see, and what is told of each.

use std::collections::BTreeMap;

use jiff::Timestamp;
use portgate_core::document::Document;
use portgate_core::sender;
use uuid::Uuid;

use super::{CONTEXT, columns, kept};
use crate::error::JournalError;
use crate::event::Cursor;
use crate::id::{ExchangeId, ShipmentId};
use crate::shipment::{FoldedShipment, KeptShipment, ShipmentEvent, ShipmentNews, ShipmentViewer};
use crate::statements::shipment_names::{name_hash, party_hash};
use crate::statements::table::table;
use crate::statements::value::{Param, Row};
use crate::statements::{Sql, Step, limited};

struct EventRow {
    shipment: Uuid,
    now: Timestamp,
    document: (ExchangeId, u32),
}

table! {
    shipment_events(row: EventRow) {
        shipment: Id = Param::Id(row.shipment),
        at: Int = Param::time(row.now),
        exchange: Id = Param::Id(row.document.0.0),
        position: Int = Param::count(row.document.1),
    }
}

/// Tells of all versions of things that came to shipments.
pub(super) async fn tell_things<S: Sql>(sql: &mut S, parts: &[(Uuid, i64)], now: Timestamp) -> Step<()> {
    if parts.is_empty() {
        return Ok(());
    }
    let mut versions: BTreeMap<i64, Vec<(ExchangeId, u32)>> = BTreeMap::new();
    let text = format!(
        "SELECT thing, exchange, position FROM thing_versions WHERE thing {} ORDER BY thing, exchange, position",
        S::among(1)
    );
    for mut row in sql.query(&text, &[Param::numbers(parts.iter().map(|(_, thing)| *thing))]).await? {
        versions.entry(row.int()?).or_default().push((ExchangeId(row.id()?), row.count()?));
    }
    let told = parts.iter().filter_map(|(shipment, thing)| Some((*shipment, versions.get(thing)?)));
    tell_documents(sql, told.collect(), now).await
}

/// Tells each shipment of documents that came to it.
pub(super) async fn tell_documents<S: Sql>(
    sql: &mut S,
    told: Vec<(Uuid, &Vec<(ExchangeId, u32)>)>,
    now: Timestamp,
) -> Step<()> {
    let of = |(shipment, came): (Uuid, &Vec<(ExchangeId, u32)>)| -> Vec<EventRow> {
        came.iter().map(|document| EventRow { shipment, now, document: *document }).collect()
    };
    sql.add(&told.into_iter().flat_map(of).collect::<Vec<_>>()).await
}

/// Whoever reads of a shipment from now on is not told of what has left it.
pub(super) async fn tell_no_more<S: Sql>(sql: &mut S, id: Uuid, thing: i64) -> Step<()> {
    let text = "DELETE FROM shipment_events WHERE shipment = $1 AND exchange IN (SELECT exchange FROM thing_versions \
                WHERE thing = $2) AND EXISTS (SELECT 1 FROM thing_versions WHERE thing = $3 \
                AND thing_versions.exchange = shipment_events.exchange AND thing_versions.position = shipment_events.position)";
    sql.execute(text, &[Param::Id(id), Param::Int(thing), Param::Int(thing)]).await?;
    Ok(())
}

struct RevisionRow<'f>(&'f FoldedShipment);

table! {
    shipment_events(row: RevisionRow<'_>) {
        shipment: Id = Param::Id(row.0.id.0),
        at: Int = Param::time(row.0.now),
        revision: Text = Param::text(&row.0.revision),
    }
}

/// Tells of contexts that were put together which say something new.
pub(super) async fn tell_revisions<'f, S: Sql>(sql: &mut S, new: impl Iterator<Item = &'f FoldedShipment>) -> Step<()> {
    sql.add(&new.map(RevisionRow).collect::<Vec<_>>()).await
}

/// The condition under which a viewer sees a shipment, with what it compares with.
struct Visible<'v> {
    condition: String,
    params: Vec<Param<'v>>,
}

impl<'v> Visible<'v> {
    /// Its parameters come behind so many others.
    fn to(viewer: &'v ShipmentViewer, parties: &'v [[u8; 16]], before: usize) -> Self {
        let of_things = "EXISTS (SELECT 1 FROM shipment_things JOIN things ON things.number = shipment_things.thing \
                         WHERE shipment_things.shipment = shipments.id AND";
        if viewer.all {
            // A shipment is of tests or of none, so any of its things says so.
            let not = if sender::is_test(&viewer.sender) { "" } else { "NOT" };
            let condition = format!("{of_things} things.sender {not} LIKE '%/test')");
            return Visible { condition, params: Vec::new() };
        }
        let mut condition = format!("({of_things} things.sender = ${})", before + 1);
        let mut params = vec![Param::text(&viewer.sender)];
        if !parties.is_empty() {
            let places: Vec<String> = (0..parties.len()).map(|index| format!("${}", before + 2 + index)).collect();
            condition.push_str(&format!(
                " OR EXISTS (SELECT 1 FROM shipment_things JOIN thing_names ON thing_names.thing = shipment_things.thing \
                 WHERE shipment_things.shipment = shipments.id AND thing_names.hash IN ({}))",
                places.join(", ")
            ));
            params.extend(parties.iter().map(|hash| Param::Bytes(hash)));
        }
        condition.push(')');
        Visible { condition, params }
    }
}

/// The hashes of what documents call a viewer.
fn parties(viewer: &ShipmentViewer) -> Vec<[u8; 16]> {
    let is_test = sender::is_test(&viewer.sender);
    viewer.parties.iter().map(|(scheme, value)| party_hash(is_test, scheme, value)).collect()
}

/// The shipment that is or was called so, if the viewer may see it.
pub(crate) async fn shipment<S: Sql>(sql: &mut S, viewer: &ShipmentViewer, id: Uuid) -> Step<Option<KeptShipment>> {
    let parties = parties(viewer);
    let Visible { condition, params } = Visible::to(viewer, &parties, 1);
    let text = format!(
        "{} WHERE id = (SELECT shipment FROM shipment_ids WHERE shipment_ids.id = $1) AND {condition}",
        columns(CONTEXT)
    );
    let params: Vec<Param<'_>> = [Param::Id(id)].into_iter().chain(params).collect();
    Ok(sql.query(&text, &params).await?.pop().map(kept).transpose()?)
}

/// The shipments that the viewer may see of which some document carries this name in a scheme that it may look up by. Where
/// there are several, they come without their contexts.
pub(crate) async fn named<S: Sql>(
    sql: &mut S,
    viewer: &ShipmentViewer,
    value: &str,
    limit: u32,
) -> Step<Vec<KeptShipment>> {
    let is_test = sender::is_test(&viewer.sender);
    let names: Vec<[u8; 16]> = viewer.schemes.iter().map(|scheme| name_hash(is_test, scheme, value)).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let parties = parties(viewer);
    let Visible { condition, params } = Visible::to(viewer, &parties, names.len());
    let places: Vec<String> = (1..=names.len()).map(|index| format!("${index}")).collect();
    let limit_at = names.len() + params.len() + 1;
    // A context can be large, so of several none is read.
    let brief = columns("NULL");
    let text = format!(
        "{brief} WHERE id IN (SELECT shipment FROM thing_names JOIN shipment_things \
         ON shipment_things.thing = thing_names.thing WHERE hash IN ({})) AND {condition} \
         ORDER BY changed_at DESC LIMIT ${limit_at}",
        places.join(", ")
    );
    let params: Vec<Param<'_>> =
        names.iter().map(|hash| Param::Bytes(hash)).chain(params).chain([limited(limit)]).collect();
    let rows = sql.query(&text, &params).await?;
    let found: Vec<KeptShipment> = rows.into_iter().map(kept).collect::<Result<_, _>>()?;
    match found.as_slice() {
        [one] => Ok(shipment(sql, viewer, one.id.0).await?.into_iter().collect()),
        _ => Ok(found),
    }
}

/// What is told of a shipment after a place. What counts no more is left out.
pub(crate) async fn events<S: Sql>(sql: &mut S, id: ShipmentId, after: Cursor, limit: u32) -> Step<Vec<ShipmentEvent>> {
    let text = "SELECT number, shipment_events.at, revision, shipment_events.exchange, shipment_events.position, \
                exchanges.partner, documents.kind, documents.key, documents.refs, documents.body, superseded_documents.rerun \
                FROM shipment_events LEFT JOIN documents ON documents.exchange = shipment_events.exchange \
                AND documents.position = shipment_events.position LEFT JOIN exchanges ON exchanges.id = shipment_events.exchange \
                LEFT JOIN superseded_documents ON superseded_documents.exchange = shipment_events.exchange \
                AND superseded_documents.position = shipment_events.position \
                WHERE shipment = $1 AND number > $2 ORDER BY number LIMIT $3";
    let rows = sql.query(text, &[Param::Id(id.0), Param::Int(after.sequence), limited(limit)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

fn read(mut row: Row) -> Result<ShipmentEvent, JournalError> {
    let cursor = Cursor { transaction: 0, sequence: row.int()? };
    let (at, revision) = (row.time()?, row.optional(Row::text)?);
    if let Some(revision) = revision {
        return Ok(ShipmentEvent { cursor, at, news: ShipmentNews::Revision(revision) });
    }
    let (exchange, position) = (row.optional(Row::id)?, row.optional(Row::count)?);
    let (sender, kind, key) = (row.optional(Row::text)?, row.optional(Row::text)?, row.optional(Row::text)?);
    let (refs, body) = (row.optional(Row::json)?, row.optional(Row::bytes)?);
    let superseded = row.optional(Row::int)?;
    let news = match (exchange, position, sender, kind, key, body, superseded) {
        (Some(exchange), Some(position), Some(sender), Some(kind), Some(key), Some(body), None) => {
            let document = Document { kind, key, refs: refs.unwrap_or_default(), body };
            ShipmentNews::Document { exchange: ExchangeId(exchange), position, sender, document }
        }
        _ => ShipmentNews::Gone,
    };
    Ok(ShipmentEvent { cursor, at, news })
}

/// The place behind all that was told of a shipment so far.
pub(crate) async fn end<S: Sql>(sql: &mut S, id: ShipmentId) -> Step<Cursor> {
    let text = "SELECT number FROM shipment_events WHERE shipment = $1 ORDER BY number DESC LIMIT 1";
    let row = sql.query(text, &[Param::Id(id.0)]).await?.pop();
    let sequence = row.map(|mut row| row.int()).transpose()?.unwrap_or_default();
    Ok(Cursor { transaction: 0, sequence })
}
