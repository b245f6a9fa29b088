//! How well things go is counted from what was observed, within a time and by group, and never twice.

use jiff::Timestamp;
use portgate_core::delivery::Verdict;
use portgate_core::exception::Until;
use portgate_store::{
    ActKind, ActOnException, Amounts, DeadClass, Doing, EventData, EventId, ExceptionEnd, FOR_OPERATORS, Figure,
    FigureCount, FiguresQuery, Filter, FoldedShipment, GroupedBy, JournalSettings, NewEvent, Observation, Operator,
    PeopleChanges, Settled, Settlement, ShipmentFigures, Told,
};
use serde_json::json;

use crate::bed::{Bed, delivered, delivery, later, message, message_for, request, settlement, start};
use crate::shipments::{accept, document, join, one, rules};
use crate::{exceptions, refusals};

fn query(by: GroupedBy) -> FiguresQuery {
    FiguresQuery { from: start(), until: later(1_000_000), partner: None, lane: None, by }
}

async fn counts(bed: &Bed, query: FiguresQuery) -> Vec<(Figure, String, u64, i64, u64, u64)> {
    let counted = bed.journal.figures(query).await.expect("it is counted");
    assert!(!counted.is_cut);
    // Shipments by themselves are counted elsewhere.
    let counts = counted.counts.into_iter().filter(|count| count.figure != Figure::Exceptions);
    let counts = counts.filter(|count| count.figure != Figure::Messages);
    let plain = |FigureCount { figure, group, count, total_ms, judged, good, .. }| {
        (figure, group, count, total_ms, judged, good)
    };
    counts.map(plain).collect()
}

fn observed(key: &str, partner: &str, at: Timestamp, seconds: i64, is_good: bool) -> Observation {
    let (key, partner) = (key.to_owned(), partner.to_owned());
    Observation { figure: Figure::Milestone, key, partner, at, seconds, is_good: Some(is_good), amounts: None }
}

/// What is kept goes with what is told.
fn changed() -> NewEvent {
    NewEvent {
        id: EventId::new(later(200)),
        kind: "portgate.shipment.changed".to_owned(),
        subject: String::new(),
        partner: FOR_OPERATORS.to_owned(),
        at: later(200),
        data: EventData::Own("{}".to_owned()),
    }
}

async fn fold(bed: &Bed, lane: &str, observations: Vec<Observation>) {
    for claimed in
        bed.journal.claim_shipments("w", later(200), std::time::Duration::from_secs(9), 9).await.expect("claimed")
    {
        let folded = FoldedShipment {
            id: claimed.id,
            claim: claimed.claim,
            joined: claimed.joined,
            revision: "r".to_owned(),
            context: "{}".to_owned(),
            findings: Vec::new(),
            looked_up: Vec::new(),
            people: PeopleChanges::default(),
            made: Vec::new(),
            filings: Vec::new(),
            wakes: Default::default(),
            again_at: None,
            fails: false,
            figures: ShipmentFigures { lane: lane.to_owned(), observations: observations.clone() },
            told: Told { events: vec![changed()], deliveries: Vec::new() },
            now: later(200),
        };
        bed.journal.fold_shipment(folded).await.expect("it is kept");
    }
}

