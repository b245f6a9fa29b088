//! Transit declarations of a shipment: each field comes from where it is said, and what is missing is asked for.

mod support;

use serde_json::{Value, json};
use support::{body, by_sea, compose, declared, document, gaps, judged, schema, transit, without, written};

const REGIME: &str = "eu-transit";

fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn party<'v>(value: &'v Value, role: &str) -> Option<&'v Value> {
    value["parties"].as_array()?.iter().find(|party| party["role"] == role)
}

/// The settings with some of them changed, or taken away where the value is empty.
fn with(changes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut settings = transit();
    settings.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    settings.extend(
        changes.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (*name, (*value).to_owned())),
    );
    settings
}

#[test]
fn a_shipment_becomes_a_transit_declaration() {
    let made = declared(&by_sea(), REGIME, &transit());
    assert_eq!(made["jurisdiction"], "NL");
    assert_eq!(
        (&made["typeCode"], &made["additionalTypeCode"], &made["security"]),
        (&json!("T1"), &json!("A"), &json!("0"))
    );
    assert_eq!(made["limitDate"], "2026-04-07", "eight days after the first leg from there departs");
    assert_eq!((&made["inlandMode"], at(&made, "/placeOfLoading/unLocode")), (&json!("road"), &json!("NLRTM")));
    assert_eq!(at(&made, "/offices/2"), &json!({ "role": "transit", "reference": "CH006481" }));
    assert_eq!(
        party(&made, "holder-of-transit-procedure").map(|holder| at(holder, "/ids/0/value")),
        Some(&json!("NL123456789"))
    );
    assert_eq!(
        party(&made, "consignee"),
        Some(&json!({ "role": "consignee", "ids": [{ "scheme": "EORI", "value": "NL123456789" }] }))
    );
    assert_eq!(party(&made, "carrier").map(|carrier| at(carrier, "/ids/0/value")), Some(&json!("DE987654321")));
    assert_eq!(at(&made, "/guarantees/0/references/0/grn"), "26NL0000010000070");
    assert_eq!(at(&made, "/guarantees/0/references/0/amount"), &json!({ "amount": "1000.00", "currency": "EUR" }));
    assert_eq!(made["locationOfGoods"], json!({ "code": "NLACR0001", "type": "B", "qualifier": "Y" }));
    assert_eq!(made["containerised"], true);
    assert_eq!(made["totalGrossKg"], "340.75");
    assert_eq!(at(&made, "/houses/0/grossKg"), "340.75");
    assert_eq!(at(&made, "/houses/0/transportDocuments"), &json!([{ "type": "N714", "id": "HBL-0007" }]));
    assert_eq!(at(&made, "/transportDocuments"), &json!([{ "type": "N704", "id": "MBL-0009" }]));
    assert_eq!(at(&made, "/houses/0/documents"), &json!([{ "type": "N380", "id": "INV-1" }]));
    assert_eq!(at(&made, "/items/0/classification/commodity"), "94051140");
    assert_eq!(at(&made, "/items/0/netKg"), "270");
    assert_eq!(at(&made, "/items/0/grossKg"), "300.75");
    assert_eq!(at(&made, "/items/1/noInHouse"), 2);
    assert_eq!(
        at(&made, "/items/0/equipment"),
        &json!(["CSQU3054383", "TGHU7596898"]),
        "as the carrier says of that code"
    );
    assert_eq!(at(&made, "/transportEquipment/0/items"), &json!([1]));
    assert_eq!(at(&made, "/transportEquipment/1/items"), &json!([1, 2]));
    assert_eq!(made.get("placeOfUnloading"), None, "without security data it is not told (C0191)");
    assert_eq!(made.get("itinerary"), None);
    assert_eq!(made.get("transportCharges"), None, "nor how carriage is paid (C0186)");
}

