//! Each rule finds what breaks it, at its place, and nothing in a declaration that is right.

use portgate_sdk::{Judgement, Rules, testkit};
use rules_uk_export::UkExport;
use serde_json::{Value, json};

const NOW: &str = "2026-03-10T12:00:00Z";
const HERE: &str = "/documents/0/document";

/// A whole declaration for export that no rule finds anything in.
fn whole() -> Value {
    json!({
        "jurisdiction": "GB", "regime": "export", "typeCode": "EXD", "itemCount": 1, "totalPackages": 10,
        "locationOfGoods": { "code": "FXTFXTFXT", "type": "A", "qualifier": "U", "country": "GB" },
        "borderMode": "sea", "borderNationality": "PA", "containerised": true, "equipment": ["CSQU3054383"],
        "dispatchCountry": "GB", "destinationCountry": "US", "transactionNature": "1",
        "departureMeans": [{ "idType": "11", "id": "Example Star" }],
        "offices": [{ "role": "exit", "reference": "GB000051" }],
        "parties": [
            { "role": "declarant", "ids": [{ "scheme": "EORI", "value": "GB123456789000" }] },
            { "role": "exporter", "ids": [{ "scheme": "EORI", "value": "GB123456789000" }] },
            { "role": "consignee", "name": "Lamps of Example", "address": { "country": "US" } },
        ],
        "previousDocuments": [{ "type": "DCR", "id": "6GB123456789000-ORDER1", "category": "Z" }],
        "items": [{
            "no": 1, "description": "Lamps", "classification": { "commodity": "94051140" },
            "procedure": { "code": "1040", "additional": ["000"] },
            "statisticalValue": { "amount": "1000", "currency": "GBP" },
            "grossKg": "120", "netKg": "100", "packages": [{ "type": "CT", "count": 10 }],
            "additionalInformation": [{ "code": "00400" }],
        }],
    })
}

/// What is found once these places say something else: the rules, each with its first field, and no more than that.
fn found(changes: &[(&str, Value)]) -> Vec<(String, String)> {
    let [table, key, value] = ["uk-exit-offices", "GB000051", "exit"].map(str::to_owned);
    let row = testkit::Row { table, key, value, from: None, to: None };
    testkit::provide(vec![row]);
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
    let context = testkit::shipment_context(&[testkit::declaration("EXPORT-1", said)]);
    let first = |one: Judgement| (one.rule, one.fields.first().cloned().unwrap_or_default());
    UkExport::inspect(&context, NOW).into_iter().map(first).collect()
}

/// This one rule finds something, at this field first.
fn breaks(changes: &[(&str, Value)], rule: &str, field: &str) {
    assert_eq!(found(changes), [(rule.to_owned(), format!("{HERE}{field}"))], "{changes:?}");
}

#[test]
fn nothing_is_wrong_with_a_whole_declaration_nor_with_one_of_another_kind() {
    assert_eq!(found(&[]), []);
    assert_eq!(found(&[("/regime", json!("import")), ("/offices", json!([]))]), []);
}

#[test]
fn the_rules_of_all_declarations_hold_for_exports_as_well() {
    breaks(&[("/lrn", json!("A-REFERENCE-OF-TWENTY-3"))], "UK01", "/lrn");
    breaks(&[("/items/0/procedure/code", json!("4000"))], "UK05", "/items/0/procedure/code");
    breaks(&[("/items/0/procedure/code", json!("2151"))], "UK07", "/authorisations");
    breaks(&[("/items/0/procedure/code", json!("3171"))], "UK17", "/warehouse");
    breaks(&[("/departureMeans/0/idType", json!("99"))], "UK14", "/departureMeans/0/idType");
}

#[test]
fn uk15_uk16_each_element_of_the_category_is_there_and_none_of_imports() {
    for field in
        ["/itemCount", "/previousDocuments", "/locationOfGoods", "/totalPackages", "/borderMode", "/borderNationality"]
    {
        let also = if field == "/previousDocuments" { vec!["UK15", "UK42"] } else { vec!["UK15"] };
        let found = found(&[(field, Value::Null)]);
        assert_eq!(found.iter().map(|(rule, _)| rule.as_str()).collect::<Vec<_>>(), also, "{field}");
        assert_eq!(found[0].1, format!("{HERE}{field}"));
    }
    breaks(&[("/offices", json!([]))], "UK15", "/offices");
    for field in ["classification", "description", "grossKg", "netKg", "statisticalValue", "packages"] {
        breaks(&[(&format!("/items/0/{field}"), Value::Null)], "UK15", &format!("/items/0/{field}"));
    }
    breaks(&[("/destinationCountry", Value::Null)], "UK15", "/items/0/destinationCountry");
    for (field, value) in [("preference", "100"), ("valuationMethod", "1"), ("valuationIndicators", "0000")] {
        breaks(&[(&format!("/items/0/{field}"), json!(value))], "UK16", &format!("/items/0/{field}"));
    }
}

#[test]
fn uk40_to_uk42_goods_leave_by_an_office_that_exists_for_a_country_abroad_with_a_ducr() {
    breaks(&[("/offices/0/reference", json!("GB999999"))], "UK40", "/offices/0/reference");
    assert_eq!(found(&[("/offices/0/reference", json!("FR000940"))]), [], "an office elsewhere is not on the list");
    breaks(&[("/destinationCountry", json!("GB"))], "UK41", "/destinationCountry");
    breaks(&[("/items/0/destinationCountry", json!("XI"))], "UK41", "/items/0/destinationCountry");
    breaks(&[("/previousDocuments/0/type", json!("ZZZ"))], "UK42", "/previousDocuments");
}

#[test]
fn uk43_to_uk45_procedures_follow_codes_have_eight_digits_and_the_exporter_declares_where_it_says_so() {
    breaks(&[("/items/0/procedure/code", json!("1000"))], "UK43", "/items/0/procedure/code");
    let supervised = ("/items/0/procedure/additional", json!(["1CS"]));
    breaks(std::slice::from_ref(&supervised), "UK43", "/authorisations");
    assert_eq!(found(&[supervised, ("/authorisations", json!([{ "type": "CSE" }]))]), []);
    breaks(&[("/items/0/classification/taric", json!("90"))], "UK44", "/items/0/classification/commodity");
    let other = json!([{ "scheme": "EORI", "value": "GB987654321000" }]);
    breaks(&[("/parties/0/ids", other)], "UK45", "/additionalInformation");
}
