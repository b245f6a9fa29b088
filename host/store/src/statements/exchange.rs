//! Reading exchanges.

use super::filter::Conditions;
use super::list::of_exchange;
use super::parked::{self, read_state};
use super::value::{Param, Row};
use super::{Sql, Step, limited};
use crate::acceptance::PluginBuild;
use crate::error::JournalError;
use crate::exchange::{Attempt, Exchange, ExchangeFilter, ExchangeRecord, KeptDocument, Raw};
use crate::id::{DeliveryId, ExchangeId};
use crate::parked::ExchangeState;

const COLUMNS: &str = "id, partner, contract, version, content_type, headers, received_at, accepted_at, request_id, trace, \
                       plugin_name, plugin_version, plugin_sha256, sha256, findings, origin, business_key, redacted_at, \
                       (SELECT state FROM parked WHERE parked.exchange = exchanges.id)";

fn read_exchange(mut row: Row) -> Result<Exchange, JournalError> {
    Ok(Exchange {
        id: ExchangeId(row.id()?),
        partner: row.text()?,
        contract: row.text()?,
        version: row.text()?,
        content_type: row.text()?,
        headers: row.json()?,
        received_at: row.time()?,
        accepted_at: row.time()?,
        request_id: row.text()?,
        trace: row.optional(Row::text)?,
        plugin: PluginBuild { name: row.text()?, version: row.text()?, sha256: row.digest()? },
        sha256: row.digest()?,
        findings: row.json()?,
        origin: row.optional(Row::id)?.map(DeliveryId),
        business_key: row.optional(Row::text)?,
        redacted_at: row.optional(Row::time)?,
        state: row.optional(read_state)?.unwrap_or(ExchangeState::Accepted),
    })
}

fn read_document(mut row: Row) -> Result<KeptDocument, JournalError> {
    Ok(KeptDocument {
        kind: row.text()?,
        key: row.text()?,
        refs: row.json()?,
        sha256: row.digest()?,
        body: row.optional(Row::bytes)?,
    })
}

fn read_attempt(mut row: Row) -> Result<Attempt, JournalError> {
    Ok(Attempt {
        number: row.count()?,
        started_at: row.time()?,
        ended_at: row.time()?,
        status: row.optional(Row::count)?,
        verdict: row.optional(Row::text)?,
        detail: row.text()?,
    })
}

pub(crate) async fn exchange<S: Sql>(sql: &S, id: ExchangeId) -> Step<Option<ExchangeRecord>> {
    let text = format!("SELECT {COLUMNS} FROM exchanges WHERE id = $1");
    let Some(row) = sql.query(&text, &[Param::Id(id.0)]).await?.pop() else { return Ok(None) };
    let exchange = read_exchange(row)?;
    let text = "SELECT kind, key, refs, sha256, body FROM documents WHERE exchange = $1 ORDER BY position";
    let documents = sql.query(text, &[Param::Id(id.0)]).await?;
    let documents = documents.into_iter().map(read_document).collect::<Result<_, _>>()?;
    let mut deliveries = of_exchange(sql, id).await?;
    let text = "SELECT number, started_at, ended_at, status, verdict, detail FROM attempts WHERE delivery = $1 \
                ORDER BY number";
    for delivery in &mut deliveries {
        let attempts = sql.query(text, &[Param::Id(delivery.id.0)]).await?;
        delivery.attempts = attempts.into_iter().map(read_attempt).collect::<Result<_, _>>()?;
    }
    let parked = match exchange.state {
        ExchangeState::Accepted => None,
        _ => parked::of_exchange(sql, id).await?,
    };
    Ok(Some(ExchangeRecord { exchange, documents, deliveries, parked }))
}

pub(crate) async fn exchanges<S: Sql>(
    sql: &S,
    filter: &ExchangeFilter,
    after: Option<ExchangeId>,
    limit: u32,
) -> Step<Vec<Exchange>> {
    let mut conditions = Conditions::new();
    conditions.exchanges(filter)?;
    if let Some(after) = after {
        let place = conditions.place(Param::Id(after.0));
        conditions.and(&format!("id > {place}"));
    }
    let limit = conditions.place(limited(limit));
    let text = format!("SELECT {COLUMNS} FROM exchanges WHERE {} ORDER BY id LIMIT {limit}", conditions.text());
    let rows = sql.query(&text, conditions.params()).await?;
    Ok(rows.into_iter().map(read_exchange).collect::<Result<_, _>>()?)
}

pub(crate) async fn raw<S: Sql>(sql: &S, id: ExchangeId) -> Step<Option<Raw>> {
    let text = "SELECT content_type, sha256, payload FROM exchanges WHERE id = $1";
    let Some(mut row) = sql.query(text, &[Param::Id(id.0)]).await?.pop() else { return Ok(None) };
    Ok(Some(Raw { content_type: row.text()?, sha256: row.digest()?, payload: row.optional(Row::bytes)? }))
}
