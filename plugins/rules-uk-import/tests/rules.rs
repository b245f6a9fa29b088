//! Each rule finds what breaks it, at its place, and nothing in a declaration that is right.

use portgate_sdk::{Judgement, Rules, testkit};
use rules_uk_import::UkImport;
use serde_json::{Value, json};

const NOW: &str = "2026-03-10T12:00:00Z";
const HERE: &str = "/documents/0/document";

/// A whole declaration for free circulation that no rule finds anything in.
fn whole() -> Value {
    json!({
        "jurisdiction": "GB", "regime": "import", "typeCode": "IMA", "itemCount": 1, "totalPackages": 10,
        "locationOfGoods": { "code": "FXTFXTFXT", "type": "A", "qualifier": "U", "country": "GB" },
        "borderMode": "sea", "borderNationality": "PA", "arrivalMeansId": "9074729", "arrivalMeansType": "10",
        "containerised": true, "equipment": ["CSQU3054383"], "dispatchCountry": "VN", "destinationCountry": "GB",
        "transactionNature": "1",
        "parties": [
            { "role": "declarant", "ids": [{ "scheme": "EORI", "value": "GB123456789000" }] },
            { "role": "importer", "ids": [{ "scheme": "EORI", "value": "GB123456789000" }] },
            { "role": "exporter", "name": "Lamps of Example", "address": { "country": "VN" } },
        ],
        "authorisations": [
            { "type": "DPO", "holderEori": "GB123456789000" }, { "type": "CGU", "holderEori": "GB123456789000" },
        ],
        "deferment": [{ "account": "1234567", "category": "1", "type": "DAN" }],
        "guarantees": [{ "type": "0" }],
        "previousDocuments": [{ "type": "DCR", "id": "6GB123456789000-ORDER1", "category": "Z" }],
        "items": [{
            "no": 1, "description": "Lamps", "classification": { "commodity": "94051140", "taric": "90" }, "origin": "VN",
            "preference": "100", "procedure": { "code": "4000", "additional": ["000"] },
            "valuationMethod": "1", "valuationIndicators": "0000", "price": { "amount": "1000.00", "currency": "GBP" },
            "grossKg": "120", "netKg": "100", "packages": [{ "type": "CT", "count": 10 }],
            "additionalInformation": [{ "code": "00500" }],
            "taxLines": [{ "type": "A00", "paymentMethod": "E" }],
        }],
    })
}

fn judged(said: &[Value]) -> Vec<Judgement> {
    let named = said.iter().map(|said| {
        let lrn = said["lrn"].as_str().unwrap_or("IMPORT-1").to_owned();
        testkit::declaration(&lrn, said.clone())
    });
    UkImport::inspect(&testkit::shipment_context(&named.collect::<Vec<_>>()), NOW)
}

/// The whole declaration with another value at some places; nothing where it is null.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut said = whole();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = said.pointer_mut(parent).expect("a place").as_object_mut().expect("an object");
        if value.is_null() {
            parent.remove(name).expect("there was something");
        } else {
            parent.insert(name.to_owned(), value.clone());
        }
    }
    said
}

/// What is found once these places say something else: the rules, each with its first field, and no more than that.
fn found(changes: &[(&str, Value)]) -> Vec<(String, String)> {
    let first = |one: Judgement| (one.rule, one.fields.first().cloned().unwrap_or_default());
    judged(&[with(changes)]).into_iter().map(first).collect()
}

/// This one rule finds something, at this field first.
fn breaks(changes: &[(&str, Value)], rule: &str, field: &str) {
    assert_eq!(found(changes), [(rule.to_owned(), format!("{HERE}{field}"))], "{changes:?}");
}

#[test]
fn nothing_is_wrong_with_a_whole_declaration_nor_with_one_of_another_kind() {
    assert_eq!(judged(&[whole()]), []);
    for (field, value) in [
        ("/regime", json!("export")),
        ("/jurisdiction", json!("DE")),
        ("/functionCode", json!({ "code": "13", "codeList": "WCO function" })),
    ] {
        let broken = [(field, value), ("/locationOfGoods", Value::Null), ("/items/0/procedure", Value::Null)];
        assert_eq!(found(&broken), [], "it is none of this pack's: {field}");
    }
}

