//! Every declaration of the samples, read and written again: as trees they are the same, but for what is listed here with its
//! reason, and what is written passes the published schema wherever the original does. The samples are not part of the
//! repository; without them the test says so and passes. `PORTGATE_SHARED` names another folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use broker_cds::BrokerCds;
use portgate_sdk::testkit::{XmlSchema, unlisted};
use portgate_sdk::xml::{Document, Element, Options};
use portgate_sdk::{Connector, Message, Target, testkit};

/// Elements whose order among those of their name says nothing, since each has its code.
const UNORDERED: [&str; 3] = ["Classification", "Origin", "GovernmentProcedure"];

/// What is not written again, by the end of its path, and why. No sample has any of it: it is found in the case that has every
/// element of the schema.
const LOST: &[(&str, &str)] = &[
    ("/Address/CountrySubDivisionCode", "the tariff has no data element for it; the name of the region is kept"),
    ("/Consignor/Address/TypeCode", "the tariff has no data element for it"),
    ("/BorderTransportMeans/Name", "a means of transport is identified by its number (DE 7/14)"),
    ("/BorderTransportMeans/TypeCode", "the tariff has no data element for it"),
    ("/ArrivalTransportMeans/Name", "a means of transport is identified by its number (DE 7/9)"),
    ("/ArrivalTransportMeans/TypeCode", "the tariff has no data element for it"),
    ("/DepartureTransportMeans/Name", "a means of transport is identified by its number (DE 7/7)"),
    ("/DepartureTransportMeans/TypeCode", "the tariff has no data element for it"),
    (
        "/ArrivalTransportMeans/ModeCode",
        "there is one mode inland (DE 7/5), which is written beside the means on departure",
    ),
    (
        "/GovernmentAgencyGoodsItem/AdditionalInformation/StatementTypeCode",
        "a statement of an item is told by its code",
    ),
    ("/Packaging/PackingMaterialDescription", "the tariff has no data element for it"),
    ("/Packaging/LengthMeasure", "it has no unit, and the tariff no data element for it"),
    ("/Packaging/WidthMeasure", "it has no unit, and the tariff no data element for it"),
    ("/Packaging/HeightMeasure", "it has no unit, and the tariff no data element for it"),
    ("/Packaging/VolumeMeasure", "it has no unit, and the tariff no data element for it"),
];

/// The case that has every element of the schema.
const EVERY_ELEMENT: &str = "cases/declaration-of-every-element/message.xml";

#[test]
fn of_every_element_of_the_schema_nothing_is_lost_but_what_is_listed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(EVERY_ELEMENT);
    let body = fs::read(path).expect("the case");
    let (written, told) = again(&body).expect("it is taken");
    let differences = differences(&tree(&body), &tree(&written));
    let ends = |end: &str| differences.iter().filter(|line| path_of(line).ends_with(end)).count();
    for (end, why) in LOST {
        assert!(ends(end) > 0, "nothing is lost of {end} ({why})");
    }
    let listed = |line: &&String| LOST.iter().any(|(end, _)| path_of(line).ends_with(end));
    let others: Vec<_> = differences.iter().filter(|line| !listed(line)).collect();
    assert!(others.is_empty(), "{others:#?}");
    // Of all that is told but for the second mode, which says the same as the first.
    assert_eq!(told.len(), differences.len() - ends("/ArrivalTransportMeans/ModeCode"), "{told:#?} {differences:#?}");
    if let Some(schema) = schema() {
        assert_eq!(schema.errors(&body), Vec::<String>::new(), "the case is of the schema");
        assert_eq!(schema.errors(&written), Vec::<String>::new());
    }
}

#[test]
fn what_the_cases_send_passes_the_schema() {
    let (Some(schema), Some(cancellation)) = (schema(), laid_out("customs/wrapper_cancel.xsd")) else { return };
    let cases = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")).expect("the cases");
    let mut tried = 0;
    for path in cases.flatten().map(|case| case.path().join("request.http")) {
        let Ok(request) = fs::read_to_string(&path) else { continue };
        let (head, body) = request.split_once("\n\n").expect("a head and a body");
        let schema = match head {
            head if head.contains("/customs/declarations/cancellation-requests") => &cancellation,
            head if head.contains("/customs/declarations/") => &schema,
            _ => continue,
        };
        tried += 1;
        assert_eq!(schema.errors(body.as_bytes()), Vec::<String>::new(), "{}", path.display());
    }
    assert!(tried > 3, "only {tried} cases send a declaration");
}

/// The path of a line of a tree, without the numbers in it.
fn path_of(line: &str) -> String {
    let path = line.split(" = ").next().unwrap_or_default();
    path.split('/').map(|name| name.split('[').next().unwrap_or_default()).collect::<Vec<_>>().join("/")
}

