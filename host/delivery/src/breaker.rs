//! The circuit breaker of one partner: after so many failures in a row nothing is sent for a while, then a few requests
//! find out whether the partner is back.
//!
//! Nothing is tried and counted as failed while the breaker is open: its deliveries keep their attempts. The clock is an
//! argument.

use jiff::{SignedDuration, Timestamp};
use portgate_core::policy;

/// The breaker of one partner.
#[derive(Debug)]
pub struct Breaker {
    policy: policy::Breaker,
    state: State,
    /// Counts the changes of state, so that an answer from before the last change says nothing about now.
    generation: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Timestamp },
    HalfOpen { started: u32, succeeded: u32 },
}

/// What may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendLimit {
    /// As much as the partner's other limits allow.
    Everything,
    /// At most so many requests, to find out whether the partner is back. May be 0: then enough are under way already.
    Probes(u32),
    /// Nothing before this instant.
    NothingUntil(Timestamp),
}

impl SendLimit {
    /// What both limits allow, if `under_way` requests have been started and have not ended.
    pub fn and(self, other: SendLimit, under_way: u32) -> SendLimit {
        match (self, other) {
            (SendLimit::NothingUntil(one), SendLimit::NothingUntil(two)) => SendLimit::NothingUntil(one.max(two)),
            (SendLimit::NothingUntil(until), _) | (_, SendLimit::NothingUntil(until)) => SendLimit::NothingUntil(until),
            (SendLimit::Probes(one), SendLimit::Probes(two)) => {
                SendLimit::Probes(one.min(two.saturating_sub(under_way)))
            }
            (only, SendLimit::Everything) => only,
            (SendLimit::Everything, SendLimit::Probes(probes)) => SendLimit::Probes(probes.saturating_sub(under_way)),
        }
    }
}

/// A request that was started; its end is told to the breaker with it.
#[derive(Debug)]
#[must_use]
pub struct Started {
    generation: u64,
}

impl Breaker {
    /// A closed breaker.
    pub fn new(policy: policy::Breaker) -> Self {
        Breaker { policy, state: State::Closed { failures: 0 }, generation: 0 }
    }

    /// What may be sent now.
    pub fn send_limit(&mut self, now: Timestamp) -> SendLimit {
        if let State::Open { until } = self.state {
            if now < until {
                return SendLimit::NothingUntil(until);
            }
            self.enter(State::HalfOpen { started: 0, succeeded: 0 });
        }
        match self.state {
            State::HalfOpen { started, .. } => SendLimit::Probes(self.policy.half_open_probes.saturating_sub(started)),
            State::Closed { .. } | State::Open { .. } => SendLimit::Everything,
        }
    }

    /// A request is being started.
    pub fn start(&mut self) -> Started {
        if let State::HalfOpen { started, .. } = &mut self.state {
            *started = started.saturating_add(1);
        }
        Started { generation: self.generation }
    }

    /// A request has ended: whether the partner is there, not whether it liked the request.
    pub fn ended(&mut self, request: Started, healthy: bool, now: Timestamp) {
        if request.generation != self.generation {
            return;
        }
        match (self.state, healthy) {
            (State::Closed { .. }, true) => self.state = State::Closed { failures: 0 },
            (State::Closed { failures }, false) if failures + 1 < self.policy.failures => {
                self.state = State::Closed { failures: failures + 1 };
            }
            (State::Closed { .. } | State::HalfOpen { .. }, false) => self.open(now),
            (State::HalfOpen { started, succeeded }, true) => {
                let succeeded = succeeded + 1;
                match succeeded < self.policy.half_open_probes {
                    true => self.state = State::HalfOpen { started, succeeded },
                    false => self.enter(State::Closed { failures: 0 }),
                }
            }
            (State::Open { .. }, _) => {}
        }
    }

    /// A request was not sent after all: somebody else may find out instead.
    pub fn not_sent(&mut self, request: Started) {
        if let State::HalfOpen { started, .. } = &mut self.state
            && request.generation == self.generation
        {
            *started = started.saturating_sub(1);
        }
    }

