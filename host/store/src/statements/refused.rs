//! Keeping what was refused within a budget for each partner and day, and removing it when its time is over.

use jiff::Timestamp;
use uuid::Uuid;

use super::delivery::insert_delivery;
use super::lane::lock_lanes;
use super::parked::insert_parked;
use super::rows::{ExchangeRow, RefusalRow};
use super::table::insert;
use super::value::{Param, Row};
use super::{Sql, Step, limited, numbers, request_key};
use crate::acceptance::{Idempotency, NewExchange};
use crate::error::JournalError;
use crate::id::ExchangeId;
use crate::name::{self, Name};
use crate::parked::ExchangeState;
use crate::refused::{AnsweredRefusal, KeptRefusal, NewRefusal, RefusalEnd, Refused};

/// What a row with its index entries takes at least, in bytes: it counts, or a flood without payloads would cost nothing.
const ROW_BYTES: u64 = 1_024;
/// The same for one of its names.
const NAME_BYTES: u64 = 128;
/// How many exchanges are read at once to make room.
const EVICTED_AT_ONCE: u32 = 50;

/// Days since 1970 in UTC.
fn day(time: Timestamp) -> i64 {
    time.as_second().div_euclid(86_400)
}

pub(crate) async fn keep<S: Sql>(sql: &mut S, refused: &[NewRefusal], bytes_per_day: u64) -> Step<Vec<KeptRefusal>> {
    let mut kept = Vec::with_capacity(refused.len());
    for refusal in refused {
        kept.push(keep_one(sql, refusal, bytes_per_day).await?);
    }
    Ok(kept)
}

/// Keeps a refused message with what its partner is told of it, unless its keys are known or its control numbers are taken.
pub(crate) async fn keep_answered<S: Sql>(
    sql: &mut S,
    answered: &AnsweredRefusal,
    bytes_per_day: u64,
) -> Step<RefusalEnd> {
    let AnsweredRefusal { refusal, numbering, deliveries, idempotency } = answered;
    let (exchange, now) = (&refusal.exchange, refusal.now);
    let Idempotency { keys, fingerprint, .. } = idempotency;
    if let Some(kept) = request_key::kept_answer(sql, &exchange.partner, keys, fingerprint, None, now).await? {
        return Ok(RefusalEnd::Known(kept));
    }
    if !numbers::take(sql, numbering).await? {
        return Ok(RefusalEnd::Overtaken);
    }
    lock_lanes(sql, deliveries).await?;
    let kept = keep_one(sql, refusal, bytes_per_day).await?;
    if kept != KeptRefusal::Not {
        for delivery in deliveries {
            insert_delivery(sql, exchange.id, delivery, now).await?;
        }
    }
    request_key::insert_all(sql, &exchange.partner, exchange.id, idempotency, now).await?;
    Ok(RefusalEnd::Kept(kept))
}

async fn keep_one<S: Sql>(sql: &mut S, refusal: &NewRefusal, bytes_per_day: u64) -> Step<KeptRefusal> {
    let exchange = &refusal.exchange;
    let names = names(refusal);
    let without = ROW_BYTES + NAME_BYTES * names.len() as u64 + said_bytes(refusal);
    let payload = Some(&exchange.payload[..]).filter(|_| refusal.has_payload);
    let with = without + payload.map_or(0, |payload| payload.len() as u64);
    let (payload, bytes, how) = match () {
        () if with <= bytes_per_day => (payload, with, KeptRefusal::Whole),
        () if without <= bytes_per_day => (None, without, KeptRefusal::WithoutPayload),
        () => return Ok(KeptRefusal::Not),
    };
    let day = day(refusal.now);
    insert(sql, &ExchangeRow::refused(exchange, refusal.now, payload)).await?;
    let NewExchange { id, partner, contract, version, .. } = exchange;
    insert_parked(sql, *id, (partner, contract, version), ExchangeState::Refused, refusal.now, None).await?;
    insert(sql, &RefusalRow { refusal, day, bytes }).await?;
    let text = "INSERT INTO refused_names (name, exchange) VALUES ($1, $2)";
    for name in &names {
        sql.execute(text, &[Param::Bytes(&name.0), Param::Id(exchange.id.0)]).await?;
    }
    make_room(sql, exchange, day, bytes, bytes_per_day).await?;
    Ok(how)
}

/// The length of its findings, headers, parts and reason, in bytes.
fn said_bytes(refusal: &NewRefusal) -> u64 {
    let exchange = &refusal.exchange;
    let finding = |finding: &portgate_core::finding::Finding| {
        finding.code.len() + finding.location.len() + finding.detail.len() + 32
    };
    let findings: usize = exchange.findings.iter().map(finding).sum();
    let headers: usize = exchange.headers.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
    let part = |part: &portgate_core::document::Part| {
        let findings: usize = part.findings.iter().map(finding).sum();
        findings + part.location.len() + part.reference.len() + 64
    };
    let parts: usize = exchange.parts.iter().map(part).sum();
    (findings + headers + parts + refusal.detail.len()) as u64
}