pub(crate) async fn what_is_observed_of_a_shipment_is_counted_once_by_partner_lane_and_day(bed: Bed) {
    let rules = rules(1_000);
    for (round, late) in [(1, 7_200), (2, 3_600)] {
        let again = document("shipment", "S", &round.to_string(), round, &["ucr:A"], json!({}));
        accept(&bed, "erp", again, later(i64::from(round))).await;
        join(&bed, &rules, 1).await;
        let of_a = vec![
            observed("ARRI", "line", later(100), late, true),
            observed("DISC", "line", later(90_000), 200_000, false),
            observed("GTOT", "haulier", later(100), -60, true),
        ];
        fold(&bed, "VN-DE", of_a).await;
    }
    one(&bed, "A").await;
    let opened = bed.journal.figures(query(GroupedBy::Nothing)).await.expect("it is counted").counts;
    let opened = opened.into_iter().find(|count| count.figure == Figure::Exceptions).expect("there is a shipment");
    assert_eq!((opened.count, opened.judged, opened.good), (1, 1, 1), "nobody had to look at it");
    accept(&bed, "erp", document("shipment", "T", "1", 1, &["ucr:B"], json!({})), later(3)).await;
    join(&bed, &rules, 1).await;
    fold(&bed, "CN-GB", vec![observed("ARRI", "line", later(100), 0, true)]).await;
    let figure = Figure::Milestone;
    let row = |group: &str, count, total: i64, good| (figure, group.to_owned(), count, total * 1_000, count, good);
    let all = counts(&bed, query(GroupedBy::Nothing)).await;
    assert_eq!(all, [row("", 4, 203_540, 3)], "what was put together again took the place of what was");
    let by_partner = counts(&bed, query(GroupedBy::Partner)).await;
    assert_eq!(by_partner, [row("haulier", 1, -60, 1), row("line", 3, 203_600, 2)]);
    let by_lane = counts(&bed, query(GroupedBy::Lane)).await;
    assert_eq!(by_lane, [row("CN-GB", 1, 0, 1), row("VN-DE", 3, 203_540, 2)]);
    let by_day = counts(&bed, query(GroupedBy::Day)).await;
    let day = |at: Timestamp| at.to_string()[..10].to_owned();
    assert_eq!(by_day, [row(&day(later(100)), 3, 3_540, 3), row(&day(later(90_000)), 1, 200_000, 0)]);
    let one_lane =
        FiguresQuery { lane: Some("VN-DE".to_owned()), partner: Some("line".to_owned()), ..query(GroupedBy::Nothing) };
    assert_eq!(counts(&bed, one_lane).await, [row("", 2, 203_600, 1)]);
    let before = FiguresQuery { until: later(99), ..query(GroupedBy::Nothing) };
    assert_eq!(counts(&bed, before).await, []);
}

pub(crate) async fn onboarding_is_from_the_first_message_of_a_test_to_the_first_that_counts(bed: Bed) {
    let rules = rules(1_000);
    let (day, hour) = (86_400, 3_600);
    for (sender, key, at) in [
        ("line/test", "M1", 10),
        ("line/test", "M2", 20),
        ("line", "M3", 10 + 3 * day),
        ("line", "M4", 10 + 4 * day),
        ("erp", "M5", hour),
        ("wms/test", "M6", hour),
    ] {
        accept(&bed, sender, document("milestone", key, "1", 1, &["ucr:A"], json!({})), later(at)).await;
    }
    join(&bed, &rules, 6).await;
    let row = |group: &str| (Figure::Onboarding, group.to_owned(), 1, 3 * day * 1_000, 0, 0);
    assert_eq!(
        counts(&bed, query(GroupedBy::Partner)).await,
        [row("line")],
        "who never tested or is not there yet is left out"
    );
    let early = FiguresQuery { until: later(day), ..query(GroupedBy::Nothing) };
    assert_eq!(counts(&bed, early).await, []);
}

fn cost(figure: Figure, key: &str, currency: &str, reckoned: i64, assessed: i64) -> Observation {
    let amounts = Amounts { currency: currency.to_owned(), reckoned, assessed };
    let is_good = Some(reckoned == assessed);
    let (key, partner, at) = (key.to_owned(), "broker".to_owned(), later(100));
    Observation { figure, key, partner, at, seconds: 0, is_good, amounts: Some(amounts) }
}

/// Figure, group, how many and how many of them are good, currency, what was reckoned, what was assessed and how much that was off.
type Row = (Figure, String, u64, u64, String, i128, i128, i128);

