//! What the tests share: a shipment by sea, settings, and the way on to XML and its schemas.
#![allow(dead_code, reason = "each test uses some of it")]

use std::path::{Path, PathBuf};

use composer_eu::Eu;
use portgate_sdk::agreement::{Acknowledgement, Agreement, ControlNumbers, Identifier, Level, Mode, Setting};
use portgate_sdk::canonical::CustomsDeclaration;
use portgate_sdk::testkit::{XmlSchema, shipment_context};
use portgate_sdk::{Composer, Composition, Connector, Document, Judgement, Message, Rules, Target, testkit};
use rules_core::Core;
use saas_ncts_ens::NctsEns;
use serde_json::{Value, json};

pub(crate) const NOW: &str = "2026-03-10T12:00:00Z";

/// Kinds with their bodies, as a context is made of.
pub(crate) type Documents = Vec<(String, Value)>;

/// A document with what every one of its kind says.
pub(crate) fn document(kind: &str, id: &str, said: Value) -> (String, Value) {
    let mut body = json!({
        "id": id,
        "version": "1",
        "source": { "system": "erp", "recordedAt": { "value": "2026-03-01T08:00:00Z" }, "rawRef": "0".repeat(64) },
    });
    let required = match kind {
        "commercial-invoice" => json!({
            "number": id, "issueDate": "2026-02-20", "typeCode": { "code": "380", "codeList": "UNTDID 1001" }, "currency": "EUR",
            "totals": { "payable": { "amount": "1000.00", "currency": "EUR" } },
        }),
        "shipment" | "packing" => json!({ "shipmentId": "SHP-7" }),
        "transport-document" => json!({ "documentType": "bill-of-lading", "status": "issued" }),
        "item" => json!({ "sku": id }),
        "milestone" => json!({
            "eventId": id, "eventType": "TRANSPORT", "code": "ARRI", "classifier": "EST",
            "sourceCode": { "code": "ARRI", "codeList": "DCSA" },
        }),
        "item-classification" => json!({ "jurisdiction": "EU", "nomenclature": "CN8" }),
        "customs-declaration" => json!({ "lrn": id }),
        _ => json!({}),
    };
    for part in [required, said] {
        for (name, value) in part.as_object().expect("fields") {
            body[name] = value.clone();
        }
    }
    (kind.to_owned(), body)
}

pub(crate) fn address(street: &str, city: &str, postcode: &str, country: &str) -> Value {
    json!({ "lines": [street], "city": city, "postcode": postcode, "country": country })
}

