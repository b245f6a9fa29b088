//! `[[agreements]]` of `partners/<name>.toml`: what was settled with a partner for the messages of one contract in one
//! direction.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agreement::{Acknowledgement, Agreement, Identifier, Level, Mode};
use crate::codes::{Codes, UnknownCode};

/// What was settled for the messages of one contract in one direction, as production or as tests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementPolicy {
    /// What it is called among the partner's agreements: lower-case letters, digits and hyphens, starting with a letter.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,62}$"))]
    pub name: String,
    /// The contract's name.
    pub contract: String,
    /// The contract's version.
    pub version: String,
    /// Which way its messages go.
    pub direction: AgreementDirection,
    /// Whether its messages are meant. What comes under a test credential is held against the agreement for tests.
    #[serde(default)]
    pub mode: Mode,
    /// What we are called in envelopes. The first of each level is what is written.
    #[schemars(length(min = 1))]
    pub ours: Vec<Identifier>,
    /// What the partner is called in envelopes. The first of each level is what is written.
    #[schemars(length(min = 1))]
    pub theirs: Vec<Identifier>,
    /// The edition of the standard, such as `004010` or `D00B`.
    #[serde(default)]
    pub edition: String,
    /// Which functional acknowledgement: of what the partner sends the one that it is given, of what it is sent the one that
    /// it gives.
    #[serde(default)]
    pub acknowledgement: Acknowledgement,
    /// Seconds after which the acknowledgement of what the partner was sent is overdue.
    #[serde(default = "acknowledge_within_seconds")]
    #[schemars(range(min = 1, max = 2_678_400))]
    pub acknowledge_within_seconds: u32,
    /// Where the partner takes acknowledgements that are messages of their own: a path below its base URL. One that was to be
    /// in the answer goes there where its message could be decoded only after the answer.
    #[serde(default)]
    #[schemars(length(min = 1, max = 1_024))]
    pub acknowledgement_path: Option<String>,
    /// What becomes of an interchange whose control number came before, from the same sender for the same receiver.
    #[serde(default)]
    pub duplicates: Duplicates,
    /// Whether one part of a message that is refused, such as a set of an interchange, refuses all of it.
    #[serde(default)]
    pub all_or_nothing: bool,
    /// How messages for the partner go out together, several documents as one interchange; each goes alone where it is left
    /// out.
    #[serde(default)]
    pub batching: Option<Batching>,
    /// Names and values for the plugin, which says in its manifest which it knows.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Tables of the partner's codes beside ours, of which the plugin says in its manifest which it looks up. Their rows are
    /// in the journal (`portgate codes`).
    #[serde(default)]
    pub codes: Vec<CodesPolicy>,
}

/// One table of the partner's codes beside ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodesPolicy {
    /// What the plugin calls it.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,62}$"))]
    pub table: String,
    /// What becomes of a code that it has no row for: `pass` (it goes on as it is), `finding` (the same, with a warning),
    /// `refuse` (the part that names it is refused) or `park` (the part waits until the code is there).
    pub unknown: UnknownCode,
    /// Rows that it may have at most, those of other days included.
    #[serde(default = "rows_max")]
    #[schemars(range(min = 1, max = 100_000))]
    pub rows_max: u32,
}

fn rows_max() -> u32 {
    10_000
}

fn acknowledge_within_seconds() -> u32 {
    24 * 60 * 60
}

/// How documents go out together, as one interchange. It goes as soon as one of the limits is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Batching {
    /// So many seconds a document waits for others at most.
    #[schemars(range(min = 1, max = 86_400))]
    pub seconds: u32,
    /// So many documents go together at most.
    #[serde(default = "documents")]
    #[schemars(range(min = 2, max = 1_000))]
    pub documents: u32,
    /// So many bytes of documents, as the canonical model has them, go together at most; one that is larger goes alone.
    #[serde(default = "bytes")]
    #[schemars(range(min = 1_024))]
    pub bytes: u64,
}

fn documents() -> u32 {
    100
}

fn bytes() -> u64 {
    512 << 10
}

/// What becomes of an interchange whose control number came before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Duplicates {
    /// It is known: the same bytes get the same answer again and have no second effect, other bytes are refused.
    #[default]
    Known,
    /// It is a message like any other.
    New,
}

/// Which way the messages of an agreement go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AgreementDirection {
    /// The partner sends them.
    In,
    /// The partner is sent them.
    Out,
}

impl AgreementPolicy {
    /// What it is for: no two agreements of a partner are for the same.
    pub fn of(&self) -> (&str, &str, AgreementDirection, Mode) {
        (&self.contract, &self.version, self.direction, self.mode)
    }

    /// The agreement as a plugin is told it. Its tables of codes have no rows yet.
    pub fn told(&self) -> Agreement {
        Agreement {
            name: self.name.clone(),
            ours: self.ours.clone(),
            theirs: self.theirs.clone(),
            edition: self.edition.clone(),
            mode: self.mode,
            acknowledgement: self.acknowledgement,
            all_or_nothing: self.all_or_nothing,
            settings: self.settings.clone().into_iter().collect(),
            codes: Codes::new(self.codes.iter().map(|codes| (codes.table.clone(), codes.unknown)).collect()),
        }
    }

    /// Whether one side is called this in the envelopes of interchanges.
    pub fn names(side: &[Identifier], qualifier: &str, value: &str) -> bool {
        let mut interchange = side.iter().filter(|identifier| identifier.level == Level::Interchange);
        interchange.any(|identifier| identifier.qualifier == qualifier && identifier.value == value)
    }
}
