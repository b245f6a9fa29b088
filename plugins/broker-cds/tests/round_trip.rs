//! Every declaration of the samples, read and written again: as trees they are the same, but for what is listed here with its
//! reason, and what is written passes the published schema wherever the original does. The samples are not part of the
//! repository; without them the test says so and passes. `PORTGATE_SHARED` names another folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use broker_cds::BrokerCds;
use portgate_sdk::testkit::XmlSchema;
use portgate_sdk::xml::{Document, Element, Options};
use portgate_sdk::{Connector, Message, Target};

/// Elements whose order among those of their name says nothing, since each has its code.
const UNORDERED: [&str; 3] = ["Classification", "Origin", "GovernmentProcedure"];

/// What is not the same when it is written again, by its path below `Declaration`, and why.
const LOST: &[(&str, &str)] = &[];

#[test]
fn what_is_read_is_written_again() {
    let Some(declarations) = declarations() else { return };
    let (mut same, mut lost, mut valid): (usize, BTreeMap<String, usize>, usize) = Default::default();
    let mut wrong = Vec::new();
    let schema = schema();
    for (path, body) in &declarations {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let written = match again(body) {
            Ok(written) => written,
            Err(problem) => {
                wrong.push(format!("{name}: {problem}"));
                continue;
            }
        };
        let differences = differences(&tree(body), &tree(&written));
        same += usize::from(differences.is_empty());
        for difference in differences {
            match LOST.iter().find(|(path, _)| difference.starts_with(path)) {
                Some((path, _)) => *lost.entry((*path).to_owned()).or_default() += 1,
                None => wrong.push(format!("{name}: {difference}")),
            }
        }
        if let Some(schema) = &schema && schema.errors(body).is_empty() {
            valid += 1;
            wrong.extend(schema.errors(&written).iter().map(|error| format!("{name}: written: {error}")));
        }
    }
    println!("{} declarations, {same} of them the same, {valid} valid by the schema; lost: {lost:?}", declarations.len());
    let unused = LOST.iter().filter(|(path, _)| !lost.contains_key(*path));
    wrong.extend(unused.map(|(path, why)| format!("nothing is lost of {path} ({why})")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A declaration read and written.
fn again(body: &[u8]) -> Result<Vec<u8>, String> {
    let decoded = BrokerCds::decode(&message(body)).map_err(|rejection| rejection.to_string())?;
    let kept = decoded.findings.iter().filter(|finding| finding.code == "NOT-KEPT").map(ToString::to_string);
    let kept: Vec<_> = kept.collect();
    if !kept.is_empty() {
        return Err(kept.join("; "));
    }
    let target = Target::new("cds-declaration", "3.6", "2026-03-01T08:15:00Z");
    let request = BrokerCds::encode(&decoded.documents, &target).map_err(|rejection| rejection.to_string())?;
    Ok(request.body)
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
        Document::parse(body, &Options::default()).is_ok_and(|document| {
            document.root().path("Declaration/FunctionalReferenceID").is_some()
        })
    };
    let found: Vec<_> = files.into_iter().filter_map(read).filter(|(_, body)| is_declaration(body)).collect();
    if found.is_empty() {
        println!("There are no samples here; nothing was tried.");
        return None;
    }
    Some(found)
}

fn schema() -> Option<XmlSchema> {
    let folder = shared().join("samples/customs-uk/cds-xsd");
    XmlSchema::laid_out(&folder, "customs/wrapper_submit.xsd", |name| {
        Some(name.strip_prefix("hmrc_")?.replace("__", "/"))
    })
}

fn shared() -> PathBuf {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"))
}

fn message(body: &[u8]) -> Message {
    Message {
        partner: "broker".into(),
        contract: "cds-declaration".into(),
        version: "3.6".into(),
        content_type: "application/xml".into(),
        headers: Vec::new(),
        received_at: "2026-03-01T08:15:00Z".into(),
        digest: "0".repeat(64),
        body: body.to_vec(),
        agreement: None,
        control_numbers: None,
    }
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
