//! EDIFACT: what messages have in common, and each of them.

pub(crate) mod cargo;
mod cargo_out;
pub(crate) mod confirmation;
pub(crate) mod equipment;
pub(crate) mod instruction;
pub(crate) mod instruction_out;
mod quill;
pub(crate) mod segments;
pub(crate) mod status;
mod transport_status;