#[test]
fn what_is_no_context_says_so() {
    let (kind, key) = ("shipment-context".to_owned(), "s".to_owned());
    let nothing = portgate_sdk::Document { kind, key, refs: Vec::new(), body: b"7".to_vec() };
    assert_eq!(UkImport::inspect(&nothing, NOW)[0].rule, "CONTEXT");
}

#[test]
fn uk01_to_uk04_references_have_their_shapes_are_unique_and_name_what_is_completed() {
    breaks(&[("/lrn", json!("A-REFERENCE-OF-TWENTY-3"))], "UK01", "/lrn");
    let twice = judged(&[with(&[("/lrn", json!("ONE"))]), with(&[("/lrn", json!("ONE"))])]);
    assert_eq!((twice.len(), twice[0].rule.as_str(), twice[0].fields.len()), (1, "UK02", 2));
    breaks(&[("/previousDocuments/0/id", json!("GB123456789000"))], "UK03", "/previousDocuments/0/id");
    breaks(&[("/previousDocuments/0/category", json!("A"))], "UK04", "/previousDocuments/0/category");
    let supplementary = [
        ("/typeCode", json!("IMY")),
        ("/acceptedAt", json!({ "value": "2026-03-01T00:00:00Z" })),
        ("/authorisations", json!([{ "type": "SDE", "holderEori": "GB123456789000" }, { "type": "DPO" }])),
    ];
    breaks(&supplementary, "UK04", "/previousDocuments");
}

#[test]
fn uk05_uk06_procedures_are_those_of_imports_and_go_with_the_type() {
    breaks(&[("/items/0/procedure/code", json!("9971"))], "UK05", "/items/0/procedure/code");
    breaks(&[("/items/0/procedure/code", json!("40"))], "UK05", "/items/0/procedure/code");
    breaks(&[("/items/0/procedure/code", json!("0020"))], "UK05", "/items/0/procedure/code");
    breaks(&[("/typeCode", json!("IMQ"))], "UK05", "/typeCode");
    breaks(&[("/items/0/procedure/additional", json!([]))], "UK06", "/items/0/procedure/additional");
    breaks(&[("/items/0/procedure/additional", json!(["000", "C28"]))], "UK06", "/items/0/procedure/additional");
    breaks(&[("/items/0/procedure/additional", json!(["C28", "C28"]))], "UK06", "/items/0/procedure/additional");
    let mut two = whole();
    let mut second = two["items"][0].clone();
    second["no"] = json!(2);
    second["procedure"]["code"] = json!("5300");
    two["items"].as_array_mut().expect("items").push(second);
    two["authorisations"].as_array_mut().expect("a list").push(json!({ "type": "TEA" }));
    two["offices"] = json!([{ "role": "supervising", "reference": "GBBEL004" }]);
    let rules: Vec<String> = judged(&[two]).into_iter().map(|one| one.rule).collect();
    assert_eq!(rules, ["UK05"], "end use and temporary admission want other data sets");
}

#[test]
fn uk07_uk08_authorisations_are_those_of_type_and_procedure_and_belong_to_a_party() {
    let supervised = ("/offices", json!([{ "role": "supervising", "reference": "GBBEL004" }]));
    breaks(&[("/items/0/procedure/code", json!("5100")), supervised.clone()], "UK07", "/authorisations");
    breaks(&[("/items/0/procedure/code", json!("4400"))], "UK07", "/authorisations");
    let by_itself = json!([{ "code": "00500" }, { "code": "00100" }]);
    assert_eq!(
        found(&[("/items/0/procedure/code", json!("5100")), ("/items/0/additionalInformation", by_itself), supervised]),
        []
    );
    breaks(&[("/authorisations/0/holderEori", json!("GB999999999000"))], "UK08", "/authorisations/0/holderEori");
}

#[test]
fn uk09_the_location_of_the_goods_is_named_as_its_type_is_named() {
    breaks(&[("/locationOfGoods/qualifier", Value::Null)], "UK09", "/locationOfGoods/type");
    breaks(&[("/locationOfGoods/qualifier", json!("Y"))], "UK09", "/locationOfGoods/qualifier");
    breaks(&[("/locationOfGoods/type", json!("E"))], "UK09", "/locationOfGoods/type");
    breaks(&[("/locationOfGoods/country", json!("FR"))], "UK09", "/locationOfGoods/country");
    breaks(&[("/locationOfGoods/code", json!("Gate 4, Dock Road"))], "UK09", "/locationOfGoods/code");
}

