//! Deadlines in working time, by a calendar: a reference table of zones, working hours and holidays.
//!
//! | key | value |
//! |---|---|
//! | `GB/zone` | the time zone as a POSIX TZ string (POSIX.1-2017 §8.3): `GMT0BST,M3.5.0/1,M10.5.0` |
//! | `GB/monday` … `GB/sunday` | the working hours of that day of the week, `09:00-17:30`; none where there is no row |
//! | `GB/2026-12-25` | a holiday, by what people call it |
//!
//! Rows hold from a day on and until a day, like those of any table: a deadline is worked out by what was in force then.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many days on it is looked for working time: a calendar without any in so long has none.
const DAYS_MAX: u32 = 800;

/// How long something may take: plain time, or working time of a calendar. Written `30 minutes`, `4 business hours`, `2
/// business days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[1-9][0-9]{0,3} (business )?(seconds?|minutes?|hours?|days?)$"))]
pub struct Within {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
    /// Whether only working time counts.
    pub business: bool,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days: plain ones have 24 hours; the last working day goes until its working hours end.
    Days,
}

/// A text that says no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no length of time such as `30 minutes`, `4 business hours` or `2 business days`")]
pub struct BadWithin(pub String);

impl FromStr for Within {
    type Err = BadWithin;

    fn from_str(text: &str) -> Result<Within, BadWithin> {
        let bad = || BadWithin(text.to_owned());
        let (count, rest) = text.split_once(' ').ok_or_else(bad)?;
        let count = count.parse().ok().filter(|count| (1..=9_999).contains(count)).ok_or_else(bad)?;
        let (business, unit) = match rest.strip_prefix("business ") {
            Some(unit) => (true, unit),
            None => (false, rest),
        };
        let unit = match unit.trim_end_matches('s') {
            "second" => Unit::Seconds,
            "minute" => Unit::Minutes,
            "hour" => Unit::Hours,
            "day" => Unit::Days,
            _ => return Err(bad()),
        };
        Ok(Within { count, unit, business })
    }
}

impl TryFrom<String> for Within {
    type Error = BadWithin;

    fn try_from(text: String) -> Result<Within, BadWithin> {
        text.parse()
    }
}

impl From<Within> for String {
    fn from(within: Within) -> String {
        within.to_string()
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let business = if self.business { "business " } else { "" };
        let unit = match self.unit {
            Unit::Seconds => "second",
            Unit::Minutes => "minute",
            Unit::Hours => "hour",
            Unit::Days => "day",
        };
        write!(f, "{} {business}{unit}{}", self.count, if self.count == 1 { "" } else { "s" })
    }
}

impl Within {
    /// As long in plain time.
    pub fn plain(&self) -> SignedDuration {
        let seconds = match self.unit {
            Unit::Seconds => 1,
            Unit::Minutes => 60,
            Unit::Hours => 3_600,
            Unit::Days => 24 * 3_600,
        };
        SignedDuration::from_secs(i64::from(self.count) * seconds)
    }
}

/// Says what a key of the calendar's table means on a day.
pub type LookUp<'l> = &'l dyn Fn(&str, Date) -> Option<String>;

/// A time so much later. Working time is that of a country in a calendar.
///
/// # Errors
///
/// Why the calendar does not say: it has no zone, hours that are none, or no working time.
pub fn after(start: Timestamp, within: Within, country: &str, look_up: LookUp<'_>) -> Result<Timestamp, String> {
    if !within.business {
        return Ok(start.checked_add(within.plain()).unwrap_or(Timestamp::MAX));
    }
    let day = TimeZone::UTC.to_datetime(start).date();
    let key = format!("{country}/zone");
    let zone = look_up(&key, day).ok_or_else(|| format!("the calendar has no row `{key}` on {day}"))?;
    let zone =
        TimeZone::posix(&zone).map_err(|error| format!("the calendar's `{key}` is no POSIX TZ string: {error}"))?;
    let first = zone.to_datetime(start).date();
    let mut left = within.plain();
    let mut days = within.count;
    for ahead in 0..DAYS_MAX {
        let day = first.saturating_add(i64::from(ahead).days());
        let Some((opens, closes)) = hours(country, day, look_up)? else { continue };
        let at = |time: Time| zone.to_timestamp(day.to_datetime(time)).unwrap_or(Timestamp::MAX);
        let (opens, closes) = (at(opens).max(start), at(closes));
        if within.unit == Unit::Days {
            // The day on which it begins is none of those that it may take.
            if day > first {
                days -= 1;
            }
            if days == 0 {
                return Ok(closes);
            }
        } else if opens < closes {
            let there = closes.duration_since(opens);
            if left <= there {
                return Ok(opens.checked_add(left).unwrap_or(Timestamp::MAX));
            }
            left -= there;
        }
    }
    Err(format!("the calendar has no working time of `{country}` within {DAYS_MAX} days from {first}"))
}

