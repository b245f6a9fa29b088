//! Makes the exchange real: one transaction of the journal holds the payload, its documents, the deliveries that follow,
//! the key's answer and what is told to listeners. Only after it does the partner hear of a success.

use std::time::Instant;

use jiff::ToSpan;
use portgate_core::document::Document;
use portgate_core::manifest::BusinessKey as Declared;
use portgate_delivery::routing;
use portgate_store::{Acceptance, Accepted, Answer, BusinessKey, ExchangeId, Idempotency, NewExchange};

use super::Surroundings;
use super::answer::{self, Preference};
use super::decode::Decoded;
use crate::events::webhook;
use crate::exchange;
use crate::refusal::Refusal;

/// Proof that the exchange is on the disk, with the answer that says so.
pub(crate) struct Committed {
    pub(super) answer: Answer,
    _made_here: (),
}

/// Commits, unless the journal knows the message already.
pub(super) async fn commit(
    around: &Surroundings<'_>,
    decoded: Decoded,
    preference: Preference,
) -> Result<Committed, Refusal> {
    let Decoded { contract, partner, decoded, original, key, .. } = decoded;
    let id = ExchangeId::new(around.now);
    let answer = answer::prepare(id, &decoded, preference);
    let policies = &around.configuration.policies;
    let days = i64::from(policies.gateway.journal.idempotency_days);
    let idempotency = key.as_ref().map(|key| Idempotency {
        key: key.text.clone(),
        fingerprint: key.fingerprint,
        answer: answer.clone(),
        expires_at: around.now.saturating_add((days * 24).hours()).unwrap_or(jiff::Timestamp::MAX),
    });
    let business_key = contract.declared.business_key.as_ref().and_then(|declared| {
        let key = business_key(declared, &decoded.documents)?;
        Some(BusinessKey { key, fingerprint: original.sha256 })
    });
    let exchange = NewExchange {
        id,
        partner: partner.clone(),
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
        findings: decoded.findings,
        origin: None,
    };
    let events = exchange::events(&exchange, &decoded.documents, around.now);
    let mut deliveries = routing::deliveries(&policies.routes, &partner, &decoded.documents, around.now);
    deliveries.extend(webhook::deliveries(policies, &events, around.now));
    let acceptance = Acceptance {
        deliveries,
        events,
        exchange,
        documents: decoded.documents,
        idempotency,
        business_key,
        now: around.now,
    };
    let began = Instant::now();
    let accepted = around.journal.accept(acceptance).await?;
    around.metrics.commit(began.elapsed());
    match accepted {
        Accepted::Committed => Ok(Committed { answer, _made_here: () }),
        Accepted::Replayed(answer) => Ok(Committed { answer, _made_here: () }),
        Accepted::KeyReused => Err(Refusal::IdempotencyKeyReused),
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
