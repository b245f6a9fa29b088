//! Business events: CloudEvents as SAP Event Mesh sends them (`sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1`), the older form of
//! the enterprise messaging (`BO.SalesOrder.Changed`), and the queue of events that is asked by OData. Each is a `milestone` of a
//! document: it says that something happened to it and not what it says now.

use portgate_sdk::Message;
use portgate_sdk::canonical::{Classifier, EventType, Milestone, MilestoneCode, Reference, Text, Timestamp};

use super::Entity;
use crate::number::{self, BILLING, DELIVERY, DOCUMENT, Kind, MATERIAL, ORDER, PARTNER};
use crate::reader::{Reader, listed, short};
use crate::record::Record;
use crate::time;

pub(crate) const EVENT: Entity =
    Entity { title: "business event", key: &["type", "eventType", "BusinessEvent", "api_schema"], parts: &[], read };

/// Where the key of the object stands, and what it is a number of.
const KEYS: &[(&str, Kind)] = &[
    ("SalesOrder", ORDER),
    ("SALESORDER", ORDER),
    ("PurchaseOrder", ORDER),
    ("PURCHASEORDER", ORDER),
    ("OutboundDelivery", DELIVERY),
    ("OUTBOUNDDELIVERY", DELIVERY),
    ("DeliveryDocument", DELIVERY),
    ("InboundDelivery", DELIVERY),
    ("BillingDocument", BILLING),
    ("BILLINGDOCUMENT", BILLING),
    ("BusinessPartner", PARTNER),
    ("BUSINESSPARTNER", PARTNER),
    ("Product", MATERIAL),
    ("PRODUCT", MATERIAL),
    ("Material", MATERIAL),
];

fn read(entity: &Record<'_>, message: &Message, reader: &mut Reader<'_>) {
    let Some(kind) = entity.first(&["type", "eventType", "api_schema"]).map(String::from).or_else(|| queued(entity))
    else {
        reader.error(entity, "", "MISSING", "Give `type`: what happened to which object.");
        return;
    };
    let (object, task) = named(&kind);
    let Some(object) = object else {
        let detail = format!("The type `{}` does not say what happened to which object.", short(&kind));
        reader.error(entity, "type", "OTHER-EVENT", detail);
        return;
    };
    let Some((number, of)) = key(entity, object) else {
        let detail = format!("The event does not say which {object} it is of.");
        reader.error(entity, "data", "MISSING", detail);
        return;
    };
    let said = entity.first(&["time", "eventTime", "CreationUTCDateTime", "validated_date", "planned_date"]);
    let at = said.as_ref().and_then(|said| time::moment(said).or_else(|| time::at(&time::day(said)?, None, None)));
    let occurred_at = at.unwrap_or_else(|| {
        let detail = "The event does not say when it happened; when it came stands for it.";
        reader.warning(entity, "time", "NO-TIME", detail);
        Timestamp::new(&message.received_at).expect("the host gives received-at as RFC 3339")
    });
    let id = entity.first(&["id", "eventID", "eventId", "BusinessEvent"]).map(String::from);
    let id = id.unwrap_or_else(|| format!("{kind}|{number}|{}", occurred_at.as_str()));
    let Some(event_id) = reader.decoded.identifier::<128>(entity.at("id"), "id of the event", &id) else { return };
    let (code, is_known) = code(task);
    if !is_known {
        let detail = format!("What `{}` says of an object is not known; add it.", short(task));
        reader.warning(entity, "type", "UNKNOWN-TASK", detail);
    }
    let version = Text::new("1").expect("a version");
    let source = message.source(Some(event_id.clone()), Some(occurred_at.clone()));
    let source_code = portgate_sdk::canonical::Code {
        source_code: Text::new(kind.as_str()).ok(),
        ..listed("SAP object task", &format!("{object}.{task}"))
    };
    let mut milestone = Milestone::new(
        event_id.clone(),
        version,
        source,
        event_id,
        EventType::Document,
        code,
        Classifier::Act,
        occurred_at,
        source_code,
    );
    milestone.references = references(of, &number);
    if of.scheme() == DELIVERY.scheme() {
        milestone.shipment_id = Text::new(number::shown(&number)).ok();
    }
    let rest = entity.rest().into_iter().filter(|rest| !is_of_the_envelope(&rest.name));
    let remarks = rest.filter_map(|rest| Some(Text::cut(&format!("{}: {}", rest.name, rest.value))?.text));
    milestone.remarks = remarks.take(32).collect();
    reader.decoded.document(&milestone);
}

/// Object and task of a type: the two words before its version.
fn named(kind: &str) -> (Option<&str>, &str) {
    let mut words: Vec<&str> = kind.split(['.', '/']).filter(|word| !word.is_empty()).collect();
    let is_version = |word: &&str| {
        word.strip_prefix('v').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    while words.last().is_some_and(is_version) {
        words.pop();
    }
    let task = words.pop().unwrap_or_default();
    (words.pop(), task)
}

/// The type of an event of the queue, as Event Mesh would write it.
fn queued(entity: &Record<'_>) -> Option<String> {
    let (object, task) = (entity.text("SAPObjectType")?, entity.text("SAPObjectTaskCode")?);
    Some(format!("sap.s4.beh.{}.v1.{object}.{task}.v1", object.to_lowercase()))
}

/// The number of the object: under its own name in `data`, in `data/KEY`, in the queue's first key.
fn key(entity: &Record<'_>, object: &str) -> Option<(String, Kind)> {
    let of = |name: &str| KEYS.iter().find(|(known, _)| *known == name).map_or(DOCUMENT, |(_, kind)| *kind);
    if let Some(number) = entity.first(&["SAPBusinessObjectKey1", "document_no"]) {
        return Some((number.into_owned(), of(object)));
    }
    let data = entity.records("data");
    let inner: Vec<_> = data.iter().flat_map(|data| data.records("KEY")).collect();
    let records = || data.iter().chain(&inner);
    let own = records().find_map(|record| Some((record.text(object)?, of(object))));
    let known = || records().find_map(|record| KEYS.iter().find_map(|(name, kind)| Some((record.text(name)?, *kind))));
    own.or_else(known).map(|(number, kind)| (number.into_owned(), kind))
}

/// What happened: set up, changed, done away with. Anything else keeps its word.
fn code(task: &str) -> (MilestoneCode, bool) {
    match task {
        "Created" | "Create" => (MilestoneCode::Created, true),
        "Changed" | "Change" | "Updated" => (MilestoneCode::Changed, true),
        "Deleted" | "Cancelled" | "Canceled" | "Delete" => (MilestoneCode::Void, true),
        "Approved" => (MilestoneCode::Appr, true),
        "Rejected" => (MilestoneCode::Reje, true),
        "Blocked" => (MilestoneCode::Hold, true),
        "Released" => (MilestoneCode::Rels, true),
        "Completed" => (MilestoneCode::Cmpl, true),
        "Confirmed" => (MilestoneCode::Conf, true),
        _ => (MilestoneCode::Unmapped, false),
    }
}

fn references(of: Kind, number: &str) -> Vec<Reference> {
    number::references(of, number)
}

/// What is about the event's own way here.
fn is_of_the_envelope(name: &str) -> bool {
    [
        "specversion",
        "source",
        "datacontenttype",
        "cloudEventsVersion",
        "contentType",
        "connection_key",
        "redis_key",
        "filepath",
        "result",
    ]
    .contains(&name)
}
