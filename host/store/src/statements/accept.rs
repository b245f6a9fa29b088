//! Keeping a message with all that came of it.

use jiff::Timestamp;
use portgate_core::document::Document;

use super::event::insert_events;
use super::request_key::{insert_answers, kept_answer};
use super::settle::insert_request;
use super::value::{Param, key_hash, lane_name, sha256};
use super::{Sql, Step};
use crate::acceptance::{Acceptance, Accepted, NewDelivery};
use crate::id::ExchangeId;

pub(crate) fn business_hash(partner: &str, contract: &str, key: &str) -> [u8; 16] {
    key_hash("business", partner, contract, key)
}

/// Which exchange has a business key, and whether its fingerprint is this one.
async fn business_duplicate<S: Sql>(sql: &S, hash: &[u8; 16], fingerprint: &[u8; 32]) -> Step<Option<Accepted>> {
    let text = "SELECT id, business_fingerprint FROM exchanges WHERE business_hash = $1";
    let Some(mut row) = sql.query(text, &[Param::Bytes(hash)]).await?.pop() else { return Ok(None) };
    let exchange = ExchangeId(row.id()?);
    Ok(Some(Accepted::DuplicateBusinessKey { exchange, same_payload: row.digest()? == *fingerprint }))
}

/// What the keys of an acceptance say: how it ends without being kept, if it does.
pub(crate) async fn known<S: Sql>(sql: &S, acceptance: &Acceptance) -> Step<Option<Accepted>> {
    let exchange = &acceptance.exchange;
    if let Some(known) = &acceptance.idempotency {
        let kept = kept_answer(sql, &exchange.partner, &known.keys, &known.fingerprint, acceptance.now).await?;
        if let Some(kept) = kept {
            return Ok(Some(kept.into()));
        }
    }
    match &acceptance.business_key {
        Some(business) => {
            let hash = business_hash(&exchange.partner, &exchange.contract, &business.key);
            business_duplicate(sql, &hash, &business.fingerprint).await
        }
        None => Ok(None),
    }
}

/// Keeps a message unless its keys are known. Where another transaction takes a key at the same time, the database
/// refuses with a violation of its unique index.
pub(crate) async fn accept<S: Sql>(sql: &S, acceptance: &Acceptance) -> Step<Accepted> {
    if let Some(known) = known(sql, acceptance).await? {
        return Ok(known);
    }
    lock_lanes(sql, &acceptance.deliveries).await?;
    insert_exchange(sql, acceptance).await?;
    failpoint!("journal::accept::exchange");
    insert_documents(sql, acceptance.exchange.id, &acceptance.documents).await?;
    failpoint!("journal::accept::documents");
    for delivery in &acceptance.deliveries {
        insert_delivery(sql, acceptance.exchange.id, delivery, acceptance.now).await?;
    }
    failpoint!("journal::accept::deliveries");
    insert_answers(sql, acceptance).await?;
    failpoint!("journal::accept::answer");
    insert_events(sql, &acceptance.events).await?;
    failpoint!("journal::accept::events");
    Ok(Accepted::Committed)
}

/// Locks the lanes of new deliveries, always in the same order.
pub(crate) async fn lock_lanes<S: Sql>(sql: &S, deliveries: &[NewDelivery]) -> Step<()> {
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

async fn insert_exchange<S: Sql>(sql: &S, acceptance: &Acceptance) -> Step<()> {
    let exchange = &acceptance.exchange;
    let business = acceptance.business_key.as_ref();
    let hash = business.map(|business| business_hash(&exchange.partner, &exchange.contract, &business.key));
    let text = "INSERT INTO exchanges (id, partner, contract, version, content_type, headers, received_at, accepted_at, \
                request_id, trace, plugin_name, plugin_version, plugin_sha256, sha256, findings, origin, business_key, \
                business_hash, business_fingerprint, payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
                $13, $14, $15, $16, $17, $18, $19, $20)";
    let params = [
        Param::Id(exchange.id.0),
        Param::text(&exchange.partner),
        Param::text(&exchange.contract),
        Param::text(&exchange.version),
        Param::text(&exchange.content_type),
        Param::json(&exchange.headers),
        Param::time(exchange.received_at),
        Param::time(acceptance.now),
        Param::text(&exchange.request_id),
        Param::optional(exchange.trace.as_deref(), Param::text),
        Param::text(&exchange.plugin.name),
        Param::text(&exchange.plugin.version),
        Param::Bytes(&exchange.plugin.sha256),
        Param::Bytes(&exchange.sha256),
        Param::json(&exchange.findings),
        Param::optional(exchange.origin, |origin| Param::Id(origin.0)),
        Param::optional(business.map(|business| business.key.as_str()), Param::text),
        Param::optional(hash.as_ref(), |hash| Param::Bytes(hash)),
        Param::optional(business, |business| Param::Bytes(&business.fingerprint)),
        Param::Bytes(&exchange.payload),
    ];
    sql.execute(text, &params).await?;
    Ok(())
}

pub(crate) async fn insert_documents<S: Sql>(sql: &S, exchange: ExchangeId, documents: &[Document]) -> Step<()> {
    let text = "INSERT INTO documents (exchange, position, kind, key, refs, sha256, body) \
                VALUES ($1, $2, $3, $4, $5, $6, $7)";
    for (position, document) in documents.iter().enumerate() {
        let digest = sha256(&document.body);
        let params = [
            Param::Id(exchange.0),
            Param::count(position as u64),
            Param::text(&document.kind),
            Param::text(&document.key),
            Param::json(&document.refs),
            Param::Bytes(&digest),
            Param::Bytes(&document.body),
        ];
        sql.execute(text, &params).await?;
    }
    Ok(())
}

pub(crate) async fn insert_delivery<S: Sql>(
    sql: &S,
    exchange: ExchangeId,
    delivery: &NewDelivery,
    now: Timestamp,
) -> Step<()> {
    let lane = delivery.lane.as_deref().map(lane_name);
    // In a lane somebody else may be before it.
    let turn = match &lane {
        None => Param::time(now),
        Some(lane) => match lane_is_taken(sql, &delivery.destination, lane).await? {
            true => Param::Null,
            false => Param::time(now),
        },
    };
    let text = "INSERT INTO deliveries (id, exchange, destination, contract, version, documents, lane, state, findings, \
                created_at, due_at, claimable_at, attempts, tries, follow_ups) VALUES ($1, $2, $3, $4, $5, $6, $7, \
                'pending', '[]', $8, $9, $10, 0, 0, 0)";
    let params = [
        Param::Id(delivery.id.0),
        Param::Id(exchange.0),
        Param::text(&delivery.destination),
        Param::text(&delivery.contract),
        Param::text(&delivery.version),
        Param::json(&delivery.documents),
        Param::optional(lane.as_deref(), Param::text),
        Param::time(now),
        Param::time(now),
        turn,
    ];
    sql.execute(text, &params).await?;
    match &delivery.request {
        Some(request) => insert_request(sql, delivery.id, request).await,
        None => Ok(()),
    }
}

/// Whether a delivery of the lane has its turn. As the next one gets its turn when the one before is settled, none has
/// it only where the lane is empty.
pub(crate) async fn lane_is_taken<S: Sql>(sql: &S, destination: &str, lane: &str) -> Step<bool> {
    let text = "SELECT 1 FROM deliveries WHERE destination = $1 AND lane = $2 AND claimable_at IS NOT NULL LIMIT 1";
    let found = sql.query(text, &[Param::text(destination), Param::text(lane)]).await?;
    Ok(!found.is_empty())
}
