//! Days of a filing under seeds: systems that tell things late, twice and out of order, and two that contradict each other; gateways
//! that stop in the middle of a step; a broker and a ledger whose answers get lost, and a broker that refuses what it is sent, or says so
//! and has taken it; plugins that trap for a while; operators; and customs that accepts, refuses and releases when it likes. Whatever was
//! drawn, the invariants of the workflow hold. A failure names its seed; `SEED=n` runs that day alone.
//!
//! | invariant | what fails where it does not hold |
//! |---|---|
//! | 1, the context follows from the set of documents | `judge`: put together of all documents in another order it is the same text |
//! | 2, nothing is overwritten | `judge`: every document that was told is among the shipment's |
//! | 3, nothing is filed on stale or blocked facts | `look`: what was made since the last look says what was true then or is now, and may |
//! | 4, filed once | `Customs::judge`: each version under one id; `Ledger`: each cost under one name, and what takes a place takes an open one |
//! | 5, what cannot go on waits for a person | `judge_exceptions`: who is wanted, by when, for what; and nobody for what is in order |
//! | 6, durable and resumable | `end`: whatever was dropped in the middle of a step, everything comes to its end |
//!
//! That each of them fails where a promise is broken is shown in `tampered`.
//!
//! The journal, the joining, the context, the state machine of the filing and the transactions are the real ones; the composer, the
//! rule pack and the partners are the test's. Time is the test's too, and everything but the choice of ids follows from the seed.

#[allow(dead_code, reason = "the other tests of filings use all of it")]
#[path = "../filings/bed.rs"]
mod bed;
mod customs;
mod facts;
mod ledger;
mod tampered;

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

use fastrand::Rng;
use portgate_core::exception::{Cause, ExceptionState};
use portgate_core::filing::{Filing, FilingState, StepKind};
use portgate_core::judgement::{CONFLICT, ShipmentFinding};
use portgate_store::{
    DeadClass, ExceptionFilter, FilingDeed, Journal, KeptException, KeptFiling, Reach, Settled, ShipmentId, Work, open,
};
use portgate_workflow::{Ownership, fold};
use serde_json::Value;

use bed::{Bed, STALE, rules};
use customs::Customs;
use facts::Facts;
use ledger::Ledger;

/// What happens before everybody comes to an end.
const EVENTS: usize = 60;
/// Longer than a claim holds.
const LEASE_SECONDS: i64 = 61;
/// Longer than it waits at most until plugins are called again that failed.
const AGAIN_SECONDS: i64 = 601;

/// What comes of what the broker is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Customs has it.
    Taken,
    /// Customs has it, and nobody knows.
    Lost,
    /// Customs has not got it, and the broker says so.
    Refused,
    /// The broker says that customs has not got it, and customs has.
    RefusedAndTaken,
}

/// One day.
struct Day {
    seed: u64,
    draw: Rng,
    bed: Bed,
    /// The journals of two gateways, which may be one.
    gateways: [Arc<dyn Journal>; 2],
    facts: Facts,
    customs: Customs,
    ledger: Ledger,
    /// The deliveries of steps that were looked at, and what the facts were then.
    seen: BTreeSet<String>,
    before: facts::Known,
    /// How often an operator has done something.
    acts: usize,
}

impl Day {
    fn new(seed: u64, bed: Bed, other: Option<Arc<dyn Journal>>) -> Day {
        let mut draw = Rng::with_seed(seed);
        let facts = Facts::drawn(&mut draw);
        let customs = Customs::drawn(&mut draw);
        let one = Arc::clone(&bed.journal);
        let gateways = [Arc::clone(&one), other.unwrap_or(one)];
        let before = facts.known();
        bed.setting.is_whole.store(true, Ordering::SeqCst);
        // Every other day changes have to stay as they are for a while before customs is told.
        if draw.bool() {
            bed.setting.policy(|filing| filing.settle = Some("90 seconds".parse().expect("a time")));
        }
        let (ledger, seen) = (Ledger::default(), BTreeSet::new());
        Day { seed, draw, bed, gateways, facts, customs, ledger, seen, before, acts: 0 }
    }

