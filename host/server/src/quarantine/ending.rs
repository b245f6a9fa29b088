//! What the end of a call says about the plugin.

use portgate_core::policy::Limits;
use portgate_runtime::CallError;

use crate::refusal::Refusal;

/// Budgets are meant for the largest input. A call on less than this part of it that uses one up takes at least so many
/// times as much as its share, which no size explains.
const LARGE_PART: u64 = 16;

/// How much a plugin was given to work on, beside the most that it may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) bytes: u64,
    pub(crate) bytes_max: u64,
}

impl Size {
    /// The budget that the size has used up, if that is how the call has ended: the input was too much for one call, and
    /// that says nothing about the plugin.
    pub(crate) fn used_up(self, error: &CallError, limits: &Limits) -> Option<String> {
        match self.bytes > self.bytes_max / LARGE_PART {
            true => error.grows_with_input(limits),
            false => None,
        }
    }
}

/// How a call has ended, as far as the plugin is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It did what it is there for, which includes refusing a payload for a reason.
    Good,
    /// It misbehaved: what happened, for operators.
    Failed(String),
    /// It was not called, or nothing is known of how it would have ended.
    Silent,
}

impl Ending {
    /// Of a call whose result was checked.
    pub(crate) fn of<T>(result: &Result<T, Refusal>) -> Ending {
        match result {
            Ok(_) | Err(Refusal::Rejected { .. }) => Ending::Good,
            Err(Refusal::Plugin { error, .. }) => Ending::of_error(error),
            Err(refusal @ Refusal::DocumentInvalid { .. }) => Ending::Failed(refusal.to_string()),
            Err(_) => Ending::Silent,
        }
    }

    /// Of a call that ended otherwise than by returning.
    pub(crate) fn of_error(error: &CallError) -> Ending {
        match error {
            // It was not called: for want of a place, or because of what others route to it.
            CallError::Overloaded | CallError::ReadDenied { .. } | CallError::ReadImpossible { .. } => Ending::Silent,
            CallError::CpuExceeded
            | CallError::WallExceeded
            | CallError::MemoryExceeded
            | CallError::TableExceeded
            | CallError::OutputExceeded
            | CallError::DocumentsExceeded
            | CallError::LogExceeded
            | CallError::LookupExceeded
            | CallError::LookupDenied { .. }
            | CallError::EmitDenied { .. }
            | CallError::StackOverflow
            | CallError::Panicked { .. }
            | CallError::Trapped { .. }
            | CallError::InvalidOutput { .. } => Ending::Failed(error.without_its_words()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            memory_bytes_max: 1,
            table_elements_max: 2,
            cpu_ms_max: 3,
            wall_ms_max: 4,
            output_bytes_max: 5,
            documents_max: 6,
            log_lines_max: 7,
            log_bytes_max: 8,
            lookups_max: 9,
            calls_in_flight_max: 10,
        }
    }

    #[test]
    fn a_budget_that_a_large_payload_uses_up_is_named_and_one_that_a_small_payload_uses_up_is_the_plugins() {
        let (large, small) = (Size { bytes: 101, bytes_max: 1_600 }, Size { bytes: 100, bytes_max: 1_600 });
        for (error, budget) in [
            (CallError::MemoryExceeded, "limits.memory_bytes_max = 1"),
            (CallError::CpuExceeded, "limits.cpu_ms_max = 3"),
            (CallError::WallExceeded, "limits.wall_ms_max = 4"),
            (CallError::OutputExceeded, "limits.output_bytes_max = 5"),
            (CallError::DocumentsExceeded, "limits.documents_max = 6"),
            (CallError::LogExceeded, "limits.log_lines_max = 7 or limits.log_bytes_max = 8"),
            (CallError::LookupExceeded, "limits.lookups_max = 9"),
        ] {
            assert_eq!(large.used_up(&error, &limits()).as_deref(), Some(budget));
            assert_eq!(small.used_up(&error, &limits()), None);
            assert!(matches!(Ending::of_error(&error), Ending::Failed(_)));
        }
        let text = String::new;
        for error in [
            CallError::TableExceeded,
            CallError::StackOverflow,
            CallError::LookupDenied { table: text() },
            CallError::EmitDenied { kind: text() },
            CallError::Panicked { at: text(), message: text() },
            CallError::Trapped { kind: text() },
            CallError::InvalidOutput { detail: text() },
        ] {
            assert_eq!(large.used_up(&error, &limits()), None, "no size causes this: {error}");
            assert!(matches!(Ending::of_error(&error), Ending::Failed(_)));
        }
        let too_much = Refusal::PayloadTooMuch { plugin: text(), bytes: 101, budget: text() };
        assert_eq!(Ending::of::<()>(&Err(too_much)), Ending::Silent);
    }

    #[test]
    fn a_rejection_and_a_lack_of_places_are_no_misbehaviour() {
        let rejected = Refusal::Rejected {
            plugin: "p".to_owned(),
            findings: Vec::new(),
            omitted: 0,
            parts: Vec::new(),
            reply: None,
        };
        assert_eq!(Ending::of::<()>(&Err(rejected)), Ending::Good);
        let plugin = |error| Ending::of::<()>(&Err(Refusal::Plugin { plugin: "p".to_owned(), error }));
        assert_eq!(plugin(CallError::Overloaded), Ending::Silent);
        assert!(matches!(plugin(CallError::StackOverflow), Ending::Failed(_)));
        let invalid = Refusal::DocumentInvalid {
            plugin: "p".to_owned(),
            kind: "order".to_owned(),
            first: "/id schema-type".to_owned(),
        };
        assert!(
            matches!(Ending::of::<()>(&Err(invalid)), Ending::Failed(detail) if detail.contains("/id schema-type"))
        );
    }
}
