//! What customs points to when it rejects a declaration is found in the declaration: every element of the schema, by WCO's numbers.

use std::collections::BTreeMap;
use std::path::Path;

use broker_cds::BrokerCds;
use portgate_sdk::xml::{Document, Element, Options};
use portgate_sdk::{Connector, testkit};
use serde_json::Value;

/// WCO's number of each element of DEC-DMS:2, by its name and that of the element around it. Classification's type has none in the
/// schema; customs points to it by 337.
const NUMBERS: &str = include_str!("wco-elements.txt");

/// The elements that no field of the canonical declaration is made of, so that none is named: the gateway does not write them.
const OF_NO_FIELD: [&str; 2] = [
    "/GoodsShipment/Consignment/ArrivalTransportMeans/Name",
    "/GoodsShipment/Consignment/ArrivalTransportMeans/TypeCode",
];

/// The elements that are told by the narrowest field around them, which says them in other words or not at all: modes by their names,
/// what is not kept, and statements with a type, which a new declaration has not.
const AROUND: [&str; 26] = [
    "/AdditionalInformation/StatementCode",
    "/AdditionalInformation/StatementDescription",
    "/AdditionalInformation/StatementTypeCode",
    "/AdditionalInformation/Pointer/SequenceNumeric",
    "/AdditionalInformation/Pointer/DocumentSectionCode",
    "/AdditionalInformation/Pointer/TagID",
    "/BorderTransportMeans/Name",
    "/BorderTransportMeans/TypeCode",
    "/BorderTransportMeans/ModeCode",
    "/Consignment/Carrier/Communication/TypeCode",
    "/Consignment/ConsignmentItem/Consignor/Address/TypeCode",
    "/Consignment/Consignor/Address/TypeCode",
    "/Consignment/Itinerary/SequenceNumeric",
    "/GoodsShipment/Consignment/ArrivalTransportMeans/ModeCode",
    "/GoodsShipment/Consignment/DepartureTransportMeans/Name",
    "/GoodsShipment/Consignment/DepartureTransportMeans/TypeCode",
    "/GoodsShipment/Consignment/DepartureTransportMeans/ModeCode",
    "/GoodsShipment/GovernmentAgencyGoodsItem/AdditionalInformation/StatementTypeCode",
    "/GoodsShipment/GovernmentAgencyGoodsItem/Buyer/Communication/TypeCode",
    "/GoodsShipment/GovernmentAgencyGoodsItem/Origin/TypeCode",
    "/GoodsShipment/GovernmentAgencyGoodsItem/Packaging/PackingMaterialDescription",
    "/GoodsShipment/GovernmentAgencyGoodsItem/Packaging/LengthMeasure",
    "/GoodsShipment/GovernmentAgencyGoodsItem/Packaging/WidthMeasure",
    "/GoodsShipment/GovernmentAgencyGoodsItem/Packaging/HeightMeasure",
    "/GoodsShipment/GovernmentAgencyGoodsItem/Packaging/VolumeMeasure",
    "/GoodsShipment/GovernmentAgencyGoodsItem/Seller/Communication/TypeCode",
];

fn case(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name).join("message.xml");
    std::fs::read(path).expect("the case")
}

/// The documents of this kind.
fn decoded(contract: &str, version: &str, body: Vec<u8>) -> Vec<Value> {
    let documents =
        BrokerCds::decode(&testkit::message(contract, version, "application/xml", body)).expect("taken").documents;
    documents.iter().map(|document| serde_json::from_slice(&document.body).expect("a document")).collect()
}

