//! Reads events of shipments as JSON and makes milestones of them.
//!
//! Change it to what your partner sends: the struct `Event`, the schema beside it, and how one becomes the other.

use portgate_sdk::canonical::{
    Classifier, Code, ContainerNumber, EventType, Location, Milestone, MilestoneCode, Text, Timestamp, UnLocode,
};
use portgate_sdk::{Connector, Decoded, Finding, Message, Pointer, Rejection};
use serde::Deserialize;

/// The plugin. Everything it knows comes with each call, so there is nothing in it.
pub struct Plugin;

portgate_sdk::export!(Plugin);

/// What the partner sends. The gateway has checked it against `schemas/event.schema.json` before.
#[derive(Deserialize)]
struct Event {
    id: String,
    shipment: String,
    event: String,
    at: String,
    container: Option<String>,
    place: Option<String>,
}

impl Connector for Plugin {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        let event: Event = message.json()?;
        let root = Pointer::root();
        let mut decoded = Decoded::new();

        let (event_type, code) = meaning(&event.event).unwrap_or_else(|| {
            let detail = format!("The event `{}` is not known; add it to the connector.", event.event);
            decoded.finding(Finding::warning("UNKNOWN-EVENT", root.key("event"), detail));
            (EventType::Shipment, MilestoneCode::Unmapped)
        });
        let source_code = Code {
            code: Text::new(&*event.event).map_err(|error| Finding::invalid(root.key("event"), error))?,
            code_list: Text::new("PLUGIN_NAME").map_err(|error| Finding::invalid("", error))?,
            source_code: None,
        };
        let id = Text::new(&*event.id).map_err(|error| Finding::invalid(root.key("id"), error))?;
        let occurred_at = Timestamp::new(&*event.at).map_err(|error| Finding::invalid(root.key("at"), error))?;
        let place = event.place.as_deref().map(UnLocode::new).transpose();
        let place = place.map_err(|error| Finding::invalid(root.key("place"), error))?;
        let references = [
            decoded.reference(root.key("shipment"), "shipment", &event.shipment),
            event.container.as_deref().and_then(|id| decoded.reference(root.key("container"), "container", id)),
        ];
        // What identifies something is never cut: where it is too long, a finding refuses the message.
        let shipment_id = decoded.identifier(root.key("shipment"), "shipment", &event.shipment);
        let container = event.container.as_deref().map(ContainerNumber::one_form);
        let equipment_id = container.and_then(|id| decoded.identifier(root.key("container"), "container number", &id));

        decoded.document(&Milestone {
            id: id.clone(),
            version: Text::new("1").map_err(|error| Finding::invalid("", error))?,
            source: message.source(Some(id.clone()), None),
            references: references.into_iter().flatten().collect(),
            event_id: id,
            event_type,
            code,
            classifier: Classifier::Act,
            occurred_at,
            source_code,
            shipment_id,
            recorded_at: None,
            location: place.map(|un_locode| Location {
                un_locode: Some(un_locode),
                facility_code: None,
                facility_code_list: None,
                name: None,
                country: None,
                address: None,
            }),
            mode: None,
            equipment_id,
            iso_type: None,
            empty: None,
            transport_ref: None,
            reason: None,
            signed_by: None,
            is_return: None,
            seals: Vec::new(),
            remarks: Vec::new(),
        });
        decoded.finish()
    }
}

/// What a code of the partner means. One that is not known becomes a document all the same, and a finding that says so:
/// nothing is dropped.
fn meaning(code: &str) -> Option<(EventType, MilestoneCode)> {
    Some(match code {
        "gate-in" => (EventType::Equipment, MilestoneCode::Gtin),
        "gate-out" => (EventType::Equipment, MilestoneCode::Gtot),
        "departed" => (EventType::Transport, MilestoneCode::Depa),
        "arrived" => (EventType::Transport, MilestoneCode::Arri),
        _ => return None,
    })
}
