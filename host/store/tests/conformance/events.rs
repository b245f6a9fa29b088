//! Claims about the outbox.

use std::sync::Arc;
use std::time::Duration;

use portgate_store::{Event, EventData, FOR_OPERATORS, NewEvent};

use crate::bed::{Bed, event, later, message, start};

async fn tell(bed: &Bed, partner: &str, subjects: &[&str]) {
    let mut given = message(start());
    given.events = subjects.iter().map(|subject| event(partner, subject, start())).collect();
    bed.accept(given).await;
}

fn subjects(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| &*event.event.subject).collect()
}

pub(crate) async fn events_without_an_exchange_are_told(bed: Bed) {
    let told = event(FOR_OPERATORS, "quarantine", start());
    bed.journal.tell(vec![told.clone()]).await.expect("it works");
    assert_eq!(bed.events(None, None, 1).await[0].event, told);
    assert!(bed.journal.events(None, Some("carrier"), 10).await.expect("it reads").is_empty());
}

pub(crate) async fn events_resume_after_a_cursor(bed: Bed) {
    let nothing = bed.journal.end_of_events(None).await.expect("it reads");
    tell(&bed, "carrier", &["a", "b"]).await;
    tell(&bed, "carrier", &["c"]).await;
    let all = bed.events(None, None, 3).await;
    assert_eq!(subjects(&all), ["a", "b", "c"]);
    assert_eq!(all[0].event.data.json(), Some("{\"amount\":\"10.50\"}"));
    assert_eq!(all[0].event.at, start());
    assert!(all.is_sorted_by_key(|event| event.cursor));
    let rest = bed.journal.events(Some(all[0].cursor), None, 1).await.expect("it reads");
    assert_eq!(subjects(&rest), ["b"]);
    assert_eq!(bed.journal.events(Some(nothing), None, 10).await.expect("it reads"), all);
    let end = bed.journal.end_of_events(None).await.expect("it reads");
    assert_eq!(bed.journal.events(Some(end), None, 10).await, Ok(vec![]));
    tell(&bed, "carrier", &["d"]).await;
    assert_eq!(subjects(&bed.events(Some(end), None, 1).await), ["d"]);
    let as_text = all[2].cursor.to_string().parse().expect("a cursor");
    assert_eq!(subjects(&bed.journal.events(Some(as_text), None, 10).await.expect("it reads")), ["d"]);
}

pub(crate) async fn what_is_told_of_a_document_is_its_body_until_retention_takes_it(bed: Bed) {
    let mut given = message(start());
    let (exchange, position) = (given.exchange.id, 0);
    let body = String::from_utf8(given.documents[0].body.clone()).expect("JSON");
    let data = |body| EventData::Document { exchange, position, body };
    // Told later than the exchange was accepted, so that retention takes the document first.
    let told = NewEvent { data: data(Some(body)), ..event("carrier", "a", later(10)) };
    given.events = vec![told.clone()];
    bed.accept(given).await;
    assert_eq!(bed.events(None, Some("carrier"), 1).await[0].event, told);
    assert_eq!(bed.journal.redact(later(1), later(2), 10).await, Ok(1));
    assert_eq!(bed.events(None, Some("carrier"), 1).await[0].event, NewEvent { data: data(None), ..told });
}

pub(crate) async fn an_event_without_its_document_is_still_told(bed: Bed) {
    let given = message(start());
    let data = EventData::Document { exchange: given.exchange.id, position: 7, body: None };
    let told = NewEvent { data, ..event("carrier", "a", start()) };
    bed.journal.tell(vec![told.clone()]).await.expect("it works");
    assert_eq!(bed.events(None, Some("carrier"), 1).await[0].event, told);
    assert_eq!(told.data.json(), None);
}

