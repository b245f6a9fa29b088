//! Claims on real invoices and on the published cases of EN 16931's rules. The samples are not part of the repository; without
//! them each test says that it was left out, and passes. `PORTGATE_SHARED` names another folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use finance_ubl::FinanceUbl;
use portgate_sdk::canonical::Decimal;
use portgate_sdk::testkit::unlisted;
use portgate_sdk::xml::{Document, Element, Options};
use portgate_sdk::{Connector, Decoded, Message, Rejection, testkit};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// Elements whose values no document has, and why nothing is lost by that.
const NOT_HELD: &[(&str, &str)] = &[
    ("ChargeIndicator", "a charge raises the sum and an allowance lowers it, which the sign says"),
    ("ChargeIndicator/Indicator", "as above"),
    ("TestIndicator/Indicator", "whether it is a test is a finding"),
    ("TaxScheme/ID", "value added tax is what is meant where no tax is named"),
    ("ApplicableTradeTax/TypeCode", "as above"),
    ("CategoryTradeTax/TypeCode", "as above"),
    ("AppliedTradeTax/TypeCode", "as above"),
    ("UBLVersionID", "the contract says it"),
    ("Contact/Telefax", "a party is called, or written to"),
    ("RegistrationAddress/CityName", "the seat of a party whose postal address is there"),
    ("RegistrationAddress/CountrySubentity", "as above"),
    ("RegistrationAddress/Country/IdentificationCode", "as above"),
    ("LineTotalBasisAmount", "what of the lines is taxable, which they and the sum say"),
    ("AllowanceChargeBasisAmount", "what of allowances and charges is taxable, which they and the sum say"),
    ("EmbeddedDocumentBinaryObject", "what is attached stays in the message, which a finding says"),
];

#[test]
fn each_published_case_of_a_rule_finds_that_rule_and_no_other_case_does() {
    let (mut cases, mut wrong) = (0, Vec::new());
    for file in files("finance").into_iter().filter(|file| file.to_string_lossy().contains("en16931-rules")) {
        let text = fs::read_to_string(&file).expect("a sample is UTF-8");
        let document = Document::parse(text.as_bytes(), &Options::default()).expect("a set of cases is XML");
        let tests: Vec<Element<'_>> = document.root().children("test").collect();
        let invoices = invoices(&text);
        assert_eq!(tests.len(), invoices.len(), "{}", file.display());
        for (number, (test, invoice)) in tests.into_iter().zip(invoices).enumerate() {
            cases += 1;
            let found = codes(&decode("ubl-invoice", "2.1", invoice.as_bytes().to_vec()));
            let expected = test.child("assert").expect("what is expected");
            for outcome in expected.elements().filter(|outcome| outcome.name() != "description") {
                let id = outcome.text().expect("a rule");
                let must_be_found = outcome.name() != "success";
                if found.contains(&*id) != must_be_found {
                    wrong.push(format!(
                        "{} case {}: {} {id}, found {found:?}",
                        file.display(),
                        number + 1,
                        outcome.name()
                    ));
                }
            }
        }
    }
    println!("{cases} cases of rules");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The invoices that stand in a set of cases, each as a document of its own. Comments in them hold what a case leaves out.
fn invoices(text: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, commented)) = rest.split_once("<!--") {
        plain += before;
        rest = commented.split_once("-->").map_or("", |(_, after)| after);
    }
    plain += rest;
    let mut invoices = Vec::new();
    for test in plain.split("<test").skip(1).filter(|test| !test.starts_with("Set")) {
        for (start, end) in [("<Invoice", "</Invoice>"), ("<CreditNote", "</CreditNote>")] {
            let begins = test
                .match_indices(start)
                .find(|(at, _)| test[at + start.len()..].starts_with(|next: char| next.is_whitespace() || next == '>'));
            if let (Some((begins, _)), Some(ends)) = (begins, test.rfind(end)) {
                invoices.push(test[begins..ends + end.len()].to_owned());
            }
        }
    }
    invoices
}

