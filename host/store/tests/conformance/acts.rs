//! Claims about what operators do.

use std::num::NonZeroU32;

use portgate_store::{ActKind, DeadClass, DeliveryId, ExchangeId, Filter, Operator, Settled, State, Work};

use crate::bed::{Bed, delivered, delivery, later, message, message_for, request, start};

fn operator() -> Operator {
    Operator { name: "ada".to_owned(), reason: "the partner is back".to_owned() }
}

fn retry(per_second: u32) -> ActKind {
    ActKind::Retry { per_second: NonZeroU32::new(per_second).expect("not zero") }
}

fn dead() -> Settled {
    Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() }
}

/// Deliveries to `erp` that are dead, after one attempt each.
async fn dead_letters(bed: &Bed, count: usize) -> Vec<(ExchangeId, DeliveryId)> {
    let mut letters = Vec::new();
    for _ in 0..count {
        let (given, id) = message_for("erp", None, start());
        letters.push((bed.accept(given).await, id));
        let claimed = bed.claim_one("erp", start()).await;
        bed.render(claimed.claim, request("/kept"), None).await.expect("the claim holds");
        bed.settle(claimed.claim, later(1), dead()).await;
    }
    letters
}

pub(crate) async fn dead_letters_are_retried_at_a_rate_with_the_same_ids(bed: Bed) {
    let letters = dead_letters(&bed, 5).await;
    let filter = Filter { state: Some(State::Dead), destination: Some("erp".to_owned()), ..Filter::default() };
    assert_eq!(bed.journal.act(retry(2), &filter, &operator(), later(10)).await.map(|acted| acted.changed), Ok(5));
    let mut claimed = bed.claim("erp", later(10), 10).await;
    assert_eq!(claimed.len(), 1);
    claimed.extend(bed.claim("erp", later(11), 10).await);
    assert_eq!(claimed.len(), 3);
    claimed.extend(bed.claim("erp", later(12), 10).await);
    let ids: Vec<_> = claimed.iter().map(|claimed| claimed.claim.delivery).collect();
    assert_eq!(ids, letters.iter().map(|(_, id)| *id).collect::<Vec<_>>());
    assert!(claimed.iter().all(|claimed| claimed.attempt == 2 && claimed.tries == 0));
    assert!(claimed.iter().all(|claimed| claimed.work == Work::Send(request("/kept"))));
    let acts = bed.journal.acts(10).await.expect("it reads");
    assert_eq!(acts.len(), 1);
    assert_eq!((&*acts[0].kind, &acts[0].operator, acts[0].at, acts[0].count), ("retry", &operator(), later(10), 5));
    assert_eq!(acts[0].filter, r#"{"destination":"erp","state":"dead"}"#);
}

pub(crate) async fn what_was_delivered_or_discarded_does_not_come_back(bed: Bed) {
    let letters = dead_letters(&bed, 1).await;
    let (exchange, id) = letters[0];
    let all = Filter::default();
    assert_eq!(bed.journal.act(ActKind::Discard, &all, &operator(), later(2)).await.map(|acted| acted.changed), Ok(1));
    let discarded = bed.delivery(exchange, id).await;
    assert_eq!((discarded.state, discarded.class), (State::Discarded, None));
    assert_eq!((discarded.settled_at, discarded.attempts.len()), (Some(later(2)), 1));
    let (given, _) = message_for("erp", None, start());
    bed.accept(given).await;
    let claimed = bed.claim_one("erp", later(3)).await;
    bed.settle(claimed.claim, later(3), delivered()).await;
    assert_eq!(bed.journal.act(retry(1), &all, &operator(), later(4)).await.map(|acted| acted.changed), Ok(0));
    assert_eq!(bed.journal.act(ActKind::Discard, &all, &operator(), later(4)).await.map(|acted| acted.changed), Ok(0));
    let kinds: Vec<_> = bed.journal.acts(10).await.expect("it reads").into_iter().map(|act| act.kind).collect();
    assert_eq!(kinds, ["discard", "retry", "discard"]);
}

pub(crate) async fn what_somebody_works_on_is_not_discarded(bed: Bed) {
    let (given, id) = message_for("erp", None, start());
    let exchange = bed.accept(given).await;
    let claimed = bed.claim_one("erp", start()).await;
    let one = Filter { ids: Some(vec![id]), ..Filter::default() };
    assert_eq!(bed.journal.act(ActKind::Discard, &one, &operator(), later(1)).await.map(|acted| acted.changed), Ok(0));
    bed.settle(claimed.claim, later(2), Settled::Retry { at: later(1_000), class: DeadClass::Theirs }).await;
    assert_eq!(bed.journal.act(ActKind::Discard, &one, &operator(), later(3)).await.map(|acted| acted.changed), Ok(1));
    assert_eq!(bed.delivery(exchange, id).await.state, State::Discarded);
    assert!(bed.claim("erp", later(2_000), 1).await.is_empty());
}

pub(crate) async fn discarding_the_head_of_a_lane_lets_the_next_go(bed: Bed) {
    let mut given = message(start());
    given.deliveries = (0..3).map(|_| delivery("erp", Some("box/1"), start())).collect();
    let ids: Vec<_> = given.deliveries.iter().map(|delivery| delivery.id).collect();
    bed.accept(given).await;
    let first_two = Filter { ids: Some(ids[..2].to_vec()), ..Filter::default() };
    assert_eq!(
        bed.journal.act(ActKind::Discard, &first_two, &operator(), later(1)).await.map(|acted| acted.changed),
        Ok(2)
    );
    assert_eq!(bed.claim_one("erp", later(1)).await.claim.delivery, ids[2]);
}

pub(crate) async fn a_retried_letter_waits_for_the_turn_of_its_lane(bed: Bed) {
    let mut given = message(start());
    given.deliveries = (0..3).map(|_| delivery("erp", Some("box/1"), start())).collect();
    let ids: Vec<_> = given.deliveries.iter().map(|delivery| delivery.id).collect();
    bed.accept(given).await;
    let first = bed.claim_one("erp", start()).await;
    bed.settle(first.claim, later(1), dead()).await;
    let second = bed.claim_one("erp", later(1)).await;
    let letter = Filter { ids: Some(vec![ids[0]]), ..Filter::default() };
    assert_eq!(bed.journal.act(retry(1), &letter, &operator(), later(2)).await.map(|acted| acted.changed), Ok(1));
    assert!(bed.claim("erp", later(2), 10).await.is_empty());
    bed.settle(second.claim, later(3), delivered()).await;
    // It is the older of the two that wait.
    assert_eq!(bed.claim_one("erp", later(3)).await.claim.delivery, ids[0]);
}

pub(crate) async fn a_large_act_is_counted_whole(bed: Bed) {
    for _ in 0..3 {
        let mut given = message(start());
        given.deliveries = (0..250).map(|_| delivery("erp", None, start())).collect();
        bed.accept(given).await;
    }
    let erp = Filter { destination: Some("erp".to_owned()), ..Filter::default() };
    assert_eq!(bed.journal.act(retry(100), &erp, &operator(), later(10)).await.map(|acted| acted.changed), Ok(750));
    assert_eq!(bed.journal.acts(1).await.expect("it reads")[0].count, 750);
    assert_eq!(bed.claim("erp", later(10), 1_000).await.len(), 1);
    assert_eq!(bed.claim("erp", later(12), 1_000).await.len(), 200);
    assert_eq!(
        bed.journal.act(ActKind::Discard, &erp, &operator(), later(12)).await.map(|acted| acted.changed),
        Ok(549)
    );
}
