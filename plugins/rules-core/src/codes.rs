//! R23: the commodity codes of invoices, deliveries and declarations are those that their articles are classified under, where the goods
//! are declared and on that day; and systems do not contradict each other on them.

use std::collections::{BTreeMap, BTreeSet};

use portgate_sdk::Severity::{Error, Warning};
use portgate_sdk::canonical::{
    CustomsDeclaration, DeclarationItem, FieldConflict, HsCode, ItemClassification, PartyRole, ShipmentLine, classified,
};
use portgate_sdk::territory::Territory;
use portgate_sdk::{Judge, Placed};

use crate::papers::INVOICES;
use crate::shipment::Facts;

/// `now` is an RFC 3339 instant in UTC: what systems say is held against each other as of that day.
pub(crate) fn judge(facts: &Facts, now: &str, judge: &mut Judge) {
    let regions = regions(facts);
    invoiced(facts, &regions, judge);
    shipped(facts, &regions, judge);
    declared(facts, judge);
    contradicted(facts, &regions, now.get(..10).unwrap_or_default(), judge);
    settled_by_owners(facts, judge);
}

type Known<'f> = &'f Placed<ItemClassification>;

/// Whose tariff counts in a jurisdiction: the Union's members have one.
pub(crate) fn region(jurisdiction: &str) -> &str {
    match jurisdiction {
        "UK" => "GB",
        "XI" => "XI",
        other if other.len() == 2 && Territory::of(other) == Some(Territory::Union) => "EU",
        other => other,
    }
}

/// Where the goods are declared: to whom somebody has declared them, where they leave and where they go, by the invoice where no shipment
/// says it.
pub(crate) fn regions(facts: &Facts) -> BTreeSet<&str> {
    let mut regions: BTreeSet<&str> =
        facts.declarations.iter().map(|declaration| region(&declaration.document.jurisdiction)).collect();
    let shipped = facts.shipments.iter().flat_map(|shipment| {
        [&shipment.document.country_of_dispatch, &shipment.document.country_of_destination].into_iter().flatten()
    });
    regions.extend(shipped.map(|country| region(country.as_str())));
    if regions.is_empty() {
        for invoice in facts.charged() {
            let to = invoice.document.parties.iter().find(|party| party.role == PartyRole::ShipTo);
            let address = to.or(invoice.document.buyer.as_ref()).and_then(|party| party.address.as_ref());
            regions.extend(address.and_then(|of| of.country.as_ref()).map(|country| region(country.as_str())));
        }
    }
    regions
}

/// The classifications of an article that count on a day.
fn known<'f>(facts: &'f Facts, sku: &str, on: &str) -> Vec<Known<'f>> {
    let of_article = facts.classifications.iter().filter(|known| &*known.document.sku == sku);
    classified(of_article, |known| (&known.provenance, &known.document), Some(on))
}

/// The first six digits, which all countries share.
fn hs6(code: &str) -> &str {
    code.get(..6).unwrap_or(code)
}

/// Classifications that a code of an article is none of, one of each region where it is declared. Where nobody has classified it there, it
/// is held against all: their first six digits are the same.
fn others<'f>(facts: &'f Facts, regions: &BTreeSet<&str>, sku: &str, on: &str, written: &str) -> Vec<Known<'f>> {
    let known = known(facts, sku, on);
    let of = |wanted: &&str| -> Vec<Known<'f>> {
        known.iter().filter(|known| region(&known.document.jurisdiction) == *wanted).copied().collect()
    };
    let mut groups: Vec<Vec<Known<'f>>> = regions.iter().map(of).filter(|group| !group.is_empty()).collect();
    if groups.is_empty() {
        groups.push(known);
    }
    let has = |group: &Vec<Known<'f>>| group.iter().any(|known| hs6(known.document.code.as_str()) == hs6(written));
    groups.into_iter().filter(|group| !has(group)).filter_map(|group| group.first().copied()).collect()
}