/// What it is found by.
fn names(refusal: &NewRefusal) -> Vec<Name> {
    let exchange = &refusal.exchange;
    let keys = refusal.known_by.iter().filter_map(name::of_key);
    let texts = keys.chain([exchange.request_id.as_str(), refusal.problem.as_str()]);
    let texts = texts.chain(name::of_parts(&exchange.parts));
    name::all(texts, &exchange.payload, &exchange.findings)
}

/// Counts these bytes, and removes the oldest refused exchanges of the partner's day until all of them fit. The newest
/// stays, and so does what an operator has run again and what has an acknowledgement under way, even if there is then too
/// little room.
async fn make_room<S: Sql>(sql: &mut S, newest: &NewExchange, day: i64, bytes: u64, bytes_per_day: u64) -> Step<()> {
    let partner = newest.partner.as_str();
    let text = "INSERT INTO refused_days (partner, day, bytes) VALUES ($1, $2, $3) ON CONFLICT (partner, day) \
                DO UPDATE SET bytes = refused_days.bytes + excluded.bytes RETURNING bytes";
    let params = [Param::text(partner), Param::Int(day), Param::count(bytes)];
    let mut filled: u64 = sql.query(text, &params).await?.pop().unwrap_or_else(|| Row::new(Vec::new())).count()?;
    while filled > bytes_per_day {
        let text = "SELECT exchange, bytes FROM refusals WHERE partner = $1 AND day = $2 AND exchange <> $3 \
                    AND EXISTS (SELECT 1 FROM parked WHERE parked.exchange = refusals.exchange AND state = 'refused') \
                    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.exchange = refusals.exchange \
                    AND settled_at IS NULL) ORDER BY exchange LIMIT $4";
        let params = [Param::text(partner), Param::Int(day), Param::Id(newest.id.0), limited(EVICTED_AT_ONCE)];
        let oldest = sql.query(text, &params).await?;
        if oldest.is_empty() {
            break;
        }
        for mut row in oldest {
            if filled <= bytes_per_day {
                break;
            }
            let (exchange, bytes) = (row.id()?, row.count::<u64>()?);
            sql.execute("DELETE FROM exchanges WHERE id = $1", &[Param::Id(exchange)]).await?;
            filled = filled.saturating_sub(bytes);
        }
    }
    let text = "UPDATE refused_days SET bytes = $1 WHERE partner = $2 AND day = $3";
    sql.execute(text, &[Param::count(filled), Param::text(partner), Param::Int(day)]).await?;
    Ok(())
}

/// Why an exchange was refused, if it was.
pub(crate) async fn of_exchange<S: Sql>(sql: &mut S, id: ExchangeId) -> Step<Option<Refused>> {
    let text = "SELECT status, problem, detail FROM refusals WHERE exchange = $1";
    let Some(mut row) = sql.query(text, &[Param::Id(id.0)]).await?.pop() else { return Ok(None) };
    Ok(Some(Refused { status: row.count()?, problem: row.text()?, detail: row.text()? }))
}

/// Removes refused exchanges of days before this time, so many at once, and gives back how many.
pub(crate) async fn forget<S: Sql>(sql: &mut S, before: Timestamp, limit: u32) -> Step<u64> {
    let before = day(before);
    let text = "SELECT exchange FROM refusals WHERE day < $1 AND EXISTS (SELECT 1 FROM parked \
                WHERE parked.exchange = refusals.exchange AND state = 'refused') AND NOT EXISTS (SELECT 1 FROM deliveries \
                WHERE deliveries.exchange = refusals.exchange AND settled_at IS NULL) ORDER BY day, exchange LIMIT $2";
    let rows = sql.query(text, &[Param::Int(before), limited(limit)]).await?;
    let ids: Vec<Uuid> = rows.into_iter().map(|mut row| row.id()).collect::<Result<_, JournalError>>()?;
    for id in &ids {
        sql.execute("DELETE FROM exchanges WHERE id = $1", &[Param::Id(*id)]).await?;
    }
    sql.execute("DELETE FROM refused_days WHERE day < $1", &[Param::Int(before)]).await?;
    Ok(ids.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        let at = |text: &str| day(text.parse().expect("a time"));
        assert_eq!(at("1970-01-01T23:59:59Z"), 0);
        assert_eq!(at("2026-03-01T00:00:00Z") - at("2026-02-28T23:59:59.999999Z"), 1);
    }
}
