//! Codes are kept by day, contradict each other never, and what waits for them goes on once.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use portgate_core::codes::{AwaitedCode, CodePair, CodeSide, CodeWay};
use portgate_core::finding::Finding;
use portgate_store::{
    AddCodes, AwaitedCodes, CodeEnded, CodeFilter, CodeTableName, CodesAdded, EndCode, ExchangeFilter, ExchangeId,
    Filter, Journal, JournalError, Operator, RefusedAfterAll, Settled, State, Told,
};

use crate::bed::{Bed, later, message, message_for, start};

const LEASE: Duration = Duration::from_secs(60);

fn steward(reason: &str) -> Operator {
    Operator { name: "steward".to_owned(), reason: reason.to_owned() }
}

fn carriers() -> CodeTableName {
    CodeTableName { partner: "carrier".to_owned(), agreement: "status".to_owned(), table: "carrier".to_owned() }
}

fn pair(theirs: &str, ours: &str, way: CodeWay, from: Date, to: Option<Date>) -> CodePair {
    CodePair { theirs: theirs.to_owned(), ours: ours.to_owned(), way, from, to }
}

fn always(theirs: &str, ours: &str) -> CodePair {
    pair(theirs, ours, CodeWay::Both, date(1, 1, 1), None)
}

async fn add(journal: &dyn Journal, pairs: Vec<CodePair>, now: Timestamp) -> CodesAdded {
    let operator = steward("told by phone");
    let add = AddCodes { table: carriers(), pairs, rows_max: 5, operator, now };
    journal.add_codes(add).await.expect("it works")
}

async fn end(bed: &Bed, number: u64, to: Date) -> CodeEnded {
    let end = EndCode { number, to, operator: steward("sold"), now: later(9) };
    bed.journal.end_code(end).await.expect("it works")
}

fn awaits(codes: &[&str]) -> AwaitedCodes {
    let on = date(2026, 3, 1);
    let code =
        |code: &&str| AwaitedCode { table: "carrier".to_owned(), side: CodeSide::Theirs, code: (*code).to_owned(), on };
    AwaitedCodes {
        partner: "carrier".to_owned(),
        agreement: "status".to_owned(),
        codes: codes.iter().map(code).collect(),
    }
}

/// An exchange that waits for these codes.
async fn waiting(bed: &Bed, codes: &[&str], now: Timestamp) -> ExchangeId {
    let mut given = message(now);
    given.awaits = awaits(codes);
    bed.accept(given).await
}

async fn claimed(journal: &dyn Journal, now: Timestamp) -> Vec<ExchangeId> {
    let claimed = journal.claim_coded("worker", now, LEASE, 10).await.expect("it works");
    claimed.into_iter().map(|coded| coded.exchange).collect()
}

