//! Entry summary declarations of the samples: what passes its schema is taken, what is written passes it again, and is what it was.

mod support;

use std::path::{Path, PathBuf};

use portgate_sdk::canonical::{CustomsDeclaration, Text};
use portgate_sdk::testkit::XmlSchema;
use portgate_sdk::{Connector, Document};
use saas_ncts_ens::NctsEns;
use support::{differences, files, leaves, message, samples, schema, target, written_by_cases};

/// What a declaration does not hold of its message, each with the reason. Whatever else differs fails the test.
const NOT_HELD: [(&str, &str); 8] = [
    ("/MesSenMES3[1]", "of the message: who sends it is the agreement's"),
    ("/MesRecMES6[1]", "of the message: whom it is sent to is the agreement's"),
    ("/DatOfPreMES9[1]", "of the message: it is written now"),
    ("/TimOfPreMES10[1]", "of the message: it is written now"),
    ("/PriMES15[1]", "of the message: how urgent its transmission was"),
    ("/MesIdeMES19[1]", "of the message: each has its own number"),
    ("/CorIdeMES25[1]", "of the message: a declaration answers none"),
    ("LNG", "the language that a text is written in"),
];

/// The same for names of such elements without `LNG` at their end.
const LANGUAGES: [&str; 4] = ["/NADLNGCO[1]", "/NADLNGCE[1]", "/NADLNGGTCO[1]", "/NADLNGGICE[1]"];

fn of_message(name: &str) -> Option<XmlSchema> {
    schema(&samples()?.join("customs-eu/ics-ens-xsd"), &["hmrc_store_"], &format!("{name}-v11-2.xsd"))
}

fn encode(contract: &str, documents: &[Document]) -> Vec<u8> {
    NctsEns::encode(documents, &target(contract, "11")).unwrap_or_else(|refused| panic!("{contract}: {refused}")).body
}

/// Our own cases and the declarations of the samples that pass the schema.
fn valid_declarations() -> Vec<(PathBuf, Vec<u8>)> {
    let Some(schema) = of_message("CC315A") else { return Vec::new() };
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let paths =
        files(&cases, ".xml").into_iter().chain(samples().into_iter().flat_map(|samples| files(&samples, ".xml")));
    let read = paths.map(|path| (std::fs::read(&path).expect("a sample"), path));
    let declared = read.filter(|(body, _)| String::from_utf8_lossy(body).contains(":CC315A"));
    declared.filter(|(body, _)| schema.errors(body).is_empty()).map(|(body, path)| (path, body)).collect()
}

fn decode(path: &Path, body: &[u8]) -> Vec<Document> {
    let taken = NctsEns::decode(&message("ens-declaration", "11", body.to_vec()));
    taken.unwrap_or_else(|refused| panic!("{}: {refused}", path.display())).documents
}

#[test]
fn declarations_that_pass_their_schema_are_written_as_what_they_were() {
    let (Some(schema), Some(amendment)) = (of_message("CC315A"), of_message("CC313A")) else { return };
    let declarations = valid_declarations();
    assert!(declarations.len() > 100, "{} samples pass the schema", declarations.len());
    let mut wrong = Vec::new();
    for (path, body) in declarations {
        let documents = decode(&path, &body);
        let written = match NctsEns::encode(&documents, &target("ens-declaration", "11")) {
            Ok(request) => request.body,
            Err(refused) => {
                wrong.push(format!("{}: {refused}", path.display()));
                continue;
            }
        };
        let differ = differences(&leaves(&body, "CC315A"), &leaves(&written, "CC315A"));
        let is_held = |line: &String| {
            let path = line.split(" = ").next().unwrap_or_default();
            let of_message = NOT_HELD.iter().any(|(name, _)| path.contains(name));
            !of_message && !LANGUAGES.iter().any(|name| path.ends_with(name))
        };
        wrong.extend(differ.into_iter().filter(is_held).map(|line| format!("{}: {line}", path.display())));
        wrong.extend(schema.errors(&written).into_iter().map(|line| format!("{}: {line}", path.display())));
        let amended: Vec<Document> = documents.iter().map(with_mrn).collect();
        let errors = amendment.errors(&encode("ens-amendment", &amended));
        wrong.extend(errors.into_iter().map(|line| format!("{} (CC313A): {line}", path.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_cases_write_passes_its_schema() {
    let mut seen = 0;
    for (name, body) in written_by_cases("<ie:") {
        let root = body.split("<ie:").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default().to_owned();
        let Some(schema) = of_message(&root) else { return };
        assert_eq!(schema.errors(body.as_bytes()), Vec::<String>::new(), "{name}");
        seen += 1;
    }
    assert!(seen >= 2, "{seen} cases write a message");
}

/// The declaration once customs has given it an MRN.
fn with_mrn(document: &Document) -> Document {
    let mut declaration: CustomsDeclaration = document.read().expect("a declaration");
    declaration.mrn = Text::new("26GB08I01234567891").ok();
    Document::of(&declaration)
}
