//! What moves under a transit: the consignment, its house consignments, and their goods.

use portgate_compose::Gaps;
use portgate_sdk::Placed;
use portgate_sdk::canonical::{
    AdditionalInformation, Country, CustomsDeclaration, DeclarationItem, GoodsLocation, HouseConsignment, HsCode,
    Location, MeansOfTransport, OfficeRole, Party, PartyRole, PreviousDocument, TariffClassification, Text,
    TransportDocument, TransportMode,
};
use portgate_sdk::territory::Territory;

use super::operation::has_security;
use crate::case::{Case, office_number};
use crate::countries::country;
use crate::line::Line;
use crate::packages::{self, Counting};
use crate::parties::{self, CONSIGNEE, CONSIGNOR, Form, Traders};
use crate::route::{self, Route};
use crate::written::cut;
use crate::{charges, equipment, means, papers, rules};

/// Says that the bill of lading is to order, so that nobody knows the consignee (C0001).
const TO_ORDER: &str = "30600";

/// How long a name of a place may be.
const PLACE_MAX: usize = 35;

/// Everything but parties and goods: countries, modes, means, places.
pub(super) fn consignment(case: &Case<'_>, route: &Route, declaration: &mut CustomsDeclaration, gaps: &mut Gaps) {
    let is_early = declaration.additional_type_code.as_deref() == Some("D");
    let departure = route.departure(case);
    let border = border(case, route, declaration);
    declaration.dispatch_country =
        route::dispatch(case).or_else(|| departure.from.as_ref().and_then(|(_, place)| country(place)));
    declaration.destination_country =
        route::destination(case).or_else(|| route::discharge(case).as_ref().and_then(|(_, place)| country(place)));
    for (field, what, is_there) in [
        ("/countryOfDispatch", "from which country the goods are dispatched", declaration.dispatch_country.is_some()),
        ("/countryOfDestination", "to which country the goods go", declaration.destination_country.is_some()),
    ] {
        if !is_there {
            let at = case.facts.shipments.first().map(|shipment| shipment.at(field));
            gaps.add(rules::COUNTRY, at, format!("Nothing says {what}."), "Who keeps the shipment says it.");
        }
    }
    declaration.inland_mode = departure.mode;
    declaration.border_mode = border.mode;
    let mut leaves_by = means::means(case, &departure, gaps);
    leaves_by.conveyance_ref = None;
    // By mail nothing is named (C0826), and what is not wholly known is optional.
    if departure.mode != Some(TransportMode::Mail) && is_whole(&leaves_by) {
        declaration.departure_means.push(leaves_by);
    }
    let mut crosses_by = means::means(case, &border, gaps);
    crosses_by.office = border_office(case, declaration);
    if border.mode != Some(TransportMode::Mail) && is_whole(&crosses_by) && crosses_by.office.is_some() {
        declaration.border_means.push(crosses_by);
    } else if has_security(declaration) && !is_early && border.mode != Some(TransportMode::Mail) {
        let at = border.transport.as_ref().map(|(at, _)| at.clone());
        let detail = "With security data the means of transport at the border is declared, by type, number, nationality and customs office (C0806), and not all of it is known.";
        let remedy = "The carrier says which ship or flight it is, who keeps the policies `means-nationality` and `office-at-border`.";
        gaps.add(rules::MEANS, at, detail, remedy);
    }
    if has_security(declaration) && !is_early {
        means::complete(&border, declaration.border_means.first().unwrap_or(&MeansOfTransport::default()), gaps);
    }
    declaration.itinerary = match has_security(declaration) || declaration.binding_itinerary == Some(true) {
        true => route.itinerary(case),
        false => Vec::new(),
    };
    if declaration.itinerary.is_empty() && (has_security(declaration) || declaration.binding_itinerary == Some(true)) {
        let at = case.facts.shipments.first().map(|shipment| shipment.at("/legs"));
        gaps.add(
            rules::ROUTE,
            at,
            "Nothing says which countries the goods pass (C0586).",
            "Who plans the transport says the legs.",
        );
    }
    places(case, route, is_early, declaration, gaps);
    declaration.location_of_goods = location(case, gaps);
    declaration.ucr =
        case.facts.shipments.iter().find_map(|shipment| shipment.document.ucr.clone()).map(|ucr| ucr.widened());
    if has_security(declaration) {
        declaration.transport_charges = charges::paid(case, gaps);
    }
    declaration.previous_documents =
        papers::previous(case, gaps).into_iter().filter(|document| !is_export(document)).collect();
}

