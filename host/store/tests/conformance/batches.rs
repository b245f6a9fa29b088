//! Deliveries that go together: once, in their order, and each with an end of its own.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use portgate_core::agreement::ControlNumbers;
use portgate_core::finding::Finding;
use portgate_core::interchange::Kinds;
use portgate_core::state::Acknowledged;
use portgate_store::{
    Acknowledgement, Batched, ClaimRequest, ClaimedDelivery, Companion, DeadClass, DeliveryId, ExchangeId, Filter,
    Numbering, Operator, Rendered, Resend, ResendEnd, Settled, State, Told, Work,
};

use crate::bed::{Bed, batching, delivered, document, event, later, message, message_for, request, settlement, start};

/// How long a delivery of these tests waits for others, in seconds.
const WAITS: i64 = 30;
/// How long the bed's claims hold, in seconds.
const LEASE: i64 = 60;

/// Accepts a message whose delivery to the ERP may go with others.
async fn waits(bed: &Bed, lane: Option<&str>, bytes: u64, now: Timestamp) -> (ExchangeId, DeliveryId) {
    let (mut given, id) = message_for("erp", lane, now);
    let until = now + jiff::SignedDuration::from_secs(WAITS);
    given.deliveries[0].batched = Some(Batched { until, bytes, batching: batching() });
    (bed.accept(given).await, id)
}

fn ids(claimed: &ClaimedDelivery) -> Vec<DeliveryId> {
    claimed.all().map(|claimed| claimed.claim.delivery).collect()
}

/// Two that go together, claimed.
async fn two(bed: &Bed) -> ([(ExchangeId, DeliveryId); 2], ClaimedDelivery) {
    let both = [waits(bed, None, 10, start()).await, waits(bed, None, 10, later(1)).await];
    let claimed = bed.claim_one("erp", later(WAITS)).await;
    assert_eq!(ids(&claimed), [both[0].1, both[1].1]);
    (both, claimed)
}

/// Keeps what was rendered for a batch, under the next numbers.
async fn render(bed: &Bed, claimed: &ClaimedDelivery) {
    let after = bed.journal.last_numbers("erp", "tenders").await.expect("it reads");
    let (partner, agreement) = ("erp".to_owned(), "tenders".to_owned());
    let messages = u32::try_from(ids(claimed).len()).expect("a few");
    let numbering = Numbering { partner, agreement, after, numbers: after.next(messages), kinds: Kinds::default() };
    let deliveries = claimed.all().map(|claimed| (claimed.claim, 1)).collect();
    let rendered = Rendered { deliveries, request: request("/edi"), numbering: Some(numbering) };
    assert_eq!(bed.journal.render(rendered).await, Ok(true));
}

/// Ends an attempt at a batch, and tells each of it.
async fn settle(bed: &Bed, claimed: &ClaimedDelivery, now: Timestamp, settled: Settled) {
    let told = |subject: &DeliveryId| vec![event("carrier", &subject.to_string(), now)];
    let mut settlement = settlement(claimed.claim, now, settled);
    settlement.events = told(&claimed.claim.delivery);
    let companion = |companion: &ClaimedDelivery| Companion {
        claim: companion.claim,
        told: Told { events: told(&companion.claim.delivery), deliveries: Vec::new() },
    };
    settlement.companions = claimed.companions.iter().map(companion).collect();
    bed.journal.settle(settlement).await.expect("the claim holds");
}

fn sent(acknowledge_by: Timestamp) -> Settled {
    Settled::Sent { findings: Vec::new(), acknowledge_by }
}

pub(crate) async fn what_may_go_together_waits_for_its_time_and_goes_in_its_order(bed: Bed) {
    let (_, first) = waits(&bed, None, 10, start()).await;
    let (alone, by_itself) = message_for("erp", None, later(1));
    bed.accept(alone).await;
    let (_, second) = waits(&bed, None, 10, later(2)).await;
    assert_eq!(ids(&bed.claim_one("erp", later(2)).await), [by_itself], "nothing else is due yet");
    assert!(bed.claim("erp", later(WAITS - 1), 10).await.is_empty());
    assert_eq!(bed.journal.destinations_due(later(WAITS - 1)).await, Ok(Vec::new()));
    assert_eq!(bed.journal.destinations_due(later(WAITS)).await, Ok(vec!["erp".to_owned()]));
    let claimed = bed.claim_one("erp", later(WAITS)).await;
    assert_eq!(ids(&claimed), [first, second], "the second goes with it, before its own time");
    assert_eq!((claimed.batch, claimed.companions[0].batch), (Some(first), Some(first)));
    assert!(claimed.all().all(|claimed| claimed.work == Work::Render(vec![document("milestone-1")])));
    assert!(bed.claim("erp", later(WAITS + 1), 10).await.is_empty());
    // Where nothing else waits one goes alone, under its own id.
    let (_, last) = waits(&bed, None, 10, later(10)).await;
    let claimed = bed.claim_one("erp", later(10 + WAITS)).await;
    assert_eq!((ids(&claimed), claimed.batch, claimed.sent_as()), (vec![last], None, last));
}

