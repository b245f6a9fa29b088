//! That no statement on the way from a document to its kept context looks through a whole table, on either engine: the way is gone
//! with something of everything that is kept on it, and the engine is asked how it finds the rows of each statement on it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use portgate_core::codes::AwaitedCodes;
use portgate_core::document::{Document, Reference};
use portgate_core::exception::{Cause, CauseKind, Change, Closing, Wanted};
use portgate_core::expectation::Expected;
use portgate_core::filing::{Filing, FilingState};
use portgate_core::finding::Severity;
use portgate_core::sender::GATEWAY;
use portgate_core::shipment::{ShipmentRules, Tie};

use crate::acceptance::{Acceptance, BusinessKey, NewDelivery, NewExchange, PluginBuild, Told};
use crate::event::{EventData, FOR_OPERATORS, NewEvent};
use crate::exception::{DueExpectation, ExceptionChange, PeopleChanges, Routed};
use crate::figures::{Figure, Observation, ShipmentFigures};
use crate::filing::ChangedFiling;
use crate::id::{DeliveryId, EventId, ExchangeId, ShipmentId};
use crate::reference::ReliedOn;
use crate::shipment::{ClaimedShipment, FoldedShipment, JoinStep};
use crate::statements::shipments::join;
use crate::statements::value::Param;
use crate::statements::{Sql, Step, accept, exceptions, filings, shipments};

thread_local! {
    static RUN: RefCell<BTreeMap<String, u32>> = const { RefCell::new(BTreeMap::new()) };
}

/// Notes that a statement is run.
pub(crate) fn note(text: &str) {
    RUN.with_borrow_mut(|run| *run.entry(text.to_owned()).or_default() += 1);
}

/// How many statements were run so far.
fn count() -> u32 {
    RUN.with_borrow(|run| run.values().sum())
}

/// A connection that runs steps, each in a transaction of its own.
pub(crate) trait Steps {
    /// How it runs statements.
    type Sql: Sql;

    /// Runs one.
    async fn run<T>(&mut self, step: impl AsyncFnOnce(&mut Self::Sql) -> Step<T>) -> T;
}

fn later(seconds: i64) -> Timestamp {
    "2026-03-01T10:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_secs(seconds)
}

fn rules() -> Arc<ShipmentRules> {
    let ties = [("ucr", Tie::Identifying), ("order", Tie::Shared), ("container", Tie::Windowed { seconds: 86_400 })];
    Arc::new(ShipmentRules {
        opens: ["shipment".to_owned()].into(),
        catalogue: ["item".to_owned()].into(),
        ties: ties.map(|(scheme, tie)| (scheme.to_owned(), tie)).into(),
        things_max: 1_000,
        ..ShipmentRules::default()
    })
}

/// A message with one document, and with a delivery where the gateway itself makes it.
fn message(sender: &str, kind: &str, key: &str, version: u32, names: &[(&str, &str)], now: Timestamp) -> Acceptance {
    let reference = |(scheme, value): &(&str, &str)| Reference { scheme: (*scheme).into(), value: (*value).into() };
    let refs: Vec<Reference> = names.iter().map(reference).collect();
    let body = serde_json::json!({
        "id": key, "version": version.to_string(), "sku": "LAMP", "lines": [{ "sku": "LAMP" }],
        "source": { "recordedAt": { "value": "2026-03-01T09:00:00Z" } },
    });
    let document = Document { kind: kind.into(), key: key.into(), refs, body: body.to_string().into_bytes() };
    let id = ExchangeId::new(now);
    let told = EventData::Document { exchange: id, position: 0, body: Some(body.to_string()) };
    let is_own = sender == GATEWAY;
    let delivery = NewDelivery {
        id: DeliveryId::new(now),
        destination: "broker".into(),
        contract: "entry".into(),
        version: "1".into(),
        documents: vec![0],
        parts: Vec::new(),
        lane: Some(key.to_owned()),
        request: None,
        batched: None,
    };
    Acceptance {
        exchange: NewExchange {
            id,
            partner: sender.into(),
            contract: "order".into(),
            version: "1".into(),
            content_type: "application/json".into(),
            headers: Vec::new(),
            received_at: now,
            request_id: "request".into(),
            trace: None,
            plugin: PluginBuild { name: "erp".into(), version: "1.0.0".into(), sha256: [7; 32] },
            payload: Bytes::from_static(b"{}"),
            sha256: [9; 32],
            findings: Vec::new(),
            parts: Vec::new(),
            origin: None,
        },
        documents: vec![document],
        deliveries: if is_own { vec![delivery] } else { Vec::new() },
        idempotency: None,
        business_key: is_own.then(|| BusinessKey { key: format!("{key}/{version}"), fingerprint: [1; 32] }),
        events: vec![event(&format!("portgate.document.{kind}"), key, sender, told, now)],
        numbering: None,
        received: None,
        acknowledgements: Vec::new(),
        awaits: AwaitedCodes::default(),
        now,
    }
}

