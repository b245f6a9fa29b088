//! How fast and how much at a time a partner may send.
//!
//! Two rates stand behind each other: the partner's over all contracts, and one for a contract where the policy gives
//! it. Both are keyed on the partner that the credential proved, so neither a new address nor a new token buys more.
//! Where several gateways can share the journal they count rates together ([`leased`]), else each is counted by this
//! process alone ([`alone`]). Places are this process's in either case.
//! Every answer after this stage carries what is left (`RateLimit` and `RateLimit-Policy`, by the IETF HTTPAPI draft
//! "RateLimit header fields for HTTP").

mod alone;
mod leased;
mod leasing;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refusal::Refusal;
use alone::Alone;
use leased::Leased;
pub(crate) use leasing::Rates;

/// So many requests a second in the long run, so many at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    name: &'static str,
    per_second: u32,
    burst: u32,
}

impl Rate {
    /// A rate as the policies have it. They are checked before they get here: neither figure can be 0.
    pub(crate) fn new(name: &'static str, per_second: u32, burst: u32) -> Self {
        Rate { name, per_second: per_second.max(1), burst: burst.max(1) }
    }

    /// Between two requests in the long run.
    fn interval(self) -> Duration {
        Duration::from_nanos((1_000_000_000 / u64::from(self.per_second)).max(1))
    }

    fn allowance(self, remaining: u32) -> Allowance {
        // Seconds until an empty allowance is full again, rounded up.
        let window_seconds = u64::from(self.burst).div_ceil(u64::from(self.per_second));
        Allowance { name: self.name, quota: self.burst, window_seconds, remaining: remaining.min(self.burst) }
    }
}

/// A time to wait as a caller is told it.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// What is left of one rate, after a request was counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    name: &'static str,
    quota: u32,
    window_seconds: u64,
    remaining: u32,
}

/// One rate, counted by this process alone or by all gateways of the journal together.
#[derive(Debug)]
pub(crate) enum Throttle {
    Alone(Alone),
    Leased(Arc<Leased>),
}

impl Throttle {
    /// Counts one request, or says in how many seconds the next one may come.
    async fn check(&self) -> Result<Allowance, (Allowance, u64)> {
        match self {
            Throttle::Alone(alone) => alone.check(),
            Throttle::Leased(leased) => leased.check().await,
        }
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
    pub(crate) fn new(rates: &Rates, partner: &str, limits: &portgate_core::policy::PartnerLimits) -> Self {
        let rate = Rate::new("partner", limits.requests_per_second, limits.burst);
        PartnerThrottle {
            rate: rates.throttle(rate, partner, None),
            places: Arc::new(Semaphore::new(limits.requests_in_flight_max as usize)),
        }
    }

    /// Takes a place and counts the request against both rates. What is left is written to `allowances` in any case.
    ///
    /// The partner's rate is counted first: a request that only its contract's rate refuses has still cost the partner
    /// one, which keeps a flood of one contract from being free.
    pub(crate) async fn admit(
        &self,
        partner: &str,
        contract: Option<&Throttle>,
        allowances: &mut Allowances,
    ) -> Result<OwnedSemaphorePermit, Refusal> {
        let refuse = |policy, retry_after_seconds| Refusal::RateLimited { policy, retry_after_seconds };
        match self.rate.check().await {
            Ok(allowance) => allowances.partner = Some(allowance),
            Err((allowance, seconds)) => {
                allowances.partner = Some(allowance);
                return Err(refuse("partner", seconds));
            }
        }
        if let Some(contract) = contract {
            match contract.check().await {
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
    fn headers_name_both_policies_and_what_is_left() {
        let partner = Alone::with_clock(Rate::new("partner", 10, 20), FakeRelativeClock::default());
        let contract = Alone::with_clock(Rate::new("contract", 1, 5), FakeRelativeClock::default());
        let allowances = Allowances { partner: partner.check().ok(), contract: contract.check().ok() };
        let mut headers = http::HeaderMap::new();
        allowances.write(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"partner\";q=20;w=2, \"contract\";q=5;w=5");
        assert_eq!(headers["ratelimit"], "\"partner\";r=19;t=1, \"contract\";r=4;t=1");
    }

    #[tokio::test]
    async fn a_partner_without_places_is_refused_until_one_is_given_back() {
        let limits =
            portgate_core::policy::PartnerLimits { requests_per_second: 100, burst: 100, requests_in_flight_max: 1 };
        let throttle = PartnerThrottle::new(&Rates::alone(), "acme", &limits);
        let mut allowances = Allowances::default();
        let place = throttle.admit("acme", None, &mut allowances).await.unwrap();
        assert!(matches!(throttle.admit("acme", None, &mut allowances).await, Err(Refusal::PartnerBusy { .. })));
        drop(place);
        assert!(throttle.admit("acme", None, &mut allowances).await.is_ok());
    }
}
