//! What is found by a name: exchanges with what of them has the name, whatever calls it so.

use portgate_operator::{FindQuery, FoundDocument, FoundEvent, FoundExchange, Page, Paged};
use portgate_store::{DeliveryId, Event, EventData, ExchangeId, ExchangeRecord, KeptDocument, Name, Wanted};

use super::answer::Json;
use super::asked::invalid;
use super::route::Call;
use super::{filters, shown};
use crate::refusal::Refusal;

/// Looks a name up. An exchange and a delivery are also found by their own ids.
pub(super) async fn find(call: Call, query: Paged<FindQuery>) -> Result<Json<Page<FoundExchange>>, Refusal> {
    let (after, limit): (Option<ExchangeId>, u32) = (filters::after(&query)?, query.limit());
    let text = query.filter.name;
    let wanted = Wanted::of(&text).ok_or_else(|| invalid("/name", "must have letters or digits in it"))?;
    let mut found = call.state.journal.find(&wanted, after, limit.saturating_add(1)).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(ToString::to_string);
    if after.is_none() {
        found.extend(by_id(&call, &text).await?.filter(|id| !found.contains(id)));
    }
    let mut items = Vec::with_capacity(found.len());
    for id in found {
        // Retention may have removed it since.
        if let Some(record) = call.state.journal.exchange(id).await? {
            let events = call.state.journal.events_of_documents(id).await?;
            items.push(item(record, &events, &wanted, &text));
        }
    }
    Ok(Json(Page { items, next }))
}

/// The exchange that has this id, or whose delivery has it.
async fn by_id(call: &Call, text: &str) -> Result<Option<ExchangeId>, Refusal> {
    let text = text.trim().to_ascii_lowercase();
    if let Ok(id) = text.parse::<ExchangeId>()
        && call.state.journal.exchange(id).await?.is_some()
    {
        return Ok(Some(id));
    }
    match text.parse::<DeliveryId>() {
        Ok(id) => Ok(call.state.journal.exchange_of(id).await?),
        Err(_) => Ok(None),
    }
}

/// An exchange with those of its documents that have the name and the events that told of them, its deliveries, and what of
/// it has the name.
fn item(record: ExchangeRecord, events: &[Event], wanted: &Wanted, text: &str) -> FoundExchange {
    let has = |text: &str| Name::of(text).is_some_and(|name| wanted.is(name));
    let named =
        |document: &KeptDocument| has(&document.key) || document.refs.iter().any(|reference| has(&reference.value));
    let told = events.iter().map(|told| &told.event).filter(|event| match event.data {
        EventData::Document { position, .. } => record.documents.get(position as usize).is_some_and(named),
        EventData::Own(_) => false,
    });
    let events = told.map(|event| FoundEvent {
        id: event.id.to_string(),
        r#type: event.kind.clone(),
        subject: event.subject.clone(),
        at: event.at,
    });
    let documents = record.documents.iter().filter(|document| named(document)).map(|document| FoundDocument {
        kind: document.kind.clone(),
        key: document.key.clone(),
        references: document.refs.iter().filter(|reference| has(&reference.value)).cloned().collect(),
    });
    FoundExchange {
        named_by: named_by(&record, wanted, text),
        documents: documents.collect(),
        events: events.collect(),
        exchange: shown::exchange(record.exchange),
        deliveries: record.deliveries.into_iter().map(shown::delivery).collect(),
    }
}

/// What of an exchange has the name, in words for people.
fn named_by(record: &ExchangeRecord, wanted: &Wanted, text: &str) -> Vec<String> {
    let (exchange, text) = (&record.exchange, text.trim());
    let has = |text: &str| Name::of(text).is_some_and(|name| wanted.is(name));
    let mut named_by = Vec::new();
    for document in &record.documents {
        if has(&document.key) {
            named_by.push(format!("key of {}", document.kind));
        }
        let references = document.refs.iter().filter(|reference| has(&reference.value));
        named_by.extend(references.map(|reference| format!("{} of {}", reference.scheme, document.kind)));
    }
    let is = |id: String| id.eq_ignore_ascii_case(text);
    let own = [
        ("request", has(&exchange.request_id)),
        ("business key", exchange.business_key.as_deref().is_some_and(has)),
        ("exchange", is(exchange.id.to_string())),
        ("delivery", record.deliveries.iter().any(|delivery| is(delivery.id.to_string()))),
        ("problem", record.refused.as_ref().is_some_and(|refused| has(&refused.problem))),
    ];
    named_by.extend(own.iter().filter(|(_, has)| *has).map(|(what, _)| (*what).to_owned()));
    let findings = exchange.findings.iter().filter(|finding| wanted.is_in(finding));
    named_by.extend(findings.map(|finding| format!("finding {}", finding.code)));
    if named_by.is_empty() {
        named_by.push("idempotency key, webhook id, control number or former finding".to_owned());
    }
    named_by.dedup();
    named_by
}
