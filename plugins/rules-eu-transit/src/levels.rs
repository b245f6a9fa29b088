//! What is said once: of the whole, or of house consignments, or of items; and not the same of all of them.

use std::collections::BTreeSet;

use crate::conditions::Conditions;
use crate::conditions::Error::{Missing, Rule, Spare};
use crate::conditions::any;

/// A particular on each level, as texts to be compared.
struct Levels {
    field: &'static str,
    called: &'static str,
    whole: Option<String>,
    /// Of each house consignment, with its number.
    houses: Vec<(u32, Option<String>)>,
    /// Of each item, with its number and that of its house.
    items: Vec<(u32, Option<u32>, Option<String>)>,
}

pub(crate) fn judge(conditions: &mut Conditions) {
    let document = conditions.document();
    let houses = || document.houses.iter();
    let items = || document.items.iter();
    let dispatch = Levels {
        field: "dispatchCountry",
        called: "country of dispatch",
        whole: document.dispatch_country.as_ref().map(ToString::to_string),
        houses: houses().map(|house| (house.no, house.dispatch_country.as_ref().map(ToString::to_string))).collect(),
        items: items()
            .map(|item| (item.no, item.house, item.dispatch_country.as_ref().map(ToString::to_string)))
            .collect(),
    };
    let destination = Levels {
        field: "destinationCountry",
        called: "country of destination",
        whole: document.destination_country.as_ref().map(ToString::to_string),
        houses: houses().map(|house| (house.no, house.destination_country.as_ref().map(ToString::to_string))).collect(),
        items: items()
            .map(|item| (item.no, item.house, item.destination_country.as_ref().map(ToString::to_string)))
            .collect(),
    };
    let ucr = Levels {
        field: "ucr",
        called: "unique consignment reference",
        whole: document.ucr.as_ref().map(ToString::to_string),
        houses: houses().map(|house| (house.no, house.ucr.as_ref().map(ToString::to_string))).collect(),
        items: items().map(|item| (item.no, item.house, item.ucr.as_ref().map(ToString::to_string))).collect(),
    };
    once(conditions, "C0909", &dispatch, true);
    once(conditions, "C0343", &destination, true);
    let documented = |house: Option<u32>| {
        let of_house = document.houses.iter().find(|other| Some(other.no) == house);
        any(&[&document.transport_documents]) || of_house.is_some_and(|house| any(&[&house.transport_documents]))
    };
    once(conditions, "C0502", &ucr, !document.items.iter().all(|item| documented(item.house)));
    for levels in [&dispatch, &destination, &ucr] {
        different(conditions, levels);
    }
    charges(conditions);
    kinds(conditions);
}

/// What is said of the whole is not said of a house, and what of a house not of its items; if it is asked for, somebody says it.
fn once(conditions: &mut Conditions, rule: &str, levels: &Levels, asked: bool) {
    let Levels { field, called, whole, houses, items } = levels;
    if whole.is_some() {
        for (index, (no, _)) in houses.iter().enumerate().filter(|(_, (_, own))| own.is_some()) {
            let wrong = format!("A {called} is said of the whole, and of house consignment {no}.");
            let fields = [format!("/houses/{index}/{field}"), format!("/{field}")];
            conditions.broken(
                rule,
                Spare,
                fields,
                wrong,
                "Say it of the whole where it is the same for all, else below.",
            );
        }
    }
    for (index, (no, house, own)) in items.iter().enumerate() {
        let of_house = houses.iter().position(|(other, own)| Some(*other) == *house && own.is_some());
        let above = match (whole, of_house) {
            (Some(_), _) => Some(format!("/{field}")),
            (None, Some(at)) => Some(format!("/houses/{at}/{field}")),
            (None, None) => None,
        };
        let at = format!("/items/{index}/{field}");
        match (own, above) {
            (Some(_), Some(above)) => {
                let wrong = format!("A {called} is said of item {no}, and of what it is in.");
                conditions.broken(
                    rule,
                    Spare,
                    [at, above],
                    wrong,
                    "Say it of the whole where it is the same for all, else below.",
                );
            }
            (None, None) if asked => {
                let wrong = format!(
                    "No {called} is said: neither of the whole, nor of the house consignment, nor of item {no}."
                );
                conditions.broken(
                    rule,
                    Missing,
                    [format!("/{field}"), at],
                    wrong,
                    "Say it of the whole where it is the same for all, else below.",
                );
            }
            _ => {}
        }
    }
}

