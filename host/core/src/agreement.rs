//! What two partners have settled for the messages of one contract in one direction, as its plugin is told it. The types
//! mirror those of `wit/connector/v1`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codes::Codes;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Acknowledgement {
    /// None.
    #[default]
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
    /// Their codes beside ours, which the plugin looks up.
    pub codes: Codes,
}

/// The largest control number: ISA13, GS06 and ST02 have nine digits at most, and UNB 0020 and UNH 0062 have room for them.
const CONTROL_NUMBER_MAX: u64 = 999_999_999;

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

/// The control numbers that an agreement used last; 0 where it has used none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastNumbers {
    /// Of an interchange.
    pub interchange: u64,
    /// Of a functional group.
    pub group: u64,
    /// Of a set or message.
    pub message: u64,
}

impl LastNumbers {
    /// The numbers of the next interchange, with so many sets or messages. Behind the largest number comes 1; the sets of one
    /// interchange are numbered through, so theirs begin anew where they would not all fit.
    pub fn next(self, messages: u32) -> ControlNumbers {
        let next = |last: u64, count: u64| if last.saturating_add(count) > CONTROL_NUMBER_MAX { 1 } else { last + 1 };
        ControlNumbers {
            interchange: next(self.interchange, 1),
            group: next(self.group, 1),
            first_message: next(self.message, u64::from(messages)),
            messages,
        }
    }
}

impl ControlNumbers {
    /// These as the last ones that were used.
    pub fn last(self) -> LastNumbers {
        let ControlNumbers { interchange, group, first_message, messages } = self;
        LastNumbers { interchange, group, message: (first_message + u64::from(messages)).saturating_sub(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_by_one_and_begin_anew_behind_the_largest() {
        let mut last = LastNumbers::default();
        for (messages, expected) in [(1, (1, 1, 1)), (3, (2, 2, 2)), (1, (3, 3, 5))] {
            let numbers = last.next(messages);
            assert_eq!((numbers.interchange, numbers.group, numbers.first_message), expected);
            last = numbers.last();
        }
        let full = LastNumbers { interchange: 999_999_999, group: 999_999_998, message: 999_999_997 };
        let numbers = full.next(3);
        assert_eq!((numbers.interchange, numbers.group, numbers.first_message), (1, 999_999_999, 1));
        assert_eq!(full.next(2).last(), LastNumbers { interchange: 1, group: 999_999_999, message: 999_999_999 });
        assert_eq!(full.next(2).last().next(1).first_message, 1);
    }
}
