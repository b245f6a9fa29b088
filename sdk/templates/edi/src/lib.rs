//! Reads status reports (EDIFACT IFTSTA) and makes milestones of them.
//!
//! Change it to what your partner sends: its segments, and how they become a document.

use portgate_sdk::canonical::{
    Classifier, Code, ContainerNumber, EventType, Location, Milestone, MilestoneCode, Reference, Text, Timestamp,
    UnLocode,
};
use portgate_sdk::edifact::{self, Interchange, Limits};
use portgate_sdk::time::{self, Time, TimeError};
use portgate_sdk::{Connector, Decoded, Finding, Message, Rejection};

/// The plugin. Everything it knows comes with each call, so there is nothing in it.
pub struct Plugin;

portgate_sdk::export!(Plugin);

impl Connector for Plugin {
    fn decode(message: &Message) -> Result<Decoded, Rejection> {
        let interchange = Interchange::parse(&message.body, &Limits::default())?;
        let mut decoded = Decoded::new();
        for anomaly in interchange.anomalies() {
            decoded.finding(anomaly.clone());
        }
        for report in interchange.messages() {
            if decoded.is_overfull() {
                break;
            }
            match report.kind().as_deref() {
                Some("IFTSTA") => decode_report(message, report, &mut decoded)?,
                other => {
                    let detail = format!("Expected IFTSTA messages, got {}.", other.unwrap_or("one without a header"));
                    decoded.finding(Finding::error("MESSAGE-TYPE", report.location(), detail));
                }
            }
        }
        decoded.finish()
    }
}

fn decode_report(message: &Message, report: edifact::Message, decoded: &mut Decoded) -> Result<(), Rejection> {
    let (status, status_text) = required(report, "STS", 2)?;
    let (event_type, code) = meaning(&status_text).unwrap_or_else(|| {
        let detail = format!("The status `{status_text}` is not known; add it to the connector.");
        decoded.finding(Finding::warning("UNKNOWN-EVENT", status.location(), detail));
        (EventType::Shipment, MilestoneCode::Unmapped)
    });
    let source_code = Code {
        code: Text::new(status_text).map_err(|error| Finding::invalid(status.location(), error))?,
        code_list: Text::new("PLUGIN_NAME").map_err(|error| Finding::invalid("", error))?,
        source_code: None,
    };
    let (begin, number) = required(report, "BGM", 2)?;
    let id = Text::new(number).map_err(|error| Finding::invalid(begin.location(), error))?;
    let occurred_at = occurred_at(report, decoded)?;
    let place = report.first("LOC").and_then(|place| Some((place, place.component(2, 1)?.into_owned())));
    let place =
        place.map(|(segment, text)| UnLocode::new(text).map_err(|error| Finding::invalid(segment.location(), error)));
    let place = place.transpose()?;
    // What identifies something is never cut: where it is too long, a finding refuses the message.
    let (mut references, mut shipment_id, mut equipment_id): (Vec<Reference>, _, _) = (Vec::new(), None, None);
    let reference = report.first("RFF").filter(|reference| reference.component(1, 1).as_deref() == Some("CU"));
    if let Some((at, id)) = reference.and_then(|reference| Some((reference, reference.component(1, 2)?))) {
        shipment_id = decoded.identifier(at.location(), "shipment", &id);
        references.extend(decoded.reference(at.location(), "shipment", &id));
    }
    if let Some((at, id)) = report.first("EQD").and_then(|equipment| Some((equipment, equipment.component(2, 1)?))) {
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
    Ok(())
}

/// The first segment of a tag, which must be there, with the first component of one of its elements.
fn required<'d>(
    report: edifact::Message<'d>,
    tag: &str,
    element: usize,
) -> Result<(edifact::Segment<'d>, String), Rejection> {
    let Some(segment) = report.first(tag) else {
        return Err(Finding::error("MISSING", report.location(), format!("The segment {tag} is missing.")).into());
    };
    match segment.component(element, 1) {
        Some(text) => Ok((segment, text.into_owned())),
        None => Err(Finding::error("MISSING", segment.location(), format!("Element {element} is empty.")).into()),
    }
}

/// When it happened: `DTM+334`, by its format. The time of the message (`DTM+137`) is not that of the event. What had to be
/// assumed is a finding.
fn occurred_at(report: edifact::Message, decoded: &mut Decoded) -> Result<Timestamp, Rejection> {
    let is_event =
        |segment: &edifact::Segment| segment.tag() == "DTM" && segment.component(1, 1).as_deref() == Some("334");
    let Some(date) = report.segments().find(is_event) else {
        return Err(Finding::error("MISSING", report.location(), "The event has no time; send `DTM+334`.").into());
    };
    let text = |component| date.component(1, component).unwrap_or_default();
    let refused = |error: TimeError| Finding::error("TIME", date.location(), format!("This is no time: {error}."));
    let instant = match time::edifact::read(&text(2), &text(3)).map_err(refused)? {
        Time::Point(moment) | Time::Period(moment, _) => moment.instant().map_err(refused)?,
    };
    for remark in &instant.remarks {
        decoded.finding(Finding::remark(date.location(), remark));
    }
    Ok(time::timestamp(&instant))
}

/// What a code of the partner means. One that is not known becomes a document all the same, and a finding that says so:
/// nothing is dropped.
fn meaning(code: &str) -> Option<(EventType, MilestoneCode)> {
    Some(match code {
        "IN" => (EventType::Equipment, MilestoneCode::Gtin),
        "OA" => (EventType::Equipment, MilestoneCode::Gtot),
        "VD" => (EventType::Transport, MilestoneCode::Depa),
        "VA" => (EventType::Transport, MilestoneCode::Arri),
        _ => return None,
    })
}
