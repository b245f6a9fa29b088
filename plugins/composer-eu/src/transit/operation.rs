//! What a transit is as such: its type, its offices, who answers for it, and by when it ends.

use portgate_compose::Gaps;
use portgate_sdk::canonical::{
    Address, Authorisation, Country, CustomsDeclaration, CustomsOffice, Date, OfficeRole, Party, PartyId, PartyRole,
    Text,
};

use crate::case::{Case, office_number};
use crate::countries::is_common_transit;
use crate::days::later;
use crate::parties::{self, Form, Found};
use crate::route::Route;
use crate::rules;

/// The authorisation to send goods from one's own place (UCC, column `ACR`).
const AUTHORISED_CONSIGNOR: &str = "C521";

/// A TIR holder's number.
const TIR_HOLDER: &str = "TIR";

/// The number of an office that policy must have.
pub(super) fn office(case: &Case<'_>, setting: &str, what: &str, gaps: &mut Gaps) -> Option<Text<17>> {
    let written: Text<17> = case.settings.required(setting, what, gaps)?;
    let number = office_number(&written);
    if number.is_none() {
        case.settings.unusable(setting, &written, "the number of an office, such as `NL000396`", gaps);
    }
    number
}

/// Whether there are security data in it (UCC 11 07): of entry, of exit, or both.
pub(super) fn has_security(declaration: &CustomsDeclaration) -> bool {
    declaration.security.as_deref().is_some_and(|security| security != "0")
}

/// Whether the goods are not presented yet.
fn is_early(declaration: &CustomsDeclaration) -> bool {
    declaration.additional_type_code.as_deref() == Some("D")
}

/// Whether it is a TIR operation.
fn is_tir(declaration: &CustomsDeclaration) -> bool {
    declaration.type_code.as_deref() == Some("TIR")
}

/// Types, indicators, authorisations and the last day.
pub(super) fn operation(case: &Case<'_>, route: &Route, declaration: &mut CustomsDeclaration, gaps: &mut Gaps) {
    let settings = &case.settings;
    declaration.type_code = settings.required("declaration-type", "which transit it is (`T1`, `T2`, `TIR` …)", gaps);
    if declaration.type_code.as_deref() == Some("T") {
        let expected =
            "a type that all goods have: of goods of several types each would have its own, which nothing says";
        settings.unusable("declaration-type", "T", expected, gaps);
    }
    let one_of = |name: &str, allowed: &[&str], otherwise: &str, gaps: &mut Gaps| {
        let value = settings.get(name).unwrap_or(otherwise);
        if !allowed.contains(&value) {
            settings.unusable(name, value, &format!("one of {}", allowed.join(", ")), gaps);
        }
        Text::new(value).ok()
    };
    declaration.additional_type_code = one_of("additional-declaration-type", &["A", "D"], "A", gaps);
    declaration.security = one_of("security", &["0", "1", "2", "3"], "0", gaps);
    declaration.reduced_dataset = Some(settings.flag("reduced-dataset", false, gaps));
    declaration.binding_itinerary = Some(settings.flag("binding-itinerary", false, gaps));
    declaration.specific_circumstance = settings.text("specific-circumstance", gaps);
    declaration.language = settings.text("language", gaps);
    if is_tir(declaration) {
        declaration.tir_carnet = settings.required("tir-carnet", "the number of the TIR carnet", gaps);
    }
    for entry in settings.list("authorisations") {
        let parts = entry.split_once(':').and_then(|(kind, number)| {
            let reference = Some(Text::new(number).ok()?);
            Some(Authorisation { reference, ..Authorisation::new(Text::new(kind).ok()?) })
        });
        match parts {
            Some(authorisation) => declaration.authorisations.push(authorisation),
            None => settings.unusable("authorisations", entry, "a type and a number, as `C521:NLACR1`", gaps),
        }
    }
    if declaration.reduced_dataset == Some(true) && declaration.authorisations.is_empty() {
        settings.missing("authorisations", "what allows the reduced data set (C0101)", gaps);
    }
    declaration.limit_date = limit(case, route, declaration, gaps);
}

/// The last day, which who sends from an own place sets (C0839): so many days after the goods leave, by policy.
fn limit(case: &Case<'_>, route: &Route, declaration: &CustomsDeclaration, gaps: &mut Gaps) -> Option<Date> {
    if !declaration.authorisations.iter().any(|one| &*one.r#type == AUTHORISED_CONSIGNOR) {
        return None;
    }
    let days = case.settings.get("limit-days").and_then(|written| {
        let days = written.parse::<u32>().ok().filter(|days| *days <= 365);
        if days.is_none() {
            case.settings.unusable("limit-days", written, "a number of days, 0 to 365", gaps);
        }
        days
    });
    let leaves = route.departs_on(case);
    let limit = leaves.as_ref().zip(days).and_then(|((_, day), days)| later(day, days));
    if limit.is_none() && !is_early(declaration) {
        let legs = case.facts.shipments.iter().map(|shipment| shipment.at("/legs"));
        let detail = "An authorised consignor says by which day the goods reach their destination, and the day on which they leave is not known, or not how many days they have.";
        let remedy = "Who plans the transport says when the first leg departs, who keeps the policies how many days it takes (`limit-days`).";
        gaps.add(rules::LIMIT, legs.take(16), detail, remedy);
    }
    limit
}

