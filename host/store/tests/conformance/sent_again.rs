//! Claims about deliveries that are sent again, and exchanges that are mapped again.

use std::num::NonZeroU32;

use portgate_core::document::{Part, PartVerdict};
use portgate_store::{
    Confirmed, DeadClass, DeliveryId, ExchangeId, Filter, LeftOut, Operator, PluginBuild, Rerun, RerunEnd, Resend,
    ResendEnd, Resent, Settled, State, Told, Work,
};

use crate::bed::{Bed, delivered, delivery, document, later, message, message_for, request, start};

fn operator() -> Operator {
    Operator { name: "ada".to_owned(), reason: "it was lost".to_owned() }
}

/// So many delivered ones are confirmed, of which the last was delivered at the start.
fn resend(delivered: Option<u64>, new_ids: bool) -> Resend {
    let confirmed = |count| Confirmed { count, last_settled_at: Some(start()) };
    Resend { per_second: NonZeroU32::new(1).expect("one"), delivered: delivered.map(confirmed), new_ids }
}

fn only(ids: &[DeliveryId]) -> Filter {
    Filter { ids: Some(ids.to_vec()), ..Filter::default() }
}

async fn again(bed: &Bed, resend: Resend, filter: &Filter, second: i64) -> ResendEnd {
    bed.journal.resend(resend, filter, &operator(), later(second)).await.expect("it works")
}

/// A delivery that was rendered, sent and settled so.
async fn sent(bed: &Bed, destination: &str, settled: Settled) -> (ExchangeId, DeliveryId) {
    let (given, id) = message_for(destination, None, start());
    let exchange = bed.accept(given).await;
    let claimed = bed.claim_one(destination, start()).await;
    bed.render(claimed.claim, request("/kept"), None).await.expect("the claim holds");
    bed.settle(claimed.claim, start(), settled).await;
    (exchange, id)
}

fn dead() -> Settled {
    Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() }
}

fn done(resent: &[(DeliveryId, DeliveryId)], left_out: &[(DeliveryId, LeftOut)]) -> ResendEnd {
    ResendEnd::Done(Resent { resent: resent.to_vec(), left_out: left_out.to_vec() })
}

pub(crate) async fn dead_and_discarded_ones_are_sent_again_under_their_ids_at_a_rate_and_delivered_ones_are_not(
    bed: Bed,
) {
    let (_, one) = sent(&bed, "erp", dead()).await;
    let (_, two) = sent(&bed, "erp", dead()).await;
    let (exchange, three) = sent(&bed, "erp", delivered()).await;
    let acted = bed
        .journal
        .act(portgate_store::ActKind::Discard, &only(&[two]), &operator(), later(1))
        .await
        .map(|acted| acted.changed);
    assert_eq!(acted, Ok(1));
    let end = again(&bed, resend(None, false), &Filter::default(), 10).await;
    assert_eq!(end, done(&[(one, one), (two, two)], &[]));
    assert_eq!(bed.claim("erp", later(10), 10).await.len(), 1, "one a second");
    let claimed = bed.claim_one("erp", later(11)).await;
    assert_eq!((claimed.claim.delivery, claimed.work), (two, Work::Send(request("/kept"))));
    assert_eq!(bed.delivery(exchange, three).await.state, State::Delivered);
    let bed = bed.reopened().await;
    assert_eq!(bed.journal.acts(1).await.expect("it reads")[0].count, 2);
}

pub(crate) async fn what_is_delivered_is_sent_again_only_where_its_number_is_confirmed(bed: Bed) {
    let (exchange, id) = sent(&bed, "erp", delivered()).await;
    for wrong in [0, 2] {
        let end = again(&bed, resend(Some(wrong), false), &only(&[id]), 1).await;
        assert_eq!(end, ResendEnd::Unconfirmed(Confirmed { count: 1, last_settled_at: Some(start()) }));
    }
    assert_eq!(bed.delivery(exchange, id).await.state, State::Delivered);
    assert_eq!(again(&bed, resend(Some(1), false), &only(&[id]), 2).await, done(&[(id, id)], &[]));
    let claimed = bed.claim_one("erp", later(2)).await;
    assert_eq!((claimed.claim.delivery, claimed.attempt, claimed.tries), (id, 2, 0));
    assert_eq!(claimed.work, Work::Send(request("/kept")));
    bed.settle(claimed.claim, later(3), delivered()).await;
    assert_eq!(bed.delivery(exchange, id).await.attempts.len(), 2);
    // What was confirmed before is not what is delivered now.
    let end = again(&bed, resend(Some(1), false), &only(&[id]), 4).await;
    assert_eq!(end, ResendEnd::Unconfirmed(Confirmed { count: 1, last_settled_at: Some(later(3)) }));
}

