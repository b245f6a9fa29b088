//! Claims about the life of a delivery.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use portgate_core::delivery::Verdict;
use portgate_core::finding::Finding;
use portgate_store::{
    ClaimRequest, DeadClass, Filter, JournalError, NewDelivery, Operator, Resend, ResendEnd, Settled, State, Work,
};

use crate::bed::{Bed, delivered, delivery, document, event, later, message, message_for, request, settlement, start};

pub(crate) async fn due_deliveries_are_claimed_once_and_the_oldest_first(bed: Bed) {
    let mut expected = Vec::new();
    for second in 0..5 {
        let (given, id) = message_for("erp", None, later(second));
        bed.accept(given).await;
        expected.push(id);
    }
    let (elsewhere, _) = message_for("portal", None, start());
    bed.accept(elsewhere).await;
    assert!(bed.claim("erp", later(-1), 10).await.is_empty());
    let first = bed.claim("erp", later(10), 2).await;
    let rest = bed.claim("erp", later(10), 10).await;
    let claimed: Vec<_> = first.iter().chain(&rest).map(|claimed| claimed.claim.delivery).collect();
    assert_eq!(claimed, expected);
    assert!(bed.claim("erp", later(10), 10).await.is_empty());
    let one = &first[0];
    assert_eq!((&*one.partner, &*one.destination, &*one.contract, &*one.version), ("carrier", "erp", "tracking", "2"));
    assert_eq!((one.attempt, one.tries, one.follow_ups), (1, 0, 0));
    assert_eq!(one.work, Work::Render(vec![document("milestone-1")]));
    assert_eq!(one.created_at, start());
    assert!(one.trace.is_some());
}

pub(crate) async fn what_is_known_already_is_sent_without_rendering(bed: Bed) {
    let mut given = message(start());
    let mut known = delivery("erp/webhook", None, start());
    known.documents = Vec::new();
    known.request = Some(request("/"));
    given.deliveries.push(known);
    bed.accept(given).await;
    let claimed = bed.claim("erp/webhook", later(1), 10).await;
    assert_eq!(claimed.iter().map(|claimed| claimed.work.clone()).collect::<Vec<_>>(), [Work::Send(request("/"))]);
}

pub(crate) async fn what_follows_of_a_settlement_belongs_to_the_same_exchange(bed: Bed) {
    let (given, _) = message_for("erp", None, start());
    let exchange = given.exchange.id;
    bed.accept(given).await;
    let claim = bed.claim("erp", later(1), 1).await.remove(0).claim;
    let mut told = delivery("carrier/webhook", None, later(2));
    told.request = Some(request("/"));
    let id = told.id;
    let mut settlement = settlement(claim, later(2), delivered());
    settlement.deliveries.push(told);
    bed.journal.settle(settlement.clone()).await.expect("a settlement");
    assert_eq!(bed.journal.settle(settlement).await, Err(JournalError::LeaseLost), "and it follows once");
    let claimed = bed.claim("carrier/webhook", later(3), 10).await;
    let claimed: Vec<_> = claimed.iter().map(|claimed| (claimed.claim.delivery, claimed.exchange)).collect();
    assert_eq!(claimed, [(id, exchange)]);
}

pub(crate) async fn workers_that_claim_at_once_share_nothing(bed: Bed) {
    for _ in 0..4 {
        let mut given = message(start());
        given.deliveries = (0..50).map(|_| delivery("erp", None, start())).collect();
        bed.accept(given).await;
    }
    let workers: Vec<_> = (0..8)
        .map(|number| {
            let journal = Arc::clone(&bed.journal);
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                loop {
                    let request = ClaimRequest {
                        destination: "erp".to_owned(),
                        worker: format!("worker-{number}"),
                        now: later(1),
                        lease: Duration::from_secs(60),
                        limit: 7,
                        batching: Vec::new(),
                    };
                    let more = journal.claim(request).await.expect("a claim");
                    if more.is_empty() {
                        return claimed;
                    }
                    claimed.extend(more.into_iter().map(|claimed| claimed.claim.delivery));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.expect("no panic"));
    }
    // A worker that finds all free ones just being claimed stops early; what is left is there for the next.
    all.extend(bed.claim("erp", later(1), 1_000).await.into_iter().map(|claimed| claimed.claim.delivery));
    assert_eq!(all.len(), 200);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 200);
}

