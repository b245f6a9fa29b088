//! Filings: made once with the context that they are of, mended only before anything has left, and looked at again when
//! something becomes of them.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;
use portgate_core::filing::{Filing, FilingState, FilingStep, Standing, StepKind};
use portgate_core::finding::Severity;
use portgate_core::judgement::ShipmentFinding;
use portgate_store::{
    Acceptance, ActKind, Acted, ChangedFiling, ClaimedShipment, Confirmed, DeadClass, DeliveryId, EventData, EventId,
    FilingDeed, FilingOrder, FilingOrdered, FilingQuery, Filter, FoldEnd, FoldedShipment, JournalError, KeptFiling,
    LeftOut, NewEvent, Operator, PeopleChanges, Reach, Resend, ResendEnd, Resent, Settled, Settlement, ShipmentFigures,
    ShipmentId, State, Told, Work,
};
use serde_json::json;

use crate::bed::{Bed, later, request, settlement, start};
use crate::shipments::{accept, document, join, one, own, rules};

const LEASE: Duration = Duration::from_secs(60);

fn filing(state: FilingState, steps: Vec<FilingStep>) -> Filing {
    Filing {
        state,
        number: 1,
        lrn: "LRN1".to_owned(),
        mrn: None,
        revision: "r1".to_owned(),
        steps,
        findings: Vec::new(),
        faults: Vec::new(),
        pending: Vec::new(),
        digest: "d1".to_owned(),
        composed: String::new(),
        composed_of: String::new(),
        composed_at: None,
        overdue: Vec::new(),
        waits_since: None,
        waits_too_long: false,
        heard_from: None,
        sent_to: Default::default(),
        told: Vec::new(),
    }
}

fn step(version: u32, made: &Acceptance, replaced: bool) -> FilingStep {
    FilingStep {
        kind: StepKind::Submit,
        number: 1,
        version,
        customs_version: None,
        lrn: "LRN1".to_owned(),
        revision: "r1".to_owned(),
        at: made.now,
        exchange: made.exchange.id.to_string(),
        delivery: made.deliveries[0].id.to_string(),
        differences: Vec::new(),
        replaced,
        released_over: String::new(),
        declared: json!({ "totalPackages": version }),
    }
}

/// A declaration of the gateway's own, as it is made.
fn declaration(version: u32, now: Timestamp) -> Acceptance {
    let version = version.to_string();
    let body = document("customs-declaration", "LRN1", &version, 5, &["ucr:A", "lrn:LRN1"], json!({}));
    own(&format!("LRN1/{version}"), body, now)
}

fn folded(claimed: &ClaimedShipment, now: Timestamp) -> FoldedShipment {
    FoldedShipment {
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
    }
}

fn changed(shipment: ShipmentId, filing: Filing, made: Option<DeliveryId>) -> ChangedFiling {
    ChangedFiling {
        shipment,
        name: "import".to_owned(),
        filing,
        made,
        withdrawn: None,
        release_used: false,
        told: None,
    }
}

async fn claim(bed: &Bed, at: Timestamp) -> ClaimedShipment {
    let mut claimed = bed.journal.claim_shipments("worker", at, LEASE, 10).await.expect("it is asked");
    assert_eq!(claimed.len(), 1);
    claimed.remove(0)
}

/// Files the first version of a shipment that is claimed. Gives back what was made.
async fn submit(bed: &Bed, claimed: &ClaimedShipment, now: Timestamp) -> Acceptance {
    let made = declaration(1, now);
    let filing = filing(FilingState::Submitted, vec![step(1, &made, false)]);
    let filings = vec![changed(claimed.id, filing, Some(made.deliveries[0].id))];
    let kept = FoldedShipment { made: vec![made.clone()], filings, ..folded(claimed, now) };
    assert_eq!(bed.journal.fold_shipment(kept).await, Ok(FoldEnd::Kept));
    made
}

