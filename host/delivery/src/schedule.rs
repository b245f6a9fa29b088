//! When a delivery is tried again: the policy's schedule with full jitter, and what the partner asked for within bounds.
//!
//! Jitter spreads the deliveries that failed together, so that a partner that comes back is not met by all of them at
//! once. Clock and random source are arguments.

use std::time::Duration;

use jiff::Timestamp;
use portgate_core::policy::Retry;

/// Draws waits.
pub trait Random: Send + Sync {
    /// A number between 0 and `max`, both included, each as likely as the other.
    fn up_to(&self, max: u64) -> u64;
}

/// The system's random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn up_to(&self, max: u64) -> u64 {
        let mut bytes = [0; 8];
        // Without randomness all wait the longest: never wrong, only less spread.
        if aws_lc_rs::rand::fill(&mut bytes).is_err() {
            return max;
        }
        let scaled = (u128::from(u64::from_ne_bytes(bytes)) * (u128::from(max) + 1)) >> 64;
        u64::try_from(scaled).unwrap_or(max)
    }
}

/// When to make the next attempt, after `attempts` were made; nothing where the schedule is at its end.
///
/// A partner's `Retry-After` can only make the wait longer, and no longer than the policy lets it.
pub fn next_attempt(
    retry: &Retry,
    attempts: u32,
    retry_after: Option<Duration>,
    now: Timestamp,
    random: &dyn Random,
) -> Option<Timestamp> {
    let index = usize::try_from(attempts.saturating_sub(1)).ok()?;
    let longest = Duration::from_secs(u64::from(*retry.delays_seconds.get(index)?));
    let drawn_ms = random.up_to(u64::try_from(longest.as_millis()).unwrap_or(u64::MAX));
    let asked = retry_after.unwrap_or_default().min(Duration::from_secs(u64::from(retry.retry_after_seconds_max)));
    let wait = Duration::from_millis(drawn_ms).max(asked);
    Some(now.saturating_add(wait).unwrap_or(Timestamp::MAX))
}

/// How long a `Retry-After` asks to wait (RFC 9110 §10.2.3): seconds or an HTTP date. Anything else asks for nothing.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds mean: very long. The policy's limit bounds the wait.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(fn(u64) -> u64);

    impl Random for Fixed {
        fn up_to(&self, max: u64) -> u64 {
            (self.0)(max)
        }
    }

    const LONGEST: Fixed = Fixed(|max| max);
    const NONE: Fixed = Fixed(|_| 0);

    fn now() -> Timestamp {
        "2026-03-01T08:00:00Z".parse().expect("an instant")
    }

    fn wait(attempts: u32, asked_seconds: Option<u64>, random: &dyn Random) -> Option<i64> {
        let retry = Retry { delays_seconds: vec![10, 60], retry_after_seconds_max: 300 };
        let at = next_attempt(&retry, attempts, asked_seconds.map(Duration::from_secs), now(), random)?;
        Some(at.as_second() - now().as_second())
    }

    #[test]
    fn each_wait_is_drawn_between_nothing_and_the_schedules_delay() {
        assert_eq!((wait(1, None, &LONGEST), wait(2, None, &LONGEST)), (Some(10), Some(60)));
        assert_eq!((wait(1, None, &NONE), wait(2, None, &NONE)), (Some(0), Some(0)));
        for _ in 0..1000 {
            assert!(matches!(wait(2, None, &SystemRandom), Some(0..=60)));
        }
    }

    #[test]
    fn one_attempt_more_than_there_are_delays_is_made() {
        assert_eq!(wait(3, None, &LONGEST), None);
        assert_eq!(wait(3, Some(5), &LONGEST), None, "a partner cannot prolong the schedule");
        assert_eq!(wait(u32::MAX, None, &LONGEST), None);
    }

    #[test]
    fn retry_after_is_honoured_and_clamped() {
        assert_eq!(wait(1, Some(100), &NONE), Some(100));
        assert_eq!(wait(1, Some(5), &LONGEST), Some(10), "it cannot make the wait shorter");
        assert_eq!(wait(1, Some(1_000_000_000), &NONE), Some(300));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let seconds = |text: &str| retry_after(text, now()).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("99999999999999999999999999"), Some(u64::from(u32::MAX)));
        assert_eq!(seconds("Sun, 01 Mar 2026 08:02:00 GMT"), Some(120));
        assert_eq!(seconds("Sun, 01 Mar 2026 07:00:00 GMT"), Some(0), "a past date asks for nothing");
        for nonsense in ["", "-1", "1.5", "soon", "2026-03-01T08:02:00Z", "Sun, 41 Mar 2026 08:02:00 GMT"] {
            assert_eq!(seconds(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn the_random_source_reaches_both_ends_and_goes_over_neither() {
        let drawn: std::collections::BTreeSet<u64> = (0..1000).map(|_| SystemRandom.up_to(3)).collect();
        assert_eq!(drawn, [0, 1, 2, 3].into());
        assert_eq!(SystemRandom.up_to(0), 0);
        let _ = SystemRandom.up_to(u64::MAX);
    }
}
