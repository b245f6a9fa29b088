//! Claims about messages that were refused.

use std::time::Duration;

use bytes::Bytes;
use portgate_core::finding::Finding;
use portgate_store::{
    Accepted, ExchangeAct, ExchangeFilter, ExchangeId, ExchangeState, Failure, KeptRefusal, NewRefusal, Operator,
    ParkedExchange, ParkedRequest, ParkedSettlement, Refused, TakenUp, Told, Wanted,
};

use crate::bed::{Bed, later, message, rejected, request_key, start};

/// A budget that is never reached.
pub(crate) const AMPLE: u64 = 1 << 30;

pub(crate) fn refusal(partner: &str, seconds: i64, payload: &[u8]) -> NewRefusal {
    let mut exchange = message(later(seconds)).exchange;
    exchange.partner = partner.to_owned();
    exchange.payload = Bytes::copy_from_slice(payload);
    exchange.findings = vec![Finding::error("wrong-check-digit", "/container", "`MSCU1234560` ends in 6, not 7.")];
    NewRefusal {
        exchange,
        has_payload: true,
        known_by: vec![request_key("events", "shipment 4711")],
        status: 422,
        problem: "contract-violation".to_owned(),
        detail: "The payload breaks its contract in 1 places.".to_owned(),
        now: later(seconds),
    }
}

pub(crate) async fn keep(bed: &Bed, refusal: NewRefusal, bytes_per_day: u64) -> (ExchangeId, KeptRefusal) {
    let id = refusal.exchange.id;
    let kept = bed.journal.keep_refused(vec![refusal], bytes_per_day).await.expect("it is kept");
    (id, kept[0])
}

async fn refused(bed: &Bed, seconds: i64) -> ExchangeId {
    let (id, kept) = keep(bed, refusal("carrier", seconds, b"{}"), AMPLE).await;
    assert_eq!(kept, KeptRefusal::Whole);
    id
}

async fn state(bed: &Bed, id: ExchangeId) -> Option<ExchangeState> {
    bed.journal.exchange(id).await.expect("it reads").map(|record| record.exchange.state)
}

async fn found(bed: &Bed, text: &str) -> Vec<ExchangeId> {
    bed.journal.find(&Wanted::of(text).expect("a name"), None, 1_000).await.expect("it reads")
}

fn operator() -> Operator {
    Operator { name: "ada".to_owned(), reason: "the schema is mended".to_owned() }
}

fn of_state(state: ExchangeState) -> ExchangeFilter {
    ExchangeFilter { state: Some(state), ..ExchangeFilter::default() }
}

async fn act(bed: &Bed, act: ExchangeAct, filter: &ExchangeFilter) -> u64 {
    bed.journal.act_on_exchanges(act, filter, &operator(), later(500)).await.expect("it works")
}

async fn claim(bed: &Bed) -> ParkedExchange {
    let request = ParkedRequest {
        partner: "carrier".to_owned(),
        contracts: vec![("events".to_owned(), "1".to_owned())],
        build: [7; 32],
        worker: "worker".to_owned(),
        now: later(600),
        lease: Duration::from_secs(60),
        limit: 1,
    };
    bed.journal.claim_parked(request).await.expect("it works").pop().expect("it is parked")
}

async fn settle(bed: &Bed, claimed: &ParkedExchange, settled: TakenUp) {
    let settlement = ParkedSettlement { claim: claimed.claim, now: later(601), settled };
    assert_eq!(bed.journal.settle_parked(settlement).await, Ok(Accepted::Committed));
}

