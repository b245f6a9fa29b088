//! Each condition finds what breaks it, at its place and with customs' error number, and nothing where all fits.

use portgate_sdk::testkit::{declaration, shipment_context};
use portgate_sdk::{Judgement, Rules};
use rules_eu_entry::EntrySummary;
use serde_json::{Value, json};

const NOW: &str = "2026-03-10T12:00:00Z";

fn inspected(said: Value) -> Vec<Judgement> {
    EntrySummary::inspect(&shipment_context(&[declaration("PGT-1", said)]), NOW)
}

/// An entry summary by road that customs takes.
fn taken() -> Value {
    json!({
        "jurisdiction": "GB", "regime": "entry-summary",
        "borderMode": "road", "borderMeans": [{ "id": "AB 123", "nationality": "FR" }],
        "itemCount": 1, "totalGrossKg": "240.5", "ucr": "6GB123456789000-PG1",
        "itinerary": ["FR", "GB"],
        "offices": [{ "role": "first-entry", "reference": "GB000060" }],
        "placeOfLoading": { "unLocode": "FRCQF" }, "placeOfUnloading": { "unLocode": "GBDVR" },
        "parties": [
            { "role": "consignor", "name": "Ateliers Nord", "address": whole_address() },
            { "role": "consignee", "ids": [{ "scheme": "EORI", "value": "GB123456789000" }] },
            { "role": "declarant", "ids": [{ "scheme": "EORI", "value": "GB987654321000" }] },
        ],
        "items": [{
            "no": 1, "description": "Lamps", "grossKg": "240.5",
            "packages": [{ "type": "CT", "count": 12, "marks": "PG 1 to 12" }],
        }],
    })
}

fn whole_address() -> Value {
    json!({ "lines": ["1 rue du Port"], "postcode": "62100", "city": "Calais", "country": "FR" })
}

/// What is found once this has been changed in a declaration that customs takes: condition, error numbers, first field.
fn found(change: impl FnOnce(&mut Value)) -> Vec<(String, String, String)> {
    let mut said = taken();
    change(&mut said);
    let judgements = inspected(said);
    judgements
        .into_iter()
        .map(|one| {
            let numbers =
                one.detail.rsplit_once(" error ").expect("an error number").1.trim_end_matches('.').to_owned();
            assert!(!one.remedy.is_empty(), "{one:?}");
            (one.rule, numbers, one.fields[0].trim_start_matches("/documents/0/document").to_owned())
        })
        .collect()
}

fn is(rule: &str, numbers: &str, field: &str) -> Vec<(String, String, String)> {
    vec![(rule.to_owned(), numbers.to_owned(), field.to_owned())]
}

#[test]
fn a_declaration_that_customs_takes_breaks_nothing() {
    assert_eq!(found(|_| {}), []);
}

#[test]
fn declarations_of_other_regimes_are_not_judged() {
    assert_eq!(found(|said| said["regime"] = json!("transit")), []);
    assert_eq!(inspected(json!({ "jurisdiction": "GB", "regime": "import" })), []);
}

#[test]
fn a_party_without_a_number_is_given_by_name_and_whole_address() {
    let found = found(|said| {
        said["parties"][0]["address"].as_object_mut().expect("an address").remove("city");
        said["parties"][0]["address"].as_object_mut().expect("an address").remove("postcode");
    });
    assert_eq!(found, is("C501", "8122, 8123", "/parties/0/address/postcode"));
}

#[test]
fn a_number_that_customs_knows_stands_alone_and_another_does_not() {
    let spare = found(|said| said["parties"][1]["name"] = json!("Lamps Ltd"));
    assert_eq!(spare, is("C501", "8631", "/parties/1/name"));
    let lacks = found(|said| said["parties"][1]["ids"][0]["value"] = json!("DE123456789"));
    assert_eq!(lacks, is("C501", "8225, 8226, 8227, 8228, 8229", "/parties/1/name"));
    let lodges = found(|said| said["parties"][2]["address"] = whole_address());
    assert_eq!(lodges, is("C501", "8662, 8663, 8664, 8665", "/parties/2/address/lines"));
}

