//! Claims about exchanges that are acknowledged now and decoded later.

use std::time::Duration;

use portgate_core::finding::Finding;
use portgate_store::{
    Acceptance, Accepted, ExchangeAct, ExchangeFilter, ExchangeId, ExchangeState, Failure, JournalError, KeptAnswer,
    Operator, ParkedClaim, ParkedContract, ParkedExchange, ParkedRequest, ParkedSettlement, PluginBuild, TakenUp, Told,
};

use crate::bed::{
    Bed, business_key, delivery, document, event, idempotency, later, message, message_for, rejected, request_key,
    start,
};

/// The build that was there when it was parked, and the one that mends it.
const BROKEN: [u8; 32] = [7; 32];
const MENDED: [u8; 32] = [8; 32];

/// A message of which nothing is known yet but its bytes.
fn undecoded(second: i64) -> Acceptance {
    let mut message = message(later(second));
    message.documents.clear();
    message.exchange.findings.clear();
    message
}

async fn park(bed: &Bed, acceptance: Acceptance) -> ExchangeId {
    let id = acceptance.exchange.id;
    assert_eq!(bed.journal.park(acceptance).await, Ok(Accepted::Committed));
    id
}

async fn parked(bed: &Bed, count: i64) -> Vec<ExchangeId> {
    let mut ids = Vec::new();
    for second in 0..count {
        ids.push(park(bed, undecoded(second)).await);
    }
    ids
}

fn request(build: [u8; 32], second: i64, limit: u32) -> ParkedRequest {
    ParkedRequest {
        partner: "carrier".to_owned(),
        contracts: vec![("events".to_owned(), "1".to_owned())],
        build,
        worker: "worker".to_owned(),
        now: later(second),
        lease: Duration::from_secs(60),
        limit,
    }
}

async fn claim(bed: &Bed, build: [u8; 32], second: i64, limit: u32) -> Vec<ParkedExchange> {
    bed.journal.claim_parked(request(build, second, limit)).await.expect("a claim")
}

async fn claim_one(bed: &Bed, build: [u8; 32], second: i64) -> ParkedExchange {
    claim(bed, build, second, 1).await.pop().expect("something is due")
}

fn ids(claimed: &[ParkedExchange]) -> Vec<ExchangeId> {
    claimed.iter().map(|claimed| claimed.claim.exchange).collect()
}

async fn settle(bed: &Bed, claim: ParkedClaim, second: i64, settled: TakenUp) -> Result<Accepted, JournalError> {
    bed.journal.settle_parked(ParkedSettlement { claim, now: later(second), settled }).await
}

fn failure(build: [u8; 32]) -> Failure {
    Failure { build, detail: "a trap".to_owned() }
}

/// The plugin has failed on it, and it may be tried again at this second.
fn again(build: [u8; 32], second: i64) -> TakenUp {
    TakenUp::Again { at: later(second), failure: Some(failure(build)) }
}

async fn failed(bed: &Bed, second: i64) -> ExchangeId {
    let id = park(bed, undecoded(second)).await;
    let claimed = claim_one(bed, BROKEN, second).await;
    let told = Told { events: vec![event("carrier", "failed", later(second))], deliveries: Vec::new() };
    let settled = TakenUp::Failed { failure: failure(BROKEN), told };
    assert_eq!(settle(bed, claimed.claim, second, settled).await, Ok(Accepted::Committed));
    id
}

async fn state(bed: &Bed, id: ExchangeId) -> ExchangeState {
    bed.journal.exchange(id).await.expect("it reads").expect("it is there").exchange.state
}

fn operator() -> Operator {
    Operator { name: "ada".to_owned(), reason: "the plugin is mended".to_owned() }
}

