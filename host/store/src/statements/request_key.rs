//! What requests are known by when they come again, and what they were answered.

use std::sync::LazyLock;

use bytes::Bytes;
use jiff::Timestamp;

use super::key::request_hash;
use super::rows::AnswerRow;
use super::table::Insert;
use super::value::{Param, Row};
use super::{Failure, Sql, Step};
use crate::acceptance::{Acceptance, Answer, Idempotency, KeptAnswer, NewExchange, RequestKey, TakenKey};
use crate::error::JournalError;
use crate::id::ExchangeId;

/// What is remembered for these keys: if another request has one of them, that decides; otherwise the first key that is
/// known. What this very exchange is known by already does not count.
pub(crate) async fn kept_answer<S: Sql>(
    sql: &mut S,
    partner: &str,
    keys: &[RequestKey],
    fingerprint: &[u8; 32],
    but: Option<ExchangeId>,
    now: Timestamp,
) -> Step<Option<KeptAnswer>> {
    let mut first = None;
    for key in keys {
        match kept_for(sql, partner, key, fingerprint, but, now).await? {
            Some(reused @ KeptAnswer::KeyReused(_)) => return Ok(Some(reused)),
            kept => first = first.or(kept),
        }
    }
    Ok(first)
}

async fn kept_for<S: Sql>(
    sql: &mut S,
    partner: &str,
    key: &RequestKey,
    fingerprint: &[u8; 32],
    but: Option<ExchangeId>,
    now: Timestamp,
) -> Step<Option<KeptAnswer>> {
    let text = "SELECT exchange, fingerprint, status, headers, body FROM answers WHERE hash = $1 AND expires_at > $2";
    let hash = request_hash(partner, key);
    let Some(mut row) = sql.query(text, &[Param::Bytes(&hash), Param::time(now)]).await?.pop() else { return Ok(None) };
    let exchange = row.optional(Row::id)?.map(ExchangeId);
    if exchange.is_some() && exchange == but {
        return Ok(None);
    }
    if row.digest()? != *fingerprint {
        return Ok(Some(KeptAnswer::KeyReused(key.clone())));
    }
    Ok(Some(match row.optional(read_answer)? {
        Some(answer) => KeptAnswer::Replayed(answer),
        None => KeptAnswer::Unanswered,
    }))
}

fn read_answer(row: &mut Row) -> Result<Answer, JournalError> {
    Ok(Answer { status: row.count()?, headers: row.json()?, body: Bytes::from(row.bytes()?) })
}

/// Keeps the answer of an acceptance under each of its keys.
pub(crate) async fn insert_answers<S: Sql>(sql: &mut S, acceptance: &Acceptance) -> Step<()> {
    match &acceptance.idempotency {
        Some(known) => {
            let NewExchange { partner, id, .. } = &acceptance.exchange;
            insert_all(sql, partner, *id, known, acceptance.now).await
        }
        None => Ok(()),
    }
}

/// Keeps what a message was answered under each of its keys.
pub(crate) async fn insert_all<S: Sql>(
    sql: &mut S,
    partner: &str,
    exchange: ExchangeId,
    known: &Idempotency,
    now: Timestamp,
) -> Step<()> {
    for row in AnswerRow::all(partner, exchange, known) {
        insert(sql, &row, now).await?;
    }
    Ok(())
}

/// Keeps what an exchange is answered from now on under each of these keys, by which it may be known already.
pub(crate) async fn replace_all<S: Sql>(
    sql: &mut S,
    partner: &str,
    exchange: ExchangeId,
    known: &Idempotency,
    now: Timestamp,
) -> Step<()> {
    for key in &known.keys {
        free(sql, partner, key, exchange).await?;
    }
    insert_all(sql, partner, exchange, known, now).await
}

