//! A rate that this process counts by itself.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, QuantaClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use super::{Allowance, Rate};

/// One rate, counted in memory. The clock is given, so that tests need not wait.
#[derive(Debug)]
pub(crate) struct Alone<C: Clock = QuantaClock> {
    rate: Rate,
    limiter: RateLimiter<NotKeyed, InMemoryState, C, StateInformationMiddleware>,
    clock: C,
}

impl Alone {
    /// The whole rate, with its burst at hand.
    pub(crate) fn new(rate: Rate) -> Self {
        Self::with_clock(rate, QuantaClock::default())
    }

    /// One of `shares` equal shares of the rate, with nothing at hand yet: what was at hand may be spent.
    pub(crate) fn share(rate: Rate, shares: u32) -> Self {
        let interval = rate.interval().saturating_mul(shares.max(1));
        let burst = NonZeroU32::new(rate.burst / shares.max(1)).unwrap_or(NonZeroU32::MIN);
        let alone = Self::limited(rate, interval, burst, QuantaClock::default());
        // As much as there is room for is never too much.
        let _ = alone.limiter.check_n(burst);
        alone
    }
}

impl<C: Clock + Clone> Alone<C> {
    pub(super) fn with_clock(rate: Rate, clock: C) -> Self {
        let burst = NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN);
        Self::limited(rate, rate.interval(), burst, clock)
    }

    fn limited(rate: Rate, interval: Duration, burst: NonZeroU32, clock: C) -> Self {
        let quota = Quota::with_period(interval).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(burst);
        let limiter = RateLimiter::direct_with_clock(quota, clock.clone());
        Alone { rate, limiter: limiter.with_middleware::<StateInformationMiddleware>(), clock }
    }

    /// Counts one request, or says in how many seconds the next one may come.
    pub(crate) fn check(&self) -> Result<Allowance, (Allowance, u64)> {
        match self.limiter.check() {
            Ok(snapshot) => Ok(self.rate.allowance(snapshot.remaining_burst_capacity())),
            Err(not_until) => {
                let wait: Duration = not_until.wait_time_from(self.clock.now());
                Err((self.rate.allowance(0), super::whole_seconds(wait)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn a_burst_is_taken_and_then_the_rate_holds() {
        let clock = FakeRelativeClock::default();
        let throttle = Alone::with_clock(Rate::new("partner", 2, 4), clock.clone());
        let remaining: Vec<u32> = (0..4).map(|_| throttle.check().unwrap().remaining).collect();
        assert_eq!(remaining, [3, 2, 1, 0]);
        let (allowance, seconds) = throttle.check().unwrap_err();
        assert_eq!((allowance.remaining, seconds), (0, 1));
        clock.advance(Duration::from_millis(500));
        assert!(throttle.check().is_ok());
        assert!(throttle.check().is_err());
    }

    #[test]
    fn a_share_begins_with_nothing() {
        let (_, seconds) = Alone::share(Rate::new("partner", 1, 100), 3).check().unwrap_err();
        assert_eq!(seconds, 3);
    }
}