pub(crate) async fn a_code_is_kept_by_day_and_no_two_contradict_each_other(bed: Bed) {
    let (june, july) = (date(2026, 6, 1), date(2026, 7, 1));
    let first = add(&*bed.journal, vec![pair("OLNE", "OCEAN", CodeWay::Both, date(2026, 1, 1), None)], start()).await;
    let CodesAdded::Done(rows) = first else { panic!("{first:?}") };
    let number = rows[0].number;
    for (contradicts, why) in [
        (pair("OLNE", "OTHER", CodeWay::Both, june, None), "their code has another meaning"),
        (pair("XXXX", "OCEAN", CodeWay::Out, june, Some(july)), "our code has another meaning"),
    ] {
        let added = add(&*bed.journal, vec![always("FINE", "FINE"), contradicts], later(1)).await;
        let CodesAdded::InTheWay { index: 1, row } = &added else { panic!("{why}: {added:?}") };
        assert_eq!(row.number, number, "{why}");
    }
    // Another code of theirs for the same of ours counts one way alone.
    let alias = add(&*bed.journal, vec![pair("OLDN", "OCEAN", CodeWay::In, june, None)], later(2)).await;
    assert!(matches!(alias, CodesAdded::Done(_)), "{alias:?}");
    assert!(matches!(end(&bed, number, june).await, CodeEnded::Done(_)));
    assert!(matches!(end(&bed, number, july).await, CodeEnded::NotShorter(_)), "an end is not taken back");
    assert!(matches!(end(&bed, number, date(2025, 1, 1)).await, CodeEnded::NotShorter(_)));
    assert_eq!(end(&bed, 999, june).await, CodeEnded::Unknown);
    let next = add(&*bed.journal, vec![pair("OLNE", "OTHER", CodeWay::Both, june, None)], later(3)).await;
    assert!(matches!(next, CodesAdded::Done(_)), "{next:?}");
    let two = vec![always("A", "1"), always("A", "2")];
    assert!(matches!(add(&*bed.journal, two, later(4)).await, CodesAdded::InTheWay { index: 1, .. }));
    let many = vec![always("A", "1"), always("B", "2"), always("C", "3")];
    assert_eq!(add(&*bed.journal, many, later(4)).await, CodesAdded::TooMany { rows: 3 });

    let bed = bed.reopened().await;
    let on = |day| CodeFilter { code: Some("OLNE".to_owned()), on: Some(day), ..CodeFilter::default() };
    let meant = async |day| {
        let rows = bed.journal.codes(on(day), 0, 10).await.expect("it reads");
        rows.into_iter().map(|row| row.pair.ours).collect::<Vec<_>>()
    };
    assert_eq!(meant(date(2026, 5, 31)).await, ["OCEAN"], "what was ended still answers for its days");
    assert_eq!(meant(june).await, ["OTHER"]);
    assert!(meant(date(2025, 12, 31)).await.is_empty());
    let all = bed.journal.codes(CodeFilter::default(), 0, 10).await.expect("it reads");
    assert_eq!(all[0].ended.as_ref().map(|(_, by)| by.reason.as_str()), Some("sold"));
    assert_eq!(bed.journal.codes(CodeFilter::default(), all[1].number, 10).await.expect("it reads").len(), 1);
    // What is new since a revision is what was added or ended after it.
    let new = bed.journal.codes_since(1, 10).await.expect("it reads");
    assert_eq!(new.iter().map(|row| row.revision).collect::<Vec<_>>(), [2, 3, 4]);
    assert!(bed.journal.codes_since(4, 10).await.expect("it reads").is_empty());
}

pub(crate) async fn what_waits_for_a_code_goes_on_once_in_the_order_of_its_sender(bed: Bed) {
    let first = waiting(&bed, &["XXLN", "YYLN"], start()).await;
    let second = waiting(&bed, &["XXLN"], later(1)).await;
    let third = waiting(&bed, &["ZZLN"], later(2)).await;
    let of = ExchangeFilter { awaits_code: Some(true), ..ExchangeFilter::default() };
    let listed = bed.journal.exchanges(&of, None, 10).await.expect("it reads").items;
    assert_eq!(listed.iter().map(|listed| listed.exchange.id).collect::<Vec<_>>(), [third, second, first]);
    assert!(listed.iter().all(|listed| listed.exchange.awaits_code));
    let awaited = bed.journal.awaited_codes(10).await.expect("it reads");
    let counts: Vec<_> = awaited.iter().map(|one| (one.code.as_str(), one.exchanges, one.deliveries)).collect();
    assert_eq!(counts, [("XXLN", 2, 0), ("YYLN", 1, 0), ("ZZLN", 1, 0)]);
    assert_eq!(bed.journal.redact(later(1_000_000), later(1_000_000), 10).await, Ok(0), "it is not at its end");
    assert_eq!(bed.journal.purge(later(1_000_000), 10).await, Ok(0));

    // A row of another day is not the one that is waited for.
    let later_on = pair("XXLN", "LATER", CodeWay::Both, date(2026, 3, 2), None);
    assert!(matches!(add(&*bed.journal, vec![later_on], later(3)).await, CodesAdded::Done(_)));
    assert!(claimed(&*bed.journal, later(4)).await.is_empty());
    let that_day = pair("XXLN", "X", CodeWay::In, date(2026, 3, 1), Some(date(2026, 3, 2)));
    assert!(matches!(add(&*bed.journal, vec![that_day], later(5)).await, CodesAdded::Done(_)));
    let gateways = bed.gateways().await;
    let coded = gateways[0].claim_coded("one", later(6), LEASE, 10).await.expect("it works");
    assert_eq!(coded.iter().map(|coded| coded.exchange).collect::<Vec<_>>(), [first, second]);
    assert_eq!(coded[0].added, steward("told by phone"));
    let zz = vec![always("ZZLN", "Z")];
    assert!(matches!(add(&*bed.journal, zz, later(7)).await, CodesAdded::Done(_)));
    let other = gateways[gateways.len() - 1].clone();
    assert!(claimed(&*other, later(8)).await.is_empty(), "somebody is at work on this sender");
    // Whoever had them is gone: its lease ends.
    assert_eq!(claimed(&*other, later(70)).await, [first, second, third]);
    let late = RefusedAfterAll {
        exchange: first,
        claim: coded[0].claim,
        plugin: message(start()).exchange.plugin,
        findings: vec![Finding::error("TIME", "segment 5", "Wrong.")],
        parts: Vec::new(),
        is_rejected: true,
        told: Told::default(),
        now: later(71),
    };
    assert_eq!(bed.journal.refuse_coded(late.clone()).await, Err(JournalError::LeaseLost), "which is lost");
    let again = bed.journal.claim_coded("two", later(140), LEASE, 10).await.expect("it works");
    let mine = again.iter().find(|coded| coded.exchange == first).expect("it is there");
    let refused = RefusedAfterAll { claim: mine.claim, ..late };
    assert_eq!(bed.journal.refuse_coded(refused).await, Ok(()));
    let record = bed.journal.exchange(first).await.expect("it reads").expect("it is there");
    assert_eq!((record.exchange.state.as_str(), record.exchange.awaits_code), ("rejected", false));
    let mine = again.iter().find(|coded| coded.exchange == second).expect("it is there");
    bed.journal.give_back_coded(second, mine.claim, later(200)).await.expect("it works");
    assert!(claimed(&*bed.journal, later(199)).await.is_empty());
}

