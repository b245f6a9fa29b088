//! Claims about what is read back, and in which order.

use std::sync::Arc;

use jiff::Timestamp;
use portgate_store::{DeadClass, DeliveryId, ExchangeFilter, ExchangeId, Filter, Settled, State, Trouble};

use crate::bed::{Bed, delivered, later, message, message_for, request};

pub(crate) async fn exchanges_are_listed_in_pages(bed: Bed) {
    let mut ids = Vec::new();
    for second in 0..7 {
        let mut given = message(later(second));
        if second == 3 {
            given.exchange.partner = "broker".to_owned();
        }
        ids.push(bed.accept(given).await);
    }
    let mut seen = Vec::new();
    loop {
        let page = bed.journal.exchanges(&ExchangeFilter::default(), seen.last().copied(), 3).await.expect("it reads");
        seen.extend(page.items.iter().map(|listed| listed.exchange.id));
        assert!(page.items.iter().all(|listed| listed.documents[0].1 == "milestone-1"));
        if !page.more {
            break;
        }
        assert_eq!(page.items.len(), 3);
    }
    assert!(seen.iter().rev().eq(&ids), "all of them, the newest first");
    let whole = bed.journal.exchanges(&ExchangeFilter::default(), None, 7).await.expect("it reads");
    assert_eq!((whole.items.len(), whole.more), (7, false), "a page that is full and the last one says so");
    let filter = ExchangeFilter {
        partner: Some("carrier".to_owned()),
        plugin: Some("carrier-ocean".to_owned()),
        since: Some(later(2)),
        until: Some(later(5)),
        ..ExchangeFilter::default()
    };
    let found = bed.journal.exchanges(&filter, None, 10).await.expect("it reads").items;
    assert_eq!(found.into_iter().map(|listed| listed.exchange.id).collect::<Vec<_>>(), [ids[4], ids[2]]);
}

pub(crate) async fn statistics_count_what_waits(bed: Bed) {
    for second in 0..6 {
        let (given, _) = message_for("erp", None, later(second));
        bed.accept(given).await;
    }
    let claimed = bed.claim("erp", later(10), 4).await;
    bed.settle(claimed[0].claim, later(11), delivered()).await;
    let dead = || Settled::Dead { class: DeadClass::Ours, findings: Vec::new() };
    bed.settle(claimed[1].claim, later(11), dead()).await;
    bed.settle(claimed[2].claim, later(11), Settled::Pending { follow_up: request("/"), at: later(99) }).await;
    bed.settle(claimed[3].claim, later(11), Settled::Retry { at: later(99), class: DeadClass::Theirs }).await;
    let statistics = bed.journal.statistics().await.expect("it reads");
    assert_eq!(statistics.len(), 1);
    let erp = &statistics[0];
    assert_eq!((&*erp.destination, erp.pending, erp.awaiting, erp.dead), ("erp", 3, 1, 1));
    assert_eq!(erp.oldest_due, Some(later(4)));
}

pub(crate) async fn deliveries_are_listed_by_filter_and_page(bed: Bed) {
    let mut ids = Vec::new();
    for second in 0..5 {
        let (given, id) = message_for(if second == 2 { "portal" } else { "erp" }, None, later(second));
        bed.accept(given).await;
        ids.push(id);
    }
    let claimed = bed.claim_one("erp", later(10)).await;
    bed.settle(claimed.claim, later(11), Settled::Dead { class: DeadClass::Ours, findings: Vec::new() }).await;
    let page = |filter: Filter, after, limit| {
        let journal = Arc::clone(&bed.journal);
        async move {
            let found = journal.deliveries(&filter, after, limit).await.expect("it reads");
            found.items.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>()
        }
    };
    let erp = Filter { destination: Some("erp".to_owned()), ..Filter::default() };
    assert_eq!(page(erp.clone(), None, 2).await, [ids[4], ids[3]]);
    assert_eq!(page(erp.clone(), Some(ids[3]), 9).await, [ids[1], ids[0]]);
    let dead = Filter { state: Some(State::Dead), class: Some(DeadClass::Ours), ..erp.clone() };
    assert_eq!(page(dead.clone(), None, 9).await, [ids[0]]);
    assert!(page(Filter { class: Some(DeadClass::Theirs), ..dead }, None, 9).await.is_empty());
    let window = Filter { since: Some(later(2)), until: Some(later(4)), ..Filter::default() };
    assert_eq!(page(window, None, 9).await, [ids[3], ids[2]]);
    let named = Filter { ids: Some(vec![ids[4], ids[2]]), contract: Some("tracking".to_owned()), ..Filter::default() };
    assert_eq!(page(named, None, 9).await, [ids[4], ids[2]]);
    assert!(page(Filter { ids: Some(vec![]), ..Filter::default() }, None, 9).await.is_empty());
    let listed = bed.journal.deliveries(&erp, None, 9).await.expect("it reads").items;
    let tried: Vec<_> = listed.iter().map(|delivery| (delivery.attempted, delivery.attempts.len())).collect();
    assert_eq!(tried, [(0, 0), (0, 0), (0, 0), (1, 1)], "each with the last of its attempts");
    assert_eq!(listed[3].attempts[0].status, Some(200));
    let counts = bed.journal.preview(&erp).await.expect("it reads");
    let counts: Vec<_> = counts.iter().map(|count| (count.state, count.count)).collect();
    assert_eq!(counts, [(State::Dead, 1), (State::Pending, 3)]);
}

