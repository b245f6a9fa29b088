//! How the goods come or go, and where they are (DE groups 5 and 7).

use portgate_compose::Said;
use portgate_sdk::canonical::{
    ContainerNumber, Country, CustomsDeclaration, CustomsOffice, GoodsLocation, Leg, Location, MeansOfTransport,
    OfficeRole, Text, TransportEquipment, TransportMode, UnLocode,
};

use crate::data_set::DataSet;
use crate::work::Work;

const DISAGREE: &str = "C-UK-16";
const COUNTRIES: &str = "C-UK-12";
const MEANS: &str = "C-UK-13";

/// Kinds of identifiers of a means of transport (DE 7/7, 7/9).
const IMO_NUMBER: &str = "10";
const NAME_OF_SHIP: &str = "11";
const WAGON: &str = "20";
const REGISTRATION: &str = "30";
const FLIGHT: &str = "40";

pub(crate) fn write(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    countries(work, declaration);
    containers(work, declaration);
    location(work, declaration);
    offices(work, declaration);
    if work.set != DataSet::I1 {
        means(work, declaration);
    }
    if work.set == DataSet::B1 {
        safety(work, declaration);
    }
}

/// From where to where (DE 5/14, 5/8).
fn countries(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    let home = Country::new(crate::JURISDICTION).ok();
    let shipments = &work.facts.shipments;
    let dispatched = Said::by(shipments, "/countryOfDispatch", |shipment| shipment.country_of_dispatch.clone())
        .or(|| Said::by(shipments, "/placeOfLoading", |shipment| country_of(shipment.place_of_loading.as_ref()?)));
    let dispatched = dispatched.one(DISAGREE, "the country that the goods are dispatched from", &mut work.gaps);
    let destined = Said::by(shipments, "/countryOfDestination", |shipment| shipment.country_of_destination.clone())
        .or(|| Said::by(shipments, "/placeOfDischarge", |shipment| country_of(shipment.place_of_discharge.as_ref()?)));
    let destined = destined.one(DISAGREE, "the country that the goods go to", &mut work.gaps);
    let (abroad, at_home, field, what) = match work.set.is_import() {
        true => (dispatched.clone(), destined, "countryOfDispatch", "dispatched from"),
        false => (destined.clone(), dispatched, "countryOfDestination", "destined for"),
    };
    let places = |field: &str| -> Vec<String> {
        shipments.iter().map(|shipment| shipment.at(&format!("/{field}"))).take(4).collect()
    };
    if abroad.is_none() {
        let detail = format!("Nothing says which country the goods are {what}.");
        work.gaps.add(COUNTRIES, places(field), detail, "Who plans the shipment adds the country.");
    }
    // Goods of Northern Ireland go through the customs of the UK as well.
    if let Some(other) = at_home.as_ref().filter(|country| !matches!(country.as_str(), "GB" | "XI")) {
        let own = if work.set.is_import() { "countryOfDestination" } else { "countryOfDispatch" };
        let detail = format!("The goods are declared to the customs of the UK, and the shipment says {other}.");
        work.gaps.add(
            COUNTRIES,
            places(own),
            detail,
            "Policy files this shipment elsewhere, or the country is corrected.",
        );
    }
    let home = at_home.filter(|country| country.as_str() == "XI").or(home);
    (declaration.dispatch_country, declaration.destination_country) = match work.set.is_import() {
        true => (abroad, home.filter(|_| work.set == DataSet::H1)),
        false => (home, abroad),
    };
}

fn country_of(place: &Location) -> Option<Country> {
    let by_code = place.un_locode.as_ref().and_then(|code| Country::new(&code.as_str()[..2]).ok());
    by_code.or_else(|| place.country.clone()).or_else(|| place.address.as_ref()?.country.clone())
}

/// Containers and seals (DE 7/2, 7/10, 7/18).
fn containers(work: &Work<'_>, declaration: &mut CustomsDeclaration) {
    let mut all: Vec<TransportEquipment> = Vec::new();
    let mut add = |id: &str, seals: Vec<Text<32>>| {
        let Ok(id) = Text::new(ContainerNumber::one_form(id)) else { return };
        match all.iter_mut().find(|known| known.container.as_ref() == Some(&id)) {
            Some(known) => {
                known.seals.extend(seals.into_iter().filter(|seal| !known.seals.contains(seal)).collect::<Vec<_>>())
            }
            None => all.push(TransportEquipment { container: Some(id), seals, ..TransportEquipment::default() }),
        }
    };
    for equipment in work.facts.shipments.iter().flat_map(|shipment| &shipment.document.equipment) {
        add(&equipment.id, equipment.seals.clone());
    }
    for equipment in work.facts.transport_documents.iter().flat_map(|bill| &bill.document.equipment) {
        let seals = equipment.seals.iter().filter_map(|seal| Text::new(&*seal.number).ok()).collect();
        equipment.id.iter().for_each(|id| add(id, Vec::clone(&seals)));
    }
    declaration.containerised = Some(!all.is_empty());
    declaration.equipment = all.iter().filter_map(|equipment| equipment.container.clone()).collect();
    // Seals are told where goods leave.
    if work.set != DataSet::B1 {
        all.iter_mut().for_each(|equipment| equipment.seals.clear());
    }
    declaration.transport_equipment = all;
}

