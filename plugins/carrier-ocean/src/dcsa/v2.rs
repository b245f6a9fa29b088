//! DCSA Track & Trace 2.2: flat events, as an array or, as subscriptions send them, below `events`.

use portgate_sdk::{Decoded, Message, Pointer, Rejection};
use serde::Deserialize;

use super::{
    DcsaEvent, DcsaLocation, DcsaSeal, Names, Vessel, coordinates, empty, in_words, milestones, place, seals, voyage,
};
use crate::event::{Equipment, Journey, Place};
use crate::notes::Notes;

const NAMES: Names = Names {
    event_type: &["eventType"],
    classifier: &["eventClassifierCode"],
    code: |event_type| match event_type {
        "TRANSPORT" => &["transportEventTypeCode"],
        "EQUIPMENT" => &["equipmentEventTypeCode"],
        _ => &["shipmentEventTypeCode"],
    },
    recorded_at: "eventCreatedDateTime",
};

#[derive(Deserialize)]
struct Wrapped {
    events: Vec<FlatEvent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FlatEvent {
    #[serde(rename = "eventID")]
    event_id: Option<String>,
    event_created_date_time: Option<String>,
    event_type: Option<String>,
    event_classifier_code: Option<String>,
    event_date_time: Option<String>,
    transport_event_type_code: Option<String>,
    equipment_event_type_code: Option<String>,
    shipment_event_type_code: Option<String>,
    #[serde(rename = "documentID")]
    document_id: Option<String>,
    document_type_code: Option<String>,
    reason: Option<String>,
    delay_reason_code: Option<String>,
    change_remark: Option<String>,
    equipment_reference: Option<String>,
    #[serde(rename = "ISOEquipmentCode")]
    iso_equipment_code: Option<String>,
    empty_indicator_code: Option<String>,
    event_location: Option<DcsaLocation>,
    transport_call: Option<TransportCall>,
    document_references: Option<Vec<DocumentReference>>,
    references: Option<Vec<OtherReference>>,
    seals: Option<Vec<DcsaSeal>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TransportCall {
    export_voyage_number: Option<String>,
    import_voyage_number: Option<String>,
    #[serde(rename = "UNLocationCode")]
    un_location_code: Option<String>,
    facility_code: Option<String>,
    facility_code_list_provider: Option<String>,
    other_facility: Option<String>,
    mode_of_transport: Option<String>,
    location: Option<DcsaLocation>,
    vessel: Option<Vessel>,
}

#[derive(Deserialize)]
struct DocumentReference {
    #[serde(rename = "documentReferenceType")]
    kind: String,
    #[serde(rename = "documentReferenceValue")]
    value: String,
}

#[derive(Deserialize)]
struct OtherReference {
    #[serde(rename = "referenceType")]
    kind: String,
    #[serde(rename = "referenceValue")]
    value: String,
}

/// The milestones of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let (root, events): (_, Vec<FlatEvent>) = match message.text()?.trim_start().starts_with('{') {
        true => (Pointer::root().key("events"), message.json::<Wrapped>()?.events),
        false => (Pointer::root(), message.json()?),
    };
    let mut notes = Notes::default();
    milestones(message, &root, events.into_iter().map(DcsaEvent::from), &NAMES, &mut notes);
    notes.finish()
}

impl From<FlatEvent> for DcsaEvent {
    fn from(event: FlatEvent) -> Self {
        let code = match event.event_type.as_deref() {
            Some("TRANSPORT") => event.transport_event_type_code,
            Some("EQUIPMENT") => event.equipment_event_type_code,
            _ => event.shipment_event_type_code.or(event.equipment_event_type_code).or(event.transport_event_type_code),
        };
        let documents = event.document_references.unwrap_or_default();
        let others = event.references.unwrap_or_default();
        let named = event.document_type_code.zip(event.document_id);
        let references = named
            .into_iter()
            .chain(documents.into_iter().map(|reference| (reference.kind, reference.value)))
            .chain(others.into_iter().map(|reference| (reference.kind, reference.value)))
            .collect();
        let call_location = event.transport_call.as_ref().and_then(|call| call.location.as_ref());
        let coordinates = coordinates(event.event_location.as_ref(), call_location);
        let (mode, journey, call_place) = match event.transport_call {
            Some(call) => call.read(code.as_deref()),
            None => (None, Journey::default(), Place::default()),
        };
        let (place, place_of_call) = place(event.event_location, call_place);
        let (words, mut remarks) = in_words(event.change_remark, event.reason);
        remarks.extend(coordinates);
        DcsaEvent {
            id: event.event_id,
            event_type: event.event_type,
            classifier: event.event_classifier_code,
            code,
            occurred_at: event.event_date_time,
            recorded_at: event.event_created_date_time,
            place,
            place_of_call,
            mode,
            equipment: Equipment {
                id: event.equipment_reference,
                iso_type: event.iso_equipment_code,
                empty: empty(event.empty_indicator_code),
            },
            journey,
            reason: (event.delay_reason_code, words),
            references,
            seals: seals(event.seals),
            remarks,
        }
    }
}

impl TransportCall {
    /// Mode, journey and place. The location, where there is one, is the newer way to say the place.
    fn read(self, code: Option<&str>) -> (Option<String>, Journey, Place) {
        let call_place = Place {
            un_locode: self.un_location_code,
            facility: self.facility_code.map(|code| (code, self.facility_code_list_provider)),
            name: self.other_facility,
            country: None,
        };
        let located = self.location.map(Place::from).unwrap_or_default();
        let place = Place {
            un_locode: located.un_locode.or(call_place.un_locode),
            facility: located.facility.or(call_place.facility),
            name: located.name.or(call_place.name),
            country: located.country,
        };
        let voyage = voyage(code, self.import_voyage_number, self.export_voyage_number);
        let journey = match self.vessel {
            Some(vessel) => Journey {
                vessel_imo: vessel.imo_number,
                vessel_name: vessel.vessel_name,
                voyage,
                carrier: vessel.vessel_operator_carrier_code,
            },
            None => Journey { voyage, ..Journey::default() },
        };
        (self.mode_of_transport, journey, place)
    }
}
