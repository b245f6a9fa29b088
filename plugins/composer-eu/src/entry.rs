//! The entry summary declaration (ICS, `CC315A`).

use portgate_compose::{Gaps, Totals, tie};
use portgate_sdk::canonical::{
    AdditionalInformation, CustomsDeclaration, CustomsOffice, Decimal, DeclarationItem, HsCode, Location,
    MeansOfTransport, OfficeRole, Party, PartyRole, Regime, TariffClassification, Text, TransportMode,
};
use portgate_sdk::territory::Territory;
use portgate_sdk::{Composition, Context};

use crate::case::{Case, office_at, office_number};
use crate::countries::secures;
use crate::goods::{self, Described};
use crate::line::Line;
use crate::packages::{self, Counting};
use crate::parties::{self, CONSIGNEE, CONSIGNOR, Form, Traders};
use crate::route::{self, Passage, Route};
use crate::written::cut;
use crate::{charges, equipment, means, papers, rules};

/// Says that the bill of lading is to order, so that nobody knows the consignee (special mentions of ICS).
const TO_ORDER: &str = "10600";

/// The most characters of a description.
const DESCRIPTION_MAX: usize = 280;

/// The most characters of a place's name, with two for its country before it.
const PLACE_MAX: usize = 33;

/// Makes the declaration, as far as nothing is missing.
pub(crate) fn compose(context: &Context, composition: &Composition, gaps: &mut Gaps) -> Option<CustomsDeclaration> {
    let case = Case::of(context, composition);
    let listed = case.settings.list("offices-of-first-entry");
    // All offices of the list are of one territory; the place says which of them it is.
    let Some(territory) = listed.first().and_then(|entry| Territory::of(entry.rsplit(':').next()?)) else {
        case.settings.missing("offices-of-first-entry", "at which customs office the goods enter first", gaps);
        return None;
    };
    let entry = Route::of(&case).entry(&case, |country| secures(territory, country));
    let office = first_office(&case, &listed, &entry, gaps)?;
    let mut declaration = case.draft(Regime::EntrySummary, &office.reference, gaps)?;
    let form = Form { territory, also: None, name: 35, street: 35, postcode: 9, with_contact: false };
    let on = route::on(entry.arrives.as_ref().map(|(_, time)| route::day(time)), context);
    let country = declaration.jurisdiction.to_string();
    let lines = goods::lines(&case, Described::ByCarrier, &[&country, "EU"], &on, gaps);

    header(&case, &entry, &mut declaration, gaps);
    declaration.offices = offices(&case, office, &entry, gaps);
    lodged_by(&case, &form, &mut declaration, gaps);
    traders(&case, &form, &lines, &mut declaration, gaps);
    for (no, (line, item)) in (1..).zip(lines.iter().zip(std::mem::take(&mut declaration.items))) {
        declaration.items.push(DeclarationItem { no, ..filled(&case, line, item, gaps) });
    }
    declaration.transport_equipment = equipment::of(&case, &lines);
    let containers = declaration.transport_equipment.iter();
    declaration.equipment = containers.filter_map(|equipment| equipment.container.clone()).collect();
    totals(&mut declaration);
    weight(&case, &lines, &mut declaration, gaps);
    let documents = declaration.items.iter().flat_map(|item| &item.documents);
    let names: Vec<(&str, String)> =
        documents.filter_map(|document| Some(("transport-document", document.id.as_ref()?.to_string()))).collect();
    if declaration.ucr.is_none() && declaration.items.iter().any(|item| item.documents.is_empty()) {
        papers::missing(&case, gaps);
    }
    tie(&mut declaration, names);
    Some(declaration)
}