pub(crate) async fn an_ended_lease_is_taken_over_and_the_late_settlement_changes_nothing(bed: Bed) {
    let (given, id) = message_for("erp", None, start());
    let exchange = bed.accept(given).await;
    let first = bed.claim_one("erp", start()).await;
    assert!(bed.claim("erp", later(59), 1).await.is_empty());
    let second = bed.claim_one("erp", later(60)).await;
    assert_eq!((second.claim.delivery, second.attempt), (id, 1));

    let mut late = settlement(first.claim, later(61), delivered());
    late.yielded = Some(Box::new(message(later(61))));
    late.events = vec![event("carrier", "late", later(61))];
    let yielded = late.yielded.as_ref().map(|yielded| yielded.exchange.id).expect("just set");
    assert_eq!(bed.journal.settle(late).await, Err(JournalError::LeaseLost));
    assert_eq!(bed.render(first.claim, request("/late"), None).await, Err(JournalError::LeaseLost));
    assert_eq!(bed.journal.renew(&[first.claim], later(999)).await, Ok(vec![]));
    assert_eq!(bed.journal.exchange(yielded).await, Ok(None));
    assert_eq!(bed.journal.events(None, None, 10).await, Ok(vec![]));
    let now = bed.delivery(exchange, id).await;
    assert_eq!((now.state, now.attempts.len()), (State::Pending, 0));

    bed.settle(second.claim, later(62), delivered()).await;
    assert_eq!(bed.delivery(exchange, id).await.state, State::Delivered);
    let twice = settlement(second.claim, later(63), delivered());
    assert_eq!(bed.journal.settle(twice).await, Err(JournalError::LeaseLost));
}

pub(crate) async fn a_renewed_lease_is_not_taken_over(bed: Bed) {
    let (given, _) = message_for("erp", None, start());
    bed.accept(given).await;
    let first = bed.claim_one("erp", start()).await;
    assert_eq!(bed.journal.renew(&[first.claim], later(200)).await, Ok(vec![first.claim]));
    assert!(bed.claim("erp", later(199), 1).await.is_empty());
    bed.settle(first.claim, later(199), delivered()).await;
    assert!(bed.claim("erp", later(1_000), 1).await.is_empty());
}

pub(crate) async fn released_claims_are_due_again(bed: Bed) {
    let (given, id) = message_for("erp", None, start());
    bed.accept(given).await;
    let first = bed.claim_one("erp", start()).await;
    bed.journal.release(&[first.claim], start()).await.expect("it works");
    let second = bed.claim_one("erp", start()).await;
    assert_eq!(second.claim.delivery, id);
    bed.journal.release(&[first.claim], start()).await.expect("a lost claim is left alone");
    bed.settle(second.claim, later(1), delivered()).await;
}

pub(crate) async fn a_retry_sends_the_same_bytes(bed: Bed) {
    let (given, id) = message_for("erp", None, start());
    let exchange = bed.accept(given).await;
    let first = bed.claim_one("erp", start()).await;
    bed.render(first.claim, request("/first"), None).await.expect("the claim holds");
    bed.render(first.claim, request("/second"), None).await.expect("the claim holds");
    bed.settle(first.claim, later(1), Settled::Retry { at: later(30), class: DeadClass::Theirs }).await;
    assert!(bed.claim("erp", later(29), 1).await.is_empty());
    let second = bed.claim_one("erp", later(30)).await;
    assert_eq!(second.work, Work::Send(request("/first")));
    assert_eq!((second.claim.delivery, second.attempt, second.tries), (id, 2, 1));
    bed.settle(second.claim, later(31), delivered()).await;
    let attempts = bed.delivery(exchange, id).await.attempts;
    assert_eq!(attempts.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2]);
}

pub(crate) async fn a_pending_delivery_is_asked_about(bed: Bed) {
    let (given, id) = message_for("erp", None, start());
    let exchange = bed.accept(given).await;
    let first = bed.claim_one("erp", start()).await;
    bed.render(first.claim, request("/send"), None).await.expect("the claim holds");
    let ask = |path| Settled::Pending { follow_up: request(path), at: later(10) };
    bed.settle(first.claim, later(1), ask("/ask/1")).await;
    assert_eq!(bed.delivery(exchange, id).await.state, State::Awaiting);
    let second = bed.claim_one("erp", later(10)).await;
    assert_eq!(second.work, Work::Ask(request("/ask/1")));
    assert_eq!((second.attempt, second.tries, second.follow_ups), (2, 0, 1));
    bed.settle(second.claim, later(11), Settled::Retry { at: later(12), class: DeadClass::Theirs }).await;
    let third = bed.claim_one("erp", later(12)).await;
    assert_eq!((&third.work, third.tries, third.follow_ups), (&Work::Ask(request("/ask/1")), 1, 1));
    bed.settle(third.claim, later(13), ask("/ask/2")).await;
    let fourth = bed.claim_one("erp", later(14)).await;
    assert_eq!((&fourth.work, fourth.tries, fourth.follow_ups), (&Work::Ask(request("/ask/2")), 0, 2));
    bed.settle(fourth.claim, later(15), delivered()).await;
    let ended = bed.delivery(exchange, id).await;
    assert_eq!((ended.state, ended.settled_at, ended.attempts.len()), (State::Delivered, Some(later(15)), 4));
}

