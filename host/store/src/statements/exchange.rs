//! Reading exchanges.

use super::filter::Conditions;
use super::list::{attempts, of_exchange};
use super::parked::{self, read_state};
use super::refused;
use super::rerun;
use super::value::{Param, Row};
use super::{Sql, Step};
use crate::acceptance::PluginBuild;
use crate::error::JournalError;
use crate::exchange::{Exchange, ExchangeFilter, ExchangeRecord, KeptDocument, ListedExchange, Page, Raw};
use crate::id::{DeliveryId, ExchangeId};
use crate::parked::ExchangeState;

const COLUMNS: &str = "id, partner, contract, version, content_type, headers, received_at, accepted_at, request_id, trace, \
                       plugin_name, plugin_version, plugin_sha256, sha256, findings, parts, origin, business_key, redacted_at, \
                       (SELECT state FROM parked WHERE parked.exchange = exchanges.id), \
                       (SELECT count(*) FROM exchanges_awaiting_codes WHERE exchanges_awaiting_codes.exchange = exchanges.id)";

/// The number of the rerun since which a document counts no more.
const SUPERSEDED: &str = "(SELECT rerun FROM superseded_documents WHERE superseded_documents.exchange = documents.exchange \
                          AND superseded_documents.position = documents.position)";

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
        parts: row.optional(Row::json)?.unwrap_or_default(),
        origin: row.optional(Row::id)?.map(DeliveryId),
        business_key: row.optional(Row::text)?,
        redacted_at: row.optional(Row::time)?,
        state: row.optional(read_state)?.unwrap_or(ExchangeState::Accepted),
        awaits_code: row.int()? > 0,
    })
}

fn read_document(mut row: Row) -> Result<KeptDocument, JournalError> {
    Ok(KeptDocument {
        kind: row.text()?,
        key: row.text()?,
        refs: row.json()?,
        sha256: row.digest()?,
        body: row.optional(Row::bytes)?,
        part: row.optional(Row::count)?,
        superseded_by: row.optional(Row::count)?,
    })
}

pub(crate) async fn exchange<S: Sql>(sql: &mut S, id: ExchangeId) -> Step<Option<ExchangeRecord>> {
    let text = format!("SELECT {COLUMNS} FROM exchanges WHERE id = $1");
    let Some(row) = sql.query(&text, &[Param::Id(id.0)]).await?.pop() else { return Ok(None) };
    let exchange = read_exchange(row)?;
    let text = format!(
        "SELECT kind, key, refs, sha256, body, part, {SUPERSEDED} FROM documents WHERE exchange = $1 ORDER BY position"
    );
    let documents = sql.query(&text, &[Param::Id(id.0)]).await?;
    let documents = documents.into_iter().map(read_document).collect::<Result<_, _>>()?;
    let mut deliveries = of_exchange(sql, id).await?;
    for delivery in &mut deliveries {
        delivery.attempts = attempts(sql, delivery.id, "ORDER BY number").await?;
    }
    let (parked, refused) = match exchange.state {
        ExchangeState::Accepted => (None, None),
        _ => (parked::of_exchange(sql, id).await?, refused::of_exchange(sql, id).await?),
    };
    let reruns = rerun::of_exchange(sql, id).await?;
    Ok(Some(ExchangeRecord { exchange, documents, deliveries, parked, refused, reruns }))
}

pub(crate) async fn exchanges<S: Sql>(
    sql: &mut S,
    filter: &ExchangeFilter,
    after: Option<ExchangeId>,
    limit: u32,
) -> Step<Page<ListedExchange>> {
    let mut conditions = Conditions::new();
    conditions.exchanges(filter)?;
    if let Some(after) = after {
        let place = conditions.place(Param::Id(after.0));
        conditions.and(&format!("id < {place}"));
    }
    let (limit, place) = conditions.page(limit);
    let text = format!("SELECT {COLUMNS} FROM exchanges WHERE {} ORDER BY id DESC LIMIT {place}", conditions.text());
    let rows = sql.query(&text, conditions.params()).await?;
    let exchanges: Vec<Exchange> = rows.into_iter().map(read_exchange).collect::<Result<_, _>>()?;
    let Page { items, more } = Page::cut(exchanges, limit);
    let mut listed = Vec::with_capacity(items.len());
    for exchange in items {
        let (documents, reason) = (document_keys(sql, exchange.id).await?, reason(sql, &exchange).await?);
        listed.push(ListedExchange { exchange, documents, reason });
    }
    Ok(Page { items: listed, more })
}

/// Kind and key of each document of an exchange that counts.
async fn document_keys<S: Sql>(sql: &mut S, exchange: ExchangeId) -> Step<Vec<(String, String)>> {
    let text =
        format!("SELECT kind, key FROM documents WHERE exchange = $1 AND {SUPERSEDED} IS NULL ORDER BY position");
    let read = |mut row: Row| -> Result<(String, String), JournalError> { Ok((row.text()?, row.text()?)) };
    let rows = sql.query(&text, &[Param::Id(exchange.0)]).await?;
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

/// Why an exchange is not accepted, if that is known.
async fn reason<S: Sql>(sql: &mut S, exchange: &Exchange) -> Step<Option<String>> {
    if exchange.state == ExchangeState::Accepted {
        return Ok(None);
    }
    let refused = refused::of_exchange(sql, exchange.id).await?.map(|refused| refused.detail);
    let parked = parked::of_exchange(sql, exchange.id).await?.map(|parked| parked.detail);
    Ok(parked.filter(|detail| !detail.is_empty()).or(refused))
}

pub(crate) async fn raw<S: Sql>(sql: &mut S, id: ExchangeId) -> Step<Option<Raw>> {
    let text = "SELECT content_type, sha256, payload FROM exchanges WHERE id = $1";
    let Some(mut row) = sql.query(text, &[Param::Id(id.0)]).await?.pop() else { return Ok(None) };
    Ok(Some(Raw { content_type: row.text()?, sha256: row.digest()?, payload: row.optional(Row::bytes)? }))
}
