//! The task of one destination, which works off what is due for it.
//!
//! The task claims only what it can start at once: no more than there are free places, than the rate gives out and than
//! the breaker lets through. So its memory does not depend on how much is waiting, and a partner that is down costs a
//! few requests now and then.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use portgate_store::{Batching, ClaimRequest, ClaimedDelivery, DeadClass, JournalError, Settled, Settlement};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::attempt::{self, Around, NotBegun};
use crate::breaker::{SendLimit, Started};
use crate::connectors::{Attempted, Sent};
use crate::destination::Destination;
use crate::egress::Permission;
use crate::ledger::Ledger;
use crate::scribe::Scribe;
use crate::settings::Settings;

/// The longest wait without looking whether the policy is still the same.
const LOOK: Duration = Duration::from_secs(1);
/// How long a claim holds without being renewed. What a gateway that was killed had under way on a shared journal waits so
/// long for another one.
const LEASE: Duration = Duration::from_secs(30);
/// How often a claim is renewed.
const RENEWAL: Duration = Duration::from_secs(10);
/// How often a settlement is tried while the journal cannot be used; then the lease runs out, and the same bytes are
/// sent again under the same id.
const SETTLE_TRIES: u32 = 60;
/// Between those tries.
const SETTLE_PAUSE: Duration = Duration::from_secs(1);

/// The work for one destination. Cheap to clone.
#[derive(Clone)]
pub(crate) struct DestinationTask {
    pub(crate) destination: Arc<Destination>,
    pub(crate) settings: Settings,
}

impl DestinationTask {
    /// Works off what is due, until nothing is, the policy changes or `stop` is true. Attempts under way are finished.
    pub(crate) async fn work(self, mut stop: watch::Receiver<bool>) {
        let Self { destination, settings } = &self;
        let mut attempts = JoinSet::new();
        while !*stop.borrow() {
            let snapshot = settings.connectors.current();
            if !destination.is_current(&*snapshot) {
                break;
            }
            let places = usize::try_from(destination.policy().limits.in_flight_max).unwrap_or(usize::MAX);
            let free = u32::try_from(places.saturating_sub(attempts.len())).unwrap_or(u32::MAX);
            let (allowed, wait) = match destination.send_limit(&*snapshot, attempts.len(), settings.clock.now()) {
                SendLimit::Everything => (free, LOOK),
                SendLimit::Probes(probes) => (free.min(probes), LOOK),
                SendLimit::NothingUntil(until) => {
                    let left = Duration::try_from(until.duration_since(settings.clock.now()));
                    (0, left.unwrap_or(Duration::ZERO).clamp(Duration::from_millis(1), LOOK))
                }
            };
            let claimed = match allowed {
                0 => None,
                _ => tokio::select! {
                    () = destination.rate.until_ready() => Some(self.claim(allowed, snapshot.batching(&destination.name)).await),
                    _ = stop.changed() => continue,
                },
            };
            let pause = match &claimed {
                None => wait,
                Some(Ok(claimed)) if claimed.is_empty() && attempts.is_empty() => return,
                Some(Ok(claimed)) if claimed.is_empty() => LOOK,
                Some(Ok(_)) => Duration::ZERO,
                Some(Err(error)) => {
                    tracing::warn!(destination = destination.name, %error, "deliveries cannot be claimed");
                    LOOK
                }
            };
            for delivery in claimed.into_iter().flatten().flatten() {
                let started = destination.breaker().start();
                attempts.spawn(self.clone().attempt(delivery, started));
            }
            if pause > Duration::ZERO {
                tokio::select! {
                    Some(ended) = attempts.join_next() => self.reap(ended),
                    () = destination.due.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                    _ = stop.changed() => {}
                }
            }
            while let Some(ended) = attempts.try_join_next() {
                self.reap(ended);
            }
        }
        while let Some(ended) = attempts.join_next().await {
            self.reap(ended);
        }
    }

    /// An attempt that broke off keeps its lease until that runs out, so that whatever broke it does not break the next
    /// one at once.
    fn reap(&self, ended: Result<(), tokio::task::JoinError>) {
        if let Err(error) = ended {
            tracing::error!(destination = self.destination.name, %error, "an attempt broke off");
        }
    }

    /// Claims at most `allowed` deliveries, and no more than the rate gives out now. It has given out one already.
    async fn claim(&self, allowed: u32, batching: Vec<Batching>) -> Result<Vec<ClaimedDelivery>, JournalError> {
        let Self { destination, settings } = self;
        let mut limit = 1;
        while limit < allowed && destination.rate.check().is_ok() {
            limit += 1;
        }
        let (destination, worker) = (destination.name.clone(), settings.worker.clone());
        let now = settings.clock.now();
        settings.queue.claim(ClaimRequest { destination, worker, now, lease: LEASE, limit, batching }).await
    }

