//! What an acknowledgement says, whichever message says it.

use portgate_readers::Anomaly;

use crate::{Finding, Verdict};

/// Which message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// X12's interchange acknowledgement.
    Ta1,
    /// X12's functional acknowledgement.
    X997,
    /// X12's implementation acknowledgement.
    X999,
    /// EDIFACT's syntax and service report.
    Contrl,
    /// EDIFACT's application error and acknowledgement.
    Aperak,
}

/// One acknowledgement. Which levels it speaks of depends on its kind: `TA1` of an interchange, 997 and 999 of one group,
/// CONTRL of an interchange with its groups or messages, APERAK of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Which message says it.
    pub kind: Kind,
    /// What became of the interchange.
    pub interchange: Option<InterchangeVerdict>,
    /// What became of groups.
    pub groups: Vec<GroupVerdict>,
    /// What became of messages that stand in no group, or of which no group is named.
    pub sets: Vec<SetVerdict>,
    /// What the message that is acknowledged is called (APERAK).
    pub references: Vec<Reference>,
}

impl Acknowledgement {
    pub(crate) fn of(kind: Kind) -> Self {
        Acknowledgement { kind, interchange: None, groups: Vec::new(), sets: Vec::new(), references: Vec::new() }
    }

    /// Every set that it names, in its order.
    pub fn all_sets(&self) -> impl Iterator<Item = &SetVerdict> {
        self.groups.iter().flat_map(|group| &group.sets).chain(&self.sets)
    }
}

/// A side of an interchange or a group, as its envelope called it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// The identifier.
    pub id: String,
    /// Which scheme it is of; empty where there is none.
    pub qualifier: String,
}

/// What became of an interchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterchangeVerdict {
    /// `ISA13` or `UNB`'s reference (0020), as it was written there.
    pub control_number: String,
    /// Who had sent it. `TA1` does not say.
    pub sender: Party,
    /// Who had got it. `TA1` does not say.
    pub receiver: Party,
    /// `ISA09` and `ISA10`, `YYMMDDHHMM`, which `TA1` repeats; else empty.
    pub made: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why: a code of I18 (`TA105`) or 0085; empty where nothing is wrong with its envelope.
    pub error: String,
    /// The service segment that is wrong (0135) and its element, where it is said.
    pub place: Option<(String, u32)>,
}

/// What became of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupVerdict {
    /// `GS01`; in EDIFACT nothing.
    pub functional_id: String,
    /// `GS06` or `UNG`'s reference (0048).
    pub control_number: String,
    /// `GS08`, where it is said.
    pub version: String,
    /// Who had sent it (EDIFACT).
    pub sender: Party,
    /// Who had got it (EDIFACT).
    pub receiver: Party,
    /// What became of it.
    pub verdict: Verdict,
    /// How many sets the trailer had promised, how many came and how many were accepted (X12).
    pub counts: Option<[u32; 3]>,
    /// Why: codes of 716 (`AK905` to `AK909`) or one of 0085.
    pub errors: Vec<String>,
    /// What became of the sets in it. X12 need not name those that were accepted.
    pub sets: Vec<SetVerdict>,
}

/// What became of a transaction set or a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetVerdict {
    /// Its type: `204`, `IFTMIN`.
    pub kind: String,
    /// `ST02` or `UNH`'s reference (0062); empty in APERAK.
    pub control_number: String,
    /// The guide of X12's `AK203`, or version, release, agency and association code of EDIFACT with colons between.
    pub edition: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why: codes of 718 (`AK502` to `AK506`), 618 (`IK502` to `IK506`), or one of 0085.
    pub errors: Vec<String>,
    /// What was found, in the order of the segments.
    pub findings: Vec<Finding>,
}

/// What a message was called by the one who had sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What kind of reference it is (1153): `ACW`, `ON`.
    pub qualifier: String,
    /// The reference.
    pub value: String,
}

/// As many anomalies as are kept.
const ANOMALIES_MAX: usize = 100;

/// What was read of an interchange, or of a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The acknowledgements in it, in its order; other messages are passed over.
    pub acknowledgements: Vec<Acknowledgement>,
    /// What could not be used, each with its place.
    pub anomalies: Vec<Anomaly>,
}

impl Read {
    pub(crate) fn note(&mut self, code: &'static str, location: String, detail: &str) {
        if self.anomalies.len() < ANOMALIES_MAX {
            self.anomalies.push(Anomaly { code, location, detail: detail.to_owned() });
        }
    }

    /// Adds what was read of one more part.
    pub(crate) fn extend(&mut self, part: Option<Read>) {
        let Some(part) = part else { return };
        let room = ANOMALIES_MAX.saturating_sub(self.anomalies.len());
        self.acknowledgements.extend(part.acknowledgements);
        self.anomalies.extend(part.anomalies.into_iter().take(room));
    }
}
