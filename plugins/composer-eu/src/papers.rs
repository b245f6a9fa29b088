//! The documents that a declaration names: transport documents, invoices, and what went before.

use portgate_compose::Gaps;
use portgate_sdk::Placed;
use portgate_sdk::canonical::{
    CustomsDocument, CustomsStatus, PreviousDocument, Regime, Shipment, Text, TransportDocument, TransportDocumentType,
    TransportMode,
};

use crate::case::Case;
use crate::route;
use crate::rules;

/// The type of a commercial invoice among documents (UCC 12 03).
const INVOICE: &str = "N380";
/// The type of an export declaration among previous documents (UCC 12 01).
const EXPORT: &str = "N830";
/// The type of an entry summary declaration there.
const ENTRY: &str = "N355";

/// A transport document as customs has it: its type by mode, and by whether it is the master's.
fn paper(number: &str, kind: &str) -> Option<CustomsDocument> {
    Some(CustomsDocument { id: Text::new(number).ok(), ..CustomsDocument::new(Text::new(kind).ok()?) })
}

/// The types of transport documents by mode: of the house, of the master.
fn kinds(mode: Option<TransportMode>) -> (&'static str, &'static str) {
    match mode {
        Some(TransportMode::Sea | TransportMode::Inland) => ("N714", "N704"),
        Some(TransportMode::Air) => ("N703", "N741"),
        Some(TransportMode::Road) => ("N730", "N730"),
        Some(TransportMode::Rail) => ("N720", "N720"),
        Some(TransportMode::Mail) => ("N750", "N750"),
        Some(TransportMode::Fixed) | None => ("N760", "N760"),
    }
}

/// The transport document of goods: the carrier's own or, where there is none, what the shipment calls the house's, else the
/// master's.
pub(crate) fn carriage(case: &Case<'_>, bill: Option<&Placed<TransportDocument>>) -> Vec<CustomsDocument> {
    let named =
        |name: fn(&Shipment) -> Option<&str>| case.facts.shipments.iter().find_map(|shipment| name(&shipment.document));
    let house = named(|shipment| shipment.house_transport_doc.as_deref());
    let master = named(|shipment| shipment.master_transport_doc.as_deref());
    let (of_house, of_master) = kinds(route::mode(case));
    let numbered: Vec<(&str, &str)> = match bill {
        Some(bill) => bill
            .document
            .number
            .as_deref()
            .map(|number| {
                let kind = match bill.document.document_type {
                    _ if house == Some(number) => of_house,
                    _ if house.is_some() && master == Some(number) => of_master,
                    TransportDocumentType::SeaWaybill => "N710",
                    TransportDocumentType::BillOfLading | TransportDocumentType::Unmapped => "N705",
                };
                (number, kind)
            })
            .into_iter()
            .collect(),
        None => Vec::new(),
    };
    let by_shipment = || house.map(|number| (number, of_house)).or(master.map(|number| (number, of_master)));
    let numbered = if numbered.is_empty() { by_shipment().into_iter().collect() } else { numbered };
    numbered.into_iter().filter_map(|(number, kind)| paper(number, kind)).collect()
}

/// The master's transport document, where it is another than the one that the goods have.
pub(crate) fn master(case: &Case<'_>, others: &[CustomsDocument]) -> Vec<CustomsDocument> {
    let number = case.facts.shipments.iter().find_map(|shipment| shipment.document.master_transport_doc.as_deref());
    let number = number.filter(|number| !others.iter().any(|other| other.id.as_deref() == Some(number)));
    let (_, kind) = kinds(route::mode(case));
    number.and_then(|number| paper(number, kind)).into_iter().collect()
}

/// The invoices, as supporting documents.
pub(crate) fn invoices(case: &Case<'_>) -> Vec<CustomsDocument> {
    case.facts.invoices.iter().filter_map(|invoice| paper(&invoice.document.number, INVOICE)).collect()
}

/// What went before a transit: what policy lists as `TYPE:REFERENCE`, and the declarations of the shipment that have an MRN.
pub(crate) fn previous(case: &Case<'_>, gaps: &mut Gaps) -> Vec<PreviousDocument> {
    let mut previous = Vec::new();
    for entry in case.settings.list("previous-documents") {
        let parts = entry.split_once(':').and_then(|(kind, id)| {
            (kind.len() == 4).then(|| Some(PreviousDocument::new(Text::new(kind).ok()?, Text::new(id).ok()?)))?
        });
        match parts {
            Some(document) => previous.push(document),
            None => case.settings.unusable(
                "previous-documents",
                entry,
                "a type of four characters and a reference, as `N337:26NL1`",
                gaps,
            ),
        }
    }
    for declaration in &case.facts.declarations {
        let kind = match declaration.document.regime {
            Regime::Export => EXPORT,
            Regime::EntrySummary => ENTRY,
            _ => continue,
        };
        if *declaration.document.lrn == *case.composition.lrn {
            continue;
        }
        // The number comes with customs' answer, which is a document of its own.
        let answered = || {
            let of_it =
                |status: &&Placed<CustomsStatus>| status.document.lrn.as_deref() == Some(&*declaration.document.lrn);
            case.statuses.iter().filter(of_it).find_map(|status| status.document.mrn.clone())
        };
        let mrn = declaration.document.mrn.clone().or_else(answered);
        let document = mrn.and_then(|mrn| Some(PreviousDocument::new(Text::new(kind).ok()?, mrn.widened())));
        previous.extend(document.filter(|document| !previous.contains(document)));
    }
    previous
}

/// Says that goods have neither a transport document nor a unique consignment reference, one of which customs wants.
pub(crate) fn missing(case: &Case<'_>, gaps: &mut Gaps) {
    let bills = case.facts.transport_documents.iter().map(|bill| bill.at("/number"));
    let shipments = case.facts.shipments.iter().map(|shipment| shipment.at("/ucr"));
    let detail = "The goods have neither the number of a transport document nor a unique consignment reference.";
    let remedy = "The carrier gives the transport document its number, or who keeps the shipment the consignment a reference (UCR).";
    gaps.add(rules::DOCUMENT, bills.chain(shipments).take(16), detail, remedy);
}
