//! The outcome of screening a party against lists of denied parties.

use serde::{Deserialize, Serialize};

use crate::{Date, Decimal, PartyId, PartyRole, Text, Timestamp};

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
    /// A list that the party was held against, as it was published.
    ScreenedList {
        required {
            /// What its matches call it.
            list_id: Text<64>,
            /// What its publisher calls it.
            name: Text<256>,
            /// Which edition it was.
            version: Text<64>,
            /// The day of its publication.
            date: Date,
        }
    }
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
            /// That of its names which resembles the party's, where it is not the main one.
            matched_name: Text<256>,
            /// `individual`, `entity`, `vessel` or `aircraft`.
            r#type: Text<16>,
            /// The publisher's own list, where it publishes several as one.
            source_list: Text<128>,
        }
        lists {
            /// The programmes that list it.
            programs: Text<128>, at most 32;
            /// Its countries, as the list writes them.
            countries: Text<128>, at most 32;
            /// When the person was born, as the list writes it.
            born: Text<64>, at most 32;
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
            /// The name that was screened.
            subject_name: Text<256>,
            /// The part that the party plays in its document.
            subject_role: PartyRole,
        }
        lists {
            /// The identifiers of the party that was screened.
            subject_ids: PartyId, at most 16;
            /// The lists of the set, whether they have a match or not.
            lists: ScreenedList, at most 64;
            /// What resembles the party.
            matches: ScreeningMatch, at most 500;
        }
    }
}