/// A shipment of which a declaration was filed and joined, so that nothing is to be put together.
async fn filed(bed: &Bed) -> (ShipmentId, Acceptance) {
    let rules = rules(1_000);
    accept(bed, "erp", document("shipment", "S", "1", 1, &["ucr:A"], json!({})), start()).await;
    join(bed, &rules, 1).await;
    let first = claim(bed, later(200)).await;
    let made = submit(bed, &first, later(201)).await;
    join(bed, &rules, 1).await;
    let second = claim(bed, later(202)).await;
    assert_eq!(bed.journal.fold_shipment(folded(&second, later(203))).await, Ok(FoldEnd::Kept));
    (first.id, made)
}

async fn the_filing(bed: &Bed, shipment: ShipmentId) -> KeptFiling {
    let mut found = bed.journal.shipment_filings(shipment).await.expect("they are read");
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

pub(crate) async fn a_filing_is_kept_with_its_delivery_and_found_by_its_number_and_its_state(bed: Bed) {
    let (shipment, made) = filed(&bed).await;
    let kept = the_filing(&bed, shipment).await;
    let delivery = made.deliveries[0].id.to_string();
    assert_eq!(kept.deliveries, BTreeMap::from([(delivery, Standing::Waiting)]));
    assert_eq!((kept.name.as_str(), kept.filing.state), ("import", FilingState::Submitted));
    let named = |lrn: &str| bed.journal.filing_named(lrn.to_owned());
    assert_eq!(named("LRN1").await.expect("it is read").as_ref(), Some(&kept));
    assert_eq!(named("LRN2").await, Ok(None));
    let list = |states: Vec<FilingState>, name: Option<&str>| {
        let query = FilingQuery { states, name: name.map(str::to_owned), limit: 10 };
        bed.journal.filings(query)
    };
    assert_eq!(list(Vec::new(), None).await.expect("they are read").len(), 1);
    assert_eq!(list(vec![FilingState::Submitted, FilingState::Draft], Some("import")).await.expect("read").len(), 1);
    assert_eq!(list(vec![FilingState::Rejected], None).await, Ok(Vec::new()));
    assert_eq!(list(Vec::new(), Some("export")).await, Ok(Vec::new()));
}

pub(crate) async fn who_lost_the_claim_files_nothing(bed: Bed) {
    let rules = rules(1_000);
    accept(&bed, "erp", document("shipment", "S", "1", 1, &["ucr:A"], json!({})), start()).await;
    join(&bed, &rules, 1).await;
    let first = claim(&bed, later(200)).await;
    let second = claim(&bed, later(200 + 61)).await;
    let made = declaration(1, later(262));
    let filings = vec![changed(
        first.id,
        filing(FilingState::Submitted, vec![step(1, &made, false)]),
        Some(made.deliveries[0].id),
    )];
    let kept = FoldedShipment { made: vec![made], filings, ..folded(&first, later(262)) };
    assert_eq!(bed.journal.fold_shipment(kept).await, Err(JournalError::LeaseLost));
    assert_eq!(bed.journal.shipment_filings(first.id).await, Ok(Vec::new()));
    submit(&bed, &second, later(263)).await;
    assert_eq!(bed.claim("broker", later(264), 10).await.len(), 1);
}

pub(crate) async fn what_waits_is_replaced_and_what_may_have_left_is_not(bed: Bed) {
    let (shipment, first) = filed(&bed).await;
    let rules = rules(1_000);
    // Another word of the shipment comes, and changes what is declared.
    let again = async |minute: u32| {
        let key = format!("M{minute}");
        accept(&bed, "erp", document("milestone", &key, "1", minute, &["ucr:A"], json!({})), later(210)).await;
        join(&bed, &rules, 1).await;
        claim(&bed, later(220)).await
    };
    let replace = |claimed: &ClaimedShipment, before: &Acceptance, version: u32, now: Timestamp| {
        let made = declaration(version, now);
        let steps = vec![step(version - 1, before, true), step(version, &made, false)];
        let withdrawn = Some((before.deliveries[0].id, Some(made.deliveries[0].id)));
        let changed = ChangedFiling {
            withdrawn,
            ..changed(shipment, filing(FilingState::Submitted, steps), Some(made.deliveries[0].id))
        };
        let kept = FoldedShipment { made: vec![made.clone()], filings: vec![changed], ..folded(claimed, now) };
        (kept, made)
    };
    let claimed = again(2).await;
    let (kept, second) = replace(&claimed, &first, 2, later(221));
    assert_eq!(bed.journal.fold_shipment(kept).await, Ok(FoldEnd::Kept));
    let kept = the_filing(&bed, shipment).await;
    let standing = |made: &Acceptance| kept.deliveries.get(&made.deliveries[0].id.to_string()).copied();
    assert_eq!((standing(&first), standing(&second)), (Some(Standing::Discarded), Some(Standing::Waiting)));
    let given_up = bed.delivery(first.exchange.id, first.deliveries[0].id).await;
    assert_eq!(given_up.findings.last().map(|finding| finding.code.as_str()), Some("superseded"));
    // Somebody takes the second one up, and from then on it may have left.
    let claim_of_second = bed.claim("broker", later(230), 10).await;
    assert_eq!(claim_of_second.iter().map(|one| one.claim.delivery).collect::<Vec<_>>(), [second.deliveries[0].id]);
    join(&bed, &rules, 1).await;
    let claimed = claim(&bed, later(231)).await;
    let (kept, third) = replace(&claimed, &second, 3, later(232));
    assert_eq!(bed.journal.fold_shipment(kept).await, Ok(FoldEnd::Overtaken));
    assert_eq!(bed.journal.exchange(third.exchange.id).await.expect("it reads"), None, "nothing was made");
    assert_eq!(the_filing(&bed, shipment).await.filing.steps.len(), 2);
}

pub(crate) async fn what_becomes_of_a_delivery_has_its_shipment_looked_at_again(bed: Bed) {
    let (shipment, made) = filed(&bed).await;
    assert!(one(&bed, "A").await.is_current);
    let delivery = made.deliveries[0].id;
    let told = |state: &str, at: Timestamp| NewEvent {
        id: EventId::new(at),
        kind: format!("portgate.delivery.{state}"),
        subject: delivery.to_string(),
        partner: portgate_core::sender::GATEWAY.to_owned(),
        at,
        data: EventData::Own("{}".to_owned()),
    };
    let claimed = bed.claim_one("broker", later(300)).await;
    let mut settled =
        settlement(claimed.claim, later(301), Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() });
    settled.events = vec![told("dead", later(301))];
    bed.journal.settle(settled).await.expect("the claim holds");
    // The step that reads the event joins no document.
    for _ in 0..200 {
        let step = portgate_store::JoinStep {
            rules: rules(1_000),
            limit: 10,
            delivered_to: Default::default(),
            now: later(302),
        };
        if bed.journal.join(step).await.expect("it joins").shipments > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(!one(&bed, "A").await.is_current);
    let kept = the_filing(&bed, shipment).await;
    assert_eq!(kept.deliveries.values().copied().collect::<Vec<_>>(), [Standing::Dead]);
}

pub(crate) async fn an_operator_s_word_counts_for_what_was_looked_at_and_is_told_the_audit_log(bed: Bed) {
    let (shipment, _) = filed(&bed).await;
    let order = |deed, digest: &str, name: &str| FilingOrder {
        shipment,
        name: name.to_owned(),
        deed,
        digest: digest.to_owned(),
        operator: Operator { name: "ada".to_owned(), reason: "the invoice is right".to_owned() },
        now: later(400),
    };
    assert_eq!(bed.journal.order_filing(order(FilingDeed::Release, "d0", "import")).await, Ok(FilingOrdered::Outdated));
    assert_eq!(bed.journal.order_filing(order(FilingDeed::Release, "d1", "export")).await, Ok(FilingOrdered::Unknown));
    assert_eq!(the_filing(&bed, shipment).await.released, None);
    assert_eq!(bed.journal.order_filing(order(FilingDeed::Release, "d1", "import")).await, Ok(FilingOrdered::Done));
    let released = the_filing(&bed, shipment).await.released.expect("it is kept");
    assert_eq!((released.operator.as_str(), released.digest.as_str(), released.at), ("ada", "d1", later(400)));
    assert!(!one(&bed, "A").await.is_current, "it is looked at again");
    let acts = bed.journal.acts(10).await.expect("they are read");
    assert_eq!((acts[0].kind.as_str(), acts[0].operator.reason.as_str()), ("filing-release", "the invoice is right"));
    assert_eq!(bed.journal.order_filing(order(FilingDeed::Cancel, "d1", "import")).await, Ok(FilingOrdered::Done));
    let kept = the_filing(&bed, shipment).await;
    assert!(kept.released.is_none() && kept.cancelled.is_some(), "the last word counts");
    // A fold that was worked out before the word is not kept where it would send something.
    let claimed = claim(&bed, later(401)).await;
    bed.journal.order_filing(order(FilingDeed::Release, "d1", "import")).await.expect("it is kept");
    let made = declaration(2, later(402));
    let kept = FoldedShipment { made: vec![made], ..folded(&claimed, later(402)) };
    assert_eq!(bed.journal.fold_shipment(kept).await, Ok(FoldEnd::Overtaken));
}

pub(crate) async fn a_filing_is_forgotten_long_after_its_shipment_was_closed(bed: Bed) {
    let (shipment, made) = filed(&bed).await;
    accept(&bed, "wms", document("packing", "P", "1", 1, &["ucr:A"], json!({})), later(300)).await;
    join(&bed, &rules(1_000), 1).await;
    let claimed = claim(&bed, later(301)).await;
    let cleared = changed(shipment, filing(FilingState::Cleared, vec![step(1, &made, false)]), None);
    let kept = FoldedShipment { filings: vec![cleared], ..folded(&claimed, later(302)) };
    assert_eq!(bed.journal.fold_shipment(kept).await, Ok(FoldEnd::Kept));
    assert_eq!(bed.journal.forget_decided(later(5_000), 10).await, Ok(0), "its shipment is open");
    assert_eq!(bed.journal.close_quiet(later(1_000), later(1_000), 10).await, Ok(1));
    assert_eq!(bed.journal.forget_decided(later(1_000), 10).await, Ok(0), "it was closed just now");
    assert_eq!(bed.journal.forget_decided(later(5_000), 10).await, Ok(2), "the filing and that a delivery is of it");
    assert!(bed.journal.shipment_filings(shipment).await.expect("they are read").is_empty());
    assert_eq!(bed.journal.forget_decided(later(5_000), 10).await, Ok(0));
}

pub(crate) async fn the_filings_of_several_are_those_of_each(bed: Bed) {
    let (shipment, made) = filed(&bed).await;
    accept(&bed, "erp", document("shipment", "T", "1", 1, &["ucr:B"], json!({})), later(204)).await;
    join(&bed, &rules(1_000), 1).await;
    // What is filed under several names has its own deliveries under each.
    let claimed = claim(&bed, later(205)).await;
    let other =
        own("LRN2", document("customs-declaration", "LRN2", "1", 5, &["ucr:B", "lrn:LRN2"], json!({})), later(206));
    let delivery = other.deliveries[0].id;
    let of = |name: &str, made: Option<DeliveryId>| ChangedFiling {
        name: name.to_owned(),
        ..changed(claimed.id, Filing { lrn: "LRN2".to_owned(), ..filing(FilingState::Submitted, Vec::new()) }, made)
    };
    let filings = vec![of("export", Some(delivery)), of("import", None)];
    let kept = FoldedShipment { made: vec![other], filings, ..folded(&claimed, later(206)) };
    assert_eq!(bed.journal.fold_shipment(kept).await, Ok(FoldEnd::Kept));
    let nobody = ShipmentId::new(start());
    let ids = vec![claimed.id, nobody, shipment];
    let all = bed.journal.shipments_filings(ids.clone()).await.expect("they are read");
    let filed = |id: ShipmentId| -> Vec<(&str, Vec<String>)> {
        all[&id].iter().map(|kept| (kept.name.as_str(), kept.deliveries.keys().cloned().collect())).collect()
    };
    assert_eq!(filed(shipment), [("import", vec![made.deliveries[0].id.to_string()])]);
    assert_eq!(filed(claimed.id), [("export", vec![delivery.to_string()]), ("import", Vec::new())]);
    assert_eq!(filed(nobody), []);
    for id in ids {
        assert_eq!(bed.journal.shipment_filings(id).await.as_ref(), Ok(&all[&id]));
    }
}

/// How far the delivery of the only declaration has come.
async fn standing(bed: &Bed, shipment: ShipmentId) -> Option<Standing> {
    the_filing(bed, shipment).await.deliveries.into_values().next()
}

/// The shipment is put together once more, and nothing is to be done.
async fn looked_at(bed: &Bed, at: Timestamp) {
    let claimed = claim(bed, at).await;
    assert_eq!(bed.journal.fold_shipment(folded(&claimed, at)).await, Ok(FoldEnd::Kept));
}

pub(crate) async fn what_never_left_waits_whatever_was_tried_and_goes_once_its_filing_has_looked_at_it(bed: Bed) {
    let (shipment, made) = filed(&bed).await;
    let delivery = made.deliveries[0].id;
    let attempt = async |at: i64, reach: Reach| {
        let claimed = bed.claim_one("broker", later(at)).await;
        assert_eq!(standing(&bed, shipment).await, Some(Standing::UnderWay), "it may be leaving");
        if matches!(claimed.work, Work::Render(_)) {
            bed.render(claimed.claim, request("/"), None).await.expect("the claim holds");
        }
        let retry = Settled::Retry { at: later(at + 10), class: DeadClass::Theirs };
        let settled = Settlement { reach, ..settlement(claimed.claim, later(at + 1), retry) };
        bed.journal.settle(settled).await.expect("the claim holds");
    };
    for at in [300, 320, 340] {
        attempt(at, Reach::Nothing).await;
        assert_eq!(standing(&bed, shipment).await, Some(Standing::Waiting));
        assert!(!one(&bed, "A").await.is_current, "something may have come to stand against it");
        assert!(bed.claim("broker", later(at + 15), 10).await.is_empty(), "nobody has looked at it yet");
        looked_at(&bed, later(at + 16)).await;
    }
    // A claim that is given back sends nothing, and its filing looks at it again.
    let claimed = bed.claim_one("broker", later(360)).await;
    bed.journal.release(&[claimed.claim], later(361)).await.expect("it works");
    assert_eq!(standing(&bed, shipment).await, Some(Standing::Waiting));
    assert!(bed.claim("broker", later(362), 10).await.is_empty());
    looked_at(&bed, later(363)).await;
    attempt(370, Reach::Perhaps).await;
    assert_eq!(standing(&bed, shipment).await, Some(Standing::UnderWay));
    assert!(!one(&bed, "A").await.is_current);
    let again = bed.claim_one("broker", later(390)).await;
    assert_eq!(again.claim.delivery, delivery, "what may have left goes on");
    let dead = Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() };
    bed.settle(again.claim, later(391), dead).await;
    assert_eq!(standing(&bed, shipment).await, Some(Standing::Unsure));
}

