//! What shipments rest on in reference tables is kept with their judgement, and those are judged again whose value is another one.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use portgate_store::{
    Checked, FoldedShipment, KeptLookup, NewTableVersion, Outdated, PeopleChanges, ReliedOn, Review, ShipmentFigures,
    ShipmentId, TableReview, Told,
};
use serde_json::json;

use crate::bed::{Bed, later, start};
use crate::shipments::{accept, document, join, one, rules};

const TODAY: Date = date(2026, 3, 1);
const TARIFF: &str = "tariff";

fn relied(key: &str, day: Option<Date>, value: Option<&str>, file: &str) -> ReliedOn {
    ReliedOn {
        table: TARIFF.to_owned(),
        key: Some(key.to_owned()),
        day,
        value: value.map(str::to_owned),
        file: file.to_owned(),
        asked_on: TODAY,
    }
}

/// Shipments of these names, each judged by what it looked up.
async fn judged(bed: &Bed, shipments: &[(&str, Vec<ReliedOn>)]) {
    let rules = rules(1_000);
    for (name, _) in shipments {
        let ucr = format!("ucr:{name}");
        accept(bed, "erp", document("shipment", name, "1", 1, &[&ucr], json!({})), start()).await;
    }
    join(bed, &rules, u32::try_from(shipments.len()).expect("few")).await;
    judge(bed, shipments, 100).await;
}

/// Puts together what is due, by what each looks up.
async fn judge(bed: &Bed, shipments: &[(&str, Vec<ReliedOn>)], second: i64) -> BTreeSet<ShipmentId> {
    let lease = std::time::Duration::from_secs(60);
    let claimed = bed.journal.claim_shipments("w", later(second), lease, 100).await.expect("they are claimed");
    let mut done = BTreeSet::new();
    for claimed in claimed {
        let mut looked_up = Vec::new();
        for (name, relied) in shipments {
            if one(bed, name).await.id == claimed.id {
                looked_up.clone_from(relied);
            }
        }
        done.insert(claimed.id);
        let folded = FoldedShipment {
            wakes: Default::default(),
            again_at: None,
            fails: false,
            id: claimed.id,
            claim: claimed.claim,
            joined: claimed.joined,
            revision: "r".to_owned(),
            context: "{}".to_owned(),
            findings: Vec::new(),
            looked_up,
            figures: ShipmentFigures::default(),
            told: Told::default(),
            people: PeopleChanges::default(),
            made: Vec::new(),
            filings: Vec::new(),
            now: later(second),
        };
        bed.journal.fold_shipment(folded).await.expect("it is kept");
    }
    done
}

async fn take_up(bed: &Bed, file: &str, second: i64) -> bool {
    let change = Some(format!("{{\"why\":\"{file}\"}}"));
    let version = NewTableVersion { table: TARIFF.to_owned(), file: file.to_owned(), change, now: later(second) };
    bed.journal.take_up_table(version).await.expect("it is kept")
}

async fn to_check(bed: &Bed, file: &str, today: Date) -> Vec<KeptLookup> {
    let asked = bed.journal.lookups_to_check(TARIFF.to_owned(), file.to_owned(), today, 100);
    let mut found = asked.await.expect("they are read");
    found.sort_by(|one, other| one.key.cmp(&other.key));
    found
}

/// Holds what is to be checked against what the file says now.
async fn check(bed: &Bed, file: &str, says: &[(&str, &str)], today: Date, second: i64) -> Review {
    let (mut confirmed, mut outdated) = (Vec::new(), Vec::new());
    for lookup in to_check(bed, file, today).await {
        let now = says.iter().find(|(key, _)| lookup.key.as_deref() == Some(key)).map(|(_, value)| (*value).to_owned());
        match now == lookup.value {
            true => confirmed.push(lookup.hash),
            false => outdated.push(Outdated { lookup, after: now }),
        }
    }
    keep(bed, file, (confirmed, outdated), today, second, 100).await
}

async fn keep(
    bed: &Bed,
    file: &str,
    (confirmed, outdated): (Vec<[u8; 16]>, Vec<Outdated>),
    today: Date,
    second: i64,
    shipments_max: u32,
) -> Review {
    let (table, file) = (TARIFF.to_owned(), file.to_owned());
    let checked = Checked { table, file, confirmed, outdated, shipments_max, today, now: later(second) };
    bed.journal.keep_checked(checked).await.expect("it is kept")
}