    /// Something happens.
    async fn event(&mut self) {
        match self.draw.u32(0..17) {
            0..3 => self.tell().await,
            3..6 => self.work(None).await,
            6..8 => {
                let polls = self.draw.u32(1..12);
                self.work(Some(polls)).await;
            }
            8 => {
                let fates = [Fate::Taken, Fate::Taken, Fate::Lost, Fate::Refused, Fate::RefusedAndTaken];
                let fate = fates[self.draw.usize(0..fates.len())];
                self.broker(fate).await;
            }
            9 | 10 => self.customs().await,
            11 => {
                let is_lost = self.draw.u32(0..3) == 0;
                self.finance(is_lost).await;
            }
            12 => self.operator().await,
            13 => self.clock().await,
            15 => self.overtaken().await,
            // A plugin is replaced by one that does not work, or by one that does.
            14 => {
                let traps = self.draw.u32(0..3) == 0;
                let which = if self.draw.bool() { &self.bed.setting.traps } else { &self.bed.setting.pack_traps };
                which.store(traps, Ordering::SeqCst);
            }
            _ => self.bed.setting.passes(self.draw.i64(1..2 * LEASE_SECONDS)),
        }
        self.look().await;
    }

    /// A system tells something.
    async fn tell(&mut self) {
        if let Some((sender, document)) = self.facts.next(&mut self.draw) {
            self.bed.tells(sender, document).await;
        }
    }

    /// One of the gateways takes a step, or stops in the middle of one.
    async fn work(&mut self, polls: Option<u32>) {
        let which = self.draw.usize(0..2);
        let worker = self.bed.worker(&self.gateways[which], ["one", "two"][which]);
        let step = async {
            worker.step().await.expect("the journal answers");
        };
        match polls {
            Some(polls) => interrupted(step, polls).await,
            None => step.await,
        }
    }

    /// A gateway is slow: while it is in the middle of a step something is told, and the other one joins it. Whatever the slow one
    /// makes then must be made of what is known by then. In a shared journal it is known only a moment later that something is there.
    async fn overtaken(&mut self) {
        if self.bed.is_shared() {
            return;
        }
        let [slow, quick] = [0, 1].map(|which| self.bed.worker(&self.gateways[which], ["one", "two"][which]));
        let (mut step, mut polls) = (Box::pin(slow.step()), self.draw.u32(1..12));
        let paused = poll_fn(|context| match (step.as_mut().poll(context), polls) {
            (Poll::Pending, 1..) => {
                polls -= 1;
                Poll::Pending
            }
            (end, _) => Poll::Ready(end.is_pending()),
        });
        let is_paused = paused.await;
        self.tell().await;
        quick.step().await.expect("the journal answers");
        // All that was made so far is looked at, and from now on nothing counts that was true before.
        self.look().await;
        self.look().await;
        if is_paused {
            step.await.expect("the journal answers");
        }
    }

    /// The broker takes what waits for it and hands it to customs, or refuses it, or both. Where its answer gets lost on the way, it
    /// comes again.
    async fn broker(&mut self, fate: Fate) {
        for delivery in self.bed.claim().await {
            let declared: Value = serde_json::from_slice(&self.bed.rendered(&delivery).await).expect("JSON");
            let now = self.bed.now();
            let id = delivery.claim.delivery.to_string();
            if fate != Fate::Refused {
                self.customs.receives(&id, &delivery.contract, &declared, now, &mut self.draw);
            }
            let dead = Settled::Dead { class: DeadClass::Theirs, findings: Vec::new() };
            match fate {
                Fate::Taken => {
                    self.bed.settle(&delivery, "delivered", Settled::Delivered { findings: Vec::new() }).await;
                }
                Fate::Lost => {}
                Fate::Refused => self.bed.settle_with(&delivery, "dead", dead, Reach::Nothing).await,
                Fate::RefusedAndTaken => self.bed.settle_with(&delivery, "dead", dead, Reach::Perhaps).await,
            }
        }
    }

