//! Where a person is wanted: what the facts of a shipment say of it, routed by policy and kept with its context.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use portgate_core::calendar::{self, Within};
use portgate_core::exception::{Cause, CauseKind, Change, Closing, Wanted, apply, reconcile};
use portgate_core::expectation::{After, Arrived, Expect, expected};
use portgate_core::finding::Severity;
use portgate_core::judgement::ShipmentFinding;
use portgate_core::policy::{Exceptions as Policy, Policies};
use portgate_core::sender;
use portgate_core::shipment::{ShipmentRules, Version};
use portgate_store::{
    DueExpectation, ExceptionChange, Exceptions, JournalError, KeptException, People, PeopleChanges, Routed,
    ShipmentDocuments, ShipmentId, WaitingThing,
};
use serde_json::Value;

use crate::left_out;

/// Exceptions and expectations that are looked at in one transaction.
const STEP: u32 = 100;

/// Knows the calendar.
pub trait Calendar: Send + Sync {
    /// What a key of a reference table means on a day.
    fn look_up(&self, table: &str, key: &str, on: Date) -> Option<String>;
}

/// The time, and who knows the calendar.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'p> {
    pub(crate) calendar: &'p dyn Calendar,
    pub(crate) now: Timestamp,
}

/// Who is wanted for what, at one time.
#[derive(Clone, Debug)]
pub struct Desk {
    policy: Arc<Policy>,
    /// The partners to whom something is delivered that an expectation begins with.
    pub(crate) delivered_to: Arc<BTreeSet<String>>,
    /// Kinds of documents that need no shipment.
    alone: Vec<String>,
    /// Most things of one shipment.
    things_max: usize,
}

impl Desk {
    /// As policies say; nothing where nobody is wanted for anything.
    pub fn of(policies: &Policies) -> Option<Desk> {
        let policy = policies.exceptions.clone()?;
        Some(Desk::new(policy, &policies.shipments.as_ref()?.rules()))
    }

    /// As this policy says, of shipments that are made by these rules.
    pub fn new(policy: Policy, rules: &ShipmentRules) -> Desk {
        let alone = rules.catalogue.iter().chain(&rules.apart).cloned().collect();
        let partner = |expect: &Expect| match &expect.after {
            After::Delivered { delivered, .. } => Some(delivered.clone()),
            After::Document { .. } => None,
        };
        let delivered_to = Arc::new(policy.expects.iter().filter_map(partner).collect());
        Desk { policy: Arc::new(policy), delivered_to, alone, things_max: rules.things_max }
    }

    /// Marks the findings that somebody has overridden.
    pub(crate) fn mark(people: &People, revision: &str, findings: &mut [ShipmentFinding]) {
        apply(findings, &people.overrides, revision);
    }

    /// What changes for people: the findings are marked where somebody has overridden them, and what is wanted beside them
    /// is wanted too.
    pub(crate) fn changes(
        &self,
        at: Moment<'_>,
        documents: &ShipmentDocuments,
        people: &People,
        revision: &str,
        findings: &mut [ShipmentFinding],
        wanted: Vec<Wanted>,
    ) -> PeopleChanges {
        let left = apply(findings, &people.overrides, revision);
        let overrides = people.overrides.iter().zip(left);
        let overrides = overrides.filter(|(one, (_, left))| one.subjects != *left).map(|(_, left)| left).collect();
        let expectations = self.expectations(at, documents, people);
        let mut all = wanted;
        let (overfull, of_rules): (Vec<_>, Vec<_>) =
            findings.iter().cloned().partition(|finding| left_out::wanted(finding).is_some());
        all.extend(overfull.iter().filter_map(left_out::wanted));
        all.extend(Wanted::of_findings(&of_rules));
        all.extend(expectations.iter().filter_map(|one| self.overdue(one, at.now)));
        // Tests want nobody.
        if documents.documents.iter().any(|document| sender::is_test(&document.sender)) {
            all.clear();
        }
        let exceptions = self.exceptions(at, all, &people.exceptions);
        PeopleChanges { exceptions, overrides, expectations }
    }

    /// What changes where a shipment's context cannot be put together: nothing that its findings say.
    pub(crate) fn unspeakable(&self, at: Moment<'_>, people: &People, why: &str) -> PeopleChanges {
        let wanted = Wanted {
            cause: Cause { kind: CauseKind::Context, name: "fold".to_owned() },
            team: None,
            severity: Severity::Error,
            detail: format!("The context of the shipment cannot be put together: {why}."),
            remedy: "Correct or discard the document that does not fit, or have its plugin mended and map it again."
                .to_owned(),
            findings: Vec::new(),
        };
        let is_it = |known: &&KeptException| known.known.cause == wanted.cause;
        let known: Vec<KeptException> = people.exceptions.iter().filter(is_it).cloned().collect();
        PeopleChanges { exceptions: self.exceptions(at, vec![wanted], &known), ..PeopleChanges::default() }
    }