    /// Whether it is open, or finding out.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, State::Closed { .. })
    }

    fn open(&mut self, now: Timestamp) {
        let open = SignedDuration::from_secs(i64::from(self.policy.open_seconds));
        self.enter(State::Open { until: now.saturating_add(open).unwrap_or(Timestamp::MAX) });
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.generation += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    fn breaker() -> Breaker {
        Breaker::new(policy::Breaker { failures: 3, open_seconds: 30, half_open_probes: 2 })
    }

    fn request(breaker: &mut Breaker, healthy: bool, second: i64) {
        let started = breaker.start();
        breaker.ended(started, healthy, at(second));
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_them_does_not() {
        let mut breaker = breaker();
        for healthy in [false, false, true, false, false] {
            request(&mut breaker, healthy, 0);
        }
        assert_eq!(breaker.send_limit(at(0)), SendLimit::Everything);
        request(&mut breaker, false, 0);
        assert_eq!(breaker.send_limit(at(29)), SendLimit::NothingUntil(at(30)));
    }

    fn half_open() -> Breaker {
        let mut breaker = breaker();
        for _ in 0..3 {
            request(&mut breaker, false, 0);
        }
        assert_eq!(breaker.send_limit(at(30)), SendLimit::Probes(2));
        breaker
    }

    #[test]
    fn it_closes_when_all_probes_succeed() {
        let mut breaker = half_open();
        let (first, second) = (breaker.start(), breaker.start());
        assert_eq!(breaker.send_limit(at(30)), SendLimit::Probes(0), "no more than the probes");
        breaker.ended(first, true, at(31));
        assert!(breaker.is_open());
        breaker.ended(second, true, at(31));
        assert_eq!(breaker.send_limit(at(31)), SendLimit::Everything);
    }

    #[test]
    fn one_failed_probe_opens_it_again() {
        let mut breaker = half_open();
        let (first, second) = (breaker.start(), breaker.start());
        breaker.ended(first, false, at(31));
        breaker.ended(second, true, at(32));
        assert_eq!(breaker.send_limit(at(32)), SendLimit::NothingUntil(at(61)));
    }

    #[test]
    fn a_probe_that_was_not_sent_gives_its_place_back() {
        let mut breaker = half_open();
        let (first, second) = (breaker.start(), breaker.start());
        breaker.not_sent(first);
        assert_eq!(breaker.send_limit(at(30)), SendLimit::Probes(1));
        breaker.ended(second, false, at(30));
        assert_eq!(breaker.send_limit(at(30)), SendLimit::NothingUntil(at(60)));
    }

    #[test]
    fn of_two_admissions_the_narrower_counts() {
        use SendLimit::{Everything, NothingUntil, Probes};
        assert_eq!(Everything.and(Everything, 7), Everything);
        assert_eq!(NothingUntil(at(1)).and(NothingUntil(at(2)), 0), NothingUntil(at(2)));
        assert_eq!(Probes(3).and(NothingUntil(at(2)), 0), NothingUntil(at(2)));
        assert_eq!(Probes(2).and(Everything, 7), Probes(2), "the breaker knows what is under way");
        assert_eq!(Everything.and(Probes(1), 0), Probes(1));
        assert_eq!(Everything.and(Probes(1), 1), Probes(0), "one at a time");
        assert_eq!(Probes(0).and(Probes(1), 0), Probes(0));
    }

    #[test]
    fn answers_from_before_it_opened_say_nothing() {
        let mut breaker = breaker();
        let old = [breaker.start(), breaker.start()];
        for _ in 0..3 {
            request(&mut breaker, false, 0);
        }
        assert_eq!(breaker.send_limit(at(30)), SendLimit::Probes(2));
        for (started, healthy) in old.into_iter().zip([true, false]) {
            breaker.ended(started, healthy, at(30));
        }
        assert_eq!(breaker.send_limit(at(30)), SendLimit::Probes(2));
    }
}
