//! A milestone's time as `AT7-05` to `AT7-07` have it: date (373), time (337) and zone (623).

use portgate_sdk::canonical::Timestamp;
use portgate_sdk::time::{Day, Zone};

/// Date, time and zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) date: String,
    pub(crate) time: String,
    pub(crate) zone: String,
}

const DAY_MINUTES: i32 = 24 * 60;

/// A time as it was in the place where it happened: `LT` where its offset is not known, `UT` for universal time, `01` to `12` for
/// whole hours east of it, `13` to `24` for those west. Zones with half an hour have no code, so universal time is written.
/// Seconds are written where there are some, to the hundredth, the finest that X12 has.
pub(crate) fn written(time: &Timestamp) -> Written {
    let text = time.as_str();
    let (day, clock) = text.split_at(10);
    let (hour, minute) = (number(&clock[1..3]), number(&clock[4..6]));
    let behind = &clock[9..];
    let fraction: String =
        behind.strip_prefix('.').unwrap_or_default().chars().take_while(char::is_ascii_digit).take(2).collect();
    let seconds = format!("{}{}", &clock[7..9], fraction);
    let seconds = if seconds.bytes().all(|digit| digit == b'0') { String::new() } else { seconds };
    let offset = offset(text);
    let (day, minutes, zone) = match offset {
        None => (day.replace('-', ""), hour * 60 + minute, "LT".to_owned()),
        Some(offset) => match code(offset) {
            Some(zone) => (day.replace('-', ""), hour * 60 + minute, zone),
            None => {
                let minutes = hour * 60 + minute - offset;
                (shifted(day, minutes.div_euclid(DAY_MINUTES)), minutes.rem_euclid(DAY_MINUTES), "UT".to_owned())
            }
        },
    };
    Written { date: day, time: format!("{:02}{:02}{seconds}", minutes / 60, minutes % 60), zone }
}

/// The same with the letters of the zone that the partner wrote, where X12 has them, and without a zone where none is known.
pub(crate) fn written_as_said(time: &Timestamp) -> Written {
    let plain = written(time);
    let letters =
        time.zone().filter(|letters| letters.len() == 2 && Zone::x12(letters).is_ok_and(|zone| zone.is_known()));
    match (letters, time.is_local()) {
        (Some(letters), _) => Written { zone: letters.to_owned(), ..plain },
        (None, true) => Written { zone: String::new(), ..plain },
        (None, false) => plain,
    }
}

fn number(digits: &str) -> i32 {
    digits.parse().unwrap_or_default()
}

/// The offset in minutes; nothing where the time has none.
fn offset(text: &str) -> Option<i32> {
    if text.ends_with('Z') {
        return Some(0);
    }
    let at = text.len().checked_sub(6)?;
    let (sign, rest) = match text.as_bytes()[at] {
        b'+' => (1, &text[at + 1..]),
        b'-' => (-1, &text[at + 1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    Some(sign * (number(hours) * 60 + number(minutes)))
}

/// The code of element 623 for an offset; nothing where there is none.
fn code(offset: i32) -> Option<String> {
    match (offset % 60 == 0, offset / 60) {
        (true, 0) => Some("UT".to_owned()),
        (true, hours @ 1..=12) => Some(format!("{hours:02}")),
        (true, hours @ -12..=-1) => Some(format!("{}", hours + 25)),
        _ => None,
    }
}

/// The day before, the same or the next one.
fn shifted(day: &str, by: i32) -> String {
    let [year, month, date] = [&day[..4], &day[5..7], &day[8..]].map(number);
    let found = |year: i32, month: i32, date: i32| Day::new(year as u16, month as u8, date as u8).ok();
    let moved = match by {
        1.. => found(year, month, date + 1).or(found(year, month + 1, 1)).or(found(year + 1, 1, 1)),
        0 => found(year, month, date),
        _ => found(year, month, date - 1)
            .or_else(|| (28..=31).rev().find_map(|last| found(year, month - 1, last)))
            .or(found(year - 1, 12, 31)),
    };
    moved.map_or_else(|| day.replace('-', ""), |day| format!("{:04}{:02}{:02}", day.year(), day.month(), day.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(time: &str) -> [String; 3] {
        let Written { date, time, zone } = written(&Timestamp::new(time).expect("a time"));
        [date, time, zone]
    }

    #[test]
    fn a_time_is_that_of_the_place_with_the_code_of_its_zone() {
        assert_eq!(of("2026-03-05T08:15:00"), ["20260305", "0815", "LT"]);
        assert_eq!(of("2026-03-05T08:15:00Z"), ["20260305", "0815", "UT"]);
        assert_eq!(of("2026-03-05T08:15:00+00:00"), ["20260305", "0815", "UT"]);
        assert_eq!(of("2026-03-05T08:15:00+08:00"), ["20260305", "0815", "08"]);
        assert_eq!(of("2026-03-05T08:15:00-05:00"), ["20260305", "0815", "20"]);
        assert_eq!(of("2026-03-05T08:15:00-12:00"), ["20260305", "0815", "13"]);
    }

    #[test]
    fn a_zone_without_a_code_is_written_in_universal_time_on_whichever_day_that_is() {
        assert_eq!(of("2026-03-01T04:15:00+05:30"), ["20260228", "2245", "UT"]);
        assert_eq!(of("2026-01-01T00:15:00+13:00"), ["20251231", "1115", "UT"]);
        assert_eq!(of("2026-12-31T23:00:00-03:30"), ["20270101", "0230", "UT"]);
        assert_eq!(of("2026-03-05T12:00:00+05:45"), ["20260305", "0615", "UT"]);
    }

    #[test]
    fn seconds_are_written_where_there_are_some() {
        assert_eq!(of("2026-03-05T08:15:30Z")[1], "081530");
        assert_eq!(of("2026-03-05T08:15:00.257Z")[1], "08150025");
        assert_eq!(of("2026-03-05T08:15:00.001")[1], "0815");
    }
}