/// The office of first entry, with the time at which the goods are expected there.
fn first_office(case: &Case<'_>, listed: &[&str], entry: &Passage, gaps: &mut Gaps) -> Option<CustomsOffice> {
    let number = office_at(listed, entry.ends_at());
    let Some(reference) = number.and_then(office_number) else {
        let at = entry.to.as_ref().map(|(at, _)| at.clone());
        let detail = match (number, entry.ends_at()) {
            (Some(number), _) => {
                format!("`{number}` is no number of a customs office: a country and six letters or digits.")
            }
            (None, Some(place)) => format!("Policy has no office of first entry for {place}, where the goods enter."),
            (None, None) => {
                "Nothing says where the goods enter first, and policy has no office for all places.".to_owned()
            }
        };
        let remedy = "Who keeps the policies corrects `offices-of-first-entry` of the filing, or who plans the transport the place.";
        gaps.add(rules::OFFICE, at, detail, remedy);
        return None;
    };
    let expected_at = entry.arrives.as_ref().map(|(_, time)| time.clone());
    if expected_at.is_none() {
        let days = case.facts.transport_documents.iter().map(|bill| bill.at("/plannedArrival"));
        let legs = case.facts.shipments.iter().map(|shipment| shipment.at("/legs"));
        let detail =
            "Nothing says at which time the goods are expected at the office of first entry; a day is not enough.";
        let remedy =
            "The carrier says when the means of transport arrives there (an event, or the leg of the shipment).";
        gaps.add(rules::ARRIVAL, legs.chain(days).take(16), detail, remedy);
    }
    Some(CustomsOffice { expected_at, ..CustomsOffice::new(OfficeRole::FirstEntry, reference) })
}

fn offices(case: &Case<'_>, first: CustomsOffice, entry: &Passage, gaps: &mut Gaps) -> Vec<CustomsOffice> {
    let number = first.reference.clone();
    let mut offices = Vec::new();
    let mut add = |role, written: &str, setting: &str, gaps: &mut Gaps| match office_number(written) {
        Some(reference) => offices.push(CustomsOffice::new(role, reference)),
        None => case.settings.unusable(setting, written, "the number of an office, such as `NL000396`", gaps),
    };
    // Lodging at the office of first entry itself is not said.
    let lodgement = case.settings.list("offices-of-lodgement");
    if let Some(written) = office_at(&lodgement, entry.ends_at()).filter(|written| **written != *number) {
        add(OfficeRole::Lodgement, written, "offices-of-lodgement", gaps);
    }
    for written in case.settings.list("offices-of-subsequent-entry") {
        add(OfficeRole::SubsequentEntry, written, "offices-of-subsequent-entry", gaps);
    }
    offices.insert(0, first);
    offices
}

fn header(case: &Case<'_>, entry: &Passage, declaration: &mut CustomsDeclaration, gaps: &mut Gaps) {
    let settings = &case.settings;
    declaration.border_mode = entry.mode;
    let mut means = means::means(case, entry, gaps);
    means::complete(entry, &means, gaps);
    // What kind of identifier it is goes without saying here, and an aircraft is known by its flight (C019).
    means.id_type = None;
    if entry.mode == Some(TransportMode::Air) {
        means.id = None;
    }
    // A nationality is that of a vehicle that is named (C024).
    if entry.mode != Some(TransportMode::Road) || means.id.is_none() {
        means.nationality = None;
    }
    declaration.border_means.extend(Some(means).filter(|means| *means != MeansOfTransport::default()));
    declaration.declared_place = settings
        .required::<64>("declared-place", "where the declaration is made", gaps)
        .and_then(|place| cut(&place, 35));
    declaration.specific_circumstance = settings.text("specific-circumstance", gaps);
    declaration.transport_charges = charges::paid(case, gaps);
    declaration.ucr =
        case.facts.shipments.iter().find_map(|shipment| shipment.document.ucr.clone()).map(|ucr| ucr.widened());
    declaration.place_of_loading = route::loading(case).and_then(placed);
    if declaration.place_of_loading.is_none() {
        route::place_missing(case, "/placeOfLoading", "loaded", gaps);
    }
    declaration.place_of_unloading = route::discharge(case).and_then(placed);
    if declaration.place_of_unloading.is_none() {
        route::place_missing(case, "/placeOfDischarge", "unloaded", gaps);
    }
    declaration.itinerary = Route::of(case).itinerary(case);
    if declaration.itinerary.is_empty() {
        let at = case.facts.shipments.first().map(|shipment| shipment.at("/countryOfDispatch"));
        let detail = "Nothing says which countries the goods pass.";
        gaps.add(
            rules::ROUTE,
            at,
            detail,
            "Who plans the transport says the legs, or the countries of dispatch and destination.",
        );
    }
}

