//! Every partner sample at hand through the real sandbox: contract check, plugin, canonical schemas.
//!
//! Each connector's module has a table that says what becomes of every file of its own. Beyond that nothing may trap,
//! whatever is sent to whichever contract, whole or broken, and whatever is refused must say why. The samples stand beside the
//! checkout; without them the tests say so and prove nothing.

mod bench;
mod cds;
mod documents;
mod entry;
mod erp;
mod finance;
mod ncts;
mod ocean;
mod parcels;
mod placement;
mod reference;
mod reports;
mod rules;
mod rules_uk;
mod screening;
mod shop;
mod table;
mod tenders;
mod transit;
mod warehouse;
mod withheld;

use portgate_cases::Given;
use portgate_core::contract::Format;
use portgate_tests::repository;

use bench::{Answer, Bench, located};

/// The tables of all connectors.
const TABLES: &[&table::Table] = &[
    &cds::CDS,
    &documents::DOCUMENTS,
    &erp::IDOCS,
    &erp::ODATA,
    &finance::FINANCE,
    &ncts::TRANSITS,
    &ncts::ENTRIES,
    &ocean::X12,
    &ocean::EDIFACT,
    &ocean::DCSA,
    &parcels::PARCELS_OF_EASYPOST,
    &parcels::PARCELS_OF_SHIPPO,
    &shop::SHOPS,
    &shop::SHOPS_OF_WOOCOMMERCE,
    &tenders::ACKNOWLEDGEMENTS,
    &tenders::TENDERS,
    &warehouse::WAREHOUSE,
];

/// Samples that are in no connector's table: what their paths begin with, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("SOURCES.md", "where the samples are from"),
    ("screening/", "lists and names, which `screening.rs` is about"),
    ("reference/", "public reference data, which `reference.rs` is about"),
    ("identity/", "keys and tokens of identity providers"),
    ("epcis/", "events that the customer portal is to be told of; nobody sends them"),
    ("iata-onerecord/", "air cargo, for which there is no connector"),
    ("hmrc-financials/", "notices of an account, for which there is no connector"),
    // Every contract of EDI is sent these as well, and has to refuse what it cannot read.
    ("x12/824/", "acknowledgements of an application, which nobody sends yet"),
    ("x12/820/", "payments, for which there is no connector"),
    ("x12/850/", "orders between other companies, for which there is no connector"),
    ("edifact/ORDERS/", "orders between other companies, for which there is no connector"),
    ("edifact/orders/", "orders between other companies, for which there is no connector"),
    ("edifact/DESADV/", "advices between other companies, for which there is no connector"),
    ("edifact/recadv/", "advices between other companies, for which there is no connector"),
    ("edifact/negative/", "broken on purpose"),
    ("edifact/syntax/", "tests of readers"),
    ("x12/negative/", "broken on purpose"),
];

#[test]
fn every_file_of_the_samples_has_its_table_or_a_reason_to_have_none() {
    let Some(files) = table::all_files() else { return };
    let elsewhere = |below: &str| ELSEWHERE.iter().any(|(start, _)| below.starts_with(start));
    let placed = |below: &str| TABLES.iter().any(|table| table.has(below)) || elsewhere(below);
    let lost: Vec<&str> = files.iter().map(|(_, below)| below.as_str()).filter(|below| !placed(below)).collect();
    println!(
        "{} files, {} of them in tables",
        files.len(),
        files.iter().filter(|(_, below)| TABLES.iter().any(|table| table.has(below))).count()
    );
    assert!(lost.is_empty(), "in no table, and without a reason:\n{}", lost.join("\n"));
    for (start, _) in ELSEWHERE {
        assert!(files.iter().any(|(_, below)| below.starts_with(start)), "no sample begins with {start}");
    }
}

/// Whatever is sent to whichever contract of its format, it is decoded, or refused with the reason: nothing traps.
#[tokio::test]
async fn what_others_are_sent_is_taken_or_refused_with_a_reason() {
    let Some(files) = table::all_files() else { return };
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for (plugin, contract) in bench.contracts() {
        let (mut taken, mut refused) = (0, 0);
        for (path, below) in files.iter().filter(|(_, below)| is_of(contract.format, below)) {
            let body = std::fs::read(path).expect("a sample");
            match bench.answer(plugin, &contract.name, &contract.version, body).await {
                Ok(Answer::Taken(documents, findings)) if documents.is_empty() && findings.is_empty() => {
                    wrong.push(format!("{below} to {plugin}: it was taken, but nothing came of it"));
                }
                Ok(Answer::Taken(..)) => taken += 1,
                Ok(Answer::Refused(findings)) => match located(&findings) {
                    Ok(()) => refused += 1,
                    Err(problem) => wrong.push(format!("{below} to {plugin}: {problem}")),
                },
                Err(problem) => wrong.push(format!("{below} to {plugin}: {problem}")),
            }
        }
        println!("{plugin:<16} {:<32} {taken:>5} taken {refused:>5} refused", contract.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a file is one that a sender of this format could send.
fn is_of(format: Format, below: &str) -> bool {
    match format {
        Format::Json => below.ends_with(".json"),
        Format::Xml => below.ends_with(".xml"),
        Format::Edi => below.starts_with("x12/") || below.starts_with("edifact/"),
        Format::Bytes => false,
    }
}

/// Cut anywhere, or with any byte changed, a message is decoded or refused: no plugin traps and no limit is reached. Of each
/// contract it is the longest message of its connector's cases.
#[tokio::test]
async fn mutilated_messages_never_trap() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for (plugin, contract) in bench.contracts() {
        let (cases, _) = portgate_cases::load(&repository().join("plugins").join(plugin)).expect("cases");
        let messages = cases.into_iter().filter_map(|case| match case.given {
            Given::Message { body, .. } if (&case.contract, &case.version) == (&contract.name, &contract.version) => {
                Some(body)
            }
            _ => None,
        });
        let Some(whole) = messages.max_by_key(Vec::len) else {
            wrong.push(format!("{plugin} has no case of a message of {}", contract.name));
            continue;
        };
        let step = (whole.len() / 150).max(1);
        for at in (0..whole.len()).step_by(step) {
            let mut changed = whole.clone();
            changed[at] = changed[at].wrapping_add(1);
            for body in [whole[..at].to_vec(), changed] {
                if let Err(problem) = bench.answer(plugin, &contract.name, &contract.version, body).await {
                    wrong.push(format!("{plugin}, {}, byte {at}: {problem}", contract.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
