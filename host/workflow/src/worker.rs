//! Joins what is new and puts together what has changed, for as long as it runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use portgate_core::finding::Severity;
use portgate_core::policy::{Enrichment, FilingPolicy, Policies, RulePack};
use portgate_core::shipment::ShipmentRules;
use portgate_store::{Exceptions, Filings, JoinStep, Joined, JournalError, ReferenceTables, Shipments};

use crate::accrue::Reckoned;
use crate::filing::Composers;
use crate::inspect::Packs;
use crate::made::Makes;
use crate::ownership::Ownership;
use crate::people::{self, Calendar, Desk, Looked, Moment};
use crate::tables::{Reviewer, Tables};

/// Events that are looked at in one transaction: the fewest and the most. How many it is follows from how long the last one took,
/// so that nobody waits long for its end.
const JOIN_STEP_MIN: u32 = 25;
const JOIN_STEP: u32 = 200;
/// How long one may take before the next one has fewer.
const JOIN_STEP_TIME: Duration = Duration::from_millis(50);
/// How long it waits for company behind what it has just done: many documents are joined in about as many statements as one, and
/// what changes again at once is put together once.
const COMPANY: Duration = Duration::from_millis(25);
/// How long it waits where nothing says that there is something to do: another gateway's claim that runs out says nothing.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked which shipments nothing was heard of, and how many are closed then.
const CLOSE_EVERY: Duration = Duration::from_secs(60);
const CLOSE_STEP: u32 = 1_000;
/// How often it is looked whose time has come.
const CLOCK_EVERY: Duration = Duration::from_secs(1);
/// How often what shipments rest on is held against reference tables that have not changed: another gateway may have judged by older ones.
const REVIEW_EVERY: Duration = Duration::from_secs(30);
/// How often some documents are joined again that were tied to too much, and how many: each costs as much as a large shipment.
const LEFT_OUT_EVERY: Duration = Duration::from_secs(15);
const LEFT_OUT_STEP: u32 = 5;
/// How long it rests when the journal does not answer.
const REST: Duration = Duration::from_secs(2);

/// How shipments are made, at one time.
#[derive(Clone)]
pub struct Plan {
    /// Which documents are of one shipment.
    pub rules: Arc<ShipmentRules>,
    /// Whose word counts.
    pub ownership: Arc<Ownership>,
    /// What fills fields of which nobody says anything.
    pub enrichments: Arc<[Enrichment]>,
    /// What judges shipments.
    pub packs: Arc<[RulePack]>,
    /// How much what the gateway itself finds matters, by rule.
    pub severity: Arc<BTreeMap<String, Severity>>,
    /// Who is wanted where something cannot go on; nobody where policies do not say.
    pub desk: Option<Desk>,
    /// What is declared of shipments.
    pub filings: Arc<[FilingPolicy]>,
    /// How it is reckoned what their goods cost; nothing where it is not.
    pub costs: Option<Reckoned>,
    /// What is looked up.
    pub tables: Arc<dyn Tables + Send + Sync>,
    /// How long nothing may be heard of a shipment before it is closed.
    pub quiet: SignedDuration,
}

impl Plan {
    /// As policies say; nothing where they make no shipments.
    pub fn of(policies: &Policies, tables: Arc<dyn Tables + Send + Sync>) -> Option<Plan> {
        let shipments = policies.shipments.as_ref()?;
        Some(Plan {
            rules: Arc::new(shipments.rules()),
            ownership: Arc::new(Ownership::of(policies)),
            enrichments: shipments.enrichments.clone().into(),
            packs: shipments.packs.clone().into(),
            severity: Arc::new(shipments.severity.clone()),
            desk: Desk::of(policies),
            filings: policies.filings.filings.clone().into(),
            costs: policies.costs.clone().map(|rules| Reckoned { rules: Arc::new(rules), tables: Arc::clone(&tables) }),
            tables,
            quiet: SignedDuration::from_hours(24 * i64::from(shipments.quiet_days)),
        })
    }
}

/// Says how shipments are made now.
pub trait Plans: Calendar {
    /// Nothing where none are made.
    fn plan(&self) -> Option<Plan>;

    /// Now.
    fn now(&self) -> Timestamp;
}

/// Joins and puts together.
pub struct Worker {
    /// The journal.
    pub journal: Arc<dyn Shipments>,
    /// The same journal, for what waits for people.
    pub people: Arc<dyn Exceptions>,
    /// The same, as far as it keeps filings.
    pub filings: Arc<dyn Filings>,
    /// The same, as far as it keeps what shipments rest on in reference tables.
    pub reference: Arc<dyn ReferenceTables>,
    /// How shipments are made.
    pub plans: Arc<dyn Plans>,
    /// Calls rule packs.
    pub packs: Arc<dyn Packs>,
    /// Calls composers.
    pub composers: Arc<dyn Composers>,
    /// Makes exchanges of what the gateway itself says.
    pub makes: Arc<dyn Makes>,
    /// What it calls itself in the journal, for people to read.
    pub name: String,
}

impl Worker {
    /// Works until it is dropped. What it has claimed then is taken up when its lease has run out.
    pub async fn run(&self) {
        tokio::join!(self.keep_joining(), self.keep_putting_together(), self.keep_looking());
    }

