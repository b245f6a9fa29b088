//! EDI, read and written: `portgate_readers` and `portgate_writers` as one.
//!
//! [`edifact`] and [`x12`] have both directions. What both of them write with is here: [`Value`] and [`number`] for elements,
//! [`ControlNumber`], [`Mode`] and [`Stamp`] for envelopes, [`lines`] for words.
//!
//! Each also has what is agreed with a partner about acknowledgements: `reply` writes one of what a connector made of a message,
//! `acknowledgements` makes documents of those that a partner sends. [`x12::interchange`] is a whole `encode`: a set for each
//! document. The envelopes of an [`Agreement`](crate::agreement::Agreement) are its own methods.

mod acknowledgements;
mod agreed;
mod modes;
mod place;
mod reply;
mod sets;

pub use acknowledgements::Payload;
pub use portgate_writers::{
    ControlNumber, Fault, Missing, Mode, Number, SegmentWriter, Stamp, Value, Values, Within, WriteError, Written,
    number,
};
pub use reply::ACKNOWLEDGE_WITH;
pub use sets::lines;

/// EDIFACT (ISO 9735, syntax versions 1 to 4), read ([`edifact::Interchange`]) and written ([`edifact::Writer`]).
pub mod edifact {
    pub use portgate_readers::edifact::*;
    pub use portgate_writers::edifact::*;

    pub use super::acknowledgements::edifact as acknowledgements;
    pub use super::reply::edifact as reply;
}

/// ANSI X12, read ([`x12::Interchange`]) and written ([`x12::Writer`]).
pub mod x12 {
    pub use portgate_readers::x12::*;
    pub use portgate_writers::x12::*;

    pub use super::acknowledgements::x12 as acknowledgements;
    pub use super::modes::{transport_method, transport_mode};
    pub use super::reply::x12 as reply;
    pub use super::sets::{Form, Pen, interchange};
}