pub(crate) async fn as_much_as_goes_into_a_batch_goes_at_once(bed: Bed) {
    let mut waiting = Vec::new();
    for second in 0..3 {
        assert!(bed.claim("erp", later(second), 10).await.is_empty());
        waiting.push(waits(&bed, None, 10, later(second)).await.1);
    }
    let (_, fourth) = waits(&bed, None, 10, later(3)).await;
    let claimed = bed.claim("erp", later(3), 10).await;
    assert_eq!(claimed.iter().map(ids).collect::<Vec<_>>(), [waiting], "three are a batch, and the fourth waits");
    // Its bytes fill a batch as well.
    let (_, large) = waits(&bed, None, 95, later(4)).await;
    let claimed = bed.claim("erp", later(4), 10).await;
    assert_eq!(claimed.iter().map(ids).collect::<Vec<_>>(), [vec![fourth]]);
    let claimed = bed.claim("erp", later(4 + WAITS), 10).await;
    assert_eq!(claimed.iter().map(ids).collect::<Vec<_>>(), [vec![large]]);
    let (_, too_large) = waits(&bed, None, 1_000, later(5)).await;
    assert_eq!(ids(&bed.claim_one("erp", later(5)).await), [too_large], "one that is larger goes alone");
    // What has come while a batch was gathered is called with it.
    let mut given = message(later(6));
    for _ in 0..7 {
        let (mut another, _) = message_for("erp", None, later(6));
        another.deliveries[0].batched = Some(Batched { until: later(6 + WAITS), bytes: 10, batching: batching() });
        given.deliveries.append(&mut another.deliveries);
    }
    bed.accept(given).await;
    let sizes = [bed.claim("erp", later(6), 1).await, bed.claim("erp", later(6), 1).await];
    let sizes: Vec<_> = sizes.iter().flatten().map(|claimed| ids(claimed).len()).collect();
    assert_eq!(sizes, [3, 3]);
    assert!(bed.claim("erp", later(6), 10).await.is_empty(), "one is left, and waits");
}

pub(crate) async fn a_batch_stays_one_after_its_lease_has_ended(bed: Bed) {
    let (both, first) = two(&bed).await;
    waits(&bed, None, 10, later(2)).await;
    let now = later(WAITS + LEASE);
    let again = bed.claim("erp", now, 10).await;
    let again = again.into_iter().find(|claimed| claimed.batch.is_some()).expect("the batch");
    assert_eq!((ids(&again), again.batch), (ids(&first), first.batch), "what came later is not of it");
    let late = settlement(first.claim, now, delivered());
    assert!(bed.journal.settle(late).await.is_err());
    render(&bed, &again).await;
    let bed = bed.reopened().await;
    let now = later(WAITS + 2 * LEASE);
    let again = bed.claim("erp", now, 10).await;
    let again = again.iter().find(|claimed| claimed.batch.is_some()).expect("the batch");
    assert_eq!((ids(again), &again.work), (vec![both[0].1, both[1].1], &Work::Send(request("/edi"))));
    assert_eq!(again.sent_as(), both[0].1);
    let held = bed.journal.renew(&again.claims(), later(9 * LEASE)).await.expect("it works");
    assert_eq!(held, again.claims());
    bed.journal.release(&again.claims(), start()).await.expect("it works");
    assert_eq!(ids(&bed.claim_one("erp", now).await), ids(again));
}