pub(crate) async fn a_partner_sees_its_own_events_alone(bed: Bed) {
    tell(&bed, "carrier", &["a"]).await;
    tell(&bed, "broker", &["b"]).await;
    tell(&bed, "carrier", &["c"]).await;
    assert_eq!(subjects(&bed.events(None, Some("carrier"), 2).await), ["a", "c"]);
    assert_eq!(subjects(&bed.events(None, Some("broker"), 1).await), ["b"]);
    assert_eq!(bed.journal.events(None, Some("nobody"), 10).await, Ok(vec![]));
}

pub(crate) async fn a_partner_s_end_of_events_moves_with_its_own_alone(bed: Bed) {
    let end = async |partner| bed.journal.end_of_events(Some(partner)).await.expect("it reads");
    let nothing = end("carrier").await;
    tell(&bed, "broker", &["a", "b"]).await;
    bed.events(None, None, 2).await;
    assert_eq!(end("carrier").await, nothing);
    tell(&bed, "carrier", &["c"]).await;
    let told = bed.events(None, Some("carrier"), 1).await;
    assert_eq!(end("carrier").await, told[0].cursor);
    tell(&bed, "broker", &["d"]).await;
    bed.events(None, None, 4).await;
    assert_eq!(end("carrier").await, told[0].cursor);
    tell(&bed, "carrier", &["e"]).await;
    assert_eq!(subjects(&bed.events(Some(told[0].cursor), Some("carrier"), 1).await), ["e"]);
    // Whoever resumes from the place before the first event is told everything.
    assert_eq!(subjects(&bed.events(Some(nothing), Some("carrier"), 2).await), ["c", "e"]);
}

pub(crate) async fn positions_never_go_back(bed: Bed) {
    tell(&bed, "carrier", &["a", "b"]).await;
    let all = bed.events(None, None, 2).await;
    assert_eq!(bed.journal.position("webhook/erp").await, Ok(None));
    for (advance, expected) in [(0, 0), (1, 1), (0, 1)] {
        bed.journal.advance("webhook/erp", all[advance].cursor).await.expect("it works");
        assert_eq!(bed.journal.position("webhook/erp").await, Ok(Some(all[expected].cursor)));
    }
    assert_eq!(bed.journal.position("nats").await, Ok(None));
}

pub(crate) async fn a_reader_beside_many_writers_misses_nothing(bed: Bed) {
    let journal = Arc::clone(&bed.journal);
    let reader = tokio::spawn(async move {
        let (mut seen, mut after) = (Vec::new(), None);
        while seen.len() < 600 {
            let events = journal.events(after, None, 20).await.expect("it reads");
            after = events.last().map(|event| event.cursor).or(after);
            seen.extend(events.into_iter().map(|event| event.event.id));
            tokio::task::yield_now().await;
        }
        seen
    });
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let journal = Arc::clone(&bed.journal);
            tokio::spawn(async move {
                let mut told = Vec::new();
                for _ in 0..25 {
                    let mut given = message(start());
                    given.events = (0..3).map(|_| event("carrier", "x", start())).collect();
                    told.extend(given.events.iter().map(|event| event.id));
                    journal.accept(given).await.expect("it is kept");
                }
                told
            })
        })
        .collect();
    let mut told = Vec::new();
    for writer in writers {
        told.extend(writer.await.expect("no panic"));
    }
    let seen = tokio::time::timeout(Duration::from_secs(60), reader).await;
    let mut seen = seen.expect("an event was skipped: the reader waits for it in vain").expect("no panic");
    seen.sort();
    told.sort();
    assert_eq!(seen, told);
}

pub(crate) async fn changes_wake_those_who_wait(bed: Bed) {
    let mut changes = bed.journal.changes();
    changes.mark_unchanged();
    tell(&bed, "carrier", &["a"]).await;
    tokio::time::timeout(Duration::from_secs(10), changes.changed()).await.expect("it is woken").expect("it is open");
    assert_eq!(bed.events(None, None, 1).await.len(), 1);
    assert!(bed.claim("erp", later(1), 1).await.is_empty());
}
