//! Each condition finds what breaks it, at its place and with the error of NCTS, and nothing where all fits.

use portgate_sdk::testkit::{declaration, shipment_context};
use portgate_sdk::{Judgement, Rules};
use rules_eu_transit::Transit;
use serde_json::{Value, json};

const NOW: &str = "2026-03-10T12:00:00Z";

fn inspected(said: Value) -> Vec<Judgement> {
    Transit::inspect(&shipment_context(&[declaration("PGT-1", said)]), NOW)
}

/// A transit of two house consignments from Germany to Switzerland that customs takes.
fn taken() -> Value {
    json!({
        "jurisdiction": "DE", "regime": "transit",
        "typeCode": "T1", "additionalTypeCode": "A", "security": "0", "reducedDataset": false, "bindingItinerary": false,
        "limitDate": "2026-03-20", "authorisations": [{ "type": "C521", "reference": "DEACR1" }],
        "offices": [
            { "role": "departure", "reference": "DE004851" },
            { "role": "destination", "reference": "CH001251" },
            { "role": "transit", "reference": "CH001252" },
        ],
        "guarantees": [{ "type": "1", "references": [{ "grn": "26DE0000010000070" }] }],
        "dispatchCountry": "DE", "destinationCountry": "CH", "containerised": true, "totalGrossKg": "300",
        "ucr": "26DE123-PG1", "inlandMode": "road", "borderMode": "road",
        "departureMeans": [{ "idType": "30", "id": "HH AB 1", "nationality": "DE" }],
        "transportEquipment": [{ "container": "CSQU3054383", "sealCount": 1, "seals": ["S1"], "items": [1, 2] }],
        "placeOfLoading": { "unLocode": "DEHAM" },
        "parties": [
            { "role": "holder-of-transit-procedure", "ids": [{ "scheme": "EORI", "value": "DE123456789" }] },
            { "role": "consignee", "name": "Lampen AG", "address": { "lines": ["Gasse 1"], "city": "Basel", "country": "CH" } },
        ],
        "houses": [
            { "no": 1, "grossKg": "200" },
            { "no": 2, "grossKg": "100" },
        ],
        "items": [item(1, 1, 1, "200"), item(2, 2, 1, "100")],
    })
}

fn item(no: u32, house: u32, in_house: u32, gross: &str) -> Value {
    json!({
        "no": no, "house": house, "noInHouse": in_house, "description": "Lamps", "grossKg": gross, "netKg": "90",
        "classification": { "commodity": "940511" },
        "packages": [{ "type": "CT", "count": 4, "marks": "PG" }],
    })
}

/// What is found once this has been changed in a declaration that customs takes: rule, error, first field.
fn found(change: impl FnOnce(&mut Value)) -> Vec<(String, String, String)> {
    let mut said = taken();
    change(&mut said);
    let judgements = inspected(said);
    judgements
        .into_iter()
        .map(|one| {
            let error = one.detail.rsplit_once(" error ").expect("an error").1[..2].to_owned();
            assert!(one.detail.contains(&format!("({})", one.rule)) && !one.remedy.is_empty(), "{one:?}");
            (one.rule, error, one.fields[0].trim_start_matches("/documents/0/document").to_owned())
        })
        .collect()
}

fn is(rule: &str, error: u8, field: &str) -> Vec<(String, String, String)> {
    vec![(rule.to_owned(), error.to_string(), field.to_owned())]
}

fn set(path: &str, value: Value) -> Vec<(String, String, String)> {
    found(|said| {
        let (parent, field) = path.rsplit_once('/').expect("a pointer");
        said.pointer_mut(parent).expect("a place")[field] = value;
    })
}

#[test]
fn a_declaration_that_customs_takes_breaks_nothing() {
    assert_eq!(found(|_| {}), []);
}

#[test]
fn other_regimes_and_what_customs_has_released_are_not_judged() {
    assert_eq!(inspected(json!({ "jurisdiction": "DE", "regime": "entry-summary" })), []);
    assert_eq!(inspected(json!({ "jurisdiction": "DE", "regime": "transit", "releasedOn": "2026-03-02" })), []);
    assert!(!inspected(json!({ "jurisdiction": "DE", "regime": "transit" })).is_empty());
}

