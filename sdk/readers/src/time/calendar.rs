//! Days of the Gregorian calendar, reckoned with.

use std::fmt;

use super::TimeError;

/// A day that there is, from year 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// A day of a year with its century, a month from 1 to 12 and a day from 1.
    ///
    /// # Errors
    ///
    /// There is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, TimeError> {
        if year > 9999 || !(1..=12).contains(&month) {
            return Err(TimeError::new(format!("there is no month {month} of the year {year}")));
        }
        if day == 0 || day > month_length(year, month) {
            return Err(TimeError::new(format!("there is no day {day} in month {month} of the year {year}")));
        }
        Ok(Day { year, month, day })
    }

    /// The year with its century.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The day that is so many days after another one, if it is within the years that are read.
    pub(super) fn after(self, days: i64) -> Option<Self> {
        from_number(self.number() + days)
    }

    /// The last day of the month.
    pub(super) fn month_end(self) -> Self {
        Day { day: month_length(self.year, self.month), ..self }
    }

    /// 1 for Monday to 7 for Sunday.
    pub(super) fn weekday(self) -> u8 {
        // Day 0, the first of January of 1970, was a Thursday.
        (self.number() + 3).rem_euclid(7) as u8 + 1
    }

    /// Days since the first of January of 1970. Years begin in March here, so that the leap day is the last of its year.
    pub(super) fn number(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The day of an ISO 8601 week: `weekday` is 1 for Monday to 7 for Sunday.
    pub(super) fn of_week(year: u16, week: u8, weekday: u8) -> Result<Self, TimeError> {
        let none = || TimeError::new(format!("there is no day {weekday} in week {week} of the year {year}"));
        if !(1..=7).contains(&weekday) || week == 0 {
            return Err(none());
        }
        // The fourth of January is always in week 1.
        let fourth = Day::new(year, 1, 4)?;
        let monday = fourth.number() - i64::from(fourth.weekday()) + 1 + 7 * (i64::from(week) - 1);
        let thursday = from_number(monday + 3).ok_or_else(none)?;
        if thursday.year != year {
            return Err(none());
        }
        from_number(monday + i64::from(weekday) - 1).ok_or_else(none)
    }

    /// The nth day of a year, from 1.
    pub(super) fn of_year(year: u16, number: u16) -> Result<Self, TimeError> {
        let day = Day::new(year, 1, 1)?.after(i64::from(number) - 1);
        let day = day.filter(|day| number > 0 && day.year == year);
        day.ok_or_else(|| TimeError::new(format!("there is no day {number} in the year {year}")))
    }

    /// The nth Sunday of a month, from 1.
    pub(super) fn sunday(year: u16, month: u8, nth: u8) -> Self {
        let first = Day { year, month, day: 1 };
        Day { day: 8 - first.weekday() + 7 * (nth - 1), ..first }
    }

    /// The last Sunday of a month.
    pub(super) fn last_sunday(year: u16, month: u8) -> Self {
        let last = Day { year, month, day: month_length(year, month) };
        Day { day: last.day - last.weekday() % 7, ..last }
    }
}

/// Such as `2026-03-01`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn from_number(number: i64) -> Option<Day> {
    let number = number + 719_468;
    let day_of_era = number.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month + 2) / 5 + 1) as u8;
    let month = if month < 10 { month + 3 } else { month - 9 } as u8;
    let year = year_of_era + number.div_euclid(146_097) * 400 + i64::from(month <= 2);
    Day::new(u16::try_from(year).ok()?, month, day).ok()
}

fn month_length(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// A year of two digits, of 1969 to 2068.
pub(super) fn with_century(year: u8) -> u16 {
    u16::from(year) + if year >= 69 { 1900 } else { 2000 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_a_number_and_every_number_its_day() {
        let mut day = Day::new(1899, 12, 31).unwrap();
        let mut number = day.number();
        let mut weekday = day.weekday();
        while day.year < 2101 {
            day = day.after(1).unwrap();
            number += 1;
            weekday = weekday % 7 + 1;
            assert_eq!((day.number(), day.weekday()), (number, weekday), "{day:?}");
        }
        assert_eq!(Day::new(1970, 1, 1).unwrap().number(), 0);
        assert_eq!(Day::new(2026, 3, 1).unwrap().weekday(), 7);
    }

    #[test]
    fn days_that_there_are_not_are_refused() {
        for (year, month, day) in
            [(2026, 2, 29), (1900, 2, 29), (2026, 4, 31), (2026, 13, 1), (2026, 0, 1), (2026, 1, 0)]
        {
            assert!(Day::new(year, month, day).is_err(), "{year} {month} {day}");
        }
        assert!(Day::new(2028, 2, 29).is_ok() && Day::new(2000, 2, 29).is_ok());
        assert!(Day::new(9999, 12, 31).unwrap().after(1).is_none());
    }

    #[test]
    fn weeks_are_those_of_iso_8601() {
        for (year, week, weekday, expected) in [
            (2026, 1, 1, (2025, 12, 29)),
            (2026, 9, 7, (2026, 3, 1)),
            (2026, 53, 7, (2027, 1, 3)),
            (2021, 1, 1, (2021, 1, 4)),
        ] {
            let (y, m, d) = expected;
            assert_eq!(Day::of_week(year, week, weekday).unwrap(), Day::new(y, m, d).unwrap());
        }
        assert!(Day::of_week(2025, 53, 1).is_err() && Day::of_week(2026, 54, 1).is_err());
        assert!(Day::of_week(2026, 0, 1).is_err() && Day::of_week(2026, 1, 8).is_err());
    }

    #[test]
    fn the_nth_day_of_a_year_is_in_it() {
        assert_eq!(Day::of_year(2026, 60).unwrap(), Day::new(2026, 3, 1).unwrap());
        assert_eq!(Day::of_year(2028, 366).unwrap(), Day::new(2028, 12, 31).unwrap());
        assert!(Day::of_year(2026, 366).is_err() && Day::of_year(2026, 0).is_err());
    }

    #[test]
    fn sundays_are_found_from_both_ends() {
        let day = |month, day| Day::new(2026, month, day).unwrap();
        assert_eq!((Day::sunday(2026, 3, 2), Day::sunday(2026, 11, 1)), (day(3, 8), day(11, 1)));
        assert_eq!((Day::last_sunday(2026, 3), Day::last_sunday(2026, 5)), (day(3, 29), day(5, 31)));
    }
}
