//! `portgate plugin test`: a plugin's cases in the real sandbox. The same folders that the SDK's test kit runs natively,
//! with the same comparison; and besides, every document is held against its canonical schema, as a gateway does. The
//! contract's own check of the payload is left out: a case says what the plugin does, even with what cannot reach it.

use std::path::{Path, PathBuf};

use clap::Args;
use portgate_canonical::SCHEMA_TEXTS;
use portgate_cases::{Answer, Case, CaseError};
use portgate_core::contract::Violations;
use portgate_core::document::{Decoded, Document, Rejection};
use portgate_core::document_schemas::DocumentSchemas;
use portgate_core::finding::Finding;
use portgate_core::message::Message;
use portgate_runtime::Tables;

use super::build::{BuildError, read_manifest};
use super::sandbox::{Sandbox, SandboxError};

/// What to test.
#[derive(Args)]
pub(crate) struct Options {
    /// The plugins' folders, each with plugin.toml and cases/
    #[arg(default_value = ".")]
    folders: Vec<PathBuf>,
    /// Where `portgate plugin build` has put the plugin files
    #[arg(long, default_value = "target/plugins")]
    built: PathBuf,
    /// Where compiled code is kept
    #[arg(long, default_value = "target/plugin-cache")]
    cache: PathBuf,
}

/// Why the test did not pass.
#[derive(Debug, thiserror::Error)]
pub(super) enum TestError {
    /// The plugin's folder cannot be used.
    #[error(transparent)]
    Manifest(#[from] BuildError),
    /// The plugin cannot be called.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A case cannot be used.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// Cases fail.
    #[error("{0} of the plugins do not pass their cases")]
    Failed(usize),
}

/// Runs the cases of every plugin named.
pub(super) fn run(options: &Options) -> Result<(), TestError> {
    let schemas = canonical_schemas();
    let mut failed = 0;
    for folder in &options.folders {
        let name = read_manifest(folder)?.name;
        let sandbox = Sandbox::open(&options.built.join(format!("{name}.wasm")), &options.cache)?;
        println!("{name} {} in the sandbox", sandbox.manifest().version);
        let report = test(&sandbox, folder, &schemas)?;
        print!("{report}");
        failed += usize::from(!report.passed());
    }
    if failed > 0 { Err(TestError::Failed(failed)) } else { Ok(()) }
}

fn canonical_schemas() -> DocumentSchemas {
    let parse =
        |text| serde_json::from_str::<serde_json::Value>(text).expect("the schemas in wit/canonical/v1 are JSON");
    DocumentSchemas::new(SCHEMA_TEXTS.map(|(kind, text)| (kind, parse(text)))).expect("the schemas compile")
}

fn test(sandbox: &Sandbox, folder: &Path, schemas: &DocumentSchemas) -> Result<portgate_cases::Report, CaseError> {
    portgate_cases::run(folder, |case| {
        let plugin = sandbox.admit(tables(case)?).map_err(|error| error.to_string())?;
        let call = sandbox.decode(&plugin, message(case));
        let result = call.outcome.map_err(|error| format!("the call ended with {error}"))?;
        for document in result.iter().flat_map(|decoded| &decoded.documents) {
            schemas.check(&document.kind, &document.body).map_err(|violations| broken(document, &violations))?;
        }
        Ok(answer(result))
    })
}

fn broken(document: &Document, violations: &Violations) -> String {
    let mut text = format!("the {} `{}` breaks its canonical schema:", document.kind, document.key);
    for finding in &violations.findings {
        text.push_str(&format!("\n             {} {}", finding.location, finding.detail));
    }
    text
}

fn message(case: &Case) -> Message {
    Message {
        partner: case.partner.clone(),
        contract: case.contract.clone(),
        version: case.version.clone(),
        content_type: case.content_type.clone(),
        headers: case.headers.clone(),
        received_at: case.received_at.clone(),
        digest: case.digest.clone(),
        body: case.body.clone(),
    }
}

/// The rows of a case as the tables of the engine, which reads CSV.
fn tables(case: &Case) -> Result<Tables, String> {
    let mut tables = Tables::default();
    let mut names: Vec<&str> = case.rows.iter().map(|row| row.table.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let mut csv = String::from("key,value,from,to\n");
        for row in case.rows.iter().filter(|row| row.table == name) {
            let fields = [
                &row.key,
                &row.value,
                row.from.as_ref().unwrap_or(&String::new()),
                row.to.as_ref().unwrap_or(&String::new()),
            ]
            .map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
            csv.push_str(&fields.join(","));
            csv.push('\n');
        }
        tables.add(name, csv.as_bytes()).map_err(|error| format!("case.toml, rows of the table {name}: {error}"))?;
    }
    Ok(tables)
}

/// What the plugin said, in the form of `expected.json`.
pub(crate) fn answer(result: Result<Decoded, Rejection>) -> Answer {
    match result {
        Ok(decoded) => {
            let documents = decoded.documents.into_iter().map(|document| {
                let refs = document.refs.into_iter();
                let refs = refs.map(|name| portgate_cases::Reference { scheme: name.scheme, value: name.value });
                portgate_cases::Document::new(document.kind, document.key, refs.collect(), &document.body)
            });
            Answer::Decoded {
                documents: documents.collect(),
                findings: decoded.findings.into_iter().map(finding).collect(),
            }
        }
        Err(rejection) => Answer::rejected(rejection.findings.into_iter().map(finding).collect()),
    }
}

fn finding(finding: Finding) -> portgate_cases::Finding {
    portgate_cases::Finding {
        code: finding.code,
        severity: finding.severity.to_string(),
        location: finding.location,
        detail: finding.detail,
    }
}
