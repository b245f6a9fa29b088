//! What becomes of each file of a connector's samples: a row for each, or for all whose path has something in common.
//!
//! The samples stand beside the checkout; without them a test says so and proves nothing.

use std::collections::BTreeSet;
use std::path::Path;

use portgate_tests::samples;

use super::{Answer, Bench, located, name};

/// What becomes of a file.
pub(crate) enum Fate {
    /// It is taken: as many documents of this kind at least.
    Taken(&'static str, usize),
    /// It is taken, and a finding of this code says why nothing comes of it.
    Nothing(&'static str),
    /// It is refused with findings of this code alone.
    Refused(&'static str),
    /// It is no message of the contract, for this reason, and refused with a place.
    NoMessage(&'static str),
}

/// What stands in the path of files below the samples, the contract (`name/version`) that they are held against, and what
/// becomes of them. The first row that fits a file is its own.
pub(crate) type Row = (&'static str, &'static str, Fate);

/// Holds every file below folders of the samples against the row that it has in the table of a connector.
pub(crate) async fn hold(plugin: &str, folders: &[&str], rows: &[Row]) {
    let Some(shared) = samples::shared() else { return };
    let root = shared.join("samples");
    let bench = Bench::new();
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for folder in folders {
        let files = samples::files(&root.join(folder));
        assert!(!files.is_empty(), "no sample in {folder}");
        for path in files {
            let below = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
            let Some(index) = rows.iter().position(|(part, ..)| below.contains(part)) else {
                wrong.push(format!("{below}: it has no row"));
                continue;
            };
            used.insert(index);
            let (_, contract, fate) = &rows[index];
            let (contract_name, version) = contract.split_once('/').expect("name/version");
            let body = std::fs::read(&path).expect("a sample");
            let answer = bench.answer(plugin, contract_name, version, body).await;
            match answer.and_then(|answer| judged(fate, &answer)) {
                Ok(said) => println!("{:<72} {contract:<28} {said}", shown(&path)),
                Err(problem) => wrong.push(format!("{below}: {problem}")),
            }
        }
    }
    let unused = rows.iter().enumerate().filter(|(index, _)| !used.contains(index));
    wrong.extend(unused.map(|(_, (part, contract, _))| format!("no file for the row `{part}` of {contract}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn shown(path: &Path) -> String {
    let folder = path.parent().map(name).unwrap_or_default();
    format!("{folder}/{}", name(path))
}

/// What is printed of a file whose answer is what its row says.
fn judged(fate: &Fate, answer: &Answer) -> Result<String, String> {
    match (fate, answer) {
        (Fate::Taken(kind, least), Answer::Taken(documents, findings))
            if documents.iter().filter(|document| document.kind == *kind).count() >= *least =>
        {
            let codes: BTreeSet<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
            let kinds: BTreeSet<_> = documents.iter().map(|document| document.kind.as_str()).collect();
            Ok(format!("{} documents {kinds:?} {codes:?}", documents.len()))
        }
        (Fate::Nothing(code), Answer::Taken(documents, findings))
            if documents.is_empty() && findings.iter().any(|finding| finding.code == *code) =>
        {
            Ok(format!("taken, nothing comes of it: {code}"))
        }
        (Fate::Refused(code), Answer::Refused(findings)) if findings.iter().all(|finding| finding.code == *code) => {
            located(findings).map(|()| format!("refused: {code}"))
        }
        (Fate::NoMessage(why), Answer::Refused(findings)) => {
            located(findings).map(|()| format!("no message of the connector: {why}"))
        }
        (_, Answer::Taken(documents, findings)) => {
            let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
            Err(format!("taken as {kinds:?}, {findings:?}"))
        }
        (_, Answer::Refused(findings)) => Err(format!("refused: {findings:?}")),
    }
}
