//! One destination: its channel, its limits, its breaker, and the task that works off what is due for it.
//!
//! The task claims only what it can start at once: no more than there are free places, than the rate gives out and than
//! the breaker lets through. So its memory does not depend on how much is waiting, and a partner that is down costs a
//! few requests now and then.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use portgate_core::policy::DeliveryPolicy;
use portgate_store::{ClaimRequest, ClaimedDelivery, JournalError, Settled, Settlement};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::attempt::{self, Around, NotBegun};
use crate::breaker::{Admission, Breaker, Started};
use crate::channel::{Channel, ChannelError};
use crate::connectors::{Attempted, DestinationPolicy, Moment, Sent, Speaker};
use crate::deliverer::Settings;
use crate::egress::{EgressRules, Permission};
use crate::ledger::Ledger;

/// The longest wait without looking whether the policy is still the same.
const LOOK: Duration = Duration::from_secs(1);
/// How long a claim holds without being renewed.
const LEASE: Duration = Duration::from_secs(60);
/// How often a claim is renewed.
const RENEWAL: Duration = Duration::from_secs(20);
/// How often a settlement is tried while the journal cannot be used; then the lease runs out, and the same bytes are
/// sent again under the same id.
const SETTLE_TRIES: u32 = 60;
/// Between those tries.
const SETTLE_PAUSE: Duration = Duration::from_secs(1);

/// One destination under one policy.
pub(crate) struct Destination {
    name: String,
    policy: DestinationPolicy,
    channel: Channel,
    egress: EgressRules,
    rate: DefaultDirectRateLimiter,
    breaker: Mutex<Breaker>,
    /// Something is due.
    pub(crate) due: Notify,
}

