//! A transit declaration (`CC015C`), and the same data as customs has released it (`CC029C`), as a `customs-declaration`.

use portgate_sdk::Message;
use portgate_sdk::canonical::{
    AccessCode, Authorisation, Currency, CustomsDeclaration, GoodsLocation, Guarantee, GuaranteeReference,
    HouseConsignment, Money, PartyRole, Reference, Regime, Text, TransportMode,
};
use portgate_sdk::xml::Element;

use super::goods;
use super::header::Header;
use super::parts::{self, actors, documents, information, means, parties, place, previous_documents};
use crate::notes::{Notes, references};

/// The parties of a whole declaration, apart from those of its consignment.
pub(crate) const PARTIES: [(&str, PartyRole); 2] = [
    ("HolderOfTheTransitProcedure", PartyRole::HolderOfTransitProcedure),
    ("Representative", PartyRole::Representative),
];

/// The parties of a consignment, and those of a house consignment, which has no carrier.
pub(crate) const CONSIGNMENT_PARTIES: [(&str, PartyRole); 3] =
    [("Carrier", PartyRole::Carrier), ("Consignor", PartyRole::Consignor), ("Consignee", PartyRole::Consignee)];

/// Decodes a declaration.
pub(crate) fn decode(root: Element<'_>, message: &Message, notes: &mut Notes) {
    if root.name() != "CC015C" {
        let name: String = root.name().chars().take(64).collect();
        let detail = format!("The root is `{name}`; this contract takes transit declarations, whose root is `CC015C`.");
        return notes.error("NOT-A-DECLARATION", root, detail);
    }
    if let Some(declaration) = read(root, message, notes) {
        notes.document(&declaration);
    }
}

/// Reads the declaration; nothing where it lacks what it cannot be without, which findings say.
pub(crate) fn read(root: Element<'_>, message: &Message, notes: &mut Notes) -> Option<CustomsDeclaration> {
    let header = Header::read(root, message, notes);
    let operation = notes.required(root, "TransitOperation");
    let lrn = operation.and_then(|operation| notes.required_text::<35>(operation, "LRN"));
    let office = notes.required(root, "CustomsOfficeOfDeparture");
    let office = office.and_then(|office| notes.required_text::<17>(office, "referenceNumber"));
    let consignment = notes.required(root, "Consignment");
    let (header, operation, lrn, office, consignment) = (header?, operation?, lrn?, office?, consignment?);
    // The office of departure is of the administration that the declaration is made to.
    let jurisdiction = Text::new(office.chars().take(2).collect::<String>()).ok()?;
    let (id, version) = (lrn.widened(), header.prepared_at.to_version());
    let mut declaration =
        CustomsDeclaration::new(id, version, header.source(message), lrn, jurisdiction, Regime::Transit);
    declaration.mrn = header.mrn;
    read_operation(operation, &mut declaration, notes);
    declaration.offices = parts::offices(root, notes);
    declaration.parties = parties(root, &PARTIES, notes);
    declaration.authorisations = authorisations(root, notes);
    declaration.guarantees = guarantees(root, notes);
    read_consignment(consignment, &mut declaration, notes);
    declaration.references = tied(&declaration);
    Some(declaration)
}

fn read_operation(operation: Element<'_>, declaration: &mut CustomsDeclaration, notes: &mut Notes) {
    declaration.type_code = notes.text(operation, "declarationType");
    declaration.additional_type_code = notes.text(operation, "additionalDeclarationType");
    declaration.tir_carnet = notes.text(operation, "TIRCarnetNumber");
    declaration.presentation_at = notes.time(operation, "presentationOfTheGoodsDateAndTime");
    declaration.accepted_on = notes.date(operation, "declarationAcceptanceDate");
    declaration.released_on = notes.date(operation, "releaseDate");
    declaration.security = notes.text(operation, "security");
    declaration.reduced_dataset = notes.flag(operation, "reducedDatasetIndicator");
    declaration.specific_circumstance = notes.text(operation, "specificCircumstanceIndicator");
    declaration.language = notes.text(operation, "communicationLanguageAtDeparture");
    declaration.binding_itinerary = notes.flag(operation, "bindingItinerary");
    declaration.limit_date = notes.date(operation, "limitDate");
    declaration.guarantee_amendment = notes.flag(operation, "amendmentTypeFlag");
}

