//! The audit log: what an entry says, how entries are chained, what a head proves.
//!
//! An entry is one fact that a security team can ask for later: a plugin was admitted, a credential was used, somebody
//! discarded something. It holds names, digests, counts and reasons of the host's own making, and operators' reasons;
//! never a payload, a secret or a text that a plugin or a partner has chosen.
//!
//! # The format, for whoever writes another verifier
//!
//! The log is lines. Each is one entry as JSON in the canonical form of RFC 8785 (members sorted, no white space), and
//! holds exactly these members:
//!
//! | member | type | meaning |
//! |---|---|---|
//! | `actor` | string | who did it: `gateway`, `operator:NAME`, `plugin:NAME` |
//! | `at` | string | when, RFC 3339 in UTC, to the microsecond |
//! | `detail` | object | by kind: strings, whole numbers below 2^53, lists of strings |
//! | `kind` | string | what it was: one of [`Kind`] |
//! | `number` | number | its place in the chain, from 1 without gaps |
//! | `previous` | string | the hash of the entry before it, 64 hexadecimal digits; for the first, 64 zeros |
//! | `subject` | string | what it concerns: `plugin:NAME`, `partner:NAME`, `policy:PATH`, `delivery:ID`, … |
//!
//! An entry's hash is the SHA-256 of its line's bytes without the line break, so `sha256sum` and a JSON reader verify a
//! log. A [`Head`] names the last entry and its hash and is signed; because each entry holds the hash of the one before
//! it, that signature covers everything up to there. Entries are in the order in which they were sealed, which is that of
//! their commits, not always that of their times.

mod entry;
mod head;
mod key;
mod verify;

use std::fmt::Write;

use jiff::Timestamp;

pub use entry::{Actor, Entry, Kind, Subject, UnknownKind};
pub use head::{BadHead, Head, SignedHead};
pub use key::{AuditKey, BadKey, PublicKey};
pub use verify::{Broken, Verified, Verifier};

use crate::sha256::sha256;

/// SHA-256.
pub type Hash = [u8; 32];

/// What stands before the first entry.
pub const GENESIS: Hash = [0; 32];

/// An entry in its place of the chain, as it was read from where it is kept. Its words are kept as they were read, so
/// that one which somebody has altered still has a line, and another hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its place, from 1.
    pub number: u64,
    /// The hash of the entry before it.
    pub previous: Hash,
    /// When it happened.
    pub at: Timestamp,
    /// What it was.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// What it concerns.
    pub subject: String,
    /// The rest, as canonical JSON.
    pub detail: String,
}

impl Sealed {
    /// The entry's line, without the line break.
    pub fn line(&self) -> String {
        let Sealed { number, previous, at, kind, actor, subject, detail } = self;
        let mut line = String::with_capacity(256 + detail.len());
        line.push_str("{\"actor\":");
        push_string(&mut line, actor);
        // Writing to a String cannot fail.
        let _ = write!(line, ",\"at\":\"{at}\",\"detail\":{detail},\"kind\":");
        push_string(&mut line, kind);
        let _ = write!(line, ",\"number\":{number},\"previous\":\"{}\",\"subject\":", hex::encode(previous));
        push_string(&mut line, subject);
        line.push('}');
        line
    }

    /// What the next entry and the head know it by.
    pub fn hash(&self) -> Hash {
        hash_of_line(&self.line())
    }
}

/// The hash of an entry by its line.
pub fn hash_of_line(line: &str) -> Hash {
    sha256(line.as_bytes())
}

/// A string as RFC 8785 §3.2.2.2 writes it.
fn push_string(line: &mut String, text: &str) {
    line.push('"');
    for character in text.chars() {
        match character {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\u{8}' => line.push_str("\\b"),
            '\t' => line.push_str("\\t"),
            '\n' => line.push_str("\\n"),
            '\u{c}' => line.push_str("\\f"),
            '\r' => line.push_str("\\r"),
            control if control < ' ' => {
                let _ = write!(line, "\\u{:04x}", u32::from(control));
            }
            other => line.push(other),
        }
    }
    line.push('"');
}

#[cfg(test)]
mod tests;
