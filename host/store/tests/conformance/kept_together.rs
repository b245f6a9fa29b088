//! Contexts that are kept together are kept as each would be alone, and none stands in another's way.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::date;
use portgate_core::expectation::Expected;
use portgate_store::{
    Checked, ClaimedShipment, Cursor, DueExpectation, EventData, EventId, FOR_OPERATORS, Figure, FiguresQuery, FoldEnd,
    FoldedShipment, GroupedBy, JournalError, NewEvent, NewTableVersion, Observation, Outdated, PeopleChanges, ReliedOn,
    ShipmentFigures, ShipmentNews, Told,
};
use serde_json::json;

use crate::bed::{Bed, later, start};
use crate::exceptions;
use crate::shipments::{accept, document, join, one, own, rules};

const LEASE: Duration = Duration::from_secs(60);
/// What is told of six shipments that are put together twice.
const EVENTS: usize = 12;
const TARIFF: &str = "tariff";

/// Opens shipments that are found by these names.
async fn open(bed: &Bed, names: &[&str]) {
    for name in names {
        let ucr = format!("ucr:{name}");
        accept(bed, "erp", document("shipment", name, "1", 1, &[&ucr], json!({})), start()).await;
    }
    join(bed, &rules(1_000), u32::try_from(names.len()).expect("few")).await;
}

/// Claims the shipments of these names, in their order.
async fn claim(bed: &Bed, names: &[&str], now: Timestamp) -> Vec<ClaimedShipment> {
    let claimed = bed.journal.claim_shipments("worker", now, LEASE, 100).await.expect("they are claimed");
    assert_eq!(claimed.len(), names.len(), "{claimed:?}");
    let mut sorted = Vec::new();
    for name in names {
        let id = one(bed, name).await.id;
        sorted.push(claimed.iter().find(|claimed| claimed.id == id).expect("it is claimed").clone());
    }
    sorted
}

/// What is put together of a shipment, with something of everything that is kept of it.
fn folded(claimed: &ClaimedShipment, name: &str, revision: &str, now: Timestamp) -> FoldedShipment {
    let observed = |key: &str, seconds| Observation {
        figure: Figure::Milestone,
        key: key.to_owned(),
        partner: name.to_owned(),
        at: later(100),
        seconds,
        is_good: None,
        amounts: None,
    };
    let expected = Expected { name: "answer".to_owned(), of: name.to_owned(), since: later(100), met: None };
    let relied = |key: &str| ReliedOn {
        table: TARIFF.to_owned(),
        key: Some(key.to_owned()),
        day: Some(date(2026, 3, 1)),
        value: Some("2.0".to_owned()),
        file: "first".to_owned(),
        asked_on: date(2026, 3, 1),
    };
    let changed = NewEvent {
        id: EventId::new(now),
        kind: "portgate.shipment.changed".to_owned(),
        subject: claimed.id.to_string(),
        partner: FOR_OPERATORS.to_owned(),
        at: now,
        data: EventData::Own("{}".to_owned()),
    };
    // What only the first of two revisions has, what both have, and what both have in another way.
    let mut observations = vec![observed("stays", 1), observed("differs", if revision == "r1" { 10 } else { 20 })];
    if revision == "r1" {
        observations.push(observed("goes", 100));
    }
    FoldedShipment {
        id: claimed.id,
        claim: claimed.claim,
        joined: claimed.joined,
        revision: revision.to_owned(),
        context: format!("{{\"{name}\":\"{revision}\"}}"),
        findings: Vec::new(),
        looked_up: vec![relied("shared"), relied(if revision == "r1" { "first" } else { name })],
        figures: ShipmentFigures { lane: format!("XX-{name}"), observations },
        told: Told { events: vec![changed], deliveries: Vec::new() },
        people: PeopleChanges {
            expectations: vec![DueExpectation { expected, due_at: later(1_000) }],
            ..PeopleChanges::default()
        },
        made: Vec::new(),
        filings: Vec::new(),
        wakes: Default::default(),
        again_at: None,
        fails: false,
        now,
    }
}

/// What is kept of the shipment of this name, without the name.
async fn kept(bed: &Bed, name: &str) -> Vec<String> {
    let shipment = one(bed, name).await;
    let mut kept = vec![format!("{:?} {:?} {}", shipment.revision, shipment.context, shipment.is_current)];
    let events = bed.journal.shipment_events(shipment.id, Cursor::default(), 100).await.expect("they are read");
    kept.extend(events.into_iter().filter_map(|event| match event.news {
        ShipmentNews::Revision(revision) => Some(format!("told of {revision}")),
        ShipmentNews::Document { .. } | ShipmentNews::Gone => None,
    }));
    let expected = bed.journal.expectations(shipment.id).await.expect("they are read");
    kept.extend(expected.iter().map(|one| format!("expects {:?} by {}", one.expected, one.due_at)));
    let lane = Some(format!("XX-{name}"));
    let query = FiguresQuery { from: later(0), until: later(9_000), partner: None, lane, by: GroupedBy::Partner };
    let counted = bed.journal.figures(query).await.expect("they are counted").counts.into_iter();
    let milestones = counted.filter(|count| count.figure == Figure::Milestone);
    kept.extend(milestones.map(|one| format!("{}: {} in {} ms", one.group, one.count, one.total_ms)));
    let told = bed.events(None, Some(FOR_OPERATORS), EVENTS).await.into_iter();
    let told = told.filter(|event| event.event.subject == shipment.id.to_string());
    kept.push(format!("{} events", told.count()));
    kept.iter().map(|kept| kept.replace(name, "NAME")).collect()
}

