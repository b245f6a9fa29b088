//! What waits for a person, and what people do with it.

use jiff::Timestamp;
use portgate_core::exception::{Closing, ExceptionAct, ExceptionState, Until};
use portgate_core::finding::Severity;
use portgate_core::judgement::ShipmentFinding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which exceptions: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = crate::without_null)]
pub struct ExceptionFilter {
    /// The team that has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Only those that are assigned to whoever asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mine: Option<bool>,
    /// Only those whose deadline has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue: Option<bool>,
    /// Only those of one shipment, by its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<String>,
    /// Open ones, where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ExceptionState>,
}

/// What cannot go on by itself and waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    /// Its id; the same however often it is opened.
    pub id: String,
    /// Its shipment; null where it is of a document without one.
    pub shipment: Option<String>,
    /// Why it was opened: `rule:PACK/RULE`, `filing:LRN`, `expectation:NAME/OF`, `unattached:KIND/SENDER/ID`, `context:fold`.
    pub cause: String,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub detail: String,
    /// What to do; empty where nothing can be said.
    pub remedy: String,
    /// How many findings there are.
    pub findings: u64,
    /// Where it is.
    pub state: ExceptionState,
    /// How it was closed.
    pub closing: Option<Closing>,
    /// The team that has it.
    pub team: String,
    /// The operator who has it.
    pub assignee: Option<String>,
    /// By when the team must have done something about it.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub deadline: Option<Timestamp>,
    /// Whether it is open and its deadline has passed.
    pub overdue: bool,
    /// When it was noticed that its deadline has passed.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub escalated_at: Option<Timestamp>,
    /// The revision of the shipment's context that said so last.
    pub revision: Option<String>,
    /// When it was opened first.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub first_at: Timestamp,
    /// When it was opened last.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub opened_at: Timestamp,
    /// How often it was opened.
    pub times: u64,
    /// When the facts changed it last.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub changed_at: Timestamp,
    /// When it was closed.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub closed_at: Option<Timestamp>,
    /// Who closed it, where a person did.
    pub closed_by: Option<String>,
    /// Why.
    pub close_reason: Option<String>,
}

/// An exception with all that was found and done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionRecord {
    /// The exception.
    #[serde(flatten)]
    pub exception: Exception,
    /// What was found; the values of fields only for operators with the permission `payload`.
    pub found: Vec<ShipmentFinding>,
    /// What people did, the latest last.
    pub acts: Vec<ExceptionDone>,
    /// The overrides of the rule that found it, the latest last.
    pub overrides: Vec<Override>,
    /// What needs a second operator.
    pub two_persons: Vec<ExceptionAct>,
}

/// Something that was done with an exception, or waits for a second operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionDone {
    /// Its number.
    pub number: u64,
    /// What exactly.
    pub what: Value,
    /// `done`, `waits` for a second operator, or `void` because something else was found before he said yes.
    pub state: String,
    /// Who did it.
    pub operator: String,
    /// Why.
    pub reason: String,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The second operator.
    pub confirmed_by: Option<String>,
    /// Why.
    pub confirm_reason: Option<String>,
    /// When.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub confirmed_at: Option<Timestamp>,
}

/// A person's word that findings of a rule block nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Override {
    /// Its number.
    pub number: u64,
    /// The rule, as `rule:PACK/RULE`.
    pub cause: String,
    /// How long it counts at most.
    pub until: Until,
    /// Who said it.
    pub operator: String,
    /// The second operator, where two were needed.
    pub confirmed_by: Option<String>,
    /// Why.
    pub reason: String,
    /// Since when.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// When it ended, because the facts are others.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub ended_at: Option<Timestamp>,
}

/// What is done with an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ActOnException {
    /// Gives it to an operator of its team, or to another team.
    Assign {
        /// The team; its own where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        team: Option<String>,
        /// The operator; nobody where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// Why, in 3 to 500 characters; it is kept.
        reason: String,
    },
    /// Has all that is found block nothing, for as long as the fields that it names stay as they are.
    Override {
        /// Whether it counts for this revision of the context alone.
        #[serde(default)]
        this_revision: bool,
        /// Why, in 3 to 500 characters; it is kept.
        reason: String,
    },
    /// Says what a document of the shipment should have said.
    Correct {
        /// The kind of document.
        kind: String,
        /// Its `id`.
        id: String,
        /// The fields that should say something else, as JSON Pointers into the document, with what they should say.
        fields: std::collections::BTreeMap<String, Value>,
        /// Why, in 3 to 500 characters; it is kept.
        reason: String,
    },
    /// Closes it, though nothing has changed. It opens again where something else is found.
    Discard {
        /// Why, in 3 to 500 characters; it is kept.
        reason: String,
    },
}

/// The word of a second operator for an act that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmAct {
    /// The act's number.
    pub number: u64,
    /// Why, in 3 to 500 characters; it is kept.
    pub reason: String,
}

/// What became of an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acted {
    /// Whether it is done; not where it waits for a second operator.
    pub done: bool,
    /// The number under which it waits.
    pub waits: Option<u64>,
    /// The same in a sentence.
    pub message: String,
}
