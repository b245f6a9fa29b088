//! UK20, UK21, UK27 to UK29: commodity code, destination, preference and quota, valuation, goods of little value.

use portgate_cds::{Category, Declared, has_additional};
use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;
use portgate_sdk::canonical::{Decimal, DeclarationItem, Money};

/// Digits of a commodity code for import (DE 6/14 and 6/15).
const DIGITS: usize = 10;
/// The territories of the UK's customs.
const HOME: [&str; 5] = ["GB", "XI", "JE", "GG", "IM"];
/// What the goods of a reduced declaration are worth at most, in pounds.
const LITTLE: i64 = 135;

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    digits(declared, judge);
    destination(declared, judge);
    for (item, place) in declared.items() {
        preference(item, &place, judge);
        valuation(item, &place, judge);
    }
    little_value(declared, judge);
}

fn digits(declared: &Declared, judge: &mut Judge) {
    // A reduced declaration and a clearance request may say less.
    if matches!(declared.category, None | Some(Category::H7 | Category::C21Import)) {
        return;
    }
    let is_not_whole = |item: &DeclarationItem| {
        item.classification.as_ref().is_some_and(|code| {
            code.commodity.as_str().len() + code.taric.as_ref().map_or(0, |taric| taric.len()) != DIGITS
        })
    };
    if let Some((items, fields)) = declared.items_where("/classification/commodity", is_not_whole) {
        let detail = format!(
            "{items}: a commodity code for import has {DIGITS} digits, eight and two (DE 6/14, 6/15; CDS10004)."
        );
        judge.found("UK20", Error, fields, detail, "Have the goods classified by the UK's tariff.");
    }
}

fn destination(declared: &Declared, judge: &mut Judge) {
    let is_abroad = |country: Option<&str>| country.is_some_and(|country| !HOME.contains(&country));
    let mut found = |fields: Vec<String>| {
        let detail = "Goods for import go to a country that is not the UK (DE 5/8; CDS10020).";
        judge.found("UK21", Error, fields, detail, "Declare GB, or an export or a transit.");
    };
    if is_abroad(declared.says().destination_country.as_ref().map(|country| country.as_str())) {
        found(vec![declared.at("/destinationCountry"), declared.at("/typeCode")]);
    }
    let item_is = |item: &DeclarationItem| is_abroad(item.destination_country.as_ref().map(|country| country.as_str()));
    if let Some((_, fields)) = declared.items_where("/destinationCountry", item_is) {
        found(fields);
    }
}

/// A preference has three digits, and one by a quota its order number; an order number has such a preference.
fn preference(item: &DeclarationItem, place: &str, judge: &mut Judge) {
    let quota = item.tax_lines.iter().enumerate().find_map(|(index, line)| Some((index, line.quota.as_deref()?)));
    let Some(preference) = item.preference.as_deref() else {
        return;
    };
    let field = format!("{place}/preference");
    let is_shaped = preference.len() == 3
        && preference.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(preference.as_bytes()[0], b'1'..=b'4');
    if !is_shaped {
        let detail = format!("Item {}: {preference} is no preference (DE 4/17; CDS10020).", item.no);
        judge.found("UK27", Error, [field], detail, "Declare three digits, 100 where none is claimed.");
        return;
    }
    let by_quota = matches!(&preference[1..], "20" | "23" | "25" | "28");
    match quota {
        None if by_quota => {
            let detail = format!(
                "Item {} claims a quota by preference {preference}, and no order number (DE 8/1; CDS12070).",
                item.no
            );
            let fields = [format!("{place}/taxLines"), field];
            judge.found("UK27", Error, fields, detail, "Declare the order number of the quota, or another preference.");
        }
        Some((index, number)) if !by_quota => {
            let detail = format!(
                "Item {} has order number {number}, and preference {preference}, which is by no quota (DE 4/17, 8/1; CDS12056).",
                item.no
            );
            let fields = [field, format!("{place}/taxLines/{index}/quota")];
            judge.found(
                "UK27",
                Error,
                fields,
                detail,
                "Claim the quota, such as by 120 or 320, or leave the number out.",
            );
        }
        Some((index, number)) if !is_order_number(number) => {
            let detail = format!("Item {}: {number} is no order number of a quota (DE 8/1; CDS10010).", item.no);
            let fields = [format!("{place}/taxLines/{index}/quota")];
            judge.found("UK27", Error, fields, detail, "Declare the six digits, which begin with 05 or 09.");
        }
        _ => {}
    }
}

fn is_order_number(number: &str) -> bool {
    number.len() == 6 && number.bytes().all(|byte| byte.is_ascii_digit()) && matches!(&number[..2], "05" | "09")
}

/// Methods are 1 to 6; indicators are four, each yes or no.
fn valuation(item: &DeclarationItem, place: &str, judge: &mut Judge) {
    if let Some(method) =
        item.valuation_method.as_deref().filter(|method| !matches!(*method, "1" | "2" | "3" | "4" | "5" | "6"))
    {
        let detail = format!("Item {}: {method} is no valuation method (DE 4/16; CDS10020).", item.no);
        judge.found("UK28", Error, [format!("{place}/valuationMethod")], detail, "Declare 1 to 6.");
    }
    let is_shaped =
        |indicators: &str| indicators.len() == 4 && indicators.bytes().all(|byte| matches!(byte, b'0' | b'1'));
    if let Some(indicators) = item.valuation_indicators.as_deref().filter(|indicators| !is_shaped(indicators)) {
        let detail = format!("Item {}: {indicators} are no valuation indicators (DE 4/13; CDS10010).", item.no);
        judge.found("UK28", Error, [format!("{place}/valuationIndicators")], detail, "Declare four times 0 or 1.");
    }
}

/// A reduced declaration (`1H7`) is of goods that are let in free for their value (`C07`) or as gifts (`C08`), and of little value.
fn little_value(declared: &Declared, judge: &mut Judge) {
    if declared.category != Some(Category::H7) {
        return;
    }
    let says = declared.says();
    let has_no_relief =
        |item: &DeclarationItem| !has_additional(says, item, "C07") && !has_additional(says, item, "C08");
    if let Some((items, fields)) = declared.items_where("/procedure/additional", has_no_relief) {
        let detail =
            format!("{items} are declared with the reduced data set (1H7) without C07 or C08 (DE 1/11; CDS12056).");
        judge.found("UK29", Error, fields, detail, "Declare the relief, or the goods in full.");
    }
    let priced: Vec<&Money> = says.items.iter().filter_map(|item| item.price.as_ref()).collect();
    let in_pounds = !priced.is_empty() && priced.iter().all(|price| price.currency.as_str() == "GBP");
    let sum: Decimal = priced.iter().map(|price| price.amount).sum();
    if in_pounds && sum > Decimal::from(LITTLE) {
        let detail = format!(
            "The goods are worth {sum} GBP, and the reduced data set (1H7) is for {LITTLE} GBP at most (CDS12056)."
        );
        let fields = [declared.at("/items"), declared.at("/items/0/procedure/additional")];
        judge.found("UK29", Error, fields, detail, "Declare the goods in full (H1).");
    }
}