pub(crate) async fn what_is_kept_together_is_kept_as_each_would_be_alone(bed: Bed) {
    let (mut seen, ways) = (Vec::new(), [["ONE1", "ONE2", "ONE3"], ["TWO1", "TWO2", "TWO3"]]);
    for (way, names) in ways.iter().enumerate() {
        for (round, revision) in [(1, "r1"), (2, "r2")] {
            for name in names {
                let (ucr, version) = (format!("ucr:{name}"), round.to_string());
                accept(&bed, "erp", document("shipment", name, &version, round, &[&ucr], json!({})), start()).await;
            }
            join(&bed, &rules(1_000), 3).await;
            let now = later(200 + i64::from(round));
            let claimed = claim(&bed, names, now).await;
            let all: Vec<FoldedShipment> =
                claimed.iter().zip(names).map(|(claimed, name)| folded(claimed, name, revision, now)).collect();
            if way == 0 {
                let ids: BTreeSet<_> = all.iter().map(|folded| folded.id).collect();
                assert_eq!(bed.journal.fold_together(Arc::new(all)).await, Ok(ids));
            } else {
                for folded in all {
                    assert_eq!(bed.journal.fold_shipment(folded).await, Ok(FoldEnd::Kept));
                }
            }
        }
    }
    for name in ways.iter().flatten() {
        seen.push(kept(&bed, name).await);
    }
    assert_eq!(bed.journal.claim_shipments("worker", later(900), LEASE, 9).await, Ok(Vec::new()), "nothing is due");
    let expected = ["Some(\"r2\") Some(\"{\\\"NAME\\\":\\\"r2\\\"}\") true", "told of r1", "told of r2"];
    assert_eq!(seen[0][..3], expected);
    assert_eq!(seen[0][4..], ["NAME: 2 in 21000 ms", "2 events"], "{:?}", seen[0]);
    assert!(seen.iter().all(|kept| *kept == seen[0]), "{seen:#?}");
    // Of what was looked up all rest on one thing, each on its own, and none on what it looked up the first time.
    let now = later(901);
    let version = NewTableVersion { table: TARIFF.to_owned(), file: "second".to_owned(), change: None, now };
    assert_eq!(bed.journal.take_up_table(version).await, Ok(true));
    for (key, judged_again) in [("first", 0), ("TWO2", 1), ("ONE3", 1), ("shared", 6)] {
        let asked = bed.journal.lookups_to_check(TARIFF.to_owned(), "second".to_owned(), date(2026, 3, 1), 100).await;
        let lookup = asked.expect("they are read").into_iter().find(|lookup| lookup.key.as_deref() == Some(key));
        let checked = Checked {
            table: TARIFF.to_owned(),
            file: "second".to_owned(),
            confirmed: Vec::new(),
            outdated: vec![Outdated { lookup: lookup.expect("it was looked up"), after: None }],
            shipments_max: 100,
            today: date(2026, 3, 1),
            now,
        };
        bed.journal.keep_checked(checked).await.expect("it is kept");
        let due = bed.journal.claim_shipments("worker", now, LEASE, 9).await.expect("they are claimed");
        assert_eq!(due.len(), judged_again, "{key}");
        for claimed in due {
            bed.journal.give_back_shipment(claimed.id, claimed.claim, Timestamp::MAX).await.expect("it is given back");
        }
    }
}

