//! Claims about what is removed, and what never.

use portgate_store::{DeadClass, ExchangeId, KeptAnswer, Settled};

use crate::bed::{
    Bed, business_key, delivered, event, idempotency, later, message, message_for, request, request_key, start,
};

/// Three exchanges: one delivered, one pending, one dead.
async fn three(bed: &Bed) -> [ExchangeId; 3] {
    let mut ids = Vec::new();
    for second in 0..3 {
        let (mut given, _) = message_for("erp", None, later(second));
        given.business_key = Some(business_key(&format!("LRN{second}"), 1));
        ids.push(bed.accept(given).await);
        let claimed = bed.claim_one("erp", later(second)).await;
        bed.render(claimed.claim, request("/"), None).await.expect("the claim holds");
        let settled = match second {
            0 => delivered(),
            1 => Settled::Retry { at: later(1_000_000), class: DeadClass::Theirs },
            _ => Settled::Dead { class: DeadClass::Ours, findings: Vec::new() },
        };
        bed.settle(claimed.claim, later(second), settled).await;
    }
    ids.try_into().expect("three")
}

pub(crate) async fn redaction_leaves_digests_and_spares_what_is_open(bed: Bed) {
    let [closed, pending, dead] = three(&bed).await;
    assert_eq!(bed.journal.redact(start(), later(100), 10).await, Ok(0));
    assert_eq!(bed.journal.redact(later(50), later(100), 10).await, Ok(1));
    assert_eq!(bed.journal.redact(later(50), later(101), 10).await, Ok(0));
    let raw = bed.journal.raw(closed).await.expect("it reads").expect("it is there");
    assert_eq!((raw.payload, raw.sha256), (None, [9; 32]));
    let record = bed.journal.exchange(closed).await.expect("it reads").expect("it is there");
    assert_eq!(record.exchange.redacted_at, Some(later(100)));
    assert_eq!(record.documents[0].body, None);
    assert_ne!(record.documents[0].sha256, [0; 32]);
    assert_eq!(record.deliveries[0].attempts.len(), 1);
    for open in [pending, dead] {
        assert!(bed.journal.raw(open).await.expect("it reads").expect("it is there").payload.is_some());
    }
}

pub(crate) async fn purging_spares_what_is_open_or_dead(bed: Bed) {
    let [closed, pending, dead] = three(&bed).await;
    assert_eq!(bed.journal.purge(start(), 10).await, Ok(0));
    assert_eq!(bed.journal.purge(later(50), 10).await, Ok(1));
    assert_eq!(bed.journal.exchange(closed).await, Ok(None));
    for open in [pending, dead] {
        assert!(bed.journal.exchange(open).await.expect("it reads").is_some());
    }
    // Its business key went with it.
    let mut again = message(later(60));
    again.business_key = Some(business_key("LRN0", 1));
    bed.accept(again).await;
}

pub(crate) async fn keys_are_forgotten_when_they_have_expired(bed: Bed) {
    for (second, key) in [(0, "old"), (100, "new")] {
        let mut given = message(later(second));
        given.idempotency = Some(idempotency(key, 1, later(second)));
        bed.accept(given).await;
    }
    let week = 7 * 24 * 3600;
    assert_eq!(bed.journal.forget_keys(later(week), 10).await, Ok(1));
    assert_eq!(bed.journal.forget_keys(later(week), 10).await, Ok(0));
    let kept = bed.kept(request_key("events", "new"), 1, later(week)).await;
    assert!(matches!(kept, Some(KeptAnswer::Replayed(_))));
}

pub(crate) async fn old_events_go_and_places_are_not_given_twice(bed: Bed) {
    for second in 0..4 {
        let mut given = message(later(second));
        given.events = vec![event("carrier", &second.to_string(), later(second))];
        bed.accept(given).await;
    }
    let all = bed.events(None, None, 4).await;
    bed.journal.redact(later(2), later(100), 100).await.expect("it works");
    let left = bed.journal.events(None, None, 10).await.expect("it reads");
    assert_eq!(left, all[2..]);
    bed.journal.redact(later(90), later(100), 100).await.expect("it works");
    let mut given = message(later(101));
    given.events = vec![event("carrier", "new", later(101))];
    bed.accept(given).await;
    let new = bed.events(Some(all[3].cursor), None, 1).await;
    assert_eq!(new.iter().map(|event| &*event.event.subject).collect::<Vec<_>>(), ["new"]);
}
