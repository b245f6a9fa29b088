//! Readers for what partners really send, made for use inside a plugin: small, without regular expressions, with a
//! limit on everything, and with the place of everything they return.
//!
//! | module | reads |
//! |---|---|
//! | [`xml`] | XML without DTDs or entities, in the encoding that it says |
//! | [`edifact`] | EDIFACT interchanges and messages (ISO 9735) |
//! | [`x12`] | ANSI X12 interchanges and transaction sets (X12.5, X12.6) |
//! | [`edi`] | what the last two share: segments, elements, messages, envelopes |
//! | [`time`] | the dates, times, periods and zones of both |
//!
//! A reader promises three things. It never panics, whatever the bytes. What it cannot read is an error that names the
//! line and column. What it could read although it was wrong (a segment count that lies, text behind the root element)
//! is an [`Anomaly`], so that a partner's small mistakes neither stop the goods nor vanish.
//!
//! It deliberately does not know any message: which segment means what is the connector's knowledge.

mod anomaly;
pub mod edi;
pub mod edifact;
mod position;
pub mod time;
pub mod x12;
pub mod xml;

pub use anomaly::Anomaly;