async fn reviews(bed: &Bed, version: u64) -> Vec<TableReview> {
    bed.journal.table_reviews(TARIFF.to_owned(), version, 100).await.expect("they are read")
}

fn due(bed: &Bed, second: i64) -> impl Future<Output = BTreeSet<ShipmentId>> {
    judge(bed, &[], second)
}

pub(crate) async fn exactly_the_shipments_that_used_a_changed_key_are_judged_again_once(bed: Bed) {
    let day = Some(TODAY);
    let (tea, coffee) = (relied("0902", day, Some("2"), "one"), relied("0901", day, Some("7"), "one"));
    let miss = relied("9999", day, None, "one");
    let shipments = [("A", vec![tea.clone(), miss.clone()]), ("B", vec![coffee]), ("C", vec![tea, miss])];
    assert!(take_up(&bed, "one", 10).await);
    judged(&bed, &shipments).await;
    assert_eq!(to_check(&bed, "one", TODAY).await, [], "the file that said so needs not be asked again");

    assert!(take_up(&bed, "two", 200).await);
    assert!(!take_up(&bed, "two", 201).await, "a second gateway takes the same file up");
    assert_eq!(to_check(&bed, "one", TODAY).await, [], "who has the older file judges nobody by it");
    assert_eq!(to_check(&bed, "two", TODAY).await.len(), 3, "each is asked once, whoever rests on it");
    let says = [("0902", "3"), ("0901", "7")];
    assert_eq!(check(&bed, "two", &says, TODAY, 202).await, Review { shipments: 2, more: false });
    assert_eq!(check(&bed, "two", &says, TODAY, 203).await, Review::default(), "a second gateway finds nothing to do");
    assert_eq!(to_check(&bed, "two", TODAY).await, []);

    let (a, b, c) = (one(&bed, "A").await, one(&bed, "B").await, one(&bed, "C").await);
    assert!(!a.is_current && b.is_current && !c.is_current);
    let told = reviews(&bed, 2).await;
    assert_eq!(told.iter().map(|review| review.shipment).collect::<BTreeSet<_>>(), [a.id, c.id].into());
    let first = &told[0];
    assert_eq!(
        (first.key.as_deref(), first.before.as_deref(), first.after.as_deref(), first.day, first.at),
        (Some("0902"), Some("2"), Some("3"), TODAY, later(202))
    );
    assert_eq!(due(&bed, 204).await, [a.id, c.id].into());
    assert_eq!(due(&bed, 205).await, BTreeSet::new(), "once");
    let versions = bed.journal.table_versions(Some(TARIFF.to_owned()), 10).await.expect("they are read");
    let told: Vec<_> = versions.iter().map(|version| (version.number, &*version.file, version.shipments)).collect();
    assert_eq!(told, [(2, "two", 2), (1, "one", 0)]);
    assert_eq!(versions[0].change.as_deref(), Some("{\"why\":\"two\"}"));
    assert_eq!(bed.journal.table_versions(None, 10).await.expect("they are read"), versions);
}

pub(crate) async fn what_is_the_same_on_another_day_is_asked_once_a_day_and_what_had_a_day_of_its_own_never(bed: Bed) {
    let today = [relied("0901", None, Some("7"), "one"), relied("0902", Some(TODAY), Some("2"), "one")];
    take_up(&bed, "one", 10).await;
    judged(&bed, &[("A", today.to_vec())]).await;
    assert_eq!(to_check(&bed, "one", TODAY).await, []);
    let tomorrow = date(2026, 3, 2);
    let asked = to_check(&bed, "one", tomorrow).await;
    assert_eq!(asked.iter().map(|one| (one.key.as_deref(), one.day)).collect::<Vec<_>>(), [(Some("0901"), None)]);
    assert_eq!(check(&bed, "one", &[("0901", "7")], tomorrow, 300).await.shipments, 0);
    assert_eq!(to_check(&bed, "one", tomorrow).await, []);
    // The day comes on which it is another one.
    let later_on = date(2026, 3, 3);
    assert_eq!(check(&bed, "one", &[("0901", "8")], later_on, 400).await.shipments, 1);
    assert_eq!((reviews(&bed, 1).await[0].day, due(&bed, 401).await.len()), (later_on, 1));
}

