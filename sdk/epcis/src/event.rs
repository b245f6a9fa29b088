//! An event and the document that carries events.

use std::collections::BTreeSet;
use std::str::FromStr;

use portgate_canonical::{Decimal, Quantity, Timestamp};
use serde::Serialize;
use serde_json::{Map, Number, Value, json};

use crate::names::{CONTEXT, PREFIX, SPACE};
use crate::{Refusal, hash, time};

/// What an event is about, and so which fields it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::enum_variant_names, reason = "the names of the standard")]
pub(crate) enum Kind {
    /// Something happens to things.
    ObjectEvent,
    /// Things are put into or onto another, or taken out.
    AggregationEvent,
    /// Things are fixed to another, or taken off.
    AssociationEvent,
    /// Things become tied to business documents, or are so no more.
    TransactionEvent,
}

/// What the event does to the life of what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Action {
    /// It begins, or is put together.
    Add,
    /// It is seen.
    Observe,
}

/// So much of a class of things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClassQuantity {
    pub(crate) epc_class: String,
    /// None where it is not said how much.
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<Number>,
    /// UNECE Recommendation 20; pieces have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    uom: Option<String>,
}

impl ClassQuantity {
    /// So much of the class; none of nothing, which is no quantity.
    pub(crate) fn new(epc_class: String, quantity: &Quantity) -> Option<Self> {
        let uom = Some(quantity.unit.to_string()).filter(|unit| unit != "C62");
        Some(ClassQuantity { epc_class, quantity: Some(number(quantity.value)?), uom })
    }

    /// Some of the class, nobody says how much.
    pub(crate) fn uncounted(epc_class: String) -> Self {
        ClassQuantity { epc_class, quantity: None, uom: None }
    }

    /// So many pieces of the class.
    pub(crate) fn pieces(epc_class: String, count: u32) -> Option<Self> {
        ClassQuantity::new(epc_class, &Quantity::pieces(i64::from(count).into()))
    }
}

/// A quantity above nought as JSON writes it, without a float in between.
fn number(value: Decimal) -> Option<Number> {
    let above = !value.is_negative() && !value.is_zero();
    above.then(|| Number::from_str(&value.normalised().to_string()).ok())?
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    id: String,
}

/// A business document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BizTransaction {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'static str>,
    pub(crate) biz_transaction: String,
}

/// One of those who hand over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Source {
    #[serde(rename = "type")]
    kind: &'static str,
    source: String,
}

/// One of those who take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Destination {
    #[serde(rename = "type")]
    kind: &'static str,
    destination: String,
}

/// Who hands things over, and who takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Handover {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    source_list: Vec<Source>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    destination_list: Vec<Destination>,
}

impl Handover {
    /// One more, once.
    pub(crate) fn add(&mut self, from: bool, kind: &'static str, uri: String) {
        if from {
            let source = Source { kind, source: uri };
            if !self.source_list.contains(&source) {
                self.source_list.push(source);
            }
        } else {
            let destination = Destination { kind, destination: uri };
            if !self.destination_list.contains(&destination) {
                self.destination_list.push(destination);
            }
        }
    }
}

/// That what was said before is not so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorDeclaration {
    declaration_time: String,
    reason: &'static str,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    #[serde(rename = "type")]
    kind: Kind,
    event_time: String,
    event_time_zone_offset: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_declaration: Option<ErrorDeclaration>,
    #[serde(rename = "parentID", skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    epc_list: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quantity_list: Vec<ClassQuantity>,
    #[serde(rename = "childEPCs", skip_serializing_if = "Vec::is_empty")]
    child_epcs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    child_quantity_list: Vec<ClassQuantity>,
    action: Action,
    biz_step: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disposition: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_point: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    biz_location: Option<Place>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    biz_transaction_list: Vec<BizTransaction>,
    #[serde(flatten)]
    handover: Handover,
    #[serde(flatten)]
    beyond: Map<String, Value>,
}

