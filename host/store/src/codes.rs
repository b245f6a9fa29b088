//! Partners' codes beside ours, and what waits for codes that nobody has written down yet.
//!
//! Rows are added, and ended by a last day; nothing else of them ever changes, so that what a code meant on a day can always
//! be said. What waits is tied to the codes that it waits for, and goes on once one of them is there.

use jiff::Timestamp;
use jiff::civil::Date;
pub use portgate_core::codes::AwaitedCodes;
use portgate_core::codes::{CodePair, CodeSide};
use portgate_core::document::Part;
use portgate_core::finding::Finding;

use crate::acceptance::{PluginBuild, Told};
use crate::act::Operator;
use crate::id::{ClaimId, DeliveryId, ExchangeId};

/// Which table is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeTableName {
    /// The partner.
    pub partner: String,
    /// The agreement's name.
    pub agreement: String,
    /// The table's name.
    pub table: String,
}

/// Rows that are to be added to one table: all of them or none.
#[derive(Clone, Debug)]
pub struct AddCodes {
    /// The table.
    pub table: CodeTableName,
    /// The rows.
    pub pairs: Vec<CodePair>,
    /// How many rows the table may have.
    pub rows_max: u32,
    /// Who adds them, and why.
    pub operator: Operator,
    /// The time.
    pub now: Timestamp,
}

/// How adding ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodesAdded {
    /// All are there.
    Done(Vec<KeptCode>),
    /// None was added: this one, counted from 0, says something else of a code than a row that is there, on some of its days.
    InTheWay {
        /// Which of the rows that were to be added.
        index: usize,
        /// The row in its way; one of the others that were to be added has no number yet.
        row: Box<KeptCode>,
    },
    /// None was added: the table has so many rows already.
    TooMany {
        /// How many.
        rows: u64,
    },
}

/// Gives a row its last day.
#[derive(Clone, Debug)]
pub struct EndCode {
    /// Its number.
    pub number: u64,
    /// The first day on which it counts no more.
    pub to: Date,
    /// Who ends it, and why.
    pub operator: Operator,
    /// The time.
    pub now: Timestamp,
}

/// How ending ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeEnded {
    /// It ends on that day.
    Done(Box<KeptCode>),
    /// There is no such row.
    Unknown,
    /// The row ends before that day already, or begins after it.
    NotShorter(Box<KeptCode>),
}

/// A row as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptCode {
    /// Its number, from 1.
    pub number: u64,
    /// Its table.
    pub table: CodeTableName,
    /// What it says.
    pub pair: CodePair,
    /// When it was added.
    pub added_at: Timestamp,
    /// Who added it, and why.
    pub added: Operator,
    /// Who gave it its last day, when and why, where that was not known from its beginning.
    pub ended: Option<(Timestamp, Operator)>,
    /// Rises with each addition and end, over all rows.
    pub revision: u64,
}

/// Which rows are meant: those that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeFilter {
    /// The partner.
    pub partner: Option<String>,
    /// The agreement's name.
    pub agreement: Option<String>,
    /// The table's name.
    pub table: Option<String>,
    /// A code of either side.
    pub code: Option<String>,
    /// The day on which they count.
    pub on: Option<Date>,
}

/// A code that nobody has written down, and what waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// The table that it is to be in.
    pub table: CodeTableName,
    /// Whose code it is.
    pub side: CodeSide,
    /// The code.
    pub code: String,
    /// The first and the last day on which it was looked up.
    pub days: (Date, Date),
    /// How many exchanges wait for it.
    pub exchanges: u64,
    /// How many deliveries wait for it.
    pub deliveries: u64,
    /// Since when the first of them does.
    pub since: Timestamp,
}

/// An exchange that waited for a code which is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodedExchange {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The right to go on with it, until the lease ends.
    pub claim: ClaimId,
    /// Who added the code, and why.
    pub added: Operator,
}

/// Why an exchange that waited for a code is not taken after all.
#[derive(Clone, Debug)]
pub struct RefusedAfterAll {
    /// The exchange.
    pub exchange: ExchangeId,
    /// The right to settle it.
    pub claim: ClaimId,
    /// The plugin build that has refused it.
    pub plugin: PluginBuild,
    /// Why.
    pub findings: Vec<Finding>,
    /// The parts as they are now.
    pub parts: Vec<Part>,
    /// Whether nothing of it was taken, so that it is rejected as a whole.
    pub is_rejected: bool,
    /// What is told.
    pub told: Told,
    /// The time.
    pub now: Timestamp,
}

/// A delivery that waited for codes which are there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodedDelivery {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The exchange that it came of.
    pub exchange: ExchangeId,
}