pub(crate) async fn a_dead_letter_keeps_its_class_findings_and_attempts(bed: Bed) {
    let (given, id) = message_for("erp", None, start());
    let exchange = bed.accept(given).await;
    let claimed = bed.claim_one("erp", start()).await;
    let findings = vec![Finding::error("E1", "/total", "does not add up")];
    let dead = Settled::Dead { class: DeadClass::Theirs, findings: findings.clone() };
    let mut settlement = settlement(claimed.claim, later(2), dead);
    settlement.status = Some(422);
    settlement.verdict = Some(Verdict::Rejected);
    bed.journal.settle(settlement).await.expect("the claim holds");
    let dead = bed.delivery(exchange, id).await;
    assert_eq!((dead.state, dead.class, dead.findings), (State::Dead, Some(DeadClass::Theirs), findings));
    let attempt = &dead.attempts[0];
    assert_eq!((attempt.status, attempt.verdict.as_deref()), (Some(422), Some("rejected")));
    assert_eq!((attempt.ended_at, &*attempt.detail), (later(2), "as the test says"));
    assert!(bed.claim("erp", later(1_000_000), 1).await.is_empty());
}

pub(crate) async fn an_answer_yields_an_exchange_of_its_own(bed: Bed) {
    let (given, id) = message_for("erp", None, start());
    bed.accept(given).await;
    let claimed = bed.claim_one("erp", start()).await;
    let (yielded, onward) = message_for("portal", None, later(1));
    let answer = yielded.exchange.id;
    let mut settlement = settlement(claimed.claim, later(1), delivered());
    settlement.yielded = Some(Box::new(yielded));
    settlement.events = vec![event("carrier", "delivered", later(1))];
    bed.journal.settle(settlement).await.expect("the claim holds");
    let record = bed.journal.exchange(answer).await.expect("it reads").expect("it is there");
    assert_eq!(record.exchange.origin, Some(id));
    assert_eq!(bed.claim_one("portal", later(1)).await.claim.delivery, onward);
    assert_eq!(bed.events(None, None, 1).await.len(), 1);
}

pub(crate) async fn destinations_are_due_when_something_can_be_claimed(bed: Bed) {
    assert_eq!(bed.journal.destinations_due(start()).await, Ok(vec![]));
    for destination in ["portal", "erp", "broker", "erp"] {
        let (given, _) = message_for(destination, Some("lane"), start());
        bed.accept(given).await;
    }
    let all = ["broker", "erp", "portal"].map(str::to_owned).to_vec();
    assert_eq!(bed.journal.destinations_due(start()).await, Ok(all));
    let erp = bed.claim_one("erp", start()).await;
    let broker = bed.claim_one("broker", start()).await;
    bed.settle(broker.claim, later(1), Settled::Retry { at: later(100), class: DeadClass::Theirs }).await;
    assert_eq!(bed.journal.destinations_due(later(1)).await, Ok(vec!["portal".to_owned()]));
    // The lease of the one and the wait of the other have ended.
    assert_eq!(bed.journal.destinations_due(later(100)).await.expect("it reads").len(), 3);
    bed.settle(erp.claim, later(2), delivered()).await;
    let next = ["erp", "portal"].map(str::to_owned).to_vec();
    assert_eq!(bed.journal.destinations_due(later(2)).await, Ok(next));
}

pub(crate) async fn a_delivery_says_which_parts_it_came_of_whatever_becomes_of_it(bed: Bed) {
    let parts = vec!["0001".to_owned(), "segment 7 ST".to_owned()];
    let mut given = message(start());
    given.deliveries = vec![NewDelivery { parts: parts.clone(), ..delivery("erp", None, start()) }];
    let (exchange, id) = (given.exchange.id, given.deliveries[0].id);
    bed.accept(given).await;
    let bed = bed.reopened().await;
    let claimed = bed.claim_one("erp", start()).await;
    assert_eq!(claimed.parts, parts);
    bed.render(claimed.claim, request("/"), None).await.expect("the claim holds");
    bed.settle(claimed.claim, start(), Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() }).await;
    let one_a_second = NonZeroU32::new(1).expect("one");
    let again = Resend { per_second: one_a_second, delivered: None, new_ids: true };
    let operator = Operator { name: "ada".to_owned(), reason: "it was lost".to_owned() };
    let end = bed.journal.resend(again, &Filter::default(), &operator, later(1)).await.expect("it works");
    let ResendEnd::Done(resent) = end else { panic!("{end:?}") };
    for id in [id, resent.resent[0].1] {
        assert_eq!(bed.delivery(exchange, id).await.parts, parts);
        assert_eq!(bed.journal.delivery(id).await.expect("it reads").expect("it is there").delivery.parts, parts);
    }
    let listed = bed.journal.deliveries(&Filter::default(), None, 10).await.expect("it reads");
    assert!(listed.items.len() == 2 && listed.items.iter().all(|one| one.parts == parts), "{listed:?}");
}