fn authorisations(root: Element<'_>, notes: &mut Notes) -> Vec<Authorisation> {
    let mut authorisations = Vec::new();
    for element in root.children("Authorisation") {
        let Some(kind) = notes.required_text(element, "type") else { continue };
        let reference = notes.text(element, "referenceNumber");
        authorisations.push(Authorisation { reference, ..Authorisation::new(kind) });
    }
    authorisations
}

fn guarantees(root: Element<'_>, notes: &mut Notes) -> Vec<Guarantee> {
    let mut guarantees = Vec::new();
    for element in root.children("Guarantee") {
        let Some(kind) = notes.required_text(element, "guaranteeType") else { continue };
        let references = element.children("GuaranteeReference").map(|reference| GuaranteeReference {
            grn: notes.text(reference, "GRN"),
            access_code: notes.text(reference, "accessCode").map(AccessCode),
            amount: money(reference, "amountToBeCovered", notes),
            ..GuaranteeReference::default()
        });
        let references = references.collect();
        let other_reference = notes.text(element, "otherGuaranteeReference");
        guarantees.push(Guarantee { other_reference, references, ..Guarantee::new(kind) });
    }
    guarantees
}

/// An amount with the currency beside it.
pub(crate) fn money(element: Element<'_>, amount: &str, notes: &mut Notes) -> Option<Money> {
    let amount = notes.decimal(element, amount)?;
    let currency = notes.read(element, "currency", "three capital letters of a currency", |text| {
        Currency::new(text.to_ascii_uppercase()).ok()
    });
    let Some(currency) = currency else {
        notes.warning("NO-CURRENCY", element, "The amount has no currency; it is left out.");
        return None;
    };
    Some(Money { amount, currency })
}

fn read_consignment(consignment: Element<'_>, declaration: &mut CustomsDeclaration, notes: &mut Notes) {
    declaration.dispatch_country = notes.country(consignment, "countryOfDispatch");
    declaration.destination_country = notes.country(consignment, "countryOfDestination");
    declaration.containerised = notes.flag(consignment, "containerIndicator");
    (declaration.inland_mode, declaration.inland_mode_code) = mode(consignment, "inlandModeOfTransport", notes);
    (declaration.border_mode, declaration.border_mode_code) = mode(consignment, "modeOfTransportAtTheBorder", notes);
    declaration.total_gross_kg = notes.decimal(consignment, "grossMass");
    declaration.ucr = notes.text(consignment, "referenceNumberUCR");
    declaration.parties.extend(parties(consignment, &CONSIGNMENT_PARTIES, notes));
    declaration.actors = actors(consignment, notes);
    declaration.transport_equipment = parts::equipment(consignment, notes);
    let containers = declaration.transport_equipment.iter().filter_map(|equipment| equipment.container.clone());
    declaration.equipment = containers.collect();
    declaration.location_of_goods =
        consignment.child("LocationOfGoods").and_then(|location| location_of_goods(location, notes));
    declaration.departure_means = means(consignment, "DepartureTransportMeans", notes);
    let countries = consignment.children("CountryOfRoutingOfConsignment");
    declaration.itinerary = countries.filter_map(|element| notes.country(element, "country")).collect();
    declaration.border_means = means(consignment, "ActiveBorderTransportMeans", notes);
    declaration.place_of_loading = consignment.child("PlaceOfLoading").map(|element| place(element, notes));
    declaration.place_of_unloading = consignment.child("PlaceOfUnloading").map(|element| place(element, notes));
    declaration.previous_documents = previous_documents(consignment, notes);
    declaration.documents = documents(consignment, "SupportingDocument", notes);
    declaration.transport_documents = documents(consignment, "TransportDocument", notes);
    declaration.additional_references = documents(consignment, "AdditionalReference", notes);
    declaration.additional_information = information(consignment, notes);
    declaration.transport_charges = notes.text(consignment, "TransportCharges/methodOfPayment");
    for element in consignment.children("HouseConsignment") {
        let Some(no) = notes.required_number(element, "sequenceNumber") else { continue };
        declaration.houses.push(house(element, no, notes));
        for item in element.children("ConsignmentItem") {
            declaration.items.extend(goods::item(item, no, notes));
        }
    }
}

