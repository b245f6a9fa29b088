//! Control numbers are used once, rising by one; what was sent under them is acknowledged once.

use jiff::Timestamp;
use portgate_core::agreement::{ControlNumbers, LastNumbers};
use portgate_core::finding::Finding;
use portgate_core::interchange::Kinds;
use portgate_core::state::Acknowledged;
use portgate_store::{
    ACKNOWLEDGEMENTS, Accepted, Acknowledgement, Answer, AnsweredRefusal, DeadClass, DeliveryId, ExchangeId, Filter,
    Idempotency, Journal, KeptRefusal, NamedBy, NewDelivery, NewRefusal, Numbering, Overdue, Received, RefusalEnd,
    RequestKey, Settled, State, Told, Work,
};

use crate::bed::{Bed, delivered, event, later, message, message_for, request, start};

async fn next(journal: &dyn Journal, messages: u32) -> Numbering {
    let after = journal.last_numbers("erp", "tenders").await.expect("it reads");
    let kinds = Kinds { functional_id: "SM".to_owned(), message_type: "204".to_owned(), made: "2603011200".to_owned() };
    let (partner, agreement) = ("erp".to_owned(), "tenders".to_owned());
    Numbering { partner, agreement, after, numbers: after.next(messages), kinds }
}

fn interchanges(numbers: ControlNumbers) -> (u64, u64, u64) {
    (numbers.interchange, numbers.group, numbers.first_message)
}

/// A delivery to the ERP that was sent under the next numbers, and its exchange.
async fn sent(bed: &Bed, lane: Option<&str>, now: Timestamp) -> (ExchangeId, DeliveryId, ControlNumbers) {
    let (given, id) = message_for("erp", lane, now);
    let exchange = bed.accept(given).await;
    let claimed = bed.claim_one("erp", now).await;
    assert_eq!(claimed.claim.delivery, id);
    let numbering = next(&*bed.journal, 1).await;
    let numbers = numbering.numbers;
    assert_eq!(bed.render(claimed.claim, request("/edi"), Some(numbering)).await, Ok(true));
    let acknowledge_by = now + jiff::SignedDuration::from_secs(60);
    bed.settle(claimed.claim, now, Settled::Sent { findings: Vec::new(), acknowledge_by }).await;
    (exchange, id, numbers)
}

fn said(delivery: DeliveryId, said: Acknowledged, now: Timestamp) -> Acknowledgement {
    let findings = match said {
        Acknowledged::Accepted => Vec::new(),
        _ => vec![Finding::error("7", "segment 3 B2-06", "the partner says code 7")],
    };
    let told = Told { events: vec![event("carrier", said.as_str(), now)], deliveries: Vec::new() };
    Acknowledgement { delivery, said, findings, told }
}

async fn acknowledge(bed: &Bed, acknowledgement: Acknowledgement, now: Timestamp) -> Accepted {
    let mut given = message(now);
    given.acknowledgements.push(acknowledgement);
    bed.journal.accept(given).await.expect("it works")
}

pub(crate) async fn numbers_are_taken_with_what_is_rendered_under_them_and_never_again(bed: Bed) {
    let (first, ..) = sent(&bed, None, start()).await;
    let (given, _) = message_for("erp", None, later(1));
    bed.accept(given).await;
    let claimed = bed.claim_one("erp", later(1)).await;
    // Worked out before somebody else took them.
    let mut stale = next(&*bed.journal, 1).await;
    stale.after = LastNumbers::default();
    stale.numbers = stale.after.next(1);
    assert_eq!(bed.render(claimed.claim, request("/stale"), Some(stale)).await, Ok(false));
    let numbering = next(&*bed.journal, 3).await;
    assert_eq!(interchanges(numbering.numbers), (2, 2, 2));
    assert_eq!(bed.render(claimed.claim, request("/second"), Some(numbering)).await, Ok(true));
    let another = next(&*bed.journal, 1).await;
    assert_eq!(interchanges(another.numbers), (3, 3, 5));
    assert_eq!(
        bed.render(claimed.claim, request("/third"), Some(another.clone())).await,
        Ok(false),
        "it is rendered already"
    );
    assert_eq!(next(&*bed.journal, 1).await, another, "and so the numbers are free");
    bed.settle(claimed.claim, later(2), Settled::Retry { at: later(3), class: DeadClass::Theirs }).await;
    assert_eq!(bed.claim_one("erp", later(3)).await.work, Work::Send(request("/second")));
    let bed = bed.reopened().await;
    assert_eq!(next(&*bed.journal, 1).await, another);
    let record = bed.journal.exchange(first).await.expect("it reads").expect("it is there");
    assert_eq!(record.deliveries[0].state, State::Sent);
}