/// The offices on the way, with the times at which the goods come there.
pub(super) fn offices(
    case: &Case<'_>,
    route: &Route,
    (departure, destination): (Text<17>, Text<17>),
    declaration: &mut CustomsDeclaration,
    gaps: &mut Gaps,
) {
    let of = |office: &Text<17>| office.chars().take(2).collect::<String>();
    let (from, to) = (of(&departure), of(&destination));
    let listed = |setting: &str, gaps: &mut Gaps| -> Vec<Text<17>> {
        let read = |written: &&str| {
            let number = office_number(written);
            if number.is_none() {
                case.settings.unusable(setting, written, "numbers of offices, such as `GB000060`", gaps);
            }
            number
        };
        case.settings.list(setting).iter().filter_map(read).collect()
    };
    let transit = listed("offices-of-transit", gaps);
    let exit = listed("offices-of-exit-for-transit", gaps);
    // C0030: whoever leaves or enters the Union on the way names the offices where that is.
    let common = [from.as_str(), to.as_str()].into_iter().any(|country| is_common_transit(country) || country == "AD");
    let within_one = from == to;
    let is_union = declaration.type_code.as_deref() == Some("T2");
    if !is_tir(declaration) && transit.is_empty() && !within_one && (common || is_union || !exit.is_empty()) {
        case.settings.missing("offices-of-transit", "where the goods enter another territory on their way", gaps);
    }
    declaration.offices.push(CustomsOffice::new(OfficeRole::Departure, departure));
    declaration.offices.push(CustomsOffice::new(OfficeRole::Destination, destination));
    for reference in if is_tir(declaration) { Vec::new() } else { transit } {
        let expected_at = route.arrival_in(case, &of(&reference));
        if expected_at.is_none() && matches!(declaration.security.as_deref(), Some("1" | "3")) {
            let legs = case.facts.shipments.iter().map(|shipment| shipment.at("/legs"));
            let detail = format!("Nothing says when the goods come to the office of transit {reference}.");
            let remedy = "Who plans the transport says when the leg arrives that ends in its country.";
            gaps.add(rules::ARRIVAL, legs.take(16), detail, remedy);
        }
        declaration.offices.push(CustomsOffice { expected_at, ..CustomsOffice::new(OfficeRole::Transit, reference) });
    }
    let exits = exit.into_iter().map(|office| CustomsOffice::new(OfficeRole::ExitForTransit, office));
    declaration.offices.extend(exits);
}

/// Who answers for the transit, and who declares it for that one.
pub(super) fn holder(case: &Case<'_>, form: &Form, declaration: &mut CustomsDeclaration, gaps: &mut Gaps) {
    let role = PartyRole::HolderOfTransitProcedure;
    let mut written = Party::new(role);
    let eori: Option<Text<17>> = case.settings.text("holder", gaps);
    written.ids.extend(eori.and_then(parties::eori));
    written.name = case.settings.text("holder-name", gaps);
    written.contact = case.settings.text("holder-contact", gaps);
    written.phone = case.settings.text("holder-phone", gaps);
    written.email = case.settings.text("holder-email", gaps);
    let street: Option<Text<256>> = case.settings.text("holder-street", gaps);
    let address = Address {
        lines: street.into_iter().collect(),
        postcode: case.settings.text("holder-postcode", gaps),
        city: case.settings.text("holder-city", gaps),
        country: case.settings.read("holder-country", |code| Country::new(code), gaps),
        ..Address::default()
    };
    written.address = Some(address).filter(|address| *address != Address::default());
    let known = written.ids.iter().any(|id| form.stands_alone(&id.value));
    let whole = written.name.is_some()
        && written.address.as_ref().is_some_and(|address| {
            !address.lines.is_empty()
                && address.city.is_some()
                && address.postcode.is_some()
                && address.country.is_some()
        });
    if !known && !whole {
        let what = "who holds the transit procedure: by an EORI number that this customs gave, or by name, street, postcode, city and country (`holder-name` …)";
        case.settings.missing("holder", what, gaps);
        return;
    }
    let found = Found { at: String::new(), party: &written };
    let mut holder = form.party(role, &found, gaps);
    if is_tir(declaration) {
        let number: Option<Text<64>> =
            case.settings.required("holder-tir", "the holder's number of the TIR procedure", gaps);
        let id = number.zip(Text::new(TIR_HOLDER).ok()).map(|(number, scheme)| PartyId::new(scheme, number));
        holder.iter_mut().for_each(|holder| holder.ids.extend(id.clone()));
    }
    declaration.parties.extend(holder);
    if let Some(mut representative) = parties::settled(case, PartyRole::Representative, "representative", gaps) {
        representative.representation_status =
            case.settings.text("representative-status", gaps).or(Text::new("2").ok());
        representative.contact = case.settings.text("representative-contact", gaps);
        representative.phone = case.settings.text("representative-phone", gaps);
        representative.email = case.settings.text("representative-email", gaps);
        declaration.parties.push(representative);
    }
}
