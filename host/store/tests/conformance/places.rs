//! What an operator says of the shipment that documents belong to holds whatever comes later, and is taken back without a trace.

use std::collections::BTreeMap;
use std::sync::Arc;

use portgate_core::shipment::{NotPlaced, ShipmentRules};
use portgate_store::{Cursor, DocumentName, Operator, ShipmentAct, ShipmentActed, ShipmentChange, ShipmentNews};
use serde_json::json;
use uuid::Uuid;

use crate::bed::{Bed, later, start};
use crate::shipments::{accept, document, join, keys, one, rules, set};

fn name(kind: &str, key: &str) -> DocumentName {
    DocumentName { kind: kind.to_owned(), key: key.to_owned() }
}

async fn place(bed: &Bed, rules: &Arc<ShipmentRules>, change: ShipmentChange) -> ShipmentActed {
    let operator = Operator { name: "ada".to_owned(), reason: "two deliveries have one UCR".to_owned() };
    let act = ShipmentAct { operator, change, rules: Arc::clone(rules), now: later(50) };
    bed.journal.place(act).await.expect("it is done or not")
}

#[track_caller]
fn done(acted: ShipmentActed) -> (i64, Vec<Uuid>) {
    match acted {
        ShipmentActed::Done { act, shipments } => (act, shipments),
        other => panic!("{other:?}"),
    }
}

/// Two deliveries that a system has given one UCR, each with what belongs to it.
async fn mixed_up(bed: &Bed, rules: &Arc<ShipmentRules>) -> Uuid {
    accept(bed, "erp", document("shipment", "S1", "1", 1, &["ucr:U", "order:A"], json!({})), start()).await;
    let names = ["ucr:U", "order:B", "transport-document:T"];
    accept(bed, "erp", document("shipment", "S2", "1", 2, &names, json!({})), start()).await;
    accept(bed, "line", document("milestone", "M", "1", 3, &["transport-document:T"], json!({})), start()).await;
    join(bed, rules, 3).await;
    let id = one(bed, "U").await.id;
    assert_eq!(keys(bed, id).await, set(&["S1", "S2", "M"]));
    id.as_uuid()
}

pub(crate) async fn what_is_split_off_stays_apart_whatever_comes_and_is_told_of_no_more(bed: Bed) {
    let rules = rules(1_000);
    let shipment = mixed_up(&bed, &rules).await;
    let split = |documents| ShipmentChange::Split { shipment, documents };
    for (documents, why) in [
        (vec![name("milestone", "M")], NotPlaced::NothingOpens),
        (vec![name("shipment", "S1"), name("shipment", "S2")], NotPlaced::NothingStays),
    ] {
        assert_eq!(place(&bed, &rules, split(documents)).await, ShipmentActed::NotPossible(why));
    }
    let unknown = name("shipment", "S3");
    assert_eq!(place(&bed, &rules, split(vec![unknown.clone()])).await, ShipmentActed::DocumentUnknown(unknown));
    let (act, shipments) = done(place(&bed, &rules, split(vec![name("shipment", "S2")])).await);
    assert_eq!(shipments.len(), 1, "{shipments:?}");
    let (first, second) = (one(&bed, "A").await.id, one(&bed, "B").await.id);
    assert_eq!((first.as_uuid(), second.as_uuid()), (shipment, shipments[0]));
    assert_eq!((keys(&bed, first).await, keys(&bed, second).await), (set(&["S1"]), set(&["S2", "M"])));
    // Whoever reads of the first is not told of what has left it, not even of what came before.
    let told = bed.journal.shipment_events(first, Cursor::default(), 100).await.expect("they are read");
    let told = told.into_iter().filter_map(|event| match event.news {
        ShipmentNews::Document { document, .. } => Some(document.key),
        ShipmentNews::Revision(_) | ShipmentNews::Gone => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), ["S1"]);
    // A later version that says the same again, and what comes later of either.
    accept(&bed, "erp", document("shipment", "S2", "2", 5, &["ucr:U", "transport-document:T"], json!({})), later(60))
        .await;
    accept(&bed, "line", document("milestone", "N", "1", 6, &["transport-document:T"], json!({})), later(61)).await;
    accept(&bed, "wms", document("packing", "P", "1", 7, &["ucr:U"], json!({})), later(62)).await;
    join(&bed, &rules, 3).await;
    assert_eq!((keys(&bed, first).await, keys(&bed, second).await), (set(&["S1", "P"]), set(&["S2", "M", "N"])));
    // Taken back, everything is as if it had never been done.
    done(place(&bed, &rules, ShipmentChange::Undo { act }).await);
    assert_eq!(keys(&bed, first).await, set(&["S1", "S2", "M", "N", "P"]));
    let by_second = bed.journal.shipment(second.as_uuid()).await.expect("it is read").map(|kept| kept.id);
    assert_eq!(by_second, Some(first), "what it was called leads on");
    assert_eq!(place(&bed, &rules, ShipmentChange::Undo { act }).await, ShipmentActed::ActUnknown(act));
    let kinds: Vec<String> =
        bed.journal.acts(10).await.expect("they are read").into_iter().map(|act| act.kind).collect();
    assert_eq!(kinds, ["shipment-undo", "shipment-split"]);
}