    fn exceptions(&self, at: Moment<'_>, wanted: Vec<Wanted>, kept: &[KeptException]) -> Vec<ExceptionChange> {
        let wanted: Vec<Wanted> = wanted.into_iter().filter(|wanted| self.policy.route(wanted).is_some()).collect();
        let known: Vec<_> = kept.iter().map(|kept| kept.known.clone()).collect();
        let of = |change: &Change| kept.iter().find(|kept| kept.known.cause == *change.cause());
        let keep = |change: Change| ExceptionChange {
            of: of(&change).map(|kept| (kept.id, kept.version)),
            routed: match &change {
                Change::Open(wanted) | Change::Reopen(wanted) => self.routed(at, wanted),
                Change::Update(_) | Change::Close(..) => None,
            },
            thing: None,
            change,
        };
        reconcile(wanted, &known).into_iter().map(keep).collect()
    }

    fn routed(&self, at: Moment<'_>, wanted: &Wanted) -> Option<Routed> {
        let route = self.policy.route(wanted)?;
        let country = self.policy.teams.get(&route.team).and_then(|team| team.country.as_deref());
        let deadline = route.within.map(|within| self.due(at.calendar, at.now, within, country));
        Some(Routed { team: route.team.clone(), deadline, escalate_to: route.escalate_to.clone() })
    }

    /// A time so much later. Where the calendar does not say, working time is plain time: too early is better than never.
    fn due(&self, known: &dyn Calendar, start: Timestamp, within: Within, country: Option<&str>) -> Timestamp {
        let table = self.policy.calendar.as_deref().unwrap_or_default();
        let look_up = |key: &str, on: Date| known.look_up(table, key, on);
        calendar::after(start, within, country.unwrap_or_default(), &look_up).unwrap_or_else(|why| {
            tracing::warn!(table, "a deadline is in plain time: {why}");
            let plain = Within { business: false, ..within };
            calendar::after(start, plain, "", &look_up).unwrap_or(Timestamp::MAX)
        })
    }

    fn expectations(&self, at: Moment<'_>, documents: &ShipmentDocuments, people: &People) -> Vec<DueExpectation> {
        if self.policy.expects.is_empty() {
            return Vec::new();
        }
        let bodies: Vec<Option<Value>> = documents
            .documents
            .iter()
            .map(|document| document.body.as_deref().and_then(|body| serde_json::from_str(body).ok()))
            .collect();
        let arrived: Vec<Arrived<'_>> = documents
            .documents
            .iter()
            .zip(&bodies)
            .filter_map(|(document, body)| {
                let recorded_at = document.recorded_at;
                Some(Arrived {
                    sender: &document.sender,
                    kind: &document.kind,
                    key: &document.key,
                    version: Version { version: document.version.clone(), recorded_at, sha256: document.sha256 },
                    place: (document.exchange.as_uuid().as_u128(), document.position),
                    at: document.exchange.time()?,
                    body: body.as_ref()?,
                })
            })
            .collect();
        let due = |one: portgate_core::expectation::Expected| {
            let expect = self.policy.expects.iter().find(|expect| expect.name == one.name)?;
            let due_at = self.due(at.calendar, one.since, expect.within, expect.country.as_deref());
            Some(DueExpectation { expected: one, due_at })
        };
        expected(&self.policy.expects, &arrived, &people.delivered).into_iter().filter_map(due).collect()
    }

    /// That a person is wanted for what has not arrived by its time.
    fn overdue(&self, one: &DueExpectation, now: Timestamp) -> Option<Wanted> {
        let DueExpectation { expected, due_at } = one;
        let expect = self.policy.expects.iter().find(|expect| expect.name == expected.name)?;
        if expect.alert || expected.met.is_some() || *due_at > now {
            return None;
        }
        let (what, name) = (&expect.what.document, &expect.name);
        Some(Wanted {
            cause: Cause { kind: CauseKind::Expectation, name: format!("{name}/{}", expected.of) },
            team: None,
            severity: Severity::Error,
            detail: format!(
                "The expectation `{name}` is not met: a document of the kind `{what}` was to arrive within {} of {}, by {due_at}.",
                expect.within, expected.since
            ),
            remedy: "Ask the partner that sends it; it closes by itself when the document arrives, late as it is."
                .to_owned(),
            findings: Vec::new(),
        })
    }

    /// That a person is wanted for a document that is tied to too much to be of any shipment.
    fn is_too_much(&self, at: Moment<'_>, thing: &WaitingThing) -> Option<ExceptionChange> {
        if sender::is_test(&thing.sender) || self.alone.contains(&thing.kind) {
            return None;
        }
        self.of_a_thing(at, thing.thing, left_out::of_no_shipment(thing, self.things_max))
    }

    fn of_a_thing(&self, at: Moment<'_>, thing: i64, wanted: Wanted) -> Option<ExceptionChange> {
        let routed = self.routed(at, &wanted)?;
        Some(ExceptionChange { change: Change::Open(wanted), routed: Some(routed), of: None, thing: Some(thing) })
    }