#[test]
fn the_union_s_members_know_each_other_s_numbers_and_not_those_of_others() {
    let to = |jurisdiction: &str, number: &str| {
        found(|said| {
            said["jurisdiction"] = json!(jurisdiction);
            said["parties"][1]["ids"][0]["value"] = json!(number);
        })
    };
    let lacks = is("C501", "8225, 8226, 8227, 8228, 8229", "/parties/1/name");
    for known in ["NL123456789", "DE123456789", "XI123456789000"] {
        assert_eq!(to("NL", known), [], "{known}");
    }
    assert_eq!(to("NL", "GB123456789000"), lacks);
    assert_eq!(to("CH", "NL123456789"), lacks, "Switzerland is not of the Union");
    assert_eq!(to("GB", "XI123456789000"), lacks);
    assert_eq!(to("AB", "GB123456789000"), [], "HMRC's cases name offices of no country");
}

#[test]
fn consignors_are_of_the_whole_or_differ_from_item_to_item() {
    let consignor = json!([{ "role": "consignor", "name": "Ateliers Sud", "address": whole_address() }]);
    let both = found(|said| said["items"][0]["parties"] = consignor.clone());
    let rules: Vec<&str> = both.iter().map(|(_, number, _)| number.as_str()).collect();
    assert_eq!(rules, ["8119", "8193"]);
}

#[test]
fn goods_have_a_consignee_or_somebody_to_notify() {
    let none =
        found(|said| said["parties"].as_array_mut().expect("parties").retain(|party| party["role"] != "consignee"));
    assert_eq!(none, is("C584", "8623", "/items/0/parties"));
    let to_order = found(|said| said["items"][0]["additionalInformation"] = json!([{ "code": "10600" }]));
    let numbers: Vec<&str> = to_order.iter().map(|(_, number, _)| number.as_str()).collect();
    assert_eq!(numbers, ["8204", "8622"]);
    let notified = found(|said| said["parties"][1]["role"] = json!("notify"));
    let numbers: Vec<&str> = notified.iter().map(|(_, number, _)| number.as_str()).collect();
    assert_eq!(numbers, ["8619", "8623"]);
}

#[test]
fn ships_are_named_by_number_and_aircraft_by_their_flight() {
    let ship = found(|said| {
        said["borderMode"] = json!("sea");
        said["borderMeans"] = json!([{ "id": "BLUE STAR" }]);
    });
    assert_eq!(ship, is("C514", "8114", "/borderMeans/0/id"));
    let aircraft = found(|said| {
        said["borderMode"] = json!("air");
        said["borderMeans"] = json!([{ "id": "D-ABCD", "conveyanceRef": "LH 400" }]);
    });
    let numbers: Vec<&str> = aircraft.iter().map(|(_, number, _)| number.as_str()).collect();
    assert_eq!(numbers, ["8113", "8118"]);
    let nobody = found(|said| said["borderMeans"] = json!([]));
    assert_eq!(nobody, is("C019", "8199", "/items/0/borderMeans"));
}

#[test]
fn modes_and_circumstances_are_those_of_ics() {
    let written = found(|said| {
        said["borderMode"] = Value::Null;
        said["borderModeCode"] = json!("03");
    });
    assert_eq!(written, is("8690", "8690", "/borderModeCode"));
    let mail = found(|said| {
        said["borderMode"] = json!("mail");
        said["borderMeans"][0].as_object_mut().expect("means").remove("nationality");
    });
    assert_eq!(mail, is("8689", "8689", "/borderMode"));
    assert_eq!(found(|said| said["specificCircumstance"] = json!("D")), is("C529", "8112", "/specificCircumstance"));
    assert_eq!(found(|said| said["specificCircumstance"] = json!("A")), is("8691", "8691", "/specificCircumstance"));
}

