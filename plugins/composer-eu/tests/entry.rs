//! Entry summaries of a shipment: each field comes from where it is said, and what is missing is asked for.

mod support;

use portgate_sdk::canonical::Text;
use serde_json::{Value, json};
use support::{ENTRY, body, by_sea, compose, composition, declared, document, gaps, judged, schema, without, written};

const REGIME: &str = "eu-entry-summary";

fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn has(gaps: &[(String, String)], rule: &str, field: &str) {
    assert!(gaps.contains(&(rule.to_owned(), field.to_owned())), "{rule} {field}: {gaps:#?}");
}

/// The party of a role.
fn party<'v>(value: &'v Value, role: &str) -> Option<&'v Value> {
    value["parties"].as_array()?.iter().find(|party| party["role"] == role)
}

#[test]
fn a_shipment_by_sea_becomes_an_entry_summary() {
    let made = declared(&by_sea(), REGIME, ENTRY);
    assert_eq!(made["id"], "LRN-7");
    assert_eq!(made["lrn"], "LRN-7");
    assert_eq!(made["jurisdiction"], "NL");
    assert_eq!(made["borderMode"], "sea");
    assert_eq!(at(&made, "/borderMeans/0"), &json!({ "id": "9321483", "conveyanceRef": "026W" }));
    let office =
        json!({ "role": "first-entry", "reference": "NL000396", "expectedAt": { "value": "2026-03-28T05:30:00Z" } });
    assert_eq!(made["offices"], json!([office]));
    assert_eq!(made["itinerary"], json!(["CN", "NL"]));
    assert_eq!(made["ucr"], "6NL123456789-SHP7");
    assert_eq!(made["transportCharges"], "Z", "freight collect is not paid beforehand");
    assert_eq!(at(&made, "/placeOfLoading/unLocode"), "CNYTN");
    assert_eq!(at(&made, "/placeOfUnloading/unLocode"), "NLRTM");
    assert_eq!(made["totalPackages"], 35);
    assert_eq!(made["itemCount"], 2);
    assert_eq!(made["totalGrossKg"], "340.750");
    assert_eq!(at(&made, "/items/0/description"), "LED LAMPS FOR CEILINGS");
    assert_eq!(at(&made, "/items/0/classification/commodity"), "940511");
    assert_eq!(at(&made, "/items/0/grossKg"), "300.750");
    assert_eq!(at(&made, "/items/0/equipment"), &json!(["CSQU3054383", "TGHU7596898"]));
    assert_eq!(at(&made, "/items/0/packages"), &json!([{ "type": "CT", "count": 30, "marks": "TEAL 1-30" }]));
    assert_eq!(at(&made, "/items/0/documents"), &json!([{ "type": "N714", "id": "HBL-0007" }]));
    assert_eq!(at(&made, "/transportEquipment/1/seals"), &json!(["SL-2", "SL-3"]));
}

#[test]
fn a_number_of_this_customs_stands_alone_and_without_one_there_is_a_whole_address() {
    let made = declared(&by_sea(), REGIME, ENTRY);
    let consignee = party(&made, "consignee").expect("a consignee");
    assert_eq!(consignee, &json!({ "role": "consignee", "ids": [{ "scheme": "EORI", "value": "NL123456789" }] }));
    let consignor = party(&made, "consignor").expect("a consignor");
    assert_eq!(at(consignor, "/address/city"), "Shenzhen");
    assert_eq!(party(&made, "notify"), None, "nobody is notified of goods that are not to order (C583)");

    let mut documents = by_sea();
    without(&mut documents, "transport-document", "/parties/0/party/address/postcode");
    has(&gaps(&documents, REGIME, ENTRY), "C-EU-PARTY", "/documents/1/document/parties/0/party/address/postcode");
}

#[test]
fn a_number_of_another_customs_does_not_stand_alone() {
    let mut documents = by_sea();
    body(&mut documents, "transport-document")["parties"][1]["party"]["ids"][0]["value"] = json!("GB123456789000");
    let made = declared(&documents, REGIME, ENTRY);
    let consignee = party(&made, "consignee").expect("a consignee");
    assert_eq!((consignee.get("ids"), at(consignee, "/address/city")), (None, &json!("Utrecht")));
}

#[test]
fn goods_to_order_have_who_is_notified_and_no_consignee() {
    let mut documents = by_sea();
    body(&mut documents, "transport-document")["toOrder"] = json!(true);
    let made = declared(&documents, REGIME, ENTRY);
    assert_eq!(party(&made, "consignee"), None);
    assert!(party(&made, "notify").is_some());
    assert_eq!(at(&made, "/items/1/additionalInformation"), &json!([{ "code": "10600" }]));
}

