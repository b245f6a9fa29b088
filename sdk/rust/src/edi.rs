//! EDI, read and written: `portgate_readers` and `portgate_writers` as one.
//!
//! [`edifact`] and [`x12`] have both directions. What both of them write with is here: [`Value`] and [`number`] for elements,
//! [`ControlNumber`], [`Mode`] and [`Stamp`] for envelopes.

pub use portgate_writers::{
    ControlNumber, Fault, Missing, Mode, Number, SegmentWriter, Stamp, Value, Values, Within, WriteError, Written,
    number,
};

/// EDIFACT (ISO 9735, syntax versions 1 to 4), read ([`edifact::Interchange`]) and written ([`edifact::Writer`]).
pub mod edifact {
    pub use portgate_readers::edifact::*;
    pub use portgate_writers::edifact::*;
}

/// ANSI X12, read ([`x12::Interchange`]) and written ([`x12::Writer`]).
pub mod x12 {
    pub use portgate_readers::x12::*;
    pub use portgate_writers::x12::*;
}