pub(crate) async fn who_loses_the_right_to_a_declaration_has_sent_it_perhaps_if_it_was_rendered(bed: Bed) {
    let (shipment, _) = filed(&bed).await;
    let dies = async |bed: Bed, at: i64, renders: bool| {
        let claimed = bed.claim_one("broker", later(at)).await;
        if renders {
            bed.render(claimed.claim, request("/"), None).await.expect("the claim holds");
        }
        bed.reopened().await
    };
    let bed = dies(bed, 300, false).await;
    // The right runs out where nobody knows that its owner is dead.
    assert!(bed.claim("broker", later(400), 10).await.is_empty(), "its filing looks at it first");
    assert_eq!(standing(&bed, shipment).await, Some(Standing::Waiting));
    assert!(!one(&bed, "A").await.is_current);
    looked_at(&bed, later(401)).await;
    let bed = dies(bed, 410, true).await;
    bed.claim("broker", later(500), 10).await;
    assert_eq!(standing(&bed, shipment).await, Some(Standing::UnderWay));
    assert!(!one(&bed, "A").await.is_current);
}

/// Tries the declaration, which ends as dead.
async fn dies(bed: &Bed, at: i64, reach: Reach) {
    let claimed = bed.claim_one("broker", later(at)).await;
    if matches!(claimed.work, Work::Render(_)) {
        bed.render(claimed.claim, request("/"), None).await.expect("the claim holds");
    }
    let dead = Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() };
    let settled = Settlement { reach, ..settlement(claimed.claim, later(at + 1), dead) };
    bed.journal.settle(settled).await.expect("the claim holds");
}

