//! What listeners hear of shipments (CloudEvents 1.0).
//!
//! | type | when | data |
//! |---|---|---|
//! | `portgate.filing.changed` | a filing stands elsewhere, or something was sent for it | where it stands, what keeps it, what customs says |
//! | `portgate.shipment.changed` | a context was put together that says something new, or rule packs say something new of it | its revision, its documents and what was found |

use jiff::Timestamp;
use portgate_core::filing::Filing;
use portgate_core::finding::Severity;
use portgate_core::judgement::ShipmentFinding;
use portgate_store::{EventData, EventId, FOR_OPERATORS, NewEvent, ShipmentId};
use serde_json::json;

use crate::fold::Folded;

/// A shipment that is not what it was.
pub(crate) fn changed(id: ShipmentId, folded: &Folded, findings: &[ShipmentFinding], now: Timestamp) -> NewEvent {
    let documents: Vec<_> = folded
        .context
        .documents
        .iter()
        .map(|document| json!({ "kind": &*document.kind, "id": &*document.id, "version": &*document.provenance.version }))
        .collect();
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let data = json!({
        "shipment": id.to_string(),
        "revision": folded.revision,
        "documents": documents,
        "conflicts": folded.context.conflicts.len(),
        "findings": {
            "blocking": count(Severity::Blocking),
            "error": count(Severity::Error),
            "warning": count(Severity::Warning),
            "info": count(Severity::Info),
        },
    });
    NewEvent {
        id: EventId::new(now),
        kind: "portgate.shipment.changed".to_owned(),
        subject: id.to_string(),
        partner: FOR_OPERATORS.to_owned(),
        at: now,
        data: EventData::Own(data.to_string()),
    }
}

/// A filing that is not what it was.
pub(crate) fn filing_changed(shipment: ShipmentId, name: &str, filing: &Filing, now: Timestamp) -> NewEvent {
    let rules: Vec<&str> = filing.findings.iter().map(|finding| finding.rule.as_str()).collect();
    let data = json!({
        "shipment": shipment.to_string(),
        "filing": name,
        "state": filing.state,
        "wantsPerson": filing.state.wants_person(),
        "lrn": filing.lrn,
        "mrn": filing.mrn,
        "revision": filing.revision,
        "sent": filing.steps.len(),
        "findings": rules,
        "faults": filing.faults,
    });
    NewEvent {
        id: EventId::new(now),
        kind: "portgate.filing.changed".to_owned(),
        subject: filing.lrn.clone(),
        partner: FOR_OPERATORS.to_owned(),
        at: now,
        data: EventData::Own(data.to_string()),
    }
}
