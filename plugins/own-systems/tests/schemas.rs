//! The contracts' schemas are those of the documents, without the `source` that the gateway says. `UPDATE_SCHEMAS=1 cargo test`
//! writes them anew.

use std::path::Path;

use serde_json::Value;

const KINDS: [&str; 10] = [
    "customs-declaration",
    "customs-movement",
    "fulfilment",
    "invoice-response",
    "landed-cost-event",
    "load-tender",
    "load-tender-response",
    "packing",
    "shipment",
    "warehouse-order",
];

/// The schema of a kind as a sender keeps to it.
fn without_source(schema: &str, kind: &str) -> String {
    let mut schema: Value = serde_json::from_str(schema).expect("JSON");
    schema["$id"] = format!("urn:portgate:own-systems:1:{kind}").into();
    schema["properties"].as_object_mut().expect("properties").remove("source").expect("a source");
    schema["required"].as_array_mut().expect("a list").retain(|name| name != "source");
    let definitions = schema["$defs"].as_object_mut().expect("definitions");
    definitions.remove("Source").expect("a source");
    let mut text = serde_json::to_string_pretty(&schema).expect("JSON");
    text.push('\n');
    text
}

#[test]
fn a_contract_keeps_to_the_schema_of_its_kind() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for kind in KINDS {
        let canonical = folder.join(format!("../../wit/canonical/v1/{kind}.schema.json"));
        let wanted = without_source(&std::fs::read_to_string(canonical).expect("the kind's schema"), kind);
        let file = folder.join(format!("schemas/{kind}.schema.json"));
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(&file, &wanted).expect("a file");
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(found == wanted, "{}: run UPDATE_SCHEMAS=1 cargo test -p own-systems", file.display());
    }
}