pub(crate) async fn each_of_a_batch_has_numbers_of_its_own_and_an_end_of_its_own(bed: Bed) {
    let (both, claimed) = two(&bed).await;
    render(&bed, &claimed).await;
    settle(&bed, &claimed, later(WAITS + 1), sent(later(WAITS + 100))).await;
    for (number, (exchange, id)) in (1..).zip(both) {
        let record = bed.journal.delivery(id).await.expect("it reads").expect("it is there");
        let numbers = ControlNumbers { interchange: 1, group: 1, first_message: number, messages: 1 };
        assert_eq!(record.delivery.numbers, Some(numbers));
        assert_eq!((record.delivery.state, record.delivery.batch), (State::Sent, Some(both[0].1)));
        assert_eq!(record.request, Some(request("/edi")), "each shows what was sent");
        assert_eq!((record.delivery.exchange, record.delivery.attempts.len()), (exchange, 1));
    }
    let told: BTreeSet<String> = bed.events(None, None, 2).await.into_iter().map(|event| event.event.subject).collect();
    assert_eq!(told, both.iter().map(|(_, id)| id.to_string()).collect());
    // The partner refuses the second set.
    let findings = vec![Finding::error("5", "segment 3", "the partner says code 5")];
    let told = Told::default();
    let mut given = message(later(WAITS + 2));
    let refused = Acknowledgement { delivery: both[1].1, said: Acknowledged::Rejected, findings, told };
    given.acknowledgements.push(refused);
    bed.accept(given).await;
    let states = [bed.delivery(both[0].0, both[0].1).await.state, bed.delivery(both[1].0, both[1].1).await.state];
    assert_eq!(states, [State::Sent, State::Dead]);
    let filter = Filter { batch: Some(both[0].1), ..Filter::default() };
    let listed = bed.journal.deliveries(&filter, None, 10).await.expect("it reads");
    assert_eq!(listed.items.len(), 2);
}

pub(crate) async fn what_cannot_go_together_goes_alone(bed: Bed) {
    let (both, claimed) = two(&bed).await;
    bed.journal.part(&claimed.claims(), later(WAITS)).await.expect("it works");
    let (_, third) = waits(&bed, None, 10, later(WAITS)).await;
    let claimed = bed.claim("erp", later(WAITS), 10).await;
    assert_eq!(claimed.iter().map(ids).collect::<Vec<_>>(), [[both[0].1], [both[1].1]]);
    assert!(claimed.iter().all(|claimed| claimed.batch.is_none()));
    // What was rendered for several stays what it is.
    waits(&bed, None, 10, later(WAITS)).await;
    let together = bed.claim_one("erp", later(2 * WAITS)).await;
    assert_eq!(ids(&together)[0], third);
    render(&bed, &together).await;
    bed.journal.part(&together.claims(), later(2 * WAITS)).await.expect("it works");
    settle(&bed, &together, later(2 * WAITS), delivered()).await;
}

pub(crate) async fn a_batch_that_is_tried_again_takes_nothing_along(bed: Bed) {
    let (both, claimed) = two(&bed).await;
    render(&bed, &claimed).await;
    let retry = Settled::Retry { at: later(WAITS + 10), class: DeadClass::Theirs };
    settle(&bed, &claimed, later(WAITS + 1), retry).await;
    waits(&bed, None, 10, later(WAITS + 2)).await;
    // The partner says meanwhile that it has the first.
    let mut given = message(later(WAITS + 3));
    given.acknowledgements.push(Acknowledgement {
        delivery: both[0].1,
        said: Acknowledged::Accepted,
        findings: Vec::new(),
        told: Told::default(),
    });
    bed.accept(given).await;
    let again = bed.claim_one("erp", later(WAITS + 10)).await;
    assert_eq!((ids(&again), again.sent_as(), again.tries), (vec![both[1].1], both[0].1, 1), "under the same id");
    assert_eq!(again.work, Work::Send(request("/edi")));
    let follow_up = Settled::Pending { follow_up: request("/status"), at: later(WAITS + 20) };
    settle(&bed, &again, later(WAITS + 11), follow_up).await;
    let asks = bed.claim_one("erp", later(WAITS + 20)).await;
    assert_eq!((ids(&asks), &asks.work), (vec![both[1].1], &Work::Ask(request("/status"))));
}

pub(crate) async fn of_each_lane_the_one_goes_whose_turn_it_is(bed: Bed) {
    let (_, first) = waits(&bed, Some("container/1"), 10, start()).await;
    let (_, behind) = waits(&bed, Some("container/1"), 10, later(1)).await;
    let (_, other) = waits(&bed, Some("container/2"), 10, later(2)).await;
    let claimed = bed.claim_one("erp", later(WAITS)).await;
    assert_eq!(ids(&claimed), [first, other]);
    assert!(bed.claim("erp", later(2 * WAITS - 1), 10).await.is_empty());
    settle(&bed, &claimed, later(WAITS), delivered()).await;
    assert_eq!(ids(&bed.claim_one("erp", later(WAITS + 1)).await), [behind]);
}

