//! Proves from lines and a saved head that nothing was altered, removed or moved, and says which entry where something
//! was. Lines are given one by one, so a log of any length can be verified.
//!
//! Trust comes from the head: its signature vouches for the hash of the last entry, that entry for the hash of the one
//! before it, and so on. So an entry counts as altered where its hash is not the one that the intact entry after it
//! holds. Whoever alters an entry and chains all later ones anew ends at another last hash; then only that is known.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;

use super::{GENESIS, Hash, PublicKey, SignedHead, hash_of_line};

/// Links that do not fit, remembered at most; a log with more is no log.
const BREAKS_MAX: usize = 10_000;

/// What a line is read for; its other members are covered by its hash.
#[derive(Deserialize)]
struct Line {
    at: Timestamp,
    number: u64,
    previous: String,
}

/// What a verified log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries the head proves.
    pub entries: u64,
    /// The times of the first and the last of them.
    pub span: Option<(Timestamp, Timestamp)>,
    /// How many entries follow, chained to those, that this head does not know of.
    pub newer: u64,
}

/// Why a log is not what was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The head is not by this key.
    #[error("the head is not signed by this key: the head names key {named}, this is key {given}{}", if named == given { ", and the signature is wrong" } else { "" })]
    NotSigned {
        /// The key that the head names.
        named: String,
        /// The key that was given.
        given: String,
    },
    /// Entries have been moved, or stand twice.
    #[error("entries were reordered: entry {number} stands after entry {after}")]
    Reordered {
        /// The one that is out of place.
        number: u64,
        /// The one before which it should stand, or which it repeats.
        after: u64,
    },
    /// Entries in the middle are missing.
    #[error("entries were removed after entry {after}: {} missing, up to number {until}", until - after)]
    Removed {
        /// The last one before the gap; 0 where the log begins with the gap.
        after: u64,
        /// The last one that is missing.
        until: u64,
    },
    /// Entries at the end are missing.
    #[error(
        "the log is shorter than the head: it ends with entry {last}, the head is of entry {head}; entries were removed after {last}"
    )]
    Shorter {
        /// The last entry of the log.
        last: u64,
        /// The entry of the head.
        head: u64,
    },
    /// Entries are not what they were.
    #[error("altered: {0}")]
    Altered(Altered),
    /// The last entry that the head knows is another one.
    #[error(
        "entry {0} is not the one that was signed: it was altered, or one before it was and the rest was chained anew"
    )]
    OtherEnd(u64),
}

/// The numbers of altered entries, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Altered(pub Vec<u64>);

impl fmt::Display for Altered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        let shown: Vec<String> = self.0.iter().take(SHOWN).map(|number| format!("entry number {number}")).collect();
        f.write_str(&shown.join(", "))?;
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Takes the lines of a log.
pub struct Verifier {
    head: SignedHead,
    /// The number and hash of the last line.
    last: (u64, Hash),
    first_at: Option<Timestamp>,
    head_at: Option<Timestamp>,
    head_fits: bool,
    /// Entries whose link to the one before does not fit.
    breaks: BTreeSet<u64>,
    /// Entries that cannot be read.
    unreadable: BTreeSet<u64>,
    gap: Option<(u64, u64)>,
    moved: Option<(u64, u64)>,
}

impl Verifier {
    /// A verifier of a log against this head.
    ///
    /// # Errors
    /// [`Broken::NotSigned`]: the head is not by this key.
    pub fn new(head: SignedHead, key: &PublicKey) -> Result<Verifier, Broken> {
        if !key.has_signed(&head) {
            return Err(Broken::NotSigned { named: head.head.key, given: key.id() });
        }
        Ok(Verifier {
            last: (0, GENESIS),
            head_fits: head.head.number == 0 && head.head.hash == GENESIS,
            head,
            first_at: None,
            head_at: None,
            breaks: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            gap: None,
            moved: None,
        })
    }

    /// Takes the next line, without its line break.
    pub fn line(&mut self, line: &str) {
        let hash = hash_of_line(line);
        let (before, before_hash) = self.last;
        let expected = before.saturating_add(1);
        let Ok(read) = serde_json::from_str::<Line>(line) else {
            // Its place says which one it should be.
            self.unreadable.insert(expected);
            return self.passed(expected, hash, None);
        };
        if read.number < expected {
            self.moved.get_or_insert((read.number, before));
            return;
        }
        if read.number > expected {
            self.gap.get_or_insert((before, read.number - 1));
        } else if read.previous != hex::encode(before_hash) && self.breaks.len() < BREAKS_MAX {
            self.breaks.insert(expected);
        }
        self.passed(read.number, hash, Some(read.at));
    }

    fn passed(&mut self, number: u64, hash: Hash, at: Option<Timestamp>) {
        self.last = (number, hash);
        self.first_at = self.first_at.or(at);
        if number == self.head.head.number {
            self.head_fits = hash == self.head.head.hash;
            self.head_at = at;
        }
    }

    /// What the lines come to.
    ///
    /// # Errors
    /// The first of: moved, removed, removed at the end, altered.
    pub fn finish(self) -> Result<Verified, Broken> {
        let (last, head) = (self.last.0, self.head.head.number);
        if let Some((number, after)) = self.moved {
            return Err(Broken::Reordered { number, after });
        }
        if let Some((after, until)) = self.gap {
            return Err(Broken::Removed { after, until });
        }
        if last < head {
            return Err(Broken::Shorter { last, head });
        }
        let mut altered = self.altered();
        if !altered.is_empty() {
            altered.extend((!self.head_fits).then_some(head));
            return Err(Broken::Altered(Altered(altered.into_iter().collect())));
        }
        if !self.head_fits {
            return Err(Broken::OtherEnd(head));
        }
        Ok(Verified { entries: head, span: self.first_at.zip(self.head_at), newer: last - head })
    }

    /// From the newest to the oldest: an entry that is altered says nothing about the one before it, and one that nobody
    /// vouches for is charged with what does not fit between it and the one before it.
    fn altered(&self) -> BTreeSet<u64> {
        let end = self.head.head.number;
        let mut altered = self.unreadable.clone();
        for &number in self.breaks.iter().rev() {
            let (before, after) = (number - 1, number + 1);
            if altered.contains(&number) {
                continue;
            }
            let breaks_off = self.breaks.contains(&after) || self.unreadable.contains(&after);
            let itself = match before {
                0 => true,
                _ if breaks_off && altered.contains(&after) => true,
                _ if number == end => !self.head_fits,
                _ => before == end && self.head_fits,
            };
            altered.insert(if itself { number } else { before });
        }
        altered
    }
}