pub(crate) async fn of_many_that_want_the_same_numbers_one_has_them(bed: Bed) {
    let gateways = bed.gateways().await;
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..16 {
        let journal = gateways[worker % gateways.len()].clone();
        tasks.spawn(async move {
            let mut mine = Vec::new();
            while mine.len() < 5 {
                let numbering = next(&*journal, 1).await;
                let number = numbering.numbers.interchange;
                let mut reply = message(start());
                reply.numbering = Some(numbering);
                if journal.accept(reply).await == Ok(Accepted::Committed) {
                    mine.push(number);
                }
            }
            mine
        });
    }
    let mut taken: Vec<u64> = tasks.join_all().await.concat();
    taken.sort_unstable();
    assert_eq!(taken, (1..=80).collect::<Vec<_>>());
}

pub(crate) async fn what_is_sent_waits_for_its_acknowledgement_and_blocks_nobody(bed: Bed) {
    let (exchange, id, numbers) = sent(&bed, Some("lane"), start()).await;
    let waiting = bed.delivery(exchange, id).await;
    assert_eq!((waiting.state, waiting.acknowledge_by), (State::Sent, Some(later(60))));
    let (_, next, _) = sent(&bed, Some("lane"), later(1)).await;
    let of = |state| Filter { state: Some(state), ..Filter::default() };
    let listed = bed.journal.deliveries(&of(State::Sent), None, 10).await.expect("it reads");
    assert_eq!(listed.items.iter().map(|delivery| delivery.id).collect::<Vec<_>>(), [next, id]);
    assert!(bed.journal.deliveries(&of(State::Delivered), None, 10).await.expect("it reads").items.is_empty());
    assert_eq!(bed.journal.redact(later(1_000_000), later(1_000_000), 10).await, Ok(0), "it is not at its end");

    assert_eq!(acknowledge(&bed, said(id, Acknowledged::Accepted, later(2)), later(2)).await, Accepted::Committed);
    let done = bed.delivery(exchange, id).await;
    assert_eq!((done.state, done.acknowledged), (State::Delivered, Some(Acknowledged::Accepted)));
    let record = bed.journal.delivery(id).await.expect("it reads").expect("it is there");
    assert_eq!(record.delivery.numbers, Some(numbers));
    assert_eq!(bed.events(None, None, 1).await.len(), 1);
    let statistics = bed.journal.statistics().await.expect("it reads");
    assert_eq!(statistics.iter().map(|waiting| (waiting.sent, waiting.overdue)).collect::<Vec<_>>(), [(1, 0)]);
}

pub(crate) async fn what_a_partner_says_counts_once(bed: Bed) {
    let (exchange, id, numbers) = sent(&bed, None, start()).await;
    let rejected = said(id, Acknowledged::Rejected, later(1));
    assert_eq!(acknowledge(&bed, rejected.clone(), later(1)).await, Accepted::Committed);
    let dead = bed.delivery(exchange, id).await;
    assert_eq!((dead.state, dead.class), (State::Dead, Some(DeadClass::Theirs)));
    assert_eq!(dead.findings, rejected.findings);
    for other in [Acknowledged::Rejected, Acknowledged::Accepted] {
        let again = said(id, other, later(2));
        assert_eq!(acknowledge(&bed, again, later(2)).await, Accepted::Overtaken, "{other}: it was worked out before");
    }
    assert_eq!(bed.delivery(exchange, id).await, dead);
    assert_eq!(bed.events(None, None, 1).await.len(), 1, "nothing else was told");
    let found = bed.journal.sent_under("erp", vec![NamedBy::Group(numbers.group)]).await.expect("it reads");
    assert_eq!((found[0].delivery, found[0].acknowledged), (id, Some(Acknowledged::Rejected)));
}

