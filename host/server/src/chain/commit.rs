//! Makes the exchange real: one transaction of the journal holds the payload, its documents, the deliveries that follow,
//! the key's answer and what is told to listeners. Only after it does the partner hear of a success.
//!
//! A message that is decoded later is kept by the same way without what is not known yet; what follows from its documents
//! then is worked out by the same [`acceptance`].

use std::time::Instant;

use jiff::Timestamp;
use portgate_core::document::Document;
use portgate_core::manifest::BusinessKey as Declared;
use portgate_delivery::routing;
use portgate_store::{Acceptance, Accepted, Answer, BusinessKey, ExchangeId, Idempotency, NewEvent, NewExchange};

use super::Surroundings;
use super::answer::{self, Preference};
use super::decode::Decoded;
use super::deduplicate::{self, Keys};
use super::read::Original;
use crate::configuration::{Configuration, Contract};
use crate::events::webhook;
use crate::exchange;
use crate::refusal::Refusal;

/// Proof that the exchange is on the disk, with the answer that says so.
pub(crate) struct Committed {
    pub(super) answer: Answer,
    _made_here: (),
}

/// What is kept: an exchange with all that came of it, or one that is still to be decoded.
#[derive(Clone, Copy)]
pub(super) enum How {
    Decoded,
    Parked,
}

/// Commits, unless the journal knows the message already.
pub(super) async fn commit(
    around: &Surroundings<'_>,
    decoded: Decoded,
    preference: Preference,
) -> Result<Committed, Refusal> {
    let Decoded { contract, partner, decoded, original, keys, .. } = decoded;
    let mut exchange = new_exchange(around, &contract, partner, original);
    let answer = answer::prepare(exchange.id, &decoded, preference);
    exchange.findings = decoded.findings;
    let acceptance = acceptance(around.configuration, &contract, exchange, decoded.documents, around.now);
    keep(around, acceptance, &keys, answer, How::Decoded).await
}

/// The message as an exchange of its own, of which nothing has been noticed yet.
pub(super) fn new_exchange(
    around: &Surroundings<'_>,
    contract: &Contract,
    partner: String,
    original: Original,
) -> NewExchange {
    NewExchange {
        id: ExchangeId::new(around.now),
        partner,
        contract: contract.name.clone(),
        version: contract.version.clone(),
        content_type: original.content_type,
        headers: original.headers,
        received_at: around.now,
        request_id: around.trace.id.clone(),
        trace: Some(around.trace.traceparent()),
        plugin: exchange::plugin_build(&contract.plugin),
        payload: original.payload,
        sha256: original.sha256,
        findings: Vec::new(),
        origin: None,
    }
}

/// An exchange with its documents and all that follows from them.
pub(crate) fn acceptance(
    configuration: &Configuration,
    contract: &Contract,
    exchange: NewExchange,
    documents: Vec<Document>,
    now: Timestamp,
) -> Acceptance {
    let business_key = contract.declared.business_key.as_ref().and_then(|declared| {
        let key = business_key(declared, &documents)?;
        Some(BusinessKey { key, fingerprint: exchange.sha256 })
    });
    let policies = &configuration.policies;
    let events = exchange::events(&exchange, &documents, now);
    let mut deliveries = routing::deliveries(&policies.routes, &exchange.partner, &documents, now);
    deliveries.extend(webhook::deliveries(policies, &events, now));
    Acceptance { deliveries, events, exchange, documents, idempotency: None, business_key, now }
}

/// An exchange that is still to be decoded.
pub(super) fn undecoded(around: &Surroundings<'_>, exchange: NewExchange, events: Vec<NewEvent>) -> Acceptance {
    let deliveries = webhook::deliveries(&around.configuration.policies, &events, around.now);
    Acceptance {
        deliveries,
        events,
        exchange,
        documents: Vec::new(),
        idempotency: None,
        business_key: None,
        now: around.now,
    }
}

/// Has the journal keep it, with the answer that a repetition of its keys will get.
pub(super) async fn keep(
    around: &Surroundings<'_>,
    mut acceptance: Acceptance,
    keys: &Keys,
    answer: Answer,
    how: How,
) -> Result<Committed, Refusal> {
    acceptance.idempotency = (!keys.known_by.is_empty()).then(|| Idempotency {
        keys: keys.known_by.clone(),
        fingerprint: keys.fingerprint,
        answer: answer.clone(),
        expires_at: deduplicate::remembered_until(around),
    });
    let began = Instant::now();
    let accepted = match how {
        How::Decoded => around.state.journal.accept(acceptance).await?,
        How::Parked => around.state.journal.park(acceptance).await?,
    };
    around.state.metrics.commit(began.elapsed());
    match accepted {
        Accepted::Committed => Ok(Committed { answer, _made_here: () }),
        Accepted::Replayed(answer) => Ok(Committed { answer, _made_here: () }),
        Accepted::KeyReused(key) => Err(deduplicate::reused(&key)),
        Accepted::Unanswered => Err(Refusal::WebhookIdTaken),
        Accepted::DuplicateBusinessKey { exchange, same_payload: true } => {
            Ok(Committed { answer: answer::known(exchange), _made_here: () })
        }
        Accepted::DuplicateBusinessKey { exchange, same_payload: false } => {
            Err(Refusal::DuplicateSubmission { exchange: exchange.to_string() })
        }
    }
}

/// The declared fields of the first document of the declared kind, as one key; none where a field is missing.
fn business_key(declared: &Declared, documents: &[Document]) -> Option<String> {
    let document = documents.iter().find(|document| document.kind == declared.document)?;
    let body: serde_json::Value = serde_json::from_slice(&document.body).ok()?;
    let fields = declared.fields.iter().map(|field| body.pointer(field).filter(|value| !value.is_null()));
    let fields: Option<Vec<&serde_json::Value>> = fields.collect();
    // As a JSON array, so that no two lists of fields make one key.
    serde_json::to_string(&fields?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_key_is_all_of_its_fields_or_none() {
        let document = |body: &str| Document {
            kind: "customs-declaration".to_owned(),
            key: "k".to_owned(),
            refs: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        let declared =
            Declared { document: "customs-declaration".to_owned(), fields: vec!["/lrn".to_owned(), "/rev".to_owned()] };
        let key = |body| business_key(&declared, &[document(body)]);
        assert_eq!(key(r#"{"lrn":"A","rev":1}"#).as_deref(), Some(r#"["A",1]"#));
        assert_eq!(key(r#"{"lrn":"A"}"#), None);
        assert_eq!(key(r#"{"lrn":"A","rev":null}"#), None);
        assert_eq!(business_key(&declared, &[]), None);
    }
}
