//! The quarantine of one plugin for one partner: after more failed calls than its policy tolerates the plugin is not
//! called for a while, then one call at a time finds out whether it works again.
//!
//! It is no breaker of a destination. A partner that is down fails every request, so that failures in a row tell; a
//! plugin fails on some payloads and serves others in between, so that failures within a window do. The clock is an
//! argument, and so is the policy: a changed one counts from the next call on. What a failure is, and whose call waits
//! where, is for others to say.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::policy;

/// One plugin's standing with one partner.
#[derive(Debug, Default)]
pub struct Quarantine {
    state: State,
    /// Counts the changes of state, so that a call from before the last change says nothing about now.
    generation: u64,
    /// How often it was taken out again before it had been good for as long as it had been out.
    relapses: u32,
    /// How long it was out last, in seconds.
    pause_seconds: u32,
}

#[derive(Debug)]
enum State {
    /// It is called.
    Closed {
        /// The failures within the window, the oldest first; no more than it takes to be taken out.
        failures: VecDeque<Timestamp>,
        /// When it came back, if it was out before.
        since: Option<Timestamp>,
    },
    /// It is not called.
    Open { since: Timestamp, until: Timestamp },
    /// One call finds out.
    HalfOpen { since: Timestamp, probing: bool },
}

impl Default for State {
    fn default() -> Self {
        State::Closed { failures: VecDeque::new(), since: None }
    }
}

/// How the plugin stands with the partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may be called.
    Closed,
    /// It is not called before this time.
    Open {
        /// Since when it is out.
        since: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// It may be called once, unless that call is under way.
    HalfOpen {
        /// Since when it is out.
        since: Timestamp,
        /// Whether the one call is under way.
        probing: bool,
    },
}

/// A call that was begun; its end is told with it.
#[derive(Debug)]
#[must_use]
pub struct Call {
    generation: u64,
}

/// What the end of a call has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing that anybody has to know.
    None,
    /// The plugin was taken out until this time.
    Opened(Timestamp),
    /// It failed again when it was tried, and is out until this time.
    Reopened(Timestamp),
    /// It works again.
    Closed,
}

impl Quarantine {
    /// How it stands now.
    pub fn standing(&mut self, now: Timestamp) -> Standing {
        if let State::Open { since, until } = self.state
            && now >= until
        {
            self.enter(State::HalfOpen { since, probing: false });
        }
        match self.state {
            State::Closed { .. } => Standing::Closed,
            State::Open { since, until } => Standing::Open { since, until },
            State::HalfOpen { since, probing } => Standing::HalfOpen { since, probing },
        }
    }

    /// Begins a call, unless none may be made now.
    ///
    /// # Errors
    ///
    /// When it is worth asking again: the end of the pause, or at once where a call is finding out.
    pub fn begin(&mut self, now: Timestamp) -> Result<Call, Timestamp> {
        match self.standing(now) {
            Standing::Closed => {}
            Standing::Open { until, .. } => return Err(until),
            Standing::HalfOpen { probing: true, .. } => return Err(now),
            Standing::HalfOpen { since, .. } => self.state = State::HalfOpen { since, probing: true },
        }
        Ok(Call { generation: self.generation })
    }

    /// Begins a call that is made whatever the standing: what it would have to read is there now and not later. Where the
    /// plugin is out, its end says nothing.
    pub fn begin_regardless(&mut self, now: Timestamp) -> Call {
        self.begin(now).unwrap_or(Call { generation: u64::MAX })
    }

    /// A call has ended.
    pub fn ended(&mut self, call: Call, failed: bool, policy: &policy::Quarantine, now: Timestamp) -> Change {
        if call.generation != self.generation {
            return Change::None;
        }
        match (&mut self.state, failed) {
            (State::Closed { .. }, false) | (State::Open { .. }, _) => Change::None,
            (State::Closed { failures, since }, true) => {
                forget(failures, policy, now);
                failures.push_back(now);
                if failures.len() <= policy.failures_max as usize {
                    return Change::None;
                }
                let good_for = since.map(|since| now.duration_since(since));
                let relapsed = good_for.is_some_and(|good| good < seconds(self.pause_seconds));
                self.relapses = if relapsed { self.relapses.saturating_add(1) } else { 0 };
                Change::Opened(self.open(now, policy, now))
            }
            (State::HalfOpen { .. }, false) => {
                self.enter(State::Closed { failures: VecDeque::new(), since: Some(now) });
                Change::Closed
            }
            (State::HalfOpen { since, .. }, true) => {
                let since = *since;
                self.relapses = self.relapses.saturating_add(1);
                Change::Reopened(self.open(since, policy, now))
            }
        }
    }