impl Destination {
    /// A destination whose policy says that it is delivered to.
    pub(crate) fn new(
        name: &str,
        policy: &DestinationPolicy,
        settings: &Settings,
    ) -> Result<Destination, ChannelError> {
        let DestinationPolicy { delivery, speaker } = policy;
        let limits = &delivery.limits;
        let at_least_one = |limit: u32| NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(limits.requests_per_second)).allow_burst(at_least_one(limits.burst));
        Ok(Destination {
            name: name.to_owned(),
            policy: policy.clone(),
            channel: Channel::new(delivery.clone(), settings.surroundings())?,
            egress: EgressRules::new(match speaker {
                Speaker::Plugin(egress) => egress.as_ref(),
                Speaker::Webhook => None,
            }),
            rate: RateLimiter::direct(quota),
            breaker: Mutex::new(Breaker::new(delivery.breaker.clone())),
            due: Notify::new(),
        })
    }

    pub(crate) fn policy(&self) -> &DeliveryPolicy {
        &self.policy.delivery
    }

    pub(crate) fn whole_policy(&self) -> &DestinationPolicy {
        &self.policy
    }

    pub(crate) fn speaker(&self) -> &Speaker {
        &self.policy.speaker
    }

    pub(crate) fn channel(&self) -> &Channel {
        &self.channel
    }

    pub(crate) fn egress(&self) -> &EgressRules {
        &self.egress
    }

    /// Whether this is what the policies of a moment say of it.
    pub(crate) fn is_current(&self, moment: &dyn Moment) -> bool {
        moment.destination(&self.name) == Some(&self.policy)
    }

    /// What may be sent now, as far as the partner and its plugin are concerned.
    fn admission(&self, moment: &dyn Moment, under_way: usize, now: Timestamp) -> Admission {
        let partner = self.breaker().admission(now);
        partner.and(moment.admission(&self.name, now), u32::try_from(under_way).unwrap_or(u32::MAX))
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        // A breaker is a few numbers: none of its methods leaves it half changed.
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works off what is due, until nothing is, the policy changes or `stop` is true. Attempts under way are finished.
    pub(crate) async fn work(self: Arc<Self>, settings: Settings, mut stop: watch::Receiver<bool>) {
        let mut attempts = JoinSet::new();
        while !*stop.borrow() {
            let moment = settings.connectors.current();
            if !self.is_current(&*moment) {
                break;
            }
            let places = usize::try_from(self.policy().limits.in_flight_max).unwrap_or(usize::MAX);
            let free = u32::try_from(places.saturating_sub(attempts.len())).unwrap_or(u32::MAX);
            let (allowed, wait) = match self.admission(&*moment, attempts.len(), settings.clock.now()) {
                Admission::Everything => (free, LOOK),
                Admission::Probes(probes) => (free.min(probes), LOOK),
                Admission::NothingUntil(until) => {
                    let left = Duration::try_from(until.duration_since(settings.clock.now()));
                    (0, left.unwrap_or(Duration::ZERO).clamp(Duration::from_millis(1), LOOK))
                }
            };
            let claimed = match allowed {
                0 => None,
                _ => tokio::select! {
                    () = self.rate.until_ready() => Some(self.claim(allowed, &settings).await),
                    _ = stop.changed() => continue,
                },
            };
            let pause = match &claimed {
                None => wait,
                Some(Ok(claimed)) if claimed.is_empty() && attempts.is_empty() => return,
                Some(Ok(claimed)) if claimed.is_empty() => LOOK,
                Some(Ok(_)) => Duration::ZERO,
                Some(Err(error)) => {
                    tracing::warn!(destination = self.name, %error, "deliveries cannot be claimed");
                    LOOK
                }
            };
            for delivery in claimed.into_iter().flatten().flatten() {
                let started = self.breaker().start();
                attempts.spawn(Arc::clone(&self).attempt(delivery, started, settings.clone()));
            }
            if pause > Duration::ZERO {
                tokio::select! {
                    Some(ended) = attempts.join_next() => self.reap(ended),
                    () = self.due.notified() => {}
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

    /// An attempt that broke off keeps its lease until that runs out, so that what breaks it is not met at once again.
    fn reap(&self, ended: Result<(), tokio::task::JoinError>) {
        if let Err(error) = ended {
            tracing::error!(destination = self.name, %error, "an attempt broke off");
        }
    }

    /// Claims at most `allowed` deliveries, and no more than the rate gives out now. It has given out one already.
    async fn claim(&self, allowed: u32, settings: &Settings) -> Result<Vec<ClaimedDelivery>, JournalError> {
        let mut limit = 1;
        while limit < allowed && self.rate.check().is_ok() {
            limit += 1;
        }
        let (destination, worker) = (self.name.clone(), settings.worker.clone());
        let now = settings.clock.now();
        settings.queue.claim(ClaimRequest { destination, worker, now, lease: LEASE, limit }).await
    }

    /// One attempt with its settlement, while the lease is renewed beside it.
    async fn attempt(self: Arc<Self>, claimed: ClaimedDelivery, started: Started, settings: Settings) {
        let probe = Probe { destination: &self, started: Some(started) };
        let ledger = Ledger::default();
        tokio::select! {
            () = self.attempt_and_settle(&claimed, probe, &ledger, &settings) => {}
            () = lease_lost(&claimed, &settings) => {
                tracing::warn!(delivery = %claimed.claim.delivery, destination = self.name, "an attempt was given up: its lease is lost");
            }
        }
        let untold = ledger.unsettled(&claimed, &self.policy, settings.clock.now());
        if !untold.is_empty() {
            settings.connectors.note(untold).await;
        }
    }

    async fn attempt_and_settle(
        &self,
        claimed: &ClaimedDelivery,
        mut probe: Probe<'_>,
        ledger: &Ledger,
        settings: &Settings,
    ) {
        let moment = settings.connectors.current();
        let around = Around {
            destination: self,
            moment: &*moment,
            queue: &*settings.queue,
            clock: &*settings.clock,
            random: &*settings.random,
            ledger,
        };
        let ended = match attempt::make(claimed, &around).await {
            Ok(ended) => ended,
            Err(NotBegun::Withheld) => {
                // It waits where it was until its plugin may be called again.
                if let Err(error) = settings.queue.release(&[claimed.claim]).await {
                    tracing::warn!(delivery = %claimed.claim.delivery, destination = self.name, %error, "a claim is not given back");
                }
                return;
            }
            Err(NotBegun::Journal(error)) => {
                tracing::warn!(delivery = %claimed.claim.delivery, destination = self.name, %error, "an attempt could not begin");
                return;
            }
        };
        if let (Some(healthy), Some(started)) = (ended.healthy, probe.started.take()) {
            self.breaker().ended(started, healthy, settings.clock.now());
        }
        drop(probe);
        self.log(claimed, &ended.settlement);
        let Settlement { started_at, now, settled, .. } = &ended.settlement;
        settings.connectors.attempted(&Attempted {
            destination: &self.name,
            settled,
            took: Duration::try_from(now.duration_since(*started_at)).unwrap_or_default(),
            breaker_is_open: self.breaker().is_open(),
            sent: ended.permission.as_ref().map(|Permission { method, pattern, query }| Sent {
                plugin: &self.policy().plugin,
                method: *method,
                base_url: &self.policy().base_url,
                pattern,
                query,
            }),
        });
        for _ in 0..SETTLE_TRIES {
            match settings.queue.settle(ended.settlement.clone()).await {
                Ok(()) => return ledger.settled(),
                Err(error) => {
                    tracing::error!(delivery = %claimed.claim.delivery, destination = self.name, %error, "an attempt is not settled");
                    if error == JournalError::LeaseLost {
                        return;
                    }
                }
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
    }

    fn log(&self, claimed: &ClaimedDelivery, Settlement { detail, settled, .. }: &Settlement) {
        let (delivery, destination) = (claimed.claim.delivery, &self.name);
        match settled {
            Settled::Delivered { .. } => tracing::debug!(%delivery, destination, detail, "delivered"),
            Settled::Retry { at } => tracing::info!(%delivery, destination, detail, %at, "to be tried again"),
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
        match settings.queue.renew(&[claimed.claim], until).await {
            Ok(held) if held.is_empty() => return,
            Ok(_) => {}
            // It holds for a while yet.
            Err(error) => tracing::warn!(delivery = %claimed.claim.delivery, %error, "a lease is not renewed"),
        }
    }
}
