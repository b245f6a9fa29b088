//! Claims about what is kept when a message is accepted, and how often.

use std::collections::BTreeMap;

use portgate_store::{Accepted, BusinessKey, ExchangeFilter, ExchangeId, Idempotency, KeptAnswer, State};

use crate::bed::{
    Bed, business_key, delivery, document, event, idempotency, later, message, message_for, request_key, start,
};

pub(crate) async fn everything_of_an_acceptance_is_read_back(bed: Bed) {
    let mut given = message(start());
    given.documents.push(document("milestone-2"));
    given.deliveries = vec![delivery("erp", Some("container/1"), start()), delivery("portal", None, start())];
    given.business_key = Some(business_key("LRN1/2", 1));
    given.events = vec![event("carrier", "a", start())];
    bed.accept(given.clone()).await;

    let record = bed.journal.exchange(given.exchange.id).await.expect("it reads").expect("it is there");
    let exchange = &record.exchange;
    assert_eq!(exchange.id, given.exchange.id);
    assert_eq!((&*exchange.partner, &*exchange.contract, &*exchange.version), ("carrier", "events", "1"));
    assert_eq!(exchange.headers, given.exchange.headers);
    assert_eq!(exchange.trace, given.exchange.trace);
    assert_eq!(exchange.plugin, given.exchange.plugin);
    assert_eq!(exchange.findings, given.exchange.findings);
    assert_eq!((exchange.received_at, exchange.accepted_at), (start(), start()));
    assert_eq!(exchange.business_key.as_deref(), Some("LRN1/2"));
    assert_eq!((exchange.origin, exchange.redacted_at), (None, None));
    assert_eq!(record.documents.len(), 2);
    for (kept, given) in record.documents.iter().zip(&given.documents) {
        assert_eq!((&kept.kind, &kept.key, &kept.refs), (&given.kind, &given.key, &given.refs));
        assert_eq!(kept.body.as_ref(), Some(&given.body));
    }
    let ids: Vec<_> = record.deliveries.iter().map(|delivery| delivery.id).collect();
    assert_eq!(ids, given.deliveries.iter().map(|delivery| delivery.id).collect::<Vec<_>>());
    assert!(record.deliveries.iter().all(|delivery| delivery.state == State::Pending && !delivery.waits_in_lane));
    assert_eq!(record.deliveries[0].lane.as_deref(), Some("container/1"));

    let raw = bed.journal.raw(given.exchange.id).await.expect("it reads").expect("it is there");
    assert_eq!(raw.payload.as_deref(), Some(&given.exchange.payload[..]));
    assert_eq!((raw.sha256, &*raw.content_type), ([9; 32], "application/json"));
    assert_eq!(bed.journal.exchange(ExchangeId::new(start())).await, Ok(None));
    assert_eq!(bed.journal.raw(ExchangeId::new(start())).await, Ok(None));
}

pub(crate) async fn a_repeated_key_gets_the_same_answer(bed: Bed) {
    let mut first = message(start());
    first.idempotency = Some(idempotency("key", 1, start()));
    let answer = first.idempotency.as_ref().map(|kept| kept.answer.clone()).expect("just set");
    bed.accept(first.clone()).await;

    let mut again = message(later(1));
    again.idempotency = Some(idempotency("key", 1, later(1)));
    let id = again.exchange.id;
    assert_eq!(bed.journal.accept(again).await, Ok(Accepted::Replayed(answer.clone())));
    assert_eq!(bed.journal.exchange(id).await, Ok(None));
    assert_eq!(bed.kept(request_key("events", "key"), 1, later(2)).await, Some(KeptAnswer::Replayed(answer)));
}

pub(crate) async fn a_key_with_another_body_is_refused(bed: Bed) {
    let mut first = message(start());
    first.idempotency = Some(idempotency("key", 1, start()));
    bed.accept(first).await;
    let mut other = message(later(1));
    other.idempotency = Some(idempotency("key", 2, later(1)));
    let id = other.exchange.id;
    assert_eq!(bed.journal.accept(other).await, Ok(Accepted::KeyReused(request_key("events", "key"))));
    assert_eq!(bed.journal.exchange(id).await, Ok(None));
    let key = request_key("events", "key");
    assert_eq!(bed.kept(key.clone(), 2, later(2)).await, Some(KeptAnswer::KeyReused(key)));
}

pub(crate) async fn keys_are_scoped_to_partner_and_contract(bed: Bed) {
    for (partner, contract) in [("carrier", "events"), ("carrier", "orders"), ("broker", "events")] {
        let mut given = message(start());
        given.exchange.partner = partner.to_owned();
        given.exchange.contract = contract.to_owned();
        let keys = vec![request_key(contract, "key")];
        given.idempotency = Some(Idempotency { keys, ..idempotency("key", 1, start()) });
        given.business_key = Some(business_key("reference", 1));
        bed.accept(given).await;
    }
    let other = [request_key("orders", "key")];
    assert_eq!(bed.journal.kept_answer("broker", &other, [1; 32], start()).await, Ok(None));
}

pub(crate) async fn an_expired_key_is_free_again(bed: Bed) {
    let mut first = message(start());
    first.idempotency = Some(idempotency("key", 1, start()));
    let expires_at = first.idempotency.as_ref().map(|kept| kept.expires_at).expect("just set");
    bed.accept(first).await;
    let key = request_key("events", "key");
    assert_eq!(bed.kept(key.clone(), 1, expires_at).await, None);
    let mut other = message(expires_at);
    other.idempotency = Some(idempotency("key", 2, expires_at));
    bed.accept(other).await;
    assert_eq!(bed.kept(key.clone(), 1, expires_at).await, Some(KeptAnswer::KeyReused(key)));
}

