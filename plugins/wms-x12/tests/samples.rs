//! Partners' own 945 and 856, where they are at hand: nothing of them is lost. Every value of every element is found again in the
//! documents, as it is or as what it became, or stands in the list of what is not held, with the reason.

use std::path::{Path, PathBuf};

use portgate_sdk::canonical::Decimal;
use portgate_sdk::x12::{Interchange, Limits, Segment};
use portgate_sdk::{Connector, Decoded, Message, Rejection};
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
    Message {
        partner: "wms".to_owned(),
        contract: contract.to_owned(),
        version: "4010".to_owned(),
        content_type: "application/edi-x12".to_owned(),
        headers: Vec::new(),
        received_at: "2026-03-01T08:15:00Z".to_owned(),
        digest: "0".repeat(64),
        body,
        agreement: None,
        control_numbers: None,
    }
}

/// Elements that no document holds, and why nothing is lost by that.
const NOT_HELD: &[(&str, usize, &str)] = &[
    ("ST", 0, "the envelope; its number is held as the source's message"),
    ("SE", 0, "the envelope, which the reader checks"),
    ("LX", 1, "it numbers the loop: `lineNo` where there is one line in it"),
    ("HL", 0, "levels and their numbers are the nesting of orders, packages and lines"),
    ("CTT", 0, "what was counted is held against what there is; a finding says where it differs"),
    ("REF", 1, "the scheme of the reference, or `x12:` and the qualifier"),
    ("N9", 1, "likewise"),
    ("N1", 1, "the role of the party, and its code where that says more"),
    ("N1", 3, "the scheme of the identifier"),
    ("N4", 5, "likewise"),
    ("MAN", 1, "the field that the mark stands in, or the scheme of the reference"),
    ("LIN", 0, "names of the item stand in their fields, and under their schemes"),
    ("TD5", 2, "2: the carrier's code is a SCAC"),
    ("PID", 1, "whether it is said in words, in codes, or both, which is to be seen"),
    ("MEA", 1, "what kind of measure it is, where the measure says that itself"),
    ("W12", 7, "the scheme of the item's name"),
    ("W12", 8, "likewise, where elements were moved"),
];

/// Values that stand in documents under the name of what they mean.
fn meaning(segment: Segment<'_>, element: usize, value: &str) -> Option<&'static str> {
    let units =
        [("EA", "C62"), ("PC", "C62"), ("CA", "XCS"), ("LB", "LBR"), ("L", "LBR"), ("CF", "FTQ"), ("01", "LBR")];
    let by_unit = || units.iter().find(|(written, _)| *written == value).map(|(_, unit)| *unit);
    match (segment.tag(), element) {
        ("SN1", 3 | 6) | ("W12", 5) | ("W03", 3 | 5) | ("TD1", 8 | 10) | ("MEA", 4) | ("W12", 12 | 13) => by_unit(),
        ("PO4", 3) => by_unit(),
        ("TD1" | "W12", 6 | 11 | 12) if value == "G" => Some("gross-weight"),
        _ => None,
    }
}

/// Everything that documents say, each text by itself; numbers without the noughts at their end.
fn said(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|value| said(value, texts)),
        Value::Array(items) => items.iter().for_each(|item| said(item, texts)),
        Value::String(text) => texts.push(text.clone()),
        Value::Number(number) => texts.push(number.to_string()),
        Value::Bool(_) | Value::Null => {}
    }
}

fn is_held(segment: Segment<'_>, element: usize, value: &str, texts: &[String]) -> bool {
    let is_excused =
        NOT_HELD.iter().any(|(tag, number, _)| *tag == segment.tag() && (*number == 0 || *number == element));
    let named = NOT_HELD.iter().any(|(tag, number, _)| *tag == segment.tag() && *number == 0);
    if is_excused && !(segment.tag() == "LIN" && element % 2 == 1) {
        return true;
    }
    let _ = named;
    let mut forms = vec![value.to_owned()];
    forms.extend(meaning(segment, element, value).map(str::to_owned));
    if let Ok(number) = Decimal::from_partner(value) {
        forms.extend([number.to_string(), number.normalised().to_string()]);
    }
    // A day, a time, an SSCC without the `00` before it.
    if value.len() == 8 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        forms.push(format!("{}-{}-{}", &value[..4], &value[4..6], &value[6..]));
    }
    if (6..=8).contains(&value.len()) && value.len() == 6 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        forms.push(format!("20{}-{}-{}", &value[..2], &value[2..4], &value[4..]));
        forms.push(format!("T{}:{}:{}", &value[..2], &value[2..4], &value[4..]));
        // Which part of a split order it is, and how many there are.
        if segment.tag() == "W06" && value == "001001" {
            forms.push("1".to_owned());
        }
    }
    if value.len() == 4 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        forms.push(format!("T{}:{}:00", &value[..2], &value[2..]));
    }
    forms.extend(value.strip_prefix("00").filter(|rest| rest.len() == 18).map(str::to_owned));
    forms.iter().any(|form| texts.iter().any(|text| text.contains(form.as_str())))
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
        let codes: Vec<String> = made
            .findings
            .iter()
            .chain(made.parts.iter().flat_map(|part| &part.findings))
            .map(|finding| finding.to_string())
            .collect();
        println!("{name}: {} documents, {codes:#?}", made.documents.len());
        let mut texts = Vec::new();
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
