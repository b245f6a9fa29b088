//! What waits for a person is there once, ends with the facts, and every act on it is kept with who did it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use portgate_core::exception::{Cause, CauseKind, Change, Closing, ExceptionState, Until, Wanted, apply, reconcile};
use portgate_core::expectation::Expected;
use portgate_core::finding::Severity;
use portgate_core::judgement::{JudgedField, ShipmentFinding};
use portgate_core::reconciliation::Whose;
use portgate_store::{
    ActOnException, AskedStates, ClaimedShipment, Doing, DueExpectation, ExceptionChange, ExceptionEnd,
    ExceptionFilter, ExceptionId, FoldedShipment, JoinStep, Journal, JournalError, KeptException, Operator,
    PeopleChanges, Routed, ShipmentId, StatesPlace, Told,
};
use serde_json::json;

use crate::bed::{Bed, later, start};
use crate::shipments::{accept, document, join, one, rules};

const LEASE: Duration = Duration::from_secs(60);

pub(crate) fn finding(rule: &str, value: &str) -> ShipmentFinding {
    ShipmentFinding {
        pack: "core".to_owned(),
        rule: rule.to_owned(),
        severity: Severity::Blocking,
        detail: "It does not fit.".to_owned(),
        remedy: "Correct it.".to_owned(),
        fields: vec![JudgedField {
            kind: "shipment".to_owned(),
            id: "S".to_owned(),
            field: "/grossKg".to_owned(),
            value: Some(value.to_owned()),
            system: "erp".to_owned(),
            recorded_at: "2026-03-01T10:01:00Z".to_owned(),
        }],
        overridden: None,
    }
}

fn routed() -> Routed {
    Routed { team: "customs".to_owned(), deadline: Some(later(3_600)), escalate_to: Some("managers".to_owned()) }
}

/// A shipment of the name `name`.
pub(crate) async fn shipment(bed: &Bed, name: &str) -> ShipmentId {
    accept(bed, "erp", document("shipment", name, "1", 1, &[&format!("ucr:{name}")], json!({})), start()).await;
    join(bed, &rules(1_000), 1).await;
    one(bed, name).await.id
}

pub(crate) async fn claim(journal: &dyn Journal, now: Timestamp) -> Vec<ClaimedShipment> {
    journal.claim_shipments("worker", now, LEASE, 10).await.expect("it is asked")
}

/// What these findings change, as a gateway works it out.
pub(crate) async fn changes(
    journal: &dyn Journal,
    id: ShipmentId,
    found: &mut [ShipmentFinding],
    revision: &str,
) -> PeopleChanges {
    let people = journal.people(id, Vec::new()).await.expect("they are read");
    let overrides = apply(found, &people.overrides, revision);
    let known: Vec<_> = people.exceptions.iter().map(|kept| kept.known.clone()).collect();
    let change = |change: Change| {
        let kept = people.exceptions.iter().find(|kept| kept.known.cause == *change.cause());
        let of = kept.map(|kept| (kept.id, kept.version));
        ExceptionChange { of, change, routed: Some(routed()), thing: None }
    };
    let exceptions = reconcile(Wanted::of_findings(found), &known).into_iter().map(change).collect();
    PeopleChanges { exceptions, overrides, expectations: Vec::new() }
}

pub(crate) fn folded(
    claimed: &ClaimedShipment,
    revision: &str,
    people: PeopleChanges,
    now: Timestamp,
) -> FoldedShipment {
    FoldedShipment {
        id: claimed.id,
        claim: claimed.claim,
        joined: claimed.joined,
        revision: revision.to_owned(),
        context: "{}".to_owned(),
        findings: Vec::new(),
        looked_up: Vec::new(),
        figures: portgate_store::ShipmentFigures::default(),
        told: Told::default(),
        people,
        made: Vec::new(),
        filings: Vec::new(),
        wakes: Default::default(),
        again_at: None,
        fails: false,
        now,
    }
}

/// Puts the one shipment together that is due, with these findings.
async fn fold(bed: &Bed, found: &[ShipmentFinding], revision: &str, now: Timestamp) {
    let claimed = claim(&*bed.journal, now).await.remove(0);
    let people = changes(&*bed.journal, claimed.id, &mut found.to_vec(), revision).await;
    bed.journal.fold_shipment(folded(&claimed, revision, people, now)).await.expect("it is kept");
}

