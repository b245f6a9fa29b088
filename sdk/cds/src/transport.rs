//! UK12 to UK14: items, containers, totals and means of transport.

use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;

use crate::declared::Declared;

/// Highest number of an item (DE 1/6, n..3).
const ITEM_MAX: u32 = 999;
/// What kinds of identifiers a means of transport can have (DE 7/7, 7/9).
const IDENTIFIERS: [&str; 9] = ["10", "11", "20", "21", "30", "40", "41", "80", "81"];

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    items_are_numbered(declared, judge);
    containers(declared, judge);
    totals(declared, judge);
    means(declared, judge);
}

fn items_are_numbered(declared: &Declared, judge: &mut Judge) {
    if let Some((items, fields)) = declared.items_where("/no", |item| item.no == 0 || item.no > ITEM_MAX) {
        let detail = format!("{items}: items are numbered from 1 to {ITEM_MAX} (DE 1/6; CDS10020, DMS10020).");
        judge.found(
            "UK12",
            Error,
            fields,
            detail,
            "Number the items anew, or declare the goods in several declarations.",
        );
    }
}

/// Goods are in containers exactly if these are named.
fn containers(declared: &Declared, judge: &mut Judge) {
    let says = declared.says();
    let named = !says.equipment.is_empty()
        || says.transport_equipment.iter().any(|equipment| equipment.container.is_some())
        || says.items.iter().any(|item| !item.equipment.is_empty());
    let detail = match (says.containerised, named) {
        (Some(true), false) => "The goods are in containers, and none is named (DE 7/2, 7/10; CDS12070).",
        (Some(false), true) => "Containers are named, and the goods are in none (DE 7/2, 7/10; CDS12075).",
        _ => return,
    };
    let fields = [declared.at("/containerised"), declared.at("/equipment")];
    judge.found("UK13", Error, fields, detail, "Name the containers, or say that there are none.");
}

fn totals(declared: &Declared, judge: &mut Judge) {
    if declared.says().total_packages == Some(0) {
        let detail = "The declaration is of no packages at all (DE 6/18; CDS12123).";
        judge.found("UK12", Error, [declared.at("/totalPackages")], detail, "Declare how many packages there are.");
    }
}

/// What identifies a means of transport is of a kind that is known.
fn means(declared: &Declared, judge: &mut Judge) {
    let says = declared.says();
    let arrival = says.arrival_means_type.iter().map(|kind| (kind, "/arrivalMeansType".to_owned()));
    let departure = says.departure_means.iter().enumerate();
    let departure = departure
        .filter_map(|(index, means)| Some((means.id_type.as_ref()?, format!("/departureMeans/{index}/idType"))));
    for (kind, field) in arrival.chain(departure) {
        if !IDENTIFIERS.contains(&&**kind) {
            let detail =
                format!("{} is no kind of identifier of a means of transport (DE 7/7, 7/9; CDS10020).", &**kind);
            let remedy =
                "Declare 10 or 11 for a ship, 20 a wagon, 30 a vehicle, 40 or 41 an aircraft, 80 or 81 a barge.";
            judge.found("UK14", Error, [declared.at(&field)], detail, remedy);
        }
    }
}