/// Where the goods can be examined (DE 5/23): by the port that they come to or leave from, else one for all.
fn location(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    let is_import = work.set.is_import();
    let port = Said::by(&work.facts.shipments, "/placeOfDischarge", |shipment| {
        let place = if is_import { &shipment.place_of_discharge } else { &shipment.place_of_loading };
        place.as_ref()?.un_locode.clone()
    });
    let port =
        port.one(DISAGREE, if is_import { "the port of discharge" } else { "the port of loading" }, &mut work.gaps);
    let by_port = port.as_ref().map(|port: &UnLocode| format!("location.{port}"));
    let of_port = by_port.clone().filter(|name| work.settings.get(name).is_some());
    let name = of_port.unwrap_or_else(|| "location".to_owned());
    if work.settings.get(&name).is_none() {
        let at = port.map(|port| format!(" at {port}")).unwrap_or_default();
        let what = format!("where the goods can be examined{at} (DE 5/23)");
        return work.settings.missing(&by_port.unwrap_or(name), &what, &mut work.gaps);
    }
    let expected = "country, type, qualifier and identifier, such as `GBAUFXTFXTFXT`";
    declaration.location_of_goods = work.settings.shaped(&name, expected, goods_location, &mut work.gaps);
}

/// A location as the UK tariff writes it: the country, the type, what the identifier is, and the identifier.
fn goods_location(text: &str) -> Option<GoodsLocation> {
    let (country, rest) = text.split_at_checked(2)?;
    let (kind, rest) = rest.split_at_checked(1)?;
    let (qualifier, code) = rest.split_at_checked(1)?;
    Some(GoodsLocation {
        country: Some(Country::new(country).ok()?),
        r#type: Some(Text::new(kind).ok()?),
        qualifier: Some(Text::new(qualifier).ok()?),
        ..GoodsLocation::new(Text::new(code).ok()?)
    })
}

/// Offices (DE 5/12, 5/26, 5/27).
fn offices(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    let offices = [
        ("exit-office", OfficeRole::Exit),
        ("presentation-office", OfficeRole::Presentation),
        ("supervising-office", OfficeRole::Supervising),
    ];
    for (name, role) in offices {
        declaration.offices.extend(work.settings.text(name, &mut work.gaps).map(|code| CustomsOffice::new(role, code)));
    }
    if work.set == DataSet::B1 && work.settings.get("exit-office").is_none() {
        work.settings.missing("exit-office", "which office the goods leave through (DE 5/12)", &mut work.gaps);
    }
}

/// The leg over the border: the last that comes in, or the first that goes out.
fn border_leg<'c>(work: &Work<'c>) -> Option<(String, &'c Leg)> {
    let is_home = |place: &Option<Location>| place.as_ref().and_then(country_of).is_some_and(|at| at.as_str() == "GB");
    let legs = work.facts.shipments.iter().flat_map(|shipment| {
        let legs = shipment.document.legs.iter().enumerate();
        legs.map(move |(index, leg)| (shipment.at(&format!("/legs/{index}")), leg))
    });
    let crosses = |(_, leg): &(String, &Leg)| match work.set.is_import() {
        true => is_home(&leg.to) && !is_home(&leg.from),
        false => is_home(&leg.from) && !is_home(&leg.to),
    };
    let crossing: Vec<(String, &Leg)> = legs.filter(crosses).collect();
    match work.set.is_import() {
        true => crossing.into_iter().max_by_key(|(_, leg)| leg.seq),
        false => crossing.into_iter().min_by_key(|(_, leg)| leg.seq),
    }
}

