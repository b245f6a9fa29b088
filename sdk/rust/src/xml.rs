//! XML, read ([`Document`]) and written ([`Writer`]).

pub use portgate_readers::xml::*;
pub use portgate_writers::xml::*;
pub use portgate_writers::{Number, Value, Within, WriteError, Written, number};
