//! Days and times as SAP writes them: `20240318` and `121535` in IDocs, `/Date(1552867200000)/`, ISO days and `PT13H26M11S`
//! in OData.

use portgate_sdk::canonical::{Date, Timestamp};

const MILLISECONDS_OF_A_DAY: i64 = 86_400_000;

/// The day of a text; `None` where it is none.
pub(crate) fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Some(milliseconds) = ticks(text) {
        return Date::new(civil(milliseconds.div_euclid(MILLISECONDS_OF_A_DAY))?).ok();
    }
    let digits = text.bytes().take(8).filter(u8::is_ascii_digit).count();
    match text.len() {
        8 | 14 if digits == 8 && text.is_ascii() => {
            Date::new(format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..8])).ok()
        }
        _ => Date::new(text.get(..10)?).ok(),
    }
}

/// The time of a text that says day and time in one: `/Date(1552895997855+0000)/`, RFC 3339 or `20190318075959`. What SAP
/// writes in ticks and in fourteen digits is UTC.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(milliseconds) = ticks(text) {
        let (day, rest) =
            (milliseconds.div_euclid(MILLISECONDS_OF_A_DAY), milliseconds.rem_euclid(MILLISECONDS_OF_A_DAY));
        let (seconds, fraction) = (rest / 1_000, rest % 1_000);
        let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:03}") };
        let clock = format!("{:02}:{:02}:{:02}{fraction}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
        return Timestamp::new(format!("{}T{clock}Z", civil(day)?)).ok();
    }
    if text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let clock = clock(&text[8..])?;
        return Timestamp::new(format!("{}T{clock}Z", day(text)?)).ok();
    }
    Timestamp::new(text).ok()
}

/// A day with a time of it, `121535` or `PT12H15M35S`, in a zone where one is named; without a time its beginning. A zone that
/// says its offset (`UTC`, `UTC+8`) gives it; of any other the letters are kept.
pub(crate) fn at(day: &Date, clock_of_day: Option<&str>, zone: Option<&str>) -> Option<Timestamp> {
    let clock = match clock_of_day {
        Some(text) => clock(text)?,
        None => "00:00:00".to_owned(),
    };
    if let Some(offset) = zone.and_then(offset) {
        return Timestamp::new(format!("{day}T{clock}{offset}")).ok();
    }
    let local = Timestamp::new(format!("{day}T{clock}")).ok()?;
    match zone {
        Some(letters) => local.clone().in_zone(letters).ok().or(Some(local)),
        None => Some(local),
    }
}

/// A value of OData that is a day or a time in ticks, as people write it.
pub(crate) fn odata_in_words(text: &str) -> Option<String> {
    let milliseconds = ticks(text)?;
    if milliseconds % MILLISECONDS_OF_A_DAY == 0 && !text.contains('+') {
        return Some(day(text)?.to_string());
    }
    Some(moment(text)?.as_str().to_owned())
}

/// `121535`, `12:15:35` or `PT12H15M35S`, as `12:15:35`.
fn clock(text: &str) -> Option<String> {
    let text = text.trim();
    let digits: String = match text.strip_prefix("PT") {
        Some(duration) => {
            let mut parts = [0_u32; 3];
            let mut number = String::new();
            for character in duration.chars() {
                let place = match character {
                    'H' => 0,
                    'M' => 1,
                    'S' => 2,
                    digit => {
                        number.push(digit);
                        continue;
                    }
                };
                parts[place] = std::mem::take(&mut number).parse().ok()?;
            }
            format!("{:02}{:02}{:02}", parts[0], parts[1], parts[2])
        }
        None => text.replace(':', ""),
    };
    let is_clock = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    // SAP writes midnight at the end of a day as 24 hours; it is the last second that the day has.
    let digits = if digits == "240000" { "235959" } else { &digits };
    is_clock.then(|| format!("{}:{}:{}", &digits[..2], &digits[2..4], &digits[4..]))
}

/// The offset of a zone that is named by it: `UTC`, `UTC+8`, `UTC-03`.
fn offset(zone: &str) -> Option<String> {
    let hours = zone.strip_prefix("UTC").or_else(|| zone.strip_prefix("GMT"))?;
    if hours.is_empty() {
        return Some("Z".to_owned());
    }
    let sign = hours.get(..1).filter(|sign| matches!(*sign, "+" | "-"))?;
    let hours: u8 = hours[1..].parse().ok().filter(|hours| *hours <= 14)?;
    Some(format!("{sign}{hours:02}:00"))
}

/// The milliseconds of `/Date(1552867200000)/` or `/Date(1552895997855+0000)/`. What follows the sign is minutes by which the
/// time was shown; the ticks are UTC with it and without.
fn ticks(text: &str) -> Option<i64> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let end =
        inner.char_indices().skip(1).find(|(_, sign)| matches!(sign, '+' | '-')).map_or(inner.len(), |(at, _)| at);
    inner[..end].parse().ok()
}

/// The day so many days after 1970-01-01, by the calendar of today; none beyond four digits of years.
fn civil(days: i64) -> Option<String> {
    // Counted from 0000-03-01, so that the day of a leap year is the last of its year.
    let days = days.checked_add(719_468).filter(|days| (0..3_652_500).contains(days))?;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_every_form() {
        for (text, expected) in [
            ("/Date(1552867200000)/", "2019-03-18"),
            ("/Date(951782400000)/", "2000-02-29"),
            ("/Date(-86400000)/", "1969-12-31"),
            ("/Date(253402214400000)/", "9999-12-31"),
            ("20240318", "2024-03-18"),
            ("2022-09-14", "2022-09-14"),
            ("2016-08-17T09:00:00+09:00", "2016-08-17"),
        ] {
            assert_eq!(day(text).map(|day| day.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "00000000", "3242342", "23423423", "soon", "/Date()/", "2022-13-01", "20é40318"] {
            assert!(day(text).is_none(), "{text}");
        }
    }

    #[test]
    fn moments_are_utc_and_keep_their_milliseconds() {
        let read = |text: &str| moment(text).map(|time| time.as_str().to_owned());
        assert_eq!(read("/Date(1552895997855+0000)/").as_deref(), Some("2019-03-18T07:59:57.855Z"));
        assert_eq!(read("20190318075959").as_deref(), Some("2019-03-18T07:59:59Z"));
        assert_eq!(read("2022-09-10T18:02:13+09:00").as_deref(), Some("2022-09-10T18:02:13+09:00"));
        assert_eq!(read("20190318255959"), None);
    }

    #[test]
    fn a_time_of_a_day_is_read_with_its_zone() {
        let day = day("20240318").expect("a day");
        let read =
            |clock, zone| at(&day, clock, zone).map(|time| (time.as_str().to_owned(), time.zone().map(str::to_owned)));
        assert_eq!(read(Some("121535"), None), Some(("2024-03-18T12:15:35".into(), None)));
        assert_eq!(read(Some("PT13H26M11S"), Some("CET")), Some(("2024-03-18T13:26:11".into(), Some("CET".into()))));
        assert_eq!(read(Some("144525"), Some("UTC+8")), Some(("2024-03-18T14:45:25+08:00".into(), None)));
        assert_eq!(read(Some("240000"), Some("UTC")), Some(("2024-03-18T23:59:59Z".into(), None)));
        assert_eq!(read(None, None), Some(("2024-03-18T00:00:00".into(), None)));
        assert_eq!(read(Some("0123456789"), None), None);
    }
}
