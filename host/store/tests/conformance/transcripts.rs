//! Claims about what is kept of what was said in attempts.

use portgate_core::delivery::{AnswerHead, KeptAnswer, SentHead, Transcript};
use portgate_store::{DeadClass, DeliveryId, Settled, Settlement};

use crate::bed::{Bed, delivered, later, message_for, request, settlement, start};

fn said(status: u16, body: Option<(&[u8], u64)>) -> Transcript {
    Transcript {
        sent: SentHead {
            method: "POST".to_owned(),
            url: "https://example.com/orders".to_owned(),
            headers: vec![("x-api-key".to_owned(), None), ("content-type".to_owned(), Some("text/plain".to_owned()))],
        },
        answer: Some(KeptAnswer {
            head: AnswerHead { status, headers: vec![("server".to_owned(), Some("näme\0".to_owned()))] },
            body: body.map(|(body, bytes)| (body.to_vec(), bytes)),
        }),
    }
}

/// A delivery of which two attempts were made: nothing was sent in the first, and the second ends so.
async fn attempted(bed: &Bed, destination: &str, second: i64, settled: Settled) -> DeliveryId {
    let (given, id) = message_for(destination, None, later(second));
    bed.accept(given).await;
    let claimed = bed.claim_one(destination, later(second)).await;
    bed.render(claimed.claim, request("/"), None).await.expect("the claim holds");
    bed.settle(claimed.claim, later(second), Settled::Retry { at: later(second + 1), class: DeadClass::Theirs }).await;
    let claimed = bed.claim_one(destination, later(second + 1)).await;
    let settlement = Settlement {
        transcript: Some(said(500, Some((b"\xff\0no", 9)))),
        ..settlement(claimed.claim, later(second + 1), settled)
    };
    bed.journal.settle(settlement).await.expect("the claim holds");
    id
}

async fn transcripts(bed: &Bed, id: DeliveryId) -> Vec<Option<Transcript>> {
    let record = bed.journal.delivery(id).await.expect("it reads").expect("it is there");
    record.delivery.attempts.into_iter().map(|attempt| attempt.transcript).collect()
}

pub(crate) async fn a_delivery_is_read_back_with_what_was_sent_and_what_was_said_in_each_attempt(bed: Bed) {
    let id = attempted(&bed, "erp", 0, delivered()).await;
    let bed = bed.reopened().await;
    let record = bed.journal.delivery(id).await.expect("it reads").expect("it is there");
    assert_eq!((record.request, record.question, record.redacted_at), (Some(request("/")), None, None));
    assert_eq!(transcripts(&bed, id).await, [None, Some(said(500, Some((b"\xff\0no", 9))))]);
    assert_eq!(bed.journal.delivery(DeliveryId::new(start())).await, Ok(None));
}

pub(crate) async fn what_was_said_is_removed_with_the_payload(bed: Bed) {
    let id = attempted(&bed, "erp", 0, delivered()).await;
    assert_eq!(bed.journal.redact(later(50), later(100), 10).await, Ok(1));
    assert_eq!(transcripts(&bed, id).await, [None, None]);
    let record = bed.journal.delivery(id).await.expect("it reads").expect("it is there");
    assert_eq!((record.request, record.redacted_at), (None, Some(later(100))));
}

pub(crate) async fn what_was_said_is_removed_in_its_time_but_for_what_waits_for_somebody(bed: Bed) {
    let dead = Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() };
    let (old, dead) = (attempted(&bed, "erp", 0, delivered()).await, attempted(&bed, "portal", 10, dead).await);
    let new = attempted(&bed, "erp", 100, delivered()).await;
    assert_eq!(bed.journal.forget_transcripts(later(50), 10).await, Ok(1));
    assert_eq!(bed.journal.forget_transcripts(later(50), 10).await, Ok(0));
    for (id, kept) in [(old, false), (dead, true), (new, true)] {
        assert_eq!(transcripts(&bed, id).await[1].is_some(), kept);
    }
}