#[test]
fn guarantees_have_the_reference_of_their_type() {
    let named = |guarantee: Value| set("/guarantees", json!([guarantee]));
    assert_eq!(named(json!({ "type": "1" })), is("C0085", 13, "/guarantees/0/references"));
    assert_eq!(named(json!({ "type": "A", "references": [{}] })), is("C0085", 15, "/guarantees/0/references"));
    assert_eq!(named(json!({ "type": "1", "references": [{}] })), is("C0086", 13, "/guarantees/0/references/0/grn"));
    assert_eq!(
        named(json!({ "type": "4", "references": [{ "grn": "26DE0000010000070" }] })),
        is("R0318", 14, "/guarantees/0/references/0/grn")
    );
    assert_eq!(named(json!({ "type": "8" })), is("C0130", 13, "/guarantees/0/otherReference"));
    assert_eq!(named(json!({ "type": "B" })), is("R0900", 14, "/guarantees/0/type"));
    assert_eq!(named(json!({ "type": "3", "references": [{}] })), []);
}

#[test]
fn the_limit_date_is_the_authorised_consignor_s() {
    assert_eq!(set("/limitDate", Value::Null), is("C0839", 13, "/limitDate"));
    assert_eq!(set("/authorisations", json!([])), is("C0839", 15, "/limitDate"));
    let prelodged = found(|said| {
        said["limitDate"] = Value::Null;
        said["additionalTypeCode"] = json!("D");
    });
    assert_eq!(prelodged, []);
}

#[test]
fn the_reduced_data_set_needs_its_authorisation() {
    let reduced = found(|said| {
        said["reducedDataset"] = json!(true);
        for item in said["items"].as_array_mut().expect("items") {
            item.as_object_mut().expect("an item").remove("netKg");
        }
    });
    assert_eq!(reduced, is("R0859", 14, "/authorisations"));
    let unused = found(|said| said["authorisations"].as_array_mut().expect("a list").push(json!({ "type": "C524" })));
    assert_eq!(unused, is("R0859", 14, "/authorisations"));
}

#[test]
fn containers_and_seals_are_as_they_are_counted() {
    let equipment = "/transportEquipment/0";
    assert_eq!(set("/containerised", json!(false)), is("C0055", 15, "/transportEquipment/0/container"));
    assert_eq!(set("/containerised", Value::Null), is("C0822", 13, "/containerised"));
    assert_eq!(set("/transportEquipment", json!([])), is("C0823", 13, "/containerised"));
    assert_eq!(set(&format!("{equipment}/sealCount"), json!(2)), is("R0106", 14, "/transportEquipment/0/sealCount"));
    assert_eq!(set(&format!("{equipment}/seals"), json!([])), is("C0569", 13, "/transportEquipment/0/sealCount"));
    assert_eq!(set(&format!("{equipment}/items"), json!([1, 3])), is("G0006", 14, "/transportEquipment/0/items/1"));
    assert_eq!(set(&format!("{equipment}/items"), json!([])), []);
    let twice = found(|said| {
        said["transportEquipment"][0]["sealCount"] = json!(2);
        said["transportEquipment"][0]["seals"] = json!(["S1", "S1"]);
    });
    assert_eq!(twice, is("R0107", 14, "/transportEquipment/0/seals/1"));
    assert_eq!(
        set(&format!("{equipment}/container"), json!("CSQU3054384")),
        is("R0028", 14, "/transportEquipment/0/container")
    );
}

