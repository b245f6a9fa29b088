//! Filings: where they stand, how far their deliveries have come, and what operators want of them.

mod sent;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use portgate_core::filing::Standing;
use portgate_core::finding::Finding;
use uuid::Uuid;

use super::about;
use super::delivery::succeed;
use super::due::touch_named;
use super::event::insert_events;
use super::found::{Found, give_up};
use super::record;
use super::value::{Param, Row};
use super::{Sql, Step, limited};
use crate::act::Act;
use crate::error::JournalError;
use crate::filing::{ChangedFiling, FilingDeed, FilingOrder, FilingOrdered, FilingQuery, KeptFiling};
use crate::id::{DeliveryId, ShipmentId};

pub(crate) use self::sent::{
    MAY_GO, delivery_changed, given_back, keeps_from_resend, keeps_from_retry, look_at_claimed,
};
use self::sent::{STANDING, standing};

/// The columns that [`kept`] takes.
const COLUMNS: &str = "filings.shipment, filings.name, filing, began_at, filings.changed_at, released, cancelled";

fn kept(mut row: Row) -> Result<KeptFiling, JournalError> {
    Ok(KeptFiling {
        shipment: ShipmentId(row.id()?),
        name: row.text()?,
        filing: row.json()?,
        began_at: row.time()?,
        changed_at: row.time()?,
        released: row.optional(Row::json)?,
        cancelled: row.optional(Row::json)?,
        deliveries: BTreeMap::new(),
    })
}

async fn with_deliveries<S: Sql>(sql: &mut S, rows: Vec<Row>) -> Step<Vec<KeptFiling>> {
    let mut found: Vec<KeptFiling> = rows.into_iter().map(kept).collect::<Result<_, _>>()?;
    let mut all = deliveries(sql, &found).await?;
    for kept in &mut found {
        kept.deliveries = all.remove(&(kept.shipment, kept.name.clone())).unwrap_or_default();
    }
    Ok(found)
}

/// How far the deliveries of each filing have come, by its shipment and name.
type Deliveries = HashMap<(ShipmentId, String), BTreeMap<String, Standing>>;

/// The deliveries of all filings of the shipments that these are of.
async fn deliveries<S: Sql>(sql: &mut S, filings: &[KeptFiling]) -> Step<Deliveries> {
    let mut all = Deliveries::new();
    let shipments: BTreeSet<Uuid> = filings.iter().map(|kept| kept.shipment.0).collect();
    if shipments.is_empty() {
        return Ok(all);
    }
    let text = format!(
        "SELECT filing_deliveries.shipment, filing_deliveries.name, deliveries.id, {STANDING} FROM filing_deliveries \
         JOIN deliveries ON deliveries.id = filing_deliveries.delivery WHERE filing_deliveries.shipment {}",
        S::among(1)
    );
    for mut row in sql.query(&text, &[Param::ids(shipments)]).await? {
        let (filing, delivery) = ((ShipmentId(row.id()?), row.text()?), DeliveryId(row.id()?).to_string());
        all.entry(filing).or_default().insert(delivery, standing(&mut row)?);
    }
    Ok(all)
}

/// The filings of each of these shipments, whatever it was called when they began.
pub(crate) async fn of_shipments<S: Sql>(
    sql: &mut S,
    shipments: &[ShipmentId],
) -> Step<HashMap<ShipmentId, Vec<KeptFiling>>> {
    let mut all: HashMap<ShipmentId, Vec<KeptFiling>> =
        shipments.iter().map(|shipment| (*shipment, Vec::new())).collect();
    let text = format!(
        "SELECT shipment_ids.shipment, {COLUMNS} FROM shipment_ids JOIN filings ON filings.shipment = shipment_ids.id \
         WHERE shipment_ids.shipment {} ORDER BY began_at, filings.shipment, filings.name",
        S::among(1)
    );
    let mut rows = sql.query(&text, &[Param::ids(shipments.iter().map(|shipment| shipment.0))]).await?;
    let called = rows.iter_mut().map(|row| Ok(ShipmentId(row.id()?))).collect::<Result<Vec<_>, JournalError>>()?;
    for (shipment, kept) in called.into_iter().zip(with_deliveries(sql, rows).await?) {
        all.entry(shipment).or_default().push(kept);
    }
    Ok(all)
}

pub(crate) async fn list<S: Sql>(sql: &mut S, query: &FilingQuery) -> Step<Vec<KeptFiling>> {
    // The words are the gateway's own, and so is their spelling.
    let states: Vec<String> = query.states.iter().map(|state| format!("'{state}'")).collect();
    let of_states = if states.is_empty() { String::new() } else { format!("AND state IN ({})", states.join(", ")) };
    let text = match &query.name {
        Some(_) => {
            format!("SELECT {COLUMNS} FROM filings WHERE name = $1 {of_states} ORDER BY changed_at DESC LIMIT $2")
        }
        None => format!("SELECT {COLUMNS} FROM filings WHERE name <> $1 {of_states} ORDER BY changed_at DESC LIMIT $2"),
    };
    let rows =
        sql.query(&text, &[Param::text(query.name.as_deref().unwrap_or_default()), limited(query.limit)]).await?;
    with_deliveries(sql, rows).await
}

pub(crate) async fn named<S: Sql>(sql: &mut S, lrn: &str) -> Step<Option<KeptFiling>> {
    let rows = sql.query(&format!("SELECT {COLUMNS} FROM filings WHERE lrn = $1"), &[Param::text(lrn)]).await?;
    Ok(with_deliveries(sql, rows).await?.pop())
}

