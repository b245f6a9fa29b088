//! Every real payload at hand is read, or refused at a place. The samples are not part of this repository: without them
//! (`../shared`, or the folder that `PORTGATE_SHARED` names) these tests have nothing to do.

use std::path::{Path, PathBuf};

use portgate_readers::xml::{self, Document, TrailingText};
use portgate_readers::{Anomaly, edi, edifact, x12};

fn shared(folder: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("PORTGATE_SHARED") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let folder = root.join(folder);
    if !folder.exists() {
        println!("no samples at {}, nothing read", folder.display());
    }
    folder.exists().then_some(folder)
}

fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of samples can be listed") {
            let path = entry.expect("an entry of a folder can be read").path();
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if extensions.contains(&extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// One line of the table, and what it counts as.
struct Row {
    refused: bool,
    text: String,
}

fn read_row(what: String, anomalies: &[Anomaly]) -> Row {
    let mut codes: Vec<&str> = anomalies.iter().map(|anomaly| anomaly.code).collect();
    assert!(anomalies.iter().all(|anomaly| !anomaly.location.is_empty() && !anomaly.detail.is_empty()));
    codes.dedup();
    Row { refused: false, text: format!("{what:32} {}", codes.join(" ")) }
}

fn table(title: &str, folder: &Path, extensions: &[&str], read: impl Fn(&[u8]) -> Row) -> (usize, usize) {
    let mut refused = 0;
    let files = files(folder, extensions);
    println!("\n{title}: {} files", files.len());
    for path in &files {
        let row = read(&std::fs::read(path).expect("a sample can be read"));
        refused += usize::from(row.refused);
        println!("  {:64} {}", path.strip_prefix(folder).unwrap_or(path).display(), row.text);
    }
    println!("  read {}, refused with a place {refused}", files.len() - refused);
    (files.len(), refused)
}

fn refused(error: &edi::EdiError) -> Row {
    assert!(error.line > 0 && error.column > 0 && error.segment_number > 0);
    Row { refused: true, text: format!("REFUSED {} {}: {}", error.code, error.location(), error.detail) }
}

fn kinds<'d>(messages: impl Iterator<Item = edi::Message<'d>>, segments: usize) -> String {
    let mut kinds: Vec<String> = messages.map(|message| message.kind().unwrap_or("?".into()).into_owned()).collect();
    let count = kinds.len();
    kinds.dedup();
    format!("{count} x {} ({segments} segments)", kinds.join(","))
}

#[test]
fn every_edifact_sample_is_read_or_refused_at_a_place() {
    let Some(folder) = shared("samples/edifact") else { return };
    let (files, refused) = table("EDIFACT", &folder, &["edi", "txt"], |bytes| {
        match edifact::Interchange::parse(bytes, &edifact::Limits::default()) {
            Ok(found) => read_row(kinds(found.messages(), found.segments().len()), found.anomalies()),
            Err(error) => refused(&error),
        }
    });
    assert!(refused * 4 < files, "most of the samples are right and must be read");
}

#[test]
fn every_x12_sample_is_read_or_refused_at_a_place() {
    let Some(folder) = shared("samples/x12") else { return };
    let (files, refused) =
        table("X12", &folder, &["edi", "txt"], |bytes| match x12::Interchange::parse(bytes, &x12::Limits::default()) {
            Ok(found) => read_row(kinds(found.messages(), found.segments().len()), found.anomalies()),
            Err(error) => refused(&error),
        });
    assert!(refused * 4 < files, "most of the samples are right and must be read");
}

#[test]
fn every_customs_sample_is_read_or_refused_at_a_place() {
    let options = xml::Options { trailing_text: TrailingText::Warn, ..xml::Options::default() };
    for family in ["hmrc-cds", "hmrc-cds-accept-reject-pairs", "hmrc-cds-status-dis", "ubl", "cii", "eu-ncts5"] {
        let Some(folder) = shared(&format!("samples/{family}")) else { continue };
        let (files, refused) = table(family, &folder, &["xml"], |bytes| match Document::parse(bytes, &options) {
            Ok(document) => read_row(document.root().name().to_owned(), document.anomalies()),
            Err(error) => {
                assert!(error.line > 0 && error.column > 0);
                Row { refused: true, text: format!("REFUSED {} {}: {}", error.code, error.location(), error.detail) }
            }
        });
        assert!(refused * 4 <= files, "most of the samples are right and must be read");
    }
}

#[test]
fn no_xml_attack_is_expanded_and_document_types_are_refused_at_their_line() {
    let Some(file) = shared("corpora/xml-attacks/defusedxml.json") else { return };
    let text = std::fs::read_to_string(file).expect("the corpus can be read");
    let attacks: std::collections::BTreeMap<String, String> =
        serde_json::from_str(&text).expect("the corpus is a JSON object of texts");
    assert!(!attacks.is_empty());
    for (name, attack) in attacks {
        let line = attack.lines().position(|line| line.contains("<!DOCTYPE")).map(|index| index as u32 + 1);
        match (Document::parse(attack.as_bytes(), &xml::Options::default()), line) {
            (Err(error), Some(line)) => {
                println!("{name:24} {} {}", error.code, error.location());
                assert_eq!((error.code, error.line), ("xml-doctype", line), "{name}");
            }
            (Ok(_), Some(_)) => panic!("{name} has a document type and was read"),
            (Err(error), None) => println!("{name:24} {} {}", error.code, error.location()),
            (Ok(document), None) => {
                let read = document.root().text().map_or(0, |text| text.len());
                println!("{name:24} read, {read} bytes of text");
                assert!(read <= attack.len());
            }
        }
    }
}