/// A place by its UN/LOCODE or its name, before which the country stands.
fn placed((_, place): route::At<Location>) -> Option<Location> {
    let name = place.name.as_deref().and_then(|name| cut(name, PLACE_MAX));
    let is_known = place.un_locode.is_some() || name.is_some();
    is_known.then(|| Location { un_locode: place.un_locode, name, country: place.country, ..Location::default() })
}

/// Who lodges it, for whom, and who carries.
fn lodged_by(case: &Case<'_>, form: &Form, declaration: &mut CustomsDeclaration, gaps: &mut Gaps) {
    let declarant = parties::settled(case, PartyRole::Declarant, "declarant", gaps);
    if declarant.is_none() && case.settings.get("declarant").is_none() {
        case.settings.missing("declarant", "who lodges the declaration (an EORI number)", gaps);
    }
    let representative = parties::settled(case, PartyRole::Representative, "representative", gaps);
    let is_declarant = |carrier: &Party| {
        let number = declarant.as_ref().and_then(parties::number);
        number.is_some() && parties::number(carrier) == number
    };
    let by_policy = parties::settled(case, PartyRole::Carrier, "carrier", gaps);
    let known = by_policy.or_else(|| match parties::find(case, None, &[PartyRole::Carrier]) {
        Some(found) if parties::number(found.party).is_some() || found.party.address.is_some() => {
            form.party(PartyRole::Carrier, &found, gaps)
        }
        _ => None,
    });
    let carries_itself = case.settings.flag("declarant-is-carrier", false, gaps);
    if known.is_none() && !carries_itself {
        let found = parties::find(case, None, &[PartyRole::Carrier]);
        let carrier = case.facts.transport_documents.first().map(|bill| bill.at("/carrier"));
        let at = found.map(|found| format!("{}/ids", found.at)).or(carrier);
        let detail = "The carrier's EORI number is not known, and neither are its name and address.";
        let remedy = "Who keeps the carrier's master data adds its EORI number, or who keeps the policies `carrier`; `declarant-is-carrier = yes` says that it lodges itself.";
        gaps.add(rules::CARRIER, at, detail, remedy);
    }
    // Who lodges for itself is not named twice.
    let carrier = known.filter(|carrier| !carries_itself && !is_declarant(carrier));
    declaration.parties.extend([representative, declarant, carrier].into_iter().flatten());
}

/// Consignor, consignee and whom to notify: of the whole where all goods have the same, else of each item.
fn traders(case: &Case<'_>, form: &Form, lines: &[Line], declaration: &mut CustomsDeclaration, gaps: &mut Gaps) {
    let of_line = |line: &Line, gaps: &mut Gaps| {
        let bill = line.bill.and_then(|bill| case.facts.transport_documents.get(bill));
        let to_order = match bill {
            Some(bill) => bill.document.to_order == Some(true),
            None => case.facts.transport_documents.iter().any(|bill| bill.document.to_order == Some(true)),
        };
        let consignor = form.needed(case, bill, (PartyRole::Consignor, CONSIGNOR), gaps);
        let traders = match to_order {
            // To whom the goods go is not known yet, but who is told of them (C583, C584).
            true => Traders {
                consignor,
                notify: form.needed(case, bill, (PartyRole::Notify, &[PartyRole::Notify]), gaps),
                consignee: None,
            },
            false => Traders {
                consignor,
                consignee: form.needed(case, bill, (PartyRole::Consignee, CONSIGNEE), gaps),
                notify: None,
            },
        };
        (traders, to_order)
    };
    let traders: Vec<(Traders, bool)> = lines.iter().map(|line| of_line(line, gaps)).collect();
    type Part = fn(&Traders) -> &Option<Party>;
    let parts: [Part; 3] = [|of| &of.consignor, |of| &of.consignee, |of| &of.notify];
    for (_, to_order) in &traders {
        let mentions = to_order.then(|| Text::new(TO_ORDER).ok().map(AdditionalInformation::new)).flatten();
        declaration.items.push(DeclarationItem {
            additional_information: mentions.into_iter().collect(),
            ..DeclarationItem::new(1)
        });
    }
    for part in parts {
        let first = traders.first().and_then(|(traders, _)| part(traders).clone());
        match traders.iter().all(|(traders, _)| *part(traders) == first) {
            true => declaration.parties.extend(first),
            false => {
                for (item, (traders, _)) in declaration.items.iter_mut().zip(&traders) {
                    item.parties.extend(part(traders).clone());
                }
            }
        }
    }
}

