//! Partners' own 945 and 856, where they are at hand: nothing of them is lost. Every value of every element is found again in the
//! documents, as it is or as what it became, or stands in the list of what is not held, with the reason.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use portgate_sdk::canonical::Decimal;
use portgate_sdk::x12::{Interchange, Limits, Segment};
use portgate_sdk::{Connector, Decoded, Message, Rejection, testkit};
use serde_json::Value;
use wms_x12::WmsX12;

/// The samples beside the checkout; a line says where they are not.
fn samples(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/x12").join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("left out: there are no samples in {}", folder.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

fn message(contract: &str, body: Vec<u8>) -> Message {
    testkit::message(contract, "4010", "application/edi-x12", body)
}

/// Elements that no document holds, and why nothing is lost by that; nought stands for all of a segment.
const NOT_HELD: &[(&str, usize, &str)] = &[
    ("ST", 0, "the envelope; its number is held as the source's message"),
    ("SE", 0, "the envelope, which the reader checks"),
    ("HL", 0, "levels and their numbers are the nesting of orders, packages and lines"),
    ("CTT", 0, "what was counted is held against what there is; a finding says where it differs"),
    ("N9", 1, "the scheme of the reference, or `x12:` and the qualifier"),
    ("REF", 1, "likewise"),
    ("N1", 1, "the role of the party, and its code where that says more"),
    ("N1", 3, "the scheme of the identifier"),
    ("N4", 5, "likewise"),
    ("MAN", 1, "the field that the mark stands in, or the scheme of the reference"),
    ("BSN", 1, "the purpose; its code too, where it is neither 00 nor 01"),
    ("TD5", 2, "2: the carrier's code is a SCAC"),
    ("PID", 1, "whether it is said in words, in codes or in both, which is to be seen"),
    ("PID", 2, "08: it is the item's name"),
    ("MEA", 1, "PD: it is a measure, where that says itself which"),
    ("W12", 7, "the scheme of the item's name"),
    ("W12", 8, "likewise, where elements were moved"),
];

/// Values that stand in documents under the name of what they mean.
const MEANINGS: &[(&str, &[usize], &str, &str)] = &[
    ("SN1", &[3, 6], "EA", "C62"),
    ("SN1", &[3, 6], "PC", "C62"),
    ("PO4", &[3], "EA", "C62"),
    ("W12", &[5], "CA", "XCS"),
    ("W12", &[5], "EA", "C62"),
    ("TD1", &[6], "A3", "A3"),
    ("MEA", &[2], "G", "gross-weight"),
    ("MEA", &[2], "N", "net-weight"),
];

/// Everything that documents say, each text by itself.
fn said(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|value| said(value, texts)),
        Value::Array(items) => items.iter().for_each(|item| said(item, texts)),
        Value::String(text) => {
            // What is said beside something else, such as several streets of an address or a split order's key.
            let parts = text.split(['*', '|', '/', ';', ',', ' ']).map(str::trim);
            texts.extend(parts.chain([text.as_str()]).filter(|part| !part.is_empty()).map(str::to_owned));
        }
        Value::Number(number) => {
            texts.insert(number.to_string());
        }
        Value::Bool(_) | Value::Null => {}
    }
}

/// The forms in which a value may stand in a document: as it is, a number without noughts, a day, a time, an SSCC without the
/// `00` before it, a part of a split order.
fn forms(segment: Segment<'_>, element: usize, value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    let meanings = MEANINGS.iter().filter(|(tag, elements, written, _)| {
        *tag == segment.tag() && elements.contains(&element) && *written == value
    });
    forms.extend(meanings.map(|(.., meaning)| (*meaning).to_owned()));
    if let Ok(number) = Decimal::from_partner(value) {
        forms.extend([number.to_string(), number.normalised().to_string()]);
    }
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let part = |from: usize, to: usize| &value[from..to];
    match (segment.tag(), value.len()) {
        _ if !digits => {}
        ("W06", 6) => forms.push(part(0, 3).trim_start_matches('0').to_owned()),
        ("BSN" | "DTM" | "G62" | "W06" | "PRF", 8) => {
            forms.push(format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8)))
        }
        ("BSN" | "DTM", 6) if element == 4 => forms.push(format!("{}:{}:{}", part(0, 2), part(2, 4), part(4, 6))),
        ("BSN" | "DTM", 6) => forms.push(format!("20{}-{}-{}", part(0, 2), part(2, 4), part(4, 6))),
        ("BSN" | "DTM", 4) => forms.push(format!("{}:{}:00", part(0, 2), part(2, 4))),
        (_, 20) => forms.extend(value.strip_prefix("00").map(str::to_owned)),
        _ => {}
    }
    forms
}