pub(crate) async fn what_was_sent_is_found_by_its_partner_and_numbers_alone(bed: Bed) {
    let (exchange, id, numbers) = sent(&bed, None, start()).await;
    sent(&bed, None, later(1)).await;
    let ControlNumbers { interchange, group, first_message, .. } = numbers;
    for named in [NamedBy::Interchange(interchange), NamedBy::Group(group), NamedBy::Message(first_message)] {
        let found = bed.journal.sent_under("erp", vec![named]).await.expect("it reads");
        assert_eq!(found.iter().map(|sent| (sent.delivery, sent.exchange)).collect::<Vec<_>>(), [(id, exchange)]);
        assert_eq!((&*found[0].kinds.functional_id, &*found[0].kinds.message_type), ("SM", "204"));
        assert!(bed.journal.sent_under("portal", vec![named]).await.expect("it reads").is_empty());
    }
    let none = [NamedBy::Interchange(99), NamedBy::Group(0), NamedBy::Message(99)];
    assert!(bed.journal.sent_under("erp", none.to_vec()).await.expect("it reads").is_empty());
}

pub(crate) async fn an_acknowledgement_that_comes_before_the_end_of_the_attempt_decides(bed: Bed) {
    for (verdict, state) in [(Acknowledged::Accepted, State::Delivered), (Acknowledged::Rejected, State::Dead)] {
        let (given, id) = message_for("erp", Some("lane"), start());
        let exchange = bed.accept(given).await;
        let claimed = bed.claim_one("erp", start()).await;
        let numbering = next(&*bed.journal, 1).await;
        assert_eq!(bed.render(claimed.claim, request("/edi"), Some(numbering)).await, Ok(true));
        assert_eq!(acknowledge(&bed, said(id, verdict, later(1)), later(1)).await, Accepted::Committed);
        assert_eq!(bed.delivery(exchange, id).await.state, State::Pending, "somebody is at work on it");
        // The answer to the attempt was lost.
        bed.settle(claimed.claim, later(2), Settled::Retry { at: later(3), class: DeadClass::Theirs }).await;
        let ended = bed.delivery(exchange, id).await;
        assert_eq!((ended.state, ended.acknowledged), (state, Some(verdict)));
        assert!(bed.claim("erp", later(100), 10).await.is_empty(), "it is not sent again");
    }
}

pub(crate) async fn what_waits_to_be_tried_again_is_done_when_its_partner_says_that_it_has_it(bed: Bed) {
    let (given, id) = message_for("erp", Some("lane"), start());
    let exchange = bed.accept(given).await;
    let (behind, other) = message_for("erp", Some("lane"), start());
    bed.accept(behind).await;
    let claimed = bed.claim_one("erp", start()).await;
    let numbering = next(&*bed.journal, 1).await;
    assert_eq!(bed.render(claimed.claim, request("/edi"), Some(numbering)).await, Ok(true));
    bed.settle(claimed.claim, later(1), Settled::Retry { at: later(600), class: DeadClass::Theirs }).await;
    assert_eq!(acknowledge(&bed, said(id, Acknowledged::Accepted, later(2)), later(2)).await, Accepted::Committed);
    assert_eq!(bed.delivery(exchange, id).await.state, State::Delivered);
    assert_eq!(bed.claim_one("erp", later(3)).await.claim.delivery, other, "the lane goes on");
}

