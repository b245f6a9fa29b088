//! What customs says to whoever receives the goods of a transit: that they may be unloaded, with what was declared of them
//! (`CC043C`), and what of them is released (`CC025C`).

use portgate_sdk::canonical::{Code, CustomsStatus, DeclarationStatus, DeclaredConsignment, Reference, StatusGoods};
use portgate_sdk::xml::Element;

use super::declaration::{CONSIGNMENT_PARTIES, house, mode};
use super::goods;
use super::parts::{documents, equipment, information, means, parties, previous_documents};
use crate::codes;
use crate::notes::{Notes, constant, references};

/// Reads the permission to unload. How often unloading goes on is the reason, for it is one of the same again.
pub(crate) fn permission(root: Element<'_>, document: &mut CustomsStatus, notes: &mut Notes) {
    document.reason = code(root, "CTLControl/continueUnloading", codes::CONTINUED_UNLOADING, notes);
    let mut declared = root.child("Consignment").map(|element| consignment(element, notes)).unwrap_or_default();
    if let Some(operation) = root.child("TransitOperation") {
        declared.type_code = notes.text(operation, "declarationType");
        declared.security = notes.text(operation, "security");
        declared.reduced_dataset = notes.flag(operation, "reducedDatasetIndicator");
    }
    document.references.extend(tied(&declared));
    document.consignment = (declared != DeclaredConsignment::default()).then_some(declared);
}

/// Reads a release: of everything, of a part, of nothing.
pub(crate) fn release(root: Element<'_>, document: &mut CustomsStatus, notes: &mut Notes) {
    document.reason = code(root, "TransitOperation/releaseIndicator", codes::RELEASES, notes);
    let at = root.path("TransitOperation/releaseIndicator").unwrap_or(root);
    let indicator = document.reason.as_ref().map(|reason| reason.code.to_string()).unwrap_or_default();
    (document.status, document.granted) = match indicator.as_str() {
        "1" => (DeclarationStatus::Released, Some(true)),
        "2" | "3" => {
            notes.warning("RELEASED-IN-PART", at, "A part of the goods is released; which one say the goods.");
            (DeclarationStatus::Released, Some(true))
        }
        "4" => (DeclarationStatus::NotReleased, Some(false)),
        _ => {
            notes.warning("UNKNOWN-RELEASE", at, "What is released is not known; add the indicator to the connector.");
            (DeclarationStatus::Unmapped, None)
        }
    };
    let Some(element) = root.child("Consignment") else { return };
    for house in element.children("HouseConsignment") {
        let no = notes.number(house, "sequenceNumber");
        let whole = StatusGoods { house: no, ..StatusGoods::default() };
        released(house, whole.clone(), document, notes);
        for item in house.children("ConsignmentItem") {
            let item_no = notes.number(item, "declarationGoodsItemNumber");
            released(item, StatusGoods { item_no, ..whole.clone() }, document, notes);
        }
    }
    document.consignment = Some(consignment(element, notes));
}

/// Goods, with what customs says of their release; a house consignment or an item of which it says nothing is none.
fn released(element: Element<'_>, goods: StatusGoods, document: &mut CustomsStatus, notes: &mut Notes) {
    let Some(release) = code(element, "releaseType", codes::RELEASE_TYPES, notes) else { return };
    document.goods.push(StatusGoods { release: Some(release), ..goods });
}

fn code(element: Element<'_>, path: &str, list: &str, notes: &mut Notes) -> Option<Code> {
    let code = notes.text(element, path)?;
    Some(Code { code, code_list: constant(list), source_code: None })
}

/// The consignment as it was declared.
fn consignment(element: Element<'_>, notes: &mut Notes) -> DeclaredConsignment {
    let (inland_mode, inland_mode_code) = mode(element, "inlandModeOfTransport", notes);
    let mut consignment = DeclaredConsignment {
        dispatch_country: notes.country(element, "countryOfDispatch"),
        destination_country: notes.country(element, "countryOfDestination"),
        containerised: notes.flag(element, "containerIndicator"),
        inland_mode,
        inland_mode_code,
        gross_kg: notes.decimal(element, "grossMass"),
        ucr: notes.text(element, "referenceNumberUCR"),
        parties: parties(element, &CONSIGNMENT_PARTIES, notes),
        equipment: equipment(element, notes),
        departure_means: means(element, "DepartureTransportMeans", notes),
        previous_documents: previous_documents(element, notes),
        documents: documents(element, "SupportingDocument", notes),
        transport_documents: documents(element, "TransportDocument", notes),
        additional_references: documents(element, "AdditionalReference", notes),
        additional_information: information(element, notes),
        ..DeclaredConsignment::default()
    };
    for element in element.children("HouseConsignment") {
        let Some(no) = notes.required_number(element, "sequenceNumber") else { continue };
        consignment.houses.push(house(element, no, notes));
        for item in element.children("ConsignmentItem") {
            consignment.items.extend(goods::item(item, no, notes));
        }
    }
    consignment
}

/// What else speaks of the same: its transport documents, containers and seals.
fn tied(consignment: &DeclaredConsignment) -> Vec<Reference> {
    let of_houses = consignment.houses.iter().flat_map(|house| &house.transport_documents);
    let documents = consignment.transport_documents.iter().chain(of_houses);
    let documents = documents.map(|document| ("transport-document", document.id.as_deref()));
    let containers = consignment.equipment.iter().map(|equipment| ("container", equipment.container.as_deref()));
    let seals = consignment.equipment.iter().flat_map(|equipment| &equipment.seals);
    let seals = seals.map(|seal| ("seal", Some(&**seal)));
    references(documents.chain(containers).chain(seals))
}
