//! Shipments against the providers' own requests and answers, where those stand beside the checkout: what is written has the
//! keys, the shapes and, where a sample says it all, the values of theirs, and of an answer nothing is lost in silence.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use carrier_parcel::CarrierParcel;
use portgate_sdk::testkit::unlisted;
use portgate_sdk::{Connector, Document, Outcome, Request, Response, Target, Verdict};
use serde_json::{Value, json};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");
const EASYPOST: (&str, &str) = ("easypost-shipment", "2");
const SHIPPO: (&str, &str) = ("shippo-shipment", "2018-02-08");

fn json_of(path: impl AsRef<Path>) -> Value {
    let path = path.as_ref();
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn samples() -> Option<PathBuf> {
    let beside = || Path::new(FOLDER).join("../../../shared");
    let folder = std::env::var_os("PORTGATE_SHARED").map_or_else(beside, PathBuf::from).join("samples");
    let is_there = folder.join("carrier-easypost").is_dir();
    if !is_there {
        eprintln!("left out: no samples in {}", folder.display());
    }
    is_there.then_some(folder)
}

fn encode((contract, version): (&str, &str), shipment: &Value) -> Request {
    let body = shipment.to_string().into_bytes();
    let document = Document { kind: "shipment".to_owned(), key: String::new(), refs: Vec::new(), body };
    CarrierParcel::encode(&[document], &Target::new(contract, version, "2026-03-01T08:15:00Z"))
        .unwrap_or_else(|rejection| panic!("{contract}: {rejection}"))
}

fn written(case: &str) -> Value {
    let text =
        std::fs::read_to_string(Path::new(FOLDER).join(format!("cases/{case}/request.http"))).expect("a request");
    serde_json::from_str(text.split_once("\n\n").expect("a body").1).expect("JSON")
}

/// The leaves of a value by their paths, those in lists under `*`; empty texts say nothing and are left out.
fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| leaves(value, &format!("{path}/{name}"), found))
        }
        Value::Array(list) => list.iter().for_each(|value| leaves(value, &format!("{path}/*"), found)),
        Value::String(text) if text.is_empty() => {}
        leaf => found.push((path.to_owned(), leaf.clone())),
    }
}

fn leaves_of(value: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    leaves(value, "", &mut found);
    found
}

/// EasyPost's own example as a canonical shipment: 15.4 oz, 10 × 8 × 4 in, goods of 11 oz.
fn example() -> Value {
    let person = |role: &str, name: &str, lines: Value, city: &str, zip: &str| {
        json!({ "role": role, "name": name, "email": "test@example.com", "phone": "5555555555",
            "address": { "lines": lines, "city": city, "region": "CA", "postcode": zip, "country": "US" } })
    };
    json!({
        "shipmentId": "123",
        "parties": [
            person("ship-from", "Jack Sparrow", json!(["388 Townsend St", "Apt 20"]), "San Francisco", "94107"),
            person("ship-to", "Elizabeth Swan", json!(["179 N Harbor Dr"]), "Redondo Beach", "90277"),
        ],
        "packages": [{ "type": "CT", "count": 1, "grossKg": "0.4365826561",
            "dimensions": { "lengthCm": "25.4", "widthCm": "20.32", "heightCm": "10.16" } }],
        "customsParticulars": { "contentsType": "merchandise", "restriction": "none", "nonDelivery": "return",
            "exportExemption": "NOEEI 30.37(a)", "signer": "Steve Brule", "certified": true },
        "lines": [{ "lineNo": "1", "quantity": { "value": "2", "unit": "C62" }, "description": "Sweet shirts",
            "netKg": "0.3118447544", "value": { "amount": "23.25", "currency": "USD" }, "hsCode": "654321",
            "originCountry": "US" }],
    })
}

