//! An amendment points to what it changes: each field that is said to have changed is found where its pointers lead, in the declaration
//! that the amendment has with it.

use std::path::{Path, PathBuf};

use broker_cds::BrokerCds;
use portgate_sdk::testkit::XmlSchema;
use portgate_sdk::xml::{Document, Element, Options};
use portgate_sdk::{Connector, Document as Canonical, Message, Target, testkit};
use serde_json::{Value, json};

/// What the sections and elements that are pointed to are called in the schema, by WCO's numbers.
const SECTIONS: [(&str, &str); 19] = [
    ("67A", "GoodsShipment"),
    ("68A", "GovernmentAgencyGoodsItem"),
    ("23A", "Commodity"),
    ("79A", "InvoiceLine"),
    ("65A", "GoodsMeasure"),
    ("93A", "Packaging"),
    ("15A", "BorderTransportMeans"),
    ("95B", "ExportCountry"),
    ("99B", "Destination"),
    ("41A", "CustomsValuation"),
    ("58B", "ChargeDeduction"),
    ("22B", "TradeTerms"),
    ("28A", "Consignment"),
    ("64A", "GoodsLocation"),
    ("31B", "TransportEquipment"),
    ("99A", "PreviousDocument"),
    ("21A", "Classification"),
    ("02A", "AdditionalDocument"),
    ("03A", "AdditionalInformation"),
];
const TAGS: [(&str, &str); 30] = [
    ("109", "InvoiceAmount"),
    ("146", "TotalPackageQuantity"),
    ("228", "GoodsItemQuantity"),
    ("131", "TotalGrossMassMeasure"),
    ("T006", "ID"),
    ("T014", "RegistrationNationalityCode"),
    ("T022", "ModeCode"),
    ("062", "ID"),
    ("465", "CountryCode"),
    ("477", "RegionID"),
    ("117", "FreightChargeAmount"),
    ("181", "OtherChargeDeductionAmount"),
    ("L016", "Name"),
    ("L017", "ID"),
    ("159", "ID"),
    ("112", "ItemChargeAmount"),
    ("108", "CustomsValueAmount"),
    ("114", "StatisticalValueAmount"),
    ("126", "GrossMassMeasure"),
    ("128", "NetNetWeightMeasure"),
    ("130", "TariffQuantity"),
    ("137", "Description"),
    ("145", "ID"),
    ("144", "QuantityQuantity"),
    ("142", "MarksNumbersID"),
    ("141", "TypeCode"),
    ("122", "MethodCode"),
    ("D005", "ID"),
    ("226", "StatementCode"),
    ("225", "StatementDescription"),
];

/// The declaration that has every element of the schema, as a document.
fn declaration() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/declaration-of-every-element/message.xml");
    let body = std::fs::read(path).expect("the case");
    let documents = BrokerCds::decode(&message(body)).expect("it is taken").documents;
    serde_json::from_slice(&documents[0].body).expect("a document")
}

fn message(body: Vec<u8>) -> Message {
    testkit::message("cds-declaration", "3.6", "application/xml", body)
}

/// What is sent for it once these fields have changed.
fn amended(fields: &[&str]) -> Vec<u8> {
    let mut declaration = declaration();
    declaration["functionCode"] = json!({ "code": "13", "codeList": "WCO function" });
    declaration["typeCode"] = json!("COR");
    declaration["mrn"] = json!("26GB0000000000101A");
    declaration["statements"] = json!([]);
    declaration["amendments"] = fields.iter().map(|field| json!({ "field": field })).collect();
    let document = Canonical {
        kind: "customs-declaration".into(),
        key: "PG-LRN-0101".into(),
        refs: Vec::new(),
        body: declaration.to_string().into_bytes(),
    };
    let target = Target::new("cds-declaration", "3.6", "2026-03-01T08:15:00Z");
    let request = BrokerCds::encode(&[document], &target).expect("it can be said");
    assert!(request.path.ends_with("/amend"), "{}", request.path);
    request.body
}

fn named<'n>(names: &[(&str, &'n str)], number: &str) -> &'n str {
    names.iter().find(|(known, _)| *known == number).unwrap_or_else(|| panic!("what is {number}?")).1
}

/// The element that pointers lead to.
fn led_to<'d>(declaration: Element<'d>, pointed: Element<'_>) -> Option<Element<'d>> {
    let mut at = declaration;
    for (index, pointer) in pointed.children("Pointer").enumerate() {
        let section = pointer.text_at("DocumentSectionCode").expect("a section");
        let number: usize = pointer.text_at("SequenceNumeric").expect("a number").parse().expect("a number");
        if index == 0 {
            assert_eq!((&*section, number), ("42A", 1));
        } else {
            at = at.children(named(&SECTIONS, &section)).nth(number - 1)?;
        }
        if let Some(tag) = pointer.text_at("TagID") {
            at = at.child(named(&TAGS, &tag))?;
        }
    }
    Some(at)
}

/// Each amendment as the path of its pointers, with its reason, and how many statements point to it.
fn told(sent: &[u8]) -> Vec<String> {
    let document = Document::parse(sent, &Options::default()).expect("well-formed");
    let declaration = document.root().child("Declaration").expect("a declaration");
    let statements: Vec<Element<'_>> = declaration
        .children("AdditionalInformation")
        .filter(|one| one.text_at("StatementTypeCode").as_deref() == Some("AES"))
        .collect();
    let say = |(index, amendment): (usize, Element<'_>)| {
        let step = |pointer: Element<'_>| {
            let text = |name| pointer.text_at(name).unwrap_or_default();
            let tag = pointer.text_at("TagID").map(|tag| format!(":{tag}")).unwrap_or_default();
            format!("{}[{}]{tag}", text("DocumentSectionCode"), text("SequenceNumeric"))
        };
        let path: Vec<String> = amendment.children("Pointer").map(step).collect();
        let number = (index + 1).to_string();
        let points_here = |statement: &&Element<'_>| {
            statement.children("Pointer").nth(1).and_then(|pointer| pointer.text_at("SequenceNumeric")).as_deref()
                == Some(&number)
        };
        assert_eq!(statements.iter().filter(points_here).count(), 1, "one statement for amendment {number}");
        format!("{} {}", path.join("/"), amendment.text_at("ChangeReasonCode").as_deref().unwrap_or("-"))
    };
    declaration.children("Amendment").enumerate().map(say).collect()
}