pub(crate) async fn a_document_is_moved_to_another_shipment_also_one_that_had_none(bed: Bed) {
    let rules = rules(1_000);
    accept(&bed, "erp", document("shipment", "S1", "1", 1, &["ucr:A", "booking:K"], json!({})), start()).await;
    accept(&bed, "erp", document("shipment", "S2", "1", 2, &["ucr:B"], json!({})), start()).await;
    accept(&bed, "line", document("milestone", "M", "1", 3, &["booking:K"], json!({})), start()).await;
    accept(&bed, "line", document("milestone", "W", "1", 4, &["seal:X"], json!({})), start()).await;
    join(&bed, &rules, 4).await;
    let (first, second) = (one(&bed, "A").await.id, one(&bed, "B").await.id);
    assert_eq!(keys(&bed, first).await, set(&["S1", "M"]));
    let to_second = |documents| ShipmentChange::Move { documents, to: second.as_uuid() };
    let both = vec![name("milestone", "M"), name("milestone", "W")];
    let (_, shipments) = done(place(&bed, &rules, to_second(both.clone())).await);
    assert_eq!(shipments, [second.as_uuid()]);
    assert_eq!((keys(&bed, first).await, keys(&bed, second).await), (set(&["S1"]), set(&["S2", "M", "W"])));
    assert_eq!(place(&bed, &rules, to_second(both)).await, ShipmentActed::NotPossible(NotPlaced::IsThere));
    let nowhere = Uuid::nil();
    let moved = ShipmentChange::Move { documents: vec![name("milestone", "M")], to: nowhere };
    assert_eq!(place(&bed, &rules, moved).await, ShipmentActed::ShipmentUnknown(nowhere));
}

pub(crate) async fn acts_and_documents_make_the_same_shipments_in_whatever_order_the_rest_comes(bed: Bed) {
    let rules = rules(1_000);
    let later_ones = [
        document("milestone", "N", "1", 6, &["transport-document:T"], json!({})),
        document("packing", "P", "1", 7, &["ucr:U"], json!({})),
        document("shipment", "S2", "2", 8, &["ucr:U", "transport-document:T", "booking:K"], json!({})),
        document("invoice", "I", "1", 9, &["booking:K"], json!({})),
    ];
    let mut seen: Vec<BTreeMap<Uuid, std::collections::BTreeSet<String>>> = Vec::new();
    for (round, act_after) in (0..=later_ones.len()).enumerate() {
        // Each round has names of its own.
        let own = |document: &portgate_core::document::Document| {
            let mut document = document.clone();
            let text = String::from_utf8(document.body).expect("text");
            document.key = format!("{}-{round}", document.key);
            document.refs.iter_mut().for_each(|named| named.value = format!("{}{round}", named.value));
            let mut body: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            body["id"] = document.key.clone().into();
            document.body = body.to_string().into_bytes();
            document
        };
        let first = [
            document("shipment", "S1", "1", 1, &["ucr:U", "order:A"], json!({})),
            document("shipment", "S2", "1", 2, &["ucr:U", "order:B", "transport-document:T"], json!({})),
            document("milestone", "M", "1", 3, &["transport-document:T"], json!({})),
        ];
        for document in &first {
            accept(&bed, "erp", own(document), start()).await;
        }
        join(&bed, &rules, 3).await;
        let shipment = one(&bed, &format!("U{round}")).await.id.as_uuid();
        let mut order: Vec<usize> = (0..later_ones.len()).collect();
        order.rotate_left(round % later_ones.len());
        for (count, index) in order.into_iter().enumerate() {
            if count == act_after {
                let documents = vec![name("shipment", &format!("S2-{round}"))];
                done(place(&bed, &rules, ShipmentChange::Split { shipment, documents }).await);
            }
            accept(&bed, "erp", own(&later_ones[index]), later(60)).await;
            join(&bed, &rules, 1).await;
        }
        if act_after == later_ones.len() {
            let documents = vec![name("shipment", &format!("S2-{round}"))];
            done(place(&bed, &rules, ShipmentChange::Split { shipment, documents }).await);
        }
        let mut shipments = BTreeMap::new();
        for (number, key) in [(1, "A"), (2, "T")] {
            let kept = one(&bed, &format!("{key}{round}")).await;
            let plain = keys(&bed, kept.id).await.into_iter();
            let plain = plain.map(|key| key.trim_end_matches(&format!("-{round}")).to_owned()).collect();
            shipments.insert(Uuid::from_u128(number), plain);
        }
        seen.push(shipments);
    }
    assert_eq!(seen[0][&Uuid::from_u128(1)], set(&["S1", "P"]));
    assert_eq!(seen[0][&Uuid::from_u128(2)], set(&["S2", "M", "N", "I"]));
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
}