#[test]
fn items_are_numbered_counted_and_weighed() {
    assert_eq!(found(|said| said["itemCount"] = json!(2)), is("8206", "8206", "/itemCount"));
    assert_eq!(found(|said| said["items"][0]["no"] = json!(2)), is("R007", "8102", "/items/0/no"));
    assert_eq!(found(|said| said["totalGrossKg"] = json!("240.499")), is("TR0812", "8686", "/totalGrossKg"));
    assert_eq!(found(|said| said["items"][0]["grossKg"] = json!("1")), []);
}

#[test]
fn packages_are_counted_as_their_kind_is() {
    let packed = |packages: Value| found(|said| said["items"][0]["packages"] = packages);
    assert_eq!(packed(json!([])), is("8688", "8688", "/items"));
    assert_eq!(packed(json!([{ "type": "VR", "count": 3 }])), is("C062", "8149", "/items/0/packages/0/count"));
    assert_eq!(packed(json!([{ "type": "VR", "count": 0, "uncounted": true }])), []);
    assert_eq!(packed(json!([{ "type": "NE", "count": 3 }])), is("C062", "8150", "/items/0/packages/0/count"));
    assert_eq!(packed(json!([{ "type": "NE", "count": 0, "uncounted": true, "pieces": 3 }])), []);
    assert_eq!(
        packed(json!([{ "type": "CT", "count": 3, "pieces": 2, "marks": "A" }])),
        is("C062", "8151", "/items/0/packages/0/count")
    );
    assert_eq!(packed(json!([{ "type": "CT", "count": 3 }])), is("C062", "8152", "/items/0/packages/0/marks"));
    assert_eq!(
        packed(json!([{ "type": "CT", "count": 0, "marks": "A" }])),
        is("TR0022", "8153", "/items/0/packages/0/count")
    );
    assert_eq!(
        packed(json!([{ "type": "CT", "count": 0, "marks": "A" }, { "type": "CT", "count": 2, "marks": "A" }])),
        []
    );
}

#[test]
fn places_documents_and_routes_are_said() {
    let without = |field: &str| {
        found(|said| {
            said.as_object_mut().expect("fields").remove(field);
        })
    };
    assert_eq!(without("placeOfLoading"), is("C574", "8104", "/items/0/placeOfLoading"));
    assert_eq!(without("placeOfUnloading"), is("C579", "8687", "/items/0/placeOfUnloading"));
    assert_eq!(without("ucr"), is("8170", "8170", "/items/0/documents"));
    assert_eq!(without("itinerary"), is("C570", "8684", "/itinerary"));
    let twice = found(|said| said["items"][0]["placeOfUnloading"] = json!({ "unLocode": "GBDVR" }));
    assert_eq!(twice, is("C579", "8171", "/items/0/placeOfUnloading"));
    let office = found(|said| {
        said["offices"].as_array_mut().expect("offices").push(json!({ "role": "lodgement", "reference": "GB000060" }))
    });
    assert_eq!(office, is("8616", "8616", "/offices/1/reference"));
}

#[test]
fn a_carrier_has_a_number_of_its_own() {
    let ship = |said: &mut Value, carrier: Value| {
        said["borderMode"] = json!("sea");
        said["borderMeans"] = json!([{ "id": "9074729" }]);
        said["parties"].as_array_mut().expect("parties").push(carrier);
    };
    let unnumbered = json!({ "role": "carrier", "name": "Blue Line", "address": whole_address() });
    assert_eq!(found(|said| ship(said, unnumbered)), is("C502", "8164", "/parties/3/ids"));
    let same = json!({ "role": "carrier", "ids": [{ "scheme": "EORI", "value": "GB987654321000" }] });
    assert_eq!(found(|said| ship(said, same)), is("R806", "8195", "/parties/3/ids"));
}