pub(crate) async fn what_is_parked_is_kept_with_its_payload_and_the_answer_to_its_key(bed: Bed) {
    let mut given = undecoded(0);
    given.idempotency = Some(idempotency("key", 1, start()));
    given.events = vec![event("carrier", "parked", start())];
    let id = park(&bed, given.clone()).await;

    let record = bed.journal.exchange(id).await.expect("it reads").expect("it is there");
    assert_eq!(record.exchange.state, ExchangeState::Parked);
    assert!(record.documents.is_empty() && record.deliveries.is_empty());
    let parked = record.parked.expect("what there is beside it");
    assert_eq!((parked.parked_at, parked.failures, parked.due_at), (start(), 0, Some(start())));
    let raw = bed.journal.raw(id).await.expect("it reads").expect("it is there");
    assert_eq!(raw.payload.as_deref(), Some(&given.exchange.payload[..]));
    assert_eq!(bed.events(None, Some("carrier"), 1).await.len(), 1);

    let answer = given.idempotency.as_ref().map(|kept| kept.answer.clone()).expect("just set");
    let kept = bed.kept(request_key("events", "key"), 1, later(1)).await;
    assert_eq!(kept, Some(KeptAnswer::Replayed(answer.clone())));
    let mut repeated = undecoded(1);
    repeated.idempotency = Some(idempotency("key", 1, later(1)));
    assert_eq!(bed.journal.park(repeated).await, Ok(Accepted::Replayed(answer)));
    assert_eq!(ids(&claim(&bed, BROKEN, 2, 10).await), [id], "it is parked once");
}

pub(crate) async fn a_parked_exchange_is_given_out_as_it_was_received(bed: Bed) {
    let given = undecoded(0);
    park(&bed, given.clone()).await;
    let claimed = claim_one(&bed, BROKEN, 1).await;
    let exchange = given.exchange;
    assert_eq!(claimed.payload, &exchange.payload[..]);
    assert_eq!(
        (&claimed.partner, &claimed.contract, &claimed.version),
        (&exchange.partner, &exchange.contract, &exchange.version)
    );
    assert_eq!((&claimed.content_type, &claimed.headers), (&exchange.content_type, &exchange.headers));
    assert_eq!((claimed.received_at, claimed.sha256, claimed.failures), (exchange.received_at, exchange.sha256, 0));
    assert_eq!((&claimed.request_id, &claimed.trace), (&exchange.request_id, &exchange.trace));
}

pub(crate) async fn they_are_taken_up_in_their_order_and_by_one_worker_at_a_time(bed: Bed) {
    let expected = parked(&bed, 5).await;
    assert!(claim(&bed, BROKEN, -1, 10).await.is_empty());
    let first = claim(&bed, BROKEN, 10, 2).await;
    assert_eq!(ids(&first), expected[..2]);
    assert!(claim(&bed, BROKEN, 11, 10).await.is_empty(), "the order would be lost");
    let release = |claim| settle(&bed, claim, 12, TakenUp::Again { at: later(12), failure: None });
    assert_eq!(release(first[0].claim).await, Ok(Accepted::Committed));
    assert!(claim(&bed, BROKEN, 12, 10).await.is_empty());
    assert_eq!(release(first[1].claim).await, Ok(Accepted::Committed));
    assert_eq!(ids(&claim(&bed, BROKEN, 12, 10).await), expected);
}

pub(crate) async fn workers_that_claim_parked_exchanges_at_once_share_nothing(bed: Bed) {
    let expected = parked(&bed, 10).await;
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let journal = std::sync::Arc::clone(&bed.journal);
            tokio::spawn(async move { journal.claim_parked(request(BROKEN, 20, 3)).await.expect("a claim") })
        })
        .collect();
    let mut claimed = Vec::new();
    for worker in workers {
        claimed.extend(ids(&worker.await.expect("no panic")));
    }
    assert_eq!(claimed, expected[..3]);
}

pub(crate) async fn partners_and_contracts_do_not_wait_for_each_other(bed: Bed) {
    parked(&bed, 1).await;
    let mut others = Vec::new();
    for (partner, contract) in [("carrier", "orders"), ("broker", "events")] {
        let mut given = undecoded(0);
        given.exchange.partner = partner.to_owned();
        given.exchange.contract = contract.to_owned();
        others.push(park(&bed, given).await);
    }
    let claimed = claim_one(&bed, BROKEN, 1).await;
    let orders = ParkedRequest { contracts: vec![("orders".to_owned(), "1".to_owned())], ..request(BROKEN, 1, 10) };
    let broker = ParkedRequest { partner: "broker".to_owned(), ..request(BROKEN, 1, 10) };
    for (request, other) in [orders, broker].into_iter().zip(others) {
        assert_eq!(ids(&bed.journal.claim_parked(request).await.expect("a claim")), [other]);
    }
    let none = ParkedRequest { contracts: Vec::new(), ..request(BROKEN, 1, 10) };
    assert_eq!(bed.journal.claim_parked(none).await, Ok(Vec::new()));
    assert_eq!(state(&bed, claimed.claim.exchange).await, ExchangeState::Parked);
}

