//! R16: places that exist, and that a means of transport of that mode can go to.

use portgate_sdk::Severity::{Info, Warning};
use portgate_sdk::canonical::{Location, TransportMode};
use portgate_sdk::{Judge, reference};
use serde_json::Value;

use crate::shipment::Facts;

/// The places of UN/LOCODE, each with its functions. The table may have countries as well, by ISO 3166-1: then all of its places
/// are there, and one that is not does not exist. Without them a place that is not there is only not known.
const PLACES: &str = "unlocode";

/// `now` is an RFC 3339 instant in UTC: places are looked up as of that day.
pub(crate) fn judge(facts: &Facts, now: &str, judge: &mut Judge) {
    let today = now.get(..10).unwrap_or_default();
    let mut look = |place: Option<&Location>, at: String, mode: Option<TransportMode>| {
        if let Some(place) = place {
            exists(place, &at, mode, today, judge);
        }
    };
    for shipment in &facts.shipments {
        let says = &shipment.document;
        look(says.place_of_loading.as_ref(), shipment.at("/placeOfLoading"), says.mode);
        look(says.place_of_discharge.as_ref(), shipment.at("/placeOfDischarge"), says.mode);
        for (index, leg) in says.legs.iter().enumerate() {
            look(leg.from.as_ref(), shipment.at(&format!("/legs/{index}/from")), leg.mode);
            look(leg.to.as_ref(), shipment.at(&format!("/legs/{index}/to")), leg.mode);
        }
    }
    for declaration in &facts.declarations {
        let says = &declaration.document;
        let of_terms = says.incoterm.as_ref().and_then(|incoterm| incoterm.place.as_ref());
        look(of_terms, declaration.at("/incoterm/place"), None);
        look(says.place_of_loading.as_ref(), declaration.at("/placeOfLoading"), says.border_mode);
        look(says.place_of_unloading.as_ref(), declaration.at("/placeOfUnloading"), says.border_mode);
    }
}

fn exists(place: &Location, at: &str, mode: Option<TransportMode>, today: &str, judge: &mut Judge) {
    let Some(code) = &place.un_locode else {
        // A code that stands where a UN/LOCODE is wanted and is of nobody's list of facilities is a mistake in one.
        if let (Some(code), None, None) = (&place.facility_code, &place.facility_code_list, &place.name) {
            let detail = format!("{} is no UN/LOCODE: two letters of a country, three of a place.", &**code);
            judge.found(
                "R16",
                Warning,
                [format!("{at}/facilityCode")],
                detail,
                "Take the code of the place from the list.",
            );
        }
        return;
    };
    let code = code.as_str();
    let Some(known) = reference::lookup(PLACES, code, today) else {
        let country = code.get(..2).unwrap_or_default();
        if reference::lookup(PLACES, country, today).is_some() {
            let detail = format!("UN/LOCODE has no place {code}.");
            let remedy =
                "Take the code of the place from the list, or have the edition of the list brought up to date.";
            judge.found("R16", Warning, [format!("{at}/unLocode")], detail, remedy);
        }
        return;
    };
    let (Some(mode), Some(functions)) = (mode, functions(&known)) else { return };
    let (wanted, what) = match mode {
        TransportMode::Sea => (["1", "8"], "port"),
        TransportMode::Rail => (["2", "6"], "rail terminal"),
        TransportMode::Air => (["4", "4"], "airport"),
        // Roads lead everywhere, and the list seldom says so.
        _ => return,
    };
    if !functions.iter().any(|function| wanted.contains(&function.as_str())) {
        let detail = format!("{code} has no {what} in UN/LOCODE.");
        judge.found("R16", Info, [format!("{at}/unLocode")], detail, "Look whether mode or place is another.");
    }
}

/// What can be done at a place, by the digits of the list. Nothing where the table says nothing of it.
fn functions(known: &str) -> Option<Vec<String>> {
    let known: Value = serde_json::from_str(known).ok()?;
    let functions = known.get("functions")?.as_array()?.iter().filter_map(|one| one.as_str().map(str::to_owned));
    Some(functions.collect::<Vec<_>>()).filter(|functions| !functions.is_empty())
}