/// What became of many acceptances that ran at once, counted.
async fn all_at_once(
    bed: &Bed,
    count: usize,
    change: impl Fn(usize, &mut portgate_store::Acceptance),
) -> (usize, usize) {
    let running: Vec<_> = (0..count)
        .map(|number| {
            let (mut given, _) = message_for("erp", None, start());
            change(number, &mut given);
            let journal = std::sync::Arc::clone(&bed.journal);
            tokio::spawn(async move { journal.accept(given).await })
        })
        .collect();
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for accepted in running {
        let outcome = match accepted.await.expect("no panic").expect("no error") {
            Accepted::Committed => "committed",
            _ => "refused",
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    let kept = bed.journal.exchanges(&ExchangeFilter::default(), None, 1_000).await.expect("it reads").items;
    assert_eq!(bed.claim("erp", later(1), 1_000).await.len(), kept.len());
    (outcomes.get("committed").copied().unwrap_or(0), kept.len())
}

pub(crate) async fn a_thousand_at_once_with_one_key_have_one_effect(bed: Bed) {
    let change = |_, given: &mut portgate_store::Acceptance| given.idempotency = Some(idempotency("key", 1, start()));
    assert_eq!(all_at_once(&bed, 1_000, change).await, (1, 1));
}

pub(crate) async fn many_at_once_with_one_business_key_have_one_effect(bed: Bed) {
    let change = |number, given: &mut portgate_store::Acceptance| {
        given.idempotency = Some(idempotency(&format!("key-{number}"), 1, start()));
        given.business_key = Some(business_key("LRN1/1", 1));
    };
    assert_eq!(all_at_once(&bed, 200, change).await, (1, 1));
}

pub(crate) async fn a_known_business_key_names_its_exchange(bed: Bed) {
    let mut first = message(start());
    first.business_key = Some(business_key("LRN1/1", 1));
    let exchange = bed.accept(first).await;
    for (fingerprint, same_payload) in [(1, true), (2, false)] {
        let mut again = message(later(1));
        again.business_key = Some(business_key("LRN1/1", fingerprint));
        again.idempotency = Some(idempotency("key", fingerprint, later(1)));
        let expected = Accepted::DuplicateBusinessKey { exchange, same_payload };
        assert_eq!(bed.journal.accept(again).await, Ok(expected));
    }
    assert_eq!(bed.kept(request_key("events", "key"), 1, later(2)).await, None);
    let mut next = message(later(1));
    next.business_key = Some(business_key("LRN1/2", 1));
    bed.accept(next).await;
}

pub(crate) async fn a_nul_in_a_text_is_no_error(bed: Bed) {
    let (mut given, _) = message_for("erp", Some("lane\0"), start());
    given.exchange.request_id = "a\0b".to_owned();
    given.exchange.headers[0].1 = "c\0d".to_owned();
    given.documents[0].key = "e\0f".to_owned();
    let id = bed.accept(given).await;
    let record = bed.journal.exchange(id).await.expect("it reads").expect("it is there");
    assert_eq!(record.exchange.request_id, "a\u{fffd}b");
    assert_eq!(record.exchange.headers[0].1, "c\0d");
    assert_eq!(record.documents[0].key, "e\u{fffd}f");
}

pub(crate) async fn tests_are_listed_apart_and_share_no_key(bed: Bed) {
    let mut ids = Vec::new();
    for (second, sender) in ["carrier", "carrier/test", "broker", "broker/test"].into_iter().enumerate() {
        let mut given = message(later(second as i64));
        given.exchange.partner = sender.to_owned();
        given.business_key = Some(BusinessKey { key: "one".to_owned(), fingerprint: [7; 32] });
        ids.push(bed.accept(given).await);
    }
    for (partner, test, found) in [
        (None, None, vec![0, 1, 2, 3]),
        (None, Some(true), vec![1, 3]),
        (None, Some(false), vec![0, 2]),
        (Some("carrier"), None, vec![0, 1]),
        (Some("carrier"), Some(true), vec![1]),
        (Some("carrier"), Some(false), vec![0]),
        (Some("nobody"), Some(true), vec![]),
    ] {
        let filter = ExchangeFilter { partner: partner.map(str::to_owned), test, ..ExchangeFilter::default() };
        let listed = bed.journal.exchanges(&filter, None, 10).await.expect("it reads").items;
        let mut listed: Vec<ExchangeId> = listed.into_iter().map(|listed| listed.exchange.id).collect();
        listed.reverse();
        assert_eq!(listed, found.into_iter().map(|number: usize| ids[number]).collect::<Vec<_>>(), "{filter:?}");
    }
    let contract = message(later(0)).exchange.contract;
    for (sender, fingerprint, known) in [
        ("carrier", [7; 32], Some((ids[0], true))),
        ("carrier/test", [8; 32], Some((ids[1], false))),
        ("nobody", [7; 32], None),
    ] {
        let key = BusinessKey { key: "one".to_owned(), fingerprint };
        assert_eq!(bed.journal.known_business_key(sender, &contract, &key).await, Ok(known), "{sender}");
    }
}
