//! Puts claimed shipments together: many are read at once and kept at once, while each is judged by itself.
//!
//! What is judged is kept with all that is ready by then, in one transaction: the first does not wait for company, and one whose
//! packs take long holds up nobody. What makes something, or cannot be kept with the others, is kept alone.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use portgate_core::judgement::ShipmentFinding;
use portgate_core::reference::Lookups;
use portgate_core::sender;
use portgate_cost::{Apportioned, Shared};
use portgate_store::{
    ClaimId, ClaimedShipment, FoldEnd, FoldedShipment, JournalError, KeptFiling, LeftOutDocument, People,
    ShipmentDocuments, ShipmentId, Told,
};
use tokio::sync::mpsc;

use crate::figures;
use crate::filing::withdrawn::Withdrawn;
use crate::filing::words::Spoken;
use crate::filing::{Filed, Filer, tell};
use crate::fold::{Folded, NotFolded, enrich, fold, sealed};
use crate::inspect::{self, inspect};
use crate::known::Known;
use crate::left_out;
use crate::own;
use crate::people::Desk;
use crate::shared::{self, shared};
use crate::tables::{day_of, relied_on};
use crate::told;
use crate::worker::{Plan, Worker};

/// Shipments that are claimed at once.
const FOLD_STEP: u32 = 64;
/// Most shipments that are read at once, and about how many things they may have together: all of their documents are in memory.
const BATCH: usize = 32;
const BATCH_THINGS: u64 = 500;
/// How many are judged, and how many are kept alone, side by side: commits share one wait for the disk.
const SIDE_BY_SIDE: usize = 8;
/// How long nobody else may put together what was claimed.
const LEASE: Duration = Duration::from_secs(30);
/// How long a shipment waits at first, and at most, until plugins are called again that fail at it.
const AGAIN_MIN: Duration = Duration::from_secs(5);
const AGAIN_MAX: Duration = Duration::from_secs(10 * 60);

/// A point between two steps at which tests have this gateway fail or die. The released program has none.
macro_rules! failpoint {
    ($name:literal) => {
        fail::fail_point!($name, |_| Err(JournalError::Refused(concat!("failpoint ", $name).to_owned())))
    };
}

/// A claimed shipment with what is known of it, and what its documents say together.
struct Draft {
    claimed: ClaimedShipment,
    documents: ShipmentDocuments,
    left_out: Vec<LeftOutDocument>,
    declared: Vec<KeptFiling>,
    people: People,
    /// What it has together with others.
    shared: Shared,
    folded: Result<(Folded, Lookups), NotFolded>,
    /// When tables were looked up for it.
    began: Timestamp,
}

impl Worker {
    /// Puts the next shipments together. Gives back how many there were, and whether there may be more.
    pub(crate) async fn put_together_next(&self, now: Timestamp) -> Result<(usize, bool), JournalError> {
        let Some(plan) = self.plans.plan() else { return Ok((0, false)) };
        let claimed = self.journal.claim_shipments(&self.name, now, LEASE, FOLD_STEP).await?;
        let count = claimed.len();
        let (ready, judged) = mpsc::channel(FOLD_STEP as usize);
        let (drafted, kept) = tokio::join!(self.draft_all(&plan, claimed, ready), self.keep_all(judged));
        drafted.and(kept)?;
        Ok((count, count == FOLD_STEP as usize))
    }