async fn costs(bed: &Bed, by: GroupedBy) -> Vec<Row> {
    let counted = bed.journal.figures(query(by)).await.expect("it is counted").counts;
    let row = |count: FigureCount| {
        let sums = count.sums?;
        let (figure, group, good) = (count.figure, count.group, count.good);
        Some((figure, group, count.count, good, sums.currency, sums.reckoned, sums.assessed, sums.deviation))
    };
    counted.into_iter().filter_map(row).collect()
}

pub(crate) async fn costs_are_summed_exactly_by_currency_and_corrected_by_what_comes_late(bed: Bed) {
    let rules = rules(1_000);
    let of = |figure, group: &str, (count, good), currency: &str, (reckoned, assessed, off)| -> Row {
        (figure, group.to_owned(), count, good, currency.to_owned(), reckoned, assessed, off)
    };
    let (landed, provisional) = (Figure::LandedCost, Figure::ProvisionalCost);
    // 224.00 estimated and 226.40 assessed; and 10.005 and 10.000 of a currency with thousandths.
    let first = vec![
        cost(landed, "GBP", "GBP", 224_000, 226_400),
        cost(provisional, "GBP", "GBP", 226_400, 226_400),
        cost(landed, "KWD", "KWD", 10_005, 10_000),
    ];
    accept(&bed, "erp", document("shipment", "S", "1", 1, &["ucr:A"], json!({})), later(1)).await;
    join(&bed, &rules, 1).await;
    fold(&bed, "VN-GB", first.clone()).await;
    accept(&bed, "erp", document("shipment", "T", "1", 1, &["ucr:B"], json!({})), later(2)).await;
    join(&bed, &rules, 1).await;
    // 100.00 too much: what was too little elsewhere does not make that good.
    fold(&bed, "CN-GB", vec![cost(landed, "GBP", "GBP", 200_000, 100_000)]).await;
    let all = [
        of(landed, "", (2, 0), "GBP", (424_000, 326_400, 102_400)),
        of(landed, "", (1, 0), "KWD", (10_005, 10_000, 5)),
        of(provisional, "", (1, 1), "GBP", (226_400, 226_400, 0)),
    ];
    assert_eq!(costs(&bed, GroupedBy::Nothing).await, all);
    assert_eq!(
        costs(&bed, GroupedBy::Lane).await,
        [
            of(landed, "CN-GB", (1, 0), "GBP", (200_000, 100_000, 100_000)),
            of(landed, "VN-GB", (1, 0), "GBP", (224_000, 226_400, 2_400)),
            of(landed, "VN-GB", (1, 0), "KWD", (10_005, 10_000, 5)),
            of(provisional, "VN-GB", (1, 1), "GBP", (226_400, 226_400, 0)),
        ]
    );
    // 1 March 2026 is a Sunday.
    for (by, name) in [(GroupedBy::Day, "2026-03-01"), (GroupedBy::Week, "2026-02-23"), (GroupedBy::Month, "2026-03")] {
        assert_eq!(costs(&bed, by).await[0].1, name);
    }
    let bed = bed.reopened().await;
    // Customs assesses anew, and the shipment goes elsewhere than was thought.
    accept(&bed, "erp", document("shipment", "T", "2", 2, &["ucr:B"], json!({})), later(3)).await;
    join(&bed, &rules, 1).await;
    fold(&bed, "CN-DE", vec![cost(landed, "GBP", "GBP", 200_000, 200_000)]).await;
    let corrected = of(landed, "CN-DE", (1, 1), "GBP", (200_000, 200_000, 0));
    assert_eq!(costs(&bed, GroupedBy::Lane).await[0], corrected, "in the place of what was said before");
    // More than either engine can add up at once, and one amount that is a mistake.
    let large = 2_000_000_000_000_000_001;
    let mut many: Vec<Observation> = (0..6).map(|key| cost(landed, &key.to_string(), "VND", large, -large)).collect();
    many.push(cost(landed, "mistake", "VND", i64::MAX, 0));
    accept(&bed, "erp", document("shipment", "T", "3", 3, &["ucr:B"], json!({})), later(4)).await;
    join(&bed, &rules, 1).await;
    fold(&bed, "CN-DE", many).await;
    let sum = 6 * i128::from(large);
    assert_eq!(costs(&bed, GroupedBy::Lane).await[0], of(landed, "CN-DE", (6, 0), "VND", (sum, -sum, 2 * sum)));
}