/// By sea from Felixstowe to Rotterdam under transit, with the data of an entry.
fn into_the_union() -> (support::Documents, Vec<(&'static str, String)>) {
    let mut documents = by_sea();
    let legs = &mut body(&mut documents, "shipment")["legs"];
    legs.as_array_mut().expect("legs").remove(0);
    legs[0]["from"] = json!({ "unLocode": "GBFXT" });
    let settings = with(&[
        ("security", "1"),
        ("office-of-departure", "GB000060"),
        ("office-of-destination", "NL000396"),
        ("offices-of-transit", "NL000510"),
        ("means-nationality", "PT"),
    ]);
    (documents, settings)
}

#[test]
fn security_data_have_the_way_and_what_crosses_the_border() {
    let (documents, mut settings) = into_the_union();
    let made = declared(&documents, REGIME, &settings);
    assert_eq!(made["itinerary"], json!(["CN", "GB", "NL"]));
    assert_eq!(at(&made, "/placeOfLoading/unLocode"), "GBFXT");
    assert_eq!(at(&made, "/placeOfUnloading/unLocode"), "NLRTM");
    assert_eq!(at(&made, "/offices/2/expectedAt/value"), "2026-03-28T05:30:00Z", "as the leg into its country (C0598)");
    assert_eq!(made["transportCharges"], "Z");
    assert_eq!(
        at(&made, "/borderMeans/0"),
        &json!({ "idType": "10", "id": "9321483", "nationality": "PT", "conveyanceRef": "026W", "office": "NL000510" })
    );
    settings.retain(|(name, _)| *name != "means-nationality");
    let missing = gaps(&documents, REGIME, &settings);
    assert!(missing.iter().any(|(rule, _)| rule == "C-EU-MEANS"), "without a nationality: {missing:?}");
}

#[test]
fn six_digits_are_told_where_the_combined_nomenclature_is_not_known() {
    let settings =
        with(&[("office-of-departure", "GB000060"), ("office-of-destination", "GB000120"), ("offices-of-transit", "")]);
    let made = declared(&by_sea(), REGIME, &settings);
    assert_eq!(at(&made, "/items/0/classification/commodity"), "940511");
    assert_eq!(at(&made, "/jurisdiction"), "GB");
}

#[test]
fn a_guarantee_has_what_its_type_needs() {
    for (changes, asked) in [
        (&[("guarantee-type", "")][..], "guarantee-type"),
        (&[("guarantee-grn", "")], "guarantee-grn"),
        (&[("guarantee-access-code", "")], "guarantee-access-code"),
        (&[("guarantee-amount", "")], "guarantee-amount"),
        (&[("guarantee-amount", "1000")], "guarantee-amount"),
        (&[("guarantee-type", "8")], "guarantee-other"),
    ] {
        let missing = compose(&by_sea(), REGIME, &with(changes)).expect_err(asked);
        assert!(missing.iter().any(|gap| gap.remedy.contains(asked)), "{asked}: {missing:#?}");
    }
    let secret = transit().into_iter().find(|(name, _)| *name == "guarantee-access-code").expect("a code").1;
    let wrong = with(&[("guarantee-access-code", "SECRET-CODE"), ("guarantee-grn", "")]);
    let missing = compose(&by_sea(), REGIME, &wrong).expect_err("a code of eleven characters");
    assert!(!format!("{missing:?}").contains("SECRET-CODE") && !secret.is_empty(), "it is in no sentence");
    let waived = with(&[
        ("guarantee-type", "A"),
        ("guarantee-grn", ""),
        ("guarantee-access-code", ""),
        ("guarantee-amount", ""),
    ]);
    assert_eq!(declared(&by_sea(), REGIME, &waived)["guarantees"], json!([{ "type": "A" }]));
}

#[test]
fn what_policy_lacks_is_asked_of_who_keeps_the_policies() {
    for name in [
        "office-of-departure",
        "office-of-destination",
        "offices-of-transit",
        "declaration-type",
        "holder",
        "location-type",
        "limit-days",
    ] {
        let missing = compose(&by_sea(), REGIME, &with(&[(name, "")])).expect_err(name);
        assert!(missing.iter().any(|gap| gap.remedy.contains(name)), "{name}: {missing:#?}");
    }
}

#[test]
fn what_documents_lack_is_asked_with_its_field() {
    for (kind, pointer, rule, field) in [
        ("item-classification", "/code", "", ""),
        ("shipment", "/legs/0/etd", "C-EU-LIMIT", "/documents/0/document/legs"),
        ("packing", "/packages/0/grossKg", "C-EU-WEIGHT", "/documents/3/document/lines/0"),
    ] {
        let mut documents = by_sea();
        if rule.is_empty() {
            // Without its classification the article has no code, and the line of the invoice says none.
            documents.retain(|(of, _)| of != kind);
            let missing = gaps(&documents, REGIME, &transit());
            assert!(
                missing.contains(&("C-EU-CODE".to_owned(), "/documents/3/document/lines/0".to_owned())),
                "{missing:?}"
            );
            continue;
        }
        without(&mut documents, kind, pointer);
        if kind == "packing" {
            without(&mut documents, "packing", "/grossKg");
        }
        let missing = gaps(&documents, REGIME, &transit());
        assert!(missing.contains(&(rule.to_owned(), field.to_owned())), "{pointer}: {missing:?}");
    }
}

#[test]
fn goods_that_are_exported_name_the_export_declaration() {
    let mut documents = by_sea();
    documents.push(document("customs-declaration", "EXP-1", json!({ "jurisdiction": "NL", "regime": "export" })));
    documents.push(document("customs-status", "ST-1", json!({
        "lrn": "EXP-1", "mrn": "26NLAAAAAAAAAAAAA1", "status": "ACCEPTED",
        "code": { "code": "CC028C", "codeList": "EU customs message type" }, "occurredAt": { "value": "2026-03-01T08:00:00Z" },
    })));
    let made = declared(&documents, REGIME, &transit());
    assert_eq!(at(&made, "/houses/0/previousDocuments"), &json!([{ "type": "N830", "id": "26NLAAAAAAAAAAAAA1" }]));
}

#[test]
fn goods_of_several_bills_are_a_house_consignment_each() {
    let mut documents = by_sea();
    without(&mut documents, "shipment", "/houseTransportDoc");
    let mut other = body(&mut documents, "transport-document").clone();
    other["id"] = json!("HBL-0008");
    other["number"] = json!("HBL-0008");
    other["parties"][1]["party"]["ids"][0]["value"] = json!("NL222222222");
    documents.push(("transport-document".to_owned(), other));
    let mut settings = transit();
    settings.push(("goods", "transport-document".to_owned()));
    let made = declared(&documents, REGIME, &settings);
    assert_eq!(made["houses"].as_array().map(Vec::len), Some(2));
    assert_eq!(at(&made, "/houses/1/parties/0/ids/0/value"), "NL222222222");
    assert_eq!(
        (at(&made, "/items/2/house"), at(&made, "/items/2/noInHouse"), at(&made, "/items/2/no")),
        (&json!(2), &json!(1), &json!(3))
    );
    assert_eq!(party(&made, "consignee"), None);
    assert_eq!(made["totalGrossKg"], "681.500");
}

#[test]
fn what_is_made_passes_the_schema_and_the_core_pack() {
    for (documents, settings) in [(by_sea(), transit()), into_the_union()] {
        let made = compose(&documents, REGIME, &settings).expect("a declaration");
        assert_eq!(judged(&made), []);
        let xml = written(&made, "ncts-declaration", "5").expect("XML");
        let Some(schema) = schema("CC015C") else { return };
        assert_eq!(schema.errors(&xml), Vec::<String>::new());
    }
}
