//! The checked-in schemas are the generated ones, and structs and schemas accept the same.

use std::path::PathBuf;

use portgate_canonical::{SCHEMA_TEXTS, schemas};
use serde_json::{Value, json};

fn path(kind: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../wit/canonical/v1/{kind}.schema.json"))
}

/// With `UPDATE_SCHEMAS=1` it writes them instead; a released schema must never change.
#[test]
fn the_checked_in_schemas_are_the_generated_ones() {
    for (kind, schema) in schemas() {
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).expect("a schema serialises"));
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(path(kind), &text).expect("a schema can be written");
        }
        let checked_in = std::fs::read_to_string(path(kind)).unwrap_or_default();
        assert_eq!(checked_in, text, "{kind}: run with UPDATE_SCHEMAS=1 and look at the difference");
    }
    assert_eq!(
        SCHEMA_TEXTS.map(|(kind, _)| kind).to_vec(),
        schemas().iter().map(|(kind, _)| *kind).collect::<Vec<_>>()
    );
}

fn base(fields: Value) -> Value {
    let mut document = json!({
        "id": "a-1", "version": "1",
        "source": { "system": "acme", "messageId": "m-1", "recordedAt": { "value": "2026-03-01T08:15:00Z" }, "rawRef": "0".repeat(64) },
        "references": [{ "scheme": "order", "value": "1001" }],
    });
    document.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    document
}

/// One example of each kind, with at least one field of each type in it.
fn examples() -> Vec<(&'static str, Value)> {
    let money = |amount: &str| json!({ "amount": amount, "currency": "GBP" });
    let pieces = |value: &str| json!({ "value": value, "unit": "C62" });
    let code = |code: &str, list: &str| json!({ "code": code, "codeList": list, "sourceCode": "x" });
    let at = json!({ "value": "2026-03-01T08:15:00+01:00" });
    vec![
        (
            "order",
            base(json!({
                "orderNumber": "1001", "issuedAt": at, "currency": "GBP", "channel": "ecommerce",
                "totals": { "gross": money("12.00"), "net": money("10.00"), "tax": money("2.00") },
                "incoterm": { "code": "DDP", "place": { "unLocode": "GBFXT", "name": "Felixstowe" } },
                "shipTo": { "role": "consignee", "name": "A", "address": { "lines": ["1 Street"], "country": "GB" }, "ids": [{ "scheme": "EORI", "value": "GB123456789000" }] },
                "lines": [{ "lineNo": "1", "quantity": pieces("2"), "itemRef": "SKU-1", "unitPrice": money("5.00"), "requestedDeliveryDate": "2026-03-09" }],
            })),
        ),
        (
            "item",
            base(
                json!({ "sku": "SKU-1", "netWeightKg": "0.200", "originCountry": "CN", "dangerousGoods": { "unNumber": "3481", "class": "9" } }),
            ),
        ),
        (
            "item-classification",
            base(
                json!({ "sku": "SKU-1", "jurisdiction": "XI", "nomenclature": "TARIC10", "code": "8517120000", "hs6": "851712", "validFrom": "2026-01-01", "additionalCodes": ["4099"] }),
            ),
        ),
        (
            "shipment",
            base(
                json!({ "shipmentId": "S-1", "mode": "sea", "legs": [{ "seq": 1, "mode": "sea", "etd": at, "transport": { "vesselImo": "9321483" } }], "equipment": [{ "id": "APZU4812090", "seals": ["1"] }], "packages": [{ "type": "CT", "count": 3 }], "lines": [{ "lineNo": "1", "quantity": pieces("1") }] }),
            ),
        ),
        (
            "commercial-invoice",
            base(
                json!({ "number": "I-1", "issueDate": "2026-03-01", "typeCode": code("380", "UNTDID 1001"), "currency": "GBP", "totals": { "payable": money("1.00") }, "fxRate": { "to": "EUR", "rate": "1.15" }, "lines": [{ "lineNo": "1", "quantity": pieces("1"), "lineNet": money("1.00"), "hs6": "851712", "preferenceClaimed": false }], "charges": [{ "code": code("FC", "UNTDID 7161"), "amount": money("-1.00") }] }),
            ),
        ),
        (
            "customs-declaration",
            base(
                json!({ "lrn": "L-1", "jurisdiction": "GB", "regime": "import", "itemCount": 1, "containerised": true, "items": [{ "no": 1, "description": "phones", "classification": { "commodity": "85171200", "taric": "00" }, "procedure": { "code": "4000", "additional": ["000"] }, "grossKg": "1.5", "taxLines": [{ "type": "A00", "amount": money("1.00") }] }] }),
            ),
        ),
        (
            "customs-status",
            base(
                json!({ "status": "DOCS_REQUIRED", "code": code("06", "DMS"), "occurredAt": at, "mrn": "26GB1Q3RTK463FGVR4", "errors": [{ "code": "CDS12005", "text": "no", "pointer": "42A/17C/R144" }], "requests": [{ "code": code("DOC", "DMS"), "due": { "value": "2026-03-01T08:15:00", "localOnly": true } }] }),
            ),
        ),
        (
            "landed-cost-event",
            base(
                json!({ "costType": "duty", "code": code("A00", "UNTDID 5153"), "kind": "assessed", "amount": money("20.00"), "occurredAt": at, "sourceRef": "r", "itemNo": 1, "basis": { "rateType": "ad-valorem", "taxBase": money("1000.00"), "rate": "2.00" } }),
            ),
        ),
        (
            "milestone",
            base(
                json!({ "eventId": "e", "eventType": "TRANSPORT", "code": "ARRI", "classifier": "ACT", "occurredAt": at, "sourceCode": code("VA", "X12 1654"), "location": { "unLocode": "USMEM" }, "mode": "rail", "empty": false, "reason": { "code": "WEA" } }),
            ),
        ),
        (
            "screening-result",
            base(
                json!({ "subjectPartyRef": "p", "listSet": "CSL", "listVersion": "1", "outcome": "review", "at": at, "matches": [{ "listId": "SDN", "entityId": "1", "name": "N", "score": "0.91", "programs": ["X"] }] }),
            ),
        ),
        (
            "packing",
            base(
                json!({ "shipmentId": "S-1", "grossKg": "10", "packages": [{ "type": "CT", "count": 1, "sscc": "373999991234567899" }], "lines": [{ "quantity": pieces("1"), "packageRef": "1" }] }),
            ),
        ),
        (
            "document-ref",
            base(
                json!({ "docType": code("N935", "UK 2/3"), "number": "1", "sha256": "a".repeat(64), "size": 10, "linkedObjects": [{ "scheme": "mrn", "value": "x" }] }),
            ),
        ),
    ]
}

