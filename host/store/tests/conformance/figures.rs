//! How well things go is counted from what was observed, within a time and by group, and never twice.

use jiff::Timestamp;
use portgate_store::{
    EventData, EventId, FOR_OPERATORS, Figure, FigureCount, FiguresQuery, FoldedShipment, GroupedBy, NewEvent,
    Observation, PeopleChanges, ShipmentFigures, Told,
};
use serde_json::json;

use crate::bed::{Bed, later, start};
use crate::shipments::{accept, document, join, one, rules};

fn query(by: GroupedBy) -> FiguresQuery {
    FiguresQuery { from: start(), until: later(1_000_000), partner: None, lane: None, by }
}

async fn counts(bed: &Bed, query: FiguresQuery) -> Vec<(Figure, String, u64, i64, u64, u64)> {
    let counted = bed.journal.figures(query).await.expect("it is counted");
    assert!(!counted.is_cut);
    // Shipments by themselves are counted elsewhere.
    let counts = counted.counts.into_iter().filter(|count| count.figure != Figure::Exceptions);
    let plain = |FigureCount { figure, group, count, total_ms, judged, good, .. }| {
        (figure, group, count, total_ms, judged, good)
    };
    counts.map(plain).collect()
}

fn observed(key: &str, partner: &str, at: Timestamp, seconds: i64, is_good: bool) -> Observation {
    let (key, partner) = (key.to_owned(), partner.to_owned());
    Observation { figure: Figure::Milestone, key, partner, at, seconds, is_good: Some(is_good) }
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
            people: PeopleChanges::default(),
            made: Vec::new(),
            filings: Vec::new(),
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