pub(crate) async fn what_a_judgement_rests_on_is_what_the_last_one_looked_up(bed: Bed) {
    let of = |key: &str, file: &str| relied(key, Some(TODAY), Some("1"), file);
    let many: Vec<ReliedOn> = (0..45).map(|key| of(&key.to_string(), "one")).collect();
    take_up(&bed, "one", 10).await;
    judged(&bed, &[("A", many)]).await;
    accept(&bed, "erp", document("shipment", "A", "2", 2, &["ucr:A"], json!({})), later(101)).await;
    join(&bed, &rules(1_000), 1).await;
    judge(&bed, &[("A", vec![of("7", "one"), of("new", "one")])], 200).await;
    take_up(&bed, "two", 201).await;
    // Nobody rests on the others any more: they are forgotten when they are looked at.
    assert_eq!(check(&bed, "two", &[("7", "1"), ("new", "2")], TODAY, 202).await.shipments, 1);
    let told = reviews(&bed, 2).await;
    assert_eq!(told.iter().map(|review| review.key.as_deref()).collect::<Vec<_>>(), [Some("new")]);
    take_up(&bed, "three", 300).await;
    let left = to_check(&bed, "three", TODAY).await;
    assert_eq!(left.iter().map(|one| one.key.as_deref()).collect::<Vec<_>>(), [Some("7")]);
}

pub(crate) async fn a_few_shipments_are_judged_again_at_once_and_the_others_next(bed: Bed) {
    let names: Vec<String> = (0..5).map(|number| format!("S{number}")).collect();
    let all: Vec<(&str, Vec<ReliedOn>)> =
        names.iter().map(|name| (name.as_str(), vec![relied("EUR", None, Some("0.8"), "one")])).collect();
    take_up(&bed, "one", 10).await;
    judged(&bed, &all).await;
    take_up(&bed, "two", 200).await;
    let mut counts = Vec::new();
    for round in 0..4 {
        let outdated = to_check(&bed, "two", TODAY).await;
        let outdated = outdated.into_iter().map(|lookup| Outdated { lookup, after: None }).collect();
        let review = keep(&bed, "two", (Vec::new(), outdated), TODAY, 201 + round, 2).await;
        counts.push((review.shipments, review.more));
    }
    assert_eq!(counts, [(2, true), (2, true), (1, false), (0, false)]);
    assert_eq!(due(&bed, 300).await.len(), 5);
}

pub(crate) async fn a_closed_shipment_is_left_alone_and_who_is_put_together_meanwhile_is_due_again(bed: Bed) {
    let day = Some(TODAY);
    take_up(&bed, "one", 10).await;
    judged(&bed, &[("A", vec![relied("0902", day, Some("2"), "one")])]).await;
    bed.journal.close_quiet(later(150), later(150), 10).await.expect("it is closed");
    judged(&bed, &[("B", vec![relied("0902", day, Some("2"), "one")])]).await;
    let b = one(&bed, "B").await.id;
    // Somebody has it while the table changes.
    accept(&bed, "erp", document("shipment", "B", "2", 2, &["ucr:B"], json!({})), later(160)).await;
    join(&bed, &rules(1_000), 1).await;
    let lease = std::time::Duration::from_secs(60);
    let claimed = bed.journal.claim_shipments("w", later(161), lease, 9).await.expect("it is claimed").remove(0);
    take_up(&bed, "two", 200).await;
    assert_eq!(check(&bed, "two", &[], TODAY, 201).await, Review { shipments: 1, more: false });
    assert_eq!(reviews(&bed, 2).await.iter().map(|review| review.shipment).collect::<Vec<_>>(), [b]);
    // It was judged by the old file, and is so once more where some minutes later it still is.
    let stale = |now| FoldedShipment {
        wakes: Default::default(),
        again_at: None,
        fails: false,
        id: b,
        claim: claimed.claim,
        joined: claimed.joined,
        revision: "r".to_owned(),
        context: "{}".to_owned(),
        findings: Vec::new(),
        looked_up: vec![relied("0902", day, Some("2"), "one")],
        figures: ShipmentFigures::default(),
        told: Told::default(),
        people: PeopleChanges::default(),
        made: Vec::new(),
        filings: Vec::new(),
        now: later(now),
    };
    bed.journal.fold_shipment(stale(202)).await.expect("it is kept");
    assert!(!one(&bed, "B").await.is_current, "it is due again");
    assert_eq!(check(&bed, "two", &[], TODAY, 203).await.shipments, 0, "it is due already");
    judge(&bed, &[("B", vec![relied("0902", day, Some("2"), "one")])], 300).await;
    assert_eq!(check(&bed, "two", &[], TODAY, 301).await.shipments, 0, "some minutes have to go by");
    assert_eq!(check(&bed, "two", &[], TODAY, 901).await.shipments, 1);
}