/// Goods of two kinds from Shenzhen to Utrecht by way of Rotterdam, in two containers under one bill of lading.
pub(crate) fn by_sea() -> Documents {
    let line = |no: &str, sku: &str, pieces: &str, net: &str| {
        json!({
            "lineNo": no, "sku": sku, "quantity": { "value": pieces, "unit": "C62" },
            "lineNet": { "amount": "500.00", "currency": "EUR" }, "originCountry": "CN", "netKg": net,
        })
    };
    let cargo = |container: &str, packages: u32, gross: &str| {
        json!({
            "equipmentId": container, "packages": packages, "grossKg": gross,
            "packageType": { "code": "CT", "codeList": "UNECE Rec 21" },
        })
    };
    vec![
        document(
            "shipment",
            "SHP-7",
            json!({
                "ucr": "6NL123456789-SHP7", "houseTransportDoc": "HBL-0007", "masterTransportDoc": "MBL-0009",
                "mode": "sea", "countryOfDispatch": "CN", "countryOfDestination": "NL",
                "placeOfLoading": { "unLocode": "CNYTN", "name": "Yantian" },
                "placeOfDischarge": { "unLocode": "NLRTM", "name": "Rotterdam" },
                "freightTerms": { "code": "collect", "codeList": "freight-terms" },
                "legs": [
                    { "seq": 2, "mode": "road", "from": { "unLocode": "NLRTM" }, "to": { "unLocode": "NLUTC" },
                  "etd": { "value": "2026-03-30T06:00:00Z" } },
                    { "seq": 1, "mode": "sea", "from": { "unLocode": "CNYTN" }, "to": { "unLocode": "NLRTM" },
                      "transport": { "vesselImo": "9321483", "voyage": "026W" },
                      "etd": { "value": "2026-03-01T10:00:00Z" }, "eta": { "value": "2026-03-28T05:30:00Z" } },
                ],
            }),
        ),
        document(
            "transport-document",
            "HBL-0007",
            json!({
                "number": "HBL-0007", "toOrder": false,
                "portOfLoading": { "unLocode": "CNYTN", "name": "Yantian" },
                "portOfDischarge": { "unLocode": "NLRTM", "name": "Rotterdam" },
                "voyages": [{ "transport": { "vesselImo": "9321483", "voyage": "026W" } }],
                "parties": [
                    { "party": { "role": "consignor", "name": "Heron Lighting Co",
                                 "address": address("1 Harbour Road", "Shenzhen", "518000", "CN") } },
                    { "party": { "role": "consignee", "name": "Teal Import BV", "address": address("Kade 4", "Utrecht", "3511 AA", "NL"),
                                 "ids": [{ "scheme": "EORI", "value": "NL123456789" }] } },
                    { "party": { "role": "carrier", "name": "Grebe Lines", "ids": [{ "scheme": "EORI", "value": "DE987654321" }] } },
                    { "party": { "role": "notify", "name": "Plover Forwarding", "address": address("Dok 2", "Rotterdam", "3011 BB", "NL") } },
                ],
                "goods": [
                    { "description": ["LED LAMPS", "FOR CEILINGS"], "hsCodes": ["9405.11"], "marks": ["TEAL 1-30"],
                      "cargo": [cargo("CSQU3054383", 20, "200.500"), cargo("TGHU7596898", 10, "100.250")] },
                    { "description": ["TELEPHONES"], "hsCodes": ["851713"], "marks": ["TEAL 31-35"],
                      "cargo": [cargo("TGHU7596898", 5, "40")] },
                ],
                "equipment": [
                    { "id": "CSQU3054383", "seals": [{ "number": "SL-1" }] },
                    { "id": "TGHU7596898", "seals": [{ "number": "SL-2" }, { "number": "SL-3" }] },
                ],
            }),
        ),
        document(
            "packing",
            "PCK-1",
            json!({
                "grossKg": "340.75",
                "packages": [
                    { "type": "CT", "count": 30, "marks": "TEAL 1-30", "grossKg": "300.75" },
                    { "type": "CT", "count": 5, "marks": "TEAL 31-35", "grossKg": "40" },
                ],
                "lines": [
                    { "sku": "LAMP", "quantity": { "value": "300", "unit": "C62" }, "packageRef": "1" },
                    { "sku": "PHONE", "quantity": { "value": "100", "unit": "C62" }, "packageRef": "2" },
                ],
            }),
        ),
        document(
            "commercial-invoice",
            "INV-1",
            json!({
                "lines": [line("1", "LAMP", "300", "270"), line("2", "PHONE", "100", "30")],
            }),
        ),
        document("item", "LAMP", json!({ "descriptionForCustoms": "LED lamps for ceilings", "originCountry": "CN" })),
        document(
            "item",
            "PHONE",
            json!({
                "descriptionForCustoms": "Telephones for cellular networks", "originCountry": "CN",
                "dangerousGoods": { "unNumber": "3481", "class": "9" },
            }),
        ),
        document("item-classification", "LAMP-EU", json!({ "sku": "LAMP", "code": "94051140" })),
        document("item-classification", "PHONE-EU", json!({ "sku": "PHONE", "code": "85171300" })),
    ]
}

/// The body of the document of a kind.
pub(crate) fn body<'d>(documents: &'d mut Documents, kind: &str) -> &'d mut Value {
    let found = documents.iter_mut().find(|(of, _)| of == kind);
    &mut found.unwrap_or_else(|| panic!("no {kind}")).1
}

/// Takes a field out of the document of a kind.
pub(crate) fn without(documents: &mut Documents, kind: &str, pointer: &str) {
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    let parent = body(documents, kind).pointer_mut(parent).expect("a place");
    match parent {
        Value::Object(fields) => drop(fields.remove(field).expect("a field")),
        Value::Array(list) => drop(list.remove(field.parse().expect("an index"))),
        _ => panic!("{pointer}"),
    }
}

/// What policy has for an entry.
pub(crate) const ENTRY: &[(&str, &str)] = &[
    ("offices-of-first-entry", "DEHAM:DE004851, NLRTM:NL000396"),
    ("declarant", "DE987654321"),
    ("declared-place", "Rotterdam"),
];

/// What policy has for a transit; the access code is made up for each run.
pub(crate) fn transit() -> Vec<(&'static str, String)> {
    let code = format!("A{:03}", std::process::id() % 1000);
    let settings = [
        ("office-of-departure", "NL000396"),
        ("office-of-destination", "CH001251"),
        ("offices-of-transit", "CH006481"),
        ("declaration-type", "T1"),
        ("holder", "NL123456789"),
        ("guarantee-type", "1"),
        ("guarantee-grn", "26NL0000010000070"),
        ("guarantee-amount", "1000.00 EUR"),
        ("location-type", "B"),
        ("location-qualifier", "Y"),
        ("location-code", "NLACR0001"),
        ("authorisations", "C521:NLACR0001"),
        ("limit-days", "8"),
    ];
    let mut settings: Vec<(&str, String)> = settings.map(|(name, value)| (name, value.to_owned())).into();
    settings.push(("guarantee-access-code", code));
    settings
}