pub(crate) async fn a_delivery_that_waits_for_codes_is_claimed_by_nobody_until_all_are_there(bed: Bed) {
    let (given, id) = message_for("erp", Some("box/1"), start());
    let exchange = bed.accept(given).await;
    let (given, behind) = message_for("erp", Some("box/1"), later(1));
    bed.accept(given).await;
    let claim = bed.claim_one("erp", later(2)).await.claim;
    let findings = vec![Finding::error("code-awaited", "/0/location", "Add it.")];
    bed.settle(claim, later(2), Settled::AwaitsCodes { awaits: awaits(&["X", "Y"]), findings: findings.clone() }).await;
    let delivery = bed.delivery(exchange, id).await;
    assert_eq!((delivery.state, delivery.findings), (State::AwaitsCode, findings));
    let of = |state| Filter { state: Some(state), ..Filter::default() };
    let listed = async |state| bed.journal.deliveries(&of(state), None, 10).await.expect("it reads").items;
    assert_eq!(listed(State::AwaitsCode).await.iter().map(|one| one.id).collect::<Vec<_>>(), [id]);
    assert_eq!(listed(State::Pending).await.iter().map(|one| one.id).collect::<Vec<_>>(), [behind]);
    let statistics = bed.journal.statistics().await.expect("it reads");
    assert_eq!((statistics[0].awaits_code, statistics[0].pending), (1, 1));
    let due = bed.journal.destinations_due(later(1_000_000)).await.expect("it reads");
    assert!(due.is_empty(), "what is behind it in its lane waits with it: {due:?}");
    let awaited = bed.journal.awaited_codes(10).await.expect("it reads");
    assert_eq!(awaited.iter().map(|one| (one.exchanges, one.deliveries)).collect::<Vec<_>>(), [(0, 1), (0, 1)]);

    assert!(matches!(add(&*bed.journal, vec![always("X", "1")], later(3)).await, CodesAdded::Done(_)));
    assert!(bed.journal.release_coded(later(4), 10).await.expect("it works").is_empty(), "one is missing");
    let bed = bed.reopened().await;
    assert!(matches!(add(&*bed.journal, vec![always("Y", "2")], later(5)).await, CodesAdded::Done(_)));
    let released = bed.journal.release_coded(later(6), 10).await.expect("it works");
    assert_eq!(released.iter().map(|coded| coded.delivery).collect::<Vec<_>>(), [id]);
    assert!(bed.journal.release_coded(later(6), 10).await.expect("it works").is_empty(), "once");
    assert_eq!(bed.claim_one("erp", later(7)).await.claim.delivery, id);
    assert!(bed.journal.awaited_codes(10).await.expect("it reads").is_empty());
}
