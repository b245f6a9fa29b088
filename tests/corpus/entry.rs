//! The rule pack for entry summary declarations over declarations of which customs' own validator says what is wrong with each:
//! beside a declaration stands a control file with the error numbers that are expected.
//!
//! What is written so that a value is still read, such as a number with noughts before it, is the connector's to find; everything
//! else is the pack's. An amendment is held to the same conditions as the declaration that it makes of another.

use std::collections::{BTreeMap, BTreeSet};

use super::bench::{Answer, Bench};
use super::rules::{NOW, context};
use super::table::all_files;

/// Errors that are not looked for, each with the reason.
const NOT_REACHED: &[(u16, &str)] = &[];

/// How often an error is expected, found, missed, and found where none is expected.
#[derive(Default)]
struct Tally {
    expected: usize,
    found: usize,
    missed: Vec<String>,
    false_alarms: Vec<String>,
}

#[tokio::test]
async fn every_error_that_customs_expects_of_an_entry_summary_is_found_and_no_other() {
    let Some(files) = all_files() else { return };
    let bench = Bench::new();
    let mut tallies: BTreeMap<u16, Tally> = BTreeMap::new();
    let (mut declarations, mut accepted) = (0, 0);
    for (control, below) in files.iter().filter(|(_, below)| below.ends_with(".ctl")) {
        let Ok(body) = std::fs::read_to_string(control.with_extension("xml")) else { continue };
        let expected = expected(&std::fs::read_to_string(control).expect("a control file"));
        let found = found(&bench, &body).await.unwrap_or_else(|problem| panic!("{below}: {problem}"));
        declarations += 1;
        accepted += usize::from(expected.is_empty());
        for number in expected.union(&found) {
            let tally = tallies.entry(*number).or_default();
            tally.expected += usize::from(expected.contains(number));
            match (expected.contains(number), found.contains(number)) {
                (true, false) => tally.missed.push(below.clone()),
                (false, true) => tally.false_alarms.push(below.clone()),
                _ => tally.found += 1,
            }
        }
    }
    println!("{declarations} declarations, {accepted} of them accepted");
    println!("error  expected  found  missed  false alarms");
    let mut wrong = Vec::new();
    for (number, Tally { expected, found, missed, false_alarms }) in &tallies {
        println!("{number:>5} {expected:>9} {found:>6} {:>7} {:>13}", missed.len(), false_alarms.len());
        if !NOT_REACHED.iter().any(|(known, _)| known == number) {
            wrong.extend(missed.iter().map(|below| format!("{number} is missed in {below}")));
        }
        wrong.extend(false_alarms.iter().map(|below| format!("{number} is a false alarm in {below}")));
    }
    for (number, why) in NOT_REACHED {
        println!("{number} is not looked for: {why}");
    }
    assert!(declarations > 100 && accepted > 20, "{declarations} declarations, {accepted} of them accepted");
    assert_eq!(wrong, Vec::<String>::new());
}

/// The numbers of a control file.
fn expected(control: &str) -> BTreeSet<u16> {
    let numbers = control.split("<err:Number>").skip(1).filter_map(|rest| rest.split('<').next());
    numbers.map(|number| number.trim().parse().expect("an error number")).collect()
}

/// The numbers that findings name, of the connector and of the pack.
async fn found(bench: &Bench, body: &str) -> Result<BTreeSet<u16>, String> {
    let (documents, findings) = match bench.answer("saas-ncts-ens", "ens-declaration", "11", body.into()).await? {
        Answer::Taken(documents, findings) => (documents, findings),
        Answer::Refused(findings) => return Ok(findings.iter().flat_map(|finding| named(&finding.detail)).collect()),
    };
    let mut numbers: BTreeSet<u16> = findings.iter().flat_map(|finding| named(&finding.detail)).collect();
    for document in documents.iter().filter(|document| document.kind == "customs-declaration") {
        let judgements = bench.inspect("rules-eu-entry", context(document), NOW).await;
        numbers.extend(judgements.iter().flat_map(|judgement| named(&judgement.detail)));
    }
    Ok(numbers)
}

/// What stands behind the word `error`: one number or several.
fn named(detail: &str) -> Vec<u16> {
    let Some((_, numbers)) = detail.rsplit_once(" error ") else { return Vec::new() };
    numbers.trim_end_matches('.').split(", ").filter_map(|number| number.parse().ok()).collect()
}
