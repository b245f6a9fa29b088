//! What the cases compose is right by others' word: it can be written as the broker's message, that passes HMRC's schema where
//! that is at hand, and the core rule pack finds nothing wrong with it beside the documents that it was made of.

use std::fs;
use std::path::{Path, PathBuf};

use broker_cds::BrokerCds;
use portgate_sdk::testkit::XmlSchema;
use portgate_sdk::{Connector, Document, Rules, Target};
use rules_core::Core;
use serde_json::{Value, json};

const NOW: &str = "2026-03-01T08:15:00Z";

fn json_file(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Each case that makes a declaration: its name, the context, the declaration.
fn composed() -> Vec<(String, Value, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut folders: Vec<PathBuf> = fs::read_dir(folder).expect("cases").flatten().map(|entry| entry.path()).collect();
    folders.sort();
    let read = |folder: PathBuf| {
        let made = json_file(&folder.join("expected.json"))["document"]["body"].take();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (!made.is_null()).then(|| (name, json_file(&folder.join("context.json")), made))
    };
    let composed: Vec<_> = folders.into_iter().filter_map(read).collect();
    assert!(composed.len() > 6, "only {} cases make a declaration", composed.len());
    composed
}

fn document(kind: &str, body: &Value) -> Document {
    let (kind, key) = (kind.to_owned(), body["id"].as_str().unwrap_or_default().to_owned());
    Document { kind, key, refs: Vec::new(), body: body.to_string().into_bytes() }
}

#[test]
fn each_is_written_as_the_broker_s_message_and_passes_the_published_schema() {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let schemas = shared.join("samples/customs-uk/cds-xsd");
    let placed = |name: &str| Some(name.strip_prefix("hmrc_")?.replace("__", "/"));
    let schema = XmlSchema::laid_out(&schemas, "customs/wrapper_submit.xsd", placed);
    for (name, _, made) in composed() {
        let target = Target::new("cds-declaration", "3.6", NOW);
        let request = BrokerCds::encode(&[document("customs-declaration", &made)], &target);
        let request = request.unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        let text = String::from_utf8_lossy(&request.body);
        assert!(text.contains("<GovernmentAgencyGoodsItem>"), "{name}: {text}");
        if let Some(schema) = &schema {
            assert_eq!(schema.errors(&request.body), Vec::<String>::new(), "{name}: {text}");
        }
    }
}

#[test]
fn the_core_rule_pack_finds_nothing_wrong_with_any_of_them() {
    for (name, mut context, made) in composed() {
        let provenance = json!({
            "system": "portgate", "version": "1", "recordedAt": { "value": NOW }, "rawRef": "0".repeat(64),
        });
        let declared = json!({
            "kind": "customs-declaration", "id": made["id"], "provenance": provenance, "document": made,
        });
        context["documents"].as_array_mut().expect("documents").push(declared);
        let judgements = Core::inspect(&document("shipment-context", &context), NOW);
        assert_eq!(judgements, [], "{name}");
    }
}

#[test]
fn nothing_of_a_declaration_depends_on_the_hour_or_on_the_order_of_the_documents() {
    use composer_uk::ComposerUk;
    use portgate_sdk::agreement::Setting;
    use portgate_sdk::{Composer, Composition};
    let name = "import-two-invoices-by-sea";
    let (_, context, made) = composed().into_iter().find(|(known, ..)| known == name).expect(name);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name);
    let case = fs::read_to_string(folder.join("case.toml")).expect("a case");
    // Names and values of the settings, one a line.
    let settings = case.split("[composition.settings]").nth(1).expect("settings").lines().filter_map(|line| {
        let (name, value) = line.split_once(" = ")?;
        let plain = |text: &str| text.trim().trim_matches('"').to_owned();
        Some(Setting { name: plain(name), value: plain(value) })
    });
    let settings: Vec<Setting> = settings.collect();
    let composition = |lrn: &str| Composition {
        regime: "uk-import".into(),
        lrn: lrn.into(),
        amends: None,
        settings: settings.clone(),
    };
    let compose = |context: &Value, now: &str| {
        let made = ComposerUk::compose(&document("shipment-context", context), &composition("F000001"), now);
        serde_json::from_slice::<Value>(&made.expect("a declaration").body).expect("JSON")
    };
    assert_eq!(compose(&context, "2026-03-01T23:59:59Z"), made);
    assert_eq!(compose(&context, "2026-12-24T00:00:00Z"), made);
    for _ in 0..context["documents"].as_array().expect("documents").len() {
        let mut turned = context.clone();
        turned["documents"].as_array_mut().expect("documents").rotate_left(1);
        turned["catalogue"].as_array_mut().expect("catalogue").reverse();
        assert_eq!(compose(&turned, NOW), made);
    }
    // Neither what was pro forma alone nor what a forwarder charges is of other goods.
    for type_code in ["325", "623"] {
        let mut with_another = context.clone();
        let documents = with_another["documents"].as_array_mut().expect("documents");
        let mut another = documents.iter().find(|one| one["kind"] == "commercial-invoice").expect("an invoice").clone();
        another["id"] = json!("ANOTHER");
        another["document"]["id"] = json!("ANOTHER");
        another["document"]["number"] = json!("ANOTHER");
        another["document"]["typeCode"]["code"] = json!(type_code);
        documents.push(another);
        assert_eq!(compose(&with_another, NOW), made, "{type_code}");
    }
    let long = ComposerUk::compose(&document("shipment-context", &context), &composition(&"L".repeat(36)), NOW);
    assert_eq!(long.expect_err("too long")[0].rule, "C-UK-01");
}

#[test]
fn a_hundred_items_are_one_too_many() {
    use composer_uk::ComposerUk;
    use portgate_sdk::{Composer, Composition};
    let (_, mut context, _) =
        composed().into_iter().find(|(name, ..)| name == "import-two-invoices-by-sea").expect("it");
    let lines = (1..=100).map(|no| {
        json!({
            "lineNo": no.to_string(), "quantity": { "value": "1", "unit": "C62" },
            "lineNet": { "amount": "1.00", "currency": "GBP" }, "originCountry": "VN",
        })
    });
    let lines: Vec<Value> = lines.collect();
    let documents = context["documents"].as_array_mut().expect("documents");
    documents.retain(|one| one["id"] != "INV-2");
    let invoice = documents.iter_mut().find(|one| one["id"] == "INV-1").expect("an invoice");
    invoice["document"]["lines"] = Value::Array(lines);
    let composition = Composition { regime: "uk-import".into(), lrn: "L".into(), amends: None, settings: Vec::new() };
    let judgements =
        ComposerUk::compose(&document("shipment-context", &context), &composition, NOW).expect_err("too many");
    let too_many: Vec<_> = judgements.iter().filter(|one| one.rule == "C-UK-04").collect();
    assert_eq!(too_many.len(), 1, "{judgements:#?}");
    assert!(too_many[0].detail.contains("100 items") && too_many[0].fields[0].ends_with("/lines/99"), "{too_many:#?}");
}