/// Mode, identity and nationality of what the goods come or go with (DE 7/4, 7/5, 7/7, 7/9, 7/14, 7/15).
fn means(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    let leg = border_leg(work);
    let of_shipments = Said::by(&work.facts.shipments, "/mode", |shipment| shipment.mode);
    let of_leg = leg.as_ref().and_then(|(_, leg)| leg.mode);
    let mode = of_leg.or_else(|| of_shipments.one(DISAGREE, "the mode of transport", &mut work.gaps));
    let mode = mode.or_else(|| mode_of(work, "border-mode"));
    let Some(mode) = mode else {
        let places = work.facts.shipments.iter().map(|shipment| shipment.at("/mode")).take(4);
        let remedy = "Who plans the shipment says by what it goes, or policy says it as `border-mode`.";
        let places: Vec<String> = places.collect();
        return work.gaps.add(MEANS, places, "Nothing says by what the goods cross the border (DE 7/4).", remedy);
    };
    declaration.border_mode = Some(mode);
    declaration.inland_mode = mode_of(work, "inland-mode");
    let nationless = matches!(mode, TransportMode::Rail | TransportMode::Mail | TransportMode::Fixed);
    if !nationless {
        let what = "the nationality of the means of transport at the border (DE 7/15)";
        match work.settings.get("border-nationality") {
            Some(_) => {
                let name = "border-nationality";
                declaration.border_nationality = work.settings.read(name, |text| Country::new(text), &mut work.gaps);
            }
            None => work.settings.missing("border-nationality", what, &mut work.gaps),
        }
    }
    if mode == TransportMode::Air && work.set.is_import() {
        declaration.place_of_loading = airport(work);
    }
    let Some((kind, id)) = identity(work, leg.as_ref().map(|(_, leg)| *leg), mode) else {
        if !matches!(mode, TransportMode::Mail | TransportMode::Fixed) {
            let place = leg
                .map(|(place, _)| format!("{place}/transport"))
                .or_else(|| work.facts.shipments.first().map(|shipment| shipment.at("/legs")));
            let what = match mode {
                TransportMode::Sea | TransportMode::Inland => "the ship: its IMO number or its name",
                TransportMode::Air => "the number of the flight",
                _ => "the number of the wagon or the lorry, as the reference `vehicle`",
            };
            let detail =
                format!("The means of transport is not known (DE 7/{}).", if work.set.is_import() { 9 } else { 7 });
            work.gaps.add(MEANS, place, detail, format!("The carrier or who plans the shipment says {what}."));
        }
        return;
    };
    if work.set.is_import() {
        (declaration.arrival_means_type, declaration.arrival_means_id) = (Text::new(kind).ok(), Some(id));
        return;
    }
    let known = MeansOfTransport { id_type: Text::new(kind).ok(), id: Some(id), ..MeansOfTransport::default() };
    declaration.departure_means.push(known.clone());
    declaration.border_means.push(known);
}

/// The airport that the goods were loaded at (DE 5/21), where the shipment has its code of IATA.
fn airport(work: &Work<'_>) -> Option<Location> {
    let places = work.facts.shipments.iter().filter_map(|shipment| shipment.document.place_of_loading.as_ref());
    let coded = |place: &&Location| place.facility_code_list.as_deref() == Some("IATA");
    let code = places.filter(coded).find_map(|place| place.facility_code.clone())?;
    Some(Location { facility_code: Some(code), ..Location::default() })
}

fn mode_of(work: &mut Work<'_>, name: &str) -> Option<TransportMode> {
    work.settings.shaped(name, "a digit of UNECE Recommendation 19", TransportMode::from_rec19, &mut work.gaps)
}

/// What identifies the means of transport, with what kind of identifier that is.
fn identity(work: &Work<'_>, leg: Option<&Leg>, mode: TransportMode) -> Option<(&'static str, Text<35>)> {
    let of_leg = leg.and_then(|leg| leg.transport.as_ref());
    let of_bill = work.facts.transport_documents.iter().flat_map(|bill| &bill.document.voyages).last();
    let transport = of_leg.or(of_bill.map(|voyage| &voyage.transport));
    let text = |text: Option<&str>| Text::new(text?).ok();
    let vehicle = || {
        let names = work.facts.shipments.iter().flat_map(|shipment| &shipment.document.references);
        names.filter(|name| &*name.scheme == "vehicle").map(|name| &*name.value).next_back()
    };
    match mode {
        TransportMode::Sea | TransportMode::Inland => {
            let by_number = text(transport?.vessel_imo.as_deref()).map(|id| (IMO_NUMBER, id));
            by_number.or_else(|| Some((NAME_OF_SHIP, text(transport?.vessel_name.as_deref())?)))
        }
        TransportMode::Air => Some((FLIGHT, text(transport?.voyage.as_deref())?)),
        TransportMode::Rail => Some((WAGON, text(vehicle())?)),
        TransportMode::Road => Some((REGISTRATION, text(vehicle())?)),
        TransportMode::Mail | TransportMode::Fixed => None,
    }
}

/// What an export declaration says of safety and security, where policy has it say so (DE 4/2, 5/18).
fn safety(work: &mut Work<'_>, declaration: &mut CustomsDeclaration) {
    if !work.settings.flag("safety-and-security", false, &mut work.gaps) {
        return;
    }
    let what = "how the carriage is paid (DE 4/2)";
    declaration.transport_charges = work.settings.required("transport-charges", what, &mut work.gaps);
    let countries = [&declaration.dispatch_country, &declaration.destination_country].into_iter().flatten();
    declaration.itinerary = countries.cloned().collect();
    let carrier = work.facts.party(&[portgate_sdk::canonical::PartyRole::Carrier]);
    let known = carrier.and_then(|(_, party)| crate::parties::number(party).map(|_| party.clone()));
    declaration.carriage_parties.extend(known);
}
