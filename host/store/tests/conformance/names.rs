//! Claims about what exchanges are found by.

use std::sync::Arc;

use bytes::Bytes;
use portgate_core::document::Reference;
use portgate_core::finding::Finding;
use portgate_store::{Acceptance, EventData, ExchangeId, Wanted};

use crate::bed::{Bed, business_key, event, idempotency, later, message, message_for, start};

async fn find(bed: &Bed, text: &str, before: Option<ExchangeId>, limit: u32) -> Vec<ExchangeId> {
    bed.journal.find(&Wanted::of(text).expect("a name"), before, limit).await.expect("it reads")
}

async fn found(bed: &Bed, text: &str) -> Vec<ExchangeId> {
    find(bed, text, None, 1_000).await
}

fn named(seconds: i64, references: impl IntoIterator<Item = String>) -> Acceptance {
    let mut given = message(later(seconds));
    let reference = |value| Reference { scheme: "container".to_owned(), value };
    given.documents[0].refs = references.into_iter().map(reference).collect();
    given
}

/// Packs all that there is to pack.
async fn pack(bed: &Bed) -> u32 {
    let mut packs = 0;
    while bed.journal.pack_names().await.expect("it works") {
        packs += 1;
    }
    packs
}

pub(crate) async fn an_exchange_is_found_by_everything_that_names_it(bed: Bed) {
    let (mut given, delivery) = message_for("erp", None, start());
    given.exchange.request_id = "0199-abcd".to_owned();
    given.exchange.payload = Bytes::from_static(b"UNB+UNOC:3+CARRIER+US+260301:1200+CTRL0042'UNH+1'");
    given.exchange.findings = vec![Finding::warning("seal-unread", "segment 12 SEL", "Seal `ZX-99` is no known seal.")];
    given.documents[0].key = "event:77".to_owned();
    given.documents[0].refs = vec![Reference { scheme: "container".to_owned(), value: "CSQU3054383".to_owned() }];
    given.idempotency = Some(idempotency("our own key 1", 1, start()));
    given.business_key = Some(business_key("[\"26DE123\",\"1\"]", 1));
    let id = given.exchange.id;
    let mut told = event("carrier", "event:77", start());
    told.data = EventData::Document { exchange: id, position: 0, body: None };
    given.events = vec![told.clone(), event("carrier", "something else", start())];
    bed.accept(given).await;
    let other = bed.accept(named(1, ["MSCU1234567".to_owned()])).await;
    for name in [
        "CSQU3054383",
        "csqu 305438-3",
        "event:77",
        "0199-ABCD",
        "Our-Own-Key-1",
        "26DE123 1",
        "CTRL0042",
        "seal-unread",
        "ZX99",
        "no known seal",
        "segment 12 SEL",
    ] {
        assert_eq!(found(&bed, name).await, [id], "{name}");
    }
    assert_eq!(found(&bed, "MSCU1234567").await, [other]);
    assert!(found(&bed, "CSQU3054384").await.is_empty());
    assert!(found(&bed, "known xylophone").await.is_empty(), "all words must be there");
    let events = bed.journal.events_of_documents(id).await.expect("it reads");
    assert_eq!(events.into_iter().map(|event| event.event).collect::<Vec<_>>(), [told]);
    assert_eq!(bed.journal.exchange_of(delivery).await, Ok(Some(id)));
}

pub(crate) async fn what_is_found_is_the_newest_first_and_in_pages(bed: Bed) {
    let mut ids = Vec::new();
    for second in 0..7 {
        ids.push(bed.accept(named(second, ["CSQU3054383".to_owned()])).await);
    }
    ids.reverse();
    assert_eq!(found(&bed, "CSQU3054383").await, ids);
    assert_eq!(find(&bed, "CSQU3054383", None, 3).await, ids[..3]);
    assert_eq!(find(&bed, "CSQU3054383", Some(ids[2]), 3).await, ids[3..6]);
    assert_eq!(find(&bed, "CSQU3054383", Some(ids[5]), 3).await, ids[6..]);
}

pub(crate) async fn what_is_packed_is_found_as_before(bed: Bed) {
    let mut ids = Vec::new();
    for second in 0..120 {
        let own = (0..99).map(|number| format!("own {second} {number}"));
        ids.push(bed.accept(named(second, own.chain(["of all".to_owned()]))).await);
    }
    assert!(pack(&bed).await >= 1, "there is enough for a pack");
    ids.reverse();
    assert_eq!(found(&bed, "of-all").await, ids);
    for second in [0, 60, 119] {
        assert_eq!(found(&bed, &format!("OWN {second} 98")).await, [ids[119 - second]]);
    }
    let new = bed.accept(named(500, ["of all".to_owned()])).await;
    assert_eq!(find(&bed, "of all", None, 2).await, [new, ids[0]]);
    assert_eq!(pack(&bed).await, 0, "the rest waits for company");
    let bed = bed.reopened().await;
    assert_eq!(find(&bed, "of all", Some(new), 1).await, [ids[0]]);
    // The names go with their exchanges.
    while bed.journal.purge(later(400), 1_000).await.expect("it works") > 0 {}
    assert_eq!(found(&bed, "of all").await, [new]);
}

pub(crate) async fn gateways_that_pack_at_once_lose_nothing(bed: Bed) {
    let gateways = bed.gateways().await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4_i64 {
        let journal = Arc::clone(&gateways[usize::try_from(writer).expect("few") % gateways.len()]);
        writers.spawn(async move {
            for second in 0..60 {
                let own = (0..99).map(|number| format!("own {writer} {second} {number}"));
                journal.accept(named(second, own.chain(["of all".to_owned()]))).await.expect("it is kept");
                journal.pack_names().await.expect("it works");
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.expect("no panic");
    }
    assert_eq!(found(&bed, "of all").await.len(), 240);
    pack(&bed).await;
    assert_eq!(found(&bed, "of all").await.len(), 240);
    for writer in 0..4 {
        assert_eq!(found(&bed, &format!("own {writer} 59 98")).await.len(), 1);
    }
}

pub(crate) async fn exchanges_from_before_there_were_names_get_theirs(bed: Bed) {
    let mut ids = Vec::new();
    for second in 0..250 {
        ids.push(bed.accept(named(second, [format!("CSQU{second}"), "of all".to_owned()])).await);
    }
    let newest = "DELETE FROM names_gathered; INSERT INTO names_missing (one, newest) SELECT 1, id FROM exchanges \
                  ORDER BY id DESC LIMIT 1";
    bed.run(newest).await.expect("it works");
    assert!(found(&bed, "of all").await.is_empty());
    pack(&bed).await;
    ids.reverse();
    assert_eq!(found(&bed, "of all").await, ids);
    assert_eq!(found(&bed, "CSQU0").await, [ids[249]]);
    assert_eq!(pack(&bed).await, 0);
    assert_eq!(found(&bed, "of all").await.len(), 250, "none is named twice");
}