pub(crate) async fn what_is_not_well_with_deliveries_is_counted_by_destination(bed: Bed) {
    let mut ids = Vec::new();
    for (second, (destination, lane)) in
        [("erp", None), ("erp", None), ("erp", None), ("portal", Some("box/1")), ("portal", Some("box/1"))]
            .into_iter()
            .enumerate()
    {
        let (given, id) = message_for(destination, lane, later(second as i64));
        bed.accept(given).await;
        ids.push(id);
    }
    let troubles = |due_before: Timestamp| {
        let journal = Arc::clone(&bed.journal);
        async move {
            let found = journal.delivery_troubles(due_before).await.expect("it reads");
            found.into_iter().map(|one| (one.destination, one.trouble, one.count, one.since)).collect::<Vec<_>>()
        }
    };
    let stalled = |destination: &str, count, since| (destination.to_owned(), Trouble::Stalled, count, later(since));
    assert_eq!(troubles(later(0)).await, [], "what is due at that very time is not stalled");
    // The second of the lane is not due before it is its turn.
    assert_eq!(troubles(later(10)).await, [stalled("erp", 3, 0), stalled("portal", 1, 3)]);
    let claimed = bed.claim("erp", later(20), 3).await;
    assert_eq!(troubles(later(30)).await, [stalled("portal", 1, 3)], "somebody works on the others");
    let ours = |at| Settled::Retry { at: later(at), class: DeadClass::Ours };
    bed.settle(claimed[0].claim, later(21), ours(90)).await;
    bed.settle(claimed[1].claim, later(22), ours(91)).await;
    bed.settle(claimed[2].claim, later(23), Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() }).await;
    let again =
        |count, since| ("erp".to_owned(), Trouble::TriedAgain("as the test says".to_owned()), count, later(since));
    let dead = ("erp".to_owned(), Trouble::Dead(DeadClass::Theirs), 1, later(23));
    assert_eq!(troubles(later(0)).await, [dead.clone(), again(2, 0)]);
    // A filter by class means them only if it says that it means deliveries that are tried again.
    let listed = |filter: Filter| {
        let journal = Arc::clone(&bed.journal);
        async move { journal.deliveries(&filter, None, 9).await.expect("it reads").items }
    };
    let of_ours = Filter { class: Some(DeadClass::Ours), ..Filter::default() };
    assert!(listed(of_ours.clone()).await.is_empty());
    let pending = listed(Filter { state: Some(State::Pending), ..of_ours }).await;
    assert_eq!(pending.iter().map(|delivery| delivery.id).collect::<Vec<_>>(), [ids[1], ids[0]]);
    assert!(pending.iter().all(|delivery| delivery.class == Some(DeadClass::Ours)));
    // Once the deliveries go on, nobody is at fault any more.
    let claimed = bed.claim("erp", later(95), 9).await;
    bed.settle(claimed[0].claim, later(96), delivered()).await;
    bed.settle(claimed[1].claim, later(96), Settled::Pending { follow_up: request("/"), at: later(999) }).await;
    assert_eq!(troubles(later(0)).await, [dead]);
}

pub(crate) async fn what_is_unknown_is_named(bed: Bed) {
    let (given, delivery) = message_for("erp", None, later(0));
    let exchange = bed.accept(given).await;
    let (nobody, nothing) = (DeliveryId::new(later(1)), ExchangeId::new(later(1)));
    assert_eq!(bed.journal.unknown_deliveries(&[delivery, nobody]).await, Ok(vec![nobody]));
    assert_eq!(bed.journal.unknown_exchanges(&[nothing, exchange]).await, Ok(vec![nothing]));
    assert_eq!(bed.journal.unknown_deliveries(&[]).await, Ok(Vec::new()));
}