pub(crate) async fn one_with_something_in_its_way_keeps_none_of_the_others_from_it(bed: Bed) {
    let names = ["KEPT", "LOST", "MAKES", "LATER"];
    open(&bed, &names).await;
    let claimed = claim(&bed, &names, later(200)).await;
    // Somebody else has the second by now.
    let (lost, others) = (&claimed[1], later(201));
    bed.journal.give_back_shipment(lost.id, lost.claim, others).await.expect("it is given back");
    let taken = bed.journal.claim_shipments("another", others, LEASE, 9).await.expect("it is claimed").remove(0);
    assert_eq!(taken.id, lost.id);
    // To the fourth something comes meanwhile.
    accept(&bed, "erp", document("milestone", "M", "1", 2, &["ucr:LATER"], json!({})), later(1)).await;
    join(&bed, &rules(1_000), 1).await;
    let now = later(202);
    let mut all: Vec<FoldedShipment> =
        claimed.iter().zip(names).map(|(claimed, name)| folded(claimed, name, "r1", now)).collect();
    all[2].made = vec![own("LRN1/1", document("shipment", "LRN1", "1", 5, &["ucr:MAKES", "lrn:LRN1"], json!({})), now)];
    let together = Arc::new(all.clone());
    assert_eq!(bed.journal.fold_together(together).await, Ok([claimed[0].id, claimed[3].id].into()));
    let revisions = async || {
        let mut revisions = Vec::new();
        for name in names {
            revisions.push(one(&bed, name).await.revision);
        }
        revisions
    };
    let r1 = || Some("r1".to_owned());
    assert_eq!(revisions().await, [r1(), None, None, r1()]);
    assert!(one(&bed, "KEPT").await.is_current);
    assert!(!one(&bed, "LATER").await.is_current, "what came meanwhile is not in it");
    // What was left out is kept alone, by whoever has it.
    let [kept, lost, makes, _] = all.try_into().expect("four");
    assert_eq!(bed.journal.fold_shipment(lost).await, Err(JournalError::LeaseLost));
    assert_eq!(bed.journal.fold_shipment(makes).await, Ok(FoldEnd::Kept));
    assert_eq!(bed.claim("broker", now, 10).await.len(), 1, "its delivery is made");
    assert_eq!(bed.journal.fold_shipment(folded(&taken, "LOST", "r1", now)).await, Ok(FoldEnd::Kept));
    assert_eq!(revisions().await, [r1(), r1(), r1(), r1()]);
    // What is kept is nobody's any more: not even who kept it can do so again.
    assert_eq!(bed.journal.fold_together(Arc::new(vec![kept])).await, Ok(BTreeSet::new()));
}

pub(crate) async fn the_documents_of_several_are_those_of_each(bed: Bed) {
    let lines = json!({ "lines": [{ "sku": "LAMP" }] });
    for name in ["A", "B"] {
        let ucr = format!("ucr:{name}");
        accept(&bed, "erp", document("shipment", name, "1", 1, &[&ucr, "order:O"], lines.clone()), start()).await;
    }
    accept(&bed, "erp", document("order", "O", "1", 2, &["order:O"], json!({})), start()).await;
    accept(&bed, "erp", document("milestone", "M", "1", 2, &["ucr:A"], json!({})), start()).await;
    accept(&bed, "erp", document("item", "7", "1", 2, &[], json!({ "sku": "LAMP" })), start()).await;
    join(&bed, &rules(1_000), 5).await;
    let (a, b) = (one(&bed, "A").await.id, one(&bed, "B").await.id);
    let nobody = portgate_store::ShipmentId::new(start());
    let all = bed.journal.shipments_documents(vec![a, b, nobody]).await.expect("they are read");
    let keys = |id| {
        let documents = &all[&id];
        let keys = |all: &[portgate_store::StatedDocument]| all.iter().map(|one| one.key.clone()).collect::<Vec<_>>();
        (keys(&documents.documents), keys(&documents.catalogue))
    };
    let strings = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    assert_eq!(keys(a), (strings(&["A", "O", "M"]), strings(&["7"])));
    assert_eq!(keys(b), (strings(&["B", "O"]), strings(&["7"])));
    assert_eq!(keys(nobody), (Vec::new(), Vec::new()));
    for id in [a, b] {
        assert_eq!(bed.journal.shipment_documents(id).await.as_ref(), Ok(&all[&id]));
    }
    let claimed = claim(&bed, &["A", "B"], later(200)).await;
    assert_eq!(claimed.iter().map(|claimed| claimed.things).collect::<Vec<_>>(), [3, 2]);
}

pub(crate) async fn what_people_have_to_do_with_several_is_that_of_each(bed: Bed) {
    let (a, b) = (exceptions::shipment(&bed, "A").await, exceptions::shipment(&bed, "B").await);
    for claimed in claim(&bed, &["A", "B"], later(200)).await {
        let rules: &[&str] = if claimed.id == a { &["R2", "R1"] } else { &["R3"] };
        let mut found: Vec<_> = rules.iter().map(|rule| exceptions::finding(rule, "1")).collect();
        let changes = exceptions::changes(&*bed.journal, claimed.id, &mut found, "r1").await;
        let folded = exceptions::folded(&claimed, "r1", changes, later(201));
        assert_eq!(bed.journal.fold_shipment(folded).await, Ok(FoldEnd::Kept));
    }
    let nobody = portgate_store::ShipmentId::new(start());
    let all = bed.journal.people_of(vec![b, nobody, a], Vec::new()).await.expect("they are read");
    let causes = |id| all[&id].exceptions.iter().map(|kept| kept.known.cause.to_string()).collect::<Vec<_>>();
    assert_eq!(causes(a), ["rule:core/R1", "rule:core/R2"]);
    assert_eq!(causes(b), ["rule:core/R3"]);
    assert_eq!(causes(nobody), Vec::<String>::new());
    for id in [a, b] {
        assert_eq!(exceptions::of(&bed, id).await, all[&id].exceptions);
    }
}