#[test]
fn the_carrier_is_named_unless_it_lodges_itself() {
    let made = declared(&by_sea(), REGIME, ENTRY);
    assert_eq!(party(&made, "carrier"), None, "who declares has the carrier's number");
    let another = [ENTRY, &[("declarant", "NL555555555")][..]].concat();
    let another: Vec<_> = another.into_iter().filter(|setting| *setting != ("declarant", "DE987654321")).collect();
    let made = declared(&by_sea(), REGIME, &another);
    assert_eq!(party(&made, "carrier").map(|carrier| at(carrier, "/ids/0/value")), Some(&json!("DE987654321")));
    let mut documents = by_sea();
    without(&mut documents, "transport-document", "/parties/2");
    has(&gaps(&documents, REGIME, &another), "C-EU-CARRIER", "/documents/1/document/carrier");
    let itself = [&another[..], &[("declarant-is-carrier", "yes")]].concat();
    assert!(compose(&documents, REGIME, &itself).is_ok());
}

#[test]
fn goods_without_a_transport_document_are_those_of_the_invoice() {
    let mut documents = by_sea();
    documents.retain(|(kind, _)| kind != "transport-document");
    let shipment = body(&mut documents, "shipment");
    shipment["equipment"] = json!([{ "id": "CSQU3054383", "seals": ["SL-1"] }]);
    shipment["parties"] = json!([
        { "role": "consignor", "name": "Heron Lighting Co", "address": support::address("1 Harbour Road", "Shenzhen", "518000", "CN") },
        { "role": "consignee", "ids": [{ "scheme": "EORI", "value": "NL123456789" }] },
        { "role": "carrier", "ids": [{ "scheme": "EORI", "value": "DE987654321" }] },
    ]);
    let made = declared(&documents, REGIME, ENTRY);
    assert_eq!(at(&made, "/items/1/description"), "Telephones for cellular networks");
    assert_eq!(at(&made, "/items/1/classification/commodity"), "851713");
    assert_eq!(at(&made, "/items/1/dangerousGoods"), &json!(["3481"]));
    assert_eq!(at(&made, "/items/1/equipment"), &json!(["CSQU3054383"]), "the only container there is");
    assert_eq!(at(&made, "/items/1/documents/0/id"), "HBL-0007", "as the shipment calls it");
    body(&mut documents, "shipment")["equipment"] = json!([{ "id": "CSQU3054383" }, { "id": "TGHU7596898" }]);
    has(&gaps(&documents, REGIME, ENTRY), "C-EU-CONTAINER", "/documents/2/document/lines/0");
}

/// What is taken out of the documents, the rule that asks for it, and the field that it points to.
const NEEDED: &[(&str, &str, &str, &str)] = &[
    ("shipment", "/legs/1/eta", "C-EU-ARRIVAL", "/documents/0/document/legs"),
    ("shipment", "/legs/1/transport/vesselImo", "C-EU-MEANS", "/documents/0/document/legs/1/transport/vesselImo"),
    ("transport-document", "/goods/1/cargo", "C-EU-PACKAGES", "/documents/1/document/goods/1"),
    ("transport-document", "/goods/1/marks", "C-EU-MARKS", "/documents/1/document/goods/1"),
    ("transport-document", "/goods/1/cargo/0/packages", "C-EU-PACKAGES", "/documents/1/document/goods/1"),
];

#[test]
fn what_is_missing_is_said_with_its_field_and_what_to_do() {
    for (kind, pointer, rule, field) in NEEDED {
        let mut documents = by_sea();
        without(&mut documents, kind, pointer);
        let missing = compose(&documents, REGIME, ENTRY).expect_err(pointer);
        let found =
            missing.iter().find(|gap| gap.rule == *rule && gap.fields.first().is_some_and(|first| first == field));
        let found = found.unwrap_or_else(|| panic!("{pointer}: {missing:#?}"));
        assert!(!found.remedy.is_empty() && found.detail.ends_with('.'), "{found:?}");
    }
}

#[test]
fn an_item_that_nobody_weighed_is_declared_where_the_whole_is_known_and_asked_for_where_not() {
    let mut documents = by_sea();
    without(&mut documents, "transport-document", "/goods/0/cargo/0/grossKg");
    let made = declared(&documents, REGIME, ENTRY);
    assert_eq!((at(&made, "/items/0/grossKg"), &made["totalGrossKg"]), (&Value::Null, &json!("340.75")), "(C592)");
    documents.retain(|(kind, _)| kind != "packing");
    has(&gaps(&documents, REGIME, ENTRY), "C-EU-WEIGHT", "/documents/1/document/goods/0");
}

#[test]
fn what_policy_lacks_is_asked_of_who_keeps_the_policies() {
    for (name, rule) in
        [("offices-of-first-entry", "C-EU-SETTING"), ("declarant", "C-EU-SETTING"), ("declared-place", "C-EU-SETTING")]
    {
        let settings: Vec<_> = ENTRY.iter().copied().filter(|(of, _)| *of != name).collect();
        let missing = compose(&by_sea(), REGIME, &settings).expect_err(name);
        assert!(missing.iter().any(|gap| gap.rule == rule && gap.remedy.contains(name)), "{name}: {missing:#?}");
    }
    let elsewhere = [("offices-of-first-entry", "DEHAM:DE004851"), ENTRY[1], ENTRY[2]];
    has(&gaps(&by_sea(), REGIME, &elsewhere), "C-EU-OFFICE", "/documents/0/document/legs/1/to");
    let unknown = compose(&by_sea(), "eu-export", ENTRY).expect_err("no such regime");
    assert_eq!(unknown[0].rule, "C-EU-SETTING");
}