    fn waits_too_long(&self, at: Moment<'_>, thing: WaitingThing) -> Option<ExceptionChange> {
        let WaitingThing { thing, sender, kind, key, seen_at, is_overfull } = thing;
        if sender::is_test(&sender) {
            return None;
        }
        let why = match is_overfull {
            true => "is tied to more than a shipment can be made of",
            false => "has no name in common with any shipment",
        };
        let wanted = Wanted {
            cause: Cause { kind: CauseKind::Unattached, name: format!("{kind}/{sender}/{key}") },
            team: None,
            severity: Severity::Warning,
            detail: format!(
                "The document `{key}` of the kind `{kind}`, which `{sender}` sent last at {seen_at}, {why}."
            ),
            remedy: "Have the document that ties it to its shipment sent, or have the sender correct its references."
                .to_owned(),
            findings: Vec::new(),
        };
        self.of_a_thing(at, thing, wanted)
    }
}

/// What people have to do with these shipments.
pub(crate) async fn of(
    journal: &dyn Exceptions,
    desk: &Desk,
    shipments: Vec<ShipmentId>,
) -> Result<HashMap<ShipmentId, People>, JournalError> {
    journal.people_of(shipments, desk.delivered_to.iter().cloned().collect()).await
}

/// Looks for what has not arrived, what nobody did in time, and what has waited too long for a shipment: all of it is in the
/// journal, so that it does not matter who was running when its time came.
pub(crate) async fn mind_the_clock(
    journal: &dyn Exceptions,
    desk: &Desk,
    at: Moment<'_>,
    looked: &mut Looked,
) -> Result<(), JournalError> {
    let now = at.now;
    while journal.expectations_fall_due(now, STEP).await? == u64::from(STEP) {}
    while journal.escalate(now, STEP).await? == u64::from(STEP) {}
    let ended = journal.waited(STEP).await?;
    let close = |(id, version, cause): (_, _, String)| {
        let change = Change::Close(cause.parse().ok()?, Closing::Facts);
        Some(ExceptionChange { change, routed: None, of: Some((id, version)), thing: None })
    };
    let mut exceptions: Vec<ExceptionChange> = ended.into_iter().filter_map(close).collect();
    let overfull = journal.overfull_things(STEP).await?;
    exceptions.extend(overfull.into_iter().filter_map(|thing| desk.is_too_much(at, &thing)));
    let mut until = None;
    let before = desk.policy.unattached.and_then(|waits| now.checked_sub(waits.plain()).ok());
    if let Some(before) = before {
        let waiting = journal.waiting_things(looked.since(now), before, desk.alone.clone(), STEP).await?;
        // Where there are more, they are behind the last of these.
        let last = waiting.last().filter(|_| waiting.len() == STEP as usize);
        until = Some(last.map_or(before, |last| last.seen_at));
        exceptions.extend(waiting.into_iter().filter_map(|thing| desk.waits_too_long(at, thing)));
    }
    if !exceptions.is_empty() {
        journal.keep_waiting(PeopleChanges { exceptions, ..PeopleChanges::default() }, now).await?;
    }
    looked.until = until.or(looked.until);
    Ok(())
}

/// Which documents were looked at whether they wait too long. Mostly one is in a shipment by the time it would, and of a hundred
/// thousand open shipments not all documents can be looked at each second: each is once, and all are now and then, as one can leave
/// its shipment later.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Those that came before this time.
    until: Option<Timestamp>,
    /// When all were looked at.
    all_at: Option<Timestamp>,
}

impl Looked {
    /// How often all are looked at.
    const ALL_EVERY: SignedDuration = SignedDuration::from_hours(1);
    /// What is joined in one transaction has one time, and is seen a little later.
    const MARGIN: SignedDuration = SignedDuration::from_secs(10);

    /// Since when documents came that are to be looked at.
    fn since(&mut self, now: Timestamp) -> Timestamp {
        if self.all_at.is_none_or(|at| now.duration_since(at).abs() >= Self::ALL_EVERY) {
            *self = Looked { until: None, all_at: Some(now) };
        }
        self.until.and_then(|until| until.checked_sub(Self::MARGIN).ok()).unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_is_looked_at_once_and_all_now_and_then() {
        let at = |seconds: i64| Timestamp::from_second(seconds).expect("a time");
        let mut looked = Looked::default();
        assert_eq!(looked.since(at(100_000)), Timestamp::MIN);
        assert_eq!(looked.since(at(100_001)), Timestamp::MIN, "the first look did not come to an end");
        looked.until = Some(at(5_000));
        assert_eq!(looked.since(at(100_002)), at(4_990));
        assert_eq!(looked.since(at(103_599)), at(4_990));
        assert_eq!(looked.since(at(103_600)), Timestamp::MIN, "an hour is over");
        looked.until = Some(at(8_000));
        assert_eq!(looked.since(at(103_601)), at(7_990));
    }
}