#[test]
fn uk10_uk11_who_declares_has_a_number_and_who_represents_a_status() {
    breaks(
        &[("/parties/0/ids", Value::Null), ("/items/0/additionalInformation", Value::Null)],
        "UK10",
        "/parties/0/ids",
    );
    let represented = |status: Value| {
        let mut parties = whole()["parties"].clone();
        let agent = json!({ "role": "representative", "ids": [{ "scheme": "EORI", "value": "GB987654321000" }], "representationStatus": status });
        parties.as_array_mut().expect("parties").push(agent);
        [("/parties", parties), ("/items/0/additionalInformation", Value::Null)]
    };
    assert_eq!(found(&represented(json!("2"))), []);
    breaks(&represented(json!("1")), "UK10", "/parties/3/representationStatus");
    let same = json!([{ "scheme": "EORI", "value": "GB123456789000" }]);
    breaks(&[("/parties/2/ids", same)], "UK11", "/parties/1/ids");
}

#[test]
fn uk12_to_uk14_items_totals_containers_and_means_of_transport_are_possible() {
    breaks(&[("/items/0/no", json!(1000))], "UK12", "/items/0/no");
    breaks(&[("/totalPackages", json!(0))], "UK12", "/totalPackages");
    breaks(&[("/equipment", json!([]))], "UK13", "/containerised");
    breaks(&[("/containerised", json!(false))], "UK13", "/containerised");
    breaks(&[("/arrivalMeansType", json!("15"))], "UK14", "/arrivalMeansType");
}

#[test]
fn uk15_each_element_of_the_category_is_there() {
    for field in [
        "/itemCount",
        "/previousDocuments",
        "/locationOfGoods",
        "/totalPackages",
        "/borderMode",
        "/borderNationality",
        "/arrivalMeansId",
    ] {
        breaks(&[(field, Value::Null)], "UK15", field);
    }
    breaks(&[("/containerised", Value::Null)], "UK15", "/containerised");
    for field in [
        "classification",
        "description",
        "grossKg",
        "netKg",
        "packages",
        "price",
        "valuationMethod",
        "valuationIndicators",
        "preference",
    ] {
        breaks(&[(&format!("/items/0/{field}"), Value::Null)], "UK15", &format!("/items/0/{field}"));
    }
    breaks(&[("/dispatchCountry", Value::Null)], "UK15", "/items/0/dispatchCountry");
    breaks(&[("/destinationCountry", Value::Null)], "UK15", "/items/0/destinationCountry");
    breaks(&[("/transactionNature", Value::Null)], "UK15", "/items/0/transactionNature");
    let of_rail = [("/borderMode", json!("rail")), ("/borderNationality", Value::Null)];
    assert_eq!(found(&of_rail), [], "a train has no nationality");
    let simplified = [
        ("/typeCode", json!("IMF")),
        ("/authorisations", json!([{ "type": "SDE" }, { "type": "DPO" }])),
        ("/items/0/netKg", Value::Null),
        ("/borderMode", Value::Null),
    ];
    assert_eq!(found(&simplified), [], "a simplified one may say less");
}

#[test]
fn uk16_a_clearance_request_has_no_preference_and_no_valuation() {
    let request = [("/typeCode", json!("IMJ")), ("/items/0/procedure/code", json!("0020"))];
    let rules: Vec<(String, String)> = found(&request);
    let at = |field: &str| ("UK16".to_owned(), format!("{HERE}/items/0/{field}"));
    assert_eq!(rules, [at("preference"), at("valuationMethod")]);
}

#[test]
fn uk17_what_is_or_was_in_a_warehouse_names_it() {
    let from = [
        ("/items/0/procedure/code", json!("4071")),
        ("/offices", json!([{ "role": "supervising", "reference": "GBBEL004" }])),
    ];
    breaks(&from, "UK17", "/warehouse");
    let named = [from.as_slice(), &[("/warehouse", json!({ "type": "U", "id": "1234567GB" }))]].concat();
    assert_eq!(found(&named), []);
    breaks(&[("/warehouse", json!({ "type": "Q", "id": "1234567GB" }))], "UK17", "/warehouse/type");
}

#[test]
fn uk20_uk21_codes_have_ten_digits_and_goods_come_to_the_uk() {
    breaks(&[("/items/0/classification/taric", Value::Null)], "UK20", "/items/0/classification/commodity");
    breaks(&[("/destinationCountry", json!("FR"))], "UK21", "/destinationCountry");
    breaks(&[("/items/0/destinationCountry", json!("FR"))], "UK21", "/items/0/destinationCountry");
}