pub(crate) async fn what_is_refused_is_an_exchange_in_a_state_of_its_own(bed: Bed) {
    let accepted = bed.accept(message(start())).await;
    let id = refused(&bed, 1).await;
    let record = bed.journal.exchange(id).await.expect("it reads").expect("it is there");
    assert_eq!(record.exchange.state, ExchangeState::Refused);
    assert_eq!(record.exchange.findings[0].code, "wrong-check-digit");
    let why = Refused {
        status: 422,
        problem: "contract-violation".to_owned(),
        detail: "The payload breaks its contract in 1 places.".to_owned(),
    };
    assert_eq!(record.refused, Some(why.clone()));
    assert!(record.documents.is_empty() && record.deliveries.is_empty());
    let raw = bed.journal.raw(id).await.expect("it reads").expect("it is there");
    assert_eq!(raw.payload.as_deref(), Some(&b"{}"[..]));
    let all = bed.journal.exchanges(&ExchangeFilter::default(), None, 10).await.expect("it reads").items;
    let shown: Vec<_> = all.iter().map(|listed| (listed.exchange.id, listed.reason.as_deref())).collect();
    assert_eq!(shown, [(id, Some(why.detail.as_str())), (accepted, None)]);
    let refused = bed.journal.exchanges(&of_state(ExchangeState::Refused), None, 10).await.expect("it reads").items;
    assert_eq!(refused.iter().map(|listed| listed.exchange.id).collect::<Vec<_>>(), [id]);
    for name in ["MSCU 123456-0", "wrong-check-digit", "shipment-4711", "contract-violation", "ends not 7."] {
        assert_eq!(found(&bed, name).await, [id], "{name}");
    }
    // Nothing waits for a refused message.
    assert!(bed.journal.parked(later(1_000)).await.expect("it reads").is_empty());
    assert!(bed.journal.parked_counts().await.expect("it reads").is_empty());
}

pub(crate) async fn a_message_that_was_refused_can_come_again(bed: Bed) {
    refused(&bed, 1).await;
    let mut again = message(later(2));
    again.idempotency = Some(crate::bed::idempotency("shipment 4711", 1, later(2)));
    bed.accept(again).await;
}

pub(crate) async fn a_flood_fills_its_partner_s_budget_and_the_oldest_make_room(bed: Bed) {
    let (other, _) = keep(&bed, refusal("broker", 0, &[0; 10_000]), AMPLE).await;
    let budget = 100_000;
    let mut ids = Vec::new();
    for second in 0..60 {
        let (id, kept) = keep(&bed, refusal("carrier", second, &[0; 10_000]), budget).await;
        assert_eq!(kept, KeptRefusal::Whole);
        ids.push(id);
    }
    let mut filter = of_state(ExchangeState::Refused);
    filter.partner = Some("carrier".to_owned());
    let left = bed.journal.exchanges(&filter, None, 1_000).await.expect("it reads").items;
    let left: Vec<_> = left.iter().rev().map(|listed| listed.exchange.id).collect();
    assert!((5..10).contains(&left.len()), "{} of 10,000 bytes each within {budget}", left.len());
    assert_eq!(left, ids[ids.len() - left.len()..], "the newest are left");
    assert_eq!(state(&bed, other).await, Some(ExchangeState::Refused), "another partner has its own budget");
    let mut named = found(&bed, "wrong-check-digit").await;
    named.retain(|id| *id != other);
    assert_eq!(named.len(), left.len(), "names go with what they name");
    // Another day has another budget.
    let (tomorrow, _) = keep(&bed, refusal("carrier", 86_400, &[0; 90_000]), budget).await;
    assert_eq!(state(&bed, tomorrow).await, Some(ExchangeState::Refused));
    assert_eq!(state(&bed, left[0]).await, Some(ExchangeState::Refused));
}

pub(crate) async fn what_is_larger_than_the_budget_is_kept_without_its_payload(bed: Bed) {
    let (id, kept) = keep(&bed, refusal("carrier", 0, &[0; 50_000]), 20_000).await;
    assert_eq!(kept, KeptRefusal::WithoutPayload);
    assert_eq!(bed.journal.raw(id).await.expect("it reads").expect("it is there").payload, None);
    assert_eq!(act(&bed, ExchangeAct::Rerun, &ExchangeFilter::default()).await, 0, "there is nothing to run");
    let (id, kept) = keep(&bed, refusal("carrier", 1, b"{}"), 0).await;
    assert_eq!((state(&bed, id).await, kept), (None, KeptRefusal::Not));
    let mut unread = refusal("carrier", 2, b"");
    unread.has_payload = false;
    let (id, _) = keep(&bed, unread, AMPLE).await;
    assert_eq!(bed.journal.raw(id).await.expect("it reads").expect("it is there").payload, None);
}

