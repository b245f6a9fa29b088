//! What partners make of what they were sent: finding the deliveries that they name, and keeping what they say of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use portgate_core::agreement::ControlNumbers;
use portgate_core::document::Reference;
use portgate_core::finding::Finding;
use portgate_core::interchange::Kinds;
use portgate_core::state::Acknowledged;

use super::delivery::{insert_delivery, succeed};
use super::event::insert_events;
use super::lane::{lock_lanes, next_in_lane};
use super::request::request;
use super::state::{STATE, read_state, said, state_after};
use super::value::{Param, Row};
use super::{LIMIT_MAX, Sql, Step, limited, names};
use crate::acceptance::{Acknowledgement, NewDelivery, Told};
use crate::agreement::{ACKNOWLEDGEMENTS, NamedBy, SentAbout, SentUnder};
use crate::delivery::{DeadClass, Overdue, State};
use crate::error::JournalError;
use crate::id::{DeliveryId, ExchangeId};
use crate::name::Wanted;

/// The partner has the bytes, and its acknowledgement is awaited.
const AWAITED: &str = "awaited";
/// The same, and it has not come in time.
const OVERDUE: &str = "overdue";

/// Sets of one interchange at most: so far behind a first number the set with a certain number can be.
const SETS_MAX: u64 = 10_000;

/// Exchanges that are looked at for one reference.
const LOOKED_AT_MAX: u32 = 100;

pub(crate) async fn sent_under<S: Sql>(sql: &mut S, partner: &str, named: &[NamedBy]) -> Step<Vec<SentUnder>> {
    let mut sent = Vec::new();
    for named in named {
        let (condition, number) = match *named {
            NamedBy::Interchange(number) => ("interchange = $2", number),
            NamedBy::Group(number) => ("functional_group = $2", number),
            NamedBy::Message(number) => ("first_message <= $2 AND first_message + messages > $2", number),
        };
        // The first number of its interchange cannot be far before it.
        let least = match *named {
            NamedBy::Message(number) => number.saturating_sub(SETS_MAX),
            NamedBy::Interchange(_) | NamedBy::Group(_) => 0,
        };
        let params = [Param::text(partner), Param::count(number), Param::count(least), limited(LIMIT_MAX)];
        let text = format!(
            "{} WHERE sent_numbers.partner = $1 AND {condition} AND first_message >= $3 \
             ORDER BY deliveries.number DESC LIMIT $4",
            selected()
        );
        for row in sql.query(&text, &params).await? {
            sent.push(read(row)?);
        }
    }
    Ok(sent)
}

/// Looks in the exchanges that the references name, the newest first, for what was sent to the partner because of them.
pub(crate) async fn sent_about<S: Sql>(sql: &mut S, partner: &str, references: &[Reference]) -> Step<SentAbout> {
    let mut about = SentAbout::default();
    let mut carried: BTreeMap<DeliveryId, usize> = BTreeMap::new();
    for reference in references {
        let Some(wanted) = Wanted::of(&reference.value) else { continue };
        let exchanges = names::find(sql, &wanted, None, LOOKED_AT_MAX).await?;
        about.is_cut |= exchanges.len() >= LOOKED_AT_MAX as usize;
        for exchange in exchanges {
            for delivery in carrying(sql, exchange, partner, reference).await? {
                *carried.entry(delivery).or_default() += 1;
            }
        }
    }
    let most = carried.values().copied().max();
    for (delivery, _) in carried.into_iter().filter(|(_, references)| Some(*references) == most) {
        let text = format!("{} WHERE sent_numbers.delivery = $1", selected());
        for row in sql.query(&text, &[Param::Id(delivery.0)]).await? {
            about.sent.push(read(row)?);
        }
    }
    Ok(about)
}

/// The deliveries of an exchange to a partner, under control numbers, of documents that carry a reference.
async fn carrying<S: Sql>(
    sql: &mut S,
    exchange: ExchangeId,
    partner: &str,
    reference: &Reference,
) -> Step<Vec<DeliveryId>> {
    let text = "SELECT deliveries.id, deliveries.documents FROM deliveries \
                JOIN sent_numbers ON sent_numbers.delivery = deliveries.id \
                WHERE deliveries.exchange = $1 AND sent_numbers.partner = $2";
    let mut carrying = Vec::new();
    for mut row in sql.query(text, &[Param::Id(exchange.0), Param::text(partner)]).await? {
        let (delivery, documents): (_, Vec<u32>) = (DeliveryId(row.id()?), row.json()?);
        for position in documents {
            let text = "SELECT refs FROM documents WHERE exchange = $1 AND position = $2";
            let row = sql.query(text, &[Param::Id(exchange.0), Param::count(position)]).await?.pop();
            let references: Vec<Reference> = row.map(|mut row| row.json()).transpose()?.unwrap_or_default();
            if references.contains(reference) {
                carrying.push(delivery);
                break;
            }
        }
    }
    Ok(carrying)
}

