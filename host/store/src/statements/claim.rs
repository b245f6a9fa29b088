//! Finding work, and holding the right to it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use portgate_core::document::Document;

use super::batch::{Due, Together};
use super::request::request;
use super::state::LEFT_UNSAID;
use super::value::{Param, Row};
use super::{Sql, Step, batch, filings, limited};
use crate::delivery::{Claim, ClaimRequest, ClaimedDelivery, Work};
use crate::error::JournalError;
use crate::id::{ClaimId, DeliveryId, ExchangeId};

/// Goes from one destination to the next in the index instead of through all that waits.
pub(crate) async fn destinations_due<S: Sql>(sql: &mut S, now: Timestamp) -> Step<Vec<String>> {
    let text = "WITH RECURSIVE each (destination) AS (\
                SELECT min(destination) FROM deliveries WHERE claimable_at IS NOT NULL UNION ALL \
                SELECT (SELECT min(deliveries.destination) FROM deliveries WHERE claimable_at IS NOT NULL \
                AND deliveries.destination > each.destination) FROM each WHERE each.destination IS NOT NULL) \
                SELECT destination FROM each WHERE destination IS NOT NULL AND EXISTS (SELECT 1 FROM deliveries \
                WHERE deliveries.destination = each.destination AND claimable_at <= $1)";
    let rows = sql.query(text, &[Param::time(now)]).await?;
    Ok(rows.into_iter().map(|mut row| row.text()).collect::<Result<_, _>>()?)
}

pub(crate) async fn claim<S: Sql>(sql: &mut S, request: &ClaimRequest) -> Step<Vec<ClaimedDelivery>> {
    let text = format!(
        "SELECT {} FROM deliveries WHERE destination = $1 AND claimable_at <= $2 AND {} \
         ORDER BY claimable_at, number LIMIT $3 {}",
        Due::COLUMNS,
        filings::MAY_GO,
        S::LOCK_FREE_ONES
    );
    let params = [Param::text(&request.destination), Param::time(request.now), limited(request.limit)];
    let due = sql.query(&text, &params).await?;
    let (mut claimed, mut taken) = (Vec::with_capacity(due.len()), BTreeSet::new());
    for row in due {
        let due = Due::read(row)?;
        if taken.contains(&due.id) {
            continue;
        }
        if due.lease_ran_out && filings::given_back(sql, due.id, request.now).await? {
            continue;
        }
        let Together { batch, deliveries } = batch::together(sql, &due, request).await?;
        let id = ClaimId::new(request.now);
        let mut together: Vec<ClaimedDelivery> = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            taken.insert(delivery);
            // What is there to be sent is sent for all of them.
            let renders = together.first().is_none_or(|first| matches!(first.work, Work::Render(_)));
            together.push(take(sql, Claim { delivery, id }, request, batch, renders).await?);
        }
        failpoint!("journal::claim::batch");
        let mut together = together.into_iter();
        if let Some(first) = together.next() {
            claimed.push(ClaimedDelivery { companions: together.collect(), ..first });
        }
        let batching = request.batching.iter().find(|batching| batching.is_of(&due.contract, &due.version));
        if let Some(batching) = batching.filter(|_| due.may_go_with_others) {
            batch::call_when_full(sql, &request.destination, batching, request.now).await?;
        }
    }
    Ok(claimed)
}

