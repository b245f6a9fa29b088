//! What a freight invoice and its bill of lading are called: `B3` and `N9` of the sets 310 and 312.

use portgate_sdk::canonical::{Reference, Text, Timestamp};
use portgate_sdk::x12::{Message as Set, Segment};
use portgate_sdk::{Message, codes as agreed};

use crate::codes;
use crate::notes::Notes;
use crate::x12_sets::{self as sets, day_of, moment, written_at};

/// The most references that the documents have room for.
const REFERENCES_MAX: usize = 64;

/// What stands at the head of each document that a set becomes.
pub(crate) struct Head<'m> {
    pub(crate) message: &'m Message,
    /// The carrier's code, and the invoice's number behind it.
    pub(crate) invoice: Text<128>,
    pub(crate) shipment_id: Text<64>,
    pub(crate) version: Text<32>,
    pub(crate) message_id: Option<Text<128>>,
    pub(crate) written_at: Option<Timestamp>,
    pub(crate) invoiced_at: Option<Timestamp>,
    pub(crate) references: Vec<Reference>,
}

pub(crate) fn head<'m>(set: Set<'_>, begin: Segment<'_>, message: &'m Message, notes: &mut Notes) -> Option<Head<'m>> {
    let shipment = begin.element(3).or_else(|| begin.element(2));
    let Some(shipment) = shipment else {
        notes.error(
            "MISSING",
            begin.at(3),
            "`B3-03` has no number of the bill of lading, and `B3-02` none of an invoice.",
        );
        return None;
    };
    let written_at = written_at(set);
    let invoiced_at = moment(begin, 6, 0, 0, notes).or_else(|| written_at.clone());
    let on = invoiced_at.as_ref().map(day_of).unwrap_or_default();
    let carrier = begin
        .element(11)
        .map(|code| agreed::to_ours(sets::CARRIERS, &code, &on, begin.at(11), |finding| notes.finding(finding)));
    let invoice = begin.element(2).unwrap_or_else(|| shipment.clone());
    let invoice = [carrier.as_deref(), Some(&*invoice)].into_iter().flatten().collect::<Vec<_>>().join("|");
    let shipment_id: Text<64> = notes.identifier(begin.at(3), "number of the bill of lading", Some(&shipment))?;
    let mut references: Vec<Reference> = Vec::new();
    references.extend(notes.reference(begin.at(3), "transport-document", &shipment));
    references.extend(begin.element(2).and_then(|number| notes.reference(begin.at(2), "invoice", &number)));
    for name in set.segments().filter(|segment| segment.tag() == "N9") {
        let (Some(qualifier), Some(value)) = (name.element(1), name.element(2)) else { continue };
        let scheme = match &*qualifier {
            "IV" => "invoice".to_owned(),
            "OC" => "container".to_owned(),
            other => codes::scheme("x12", other),
        };
        let Some(found) = notes.reference(name.at(2), &scheme, &value) else { continue };
        if !references.contains(&found) {
            references.push(found);
        }
    }
    if references.len() > REFERENCES_MAX {
        notes.error("TOO-MANY-REFERENCES", set.location(), "The bill of lading has more than 64 references.");
    }
    let version = written_at.as_ref().or(invoiced_at.as_ref()).map(Timestamp::to_version);
    Some(Head {
        message,
        invoice: notes.identifier(begin.at(2), "number of the invoice", Some(&invoice))?,
        shipment_id,
        version: version.or_else(|| Text::new("1").ok())?,
        message_id: notes.identifier(set.location(), "number of the set", set.reference().as_deref()),
        written_at,
        invoiced_at,
        references,
    })
}
