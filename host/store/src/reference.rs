//! Reference tables: what is asked of the journal about them, and what it gives.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::id::ShipmentId;

/// What the judgement of a shipment rests on: what a table said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReliedOn {
    /// The table.
    pub table: String,
    /// The key; nothing where all of the table counts, whose value then is its file.
    pub key: Option<String>,
    /// The day; nothing where it is the one on which the shipment is judged.
    pub day: Option<Date>,
    /// What it said; nothing where it had no value.
    pub value: Option<String>,
    /// The SHA-256 of the file that said so, in hexadecimal digits.
    pub file: String,
    /// The day on which it was asked.
    pub asked_on: Date,
}

/// A file that a gateway has taken up as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTableVersion {
    /// The table.
    pub table: String,
    /// The SHA-256 of the file.
    pub file: String,
    /// What the table's change log says of it, as JSON, where it has one.
    pub change: Option<String>,
    /// The time.
    pub now: Timestamp,
}

/// What shipments rest on, to be looked up once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLookup {
    /// What it is known by.
    pub hash: [u8; 16],
    /// The key; nothing where all of the table counts.
    pub key: Option<String>,
    /// The day; nothing where it is the one on which shipments are judged.
    pub day: Option<Date>,
    /// What the table said.
    pub value: Option<String>,
}

/// What came of looking up once more.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The table.
    pub table: String,
    /// The SHA-256 of the file that was asked.
    pub file: String,
    /// What it says as it was said before.
    pub confirmed: Vec<[u8; 16]>,
    /// What it says otherwise.
    pub outdated: Vec<Outdated>,
    /// Most shipments that are judged again now.
    pub shipments_max: u32,
    /// The day that it is.
    pub today: Date,
    /// The time.
    pub now: Timestamp,
}

/// A table says something else than shipments rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outdated {
    /// What was looked up.
    pub lookup: KeptLookup,
    /// What the table says; nothing where it has no value.
    pub after: Option<String>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// How many shipments are judged again.
    pub shipments: u32,
    /// Whether there are more, for the next time.
    pub more: bool,
}

/// A version of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableVersion {
    /// The table.
    pub table: String,
    /// Its number, from 1.
    pub number: u64,
    /// The SHA-256 of its file.
    pub file: String,
    /// When the first gateway took it up.
    pub taken_at: Timestamp,
    /// What the change log says of it, as JSON.
    pub change: Option<String>,
    /// How many shipments were judged again under it.
    pub shipments: u64,
}

/// A shipment that was judged again because a table says something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableReview {
    /// The shipment, as it was called then.
    pub shipment: ShipmentId,
    /// The key that it had looked up; nothing where all of the table counts.
    pub key: Option<String>,
    /// What it was told; nothing where there was no value.
    pub before: Option<String>,
    /// What it is told since.
    pub after: Option<String>,
    /// The day that it was.
    pub day: Date,
    /// When.
    pub at: Timestamp,
}