/// The passage at the border: into the territory of the office of destination; where no leg leads into it, the first one.
fn border(case: &Case<'_>, route: &Route, declaration: &CustomsDeclaration) -> route::Passage {
    let destination = declaration.offices.iter().find(|office| office.role == OfficeRole::Destination);
    let territory = destination.and_then(|office| Territory::of(&office.reference));
    route.crossing(case, |country| territory.is_some_and(|territory| territory.has(country)))
}

fn is_whole(means: &MeansOfTransport) -> bool {
    means.id_type.is_some() && means.id.is_some() && means.nationality.is_some()
}

/// The office at the border: policy's, else the first office of transit, else that of destination.
fn border_office(case: &Case<'_>, declaration: &CustomsDeclaration) -> Option<Text<17>> {
    let by_role = |role| declaration.offices.iter().find(|office| office.role == role);
    let declared = || by_role(OfficeRole::Transit).or_else(|| by_role(OfficeRole::Destination));
    let settled = case.settings.get("office-at-border").and_then(office_number);
    settled.or_else(|| declared().map(|office| office.reference.clone()))
}

/// Export declarations are named by the house consignment that they are of.
fn is_export(document: &PreviousDocument) -> bool {
    &*document.r#type == "N830"
}

/// Where the goods are loaded (C0403) and, with security data, unloaded (C0191).
fn places(case: &Case<'_>, route: &Route, is_early: bool, declaration: &mut CustomsDeclaration, gaps: &mut Gaps) {
    let loading = route.begins(case);
    if loading.is_none() && !is_early {
        route::place_missing(case, "/placeOfLoading", "loaded", gaps);
    }
    declaration.place_of_loading = loading.and_then(|place| placed(place, gaps));
    if !has_security(declaration) {
        return;
    }
    let unloading = route::discharge(case);
    if unloading.is_none() && matches!(declaration.security.as_deref(), Some("1" | "3")) {
        route::place_missing(case, "/placeOfDischarge", "unloaded", gaps);
    }
    declaration.place_of_unloading = unloading.and_then(|place| placed(place, gaps));
}

/// A place by its UN/LOCODE, else by country and name (C0387).
fn placed((at, place): route::At<Location>, gaps: &mut Gaps) -> Option<Location> {
    let name = place.name.as_deref().and_then(|name| cut(name, PLACE_MAX));
    // With a UN/LOCODE the country is told where somebody says it.
    let country: Option<Country> = if place.un_locode.is_some() { place.country.clone() } else { country(&place) };
    if place.un_locode.is_none() && (name.is_none() || country.is_none()) {
        let detail = "The place has no UN/LOCODE, and not both a country and a name.";
        gaps.add(rules::PLACE, [at], detail, "Who plans the transport says its UN/LOCODE, or its country and name.");
        return None;
    }
    Some(Location { un_locode: place.un_locode, name, country, ..Location::default() })
}

/// Where the goods can be examined, which is policy's: `location-type`, `location-qualifier` and the code (C0394).
fn location(case: &Case<'_>, gaps: &mut Gaps) -> Option<GoodsLocation> {
    let settings = &case.settings;
    let code: Text<64> = settings.text("location-code", gaps)?;
    let qualifier: Option<Text<4>> =
        settings.required("location-qualifier", "what the code of the goods' location is", gaps);
    if let Some(other) = qualifier.as_deref().filter(|qualifier| !matches!(*qualifier, "U" | "V" | "X" | "Y")) {
        let expected = "`U` a UN/LOCODE, `V` a customs office, `X` a trader's EORI or `Y` an authorisation";
        settings.unusable("location-qualifier", other, expected, gaps);
    }
    // A more exact place is told within a trader's or an authorised one alone (C0671).
    let is_within = matches!(qualifier.as_deref(), Some("X" | "Y"));
    let additional_id: Option<Text<8>> = settings.text("location-additional", gaps);
    Some(GoodsLocation {
        r#type: settings.required("location-type", "of which type the goods' location is", gaps),
        qualifier,
        additional_id: additional_id.filter(|_| is_within),
        ..GoodsLocation::new(code)
    })
}

