//! R08: commodity codes are there on the day that they are declared, by the lists that are imported.
//!
//! A code is missed where its list had it before and has it no more; and where the list is known for whole, so that what it does not have
//! there is not. What a list is silent of, nothing is said of.

use std::collections::BTreeMap;

use portgate_sdk::Severity::Error;
use portgate_sdk::canonical::{HsCode, Timestamp, classified};
use portgate_sdk::{Judge, reference};

use crate::codes::{day, digits, region, regions};
use crate::shipment::Facts;

/// Chapters, headings and subheadings of the Harmonised System. It is there for whole where it has its first chapter.
const SYSTEM: List = List { table: "harmonised-system", name: "the Harmonised System", whole: "01" };
/// The UK's tariff by commodity of ten digits. It is there for whole where a row says so, since files of single commodities are imported as
/// well.
const OF_UK: List = List { table: "uk-tariff", name: "the UK's tariff", whole: "*" };
/// Before all editions: the first of a list holds for all days before.
const BEGINNING: &str = "0001-01-01";
/// The gateway as the system that says something.
const GATEWAY: &str = "portgate";
/// Digits of a commodity in the UK's tariff, and of one that is exported.
const COMMODITY: usize = 10;
const EXPORTED: usize = 8;

/// A reference table of codes.
#[derive(Clone, Copy)]
struct List {
    table: &'static str,
    name: &'static str,
    whole: &'static str,
}

/// A code as it stands in a document.
struct Written<'w> {
    /// Whose code it is, and which, as a sentence begins.
    of: String,
    code: &'w str,
    place: String,
    /// The day on which it must be there.
    on: &'w str,
    /// The day on which it was said.
    recorded: &'w str,
}

/// `now` is an RFC 3339 instant in UTC: what nobody has declared yet is looked up as of that day.
pub(crate) fn judge(facts: &Facts, now: &str, judge: &mut Judge) {
    let today = now.get(..10).unwrap_or_default();
    let declared: Vec<(&str, String)> =
        facts.declarations.iter().map(|one| (region(&one.document.jurisdiction), day(one))).collect();
    let mut lists = Lists::default();
    articles(facts, &declared, today, &mut lists, judge);
    papers(facts, declared.iter().map(|(_, day)| day.as_str()).max().unwrap_or(today), &mut lists, judge);
    for (declaration, (region, on)) in facts.declarations.iter().zip(&declared) {
        // What the gateway declares is made of what the articles are classified as, and written anew where that is another code.
        if &*declaration.provenance.system == GATEWAY {
            continue;
        }
        let recorded = recorded(&declaration.provenance.recorded_at);
        for (index, item) in declaration.document.items.iter().enumerate() {
            let Some(code) = digits(item) else { continue };
            let place = declaration.at(&format!("/items/{index}/classification/commodity"));
            let of = format!("Item {} is declared under {code}", item.no);
            lists.judge(&Written { of, code: &code, place, on, recorded }, region, judge);
        }
    }
}

fn recorded(time: &Timestamp) -> &str {
    time.as_str().get(..10).unwrap_or_default()
}

/// What articles are classified as where the goods are declared: of the day that they were declared there, and before that of today.
fn articles(facts: &Facts, declared: &[(&str, String)], today: &str, lists: &mut Lists, judge: &mut Judge) {
    let regions = regions(facts);
    for known in classified(&facts.classifications, |known| (&known.provenance, &known.document), Some(today)) {
        let jurisdiction = region(&known.document.jurisdiction);
        if !regions.is_empty() && !regions.contains(jurisdiction) {
            continue;
        }
        let there = declared.iter().filter(|(region, _)| *region == jurisdiction).map(|(_, day)| day.as_str()).max();
        let written = Written {
            of: format!(
                "{} is classified as {} in {}",
                &*known.document.sku, known.document.code, &*known.document.jurisdiction
            ),
            code: known.document.code.as_str(),
            place: known.at("/code"),
            on: there.unwrap_or(today),
            recorded: recorded(&known.provenance.recorded_at),
        };
        lists.judge(&written, jurisdiction, judge);
    }
}