#[test]
fn what_is_the_same_is_said_once() {
    assert_eq!(set("/houses/0/destinationCountry", json!("CH")), is("C0343", 15, "/houses/0/destinationCountry"));
    assert_eq!(set("/items/1/dispatchCountry", json!("DE")), is("C0909", 15, "/items/1/dispatchCountry"));
    let nobody = set("/ucr", Value::Null);
    assert_eq!(nobody.len(), 2, "{nobody:?}");
    assert!(nobody.iter().all(|(rule, error, _)| (rule.as_str(), error.as_str()) == ("C0502", "13")), "{nobody:?}");
    let all = found(|said| {
        said["ucr"] = Value::Null;
        said["houses"][0]["ucr"] = json!("U1");
        said["houses"][1]["ucr"] = json!("U1");
    });
    assert_eq!(all, is("R0506", 14, "/houses/0/ucr"));
}

#[test]
fn consignees_and_consignors_are_of_the_whole_or_of_the_houses() {
    let party = |role: &str| json!([{ "role": role, "ids": [{ "scheme": "EORI", "value": "DE1" }] }]);
    assert_eq!(set("/houses/1/parties", party("consignee")), is("C0001", 15, "/houses/1/parties/0"));
    let one_of_two = found(|said| {
        said["parties"].as_array_mut().expect("parties").pop();
        said["houses"][0]["parties"] = party("consignee");
    });
    assert_eq!(one_of_two, is("C0001", 13, "/houses/1/parties"));
    let consignors = found(|said| {
        said["parties"].as_array_mut().expect("parties").push(party("consignor")[0].clone());
        said["houses"][0]["parties"] = party("consignor");
    });
    assert_eq!(consignors, is("C0349", 15, "/houses/0/parties/0"));
}

#[test]
fn whoever_has_no_number_has_a_name_and_an_address() {
    assert_eq!(set("/parties/0/ids", json!([])), is("C0250", 13, "/parties/0/name"));
    assert_eq!(set("/parties/1/name", Value::Null), is("C0250", 13, "/parties/1/name"));
    assert_eq!(set("/parties/0/ids/0/value", json!("de123")), is("R0850", 14, "/parties/0/ids/0/value"));
}

#[test]
fn items_are_numbered_over_all_houses_and_within_each() {
    assert_eq!(set("/items/1/noInHouse", json!(2)), is("R0988", 14, "/items/1/noInHouse"));
    let again = found(|said| {
        said["items"][1]["no"] = json!(1);
        said["transportEquipment"][0]["items"] = json!([1]);
    });
    assert_eq!(again, is("R0007", 14, "/items/1/no"));
    let gap = found(|said| {
        said["houses"][1]["no"] = json!(3);
        said["items"][1]["house"] = json!(3);
    });
    assert_eq!(gap, is("R0987", 14, "/houses/1/no"));
}

#[test]
fn what_is_within_weighs_no_more_than_the_whole() {
    assert_eq!(set("/totalGrossKg", json!("299.999")), is("R0994", 14, "/totalGrossKg"));
    assert_eq!(set("/houses/0/grossKg", json!("199.999")), is("R0983", 14, "/houses/0/grossKg"));
    assert_eq!(set("/items/1/netKg", json!("100.001")), is("R0223", 14, "/items/1/netKg"));
}

#[test]
fn security_data_ask_for_the_border_the_route_and_the_place_of_unloading() {
    let entry = set("/security", json!("1"));
    let rules: Vec<&str> = entry.iter().map(|(rule, ..)| rule.as_str()).collect();
    assert_eq!(rules, ["C0586", "C0598", "C0806", "C0191"]);
    assert_eq!(set("/placeOfUnloading", json!({ "unLocode": "CHBSL" })), is("C0191", 15, "/placeOfUnloading"));
    assert_eq!(set("/transportCharges", json!("A")), is("C0186", 15, "/transportCharges"));
}

#[test]
fn union_goods_from_another_party_are_proven_by_a_previous_document() {
    let from_switzerland = |documents: Value| {
        found(|said| {
            said["typeCode"] = json!("T2F");
            said["offices"] = json!([
                { "role": "departure", "reference": "CH001251" },
                { "role": "destination", "reference": "DE004851" },
                { "role": "transit", "reference": "DE004055" },
            ]);
            said["previousDocuments"] = documents;
        })
    };
    let none = from_switzerland(json!([]));
    assert!(none.len() == 2 && none.iter().all(|(rule, ..)| rule == "C0035"), "{none:?}");
    let other = from_switzerland(json!([{ "type": "N821", "id": "X" }]));
    assert!(other.len() == 2 && other.iter().all(|(rule, ..)| rule == "R0020"), "{other:?}");
    assert_eq!(from_switzerland(json!([{ "type": "N825", "id": "X" }])), []);
}