fn struct_accepts(kind: &str, document: &Value) -> Result<Value, String> {
    fn through<T: serde::de::DeserializeOwned + serde::Serialize>(document: &Value) -> Result<Value, String> {
        let read: T = serde_json::from_value(document.clone()).map_err(|error| error.to_string())?;
        serde_json::to_value(read).map_err(|error| error.to_string())
    }
    use portgate_canonical as c;
    match kind {
        "order" => through::<c::Order>(document),
        "item" => through::<c::Item>(document),
        "item-classification" => through::<c::ItemClassification>(document),
        "shipment" => through::<c::Shipment>(document),
        "commercial-invoice" => through::<c::CommercialInvoice>(document),
        "customs-declaration" => through::<c::CustomsDeclaration>(document),
        "customs-status" => through::<c::CustomsStatus>(document),
        "landed-cost-event" => through::<c::LandedCostEvent>(document),
        "milestone" => through::<c::Milestone>(document),
        "screening-result" => through::<c::ScreeningResult>(document),
        "packing" => through::<c::Packing>(document),
        "document-ref" => through::<c::DocumentRef>(document),
        other => panic!("no example for {other}"),
    }
}

fn schema_accepts(kind: &str, document: &Value) -> bool {
    let (_, schema) = schemas().into_iter().find(|(name, _)| *name == kind).expect("a kind");
    jsonschema::validator_for(&schema).expect("a schema compiles").is_valid(document)
}

#[test]
fn every_kind_has_an_example_that_struct_and_schema_accept_unchanged() {
    let examples = examples();
    assert_eq!(examples.len(), SCHEMA_TEXTS.len());
    for (kind, document) in examples {
        assert!(schema_accepts(kind, &document), "{kind}: its schema refuses it");
        assert_eq!(struct_accepts(kind, &document).as_ref(), Ok(&document), "{kind}");
    }
}

/// Every way to replace one scalar of a document by another value, and to add a field to one of its objects.
fn mutants(document: &Value) -> Vec<Value> {
    fn places(value: &Value, at: String, found: &mut Vec<String>) {
        found.push(at.clone());
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| places(value, format!("{at}/{name}"), found))
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(n, value)| places(value, format!("{at}/{n}"), found))
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    places(document, String::new(), &mut found);
    let others = [
        json!(null),
        json!(1.5),
        json!(-1),
        json!(true),
        json!(""),
        json!("x"),
        json!("x".repeat(2000)),
        json!("1.50"),
        json!("1e5"),
        json!("gb"),
        json!("2026-02-30"),
        json!("2026-99-01"),
        json!([]),
        json!({}),
        json!("ACT"),
        json!("other"),
        json!("\u{e9}".repeat(64)),
        json!("GBP\n"),
        json!("85171200"),
        json!("007"),
        json!("-0.10"),
        json!("1234567890123456789"),
        json!("2026-03-01T08:15:00"),
    ];
    let mut mutants = Vec::new();
    for place in found {
        for other in &others {
            let mut mutant = document.clone();
            let replaced = mutant.pointer_mut(&place).expect("a place of the document");
            // serde also reads a struct from a list of its fields in order; the schema is the stricter one there.
            if !(replaced.is_object() && other.is_array()) {
                *replaced = other.clone();
                mutants.push(mutant);
            }
        }
        let mut mutant = document.clone();
        if let Some(Value::Object(fields)) = mutant.pointer_mut(&place) {
            fields.insert("unheardOf".to_owned(), json!(1));
            mutants.push(mutant);
        }
    }
    mutants
}

#[test]
fn struct_and_schema_agree_on_thousands_of_changed_documents() {
    let (mut accepted, mut refused) = (0, 0);
    for (kind, document) in examples() {
        let (_, schema) = schemas().into_iter().find(|(name, _)| *name == kind).expect("a kind");
        let validator = jsonschema::validator_for(&schema).expect("a schema compiles");
        for mutant in mutants(&document) {
            let by_struct = struct_accepts(kind, &mutant);
            let by_schema = validator.is_valid(&mutant);
            assert_eq!(
                by_struct.is_ok(),
                by_schema,
                "{kind}: struct says {by_struct:?}, schema says {by_schema}: {mutant}"
            );
            if by_schema { accepted += 1 } else { refused += 1 }
        }
    }
    assert!(accepted > 100 && refused > 1000, "{accepted} accepted, {refused} refused");
}