pub(crate) async fn an_exchange_that_is_taken_up_becomes_one_like_any_other(bed: Bed) {
    let (before, _) = message_for("erp", Some("box/1"), start());
    bed.accept(before).await;
    let id = parked(&bed, 1).await[0];
    let claimed = claim_one(&bed, BROKEN, 5).await;
    let mut decoded = undecoded(0);
    decoded.exchange.id = id;
    decoded.exchange.plugin =
        PluginBuild { name: "carrier-ocean".to_owned(), version: "2.0.0".to_owned(), sha256: MENDED };
    decoded.exchange.findings = vec![Finding::error("code", "/a", "noticed")];
    decoded.documents = vec![document("milestone-1"), document("milestone-2")];
    decoded.deliveries = vec![delivery("erp", Some("box/1"), later(5)), delivery("portal", None, later(5))];
    decoded.business_key = Some(business_key("LRN1", 1));
    decoded.events = vec![event("carrier", "accepted", later(5))];
    decoded.now = later(5);
    let settled = TakenUp::Accepted(Box::new(decoded.clone()));
    assert_eq!(settle(&bed, claimed.claim, 5, settled.clone()).await, Ok(Accepted::Committed));
    assert_eq!(settle(&bed, claimed.claim, 6, settled).await, Err(JournalError::LeaseLost), "once");

    let record = bed.journal.exchange(id).await.expect("it reads").expect("it is there");
    assert_eq!((record.exchange.state, record.parked), (ExchangeState::Accepted, None));
    assert_eq!(
        (record.exchange.plugin, record.exchange.findings),
        (decoded.exchange.plugin, decoded.exchange.findings)
    );
    assert_eq!(record.exchange.business_key.as_deref(), Some("LRN1"));
    assert_eq!(record.exchange.accepted_at, start(), "it was acknowledged when it was parked");
    assert_eq!(record.documents.len(), 2);
    assert_eq!(record.deliveries.iter().map(|one| one.waits_in_lane).collect::<Vec<_>>(), [true, false]);
    assert_eq!(bed.events(None, Some("carrier"), 1).await.len(), 1);
    assert_eq!(bed.claim("portal", later(5), 10).await.len(), 1);
    assert!(claim(&bed, BROKEN, 1_000, 10).await.is_empty());
}

pub(crate) async fn one_whose_business_key_is_known_is_left_as_it_is_and_can_be_rejected(bed: Bed) {
    let mut known = message(start());
    known.business_key = Some(business_key("LRN1", 1));
    let first = bed.accept(known).await;
    let id = parked(&bed, 1).await[0];
    let claimed = claim_one(&bed, BROKEN, 1).await;
    for (fingerprint, same_payload) in [(1, true), (2, false)] {
        let mut decoded = message(start());
        decoded.exchange.id = id;
        decoded.business_key = Some(business_key("LRN1", fingerprint));
        let settled = settle(&bed, claimed.claim, 1, TakenUp::Accepted(Box::new(decoded))).await;
        assert_eq!(settled, Ok(Accepted::DuplicateBusinessKey { exchange: first, same_payload }));
    }
    assert_eq!(state(&bed, id).await, ExchangeState::Parked);
    let plugin = PluginBuild { name: "carrier-ocean".to_owned(), version: "2.0.0".to_owned(), sha256: MENDED };
    let findings = vec![Finding::error("duplicate-submission", "", "was submitted before")];
    let mut hook = delivery("carrier/webhook", None, later(2));
    hook.documents = Vec::new();
    let told = Told { events: vec![event("carrier", "rejected", later(2))], deliveries: vec![hook] };
    let settled = rejected(plugin.clone(), findings.clone(), told);
    assert_eq!(settle(&bed, claimed.claim, 2, settled).await, Ok(Accepted::Committed));
    let record = bed.journal.exchange(id).await.expect("it reads").expect("it is there");
    assert_eq!(record.exchange.state, ExchangeState::Rejected);
    assert_eq!((record.exchange.plugin, record.exchange.findings), (plugin, findings));
    assert_eq!((record.documents.len(), record.deliveries.len()), (0, 1));
    assert_eq!(bed.events(None, Some("carrier"), 1).await.len(), 1);
    assert!(claim(&bed, BROKEN, 1_000, 10).await.is_empty());
}