/// How many there are of a figure, and how many of them are good, by group.
async fn counted(bed: &Bed, figure: Figure, query: FiguresQuery) -> Vec<(String, u64, u64)> {
    let counts = bed.journal.figures(query).await.expect("it is counted").counts;
    let of = counts.into_iter().filter(|count| count.figure == figure);
    of.map(|count| (count.group, count.count, count.good)).collect()
}

pub(crate) async fn exceptions_touches_deliveries_and_messages_are_counted_by_partner_and_lane_and_never_twice(
    bed: Bed,
) {
    let rules = rules(1_000);
    // A shipment of the ERP system and the line, of which something waits for a person; one of the ERP system alone; one of a test.
    let id = exceptions::shipment(&bed, "A").await;
    let mut event = message(later(5));
    event.exchange.partner = "line".to_owned();
    event.documents = vec![document("milestone", "M", "1", 1, &["ucr:A"], json!({}))];
    event.exchange.parts = Vec::new();
    let sent = delivery("portal", None, later(5));
    let (exchange, of_event) = (event.exchange.id, sent.id);
    event.deliveries = vec![sent, delivery("erp", None, later(5))];
    let body = String::from_utf8(event.documents[0].body.clone()).ok();
    let data = EventData::Document { exchange, position: 0, body };
    let (kind, partner, at) = ("portgate.document.milestone".to_owned(), "line".to_owned(), later(5));
    event.events = vec![NewEvent { id: EventId::new(at), kind, subject: "M".to_owned(), partner, at, data }];
    bed.accept(event).await;
    accept(&bed, "erp", document("shipment", "B", "1", 1, &["ucr:B"], json!({})), later(6)).await;
    accept(&bed, "erp/test", document("shipment", "C", "1", 1, &["ucr:C"], json!({})), later(7)).await;
    join(&bed, &rules, 3).await;
    for claimed in exceptions::claim(&*bed.journal, later(200)).await {
        let found = if claimed.id == id { vec![exceptions::finding("R1", "1")] } else { Vec::new() };
        let people = exceptions::changes(&*bed.journal, claimed.id, &mut found.clone(), "r1").await;
        let lane = if claimed.id == id { "VN-DE" } else { "CN-GB" };
        let figures = ShipmentFigures { lane: lane.to_owned(), observations: Vec::new() };
        let folded = FoldedShipment { figures, ..exceptions::folded(&claimed, "r1", people, later(200)) };
        bed.journal.fold_shipment(folded).await.expect("it is kept");
    }
    let row = |group: &str, count, good| (group.to_owned(), count, good);
    let of = Figure::Exceptions;
    assert_eq!(counted(&bed, of, query(GroupedBy::Nothing)).await, [row("", 2, 1)], "the test counts nowhere");
    assert_eq!(counted(&bed, of, query(GroupedBy::Lane)).await, [row("CN-GB", 1, 1), row("VN-DE", 1, 0)]);
    assert_eq!(counted(&bed, of, query(GroupedBy::Partner)).await, [row("erp", 2, 1), row("line", 1, 0)]);
    let narrow = |partner: &str, lane: &str| FiguresQuery {
        partner: Some(partner.to_owned()),
        lane: Some(lane.to_owned()),
        ..query(GroupedBy::Nothing)
    };
    assert_eq!(counted(&bed, of, narrow("erp", "VN-DE")).await, [row("", 1, 0)]);
    assert_eq!(counted(&bed, of, narrow("line", "CN-GB")).await, []);

    // Two persons override, which are two touches of one shipment; a third is of a delivery that came of its document.
    let open = exceptions::of(&bed, id).await.remove(0);
    let act = |who: &str, confirms, at| ActOnException {
        needs_second: true,
        confirms,
        ..exceptions::asked(open.id, Doing::Override { until: Until::FieldsChange }, who, at)
    };
    let Ok(ExceptionEnd::Waits(first)) = bed.journal.act_on_exception(act("ann", None, later(201))).await else {
        panic!("one person is not enough")
    };
    assert_eq!(bed.journal.act_on_exception(act("bob", Some(first), later(202))).await, Ok(ExceptionEnd::Done));
    let claimed = bed.claim_one("portal", later(203)).await;
    bed.render(claimed.claim, request("/one"), None).await.expect("the claim holds");
    let dead = Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() };
    bed.settle(claimed.claim, later(203), dead).await;
    let operator = Operator { name: "ada".to_owned(), reason: "nobody wants it".to_owned() };
    let filter = Filter { ids: Some(vec![of_event]), ..Filter::default() };
    assert_eq!(
        bed.journal.act(ActKind::Discard, &filter, &operator, later(204)).await.map(|acted| acted.changed),
        Ok(1)
    );
    let none = Filter { destination: Some("nobody".to_owned()), ..Filter::default() };
    assert_eq!(bed.journal.act(ActKind::Discard, &none, &operator, later(205)).await.map(|acted| acted.changed), Ok(0));
    let bed = bed.reopened().await;
    let of = Figure::Touches;
    assert_eq!(counted(&bed, of, query(GroupedBy::Nothing)).await, [row("", 4, 0)], "also what came to nothing");
    assert_eq!(counted(&bed, of, query(GroupedBy::Lane)).await, [row("VN-DE", 3, 0)]);
    assert_eq!(
        counted(&bed, of, query(GroupedBy::Partner)).await,
        [row("erp", 2, 0), row("line", 2, 0), row("portal", 1, 0)],
        "what is done about a shipment is done about all who have a document in it"
    );
    assert_eq!(counted(&bed, of, narrow("line", "VN-DE")).await, [row("", 2, 0)]);

    let claimed = bed.claim_one("erp", later(206)).await;
    bed.render(claimed.claim, request("/two"), None).await.expect("the claim holds");
    bed.settle(claimed.claim, later(206), delivered()).await;
    let of = Figure::Delivery;
    assert_eq!(counted(&bed, of, query(GroupedBy::Lane)).await, [row("VN-DE", 2, 0)]);
    assert_eq!(counted(&bed, of, query(GroupedBy::Partner)).await, [row("erp", 1, 0), row("portal", 1, 0)]);
    assert_eq!(counted(&bed, of, narrow("portal", "VN-DE")).await, [row("", 1, 0)]);
    assert_eq!(counted(&bed, of, narrow("portal", "CN-GB")).await, []);

    refusals::keep(&bed, refusals::refusal("line", 300, b"{}"), refusals::AMPLE).await;
    refusals::keep(&bed, refusals::refusal("line/test", 300, b"{}"), refusals::AMPLE).await;
    let of = Figure::Messages;
    assert_eq!(counted(&bed, of, query(GroupedBy::Partner)).await, [row("erp", 2, 2), row("line", 2, 1)]);
    assert_eq!(counted(&bed, of, query(GroupedBy::Lane)).await, [], "a message that was refused is on no lane");
}

