//! What the providers' answers to a new shipment mean.
//!
//! A shipment that was created is a milestone: the provider has received it (`RECE`), under its own id. That ties what its
//! trackers tell later to our shipment. A refusal has a finding for each field that the provider names.

use portgate_sdk::canonical::{Classifier, Code, EventType, Milestone, MilestoneCode, Reference, Text, Timestamp};
use portgate_sdk::{Document, Finding, Outcome, Pointer, Request, Response, Verdict};
use serde::Deserialize;
use serde_json::Value;

use crate::refusal::{self, EasyPostError};
use crate::{easypost_shipment, shippo_shipment};

/// Words of carriers that are kept.
const MESSAGES_MAX: usize = 20;

/// The status with which Shippo says that it has too much to do at once.
const CONFLICT: u16 = 409;

/// A shipment as a provider answers it, or an order of several.
#[derive(Deserialize)]
struct Created {
    #[serde(alias = "object_id")]
    id: Option<String>,
    #[serde(alias = "object_created")]
    created_at: Option<String>,
    tracking_code: Option<String>,
    status: Option<String>,
    mode: Option<String>,
    test: Option<bool>,
    messages: Option<Vec<CarrierMessage>>,
    shipments: Option<Vec<Created>>,
}

/// What a carrier says to the shipment, in the words of EasyPost or of Shippo.
#[derive(Deserialize)]
struct CarrierMessage {
    #[serde(alias = "source")]
    carrier: Option<String>,
    #[serde(alias = "type")]
    code: Option<String>,
    #[serde(alias = "text")]
    message: Option<String>,
}

impl CarrierMessage {
    /// Carrier, code and words, as far as there are any.
    fn words(&self) -> String {
        let parts = [&self.carrier, &self.code, &self.message].into_iter().flatten();
        let parts: Vec<&str> = parts.map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        parts.join(": ")
    }
}

/// The answer of either provider: which one was asked says the path.
pub(crate) fn read(sent: &Request, got: &Response) -> Outcome {
    match sent.path.as_str() {
        easypost_shipment::PATH | easypost_shipment::ORDERS_PATH => easypost(sent, got),
        shippo_shipment::PATH => shippo(sent, got),
        _ => Outcome::of_status(got.status),
    }
}

fn easypost(sent: &Request, got: &Response) -> Outcome {
    #[derive(Deserialize)]
    struct Sent {
        #[serde(alias = "order")]
        shipment: Reference,
    }
    #[derive(Deserialize)]
    struct Reference {
        reference: Option<String>,
    }
    #[derive(Deserialize)]
    struct Refusal {
        error: EasyPostError,
    }
    let outcome = Outcome::of_status(got.status);
    match outcome.verdict {
        Verdict::Accepted => {
            let ours = serde_json::from_slice::<Sent>(&sent.body).ok().and_then(|sent| sent.shipment.reference);
            created("easypost", ours, got)
        }
        Verdict::Rejected => match got.json::<Refusal>() {
            Ok(refusal) => Outcome { findings: refusal::easypost(&refusal.error), ..outcome },
            Err(_) => outcome,
        },
        Verdict::Retry | Verdict::Pending => outcome,
    }
}

fn shippo(sent: &Request, got: &Response) -> Outcome {
    #[derive(Deserialize)]
    struct Sent {
        metadata: Option<String>,
    }
    if got.status == CONFLICT {
        return Outcome::of(Verdict::Retry);
    }
    let outcome = Outcome::of_status(got.status);
    match outcome.verdict {
        Verdict::Accepted => {
            let ours = serde_json::from_slice::<Sent>(&sent.body).ok().and_then(|sent| sent.metadata);
            created("shippo", ours, got)
        }
        Verdict::Rejected => match got.json::<Value>().map(|refusal| refusal::shippo(&refusal)) {
            Ok(findings) if !findings.is_empty() => Outcome { findings, ..outcome },
            _ => outcome,
        },
        Verdict::Retry | Verdict::Pending => outcome,
    }
}

