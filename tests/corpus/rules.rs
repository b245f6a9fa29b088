//! The core rule pack over the real declarations: how often each rule finds something in what customs itself gives as examples,
//! which as a whole are right. A rule that speaks up where the examples are right is a false alarm, and each is named here.

use std::collections::{BTreeMap, BTreeSet};

use portgate_core::document::Document;
use portgate_core::judgement::Judgement;
use portgate_core::reference::write;
use portgate_core::sha256::sha256;
use portgate_core::shipment::{Facts, ShipmentRules};
use portgate_store::{ExchangeId, ShipmentDocuments, StatedDocument};
use portgate_workflow::{Ownership, fold};

use super::bench::{Answer, Bench};
use super::reference::table_of;
use super::table::all_files;

pub(super) const NOW: &str = "2026-03-01T08:15:00Z";

/// A context of this one document, as the gateway puts it together.
pub(crate) fn context(document: &Document) -> Document {
    let facts = Facts::read(&document.body);
    let stated = StatedDocument {
        thing: 1,
        sender: "corpus".to_owned(),
        kind: document.kind.clone(),
        key: document.key.clone(),
        version: facts.version,
        recorded_at: facts.recorded_at,
        sha256: sha256(&document.body),
        exchange: ExchangeId::new(NOW.parse().expect("a time")),
        position: 0,
        body: Some(String::from_utf8(document.body.clone()).expect("JSON is text")),
    };
    let documents = ShipmentDocuments { documents: vec![stated], ..Default::default() };
    let folded = fold("s", &documents, &ShipmentRules::default(), &Ownership::default()).expect("a context");
    Document {
        kind: "shipment-context".to_owned(),
        key: "s".to_owned(),
        refs: Vec::new(),
        body: folded.json.into_bytes(),
    }
}

/// How many declarations customs gives as examples.
const DECLARATIONS: usize = 44;

/// How many of them a rule finds something in, and why that is not wrong of either.
const HITS: &[(&str, usize, &str)] = &[
    ("R05", 5, "items that share a package, of which each counts it"),
    ("R09", 1, "an origin that a simplified declaration leaves for later"),
    ("R10", 4, "a preference that is proven by what the declaration says in words"),
    ("R13", 1, "DAT, which was of the edition before"),
    ("R16", 3, "codes of places with a letter too many, or with none of a country"),
    ("R17", 4, "dummies of containers"),
    ("R18", 29, "dummies of ships"),
];

/// Declarations that customs took under a subheading of the Harmonised System of 2017, of which the data set of 2022 knows nothing.
const OF_2017: [&str; 2] = ["hmrc_TT_IM068a", "hmrc_TT_IM077a"];

#[tokio::test]
async fn with_the_whole_harmonised_system_no_code_is_missed_in_what_customs_took_but_one_of_the_edition_before() {
    let Some(files) = all_files() else { return };
    let system = write(&table_of(&files, "hs/")).into_bytes();
    let bench = Bench::with(&BTreeMap::from([("harmonised-system", system)]));
    let (mut declarations, mut missed) = (0, BTreeSet::new());
    let of_customs = |below: &str| below.starts_with("hmrc-cds") || below.starts_with("customs-uk/cds-low-value/");
    for (path, below) in files.iter().filter(|(_, below)| of_customs(below) && below.ends_with(".xml")) {
        let body = std::fs::read(path).expect("a sample");
        let Ok(Answer::Taken(documents, _)) = bench.answer("broker-cds", "cds-declaration", "3.6", body).await else {
            continue;
        };
        for document in documents.iter().filter(|document| document.kind == "customs-declaration") {
            declarations += 1;
            let judgements = bench.inspect("rules-core", context(document), NOW).await;
            let of_codes = judgements.into_iter().filter(|one| one.rule == "R08" && one.detail.contains("Harmonised"));
            missed.extend(of_codes.map(|one| (below.clone(), one.detail)));
        }
    }
    assert!(declarations > 40, "{declarations} declarations");
    let others: Vec<_> =
        missed.iter().filter(|(below, _)| !OF_2017.iter().any(|known| below.contains(known))).collect();
    assert!(others.is_empty() && missed.len() == OF_2017.len(), "{missed:#?}");
}

#[tokio::test]
async fn the_core_pack_finds_in_real_declarations_what_is_wrong_with_them_and_hardly_anything_else() {
    let Some(files) = all_files() else { return };
    let bench = Bench::new();
    let mut hits: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut declarations = 0;
    for (path, below) in files.iter().filter(|(_, below)| below.starts_with("hmrc-cds/") && below.ends_with(".xml")) {
        let body = std::fs::read(path).expect("a sample");
        let Ok(Answer::Taken(documents, _)) = bench.answer("broker-cds", "cds-declaration", "3.6", body).await else {
            continue;
        };
        for document in documents.iter().filter(|document| document.kind == "customs-declaration") {
            declarations += 1;
            let judgements: Vec<Judgement> = bench.inspect("rules-core", context(document), NOW).await;
            for judgement in judgements {
                let files = hits.entry(judgement.rule).or_default();
                if files.last() != Some(below) {
                    files.push(below.clone());
                }
            }
        }
    }
    println!("{declarations} declarations");
    for (rule, files) in &hits {
        println!("{rule}: {} such as {}", files.len(), files[0]);
    }
    let counted: BTreeMap<&str, usize> = hits.iter().map(|(rule, files)| (rule.as_str(), files.len())).collect();
    let known: BTreeMap<&str, usize> = HITS.iter().map(|(rule, count, _)| (*rule, *count)).collect();
    assert_eq!((declarations, counted), (DECLARATIONS, known), "{hits:#?}");
}