pub(crate) async fn an_acknowledgement_that_is_late_is_noticed_once_and_still_counts(bed: Bed) {
    let (exchange, id, _) = sent(&bed, None, start()).await;
    assert!(bed.journal.unacknowledged(later(59), 10).await.expect("it reads").is_empty());
    for journal in bed.gateways().await {
        // What another gateway has kept is not told twice.
        let late = bed.journal.unacknowledged(later(60), 10).await.expect("it reads");
        let overdue = || Overdue {
            delivery: id,
            told: Told { events: vec![event("carrier", "overdue", later(60))], deliveries: Vec::new() },
        };
        let kept = journal.keep_overdue(vec![overdue()], later(60)).await.expect("it works");
        assert_eq!(kept, late.len() as u64);
    }
    assert_eq!(bed.delivery(exchange, id).await.state, State::Overdue);
    assert_eq!(bed.events(None, None, 1).await.len(), 1);
    let of = Filter { state: Some(State::Overdue), ..Filter::default() };
    assert_eq!(bed.journal.deliveries(&of, None, 10).await.expect("it reads").items.len(), 1);
    let late = said(id, Acknowledged::AcceptedWithErrors, later(99));
    assert_eq!(acknowledge(&bed, late, later(99)).await, Accepted::Committed);
    let done = bed.delivery(exchange, id).await;
    assert_eq!((done.state, done.findings.len()), (State::Delivered, 1));
}

pub(crate) async fn an_answer_that_acknowledges_its_own_delivery_settles_it(bed: Bed) {
    let (given, id) = message_for("erp", None, start());
    let exchange = bed.accept(given).await;
    let claimed = bed.claim_one("erp", start()).await;
    let numbering = next(&*bed.journal, 1).await;
    assert_eq!(bed.render(claimed.claim, request("/edi"), Some(numbering)).await, Ok(true));
    let sent = Settled::Sent { findings: Vec::new(), acknowledge_by: later(60) };
    let mut settlement = crate::bed::settlement(claimed.claim, later(1), sent);
    let mut yielded = message(later(1));
    yielded.acknowledgements.push(said(id, Acknowledged::Accepted, later(1)));
    let came_in = yielded.exchange.id;
    settlement.yielded = Some(Box::new(yielded));
    bed.journal.settle(settlement).await.expect("the claim holds");
    let done = bed.delivery(exchange, id).await;
    assert_eq!((done.state, done.acknowledged_in), (State::Delivered, Some(came_in)));
}

pub(crate) async fn an_acceptance_whose_reply_has_stale_numbers_keeps_nothing(bed: Bed) {
    let stale = next(&*bed.journal, 1).await;
    let numbered = |numbering: Numbering, now| {
        let mut given = message(now);
        given.numbering = Some(numbering);
        given.received = Some(Received { agreement: "tenders".to_owned(), interchange: 41 });
        given
    };
    assert_eq!(bed.journal.accept(numbered(stale.clone(), start())).await, Ok(Accepted::Committed));
    assert_eq!(bed.journal.last_received("carrier", "tenders").await, Ok(Some(41)));
    let late = numbered(stale, later(1));
    let id = late.exchange.id;
    assert_eq!(bed.journal.accept(late).await, Ok(Accepted::Overtaken));
    assert_eq!(bed.journal.exchange(id).await, Ok(None));
    assert_eq!(next(&*bed.journal, 1).await.numbers.interchange, 2);
}

