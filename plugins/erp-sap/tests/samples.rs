//! Claims on real IDocs: all of them are taken, nothing of them is unread that is not listed, and every value of a delivery is
//! found again in the documents that it becomes, or its path is in a list that says why not.
//!
//! The samples are not part of the repository; without them the tests say so and prove nothing. `PORTGATE_SHARED` names another
//! folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use erp_sap::ErpSap;
use portgate_sdk::canonical::Decimal;
use portgate_sdk::testkit::unlisted;
use portgate_sdk::xml::{Document, Element, Options};
use portgate_sdk::{Connector, Decoded, Message, Request, Response, Verdict, testkit};
use serde_json::Value;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// What of a delivery is in no document, and why nothing is lost by it.
const NOT_HELD: &[(&str, &str)] = &[
    (
        "EDI_DC40",
        "who sent it to whom by which port is known from credential and contract; number, message, variant and time are held",
    ),
    ("GEWEI", "the unit of weights, which are given in kilograms"),
    ("VOLEH", "the unit of volumes, which are given in cubic metres"),
    ("TZONE_BEG", "a zone that names its offset (`UTC+8`) is the offset of the time"),
    ("TZONE_END", "likewise, and that of an end that is not said"),
    ("NTANZ", "a time that is none, which a finding says, and the time of a day that is not said"),
    ("NTENZ", "likewise"),
    ("EXTEND_Q", "the scheme of an identifier: `GLN` for 100, `SAP EXTEND …` for others"),
    ("POSEX", "`000000`: no item of the customer's order"),
    ("TDOBJECT", "what a text belongs to, which is the document that it stands in"),
    ("TDOBNAME", "likewise"),
    ("TDFORMAT", "whether a line begins or goes on, as the text does"),
    ("E1EDK02/QUALF", "the scheme of the reference that the number is"),
    ("E1EDP02/QUALF", "likewise"),
    ("E1EDP19/QUALF", "who calls the item so: which field the number is in"),
    ("E1EDP26/QUALF", "what kind of amount it is: which field it is in"),
    ("E1EDS01/SUMID", "likewise"),
    ("E1EDK17/QUALF", "whether it is the code or the place of the terms of delivery"),
    ("E1EDK14/QUALF", "021: the kind of invoice"),
    ("E1EDK03/DATUM", "a day that is none, which a finding says with its digits"),
    ("E1EDK02/DATUM", "likewise"),
    ("E1EDK03/IDDAT", "what a day is of that is none"),
    ("ALCKZ", "whether something is put on or taken off: the sign of the amount"),
    ("MEABM", "the unit of lengths, which are given in centimetres"),
    ("SPRAS", "the language in one letter; the two of ISO are held"),
    ("TDSPRAS", "the language in one letter; the two of ISO are held where they come with it"),
];

fn samples(folder: &str) -> Vec<PathBuf> {
    let beside = || Path::new(FOLDER).join("../../../shared");
    let shared = std::env::var_os("PORTGATE_SHARED").map_or_else(beside, PathBuf::from).join("samples").join(folder);
    let mut files = Vec::new();
    collect(&shared, &mut files);
    if files.is_empty() {
        println!("left out: no folder {folder} with samples");
    }
    files.sort();
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn message(contract: (&str, &str), content_type: &str, body: Vec<u8>) -> Message {
    testkit::message(contract.0, contract.1, content_type, body)
}

#[test]
fn every_idoc_is_taken_and_nothing_of_it_is_unread_that_is_not_listed() {
    let files = samples("sap-idoc");
    for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "xml")) {
        let contract = ("idoc", "4.0");
        let message = message(contract, "application/xml", std::fs::read(path).expect("a sample"));
        let (decoded, unread) = unlisted(FOLDER, contract, || ErpSap::decode(&message));
        let decoded = decoded.unwrap_or_else(|rejection| panic!("{}: {rejection}", path.display()));
        assert!(unread.is_empty() && !decoded.documents.is_empty(), "{} loses {unread:?}", path.display());
        let kinds: Vec<_> = decoded.documents.iter().map(|document| document.kind.as_str()).collect();
        println!("{} {kinds:?}", path.display());
        for finding in &decoded.findings {
            println!("    {finding}");
        }
    }
}

#[test]
fn of_an_idoc_every_value_is_found_again_or_listed_with_the_reason() {
    for path in samples("sap-idoc").iter().filter(|path| path.extension().is_some_and(|extension| extension == "xml")) {
        let body = std::fs::read(path).expect("a sample");
        let message = message(("idoc", "4.0"), "application/xml", body.clone());
        let decoded = ErpSap::decode(&message).expect("it is taken");
        let held = Held::of(&decoded);
        let document = Document::parse(&body, &Options::default()).expect("XML");
        let (mut lost, mut values) = (BTreeSet::new(), 0);
        leaves(document.root(), "", &mut |path, value| {
            values += 1;
            if !held.has(value) && !NOT_HELD.iter().any(|(part, _)| format!("{path}/").contains(&format!("/{part}/"))) {
                lost.insert(format!("{path} = {value}"));
            }
        });
        println!("{}: {values} values", path.display());
        assert!(lost.is_empty() && values > 10, "{} loses {lost:#?}", path.display());
    }
}