/// The provider has the shipment. What is odd about its answer is no reason to send it again.
fn created(provider: &str, ours: Option<String>, got: &Response) -> Outcome {
    let outcome = Outcome::of(Verdict::Accepted);
    let Ok(shipment) = got.json::<Created>() else {
        let detail = "The provider has taken the shipment, and its answer cannot be read.";
        return outcome.with(Finding::warning("ANSWER-ODD", "", detail));
    };
    let root = Pointer::root();
    let order = shipment.shipments.as_ref().and(shipment.id.as_deref());
    let created = match &shipment.shipments {
        Some(shipments) => shipments.iter().collect(),
        None => vec![&shipment],
    };
    let milestone = |shipment: &&Created| milestone(provider, order, ours.clone(), shipment, got);
    let documents: Vec<Document> = created.iter().filter_map(milestone).map(|told| Document::of(&told)).collect();
    let mut findings = remarks(&shipment, &root);
    let parts = shipment.shipments.iter().flatten().enumerate();
    let parts = parts.flat_map(|(index, part)| messages(part, &root.key("shipments").index(index)));
    findings.extend(parts);
    if documents.is_empty() || documents.len() < created.len() {
        let detail = "The provider has taken the shipment, and its answer does not say under which id.";
        findings.push(Finding::warning("ANSWER-ODD", root, detail));
    }
    Outcome { documents, findings, ..outcome }
}

/// That the provider has the shipment, and what it calls it and the order that it is part of; none without an id.
fn milestone(
    provider: &str,
    order: Option<&str>,
    ours: Option<String>,
    shipment: &Created,
    got: &Response,
) -> Option<Milestone> {
    let id = shipment.id.as_deref().map(str::trim).filter(|id| !id.is_empty())?;
    let key: Text<128> = Text::new(id).ok()?;
    let received_at = || Timestamp::new(&got.received_at);
    let occurred_at = shipment.created_at.clone().and_then(|time| Timestamp::new(time).ok());
    let occurred_at = occurred_at.or_else(|| received_at().ok())?;
    let reference = |scheme: &str, value: Option<&str>| value.and_then(|value| Reference::new(scheme, value).ok());
    let tracking = shipment.tracking_code.as_deref();
    let references = [
        reference(&format!("{provider}-shipment"), Some(id)),
        reference(&format!("{provider}-order"), order),
        reference("shipment", ours.as_deref()),
        reference("tracking-number", tracking),
    ];
    let code = Code {
        code: Text::new("created").ok()?,
        code_list: Text::new(format!("{provider} shipment")).ok()?,
        source_code: None,
    };
    Some(Milestone {
        id: key.clone(),
        version: occurred_at.to_version(),
        source: got.source(Text::new(provider).ok()?, Some(key.clone())),
        references: references.into_iter().flatten().collect(),
        event_id: key,
        event_type: EventType::Shipment,
        code: MilestoneCode::Rece,
        classifier: Classifier::Act,
        occurred_at,
        source_code: code,
        shipment_id: ours.and_then(|ours| Text::new(ours).ok()),
        recorded_at: None,
        location: None,
        mode: None,
        equipment_id: None,
        iso_type: None,
        empty: None,
        transport_ref: None,
        reason: None,
        signed_by: None,
        is_return: None,
        seals: Vec::new(),
        remarks: Vec::new(),
    })
}

/// What the provider says beside the shipment: that it is a test, and what carriers have against it.
fn remarks(shipment: &Created, root: &Pointer) -> Vec<Finding> {
    let mut findings = Vec::new();
    if shipment.mode.as_deref() == Some("test") || shipment.test == Some(true) {
        let at = root.key(if shipment.mode.is_some() { "mode" } else { "test" });
        let detail = "The provider has taken the shipment in its test mode: no carrier is going to carry it.";
        findings.push(Finding::info("TEST-MODE", at, detail));
    }
    if shipment.status.as_deref() == Some("ERROR") {
        let detail = "The provider has the shipment and can do nothing with it; its messages say why.";
        findings.push(Finding::warning("SHIPMENT-ERROR", root.key("status"), detail));
    }
    findings.extend(messages(shipment, root));
    findings
}

/// What carriers say to a shipment or an order.
fn messages(shipment: &Created, at: &Pointer) -> Vec<Finding> {
    let list = at.key("messages");
    let messages = shipment.messages.as_deref().unwrap_or_default();
    let told = messages.iter().take(MESSAGES_MAX).enumerate();
    let told = told.map(|(index, message)| Finding::warning("CARRIER-SAYS", list.index(index), message.words()));
    let mut findings: Vec<Finding> = told.collect();
    let more = messages.len().saturating_sub(MESSAGES_MAX);
    if more > 0 {
        findings.push(Finding::info("MORE-MESSAGES", list, format!("There are {more} more messages.")));
    }
    findings
}