fn event(kind: &str, subject: &str, partner: &str, data: EventData, at: Timestamp) -> NewEvent {
    NewEvent { id: EventId::new(at), kind: kind.into(), subject: subject.into(), partner: partner.into(), at, data }
}

/// What is put together of a shipment in a round, with something of everything that is kept of it, each time something else.
fn folded(claimed: &ClaimedShipment, round: u32, change: Change, of: Option<crate::KeptException>) -> FoldedShipment {
    let now = later(200 + i64::from(round));
    let round = round.to_string();
    let expected = Expected { name: "answer".into(), of: round.clone(), since: now, met: None };
    let changed = event("portgate.shipment.changed", "s", FOR_OPERATORS, EventData::Own("{}".into()), now);
    FoldedShipment {
        id: claimed.id,
        claim: claimed.claim,
        joined: claimed.joined,
        revision: round.clone(),
        context: format!("{{\"round\":{round}}}"),
        findings: Vec::new(),
        looked_up: vec![ReliedOn {
            table: "tariff".into(),
            key: Some(round.clone()),
            day: None,
            value: Some("2.0".into()),
            file: "file".into(),
            asked_on: jiff::civil::date(2026, 3, 1),
        }],
        figures: ShipmentFigures {
            lane: "SG-DE".into(),
            observations: vec![Observation {
                figure: Figure::Milestone,
                key: round,
                partner: "carrier".into(),
                at: now,
                seconds: 1,
                is_good: None,
                amounts: None,
            }],
        },
        told: Told { events: vec![changed], deliveries: Vec::new() },
        people: PeopleChanges {
            exceptions: vec![ExceptionChange {
                change,
                routed: Some(Routed { team: "customs".into(), deadline: Some(later(900)), escalate_to: None }),
                of: of.map(|kept| (kept.id, kept.version)),
                thing: None,
            }],
            overrides: Vec::new(),
            expectations: vec![DueExpectation { expected, due_at: later(800) }],
        },
        made: Vec::new(),
        filings: Vec::new(),
        wakes: Default::default(),
        again_at: None,
        fails: false,
        now,
    }
}

/// The filing of a shipment whose delivery was made, or is given up for another.
fn filed(
    shipment: ShipmentId,
    made: Option<DeliveryId>,
    withdrawn: Option<(DeliveryId, Option<DeliveryId>)>,
) -> ChangedFiling {
    let filing = Filing {
        state: FilingState::Submitted,
        number: 1,
        lrn: "LRN".into(),
        mrn: None,
        revision: "1".into(),
        steps: Vec::new(),
        findings: Vec::new(),
        faults: Vec::new(),
        pending: Vec::new(),
        digest: "digest".into(),
        composed: String::new(),
        composed_of: String::new(),
        composed_at: None,
        overdue: Vec::new(),
        waits_since: None,
        waits_too_long: false,
        heard_from: None,
        sent_to: Default::default(),
        told: Vec::new(),
    };
    ChangedFiling { shipment, name: "import".into(), filing, made, withdrawn, release_used: true, told: None }
}

