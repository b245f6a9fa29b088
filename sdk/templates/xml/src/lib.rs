//! Reads events of shipments as XML and makes milestones of them.
//!
//! Change it to what your partner sends: the paths of its elements, and how they become a document.

use portgate_sdk::canonical::{
    Classifier, Code, ContainerNumber, EventType, Location, Milestone, MilestoneCode, Reference, Text, Timestamp,
    UnLocode,
};
use portgate_sdk::xml::{Element, Options};
use portgate_sdk::{Connector, Decoded, Finding, Message, Rejection};

/// The plugin. Everything it knows comes with each call, so there is nothing in it.
pub struct Plugin;

portgate_sdk::export!(Plugin);

impl Connector for Plugin {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        let document = message.xml(&Options::default())?;
        let event = document.root();
        let mut decoded = Decoded::new();
        for anomaly in document.anomalies() {
            decoded.finding(anomaly.clone());
        }

        let id = event.attribute("id").unwrap_or_default();
        let id = Text::new(id).map_err(|error| Finding::invalid(event.location(), error))?;
        let (at, at_text) = required(event, "at")?;
        let occurred_at = Timestamp::new(at_text).map_err(|error| Finding::invalid(at.location(), error))?;
        let (kind, kind_text) = required(event, "type")?;
        let (event_type, code) = meaning(&kind_text).unwrap_or_else(|| {
            let detail = format!("The event `{kind_text}` is not known; add it to the connector.");
            decoded.finding(Finding::warning("UNKNOWN-EVENT", kind.location(), detail));
            (EventType::Shipment, MilestoneCode::Unmapped)
        });
        let source_code = Code {
            code: Text::new(kind_text).map_err(|error| Finding::invalid(kind.location(), error))?,
            code_list: Text::new("PLUGIN_NAME").map_err(|error| Finding::invalid("", error))?,
            source_code: None,
        };
        let place = event.text_at("place").map(UnLocode::new).transpose();
        let place = place.map_err(|error| Finding::invalid(event.location(), error))?;
        // What identifies something is never cut: where it is too long, a finding refuses the message.
        let (at, shipment) = required(event, "shipment")?;
        let shipment_id = decoded.identifier(at.location(), "shipment", &shipment);
        let mut references: Vec<Reference> = Vec::new();
        references.extend(decoded.reference(at.location(), "shipment", &shipment));
        let mut equipment_id = None;
        if let Some((at, id)) = event.path("container").and_then(|element| Some((element, element.text()?))) {
            equipment_id = decoded.identifier(at.location(), "container number", &ContainerNumber::one_form(&id));
            references.extend(decoded.reference(at.location(), "container", &id));
        }

        decoded.document(&Milestone {
            id: id.clone(),
            version: Text::new("1").map_err(|error| Finding::invalid("", error))?,
            source: message.source(Some(id.clone()), None),
            references,
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

/// An element that must be there, with its text.
fn required<'d>(parent: Element<'d>, path: &str) -> Result<(Element<'d>, String), Rejection> {
    match parent.path(path).and_then(|element| Some((element, element.text()?.into_owned()))) {
        Some(found) => Ok(found),
        None => {
            let detail = format!("`{path}` is missing or empty.");
            Err(Finding::error("MISSING", parent.location(), detail).into())
        }
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