    /// A call ended without saying anything about the plugin: another may find out instead.
    pub fn withdrawn(&mut self, call: Call) {
        if let State::HalfOpen { probing, .. } = &mut self.state
            && call.generation == self.generation
        {
            *probing = false;
        }
    }

    /// How often it was taken out again before it had been good for as long as it had been out.
    pub fn relapses(&self) -> u32 {
        self.relapses
    }

    /// Whether it is as if it had never failed.
    pub fn is_forgettable(&mut self, policy: &policy::Quarantine, now: Timestamp) -> bool {
        let out_for = seconds(self.pause_seconds);
        match &mut self.state {
            State::Closed { failures, since } => {
                forget(failures, policy, now);
                failures.is_empty() && since.is_none_or(|since| now.duration_since(since) >= out_for)
            }
            State::Open { .. } | State::HalfOpen { .. } => false,
        }
    }

    fn open(&mut self, since: Timestamp, policy: &policy::Quarantine, now: Timestamp) -> Timestamp {
        let doubled = 2_u64.saturating_pow(self.relapses).saturating_mul(u64::from(policy.pause_seconds));
        self.pause_seconds = u32::try_from(doubled).unwrap_or(u32::MAX).min(policy.pause_seconds_max);
        let until = now.saturating_add(seconds(self.pause_seconds)).unwrap_or(Timestamp::MAX);
        self.enter(State::Open { since, until });
        until
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.generation += 1;
    }
}

fn seconds(seconds: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(seconds))
}

