//! What waits for codes, and goes on when they are there.

use std::time::Duration;

use jiff::Timestamp;
use portgate_core::codes::CodeSide;

use crate::act::Operator;
use crate::codes::{Awaited, AwaitedCodes, CodeTableName, CodedDelivery, CodedExchange, RefusedAfterAll};
use crate::error::JournalError;
use crate::id::{ClaimId, DeliveryId, ExchangeId};
use crate::name;
use crate::parked::ExchangeState;
use crate::statements::delivery::insert_delivery;
use crate::statements::event::insert_events;
use crate::statements::parked::{decoded_by, insert_parked};
use crate::statements::value::{Param, Row, read_day};
use crate::statements::waiting::exchange_awaits;
use crate::statements::{Sql, Step, limited, names};

/// Stands for a destination and a lane where those that claim keep each other out.
const LANE: (&str, &str) = ("", "\u{1}awaited-codes");

/// The row of `codes` that an awaited code (`awaited_codes`) has waited for.
const MATCHES: &str = "codes.partner = awaited_codes.partner AND codes.agreement = awaited_codes.agreement \
                       AND codes.code_table = awaited_codes.code_table AND codes.valid_from <= awaited_codes.day \
                       AND (codes.valid_to IS NULL OR codes.valid_to > awaited_codes.day)";

/// Whether an awaited code is there. Either side has an index of its own.
fn is_known() -> String {
    format!(
        "((side = 'theirs' AND EXISTS (SELECT 1 FROM codes WHERE {MATCHES} AND codes.theirs = awaited_codes.code \
         AND codes.way <> 'out')) OR (side = 'ours' AND EXISTS (SELECT 1 FROM codes WHERE {MATCHES} \
         AND codes.ours = awaited_codes.code AND codes.way <> 'in')))"
    )
}

/// Whether an exchange of `exchanges_awaiting_codes` can go on: a code is there that it waits for, nobody has it, and nobody has
/// another one of its sender. `$1` and `$2` are the time.
fn is_ready() -> String {
    format!(
        "claimable_at <= $1 AND NOT EXISTS (SELECT 1 FROM exchanges_awaiting_codes AS others \
         WHERE others.sender = exchanges_awaiting_codes.sender AND others.claim IS NOT NULL AND others.claimable_at > $2) \
         AND EXISTS (SELECT 1 FROM awaited_codes WHERE awaited_codes.exchange = exchanges_awaiting_codes.exchange \
         AND delivery IS NULL AND {})",
        is_known()
    )
}

