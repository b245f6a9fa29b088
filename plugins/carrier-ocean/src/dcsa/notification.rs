//! What carriers notify of bookings (DCSA Booking 2.0), and of shipping instructions and transport documents (DCSA Bill of Lading
//! 3.0): a cloud event with the statuses of the document.
//!
//! A notification says how its document stands: the status of the document, that of a change to it, and that of its cancellation. The
//! last of these that it has is what is new, and its milestone; the others stand among its remarks.

use portgate_sdk::canonical::{Classifier, EventType, Timestamp};
use portgate_sdk::{Decoded, Message, Pointer, Rejection};
use serde::Deserialize;

use crate::codes::{self, Meaning};
use crate::event::{Equipment, Event, Journey, Milestones, Place, Written, meaning_or_unmapped};
use crate::notes::Notes;

#[derive(Deserialize)]
struct Notification {
    id: Option<String>,
    time: Option<String>,
    #[serde(rename = "subscriptionReference")]
    subscription: Option<String>,
    data: Option<Data>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Data {
    booking_status: Option<String>,
    amended_booking_status: Option<String>,
    booking_cancellation_status: Option<String>,
    shipping_instructions_status: Option<String>,
    updated_shipping_instructions_status: Option<String>,
    transport_document_status: Option<String>,
    amended_transport_document_status: Option<String>,
    carrier_booking_request_reference: Option<String>,
    carrier_booking_reference: Option<String>,
    shipping_instructions_reference: Option<String>,
    transport_document_reference: Option<String>,
    reason: Option<String>,
    feedbacks: Option<Vec<Feedback>>,
}

/// What the carrier has to say of a field of the document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    severity: Option<String>,
    code: Option<String>,
    message: Option<String>,
    json_path: Option<String>,
    property: Option<String>,
}

impl Feedback {
    fn in_words(&self) -> String {
        let text = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
        let place = Some(text(&self.json_path)).filter(|path| !path.is_empty()).unwrap_or_else(|| text(&self.property));
        let head = format!("{} {}", text(&self.severity), text(&self.code));
        let tail = if place.is_empty() { String::new() } else { format!(" ({place})") };
        format!("{}: {}{tail}", head.trim(), text(&self.message))
    }
}

