//! The rule pack for transit declarations over the real ones: what it finds in those that are right is a false alarm, and each is
//! named here with the reason; in the one whose values are random it finds what is wrong.

use super::bench::{Answer, Bench};
use super::rules::{NOW, context};
use super::table::all_files;

/// What is found in declarations that customs takes, and why that is not wrong of either.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "cc015c-valid-2.xml",
    "C0909",
    "it is of the transitional period, which has ended, and in which a country of dispatch was not asked for",
)];

#[tokio::test]
async fn transits_that_customs_takes_raise_no_alarm_and_one_of_random_values_many() {
    let Some(files) = all_files() else { return };
    let bench = Bench::new();
    let mut wrong = Vec::new();
    let (mut valid, mut invalid) = (0, 0);
    for (path, below) in files.iter().filter(|(_, below)| below.ends_with(".xml") && below.starts_with("eu-ncts5/")) {
        let name = below.rsplit('/').next().unwrap_or_default();
        let contract = match name.split('-').next() {
            Some("cc015c") => "ncts-declaration",
            Some("cc029c") => "ncts-notification",
            _ => continue,
        };
        let body = std::fs::read(path).expect("a sample");
        let Ok(Answer::Taken(documents, _)) = bench.answer("saas-ncts-ens", contract, "5", body).await else {
            continue;
        };
        for document in documents.iter().filter(|document| document.kind == "customs-declaration") {
            let judgements = bench.inspect("rules-eu-transit", context(document), NOW).await;
            for judgement in &judgements {
                println!("{name}: {} {}", judgement.rule, judgement.detail);
            }
            if name.contains("invalid") {
                invalid += judgements.len();
                continue;
            }
            valid += 1;
            let is_known = |rule: &str| EXCEPTIONS.iter().any(|(of, known, _)| *of == name && *known == rule);
            let alarms = judgements.iter().filter(|judgement| !is_known(&judgement.rule));
            wrong.extend(alarms.map(|judgement| format!("{name}: {} {}", judgement.rule, judgement.detail)));
        }
    }
    println!("{valid} declarations that customs takes; {invalid} findings in one that it does not");
    for (name, rule, why) in EXCEPTIONS {
        println!("{name}: {rule} is found, for {why}");
    }
    assert!(valid >= 2 && invalid > 10, "{valid} valid, {invalid} findings");
    assert_eq!(wrong, Vec::<String>::new());
}