fn operator() -> Operator {
    Operator { name: "ada".to_owned(), reason: "it was lost".to_owned() }
}

pub(crate) async fn what_a_filing_has_sent_is_sent_again_by_nobody_but_the_filing(bed: Bed) {
    let (_, made) = filed(&bed).await;
    let delivery = made.deliveries[0].id;
    let resend = async |delivered: Option<Confirmed>, new_ids: bool| {
        let resend = Resend { per_second: NonZeroU32::MIN, delivered, new_ids };
        let end = bed.journal.resend(resend, &Filter::default(), &operator(), later(400)).await;
        let left_out = vec![(delivery, LeftOut::Filing("LRN1".to_owned()))];
        assert_eq!(end, Ok(ResendEnd::Done(Resent { resent: Vec::new(), left_out })));
    };
    dies(&bed, 300, Reach::Nothing).await;
    for new_ids in [false, true] {
        resend(None, new_ids).await;
    }
    assert!(bed.claim("broker", later(900), 10).await.is_empty());
    let acted = bed
        .journal
        .act(ActKind::Retry { per_second: NonZeroU32::MIN }, &Filter::default(), &operator(), later(401))
        .await;
    assert_eq!(acted.map(|acted| acted.changed), Ok(1));
    looked_at(&bed, later(402)).await;
    let claimed = bed.claim_one("broker", later(403)).await;
    bed.settle(claimed.claim, later(404), crate::bed::delivered()).await;
    for new_ids in [false, true] {
        resend(Some(Confirmed { count: 1, last_settled_at: Some(later(404)) }), new_ids).await;
    }
    assert_eq!(bed.delivery(made.exchange.id, delivery).await.state, State::Delivered);
}