/// Goes all of the way three times: documents come to so many shipments, are joined, and the shipments are put together, the first of
/// them alone, as a declaration is made of it. Gives back how many statements read them, each time.
async fn go<C: Steps>(on: &mut C, shipments: usize) -> Vec<u32> {
    let (mut before, mut statements) = (None, Vec::new());
    for round in 0..3 {
        let mut all = Vec::new();
        for number in 0..shipments {
            let (ucr, key) = (format!("U{number}"), format!("S{number}"));
            let names = [("ucr", &*ucr), ("order", "O"), ("container", "CSQU3054383")];
            // Another name each time, so that a thing that was there is found by something else.
            let other = format!("O{round}");
            all.push(message(
                "erp",
                "shipment",
                &key,
                round,
                &[names.as_slice(), &[("order", &other)]].concat(),
                later(0),
            ));
            all.push(message("carrier", "milestone", &format!("M{number}/{round}"), 1, &names[..1], later(0)));
        }
        all.push(message("erp", "item", "LAMP", round, &[], later(0)));
        for message in &all {
            on.run(async |sql| accept::accept(sql, message).await).await;
        }
        let step =
            JoinStep { rules: rules(), delivered_to: Arc::new(["broker".into()].into()), limit: 100, now: later(100) };
        // What the round before made comes back as a document of the gateway's own.
        let expected = all.len() + usize::from(round > 0);
        join(on, &step, u32::try_from(expected).expect("few")).await;
        let now = later(200 + i64::from(round));
        on.run(async |sql| overridden(sql, now).await).await;
        let lease = Duration::from_secs(60);
        let claimed = on.run(async |sql| shipments::claim(sql, "worker", now, lease, 100).await).await;
        assert_eq!(claimed.len(), shipments, "round {round}");
        let ids: Vec<ShipmentId> = claimed.iter().map(|claimed| claimed.id).collect();
        let unread = count();
        on.run(async |sql| shipments::documents(sql, &ids).await).await;
        on.run(async |sql| filings::of_shipments(sql, &ids).await).await;
        let mut people =
            on.run(async |sql| exceptions::people(sql, &ids, &["broker".into(), "carrier".into()]).await).await;
        statements.push(count() - unread);
        let mut folds: Vec<FoldedShipment> = Vec::new();
        for claimed in &claimed {
            let cause = Cause { kind: CauseKind::Rule, name: "core/R1".into() };
            let wanted = Wanted {
                cause: cause.clone(),
                team: None,
                severity: Severity::Error,
                detail: round.to_string(),
                remedy: String::new(),
                findings: Vec::new(),
            };
            // Some stay closed.
            let change = match round {
                0 => Change::Open(wanted),
                2 if folds.is_empty() => Change::Reopen(wanted),
                _ => Change::Close(cause, Closing::Facts),
            };
            let known = people.remove(&claimed.id).expect("it is read").exceptions.pop();
            let filings = vec![filed(claimed.id, None, None)];
            folds.push(FoldedShipment { filings, ..folded(claimed, round, change, known) });
        }
        let mut alone = folds.remove(0);
        let made = message(GATEWAY, "declaration", "LRN", round, &[("ucr", "U0")], now);
        let delivery = made.deliveries[0].id;
        let given_up = before.replace(delivery).map(|before| (before, Some(delivery)));
        (alone.filings, alone.made) = (vec![filed(alone.id, Some(delivery), given_up)], vec![made]);
        on.run(async |sql| shipments::fold(sql, &alone).await).await;
        let kept = on.run(async |sql| shipments::fold_together(sql, &folds).await).await;
        assert_eq!(kept.len(), shipments - 1);
    }
    statements
}

/// Keeps that somebody has overridden something of some shipment.
async fn overridden<S: Sql>(sql: &mut S, now: Timestamp) -> Step<u64> {
    let text = "INSERT INTO overrides (shipment, cause, subjects, until, operator, reason, at) VALUES ($1, 'c', '[]', '{}', 'o', 'r', $2)";
    sql.execute(text, &[Param::Id(ShipmentId::new(now).0), Param::time(now)]).await
}

