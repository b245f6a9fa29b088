//! The outcome of screening a party against lists of denied parties.

use serde::{Deserialize, Serialize};

use crate::{Decimal, Text, Timestamp};

/// What screening found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ScreeningOutcome {
    /// No match.
    Clear,
    /// A person must look.
    Review,
    /// The party is listed.
    Hit,
}

record! {
    /// One entry of a list that resembles the party.
    ScreeningMatch {
        required {
            /// The list.
            list_id: Text<64>,
            /// The entry.
            entity_id: Text<64>,
            /// The entry's name.
            name: Text<256>,
        }
        optional {
            /// How alike, 0 to 1.
            score: Decimal,
        }
        lists {
            /// The programmes that list it.
            programs: Text<64>, at most 32;
        }
    }
}

document! {
    /// One screening of one party.
    ScreeningResult = "screening-result" {
        required {
            /// The party that was screened.
            subject_party_ref: Text<128>,
            /// The set of lists.
            list_set: Text<64>,
            /// The version of that set.
            list_version: Text<64>,
            /// What was found.
            outcome: ScreeningOutcome,
            /// When.
            at: Timestamp,
        }
        optional {
            /// Who decided, where a person did.
            decided_by: Text<128>,
        }
        lists {
            /// What resembles the party.
            matches: ScreeningMatch, at most 500;
        }
    }
}