/// Attempts at deliveries by group: how many, how many were good, how long together and the longest.
async fn attempts(bed: &Bed, query: FiguresQuery) -> Vec<(String, u64, u64, i64, i64)> {
    let counts = bed.journal.figures(query).await.expect("it is counted").counts;
    let of = counts.into_iter().filter(|count| count.figure == Figure::Delivery);
    of.map(|count| (count.group, count.count, count.good, count.total_ms, count.longest_ms)).collect()
}

/// An attempt at a new delivery of a message of this sender: it took so many seconds and ended at this time.
async fn attempt(bed: &Bed, sender: &str, destination: &str, ended: i64, took: i64, is_good: bool) {
    let (mut given, _) = message_for(destination, None, later(ended - took));
    given.exchange.partner = sender.to_owned();
    (given.business_key, given.idempotency) = (None, None);
    bed.accept(given).await;
    let claimed = bed.claim_one(destination, later(ended - took)).await;
    let settled = match is_good {
        true => delivered(),
        false => Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() },
    };
    let verdict = Some(if is_good { Verdict::Accepted } else { Verdict::Rejected });
    let settlement =
        Settlement { started_at: later(ended - took), verdict, ..settlement(claimed.claim, later(ended), settled) };
    bed.journal.settle(settlement).await.expect("the claim holds");
}