/// Joins so many documents.
async fn join<C: Steps>(on: &mut C, step: &JoinStep, documents: u32) {
    let (mut joined, deadline) = (0, Instant::now() + Duration::from_secs(30));
    while joined < documents {
        assert!(Instant::now() < deadline, "{joined} of {documents} are joined");
        on.run(async |sql| join::any_news(sql).await).await;
        joined += on.run(async |sql| join::step(sql, step).await).await.documents;
        // An event of another connection is certain only a moment later.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Shipments that are not there yet.
const MORE: u32 = 40;

/// Accepts documents of more shipments.
pub(crate) async fn accept_more<C: Steps>(on: &mut C) {
    for number in 0..MORE {
        let name = format!("MORE{number}");
        let message = message("erp", "shipment", &name, 1, &[("ucr", &name), ("order", &name)], later(0));
        on.run(async |sql| accept::accept(sql, &message).await).await;
    }
}

/// Joins them.
pub(crate) async fn join_more<C: Steps>(on: &mut C) {
    let step = JoinStep { rules: rules(), delivered_to: Arc::default(), limit: 100, now: later(100) };
    join(on, &step, MORE).await;
}

/// Reads what shipments are put together from.
pub(crate) async fn read_more<C: Steps>(on: &mut C) {
    let claimed =
        on.run(async |sql| shipments::claim(sql, "worker", later(200), Duration::from_secs(60), MORE).await).await;
    let ids: Vec<ShipmentId> = claimed.iter().map(|claimed| claimed.id).collect();
    assert_eq!(ids.len(), MORE as usize);
    on.run(async |sql| shipments::documents(sql, &ids).await).await;
    on.run(async |sql| shipments::left_out::of(sql, &ids).await).await;
    on.run(async |sql| filings::of_shipments(sql, &ids).await).await;
    on.run(async |sql| exceptions::people(sql, &ids, &["broker".into()]).await).await;
    let found = on.run(async |sql| shipments::named(sql, false, Some("ucr"), "MORE7", 10).await).await;
    assert_eq!(found.len(), 1);
}

/// What is looked for each second.
async fn mind_the_clock<C: Steps>(on: &mut C, now: Timestamp) {
    on.run(async |sql| exceptions::expectation::any_due(sql, now).await).await;
    on.run(async |sql| exceptions::expectation::fall_due(sql, now, 100).await).await;
    on.run(async |sql| exceptions::facts::any_past_deadline(sql, now).await).await;
    on.run(async |sql| exceptions::facts::escalate(sql, now, 100).await).await;
    on.run(async |sql| exceptions::unattached::waiting(sql, later(0), now, &["item".into()], 100).await).await;
    on.run(async |sql| exceptions::unattached::ended(sql, 100).await).await;
    on.run(async |sql| shipments::any_claimable(sql, now).await).await;
    on.run(async |sql| exceptions::unattached::overfull(sql, 100).await).await;
    on.run(async |sql| exceptions::unattached::left_out_counts(sql).await).await;
    on.run(async |sql| shipments::left_out::any(sql).await).await;
    on.run(async |sql| shipments::join::again(sql, &rules(), 0, 10, now).await).await;
}

/// Goes the way on a new journal, and gives the statements on it.
pub(crate) async fn on_the_way<C: Steps>(on: &mut C) -> Vec<String> {
    RUN.take();
    go(on, 3).await;
    mind_the_clock(on, later(2_000)).await;
    let run: Vec<String> = RUN.take().into_keys().collect();
    assert!(run.len() > 60, "{} statements are on the way", run.len());
    run
}

/// Goes the way on two new journals, with few shipments and with more: reading them takes as many statements.
pub(crate) async fn read_alike<C: Steps>(few: &mut C, many: &mut C) {
    let (few, many) = (go(few, 2).await, go(many, 9).await);
    assert_eq!(few, many);
    assert!(few.iter().all(|statements| (1..10).contains(statements)), "{few:?}");
}
