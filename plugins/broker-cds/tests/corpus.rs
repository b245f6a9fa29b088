//! Claims on real files: every notification of the samples is taken, everything else is refused at a place. The samples
//! are not part of the repository; without them the test says so and passes. `PORTGATE_SHARED` names another folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use broker_cds::BrokerCds;
use portgate_sdk::testkit::unlisted;
use portgate_sdk::xml::{Document, Options, TrailingText};
use portgate_sdk::{Connector, Message, testkit};

#[test]
fn every_sample_notification_is_taken_and_all_else_is_refused_at_a_place() {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let mut files = Vec::new();
    for folder in ["hmrc-cds", "hmrc-cds-accept-reject-pairs", "hmrc-cds-status-dis"] {
        collect(&shared.join("samples").join(folder), &mut files);
    }
    if files.is_empty() {
        println!("There are no samples here; nothing was tried.");
        return;
    }
    let mut table: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        let body = fs::read(&file).expect("a sample can be read");
        let notification = is_notification(&body);
        let message = message(body);
        let contract = (&*message.contract, &*message.version);
        let (decoded, unread) = unlisted(env!("CARGO_MANIFEST_DIR"), contract, || BrokerCds::decode(&message));
        assert!(unread.is_empty(), "{} loses {unread:?}", file.display());
        match decoded {
            Ok(decoded) => {
                assert!(notification, "{} is no notification and was taken", file.display());
                assert!(!decoded.documents.is_empty(), "{} gave nothing", file.display());
                *table.entry("taken".into()).or_default() += 1;
                for document in decoded.documents {
                    *table.entry(format!("  document {}", document.kind)).or_default() += 1;
                }
                for finding in decoded.findings {
                    assert!(!finding.location.is_empty(), "{}: {finding:?} has no place", file.display());
                    *table.entry(format!("  finding {} {}", finding.severity, finding.code)).or_default() += 1;
                }
            }
            Err(rejection) => {
                assert!(!notification, "{} was refused: {rejection}", file.display());
                assert!(rejection.findings.iter().all(|finding| !finding.location.is_empty()), "{}", file.display());
                let code = rejection.findings.first().map_or("none", |finding| finding.code.as_str());
                *table.entry(format!("refused {code}")).or_default() += 1;
            }
        }
    }
    for (what, times) in table {
        println!("{times:6} {what}");
    }
}

fn is_notification(body: &[u8]) -> bool {
    let options = Options { trailing_text: TrailingText::Warn, ..Options::default() };
    Document::parse(body, &options)
        .is_ok_and(|document| document.root().name() == "MetaData" && document.root().child("Response").is_some())
}

fn message(body: Vec<u8>) -> Message {
    testkit::message("dms-notification", "3.6", "application/xml", body)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            files.push(path);
        }
    }
}

#[test]
fn every_answer_to_a_query_is_taken_and_nothing_of_it_is_unread() {
    let shared = std::env::var_os("PORTGATE_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let mut files = Vec::new();
    for folder in ["hmrc-cds", "hmrc-cds-status-dis"] {
        collect(&shared.join("samples").join(folder), &mut files);
    }
    let mut taken = 0;
    for file in files {
        let body = fs::read(&file).expect("a sample can be read");
        let is_answer = Document::parse(&body, &Options::default()).is_ok_and(|document| {
            let name = document.root().name();
            name.starts_with("Declaration") && name.ends_with("Response")
        });
        if !is_answer {
            continue;
        }
        let message = Message { contract: "declaration-information".into(), version: "2.0".into(), ..message(body) };
        let contract = ("declaration-information", "2.0");
        let (decoded, unread) = unlisted(env!("CARGO_MANIFEST_DIR"), contract, || BrokerCds::decode(&message));
        let decoded = decoded.unwrap_or_else(|rejection| panic!("{}: {rejection}", file.display()));
        assert!(unread.is_empty(), "{} loses {unread:?}", file.display());
        assert!(!decoded.documents.is_empty(), "{} gave nothing", file.display());
        println!("{:?}", decoded.findings);
        taken += 1;
    }
    println!("{taken} answers");
}
