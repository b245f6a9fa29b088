//! What EDIFACT and X12 have in common: text cut into segments, segments into elements, elements into components, and
//! nested envelopes of header and trailer segments that count what is between them.
//!
//! The two standards differ in how the separators are announced and in the names of the envelope segments; that is all
//! a `Syntax` says, the rest is written once here.

mod envelope;
mod error;
mod interchange;
mod message;
mod segment;
mod table;
mod text;
mod tokenizer;
mod unread;

pub use error::EdiError;
pub use interchange::{Interchange, Limits};
pub use message::Message;
pub use segment::{At, Composite, Segment, Segments};
pub use table::Separators;

pub(crate) use envelope::{Envelope, Level};
pub(crate) use error::{Fault, excerpt};
pub(crate) use tokenizer::{Announcement, Syntax};