/// The working hours of a day; none on a holiday, and on days of the week without any.
fn hours(country: &str, day: Date, look_up: LookUp<'_>) -> Result<Option<(Time, Time)>, String> {
    if look_up(&format!("{country}/{day}"), day).is_some() {
        return Ok(None);
    }
    let weekday = match day.weekday() {
        jiff::civil::Weekday::Monday => "monday",
        jiff::civil::Weekday::Tuesday => "tuesday",
        jiff::civil::Weekday::Wednesday => "wednesday",
        jiff::civil::Weekday::Thursday => "thursday",
        jiff::civil::Weekday::Friday => "friday",
        jiff::civil::Weekday::Saturday => "saturday",
        jiff::civil::Weekday::Sunday => "sunday",
    };
    let key = format!("{country}/{weekday}");
    let Some(written) = look_up(&key, day) else { return Ok(None) };
    let time = |text: &str| -> Option<Time> {
        let (hour, minute) = text.split_once(':')?;
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    let read = written.split_once('-').and_then(|(opens, closes)| Some((time(opens)?, time(closes)?)));
    match read {
        Some((opens, closes)) if opens < closes => Ok(Some((opens, closes))),
        _ => Err(format!("the calendar's `{key}` must say hours such as `09:00-17:30`, and says `{written}`")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reference;

    const CALENDAR: &str = "key,value,from,to\nGB/zone,\"GMT0BST,M3.5.0/1,M10.5.0\",,\nGB/monday,09:00-17:00,,\n\
                            GB/tuesday,09:00-17:00,,\nGB/wednesday,09:00-17:00,,\nGB/thursday,09:00-17:00,,\n\
                            GB/friday,09:00-16:00,,2026-06-01\nGB/friday,09:00-12:00,2026-06-01,\nGB/2026-04-03,Good Friday,,\n\
                            GB/2026-04-06,Easter Monday,,\nXX/zone,UTC0,,\nYY/zone,nowhere at all,,\nZZ/zone,UTC0,,\nZZ/monday,9 to 5,,\n";

    fn due(start: &str, within: &str, country: &str) -> Result<String, String> {
        let table = reference::read(CALENDAR.as_bytes()).expect("a table");
        let look_up = |key: &str, day: Date| table.on(key, day).map(|row| row.value.as_str().to_owned());
        let within = within.parse().expect("a length of time");
        after(start.parse().expect("a time"), within, country, &look_up).map(|due| due.to_string())
    }

    #[test]
    fn working_hours_run_only_while_people_work() {
        for (start, within, expected) in [
            // A Wednesday in winter.
            ("2026-03-04T10:00:00Z", "4 business hours", "2026-03-04T14:00:00Z"),
            ("2026-03-04T16:00:00Z", "4 business hours", "2026-03-05T12:00:00Z"),
            ("2026-03-04T03:00:00Z", "30 business minutes", "2026-03-04T09:30:00Z"),
            // Over a weekend, and in summer, when nine o'clock is eight in UTC.
            ("2026-05-15T14:00:00Z", "2 business hours", "2026-05-18T09:00:00Z"),
            // Over Easter: Thursday afternoon to Tuesday.
            ("2026-04-02T15:30:00Z", "1 business hour", "2026-04-07T08:30:00Z"),
            ("2026-04-02T15:30:00Z", "1 business day", "2026-04-07T16:00:00Z"),
            ("2026-04-04T10:00:00Z", "1 business day", "2026-04-07T16:00:00Z"),
            ("2026-03-04T10:00:00Z", "2 business days", "2026-03-06T16:00:00Z"),
            // Fridays are shorter from June on.
            ("2026-06-04T10:00:00Z", "1 business day", "2026-06-05T11:00:00Z"),
            // Plain time asks no calendar.
            ("2026-04-03T10:00:00Z", "36 hours", "2026-04-04T22:00:00Z"),
            ("2026-04-03T10:00:00Z", "2 days", "2026-04-05T10:00:00Z"),
        ] {
            assert_eq!(due(start, within, "GB").as_deref(), Ok(expected), "{within} after {start}");
        }
    }

    #[test]
    fn what_the_calendar_does_not_say_is_named() {
        let error = |country| due("2026-03-04T10:00:00Z", "1 business hour", country).expect_err("no time");
        assert_eq!(error("FR"), "the calendar has no row `FR/zone` on 2026-03-04");
        assert!(error("XX").starts_with("the calendar has no working time of `XX` within 800 days"), "{}", error("XX"));
        assert!(error("YY").starts_with("the calendar's `YY/zone` is no POSIX TZ string"), "{}", error("YY"));
        assert_eq!(error("ZZ"), "the calendar's `ZZ/monday` must say hours such as `09:00-17:30`, and says `9 to 5`");
    }

    #[test]
    fn a_length_of_time_is_read_as_it_is_written() {
        for text in ["2 seconds", "1 minute", "30 business minutes", "4 hours", "1 business day"] {
            assert_eq!(text.parse::<Within>().expect("a length").to_string(), text);
        }
        for bad in ["", "4", "0 hours", "-1 hours", "4 weeks", "4  hours", "four hours", "10000 hours"] {
            assert!(bad.parse::<Within>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn more_working_time_ends_no_earlier(minutes in 0_i64..500_000, one in 1_u32..3_000, more in 0_u32..3_000) {
            let start = "2026-01-01T00:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_mins(minutes);
            let due = |count: u32| due(&start.to_string(), &format!("{count} business minutes"), "GB").expect("a time");
            let time = |text: String| text.parse::<Timestamp>().expect("a time");
            let (first, second) = (time(due(one)), time(due(one + more)));
            prop_assert!(start < first && first <= second);
        }
    }
}