pub(crate) async fn a_lease_that_ended_is_taken_over_and_the_late_worker_changes_nothing(bed: Bed) {
    let id = parked(&bed, 1).await[0];
    let late = claim_one(&bed, BROKEN, 1).await;
    assert!(claim(&bed, BROKEN, 60, 1).await.is_empty());
    let taken_over = claim_one(&bed, BROKEN, 61).await;
    assert_eq!(settle(&bed, late.claim, 62, again(BROKEN, 62)).await, Err(JournalError::LeaseLost));
    assert_eq!(settle(&bed, taken_over.claim, 62, again(BROKEN, 62)).await, Ok(Accepted::Committed));
    assert_eq!((claim_one(&bed, BROKEN, 62).await.failures, state(&bed, id).await), (1, ExchangeState::Parked));
}

pub(crate) async fn what_a_build_failed_on_goes_behind_and_another_build_begins_with_all_in_their_order(bed: Bed) {
    let expected = parked(&bed, 3).await;
    let first = claim_one(&bed, BROKEN, 10).await;
    assert_eq!(settle(&bed, first.claim, 10, again(BROKEN, 100)).await, Ok(Accepted::Committed));
    let rest = claim(&bed, BROKEN, 11, 10).await;
    assert_eq!(ids(&rest), expected[1..], "not before its time");
    for claimed in rest {
        assert_eq!(settle(&bed, claimed.claim, 11, again(BROKEN, 11)).await, Ok(Accepted::Committed));
    }
    let first = claim_one(&bed, BROKEN, 11).await;
    assert_eq!((first.claim.exchange, first.failures), (expected[1], 1));
    assert_eq!(settle(&bed, first.claim, 12, again(BROKEN, 12)).await, Ok(Accepted::Committed));
    let order = claim(&bed, BROKEN, 100, 10).await;
    assert_eq!(ids(&order), [expected[0], expected[2], expected[1]]);
    assert_eq!(order.iter().map(|one| one.failures).collect::<Vec<_>>(), [1, 1, 2]);
    for claimed in order {
        assert_eq!(settle(&bed, claimed.claim, 100, again(BROKEN, 1_000)).await, Ok(Accepted::Committed));
    }
    assert!(claim(&bed, BROKEN, 101, 10).await.is_empty());
    let mended = claim(&bed, MENDED, 101, 10).await;
    assert_eq!(ids(&mended), expected, "at once");
    assert!(mended.iter().all(|one| one.failures == 0));
}

pub(crate) async fn a_failed_exchange_waits_for_an_operator_who_has_it_tried_again_or_gives_it_up(bed: Bed) {
    let (first, second, other) = (failed(&bed, 0).await, failed(&bed, 1).await, park(&bed, undecoded(2)).await);
    assert_eq!(ids(&claim(&bed, MENDED, 10, 10).await), [other], "not even another build");
    let record = bed.journal.exchange(first).await.expect("it reads").expect("it is there");
    let parked = record.parked.expect("what there is beside it");
    assert_eq!((parked.failures, parked.failed_build, parked.detail.as_str()), (1, Some(BROKEN), "a trap"));
    assert_eq!((record.exchange.state, parked.due_at), (ExchangeState::Failed, None));

    let only = |id| ExchangeFilter { ids: Some(vec![id]), ..ExchangeFilter::default() };
    let retried = bed.journal.act_on_exchanges(ExchangeAct::Retry, &only(first), &operator(), later(20)).await;
    assert_eq!(retried, Ok(1));
    assert_eq!(state(&bed, first).await, ExchangeState::Parked);
    let all = ExchangeFilter::default();
    let discarded = bed.journal.act_on_exchanges(ExchangeAct::Discard, &all, &operator(), later(21)).await;
    assert_eq!(discarded, Ok(1), "neither what is parked nor what was retried");
    assert_eq!(state(&bed, second).await, ExchangeState::Discarded);
    let retried = bed.journal.act_on_exchanges(ExchangeAct::Retry, &all, &operator(), later(22)).await;
    assert_eq!(retried, Ok(0), "what was given up does not come back");
    let claimed = claim(&bed, MENDED, 70, 10).await;
    assert_eq!(ids(&claimed), [first, other], "in its old place");
    assert_eq!(claimed[0].failures, 0);

    let acts = bed.journal.acts(10).await.expect("it reads");
    let kinds: Vec<_> = acts.iter().map(|act| (act.kind.as_str(), act.count)).collect();
    assert_eq!(kinds, [("exchange-retry", 0), ("exchange-discard", 1), ("exchange-retry", 1)]);
    assert_eq!(acts[2].filter, format!("{{\"ids\":[\"{first}\"]}}"));
    assert!(acts.iter().all(|act| act.operator == operator()));
}

