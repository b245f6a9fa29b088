//! Keeping a message with all that came of it.

use super::delivery::insert_delivery;
use super::event::insert_events;
use super::key::business_hash;
use super::lane::lock_lanes;
use super::request_key::{insert_answers, kept_answer};
use super::rows::{DocumentRow, ExchangeRow};
use super::table::insert;
use super::value::Param;
use super::waiting;
use super::{Sql, Step, acknowledgement, names, numbers};
use crate::acceptance::{Acceptance, Accepted, BusinessKey, NewExchange};
use crate::id::ExchangeId;
use crate::name::{self, Name};

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
    waiting::exchange_awaits(sql, exchange, partner, awaits, *now).await
}

pub(crate) async fn insert_documents<S: Sql>(sql: &mut S, acceptance: &Acceptance) -> Step<()> {
    let Acceptance { exchange, documents, .. } = acceptance;
    for row in DocumentRow::all(exchange.id, documents, &exchange.parts) {
        insert(sql, &row).await?;
    }
    Ok(())
}