#[test]
fn easyposts_own_example_is_written_value_by_value() {
    let Some(samples) = samples() else { return };
    let sample = json_of(samples.join("carrier-easypost/shipment_buy_1_request.json"));
    let ours: Value = serde_json::from_slice(&encode(EASYPOST, &example()).body).expect("JSON");
    let (theirs, ours) = (leaves_of(&sample), leaves_of(&ours));
    for leaf in theirs.iter().filter(|(path, _)| !path.starts_with("/shipment/options/")) {
        assert!(ours.contains(leaf), "{leaf:?} is not in {ours:?}");
    }
    let more: BTreeSet<&str> =
        ours.iter().filter(|leaf| !theirs.contains(leaf)).map(|(path, _)| path.as_str()).collect();
    let said_where_the_sample_leaves_it_out = ["/shipment/customs_info/customs_items/*/currency"];
    assert_eq!(more, BTreeSet::from(said_where_the_sample_leaves_it_out));
}

#[test]
fn the_samples_of_requests_fulfil_the_contract_that_is_written_to() {
    let Some(samples) = samples() else { return };
    let schema = json_of(Path::new(FOLDER).join("schemas/easypost-shipment.schema.json"));
    for sample in ["shipment_buy_1_request", "insurance_create_1_request", "luma_get_promise_1_request"] {
        let sample = json_of(samples.join(format!("carrier-easypost/{sample}.json")));
        jsonschema::validate(&schema, &sample).unwrap_or_else(|error| panic!("{}: {error}", error.instance_path()));
    }
    let schema = json_of(Path::new(FOLDER).join("schemas/shippo-shipment.schema.json"));
    let sample = |name: &str| json_of(samples.join(format!("carrier-shippo/{name}_request.json")));
    let whole = json!({
        "address_from": sample("shipment_test_create_1"), "address_to": sample("shipment_test_create_3"),
        "parcels": [sample("shipment_test_create_5")],
    });
    // Their examples say nothing in empty texts.
    let said: Value = prune(whole);
    jsonschema::validate(&schema, &said).unwrap_or_else(|error| panic!("{}: {error}", error.instance_path()));
}

fn prune(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let said = members.into_iter().filter(|(_, value)| value != &json!(""));
            Value::Object(said.map(|(name, value)| (name, prune(value))).collect())
        }
        Value::Array(list) => list.into_iter().map(prune).collect(),
        other => other,
    }
}

#[test]
fn what_shippo_is_written_has_the_keys_and_shapes_of_its_examples() {
    let Some(samples) = samples() else { return };
    let ours = written("shippo-shipment-abroad-is-created");
    let shape = |value: &Value| std::mem::discriminant(value);
    for (ours, sample, beyond) in [
        (&ours["address_from"], "shipment_test_create_1", &["email"][..]),
        (&ours["address_to"], "shipment_test_create_3", &["email"]),
        (&ours["parcels"][0], "shipment_test_create_5", &[]),
        (&ours["customs_declaration"]["items"][0], "customs-declaration_test_create_1", &["sku_code"]),
        // Their example of a declaration is one that is refused: `certify` is misspelt and there are no items.
        (&ours["customs_declaration"], "customs-declaration_test_invalid_create_1", &["items", "certify"]),
    ] {
        let theirs = json_of(samples.join(format!("carrier-shippo/{sample}_request.json")));
        for (name, value) in ours.as_object().expect("an object") {
            match theirs.get(name) {
                Some(example) => assert_eq!(shape(value), shape(example), "{sample}: {name}"),
                None => assert!(beyond.contains(&name.as_str()), "{sample} has no {name}"),
            }
        }
    }
    assert_eq!(ours["customs_declaration"]["eel_pfc"], "NOEEI_30_37_a", "as in the example");
}

fn interpret(contract: (&str, &str), status: u16, body: &Value) -> (Outcome, Vec<String>) {
    let case =
        if contract == EASYPOST { "easypost-shipment-abroad-is-created" } else { "shippo-shipment-abroad-is-created" };
    let path = if contract == EASYPOST { "/v2/shipments" } else { "/shipments" };
    let sent = Request::post(path, "application/json", written(case).to_string().into_bytes());
    let received_at = "2026-03-01T08:15:00Z".to_owned();
    let got = Response { status, headers: Vec::new(), received_at, body: body.to_string().into_bytes() };
    let (outcome, unread) = unlisted(FOLDER, contract, || CarrierParcel::interpret(&sent, &got));
    (outcome.expect("every answer is read"), unread)
}