/// The statuses of a document by the names of their fields, the one that stands above all others last.
type Statuses = [(&'static str, Option<String>)];

/// The milestone of a booking's notification.
pub(crate) fn booking(message: &Message) -> Result<Decoded, Rejection> {
    decode(message, |data| {
        vec![
            ("bookingStatus", data.booking_status.take()),
            ("amendedBookingStatus", data.amended_booking_status.take()),
            ("bookingCancellationStatus", data.booking_cancellation_status.take()),
        ]
    })
}

/// The milestone of a notification of shipping instructions or of a transport document.
pub(crate) fn bill_of_lading(message: &Message) -> Result<Decoded, Rejection> {
    decode(message, |data| {
        vec![
            ("shippingInstructionsStatus", data.shipping_instructions_status.take()),
            ("updatedShippingInstructionsStatus", data.updated_shipping_instructions_status.take()),
            ("transportDocumentStatus", data.transport_document_status.take()),
            ("amendedTransportDocumentStatus", data.amended_transport_document_status.take()),
        ]
    })
}

fn decode(
    message: &Message,
    statuses: impl Fn(&mut Data) -> Vec<(&'static str, Option<String>)>,
) -> Result<Decoded, Rejection> {
    let notification: Notification = message.json()?;
    let mut notes = Notes::default();
    let mut milestones = Milestones::of(message);
    if let Some(event) = event(notification, statuses, &mut notes) {
        milestones.add(event, Pointer::root().as_str(), &mut notes);
    }
    notes.finish()
}

fn event(
    notification: Notification,
    statuses: impl Fn(&mut Data) -> Vec<(&'static str, Option<String>)>,
    notes: &mut Notes,
) -> Option<Event> {
    let root = Pointer::root();
    let at = root.key("data");
    let mut data = notification.data.unwrap_or_default();
    let statuses = statuses(&mut data);
    let id = notification.id.filter(|id| !id.trim().is_empty());
    if id.is_none() {
        notes.error("MISSING", root.key("id"), "The notification needs this field; fill it.");
    }
    let occurred_at = match notification.time.map(Timestamp::new) {
        Some(Ok(time)) => Some(time),
        Some(Err(error)) => {
            notes.error("INVALID", root.key("time"), format!("Expected {}.", error.expected));
            None
        }
        None => {
            notes.error("MISSING", root.key("time"), "The notification needs this field; fill it.");
            None
        }
    };
    let Some((field, status, remarks)) = newest(&statuses) else {
        let names = statuses.iter().map(|(name, _)| *name).collect::<Vec<_>>().join("`, `");
        notes.error("MISSING", &at, format!("The notification has no status: one of `{names}`."));
        return None;
    };
    let (id, occurred_at) = (id?, occurred_at?);
    let written = Written { code: status.clone(), list: format!("DCSA {field}"), words: None };
    let known = codes::document_status(&status.replace(' ', "_"));
    let known = known.map(|code| Meaning { event_type: EventType::Shipment, code, mode: None, empty: None });
    let place = at.key(field);
    let meaning = meaning_or_unmapped(known, EventType::Shipment, &written, place.as_str(), notes);
    let names = [
        ("booking", "carrierBookingReference", data.carrier_booking_reference),
        ("booking-request", "carrierBookingRequestReference", data.carrier_booking_request_reference),
        ("shipping-instruction", "shippingInstructionsReference", data.shipping_instructions_reference),
        ("transport-document", "transportDocumentReference", data.transport_document_reference),
    ];
    let names = names.into_iter().filter_map(|(scheme, name, value)| Some((scheme, at.key(name), value?)));
    let mut references: Vec<_> = names.filter_map(|(scheme, at, value)| notes.reference(at, scheme, &value)).collect();
    if references.is_empty() {
        notes.error("MISSING", &at, "The notification does not say of which document it is; give its reference.");
    }
    let subscription = notification.subscription;
    let subscription =
        subscription.and_then(|value| notes.reference(root.key("subscriptionReference"), "dcsa-subscription", &value));
    references.extend(subscription);
    let said = data.feedbacks.iter().flatten().map(Feedback::in_words);
    Some(Event {
        message_id: id.clone(),
        id: Some(id),
        event_type: meaning.event_type,
        code: meaning.code,
        classifier: Classifier::Act,
        occurred_at,
        recorded_at: None,
        written,
        place: Place::default(),
        mode: None,
        equipment: Equipment::default(),
        journey: Journey::default(),
        reason: (None, data.reason),
        seals: Vec::new(),
        remarks: remarks.into_iter().chain(said).collect(),
        references,
    })
}

/// What is new, with the name of its field, and the other statuses in words.
fn newest(statuses: &Statuses) -> Option<(&'static str, String, Vec<String>)> {
    let said: Vec<(&'static str, &String)> = statuses
        .iter()
        .filter_map(|(name, status)| Some((*name, status.as_ref().filter(|status| !status.trim().is_empty())?)))
        .collect();
    let ((name, status), others) = said.split_last()?;
    let others = others.iter().map(|(name, status)| format!("{name}: {status}")).collect();
    Some((name, status.trim().to_owned(), others))
}

#[cfg(test)]
mod tests {
    use portgate_sdk::canonical::MilestoneCode;

    use super::*;

    #[test]
    fn the_last_status_is_what_is_new() {
        let statuses = [
            ("first", Some("CONFIRMED".to_owned())),
            ("second", Some("AMENDMENT DECLINED".to_owned())),
            ("third", None),
        ];
        let (name, status, others) = newest(&statuses).expect("a status");
        assert_eq!((name, &*status), ("second", "AMENDMENT DECLINED"));
        assert_eq!(others, ["first: CONFIRMED"]);
        assert_eq!(codes::document_status("AMENDMENT_DECLINED"), Some(MilestoneCode::Reje));
    }
}