/// One item, with what traders have said of it already.
fn filled(case: &Case<'_>, line: &Line, item: DeclarationItem, gaps: &mut Gaps) -> DeclarationItem {
    let code = line.heading().and_then(|code| HsCode::new(code).ok());
    let description = line.description.as_deref().and_then(|text| cut(text, DESCRIPTION_MAX));
    if code.is_none() && description.is_none() {
        let detail = format!("Nothing says what the goods of {} are: neither words nor a commodity code.", line.name);
        gaps.add(rules::DESCRIPTION, [line.at.clone()], detail, "Whoever sells or carries the goods describes them.");
    }
    let bill = line.bill.and_then(|bill| case.facts.transport_documents.get(bill));
    let bills = match bill {
        Some(bill) => vec![Some(bill)],
        None if case.facts.transport_documents.is_empty() => vec![None],
        None => case.facts.transport_documents.iter().map(Some).collect(),
    };
    DeclarationItem {
        description,
        gross_kg: line.gross_kg.map(|weight| weight.round(3)),
        classification: code.map(TariffClassification::new),
        dangerous_goods: line.dangerous.clone(),
        documents: bills.into_iter().flat_map(|bill| papers::carriage(case, bill)).collect(),
        equipment: line.containers.clone(),
        packages: packages::of(case, line, Counting::Entry, gaps),
        reckoned: line.reckoned.iter().filter(|field| &***field != "netKg").cloned().collect(),
        ..item
    }
}

fn totals(declaration: &mut CustomsDeclaration) {
    declaration.item_count = u32::try_from(declaration.items.len()).ok();
    // What is not packed counts by its pieces, goods in bulk as one (UCC 18 06).
    let counted = declaration.items.iter().flat_map(|item| &item.packages);
    let packages = counted.map(|package| match package.uncounted {
        Some(true) => package.pieces.unwrap_or(1),
        _ => package.count,
    });
    declaration.total_packages = Some(packages.fold(0, u32::saturating_add));
}

/// What all goods weigh: the sum of the items or, where one of them was not weighed, what is said of the whole (C592).
fn weight(case: &Case<'_>, lines: &[Line], declaration: &mut CustomsDeclaration, gaps: &mut Gaps) {
    let weights: Option<Vec<Decimal>> = declaration.items.iter().map(|item| item.gross_kg).collect();
    let whole = || {
        let known: Decimal = declaration.items.iter().filter_map(|item| item.gross_kg).sum();
        let stated = Totals::of(&case.facts).gross_kg?.round(3);
        (!(stated - known).is_negative()).then_some(stated)
    };
    declaration.total_gross_kg = weights.map(|weights| weights.into_iter().sum()).or_else(whole);
    // Express consignments are declared without weights.
    let without = declaration.specific_circumstance.as_deref() == Some("E");
    if declaration.total_gross_kg.is_none() && !without {
        for line in lines.iter().filter(|line| line.gross_kg.is_none()) {
            let detail =
                format!("Nothing says what the goods of {} weigh gross, nor what all of them weigh.", line.name);
            let remedy = "The warehouse weighs them, or the carrier says it in the transport document.";
            gaps.add(rules::WEIGHT, [line.at.clone()], detail, remedy);
        }
    }
}
