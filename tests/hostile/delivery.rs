//! The other way, out to the partner: `encode` and `interpret` run in the same sandbox under the same budgets.

use portgate_core::delivery::{Request, Response, Target, Verdict};
use portgate_core::document::Document;
use portgate_runtime::CallError;

use crate::rig::Rig;

fn document() -> Document {
    Document { kind: "document-ref".to_owned(), key: "k".to_owned(), refs: Vec::new(), body: b"{}".to_vec() }
}

fn request() -> Request {
    Request { method: "POST".to_owned(), path: "/".to_owned(), headers: Vec::new(), body: b"sent".to_vec() }
}

fn response(status: u16, body: &[u8]) -> Response {
    Response { status, headers: Vec::new(), received_at: "2026-03-01T08:15:00Z".to_owned(), body: body.to_vec() }
}

#[tokio::test]
async fn documents_become_a_request() {
    let plugin = Rig::new().hostile(|_| ());
    let documents = vec![document(), document()];
    let call = plugin.encode(documents, Target::new("good", "1", "2026-03-01T08:15:00Z")).await;
    let request = call.outcome.expect("a result").expect("a request");
    assert_eq!((request.path.as_str(), &request.body[..]), ("/at/2026-03-01T08:15:00Z", &b"{}{}"[..]));
    assert_eq!(call.usage.output_bytes, (request.method.len() + request.path.len() + request.body.len()) as u64);
}

#[tokio::test]
async fn a_request_is_made_within_the_budgets() {
    let plugin = Rig::new().hostile(|_| ());
    for (contract, expected) in [("endless-loop", CallError::CpuExceeded), ("huge-output", CallError::OutputExceeded)] {
        let call = plugin.encode(vec![document()], Target::new(contract, "1", "")).await;
        assert_eq!(call.outcome.expect_err(contract), expected);
    }
}

#[tokio::test]
async fn an_answer_becomes_a_verdict() {
    let plugin = Rig::new().hostile(|_| ());
    let verdicts = [(200, Verdict::Accepted), (202, Verdict::Pending), (503, Verdict::Retry), (400, Verdict::Rejected)];
    for (status, verdict) in verdicts {
        let call = plugin.interpret(request(), response(status, b"")).await;
        let outcome = call.outcome.expect("a result").expect("an outcome");
        assert_eq!(outcome.verdict, verdict);
        let next = outcome.next.map(|next| (next.request, next.after_seconds));
        assert_eq!(next, (status == 202).then(|| (request(), 60)));
    }
}

#[tokio::test]
async fn an_answer_yields_no_document_that_is_not_granted() {
    let plugin = Rig::new().hostile(|_| ());
    let call = plugin.interpret(request(), response(200, b"emit")).await;
    assert_eq!(call.outcome.expect_err("not granted"), CallError::EmitDenied { kind: "customs-status".to_owned() });
}