/// What stands in the path of files, and the contract that they are of. Files that are in no row are no messages of the
/// connector: they are what a tool of its own was told, or answers to batches.
const ENTITIES: &[(&str, &str)] = &[
    ("A_BillingDocument/", "s4-billing-document"),
    ("billing-document/", "s4-billing-document"),
    ("A_OutbDeliveryHeader/", "s4-outbound-delivery"),
    ("outbound-delivery/", "s4-outbound-delivery"),
    ("A_SalesOrder/", "s4-sales-order"),
    ("sales-order/", "s4-sales-order"),
    ("A_BusinessPartner/", "s4-business-partner"),
    ("A_Product/", "s4-product"),
    ("business-event/", "s4-event"),
    ("events/", "s4-event"),
];

/// What of entities is in no document, and why nothing is lost by it.
const NOT_HELD_OF_ENTITIES: &[(&str, &str)] = &[
    ("request", "what a recording of an answer was asked with"),
    ("headers", "likewise"),
    ("status", "likewise"),
    ("cursor", "where the program that kept the answer stood"),
    ("function", "likewise"),
    ("time", "when it kept the answer"),
    ("level", "likewise"),
    ("__metadata", "the address and type of an entity"),
    ("connection_key", "the way that an event came"),
    ("redis_key", "likewise"),
    ("filepath", "likewise"),
    ("HeaderWeightUnit", "the unit of weights, which are given in kilograms"),
    ("ItemWeightUnit", "likewise"),
    ("WeightUnit", "likewise"),
    ("GoodsIssueTime", "the time of a day that is not said"),
    ("ConfirmationTime", "likewise"),
    ("BusinessPartnerCategory", "`organisation` for 2"),
    ("planned_date", "the day that was planned for what has happened by now"),
    ("TransactionCurrency", "the currency of what has no amount"),
];

#[test]
fn of_an_entity_every_value_is_found_again_or_listed_with_the_reason() {
    let mut wholes = 0;
    for path in samples("sap-s4-odata") {
        let name = path.to_string_lossy().into_owned();
        let Some((_, contract)) = ENTITIES.iter().find(|(part, _)| name.contains(part)) else { continue };
        let body = std::fs::read(&path).expect("a sample");
        let version = if *contract == "s4-event" { "1" } else { "2" };
        let message = message((contract, version), "application/json", body.clone());
        let decoded = match ErpSap::decode(&message) {
            Ok(decoded) => decoded,
            Err(rejection) => {
                println!("{name}: {rejection}");
                assert!(rejection.all_findings().all(|finding| finding.code == "NO-ENTITY"), "{name}: {rejection}");
                continue;
            }
        };
        let findings: Vec<_> =
            decoded.findings.iter().chain(decoded.parts.iter().flat_map(|part| &part.findings)).collect();
        for finding in &findings {
            println!("    {finding}");
        }
        if findings.iter().any(|finding| finding.code == "PART-ALONE") {
            assert!(decoded.documents.is_empty(), "{name}");
            continue;
        }
        wholes += 1;
        let held = Held::of(&decoded);
        let sent: Value = serde_json::from_slice(&body).expect("JSON");
        let mut lost = BTreeSet::new();
        members(&sent, "", &mut |path, value| {
            let is_listed =
                NOT_HELD_OF_ENTITIES.iter().any(|(part, _)| format!("{path}/").contains(&format!("/{part}/")));
            if !held.has(value) && !is_listed && !value.contains("://") {
                lost.insert(format!("{path} = {value}"));
            }
        });
        println!("{name}: {} documents", decoded.documents.len());
        assert!(lost.is_empty() && !decoded.documents.is_empty(), "{name} loses {lost:#?}");
    }
    println!("{wholes} files of whole entities");
}

#[test]
fn answers_to_batches_are_as_good_as_their_parts() {
    let request = Request::post("/sap/opu/odata/sap/X/$batch", "multipart/mixed", Vec::new());
    let mut read = 0;
    for path in samples("sap-s4-odata/batch") {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (verdict, code) = match &*name {
            "SAP_ODatav2BatchConnection_BatchResponseWithoutChangeset.txt" => (Verdict::Accepted, None),
            "SAP_v4_BatchErrorResponse.txt" => (Verdict::Rejected, Some("005056A509B11EE1B9A8FEC11C23378E")),
            name if name.contains("BatchResponse") => (Verdict::Rejected, Some("ZCU/100")),
            _ => continue,
        };
        let body = std::fs::read(&path).expect("a sample");
        let received_at = "2026-03-01T08:16:00Z".to_owned();
        let got = Response { status: 200, headers: Vec::new(), received_at, body };
        let outcome = ErpSap::interpret(&request, &got).expect("it is read");
        assert_eq!(outcome.verdict, verdict, "{name}");
        let errors: Vec<_> = outcome.findings.iter().filter(|finding| finding.severity.rejects()).collect();
        assert_eq!(errors.first().map(|finding| finding.code.as_str()), code, "{name}: {errors:?}");
        read += 1;
    }
    println!("{read} answers");
}

