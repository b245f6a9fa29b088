//! Who looks shipments up sees those that it may see, and of each what is told of it, in one order that it can go on in.

use portgate_core::document::Document;
use portgate_store::{Cursor, ShipmentNews, ShipmentViewer};
use serde_json::json;

use crate::bed::{Bed, later, start};
use crate::shipments::{accept, document, fold_all, join, one, rules};

fn viewer(sender: &str) -> ShipmentViewer {
    ShipmentViewer {
        sender: sender.to_owned(),
        all: false,
        parties: Vec::new(),
        schemes: vec!["ucr".to_owned(), "order".to_owned()],
    }
}

async fn seen(bed: &Bed, viewer: &ShipmentViewer, name: &str) -> usize {
    bed.journal.shipments_seen(viewer, name.to_owned(), 10).await.expect("they are read").len()
}

/// A document that names a party.
fn naming(key: &str, version: &str, ucr: &str, eori: &str) -> Document {
    let party = json!({ "buyer": { "role": "buyer", "ids": [{ "scheme": "EORI", "value": eori }] } });
    document("order", key, version, 2, &[ucr, "order:O"], party)
}

pub(crate) async fn a_viewer_sees_shipments_in_which_it_has_a_document_or_is_named(bed: Bed) {
    let rules = rules(1_000);
    accept(&bed, "erp", document("shipment", "S", "1", 1, &["ucr:A", "invoice:I"], json!({})), start()).await;
    accept(&bed, "line", document("milestone", "M", "1", 2, &["ucr:A"], json!({})), start()).await;
    accept(&bed, "erp", naming("O", "1", "ucr:A", "GB1"), start()).await;
    accept(&bed, "erp", document("shipment", "T", "1", 1, &["ucr:B", "order:O"], json!({})), start()).await;
    join(&bed, &rules, 4).await;
    let id = one(&bed, "A").await.id;
    let named = ShipmentViewer { parties: vec![("EORI".to_owned(), "GB1".to_owned())], ..viewer("buyer") };
    let all = ShipmentViewer { all: true, ..viewer("portal") };
    for (viewer, of_a, of_b) in [
        (viewer("erp"), 1, 1),
        (viewer("line"), 1, 0),
        (viewer("stranger"), 0, 0),
        (named.clone(), 1, 0),
        (ShipmentViewer { parties: vec![("VAT".to_owned(), "GB1".to_owned())], ..viewer("buyer") }, 0, 0),
        (all.clone(), 1, 1),
        // What tests is another, for whom nothing of production is there.
        (viewer("erp/test"), 0, 0),
        (ShipmentViewer { sender: "portal/test".to_owned(), ..all.clone() }, 0, 0),
        (ShipmentViewer { sender: "buyer/test".to_owned(), ..named.clone() }, 0, 0),
    ] {
        assert_eq!((seen(&bed, &viewer, "A").await, seen(&bed, &viewer, "B").await), (of_a, of_b), "{viewer:?}");
        let by_id = bed.journal.shipment_seen(&viewer, id.as_uuid()).await.expect("it is read");
        assert_eq!(by_id.is_some(), of_a == 1, "{viewer:?}");
    }
    assert_eq!(seen(&bed, &all, "O").await, 2, "an order that was split");
    assert_eq!(seen(&bed, &all, "I").await, 0, "it may not look up by invoices");
    // What names it no more lets it see nothing.
    accept(&bed, "erp", naming("O", "2", "ucr:A", "GB2"), later(1)).await;
    join(&bed, &rules, 1).await;
    assert_eq!(seen(&bed, &named, "A").await, 0);
}

/// What is told of a shipment after a place: keys of documents, and revisions.
async fn told(bed: &Bed, ucr: &str, after: Cursor) -> (Vec<String>, Cursor) {
    let id = one(bed, ucr).await.id;
    let events = bed.journal.shipment_events(id, after, 100).await.expect("they are read");
    let last = events.last().map_or(after, |event| event.cursor);
    let told = events.into_iter().map(|event| match event.news {
        ShipmentNews::Document { sender, document, .. } => format!("{sender}: {} {}", document.kind, document.key),
        ShipmentNews::Revision(revision) => revision,
        ShipmentNews::Gone => "gone".to_owned(),
    });
    (told.collect(), last)
}

pub(crate) async fn what_comes_to_a_shipment_is_told_once_and_in_order_also_what_had_come_before(bed: Bed) {
    let rules = rules(1_000);
    // It waits until something ties it to the shipment.
    accept(&bed, "line", document("milestone", "M", "1", 2, &["booking:K"], json!({})), start()).await;
    accept(&bed, "erp", document("shipment", "S", "1", 1, &["ucr:A"], json!({})), start()).await;
    join(&bed, &rules, 2).await;
    let (first, place) = told(&bed, "A", Cursor::default()).await;
    assert_eq!(first, ["erp: shipment S"]);
    assert_eq!(bed.journal.end_of_shipment_events(one(&bed, "A").await.id).await, Ok(place));
    fold_all(&bed, "r1").await;
    accept(&bed, "erp", document("load-tender", "L", "1", 3, &["ucr:A", "booking:K"], json!({})), later(1)).await;
    join(&bed, &rules, 1).await;
    accept(&bed, "erp", document("shipment", "S", "2", 4, &["ucr:A"], json!({})), later(2)).await;
    join(&bed, &rules, 1).await;
    let (then, place) = told(&bed, "A", place).await;
    let mut attached = then.clone();
    attached.sort();
    assert_eq!(attached, ["erp: load-tender L", "erp: shipment S", "line: milestone M"], "{then:?}");
    assert_eq!(then.last().map(String::as_str), Some("erp: shipment S"));
    // Two become one, and who read of either is told of what it did not have.
    accept(&bed, "erp", document("shipment", "T", "1", 1, &["ucr:B", "transport-document:D"], json!({})), later(3))
        .await;
    join(&bed, &rules, 1).await;
    let (_, of_b) = told(&bed, "B", Cursor::default()).await;
    accept(&bed, "erp", document("load-tender", "N", "1", 3, &["ucr:A", "transport-document:D"], json!({})), later(4))
        .await;
    join(&bed, &rules, 1).await;
    let (after_a, _) = told(&bed, "A", place).await;
    let (after_b, _) = told(&bed, "B", of_b).await;
    let kept = |told: &[String], key: &str| told.iter().filter(|told| told.ends_with(key)).count();
    assert_eq!((kept(&after_a, "N"), kept(&after_b, "N")), (1, 1));
    assert!(kept(&after_a, "T") == 1 || kept(&after_b, "M") == 1, "{after_a:?} {after_b:?}");
}
