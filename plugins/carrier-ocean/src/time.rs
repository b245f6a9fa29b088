//! Times of EDI made canonical, with a finding for everything that had to be assumed.

use std::fmt::Display;

use portgate_sdk::canonical::Timestamp;
use portgate_sdk::time::{Time, TimeError, timestamp};

use crate::notes::Notes;

/// A time as a milestone has it. Of a period it is the beginning.
pub(crate) fn canonical(time: &Time, at: impl Display + Copy, notes: &mut Notes) -> Option<Timestamp> {
    let moment = match time {
        Time::Point(moment) => moment,
        Time::Period(from, to) => {
            let detail = format!("The time is a period from {from} to {to}; it is taken as its beginning.");
            notes.warning("PERIOD", at, detail);
            from
        }
    };
    match moment.instant() {
        Ok(instant) => {
            for remark in &instant.remarks {
                match remark.code {
                    "time-day-only" => {
                        notes.info("NO-TIME-OF-DAY", at, "Only a date is given; taken as the start of the day.");
                    }
                    _ => notes.remark(at, remark),
                }
            }
            Some(timestamp(&instant))
        }
        Err(error) => {
            unreadable(&error, at, notes);
            None
        }
    }
}

/// Notes that a text is no time.
pub(crate) fn unreadable(error: &TimeError, at: impl Display, notes: &mut Notes) {
    notes.warning("TIME", at, format!("The time cannot be read: {error}."));
}

/// Times that stand in several segments, each with a key that tells it from others. Times with the same key that
/// complete each other, such as a day and a time of day, are one.
pub(crate) struct Times<K> {
    stated: Vec<Stated<K>>,
}

/// A time and where it stands.
pub(crate) struct Stated<K> {
    /// What tells it from others, such as its qualifier.
    pub(crate) key: K,
    /// The place of its first segment.
    pub(crate) at: String,
    /// The time.
    pub(crate) time: Time,
}

impl<K: PartialEq> Times<K> {
    /// None yet.
    pub(crate) fn new() -> Self {
        Times { stated: Vec::new() }
    }

    /// Adds the time of another segment. A second time with the same key is not taken, and a warning says so, unless it
    /// completes the first or is the same.
    pub(crate) fn add(&mut self, key: K, at: String, time: Result<Time, TimeError>, notes: &mut Notes) {
        let time = match time {
            Ok(time) => time,
            Err(error) => return unreadable(&error, at, notes),
        };
        match self.stated.iter_mut().rev().find(|stated| stated.key == key) {
            None => self.stated.push(Stated { key, at, time }),
            Some(stated) => match stated.time.joined(&time) {
                Some(whole) => stated.time = whole,
                None if stated.time == time => {}
                None => {
                    let detail = format!("Another time of this kind stands at {}; this one is not taken.", stated.at);
                    notes.warning("TIME-NOT-TAKEN", at, detail);
                }
            },
        }
    }

    /// All of them, in the order of the message.
    pub(crate) fn all(&self) -> &[Stated<K>] {
        &self.stated
    }
}