/// Parties, house consignments and items. `combined` says whether the Combined Nomenclature is known where the transit begins.
pub(super) fn goods(
    case: &Case<'_>,
    form: &Form,
    lines: &[Line],
    combined: bool,
    declaration: &mut CustomsDeclaration,
    gaps: &mut Gaps,
) {
    carrier(case, declaration);
    // A house consignment for each transport document that goods are of; one for all where they are of none.
    let mut bills: Vec<Option<usize>> = Vec::new();
    for line in lines {
        if !bills.contains(&line.bill) {
            bills.push(line.bill);
        }
    }
    let bill_of = |bill: Option<usize>| bill.and_then(|nth| case.facts.transport_documents.get(nth));
    let traders: Vec<Traders> =
        bills.iter().map(|bill| traders(case, form, bill_of(*bill), declaration, gaps)).collect();
    let exports: Vec<_> = papers::previous(case, &mut Gaps::default()).into_iter().filter(is_export).collect();
    for (no, bill) in (1..).zip(&bills) {
        let of_house = lines.iter().filter(|line| line.bill == *bill);
        let weights: Option<Vec<_>> = of_house.map(|line| line.gross_kg).collect();
        let single =
            (case.facts.transport_documents.len() == 1).then(|| case.facts.transport_documents.first()).flatten();
        declaration.houses.push(HouseConsignment {
            gross_kg: weights.map(|weights| weights.into_iter().sum()),
            documents: if no == 1 { papers::invoices(case) } else { Vec::new() },
            transport_documents: papers::carriage(case, bill_of(*bill).or(single)),
            previous_documents: if no == 1 { exports.clone() } else { Vec::new() },
            ..HouseConsignment::new(no)
        });
    }
    share(&traders, declaration);
    let documents: Vec<_> = declaration.houses.iter().flat_map(|house| house.transport_documents.clone()).collect();
    declaration.transport_documents = papers::master(case, &documents);
    if documents.is_empty() && declaration.transport_documents.is_empty() && declaration.ucr.is_none() {
        papers::missing(case, gaps);
    }
    let with_net = !exports.is_empty();
    for (no, line) in (1..).zip(lines) {
        let house = (1..).zip(&bills).find(|(_, bill)| **bill == line.bill).map(|(house, _)| house);
        let before = declaration.items.iter().filter(|item| item.house == house).count();
        let item = DeclarationItem {
            house,
            no_in_house: u32::try_from(before + 1).ok(),
            ..item(case, line, no, (combined, with_net), declaration.reduced_dataset == Some(true), gaps)
        };
        declaration.items.push(item);
    }
    let weights: Option<Vec<_>> = declaration.houses.iter().map(|house| house.gross_kg).collect();
    declaration.total_gross_kg = weights.filter(|weights| !weights.is_empty()).map(|weights| weights.into_iter().sum());
    declaration.transport_equipment = equipment::of(case, lines);
    let containers = declaration.transport_equipment.iter();
    declaration.equipment = containers.filter_map(|equipment| equipment.container.clone()).collect();
    declaration.containerised = Some(!declaration.equipment.is_empty());
}

/// The carrier, where its number is known: NCTS has room for no more of it.
fn carrier(case: &Case<'_>, declaration: &mut CustomsDeclaration) {
    let settled = case.settings.get("carrier").and_then(|number| Text::new(number).ok()).and_then(parties::eori);
    let found = parties::find(case, None, &[PartyRole::Carrier]);
    let known = || found?.party.ids.iter().find(|id| &*id.scheme == parties::EORI).cloned();
    if let Some(id) = settled.or_else(known) {
        declaration.parties.push(Party { ids: vec![id], ..Party::new(PartyRole::Carrier) });
    }
}

