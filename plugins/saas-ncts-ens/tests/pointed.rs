//! What customs points to when it rejects a declaration is found in the declaration: every element of one that has all of them.

#[expect(dead_code, reason = "what other tests share with this one is more than it needs")]
mod support;

use std::path::Path;

use portgate_sdk::Connector;
use saas_ncts_ens::NctsEns;
use serde_json::Value;
use support::{leaves, message};

fn case(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name).join("message.xml");
    std::fs::read(path).expect("the case")
}

/// The first document of this message.
fn decoded(contract: &str, version: &str, body: Vec<u8>) -> Value {
    let documents = NctsEns::decode(&message(contract, version, body)).expect("taken").documents;
    serde_json::from_slice(&documents[0].body).expect("a document")
}

/// A declaration that has everything, and a rejection with one error, whose pointer is to be replaced.
struct Family {
    declaration: (&'static str, &'static str, &'static str),
    message: &'static str,
    rejection: (&'static str, &'static str, &'static str),
    error: &'static str,
    pointer: &'static str,
}

const TRANSIT: Family = Family {
    declaration: ("ncts-declaration", "5", "transit-declared-with-everything"),
    message: "CC015C",
    rejection: ("ncts-notification", "5", "refused-by-the-rules"),
    error: "FunctionalError",
    pointer: "/CC015C/HolderOfTheTransitProcedure/identificationNumber",
};

const ENTRY: Family = Family {
    declaration: ("ens-declaration", "11", "entry-declared-with-everything"),
    message: "CC315A",
    rejection: ("ens-notification", "11", "entry-rejected"),
    error: "FUNERRER1",
    pointer: "/CC315A/HEAHEA/TraModAtBorHEA76",
};

impl Family {
    /// The fields that these pointers lead to.
    fn fields(&self, pointers: &[&str]) -> Vec<Option<String>> {
        let (contract, version, name) = self.rejection;
        let text = String::from_utf8(case(name)).expect("text");
        let (open, close) = (format!("<{}>", self.error), format!("</{}>", self.error));
        let (before, rest) = text.split_once(&open).expect("an error");
        let (error, after) = rest.rsplit_once(&close).expect("an error");
        let error = |pointer: &&str| format!("{open}{}{close}", error.replace(self.pointer, pointer));
        let body = format!("{before}{}{after}", pointers.iter().map(error).collect::<String>());
        let status = decoded(contract, version, body.into_bytes());
        let errors = status["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), pointers.len());
        errors.iter().map(|error| error["field"].as_str().map(str::to_owned)).collect()
    }

    /// The elements that no field is named for, and those that are told by the narrowest field around them.
    fn not_found(&self) -> (Vec<String>, Vec<String>) {
        let (contract, version, name) = self.declaration;
        let sent = case(name);
        let declared = decoded(contract, version, sent.clone());
        let leaves = leaves(&sent, self.message);
        // Numbers of a list's parts and languages of texts are in no field.
        let is_told = |path: &str| !path.contains('@') && !path.ends_with("sequenceNumber[1]") && !path.contains("LNG");
        let leaves: Vec<(String, String)> = leaves.into_iter().filter(|(path, _)| is_told(path)).collect();
        assert!(leaves.len() > 100, "{}", leaves.len());
        let pointers: Vec<String> = leaves.iter().map(|(path, _)| format!("/{path}")).collect();
        let (mut of_none, mut around) = (Vec::new(), Vec::new());
        let fields = self.fields(&pointers.iter().map(String::as_str).collect::<Vec<_>>());
        for ((path, text), field) in leaves.iter().zip(fields) {
            match field {
                None => of_none.push(path.clone()),
                // Which of all items it is, the declaration alone could tell.
                Some(field) if path.contains("HouseConsignment[2]/ConsignmentItem") => assert_eq!(field, "/houses/1"),
                Some(field) => match declared.pointer(&field) {
                    Some(value) if says(value, text) => {}
                    Some(_) => around.push(path.clone()),
                    None => panic!("{path} is {field}, which is not there"),
                },
            }
        }
        (of_none, around)
    }
}

/// Whether a field says what an element says: numbers as numbers, times by their digits.
fn says(field: &Value, text: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    match field {
        Value::Array(items) => items.iter().any(|item| says(item, text)),
        Value::Object(fields) => fields.values().any(|field| says(field, text)),
        Value::Null => false,
        Value::Bool(is) => text == if *is { "1" } else { "0" },
        Value::String(said) => {
            said == text || text.len() >= 8 && digits(said).starts_with(&digits(text)) || said.starts_with(text)
        }
        Value::Number(number) => number.to_string() == text,
    }
}

/// Names without places, each once.
fn kinds(paths: &[String]) -> Vec<String> {
    let plain = |path: &String| {
        path.split('/').skip(1).map(|step| step.split('[').next().unwrap_or_default()).collect::<Vec<_>>().join("/")
    };
    let mut kinds: Vec<String> = paths.iter().map(plain).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

#[test]
fn each_element_of_a_transit_that_customs_points_to_is_found_in_the_declaration() {
    let (of_none, around) = TRANSIT.not_found();
    // An access code is shown to nobody; what else there is no field for is the message's and not the declaration's.
    let of_no_field = [
        "Guarantee/GuaranteeReference/accessCode",
        "correlationIdentifier",
        "messageIdentification",
        "messageRecipient",
        "messageSender",
        "messageType",
        "preparationDateAndTime",
    ];
    assert_eq!(kinds(&of_none), of_no_field);
    // Modes have names in the document, and a commodity code is all of its digits.
    let around_it = [
        "Consignment/HouseConsignment/ConsignmentItem/Commodity/CommodityCode/combinedNomenclatureCode",
        "Consignment/inlandModeOfTransport",
        "Consignment/modeOfTransportAtTheBorder",
    ];
    assert_eq!(kinds(&around), around_it);
}

#[test]
fn each_element_of_an_entry_summary_that_customs_points_to_is_found_in_the_declaration() {
    let (of_none, around) = ENTRY.not_found();
    // They are the message's and not the declaration's.
    let of_no_field = [
        "CorIdeMES25",
        "DatOfPreMES9",
        "MesIdeMES19",
        "MesRecMES6",
        "MesSenMES3",
        "MesTypMES20",
        "PriMES15",
        "TimOfPreMES10",
    ];
    assert_eq!(kinds(&of_none), of_no_field);
    // A mode has a name in the document.
    assert_eq!(kinds(&around), ["HEAHEA/TraModAtBorHEA76"]);
}

#[test]
fn a_pointer_is_read_as_administrations_write_it() {
    let item = "/CC015C/Consignment/HouseConsignment[1]/ConsignmentItem[2]";
    for (pointer, field) in [
        ("/CC015C/TransitOperation/declarationType".to_owned(), Some("/typeCode")),
        ("/ncts:CC013C/ncts:TransitOperation/ncts:MRN".to_owned(), Some("/mrn")),
        (format!("{item}/Packaging[1]/numberOfPackages"), Some("/items/1/packages/0/count")),
        (format!("{item}/PreviousDocument[1]referenceNumber"), Some("/items/1/previousDocuments/0/id")),
        (format!("{item}/Packaging/numberOfPackages"), Some("/items/1/packages")),
        (format!("{item}/Commodity/GoodsMeasure/netMass"), Some("/items/1/netKg")),
        (format!("{item}/Commodity/somethingNew"), Some("/items/1")),
        // Which of all items the first of another house is, its declaration alone could tell.
        ("/CC015C/Consignment/HouseConsignment[2]/ConsignmentItem[1]/Commodity".to_owned(), Some("/houses/1")),
        ("/CC015C/Guarantee[1]/GuaranteeReference[1]/GRN".to_owned(), Some("/guarantees/0/references/0/grn")),
        // Where the value is shown, no access code may be.
        ("/CC015C/Guarantee[1]/GuaranteeReference[1]/accessCode".to_owned(), None),
        ("/CC015C/Guarantee[1]".to_owned(), None),
        ("/CC015C/Guarantee[0]/guaranteeType".to_owned(), Some("/guarantees")),
        ("/CC015C/Authorisation[99999999999999999999999]/type".to_owned(), Some("/authorisations")),
        ("/CC007C/TransitOperation/MRN".to_owned(), None),
        ("/CC015C".to_owned(), None),
        ("CC015C/TransitOperation/LRN".to_owned(), None),
        ("TransitOperation.LRN".to_owned(), None),
        ("/".to_owned(), None),
        ("/[/]".to_owned(), None),
    ] {
        assert_eq!(TRANSIT.fields(&[&pointer]), [field.map(str::to_owned)], "{pointer}");
    }
    for (pointer, field) in [
        ("/CC315A/GOOITEGDS[2]/PACGS2[1]/NumOfPacGS24", Some("/items/1/packages/0/count")),
        ("/CC315A/GOOITEGDS/COMCODGODITM/ComNomCMD1", Some("/items")),
        ("/ie:CC313A/HEAHEA/DocNumHEA5", Some("/mrn")),
        ("/CC315A/HEAHEA/ConRefNumHEA", Some("/borderMeans/0/conveyanceRef")),
    ] {
        assert_eq!(ENTRY.fields(&[pointer]), [field.map(str::to_owned)], "{pointer}");
    }
}