/// Claims one delivery. As what it goes out, alone or in a batch, it goes out from now on. Whether there is something to do
/// for it by itself is said by the first of its batch.
async fn take<S: Sql>(
    sql: &mut S,
    claim: Claim,
    by: &ClaimRequest,
    batch: Option<DeliveryId>,
    has_work: bool,
) -> Step<ClaimedDelivery> {
    let until = by.now.checked_add(by.lease).unwrap_or(Timestamp::MAX);
    let text = format!(
        "UPDATE deliveries SET claim = $1, worker = $2, claimable_at = $3, batch = $4, batch_bytes = NULL, \
         awaits_code_since = NULL, {LEFT_UNSAID} WHERE id = $5 RETURNING exchange, \
         (SELECT partner FROM exchanges WHERE exchanges.id = deliveries.exchange), \
         (SELECT trace FROM exchanges WHERE exchanges.id = deliveries.exchange), \
         destination, contract, version, parts, lane, created_at, attempts, tries, follow_ups, documents, state"
    );
    let params = [
        Param::Id(claim.id.0),
        Param::text(&by.worker),
        Param::time(until),
        Param::optional(batch, |batch| Param::Id(batch.0)),
        Param::Id(claim.delivery.0),
    ];
    let mut row = sql.query(&text, &params).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    let exchange = ExchangeId(row.id()?);
    let mut claimed = ClaimedDelivery {
        claim,
        exchange,
        partner: row.text()?,
        trace: row.optional(Row::text)?,
        destination: row.text()?,
        contract: row.text()?,
        version: row.text()?,
        parts: row.optional(Row::json)?.unwrap_or_default(),
        lane: row.optional(Row::text)?,
        created_at: row.time()?,
        attempt: row.count::<u32>()?.saturating_add(1),
        tries: row.count()?,
        follow_ups: row.count()?,
        work: Work::Render(Vec::new()),
        batch,
        companions: Vec::new(),
    };
    let positions: Vec<u32> = row.json()?;
    let awaiting = row.text()? == "awaiting";
    if !has_work {
        return Ok(claimed);
    }
    claimed.work = match request(sql, claimed.sent_as(), if awaiting { "ask" } else { "send" }).await? {
        Some(question) if awaiting => Work::Ask(question),
        Some(request) => Work::Send(request),
        None => Work::Render(documents(sql, exchange, &positions).await?),
    };
    Ok(claimed)
}

async fn documents<S: Sql>(sql: &mut S, exchange: ExchangeId, positions: &[u32]) -> Step<Vec<Document>> {
    let text = "SELECT kind, key, refs, body FROM documents WHERE exchange = $1 AND position = $2";
    let mut documents = Vec::with_capacity(positions.len());
    for position in positions {
        let row = sql.query(text, &[Param::Id(exchange.0), Param::count(*position)]).await?.pop();
        let Some(mut row) = row else {
            return Err(JournalError::Unreadable(format!("{exchange} has no document {position}")).into());
        };
        documents.push(Document { kind: row.text()?, key: row.text()?, refs: row.json()?, body: row.bytes()? });
    }
    Ok(documents)
}

pub(crate) async fn renew<S: Sql>(sql: &mut S, claims: &[Claim], until: Timestamp) -> Step<Vec<Claim>> {
    let text = "UPDATE deliveries SET claimable_at = $1 WHERE id = $2 AND claim = $3";
    let mut held = Vec::with_capacity(claims.len());
    for claim in in_order(claims) {
        let params = [Param::time(until), Param::Id(claim.delivery.0), Param::Id(claim.id.0)];
        if sql.execute(text, &params).await? > 0 {
            held.push(claim);
        }
    }
    Ok(held)
}

/// Gives claims back of which nothing was sent.
pub(crate) async fn release<S: Sql>(sql: &mut S, claims: &[Claim], now: Timestamp) -> Step<()> {
    let text = "UPDATE deliveries SET claim = NULL, worker = NULL, claimable_at = due_at WHERE id = $1 AND claim = $2";
    for claim in in_order(claims) {
        if sql.execute(text, &[Param::Id(claim.delivery.0), Param::Id(claim.id.0)]).await? > 0 {
            filings::delivery_changed(sql, claim.delivery, now).await?;
        }
    }
    Ok(())
}

/// Rows are locked in the same order by everybody.
fn in_order(claims: &[Claim]) -> Vec<Claim> {
    let mut claims = claims.to_vec();
    claims.sort_by_key(|claim| claim.delivery);
    claims
}

/// Gives back what ended processes had claimed. Only for a caller that knows that there is no other process.
pub(crate) async fn release_all<S: Sql>(sql: &mut S) -> Step<u64> {
    filings::look_at_claimed(sql).await?;
    let text = format!(
        "UPDATE deliveries SET {LEFT_UNSAID}, claim = NULL, worker = NULL, claimable_at = due_at \
         WHERE claimable_at IS NOT NULL AND claim IS NOT NULL"
    );
    sql.execute(&text, &[]).await
}