impl Event {
    /// An event that was at `time`, which stands in the document at `location`.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] of a time whose offset is not known: EPCIS wants it, and nothing is made up.
    pub(crate) fn new(
        (kind, action): (Kind, Action),
        biz_step: &'static str,
        time: &Timestamp,
        location: &str,
    ) -> Result<Self, Refusal> {
        let Some((event_time, event_time_zone_offset)) = time::with_offset(time) else {
            let detail = "The time is that of the place alone, and EPCIS wants the offset of its clock; have the sender give the zone.";
            return Err(Refusal::new("LOCAL-TIME", location, detail));
        };
        Ok(Event {
            kind,
            event_time,
            event_time_zone_offset,
            error_declaration: None,
            parent: None,
            epc_list: Vec::new(),
            quantity_list: Vec::new(),
            child_epcs: Vec::new(),
            child_quantity_list: Vec::new(),
            action,
            biz_step,
            disposition: None,
            read_point: None,
            biz_location: None,
            biz_transaction_list: Vec::new(),
            handover: Handover::default(),
            beyond: Map::new(),
        })
    }

    pub(crate) fn disposition(mut self, disposition: Option<&'static str>) -> Self {
        self.disposition = disposition;
        self
    }

    /// What it is about: things, each once, and quantities. In an aggregation or association they are in or on the parent.
    pub(crate) fn about(mut self, things: Vec<String>, quantities: Vec<ClassQuantity>) -> Self {
        let mut known = BTreeSet::new();
        let things = things.into_iter().filter(|thing| known.insert(thing.clone())).collect();
        match self.kind {
            Kind::AggregationEvent | Kind::AssociationEvent => {
                (self.child_epcs, self.child_quantity_list) = (things, quantities);
            }
            Kind::ObjectEvent | Kind::TransactionEvent => (self.epc_list, self.quantity_list) = (things, quantities),
        }
        self
    }

    /// What the things are put into or onto.
    pub(crate) fn parent(mut self, parent: String) -> Self {
        self.parent = Some(parent);
        self
    }

    /// Where it was, and whether the things are there from then on.
    pub(crate) fn place(mut self, place: Option<String>, stays: bool) -> Self {
        self.read_point = place.map(|id| Place { id });
        self.biz_location = self.read_point.clone().filter(|_| stays);
        self
    }

    /// Business documents, each once.
    pub(crate) fn papers(mut self, papers: Vec<BizTransaction>) -> Self {
        for paper in papers {
            if !self.biz_transaction_list.contains(&paper) {
                self.biz_transaction_list.push(paper);
            }
        }
        self
    }

    pub(crate) fn handover(mut self, handover: Handover) -> Self {
        self.handover = handover;
        self
    }

    /// Says what EPCIS has no field for.
    pub(crate) fn say(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value.map(Into::into) {
            self.beyond.insert(format!("{PREFIX}:{name}"), value);
        }
    }

    /// That what it tells did not happen, as was declared at this time.
    pub(crate) fn taken_back(mut self, declared_at: &Timestamp) -> Self {
        let declaration_time = time::with_offset(declared_at).map(|(time, _)| time);
        let reason = "did_not_occur";
        self.error_declaration = declaration_time.map(|declaration_time| ErrorDeclaration { declaration_time, reason });
        self
    }

    /// As JSON, with the name that what it says gives it.
    pub fn to_json(&self) -> Value {
        let Ok(Value::Object(mut event)) = serde_json::to_value(self) else { return Value::Null };
        let id = hash::event_id(&event, &hash::prefixes(&context()));
        event.insert("eventID".to_owned(), json!(id));
        Value::Object(event)
    }
}

fn context() -> Value {
    json!([CONTEXT, { PREFIX: SPACE }])
}

/// The document of these events, made at `created_at` (RFC 3339).
pub fn document(events: &[Event], created_at: &str) -> Value {
    let list: Vec<Value> = events.iter().map(Event::to_json).collect();
    json!({
        "@context": context(),
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": created_at,
        "epcisBody": { "eventList": list },
    })
}

/// The document that answers a query for these events, made at `created_at` (RFC 3339).
pub fn query_document(events: &[Event], created_at: &str) -> Value {
    let list: Vec<Value> = events.iter().map(Event::to_json).collect();
    json!({
        "@context": context(),
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": created_at,
        "epcisBody": {
            "queryResults": { "queryName": "SimpleEventQuery", "resultsBody": { "eventList": list } },
        },
    })
}