#[test]
fn every_value_of_every_invoice_is_found_again() {
    let (mut values, mut wrong) = (0, Vec::new());
    let mut taken = 0;
    for (contract, version, file) in invoices_of_xml() {
        let mut body = fs::read(&file).expect("a sample can be read");
        let message = message(contract, version, body.clone());
        let (decoded, unread) = unlisted(FOLDER, (contract, version), || FinanceUbl::decode(&message));
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let decoded = match decoded {
            Ok(decoded) => decoded,
            // What a rule refuses is read as well; without its claim to keep the standard it is taken, with warnings.
            Err(rejection) => {
                println!("refused: {name}: {rejection}");
                let claim = String::from_utf8_lossy(&body).replace("urn:cen.eu:en16931:2017", "urn:example:none");
                body = claim.into_bytes();
                let decoded = decode(contract, version, body.clone());
                decoded.unwrap_or_else(|rejection| panic!("{name} without a claim: {rejection}"))
            }
        };
        taken += 1;
        println!("taken: {name} {:?}", decoded.findings.iter().map(|f| f.to_string()).collect::<Vec<_>>());
        if !unread.is_empty() {
            wrong.push(format!("{name} leaves unread {unread:?}"));
        }
        let mut held = BTreeSet::new();
        for document in &decoded.documents {
            strings(&serde_json::from_slice(&document.body).expect("a document is JSON"), &mut held);
        }
        let document = Document::parse(&body, &Options::default()).expect("it was taken");
        let mut lost = Vec::new();
        look_for(document.root(), String::new(), &held, &mut values, &mut lost);
        wrong.extend(lost.into_iter().map(|lost| format!("{name} loses {lost}")));
    }
    println!("{taken} invoices taken, {values} values looked for");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_invoice_of_edi_is_taken_and_nothing_of_it_is_left_unread() {
    let mut wrong = Vec::new();
    for (contract, folders) in
        [("x12-810", &["x12/810"][..]), ("edifact-invoic", &["edifact/INVOIC", "edifact/invoic"])]
    {
        for file in folders.iter().flat_map(|folder| files(folder)) {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let message = message(contract, "1", fs::read(&file).expect("a sample can be read"));
            let (decoded, unread) = unlisted(FOLDER, (contract, "1"), || FinanceUbl::decode(&message));
            wrong.extend((!unread.is_empty()).then(|| format!("{name} leaves unread {unread:?}")));
            match decoded {
                Ok(decoded) => {
                    let of_parts = decoded.parts.iter().flat_map(|part| &part.findings);
                    let findings: Vec<String> =
                        decoded.findings.iter().chain(of_parts).map(ToString::to_string).collect();
                    println!("taken: {name}: {} {findings:?}", decoded.documents.len());
                    for document in &decoded.documents {
                        println!("  {}", String::from_utf8_lossy(&document.body));
                    }
                    if name.contains("invoic_d97b") {
                        let summed = findings.iter().any(|finding| finding.contains("SUM"));
                        let body = String::from_utf8_lossy(&decoded.documents[0].body).into_owned();
                        assert!(!summed && body.contains("2137.58"), "1202.58 + 410 + 525 is 2137.58: {findings:?}");
                    }
                }
                Err(rejection) => println!("refused: {name}: {rejection}"),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Looks for the text of each element in what the documents hold.
fn look_for(element: Element<'_>, path: String, held: &BTreeSet<String>, values: &mut usize, lost: &mut Vec<String>) {
    let path = format!("{path}/{}", element.name());
    for inner in element.elements() {
        look_for(inner, path.clone(), held, values, lost);
    }
    let Some(text) = element.text() else { return };
    *values += 1;
    let is_listed = NOT_HELD.iter().any(|(part, _)| path.ends_with(&format!("/{part}")));
    if !is_listed && !is_held(&text, held) {
        lost.push(format!("{path}: {text}"));
    }
}

/// Whether a value is held: as it is, as a part of a longer text, as a day, or as a number, whose sign may be the other one.
fn is_held(text: &str, held: &BTreeSet<String>) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    // EN 16931 writes in UBL what a note is about in front of it.
    let text = text.strip_prefix('#').and_then(|rest| rest.split_once('#')).map_or(text, |(_, rest)| rest);
    let (text, number) = (words(text), Decimal::from_partner(text).ok());
    let day = (text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]));
    held.iter().any(|value| {
        let is_part = || words(value).contains(&text) || day.as_ref() == Some(value);
        let is_number = |number: Decimal| {
            let value = Decimal::from_partner(value).ok();
            value.is_some_and(|value| value == number || value == Decimal::ZERO - number)
        };
        match number {
            Some(number) => *value == text || is_number(number) || is_part(),
            None => is_part(),
        }
    })
}

/// All texts and numbers of a document.
fn strings(value: &serde_json::Value, held: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::String(text) => drop(held.insert(text.clone())),
        serde_json::Value::Array(values) => values.iter().for_each(|value| strings(value, held)),
        serde_json::Value::Object(fields) => fields.values().for_each(|value| strings(value, held)),
        serde_json::Value::Number(number) => drop(held.insert(number.to_string())),
        _ => {}
    }
}

/// Every file that is an invoice of UBL or CII.
fn invoices_of_xml() -> Vec<(&'static str, &'static str, PathBuf)> {
    let mut found = Vec::new();
    for file in ["ubl", "finance", "cii"].into_iter().flat_map(files) {
        let path = file.to_string_lossy().into_owned();
        match (path.contains("en16931-rules"), path.contains("/cii/")) {
            (true, _) => {}
            (false, true) => found.push(("cii-invoice", "D16B", file)),
            (false, false) => found.push(("ubl-invoice", "2.1", file)),
        }
    }
    found
}

fn codes(decoded: &Result<Decoded, Rejection>) -> BTreeSet<String> {
    let findings = match decoded {
        Ok(decoded) => decoded.findings.iter().collect::<Vec<_>>(),
        Err(rejection) => rejection.all_findings().collect(),
    };
    findings.into_iter().map(|finding| finding.code.clone()).collect()
}

fn decode(contract: &str, version: &str, body: Vec<u8>) -> Result<Decoded, Rejection> {
    FinanceUbl::decode(&message(contract, version, body))
}

fn message(contract: &str, version: &str, body: Vec<u8>) -> Message {
    testkit::message(contract, version, "application/xml", body)
}

fn files(folder: &str) -> Vec<PathBuf> {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(FOLDER).join("../../../shared"));
    let mut found = Vec::new();
    collect(&shared.join("samples").join(folder), &mut found);
    if found.is_empty() {
        println!("left out: there are no samples of {folder} here");
    }
    found.sort();
    found
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        match path.is_dir() {
            true => collect(&path, files),
            false => files.push(path),
        }
    }
}
