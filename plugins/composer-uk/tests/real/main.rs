//! The composer against real declarations: of each example that HMRC publishes the documents are derived that would have led to it,
//! and what is composed of them is held against the example, field by field. The samples are not part of the repository; without
//! them the test says so and passes. `PORTGATE_SHARED` names another folder.

mod derived;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use broker_cds::BrokerCds;
use composer_uk::ComposerUk;
use portgate_sdk::agreement::Setting;
use portgate_sdk::testkit::Row;
use portgate_sdk::{Composer, Composition, Connector, Document, Message, testkit};
use serde_json::Value;

use derived::derived;

const NOW: &str = "2026-03-01T08:15:00Z";

/// The table of what comes out otherwise and of what is missing, each with the reason. With `UPDATE_CASES=1` its numbers are
/// written anew, for a person to read in the diff and to say why.
const TABLE: &str = "tests/real/table.md";

#[test]
fn what_is_composed_is_what_was_declared_but_for_what_is_listed() {
    let Some(files) = samples() else { return };
    let (mut composed, mut same) = (0, BTreeMap::<String, usize>::new());
    let mut different: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut missing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, body) in files {
        for declaration in declarations(&body) {
            let Some(derived) = derived(&declaration) else { continue };
            let context = Document {
                kind: "shipment-context".into(),
                key: "S".into(),
                refs: Vec::new(),
                body: derived.context.to_string().into_bytes(),
            };
            portgate_sdk::testkit::provide(tariff(&declaration));
            let settings = derived.settings.into_iter().map(|(name, value)| Setting { name, value }).collect();
            let lrn = declaration["lrn"].as_str().unwrap_or_default().to_owned();
            let composition = Composition { regime: derived.regime.into(), lrn, amends: None, settings };
            match ComposerUk::compose(&context, &composition, NOW) {
                Ok(made) => {
                    composed += 1;
                    let made: Value = serde_json::from_slice(&made.body).expect("JSON");
                    compare(&name, &declaration, &made, &mut same, &mut different);
                }
                Err(judgements) => {
                    for judgement in judgements {
                        println!("{name}: {}: {} {:?}", judgement.rule, judgement.detail, judgement.fields);
                        missing.entry(name.clone()).or_default().insert(judgement.rule);
                    }
                }
            }
        }
    }
    let values: usize = same.values().sum();
    println!(
        "{composed} declarations are composed, of {} something is missing; {values} values are the same",
        missing.len()
    );
    different.values().flatten().for_each(|line| println!("{line}"));
    assert!(composed > 25, "only {composed} declarations are composed");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    let known = fs::read_to_string(&path).unwrap_or_default();
    let reason = |of: &str| {
        let line = known.lines().find(|line| line.starts_with(&format!("| `{of}` |")));
        line.and_then(|line| line.rsplit('|').nth(1)).map_or("", str::trim).to_owned()
    };
    let mut table = format!(
        "# Composed of what real declarations say\n\n{composed} declarations of HMRC's examples are composed of the documents that \
         would have led to them, and {values} values come out as they were declared. What comes out otherwise:\n\n\
         | field | the same | otherwise | why |\n|---|---|---|---|\n"
    );
    for (field, lines) in &different {
        let (same, why) = (same.get(field).copied().unwrap_or(0), reason(field));
        table.push_str(&format!("| `{field}` | {same} | {} | {why} |\n", lines.len()));
    }
    table.push_str("\nOf these nothing is composed:\n\n| declaration | rules | why |\n|---|---|---|\n");
    for (name, rules) in &missing {
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        table.push_str(&format!("| `{name}` | {} | {} |\n", rules.join(", "), reason(name)));
    }
    if std::env::var_os("UPDATE_CASES").is_some_and(|value| value == "1") {
        fs::write(&path, &table).expect("the table");
        return;
    }
    assert_eq!(known, table, "{TABLE} says otherwise; run again with UPDATE_CASES=1 and read it");
    let unexplained: Vec<&str> =
        table.lines().filter(|line| line.starts_with("| `") && line.ends_with("|  |")).collect();
    assert!(unexplained.is_empty(), "{TABLE} does not say why: {unexplained:#?}");
}