/// A step of a pointer: the section and its place from 1.
type Step = (&'static str, usize);

/// A leaf of the declaration: its path for people, the sections that lead to it, its own number and what it says.
struct Leaf {
    path: String,
    sections: Vec<Step>,
    tag: &'static str,
    text: String,
}

fn leaves(
    element: Element<'_>,
    path: &str,
    sections: &[Step],
    numbers: &BTreeMap<&'static str, &'static str>,
) -> Vec<Leaf> {
    let mut found = Vec::new();
    let mut seen = BTreeMap::<String, usize>::new();
    for inner in element.elements() {
        let place = seen.entry(inner.name().to_owned()).or_default();
        *place += 1;
        let Some(number) = numbers.get(&*format!("{}/{}", element.name(), inner.name())) else { continue };
        let path = format!("{path}/{}", inner.name());
        let within = numbers.keys().any(|key| key.strip_prefix(inner.name()).is_some_and(|rest| rest.starts_with('/')))
            && inner.elements().next().is_some_and(|one| one.name() != "DateTimeString");
        if within {
            let sections: Vec<Step> = sections.iter().copied().chain([(*number, *place)]).collect();
            found.extend(leaves(inner, &path, &sections, numbers));
        } else {
            let text = inner.text().or_else(|| inner.elements().find_map(|time| time.text()));
            let text = text.map(|text| text.into_owned()).unwrap_or_default();
            found.push(Leaf { path, sections: sections.to_vec(), tag: number, text });
        }
    }
    found
}

/// What customs says when it finds each of these wrong.
fn rejection(leaves: &[Leaf]) -> Vec<u8> {
    let pointer = |section: &str, place: usize, tag: &str| {
        format!(
            "<Pointer><SequenceNumeric>{place}</SequenceNumeric><DocumentSectionCode>{section}</DocumentSectionCode>{tag}</Pointer>"
        )
    };
    let error = |leaf: &Leaf| {
        let last = leaf.sections.len() - 1;
        let tag = format!("<TagID>{}</TagID>", leaf.tag);
        let pointers = leaf.sections.iter().enumerate();
        let pointers =
            pointers.map(|(at, (section, place))| pointer(section, *place, if at == last { &tag } else { "" }));
        format!("<Error><ValidationCode>DMS10020</ValidationCode>{}</Error>", pointers.collect::<String>())
    };
    let rejected = String::from_utf8(case("declaration-rejected")).expect("text");
    let (before, rest) = rejected.split_once("<Error>").expect("an error");
    let (_, after) = rest.rsplit_once("</Error>").expect("an error");
    format!("{before}{}{after}", leaves.iter().map(error).collect::<String>()).into_bytes()
}

/// Whether a field says what an element says: both as text, numbers without what is not written of them, times by their digits.
fn says(field: &Value, text: &str) -> bool {
    let plain = |text: &str| -> String {
        let is_time = text.chars().filter(char::is_ascii_digit).count() == 14;
        let kept = |c: &char| if is_time { c.is_ascii_digit() } else { c.is_ascii_alphanumeric() };
        text.chars().filter(kept).collect::<String>().to_ascii_lowercase()
    };
    match field {
        Value::Array(items) => items.iter().any(|item| says(item, text)),
        Value::Object(fields) => fields.values().any(|field| says(field, text)),
        Value::Null => false,
        Value::Bool(is) => text == if *is { "1" } else { "0" },
        Value::String(said) => plain(said).contains(&plain(text)) || plain(text).contains(&plain(said)),
        Value::Number(number) => plain(&number.to_string()) == plain(text),
    }
}

#[test]
fn each_element_that_customs_points_to_is_found_in_the_declaration() {
    let numbers: BTreeMap<&'static str, &'static str> =
        NUMBERS.lines().filter_map(|line| line.split_once(' ')).collect();
    let sent = case("declaration-of-every-element");
    let declared = decoded("cds-declaration", "3.6", sent.clone()).remove(0);
    let document = Document::parse(&sent, &Options::default()).expect("well-formed");
    let declaration = document.root().child("Declaration").expect("a declaration");
    let leaves = leaves(declaration, "", &[("42A", 1)], &numbers);
    assert!(leaves.len() > 250, "{}", leaves.len());
    let (mut around, mut of_no_field) = (Vec::new(), Vec::new());
    for leaves in leaves.chunks(50) {
        let status = decoded("dms-notification", "3.6", rejection(leaves)).remove(0);
        let errors = status["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), leaves.len());
        for (leaf, error) in leaves.iter().zip(errors) {
            let Leaf { path, text, .. } = leaf;
            match error["field"].as_str() {
                None => of_no_field.push(path.as_str()),
                Some(field) => match declared.pointer(field) {
                    Some(value) if says(value, text) => {}
                    value => {
                        println!("{path} = {text} is {field}: {value:?}");
                        around.push(path.as_str());
                    }
                },
            }
        }
    }
    assert_eq!(of_no_field, OF_NO_FIELD);
    assert_eq!(around, AROUND);
}

#[test]
fn the_narrowest_field_is_named_where_customs_leaves_out_a_number_or_points_to_what_has_no_field() {
    let leaf =
        |sections: &[Step], tag| Leaf { path: String::new(), sections: sections.to_vec(), tag, text: String::new() };
    let item: [Step; 3] = [("42A", 1), ("67A", 1), ("68A", 2)];
    let within = |more: &[Step], tag| leaf(&[&item[..], more].concat(), tag);
    for (leaf, field) in [
        (within(&[("23A", 1), ("21A", 1)], "145"), Some("/items/1/classification/commodity")),
        (within(&[("23A", 1), ("21A", 3)], "145"), Some("/items/1/classification")),
        (within(&[("23A", 1), ("21A", 3)], "337"), Some("/items/1/classification")),
        (within(&[("70A", 1)], "166"), Some("/items/1/procedure/code")),
        (within(&[("70A", 2)], "166"), Some("/items/1/procedure")),
        (within(&[("23A", 1), ("65A", 1)], "128"), Some("/items/1/netKg")),
        (within(&[], "R144"), Some("/items/1")),
        (leaf(&[("42A", 1), ("17C", 2)], "R144"), Some("/authorisations/1/holderEori")),
        (leaf(&[("42A", 1), ("56A", 1)], "G005"), Some("/offices")),
        (leaf(&[("42A", 1)], "D026"), Some("/lrn")),
        (leaf(&[("42A", 1), ("67A", 1)], "999"), None),
    ] {
        let status = decoded("dms-notification", "3.6", rejection(&[leaf])).remove(0);
        assert_eq!(status["errors"][0]["field"].as_str(), field, "{}", status["errors"][0]["pointer"]);
    }
    // As it is in the case: no numbers at all.
    let status = decoded("dms-notification", "3.6", case("declaration-rejected")).remove(0);
    let fields: Vec<_> = (0..2).map(|at| status["errors"][at]["field"].as_str()).collect();
    assert_eq!(fields, [Some("/authorisations"), Some("/items/0/documents/1/type")]);
}
