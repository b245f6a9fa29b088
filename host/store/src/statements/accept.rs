//! Keeping a message with all that came of it.

use jiff::Timestamp;

use super::codes::awaited;
use super::event::insert_events;
use super::request_key::{insert_answers, kept_answer};
use super::rows::{DeliveryRow, DocumentRow, ExchangeRow, RequestRow};
use super::settle::insert_request;
use super::table::insert;
use super::value::{Param, key_hash, lane_name};
use super::{Sql, Step, acknowledgement, batch, names, numbers};
use crate::acceptance::{Acceptance, Accepted, BusinessKey, NewDelivery, NewExchange};
use crate::id::ExchangeId;
use crate::name::{self, Name};

pub(crate) fn business_hash(partner: &str, contract: &str, key: &str) -> [u8; 16] {
    key_hash("business", partner, contract, key)
}

/// Which exchange has a business key, and whether its fingerprint is this one.
pub(crate) async fn known_business_key<S: Sql>(
    sql: &mut S,
    partner: &str,
    contract: &str,
    business: &BusinessKey,
) -> Step<Option<(ExchangeId, bool)>> {
    let text = "SELECT id, business_fingerprint FROM exchanges WHERE business_hash = $1";
    let hash = business_hash(partner, contract, &business.key);
    let Some(mut row) = sql.query(text, &[Param::Bytes(&hash)]).await?.pop() else { return Ok(None) };
    Ok(Some((ExchangeId(row.id()?), row.digest()? == business.fingerprint)))
}

/// What the keys of an acceptance say: how it ends without being kept, if it does.
pub(crate) async fn known<S: Sql>(sql: &mut S, acceptance: &Acceptance) -> Step<Option<Accepted>> {
    let exchange = &acceptance.exchange;
    if let Some(known) = &acceptance.idempotency {
        let kept =
            kept_answer(sql, &exchange.partner, &known.keys, &known.fingerprint, Some(exchange.id), acceptance.now)
                .await?;
        if let Some(kept) = kept {
            return Ok(Some(kept.into()));
        }
    }
    match &acceptance.business_key {
        Some(business) => {
            let known = known_business_key(sql, &exchange.partner, &exchange.contract, business).await?;
            Ok(known.map(|(exchange, same_payload)| Accepted::DuplicateBusinessKey { exchange, same_payload }))
        }
        None => Ok(None),
    }
}

/// Keeps a message unless its keys are known. Where another transaction takes a key at the same time, the database
/// refuses with a violation of its unique index.
pub(crate) async fn accept<S: Sql>(sql: &mut S, acceptance: &Acceptance) -> Step<Accepted> {
    accept_named(sql, acceptance, &name::of_acceptance(acceptance)).await
}

/// The same, with the names that the message is found by worked out already.
pub(crate) async fn accept_named<S: Sql>(sql: &mut S, acceptance: &Acceptance, names: &[Name]) -> Step<Accepted> {
    if let Some(known) = known(sql, acceptance).await? {
        return Ok(known);
    }
    if !holds(sql, acceptance).await? {
        return Ok(Accepted::Overtaken);
    }
    lock_lanes(sql, &acceptance.deliveries).await?;
    insert(sql, &ExchangeRow::of(acceptance)).await?;
    failpoint!("journal::accept::exchange");
    insert_documents(sql, acceptance).await?;
    failpoint!("journal::accept::documents");
    for delivery in &acceptance.deliveries {
        insert_delivery(sql, acceptance.exchange.id, delivery, acceptance.now).await?;
    }
    failpoint!("journal::accept::deliveries");
    insert_answers(sql, acceptance).await?;
    failpoint!("journal::accept::answer");
    insert_events(sql, &acceptance.events).await?;
    failpoint!("journal::accept::events");
    sql.gather(&names::entries(acceptance.exchange.id, names)).await?;
    acknowledge(sql, acceptance, acceptance.exchange.id).await?;
    Ok(Accepted::Committed)
}

/// Whether nothing has changed of what the acceptance was worked out from. Where it is so, the control numbers of its reply
/// are taken, and nobody else can acknowledge what it acknowledges. Nothing may be kept before.
pub(crate) async fn holds<S: Sql>(sql: &mut S, acceptance: &Acceptance) -> Step<bool> {
    if !acknowledgement::are_open(sql, &acceptance.acknowledgements).await? {
        return Ok(false);
    }
    if let Some(numbering) = &acceptance.numbering
        && !numbers::take(sql, numbering).await?
    {
        return Ok(false);
    }
    if let Some(received) = &acceptance.received {
        numbers::receive(sql, &acceptance.exchange.partner, received).await?;
    }
    Ok(true)
}

/// Keeps what it says of deliveries, and what it waits for.
pub(crate) async fn acknowledge<S: Sql>(sql: &mut S, acceptance: &Acceptance, exchange: ExchangeId) -> Step<()> {
    for said in &acceptance.acknowledgements {
        acknowledgement::keep(sql, said, exchange, acceptance.now).await?;
    }
    if acceptance.awaits.is_empty() {
        return Ok(());
    }
    let Acceptance { exchange: NewExchange { partner, .. }, awaits, now, .. } = acceptance;
    awaited::exchange_awaits(sql, exchange, partner, awaits, *now).await
}

/// Locks the lanes of new deliveries, always in the same order.
pub(crate) async fn lock_lanes<S: Sql>(sql: &mut S, deliveries: &[NewDelivery]) -> Step<()> {
    let named =
        |delivery: &NewDelivery| Some((delivery.destination.clone(), lane_name(delivery.lane.as_ref()?).into_owned()));
    let lanes: std::collections::BTreeSet<(String, String)> = deliveries.iter().filter_map(named).collect();
    let lanes: Vec<(&str, &str)> =
        lanes.iter().map(|(destination, lane)| (destination.as_str(), lane.as_str())).collect();
    match lanes.is_empty() {
        true => Ok(()),
        false => sql.lock_lanes(&lanes).await,
    }
}

pub(crate) async fn insert_documents<S: Sql>(sql: &mut S, acceptance: &Acceptance) -> Step<()> {
    let Acceptance { exchange, documents, .. } = acceptance;
    for row in DocumentRow::all(exchange.id, documents, &exchange.parts) {
        insert(sql, &row).await?;
    }
    Ok(())
}

pub(crate) async fn insert_delivery<S: Sql>(
    sql: &mut S,
    exchange: ExchangeId,
    delivery: &NewDelivery,
    now: Timestamp,
) -> Step<()> {
    let mut row = DeliveryRow::of(exchange, delivery, now);
    // Another delivery of its lane may be before it.
    if let Some((destination, lane)) = row.place_in_lane()
        && lane_is_taken(sql, destination, lane).await?
    {
        row.claimable_at = None;
    }
    insert(sql, &row).await?;
    if let Some(request) = RequestRow::known(delivery) {
        insert_request(sql, &request).await?;
    }
    match &delivery.batched {
        Some(batched) => batch::call_when_full(sql, &delivery.destination, &batched.batching, now).await,
        None => Ok(()),
    }
}

/// Whether a delivery of the lane has its turn. The next one gets its turn when the one before is settled, so only in
/// an empty lane none has it.
pub(crate) async fn lane_is_taken<S: Sql>(sql: &mut S, destination: &str, lane: &str) -> Step<bool> {
    let text = "SELECT 1 FROM deliveries WHERE destination = $1 AND lane = $2 AND claimable_at IS NOT NULL LIMIT 1";
    let found = sql.query(text, &[Param::text(destination), Param::text(lane)]).await?;
    Ok(!found.is_empty())
}