#[test]
fn each_field_that_changed_is_where_its_pointers_lead() {
    for (field, element) in [
        ("/invoiceTotal/amount", "InvoiceAmount"),
        ("/totalPackages", "TotalPackageQuantity"),
        ("/itemCount", "GoodsItemQuantity"),
        ("/totalGrossKg", "TotalGrossMassMeasure"),
        ("/borderMeans/0/id", "ID"),
        ("/borderNationality", "RegistrationNationalityCode"),
        ("/borderMode", "ModeCode"),
        ("/dispatchCountry", "ID"),
        ("/destinationCountry", "CountryCode"),
        ("/destinationRegion", "RegionID"),
        ("/freight/amount", "FreightChargeAmount"),
        ("/adjustments/0/amount/amount", "OtherChargeDeductionAmount"),
        ("/incoterm/code", "TradeTerms"),
        ("/locationOfGoods/code", "Name"),
        ("/locationOfGoods/id", "ID"),
        ("/equipment/0", "ID"),
        ("/previousDocuments/0/id", "PreviousDocument"),
        ("/items/0/price/amount", "ItemChargeAmount"),
        ("/items/0/customsValue/amount", "CustomsValueAmount"),
        ("/items/0/statisticalValue/amount", "StatisticalValueAmount"),
        ("/items/0/grossKg", "GrossMassMeasure"),
        ("/items/0/netKg", "NetNetWeightMeasure"),
        ("/items/0/supplementaryUnits/value", "TariffQuantity"),
        ("/items/0/description", "Description"),
        ("/items/0/classification/commodity", "ID"),
        ("/items/0/classification/taric", "Commodity"),
        ("/items/0/packages/0/count", "QuantityQuantity"),
        ("/items/0/packages/0/marks", "MarksNumbersID"),
        ("/items/0/packages/0/type", "TypeCode"),
        ("/items/0/adjustments/0/amount/amount", "OtherChargeDeductionAmount"),
        ("/items/0/valuationMethod", "MethodCode"),
        ("/items/0/dispatchCountry", "ID"),
        ("/items/0/destinationCountry", "CountryCode"),
        ("/items/0/equipment/0", "ID"),
        ("/items/0/documents/0/id", "ID"),
        ("/items/0/documents/0/status", "AdditionalDocument"),
        ("/items/0/additionalInformation/0/code", "StatementCode"),
        ("/items/0/additionalInformation/0/text", "StatementDescription"),
        ("/items/0/previousDocuments/0/id", "PreviousDocument"),
        ("/items/0/procedure/code", "GovernmentAgencyGoodsItem"),
        ("/parties/0/name", "Declaration"),
    ] {
        let sent = amended(&[field]);
        let document = Document::parse(&sent, &Options::default()).expect("well-formed");
        let declaration = document.root().child("Declaration").expect("a declaration");
        let amendment = declaration.child("Amendment").unwrap_or_else(|| panic!("{field} is not amended"));
        let found = led_to(declaration, amendment).unwrap_or_else(|| panic!("{field}: {:?}", told(&sent)));
        assert_eq!(found.name(), element, "{field}: {:?}", told(&sent));
    }
}

#[test]
fn what_two_fields_say_in_one_element_is_one_amendment_and_each_has_its_reason() {
    let sent = amended(&[
        "/invoiceTotal/amount",
        "/invoiceTotal/currency",
        "/items/0/grossKg",
        "/items/0/packages/0/count",
        "/items/0/documents/0/id",
        "/items/0/description",
        "/items/7",
    ]);
    assert_eq!(
        told(&sent),
        [
            "42A[1]:109 21",
            "42A[1]/67A[1]/68A[1]/23A[1]/65A[1]:126 28",
            "42A[1]/67A[1]/68A[1]/93A[1]:144 28",
            "42A[1]/67A[1]/68A[1]/02A[1]:D005 32",
            "42A[1]/67A[1]/68A[1]/23A[1]:137 -",
            "42A[1]/67A[1]/68A[8] 30",
        ]
    );
    if let Some(schema) = schema() {
        assert_eq!(schema.errors(&sent), Vec::<String>::new());
    }
    // What is read back are the same pointers, without the fields that only who amends knows.
    let read = BrokerCds::decode(&message(sent)).expect("it is taken").documents;
    let read: Value = serde_json::from_slice(&read[0].body).expect("a document");
    assert_eq!(read["amendments"].as_array().map(Vec::len), Some(6), "{}", read["amendments"]);
    assert_eq!(
        read["amendments"][0],
        json!({ "reason": "21", "pointers": [{ "section": "42A", "sequence": 1, "tag": "109" }] })
    );
}

fn schema() -> Option<XmlSchema> {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let folder = shared.join("samples/customs-uk/cds-xsd");
    let laid_out = |name: &str| Some(name.strip_prefix("hmrc_")?.replace("__", "/"));
    XmlSchema::laid_out(&folder, "customs/wrapper_submit.xsd", laid_out)
}