#[test]
fn the_kind_of_each_item_is_said_where_they_differ_and_nowhere_else() {
    assert_eq!(set("/items/0/typeCode", json!("T1")), is("C0045", 15, "/items/0/typeCode"));
    let one = found(|said| {
        said["typeCode"] = json!("T");
        said["items"][0]["typeCode"] = json!("T1");
    });
    assert_eq!(one, is("C0045", 13, "/items/1/typeCode"));
}

#[test]
fn a_tir_operation_has_its_carnet_its_guarantee_and_stays_in_the_union() {
    let tir = found(|said| {
        said["typeCode"] = json!("TIR");
        said["offices"].as_array_mut().expect("offices").pop();
    });
    let rules: Vec<&str> = tir.iter().map(|(rule, ..)| rule.as_str()).collect();
    assert_eq!(rules, ["C0411", "R0901", "R0900", "C0904"]);
}

#[test]
fn offices_of_transit_are_where_the_goods_pass() {
    let none = found(|said| {
        said["offices"].as_array_mut().expect("offices").pop();
    });
    assert_eq!(none, is("C0030", 13, "/offices"));
    assert_eq!(set("/offices/2/reference", json!("AT001252")), is("R0006", 14, "/offices"));
    let twice = found(|said| {
        let office = said["offices"][2].clone();
        said["offices"].as_array_mut().expect("offices").push(office);
    });
    assert_eq!(twice, is("R0003", 14, "/offices/3"));
}

#[test]
fn means_of_transport_are_of_the_mode() {
    assert_eq!(set("/departureMeans/0/idType", json!("40")), is("R0472", 14, "/departureMeans/0/idType"));
    assert_eq!(set("/departureMeans/0/idType", json!("31")), is("R0474", 14, "/departureMeans/0/idType"));
    assert_eq!(set("/departureMeans/0/id", json!("hh ab 1")), is("R0473", 14, "/departureMeans/0/id"));
    assert_eq!(set("/inlandMode", json!("mail")), is("C0826", 15, "/departureMeans"));
    let trailer = json!([{ "idType": "30", "id": "HH AB 1" }, { "idType": "31", "id": "HH T 1" }]);
    assert_eq!(set("/departureMeans", trailer), []);
}

#[test]
fn packages_are_counted_marked_and_packed_with_others() {
    let packed = |packages: Value| set("/items/1/packages", packages);
    assert_eq!(packed(json!([{ "type": "VR", "count": 4 }])), is("C0060", 15, "/items/1/packages/0/count"));
    assert_eq!(
        packed(json!([{ "type": "CT", "count": 0, "uncounted": true, "marks": "PG" }])),
        is("C0060", 13, "/items/1/packages/0/count")
    );
    assert_eq!(packed(json!([{ "type": "CT", "count": 4 }])), is("C0060", 13, "/items/1/packages/0/marks"));
    // It is packed with nothing in its own house consignment, and weighs something by itself.
    let alone = packed(json!([{ "type": "CT", "count": 0, "marks": "PG" }]));
    let rules: Vec<&str> = alone.iter().map(|(rule, ..)| rule.as_str()).collect();
    assert_eq!(rules, ["R0364", "R0221"]);
}

#[test]
fn places_are_named() {
    assert_eq!(set("/placeOfLoading", Value::Null), is("C0403", 13, "/placeOfLoading"));
    assert_eq!(set("/placeOfLoading", json!({ "name": "Altona" })), is("C0387", 13, "/placeOfLoading/unLocode"));
    assert_eq!(set("/items/0/classification", Value::Null), is("C0153", 13, "/items/0/classification"));
}