/// The tariff, as far as the declaration shows what it counts: supplementary units of its commodities.
fn tariff(declaration: &Value) -> Vec<Row> {
    let items = declaration["items"].as_array().expect("items").iter();
    let counted = items.filter(|item| item["supplementaryUnits"].is_object());
    let code = |item: &Value| {
        let part = |name: &str| item["classification"][name].as_str().unwrap_or_default().to_owned();
        let taric = Some(part("taric")).filter(|taric| !taric.is_empty());
        format!("{}{}", part("commodity"), taric.unwrap_or_else(|| "00".to_owned()))
    };
    let row = |item: &Value| Row {
        table: "uk-tariff".into(),
        key: code(item),
        from: None,
        to: None,
        value: r#"{"supplementary_unit":"p/st"}"#.into(),
    };
    counted.map(row).collect()
}

/// What both say, leaf by leaf. Lists whose order says nothing are brought into one.
fn compare(
    name: &str,
    declared: &Value,
    made: &Value,
    same: &mut BTreeMap<String, usize>,
    different: &mut BTreeMap<String, Vec<String>>,
) {
    let (declared, made) = (leaves(declared), leaves(made));
    let paths: BTreeSet<&String> = declared.keys().chain(made.keys()).collect();
    for path in paths {
        let field: String = path
            .split('/')
            .filter(|step| !step.is_empty() && step.parse::<usize>().is_err())
            .collect::<Vec<_>>()
            .join("/");
        let (was, is) = (declared.get(path), made.get(path));
        if was == is {
            *same.entry(field).or_default() += 1;
        } else {
            let said = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
            let files = different.entry(field).or_default();
            files.push(format!("{name}: {path} was {}, is {}", said(was), said(is)));
        }
    }
}

/// Fields that are the gateway's own, or the sender's.
const OWN: [&str; 5] = ["id", "version", "source", "references", "reckoned"];

fn leaves(declaration: &Value) -> BTreeMap<String, String> {
    fn walk(value: &Value, path: &str, leaves: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if !(path.is_empty() && OWN.contains(&name.as_str())) && name != "reckoned" {
                        walk(value, &format!("{path}/{name}"), leaves);
                    }
                }
            }
            Value::Array(values) => {
                let mut values: Vec<&Value> = values.iter().collect();
                let coded =
                    ["/documents", "/previousDocuments", "/authorisations", "/parties", "/additionalInformation"];
                if coded.iter().any(|name| path.ends_with(name)) {
                    values.sort_by_key(|value| value.to_string());
                }
                for (index, value) in values.into_iter().enumerate() {
                    walk(value, &format!("{path}/{index}"), leaves);
                }
            }
            Value::String(text) => drop(leaves.insert(path.to_owned(), plain(text))),
            other => drop(leaves.insert(path.to_owned(), other.to_string())),
        }
    }
    let mut all = BTreeMap::new();
    walk(declaration, "", &mut all);
    all
}

/// A number without noughts that say nothing.
fn plain(text: &str) -> String {
    match portgate_sdk::canonical::Decimal::parse(text) {
        Ok(number) if text.contains('.') => number.normalised().to_string(),
        _ => text.to_owned(),
    }
}

fn declarations(body: &[u8]) -> Vec<Value> {
    let message = Message {
        received_at: NOW.into(),
        ..testkit::message("cds-declaration", "3.6", "application/xml", body.to_vec())
    };
    let decoded = BrokerCds::decode(&message);
    let documents = decoded.map(|decoded| decoded.documents).unwrap_or_default();
    let declarations = documents.into_iter().filter(|document| document.kind == "customs-declaration");
    declarations.map(|document| serde_json::from_slice(&document.body).expect("JSON")).collect()
}

/// The samples that are there, each with its path below their folder.
fn samples() -> Option<Vec<(String, Vec<u8>)>> {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let folder = shared.join("samples/hmrc-cds");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    if files.is_empty() {
        println!("There are no samples here; nothing was tried.");
        return None;
    }
    files.sort();
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(&folder).unwrap_or(path).to_string_lossy().into_owned();
        Some((name, fs::read(path).ok()?))
    };
    Some(files.iter().filter_map(read).collect())
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
