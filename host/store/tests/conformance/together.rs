//! Documents that are joined in one step make what they make one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use portgate_core::document::{Document, Reference};
use portgate_store::{Cursor, JoinStep, ShipmentNews};
use serde_json::json;

use crate::bed::{Bed, later};
use crate::shipments::{accept, document, rules};

/// Numbers that look like chance, and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Documents of few things with few names: versions of one thing that name several shipments one after the other, shipments that
/// become one, and what waits for them.
fn documents(seed: u64) -> Vec<Document> {
    let mut dice = Dice(seed);
    let mut all = Vec::new();
    for version in 1..=40 {
        let key = dice.below(9);
        let kind = ["shipment", "order", "milestone", "commercial-invoice"][(key % 4) as usize];
        let (ucr, transport) = (format!("ucr:U{}", dice.below(4)), format!("transport-document:T{}", dice.below(3)));
        let (order, container) = (format!("order:O{}", dice.below(2)), format!("container:C{}", dice.below(2)));
        let names: &[&str] = match dice.below(5) {
            0 => &[&ucr],
            1 => &[&ucr, &order],
            2 => &[&transport, &container],
            3 => &[&ucr, &transport],
            _ => &[&order],
        };
        // Also versions that were recorded before those that came first.
        let minute = dice.below(59) as u32;
        all.push(document(kind, &format!("K{key}"), &version.to_string(), minute, names, json!({})));
    }
    all
}

/// Joins until this many documents were joined, with so many events in one step.
async fn join_in_steps(bed: &Bed, things_max: usize, limit: u32, documents: u32) {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    let mut joined = 0;
    while joined < documents {
        assert!(std::time::Instant::now() < deadline, "{joined} of {documents}");
        let step = JoinStep { rules: rules(things_max), delivered_to: Default::default(), limit, now: later(100) };
        joined += bed.journal.join(step).await.expect("it joins").documents;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The versions of each shipment's documents, as they are kept and as they were told of, by all names that find it.
async fn shipments(bed: &Bed, tag: &str) -> BTreeMap<Vec<String>, Vec<String>> {
    let mut named: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let names = (0..4).map(|number| format!("U{number}{tag}")).chain((0..3).map(|number| format!("T{number}{tag}")));
    for name in names {
        for found in bed.journal.shipments_named(false, None, name.clone(), 50).await.expect("it is read") {
            named.entry(found.id).or_default().push(name.trim_end_matches(tag).to_owned());
        }
    }
    let mut all = BTreeMap::new();
    for (id, names) in named {
        let kept = bed.journal.shipment_documents(id).await.expect("they are read").documents;
        let mut kept: Vec<String> =
            kept.into_iter().map(|one| format!("{} {}", one.key.trim_end_matches(tag), one.version)).collect();
        kept.sort();
        let events = bed.journal.shipment_events(id, Cursor::default(), 1_000).await.expect("they are read");
        let mut told: Vec<String> = events
            .into_iter()
            .filter_map(|event| match event.news {
                ShipmentNews::Document { document, .. } => {
                    let body: serde_json::Value = serde_json::from_slice(&document.body).ok()?;
                    Some(format!("{} {}", document.key.trim_end_matches(tag), body["version"].as_str()?))
                }
                ShipmentNews::Revision(_) | ShipmentNews::Gone => None,
            })
            .collect();
        told.sort();
        assert_eq!(told, kept, "each version is told of once: {names:?}");
        all.insert(names, kept);
    }
    all
}

pub(crate) async fn what_comes_together_makes_what_it_makes_one_after_the_other(bed: Bed) {
    for seed in 0..6 {
        let documents = documents(seed);
        let mut seen = BTreeSet::new();
        // The last two come together, and there is room for the things of one of them, so that they are joined in parts.
        for (ways, things_max, limit) in [("a", 1_000, 1), ("b", 1_000, 100), ("c", 1_000, 7), ("de", 9, 100)] {
            let tags: Vec<String> = ways.chars().map(|way| format!("-{seed}{way}")).collect();
            for (document, tag) in documents.iter().flat_map(|document| tags.iter().map(move |tag| (document, tag))) {
                let Document { kind, key, refs, body } = document.clone();
                let own = |text: &str| format!("{text}{tag}");
                let refs: Vec<Reference> =
                    refs.into_iter().map(|named| Reference { value: own(&named.value), ..named }).collect();
                accept(&bed, "erp", Document { kind, key: own(&key), refs, body }, later(1)).await;
                if limit == 1 {
                    join_in_steps(&bed, things_max, limit, 1).await;
                }
            }
            if limit > 1 {
                join_in_steps(&bed, things_max, limit, (documents.len() * tags.len()) as u32).await;
            }
            for tag in &tags {
                seen.insert(shipments(&bed, tag).await);
            }
        }
        assert_eq!(seen.len(), 1, "{seen:#?}");
        assert!(seen.iter().all(|shipments| !shipments.is_empty()), "there are shipments");
    }
}
