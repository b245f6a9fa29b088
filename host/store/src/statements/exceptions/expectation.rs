//! Expectations: what must arrive by when, kept so that it falls due whoever runs then.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use portgate_core::expectation::Expected;
use serde_json::json;
use uuid::Uuid;

use super::kept::touch;
use crate::error::JournalError;
use crate::event::{EventData, FOR_OPERATORS, NewEvent};
use crate::exception::{DueExpectation, KeptExpectation};
use crate::id::{EventId, ShipmentId};
use crate::shipment::FoldedShipment;
use crate::statements::event::insert_events;
use crate::statements::value::{Param, Row};
use crate::statements::{Sql, Step, limited};

pub(crate) async fn of<S: Sql>(sql: &mut S, shipment: ShipmentId) -> Step<Vec<KeptExpectation>> {
    Ok(of_all(sql, [shipment]).await?.remove(&shipment.0).unwrap_or_default())
}

/// The expectations of each of these shipments.
async fn of_all<S: Sql>(
    sql: &mut S,
    shipments: impl IntoIterator<Item = ShipmentId>,
) -> Step<BTreeMap<Uuid, Vec<KeptExpectation>>> {
    let text = format!(
        "SELECT shipment, name, about, since, due_at, met_at, overdue_at FROM expectations WHERE shipment {} \
         ORDER BY due_at, name, about",
        S::among(1)
    );
    let read = |mut row: Row| -> Result<KeptExpectation, JournalError> {
        let (name, of, since, due_at) = (row.text()?, row.text()?, row.time()?, row.time()?);
        let expected = Expected { name, of, since, met: row.optional(Row::time)? };
        Ok(KeptExpectation { expected, due_at, overdue_at: row.optional(Row::time)? })
    };
    let mut all: BTreeMap<Uuid, Vec<KeptExpectation>> = BTreeMap::new();
    for mut row in sql.query(&text, &[Param::ids(shipments.into_iter().map(|shipment| shipment.0))]).await? {
        all.entry(row.id()?).or_default().push(read(row)?);
    }
    Ok(all)
}

/// Keeps all expectations of shipments.
pub(super) async fn keep<S: Sql>(sql: &mut S, kept: &[&FoldedShipment]) -> Step<()> {
    let known = of_all(sql, kept.iter().map(|folded| folded.id)).await?;
    for folded in kept {
        let known = known.get(&folded.id.0).map(Vec::as_slice).unwrap_or_default();
        keep_of(sql, folded.id, known, &folded.people.expectations, folded.now).await?;
    }
    Ok(())
}

async fn keep_of<S: Sql>(
    sql: &mut S,
    shipment: ShipmentId,
    known: &[KeptExpectation],
    expectations: &[DueExpectation],
    now: Timestamp,
) -> Step<()> {
    let key = |expected: &Expected| (expected.name.clone(), expected.of.clone());
    let wanted: BTreeSet<_> = expectations.iter().map(|one| key(&one.expected)).collect();
    for gone in known.iter().filter(|known| !wanted.contains(&key(&known.expected))) {
        let text = "DELETE FROM expectations WHERE shipment = $1 AND name = $2 AND about = $3";
        let params = [Param::Id(shipment.0), Param::text(&gone.expected.name), Param::text(&gone.expected.of)];
        sql.execute(text, &params).await?;
    }
    for DueExpectation { expected, due_at } in expectations {
        let before = known.iter().find(|known| key(&known.expected) == key(expected));
        if before.is_some_and(|before| before.expected == *expected && before.due_at == *due_at) {
            continue;
        }
        let text = "INSERT INTO expectations (shipment, name, about, since, due_at, met_at) VALUES ($1, $2, $3, $4, $5, $6) \
                    ON CONFLICT (shipment, name, about) DO UPDATE SET since = excluded.since, due_at = excluded.due_at, \
                    met_at = excluded.met_at";
        let params = [
            Param::Id(shipment.0),
            Param::text(&expected.name),
            Param::text(&expected.of),
            Param::time(expected.since),
            Param::time(*due_at),
            Param::optional(expected.met, Param::time),
        ];
        sql.execute(text, &params).await?;
        let is_late = before.is_some_and(|before| before.overdue_at.is_some() && before.expected.met.is_none());
        if is_late && expected.met.is_some() {
            tell(sql, shipment, "met", expected, *due_at, now).await?;
        }
    }
    Ok(())
}

pub(crate) async fn any_due<S: Sql>(sql: &mut S, now: Timestamp) -> Step<bool> {
    let text = "SELECT 1 FROM expectations WHERE met_at IS NULL AND overdue_at IS NULL AND due_at <= $1 LIMIT 1";
    Ok(!sql.query(text, &[Param::time(now)]).await?.is_empty())
}

/// Notices what has not arrived by its time, once: its shipment is put together anew, and whoever listens is told. Gives back
/// how many.
pub(crate) async fn fall_due<S: Sql>(sql: &mut S, now: Timestamp, limit: u32) -> Step<u64> {
    let text = format!(
        "SELECT shipment, name, about, since, due_at FROM expectations WHERE met_at IS NULL AND overdue_at IS NULL \
         AND due_at <= $1 ORDER BY due_at LIMIT $2 {}",
        S::LOCK_FREE_ONES
    );
    let rows = sql.query(&text, &[Param::time(now), limited(limit)]).await?;
    let fallen = rows.len() as u64;
    for mut row in rows {
        let shipment = ShipmentId(row.id()?);
        let expected = Expected { name: row.text()?, of: row.text()?, since: row.time()?, met: None };
        let due_at = row.time()?;
        let text = "UPDATE expectations SET overdue_at = $1 WHERE shipment = $2 AND name = $3 AND about = $4";
        let params = [Param::time(now), Param::Id(shipment.0), Param::text(&expected.name), Param::text(&expected.of)];
        sql.execute(text, &params).await?;
        failpoint!("journal::expectation::due");
        touch(sql, shipment, now).await?;
        tell(sql, shipment, "overdue", &expected, due_at, now).await?;
    }
    Ok(fallen)
}

async fn tell<S: Sql>(
    sql: &mut S,
    shipment: ShipmentId,
    what: &str,
    expected: &Expected,
    due_at: Timestamp,
    now: Timestamp,
) -> Step<()> {
    let data = json!({
        "shipment": shipment.to_string(),
        "expectation": expected.name,
        "since": expected.since.to_string(),
        "due": due_at.to_string(),
        "met": expected.met.map(|met| met.to_string()),
    });
    let event = NewEvent {
        id: EventId::new(now),
        kind: format!("portgate.expectation.{what}"),
        subject: shipment.to_string(),
        partner: FOR_OPERATORS.to_owned(),
        at: now,
        data: EventData::Own(data.to_string()),
    };
    insert_events(sql, &[event]).await
}