pub(crate) async fn what_was_refused_is_run_again_and_becomes_an_exchange_like_any_other(bed: Bed) {
    let id = refused(&bed, 1).await;
    assert_eq!(act(&bed, ExchangeAct::Retry, &ExchangeFilter::default()).await, 0, "it has not failed");
    assert_eq!(act(&bed, ExchangeAct::Discard, &ExchangeFilter::default()).await, 0);
    assert_eq!(act(&bed, ExchangeAct::Rerun, &of_state(ExchangeState::Refused)).await, 1);
    assert_eq!(state(&bed, id).await, Some(ExchangeState::Parked));
    let acts = bed.journal.acts(10).await.expect("it reads");
    assert_eq!((&*acts[0].kind, acts[0].count, &*acts[0].operator.name), ("exchange-rerun", 1, "ada"));
    let claimed = claim(&bed).await;
    assert!(claimed.was_refused);
    assert_eq!((claimed.claim.exchange, &claimed.payload[..]), (id, &b"{}"[..]));
    let mut acceptance = message(later(600));
    acceptance.exchange.id = id;
    settle(&bed, &claimed, TakenUp::Accepted(Box::new(acceptance))).await;
    let record = bed.journal.exchange(id).await.expect("it reads").expect("it is there");
    assert_eq!((record.exchange.state, record.refused), (ExchangeState::Accepted, None));
    assert_eq!(record.documents.len(), 1);
    assert_eq!(found(&bed, "milestone-1").await, [id]);
    // It takes nothing of the budget any more, and no flood removes it.
    for second in 2..12 {
        keep(&bed, refusal("carrier", second, &[0; 10_000]), 14_000).await;
    }
    assert_eq!(state(&bed, id).await, Some(ExchangeState::Accepted));
}

pub(crate) async fn what_is_refused_again_is_where_it_was(bed: Bed) {
    let id = refused(&bed, 1).await;
    let plugin = message(start()).exchange.plugin;
    let findings = vec![Finding::error("still-wrong", "", "It is as wrong as before.")];
    let rejected = rejected(plugin, findings, Told::default());
    let failure = Failure { build: [7; 32], detail: "trapped".to_owned() };
    let failed = TakenUp::Failed { failure, told: Told::default() };
    for (end, reason) in [(rejected, "The payload breaks its contract in 1 places."), (failed, "trapped")] {
        assert_eq!(act(&bed, ExchangeAct::Rerun, &ExchangeFilter::default()).await, 1);
        settle(&bed, &claim(&bed).await, end).await;
        let listed = bed.journal.exchanges(&of_state(ExchangeState::Refused), None, 10).await.expect("it reads").items;
        assert_eq!((listed[0].exchange.id, listed[0].reason.as_deref()), (id, Some(reason)));
        assert_eq!(listed[0].exchange.findings[0].code, "still-wrong");
    }
}

pub(crate) async fn nothing_that_is_run_again_makes_room_or_is_removed(bed: Bed) {
    let id = refused(&bed, 1).await;
    assert_eq!(act(&bed, ExchangeAct::Rerun, &ExchangeFilter::default()).await, 1);
    for second in 2..12 {
        keep(&bed, refusal("carrier", second, &[0; 10_000]), 14_000).await;
    }
    assert_eq!(bed.journal.forget_refused(later(10 * 86_400), 100).await, Ok(1), "the one that the flood has left");
    assert_eq!(state(&bed, id).await, Some(ExchangeState::Parked));
}

pub(crate) async fn refused_exchanges_go_when_their_days_are_over(bed: Bed) {
    let (old, new) = (refused(&bed, 0).await, refused(&bed, 3 * 86_400).await);
    let accepted = bed.accept(message(start())).await;
    assert_eq!(bed.journal.forget_refused(later(86_400), 100).await, Ok(1));
    assert_eq!(bed.journal.forget_refused(later(86_400), 100).await, Ok(0));
    assert_eq!(state(&bed, old).await, None);
    assert_eq!(found(&bed, "wrong-check-digit").await, [new]);
    assert_eq!(state(&bed, accepted).await, Some(ExchangeState::Accepted));
}
