//! Customs offices: which there are, where, and which must not be the same.

use portgate_sdk::canonical::OfficeRole::{Destination, ExitForTransit, Transit};

use crate::conditions::Error::{Missing, Rule, Spare};
use crate::conditions::{Conditions, country};
use crate::lists::{COMMON, UNION, is_of_security_area};

const OFFICES: [&str; 1] = ["/offices"];
/// Countries that are in a customs union with the Union.
const IN_CUSTOMS_UNION: [&str; 2] = ["AD", "SM"];

pub(crate) fn judge(conditions: &mut Conditions) {
    of_transit(conditions);
    between(conditions);
    of_exit(conditions);
    arrivals(conditions);
    by_kind(conditions);
}

/// C0030: whether offices of transit must be named.
fn of_transit(conditions: &mut Conditions) {
    let is_named = conditions.offices(Transit).next().is_some();
    let (from, to) = (conditions.departure(), conditions.destination());
    if matches!(conditions.kind(), "TIR" | "T2SM") {
        if is_named {
            let wrong = format!("An office of transit is named, and a {} has none.", conditions.kind());
            conditions.broken("C0030", Spare, OFFICES, wrong, "Leave it out.");
        }
        return;
    }
    let within_one = COMMON.contains(&from) && from == to;
    if is_named || within_one {
        return;
    }
    let of_union_goods = conditions.kind() == "T2"
        || (conditions.kind() == "T" && conditions.items().any(|(_, item)| item.type_code.as_deref() == Some("T2")));
    let passes_another = conditions.document().itinerary.iter().any(|country| COMMON.contains(&country.as_str()));
    let why = if of_union_goods {
        "Union goods leave the Union on their way (T2)"
    } else if COMMON.contains(&from) || COMMON.contains(&to) || passes_another {
        "The goods enter the territory of another party of the convention"
    } else if from == "AD" || to == "AD" {
        "The goods enter or leave Andorra"
    } else if conditions.offices(ExitForTransit).next().is_some() {
        "An office of exit for transit is named"
    } else {
        return;
    };
    let wrong = format!("{why}, and no office of transit is named.");
    conditions.broken("C0030", Missing, OFFICES, wrong, "Name the office where the goods enter each territory.");
}

fn between(conditions: &mut Conditions) {
    let named: Vec<_> = conditions.offices(Transit).collect();
    for (index, (at, office)) in named.iter().enumerate() {
        if let Some((other, _)) = named[..index].iter().find(|(_, other)| other.reference == office.reference) {
            let wrong = format!("The office of transit {} is named twice.", &*office.reference);
            conditions.broken("R0003", Rule, [at, other], wrong, "Name it once.");
        }
    }
    if named.is_empty() {
        return;
    }
    let (from, to) = (conditions.departure(), conditions.destination());
    let countries: Vec<&str> = named.iter().map(|(_, office)| country(office)).collect();
    if COMMON.contains(&to) && from != to && !countries.contains(&to) {
        let wrong = format!("The goods go to {to}, and no office of transit is there.");
        conditions.broken("R0006", Rule, OFFICES, wrong, "Name the office where the goods enter that country.");
    }
    if COMMON.contains(&from) && UNION.contains(&to) && !countries.iter().any(|country| UNION.contains(country)) {
        let wrong = format!("The goods go from {from} into the Union, and no office of transit is in it.");
        conditions.broken("R0006", Rule, OFFICES, wrong, "Name the office where the goods enter the Union.");
    }
    if to == "AD" && !countries.iter().all(|country| *country == "AD") {
        conditions.broken(
            "R0906",
            Rule,
            OFFICES,
            "The goods go to Andorra over an office of transit elsewhere.",
            "Name the office of transit in Andorra.",
        );
    }
}

fn of_exit(conditions: &mut Conditions) {
    let leaves = conditions.offices(Transit).any(|(_, office)| !is_of_security_area(country(office)));
    let allowed = matches!(conditions.security(), "2" | "3") && leaves;
    for (at, office) in conditions.offices(ExitForTransit) {
        if !allowed {
            let wrong =
                "An office of exit for transit is named, and the goods do not leave the security area with exit data.";
            conditions.broken("C0587", Spare, [at.as_str(), "/security"], wrong, "Leave it out.");
        }
        let others = conditions.offices(Transit).chain(conditions.offices(Destination));
        for (other, _) in others.filter(|(_, other)| other.reference == office.reference) {
            let wrong = format!(
                "The office of exit for transit {} is one of transit or destination as well.",
                &*office.reference
            );
            conditions.broken(
                "R0103",
                Rule,
                [&at, &other],
                wrong,
                "Name the office where the goods leave the security area.",
            );
        }
    }
}

fn arrivals(conditions: &mut Conditions) {
    if !matches!(conditions.security(), "1" | "3") {
        return;
    }
    for (at, office) in conditions.offices(Transit) {
        if office.expected_at.is_none() && is_of_security_area(country(office)) {
            let wrong = format!(
                "When the goods reach the office of transit {} is not said, as entry data ask.",
                &*office.reference
            );
            conditions.broken(
                "C0598",
                Missing,
                [format!("{at}/expectedAt")],
                wrong,
                "Say when the goods are expected there.",
            );
        }
    }
}

/// Where a TIR operation, and a transit from or to Andorra and San Marino, may begin and end.
fn by_kind(conditions: &mut Conditions) {
    let (from, to) = (conditions.departure(), conditions.destination());
    if to.is_empty() {
        return;
    }
    let fields = ["/offices", "/typeCode"];
    let is_of_union_goods = matches!(conditions.kind(), "T2" | "T2F")
        || conditions.items().any(|(_, item)| matches!(item.type_code.as_deref(), Some("T2" | "T2F")));
    if conditions.is_tir() && !(UNION.contains(&from) && UNION.contains(&to)) {
        conditions.broken(
            "R0901",
            Rule,
            fields,
            "A TIR operation begins and ends within the Union.",
            "Name offices of the Union, or declare another kind.",
        );
    }
    if IN_CUSTOMS_UNION.contains(&from) && !UNION.contains(&to) {
        let wrong = format!("A transit from {from} ends in the Union, and this one in {to}.");
        conditions.broken("R0904", Rule, OFFICES, wrong, "Name an office of destination in the Union.");
    }
    if COMMON.contains(&from) && IN_CUSTOMS_UNION.contains(&to) {
        let wrong = format!("A transit from {from} does not end in {to}.");
        conditions.broken("R0905", Rule, OFFICES, wrong, "Name an office of destination in the Union.");
    }
    if to == "SM" {
        if from == "IT" && conditions.kind() != "T2SM" {
            conditions.broken("R0909", Rule, fields, "From Italy to San Marino goods go as T2SM.", "Declare T2SM.");
        } else if from != "IT" && UNION.contains(&from) && !is_of_union_goods {
            conditions.broken(
                "R0909",
                Rule,
                fields,
                "From the Union to San Marino goods go as T2 or T2F.",
                "Declare T2 or T2F.",
            );
        }
    }
    if from == "SM" && UNION.contains(&to) && !matches!(conditions.kind(), "T2" | "T2F") {
        conditions.broken(
            "R0911",
            Rule,
            fields,
            "From San Marino into the Union goods go as T2 or T2F.",
            "Declare T2 or T2F.",
        );
    }
}
