//! A `customs-declaration` as a transit declaration (`CC015C`), its amendment (`CC013C`) or a request to invalidate it (`CC014C`).

use portgate_sdk::canonical::{
    CustomsDeclaration, DeclarationItem, HouseConsignment, OfficeRole, PartyRole, TransportMode,
};
use portgate_sdk::edi::{Value, number};
use portgate_sdk::xml::{ElementWriter, Writer};
use portgate_sdk::{Document, Finding, Pointer, Rejection, Request, Target};

use super::write_parts::{
    actors, documents, equipment, guarantees, information, location_of_goods, means, numbered, party, place,
    previous_documents,
};
use crate::codes;
use crate::out::{self, Envelope, Missing, clock, flag, offices};

/// The namespace of all messages of NCTS.
const NAMESPACE: &str = "http://ncts.dgtaxud.ec";

/// The phase that messages are of, unless the agreement's setting `phase` says another.
const PHASE: &str = "NCTS5.1";

/// Where declarations are posted to, unless the agreement's setting `path` says otherwise.
const PATH: &str = "/customs/transits/movements/departures";

/// The scheme under which the service's own name for a movement is kept, which its later messages are posted below.
pub(crate) const DEPARTURE: &str = "ncts-departure";

/// Renders a declaration.
pub(crate) fn declaration(given: &[Document], target: &Target) -> Result<Request, Rejection> {
    let declaration = out::declaration(given)?;
    let body = message("CC015C", &declaration, target, whole)?;
    Ok(Request::post(path(target), "application/xml", body))
}

/// Renders an amendment, which tells the whole declaration again.
pub(crate) fn amendment(given: &[Document], target: &Target) -> Result<Request, Rejection> {
    let declaration = out::declaration(given)?;
    let body = message("CC013C", &declaration, target, whole)?;
    Ok(Request::post(below(target, &declaration)?, "application/xml", body))
}

/// Renders a request to invalidate.
pub(crate) fn invalidation(given: &[Document], target: &Target) -> Result<Request, Rejection> {
    let declaration = out::declaration(given)?;
    let body = message("CC014C", &declaration, target, invalidate)?;
    Ok(Request::post(below(target, &declaration)?, "application/xml", body))
}

fn path(target: &Target) -> &str {
    target.agreement.as_ref().and_then(|agreement| agreement.setting("path")).unwrap_or(PATH)
}

/// Where later messages on a movement are posted to: below the name that the service gave it.
fn below(target: &Target, declaration: &CustomsDeclaration) -> Result<String, Rejection> {
    let reference = declaration.references.iter().find(|reference| &*reference.scheme == DEPARTURE);
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match reference.filter(|reference| is_name(&reference.value)) {
        Some(reference) => Ok(format!("{}/{}/messages", path(target), &*reference.value)),
        None => {
            let detail =
                format!("The service's name of the movement is missing: a reference of the scheme `{DEPARTURE}`.");
            Err(Finding::error("MISSING", Pointer::root().index(0).key("references"), detail).into())
        }
    }
}

