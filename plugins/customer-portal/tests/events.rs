//! Events that go out are what the standard takes, and each is named by the digest of what it says.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use portgate_epcis::hash;
use serde_json::Value;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn json(path: &Path) -> Value {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn schema() -> Validator {
    jsonschema::validator_for(&json(&here("schemas/epcis.schema.json"))).expect("a schema")
}

fn events(document: &Value) -> &Vec<Value> {
    let list = document.pointer("/epcisBody/eventList");
    let list = list.or_else(|| document.pointer("/epcisBody/queryResults/resultsBody/eventList"));
    list.and_then(Value::as_array).expect("a list of events")
}

fn name_of(event: &Value, document: &Value) -> String {
    hash::event_id(event.as_object().expect("an event"), &hash::prefixes(&document["@context"]))
}

/// The bodies of the requests that the cases expect.
fn written() -> Vec<(String, Value)> {
    let cases = std::fs::read_dir(here("cases")).expect("cases").map(|case| case.expect("a folder").path());
    let encoded = cases.filter(|case| case.join("documents.json").exists());
    let of_events = encoded.filter_map(|case| {
        let request = std::fs::read_to_string(case.join("request.http")).ok()?;
        let body = request.strip_prefix("POST /capture\n")?.split_once("\n\n")?.1.to_owned();
        let name = case.file_name()?.to_string_lossy().into_owned();
        Some((name, serde_json::from_str(&body).expect("the body is JSON")))
    });
    of_events.collect()
}

#[test]
fn what_is_written_is_valid_and_named_by_its_digest() {
    let (schema, written) = (schema(), written());
    assert!(written.len() >= 10, "{} cases", written.len());
    for (case, document) in written {
        let wrong: Vec<String> =
            schema.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{case}: {wrong:#?}");
        for event in events(&document) {
            assert_eq!(event["eventID"], name_of(event, &document), "{case}");
        }
    }
}

/// The samples of a folder, each with its name; nothing where there are no samples.
fn samples(folder: &str) -> Vec<(String, Value)> {
    let folder = here("../../../shared/samples/epcis").join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("left out: there are no samples in {}", folder.display());
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let documents = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let named = |path: PathBuf| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), json(&path));
    documents.map(named).collect()
}

#[test]
fn the_schema_takes_what_is_valid_and_refuses_what_is_not() {
    let schema = schema();
    for (name, document) in samples("json-2.0").into_iter().chain(samples("epcis2-jsonld")) {
        let wrong: Vec<String> =
            schema.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
    for (name, document) in samples("negative") {
        assert!(!schema.is_valid(&document), "{name} is taken");
    }
}

/// The names that the reference implementation of CBV 2.0 gives to the events of documents which it shares with the samples.
#[test]
fn events_of_others_have_the_names_that_were_published() {
    let published = [
        ("epcisDocWithAllGS1Keys.json", "40744f32beff53a4bf5bb5956d465cb52de5bbcc9f131409d8efb903b04d9351"),
        ("ObjectEvent_all_possible_fields.json", "9811bfb2672e9c3a0f6151be339d22b60db375c8b23d2740f6137cc6539f0639"),
    ];
    for (name, document) in samples("json-2.0") {
        let Some((_, digest)) = published.iter().find(|(known, _)| *known == name) else { continue };
        let event = &events(&document)[0];
        let said = hash::said(event.as_object().expect("an event"), &hash::prefixes(&document["@context"]));
        assert_eq!(name_of(event, &document), format!("ni:///sha-256;{digest}?ver=CBV2.0"), "{name}: {said}");
    }
}