pub(crate) async fn workers_that_gather_at_once_split_nothing(bed: Bed) {
    let mut all = BTreeSet::new();
    for _ in 0..60 {
        all.insert(waits(&bed, None, 10, start()).await.1);
    }
    let workers: Vec<_> = (0..6)
        .map(|number| {
            let journal = Arc::clone(&bed.journal);
            tokio::spawn(async move {
                let mut batches = Vec::new();
                loop {
                    let claimed = journal.claim(ClaimRequest {
                        destination: "erp".to_owned(),
                        worker: format!("worker-{number}"),
                        now: later(WAITS),
                        lease: Duration::from_secs(60),
                        limit: 2,
                        batching: vec![batching()],
                    });
                    let claimed = claimed.await.expect("a claim");
                    if claimed.is_empty() {
                        return batches;
                    }
                    batches.extend(claimed);
                }
            })
        })
        .collect();
    let mut batches = Vec::new();
    for worker in workers {
        batches.extend(worker.await.expect("no panic"));
    }
    batches.extend(bed.claim("erp", later(WAITS), 1_000).await);
    let together: Vec<DeliveryId> = batches.iter().flat_map(ids).collect();
    assert_eq!(together.len(), 60, "none is in two");
    assert_eq!(together.into_iter().collect::<BTreeSet<_>>(), all);
    for batch in batches {
        assert!(ids(&batch).len() <= 3);
        assert!(batch.all().all(|claimed| claimed.batch == batch.batch));
    }
}

pub(crate) async fn a_batch_is_sent_again_as_it_was(bed: Bed) {
    let (both, claimed) = two(&bed).await;
    render(&bed, &claimed).await;
    let dead = Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() };
    settle(&bed, &claimed, later(WAITS), dead.clone()).await;
    let filter = Filter { batch: Some(both[0].1), ..Filter::default() };
    let operator = Operator { name: "ana".to_owned(), reason: "they were down".to_owned() };
    let per_second = NonZeroU32::new(1_000).expect("not zero");
    let mut resend = Resend { delivered: None, new_ids: false, per_second };
    let end = bed.journal.resend(resend, &filter, &operator, later(WAITS + 1)).await;
    assert!(matches!(end, Ok(ResendEnd::Done(_))), "{end:?}");
    let claimed = bed.claim("erp", later(WAITS + 5), 10).await;
    assert_eq!(claimed.iter().map(ids).collect::<Vec<_>>(), [[both[0].1, both[1].1]], "once, and not for each");
    settle(&bed, &claimed[0], later(WAITS + 6), dead).await;
    resend.new_ids = true;
    let end = bed.journal.resend(resend, &filter, &operator, later(WAITS + 7)).await;
    let Ok(ResendEnd::Done(resent)) = end else { panic!("{end:?}") };
    let new: Vec<DeliveryId> = resent.resent.iter().map(|(_, new)| *new).collect();
    let claimed = bed.claim("erp", later(WAITS + 10), 10).await;
    assert_eq!((claimed.len(), ids(&claimed[0])), (1, new.clone()));
    assert_eq!((claimed[0].sent_as(), &claimed[0].work), (new[0], &Work::Send(request("/edi"))));
}

pub(crate) async fn what_others_of_a_batch_still_need_is_kept(bed: Bed) {
    let (both, claimed) = two(&bed).await;
    render(&bed, &claimed).await;
    settle(&bed, &claimed, later(WAITS), sent(later(2 * WAITS))).await;
    for (id, said) in [(both[0].1, Acknowledged::Accepted), (both[1].1, Acknowledged::Rejected)] {
        let mut given = message(later(10_000));
        let told = Told::default();
        given.acknowledgements.push(Acknowledgement { delivery: id, said, findings: Vec::new(), told });
        bed.accept(given).await;
    }
    assert_eq!(bed.journal.redact(later(1_000), later(10_000), 10).await, Ok(0));
    assert_eq!(bed.journal.purge(later(1_000), 10).await, Ok(0), "what was sent for both is kept with the first");
    let filter = Filter { ids: Some(vec![both[1].1]), ..Filter::default() };
    let operator = Operator { name: "ana".to_owned(), reason: "given up".to_owned() };
    let kind = portgate_store::ActKind::Discard;
    bed.journal.act(kind, &filter, &operator, later(10_001)).await.expect("it works");
    assert_eq!(bed.journal.purge(later(1_000), 10).await, Ok(2));
}
