//! What listeners hear of exchanges and deliveries (CloudEvents 1.0).
//!
//! | type | when | data |
//! |---|---|---|
//! | `portgate.exchange.accepted` | a message was committed | its contract and what came of it |
//! | `portgate.exchange.parked` | a message was committed as it came, to be decoded later | its contract |
//! | `portgate.exchange.rejected` | it was decoded, and refused | its contract, and why |
//! | `portgate.exchange.failed` | its plugin has failed on it too often | its contract |
//! | `portgate.exchange.awaits-code` | some of it, or all of it, waits for a code of its partner | its contract |
//! | `portgate.exchange.rerun` | an accepted exchange was mapped again, by an operator or because a code is there that it waited for | its contract, its new documents and those that are gone |
//! | `portgate.document.KIND` | for each of its documents, and again for each that is new when it is mapped again | the document, under its canonical schema |
//! | `portgate.delivery.STATE` | a delivery came to an end, or waits for the partner's word, or that word has come or is overdue | where it went |

use jiff::Timestamp;
use portgate_core::document::{Document, Part};
use portgate_core::finding::Finding;
use portgate_core::policy::Webhook;
use portgate_core::state::Acknowledged;
use portgate_store::{
    ClaimedDelivery, DeliveryId, EventData, EventId, ExchangeId, KeptDocument, NewEvent, NewExchange, Rerun, SentUnder,
    Settled,
};
use serde_json::{Value, json};

/// What is told when an exchange is accepted.
pub(super) fn accepted(exchange: &NewExchange, documents: &[Document], now: Timestamp) -> Vec<NewEvent> {
    let listed = documents.iter().zip(Part::numbers(&exchange.parts));
    let listed: Vec<_> = listed.map(|(document, part)| listed_document(exchange, document, part)).collect();
    let mut data = json!({
        "exchange": exchange.id.to_string(),
        "contract": exchange.contract,
        "version": exchange.version,
        "documents": listed,
        "findings": exchange.findings.len(),
    });
    count_parts(exchange, &mut data);
    let mut events = Vec::with_capacity(documents.len() + 1);
    events.push(about(exchange, "portgate.exchange.accepted".to_owned(), exchange.id.to_string(), &data, now));
    events.extend(of_documents(exchange, documents, 0, now));
    events
}

/// What is told when an accepted exchange was mapped again: its new documents, and which of the old ones are there no more.
pub(super) fn rerun(exchange: &NewExchange, rerun: &Rerun, gone: &[&KeptDocument], now: Timestamp) -> Vec<NewEvent> {
    let Rerun { documents: new, first_position, .. } = rerun;
    let listed = (*first_position..)
        .zip(new)
        .map(|(position, document)| listed_document(exchange, document, rerun.of_parts.get(&position).copied()));
    let listed: Vec<_> = listed.collect();
    let gone: Vec<_> = gone.iter().map(|document| json!({ "kind": document.kind, "key": document.key })).collect();
    let mut data = json!({
        "exchange": exchange.id.to_string(),
        "contract": exchange.contract,
        "version": exchange.version,
        "documents": listed,
        "gone": gone,
    });
    count_parts(exchange, &mut data);
    let mut events = vec![about(exchange, "portgate.exchange.rerun".to_owned(), exchange.id.to_string(), &data, now)];
    events.extend(of_documents(exchange, new, *first_position, now));
    events
}

fn listed_document(exchange: &NewExchange, document: &Document, part: Option<u32>) -> Value {
    let mut listed = json!({ "kind": document.kind, "key": document.key });
    if let Some(part) = Part::named(&exchange.parts, part) {
        listed["part"] = part.into();
    }
    listed
}

fn count_parts(exchange: &NewExchange, data: &mut Value) {
    if !exchange.parts.is_empty() {
        let count = |is: fn(&Part) -> bool| exchange.parts.iter().filter(|part| is(part)).count();
        let (refused, awaiting) = (count(Part::is_refused), count(Part::awaits_code));
        data["parts"] = json!({
            "accepted": exchange.parts.len() - refused - awaiting, "refused": refused, "awaitingCodes": awaiting,
        });
    }
}

/// An event for each document, which are kept from a position on.
fn of_documents<'a>(
    exchange: &'a NewExchange,
    documents: &'a [Document],
    first_position: u32,
    now: Timestamp,
) -> impl Iterator<Item = NewEvent> + 'a {
    (first_position..).zip(documents).filter_map(move |(position, document)| {
        let body = String::from_utf8(document.body.clone()).ok()?;
        let data = EventData::Document { exchange: exchange.id, position, body: Some(body) };
        let kind = format!("portgate.document.{}", document.kind);
        let (subject, partner) = (document.key.clone(), exchange.partner.clone());
        Some(NewEvent { id: EventId::new(now), kind, subject, partner, at: now, data })
    })
}

/// What is told when some of a message waits for a code, or all of it.
pub(super) fn awaits_code(exchange: &NewExchange, now: Timestamp) -> NewEvent {
    ending_event(exchange, "awaits-code", None, now)
}