/// Consignor and consignee of a house consignment.
fn traders(
    case: &Case<'_>,
    form: &Form,
    bill: Option<&Placed<TransportDocument>>,
    declaration: &mut CustomsDeclaration,
    gaps: &mut Gaps,
) -> Traders {
    let to_order = match bill {
        Some(bill) => bill.document.to_order == Some(true),
        None => case.facts.transport_documents.iter().any(|bill| bill.document.to_order == Some(true)),
    };
    let names_none = to_order && matches!(declaration.security.as_deref(), Some("2" | "3"));
    let mentioned = declaration.additional_information.iter().any(|mention| &*mention.code == TO_ORDER);
    if names_none && !mentioned {
        declaration.additional_information.extend(Text::new(TO_ORDER).ok().map(AdditionalInformation::new));
    }
    // Without security data and with the reduced data set nobody is told who consigns (C0542).
    let without_consignor = declaration.reduced_dataset == Some(true) && !has_security(declaration);
    Traders {
        consignor: (!without_consignor)
            .then(|| form.wanted(case, bill, (PartyRole::Consignor, CONSIGNOR), gaps))
            .flatten(),
        consignee: (!names_none).then(|| form.needed(case, bill, (PartyRole::Consignee, CONSIGNEE), gaps)).flatten(),
        notify: None,
    }
}

/// What all house consignments have in common is said of the consignment (C0001, C0349), all else of each.
fn share(traders: &[Traders], declaration: &mut CustomsDeclaration) {
    type Part = fn(&Traders) -> &Option<Party>;
    let parts: [Part; 2] = [|of| &of.consignor, |of| &of.consignee];
    for part in parts {
        let first = traders.first().and_then(|traders| part(traders).clone());
        match traders.iter().all(|traders| *part(traders) == first) {
            true => declaration.parties.extend(first),
            false => {
                for (house, traders) in declaration.houses.iter_mut().zip(traders) {
                    house.parties.extend(part(traders).clone());
                }
            }
        }
    }
}

fn item(
    case: &Case<'_>,
    line: &Line,
    no: u32,
    (combined, with_net): (bool, bool),
    reduced: bool,
    gaps: &mut Gaps,
) -> DeclarationItem {
    if line.description.is_none() {
        let detail = format!("Nothing says what the goods of {} are.", line.name);
        gaps.add(rules::DESCRIPTION, [line.at.clone()], detail, "Whoever sells or carries the goods describes them.");
    }
    let code = line.code().filter(|code| code.len() >= 6);
    if code.is_none() {
        let detail = match line.codes.len() {
            0 => format!(
                "The goods of {} have no commodity code, of which a transit declares six digits (C0153).",
                line.name
            ),
            1 => format!("The commodity code of {} has less than six digits (C0153).", line.name),
            _ => format!(
                "The goods of {} are under several commodity codes ({}), and an item has one.",
                line.name,
                line.codes.join(", ")
            ),
        };
        let remedy =
            "Who classifies goods adds the code to the article, or the carrier describes goods of one code at a time.";
        gaps.add(rules::CODE, [line.at.clone()], detail, remedy);
    }
    if line.gross_kg.is_none() {
        let detail = format!("Nothing says what the goods of {} weigh gross.", line.name);
        gaps.add(
            rules::WEIGHT,
            [line.at.clone()],
            detail,
            "The warehouse weighs them, or the carrier says it in the transport document.",
        );
    }
    if line.net_kg.is_none() && with_net {
        let detail = format!(
            "Nothing says what the goods of {} weigh net, which customs wants of goods that are exported (C0837).",
            line.name
        );
        gaps.add(rules::WEIGHT, [line.at.clone()], detail, "Who keeps the article says what a piece weighs net.");
    }
    // The last two digits are not told where the Combined Nomenclature is not known (C0821).
    let digits = code.and_then(|code| if combined && code.len() >= 8 { code.get(..8) } else { code.get(..6) });
    DeclarationItem {
        description: line.description.clone(),
        gross_kg: line.gross_kg,
        net_kg: line.net_kg.filter(|_| with_net || !reduced),
        classification: digits.and_then(|digits| HsCode::new(digits).ok()).map(TariffClassification::new),
        dangerous_goods: line.dangerous.clone(),
        packages: packages::of(case, line, Counting::Transit, gaps),
        equipment: line.containers.clone(),
        reckoned: line.reckoned.clone(),
        ..DeclarationItem::new(no)
    }
}
