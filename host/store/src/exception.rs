//! Exceptions, overrides and expectations: what is asked of the journal, and what it gives.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use portgate_core::exception::{
    Cause, Change, Closing, ExceptionAct, ExceptionState, Known, Overridden, Override, Until,
};
use portgate_core::finding::Severity;
use portgate_core::judgement::ShipmentFinding;
use portgate_core::state::UnknownWord;
use serde::{Deserialize, Serialize};

use crate::acceptance::Acceptance;
use crate::act::Operator;
use crate::id::{ExceptionId, ShipmentId};

/// What people have to do with a shipment, and have done with it.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Its exceptions, closed ones as well.
    pub exceptions: Vec<KeptException>,
    /// The overrides that count.
    pub overrides: Vec<Override>,
    /// When that of it was delivered which expectations begin with: only to these partners.
    pub delivered: Vec<portgate_core::expectation::Delivered>,
}

/// An exception as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptException {
    /// Which one.
    pub id: ExceptionId,
    /// Its shipment; nothing where it is of none.
    pub shipment: Option<ShipmentId>,
    /// Why it was opened, where it is, and what was found.
    pub known: Known,
    /// Whose it is.
    pub team: String,
    /// The person who has it.
    pub assignee: Option<String>,
    /// How much it matters.
    pub severity: Severity,
    /// What to do; empty where nothing can be said.
    pub remedy: String,
    /// The revision of the context that said so last.
    pub revision: Option<String>,
    /// When it was opened first.
    pub first_at: Timestamp,
    /// When it was opened last.
    pub opened_at: Timestamp,
    /// How often it was opened.
    pub times: u64,
    /// When the facts changed it last.
    pub changed_at: Timestamp,
    /// By when its team must have done something about it.
    pub deadline: Option<Timestamp>,
    /// Who has it from then on.
    pub escalate_to: Option<String>,
    /// When its deadline was found to have passed.
    pub escalated_at: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Who closed it, where a person did, and why.
    pub closed_by: Option<Operator>,
    /// Rises with each change of the facts.
    pub version: u64,
}

/// Where an exception goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// The team.
    pub team: String,
    /// By when it must have done something.
    pub deadline: Option<Timestamp>,
    /// Who has it then.
    pub escalate_to: Option<String>,
}

/// One change of an exception that the facts make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionChange {
    /// What to change.
    pub change: Change,
    /// Where it goes, where it is opened.
    pub routed: Option<Routed>,
    /// The exception with its version as it was looked at; nothing where there was none.
    pub of: Option<(ExceptionId, u64)>,
    /// The thing that has found no shipment, where that is the cause.
    pub thing: Option<i64>,
}

/// An expectation of a shipment, with the time by which it must be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueExpectation {
    /// The expectation.
    pub expected: portgate_core::expectation::Expected,
    /// By when.
    pub due_at: Timestamp,
}

/// What the facts of a shipment change for people.
#[derive(Clone, Debug, Default)]
pub struct PeopleChanges {
    /// Exceptions.
    pub exceptions: Vec<ExceptionChange>,
    /// What is left of each override: where nothing is, it has ended.
    pub overrides: Vec<(u64, BTreeSet<String>)>,
    /// All its expectations.
    pub expectations: Vec<DueExpectation>,
}

/// Which exceptions: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExceptionFilter {
    /// Whose they are.
    pub team: Option<String>,
    /// Who has them.
    pub assignee: Option<String>,
    /// Of which shipment.
    pub shipment: Option<ShipmentId>,
    /// Where they are.
    pub state: Option<ExceptionState>,
    /// Only those whose deadline is before this time.
    pub due_before: Option<Timestamp>,
}

/// Which states are asked for: those that are known of a partner.
#[derive(Clone, Debug)]
pub struct AskedStates {
    /// The partner.
    pub partner: String,
    /// What was said or delivered from this time on.
    pub since: Timestamp,
    /// The filings that go to it, by the names that policy gives them.
    pub filings: BTreeSet<String>,
    /// Who hands on what customs says of declarations that it is sent; whoever says so where policy names nobody.
    pub answering: Option<BTreeSet<String>>,
    /// Behind which place.
    pub after: StatesPlace,
}

/// A place among what is known of a partner: first what it said, then what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatesPlace {
    /// Behind a document that it said.
    Said(i64),
    /// Behind a delivery to it.
    Told(i64),
}

impl StatesPlace {
    /// Before all of it.
    pub const START: StatesPlace = StatesPlace::Said(0);
}

impl fmt::Display for StatesPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StatesPlace::Said(number) => write!(f, "said-{number}"),
            StatesPlace::Told(number) => write!(f, "told-{number}"),
        }
    }
}