pub(crate) async fn a_dead_declaration_is_tried_again_where_its_filing_lets_it(bed: Bed) {
    let (shipment, made) = filed(&bed).await;
    let delivery = made.deliveries[0].id;
    let retry = async |at: i64| {
        let kind = ActKind::Retry { per_second: NonZeroU32::MIN };
        bed.journal.act(kind, &Filter::default(), &operator(), later(at)).await.expect("it works")
    };
    dies(&bed, 300, Reach::Nothing).await;
    assert_eq!(retry(310).await, Acted { changed: 1, left_out: Vec::new() });
    assert!(bed.claim("broker", later(311), 10).await.is_empty(), "its filing looks at it first");
    looked_at(&bed, later(312)).await;
    // It may have left this time, and its filing has not said yet that nothing has changed.
    dies(&bed, 320, Reach::Perhaps).await;
    let left_out = vec![(delivery, LeftOut::Outdated("LRN1".to_owned()))];
    assert_eq!(retry(330).await, Acted { changed: 0, left_out: left_out.clone() });
    let undelivered = async |at: i64, findings: Vec<ShipmentFinding>| {
        accept(&bed, "erp", document("milestone", &format!("M{at}"), "1", 1, &["ucr:A"], json!({})), later(at)).await;
        join(&bed, &rules(1_000), 1).await;
        let claimed = claim(&bed, later(at + 1)).await;
        let steps = vec![step(1, &made, false)];
        let filing = Filing { findings, ..filing(FilingState::Undelivered, steps) };
        let kept = FoldedShipment { filings: vec![changed(shipment, filing, None)], ..folded(&claimed, later(at + 2)) };
        assert_eq!(bed.journal.fold_shipment(kept).await, Ok(FoldEnd::Kept));
    };
    let finding = ShipmentFinding {
        pack: "rules".to_owned(),
        rule: "R22".to_owned(),
        severity: Severity::Blocking,
        detail: "A party is denied.".to_owned(),
        remedy: String::new(),
        fields: Vec::new(),
        overridden: None,
    };
    undelivered(340, vec![finding]).await;
    assert_eq!(retry(350).await, Acted { changed: 0, left_out });
    undelivered(360, Vec::new()).await;
    assert_eq!(retry(370).await, Acted { changed: 1, left_out: Vec::new() });
    assert_eq!(bed.claim_one("broker", later(371)).await.claim.delivery, delivery, "under the id that it had");
}
