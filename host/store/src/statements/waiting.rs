//! Keeping that an exchange or a delivery waits for codes.

use jiff::Timestamp;
use portgate_core::finding::Finding;

use super::value::{Param, day};
use super::{Sql, Step};
use crate::codes::AwaitedCodes;
use crate::id::{DeliveryId, ExchangeId};

/// When a delivery that waits may be claimed: never, as far as anybody is concerned.
const NEVER: i64 = 253_402_300_799_000_000;

/// Keeps what an exchange waits for, in the place of what it waited for before.
pub(crate) async fn exchange_awaits<S: Sql>(
    sql: &mut S,
    exchange: ExchangeId,
    sender: &str,
    awaits: &AwaitedCodes,
    now: Timestamp,
) -> Step<()> {
    let text = "DELETE FROM awaited_codes WHERE exchange = $1 AND delivery IS NULL";
    sql.execute(text, &[Param::Id(exchange.0)]).await?;
    if awaits.is_empty() {
        let text = "DELETE FROM exchanges_awaiting_codes WHERE exchange = $1";
        sql.execute(text, &[Param::Id(exchange.0)]).await?;
        return Ok(());
    }
    let text = "INSERT INTO exchanges_awaiting_codes (exchange, sender, since, claimable_at) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (exchange) DO UPDATE SET claim = NULL, worker = NULL, claimable_at = excluded.claimable_at";
    sql.execute(text, &[Param::Id(exchange.0), Param::text(sender), Param::time(now), Param::time(now)]).await?;
    insert(sql, exchange, None, awaits, now).await
}

/// Keeps what a delivery waits for. Nobody claims it until that is there, and what is behind it in its lane waits with it.
pub(crate) async fn delivery_awaits<S: Sql>(
    sql: &mut S,
    exchange: ExchangeId,
    delivery: DeliveryId,
    awaits: &AwaitedCodes,
    findings: &[Finding],
    now: Timestamp,
) -> Step<()> {
    sql.execute("DELETE FROM awaited_codes WHERE delivery = $1", &[Param::Id(delivery.0)]).await?;
    let text = "UPDATE deliveries SET claim = NULL, worker = NULL, claimable_at = $1, awaits_code_since = $2, \
                findings = $3, retry_class = NULL, attempts = attempts + 1 WHERE id = $4";
    sql.execute(text, &[Param::Int(NEVER), Param::time(now), Param::json(findings), Param::Id(delivery.0)]).await?;
    insert(sql, exchange, Some(delivery), awaits, now).await
}

async fn insert<S: Sql>(
    sql: &mut S,
    exchange: ExchangeId,
    delivery: Option<DeliveryId>,
    awaits: &AwaitedCodes,
    now: Timestamp,
) -> Step<()> {
    let text = "INSERT INTO awaited_codes (exchange, delivery, partner, agreement, code_table, side, code, day, since) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    for code in &awaits.codes {
        let params = [
            Param::Id(exchange.0),
            Param::optional(delivery, |delivery| Param::Id(delivery.0)),
            Param::text(&awaits.partner),
            Param::text(&awaits.agreement),
            Param::text(&code.table),
            Param::text(code.side.as_str()),
            Param::text(&code.code),
            day(code.on),
            Param::time(now),
        ];
        sql.execute(text, &params).await?;
    }
    Ok(())
}