/// The mode of a digit, else the digit itself: NCTS has modes that UNECE Recommendation 19 leaves to others.
pub(crate) fn mode(element: Element<'_>, name: &str, notes: &mut Notes) -> (Option<TransportMode>, Option<Text<4>>) {
    let code = notes.text::<4>(element, name);
    let mode = code.as_deref().and_then(TransportMode::from_rec19);
    (mode, code.filter(|_| mode.is_none()))
}

/// Where the goods are: one code, which the qualifier says what it is of, or an address.
fn location_of_goods(element: Element<'_>, notes: &mut Notes) -> Option<GoodsLocation> {
    let qualifier = notes.text::<4>(element, "qualifierOfIdentification");
    let codes = [
        ("U", "UNLocode"),
        ("V", "CustomsOffice/referenceNumber"),
        ("X", "EconomicOperator/identificationNumber"),
        ("Y", "authorisationNumber"),
        ("T", "PostcodeAddress/postcode"),
        ("Z", "Address/city"),
        ("W", "GNSS/latitude"),
    ];
    // The code that the qualifier is of; where there is none, the first that there is.
    let (of_it, others): (Vec<_>, Vec<_>) =
        codes.into_iter().partition(|(letter, _)| qualifier.as_deref() == Some(*letter));
    let found = of_it.into_iter().chain(others).find(|(_, path)| element.text_at(path).is_some());
    let Some((letter, path)) = found else {
        notes.warning("NO-LOCATION", element, "The location of the goods has no code and no address; it is left out.");
        return None;
    };
    for (_, path) in codes.iter().filter(|(other, _)| *other != letter && !matches!(*other, "T" | "Z" | "W")) {
        if let Some(text) = element.text_at(path) {
            let detail = format!("`{path}` says `{text}` beside the code that the qualifier is of; it is left out.");
            notes.info("MORE-LOCATIONS", element, detail);
        }
    }
    let postal = element.child("Address").or_else(|| element.child("PostcodeAddress"));
    Some(GoodsLocation {
        r#type: notes.text(element, "typeOfLocation"),
        qualifier,
        additional_id: notes.text(element, "additionalIdentifier"),
        address: postal.and_then(|address| parts::address(address, notes)),
        latitude: notes.text(element, "GNSS/latitude"),
        longitude: notes.text(element, "GNSS/longitude"),
        contact: notes.words(element, "ContactPerson/name"),
        phone: notes.words(element, "ContactPerson/phoneNumber"),
        email: notes.words(element, "ContactPerson/eMailAddress"),
        ..GoodsLocation::new(notes.text(element, path)?)
    })
}

pub(crate) fn house(element: Element<'_>, no: u32, notes: &mut Notes) -> HouseConsignment {
    HouseConsignment {
        dispatch_country: notes.country(element, "countryOfDispatch"),
        destination_country: notes.country(element, "countryOfDestination"),
        gross_kg: notes.decimal(element, "grossMass"),
        ucr: notes.text(element, "referenceNumberUCR"),
        transport_charges: notes.text(element, "TransportCharges/methodOfPayment"),
        security: notes.text(element, "securityIndicatorFromExportDeclaration"),
        parties: parties(element, &CONSIGNMENT_PARTIES, notes),
        actors: actors(element, notes),
        departure_means: means(element, "DepartureTransportMeans", notes),
        previous_documents: previous_documents(element, notes),
        documents: documents(element, "SupportingDocument", notes),
        transport_documents: documents(element, "TransportDocument", notes),
        additional_references: documents(element, "AdditionalReference", notes),
        additional_information: information(element, notes),
        ..HouseConsignment::new(no)
    }
}

/// What else speaks of the same: the declaration's own numbers, its containers and transport documents.
fn tied(declaration: &CustomsDeclaration) -> Vec<Reference> {
    let own =
        [("lrn", Some(&*declaration.lrn)), ("mrn", declaration.mrn.as_deref()), ("ucr", declaration.ucr.as_deref())];
    let documents = declaration
        .transport_documents
        .iter()
        .chain(declaration.houses.iter().flat_map(|house| &house.transport_documents));
    let documents = documents.map(|document| ("transport-document", document.id.as_deref()));
    let containers = declaration.equipment.iter().map(|container| ("container", Some(&**container)));
    let seals = declaration.transport_equipment.iter().flat_map(|equipment| &equipment.seals);
    let seals = seals.map(|seal| ("seal", Some(&**seal)));
    references(own.into_iter().chain(documents).chain(containers).chain(seals))
}