/// The deliveries that are to be given up: their lanes, and whether nothing of any of them has left. Nobody claims one of them
/// before the transaction ends.
pub(crate) async fn hold<S: Sql>(sql: &mut S, changed: &[ChangedFiling]) -> Step<Option<Vec<(String, String)>>> {
    let mut lanes = Vec::new();
    for (delivery, _) in changed.iter().filter_map(|changed| changed.withdrawn) {
        let text = format!("SELECT destination, lane, {STANDING} FROM deliveries WHERE id = $1 {}", S::LOCK);
        let Some(mut row) = sql.query(&text, &[Param::Id(delivery.0)]).await?.pop() else { return Ok(None) };
        let (destination, lane) = (row.text()?, row.optional(Row::text)?);
        match standing(&mut row)? {
            Standing::Waiting | Standing::Dead | Standing::Discarded | Standing::Unsure => {}
            Standing::UnderWay | Standing::Taken => return Ok(None),
        }
        lanes.extend(lane.map(|lane| (destination, lane)));
    }
    Ok(Some(lanes))
}

/// Keeps filings as they are now. Whatever is withdrawn was held before.
pub(crate) async fn keep<S: Sql>(sql: &mut S, changed: &[ChangedFiling], now: Timestamp) -> Step<()> {
    for changed in changed {
        let ChangedFiling { shipment, name, filing, made, withdrawn, release_used, told } = changed;
        let text = "INSERT INTO filings (shipment, name, state, lrn, mrn, filing, began_at, changed_at) \
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (shipment, name) DO UPDATE SET \
                    state = excluded.state, lrn = excluded.lrn, mrn = excluded.mrn, filing = excluded.filing, \
                    changed_at = excluded.changed_at";
        let params = [
            Param::Id(shipment.0),
            Param::text(name),
            Param::text(filing.state.as_str()),
            Param::text(&filing.lrn),
            Param::optional(filing.mrn.as_deref(), Param::text),
            Param::json(filing),
            Param::time(now),
            Param::time(now),
        ];
        sql.execute(text, &params).await?;
        failpoint!("journal::fold::filing");
        if *release_used {
            let text = "UPDATE filings SET released = NULL WHERE shipment = $1 AND name = $2";
            sql.execute(text, &[Param::Id(shipment.0), Param::text(name)]).await?;
        }
        if let Some(made) = made {
            let text = "INSERT INTO filing_deliveries (delivery, shipment, name) VALUES ($1, $2, $3)";
            sql.execute(text, &[Param::Id(made.0), Param::Id(shipment.0), Param::text(name)]).await?;
        }
        if let Some((delivery, successor)) = withdrawn {
            withdraw(sql, *delivery, *successor, now).await?;
            failpoint!("journal::fold::withdrawn");
        }
        if let Some(told) = told {
            insert_events(sql, std::slice::from_ref(told)).await?;
        }
    }
    Ok(())
}

/// Gives up a delivery that has not left.
async fn withdraw<S: Sql>(
    sql: &mut S,
    delivery: DeliveryId,
    successor: Option<DeliveryId>,
    now: Timestamp,
) -> Step<()> {
    let text = format!("SELECT {} FROM deliveries WHERE id = $1", Found::COLUMNS);
    let Some(mut row) = sql.query(&text, &[Param::Id(delivery.0)]).await?.pop() else { return Ok(()) };
    let found = Found::read(&mut row)?;
    if let Some(successor) = successor {
        succeed(sql, successor, delivery).await?;
    }
    let detail = match successor {
        Some(successor) => format!("what it declares has changed, and the delivery {successor} has taken its place"),
        None => "what it declares may not go out any more".to_owned(),
    };
    give_up(sql, &found, Finding::warning("superseded", "", detail), now).await
}

/// Keeps what an operator wants of a filing.
pub(crate) async fn order<S: Sql>(sql: &mut S, order: &FilingOrder) -> Step<FilingOrdered> {
    let FilingOrder { shipment, name, deed, digest, operator, now } = order;
    let text = format!("SELECT {COLUMNS} FROM filings WHERE shipment = $1 AND name = $2 {}", S::LOCK);
    let found = sql.query(&text, &[Param::Id(shipment.0), Param::text(name)]).await?.pop().map(kept).transpose()?;
    let Some(found) = found else { return Ok(FilingOrdered::Unknown) };
    if found.filing.digest != *digest {
        return Ok(FilingOrdered::Outdated);
    }
    let word = crate::filing::FilingWord {
        digest: digest.clone(),
        operator: operator.name.clone(),
        reason: operator.reason.clone(),
        at: *now,
    };
    let text = match deed {
        FilingDeed::Release => "UPDATE filings SET released = $1, cancelled = NULL WHERE shipment = $2 AND name = $3",
        FilingDeed::Cancel => "UPDATE filings SET cancelled = $1, released = NULL WHERE shipment = $2 AND name = $3",
    };
    sql.execute(text, &[Param::json(&word), Param::Id(shipment.0), Param::text(name)]).await?;
    failpoint!("journal::filing::order");
    let filter = serde_json::json!({ "shipment": shipment.to_string(), "filing": name, "lrn": found.filing.lrn });
    let act = Act {
        kind: deed.as_str().to_owned(),
        operator: operator.clone(),
        at: *now,
        filter: filter.to_string(),
        count: 1,
    };
    let record = record::keep(sql, &act, &[]).await?;
    about::shipment(sql, record, shipment.0).await?;
    touch_named(sql, shipment.0, *now).await?;
    Ok(FilingOrdered::Done)
}
