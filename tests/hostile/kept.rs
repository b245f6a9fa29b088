//! A component that was compiled against `wit/connector/v1` when that was new, and never since. It says what it was given.

use portgate_core::agreement::{Acknowledgement, Agreement, ControlNumbers, Identifier, Level, Mode};
use portgate_core::delivery::{Request, Response, Target, Verdict};
use portgate_core::document::{Document, Part};
use portgate_core::message::Message;

use crate::rig::{Rig, is_good, message, policy, remark};

const KEPT: &[u8] = include_bytes!("kept/connector-v1.wasm");

fn agreement() -> Agreement {
    let named =
        |value: &str| Identifier { level: Level::Interchange, qualifier: "ZZ".to_owned(), value: value.to_owned() };
    Agreement {
        name: "tenders-in".to_owned(),
        ours: vec![named("IMPORTER")],
        theirs: vec![named("OCEANLINE")],
        edition: "004010".to_owned(),
        mode: Mode::Test,
        acknowledgement: Acknowledgement::Apart,
        codes: Default::default(),
        all_or_nothing: true,
        settings: vec![("path".to_owned(), "/edi".to_owned())],
    }
}

const NUMBERS: ControlNumbers = ControlNumbers { interchange: 41, group: 42, first_message: 43, messages: 2 };

/// That all four are there, in what a plugin printed.
#[track_caller]
fn has_numbers(printed: &[u8]) {
    let printed = String::from_utf8_lossy(printed);
    for number in ["interchange: 41", "group: 42", "first-message: 43", "messages: 2"] {
        assert!(printed.contains(number), "{number}: {printed}");
    }
}

#[tokio::test]
async fn a_component_of_the_first_v1_runs_ever_after_with_all_that_v1_has() {
    let rig = Rig::new();
    let kept = rig.admit("hostile", KEPT, &policy()).expect("it is admitted");
    is_good(&kept.decode(message("good")).await);
    let told = kept.decode(Message { agreement: Some(agreement()), ..message("agreement") }).await;
    for word in ["tenders-in", "IMPORTER", "OCEANLINE", "004010", "Test", "Apart", "all-or-nothing: true", "/edi"] {
        assert!(remark(&told).contains(word), "{word}: {}", remark(&told));
    }
    let replied = kept.decode(Message { control_numbers: Some(NUMBERS), ..message("replies") }).await;
    let reply = replied.outcome.expect("it returns").expect("it takes it").reply.expect("a reply");
    assert_eq!(reply.content_type, "text/plain");
    has_numbers(&reply.body);
    let parts = kept
        .decode(Message { body: b"one\nalpha".to_vec(), ..message("in-parts") })
        .await
        .outcome
        .expect("it returns")
        .expect("it takes it")
        .parts;
    // It looks up in a table what it refuses.
    assert_eq!(parts.iter().map(Part::is_refused).collect::<Vec<_>>(), [false, true]);
    let refused = kept.decode(message("unheard-of")).await.outcome.expect("it returns").expect_err("it refuses it");
    assert_eq!(refused.findings.len(), 1);

    let document =
        Document { kind: "document-ref".to_owned(), key: "1".to_owned(), refs: vec![], body: b"{}".to_vec() };
    let target = Target { control_numbers: Some(NUMBERS), ..Target::new("numbered", "1", "2026-03-01T08:15:00Z") };
    let request = kept.encode(vec![document], target).await.outcome.expect("it returns").expect("it renders it");
    has_numbers(&request.body);
    for (status, verdict) in [(200, Verdict::Accepted), (202, Verdict::Pending), (400, Verdict::Rejected)] {
        let got = Response { status, headers: vec![], received_at: "2026-03-01T08:15:00Z".to_owned(), body: vec![] };
        let read = kept.interpret(Request { body: vec![], ..request.clone() }, got).await;
        let outcome = read.outcome.expect("it returns").expect("it reads it");
        assert_eq!((outcome.verdict, outcome.next.is_some()), (verdict, status == 202));
    }
}
