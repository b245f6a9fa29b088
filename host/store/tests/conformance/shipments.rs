//! Documents become shipments whatever order they come in, and each shipment is put together by one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use portgate_core::document::{Document, Reference};
use portgate_core::sender::GATEWAY;
use portgate_core::shipment::{ShipmentRules, Tie};
use portgate_store::{
    Acceptance, BusinessKey, ClaimedShipment, EventData, EventId, ExchangeId, FoldEnd, FoldedShipment, JoinStep,
    Joined, JournalError, KeptShipment, NewDelivery, NewEvent, PeopleChanges, ShipmentFigures, ShipmentId, Told,
};
use serde_json::json;

use crate::bed::{Bed, delivery, later, message, start};

const LEASE: Duration = Duration::from_secs(60);

pub(crate) fn rules(things_max: usize) -> Arc<ShipmentRules> {
    let ties = [
        ("ucr", Tie::Identifying),
        ("transport-document", Tie::Identifying),
        ("order", Tie::Shared),
        ("booking", Tie::Shared),
        ("container", Tie::Windowed { seconds: 30 * 86_400 }),
    ];
    let set = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect();
    Arc::new(ShipmentRules {
        opens: set(&["shipment"]),
        catalogue: set(&["item"]),
        apart: set(&["acknowledgement"]),
        ties: ties.map(|(scheme, tie)| (scheme.to_owned(), tie)).into(),
        things_max,
    })
}

