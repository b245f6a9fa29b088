//! Exceptions and overrides: what the facts of a shipment change of them, and what there is to know of one.

pub(crate) mod act;
pub(crate) mod expectation;
pub(crate) mod facts;
pub(crate) mod kept;
pub(crate) mod states;
pub(crate) mod unattached;

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use portgate_core::exception::{Overridden, Override};
use portgate_core::expectation::Delivered;
use uuid::Uuid;

use super::value::{Param, Row};
use super::{Sql, Step};
use crate::error::JournalError;
use crate::exception::{ExceptionRecord, KeptOverride, People, PeopleChanges};
use crate::id::{ExceptionId, ShipmentId};
use crate::shipment::FoldedShipment;
use kept::{COLUMNS, all, word};

/// What people have to do with each of these shipments; of what was delivered only what went to these partners.
pub(crate) async fn people<S: Sql>(
    sql: &mut S,
    shipments: &[ShipmentId],
    partners: &[String],
) -> Step<HashMap<ShipmentId, People>> {
    let ids = || Param::ids(shipments.iter().map(|shipment| shipment.0));
    let mut people: HashMap<ShipmentId, People> =
        shipments.iter().map(|shipment| (*shipment, People::default())).collect();
    let text = format!("SELECT {COLUMNS} FROM exceptions WHERE shipment {} ORDER BY shipment, cause", S::among(1));
    for kept in all(sql.query(&text, &[ids()]).await?)? {
        if let Some(people) = kept.shipment.and_then(|shipment| people.get_mut(&shipment)) {
            people.exceptions.push(kept);
        }
    }
    let text = format!(
        "SELECT shipment, number, cause, subjects, until, operator, confirmed_by, reason FROM overrides \
         WHERE shipment {} AND ended_at IS NULL ORDER BY number",
        S::among(1)
    );
    let read = |mut row: Row| -> Result<Override, JournalError> {
        let number = row.count()?;
        let (cause, subjects, until) = (row.text()?, row.json()?, row.json()?);
        let (operator, confirmed_by) = (row.text()?, row.optional(Row::text)?);
        let said = Overridden { by: number, operator, confirmed_by, reason: row.text()? };
        Ok(Override { number, cause: word(&cause)?, subjects, until, said })
    };
    for mut row in sql.query(&text, &[ids()]).await? {
        people.entry(ShipmentId(row.id()?)).or_default().overrides.push(read(row)?);
    }
    if partners.is_empty() {
        return Ok(people);
    }
    // A sending beside the one that was answered may have no attempt, as that of a gateway that was killed; it was after the delivery
    // was made.
    // What counts of them is not said here: a server that has not analysed the table yet would take it for so little that it reads
    // all deliveries first.
    let text = format!(
        "SELECT shipment_things.shipment, thing_versions.position, destination, deliveries.id, contract, state, settled_at, \
         deliveries.exchange, deliveries.documents, CASE WHEN may_be_taken > 1 THEN deliveries.created_at \
         ELSE (SELECT min(started_at) FROM attempts WHERE attempts.delivery = deliveries.id) END \
         FROM shipment_things JOIN thing_versions ON thing_versions.thing = shipment_things.thing \
         JOIN deliveries ON deliveries.exchange = thing_versions.exchange \
         WHERE shipment_things.shipment {} ORDER BY 1, 3, 4",
        S::among(1)
    );
    for mut row in sql.query(&text, &[ids()]).await? {
        let (shipment, position, partner) = (ShipmentId(row.id()?), row.count()?, row.text()?);
        let (id, contract, state) = (row.id()?.hyphenated().to_string(), row.text()?, row.text()?);
        let (at, exchange, documents) = (row.optional(Row::time)?, row.id()?.as_u128(), row.json::<BTreeSet<u32>>()?);
        let left = row.optional(Row::time)?;
        // What is of other shipments of the same exchange is delivered of those.
        let Some(at) = at.filter(|_| state == "delivered" && documents.contains(&position)) else { continue };
        let delivered = &mut people.entry(shipment).or_default().delivered;
        if partners.contains(&partner) && delivered.last().is_none_or(|last| last.id != id) {
            let left = left.map_or(at, |left| left.min(at));
            delivered.push(Delivered { id, partner, contract, exchange, documents, left, at });
        }
    }
    Ok(people)
}

/// Keeps what the facts of shipments change for people, with all their expectations.
pub(crate) async fn keep<S: Sql>(sql: &mut S, kept: &[&FoldedShipment]) -> Step<()> {
    for folded in kept {
        keep_alone(sql, Some(folded.id), Some(&folded.revision), &folded.people, folded.now).await?;
    }
    expectation::keep(sql, kept).await
}

/// Keeps what changes of exceptions and overrides.
pub(crate) async fn keep_alone<S: Sql>(
    sql: &mut S,
    shipment: Option<ShipmentId>,
    revision: Option<&str>,
    changes: &PeopleChanges,
    now: Timestamp,
) -> Step<()> {
    for change in &changes.exceptions {
        facts::one(sql, shipment, revision, change, now).await?;
    }
    for (number, left) in &changes.overrides {
        let text = "UPDATE overrides SET subjects = $1, ended_at = $2 WHERE number = $3 AND ended_at IS NULL";
        let ended = if left.is_empty() { Param::time(now) } else { Param::Null };
        sql.execute(text, &[Param::json(left), ended, Param::count(*number)]).await?;
    }
    Ok(())
}

pub(crate) async fn record<S: Sql>(sql: &mut S, id: ExceptionId) -> Step<Option<ExceptionRecord>> {
    let Some(exception) = kept::exception(sql, id).await? else { return Ok(None) };
    let acts = act::of(sql, id).await?;
    let text = "SELECT number, cause, until, operator, confirmed_by, reason, at, ended_at FROM overrides \
                WHERE shipment = $1 AND cause = $2 ORDER BY number";
    let read = |mut row: Row| -> Result<KeptOverride, JournalError> {
        let (number, cause, until) = (row.count()?, row.text()?, row.json()?);
        let (operator, confirmed_by) = (row.text()?, row.optional(Row::text)?);
        let said = Overridden { by: number, operator, confirmed_by, reason: row.text()? };
        Ok(KeptOverride { said, cause: word(&cause)?, until, at: row.time()?, ended_at: row.optional(Row::time)? })
    };
    let cause = exception.known.cause.to_string();
    let shipment = exception.shipment.map_or(Uuid::nil(), |shipment| shipment.0);
    let rows = sql.query(text, &[Param::Id(shipment), Param::text(&cause)]).await?;
    let overrides = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(Some(ExceptionRecord { exception, acts, overrides }))
}
