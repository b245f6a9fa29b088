//! What is read: a day, a time of day, a zone, in any combination, and the instant that they make together.

use std::fmt;

use super::calendar::Day;
use super::zone::{Offset, Zone};
use super::{TimeError, shown};

/// What a text says of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Time {
    /// A point, as exactly as the text has it.
    Point(Moment),
    /// A period: when it begins, and its end. An end that is a day belongs to the period.
    Period(Moment, Moment),
}

impl Time {
    /// Both as one, where the other says what this one leaves open; see [`Moment::joined`]. A day and a period of hours
    /// are a period on that day.
    pub fn joined(&self, other: &Time) -> Option<Time> {
        match (self, other) {
            (Time::Point(one), Time::Point(other)) => one.joined(other).map(Time::Point),
            (Time::Point(one), Time::Period(from, to)) | (Time::Period(from, to), Time::Point(one)) => {
                Some(Time::Period(from.joined(one)?, to.joined(one)?))
            }
            (Time::Period(..), Time::Period(..)) => None,
        }
    }
}

/// A day, a time of day and a zone, each of which may be missing: some formats write them apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// The day.
    pub day: Option<Day>,
    /// The time of day.
    pub clock: Option<Clock>,
    /// The zone, as written.
    pub zone: Option<Zone>,
    /// What the format did not announce and was taken all the same.
    pub(super) remarks: Vec<Remark>,
}

/// A time of day, from 00:00 to 24:00, which is the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock {
    hour: u8,
    minute: u8,
    second: u8,
    /// Billionths of a second, and how many digits of them were written.
    nanoseconds: u32,
    digits: u8,
}

/// A point in time as RFC 3339 has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instant {
    /// Such as `2026-03-01T08:15:00+01:00`; without the offset where it is not known.
    pub value: String,
    /// The zone as the partner wrote it, where it wrote letters: a number says no more than the offset.
    pub zone: Option<String>,
    /// What had to be assumed, or is odd.
    pub remarks: Vec<Remark>,
}

/// Something that a connector should say, for it cannot be seen in the instant.
///
/// | code | when | severe |
/// |---|---|---|
/// | `time-day-only` | only the day is given; the instant is its start | no |
/// | `time-end-of-day` | 24:00 became 00:00 of the next day | no |
/// | `time-local` | the zone says that the time is the place's own | no |
/// | `time-zone-open` | the zone cannot be resolved; the instant is local | yes |
/// | `time-zone-season` | the zone's name and the season contradict each other | yes |
/// | `time-zone-unannounced` | the text has a zone that its format has no place for | no |
/// | `time-zone-missing` | the format has a zone and the text has none; the instant is local | yes |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// One of the table's.
    pub code: &'static str,
    /// One sentence.
    pub detail: String,
    /// Whether the value may be wrong because of it.
    pub severe: bool,
}

impl Remark {
    pub(super) fn new(code: &'static str, severe: bool, detail: impl Into<String>) -> Self {
        Remark { code, detail: detail.into(), severe }
    }
}

impl Clock {
    /// A time of day; `fraction` is the digits behind the decimal mark, at most nine. The second may be 60.
    ///
    /// # Errors
    ///
    /// There is no such time.
    pub fn new(hour: u8, minute: u8, second: u8, fraction: &str) -> Result<Self, TimeError> {
        let digits = fraction.len();
        let sound = digits <= 9 && fraction.bytes().all(|byte| byte.is_ascii_digit());
        let end_of_day = hour == 24 && minute == 0 && second == 0 && fraction.bytes().all(|byte| byte == b'0');
        if !sound || minute > 59 || second > 60 || hour > 23 && !end_of_day {
            return Err(TimeError::new(format!("there is no time {hour:02}:{minute:02}:{second:02}")));
        }
        let nanoseconds = format!("{fraction:0<9}").parse().unwrap_or_default();
        Ok(Clock { hour, minute, second, nanoseconds, digits: digits as u8 })
    }

    /// The hour, from 0 to 24.
    pub fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, from 0 to 59.
    pub fn minute(self) -> u8 {
        self.minute
    }

    /// The second, from 0 to 60.
    pub fn second(self) -> u8 {
        self.second
    }

    fn fraction(self) -> String {
        match self.digits {
            0 => String::new(),
            digits => format!(".{}", &format!("{:09}", self.nanoseconds)[..usize::from(digits)]),
        }
    }
}

const MIDNIGHT: Clock = Clock { hour: 0, minute: 0, second: 0, nanoseconds: 0, digits: 0 };

impl Moment {
    /// Whether only the day is given.
    pub fn is_day_only(&self) -> bool {
        self.day.is_some() && self.clock.is_none()
    }

