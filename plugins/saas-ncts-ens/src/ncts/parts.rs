//! The groups that messages of NCTS are made of, each read the same wherever it stands: parties, documents, means of transport.

use portgate_sdk::canonical::{
    AdditionalInformation, Address, CustomsDocument, CustomsOffice, Location, MeansOfTransport, OfficeRole, Party,
    PartyId, PartyRole, PreviousDocument, SupplyChainActor, Text, TransportEquipment, UnLocode,
};
use portgate_sdk::xml::Element;

use crate::notes::{Notes, constant};

/// The scheme of a trader's identification number.
pub(crate) const EORI: &str = "EORI";

/// The scheme of the number that a holder of TIR carnets has.
pub(crate) const TIR_HOLDER: &str = "TIR";

/// The elements of customs offices, and what each office is.
const OFFICES: [(&str, OfficeRole); 9] = [
    ("CustomsOfficeOfDeparture", OfficeRole::Departure),
    ("CustomsOfficeOfDestinationDeclared", OfficeRole::Destination),
    ("CustomsOfficeOfDestinationActual", OfficeRole::Destination),
    ("CustomsOfficeOfDestination", OfficeRole::Destination),
    ("CustomsOfficeOfTransitDeclared", OfficeRole::Transit),
    ("CustomsOfficeOfExitForTransitDeclared", OfficeRole::ExitForTransit),
    ("CustomsOfficeOfExit", OfficeRole::Exit),
    ("CustomsOfficeOfRecoveryAtDeparture", OfficeRole::Recovery),
    ("CustomsOfficeOfIncidentRegistration", OfficeRole::IncidentRegistration),
];

/// All offices of a message.
pub(crate) fn offices(root: Element<'_>, notes: &mut Notes) -> Vec<CustomsOffice> {
    let mut offices = Vec::new();
    for (name, role) in OFFICES {
        for element in root.children(name) {
            let Some(reference) = notes.text(element, "referenceNumber") else { continue };
            let expected_at = notes.time(element, "arrivalDateAndTimeEstimated");
            offices.push(CustomsOffice { expected_at, ..CustomsOffice::new(role, reference) });
        }
    }
    offices
}

/// The parties of these elements.
pub(crate) fn parties(parent: Element<'_>, named: &[(&str, PartyRole)], notes: &mut Notes) -> Vec<Party> {
    let of_name = |(name, role): &(&str, PartyRole)| parent.child(name).map(|element| (element, *role));
    named.iter().filter_map(of_name).map(|(element, role)| party(element, role, notes)).collect()
}

fn party(element: Element<'_>, role: PartyRole, notes: &mut Notes) -> Party {
    let numbers = [(EORI, "identificationNumber"), (TIR_HOLDER, "TIRHolderIdentificationNumber")];
    let ids = numbers
        .into_iter()
        .filter_map(|(scheme, name)| Some(PartyId::new(constant(scheme), notes.text::<64>(element, name)?)));
    let ids = ids.collect();
    Party {
        ids,
        name: notes.words(element, "name"),
        address: element.child("Address").and_then(|address| self::address(address, notes)),
        representation_status: notes.text(element, "status"),
        contact: notes.words(element, "ContactPerson/name"),
        phone: notes.words(element, "ContactPerson/phoneNumber"),
        email: notes.words(element, "ContactPerson/eMailAddress"),
        ..Party::new(role)
    }
}

/// An address, or one of a postal code and the number of a house.
pub(crate) fn address(element: Element<'_>, notes: &mut Notes) -> Option<Address> {
    let lines = [notes.words(element, "streetAndNumber"), notes.words(element, "houseNumber")];
    let address = Address {
        lines: lines.into_iter().flatten().collect(),
        city: notes.words(element, "city"),
        postcode: notes.words(element, "postcode"),
        country: notes.country(element, "country"),
        ..Address::default()
    };
    (address != Address::default()).then_some(address)
}

