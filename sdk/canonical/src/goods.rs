//! What documents on goods have in common: whether they are news, what items are called, and what was measured.

use serde::{Deserialize, Serialize};

use crate::{Code, Date, Decimal, Text, Timestamp};

/// What a message wants of the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// There was none before.
    Original,
    /// It takes the place of what was said before.
    Change,
    /// What was said before does not hold any more.
    Cancellation,
}

record! {
    /// A name of an item in some scheme.
    ItemId {
        required {
            /// `GTIN`, `buyer`, `seller`, `manufacturer`, `serial-number`, or the partner's own, such as `x12:PR`.
            scheme: Text<32>,
            /// The identifier.
            value: Text<80>,
        }
    }
}

record! {
    /// A measure as the partner states it, in its unit.
    Measure {
        required {
            /// What is measured: `gross-weight`, `net-weight`, `volume`, `length`, `quantity`, or the partner's own word.
            kind: Text<64>,
            /// How much, exact.
            value: Decimal,
        }
        optional {
            /// The unit, with what the partner wrote.
            unit: Code,
            /// What exactly it is the measure of, in the partner's code.
            qualifier: Code,
        }
    }
}

record! {
    /// A day, or a time of it, and what it is for.
    StatedTime {
        required {
            /// What it is for, in the partner's code.
            meaning: Code,
            /// The day.
            day: Date,
        }
        optional {
            /// The time, where the partner says one.
            at: Timestamp,
        }
    }
}