#[test]
fn of_the_answers_to_new_shipments_nothing_is_left_unread_that_is_not_listed() {
    let Some(samples) = samples() else { return };
    let mut read = 0;
    for (folder, contract) in
        [("carrier-easypost", EASYPOST), ("carrier-parcel/easypost-shipment", EASYPOST), ("carrier-shippo", SHIPPO)]
    {
        for file in std::fs::read_dir(samples.join(folder)).expect("samples") {
            let path = file.expect("a file").path();
            let answer = json_of(&path);
            let is_shipment = match contract {
                EASYPOST => answer["object"] == "Shipment" || answer["object"] == "Order",
                _ => answer["address_from"].is_object() && answer["rates"].is_array(),
            };
            if !is_shipment {
                continue;
            }
            let (outcome, unread) = interpret(contract, 201, &answer);
            let parcels = answer["shipments"].as_array().map_or(1, Vec::len);
            assert_eq!((outcome.verdict, outcome.documents.len()), (Verdict::Accepted, parcels), "{}", path.display());
            assert!(unread.is_empty(), "{} loses {unread:?}", path.display());
            read += 1;
        }
    }
    println!("{read} answers");
    assert!(read >= 3, "only {read} answers");
}

#[test]
fn the_samples_of_refusals_name_their_fields() {
    let Some(samples) = samples() else { return };
    let error = json_of(samples.join("carrier-easypost/error_2_response.json"));
    let (outcome, _) = interpret(EASYPOST, 422, &error);
    assert_eq!(outcome.verdict, Verdict::Rejected);
    assert_eq!((&*outcome.findings[0].code, &*outcome.findings[0].location), ("PARAMETER.REQUIRED", "/error/errors/0"));
    let error = json_of(samples.join("carrier-shippo/shipment_test_invalid_create_2_response.json"));
    let (outcome, _) = interpret(SHIPPO, 400, &error);
    let mut places: Vec<&str> = outcome.findings.iter().map(|finding| &*finding.location).collect();
    places.sort_unstable();
    assert_eq!((outcome.verdict, places), (Verdict::Rejected, vec!["/address_to", "/customs_declaration", "/parcels"]));
}

#[test]
fn every_answer_has_its_verdict_and_what_was_taken_is_never_sent_again() {
    for contract in [EASYPOST, SHIPPO] {
        for status in [200, 201, 202] {
            for odd in [json!({}), json!([]), json!(null), json!({ "error": {} }), json!({ "messages": "odd" })] {
                let (outcome, _) = interpret(contract, status, &odd);
                assert_eq!(outcome.verdict, Verdict::Accepted, "{status} {odd}");
                assert!(outcome.findings.iter().all(|finding| !finding.severity.rejects()), "{status} {odd}");
            }
        }
        for status in [408, 429, 500, 503] {
            assert_eq!(interpret(contract, status, &json!({ "error": {} })).0.verdict, Verdict::Retry, "{status}");
        }
        for status in [301, 400, 401, 402, 404, 422] {
            let (outcome, _) = interpret(contract, status, &json!({ "detail": "No." }));
            assert_eq!((outcome.verdict, outcome.findings.is_empty()), (Verdict::Rejected, false), "{status}");
        }
    }
    assert_eq!(interpret(SHIPPO, 409, &json!({})).0.verdict, Verdict::Retry, "too much at once");
}

#[test]
fn what_is_no_shipment_or_several_is_refused_by_name() {
    let document =
        |kind: &str| Document { kind: kind.to_owned(), key: String::new(), refs: Vec::new(), body: b"{}".to_vec() };
    let code = |documents: &[Document], contract: &str, version: &str| {
        let target = Target::new(contract, version, "2026-03-01T08:15:00Z");
        CarrierParcel::encode(documents, &target).expect_err("is refused").findings[0].code.clone()
    };
    for (contract, version) in [EASYPOST, SHIPPO] {
        assert_eq!(code(&[document("order")], contract, version), "NOT-A-SHIPMENT");
        assert_eq!(code(&[document("shipment"), document("shipment")], contract, version), "NOT-ONE-DOCUMENT");
        assert_eq!(code(&[document("shipment")], contract, "1"), "UNKNOWN-CONTRACT");
        assert_eq!(code(&[document("shipment")], contract, version), "MISSING", "an empty one lacks everything");
    }
}
