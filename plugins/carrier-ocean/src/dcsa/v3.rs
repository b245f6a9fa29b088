//! DCSA Track & Trace 3.0: events below `events`, each with a classification and details by subject.

use portgate_sdk::{Decoded, Message, Pointer, Rejection};
use serde::Deserialize;

use super::{
    DcsaEvent, DcsaLocation, DcsaSeal, Names, Vessel, coordinates, empty, in_words, milestones, place, seals, voyage,
};
use crate::event::{Equipment, Journey, Place};
use crate::notes::Notes;

const NAMES: Names = Names {
    event_type: &["eventClassification", "eventTypeCode"],
    classifier: &["eventClassification", "eventClassifierCode"],
    code: |event_type| match event_type {
        "TRANSPORT" => &["eventClassification", "transportEventTypeCode"],
        "EQUIPMENT" => &["eventClassification", "equipmentEventTypeCode"],
        "IOT" => &["eventClassification", "iotEventTypeCode"],
        "REEFER" => &["eventClassification", "reeferEventTypeCode"],
        _ => &["eventClassification", "shipmentEventTypeCode"],
    },
    recorded_at: "eventUpdatedDateTime",
};

#[derive(Deserialize)]
struct Wrapped {
    events: Vec<NestedEvent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NestedEvent {
    #[serde(rename = "eventID")]
    event_id: Option<String>,
    event_date_time: Option<String>,
    event_updated_date_time: Option<String>,
    event_routing: Option<Routing>,
    event_classification: Option<Classification>,
    event_location: Option<DcsaLocation>,
    shipment_details: Option<ShipmentDetails>,
    transport_details: Option<TransportDetails>,
    equipment_details: Option<EquipmentDetails>,
    iot_details: Option<IotDetails>,
    reason: Option<String>,
    delay_reason_code: Option<String>,
    change_remark: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Routing {
    originating_party: Option<Party>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Party {
    party_code: Option<String>,
    party_function: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Classification {
    event_type_code: Option<String>,
    event_classifier_code: Option<String>,
    shipment_event_type_code: Option<String>,
    transport_event_type_code: Option<String>,
    equipment_event_type_code: Option<String>,
    iot_event_type_code: Option<String>,
    reefer_event_type_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShipmentDetails {
    document_reference: Option<DocumentReference>,
    additional_document_references: Option<Vec<DocumentReference>>,
}

#[derive(Deserialize)]
struct DocumentReference {
    #[serde(rename = "typeCode")]
    kind: String,
    reference: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TransportDetails {
    transport_call: Option<TransportCall>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TransportCall {
    mode_of_transport: Option<String>,
    export_voyage_number_or_reference: Option<Voyage>,
    import_voyage_number_or_reference: Option<Voyage>,
    vessel_transport: Option<Vessel>,
    location: Option<DcsaLocation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Voyage {
    carrier_voyage_number: Option<String>,
    universal_voyage_reference: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EquipmentDetails {
    equipment_reference: Option<String>,
    #[serde(rename = "ISOEquipmentCode")]
    iso_equipment_code: Option<String>,
    empty_indicator_code: Option<String>,
    seals: Option<Vec<DcsaSeal>>,
}

/// What a device at the container has seen.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IotDetails {
    iot_event_code: Option<String>,
}

impl IotDetails {
    /// In words: a milestone has no field for it, and without it nobody knows what was detected.
    fn in_words(self) -> Option<String> {
        self.iot_event_code.map(|code| format!("A device at the container reports {code}"))
    }
}

/// The milestones of a message.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let events = message.json::<Wrapped>()?.events;
    let mut notes = Notes::default();
    let root = Pointer::root().key("events");
    milestones(message, &root, events.into_iter().map(DcsaEvent::from), &NAMES, &mut notes);
    notes.finish()
}

impl From<NestedEvent> for DcsaEvent {
    fn from(event: NestedEvent) -> Self {
        let class = event.event_classification.unwrap_or_default();
        let code = match class.event_type_code.as_deref() {
            Some("TRANSPORT") => class.transport_event_type_code,
            Some("EQUIPMENT") => class.equipment_event_type_code,
            Some("IOT") => class.iot_event_type_code,
            Some("REEFER") => class.reefer_event_type_code,
            _ => class.shipment_event_type_code,
        };
        let documents = event.shipment_details.map(|details| {
            let more = details.additional_document_references.unwrap_or_default();
            details.document_reference.into_iter().chain(more).map(|reference| (reference.kind, reference.reference))
        });
        let references = documents.into_iter().flatten().collect();
        let carrier = event.event_routing.and_then(|routing| routing.originating_party);
        let carrier = carrier.filter(|party| party.party_function.as_deref() == Some("CA"));
        let carrier = carrier.and_then(|party| party.party_code);
        let call = event.transport_details.and_then(|details| details.transport_call);
        let call_location = call.as_ref().and_then(|call| call.location.as_ref());
        let coordinates = coordinates(event.event_location.as_ref(), call_location);
        let (mode, mut journey, call_place) = match call {
            Some(call) => call.read(code.as_deref()),
            None => (None, Journey::default(), Place::default()),
        };
        journey.carrier = journey.carrier.or(carrier);
        let (equipment, seals) = match event.equipment_details {
            Some(details) => {
                let equipment = Equipment {
                    id: details.equipment_reference,
                    iso_type: details.iso_equipment_code,
                    empty: empty(details.empty_indicator_code),
                };
                (equipment, seals(details.seals))
            }
            None => (Equipment::default(), Vec::new()),
        };
        let (place, place_of_call) = place(event.event_location, call_place);
        let (words, mut remarks) = in_words(event.change_remark, event.reason);
        remarks.extend(coordinates);
        remarks.extend(event.iot_details.and_then(IotDetails::in_words));
        DcsaEvent {
            id: event.event_id,
            event_type: class.event_type_code,
            classifier: class.event_classifier_code,
            code,
            occurred_at: event.event_date_time,
            recorded_at: event.event_updated_date_time,
            place,
            place_of_call,
            mode,
            equipment,
            journey,
            reason: (event.delay_reason_code, words),
            references,
            seals,
            remarks,
        }
    }
}

impl TransportCall {
    fn read(self, code: Option<&str>) -> (Option<String>, Journey, Place) {
        let number = |voyage: Option<Voyage>| {
            voyage.and_then(|voyage| voyage.carrier_voyage_number.or(voyage.universal_voyage_reference))
        };
        let import = number(self.import_voyage_number_or_reference);
        let voyage = voyage(code, import, number(self.export_voyage_number_or_reference));
        let journey = match self.vessel_transport {
            Some(vessel) => Journey {
                vessel_imo: vessel.imo_number,
                vessel_name: vessel.vessel_name,
                voyage,
                carrier: vessel.vessel_operator_carrier_code,
            },
            None => Journey { voyage, ..Journey::default() },
        };
        (self.mode_of_transport, journey, self.location.map(Place::from).unwrap_or_default())
    }
}
