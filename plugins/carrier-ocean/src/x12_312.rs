//! X12 312, arrival notice (ocean), release 004010: a bill of lading whose goods are about to arrive, and what is to be paid for it.
//!
//! It is read as a freight invoice is ([`crate::x12_310`]): a `shipment`, and a `landed-cost-event` for each charge under the number
//! of the invoice, so that the invoice itself replaces it later. `Q3` is when the ship is expected at the port of discharge, which is
//! a `milestone` as well; a later notice of the same bill of lading takes its place.

use portgate_sdk::canonical::{
    Classifier, Code, EventType, Milestone, MilestoneCode, Shipment, Text, Timestamp, TransportMode,
};
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};

use crate::notes::Notes;
use crate::x12_310::{bill, coded};
use crate::x12_head::Head;
use crate::x12_sets::{self as sets, moment};

/// The shipments, costs and expected arrivals of an interchange, with the acknowledgement that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    sets::decode(message, "312", "NO-SET", |set, notes| {
        bill(set, message, notes, |shipment, head, notes| expected(set, shipment, head, notes));
    })
}

/// `Q3`: the day of the arrival, and who pays.
fn expected(set: Set<'_>, shipment: &mut Shipment, head: &Head<'_>, notes: &mut Notes) {
    let Some(arrival) = set.first("Q3") else {
        let detail = "The transaction set has no `Q3`, which says when the ship arrives.";
        notes.finding(Finding::warning("MISSING", set.location(), detail).because(Mistake::MissingSegment("Q3")));
        return;
    };
    if shipment.freight_terms.is_none() {
        shipment.freight_terms = coded(arrival, 2, "X12 146", notes);
    }
    let Some(eta) = moment(arrival, 1, 0, 0, notes) else { return };
    if let Some(leg) = shipment.legs.first_mut().filter(|leg| leg.eta.is_none() && leg.ata.is_none()) {
        leg.eta = Some(eta.clone());
    }
    if let Some(milestone) = milestone(arrival, eta, shipment, head, notes) {
        notes.milestone(&milestone);
    }
}

fn milestone(
    arrival: Segment<'_>,
    eta: Timestamp,
    shipment: &Shipment,
    head: &Head<'_>,
    notes: &mut Notes,
) -> Option<Milestone> {
    // The carrier's code stands before the number of the invoice, where it is said.
    let carrier = head.invoice.split_once('|').map(|(carrier, _)| carrier);
    let key = [carrier, Some(&*head.shipment_id), Some("ARRI|EST")].into_iter().flatten().collect::<Vec<_>>().join("|");
    let key: Text<128> = notes.identifier(arrival.location(), "number of the bill of lading", Some(&key))?;
    let (code, code_list) = (Text::new("Q3").ok()?, Text::new("X12 312").ok()?);
    let source = head.message.source(head.message_id.clone(), head.written_at.clone());
    let mut milestone = Milestone::new(
        key.clone(),
        head.version.clone(),
        source,
        key,
        EventType::Transport,
        MilestoneCode::Arri,
        Classifier::Est,
        eta,
        Code { code, code_list, source_code: None },
    );
    milestone.shipment_id = Some(head.shipment_id.clone());
    milestone.mode = Some(TransportMode::Sea);
    milestone.location = shipment.place_of_discharge.clone();
    milestone.transport_ref = shipment.legs.first().and_then(|leg| leg.transport.clone());
    milestone.references = head.references.clone();
    Some(milestone)
}
