//! Deliveries of one contract that go out together, as one interchange: which ones, and when.
//!
//! Whoever claims one that may go with others takes along what else may, in the same transaction, and from then on they are
//! a batch: what is rendered is kept once, under the id of the first, and every attempt that sends it again finds it
//! there. Each of them keeps its own state, its own numbers and its own end. Of each lane only the one goes whose turn it is.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::value::{Param, Row};
use super::{Sql, Step, limited};
use crate::batch::Batching;
use crate::delivery::{Claim, ClaimRequest};
use crate::error::JournalError;
use crate::id::DeliveryId;

/// A delivery that is due.
pub(crate) struct Due {
    pub(crate) id: DeliveryId,
    pub(crate) contract: String,
    pub(crate) version: String,
    state: String,
    /// The batch that it is in.
    batch: Option<DeliveryId>,
    /// It waits for others, and has not gone yet.
    pub(crate) may_go_with_others: bool,
    /// Somebody had the right to it and has not said what became of it.
    pub(crate) lease_ran_out: bool,
}

impl Due {
    /// The columns that [`Due::read`] takes.
    pub(crate) const COLUMNS: &'static str = "id, contract, version, state, batch, batch_bytes, claim";

    pub(crate) fn read(mut row: Row) -> Result<Due, JournalError> {
        Ok(Due {
            id: DeliveryId(row.id()?),
            contract: row.text()?,
            version: row.text()?,
            state: row.text()?,
            batch: row.optional(Row::id)?.map(DeliveryId),
            may_go_with_others: row.optional(Row::int)?.is_some(),
            lease_ran_out: row.optional(Row::id)?.is_some(),
        })
    }
}

/// Deliveries that are claimed at once, in the order in which they were accepted.
pub(crate) struct Together {
    pub(crate) batch: Option<DeliveryId>,
    pub(crate) deliveries: Vec<DeliveryId>,
}

/// What goes with a delivery that is due.
pub(crate) async fn together<S: Sql>(sql: &mut S, due: &Due, request: &ClaimRequest) -> Step<Together> {
    if let Some(batch) = due.batch {
        // Those of it that are not at their end, and where this one is.
        let text = format!(
            "SELECT id FROM deliveries WHERE batch = $1 AND state = $2 AND claimable_at IS NOT NULL \
             AND (claim IS NULL OR claimable_at <= $3) ORDER BY number {}",
            S::LOCK_FREE_ONES
        );
        let params = [Param::Id(batch.0), Param::text(&due.state), Param::time(request.now)];
        let rows = sql.query(&text, &params).await?;
        let deliveries = rows.into_iter().map(|mut row| Ok(DeliveryId(row.id()?))).collect::<Result<_, JournalError>>();
        return Ok(Together { batch: Some(batch), deliveries: deliveries? });
    }
    let batching = request.batching.iter().find(|batching| batching.is_of(&due.contract, &due.version));
    match batching.filter(|_| due.may_go_with_others) {
        Some(batching) => gather(sql, request, batching).await,
        None => Ok(Together { batch: None, deliveries: vec![due.id] }),
    }
}

/// What goes together next, within what is agreed: the oldest first, so that the one that is due may be left for the next
/// batch.
async fn gather<S: Sql>(sql: &mut S, request: &ClaimRequest, batching: &Batching) -> Step<Together> {
    let text = format!(
        "SELECT id, documents, batch_bytes FROM deliveries WHERE destination = $1 AND contract = $2 AND version = $3 \
         AND batch_bytes IS NOT NULL AND claimable_at IS NOT NULL AND claim IS NULL ORDER BY number LIMIT $4 {}",
        S::LOCK_FREE_ONES
    );
    let params = [
        Param::text(&request.destination),
        Param::text(&batching.contract),
        Param::text(&batching.version),
        limited(batching.documents),
    ];
    let (mut deliveries, mut documents, mut bytes) = (Vec::new(), 0, 0);
    for mut row in sql.query(&text, &params).await? {
        let id = DeliveryId(row.id()?);
        documents += row.json::<Vec<u32>>()?.len() as u64;
        bytes += row.count::<u64>()?;
        let is_too_much = documents > u64::from(batching.documents) || bytes > batching.bytes;
        if is_too_much && !deliveries.is_empty() {
            break;
        }
        deliveries.push(id);
    }
    let batch = deliveries.first().copied().filter(|_| deliveries.len() > 1);
    Ok(Together { batch, deliveries })
}

/// Makes the next batch of a contract due where as much waits as goes into one.
pub(crate) async fn call_when_full<S: Sql>(
    sql: &mut S,
    destination: &str,
    batching: &Batching,
    now: Timestamp,
) -> Step<()> {
    let Batching { contract, version, documents, bytes } = batching;
    let text = "SELECT count(*), CAST(coalesce(sum(batch_bytes), 0) AS bigint), min(number) FROM (SELECT number, batch_bytes \
                FROM deliveries WHERE destination = $1 AND contract = $2 AND version = $3 AND batch_bytes IS NOT NULL \
                AND claimable_at IS NOT NULL AND claim IS NULL ORDER BY number LIMIT $4) AS waiting";
    let params = [Param::text(destination), Param::text(contract), Param::text(version), limited(*documents)];
    let Some(mut row) = sql.query(text, &params).await?.pop() else { return Ok(()) };
    let (count, sum, first) = (row.count::<u64>()?, row.count::<u64>()?, row.optional(Row::int)?);
    if let Some(first) = first
        && (count >= u64::from(*documents) || sum >= *bytes)
    {
        // Whoever has it at the moment calls the next batch, or has just called this one: nobody waits for that.
        let text = format!(
            "UPDATE deliveries SET due_at = $1, claimable_at = $1 WHERE number = (SELECT number FROM deliveries \
             WHERE number = $2 AND claim IS NULL AND claimable_at > $1 {})",
            S::LOCK_FREE_ONES
        );
        sql.execute(&text, &[Param::time(now), Param::Int(first)]).await?;
    }
    Ok(())
}

/// Has each delivery of a batch that was never sent go alone, and at once.
pub(crate) async fn part<S: Sql>(sql: &mut S, claims: &[Claim], now: Timestamp) -> Step<()> {
    let claims: BTreeSet<_> = claims.iter().map(|claim| (claim.delivery, claim.id)).collect();
    for (delivery, claim) in claims {
        let text = "UPDATE deliveries SET batch = NULL, batch_bytes = NULL, claim = NULL, worker = NULL, due_at = $1, \
                    claimable_at = $1 WHERE id = $2 AND claim = $3 AND NOT EXISTS (SELECT 1 FROM requests \
                    WHERE requests.delivery = deliveries.batch)";
        sql.execute(text, &[Param::time(now), Param::Id(delivery.0), Param::Id(claim.0)]).await?;
    }
    Ok(())
}
