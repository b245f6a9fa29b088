//! One destination under one policy: its channel, its limits and its breaker, which live as long as the policy stays the same.

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use portgate_core::policy::DeliveryPolicy;
use tokio::sync::Notify;

use crate::breaker::{Breaker, SendLimit};
use crate::channel::{Channel, ChannelError};
use crate::connectors::{DestinationPolicy, Responder, Snapshot};
use crate::egress::EgressRules;
use crate::settings::Settings;

/// One destination under one policy.
pub(crate) struct Destination {
    pub(crate) name: String,
    policy: DestinationPolicy,
    channel: Channel,
    egress: EgressRules,
    pub(crate) rate: DefaultDirectRateLimiter,
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
        let DestinationPolicy { delivery, responder } = policy;
        let limits = &delivery.limits;
        let at_least_one = |limit: u32| NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(limits.requests_per_second)).allow_burst(at_least_one(limits.burst));
        Ok(Destination {
            name: name.to_owned(),
            policy: policy.clone(),
            channel: Channel::new(delivery.clone(), settings.surroundings())?,
            egress: EgressRules::new(match responder {
                Responder::Plugin(egress) => egress.as_ref(),
                Responder::Webhook => None,
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

    pub(crate) fn responder(&self) -> &Responder {
        &self.policy.responder
    }

    pub(crate) fn channel(&self) -> &Channel {
        &self.channel
    }

    pub(crate) fn egress(&self) -> &EgressRules {
        &self.egress
    }

    /// Whether this is what the policies of a snapshot say of it.
    pub(crate) fn is_current(&self, snapshot: &dyn Snapshot) -> bool {
        snapshot.destination(&self.name) == Some(&self.policy)
    }

    /// What may be sent now, as far as the partner and its plugin are concerned.
    pub(crate) fn send_limit(&self, snapshot: &dyn Snapshot, under_way: usize, now: Timestamp) -> SendLimit {
        let partner = self.breaker().send_limit(now);
        partner.and(snapshot.send_limit(&self.name, now), u32::try_from(under_way).unwrap_or(u32::MAX))
    }

    pub(crate) fn breaker(&self) -> MutexGuard<'_, Breaker> {
        // A breaker is a few numbers: none of its methods leaves it half changed.
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
