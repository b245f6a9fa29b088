//! How long a filing waits before a person is called for it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kept::{Filing, FilingState};
use crate::calendar::{Unit, Within};

/// How long a filing may wait before a person is called for it, by the clock. Documents come one after the other, and most of what
/// stands against a filing goes with the next one: for that nobody is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FilingWaits {
    /// While something is missing for the declaration of a shipment that has all that the filing needs.
    pub draft: Within,
    /// While findings stand against it.
    pub blocked: Within,
    /// While an operator has not released it.
    pub ready: Within,
}

impl Default for FilingWaits {
    fn default() -> Self {
        let plain = |count, unit| Within { count, unit, business: false };
        FilingWaits { draft: plain(1, Unit::Days), blocked: plain(1, Unit::Hours), ready: plain(4, Unit::Hours) }
    }
}

impl Filing {
    /// Notes since when the filing, which was kept as `before`, has waited where it stands, and whether that is too long. Gives back
    /// when it will be, where that is still to come. What is not to be declared of its shipment any more waits for nothing.
    pub fn wait(
        &mut self,
        before: Option<&Filing>,
        is_for: bool,
        waits: &FilingWaits,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let within = self.state.waits_for(waits).filter(|_| is_for);
        let same = before.filter(|before| before.state == self.state).and_then(|before| before.waits_since);
        self.waits_since = within.map(|_| same.unwrap_or(now));
        let until = self.waits_since.zip(within);
        let until = until.map(|(since, within)| since.checked_add(within.plain()).unwrap_or(Timestamp::MAX));
        self.waits_too_long = until.is_some_and(|until| until <= now);
        until.filter(|until| *until > now)
    }
}

impl FilingState {
    /// How long it may stand so; nothing where something goes on by itself, or a person is called for it at once.
    fn waits_for(self, waits: &FilingWaits) -> Option<Within> {
        match self {
            FilingState::Draft => Some(waits.draft),
            FilingState::Blocked => Some(waits.blocked),
            FilingState::Ready => Some(waits.ready),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_called_for_what_has_waited_too_long_where_it_stands_and_not_before() {
        let waits = FilingWaits { blocked: "10 minutes".parse().expect("a time"), ..FilingWaits::default() };
        let at = |minutes: i64| Timestamp::from_second(minutes * 60).expect("a time");
        let mut filing = Filing { state: FilingState::Blocked, ..Filing::draft("L1".to_owned()) };
        assert_eq!((filing.wait(None, true, &waits, at(0)), filing.waits_too_long), (Some(at(10)), false));
        let before = filing.clone();
        assert_eq!((filing.wait(Some(&before), true, &waits, at(9)), filing.waits_too_long), (Some(at(10)), false));
        assert!(filing.wanted("import").is_none(), "this is how things go");
        assert_eq!((filing.wait(Some(&before), true, &waits, at(10)), filing.waits_too_long), (None, true));
        assert!(filing.wanted("import").is_some_and(|wanted| wanted.detail.contains("has been blocked since")));
        // What it waits for now is something else.
        filing.state = FilingState::Ready;
        assert_eq!((filing.wait(Some(&before), true, &waits, at(11)), filing.waits_too_long), (Some(at(251)), false));
        filing.state = FilingState::Submitted;
        assert_eq!((filing.wait(Some(&before), true, &waits, at(999)), filing.waits_since), (None, None));
        // Nobody is called for what is not to be declared.
        filing.state = FilingState::Draft;
        assert_eq!((filing.wait(None, false, &waits, at(0)), filing.waits_since), (None, None));
        let missing = Filing { waits_since: Some(at(0)), ..filing.clone() };
        assert_eq!((filing.wait(Some(&missing), true, &waits, at(1_440)), filing.waits_too_long), (None, true));
    }
}