impl FromStr for StatesPlace {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<StatesPlace, UnknownWord> {
        let unknown = || UnknownWord(text.to_owned());
        let (of, number) = text.split_once('-').ok_or_else(unknown)?;
        let number: i64 = number.parse().map_err(|_| unknown())?;
        match of {
            "said" => Ok(StatesPlace::Said(number)),
            "told" => Ok(StatesPlace::Told(number)),
            _ => Err(unknown()),
        }
    }
}

/// What an operator wants done, exactly, as it is kept where it waits for a second one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Doing {
    /// Gives it to a person, or to another team.
    Assign {
        /// The team; as it is where it is not given.
        team: Option<String>,
        /// The person; nobody where it is not given.
        to: Option<String>,
    },
    /// Has all that is found block nothing.
    Override {
        /// For how long.
        until: Until,
    },
    /// Says what a document should have said.
    Correct {
        /// The kind of document.
        kind: String,
        /// Its `id`.
        id: String,
        /// The fields, as JSON Pointers, each with what it should say as JSON.
        fields: Vec<(String, String)>,
    },
    /// Closes it.
    Discard,
}

impl Doing {
    /// Which act it is.
    pub fn act(&self) -> ExceptionAct {
        match self {
            Doing::Assign { .. } => ExceptionAct::Assign,
            Doing::Override { .. } => ExceptionAct::Override,
            Doing::Correct { .. } => ExceptionAct::Correct,
            Doing::Discard => ExceptionAct::Discard,
        }
    }
}

/// An operator's act on an exception.
#[derive(Clone, Debug)]
pub struct ActOnException {
    /// Which one.
    pub id: ExceptionId,
    /// What is done.
    pub doing: Doing,
    /// Who does it, and why.
    pub operator: Operator,
    /// Whether a second operator must confirm it.
    pub needs_second: bool,
    /// The act that waits and is confirmed by this one; its number.
    pub confirms: Option<u64>,
    /// The document that corrects, with what goes out because of it.
    pub correction: Option<Box<Acceptance>>,
    /// The time.
    pub now: Timestamp,
}

/// How an act ended. Nothing was changed but where it is done or waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExceptionEnd {
    /// It is done.
    Done,
    /// It waits for a second operator under this number.
    Waits(u64),
    /// There is no such exception.
    Unknown,
    /// It is closed already.
    Closed,
    /// No act of this number waits.
    NothingWaits,
    /// The same operator did the act that waits.
    SamePerson,
    /// What was found has changed since the act that waits; it is void.
    Outdated,
    /// Nothing is found that could be overridden: its cause is no rule.
    NotOverridable,
    /// The correction was kept already, or what it was worked out from has changed.
    NotKept,
}

/// An act as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptExceptionAct {
    /// Its number.
    pub number: u64,
    /// What was done.
    pub doing: Doing,
    /// `done`, `waits` or `void`.
    pub state: String,
    /// Who did it, and why.
    pub operator: Operator,
    /// When.
    pub at: Timestamp,
    /// Who confirmed it, and why, and when.
    pub confirmed: Option<(Operator, Timestamp)>,
}

/// An override as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptOverride {
    /// The override.
    pub said: Overridden,
    /// The rule.
    pub cause: Cause,
    /// How long it counts.
    pub until: Until,
    /// Since when.
    pub at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// An exception with all that was done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionRecord {
    /// The exception.
    pub exception: KeptException,
    /// What was done, the latest last.
    pub acts: Vec<KeptExceptionAct>,
    /// The overrides of its cause, the latest last.
    pub overrides: Vec<KeptOverride>,
}

/// How many exceptions a team has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionCount {
    /// The team.
    pub team: String,
    /// How many are open.
    pub open: u64,
    /// How many of them are past their deadline.
    pub overdue: u64,
}

/// A document that has waited too long for a shipment, or whose wait has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingThing {
    /// Its number.
    pub thing: i64,
    /// Who sent it.
    pub sender: String,
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// When its last version came.
    pub seen_at: Timestamp,
    /// Whether it is tied to more than a shipment can be made of.
    pub is_overfull: bool,
}

/// How many documents of a sender no shipment has room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutCount {
    /// Who sent them.
    pub sender: String,
    /// How many there are.
    pub count: u64,
    /// Since when the first of them is.
    pub since: Timestamp,
}

/// An expectation as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptExpectation {
    /// The expectation.
    pub expected: portgate_core::expectation::Expected,
    /// By when it must be met.
    pub due_at: Timestamp,
    /// When it was noticed that it was not.
    pub overdue_at: Option<Timestamp>,
}

impl KeptException {
    /// What is found, for whoever reads it.
    pub fn findings(&self) -> &[ShipmentFinding] {
        &self.known.findings
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.known.state == ExceptionState::Open
    }

    /// How it was closed.
    pub fn closing(&self) -> Option<Closing> {
        self.known.closing
    }
}