/// Gives a key back that an exchange was known by, so that another can be.
pub(crate) async fn free<S: Sql>(sql: &mut S, partner: &str, key: &RequestKey, exchange: ExchangeId) -> Step<()> {
    let text = "DELETE FROM answers WHERE hash = $1 AND exchange = $2";
    sql.execute(text, &[Param::Bytes(&request_hash(partner, key)), Param::Id(exchange.0)]).await?;
    Ok(())
}

/// Takes a key, unless it is known.
pub(crate) async fn take<S: Sql>(sql: &mut S, taken: &TakenKey) -> Step<Option<KeptAnswer>> {
    let TakenKey { partner, key, fingerprint, now, expires_at } = taken;
    let known = kept_answer(sql, partner, std::slice::from_ref(key), fingerprint, None, *now).await?;
    if known.is_none() {
        let (hash, expires_at) = (request_hash(partner, key), *expires_at);
        insert(sql, &AnswerRow { hash, exchange: None, fingerprint, expires_at, answer: None }, *now).await?;
    }
    Ok(known)
}

/// Keeps a key with its answer, if there is one yet. Only one that has expired is replaced; one that has not would have
/// been found before.
async fn insert<S: Sql>(sql: &mut S, row: &AnswerRow<'_>, now: Timestamp) -> Step<()> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "{} ON CONFLICT (hash) DO UPDATE SET exchange = excluded.exchange, fingerprint = excluded.fingerprint, \
             expires_at = excluded.expires_at, status = excluded.status, headers = excluded.headers, \
             body = excluded.body WHERE answers.expires_at <= ${}",
            AnswerRow::statement(),
            AnswerRow::COLUMNS.len() + 1
        )
    });
    let mut params = row.values();
    params.push(Param::time(now));
    match sql.execute(&TEXT, &params).await? {
        0 => Err(Failure::Passing(JournalError::Refused("a key that was free is taken".to_owned()))),
        _ => Ok(()),
    }
}

/// Keeps the answer to the request that has taken a key.
pub(crate) async fn keep_answer<S: Sql>(sql: &mut S, partner: &str, key: &RequestKey, answer: &Answer) -> Step<()> {
    let text = "UPDATE answers SET status = $1, headers = $2, body = $3 WHERE hash = $4 AND status IS NULL";
    let hash = request_hash(partner, key);
    let params =
        [Param::count(answer.status), Param::json(&answer.headers), Param::Bytes(&answer.body), Param::Bytes(&hash)];
    sql.execute(text, &params).await?;
    Ok(())
}

/// Gives a key back that has no answer.
pub(crate) async fn give_back<S: Sql>(sql: &mut S, partner: &str, key: &RequestKey) -> Step<()> {
    let text = "DELETE FROM answers WHERE hash = $1 AND status IS NULL";
    sql.execute(text, &[Param::Bytes(&request_hash(partner, key))]).await?;
    Ok(())
}

pub(crate) async fn forget<S: Sql>(sql: &mut S, now: Timestamp, limit: u32) -> Step<u64> {
    let text = "DELETE FROM answers WHERE hash IN (SELECT hash FROM answers WHERE expires_at <= $1 \
                ORDER BY expires_at LIMIT $2)";
    sql.execute(text, &[Param::time(now), super::limited(limit)]).await
}

/// The key for a purpose. If there is none yet, the given one is kept.
pub(crate) async fn shared<S: Sql>(sql: &mut S, purpose: &str, new: &[u8; 32]) -> Step<[u8; 32]> {
    let text = "INSERT INTO shared_keys (purpose, key) VALUES ($1, $2) ON CONFLICT (purpose) DO NOTHING";
    sql.execute(text, &[Param::text(purpose), Param::Bytes(new)]).await?;
    let text = "SELECT key FROM shared_keys WHERE purpose = $1";
    match sql.query(text, &[Param::text(purpose)]).await?.pop() {
        Some(mut row) => Ok(row.digest()?),
        None => Err(JournalError::Unreadable(format!("the key for {purpose} is gone")).into()),
    }
}