pub(crate) fn composition<V: AsRef<str>>(regime: &str, settings: &[(&str, V)]) -> Composition {
    let setting = |(name, value): &(&str, V)| Setting { name: (*name).to_owned(), value: value.as_ref().to_owned() };
    Composition {
        regime: regime.to_owned(),
        lrn: "LRN-7".to_owned(),
        amends: None,
        settings: settings.iter().map(setting).collect(),
    }
}

pub(crate) fn compose<V: AsRef<str>>(
    documents: &Documents,
    regime: &str,
    settings: &[(&str, V)],
) -> Result<Document, Vec<Judgement>> {
    Eu::compose(&shipment_context(documents), &composition(regime, settings), NOW)
}

/// The declaration as JSON; what is missing fails the test.
pub(crate) fn declared<V: AsRef<str>>(documents: &Documents, regime: &str, settings: &[(&str, V)]) -> Value {
    let made = compose(documents, regime, settings).unwrap_or_else(|gaps| panic!("{gaps:#?}"));
    serde_json::from_slice(&made.body).expect("JSON")
}

/// The rules under which something is missing, each with its first field.
pub(crate) fn gaps<V: AsRef<str>>(
    documents: &Documents,
    regime: &str,
    settings: &[(&str, V)],
) -> Vec<(String, String)> {
    let gaps = compose(documents, regime, settings).expect_err("something is missing");
    gaps.into_iter().map(|gap| (gap.rule, gap.fields.into_iter().next().unwrap_or_default())).collect()
}

/// What the core rule pack finds in a declaration alone.
pub(crate) fn judged(made: &Document) -> Vec<Judgement> {
    let body: Value = serde_json::from_slice(&made.body).expect("JSON");
    Core::inspect(&shipment_context(&[(made.kind.clone(), body)]), NOW)
}

/// The samples, where they stand beside the checkout.
pub(crate) fn samples() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let samples = std::env::var_os("PORTGATE_SHARED").map_or_else(beside, PathBuf::from).join("samples");
    if !samples.is_dir() {
        eprintln!("left out: no folder {}", samples.display());
        return None;
    }
    Some(samples)
}

/// The schema of a message, from the folders of the samples where names begin with their origin.
pub(crate) fn schema(name: &str) -> Option<XmlSchema> {
    let (folder, prefix, root) = match name {
        "CC315A" => ("customs-eu/ics-ens-xsd", "hmrc_store_", "CC315A-v11-2.xsd"),
        "CC313A" => ("customs-eu/ics-ens-xsd", "hmrc_store_", "CC313A-v11-2.xsd"),
        "CC015C" => ("customs-eu/ncts5-xsd", "hmrc_v3_0_", "cc015c.xsd"),
        other => panic!("no schema of {other}"),
    };
    let placed = move |name: &str| name.strip_prefix(prefix).filter(|name| name.ends_with(".xsd")).map(str::to_owned);
    XmlSchema::laid_out(&samples()?.join(folder), root, placed)
}

/// The declaration as the customs SaaS's connector writes it.
pub(crate) fn written(made: &Document, contract: &str, version: &str) -> Result<Vec<u8>, String> {
    let identifier =
        |value: &str| Identifier { level: Level::Interchange, qualifier: String::new(), value: value.into() };
    let target = Target {
        agreement: Some(Agreement {
            name: "customs".into(),
            ours: vec![identifier("NL123456789")],
            theirs: Vec::new(),
            edition: String::new(),
            mode: Mode::Test,
            acknowledgement: Acknowledgement::None,
            all_or_nothing: false,
            settings: Vec::new(),
        }),
        control_numbers: Some(ControlNumbers { interchange: 42, group: 1, first_message: 1, messages: 1 }),
        ..Target::new(contract, version, NOW)
    };
    let request = NctsEns::encode(std::slice::from_ref(made), &target).map_err(|refused| refused.to_string())?;
    Ok(request.body)
}

/// The declaration that a message decodes to.
pub(crate) fn decoded(contract: &str, version: &str, body: Vec<u8>) -> Option<CustomsDeclaration> {
    let message = Message { received_at: NOW.into(), ..testkit::message(contract, version, "application/xml", body) };
    let decoded = NctsEns::decode(&message).ok()?;
    decoded.documents.first()?.read().ok()
}