#[test]
fn what_is_read_is_written_again() {
    let Some(declarations) = declarations() else { return };
    let (mut lines, mut valid) = (0, 0);
    let mut wrong = Vec::new();
    let schema = schema();
    for (path, body) in &declarations {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (written, told) = match again(body) {
            Ok(again) => again,
            Err(problem) => {
                wrong.push(format!("{name}: {problem}"));
                continue;
            }
        };
        let before = tree(body);
        lines += before.len();
        wrong.extend(told.iter().map(|told| format!("{name}: {told}")));
        wrong.extend(differences(&before, &tree(&written)).iter().map(|line| format!("{name}: {line}")));
        if let Some(schema) = &schema
            && schema.errors(body).is_empty()
        {
            valid += 1;
            wrong.extend(schema.errors(&written).iter().map(|error| format!("{name}: written: {error}")));
        }
    }
    println!("{} declarations with {lines} values, {valid} of them valid by the schema", declarations.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A declaration read and written, and what is told of it that is not kept.
fn again(body: &[u8]) -> Result<(Vec<u8>, Vec<String>), String> {
    let contract = ("cds-declaration", "3.6");
    let (decoded, unread) = unlisted(env!("CARGO_MANIFEST_DIR"), contract, || BrokerCds::decode(&message(body)));
    let decoded = decoded.map_err(|rejection| rejection.to_string())?;
    if !unread.is_empty() {
        return Err(format!("it loses {unread:?}"));
    }
    let told = decoded.findings.iter().filter(|finding| finding.code == "NOT-KEPT").map(ToString::to_string).collect();
    let target = Target::new("cds-declaration", "3.6", "2026-03-01T08:15:00Z");
    let request = BrokerCds::encode(&decoded.documents, &target).map_err(|rejection| rejection.to_string())?;
    Ok((request.body, told))
}

/// One line for each text and each attribute of a declaration, with the path that leads there.
fn tree(body: &[u8]) -> Vec<String> {
    fn collect(element: Element<'_>, path: &str, lines: &mut Vec<String>) {
        if let Some(text) = element.text() {
            let unit = ["currencyID", "unitCode"].iter().filter_map(|name| element.attribute(name));
            // In kilograms is what every mass is.
            let unit: String = unit.filter(|unit| *unit != "KGM").map(|unit| format!(" {unit}")).collect();
            lines.push(format!("{path} = {}{unit}", plain(&text)));
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut unordered = Vec::new();
        for inner in element.elements() {
            let number = counts.entry(inner.name()).or_default();
            *number += 1;
            match UNORDERED.contains(&inner.name()) {
                true => {
                    let mut inside = Vec::new();
                    collect(inner, "", &mut inside);
                    unordered.push(format!("{path}/{} = {}", inner.name(), inside.join(" ")));
                }
                false => collect(inner, &format!("{path}/{}[{number}]", inner.name()), lines),
            }
        }
        unordered.sort();
        lines.extend(unordered);
    }
    let document = Document::parse(body, &Options::default()).expect("it was read");
    let declaration = document.root().child("Declaration").expect("a declaration");
    let mut lines = Vec::new();
    collect(declaration, "", &mut lines);
    lines
}

/// A number without zeros that say nothing; anything else without white space around it.
fn plain(text: &str) -> String {
    let text = text.trim();
    match portgate_sdk::canonical::Decimal::from_partner(text) {
        Ok(number) if text.contains('.') && !text.starts_with('.') => {
            number.to_string().trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => text.to_owned(),
    }
}

fn differences(before: &[String], after: &[String]) -> Vec<String> {
    let lost = before.iter().filter(|line| !after.contains(line)).map(|line| format!("{line} (lost)"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("{line} (new)"));
    lost.chain(new).collect()
}

/// The samples that are declarations, and say which.
fn declarations() -> Option<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    for folder in ["hmrc-cds", "hmrc-cds-accept-reject-pairs", "customs-uk"] {
        collect(&shared().join("samples").join(folder), &mut files);
    }
    let read = |path: PathBuf| fs::read(&path).ok().map(|body| (path, body));
    let is_declaration = |body: &[u8]| {
        Document::parse(body, &Options::default())
            .is_ok_and(|document| document.root().path("Declaration/FunctionalReferenceID").is_some())
    };
    let found: Vec<_> = files.into_iter().filter_map(read).filter(|(_, body)| is_declaration(body)).collect();
    if found.is_empty() {
        println!("There are no samples here; nothing was tried.");
        return None;
    }
    Some(found)
}

fn schema() -> Option<XmlSchema> {
    laid_out("customs/wrapper_submit.xsd")
}

fn laid_out(root: &str) -> Option<XmlSchema> {
    let folder = shared().join("samples/customs-uk/cds-xsd");
    XmlSchema::laid_out(&folder, root, |name| Some(name.strip_prefix("hmrc_")?.replace("__", "/")))
}

fn shared() -> PathBuf {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"))
}

fn message(body: &[u8]) -> Message {
    testkit::message("cds-declaration", "3.6", "application/xml", body.to_vec())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            files.push(path);
        }
    }
}