    /// Reads, folds and judges shipments, and hands each on that is ready. One that fails keeps none of the others from it.
    async fn draft_all(
        &self,
        plan: &Plan,
        claimed: Vec<ClaimedShipment>,
        ready: mpsc::Sender<FoldedShipment>,
    ) -> Result<(), JournalError> {
        let mut all = Ok(());
        let mut batches: VecDeque<_> = batches(claimed).into();
        while let Some(batch) = batches.pop_front() {
            let known = match self.read(plan, &batch).await {
                Ok(known) => known,
                // What is wrong is wrong with one of them, and must not harm the others.
                Err(JournalError::Refused(_) | JournalError::Unreadable(_)) if batch.len() > 1 => {
                    batches.extend(batch.into_iter().map(|claimed| vec![claimed]));
                    continue;
                }
                Err(error @ (JournalError::Refused(_) | JournalError::Unreadable(_))) => {
                    all = all.and(Err(error));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let drafts = self.draft(plan, batch, known).await?;
            let mut judged = stream::iter(drafts).map(|draft| self.judge(plan, draft)).buffer_unordered(SIDE_BY_SIDE);
            while let Some(judged) = judged.next().await {
                match judged {
                    Ok(Some(folded)) => {
                        if ready.send(folded).await.is_err() {
                            // Nobody keeps anything any more.
                            return all;
                        }
                    }
                    Ok(None) => {}
                    Err(error) => all = all.and(Err(error)),
                }
            }
        }
        all
    }

    /// The shipments of a batch with what their documents say.
    async fn draft(
        &self,
        plan: &Plan,
        batch: Vec<ClaimedShipment>,
        mut known: Known,
    ) -> Result<Vec<Draft>, JournalError> {
        let (plan, began) = (plan.clone(), self.plans.now());
        // A large one takes longer than others may wait for this thread.
        let drafts = tokio::task::spawn_blocking(move || {
            let draft = |claimed: ClaimedShipment| {
                let mut documents = known.documents.remove(&claimed.id).unwrap_or_default();
                // What partners were told of customs' words is no word of customs.
                documents.documents.retain(|document| !tell::is_told(&document.kind, &document.sender));
                let left_out = known.left_out.remove(&claimed.id).unwrap_or_default();
                let declared = known.declared.remove(&claimed.id).unwrap_or_default();
                let people = known.people.remove(&claimed.id).unwrap_or_default();
                let shared = shared(claimed.id, &documents, &known.sharers);
                let folded = context_of(&plan, claimed.id, &documents, began);
                Draft { claimed, documents, left_out, declared, people, shared, folded, began }
            };
            batch.into_iter().map(draft).collect()
        });
        drafts.await.map_err(|error| JournalError::Refused(format!("shipments were not folded: {error}")))
    }

    /// What is kept of a shipment; nothing where it is given back.
    async fn judge(&self, plan: &Plan, draft: Draft) -> Result<Option<FoldedShipment>, JournalError> {
        let Draft { claimed, documents, left_out, declared, people, shared, folded, began } = draft;
        let ClaimedShipment { id, claim, joined, things: _, revision, findings: before, failures } = claimed;
        let (folded, mut looked_up) = match folded {
            Ok(folded) => folded,
            Err(why) => return self.not_folded(plan, id, claim, &people, &why).await.map(|()| None),
        };
        failpoint!("workflow::folded");
        let spoken = Spoken { documents: &documents, ownership: &plan.ownership };
        let withdrawn = Withdrawn::of(spoken, declared.iter().map(|kept| &kept.filing));
        // The context that people read has all that was said; nobody is held to what is withdrawn of it.
        let standing = withdrawn.standing(&documents);
        let judged = standing.as_ref().and_then(|standing| context_of(plan, id, standing, began).ok());
        let judged = judged.as_ref().map_or(&folded, |(judged, _)| judged);
        // Of what others have as well it is held to its own part.
        let apportioned = (!shared.is_empty()).then(|| shared.apportion(&judged.context));
        let part = match apportioned.as_ref().map(|one| sealed(one.context.clone())).transpose() {
            Ok(part) => part,
            Err(why) => return self.not_folded(plan, id, claim, &people, &why).await.map(|()| None),
        };
        let judged = part.as_ref().unwrap_or(judged);
        let (mut findings, judged_by) = inspect(&*self.packs, &plan.packs, judged).await;
        looked_up.extend(judged_by);
        findings.extend(left_out::found(&left_out, &documents, &folded.context, plan.rules.things_max));
        findings.extend(own::weighed(own::conflicts(&judged.context), &plan.severity));
        if let Some(apportioned) = &apportioned {
            let untold = shared::findings(apportioned, &shared, plan.costs.is_some());
            findings.extend(own::weighed(untold, &plan.severity));
        }
        findings.sort();
        failpoint!("workflow::inspected");
        let now = self.plans.now();
        // What somebody has overridden stands against no filing.
        Desk::mark(&people, &folded.revision, &mut findings);
        let filed = self.filer(plan, id, &documents, (&folded, judged), &findings, now).file(&declared).await;
        failpoint!("workflow::composed");
        // Where nothing was made that has it put together again, what was withdrawn just now is judged without at once.
        let is_judged = !filed.made.is_empty() || withdrawn == Withdrawn::of(spoken, filed.after(&declared));
        let Filed { mut made, filings, wanted, looked_up: composed_by, mut again_at, fails } = filed;
        looked_up.extend(composed_by);
        if !is_judged {
            again_at = Some(now);
        }
        let fails = fails || findings.iter().any(|finding| finding.rule == inspect::FAILED);
        if fails {
            let wait = AGAIN_MIN.saturating_mul(2u32.saturating_pow(failures)).min(AGAIN_MAX);
            let at = now.checked_add(wait).unwrap_or(Timestamp::MAX);
            again_at = Some(again_at.map_or(at, |before| before.min(at)));
        }
        let people = plan.desk.as_ref().map(|desk| {
            let standing = standing.as_ref().unwrap_or(&documents);
            desk.changes(self.moment(now), standing, &people, &folded.revision, &mut findings, wanted)
        });
        let people = people.unwrap_or_default();
        let is_new = revision.as_deref() != Some(&folded.revision) || before != findings;
        let events = if is_new { vec![told::changed(id, &folded, &findings, now)] } else { Vec::new() };
        let borne = apportioned.as_ref().filter(|one| !one.untold.is_empty()).map(Apportioned::borne);
        let borne = borne.as_ref().unwrap_or(&judged.context);
        let untold = apportioned.as_ref().map(Apportioned::untold_invoices).unwrap_or_default();
        let landed = plan
            .costs
            .as_ref()
            .and_then(|costs| Some((costs, costs.landed(&documents, borne, withdrawn.declarations(), &untold)?)));
        let landed = landed.map(|(costs, (landed, reckoned_by))| {
            looked_up.extend(reckoned_by);
            (costs, landed)
        });
        if let Some((costs, landed)) = &landed {
            made.extend(costs.accrue(&*self.makes, id, &documents, &folded, landed, now));
        }
        failpoint!("workflow::accrued");
        // Whoever shares something with it has another part where it weighs or ships something else, is new, or has become one with another.
        let is_changed = revision.as_deref() != Some(&folded.revision);
        let wakes = if is_changed { shared::others(id, &documents) } else { BTreeSet::new() };
        let told = Told { events, deliveries: Vec::new() };
        let mut figures = figures::of(&judged.context, &documents);
        if let Some((costs, landed)) = &landed {
            figures.observations.extend(figures::of_costs(landed, costs.rules.tolerance_percent.as_deref()));
        }
        let (revision, context) = (folded.revision, folded.json);
        tracing::debug!(shipment = %id, is_new, "a shipment was put together");
        Ok(Some(FoldedShipment {
            id,
            claim,
            joined,
            revision,
            context,
            findings,
            looked_up: relied_on(&looked_up, began, now),
            figures,
            told,
            people,
            made,
            filings,
            wakes,
            again_at,
            fails,
            now,
        }))
    }

    /// Gives back a shipment that there is no context of: it waits for a person, and is tried again meanwhile.
    async fn not_folded(
        &self,
        plan: &Plan,
        id: ShipmentId,
        claim: ClaimId,
        people: &People,
        why: &NotFolded,
    ) -> Result<(), JournalError> {
        let now = self.plans.now();
        if *why == NotFolded::Empty {
            // Retention has its documents; the context that there is stays.
            let at = now.checked_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
            return self.journal.give_back_shipment(id, claim, at).await;
        }
        let wanted = plan.desk.as_ref().map(|desk| desk.unspeakable(self.moment(now), people, &why.to_string()));
        if let Some(changes) = wanted.filter(|changes| !changes.exceptions.is_empty()) {
            match self.people.keep_people(id, claim, changes, now).await {
                Ok(()) | Err(JournalError::LeaseLost) => {}
                Err(error) => return Err(error),
            }
        }
        match self.journal.give_up_shipment(id, claim, why.to_string(), self.plans.now()).await {
            Ok(again) => {
                tracing::warn!(shipment = %id, %why, %again, "a shipment cannot be put together");
                Ok(())
            }
            Err(JournalError::LeaseLost) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Who declares a shipment.
    fn filer<'a>(
        &'a self,
        plan: &'a Plan,
        id: ShipmentId,
        documents: &'a ShipmentDocuments,
        (folded, standing): (&'a Folded, &'a Folded),
        findings: &'a [ShipmentFinding],
        now: Timestamp,
    ) -> Filer<'a> {
        Filer {
            composers: &*self.composers,
            makes: &*self.makes,
            policies: &plan.filings,
            rules: &plan.rules,
            ownership: &plan.ownership,
            shipment: id,
            is_test: is_test(documents),
            documents,
            folded,
            standing,
            findings,
            now,
        }
    }

    /// Keeps what is judged, all that is ready by then at once. What cannot be kept keeps none of the others from it.
    async fn keep_all(&self, mut judged: mpsc::Receiver<FoldedShipment>) -> Result<(), JournalError> {
        let (mut all, mut ready) = (Ok(()), Vec::new());
        while judged.recv_many(&mut ready, FOLD_STEP as usize).await > 0 {
            all = all.and(self.keep(std::mem::take(&mut ready)).await);
        }
        all
    }

    async fn keep(&self, ready: Vec<FoldedShipment>) -> Result<(), JournalError> {
        let (together, mut alone): (Vec<_>, Vec<_>) =
            ready.into_iter().partition(|one| one.makes_nothing() && one.wakes.is_empty());
        if together.len() > 1 {
            let together = Arc::new(together);
            let kept = match self.journal.fold_together(Arc::clone(&together)).await {
                Ok(kept) => kept,
                // What is wrong is wrong with one of them, and must not harm the others.
                Err(JournalError::Refused(why) | JournalError::Unreadable(why)) => {
                    tracing::warn!(shipments = together.len(), why, "contexts are kept one by one");
                    BTreeSet::new()
                }
                Err(error) => return Err(error),
            };
            alone.extend(together.iter().filter(|folded| !kept.contains(&folded.id)).cloned());
        } else {
            alone.extend(together);
        }
        let kept = stream::iter(alone).map(|folded| self.keep_alone(folded)).buffer_unordered(SIDE_BY_SIDE);
        kept.fold(Ok(()), async |all: Result<(), JournalError>, kept| all.and(kept)).await
    }

    async fn keep_alone(&self, folded: FoldedShipment) -> Result<(), JournalError> {
        let (id, claim, now) = (folded.id, folded.claim, folded.now);
        match self.journal.fold_shipment(folded).await {
            Ok(FoldEnd::Kept) => Ok(()),
            // It is put together at once with what came meanwhile.
            Ok(FoldEnd::Overtaken) => self.journal.give_back_shipment(id, claim, now).await,
            // Somebody else has it now, and puts together what there is by then.
            Err(JournalError::LeaseLost) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The context of these documents, with what was looked up for it.
pub(crate) fn context_of(
    plan: &Plan,
    id: ShipmentId,
    documents: &ShipmentDocuments,
    at: Timestamp,
) -> Result<(Folded, Lookups), NotFolded> {
    let folded = fold(&id.to_string(), documents, &plan.rules, &plan.ownership)?;
    enrich(folded, &plan.enrichments, &*plan.tables, day_of(at))
}

/// Shipments that are read at once. A large one is read alone.
fn batches(claimed: Vec<ClaimedShipment>) -> Vec<Vec<ClaimedShipment>> {
    let (mut all, mut room) = (Vec::<Vec<ClaimedShipment>>::new(), 0);
    for claimed in claimed {
        match all.last_mut() {
            Some(batch) if batch.len() < BATCH && claimed.things <= room => {
                room -= claimed.things;
                batch.push(claimed);
            }
            _ => {
                room = BATCH_THINGS.saturating_sub(claimed.things);
                all.push(vec![claimed]);
            }
        }
    }
    all
}

/// Whether a shipment is one of tests, as all documents of it are or none.
fn is_test(documents: &ShipmentDocuments) -> bool {
    documents.documents.first().is_some_and(|document| sender::is_test(&document.sender))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_things(things: u64) -> ClaimedShipment {
        let epoch = Timestamp::UNIX_EPOCH;
        let (id, claim) = (ShipmentId::new(epoch), ClaimId::new(epoch));
        ClaimedShipment { id, claim, joined: 1, things, revision: None, findings: Vec::new(), failures: 0 }
    }

    #[test]
    fn as_many_are_read_at_once_as_there_is_room_for_and_a_large_one_alone() {
        let read = |things: &[u64]| -> Vec<Vec<u64>> {
            let read = batches(things.iter().copied().map(of_things).collect());
            read.iter().map(|batch| batch.iter().map(|claimed| claimed.things).collect()).collect()
        };
        assert_eq!(read(&[]), Vec::<Vec<u64>>::new());
        assert_eq!(read(&[200, 300, 1]), [vec![200, 300], vec![1]]);
        assert_eq!(read(&[5, 9_000, 5, 0]), [vec![5], vec![9_000], vec![5, 0]]);
        assert_eq!(read(&[1; BATCH + 1]), [vec![1; BATCH], vec![1]]);
    }
}