fn members(value: &Value, path: &str, each: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Object(members_of) => {
            members_of.iter().for_each(|(name, value)| members(value, &format!("{path}/{name}"), each));
        }
        Value::Array(list) => list.iter().for_each(|value| members(value, path, each)),
        Value::String(text) if !text.trim().is_empty() => each(path, text),
        Value::Number(number) => each(path, &number.to_string()),
        _ => {}
    }
}

fn leaves(element: Element<'_>, path: &str, each: &mut dyn FnMut(&str, &str)) {
    let path = format!("{path}/{}", element.name());
    if let Some(text) = element.text() {
        each(&path, &text);
    }
    for inner in element.elements() {
        leaves(inner, &path, each);
    }
}

/// What documents say, as texts and as numbers.
#[derive(Default)]
struct Held {
    texts: BTreeSet<String>,
    numbers: BTreeSet<Decimal>,
}

impl Held {
    fn of(decoded: &Decoded) -> Self {
        let mut held = Held::default();
        for document in &decoded.documents {
            held.add(&serde_json::from_slice(document.body.as_ref()).expect("JSON"));
        }
        held
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                self.texts.insert(text.clone());
                self.numbers.extend(Decimal::from_partner(text).map(Decimal::normalised));
            }
            Value::Array(list) => list.iter().for_each(|value| self.add(value)),
            Value::Object(members) => members.values().for_each(|value| self.add(value)),
            Value::Number(number) => drop(self.texts.insert(number.to_string())),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Whether a value is said, in one of the forms that a canonical document has for it.
    fn has(&self, value: &str) -> bool {
        if value == "PT00H00M00S" || value.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'/' | b'-')) {
            return true; // A field that nobody has filled.
        }
        let unsigned = value.trim_end_matches('-');
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        let number = |shift| {
            let number = Decimal::from_partner(unsigned).map(|number| number.shifted(shift).normalised());
            number
                .is_ok_and(|number| self.numbers.contains(&number) || self.numbers.contains(&(Decimal::ZERO - number)))
        };
        self.says(value)
            || self.says(&value.to_lowercase()) // a language
            || (digits && self.says(value.trim_start_matches('0')))
            || (digits && value.len() == 8 && self.says(&format!("{}-{}-{}", &value[..4], &value[4..6], &value[6..])))
            || (digits && value.len() == 6 && self.says(&format!("{}:{}:{}", &value[..2], &value[2..4], &value[4..])))
            || value.strip_prefix("/Date(").is_some_and(|ticks| self.day_of(ticks))
            || value.get(..10).is_some_and(|day| self.says(day))
            || value.strip_prefix("PT").is_some_and(|_| {
                let clock: String = value.chars().filter(char::is_ascii_digit).collect();
                clock.len() == 6 && self.says(&format!("{}:{}:{}", &clock[..2], &clock[2..4], &clock[4..]))
            })
            || (digits && value.len() == 14 && self.says(&format!("{}-{}-{}T{}", &value[..4], &value[4..6], &value[6..8], &value[8..10])))
            || (value == "AU" && self.says("E48"))
            || (value == "KG" && self.says("KGM"))
            || number(0)
            || number(3) // litres in cubic metres
            || (matches!(value, "H87" | "PCE" | "PC" | "EA" | "ST") && self.says("C62"))
    }

    /// Whether the day of ticks is said: as a day counted from 1970, which the documents' own days are counted to as well.
    fn day_of(&self, ticks: &str) -> bool {
        let end = ticks.find([')', '+']).unwrap_or(ticks.len());
        let Ok(milliseconds) = ticks[..end].parse::<i64>() else { return false };
        let days = milliseconds.div_euclid(86_400_000);
        self.texts.iter().filter_map(|text| days_since_1970(text)).any(|said| said == days)
    }

    /// Whether it is a text of the documents or a word of one or, where it is long enough to be no accident, a part of one.
    fn says(&self, value: &str) -> bool {
        let is_word = |text: &String| text.split([' ', ',']).any(|word| word == value);
        self.texts.contains(value)
            || self.texts.iter().any(is_word)
            || (value.len() > 3 && self.texts.iter().any(|text| text.contains(value)))
    }
}

/// The days from 1970-01-01 to the day that a text begins with.
fn days_since_1970(text: &str) -> Option<i64> {
    let mut parts = text.get(..10)?.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let is_leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let of_years: i64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let lengths = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let of_months: i64 = lengths.iter().take(usize::try_from(month - 1).ok()?).sum();
    Some(of_years + of_months + day - 1)
}