#[test]
fn uk22_uk23_deferred_and_guaranteed_duties_name_account_and_guarantee() {
    breaks(&[("/deferment", json!([]))], "UK22", "/deferment");
    breaks(&[("/authorisations", json!([{ "type": "CGU" }]))], "UK22", "/authorisations");
    breaks(&[("/guarantees", json!([]))], "UK23", "/guarantees");
    let guaranteed = [
        ("/items/0/taxLines", json!([{ "type": "A00", "paymentMethod": "S" }])),
        ("/guarantees", json!([])),
        ("/authorisations", json!([{ "type": "DPO" }])),
    ];
    breaks(&guaranteed, "UK23", "/guarantees");
}

#[test]
fn uk24_a_supplementary_declaration_counts_from_a_day_that_can_be() {
    let from = |day: Value| {
        [
            ("/typeCode", json!("IMZ")),
            ("/acceptedAt", day),
            ("/authorisations", json!([{ "type": "EIR" }, { "type": "DPO" }])),
            ("/previousDocuments", json!([{ "type": "CLE", "id": "20260301", "category": "Y" }])),
        ]
    };
    assert_eq!(found(&from(json!({ "value": "2026-03-11T00:00:00+12:00" }))), []);
    for day in ["2026-03-12T00:00:00Z", "2025-08-01T00:00:00Z"] {
        breaks(&from(json!({ "value": day })), "UK24", "/acceptedAt");
    }
    let none =
        from(json!({ "value": "2026-03-01T00:00:00Z" })).into_iter().filter(|(field, _)| *field != "/acceptedAt");
    breaks(&none.collect::<Vec<_>>(), "UK24", "/acceptedAt");
}

#[test]
fn uk25_uk26_the_importer_declares_where_it_says_so_and_numbers_for_tax_have_their_shape() {
    let other = json!([{ "scheme": "EORI", "value": "GB987654321000" }]);
    breaks(&[("/parties/1/ids", other)], "UK25", "/additionalInformation");
    breaks(&[("/fiscalReferences", json!([{ "role": "FR1", "id": "GB12" }]))], "UK26", "/fiscalReferences/0/id");
    assert_eq!(found(&[("/fiscalReferences", json!([{ "role": "FR1", "id": "GB123456789" }]))]), []);
    let stop_shop = ("/items/0/procedure/additional", json!(["F48", "C07"]));
    breaks(std::slice::from_ref(&stop_shop), "UK26", "/fiscalReferences");
    assert_eq!(found(&[stop_shop, ("/fiscalReferences", json!([{ "role": "FR5", "id": "IM1234567890" }]))]), []);
}

#[test]
fn uk27_uk28_a_quota_has_its_preference_and_number_and_valuation_its_codes() {
    let quota = |preference: &str, number: &str| {
        [
            ("/items/0/preference", json!(preference)),
            ("/items/0/taxLines", json!([{ "paymentMethod": "E", "preference": preference, "quota": number }])),
        ]
    };
    assert_eq!(found(&quota("120", "050127")), []);
    breaks(&quota("100", "050127"), "UK27", "/items/0/preference");
    breaks(&quota("120", "5127"), "UK27", "/items/0/taxLines/0/quota");
    breaks(&[("/items/0/preference", json!("120"))], "UK27", "/items/0/taxLines");
    breaks(&[("/items/0/preference", json!("10"))], "UK27", "/items/0/preference");
    breaks(&[("/items/0/valuationMethod", json!("9"))], "UK28", "/items/0/valuationMethod");
    breaks(&[("/items/0/valuationIndicators", json!("00"))], "UK28", "/items/0/valuationIndicators");
}

#[test]
fn uk29_goods_of_little_value_say_why_they_are_free_and_are_of_little_value() {
    let reduced = |additional: Value, price: &str| {
        [
            ("/items/0/procedure/additional", additional),
            ("/items/0/price", json!({ "amount": price, "currency": "GBP" })),
        ]
    };
    assert_eq!(found(&reduced(json!(["1H7", "C07"]), "135.00")), []);
    breaks(&reduced(json!(["1H7"]), "135.00"), "UK29", "/items/0/procedure/additional");
    breaks(&reduced(json!(["1H7", "C07"]), "135.01"), "UK29", "/items");
}