pub(crate) async fn under_a_new_id_the_same_bytes_go_out_as_another_delivery_one_at_a_time(bed: Bed) {
    let (exchange, old) = sent(&bed, "erp", delivered()).await;
    let ResendEnd::Done(Resent { resent, left_out }) = again(&bed, resend(Some(1), true), &only(&[old]), 1).await
    else {
        panic!("it is done")
    };
    let new = resent[0].1;
    assert!(new != old && resent.len() == 1 && left_out.is_empty());
    let (before, after) = (bed.delivery(exchange, old).await, bed.delivery(exchange, new).await);
    assert_eq!((before.state, before.succeeded_by, after.succeeds), (State::Delivered, Some(new), Some(old)));
    let end = again(&bed, resend(Some(1), true), &only(&[old]), 2).await;
    assert_eq!(end, done(&[], &[(old, LeftOut::UnderWay(new))]), "it is on its way");
    let claimed = bed.claim_one("erp", later(2)).await;
    assert_eq!((claimed.claim.delivery, claimed.work), (new, Work::Send(request("/kept"))));
}

pub(crate) async fn a_dead_one_that_is_sent_under_a_new_id_has_its_end_in_that(bed: Bed) {
    let (exchange, old) = sent(&bed, "erp", dead()).await;
    let ResendEnd::Done(Resent { resent, .. }) = again(&bed, resend(None, true), &only(&[old]), 1).await else {
        panic!("it is done")
    };
    let before = bed.delivery(exchange, old).await;
    assert_eq!((before.state, before.succeeded_by), (State::Discarded, Some(resent[0].1)));
    assert_eq!(before.findings.last().map(|finding| finding.code.to_string()), Some("superseded".to_owned()));
}

pub(crate) async fn what_was_never_rendered_or_is_removed_is_left_out(bed: Bed) {
    let (given, never) = message_for("erp", None, start());
    bed.accept(given).await;
    let claimed = bed.claim_one("erp", start()).await;
    bed.settle(claimed.claim, start(), dead()).await;
    let (_, removed) = sent(&bed, "erp", delivered()).await;
    assert_eq!(bed.journal.redact(later(50), later(100), 10).await, Ok(1));
    let end = again(&bed, resend(Some(1), false), &Filter::default(), 101).await;
    assert_eq!(end, done(&[], &[(never, LeftOut::NotRendered), (removed, LeftOut::NotRendered)]));
}

pub(crate) async fn of_gateways_that_send_what_is_done_again_at_once_one_does(bed: Bed) {
    let (_, id) = sent(&bed, "erp", delivered()).await;
    let mut tasks = Vec::new();
    for journal in bed.gateways().await.into_iter().cycle().take(4) {
        let meant = only(&[id]);
        tasks.push(tokio::spawn(
            async move { journal.resend(resend(Some(1), false), &meant, &operator(), later(1)).await },
        ));
    }
    let mut ends = Vec::new();
    for task in tasks {
        ends.push(task.await.expect("no panic").expect("it works"));
    }
    assert_eq!(ends.iter().filter(|end| **end == done(&[(id, id)], &[])).count(), 1, "{ends:?}");
    assert!(ends.iter().all(|end| matches!(end, ResendEnd::Done(_) | ResendEnd::Unconfirmed(_))));
}

fn part(reference: &str, verdict: PartVerdict, documents: u32) -> Part {
    let (location, reference) = ("segment 3".to_owned(), reference.to_owned());
    Part { location, reference, verdict, documents, findings: Vec::new() }
}

/// An exchange whose one document has another in its place, with a delivery that is given up for a new one.
async fn planned(bed: &Bed) -> (Rerun, DeliveryId) {
    let (given, old) = message_for("erp", Some("box/1"), start());
    let exchange = bed.accept(given).await;
    let mut new = delivery("erp", Some("box/1"), later(10));
    new.documents = vec![1];
    let rerun = Rerun {
        exchange,
        before: 0,
        plugin: PluginBuild { name: "carrier-ocean".to_owned(), version: "1.2.4".to_owned(), sha256: [8; 32] },
        findings: Vec::new(),
        parts: vec![part("set-0001", PartVerdict::Refused, 0), part("set-0002", PartVerdict::Accepted, 1)],
        of_parts: [(1, 1)].into(),
        business_key: None,
        documents: vec![document("milestone-1b")],
        first_position: 1,
        superseded: vec![0],
        planned_with: vec![(old, State::Pending)],
        given_up: vec![old],
        deliveries: vec![(new, Some(old))],
        awaits: Default::default(),
        told: Told::default(),
        now: later(10),
    };
    (rerun, old)
}

