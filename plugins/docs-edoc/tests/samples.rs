//! Real messages, where they stand beside the checkout: nothing of them is left unread that is not listed, and what goes out is what the
//! authority's schema takes.

use std::path::{Path, PathBuf};

use docs_edoc::DocsEdoc;
use portgate_sdk::testkit::{XmlSchema, unlisted};
use portgate_sdk::{Connector, Document, Message, Request, Target, testkit};
use serde_json::Value;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

fn samples() -> Option<PathBuf> {
    let beside = || Path::new(FOLDER).join("../../../shared");
    let folder = std::env::var_os("PORTGATE_SHARED").map_or_else(beside, PathBuf::from).join("samples");
    let is_there = folder.join("dcsa").is_dir();
    if !is_there {
        eprintln!("left out: no samples in {}", folder.display());
    }
    is_there.then_some(folder)
}

fn message((contract, version): (&str, &str), media_type: &str, body: Vec<u8>) -> Message {
    testkit::message(contract, version, media_type, body)
}

#[test]
fn of_real_messages_nothing_is_left_unread_that_is_not_listed() {
    let Some(samples) = samples() else { return };
    let mut read = 0;
    for (folder, part, contract) in [
        ("dcsa/ebl", "ebl-api", ("dcsa-ebl-instructions", "3.0")),
        ("dcsa/ebl-issuance", "request", ("dcsa-ebl-issuance", "3.0")),
        ("dcsa/dcsa-ebl-issuance", "issuExample", ("dcsa-ebl-issuance-response", "3.0")),
        ("dcsa/dcsa-ebl-issuance", "rejectedExample", ("dcsa-ebl-issuance-response", "3.0")),
        ("dcsa/pint", "transport-document", ("dcsa-transport-document", "3.0")),
        ("hmrc-cds/_api", "FileUploadResponse", ("hmrc-file-upload", "1.0")),
    ] {
        for file in std::fs::read_dir(samples.join(folder)).expect("a folder of samples") {
            let path = file.expect("a file").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !name.contains(part) || name.contains("error-message") {
                continue;
            }
            let media_type = if contract.0.starts_with("hmrc") { "application/xml" } else { "application/json" };
            let message = message(contract, media_type, std::fs::read(&path).expect("a sample"));
            let (decoded, unread) = unlisted(FOLDER, contract, || DocsEdoc::decode(&message));
            let decoded = decoded.unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
            println!("{name}: {:?}", decoded.findings.iter().map(|finding| &*finding.code).collect::<Vec<_>>());
            assert!(unread.is_empty() && !decoded.documents.is_empty(), "{name} loses {unread:?}");
            read += 1;
        }
    }
    println!("{read} messages");
    assert!(read >= 13, "only {read} messages");
}

fn request(case: &str) -> Request {
    let text = std::fs::read(Path::new(FOLDER).join(format!("cases/{case}/documents.json"))).expect("a case");
    let list: Vec<Value> = serde_json::from_slice(&text).expect("JSON");
    let document = |one: &Value| Document {
        kind: one["kind"].as_str().expect("a kind").to_owned(),
        key: String::new(),
        refs: Vec::new(),
        body: one["body"].to_string().into_bytes(),
    };
    let documents: Vec<Document> = list.iter().map(document).collect();
    let target = Target::new("hmrc-file-upload-request", "1.0", "2026-03-01T08:15:00Z");
    DocsEdoc::encode(&documents, &target).unwrap_or_else(|rejection| panic!("{case}: {rejection}"))
}

#[test]
fn what_is_asked_of_customs_is_what_its_schema_takes() {
    let Some(samples) = samples() else { return };
    let placed = |name: &str| name.strip_prefix("hmrc_wco__fileupload__").map(str::to_owned);
    let folder = samples.join("customs-uk/cds-xsd");
    let Some(schema) = XmlSchema::laid_out(&folder, "FileUploadRequest.xsd", placed) else { return };
    let body = request("upload-request-is-sent-and-gets-its-places").body;
    assert_eq!(schema.errors(&body), Vec::<String>::new());
    let broken = String::from_utf8(body).expect("text").replace("FileGroupSize", "GroupSize");
    assert_ne!(schema.errors(broken.as_bytes()), Vec::<String>::new(), "the schema finds mistakes");
}