/// A document with names as `scheme:value`.
pub(crate) fn document(
    kind: &str,
    key: &str,
    version: &str,
    minute: u32,
    names: &[&str],
    more: serde_json::Value,
) -> Document {
    let named = names.iter().filter_map(|name| name.split_once(':'));
    let refs: Vec<Reference> =
        named.map(|(scheme, value)| Reference { scheme: scheme.to_owned(), value: value.to_owned() }).collect();
    let mut body = json!({
        "id": key,
        "version": version,
        "source": { "recordedAt": { "value": format!("2026-03-01T10:{minute:02}:00Z") } },
        "references": refs,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    Document { kind: kind.to_owned(), key: key.to_owned(), refs, body: body.to_string().into_bytes() }
}

/// Has the journal accept a document of a sender, and tells of it.
pub(crate) async fn accept(bed: &Bed, sender: &str, document: Document, now: Timestamp) -> ExchangeId {
    let mut given = message(now);
    given.exchange.partner = sender.to_owned();
    given.business_key = None;
    given.idempotency = None;
    given.documents = vec![document.clone()];
    given.exchange.parts = Vec::new();
    given.deliveries = Vec::new();
    let exchange = given.exchange.id;
    let body = String::from_utf8(document.body).ok();
    given.events = vec![NewEvent {
        id: EventId::new(now),
        kind: format!("portgate.document.{}", document.kind),
        subject: document.key,
        partner: sender.to_owned(),
        at: now,
        data: EventData::Document { exchange, position: 0, body },
    }];
    bed.accept(given).await
}

/// Joins until this many documents were joined.
pub(crate) async fn join(bed: &Bed, rules: &Arc<ShipmentRules>, documents: u32) -> Joined {
    join_by(bed, rules, documents, 3).await
}

/// The same in steps of so many.
async fn join_by(bed: &Bed, rules: &Arc<ShipmentRules>, documents: u32, limit: u32) -> Joined {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    let mut all = Joined::default();
    while all.documents < documents {
        assert!(std::time::Instant::now() < deadline, "{all:?} of {documents}");
        let step = JoinStep { rules: Arc::clone(rules), delivered_to: Arc::default(), limit, now: later(100) };
        let Joined { documents, shipments, overfull, .. } = bed.journal.join(step).await.expect("it joins");
        all.documents += documents;
        all.shipments += shipments;
        all.overfull += overfull;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    all
}

async fn named(bed: &Bed, value: &str) -> Vec<KeptShipment> {
    bed.journal.shipments_named(false, None, value.to_owned(), 10).await.expect("it is read")
}

pub(crate) async fn one(bed: &Bed, value: &str) -> KeptShipment {
    let mut found = named(bed, value).await;
    assert_eq!(found.len(), 1, "{value}: {found:?}");
    found.remove(0)
}

/// The keys of the documents of a shipment.
pub(crate) async fn keys(bed: &Bed, id: ShipmentId) -> BTreeSet<String> {
    let documents = bed.journal.shipment_documents(id).await.expect("they are read");
    documents.documents.into_iter().map(|document| document.key).collect()
}

pub(crate) fn set(keys: &[&str]) -> BTreeSet<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

pub(crate) async fn every_order_of_arrival_makes_the_same_shipments(bed: Bed) {
    let documents = [
        document("shipment", "S1", "1", 1, &["ucr:A", "order:O", "container:C"], json!({})),
        document("shipment", "S2", "1", 2, &["ucr:B", "order:O"], json!({})),
        document("order", "O", "1", 0, &["order:O"], json!({})),
        document("milestone", "M", "1", 5, &["transport-document:T", "booking:K"], json!({})),
        document("load-tender", "L", "1", 4, &["ucr:A", "booking:K"], json!({})),
        document("milestone", "G", "1", 6, &["container:C"], json!({})),
        document("milestone", "W", "1", 6, &["seal:X"], json!({})),
    ];
    let rules = rules(1_000);
    let orders: [&[usize]; 4] =
        [&[0, 1, 2, 3, 4, 5, 6], &[6, 5, 4, 3, 2, 1, 0], &[3, 5, 2, 6, 0, 4, 1], &[1, 4, 2, 0, 3, 6, 5]];
    let mut seen: Vec<BTreeMap<ShipmentId, BTreeSet<String>>> = Vec::new();
    for (round, order) in orders.into_iter().enumerate() {
        // Each order is another sender's, whose names are its own.
        let own = |name: &str| format!("{name}{round}");
        for index in order {
            let Document { kind, key, refs, body } = documents[*index].clone();
            let refs: Vec<Reference> =
                refs.into_iter().map(|named| Reference { value: own(&named.value), ..named }).collect();
            accept(&bed, "erp", Document { kind, key: own(&key), refs, body }, later(*index as i64)).await;
            join(&bed, &rules, 1).await;
        }
        let mut shipments = BTreeMap::new();
        for value in ["A", "B"] {
            let kept = one(&bed, &own(value)).await;
            let plain =
                keys(&bed, kept.id).await.into_iter().map(|key| key.trim_end_matches(char::is_numeric).to_owned());
            shipments.insert(kept.id, plain.collect());
        }
        let sets: BTreeSet<BTreeSet<String>> = shipments.values().cloned().collect();
        assert_eq!(sets, BTreeSet::from([set(&["S", "O", "M", "L", "G"]), set(&["S", "O"])]), "{order:?}");
        seen.push(shipments);
    }
    let unattached = bed.journal.unattached(Vec::new(), 10).await.expect("they are read");
    assert_eq!(unattached.len(), orders.len(), "what nothing ties waits, and is seen: {unattached:?}");
}

pub(crate) async fn two_shipments_become_one_and_both_ids_find_it(bed: Bed) {
    let rules = rules(1_000);
    accept(&bed, "erp", document("shipment", "late", "1", 9, &["ucr:A"], json!({})), start()).await;
    accept(&bed, "wms", document("shipment", "early", "1", 1, &["transport-document:T"], json!({})), start()).await;
    join(&bed, &rules, 2).await;
    let (late, early) = (one(&bed, "A").await.id, one(&bed, "T").await.id);
    assert_ne!(late, early);
    let notice = document("customs-status", "N", "1", 20, &["ucr:A", "transport-document:T"], json!({}));
    accept(&bed, "broker", notice, later(1)).await;
    join(&bed, &rules, 1).await;
    assert_eq!(one(&bed, "A").await.id, early, "it is called after what was recorded first");
    for id in [late, early] {
        let kept = bed.journal.shipment(id.as_uuid()).await.expect("it is read").expect("it is there");
        assert_eq!(kept.id, early);
    }
    assert_eq!(keys(&bed, early).await, set(&["late", "early", "N"]));
}

pub(crate) async fn a_later_version_that_names_another_shipment_moves(bed: Bed) {
    let rules = rules(1_000);
    for (key, name) in [("S1", "ucr:A"), ("S2", "ucr:B")] {
        accept(&bed, "erp", document("shipment", key, "1", 1, &[name], json!({})), start()).await;
    }
    accept(&bed, "erp", document("commercial-invoice", "I", "1", 2, &["ucr:A"], json!({})), later(1)).await;
    join(&bed, &rules, 3).await;
    let (a, b) = (one(&bed, "A").await.id, one(&bed, "B").await.id);
    assert_eq!((keys(&bed, a).await, keys(&bed, b).await), (set(&["S1", "I"]), set(&["S2"])));
    accept(&bed, "erp", document("commercial-invoice", "I", "3", 3, &["ucr:B"], json!({})), later(2)).await;
    // An older version that comes later changes nothing.
    accept(&bed, "erp", document("commercial-invoice", "I", "2", 4, &["ucr:A"], json!({})), later(3)).await;
    join(&bed, &rules, 2).await;
    assert_eq!((keys(&bed, a).await, keys(&bed, b).await), (set(&["S1"]), set(&["S2", "I"])));
}

pub(crate) async fn what_is_known_of_an_article_is_found_by_every_shipment_that_names_it(bed: Bed) {
    let rules = rules(1_000);
    let lines = json!({ "lines": [{ "sku": "LAMP" }, { "sku": "DESK" }] });
    accept(&bed, "erp", document("shipment", "S", "1", 1, &["ucr:A"], lines), start()).await;
    join(&bed, &rules, 1).await;
    fold_all(&bed, "first").await;
    assert!(one(&bed, "A").await.is_current);
    accept(&bed, "erp", document("item", "7", "1", 2, &[], json!({ "sku": "LAMP" })), later(1)).await;
    accept(&bed, "erp", document("item", "8", "1", 2, &["sku:OTHER"], json!({ "sku": "OTHER" })), later(1)).await;
    assert_eq!(join(&bed, &rules, 2).await.shipments, 1);
    let kept = one(&bed, "A").await;
    assert!(!kept.is_current, "it is to be put together anew");
    let documents = bed.journal.shipment_documents(kept.id).await.expect("they are read");
    assert_eq!(documents.catalogue.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["7"]);
}

pub(crate) async fn fold_all(bed: &Bed, revision: &str) -> usize {
    let claimed = bed.journal.claim_shipments("worker", later(200), LEASE, 100).await.expect("they are claimed");
    for claimed in &claimed {
        let folded = FoldedShipment {
            id: claimed.id,
            claim: claimed.claim,
            joined: claimed.joined,
            revision: revision.to_owned(),
            context: format!("{{\"revision\":\"{revision}\"}}"),
            findings: Vec::new(),
            looked_up: Vec::new(),
            figures: ShipmentFigures::default(),
            told: Told::default(),
            people: PeopleChanges::default(),
            made: Vec::new(),
            filings: Vec::new(),
            wakes: Default::default(),
            again_at: None,
            fails: false,
            now: later(200),
        };
        bed.journal.fold_shipment(folded).await.expect("it is kept");
    }
    claimed.len()
}

pub(crate) async fn a_shipment_is_put_together_by_one_and_again_when_something_came_meanwhile(bed: Bed) {
    let rules = rules(1_000);
    accept(&bed, "erp", document("shipment", "S", "1", 1, &["ucr:A"], json!({})), start()).await;
    join(&bed, &rules, 1).await;
    let claim = |at| bed.journal.claim_shipments("worker", at, LEASE, 10);
    let first = claim(later(200)).await.expect("it is claimed").remove(0);
    assert_eq!(claim(later(201)).await.expect("it is asked"), [], "nobody else has it meanwhile");
    accept(&bed, "erp", document("milestone", "M", "1", 2, &["ucr:A"], json!({})), later(1)).await;
    join(&bed, &rules, 1).await;
    let folded = |claimed: &ClaimedShipment, now| FoldedShipment {
        id: claimed.id,
        claim: claimed.claim,
        joined: claimed.joined,
        revision: "r1".to_owned(),
        context: "{}".to_owned(),
        findings: Vec::new(),
        looked_up: Vec::new(),
        figures: ShipmentFigures::default(),
        told: Told::default(),
        people: PeopleChanges::default(),
        made: Vec::new(),
        filings: Vec::new(),
        wakes: Default::default(),
        again_at: None,
        fails: false,
        now,
    };
    bed.journal.fold_shipment(folded(&first, later(202))).await.expect("it is kept");
    assert!(!one(&bed, "A").await.is_current, "what came meanwhile is not in it");
    let second = claim(later(203)).await.expect("it is claimed").remove(0);
    assert_eq!(second.revision.as_deref(), Some("r1"));
    // The lease runs out, somebody else has it, and who comes too late changes nothing.
    let third = claim(later(203 + 61)).await.expect("it is claimed").remove(0);
    assert_eq!(bed.journal.fold_shipment(folded(&second, later(265))).await, Err(JournalError::LeaseLost));
    bed.journal.fold_shipment(folded(&third, later(265))).await.expect("it is kept");
    assert!(one(&bed, "A").await.is_current);
    assert_eq!(claim(later(400)).await.expect("it is asked"), []);
}

/// A message of the gateway's own, with a delivery to the broker.
pub(crate) fn own(key: &str, document: Document, now: Timestamp) -> Acceptance {
    let mut made = message(now);
    let body = String::from_utf8(document.body.clone()).ok();
    made.exchange.partner = GATEWAY.to_owned();
    made.exchange.parts = Vec::new();
    made.events = vec![NewEvent {
        id: EventId::new(now),
        kind: format!("portgate.document.{}", document.kind),
        subject: document.key.clone(),
        partner: GATEWAY.to_owned(),
        at: now,
        data: EventData::Document { exchange: made.exchange.id, position: 0, body },
    }];
    made.documents = vec![document];
    made.business_key = Some(BusinessKey { key: key.to_owned(), fingerprint: [1; 32] });
    made.idempotency = None;
    made.deliveries = vec![NewDelivery { documents: vec![0], parts: Vec::new(), ..delivery("broker", None, now) }];
    made
}

pub(crate) async fn what_the_gateway_makes_is_made_once_and_on_the_facts_of_the_moment(bed: Bed) {
    let rules = rules(1_000);
    accept(&bed, "erp", document("shipment", "S", "1", 1, &["ucr:A"], json!({})), start()).await;
    join(&bed, &rules, 1).await;
    let claim = |at| bed.journal.claim_shipments("worker", at, LEASE, 10);
    let declaration = || document("shipment", "LRN1", "1", 5, &["ucr:A", "lrn:LRN1"], json!({}));
    let folded = |claimed: &ClaimedShipment, now| FoldedShipment {
        id: claimed.id,
        claim: claimed.claim,
        joined: claimed.joined,
        revision: "r1".to_owned(),
        context: "{}".to_owned(),
        findings: Vec::new(),
        looked_up: Vec::new(),
        figures: ShipmentFigures::default(),
        told: Told::default(),
        people: PeopleChanges::default(),
        made: vec![own("LRN1/1", declaration(), now)],
        filings: Vec::new(),
        wakes: Default::default(),
        again_at: None,
        fails: false,
        now,
    };
    let first = claim(later(200)).await.expect("it is claimed").remove(0);
    accept(&bed, "erp", document("milestone", "M", "1", 2, &["ucr:A"], json!({})), later(1)).await;
    join(&bed, &rules, 1).await;
    // Something came meanwhile, so nothing is made.
    assert_eq!(bed.journal.fold_shipment(folded(&first, later(202))).await, Ok(FoldEnd::Overtaken));
    assert_eq!(one(&bed, "A").await.revision, None);
    assert_eq!(bed.claim("broker", later(203), 10).await.len(), 0);
    bed.journal.give_back_shipment(first.id, first.claim, later(203)).await.expect("it is given back");
    let second = claim(later(203)).await.expect("it is claimed").remove(0);
    assert_eq!(bed.journal.fold_shipment(folded(&second, later(204))).await, Ok(FoldEnd::Kept));
    assert_eq!(bed.journal.fold_shipment(folded(&second, later(204))).await, Err(JournalError::LeaseLost));
    // Its document is joined like any other, and begins no shipment of its own.
    join(&bed, &rules, 1).await;
    assert_eq!(keys(&bed, first.id).await, set(&["S", "M", "LRN1"]));
    assert_eq!(one(&bed, "LRN1").await.id, first.id);
    // Whoever makes the same again makes nothing.
    let third = claim(later(205)).await.expect("it is claimed").remove(0);
    assert_eq!(bed.journal.fold_shipment(folded(&third, later(206))).await, Ok(FoldEnd::Kept));
    assert_eq!(bed.claim("broker", later(207), 10).await.len(), 1, "one delivery was made");
    assert!(one(&bed, "A").await.is_current);
}

pub(crate) async fn tests_and_all_others_never_make_one_shipment(bed: Bed) {
    let rules = rules(1_000);
    accept(&bed, "erp", document("shipment", "S", "1", 1, &["ucr:A"], json!({})), start()).await;
    accept(&bed, "erp/test", document("shipment", "S", "1", 1, &["ucr:A"], json!({})), start()).await;
    join(&bed, &rules, 2).await;
    let production = one(&bed, "A").await.id;
    let of_tests = bed.journal.shipments_named(true, Some("ucr".to_owned()), "A".to_owned(), 10).await.expect("read");
    assert_eq!(of_tests.len(), 1);
    assert_ne!(of_tests[0].id, production);
}

pub(crate) async fn what_is_tied_to_too_much_says_so_and_what_there_was_stays(bed: Bed) {
    let rules = rules(3);
    // However many are looked at together, what came first has the room that there is.
    for (round, limit) in [(1, 1), (2, 3), (3, 100)] {
        let (ucr, order) = (format!("ucr:A{round}"), format!("order:O{round}"));
        let key = |number| format!("D{round}{number}");
        let first = document("shipment", &format!("S{round}"), "1", 1, &[&ucr, &order], json!({}));
        accept(&bed, "erp", first, start()).await;
        for number in 0..5 {
            accept(&bed, "erp", document("order", &key(number), "1", 2, &[&order], json!({})), later(1)).await;
        }
        let joined = join_by(&bed, &rules, 6, limit).await;
        assert!(joined.overfull > 0, "{joined:?}");
        let shipment = one(&bed, &format!("A{round}")).await.id;
        assert_eq!(shipment.as_uuid().get_version_num(), 8);
        assert_eq!(keys(&bed, shipment).await, set(&[&format!("S{round}"), &key(0), &key(1)]), "by {limit}");
        let unattached = bed.journal.unattached(Vec::new(), 100).await.expect("they are read");
        let left_out = unattached.iter().filter(|one| one.is_overfull).count() as u64;
        assert_eq!(left_out, 3 * round, "{unattached:?}");
        let counts = bed.journal.left_out_counts().await.expect("they are counted");
        assert!(matches!(&counts[..], [one] if one.sender == "erp" && one.count == left_out), "{counts:?}");
    }
    // One of those that have room is not of it any more: the first of those that had none takes its place, and no other.
    accept(&bed, "erp", document("order", "D10", "2", 3, &["order:ELSEWHERE"], json!({})), later(2)).await;
    join(&bed, &rules, 1).await;
    bed.journal.join_left_out(Arc::clone(&rules), 0, 100, later(200)).await.expect("they are looked at");
    assert_eq!(keys(&bed, one(&bed, "A1").await.id).await, set(&["S1", "D11", "D12"]));
    // The next shipment is made as if nothing had been.
    accept(&bed, "erp", document("shipment", "T", "1", 1, &["ucr:B"], json!({})), later(2)).await;
    join(&bed, &rules, 1).await;
    one(&bed, "B").await;
}

pub(crate) async fn a_shipment_of_which_nothing_is_heard_is_closed_and_opens_again(bed: Bed) {
    let rules = rules(1_000);
    accept(&bed, "erp", document("shipment", "S", "1", 1, &["ucr:A"], json!({})), start()).await;
    join(&bed, &rules, 1).await;
    assert_eq!(bed.journal.close_quiet(later(1_000), later(1_000), 10).await, Ok(0), "it is not put together yet");
    fold_all(&bed, "r").await;
    assert_eq!(bed.journal.close_quiet(later(50), later(1_000), 10).await, Ok(0), "it changed later");
    assert_eq!(bed.journal.redact(later(90), later(1_000), 10).await, Ok(0), "an open shipment keeps its documents");
    assert_eq!(bed.journal.close_quiet(later(1_000), later(1_000), 10).await, Ok(1));
    assert_eq!(one(&bed, "A").await.closed_at, Some(later(1_000)));
    assert_eq!(bed.journal.redact(later(90), later(1_000), 10).await, Ok(1), "its documents go like any others");
    accept(&bed, "erp", document("milestone", "M", "1", 2, &["ucr:A"], json!({})), later(2)).await;
    join(&bed, &rules, 1).await;
    assert_eq!(one(&bed, "A").await.closed_at, None);
}

pub(crate) async fn a_document_that_counts_no_more_leaves_its_shipment_and_nothing_of_tests_changes(bed: Bed) {
    let rules = rules(1_000);
    accept(&bed, "erp", document("shipment", "S", "1", 1, &["ucr:A"], json!({})), start()).await;
    let gone = accept(&bed, "wms", document("order", "O", "1", 2, &["ucr:A"], json!({})), start()).await;
    accept(&bed, "erp/test", document("shipment", "T", "1", 1, &["ucr:A"], json!({})), start()).await;
    join(&bed, &rules, 3).await;
    let id = one(&bed, "A").await.id;
    assert_eq!(keys(&bed, id).await, set(&["S", "O"]));
    let of_wms = "INSERT INTO superseded_documents (exchange, position, rerun) \
                  SELECT id, 0, 1 FROM exchanges WHERE partner = 'wms'";
    bed.run(of_wms).await.expect("it is kept");
    let told = NewEvent {
        id: EventId::new(later(1)),
        kind: "portgate.exchange.rerun".to_owned(),
        subject: gone.to_string(),
        partner: "wms".to_owned(),
        at: later(1),
        data: EventData::Own("{}".to_owned()),
    };
    bed.journal.tell(vec![told]).await.expect("it is told");
    // The next document is behind that in the order of events.
    accept(&bed, "erp", document("milestone", "M", "1", 3, &["ucr:A"], json!({})), later(2)).await;
    join(&bed, &rules, 1).await;
    assert_eq!(keys(&bed, id).await, set(&["S", "M"]));
    let of_tests = bed.journal.shipments_named(true, None, "A".to_owned(), 10).await.expect("read");
    assert_eq!(of_tests.len(), 1);
    assert_eq!(keys(&bed, of_tests[0].id).await, set(&["T"]));
}

pub(crate) async fn a_value_finds_the_shipments_that_carry_it_in_whatever_scheme_and_with_a_scheme_in_that_one_alone(
    bed: Bed,
) {
    let rules = rules(1_000);
    // A scheme that most documents have, two that few have, one that ties nothing, and a key.
    let names = ["ucr:A", "order:O", "seal:X", "x12:CN:77", "plugin's own:Z"];
    accept(&bed, "erp", document("shipment", "S", "1", 1, &names, json!({})), start()).await;
    accept(&bed, "erp", document("shipment", "other", "1", 1, &["ucr:B"], json!({})), start()).await;
    accept(&bed, "wms", document("packing", "P", "1", 2, &["ucr:A", "booking:K"], json!({})), start()).await;
    join(&bed, &rules, 3).await;
    let id = one(&bed, "A").await.id;
    for value in ["O", "X", "CN:77", "Z", "S", "P", "K"] {
        assert_eq!(one(&bed, value).await.id, id, "{value}");
    }
    let found = async |scheme: &str, value: &str| {
        let found = bed.journal.shipments_named(false, Some(scheme.to_owned()), value.to_owned(), 10).await;
        found.expect("it is read").len()
    };
    for (scheme, value) in [("ucr", "A"), ("order", "O"), ("seal", "X"), ("plugin's own", "Z"), ("booking", "K")] {
        assert_eq!(found(scheme, value).await, 1, "{scheme} {value}");
    }
    for (scheme, value) in [("order", "A"), ("ucr", "O"), ("x12", "X"), ("seal", "Z"), ("", "K"), ("ucr", "S")] {
        assert_eq!(found(scheme, value).await, 0, "{scheme} {value}");
    }
    // What a later version no longer carries finds nothing in any scheme.
    accept(&bed, "erp", document("shipment", "S", "2", 5, &["ucr:A"], json!({})), later(1)).await;
    join(&bed, &rules, 1).await;
    for value in ["O", "X", "CN:77", "Z"] {
        assert!(named(&bed, value).await.is_empty(), "{value}");
    }
    assert_eq!((one(&bed, "A").await.id, one(&bed, "S").await.id), (id, id));
}

pub(crate) async fn a_context_that_cannot_be_said_is_tried_later_each_time_and_at_once_when_something_comes(bed: Bed) {
    let rules = rules(1_000);
    accept(&bed, "erp", document("shipment", "S", "1", 1, &["ucr:A"], json!({})), start()).await;
    join(&bed, &rules, 1).await;
    let claim = |at| bed.journal.claim_shipments("worker", at, LEASE, 10);
    let (mut now, mut waits) = (later(200), Vec::new());
    for _ in 0..14 {
        let claimed = claim(now).await.expect("it is claimed").remove(0);
        let given_up = bed.journal.give_up_shipment(claimed.id, claimed.claim, "it has no end".to_owned(), now);
        let again = given_up.await.expect("it is given back");
        let a_moment_before = again - Duration::from_millis(1);
        assert_eq!(claim(a_moment_before).await.expect("it is asked"), [], "nobody tries before");
        waits.push(again.duration_since(now).as_secs());
        now = again;
    }
    assert_eq!((&waits[..4], waits[13]), (&[2, 4, 8, 16][..], 3_600), "{waits:?}");
    assert_eq!(one(&bed, "A").await.problem.as_deref(), Some("it has no end"));
    let claimed = claim(now).await.expect("it is claimed").remove(0);
    let late = bed.journal.give_up_shipment(claimed.id, claimed.claim, "again".to_owned(), now).await;
    assert!(late.is_ok_and(|again| again > now));
    accept(&bed, "erp", document("milestone", "M", "1", 2, &["ucr:A"], json!({})), later(1)).await;
    join(&bed, &rules, 1).await;
    assert_eq!(fold_all(&bed, "r").await, 1, "what came is looked at at once");
    assert_eq!(one(&bed, "A").await.problem, None);
}
