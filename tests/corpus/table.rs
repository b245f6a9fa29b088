//! What becomes of each file of a connector's samples: a row for each, or for all whose path has something in common.
//!
//! The samples stand beside the checkout; without them a test says so and proves nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use portgate_tests::samples;

use super::bench::{Answer, Bench, located};

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

/// The files of a connector.
pub(crate) struct Table {
    pub(crate) plugin: &'static str,
    /// What the paths of its files below the samples begin with.
    pub(crate) paths: &'static [&'static str],
    pub(crate) rows: &'static [Row],
}

impl Table {
    pub(crate) fn has(&self, below: &str) -> bool {
        self.paths.iter().any(|start| below.starts_with(start))
    }
}

/// The files of the samples, each with its path below them; nothing where there are no samples.
pub(crate) fn all_files() -> Option<Vec<(PathBuf, String)>> {
    let root = samples::shared()?.join("samples");
    let below = |path: &Path| path.strip_prefix(&root).unwrap_or(path).to_string_lossy().into_owned();
    Some(samples::files(&root).into_iter().map(|path| (path.clone(), below(&path))).collect())
}

/// Holds every file of a table against its row.
pub(crate) async fn hold(table: &Table) {
    let Some(files) = all_files() else { return };
    let bench = Bench::new();
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for start in table.paths.iter().filter(|start| !files.iter().any(|(_, below)| below.starts_with(**start))) {
        wrong.push(format!("no sample in {start}"));
    }
    for (path, below) in files.iter().filter(|(_, below)| table.has(below)) {
        let Some(index) = table.rows.iter().position(|(part, ..)| below.contains(part)) else {
            wrong.push(format!("{below}: it has no row"));
            continue;
        };
        used.insert(index);
        let (_, contract, fate) = &table.rows[index];
        let (contract_name, version) = contract.split_once('/').expect("name/version");
        let body = std::fs::read(path).expect("a sample");
        let answer = bench.answer(table.plugin, contract_name, version, body).await;
        match answer.and_then(|answer| judged(fate, &answer)) {
            Ok(said) => println!("{:<72} {contract:<28} {said}", shown(path)),
            Err(problem) => wrong.push(format!("{below}: {problem}")),
        }
    }
    let unused = table.rows.iter().enumerate().filter(|(index, _)| !used.contains(index));
    wrong.extend(unused.map(|(_, (part, contract, _))| format!("no file for the row `{part}` of {contract}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn shown(path: &Path) -> String {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    format!("{}/{}", path.parent().map(name).unwrap_or_default(), name(path))
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