pub(crate) async fn unacknowledged<S: Sql>(sql: &mut S, now: Timestamp, limit: u32) -> Step<Vec<SentUnder>> {
    let text = format!(
        "{} WHERE deliveries.acknowledgement IN ('awaited', 'overdue') AND deliveries.acknowledgement = 'awaited' \
         AND deliveries.acknowledge_by <= $1 ORDER BY deliveries.acknowledge_by LIMIT $2",
        selected()
    );
    let rows = sql.query(&text, &[Param::time(now), limited(limit)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Selects what [`read`] takes.
fn selected() -> String {
    format!(
        "SELECT deliveries.id, deliveries.exchange, \
         (SELECT partner FROM exchanges WHERE exchanges.id = deliveries.exchange), destination, contract, version, parts, \
         agreement, interchange, functional_group, first_message, messages, functional_id, message_type, made, {STATE}, acknowledgement \
         FROM sent_numbers JOIN deliveries ON deliveries.id = sent_numbers.delivery"
    )
}

fn read(mut row: Row) -> Result<SentUnder, JournalError> {
    Ok(SentUnder {
        delivery: DeliveryId(row.id()?),
        exchange: ExchangeId(row.id()?),
        partner: row.text()?,
        destination: row.text()?,
        contract: row.text()?,
        version: row.text()?,
        parts: row.optional(Row::json)?.unwrap_or_default(),
        agreement: row.text()?,
        numbers: ControlNumbers {
            interchange: row.count()?,
            group: row.count()?,
            first_message: row.count()?,
            messages: row.count()?,
        },
        kinds: Kinds { functional_id: row.text()?, message_type: row.text()?, made: row.text()? },
        state: read_state(&mut row)?,
        acknowledged: said(row.optional(Row::text)?.as_deref()),
    })
}

/// Keeps that the acknowledgement of a delivery that was just sent is awaited.
pub(crate) async fn expect<S: Sql>(sql: &mut S, delivery: DeliveryId, by: Timestamp) -> Step<()> {
    let text = "UPDATE deliveries SET acknowledgement = $1, acknowledge_by = $2 WHERE id = $3";
    sql.execute(text, &[Param::text(AWAITED), Param::time(by), Param::Id(delivery.0)]).await?;
    Ok(())
}

/// Whether their partner has said nothing yet of any of these, which nobody else can change until the transaction ends.
pub(crate) async fn are_open<S: Sql>(sql: &mut S, acknowledgements: &[Acknowledgement]) -> Step<bool> {
    let mut deliveries: Vec<DeliveryId> = acknowledgements.iter().map(|said| said.delivery).collect();
    // Always in the same order, so that no two wait for each other.
    deliveries.sort_unstable();
    for delivery in deliveries {
        let text = format!("SELECT acknowledgement FROM deliveries WHERE id = $1 {}", S::LOCK);
        let row = sql.query(&text, &[Param::Id(delivery.0)]).await?.pop();
        let Some(mut row) = row else { return Ok(false) };
        if said(row.optional(Row::text)?.as_deref()).is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Keeps what a partner makes of a delivery, unless it has said something of it before. Gives back whether it was kept.
pub(crate) async fn keep<S: Sql>(
    sql: &mut S,
    acknowledgement: &Acknowledgement,
    came_in: ExchangeId,
    now: Timestamp,
) -> Step<bool> {
    let Acknowledgement { delivery, said: new, findings, told } = acknowledgement;
    let text = format!(
        "SELECT state, acknowledgement, findings, claim, destination, lane, exchange FROM deliveries WHERE id = $1 {}",
        S::LOCK
    );
    let Some(mut row) = sql.query(&text, &[Param::Id(delivery.0)]).await?.pop() else { return Ok(false) };
    let state = row.text()?;
    let before = row.optional(Row::text)?;
    if said(before.as_deref()).is_some() {
        return Ok(false);
    }
    let mut all: Vec<Finding> = row.json()?;
    let is_claimed = row.optional(Row::id)?.is_some();
    let (destination, lane) = (row.text()?, row.optional(Row::text)?);
    let exchange = ExchangeId(row.id()?);
    if state == State::Dead.as_str() {
        // What was wrong with sending it counts no more: the partner has it.
        all.clear();
    }
    all.extend_from_slice(findings);
    let text = "UPDATE deliveries SET acknowledgement = $1, acknowledged_in = $2, findings = $3 WHERE id = $4";
    let params = [Param::text(new.as_str()), Param::Id(came_in.0), Param::json(&all), Param::Id(delivery.0)];
    sql.execute(text, &params).await?;
    if state == State::Discarded.as_str() {
        // What was given up stays so.
        return Ok(true);
    }
    tell(sql, exchange, told, now).await?;
    let is_open = state == State::Pending.as_str() || state == State::Awaiting.as_str();
    if is_open && is_claimed {
        // Somebody is at work on it, and the end of that attempt finds what is kept here.
        return Ok(true);
    }
    if let Some(lane) = lane.as_deref().filter(|_| is_open) {
        sql.lock_lanes(&[(&destination, lane)]).await?;
    }
    become_what_was_said(sql, *delivery, *new, now).await?;
    if let Some(lane) = lane.as_deref().filter(|_| is_open) {
        next_in_lane(sql, &destination, lane).await?;
    }
    Ok(true)
}

/// Where its partner refuses a delivery it has it by one sending less.
pub(crate) async fn refused<S: Sql>(sql: &mut S, delivery: DeliveryId, said: Acknowledged) -> Step<()> {
    if said == Acknowledged::Rejected {
        let text = "UPDATE deliveries SET may_be_taken = may_be_taken - 1 WHERE id = $1 AND may_be_taken > 0";
        sql.execute(text, &[Param::Id(delivery.0)]).await?;
    }
    Ok(())
}

/// Brings a delivery to the end that its partner's word means.
pub(crate) async fn become_what_was_said<S: Sql>(
    sql: &mut S,
    delivery: DeliveryId,
    said: Acknowledged,
    now: Timestamp,
) -> Step<()> {
    let (state, class) = state_after(said);
    refused(sql, delivery, said).await?;
    let text = "UPDATE deliveries SET state = $1, class = $2, retry_class = NULL, settled_at = $3, claim = NULL, \
                worker = NULL, claimable_at = NULL WHERE id = $4";
    let params = [
        Param::text(state.as_str()),
        Param::optional(class.map(DeadClass::as_str), Param::text),
        Param::time(now),
        Param::Id(delivery.0),
    ];
    sql.execute(text, &params).await?;
    Ok(())
}

pub(crate) async fn keep_overdue<S: Sql>(sql: &mut S, overdue: &[Overdue], now: Timestamp) -> Step<u64> {
    let mut kept = 0;
    for Overdue { delivery, told } in overdue {
        let text = "UPDATE deliveries SET acknowledgement = $1 WHERE id = $2 AND acknowledgement = $3 \
                    AND acknowledge_by <= $4 RETURNING exchange";
        let params = [Param::text(OVERDUE), Param::Id(delivery.0), Param::text(AWAITED), Param::time(now)];
        if let Some(mut row) = sql.query(text, &params).await?.pop() {
            tell(sql, ExchangeId(row.id()?), told, now).await?;
            kept += 1;
        }
    }
    Ok(kept)
}

/// Makes a new delivery of the acknowledgement that an exchange was given.
pub(crate) async fn send_again<S: Sql>(sql: &mut S, exchange: ExchangeId, now: Timestamp) -> Step<bool> {
    let text = format!(
        "SELECT id, destination, contract, version, settled_at FROM deliveries WHERE exchange = $1 AND lane = $2 \
         ORDER BY number DESC LIMIT 1 {}",
        S::LOCK
    );
    let Some(mut row) = sql.query(&text, &[Param::Id(exchange.0), Param::text(ACKNOWLEDGEMENTS)]).await?.pop() else {
        return Ok(false);
    };
    let last = DeliveryId(row.id()?);
    let (destination, contract, version) = (row.text()?, row.text()?, row.text()?);
    if row.optional(Row::time)?.is_none() {
        return Ok(true);
    }
    let Some(request) = request(sql, last, "send").await? else { return Ok(false) };
    let delivery = NewDelivery {
        id: DeliveryId::new(now),
        destination,
        contract,
        version,
        documents: Vec::new(),
        parts: Vec::new(),
        lane: Some(ACKNOWLEDGEMENTS.to_owned()),
        request: Some(request),
        batched: None,
    };
    lock_lanes(sql, std::slice::from_ref(&delivery)).await?;
    insert_delivery(sql, exchange, &delivery, now).await?;
    succeed(sql, delivery.id, last).await?;
    Ok(true)
}

async fn tell<S: Sql>(sql: &mut S, exchange: ExchangeId, told: &Told, now: Timestamp) -> Step<()> {
    for delivery in &told.deliveries {
        insert_delivery(sql, exchange, delivery, now).await?;
    }
    insert_events(sql, &told.events).await
}