pub(crate) async fn a_refusal_is_told_under_its_own_numbers_and_the_same_bytes_are_told_the_same(bed: Bed) {
    let refused = |numbering: Numbering, now: Timestamp| {
        let exchange = message(now).exchange;
        let reply = NewDelivery {
            id: DeliveryId::new(now),
            destination: "carrier".to_owned(),
            contract: "events".to_owned(),
            version: "1".to_owned(),
            documents: Vec::new(),
            parts: Vec::new(),
            lane: Some(ACKNOWLEDGEMENTS.to_owned()),
            request: Some(request("/acknowledgements")),
            batched: None,
        };
        let answer = Answer { status: 422, headers: Vec::new(), body: format!("{:?}", numbering.numbers).into() };
        AnsweredRefusal {
            refusal: NewRefusal {
                exchange,
                has_payload: true,
                known_by: Vec::new(),
                status: 422,
                problem: "payload-rejected".to_owned(),
                detail: "see the findings".to_owned(),
                now,
            },
            numbering,
            deliveries: vec![reply],
            idempotency: Idempotency {
                keys: vec![RequestKey::RefusedInterchange { fingerprint: [1; 32] }],
                fingerprint: [1; 32],
                answer,
                expires_at: later(1_000_000),
            },
        }
    };
    let first = refused(next(&*bed.journal, 1).await, start());
    let (id, answer) = (first.refusal.exchange.id, first.idempotency.answer.clone());
    let stale = refused(first.numbering.clone(), later(1));
    let stale = AnsweredRefusal {
        idempotency: Idempotency {
            keys: vec![RequestKey::RefusedInterchange { fingerprint: [2; 32] }],
            fingerprint: [2; 32],
            ..stale.idempotency.clone()
        },
        ..stale
    };
    let kept = bed.journal.keep_answered(first, 1 << 20).await;
    assert_eq!(kept, Ok(RefusalEnd::Kept(KeptRefusal::Whole)));
    let again = refused(next(&*bed.journal, 1).await, later(1));
    let known = portgate_store::KeptAnswer::Replayed(answer);
    assert_eq!(bed.journal.keep_answered(again, 1 << 20).await, Ok(RefusalEnd::Known(known)));
    assert_eq!(bed.journal.keep_answered(stale, 1 << 20).await, Ok(RefusalEnd::Overtaken));
    assert_eq!(next(&*bed.journal, 1).await.numbers.interchange, 2);

    // Under way it is not sent a second time; once the partner has it, it is, the same bytes.
    assert_eq!(bed.journal.acknowledge_again(id, later(2)).await, Ok(true));
    let reply = bed.claim_one("carrier", later(2)).await;
    bed.settle(reply.claim, later(2), delivered()).await;
    assert!(bed.claim("carrier", later(2), 1).await.is_empty());
    assert_eq!(bed.journal.acknowledge_again(id, later(3)).await, Ok(true));
    let again = bed.claim_one("carrier", later(3)).await;
    assert_eq!((again.work, again.exchange), (reply.work, id));
    assert_ne!(again.claim.delivery, reply.claim.delivery);
}

pub(crate) async fn what_is_sent_again_is_acknowledged_under_the_same_numbers(bed: Bed) {
    let (exchange, id, numbers) = sent(&bed, None, start()).await;
    let rejected = said(id, Acknowledged::Rejected, later(1));
    assert_eq!(acknowledge(&bed, rejected, later(1)).await, Accepted::Committed);
    let operator = portgate_store::Operator { name: "on-call".to_owned(), reason: "they have mended it".to_owned() };
    let filter = Filter { ids: Some(vec![id]), ..Filter::default() };
    let resend = portgate_store::Resend { new_ids: true, delivered: None, per_second: std::num::NonZeroU32::MIN };
    let end = bed.journal.resend(resend, &filter, &operator, later(2)).await.expect("it works");
    let portgate_store::ResendEnd::Done(resent) = end else { panic!("{end:?}") };
    let new = resent.resent[0].1;
    let claimed = bed.claim_one("erp", later(3)).await;
    bed.settle(claimed.claim, later(3), Settled::Sent { findings: Vec::new(), acknowledge_by: later(60) }).await;
    assert_eq!(bed.delivery(exchange, new).await.state, State::Sent);
    let found = bed.journal.sent_under("erp", vec![NamedBy::Interchange(numbers.interchange)]).await.expect("it reads");
    assert_eq!(found.iter().map(|sent| sent.delivery).collect::<Vec<_>>(), [new, id]);
}