    /// One attempt with its settlement, while the lease is renewed beside it.
    async fn attempt(self, claimed: ClaimedDelivery, started: Started) {
        let Self { destination, settings } = &self;
        let probe = Probe { destination, started: Some(started) };
        let ledger = Ledger::default();
        tokio::select! {
            () = self.attempt_and_settle(&claimed, probe, &ledger) => {}
            () = lease_lost(&claimed, settings) => {
                tracing::warn!(delivery = %claimed.claim.delivery, destination = destination.name, "an attempt was given up: its lease is lost");
            }
        }
        let untold = ledger.unsettled(&claimed, destination.whole_policy(), settings.clock.now());
        if !untold.is_empty() {
            settings.connectors.note(untold).await;
        }
    }

    async fn attempt_and_settle(&self, claimed: &ClaimedDelivery, mut probe: Probe<'_>, ledger: &Ledger) {
        let Self { destination, settings } = self;
        let snapshot = settings.connectors.current();
        let scribe = Scribe::new(snapshot.answer_bytes());
        let around = Around {
            destination,
            snapshot: &*snapshot,
            queue: &*settings.queue,
            clock: &*settings.clock,
            random: &*settings.random,
            ledger,
            scribe: &scribe,
        };
        let ended = match attempt::make(claimed, &around).await {
            Ok(ended) => ended,
            Err(NotBegun::Parted) => return,
            Err(NotBegun::Withheld) => {
                // The delivery keeps its place until its plugin may be called again.
                if let Err(error) = settings.queue.release(&claimed.claims(), settings.clock.now()).await {
                    tracing::warn!(delivery = %claimed.claim.delivery, destination = destination.name, %error, "a claim is not given back");
                }
                return;
            }
            Err(NotBegun::Journal(error)) => {
                tracing::warn!(delivery = %claimed.claim.delivery, destination = destination.name, %error, "an attempt could not begin");
                return;
            }
        };
        if let (Some(healthy), Some(started)) = (ended.healthy, probe.started.take()) {
            destination.breaker().ended(started, healthy, settings.clock.now());
        }
        drop(probe);
        self.log(claimed, &ended.settlement);
        let Settlement { started_at, now, settled, .. } = &ended.settlement;
        settings.connectors.attempted(&Attempted {
            destination: &destination.name,
            settled,
            took: Duration::try_from(now.duration_since(*started_at)).unwrap_or_default(),
            breaker_is_open: destination.breaker().is_open(),
            sent: ended.permission.as_ref().map(|Permission { method, pattern, query }| Sent {
                plugin: &destination.policy().plugin,
                method: *method,
                base_url: &destination.policy().base_url,
                pattern,
                query,
            }),
        });
        for _ in 0..SETTLE_TRIES {
            match settings.queue.settle(ended.settlement.clone()).await {
                Ok(()) => return ledger.settled(),
                Err(error) => {
                    tracing::error!(delivery = %claimed.claim.delivery, destination = destination.name, %error, "an attempt is not settled");
                    if error == JournalError::LeaseLost {
                        return;
                    }
                }
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
    }

    fn log(&self, claimed: &ClaimedDelivery, Settlement { detail, settled, .. }: &Settlement) {
        let (delivery, destination) = (claimed.claim.delivery, &self.destination.name);
        match settled {
            Settled::Sent { acknowledge_by, .. } => {
                tracing::debug!(%delivery, destination, detail, %acknowledge_by, "sent, to be acknowledged");
            }
            Settled::Delivered { .. } => tracing::debug!(%delivery, destination, detail, "delivered"),
            // This is a warning, because nobody at the partner will mend it.
            Settled::Retry { at, class: class @ DeadClass::Ours } => {
                tracing::warn!(%delivery, destination, detail, %at, %class, "to be tried again, for a reason of ours");
            }
            Settled::Retry { at, class: DeadClass::Theirs } => {
                tracing::info!(%delivery, destination, detail, %at, "to be tried again");
            }
            Settled::AwaitsCodes { awaits, .. } => {
                tracing::info!(%delivery, destination, codes = awaits.codes.len(), "waits for codes");
            }
            Settled::Pending { at, .. } => tracing::debug!(%delivery, destination, detail, %at, "pending"),
            Settled::Dead { class, .. } => tracing::warn!(%delivery, destination, detail, %class, "dead letter"),
        }
    }
}

/// A request that the breaker counts on. Dropped without an end, as in a panic, it gives its place back.
struct Probe<'a> {
    destination: &'a Destination,
    started: Option<Started>,
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        if let Some(started) = self.started.take() {
            self.destination.breaker().not_sent(started);
        }
    }
}

/// Renews a lease; ends when it is lost.
async fn lease_lost(claimed: &ClaimedDelivery, settings: &Settings) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        let until = settings.clock.now().saturating_add(LEASE).unwrap_or(Timestamp::MAX);
        match settings.queue.renew(&claimed.claims(), until).await {
            Ok(held) if !held.contains(&claimed.claim) => return,
            Ok(_) => {}
            // It holds for a while yet.
            Err(error) => tracing::warn!(delivery = %claimed.claim.delivery, %error, "a lease is not renewed"),
        }
    }
}