type Content = fn(&mut ElementWriter<'_>, &str, &CustomsDeclaration, &mut Missing);

fn message(
    name: &str,
    declaration: &CustomsDeclaration,
    target: &Target,
    content: Content,
) -> Result<Vec<u8>, Rejection> {
    let envelope = Envelope::of(target)?;
    let mut missing = Missing::new();
    let mut writer = Writer::new(&format!("ncts:{name}"));
    let mut root = writer.root();
    root.attribute("xmlns:ncts", NAMESPACE);
    let phase = target.agreement.as_ref().and_then(|agreement| agreement.setting("phase"));
    root.attribute("PhaseID", phase.unwrap_or(PHASE));
    root.leaf("messageSender", envelope.sender.within(1..=35));
    // Every administration of the convention is called by its country.
    let recipient = envelope.recipient.unwrap_or_else(|| format!("NTA.{}", &*declaration.jurisdiction));
    root.leaf("messageRecipient", recipient.within(1..=35));
    root.leaf("preparationDateAndTime", envelope.now);
    root.leaf("messageIdentification", envelope.number.to_string());
    root.leaf("messageType", name);
    content(&mut root, name, declaration, &mut missing);
    drop(root);
    missing.finish()?;
    Ok(writer.finish()?.bytes)
}

fn whole(root: &mut ElementWriter<'_>, name: &str, declaration: &CustomsDeclaration, missing: &mut Missing) {
    operation(root, name == "CC013C", declaration, missing);
    for (number, authorisation) in (1..).zip(&declaration.authorisations) {
        let mut element = numbered(root, "Authorisation", number);
        element.leaf("type", (&*authorisation.r#type).within(1..=4));
        element.leaf("referenceNumber", authorisation.reference.as_deref().map(|reference| reference.within(1..=35)));
    }
    route(root, declaration, missing);
    holder(root, declaration, missing);
    party(root, "Representative", &declaration.parties, PartyRole::Representative, "parties", missing);
    guarantees(root, &declaration.guarantees, missing);
    consignment(root, declaration, missing);
}

/// A movement is known by its MRN once it has one, and by its LRN before.
fn name_of(operation: &mut ElementWriter<'_>, declaration: &CustomsDeclaration) {
    match &declaration.mrn {
        Some(mrn) => operation.leaf("MRN", (&**mrn).within(18..=18)),
        None => operation.leaf("LRN", (&*declaration.lrn).within(1..=22)),
    }
}

fn operation(root: &mut ElementWriter<'_>, amends: bool, declaration: &CustomsDeclaration, missing: &mut Missing) {
    let mut operation = root.child("TransitOperation");
    match amends {
        true => name_of(&mut operation, declaration),
        false => operation.leaf("LRN", (&*declaration.lrn).within(1..=22)),
    }
    let kind = declaration.type_code.as_deref().map(|kind| kind.within(1..=5));
    missing.leaf(&mut operation, "declarationType", kind, "typeCode");
    operation
        .leaf("additionalDeclarationType", declaration.additional_type_code.as_deref().unwrap_or("A").within(1..=1));
    operation.leaf("TIRCarnetNumber", declaration.tir_carnet.as_deref().map(|carnet| carnet.within(1..=12)));
    operation.leaf("presentationOfTheGoodsDateAndTime", declaration.presentation_at.as_ref().map(clock));
    operation.leaf("security", declaration.security.as_deref().unwrap_or("0").within(1..=1));
    operation.leaf("reducedDatasetIndicator", flag(declaration.reduced_dataset.or(Some(false))));
    operation.leaf("specificCircumstanceIndicator", declaration.specific_circumstance.as_deref());
    operation.leaf(
        "communicationLanguageAtDeparture",
        declaration.language.as_deref().map(|language| language.within(2..=2)),
    );
    operation.leaf("bindingItinerary", flag(declaration.binding_itinerary.or(Some(false))));
    if amends {
        operation.leaf("amendmentTypeFlag", flag(declaration.guarantee_amendment.or(Some(false))));
    }
    operation.leaf("limitDate", declaration.limit_date.as_ref().map(|day| day.as_str()));
}

fn route(root: &mut ElementWriter<'_>, declaration: &CustomsDeclaration, missing: &mut Missing) {
    for (name, role) in [
        ("CustomsOfficeOfDeparture", OfficeRole::Departure),
        ("CustomsOfficeOfDestinationDeclared", OfficeRole::Destination),
    ] {
        office(root, name, role, declaration, missing);
    }
    for (name, role) in [
        ("CustomsOfficeOfTransitDeclared", OfficeRole::Transit),
        ("CustomsOfficeOfExitForTransitDeclared", OfficeRole::ExitForTransit),
    ] {
        for (number, office) in (1..).zip(offices(declaration, role)) {
            let mut element = numbered(root, name, number);
            element.leaf("referenceNumber", (&*office.reference).within(8..=8));
            if role == OfficeRole::Transit {
                element.leaf("arrivalDateAndTimeEstimated", office.expected_at.as_ref().map(clock));
            }
        }
    }
}

/// An office that there is one of.
fn office(
    root: &mut ElementWriter<'_>,
    name: &str,
    role: OfficeRole,
    declaration: &CustomsDeclaration,
    missing: &mut Missing,
) {
    let office = offices(declaration, role).next();
    if office.is_none() {
        missing.note("offices", format!("No office has the role that `{name}` is made of."));
    }
    root.group(name).leaf("referenceNumber", office.map(|office| (&*office.reference).within(8..=8)));
}

fn holder(root: &mut ElementWriter<'_>, declaration: &CustomsDeclaration, missing: &mut Missing) {
    let role = PartyRole::HolderOfTransitProcedure;
    if out::party(&declaration.parties, role).is_none() {
        missing.note(
            "parties",
            "Nobody is the holder of the transit procedure; add a party with the role `holder-of-transit-procedure`.",
        );
    }
    party(root, "HolderOfTheTransitProcedure", &declaration.parties, role, "parties", missing);
}

fn consignment(root: &mut ElementWriter<'_>, declaration: &CustomsDeclaration, missing: &mut Missing) {
    let mut element = root.child("Consignment");
    let country = |country: &Option<portgate_sdk::canonical::Country>| {
        country.as_ref().map(|country| country.as_str().to_owned())
    };
    element.leaf("countryOfDispatch", country(&declaration.dispatch_country));
    element.leaf("countryOfDestination", country(&declaration.destination_country));
    element.leaf("containerIndicator", flag(declaration.containerised));
    element.leaf("inlandModeOfTransport", mode(declaration.inland_mode, declaration.inland_mode_code.as_deref()));
    element.leaf("modeOfTransportAtTheBorder", mode(declaration.border_mode, declaration.border_mode_code.as_deref()));
    missing.leaf(&mut element, "grossMass", declaration.total_gross_kg.map(number), "totalGrossKg");
    element.leaf("referenceNumberUCR", declaration.ucr.as_deref().map(|ucr| ucr.within(1..=35)));
    for (name, role) in super::declaration::CONSIGNMENT_PARTIES {
        party(&mut element, name, &declaration.parties, role, "parties", missing);
    }
    actors(&mut element, &declaration.actors);
    equipment(&mut element, &declaration.transport_equipment);
    if let Some(location) = &declaration.location_of_goods {
        location_of_goods(&mut element, location, missing);
    }
    means(&mut element, "DepartureTransportMeans", &declaration.departure_means, false, "departureMeans", missing);
    for (number, country) in (1..).zip(&declaration.itinerary) {
        numbered(&mut element, "CountryOfRoutingOfConsignment", number).leaf("country", country.as_str());
    }
    means(&mut element, "ActiveBorderTransportMeans", &declaration.border_means, true, "borderMeans", missing);
    place(&mut element, "PlaceOfLoading", declaration.place_of_loading.as_ref());
    place(&mut element, "PlaceOfUnloading", declaration.place_of_unloading.as_ref());
    previous_documents(&mut element, &declaration.previous_documents, false);
    documents(&mut element, "SupportingDocument", &declaration.documents);
    documents(&mut element, "TransportDocument", &declaration.transport_documents);
    documents(&mut element, "AdditionalReference", &declaration.additional_references);
    information(&mut element, &declaration.additional_information);
    element.group("TransportCharges").leaf("methodOfPayment", declaration.transport_charges.as_deref());
    houses(&mut element, declaration, missing);
}

fn mode(mode: Option<TransportMode>, code: Option<&str>) -> Option<&str> {
    mode.map(codes::rec19).or(code)
}

/// The house consignments, each with its items; one for all items where the declaration has none.
fn houses(consignment: &mut ElementWriter<'_>, declaration: &CustomsDeclaration, missing: &mut Missing) {
    let only = HouseConsignment { gross_kg: declaration.total_gross_kg, ..HouseConsignment::new(1) };
    let houses = match declaration.houses.is_empty() {
        true => std::slice::from_ref(&only),
        false => &declaration.houses,
    };
    for (place, house) in houses.iter().enumerate() {
        let is_in = |item: &DeclarationItem| declaration.houses.is_empty() || item.house == Some(house.no);
        let items: Vec<(usize, &DeclarationItem)> =
            declaration.items.iter().enumerate().filter(|(_, item)| is_in(item)).collect();
        if items.is_empty() {
            missing.note("items", format!("The house consignment {} has no item.", house.no));
        }
        let mut element = numbered(consignment, "HouseConsignment", house.no as usize);
        house_itself(&mut element, house, place, missing);
        for (number, (index, item)) in (1..).zip(items) {
            super::write_goods::item(&mut element, item, number, index, missing);
        }
    }
    let known =
        |item: &DeclarationItem| item.house.is_some_and(|no| declaration.houses.iter().any(|house| house.no == no));
    if let Some(index) = declaration.items.iter().position(|item| !declaration.houses.is_empty() && !known(item)) {
        missing.note(&format!("items/{index}/house"), "The item is in none of the house consignments.");
    }
}

fn house_itself(element: &mut ElementWriter<'_>, house: &HouseConsignment, place: usize, missing: &mut Missing) {
    let path = |field: &str| format!("houses/{place}/{field}");
    element.leaf("countryOfDispatch", house.dispatch_country.as_ref().map(|country| country.as_str()));
    element.leaf("countryOfDestination", house.destination_country.as_ref().map(|country| country.as_str()));
    missing.leaf(element, "grossMass", house.gross_kg.map(number), &path("grossKg"));
    element.leaf("referenceNumberUCR", house.ucr.as_deref().map(|ucr| ucr.within(1..=35)));
    for (name, role) in [("Consignor", PartyRole::Consignor), ("Consignee", PartyRole::Consignee)] {
        party(element, name, &house.parties, role, &path("parties"), missing);
    }
    actors(element, &house.actors);
    means(element, "DepartureTransportMeans", &house.departure_means, false, &path("departureMeans"), missing);
    previous_documents(element, &house.previous_documents, false);
    documents(element, "SupportingDocument", &house.documents);
    documents(element, "TransportDocument", &house.transport_documents);
    documents(element, "AdditionalReference", &house.additional_references);
    information(element, &house.additional_information);
    element.group("TransportCharges").leaf("methodOfPayment", house.transport_charges.as_deref());
}

/// A request to invalidate, with its reason.
fn invalidate(root: &mut ElementWriter<'_>, _: &str, declaration: &CustomsDeclaration, missing: &mut Missing) {
    name_of(&mut root.child("TransitOperation"), declaration);
    let invalidation = declaration.invalidation.as_ref();
    let mut element = root.child("Invalidation");
    let requested = invalidation.and_then(|invalidation| invalidation.requested_at.as_ref());
    element.leaf("requestDateAndTime", requested.map(clock));
    // A trader asks; customs decides.
    element.leaf("initiatedByCustoms", "0");
    let why = invalidation.and_then(|invalidation| invalidation.justification.as_deref());
    missing.leaf(&mut element, "justification", why, "invalidation/justification");
    drop(element);
    office(root, "CustomsOfficeOfDeparture", OfficeRole::Departure, declaration, missing);
    holder(root, declaration, missing);
}
