//! What two partners have settled for the messages of one contract in one direction, as its plugin is told it. The types
//! mirror those of `wit/connector/v1`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an identifier is used in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The whole interchange: ISA05 to ISA08, UNB S002 and S003.
    #[default]
    Interchange,
    /// A functional group: GS02 and GS03, UNG S006 and S007.
    Group,
    /// A single set or message.
    Message,
}

/// What one side is called in envelopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// What it is used in; the interchange where it is not given.
    #[serde(default)]
    pub level: Level,
    /// Which scheme the value is of, such as `ZZ`, `01` or `14`; empty where there is none.
    #[serde(default)]
    pub qualifier: String,
    /// The identifier itself.
    #[schemars(length(min = 1, max = 35))]
    pub value: String,
}

/// Whether messages are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// They are.
    #[default]
    Production,
    /// They must have no effect in production: ISA15 is `T`, or UNB 0035 is `1`.
    Test,
}

/// Which functional acknowledgement was agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledgement {
    /// None.
    None,
    /// One in the answer to the request that brought the message.
    InAnswer,
    /// One as a message of its own.
    Apart,
}

/// What was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// What it is called.
    pub name: String,
    /// What we are called in envelopes.
    pub ours: Vec<Identifier>,
    /// What the partner is called in envelopes.
    pub theirs: Vec<Identifier>,
    /// The edition of the standard, such as `004010` or `D00B`; empty where it is not settled.
    pub edition: String,
    /// Whether messages are meant.
    pub mode: Mode,
    /// Which acknowledgement.
    pub acknowledgement: Acknowledgement,
    /// Whether one part that is refused refuses the whole message.
    pub all_or_nothing: bool,
    /// Names and values for the plugin.
    pub settings: Vec<(String, String)>,
}

/// Numbers for one interchange that a plugin writes: each is given out once for an agreement, rising.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlNumbers {
    /// Of the interchange.
    pub interchange: u64,
    /// Of the functional group.
    pub group: u64,
    /// Of the first set or message; those behind it have the next numbers.
    pub first_message: u64,
    /// For how many sets or messages there are numbers.
    pub messages: u32,
}