/// A place: its UN/LOCODE where that is one, else what stands there as the code of a facility.
pub(crate) fn place(element: Element<'_>, notes: &mut Notes) -> Location {
    let code = notes.text::<17>(element, "UNLocode");
    let un_locode = code.as_ref().and_then(|code| UnLocode::new(&**code).ok());
    if let (Some(code), None) = (&code, &un_locode) {
        let detail = format!("`{}` is no UN/LOCODE; it is kept as the code of a facility.", &**code);
        notes.warning("NO-LOCODE", element.child("UNLocode").unwrap_or(element), detail);
    }
    Location {
        facility_code: code.filter(|_| un_locode.is_none()).and_then(|code| Text::new(&*code).ok()),
        un_locode,
        country: notes.country(element, "country"),
        name: notes.words(element, "location"),
        address: element.child("Address").and_then(|address| self::address(address, notes)),
        ..Location::default()
    }
}

/// Supporting and transport documents, and additional references.
pub(crate) fn documents(parent: Element<'_>, name: &str, notes: &mut Notes) -> Vec<CustomsDocument> {
    let mut documents = Vec::new();
    for element in parent.children(name) {
        let Some(kind) = notes.required_text(element, "type") else { continue };
        documents.push(CustomsDocument {
            id: notes.text(element, "referenceNumber"),
            line: notes.number(element, "documentLineItemNumber"),
            information: notes.words(element, "complementOfInformation"),
            ..CustomsDocument::new(kind)
        });
    }
    documents
}

/// Previous documents, with what is taken of each.
pub(crate) fn previous_documents(parent: Element<'_>, notes: &mut Notes) -> Vec<PreviousDocument> {
    let mut documents = Vec::new();
    for element in parent.children("PreviousDocument") {
        let (kind, id) = (notes.required_text(element, "type"), notes.required_text(element, "referenceNumber"));
        let (Some(kind), Some(id)) = (kind, id) else { continue };
        documents.push(PreviousDocument {
            line: notes.number(element, "goodsItemNumber"),
            package_type: notes.text(element, "typeOfPackages"),
            package_count: notes.number(element, "numberOfPackages"),
            quantity: notes.decimal(element, "quantity"),
            quantity_unit: notes.text(element, "measurementUnitAndQualifier"),
            information: notes.words(element, "complementOfInformation"),
            ..PreviousDocument::new(kind, id)
        });
    }
    documents
}

/// Statements in a code, with or without words.
pub(crate) fn information(parent: Element<'_>, notes: &mut Notes) -> Vec<AdditionalInformation> {
    let mut information = Vec::new();
    for element in parent.children("AdditionalInformation") {
        let Some(code) = notes.required_text(element, "code") else { continue };
        information
            .push(AdditionalInformation { text: notes.words(element, "text"), ..AdditionalInformation::new(code) });
    }
    information
}

/// Others in the supply chain.
pub(crate) fn actors(parent: Element<'_>, notes: &mut Notes) -> Vec<SupplyChainActor> {
    let mut actors = Vec::new();
    for element in parent.children("AdditionalSupplyChainActor") {
        let (role, id) = (notes.required_text(element, "role"), notes.required_text(element, "identificationNumber"));
        actors.extend(role.zip(id).map(|(role, id)| SupplyChainActor::new(role, id)));
    }
    actors
}

/// Means of transport of this name.
pub(crate) fn means(parent: Element<'_>, name: &str, notes: &mut Notes) -> Vec<MeansOfTransport> {
    let means = parent.children(name).map(|element| MeansOfTransport {
        id_type: notes.text(element, "typeOfIdentification"),
        id: notes.text(element, "identificationNumber"),
        nationality: notes.country(element, "nationality"),
        conveyance_ref: notes.text(element, "conveyanceReferenceNumber"),
        office: notes.text(element, "customsOfficeAtBorderReferenceNumber"),
    });
    means.collect()
}

/// Containers, and what is sealed without one.
pub(crate) fn equipment(parent: Element<'_>, notes: &mut Notes) -> Vec<TransportEquipment> {
    let mut equipment = Vec::new();
    for element in parent.children("TransportEquipment") {
        let seals = element.children("Seal").filter_map(|seal| notes.text(seal, "identifier")).collect();
        let goods = element.children("GoodsReference");
        let items = goods.filter_map(|item| notes.number(item, "declarationGoodsItemNumber")).collect();
        equipment.push(TransportEquipment {
            container: notes.text(element, "containerIdentificationNumber"),
            seal_count: notes.number(element, "numberOfSeals"),
            seals,
            items,
            ..TransportEquipment::default()
        });
    }
    equipment
}
