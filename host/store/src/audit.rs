//! What is asked of the audit log.

use jiff::Timestamp;
use portgate_core::audit::Kind;

/// Which entries are meant: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// What they are about.
    pub kind: Option<Kind>,
    /// Who did it, such as `operator:ada`.
    pub actor: Option<String>,
    /// What they concern, such as `plugin:carrier-ocean`.
    pub subject: Option<String>,
    /// Of this time or later.
    pub since: Option<Timestamp>,
    /// From before this time.
    pub until: Option<Timestamp>,
}

/// In which order entries are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuditOrder {
    /// As they stand in the chain.
    #[default]
    Oldest,
    /// Backwards from its end.
    Newest,
}

/// How many entries share kind, actor and subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditCount {
    /// What they are about.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// What they concern.
    pub subject: String,
    /// How many.
    pub count: u64,
    /// The time of the first.
    pub first_at: Timestamp,
    /// The time of the last.
    pub last_at: Timestamp,
}

/// Entries that have no place in the chain yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsealed {
    /// How many.
    pub count: u64,
    /// The time of the oldest.
    pub oldest: Timestamp,
}