pub(crate) async fn an_exchange_that_is_mapped_again_keeps_what_it_was_and_is_done_once(bed: Bed) {
    let (rerun, old) = planned(&bed).await;
    let (exchange, new, parts) = (rerun.exchange, rerun.deliveries[0].0.id, rerun.parts.clone());
    let before = bed.journal.exchange(exchange).await.expect("it reads").expect("it is there");
    assert_eq!((before.exchange.parts.len(), before.documents[0].part), (1, Some(0)));
    assert_eq!(bed.journal.rerun(rerun.clone(), &operator()).await, Ok(RerunEnd::Done));
    let bed = bed.reopened().await;
    let record = bed.journal.exchange(exchange).await.expect("it reads").expect("it is there");
    let keys: Vec<_> = record.documents.iter().map(|kept| (kept.key.as_str(), kept.superseded_by, kept.part)).collect();
    assert_eq!(keys, [("milestone-1", Some(1), None), ("milestone-1b", None, Some(1))]);
    assert_eq!(record.exchange.parts, parts, "those of today");
    assert_eq!((record.reruns.len(), record.reruns[0].plugin_before.version.as_str()), (1, "1.2.3"));
    assert_eq!(record.exchange.plugin.version, "1.2.4");
    let before = bed.delivery(exchange, old).await;
    assert_eq!((before.state, before.succeeded_by), (State::Discarded, Some(new)));
    let claimed = bed.claim_one("erp", later(10)).await;
    let Work::Render(documents) = claimed.work else { panic!("it is rendered anew") };
    assert_eq!((claimed.claim.delivery, documents[0].key.as_str()), (new, "milestone-1b"), "its lane goes on with it");
    assert_eq!(bed.journal.rerun(rerun, &operator()).await, Ok(RerunEnd::Outdated));
    for name in ["milestone-1b", "set-0002"] {
        let found = bed.journal.find(&portgate_store::Wanted::of(name).expect("a name"), None, 10).await;
        assert_eq!(found, Ok(vec![exchange]), "{name}");
    }
}

pub(crate) async fn what_has_gone_on_since_it_was_planned_is_not_changed(bed: Bed) {
    let (rerun, _) = planned(&bed).await;
    let claimed = bed.claim_one("erp", later(9)).await;
    let end = bed.journal.rerun(rerun.clone(), &operator()).await;
    assert_eq!(end, Ok(RerunEnd::BeingSent(claimed.claim.delivery)));
    bed.settle(claimed.claim, later(9), delivered()).await;
    assert_eq!(bed.journal.rerun(rerun.clone(), &operator()).await, Ok(RerunEnd::Outdated));
    assert_eq!(bed.journal.redact(later(50), later(100), 10).await, Ok(1));
    let removed =
        Rerun { planned_with: vec![(claimed.claim.delivery, State::Delivered)], given_up: Vec::new(), ..rerun };
    assert_eq!(bed.journal.rerun(removed.clone(), &operator()).await, Ok(RerunEnd::Outdated), "its payload is gone");
    let record = bed.journal.exchange(removed.exchange).await.expect("it reads").expect("it is there");
    assert_eq!((record.documents.len(), record.deliveries.len(), record.reruns.len()), (1, 1, 0));
}

pub(crate) async fn of_gateways_that_map_again_at_once_one_does(bed: Bed) {
    let (rerun, _) = planned(&bed).await;
    let mut tasks = Vec::new();
    for journal in bed.gateways().await.into_iter().cycle().take(4) {
        let mut rerun = rerun.clone();
        rerun.deliveries[0].0.id = DeliveryId::new(later(10));
        tasks.push(tokio::spawn(async move { journal.rerun(rerun, &operator()).await }));
    }
    let mut ends = Vec::new();
    for task in tasks {
        ends.push(task.await.expect("no panic").expect("it works"));
    }
    assert_eq!(ends.iter().filter(|end| **end == RerunEnd::Done).count(), 1, "{ends:?}");
    let record = bed.journal.exchange(rerun.exchange).await.expect("it reads").expect("it is there");
    assert_eq!((record.documents.len(), record.deliveries.len(), record.reruns.len()), (2, 2, 1));
}

pub(crate) async fn rejected_exchanges_are_mapped_again_like_refused_ones(bed: Bed) {
    let given = message(start());
    let id = given.exchange.id;
    assert_eq!(bed.journal.park(given).await, Ok(portgate_store::Accepted::Committed));
    bed.run("UPDATE parked SET state = 'rejected', claimable_at = NULL").await.expect("it is rejected");
    let filter = portgate_store::ExchangeFilter { ids: Some(vec![id]), ..Default::default() };
    let act = portgate_store::ExchangeAct::Rerun;
    assert_eq!(bed.journal.act_on_exchanges(act, &filter, &operator(), later(1)).await, Ok(1));
    let record = bed.journal.exchange(id).await.expect("it reads").expect("it is there");
    assert_eq!(record.exchange.state, portgate_store::ExchangeState::Parked);
}