pub(crate) async fn attempts_are_summed_up_as_they_end_and_stay_when_their_deliveries_are_removed(bed: Bed) {
    let day = 86_400;
    attempt(&bed, "erp", "portal", 10, 2, true).await;
    attempt(&bed, "erp", "portal", 20, 5, true).await;
    attempt(&bed, "erp", "line", 30, 1, true).await;
    attempt(&bed, "erp/test", "portal", 30, 60, true).await;
    attempt(&bed, "erp", "portal", 2 * day, 9, false).await;
    let row = |group: &str, count, good, total: i64, longest: i64| {
        (group.to_owned(), count, good, total * 1_000, longest * 1_000)
    };
    let by_partner = [row("line", 1, 1, 1, 1), row("portal", 3, 2, 16, 9)];
    assert_eq!(attempts(&bed, query(GroupedBy::Partner)).await, by_partner, "tests are left out");
    let by_day = [row("2026-03-01", 3, 3, 8, 5), row("2026-03-03", 1, 0, 9, 9)];
    assert_eq!(attempts(&bed, query(GroupedBy::Day)).await, by_day);
    assert_eq!(attempts(&bed, query(GroupedBy::Month)).await, [row("2026-03", 4, 3, 17, 9)]);
    let early = FiguresQuery { until: later(day), partner: Some("portal".to_owned()), ..query(GroupedBy::Nothing) };
    assert_eq!(attempts(&bed, early).await, [row("", 2, 2, 7, 5)]);
    assert!(bed.journal.purge(later(3 * day), 100).await.expect("it is purged") >= 4);
    let bed = bed.reopened().await;
    assert_eq!(attempts(&bed, query(GroupedBy::Partner)).await, by_partner, "they are of the past");
    assert_eq!(bed.journal.purge(later(500 * day), 100).await, Ok(0), "what is dead somebody has to look at");
    assert_eq!(attempts(&bed, query(GroupedBy::Partner)).await, [], "nobody can ask for that any more");
}

pub(crate) async fn a_journal_that_exists_keeps_what_attempts_came_to(bed: Bed) {
    attempt(&bed, "erp", "portal", 10, 2, true).await;
    attempt(&bed, "erp/test", "portal", 20, 2, true).await;
    attempt(&bed, "erp", "portal", 30, 3, false).await;
    let before = attempts(&bed, query(GroupedBy::Partner)).await;
    assert_eq!(before, [("portal".to_owned(), 2, 1, 5_000, 3_000)]);
    let version = match &bed.settings {
        JournalSettings::Sqlite { .. } => "PRAGMA user_version = 32",
        JournalSettings::Postgres { .. } => "DELETE FROM journal_schema WHERE version > 32",
    };
    bed.run(&format!("DROP TABLE attempt_sums; {version}")).await.expect("it is as old as it was");
    let bed = bed.reopened().await;
    assert_eq!(attempts(&bed, query(GroupedBy::Partner)).await, before);
}