pub(crate) async fn list<S: Sql>(sql: &mut S, limit: u32) -> Step<Vec<Awaited>> {
    // What a delivery has waited for that was given up or is tried again is nobody's need any more.
    let text = "SELECT partner, agreement, code_table, side, code, min(day), max(day), \
                count(DISTINCT CASE WHEN delivery IS NULL THEN exchange END), count(DISTINCT delivery), min(since) \
                FROM awaited_codes WHERE delivery IS NULL OR EXISTS (SELECT 1 FROM deliveries \
                WHERE deliveries.id = awaited_codes.delivery AND awaits_code_since IS NOT NULL AND settled_at IS NULL) \
                GROUP BY partner, agreement, code_table, side, code \
                ORDER BY count(*) DESC, partner, agreement, code_table, side, code LIMIT $1";
    let read = |mut row: Row| -> Result<Awaited, JournalError> {
        Ok(Awaited {
            table: CodeTableName { partner: row.text()?, agreement: row.text()?, table: row.text()? },
            side: side(&row.text()?)?,
            code: row.text()?,
            days: (read_day(&mut row)?, read_day(&mut row)?),
            exchanges: row.count()?,
            deliveries: row.count()?,
            since: row.time()?,
        })
    };
    let rows = sql.query(text, &[limited(limit)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

fn side(text: &str) -> Result<CodeSide, JournalError> {
    text.parse().map_err(|error| JournalError::Unreadable(format!("whose code is awaited: {error}")))
}

pub(crate) async fn ready_deliveries<S: Sql>(sql: &mut S, limit: u32) -> Step<Vec<DeliveryId>> {
    let text = format!(
        "SELECT id FROM deliveries WHERE awaits_code_since IS NOT NULL AND settled_at IS NULL AND NOT EXISTS \
         (SELECT 1 FROM awaited_codes WHERE awaited_codes.delivery = deliveries.id AND NOT {}) ORDER BY number LIMIT $1",
        is_known()
    );
    let rows = sql.query(&text, &[limited(limit)]).await?;
    Ok(rows.into_iter().map(|mut row| row.id().map(DeliveryId)).collect::<Result<_, _>>()?)
}

/// Makes those due that still wait.
pub(crate) async fn release<S: Sql>(sql: &mut S, ready: &[DeliveryId], now: Timestamp) -> Step<Vec<CodedDelivery>> {
    let mut released = Vec::with_capacity(ready.len());
    for delivery in ready {
        let text = "UPDATE deliveries SET awaits_code_since = NULL, due_at = $1, claimable_at = $2, findings = '[]' \
                    WHERE id = $3 AND awaits_code_since IS NOT NULL AND settled_at IS NULL RETURNING exchange";
        let params = [Param::time(now), Param::time(now), Param::Id(delivery.0)];
        let Some(mut row) = sql.query(text, &params).await?.pop() else { continue };
        released.push(CodedDelivery { delivery: *delivery, exchange: ExchangeId(row.id()?) });
        sql.execute("DELETE FROM awaited_codes WHERE delivery = $1", &[Param::Id(delivery.0)]).await?;
    }
    Ok(released)
}

pub(crate) async fn any_ready<S: Sql>(sql: &mut S, now: Timestamp) -> Step<bool> {
    let text = format!("SELECT 1 FROM exchanges_awaiting_codes WHERE {} LIMIT 1", is_ready());
    Ok(!sql.query(&text, &[Param::time(now), Param::time(now)]).await?.is_empty())
}

pub(crate) async fn claim<S: Sql>(
    sql: &mut S,
    worker: &str,
    now: Timestamp,
    lease: Duration,
    limit: u32,
) -> Step<Vec<CodedExchange>> {
    sql.lock_lanes(&[LANE]).await?;
    let text = format!(
        "SELECT exchange FROM exchanges_awaiting_codes WHERE {} ORDER BY exchange LIMIT $3 {}",
        is_ready(),
        S::LOCK
    );
    let rows = sql.query(&text, &[Param::time(now), Param::time(now), limited(limit)]).await?;
    let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
    let mut claimed = Vec::with_capacity(rows.len());
    for mut row in rows {
        let (exchange, claim) = (ExchangeId(row.id()?), ClaimId::new(now));
        let text = "UPDATE exchanges_awaiting_codes SET claim = $1, worker = $2, claimable_at = $3 WHERE exchange = $4";
        let params = [Param::Id(claim.0), Param::text(worker), Param::time(until), Param::Id(exchange.0)];
        sql.execute(text, &params).await?;
        claimed.push(CodedExchange { exchange, claim, added: added(sql, exchange).await? });
    }
    Ok(claimed)
}

/// Who added a code that an exchange has waited for, and why.
async fn added<S: Sql>(sql: &mut S, exchange: ExchangeId) -> Step<Operator> {
    let text = format!(
        "SELECT codes.added_by, codes.reason FROM awaited_codes JOIN codes ON {MATCHES} \
         AND ((side = 'theirs' AND codes.theirs = awaited_codes.code AND codes.way <> 'out') \
         OR (side = 'ours' AND codes.ours = awaited_codes.code AND codes.way <> 'in')) \
         WHERE awaited_codes.exchange = $1 AND delivery IS NULL ORDER BY codes.number DESC LIMIT 1"
    );
    let mut row = sql.query(&text, &[Param::Id(exchange.0)]).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
    Ok(Operator { name: row.text()?, reason: row.text()? })
}

/// Gives back what ended processes had claimed. Only for a caller that knows that there is no other process.
pub(crate) async fn release_all<S: Sql>(sql: &mut S) -> Step<u64> {
    let text =
        "UPDATE exchanges_awaiting_codes SET claim = NULL, worker = NULL, claimable_at = since WHERE claim IS NOT NULL";
    sql.execute(text, &[]).await
}

pub(crate) async fn give_back<S: Sql>(sql: &mut S, exchange: ExchangeId, claim: ClaimId, at: Timestamp) -> Step<()> {
    let text = "UPDATE exchanges_awaiting_codes SET claim = NULL, worker = NULL, claimable_at = $1 \
                WHERE exchange = $2 AND claim = $3";
    sql.execute(text, &[Param::time(at), Param::Id(exchange.0), Param::Id(claim.0)]).await?;
    Ok(())
}

pub(crate) async fn refuse<S: Sql>(sql: &mut S, refused: &RefusedAfterAll) -> Step<()> {
    let RefusedAfterAll { exchange, claim, plugin, findings, parts, is_rejected, told, now } = refused;
    let text = format!("SELECT 1 FROM exchanges_awaiting_codes WHERE exchange = $1 AND claim = $2 {}", S::LOCK);
    if sql.query(&text, &[Param::Id(exchange.0), Param::Id(claim.0)]).await?.is_empty() {
        return Err(JournalError::LeaseLost.into());
    }
    decoded_by(sql, *exchange, plugin, findings, parts).await?;
    sql.gather(&names::entries(*exchange, &name::all(name::of_parts(parts), &[], findings))).await?;
    exchange_awaits(sql, *exchange, "", &AwaitedCodes::default(), *now).await?;
    if *is_rejected {
        let text = "SELECT partner, contract, version FROM exchanges WHERE id = $1";
        let mut row = sql.query(text, &[Param::Id(exchange.0)]).await?.pop().unwrap_or_else(|| Row::new(Vec::new()));
        let (partner, contract, version) = (row.text()?, row.text()?, row.text()?);
        let of = (partner.as_str(), contract.as_str(), version.as_str());
        insert_parked(sql, *exchange, of, ExchangeState::Rejected, *now, None).await?;
    }
    for delivery in &told.deliveries {
        insert_delivery(sql, *exchange, delivery, *now).await?;
    }
    insert_events(sql, &told.events).await
}