    /// Both as one, where the other says what this one leaves open: a day, a time and a zone that were written apart are
    /// one time.
    pub fn joined(&self, other: &Moment) -> Option<Moment> {
        fn one<T: Clone>(a: &Option<T>, b: &Option<T>) -> Option<Option<T>> {
            match (a, b) {
                (Some(_), Some(_)) => None,
                (a, b) => Some(a.clone().or_else(|| b.clone())),
            }
        }
        let mut remarks = self.remarks.clone();
        remarks.extend(other.remarks.iter().cloned());
        Some(Moment {
            day: one(&self.day, &other.day)?,
            clock: one(&self.clock, &other.clock)?,
            zone: one(&self.zone, &other.zone)?,
            remarks,
        })
    }

    /// The point in time, with all that had to be assumed.
    ///
    /// # Errors
    ///
    /// There is no day, or no such second on it.
    pub fn instant(&self) -> Result<Instant, TimeError> {
        let Some(mut day) = self.day else {
            return Err(TimeError::new("this is a time of day without the day; send the day as well"));
        };
        let mut remarks = self.remarks.clone();
        let mut clock = self.clock.unwrap_or(MIDNIGHT);
        if self.clock.is_none() {
            remarks.push(Remark::new("time-day-only", false, "only the day is given; the time is its start"));
        }
        if clock.hour == 24 {
            let next = day.after(1).ok_or_else(|| TimeError::new("there is no day after the last"))?;
            remarks.push(Remark::new("time-end-of-day", false, "24:00 is read as 00:00 of the next day"));
            (day, clock) = (next, Clock { hour: 0, ..clock });
        }
        let offset = self.zone.as_ref().map(|zone| zone.offset(day, clock));
        let known = match offset {
            Some(Offset::Known(minutes, odd)) => {
                remarks.extend(odd.map(|odd| Remark::new("time-zone-season", true, odd)));
                Some(minutes)
            }
            Some(Offset::Local) => {
                let detail = "the time is said to be local; its offset from universal time is not known";
                remarks.push(Remark::new("time-local", false, detail));
                None
            }
            Some(Offset::Open(why)) => {
                remarks.push(Remark::new("time-zone-open", true, format!("{why}; the time is kept as local")));
                None
            }
            None => None,
        };
        if clock.second == 60 && !can_leap(day, clock, known) {
            return Err(TimeError::new("there is no second 60 at that time"));
        }
        let signed = self.zone.as_ref().is_some_and(Zone::is_signed);
        let suffix = match known {
            Some(0) if !signed => "Z".to_owned(),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
            None => String::new(),
        };
        let value = format!("{day}T{clock}{suffix}");
        let zone = self.zone.as_ref().filter(|zone| zone.is_name()).map(|zone| zone.written().to_owned());
        Ok(Instant { value, zone, remarks })
    }

    /// Takes a zone that stands behind the digits.
    pub(super) fn with_zone(mut self, text: &str, announced: bool, format: &str) -> Result<Self, TimeError> {
        match (text.trim().is_empty(), announced) {
            (true, false) => {}
            (true, true) => {
                let detail = format!("the format {format} has a time zone and the text has none; it is read as local");
                self.remarks.push(Remark::new("time-zone-missing", true, detail));
            }
            (false, announced) => {
                let zone = Zone::named(text)?;
                if !announced {
                    if !zone.is_known() {
                        let detail = format!("the format {format} ends before `{}`", shown(text));
                        return Err(TimeError::new(detail));
                    }
                    let detail = format!("the format {format} has no time zone, but the text has one; it is taken");
                    self.remarks.push(Remark::new("time-zone-unannounced", false, detail));
                }
                self.zone = Some(zone);
            }
        }
        Ok(self)
    }
}

/// As RFC 3339, as far as it goes: only the day, or only the time of day, where that is all.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.day, self.clock) {
            (Some(day), None) => write!(f, "{day}"),
            (None, Some(clock)) => write!(f, "{clock}"),
            (None, None) => f.write_str(self.zone.as_ref().map_or("nothing", Zone::written)),
            (Some(day), Some(clock)) => match self.instant() {
                Ok(instant) => f.write_str(&instant.value),
                Err(_) => write!(f, "{day}T{clock}"),
            },
        }
    }
}

/// Such as `08:15:00.5`.
impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}{}", self.hour, self.minute, self.second, self.fraction())
    }
}

/// Whether a leap second can be there. Offsets are whole quarters of an hour, so it ends one in every zone.
fn can_leap(day: Day, clock: Clock, offset: Option<i16>) -> bool {
    let Some(offset) = offset else { return clock.minute % 15 == 14 };
    let minute = i64::from(clock.hour) * 60 + i64::from(clock.minute) - i64::from(offset);
    let universal_day = day.after(minute.div_euclid(24 * 60));
    minute.rem_euclid(24 * 60) == 24 * 60 - 1 && universal_day.is_some_and(|day| day == day.month_end())
}