    /// Finance takes what waits for it. Where its answer gets lost on the way, it comes again.
    async fn finance(&mut self, is_lost: bool) {
        for delivery in self.bed.claim_for("ledger").await {
            let Work::Render(documents) = &delivery.work else { panic!("seed {}: {delivery:?}", self.seed) };
            let cost = serde_json::from_slice(&documents[0].body).expect("JSON");
            self.ledger.receives(self.seed, &delivery.claim.delivery.to_string(), cost);
            if !is_lost {
                self.bed.settle(&delivery, "delivered", Settled::Delivered { findings: Vec::new() }).await;
            }
        }
    }

    /// An operator looks at what has stopped, and has it go on.
    async fn operator(&mut self) {
        let Some(kept) = self.filing().await else { return };
        match kept.filing.state {
            FilingState::Rejected | FilingState::Stopped if self.draw.bool() => self.release().await,
            // Whoever releases it has asked first whether it is there.
            FilingState::Undelivered if self.draw.bool() => {
                let is_there = kept.filing.steps.iter().any(|step| self.customs.has_received(&step.delivery));
                if is_there || self.draw.bool() { self.retry().await } else { self.release().await }
            }
            _ => {}
        }
    }

    async fn release(&mut self) {
        self.bed.orders(FilingDeed::Release).await;
        self.acts += 1;
    }

    /// What is dead is tried again.
    async fn retry(&mut self) {
        self.bed.retries().await;
        self.acts += 1;
    }

    /// One of the gateways looks whose time has come.
    async fn clock(&mut self) {
        let which = self.draw.usize(0..2);
        let worker = self.bed.worker(&self.gateways[which], ["one", "two"][which]);
        worker.mind_the_clock().await.expect("the journal answers");
    }

    /// Customs says something that it has decided, which is not always the oldest, and some things twice.
    async fn customs(&mut self) {
        if let Some(document) = self.customs.says(&mut self.draw) {
            self.bed.tells("broker", document).await;
        }
    }

    /// Everybody comes to an end: what is known is told, what waits is taken, what was decided is said, until nothing happens.
    async fn end(&mut self) {
        for plugin in [&self.bed.setting.traps, &self.bed.setting.pack_traps] {
            plugin.store(false, Ordering::SeqCst);
        }
        let mut quiet = 0;
        let mut rounds = 0;
        while quiet < 3 {
            let count = (self.facts.left(), self.customs.count(), self.ledger.count());
            let before = (count, self.filing().await.map(|kept| kept.filing));
            self.tell().await;
            self.work(None).await;
            self.work(None).await;
            self.broker(Fate::Taken).await;
            if before.1.as_ref().is_some_and(|filing| filing.state == FilingState::Undelivered) {
                self.retry().await;
            }
            self.finance(false).await;
            self.customs().await;
            self.clock().await;
            self.bed.setting.passes(AGAIN_SECONDS);
            self.look().await;
            if self.bed.is_shared() {
                tokio::time::sleep(std::time::Duration::from_millis(30)).await;
            }
            let count = (self.facts.left(), self.customs.count(), self.ledger.count());
            let after = (count, self.filing().await.map(|kept| kept.filing));
            quiet = if before == after { quiet + 1 } else { 0 };
            rounds += 1;
            assert!(rounds < 400, "seed {}: it comes to no end: {after:#?}", self.seed);
        }
    }

    async fn filing(&self) -> Option<KeptFiling> {
        let mut found = self.bed.filings().await;
        assert!(found.len() <= 1, "seed {}: one filing of one shipment: {found:#?}", self.seed);
        found.pop()
    }

    /// What was made since the last look was made of what was known then or is known now, and nothing stood against it.
    async fn look(&mut self) {
        let now = self.facts.known();
        for step in self.filing().await.into_iter().flat_map(|kept| kept.filing.steps) {
            if step.kind == StepKind::Cancel || !self.seen.insert(step.delivery.clone()) {
                continue;
            }
            let fits = [&self.before, &now].into_iter().any(|known| known.is_declared(&step.declared));
            let Day { seed, before, .. } = self;
            assert!(fits, "seed {seed}: filed on stale or blocked facts: {step:#?}\nof {before:?} and {now:?}");
        }
        self.before = now;
    }