/// Leaves out the failures from before the window.
fn forget(failures: &mut VecDeque<Timestamp>, policy: &policy::Quarantine, now: Timestamp) {
    let window = seconds(policy.window_seconds);
    while failures.front().is_some_and(|failure| now.duration_since(*failure) >= window) {
        failures.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    fn policy() -> policy::Quarantine {
        policy::Quarantine {
            failures_max: 2,
            window_seconds: 10,
            pause_seconds: 30,
            pause_seconds_max: 100,
            tries_max: 3,
        }
    }

    fn call(quarantine: &mut Quarantine, failed: bool, second: i64) -> Change {
        let call = quarantine.begin(at(second)).expect("it may be called");
        quarantine.ended(call, failed, &policy(), at(second))
    }

    /// Taken out at this second for the first time.
    fn open_at(second: i64) -> Quarantine {
        let mut quarantine = Quarantine::default();
        assert_eq!(call(&mut quarantine, true, second), Change::None);
        assert_eq!(call(&mut quarantine, true, second), Change::None);
        assert_eq!(call(&mut quarantine, true, second), Change::Opened(at(second + 30)));
        quarantine
    }

    #[test]
    fn one_failure_more_than_is_tolerated_takes_it_out_and_successes_between_do_not_help() {
        let mut quarantine = Quarantine::default();
        let calls = [true, false, true, false, false].map(|failed| call(&mut quarantine, failed, 0));
        assert_eq!(calls, [Change::None; 5]);
        assert_eq!(call(&mut quarantine, true, 9), Change::Opened(at(39)));
        assert_eq!(quarantine.standing(at(38)), Standing::Open { since: at(9), until: at(39) });
        assert_eq!(quarantine.begin(at(38)).expect_err("it is out"), at(39));
    }

    #[test]
    fn a_failure_counts_as_long_as_the_window() {
        let mut quarantine = Quarantine::default();
        for second in [0, 5, 10, 15, 20, 25] {
            assert_eq!(call(&mut quarantine, true, second), Change::None, "{second}");
        }
        assert_eq!(call(&mut quarantine, true, 26), Change::Opened(at(56)));
    }

    #[test]
    fn a_policy_that_tolerates_nothing_takes_it_out_at_the_first_failure() {
        let mut quarantine = Quarantine::default();
        let strict = policy::Quarantine { failures_max: 0, ..policy() };
        let call = quarantine.begin(at(0)).expect("it may be called");
        assert_eq!(quarantine.ended(call, true, &strict, at(0)), Change::Opened(at(30)));
    }

    #[test]
    fn after_the_pause_one_call_at_a_time_is_let_through_and_its_success_lets_all_through() {
        let mut quarantine = open_at(0);
        let probe = quarantine.begin(at(30)).expect("the pause is over");
        assert_eq!(quarantine.begin(at(31)).expect_err("one at a time"), at(31));
        assert_eq!(quarantine.standing(at(31)), Standing::HalfOpen { since: at(0), probing: true });
        assert_eq!(quarantine.ended(probe, false, &policy(), at(32)), Change::Closed);
        assert_eq!(quarantine.standing(at(32)), Standing::Closed);
        let both = [quarantine.begin(at(32)), quarantine.begin(at(32))];
        assert!(both.iter().all(Result::is_ok));
        // It starts anew: what failed before does not count any more.
        assert_eq!(call(&mut quarantine, true, 33), Change::None);
    }

    #[test]
    fn a_probe_that_says_nothing_gives_its_place_to_another() {
        let mut quarantine = open_at(0);
        let probe = quarantine.begin(at(30)).expect("the pause is over");
        quarantine.withdrawn(probe);
        assert_eq!(call(&mut quarantine, false, 31), Change::Closed);
    }

    #[test]
    fn each_failed_probe_doubles_the_pause_up_to_the_most() {
        let mut quarantine = open_at(0);
        assert_eq!(call(&mut quarantine, true, 30), Change::Reopened(at(90)));
        assert_eq!(call(&mut quarantine, true, 90), Change::Reopened(at(190)), "100 at most, not 120");
        assert_eq!(call(&mut quarantine, true, 190), Change::Reopened(at(290)));
        assert_eq!(quarantine.relapses(), 3);
        assert_eq!(quarantine.standing(at(200)), Standing::Open { since: at(0), until: at(290) });
    }

    #[test]
    fn a_relapse_after_a_short_recovery_counts_and_one_after_a_long_recovery_does_not() {
        let (mut soon, mut late) = (open_at(0), open_at(0));
        for (quarantine, second, until) in [(&mut soon, 59, 119), (&mut late, 60, 90)] {
            assert_eq!(call(quarantine, false, 30), Change::Closed);
            assert_eq!(call(quarantine, true, second), Change::None);
            assert_eq!(call(quarantine, true, second), Change::None);
            assert_eq!(call(quarantine, true, second), Change::Opened(at(until)));
        }
        assert_eq!((soon.relapses(), late.relapses()), (1, 0));
    }

    #[test]
    fn calls_from_before_it_was_taken_out_say_nothing() {
        let mut quarantine = Quarantine::default();
        let old = [quarantine.begin(at(0)).expect("closed"), quarantine.begin(at(0)).expect("closed")];
        for _ in 0..3 {
            call(&mut quarantine, true, 0);
        }
        let probe = quarantine.begin(at(30)).expect("the pause is over");
        for (call, failed) in old.into_iter().zip([false, true]) {
            assert_eq!(quarantine.ended(call, failed, &policy(), at(30)), Change::None);
        }
        assert_eq!(quarantine.standing(at(30)), Standing::HalfOpen { since: at(0), probing: true });
        assert_eq!(quarantine.ended(probe, false, &policy(), at(30)), Change::Closed);
    }

    #[test]
    fn a_call_that_is_made_regardless_says_nothing_while_it_is_out_and_counts_otherwise() {
        let mut quarantine = open_at(0);
        let call = quarantine.begin_regardless(at(1));
        assert_eq!(quarantine.ended(call, false, &policy(), at(1)), Change::None);
        let probe = quarantine.begin_regardless(at(30));
        assert_eq!(quarantine.ended(probe, false, &policy(), at(31)), Change::Closed);
    }

    #[test]
    fn it_is_forgotten_when_it_has_been_good_long_enough() {
        let mut quarantine = Quarantine::default();
        call(&mut quarantine, true, 0);
        assert!(!quarantine.is_forgettable(&policy(), at(9)));
        assert!(quarantine.is_forgettable(&policy(), at(10)));
        let mut quarantine = open_at(0);
        assert!(!quarantine.is_forgettable(&policy(), at(1_000)), "out for as long as nobody tries it");
        call(&mut quarantine, false, 1_000);
        assert!(!quarantine.is_forgettable(&policy(), at(1_029)));
        assert!(quarantine.is_forgettable(&policy(), at(1_030)));
    }
}