    async fn keep_joining(&self) {
        let mut changes = self.journal.changes();
        let mut limit = JOIN_STEP_MIN;
        loop {
            changes.mark_unchanged();
            let began = tokio::time::Instant::now();
            let joined = self.join(self.plans.now(), limit).await;
            limit =
                if began.elapsed() > JOIN_STEP_TIME { limit / 2 } else { limit * 2 }.clamp(JOIN_STEP_MIN, JOIN_STEP);
            match joined {
                // Whoever accepts and delivers has the journal for as long as this had it: to join takes one long transaction,
                // while all else are short ones that go between others'.
                Ok(Joined { more: true, .. }) => tokio::time::sleep(began.elapsed()).await,
                Ok(Joined { more: false, .. }) => {
                    tokio::time::sleep(COMPANY.max(began.elapsed())).await;
                    drop(tokio::time::timeout(LOOK_EVERY, changes.changed()).await);
                }
                Err(error) => {
                    tracing::warn!(%error, "documents are not joined to shipments");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    async fn keep_putting_together(&self) {
        let mut changes = self.journal.changes();
        loop {
            changes.mark_unchanged();
            match self.put_together_next(self.plans.now()).await {
                Ok((_, true)) => {}
                Ok((count, false)) => {
                    if count > 0 {
                        tokio::time::sleep(COMPANY).await;
                    }
                    drop(tokio::time::timeout(LOOK_EVERY, changes.changed()).await);
                }
                Err(error) => {
                    tracing::warn!(%error, "shipments are not put together");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    /// Looks now and then whose time has come, and which shipments nothing is heard of.
    async fn keep_looking(&self) {
        let mut looked = tokio::time::Instant::now();
        let (mut reviewer, mut reviewed, mut waited) = (Reviewer::default(), looked, Looked::default());
        let (mut rejoined, mut after) = (looked, 0);
        loop {
            if rejoined.elapsed() > LEFT_OUT_EVERY {
                rejoined = tokio::time::Instant::now();
                match self.join_left_out(after).await {
                    Ok(last) => after = last.unwrap_or_default(),
                    Err(error) => tracing::warn!(%error, "documents that were tied to too much are not joined again"),
                }
            }
            if let Err(error) = self.look_at_the_clock(&mut waited).await {
                tracing::warn!(%error, "nobody is told of what is overdue");
            }
            if let Err(error) = self.review(&mut reviewer, &mut reviewed).await {
                tracing::warn!(%error, "what shipments rest on is not held against reference tables");
            }
            if looked.elapsed() > CLOSE_EVERY {
                looked = tokio::time::Instant::now();
                if let Err(error) = self.close_quiet().await {
                    tracing::warn!(%error, "shipments of which nothing is heard are not closed");
                }
            }
            tokio::time::sleep(CLOCK_EVERY).await;
        }
    }

    /// Joins once, and puts together what there is then. Gives back whether there may be more.
    ///
    /// # Errors
    ///
    /// The journal does not answer.
    pub async fn step(&self) -> Result<bool, JournalError> {
        let now = self.plans.now();
        let joined = self.join(now, JOIN_STEP).await?;
        let (_, more) = self.put_together_next(now).await?;
        Ok(joined.more || more)
    }

    /// Joins the documents that the next events tell of.
    async fn join(&self, now: Timestamp, limit: u32) -> Result<Joined, JournalError> {
        let Some(plan) = self.plans.plan() else { return Ok(Joined::default()) };
        let rules = Arc::clone(&plan.rules);
        let delivered_to = plan.desk.as_ref().map(|desk| Arc::clone(&desk.delivered_to)).unwrap_or_default();
        let step = JoinStep { rules, delivered_to, limit, now };
        let joined = self.journal.join(step).await?;
        if joined.overfull > 0 {
            tracing::warn!(documents = joined.overfull, "documents are tied to more than a shipment can be made of");
        }
        Ok(joined)
    }

    /// Joins some documents again that were tied to more than a shipment can be made of: shipments can have become smaller, and policy can
    /// allow more. Gives back behind which one there may be others.
    ///
    /// # Errors
    ///
    /// The journal does not answer.
    pub async fn join_left_out(&self, after: i64) -> Result<Option<i64>, JournalError> {
        let Some(plan) = self.plans.plan() else { return Ok(None) };
        let looked = self.journal.join_left_out(plan.rules, after, LEFT_OUT_STEP, self.plans.now()).await?;
        Ok(looked.last)
    }

    /// Has shipments judged again that rest on what reference tables do not say any more.
    async fn review(&self, reviewer: &mut Reviewer, last: &mut tokio::time::Instant) -> Result<(), JournalError> {
        let Some(Plan { tables, .. }) = self.plans.plan() else { return Ok(()) };
        let now = self.plans.now();
        if reviewer.is_due(&*tables, now) || last.elapsed() >= REVIEW_EVERY {
            reviewer.step(&*self.reference, &tables, now).await?;
            *last = tokio::time::Instant::now();
        }
        Ok(())
    }

    /// Looks whose time has come: what has not arrived, and what nobody did.
    ///
    /// # Errors
    ///
    /// The journal does not answer.
    pub async fn mind_the_clock(&self) -> Result<(), JournalError> {
        self.look_at_the_clock(&mut Looked::default()).await
    }

    /// The same, of documents that wait for a shipment only those that were not looked at.
    async fn look_at_the_clock(&self, looked: &mut Looked) -> Result<(), JournalError> {
        let Some(desk) = self.plans.plan().and_then(|plan| plan.desk) else { return Ok(()) };
        people::mind_the_clock(&*self.people, &desk, self.moment(self.plans.now()), looked).await
    }

    pub(crate) fn moment(&self, now: Timestamp) -> Moment<'_> {
        Moment { calendar: &*self.plans, now }
    }

    /// Closes shipments of which nothing was heard for long.
    async fn close_quiet(&self) -> Result<(), JournalError> {
        let Some(plan) = self.plans.plan() else { return Ok(()) };
        let now = self.plans.now();
        if let Ok(before) = now.checked_sub(plan.quiet) {
            self.journal.close_quiet(before, now, CLOSE_STEP).await?;
        }
        Ok(())
    }
}