/// Has the shipment put together anew because something of it came.
async fn again(bed: &Bed, name: &str, key: &str, found: &[ShipmentFinding], revision: &str, now: Timestamp) {
    accept(bed, "erp", document("milestone", key, "1", 2, &[&format!("ucr:{name}")], json!({})), now).await;
    join(bed, &rules(1_000), 1).await;
    fold(bed, found, revision, now).await;
}

pub(crate) async fn of(bed: &Bed, id: ShipmentId) -> Vec<KeptException> {
    bed.journal.people(id, Vec::new()).await.expect("they are read").exceptions
}

/// How many events of each kind there are, once there are `count` of people in all.
async fn told(bed: &Bed, count: usize) -> Vec<String> {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        let events = bed.journal.events(None, None, 1_000).await.expect("they are read");
        let kinds = events.into_iter().map(|event| event.event.kind);
        let kinds: Vec<String> = kinds
            .filter_map(|kind| {
                let rest = kind.strip_prefix("portgate.")?;
                ["exception.", "expectation."].iter().any(|of| rest.starts_with(of)).then(|| rest.to_owned())
            })
            .collect();
        if kinds.len() >= count || std::time::Instant::now() > deadline {
            return kinds;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn asked(id: ExceptionId, doing: Doing, who: &str, now: Timestamp) -> ActOnException {
    let operator = Operator { name: who.to_owned(), reason: "agreed with the seller".to_owned() };
    ActOnException { id, doing, operator, needs_second: false, confirms: None, correction: None, now }
}

pub(crate) async fn what_is_found_is_open_once_and_closes_with_the_facts(bed: Bed) {
    let id = shipment(&bed, "A").await;
    fold(&bed, &[finding("R1", "1"), finding("R2", "1")], "r1", later(200)).await;
    let open = of(&bed, id).await;
    assert_eq!(
        open.iter().map(|one| one.known.cause.to_string()).collect::<Vec<_>>(),
        ["rule:core/R1", "rule:core/R2"]
    );
    assert_eq!(
        (open[0].team.as_str(), open[0].deadline, open[0].revision.as_deref()),
        ("customs", Some(later(3_600)), Some("r1"))
    );
    // The same is found again, by whoever looks: after a restart nothing is opened twice.
    let bed = bed.reopened().await;
    again(&bed, "A", "M1", &[finding("R1", "1"), finding("R2", "1")], "r2", later(201)).await;
    assert_eq!(of(&bed, id).await, open);
    // One is mended; the other is found with something else.
    again(&bed, "A", "M2", &[finding("R2", "2")], "r3", later(202)).await;
    let now = of(&bed, id).await;
    assert_eq!(
        (now[0].known.state, now[0].closing(), now[0].revision.as_deref()),
        (ExceptionState::Closed, Some(Closing::Facts), Some("r3"))
    );
    assert_eq!(
        (now[1].known.state, now[1].changed_at, now[1].findings()[0].fields[0].value.as_deref()),
        (ExceptionState::Open, later(202), Some("2"))
    );
    // And it goes wrong again.
    again(&bed, "A", "M3", &[finding("R1", "1"), finding("R2", "2")], "r4", later(203)).await;
    let now = of(&bed, id).await;
    assert_eq!(
        (now[0].id, now[0].known.state, now[0].times, now[0].first_at, now[0].opened_at),
        (open[0].id, ExceptionState::Open, 2, later(200), later(203))
    );
    let told = told(&bed, 5).await;
    assert_eq!(
        told,
        ["exception.opened", "exception.opened", "exception.closed", "exception.changed", "exception.opened"]
    );
}

pub(crate) async fn whoever_has_lost_a_shipment_opens_nothing(bed: Bed) {
    let id = shipment(&bed, "A").await;
    let first = claim(&*bed.journal, later(200)).await.remove(0);
    let other = bed.another_gateway().await.unwrap_or_else(|| Arc::clone(&bed.journal));
    let second = claim(&*other, later(200 + 61)).await.remove(0);
    let slow = changes(&*bed.journal, id, &mut [finding("R1", "1")], "r1").await;
    let quick = changes(&*other, id, &mut [finding("R1", "1")], "r1").await;
    other.fold_shipment(folded(&second, "r1", quick, later(262))).await.expect("it is kept");
    let late = bed.journal.fold_shipment(folded(&first, "r1", slow.clone(), later(263))).await;
    assert_eq!(late, Err(JournalError::LeaseLost));
    assert_eq!(bed.journal.keep_people(id, first.claim, slow, later(264)).await, Err(JournalError::LeaseLost));
    assert_eq!(of(&bed, id).await.len(), 1);
    assert_eq!(told(&bed, 1).await, ["exception.opened"]);
}

pub(crate) async fn an_override_is_kept_with_who_said_it_and_its_shipment_is_due_again(bed: Bed) {
    let id = shipment(&bed, "A").await;
    fold(&bed, &[finding("R1", "1")], "r1", later(200)).await;
    assert!(one(&bed, "A").await.is_current);
    let open = of(&bed, id).await.remove(0);
    let doing = Doing::Override { until: Until::FieldsChange };
    let done = bed.journal.act_on_exception(asked(open.id, doing.clone(), "ann", later(201))).await;
    assert_eq!(done, Ok(ExceptionEnd::Done));
    assert!(!one(&bed, "A").await.is_current, "it resumes where it stopped");
    fold(&bed, &[finding("R1", "1")], "r1", later(202)).await;
    let record = bed.journal.exception(open.id).await.expect("it is read").expect("it is there");
    assert_eq!(
        (record.exception.known.state, record.exception.closing()),
        (ExceptionState::Closed, Some(Closing::Override))
    );
    assert_eq!((record.acts[0].doing.clone(), record.acts[0].operator.name.as_str()), (doing, "ann"));
    let said = &record.overrides[0].said;
    assert_eq!(
        (said.operator.as_str(), said.reason.as_str(), record.overrides[0].ended_at),
        ("ann", "agreed with the seller", None)
    );
    let closed = bed.journal.act_on_exception(asked(open.id, Doing::Discard, "ann", later(203))).await;
    assert_eq!(closed, Ok(ExceptionEnd::Closed));
    let unknown = asked(ExceptionId::new(start()), Doing::Discard, "ann", later(203));
    assert_eq!(bed.journal.act_on_exception(unknown).await, Ok(ExceptionEnd::Unknown));
}

pub(crate) async fn an_override_ends_with_the_facts_and_does_not_come_back(bed: Bed) {
    let id = shipment(&bed, "A").await;
    fold(&bed, &[finding("R1", "1")], "r1", later(200)).await;
    let open = of(&bed, id).await.remove(0);
    let doing = Doing::Override { until: Until::FieldsChange };
    bed.journal.act_on_exception(asked(open.id, doing, "ann", later(201))).await.expect("it is done");
    fold(&bed, &[finding("R1", "1")], "r1", later(202)).await;
    again(&bed, "A", "M1", &[finding("R1", "1")], "r2", later(203)).await;
    assert!(!of(&bed, id).await[0].is_open(), "another revision with the same fields changes nothing");
    let bed = bed.reopened().await;
    again(&bed, "A", "M2", &[finding("R1", "2")], "r3", later(204)).await;
    assert!(of(&bed, id).await[0].is_open(), "the field says something else");
    assert_eq!(bed.journal.people(id, Vec::new()).await.expect("they are read").overrides, []);
    let record = bed.journal.exception(open.id).await.expect("it is read").expect("it is there");
    assert_eq!(record.overrides[0].ended_at, Some(later(204)));
    again(&bed, "A", "M3", &[finding("R1", "1")], "r4", later(205)).await;
    assert!(of(&bed, id).await[0].is_open(), "what has ended stays ended");
}

pub(crate) async fn where_two_persons_are_needed_another_one_confirms_exactly_what_was_asked(bed: Bed) {
    let id = shipment(&bed, "A").await;
    fold(&bed, &[finding("R1", "1")], "r1", later(200)).await;
    let open = of(&bed, id).await.remove(0);
    let doing = Doing::Override { until: Until::FieldsChange };
    let act = |who: &str, confirms, at| ActOnException {
        needs_second: true,
        confirms,
        ..asked(open.id, doing.clone(), who, at)
    };
    let Ok(ExceptionEnd::Waits(first)) = bed.journal.act_on_exception(act("ann", None, later(201))).await else {
        panic!("one person is not enough")
    };
    assert!(one(&bed, "A").await.is_current && of(&bed, id).await[0].is_open(), "nothing is done yet");
    let same = bed.journal.act_on_exception(act("ann", Some(first), later(202))).await;
    assert_eq!(same, Ok(ExceptionEnd::SamePerson));
    let other = bed.journal.act_on_exception(act("bob", Some(first + 7), later(202))).await;
    assert_eq!(other, Ok(ExceptionEnd::NothingWaits));
    // What was found changes: who said yes to something else has said nothing to this.
    again(&bed, "A", "M1", &[finding("R1", "2")], "r2", later(203)).await;
    let outdated = bed.journal.act_on_exception(act("bob", Some(first), later(204))).await;
    assert_eq!(outdated, Ok(ExceptionEnd::Outdated));
    let Ok(ExceptionEnd::Waits(second)) = bed.journal.act_on_exception(act("ann", None, later(205))).await else {
        panic!("one person is not enough")
    };
    let bed = bed.reopened().await;
    assert_eq!(bed.journal.act_on_exception(act("bob", Some(second), later(206))).await, Ok(ExceptionEnd::Done));
    fold(&bed, &[finding("R1", "2")], "r2", later(207)).await;
    let record = bed.journal.exception(open.id).await.expect("it is read").expect("it is there");
    assert_eq!(record.exception.closing(), Some(Closing::Override));
    let said = &record.overrides[0].said;
    assert_eq!((said.operator.as_str(), said.confirmed_by.as_deref()), ("ann", Some("bob")));
    let states: Vec<&str> = record.acts.iter().map(|act| act.state.as_str()).collect();
    assert_eq!(states, ["void", "done"]);
}

pub(crate) async fn what_an_operator_did_meanwhile_stays(bed: Bed) {
    let id = shipment(&bed, "A").await;
    fold(&bed, &[finding("R1", "1")], "r1", later(200)).await;
    let open = of(&bed, id).await.remove(0);
    accept(&bed, "erp", document("milestone", "M", "1", 2, &["ucr:A"], json!({})), later(201)).await;
    join(&bed, &rules(1_000), 1).await;
    let claimed = claim(&*bed.journal, later(202)).await.remove(0);
    let people = changes(&*bed.journal, id, &mut [finding("R1", "1"), finding("R2", "9")], "r2").await;
    // While somebody puts it together an operator discards it, and gives nothing else away.
    bed.journal.act_on_exception(asked(open.id, Doing::Discard, "ann", later(203))).await.expect("it is done");
    bed.journal.fold_shipment(folded(&claimed, "r2", people, later(204))).await.expect("it is kept");
    let now = of(&bed, id).await;
    assert_eq!(
        (now[0].closing(), now[0].closed_by.as_ref().map(|by| by.name.as_str())),
        (Some(Closing::Discard), Some("ann"))
    );
    assert!(now[1].is_open());
    assert!(!one(&bed, "A").await.is_current, "it is put together again");
    // The same is found again, and stays discarded; something else opens it.
    fold(&bed, &[finding("R1", "1"), finding("R2", "9")], "r2", later(205)).await;
    assert!(!of(&bed, id).await[0].is_open());
    again(&bed, "A", "M2", &[finding("R1", "2"), finding("R2", "9")], "r3", later(206)).await;
    assert!(of(&bed, id).await[0].is_open());
}

pub(crate) async fn a_deadline_that_has_passed_is_told_of_once_and_somebody_else_has_it(bed: Bed) {
    let id = shipment(&bed, "A").await;
    fold(&bed, &[finding("R1", "1")], "r1", later(200)).await;
    let open = of(&bed, id).await.remove(0);
    let assign = Doing::Assign { team: None, to: Some("ann".to_owned()) };
    bed.journal.act_on_exception(asked(open.id, assign, "bob", later(201))).await.expect("it is done");
    assert_eq!(bed.journal.escalate(later(3_599), 100).await, Ok(0));
    let other = bed.another_gateway().await.unwrap_or_else(|| Arc::clone(&bed.journal));
    let (first, second) = tokio::join!(bed.journal.escalate(later(3_600), 100), other.escalate(later(3_600), 100));
    assert_eq!(first.expect("it is asked") + second.expect("it is asked"), 1);
    let now = of(&bed, id).await.remove(0);
    assert_eq!((now.team.as_str(), now.assignee.as_deref(), now.escalated_at), ("managers", None, Some(later(3_600))));
    let counts = bed.journal.exception_counts(later(3_601)).await.expect("they are counted");
    assert_eq!(
        counts.iter().map(|one| (one.team.as_str(), one.open, one.overdue)).collect::<Vec<_>>(),
        [("managers", 1, 1)]
    );
    assert_eq!(told(&bed, 3).await, ["exception.opened", "exception.changed", "exception.overdue"]);
}

fn expectation(met: Option<Timestamp>) -> PeopleChanges {
    let expected = Expected { name: "answer".to_owned(), of: "D".to_owned(), since: later(100), met };
    let expectations = vec![DueExpectation { expected, due_at: later(1_000) }];
    PeopleChanges { expectations, ..PeopleChanges::default() }
}

pub(crate) async fn an_expectation_falls_due_once_whoever_runs_then(bed: Bed) {
    let id = shipment(&bed, "A").await;
    let claimed = claim(&*bed.journal, later(200)).await.remove(0);
    bed.journal.fold_shipment(folded(&claimed, "r1", expectation(None), later(200))).await.expect("it is kept");
    assert_eq!(bed.journal.expectations_fall_due(later(999), 100).await, Ok(0));
    // Nobody runs when its time comes.
    let bed = bed.reopened().await;
    let other = bed.another_gateway().await.unwrap_or_else(|| Arc::clone(&bed.journal));
    let (first, second) = tokio::join!(
        bed.journal.expectations_fall_due(later(9_000), 100),
        other.expectations_fall_due(later(9_000), 100)
    );
    assert_eq!(first.expect("it is asked") + second.expect("it is asked"), 1);
    assert!(!one(&bed, "A").await.is_current, "its shipment is put together anew");
    assert_eq!(bed.journal.expectations(id).await.expect("they are read")[0].overdue_at, Some(later(9_000)));
    // It is met late.
    let claimed = claim(&*bed.journal, later(9_001)).await.remove(0);
    let met = expectation(Some(later(9_001)));
    bed.journal.fold_shipment(folded(&claimed, "r2", met, later(9_001))).await.expect("it is kept");
    let kept = bed.journal.expectations(id).await.expect("they are read").remove(0);
    assert_eq!((kept.expected.met, kept.overdue_at), (Some(later(9_001)), Some(later(9_000))));
    assert_eq!(bed.journal.expectations_fall_due(later(99_999), 100).await, Ok(0));
    assert_eq!(told(&bed, 2).await, ["expectation.overdue", "expectation.met"]);
}

pub(crate) async fn what_was_delivered_makes_a_shipment_due_again_where_something_is_expected_of_it(bed: Bed) {
    let (mut given, _) = crate::bed::message_for("broker", None, start());
    given.exchange.partner = "erp".to_owned();
    (given.business_key, given.idempotency, given.exchange.parts) = (None, None, Vec::new());
    let body = document("shipment", "A", "1", 1, &["ucr:A"], json!({}));
    given.documents = vec![body.clone()];
    given.deliveries.truncate(1);
    let delivery = given.deliveries[0].clone();
    assert!(delivery.documents.iter().all(|document| *document == 0), "{delivery:?}");
    let event = |kind: &str, subject: &str, data| portgate_store::NewEvent {
        id: portgate_store::EventId::new(start()),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        partner: "erp".to_owned(),
        at: start(),
        data,
    };
    let exchange = given.exchange.id;
    let told = portgate_store::EventData::Document { exchange, position: 0, body: String::from_utf8(body.body).ok() };
    given.events = vec![event("portgate.document.shipment", "A", told)];
    bed.accept(given).await;
    join(&bed, &rules(1_000), 1).await;
    fold(&bed, &[], "r1", later(200)).await;
    let claimed = bed.claim_one(&delivery.destination, later(201)).await;
    bed.settle(claimed.claim, later(202), portgate_store::Settled::Delivered { findings: Vec::new() }).await;
    let data = portgate_store::EventData::Own("{}".to_owned());
    let mut next = crate::bed::message(later(203));
    (next.business_key, next.idempotency, next.exchange.parts) = (None, None, Vec::new());
    (next.documents, next.deliveries) = (Vec::new(), Vec::new());
    next.events = vec![event("portgate.delivery.delivered", &claimed.claim.delivery.to_string(), data)];
    bed.accept(next).await;
    let partners = BTreeSet::from([delivery.destination.clone()]);
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        let delivered_to = Arc::new(partners.clone());
        let step = JoinStep { rules: rules(1_000), delivered_to, limit: 10, now: later(204) };
        if bed.journal.join(step).await.expect("it joins").shipments == 1 {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "the delivery makes nothing due");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let kept = one(&bed, "A").await;
    assert!(!kept.is_current);
    let people = bed.journal.people(kept.id, partners.into_iter().collect()).await.expect("they are read");
    assert_eq!(people.delivered.iter().map(|one| one.at).collect::<Vec<_>>(), [later(202)]);
}

pub(crate) async fn what_was_open_of_a_shipment_that_joins_another_is_that_one_s(bed: Bed) {
    accept(&bed, "erp", document("shipment", "late", "1", 9, &["ucr:A"], json!({})), start()).await;
    join(&bed, &rules(1_000), 1).await;
    let late = one(&bed, "A").await.id;
    fold(&bed, &[finding("R1", "1"), finding("R2", "1")], "r1", later(200)).await;
    accept(&bed, "wms", document("shipment", "early", "1", 1, &["transport-document:T"], json!({})), later(201)).await;
    join(&bed, &rules(1_000), 1).await;
    let early = one(&bed, "T").await.id;
    fold(&bed, &[finding("R1", "7")], "r1", later(202)).await;
    let notice = document("customs-status", "N", "1", 20, &["ucr:A", "transport-document:T"], json!({}));
    accept(&bed, "broker", notice, later(203)).await;
    join(&bed, &rules(1_000), 1).await;
    let open = of(&bed, early).await;
    let causes: Vec<String> = open.iter().filter(|one| one.is_open()).map(|one| one.known.cause.to_string()).collect();
    assert_eq!(causes, ["rule:core/R1", "rule:core/R2"]);
    assert!(of(&bed, late).await.iter().all(|one| one.closing() == Some(Closing::Merged)));
    fold(&bed, &[finding("R2", "1")], "r2", later(204)).await;
    let open: Vec<String> =
        of(&bed, early).await.iter().filter(|one| one.is_open()).map(|one| one.known.cause.to_string()).collect();
    assert_eq!(open, ["rule:core/R2"]);
}

pub(crate) async fn a_document_that_waits_too_long_wants_a_person_until_it_is_attached(bed: Bed) {
    accept(&bed, "erp", document("milestone", "M", "1", 1, &["ucr:A"], json!({})), start()).await;
    accept(&bed, "erp", document("item", "I", "1", 1, &["sku:X"], json!({ "sku": "X" })), start()).await;
    join(&bed, &rules(1_000), 2).await;
    let but = vec!["item".to_owned()];
    let waiting = async |since, before| {
        bed.journal.waiting_things(later(since), later(before), but.clone(), 10).await.expect("they are read")
    };
    assert_eq!(waiting(0, 100).await, []);
    assert_eq!(waiting(101, 200).await, []);
    let found = waiting(100, 101).await;
    assert_eq!(waiting(0, 101).await, found);
    assert_eq!(found.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["M"]);
    let wanted = Wanted {
        cause: Cause { kind: CauseKind::Unattached, name: "milestone/erp/M".to_owned() },
        team: None,
        severity: Severity::Warning,
        detail: "It waits.".to_owned(),
        remedy: String::new(),
        findings: Vec::new(),
    };
    let open =
        ExceptionChange { change: Change::Open(wanted), routed: Some(routed()), of: None, thing: Some(found[0].thing) };
    let exceptions = PeopleChanges { exceptions: vec![open], ..PeopleChanges::default() };
    for _ in 0..2 {
        bed.journal.keep_waiting(exceptions.clone(), later(102)).await.expect("it is kept");
    }
    assert_eq!(waiting(0, 101).await, []);
    assert_eq!(bed.journal.waited(10).await.expect("they are read"), []);
    let filter = || ExceptionFilter { state: Some(ExceptionState::Open), ..ExceptionFilter::default() };
    let listed = bed.journal.exceptions(filter(), None, 10).await.expect("they are read").items;
    assert_eq!((listed.len(), listed[0].shipment), (1, None));
    shipment(&bed, "A").await;
    let ended = bed.journal.waited(10).await.expect("they are read");
    assert_eq!(ended, [(listed[0].id, 1, "unattached:milestone/erp/M".to_owned())]);
    let close = ExceptionChange {
        change: Change::Close(ended[0].2.parse().expect("a cause"), Closing::Facts),
        routed: None,
        of: Some((ended[0].0, ended[0].1)),
        thing: None,
    };
    let exceptions = PeopleChanges { exceptions: vec![close], ..PeopleChanges::default() };
    bed.journal.keep_waiting(exceptions, later(103)).await.expect("it is kept");
    assert_eq!(bed.journal.exceptions(filter(), None, 10).await.expect("they are read").items, []);
}

pub(crate) async fn exceptions_are_listed_by_team_and_person_in_pages(bed: Bed) {
    for name in ["A", "B", "C"] {
        shipment(&bed, name).await;
        fold(&bed, &[finding("R1", "1")], "r1", later(200)).await;
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = bed.journal.exceptions(ExceptionFilter::default(), after, 2).await.expect("they are read");
        seen.extend(page.items.iter().map(|one| one.id));
        after = seen.last().copied();
        if !page.more {
            break;
        }
    }
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 3);
    let assign = Doing::Assign { team: Some("trade".to_owned()), to: Some("ann".to_owned()) };
    bed.journal.act_on_exception(asked(seen[1], assign, "bob", later(201))).await.expect("it is done");
    let count = async |filter: ExceptionFilter| {
        bed.journal.exceptions(filter, None, 10).await.expect("they are read").items.len()
    };
    let team = |team: &str| ExceptionFilter { team: Some(team.to_owned()), ..ExceptionFilter::default() };
    assert_eq!((count(team("customs")).await, count(team("trade")).await), (2, 1));
    assert_eq!(count(ExceptionFilter { assignee: Some("ann".to_owned()), ..ExceptionFilter::default() }).await, 1);
    let shipment = Some(one(&bed, "C").await.id);
    assert_eq!(count(ExceptionFilter { shipment, ..ExceptionFilter::default() }).await, 1);
    let overdue =
        |at| ExceptionFilter { due_before: Some(at), state: Some(ExceptionState::Open), ..ExceptionFilter::default() };
    assert_eq!((count(overdue(later(3_600))).await, count(overdue(later(3_601))).await), (0, 3));
}

/// All that is known of a partner, part by part: who knows it, its id, version and state, and its names.
async fn known(bed: &Bed, partner: &str) -> Vec<(Whose, String, String, Option<String>, Vec<String>)> {
    known_by(bed, partner, None).await
}

/// The same where only these hand on what customs says.
async fn known_by(
    bed: &Bed,
    partner: &str,
    answering: Option<BTreeSet<String>>,
) -> Vec<(Whose, String, String, Option<String>, Vec<String>)> {
    let (since, filings, after) = (start(), BTreeSet::new(), StatesPlace::START);
    let mut asked = AskedStates { partner: partner.to_owned(), since, filings, answering, after };
    let mut known = Vec::new();
    loop {
        let (found, next) = bed.journal.known_states(asked.clone()).await.expect("they are read");
        known.extend(found.into_iter().map(|one| {
            let names = one.references.into_iter().map(|(_, value)| value).collect();
            (one.whose, one.id, one.version, one.state, names)
        }));
        let Some(next) = next else { return known };
        asked.after = next.to_string().parse().expect("a place");
    }
}

pub(crate) async fn what_a_partner_said_and_was_told_is_known_by_its_names(bed: Bed) {
    let status = |key: &str, version: &str, status: &str| {
        document("customs-status", key, version, 1, &["mrn:M1"], json!({ "status": status, "lrn": "L1" }))
    };
    accept(&bed, "broker", status("N1", "1", "registered"), start()).await;
    accept(&bed, "broker", status("N1", "2", "released"), later(1)).await;
    accept(&bed, "erp", status("N9", "1", "elsewhere"), later(1)).await;
    join(&bed, &rules(1_000), 3).await;
    let (mut given, _) = crate::bed::message_for("broker", None, later(2));
    (given.business_key, given.idempotency, given.exchange.parts) = (None, None, Vec::new());
    given.documents = vec![document("customs-declaration", "D1", "4", 1, &["lrn:L2"], json!({}))];
    bed.accept(given).await;
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (n1, d1) = ("N1".to_owned(), "D1".to_owned());
    let said = (Whose::Said, n1, "2".to_owned(), Some("released".to_owned()), names(&["L1", "M1"]));
    assert_eq!(known(&bed, "broker").await, std::slice::from_ref(&said), "what is not delivered it was not told");
    let claimed = bed.claim_one("broker", later(3)).await;
    bed.settle(claimed.claim, later(3), portgate_store::Settled::Delivered { findings: Vec::new() }).await;
    assert_eq!(known(&bed, "broker").await, [said, (Whose::Told, d1, "4".to_owned(), None, names(&["L2"]))]);
    assert_eq!(known(&bed, "nobody").await, []);
}

pub(crate) async fn customs_answers_for_whom_was_sent_the_declaration_by_whichever_of_its_numbers(bed: Bed) {
    let (mut given, _) = crate::bed::message_for("customs", None, later(0));
    (given.business_key, given.idempotency, given.exchange.parts) = (None, None, Vec::new());
    given.documents = vec![document("customs-declaration", "D1", "1", 1, &["lrn:L1"], json!({}))];
    bed.accept(given).await;
    let claimed = bed.claim_one("customs", later(1)).await;
    bed.settle(claimed.claim, later(1), portgate_store::Settled::Delivered { findings: Vec::new() }).await;
    let status = |key: &str, names: &[&str], status: &str| {
        document("customs-status", key, "1", 1, names, json!({ "status": status }))
    };
    accept(&bed, "broker", status("N1", &["lrn:L1", "mrn:M1"], "ACCEPTED"), later(2)).await;
    accept(&bed, "broker", status("N2", &["mrn:M1"], "RELEASED"), later(3)).await;
    accept(&bed, "broker", status("N3", &["mrn:M2"], "REJECTED"), later(3)).await;
    // What partners are told of it is no word of customs.
    accept(&bed, portgate_core::sender::GATEWAY, status("N4", &["mrn:M1"], "CLEARED"), later(3)).await;
    join(&bed, &rules(1_000), 4).await;
    let bed = bed.reopened().await;
    let mut all = known(&bed, "customs").await;
    all.sort();
    let one = |whose, id: &str, state: Option<&str>| {
        let names = ["L1", "M1"].map(str::to_owned).to_vec();
        (whose, id.to_owned(), "1".to_owned(), state.map(str::to_owned), names)
    };
    let answered = |id, state| one(Whose::Answered, id, Some(state));
    let wanted = [answered("N1", "ACCEPTED"), answered("N2", "RELEASED"), one(Whose::Told, "D1", None)];
    assert_eq!(all, wanted);
    let by = async |who: &str| known_by(&bed, "customs", Some(BTreeSet::from([who.to_owned()]))).await.len();
    assert_eq!((by("broker").await, by("erp").await), (3, 1), "only whom policy names speaks for customs");
}

pub(crate) async fn what_is_closed_is_forgotten_long_after_its_shipment_was_closed(bed: Bed) {
    let id = shipment(&bed, "A").await;
    fold(&bed, &[finding("R1", "1"), finding("R2", "1")], "r1", later(200)).await;
    again(&bed, "A", "M1", &[finding("R2", "1")], "r2", later(201)).await;
    assert_eq!(bed.journal.forget_decided(later(5_000), 10).await, Ok(0), "its shipment is open");
    assert_eq!(bed.journal.close_quiet(later(1_000), later(1_000), 10).await, Ok(1));
    assert_eq!(bed.journal.forget_decided(later(1_000), 10).await, Ok(0), "it was closed just now");
    assert_eq!(bed.journal.forget_decided(later(5_000), 10).await, Ok(1));
    let left: Vec<String> = of(&bed, id).await.iter().map(|kept| kept.known.cause.to_string()).collect();
    assert_eq!(left, ["rule:core/R2"], "somebody is wanted for it still");
}
