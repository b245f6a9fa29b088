//! What the end of a call says about the plugin.

use portgate_runtime::CallError;

use crate::refusal::Refusal;

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

    #[test]
    fn a_rejection_and_a_full_house_are_no_misbehaviour() {
        let rejected = Refusal::Rejected { plugin: "p".to_owned(), findings: Vec::new(), omitted: 0 };
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