    /// Whether the day has kept what the workflow promises.
    async fn judge(&self) {
        let seed = self.seed;
        let kept = self.filing().await.unwrap_or_else(|| panic!("seed {seed}: nothing was filed"));
        let filing = &kept.filing;
        let facts = self.facts.known();

        // 2: every document that was told is there; 1: and the context is a function of the set of them.
        let lrn = filing.lrn.clone();
        let mut shipments = self.bed.journal.shipments_named(false, None, lrn, 2).await.expect("they are read");
        assert_eq!(shipments.len(), 1, "seed {seed}: {shipments:#?}");
        // Of two systems that open it, it is called after the one that recorded it first, whenever that was told.
        let shipment = shipments.remove(0);
        let mut documents = self.bed.journal.shipment_documents(shipment.id).await.expect("they are read");
        let there: BTreeSet<[u8; 32]> = documents.documents.iter().map(|document| document.sha256).collect();
        let lost: Vec<_> = self.facts.told().iter().filter(|(_, sha256)| !there.contains(sha256)).collect();
        assert!(lost.is_empty(), "seed {seed}: a document is lost: {lost:?} of {:?}", documents.documents);
        Rng::with_seed(seed).shuffle(&mut documents.documents);
        let again = fold(&shipment.id.to_string(), &documents, &rules(), &Ownership::default()).expect("a context");
        assert_eq!(shipment.context.as_ref(), Some(&again.json), "seed {seed}: the order of documents matters");

        // 4: customs has each version of each declaration once, and nothing that something else took the place of.
        for step in &filing.steps {
            let received = self.customs.has_received(&step.delivery);
            assert!(!(received && step.replaced), "seed {seed}: customs has what was replaced: {step:#?}");
        }
        self.customs.judge(seed);

        // What an operator did is done once, and finance has each cost once, whatever came between.
        let acts = self.bed.journal.acts(1_000).await.expect("they are read").len();
        assert_eq!(acts, self.acts, "seed {seed}: what operators did is not there once");
        self.ledger.judge(seed, facts.total().unwrap_or_default(), self.customs.has_assessed());

        // 5: what cannot go on says why; all else has come to its end. 6: whoever stopped, others went on.
        match filing.state {
            FilingState::Accepted | FilingState::Released => {
                let last = filing.steps.iter().rfind(|step| self.customs.has_granted(&step.lrn, step.version));
                let declared = last.unwrap_or_else(|| panic!("seed {seed}: accepted by nobody: {filing:#?}"));
                assert!(facts.is_declared(&declared.declared), "seed {seed}: {filing:#?}\nof {facts:?}");
                assert_eq!(filing.pending, [], "seed {seed}");
            }
            FilingState::Rejected => {
                assert!(!filing.faults.is_empty(), "seed {seed}: refused without a reason: {filing:#?}");
            }
            FilingState::Stopped => {
                assert!(self.customs.is_released(&filing.lrn), "seed {seed}: stopped without a reason: {filing:#?}");
            }
            state => panic!("seed {seed}: it ended {state:?}: {filing:#?}\nof {facts:?}\n{:#?}", self.customs),
        }
        self.judge_exceptions(filing, shipment.id, &facts).await;
    }

