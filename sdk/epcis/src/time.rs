//! Times as EPCIS has them: with an offset, and in UTC with milliseconds where an event is named by what it says.

use portgate_canonical::Timestamp;

/// The time of an event and the offset that its clock had; none where the offset is not known, or is none that EPCIS allows
/// (`-13:59` to `+14:00`).
pub(crate) fn with_offset(time: &Timestamp) -> Option<(String, String)> {
    if time.is_local() {
        return None;
    }
    let text = time.as_str();
    let offset = match text.strip_suffix('Z') {
        Some(_) => "+00:00",
        None => text.get(text.len().checked_sub(6)?..)?,
    };
    let allowed = offset.get(1..3)? < "14" || &offset[1..] == "14:00";
    allowed.then(|| (text.to_owned(), offset.to_owned()))
}

/// A time of RFC 3339 in UTC with exactly three digits of a second, halves away from nought; none where it is no such time.
pub(crate) fn utc(text: &str) -> Option<String> {
    let (date, clock) = text.trim().split_once(['T', 't'])?;
    let (clock, offset) = match clock.strip_suffix(['Z', 'z']) {
        Some(clock) => (clock, 0),
        None => {
            let (clock, offset) = clock.split_at_checked(clock.len().checked_sub(6)?)?;
            (clock, minutes_of(offset)?)
        }
    };
    let number = |text: &str| text.parse::<i64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let mut date = date.split('-');
    let (year, month, day) = (number(date.next()?)?, number(date.next()?)?, number(date.next()?)?);
    let mut clock = clock.split(':');
    let (hour, minute, seconds) = (number(clock.next()?)?, number(clock.next()?)?, clock.next()?);
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    number(&format!("0{fraction}"))?;
    let thousandths = number(&format!("{fraction:0<4}")[..4])?;
    let thousandths = (thousandths + 5) / 10;
    let seconds = days_from_civil(year, month, day) * 86_400 + (hour * 60 + minute - offset) * 60 + number(whole)?;
    let seconds = seconds + thousandths / 1000;
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let clock = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", thousandths % 1000))
}

/// The minutes of `+01:30`.
fn minutes_of(offset: &str) -> Option<i64> {
    let sign = match offset.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = offset[1..].split_once(':')?;
    Some(sign * (hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?))
}

/// Days since 1970-01-01 in the Gregorian calendar, whose years are counted from March so that the leap day is their last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_an_offset_or_is_none_of_an_event() {
        let told = |text: &str| with_offset(&Timestamp::new(text).expect("a time")).map(|(_, offset)| offset);
        assert_eq!(told("2026-03-01T08:15:00Z").as_deref(), Some("+00:00"));
        assert_eq!(told("2026-03-01T08:15:00.5-06:30").as_deref(), Some("-06:30"));
        assert_eq!(told("2026-03-01T08:15:00+14:00").as_deref(), Some("+14:00"));
        assert_eq!(told("2026-03-01T08:15:00+14:30"), None);
        assert_eq!(told("2026-03-01T08:15:00"), None);
    }

    #[test]
    fn one_moment_is_one_text() {
        for (written, moment) in [
            ("2020-03-04T11:00:30+01:00", "2020-03-04T10:00:30.000Z"),
            ("2019-10-21T00:05:00-06:00", "2019-10-21T06:05:00.000Z"),
            ("2024-03-01T00:30:00.1239+01:00", "2024-02-29T23:30:00.124Z"),
            ("2023-12-31T23:59:59.9996Z", "2024-01-01T00:00:00.000Z"),
            ("1969-12-31T23:59:00-00:30", "1970-01-01T00:29:00.000Z"),
        ] {
            assert_eq!(utc(written).as_deref(), Some(moment), "{written}");
        }
        for other in ["", "2020", "2020-03-04", "T", "2020-03-04Tx", "2020-03-04T11:00:30", "2020-03-04T1é:00:30Z"] {
            assert_eq!(utc(other), None, "{other}");
        }
    }
}