/// What is told when a message that waited for a code is refused after all: as a whole, or a part of it.
pub(super) fn refused_after_all(exchange: &NewExchange, is_rejected: bool, now: Timestamp) -> NewEvent {
    if is_rejected {
        return rejected(exchange, now);
    }
    let mut data = json!({
        "exchange": exchange.id.to_string(),
        "contract": exchange.contract,
        "version": exchange.version,
        "documents": [],
        "gone": [],
    });
    count_parts(exchange, &mut data);
    about(exchange, "portgate.exchange.rerun".to_owned(), exchange.id.to_string(), &data, now)
}

/// What is told when a message is parked.
pub(super) fn parked(exchange: &NewExchange, now: Timestamp) -> NewEvent {
    ending_event(exchange, "parked", None, now)
}

/// What is told when a parked message was taken up and refused.
pub(super) fn rejected(exchange: &NewExchange, now: Timestamp) -> NewEvent {
    ending_event(exchange, "rejected", Some(&exchange.findings), now)
}

/// What is told when a plugin has failed on a parked message too often.
pub(super) fn failed(exchange: &NewExchange, now: Timestamp) -> NewEvent {
    ending_event(exchange, "failed", None, now)
}

fn ending_event(exchange: &NewExchange, state: &str, findings: Option<&[Finding]>, now: Timestamp) -> NewEvent {
    let mut data = json!({
        "exchange": exchange.id.to_string(),
        "contract": exchange.contract,
        "version": exchange.version,
    });
    if let Some(findings) = findings {
        data["findings"] = json!(findings);
    }
    about(exchange, format!("portgate.exchange.{state}"), exchange.id.to_string(), &data, now)
}

fn about(exchange: &NewExchange, kind: String, subject: String, data: &Value, now: Timestamp) -> NewEvent {
    let (partner, data) = (exchange.partner.clone(), EventData::Own(data.to_string()));
    NewEvent { id: EventId::new(now), kind, subject, partner, at: now, data }
}

/// What is told of a delivery whose attempt has ended so: nothing of one that is only tried again, and nothing of one that
/// told a webhook something, or there would be no end of it.
pub(super) fn settled(delivery: &ClaimedDelivery, outcome: &Settled, now: Timestamp) -> Vec<NewEvent> {
    if Webhook::is(&delivery.destination) {
        return Vec::new();
    }
    let (state, class) = match outcome {
        Settled::Retry { .. } => return Vec::new(),
        Settled::Sent { .. } => ("sent", None),
        Settled::Delivered { .. } => ("delivered", None),
        Settled::Pending { .. } => ("awaiting", None),
        Settled::AwaitsCodes { .. } => ("awaits-code", None),
        Settled::Dead { class, .. } => ("dead", Some(class.as_str())),
    };
    let ClaimedDelivery { claim, exchange, destination, contract, version, parts, partner, .. } = delivery;
    let about =
        AboutDelivery { delivery: claim.delivery, exchange: *exchange, destination, contract, version, parts, partner };
    vec![about.event(state, json!({ "class": class }), now)]
}

/// What is told of a delivery that its partner has acknowledged.
pub(super) fn acknowledged(sent: &SentUnder, said: Acknowledged, now: Timestamp) -> NewEvent {
    let (state, class) = match said {
        Acknowledged::Accepted | Acknowledged::AcceptedWithErrors => ("delivered", None),
        Acknowledged::PartlyAccepted | Acknowledged::Rejected => ("dead", Some("theirs")),
    };
    let more = json!({ "class": class, "acknowledged": said, "interchange": sent.numbers.interchange });
    AboutDelivery::of(sent).event(state, more, now)
}

/// What is told of a delivery whose acknowledgement has not come in time.
pub(super) fn overdue(sent: &SentUnder, now: Timestamp) -> NewEvent {
    let more = json!({ "class": null, "interchange": sent.numbers.interchange });
    AboutDelivery::of(sent).event("overdue", more, now)
}

/// What every event of a delivery says.
struct AboutDelivery<'a> {
    delivery: DeliveryId,
    exchange: ExchangeId,
    destination: &'a str,
    contract: &'a str,
    version: &'a str,
    parts: &'a [String],
    /// The partner whose exchange it came of, which may see the event.
    partner: &'a str,
}

impl<'a> AboutDelivery<'a> {
    fn of(sent: &'a SentUnder) -> Self {
        let SentUnder { delivery, exchange, destination, contract, version, parts, partner, .. } = sent;
        AboutDelivery { delivery: *delivery, exchange: *exchange, destination, contract, version, parts, partner }
    }

    fn event(&self, state: &str, more: Value, now: Timestamp) -> NewEvent {
        let mut data = json!({
            "delivery": self.delivery.to_string(),
            "exchange": self.exchange.to_string(),
            "destination": self.destination,
            "contract": self.contract,
            "version": self.version,
        });
        if !self.parts.is_empty() {
            data["parts"] = json!(self.parts);
        }
        if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
            data.extend(more);
        }
        NewEvent {
            id: EventId::new(now),
            kind: format!("portgate.delivery.{state}"),
            subject: self.delivery.to_string(),
            partner: self.partner.to_owned(),
            at: now,
            data: EventData::Own(data.to_string()),
        }
    }
}