/// What invoices and deliveries write, which is of no one country.
fn papers(facts: &Facts, on: &str, lists: &mut Lists, judge: &mut Judge) {
    for invoice in facts.charged() {
        for (index, line) in invoice.document.lines.iter().enumerate() {
            let Some(code) = line.hs6.as_ref().map(|code| code.as_str()) else { continue };
            let of = format!("Line {} of invoice {} is under {code}", &*line.line_no, &*invoice.document.number);
            let place = invoice.at(&format!("/lines/{index}/hs6"));
            lists.judge(
                &Written { of, code, place, on, recorded: recorded(&invoice.provenance.recorded_at) },
                "",
                judge,
            );
        }
    }
    for shipment in &facts.shipments {
        for (index, line) in shipment.document.lines.iter().enumerate() {
            let Some(code) = line.hs_code.as_ref().map(HsCode::as_str) else { continue };
            let of = format!("Line {} of delivery {} is under {code}", &*line.line_no, &*shipment.document.shipment_id);
            let place = shipment.at(&format!("/lines/{index}/hsCode"));
            lists.judge(
                &Written { of, code, place, on, recorded: recorded(&shipment.provenance.recorded_at) },
                "",
                judge,
            );
        }
    }
}

/// What lists say, each key of each day once.
#[derive(Default)]
struct Lists {
    said: BTreeMap<(&'static str, String, String), bool>,
}

impl Lists {
    fn has(&mut self, list: List, key: &str, on: &str) -> bool {
        let asked = (list.table, key.to_owned(), on.to_owned());
        *self.said.entry(asked).or_insert_with(|| reference::lookup(list.table, key, on).is_some())
    }

    /// Finds a code that its country's tariff does not have, and else one that the Harmonised System does not have.
    fn judge(&mut self, written: &Written<'_>, region: &str, judge: &mut Judge) {
        let digits = written.code.len();
        let of_tariff = match (region, digits) {
            ("GB", COMMODITY) => self.misses(OF_UK, &[written.code], true, written),
            // Of eight digits the list has those that are not divided further; it is silent of the others.
            ("GB", EXPORTED) => self.misses(OF_UK, &[written.code, &format!("{}00", written.code)], false, written),
            _ => None,
        };
        let found = of_tariff.map(|was_there| (OF_UK, written.code, was_there)).or_else(|| {
            let subheading = written.code.get(..if digits < 6 { 4 } else { 6 })?;
            // What nations add has chapters of its own.
            let is_national = subheading.starts_with("98") || subheading.starts_with("99");
            let missed = (!is_national).then(|| self.misses(SYSTEM, &[subheading], true, written)).flatten();
            missed.map(|was_there| (SYSTEM, subheading, was_there))
        });
        let Some((list, key, was_there)) = found else { return };
        let before = if was_there { ", which had it before" } else { "" };
        let detail = format!("{}, and {key} is not in {} on {}{before}.", written.of, list.name, written.on);
        let remedy =
            "Have the goods classified by the tariff of that day, or the edition of the list brought up to date.";
        judge.found("R08", Error, [written.place.clone()], detail, remedy);
    }

    /// Whether a list does not have any of these keys on the day: then whether it had one before. Nothing where it has one, or is silent.
    fn misses(&mut self, list: List, keys: &[&str], knows_all: bool, written: &Written<'_>) -> Option<bool> {
        if keys.iter().any(|key| self.has(list, key, written.on)) {
            return None;
        }
        let mut before = [written.recorded, BEGINNING].into_iter().filter(|day| *day < written.on);
        let was_there = before.any(|day| keys.iter().any(|key| self.has(list, key, day)));
        (was_there || knows_all && self.has(list, list.whole, written.on)).then_some(was_there)
    }
}
