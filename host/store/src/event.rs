//! The outbox: what is told to whoever listens, in an order that a reader can resume in.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::id::{EventId, ExchangeId};

/// Stands for the partner of an event that no partner may see. No partner's name can begin like this.
pub const FOR_OPERATORS: &str = "_operators";

/// Something to be told (a CloudEvent, version 1.0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// CloudEvents' `id`.
    pub id: EventId,
    /// CloudEvents' `type`.
    pub kind: String,
    /// CloudEvents' `subject`.
    pub subject: String,
    /// The one partner that may see it, or [`FOR_OPERATORS`]; operators see all.
    pub partner: String,
    /// CloudEvents' `time`.
    pub at: Timestamp,
    /// CloudEvents' `data`, as JSON.
    pub data: EventData,
}

/// The data of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventData {
    /// Kept with the event.
    Own(String),
    /// The body of a document that is kept with its exchange, and not again with the event.
    Document {
        /// The exchange.
        exchange: ExchangeId,
        /// The document's place among those of the exchange, from 0.
        position: u32,
        /// The document's body. None where retention has removed it.
        body: Option<String>,
    },
}

impl EventData {
    /// The JSON, unless retention has removed it.
    pub fn json(&self) -> Option<&str> {
        match self {
            EventData::Own(json) => Some(json),
            EventData::Document { body, .. } => body.as_deref(),
        }
    }
}

/// Something that was told, at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place; a reader that has handled this event goes on after it.
    pub cursor: Cursor,
    /// What was told.
    pub event: NewEvent,
}

/// A place in the outbox. Nothing ever appears before a place that a reader has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// The transaction that wrote it, where several write at the same time; else 0.
    pub(crate) transaction: i64,
    /// The place among all.
    pub(crate) sequence: i64,
}

impl Cursor {
    /// The place as bytes, always the same number of them.
    pub fn to_bytes(self) -> [u8; 16] {
        let number = (u128::from(self.transaction.cast_unsigned()) << 64) | u128::from(self.sequence.cast_unsigned());
        number.to_be_bytes()
    }

    /// The place that [`Cursor::to_bytes`] gave these bytes for.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let number = u128::from_be_bytes(bytes);
        let half = |shift: u32| ((number >> shift) as u64).cast_signed();
        Cursor { transaction: half(64), sequence: half(0) }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.transaction, self.sequence)
    }
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor: expected two numbers with a hyphen between, as an event's cursor is given")]
pub struct BadCursor;

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let number = |digits: &str| match digits.bytes().all(|byte| byte.is_ascii_digit()) {
            true => digits.parse().map_err(|_| BadCursor),
            false => Err(BadCursor),
        };
        let (transaction, sequence) = text.split_once('-').ok_or(BadCursor)?;
        Ok(Cursor { transaction: number(transaction)?, sequence: number(sequence)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_printed() {
        let cursor = Cursor { transaction: 731, sequence: 42 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert_eq!(Cursor::from_bytes(cursor.to_bytes()), cursor);
        for bad in ["", "-", "1", "1-", "-1-2", "1--2", "+1-2", "1-2 ", "1-99999999999999999999"] {
            assert_eq!(bad.parse::<Cursor>(), Err(BadCursor), "{bad}");
        }
    }
}
