//! The rule packs of the UK over what customs gives as examples: declarations that it took, and declarations that it refused, each
//! with the errors that it answered. What it took no rule may find an error in; what it refused some rule finds at the field that
//! customs points to, or the table says why none can.

use std::collections::{BTreeMap, BTreeSet};

use portgate_core::document::Document;
use portgate_core::finding::Severity;
use portgate_core::judgement::Judgement;
use serde_json::Value;

use super::bench::{Answer, Bench};
use super::rules::context;
use super::table::all_files;

const IMPORT: &str = "rules-uk-import";
const EXPORT: &str = "rules-uk-export";
const CORE: &str = "rules-core";

/// The folders of declarations to CDS. All but those of `REFUSED` were taken.
const FOLDERS: [&str; 3] = ["hmrc-cds/", "customs-uk/cds-low-value/", "hmrc-cds-accept-reject-pairs/"];

/// What becomes of an error that customs answered.
enum Expected {
    /// This rule of this pack finds it, at a field that ends so.
    Found(&'static str, &'static str, &'static str),
    /// No rule can, for this reason.
    OutOfReach(&'static str),
}

use Expected::{Found, OutOfReach};

const PAIRS: &str = "hmrc-cds-accept-reject-pairs/";

/// The declarations that customs refused, with its error codes.
const REFUSED: &[(&str, &[(&str, Expected)])] = &[
    ("Exports/Rejected/Rejected_Format/Declaration/", &[("DMS10010", Found(EXPORT, "UK01", "/lrn"))]),
    ("Exports/Rejected/Rejected_Obligation/Declaration/", &[("DMS10001", Found(EXPORT, "UK15", "/offices"))]),
    ("Exports/Rejected/Rejected_Ref_Data/Declaration/", &[("DMS10020", Found(EXPORT, "UK40", "/offices/0/reference"))]),
    ("Imports/Rejected/Format_Rejection/Declaration/", &[("DMS10020", Found(IMPORT, "UK12", "/items/0/no"))]),
    ("Imports/Rejected/Obligation_Rejection/Declaration/", &[("DMS10001", Found(IMPORT, "UK15", "/items/0/netKg"))]),
    (
        "Imports/Rejected/Ref_Data_Rejection/Declaration/",
        &[("DMS12050", Found(IMPORT, "UK05", "/items/0/procedure/code"))],
    ),
];

/// Declarations that were taken once and refused another time, with those errors.
const REFUSED_LATER: &[(&str, &[(&str, Expected)])] =
    &[("hmrc-cds/TT_IM031a/", ALCOHOL), ("hmrc-cds/TT_IM063a/", ALCOHOL), ("hmrc-cds/TT_IM116a/", ALCOHOL)];

const ALCOHOL: &[(&str, Expected)] = &[(
    "CDS12056",
    OutOfReach(
        "the excise code of the goods does not go with their commodity code on that day: the tariff says which does",
    ),
)];

/// Errors in declarations that were taken: the rule, in how many at most, and why it is right of both.
const TAKEN_WITH: &[(&str, &str, usize, &str)] = &[];

/// A moment at which a declaration was still to be filed: the day that it counts from, where it names one.
fn now(document: &Document) -> String {
    let says: Value = serde_json::from_slice(&document.body).expect("a document is JSON");
    let day = says["acceptedAt"]["value"].as_str().unwrap_or("2026-03-01").get(..10).expect("a day").to_owned();
    format!("{day}T20:00:00Z")
}

/// What all packs say of a declaration, with the pack.
async fn judged(bench: &Bench, document: &Document) -> Vec<(&'static str, Judgement)> {
    let now = now(document);
    let mut all = Vec::new();
    for pack in [CORE, IMPORT, EXPORT] {
        let judgements = bench.inspect(pack, context(document), &now).await;
        all.extend(judgements.into_iter().map(|judgement| (pack, judgement)));
    }
    all
}

fn is_error(judgement: &Judgement) -> bool {
    judgement.severity >= Severity::Error
}

#[derive(Default)]
struct Row {
    /// Errors of customs that the rule found.
    hits: usize,
    /// Errors of customs that it should have found.
    misses: usize,
    /// Declarations that customs took in which it found an error.
    errors: BTreeSet<String>,
    /// Declarations that customs took in which it found something less.
    remarks: BTreeSet<String>,
}

#[tokio::test]
async fn the_uk_packs_find_what_customs_refuses_and_no_error_in_what_it_takes() {
    let Some(files) = all_files() else { return };
    let bench = Bench::new();
    let mut rows: BTreeMap<(&str, String), Row> = BTreeMap::new();
    let (mut taken, mut refused, mut wrong) = (0, 0, Vec::new());
    let mut judged_refusals = BTreeSet::new();
    for (path, below) in files.iter().filter(|(_, below)| below.ends_with(".xml")) {
        if !FOLDERS.iter().any(|folder| below.starts_with(folder)) {
            continue;
        }
        let body = std::fs::read(path).expect("a sample");
        let Ok(Answer::Taken(documents, _)) = bench.answer("broker-cds", "cds-declaration", "3.6", body).await else {
            continue;
        };
        let refusal = REFUSED.iter().find(|(folder, _)| below.starts_with(&format!("{PAIRS}{folder}")));
        for document in documents.iter().filter(|document| document.kind == "customs-declaration") {
            let judgements = judged(&bench, document).await;
            let Some((folder, errors)) = refusal else {
                taken += 1;
                for (pack, judgement) in judgements {
                    let what = format!("{pack} {}", judgement.detail);
                    let row = rows.entry((pack, judgement.rule.clone())).or_default();
                    if is_error(&judgement) { &mut row.errors } else { &mut row.remarks }.insert(below.clone());
                    if is_error(&judgement) {
                        println!("{below}: {} {what}", judgement.rule);
                    }
                }
                continue;
            };
            refused += 1;
            judged_refusals.insert(*folder);
            for (code, expected) in *errors {
                let Found(pack, rule, field) = expected else { continue };
                let finds = |(by, judgement): &(&str, Judgement)| {
                    let first = judgement.fields.first().is_some_and(|place| place.ends_with(field));
                    by == pack
                        && judgement.rule == *rule
                        && first
                        && is_error(judgement)
                        && judgement.detail.contains(code)
                };
                let row = rows.entry((pack, (*rule).to_owned())).or_default();
                if judgements.iter().any(finds) {
                    row.hits += 1;
                } else {
                    row.misses += 1;
                    wrong.push(format!("{below}: {rule} does not find {code} at {field}: {judgements:#?}"));
                }
            }
            // Nothing but that is wrong with it.
            for (pack, judgement) in judgements.iter().filter(|(_, judgement)| is_error(judgement)) {
                let is_expected =
                    |(_, expected): &(&str, Expected)| matches!(expected, Found(_, rule, _) if *rule == judgement.rule);
                // An item with a number that is too high is the first as well, which the core pack says.
                let is_of_the_format = judgement.rule == "R04" && folder.contains("Format_Rejection");
                if !is_of_the_format && !errors.iter().any(is_expected) {
                    wrong.push(format!("{below}: {pack} {judgement:?} is more than customs says"));
                }
            }
        }
    }
    println!("{taken} declarations that customs took, {refused} that it refused");
    println!("| pack | rule | found of what customs refused | missed | false alarms | remarks |");
    println!("|---|---|---|---|---|---|");
    for ((pack, rule), row) in &rows {
        println!("| {pack} | {rule} | {} | {} | {} | {} |", row.hits, row.misses, row.errors.len(), row.remarks.len());
        let most =
            TAKEN_WITH.iter().find(|(by, known, ..)| by == pack && known == rule).map_or(0, |(_, _, most, _)| *most);
        if row.errors.len() > most {
            wrong.push(format!("{pack} {rule}: errors in {} that customs took: {:?}", row.errors.len(), row.errors));
        }
    }
    for (folder, errors) in REFUSED_LATER {
        for (code, expected) in *errors {
            let OutOfReach(why) = expected else { continue };
            println!("not found: {code} of {folder}: {why}");
        }
    }
    assert!(taken > 40, "{taken} declarations");
    assert_eq!(judged_refusals.len(), REFUSED.len(), "all refusals are read");
    assert_eq!(wrong, Vec::<String>::new());
}