fn is_held(segment: Segment<'_>, element: usize, value: &str, texts: &BTreeSet<String>) -> bool {
    let is_not = |(tag, number, _): &&(&str, usize, &str)| {
        *tag == segment.tag()
            && (*number == 0 || *number == element)
            && (*tag != "MEA" || value == "PD")
            && !(*tag == "PID" && *number == 2 && value != "08")
    };
    // The qualifier of an item's name is the field that the name stands in.
    let is_qualifier = segment.tag() == "LIN" && element.is_multiple_of(2);
    let stands = |form: &String| {
        let in_time = |text: &String| text.ends_with(&format!("T{form}")) || text.starts_with(&format!("{form}T"));
        texts.contains(form) || texts.iter().any(in_time)
    };
    // Letters and number of a container are one.
    let is_equipment = matches!(segment.tag(), "TD3" | "W27") && texts.iter().any(|text| text.contains(value));
    is_qualifier
        || is_equipment
        || NOT_HELD.iter().any(|not| is_not(&not))
        || forms(segment, element, value).iter().any(stands)
}

fn decoded(contract: &str, body: &[u8]) -> Result<Decoded, Rejection> {
    WmsX12::decode(&message(contract, body.to_vec()))
}

/// Reads every file of a folder and looks for each of its values.
fn nothing_is_lost(contract: &str, folder: &str, kind: &str) {
    let mut lost = Vec::new();
    for path in samples(folder) {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let body = std::fs::read(&path).expect("a sample");
        let interchange = Interchange::parse(&body, &Limits::default()).expect("a sample is X12");
        if interchange.messages().all(|set| set.kind().as_deref() != Some(kind)) {
            continue;
        }
        let call = || decoded(contract, &body);
        let (made, unread) = portgate_sdk::testkit::unlisted(env!("CARGO_MANIFEST_DIR"), (contract, "4010"), call);
        let made = made.unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        assert_eq!(unread, Vec::<String>::new(), "{name} is not read whole");
        let findings = made.findings.iter().chain(made.parts.iter().flat_map(|part| &part.findings));
        let codes: BTreeSet<&str> = findings.map(|finding| finding.code.as_str()).collect();
        println!("{name}: {} documents, {codes:?}", made.documents.len());
        let mut texts = BTreeSet::new();
        for document in &made.documents {
            said(&serde_json::from_slice(&document.body).expect("a document is JSON"), &mut texts);
        }
        let segments = interchange.messages().flat_map(|set| set.segments().collect::<Vec<_>>());
        let mut values = 0;
        for segment in segments {
            for element in 1..=segment.element_count() {
                let Some(value) = segment.element(element).map(|value| value.trim().to_owned()) else { continue };
                values += 1;
                if !value.is_empty() && !is_held(segment, element, &value, &texts) {
                    lost.push(format!("{name}: {} = {value}", segment.at(element)));
                }
            }
        }
        assert!(values > 30, "{name}: only {values} values");
    }
    assert!(lost.is_empty(), "not held:\n{}", lost.join("\n"));
}

#[test]
fn nothing_of_a_945_is_lost() {
    nothing_is_lost("x12-945", "945", "945");
}

#[test]
fn nothing_of_an_856_is_lost() {
    nothing_is_lost("x12-856", "856", "856");
    nothing_is_lost("x12-856", "850-855-856-nodex12", "856");
}
