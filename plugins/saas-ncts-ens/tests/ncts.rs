//! Transit declarations of the samples: what passes its schema is taken, what is written passes it again, and is what it was.

mod support;

use std::path::{Path, PathBuf};

use portgate_sdk::canonical::{CustomsDeclaration, Invalidation, Reference, Text};
use portgate_sdk::testkit::XmlSchema;
use portgate_sdk::{Connector, Document};
use saas_ncts_ens::NctsEns;
use support::{differences, files, leaves, message, samples, schema, target, written_by_cases};

const PREFIXES: [&str; 2] = ["hmrc_v3_0_", "hmrc_v2_1_"];

/// What a declaration does not hold of its message, each with the reason. Whatever else differs fails the test.
const NOT_HELD: [(&str, &str); 6] = [
    ("/messageSender[1]", "of the message: who sends it is the agreement's"),
    ("/messageRecipient[1]", "of the message: whom it is sent to is the agreement's"),
    ("/preparationDateAndTime[1]", "of the message: it is written now"),
    ("/messageIdentification[1]", "of the message: each has its own number"),
    ("/correlationIdentifier[1]", "of the message: a declaration answers none"),
    ("/sequenceNumber[1]", "parts of a list are numbered anew in their order"),
];

fn of_message(name: &str) -> Option<XmlSchema> {
    schema(&samples()?.join("customs-eu/ncts5-xsd"), &PREFIXES, &format!("{}.xsd", name.to_lowercase()))
}

fn encode(contract: &str, documents: &[Document]) -> Vec<u8> {
    NctsEns::encode(documents, &target(contract, "5")).unwrap_or_else(|refused| panic!("{contract}: {refused}")).body
}

/// Our own cases and the declarations of the samples that pass the schema.
fn valid_declarations() -> Vec<(PathBuf, Vec<u8>)> {
    let Some(schema) = of_message("CC015C") else { return Vec::new() };
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let paths =
        files(&cases, ".xml").into_iter().chain(samples().into_iter().flat_map(|samples| files(&samples, ".xml")));
    let read = paths.map(|path| (std::fs::read(&path).expect("a sample"), path));
    let declared = read.filter(|(body, _)| String::from_utf8_lossy(body).contains(":CC015C"));
    declared.filter(|(body, _)| schema.errors(body).is_empty()).map(|(body, path)| (path, body)).collect()
}

fn decode(path: &Path, body: &[u8]) -> Vec<Document> {
    let taken = NctsEns::decode(&message("ncts-declaration", "5", body.to_vec()));
    taken.unwrap_or_else(|refused| panic!("{}: {refused}", path.display())).documents
}

#[test]
fn declarations_that_pass_their_schema_are_written_as_what_they_were() {
    let Some(schema) = of_message("CC015C") else { return };
    let declarations = valid_declarations();
    assert!(declarations.len() > 1, "no sample passes the schema");
    for (path, body) in declarations {
        let written = encode("ncts-declaration", &decode(&path, &body));
        assert_eq!(schema.errors(&written), Vec::<String>::new(), "{}", path.display());
        let differ = differences(&leaves(&body, "CC015C"), &leaves(&written, "CC015C"));
        let held = |line: &&String| !NOT_HELD.iter().any(|(path, _)| line.contains(path));
        let differ: Vec<&String> = differ.iter().filter(held).collect();
        assert!(differ.is_empty(), "{}: {differ:#?}", path.display());
    }
}

#[test]
fn amendments_and_invalidations_of_them_pass_their_schemas() {
    let (Some(amendment), Some(invalidation)) = (of_message("CC013C"), of_message("CC014C")) else { return };
    for (path, body) in valid_declarations() {
        let documents: Vec<Document> = decode(&path, &body).iter().map(known_to_customs).collect();
        let written = encode("ncts-amendment", &documents);
        assert_eq!(amendment.errors(&written), Vec::<String>::new(), "{}", path.display());
        let written = encode("ncts-invalidation", &documents);
        assert_eq!(invalidation.errors(&written), Vec::<String>::new(), "{}", path.display());
    }
}

#[test]
fn what_the_cases_write_passes_its_schema() {
    let mut seen = 0;
    for (name, body) in written_by_cases("<ncts:") {
        let root = body.split("<ncts:").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default().to_owned();
        let Some(schema) = of_message(&root) else { return };
        assert_eq!(schema.errors(body.as_bytes()), Vec::<String>::new(), "{name}");
        seen += 1;
    }
    assert!(seen >= 3, "{seen} cases write a message");
}

/// The declaration once customs has given it an MRN and the service a name, with a wish that it be invalidated.
fn known_to_customs(document: &Document) -> Document {
    let mut declaration: CustomsDeclaration = document.read().expect("a declaration");
    declaration.mrn = Text::new("26GB00006010000EJ7").ok();
    declaration.references.push(Reference::new("ncts-departure", "6365135ba5e821ee").expect("a reference"));
    declaration.invalidation =
        Some(Invalidation { justification: Text::new("The goods were sold").ok(), ..Invalidation::default() });
    Document::of(&declaration)
}