    /// 5: whoever is wanted is wanted once for each cause, with a deadline and for what stands in the way now; for all else nobody
    /// is wanted any more.
    async fn judge_exceptions(&self, filing: &Filing, shipment: ShipmentId, facts: &facts::Known) {
        let seed = self.seed;
        let filter = ExceptionFilter { shipment: Some(shipment), ..ExceptionFilter::default() };
        let all = self.bed.journal.exceptions(filter, None, 100).await.expect("they are read").items;
        let causes: BTreeSet<String> = all.iter().map(|kept| kept.known.cause.to_string()).collect();
        assert_eq!(causes.len(), all.len(), "seed {seed}: somebody is wanted twice for one cause: {all:#?}");
        let open = all.iter().filter(|kept| kept.known.state == ExceptionState::Open);
        let (stale, open): (Vec<&KeptException>, Vec<&KeptException>) =
            open.partition(|kept| kept.known.cause.name == format!("rules/{STALE}"));
        // What was declared and is not amended any more is held against the invoice as it is now.
        for kept in stale {
            let said =
                |finding: &ShipmentFinding| finding.fields.iter().filter_map(|field| field.value.clone()).collect();
            let said: Vec<Vec<String>> = kept.known.findings.iter().map(said).collect();
            let now = format!("{:?}", facts.total().unwrap_or_default());
            let is_so = |said: &Vec<String>| said.len() == 2 && said[0] != said[1] && said[1] == now;
            assert!(!said.is_empty() && said.iter().all(is_so), "seed {seed}: nothing is stale any more: {kept:#?}");
            // Only what stands is held against anything, and only where nothing goes on by itself.
            let stands = kept.known.findings.iter().all(|found| found.fields[0].id == filing.lrn);
            let is_settled = matches!(filing.state, FilingState::Accepted | FilingState::Released);
            assert!(stands && !is_settled, "seed {seed}: {kept:#?}\n{filing:#?}");
        }
        let wants = matches!(filing.state, FilingState::Rejected | FilingState::Stopped);
        let filing_wants = wants.then(|| Cause::filing(&filing.lrn).to_string());
        let contradicted = facts.is_contradicted().then(|| format!("rule:portgate/{CONFLICT}"));
        let wanted: BTreeSet<String> = filing_wants.into_iter().chain(contradicted).collect();
        let called: BTreeSet<String> = open.iter().map(|kept| kept.known.cause.to_string()).collect();
        assert_eq!(called, wanted, "seed {seed}: those are not called who should be, {:?}: {open:#?}", filing.state);
        for kept in open {
            let is_whole = !kept.team.is_empty() && kept.deadline.is_some() && !kept.remedy.is_empty();
            assert!(is_whole, "seed {seed}: nobody, or nobody by when, or nothing to do: {kept:#?}");
            let says_why = filing.state != FilingState::Rejected || !kept.known.findings.is_empty();
            assert!(says_why, "seed {seed}: it says nothing of customs' reason: {kept:#?}");
        }
    }
}

/// Polls it so many times and drops it then, as a gateway that is killed drops what it was doing.
async fn interrupted(step: impl Future<Output = ()>, mut polls: u32) {
    let mut step = pin!(step);
    poll_fn(|context| match (step.as_mut().poll(context), polls) {
        (Poll::Pending, 1..) => {
            polls -= 1;
            Poll::Pending
        }
        _ => Poll::Ready(()),
    })
    .await;
}

async fn run(seed: u64, bed: Bed, other: Option<Arc<dyn Journal>>) -> FilingState {
    let mut day = Day::new(seed, bed, other);
    for _ in 0..EVENTS {
        day.event().await;
    }
    day.end().await;
    day.judge().await;
    day.filing().await.map(|kept| kept.filing.state).unwrap_or(FilingState::Draft)
}

fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("SEED") {
        Ok(seed) => vec![seed.parse().expect("a seed is a number")],
        Err(_) => (0..count).collect(),
    }
}

/// These days, and how many of them ended how.
async fn run_each(seeds: Vec<u64>) -> BTreeMap<String, u32> {
    let mut ends = BTreeMap::new();
    for seed in seeds {
        let end = run(seed, Bed::in_memory().await, None).await;
        *ends.entry(format!("{end:?}")).or_default() += 1;
    }
    ends
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_days_of_late_repeated_and_lost_words_break_no_promise() {
    let seeds = seeds(1_000);
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let shares = seeds.chunks(seeds.len().div_ceil(cores)).map(<[u64]>::to_vec);
    let running: Vec<_> = shares.map(|share| tokio::spawn(run_each(share))).collect();
    let mut ends: BTreeMap<String, u32> = BTreeMap::new();
    for share in running {
        for (end, days) in share.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())) {
            *ends.entry(end).or_default() += days;
        }
    }
    println!("{ends:?}");
    if std::env::var("SEED").is_err() {
        for end in ["Accepted", "Released", "Rejected", "Stopped"] {
            assert!(ends.get(end).is_some_and(|days| *days > 10), "too few days ended as {end}: {ends:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_do_days_on_a_journal_that_two_gateways_share() {
    for seed in seeds(12) {
        for bed in Bed::each().await {
            if bed.is_shared() {
                let other = open(&bed.settings).await.expect("it opens");
                run(seed, bed, Some(other)).await;
            }
        }
    }
}