/// R0506, R0507: what is the same for all is said once, above them.
fn different(conditions: &mut Conditions, levels: &Levels) {
    let Levels { field, called, houses, items, .. } = levels;
    if let Some(value) = same(houses.iter().map(|(_, own)| own.as_deref())) {
        let wrong = format!("All house consignments have the same {called}, {value}.");
        let fields = (0..houses.len().min(16)).map(|at| format!("/houses/{at}/{field}"));
        conditions.broken("R0506", Rule, fields, wrong, "Say it of the whole.");
    }
    if let Some(value) = same(items.iter().map(|(_, _, own)| own.as_deref())) {
        let wrong = format!("All items have the same {called}, {value}.");
        let fields = (0..items.len().min(16)).map(|at| format!("/items/{at}/{field}"));
        conditions.broken("R0507", Rule, fields, wrong, "Say it of the whole.");
    }
}

/// The value that two or more all have.
fn same<'v>(values: impl Iterator<Item = Option<&'v str>>) -> Option<&'v str> {
    let values: Vec<Option<&str>> = values.collect();
    let distinct: BTreeSet<Option<&str>> = values.iter().copied().collect();
    match (values.len(), distinct.len(), distinct.first()) {
        (2.., 1, Some(value)) => *value,
        _ => None,
    }
}

/// C0186, C0337: how the carriage is paid is security data, and said once.
fn charges(conditions: &mut Conditions) {
    let document = conditions.document();
    let whole = document.transport_charges.is_some();
    let of_houses: Vec<String> = conditions
        .houses()
        .filter(|(_, house)| house.transport_charges.is_some())
        .map(|(place, _)| format!("{place}/transportCharges"))
        .collect();
    if conditions.security() == "0" && (whole || !of_houses.is_empty()) {
        let named = whole.then(|| "/transportCharges".to_owned()).into_iter().chain(of_houses).take(16);
        let wrong = "How the carriage is paid is said, and there are no security data.";
        conditions.broken(
            "C0186",
            Spare,
            named.collect::<Vec<_>>(),
            wrong,
            "Leave it out, or declare the security data.",
        );
    } else if let (true, Some(first)) = (whole, of_houses.first()) {
        let wrong = "How the carriage is paid is said of the whole, and of a house consignment.";
        conditions.broken(
            "C0337",
            Spare,
            [first.as_str(), "/transportCharges"],
            wrong,
            "Say it of the whole, or of the houses.",
        );
    }
}

/// C0045, R0507: a declaration of type T has items of both kinds.
fn kinds(conditions: &mut Conditions) {
    let is_mixed = conditions.kind() == "T";
    for (place, item) in conditions.items() {
        let fields = [format!("{place}/typeCode"), "/typeCode".to_owned()];
        match (&item.type_code, is_mixed) {
            (None, true) => {
                let wrong =
                    format!("The declaration is of type T, and item {} does not say which kind it is.", item.no);
                conditions.broken("C0045", Missing, fields, wrong, "Say T1, T2 or T2F of the item.");
            }
            (Some(kind), false) => {
                let wrong =
                    format!("Item {} is {}, and the declaration is of type {}.", item.no, &**kind, conditions.kind());
                conditions.broken("C0045", Spare, fields, wrong, "Leave it out on the item, or declare type T.");
            }
            _ => {}
        }
    }
    let items = &conditions.document().items;
    if let Some(kind) = same(items.iter().map(|item| item.type_code.as_deref())).filter(|_| is_mixed) {
        let wrong = format!("All items are {kind}, and the declaration is of type T, which is for several kinds.");
        conditions.broken("R0507", Rule, ["/typeCode", "/items"], wrong, "Declare the type of the items.");
    }
}