/// A line of a document has another code than its article.
fn differs(
    judge: &mut Judge,
    line: &str,
    (sku, written): (&str, &str),
    place: String,
    known: &[Known<'_>],
    whose: &str,
) {
    if known.is_empty() {
        return;
    }
    let codes = known.iter().map(|known| format!("{} in {}", known.document.code, &*known.document.jurisdiction));
    let codes = codes.collect::<Vec<_>>().join(" and as ");
    let detail = format!("Line {line} has {sku} under {written}, and it is classified as {codes}.");
    let remedy = format!("Have the {whose}, or the classification, corrected before anything is declared.");
    let fields = std::iter::once(place).chain(known.iter().map(|known| known.at("/code")));
    judge.found("R23", Error, fields, detail, &remedy);
}

fn invoiced(facts: &Facts, regions: &BTreeSet<&str>, judge: &mut Judge) {
    for invoice in facts.charged() {
        let on = invoice.document.issue_date.as_str();
        for (index, line) in invoice.document.lines.iter().enumerate() {
            let (Some(sku), Some(written)) = (&line.sku, &line.hs6) else { continue };
            let known = others(facts, regions, sku, on, written.as_str());
            let place = invoice.at(&format!("/lines/{index}/hs6"));
            differs(judge, &line.line_no, (&**sku, written.as_str()), place, &known, "invoice");
        }
    }
}

fn shipped(facts: &Facts, regions: &BTreeSet<&str>, judge: &mut Judge) {
    for shipment in &facts.shipments {
        let on = shipment.provenance.recorded_at.as_str().get(..10).unwrap_or_default();
        for (index, line) in shipment.document.lines.iter().enumerate() {
            let ShipmentLine { sku: Some(sku), hs_code: Some(written), .. } = line else { continue };
            let known = others(facts, regions, sku, on, written.as_str());
            let place = shipment.at(&format!("/lines/{index}/hsCode"));
            differs(judge, &line.line_no, (&**sku, written.as_str()), place, &known, "delivery");
        }
    }
}

/// What is declared is what the invoiced articles are classified as, all digits of it. That can be told where every invoice that a
/// declaration names is there, and every article of them is classified for the customs that it is made to.
fn declared(facts: &Facts, judge: &mut Judge) {
    let invoices: Vec<_> = facts.charged().collect();
    let lines = || invoices.iter().flat_map(|invoice| &invoice.document.lines);
    for declaration in facts.declarations.iter().filter(|declaration| !declaration.document.items.is_empty()) {
        let says = &declaration.document;
        let is_there = |number: &str| invoices.iter().any(|invoice| &*invoice.document.number == number);
        if lines().next().is_none() || !named(says).all(is_there) {
            continue;
        }
        let (region_of, on) = (region(&says.jurisdiction), day(declaration));
        let mut codes: Vec<Known<'_>> = Vec::new();
        let is_classified = lines().all(|line| {
            let Some(sku) = &line.sku else { return false };
            let before = codes.len();
            codes.extend(known(facts, sku, &on).iter().filter(|one| region(&one.document.jurisdiction) == region_of));
            codes.len() > before
        });
        if !is_classified {
            continue;
        }
        for (index, item) in says.items.iter().enumerate() {
            let Some(written) = digits(item) else { continue };
            if codes.iter().any(|known| known.document.code.agrees_with(&written)) {
                continue;
            }
            let articles: BTreeMap<&str, &HsCode> =
                codes.iter().map(|known| (&*known.document.sku, &known.document.code)).collect();
            let articles: Vec<String> = articles.iter().take(5).map(|(sku, code)| format!("{sku} as {code}")).collect();
            let detail = format!(
                "Item {} is declared under {written}, and the invoiced articles are classified otherwise in {}: {}.",
                item.no,
                &*codes[0].document.jurisdiction,
                articles.join(", ")
            );
            let mut fields = vec![declaration.at(&format!("/items/{index}/classification/commodity"))];
            fields.extend(codes.iter().take(5).map(|known| known.at("/code")));
            judge.found(
                "R23",
                Error,
                fields,
                detail,
                "Declare the code of today, or have the classification corrected.",
            );
        }
    }
}

/// The numbers of the invoices that a declaration names.
fn named(says: &CustomsDeclaration) -> impl Iterator<Item = &str> {
    let documents = says.items.iter().flat_map(|item| &item.documents).chain(&says.documents);
    let listed = documents.filter(|document| INVOICES.contains(&&*document.r#type));
    listed.filter_map(|document| document.id.as_deref()).chain(says.invoice_number.as_deref())
}

/// The day that a declaration counts from, as far as it says one.
pub(crate) fn day(declaration: &Placed<CustomsDeclaration>) -> String {
    let says = &declaration.document;
    let on = says.accepted_on.as_ref().map(|day| day.as_str());
    let at = [&says.accepted_at, &says.declared_at].into_iter().flatten().next();
    let at = at.unwrap_or(&declaration.provenance.recorded_at).as_str();
    on.or(at.get(..10)).unwrap_or_default().to_owned()
}

pub(crate) fn digits(item: &DeclarationItem) -> Option<String> {
    let classification = item.classification.as_ref()?;
    Some(format!("{}{}", classification.commodity.as_str(), classification.taric.as_deref().unwrap_or_default()))
}

/// Two systems, or two plants of one, do not say the same of an article in one jurisdiction, and no more is known of whose word counts.
fn contradicted(facts: &Facts, regions: &BTreeSet<&str>, today: &str, judge: &mut Judge) {
    let counting = classified(&facts.classifications, |known| (&known.provenance, &known.document), Some(today));
    let mut by_place: BTreeMap<(&str, &str), Vec<Known<'_>>> = BTreeMap::new();
    for known in counting {
        let jurisdiction = if &*known.document.jurisdiction == "UK" { "GB" } else { &*known.document.jurisdiction };
        if regions.is_empty() || regions.contains(region(jurisdiction)) {
            by_place.entry((&*known.document.sku, jurisdiction)).or_default().push(known);
        }
    }
    for ((sku, jurisdiction), known) in by_place {
        let contradicts = |other: &&Known<'_>| other.document.contradicts(&known[0].document);
        let Some(other) = known.iter().find(contradicts) else { continue };
        let detail = format!(
            "{sku} is classified as {} by {} and as {} by {} in {jurisdiction} on {today}.",
            known[0].document.code, &*known[0].provenance.system, other.document.code, &*other.provenance.system
        );
        let remedy = "Who classifies goods sends the code that holds to whichever system has the other.";
        judge.found("R23", Error, [known[0].at("/code"), other.at("/code")], detail, remedy);
    }
}

/// Two systems speak of one document, and policy says whose word counts: the other is still wrong.
fn settled_by_owners(facts: &Facts, judge: &mut Judge) {
    let of_code = |conflict: &&FieldConflict| &*conflict.kind == "item-classification" && &*conflict.field == "/code";
    for conflict in facts.conflicts.iter().filter(of_code) {
        let Some(known) = facts.classifications.iter().find(|known| known.document.id == conflict.id) else { continue };
        let written = conflict.differs.value.trim_matches('"');
        if known.document.code.agrees_with(written) {
            continue;
        }
        let detail = format!(
            "{} is classified as {} by {} in {}, which counts, and as {written} by {}.",
            &*known.document.sku,
            known.document.code,
            &*conflict.counts.provenance.system,
            &*known.document.jurisdiction,
            &*conflict.differs.provenance.system
        );
        let remedy = "Who classifies goods has the code corrected in the system that is wrong.";
        judge.found("R23", Warning, [known.at("/code")], detail, remedy);
    }
}
