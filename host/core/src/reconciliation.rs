//! A partner's list of states beside ours: what is missing there, what is missing here, what differs.
//!
//! The list has `reference`, and where it has them `scheme`, `state` and `version`. Only what the partner says of a reference is
//! compared: a column that it leaves out differs from nothing. What is known here is added piece by piece ([`Comparison`]), so that
//! of all that is known no more is in memory than what differs.

mod comparison;
mod list;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use comparison::Comparison;
pub use list::{BadList, read};

/// One row of a partner's list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedState {
    /// The name that both know, such as an MRN.
    #[schemars(length(min = 1, max = 128))]
    pub reference: String,
    /// Its scheme, such as `mrn`; whatever it is where the list does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The state there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The version there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Who knows a state, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// The partner said it.
    Said,
    /// Customs said it of a declaration that the partner was sent, by whomever.
    Answered,
    /// The partner was sent it.
    Told,
    /// It is where a filing stands here that the partner was sent.
    Filed,
}

/// A document that the partner sent or was sent, what customs answered to it, or a filing, with what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KnownState {
    /// The names that it goes by, each as scheme and value: those that it carries, and of a declaration all that others tie to these.
    pub references: BTreeSet<(String, String)>,
    /// Its kind.
    pub kind: String,
    /// Its `id`.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The state that it says, where it says one.
    pub state: Option<String>,
    /// When it was recorded, or delivered.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Who knows it.
    pub whose: Whose,
}

/// What is different of one reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Differs {
    /// We know it, and the partner's list does not have it.
    MissingThere,
    /// The partner's list has it, and nothing that it sent or was sent carries it.
    MissingHere,
    /// Both know it, and say different things.
    Differing,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateDifference {
    /// What is different.
    pub differs: Differs,
    /// The name.
    pub reference: String,
    /// Its scheme, where one is known.
    pub scheme: Option<String>,
    /// The state there, where the list says one.
    pub their_state: Option<String>,
    /// The version there.
    pub their_version: Option<String>,
    /// The state that the partner said here last, or customs of what it was sent, or where the filing stands; null where nobody said one.
    pub our_state: Option<String>,
    /// The version that was said here last.
    pub our_version: Option<String>,
    /// The kind and `id` of the document that says so here.
    pub our_document: Option<String>,
}
