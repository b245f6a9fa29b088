//! How fast and how much at a time a partner may send.
//!
//! Two rates stand behind each other: the partner's over all contracts, and one for a contract where the policy gives
//! it. Both are keyed on the partner that the credential proved, so neither a new address nor a new token buys more.
//! Every answer after this stage carries what is left (`RateLimit` and `RateLimit-Policy`, by the IETF HTTPAPI draft
//! "RateLimit header fields for HTTP").

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, QuantaClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refusal::Refusal;

/// One rate: so many a second in the long run, so many at once. The clock is given, so that tests need not wait.
#[derive(Debug)]
pub(crate) struct Throttle<C: Clock = QuantaClock> {
    name: &'static str,
    limiter: RateLimiter<NotKeyed, InMemoryState, C, StateInformationMiddleware>,
    clock: C,
    burst: u32,
    /// Seconds until an empty allowance is full again, rounded up.
    window_seconds: u64,
}

/// What is left of one rate, after a request was counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    name: &'static str,
    quota: u32,
    window_seconds: u64,
    remaining: u32,
}

impl Throttle {
    /// A throttle of `per_second` requests with `burst` at once, on the process's clock.
    pub(crate) fn new(name: &'static str, per_second: u32, burst: u32) -> Self {
        Self::with_clock(name, per_second, burst, QuantaClock::default())
    }
}

impl<C: Clock + Clone> Throttle<C> {
    fn with_clock(name: &'static str, per_second: u32, burst: u32, clock: C) -> Self {
        // Policies are checked before they get here: neither figure can be 0.
        let per_second = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(per_second).allow_burst(burst);
        Throttle {
            name,
            limiter: RateLimiter::direct_with_clock(quota, clock.clone())
                .with_middleware::<StateInformationMiddleware>(),
            clock,
            burst: burst.get(),
            window_seconds: u64::from(burst.get()).div_ceil(u64::from(per_second.get())),
        }
    }

    /// Counts one request, or says in how many seconds the next one may come.
    pub(crate) fn check(&self) -> Result<Allowance, (Allowance, u64)> {
        match self.limiter.check() {
            Ok(snapshot) => Ok(self.allowance(&snapshot)),
            Err(not_until) => {
                let wait: Duration = not_until.wait_time_from(self.clock.now());
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let empty = Allowance { remaining: 0, ..self.allowance_of(0) };
                Err((empty, seconds.max(1)))
            }
        }
    }

    fn allowance(&self, snapshot: &StateSnapshot) -> Allowance {
        self.allowance_of(snapshot.remaining_burst_capacity())
    }

    fn allowance_of(&self, remaining: u32) -> Allowance {
        Allowance { name: self.name, quota: self.burst, window_seconds: self.window_seconds, remaining }
    }
}

/// What every answer says of the rates: one or two allowances.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allowances {
    partner: Option<Allowance>,
    contract: Option<Allowance>,
}

impl Allowances {
    /// Puts `RateLimit` and `RateLimit-Policy` on an answer.
    pub(crate) fn write(&self, headers: &mut http::HeaderMap) {
        use std::fmt::Write;
        let mut policy = String::with_capacity(64);
        let mut state = String::with_capacity(64);
        for allowance in [self.partner, self.contract].into_iter().flatten() {
            let separator = if policy.is_empty() { "" } else { ", " };
            let Allowance { name, quota, window_seconds, remaining } = allowance;
            // Seconds until the allowance is full again: what was used, at the sustained rate.
            let reset = (u64::from(quota - remaining.min(quota)) * window_seconds).div_ceil(u64::from(quota.max(1)));
            // Writing to a String cannot fail.
            let _ = write!(policy, "{separator}\"{name}\";q={quota};w={window_seconds}");
            let _ = write!(state, "{separator}\"{name}\";r={remaining};t={reset}");
        }
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let (false, Ok(value)) = (value.is_empty(), http::HeaderValue::from_str(&value)) {
                headers.insert(http::HeaderName::from_static(name), value);
            }
        }
    }
}

/// A partner's rates and places, or those of one contract of it.
#[derive(Debug)]
pub(crate) struct PartnerThrottle {
    rate: Throttle,
    places: Arc<Semaphore>,
}

impl PartnerThrottle {
    /// The partner's throttle over all contracts.
    pub(crate) fn new(limits: &portgate_core::policy::PartnerLimits) -> Self {
        PartnerThrottle {
            rate: Throttle::new("partner", limits.requests_per_second, limits.burst),
            places: Arc::new(Semaphore::new(limits.requests_in_flight_max as usize)),
        }
    }

    /// Takes a place and counts the request against both rates. What is left is written to `allowances` in any case.
    ///
    /// The partner's rate is counted first: a request that only its contract's rate refuses has still cost the partner
    /// one, which keeps a flood of one contract from being free.
    pub(crate) fn admit(
        &self,
        partner: &str,
        contract: Option<&Throttle>,
        allowances: &mut Allowances,
    ) -> Result<OwnedSemaphorePermit, Refusal> {
        let refuse = |policy, retry_after_seconds| Refusal::RateLimited { policy, retry_after_seconds };
        match self.rate.check() {
            Ok(allowance) => allowances.partner = Some(allowance),
            Err((allowance, seconds)) => {
                allowances.partner = Some(allowance);
                return Err(refuse("partner", seconds));
            }
        }
        if let Some(contract) = contract {
            match contract.check() {
                Ok(allowance) => allowances.contract = Some(allowance),
                Err((allowance, seconds)) => {
                    allowances.contract = Some(allowance);
                    return Err(refuse("contract", seconds));
                }
            }
        }
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map_err(|_| Refusal::PartnerBusy { partner: partner.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn a_burst_is_taken_and_then_the_rate_holds() {
        let clock = FakeRelativeClock::default();
        let throttle = Throttle::with_clock("partner", 2, 4, clock.clone());
        let remaining: Vec<u32> = (0..4).map(|_| throttle.check().unwrap().remaining).collect();
        assert_eq!(remaining, [3, 2, 1, 0]);
        let (allowance, seconds) = throttle.check().unwrap_err();
        assert_eq!((allowance.remaining, seconds), (0, 1));
        clock.advance(Duration::from_millis(500));
        assert!(throttle.check().is_ok());
        assert!(throttle.check().is_err());
    }

    #[test]
    fn headers_name_both_policies_and_what_is_left() {
        let partner = Throttle::with_clock("partner", 10, 20, FakeRelativeClock::default());
        let contract = Throttle::with_clock("contract", 1, 5, FakeRelativeClock::default());
        let allowances = Allowances { partner: partner.check().ok(), contract: contract.check().ok() };
        let mut headers = http::HeaderMap::new();
        allowances.write(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"partner\";q=20;w=2, \"contract\";q=5;w=5");
        assert_eq!(headers["ratelimit"], "\"partner\";r=19;t=1, \"contract\";r=4;t=1");
    }

    #[test]
    fn a_partner_without_places_is_refused_until_one_is_given_back() {
        let limits =
            portgate_core::policy::PartnerLimits { requests_per_second: 100, burst: 100, requests_in_flight_max: 1 };
        let throttle = PartnerThrottle::new(&limits);
        let mut allowances = Allowances::default();
        let place = throttle.admit("acme", None, &mut allowances).unwrap();
        assert!(matches!(throttle.admit("acme", None, &mut allowances), Err(Refusal::PartnerBusy { .. })));
        drop(place);
        assert!(throttle.admit("acme", None, &mut allowances).is_ok());
    }
}
