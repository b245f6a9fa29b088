//! What becomes of documents and deliveries, for each state that a delivery can be in.

use jiff::Timestamp;
use portgate_core::document::Reference;
use portgate_core::sha256::sha256;
use portgate_store::{Exchange, PluginBuild};

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn document(key: &str, body: &str) -> Document {
    let refs = vec![Reference { scheme: "order".to_owned(), value: "1".to_owned() }];
    Document { kind: "order".to_owned(), key: key.to_owned(), refs, body: body.as_bytes().to_vec() }
}

fn kept(key: &str, body: &str, superseded_by: Option<u32>) -> KeptDocument {
    let Document { kind, key, refs, body } = document(key, body);
    KeptDocument { kind, key, refs, sha256: sha256(&body), body: Some(body), part: None, superseded_by }
}

fn delivery(position: u32, destination: &str, state: DeliveryState) -> Delivery {
    Delivery {
        id: DeliveryId::new(NOW),
        exchange: ExchangeId::new(NOW),
        destination: destination.to_owned(),
        contract: "order".to_owned(),
        version: "1".to_owned(),
        documents: vec![position],
        parts: Vec::new(),
        lane: None,
        state,
        acknowledged: None,
        acknowledged_in: None,
        acknowledge_by: None,
        numbers: None,
        class: None,
        findings: Vec::new(),
        created_at: NOW,
        due_at: NOW,
        waits_in_lane: false,
        worker: None,
        settled_at: None,
        succeeds: None,
        succeeded_by: None,
        batch: None,
        attempted: 0,
        attempts: Vec::new(),
    }
}

fn routed(number: u32, destination: &str) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::new(NOW),
        destination: destination.to_owned(),
        contract: "order".to_owned(),
        version: "1".to_owned(),
        documents: vec![number],
        parts: Vec::new(),
        lane: None,
        request: None,
        batched: None,
    }
}

fn record(documents: Vec<KeptDocument>, deliveries: Vec<Delivery>) -> ExchangeRecord {
    let exchange = Exchange {
        id: ExchangeId::new(NOW),
        partner: "shop".to_owned(),
        contract: "order".to_owned(),
        version: "1".to_owned(),
        content_type: String::new(),
        headers: Vec::new(),
        received_at: NOW,
        accepted_at: NOW,
        request_id: String::new(),
        trace: None,
        plugin: PluginBuild { name: String::new(), version: String::new(), sha256: [0; 32] },
        sha256: [0; 32],
        findings: Vec::new(),
        parts: Vec::new(),
        origin: None,
        business_key: None,
        redacted_at: None,
        state: ExchangeState::Accepted,
        awaits_code: false,
    };
    ExchangeRecord { exchange, documents, deliveries, parked: None, refused: None, reruns: Vec::new() }
}

/// What becomes of one delivery to `erp` in this state, and whether a new one is made, where its document is the same or not.
fn fate(state: DeliveryState, body_today: &str) -> (Fate, bool) {
    let record = record(vec![kept("a", "1", None)], vec![delivery(0, "erp", state)]);
    let today = [document("a", body_today)];
    let placed = place(&record.documents, &today, &[], 1);
    let superseded = if placed[0].stays { vec![] } else { vec![0] };
    let mut plans = deliveries(&record, &placed, &superseded, &today, vec![routed(0, "erp")]);
    assert_eq!(plans.len(), 1);
    let (plan, new) = plans.remove(0);
    (plan.fate, new.is_some())
}

#[test]
fn a_delivery_of_a_document_that_is_the_same_stays_but_for_a_dead_one() {
    use DeliveryState::{Awaiting, Dead, Delivered, Discarded, Pending};
    for state in [Pending, Awaiting, Delivered, Discarded] {
        assert_eq!(fate(state, "1"), (Fate::Stays, false), "{state}");
    }
    assert_eq!(fate(Dead, "1"), (Fate::Superseded, true));
}

#[test]
fn a_delivery_of_a_document_that_is_another_gives_way_where_it_waits_and_is_followed_where_it_was_sent() {
    use DeliveryState::{Awaiting, Dead, Delivered, Discarded, Pending};
    for state in [Pending, Dead] {
        assert_eq!(fate(state, "2"), (Fate::Superseded, true), "{state}");
    }
    for state in [Awaiting, Delivered, Discarded] {
        assert_eq!(fate(state, "2"), (Fate::Followed, true), "{state}");
    }
}

#[test]
fn documents_are_found_by_kind_and_key_and_of_several_with_one_key_the_same_goes_first() {
    let before = [kept("a", "1", Some(1)), kept("b", "2", None), kept("b", "3", None), kept("c", "4", None)];
    let today = [document("b", "3"), document("b", "9"), document("d", "5"), document("a", "1")];
    let placed = place(&before, &today, &[], 4);
    let shown: Vec<_> = placed.iter().map(|placed| (placed.position, placed.before, placed.stays)).collect();
    // What was superseded before counts no more, even where it is the same.
    assert_eq!(shown, [(2, Some(2), true), (4, Some(1), false), (5, None, false), (6, None, false)]);
}

#[test]
fn what_is_gone_is_given_up_where_it_waits_and_what_is_new_or_newly_routed_is_made() {
    let waits = delivery(1, "erp", DeliveryState::Pending);
    let (given_up, sent) = (waits.id, delivery(1, "portal", DeliveryState::Delivered));
    let stays = sent.id;
    let record = record(
        vec![kept("a", "1", None), kept("b", "2", None)],
        vec![delivery(0, "erp", DeliveryState::Delivered), waits, sent],
    );
    let today = [document("a", "1"), document("c", "3")];
    let placed = place(&record.documents, &today, &[], 2);
    let routes = vec![routed(0, "erp"), routed(0, "portal"), routed(1, "erp")];
    let plans = deliveries(&record, &placed, &[1], &today, routes);
    let shown: Vec<_> = plans
        .iter()
        .map(|(plan, new)| {
            let position = new.as_ref().map(|new| new.documents[0]);
            (plan.fate, plan.destination.as_str(), plan.document.1.as_str(), position)
        })
        .collect();
    assert_eq!(
        shown,
        [
            (Fate::Stays, "erp", "a", None),
            (Fate::New, "portal", "a", Some(0)),
            (Fate::New, "erp", "c", Some(2)),
            (Fate::Superseded, "erp", "b", None),
            (Fate::Stays, "portal", "b", None),
        ]
    );
    assert_eq!(
        (plans[3].0.before, plans[4].0.before.map(|(id, _)| id)),
        (Some((given_up, DeliveryState::Pending)), Some(stays))
    );
}

#[test]
fn of_what_was_sent_again_as_a_new_delivery_the_last_counts_and_webhooks_are_left_alone() {
    let mut first = delivery(0, "erp", DeliveryState::Delivered);
    let second = delivery(0, "erp", DeliveryState::Pending);
    first.succeeded_by = Some(second.id);
    let told = Delivery { documents: Vec::new(), ..delivery(0, "shop/webhook", DeliveryState::Pending) };
    let last = second.id;
    let record = record(vec![kept("a", "1", None)], vec![first, second, told]);
    let today = [document("a", "2")];
    let placed = place(&record.documents, &today, &[], 1);
    let plans = deliveries(&record, &placed, &[0], &today, vec![routed(0, "erp")]);
    assert_eq!(plans.len(), 1);
    assert_eq!((plans[0].0.fate, plans[0].0.before), (Fate::Superseded, Some((last, DeliveryState::Pending))));
}