pub(crate) async fn what_can_be_taken_up_is_known_by_contract_and_counted(bed: Bed) {
    let contract =
        ParkedContract { partner: "carrier".to_owned(), contract: "events".to_owned(), version: "1".to_owned() };
    assert_eq!(bed.journal.parked(later(10)).await, Ok(Vec::new()));
    let mut orders = undecoded(5);
    orders.exchange.contract = "orders".to_owned();
    park(&bed, orders).await;
    parked(&bed, 2).await;
    let both = vec![contract.clone(), ParkedContract { contract: "orders".to_owned(), ..contract.clone() }];
    assert_eq!(bed.journal.parked(later(10)).await, Ok(both));
    assert_eq!(bed.journal.parked(later(4)).await, Ok(vec![contract.clone()]));
    let claimed = claim(&bed, BROKEN, 4, 10).await;
    assert_eq!(bed.journal.parked(later(4)).await, Ok(vec![contract.clone()]), "it is being worked on");
    for claimed in claimed {
        assert_eq!(settle(&bed, claimed.claim, 4, again(BROKEN, 100)).await, Ok(Accepted::Committed));
    }
    assert_eq!(bed.journal.parked(later(4)).await, Ok(Vec::new()), "nothing may be done before its time");
    failed(&bed, 50).await;
    let counts = bed.journal.parked_counts().await.expect("it reads");
    let shown: Vec<_> =
        counts.iter().map(|count| (count.contract.as_str(), count.state.as_str(), count.count, count.oldest)).collect();
    let expected =
        [("events", "failed", 1, later(50)), ("events", "parked", 2, start()), ("orders", "parked", 1, later(5))];
    assert_eq!(shown, expected);
}

pub(crate) async fn exchanges_are_found_by_their_state(bed: Bed) {
    let accepted = bed.accept(message(start())).await;
    let (failed, parked) = (failed(&bed, 1).await, park(&bed, undecoded(2)).await);
    for (state, expected) in [
        (None, vec![parked, failed, accepted]),
        (Some(ExchangeState::Accepted), vec![accepted]),
        (Some(ExchangeState::Failed), vec![failed]),
        (Some(ExchangeState::Parked), vec![parked]),
        (Some(ExchangeState::Rejected), vec![]),
    ] {
        let filter = ExchangeFilter { state, ..ExchangeFilter::default() };
        let found = bed.journal.exchanges(&filter, None, 10).await.expect("it reads").items;
        assert_eq!(found.iter().map(|listed| listed.exchange.id).collect::<Vec<_>>(), expected, "{state:?}");
    }
}

pub(crate) async fn nothing_that_is_parked_or_failed_is_removed(bed: Bed) {
    let (failed, parked) = (failed(&bed, 0).await, park(&bed, undecoded(1)).await);
    assert_eq!(bed.journal.redact(later(1_000), later(2_000), 10).await, Ok(0));
    assert_eq!(bed.journal.purge(later(1_000), 10).await, Ok(0));
    for id in [failed, parked] {
        assert!(bed.journal.raw(id).await.expect("it reads").expect("it is there").payload.is_some());
    }
    let all = ExchangeFilter::default();
    let discarded = bed.journal.act_on_exchanges(ExchangeAct::Discard, &all, &operator(), later(3)).await;
    assert_eq!(discarded, Ok(1));
    assert_eq!(bed.journal.redact(later(1_000), later(2_000), 10).await, Ok(1));
    assert_eq!(state(&bed, failed).await, ExchangeState::Discarded, "its record stays");
    assert_eq!(bed.journal.purge(later(1_000), 10).await, Ok(1));
    assert_eq!(bed.journal.exchange(failed).await, Ok(None));
    assert_eq!(state(&bed, parked).await, ExchangeState::Parked);
}