#[test]
fn an_expected_arrival_is_the_event_s_where_no_leg_has_it() {
    let mut documents = by_sea();
    without(&mut documents, "shipment", "/legs");
    let event = |id: &str, classifier: &str, recorded: &str, at: &str| {
        document(
            "milestone",
            id,
            json!({
                "classifier": classifier, "occurredAt": { "value": at }, "recordedAt": { "value": recorded },
                "location": { "unLocode": "NLRTM" },
            }),
        )
    };
    documents.push(event("1", "PLN", "2026-03-09T00:00:00Z", "2026-03-25T00:00:00Z"));
    documents.push(event("2", "EST", "2026-03-02T00:00:00Z", "2026-03-26T00:00:00Z"));
    documents.push(event("3", "EST", "2026-03-05T00:00:00Z", "2026-03-27T04:00:00Z"));
    let made = declared(&documents, REGIME, ENTRY);
    assert_eq!(at(&made, "/offices/0/expectedAt/value"), "2026-03-27T04:00:00Z", "the latest estimate, and no plan");
}

#[test]
fn packages_are_counted_as_customs_wants_it() {
    let mut documents = by_sea();
    let goods = &mut body(&mut documents, "transport-document")["goods"];
    goods[0]["cargo"][0]["packageType"]["code"] = json!("VR");
    goods[0]["cargo"][1]["packageType"]["code"] = json!("VR");
    goods[1]["cargo"][0]["packageType"]["code"] = json!("NE");
    let made = declared(&documents, REGIME, ENTRY);
    assert_eq!(at(&made, "/items/0/packages/0/uncounted"), true, "goods in bulk (C062)");
    assert_eq!(at(&made, "/items/1/packages/0/pieces"), 5, "goods without packaging (C062)");
    assert_eq!(made["totalPackages"], 6, "bulk counts as one, what is not packed by its pieces");
}

#[test]
fn two_carriages_with_other_consignees_have_them_item_by_item() {
    let mut documents = by_sea();
    without(&mut documents, "shipment", "/houseTransportDoc");
    let mut other = body(&mut documents, "transport-document").clone();
    other["id"] = json!("HBL-0008");
    other["number"] = json!("HBL-0008");
    other["parties"][1]["party"]["ids"][0]["value"] = json!("NL222222222");
    documents.push(("transport-document".to_owned(), other));
    let made = declared(&documents, REGIME, ENTRY);
    assert_eq!(made["itemCount"], 4);
    assert_eq!(party(&made, "consignee"), None);
    assert_eq!(at(&made, "/items/0/parties/0/ids/0/value"), "NL123456789");
    assert_eq!(at(&made, "/items/3/parties/0/ids/0/value"), "NL222222222");
    assert!(party(&made, "consignor").is_some(), "who consigns all of it is said once (C511)");
    assert_eq!(at(&made, "/items/3/documents/0/id"), "HBL-0008");
}

#[test]
fn the_same_facts_give_the_same_declaration_whenever_it_is_made() {
    let made = compose(&by_sea(), REGIME, ENTRY).expect("a declaration");
    let context = portgate_sdk::testkit::shipment_context(&by_sea());
    let later = <composer_eu::Eu as portgate_sdk::Composer>::compose(
        &context,
        &composition(REGIME, ENTRY),
        "2027-01-01T00:00:00Z",
    );
    assert_eq!(Ok(made), later);
}

#[test]
fn what_is_made_passes_the_schema_and_the_core_pack_and_so_does_its_amendment() {
    let made = compose(&by_sea(), REGIME, ENTRY).expect("a declaration");
    assert_eq!(judged(&made), []);
    let xml = written(&made, "ens-declaration", "11").expect("XML");
    let mut amending = composition(REGIME, ENTRY);
    amending.amends = Some("26NL08I01234567891".to_owned());
    let context = portgate_sdk::testkit::shipment_context(&by_sea());
    let amended =
        <composer_eu::Eu as portgate_sdk::Composer>::compose(&context, &amending, support::NOW).expect("a declaration");
    let amendment = written(&amended, "ens-amendment", "11").expect("XML");
    let (Some(of_entry), Some(of_amendment)) = (schema("CC315A"), schema("CC313A")) else { return };
    assert_eq!(of_entry.errors(&xml), Vec::<String>::new());
    assert_eq!(of_amendment.errors(&amendment), Vec::<String>::new());
}

#[test]
fn a_reference_number_is_no_longer_than_customs_has_room_for() {
    let mut long = composition(REGIME, ENTRY);
    long.lrn = "L".repeat(23);
    let context = portgate_sdk::testkit::shipment_context(&by_sea());
    let missing =
        <composer_eu::Eu as portgate_sdk::Composer>::compose(&context, &long, support::NOW).expect_err("too long");
    assert_eq!(missing[0].rule, "C-EU-LRN");
    assert!(Text::<22>::new(long.lrn).is_err());
}
