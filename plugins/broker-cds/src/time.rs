//! Times as CDS writes them: a text with its format code (UN/EDIFACT list 2379), mostly 304, `yyyyMMddHHmmss` with a zone
//! that is `Z`, `+01` or `+0100`.

use portgate_sdk::canonical::{Date, Timestamp};
use portgate_sdk::time::{Instant, Time, TimeError, edifact};
use portgate_sdk::xml::Element;

/// What the schemas of DMS have where the code is left out.
const USUAL: &str = "304";

/// The time of a text by its format code; where that is left out, 304. RFC 3339 is taken under any code, for it can be
/// nothing else. A day alone is none, for an hour would have to be made up, and a period is none either.
///
/// # Errors
///
/// It is no time, in one sentence.
pub(crate) fn read(text: &str, format: Option<&str>) -> Result<Instant, TimeError> {
    let text = text.trim();
    if let Ok(time) = Timestamp::new(text) {
        return Ok(Instant { value: time.as_str().to_owned(), zone: None, remarks: Vec::new() });
    }
    let refused = |detail: &str| TimeError { detail: detail.to_owned() };
    match edifact::read(text, format.unwrap_or(USUAL))? {
        Time::Point(moment) if moment.is_day_only() => Err(refused("this is a day without its time")),
        Time::Point(moment) => moment.instant(),
        Time::Period(..) => Err(refused("this is a period and no point in time")),
    }
}

/// The day of an element that holds a day alone.
pub(crate) fn day(element: Element<'_>) -> Option<Date> {
    let inner = element.elements().find(|inner| inner.text().is_some()).unwrap_or(element);
    let text = inner.text()?;
    let Ok(Time::Point(moment)) = edifact::read(text.trim(), inner.attribute("formatCode")?) else { return None };
    let day = moment.day.filter(|_| moment.is_day_only())?;
    Date::new(format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())).ok()
}

/// A time as customs writes it, with its format code. A part of a second is left out, and an offset of whole hours is short.
pub(crate) fn written(at: &Timestamp) -> (&'static str, String) {
    let (moment, zone) = at.as_str().split_at_checked(19).unwrap_or((at.as_str(), ""));
    let zone = zone.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let zone = zone.replace(':', "");
    let zone = zone.strip_suffix("00").filter(|hours| hours.len() == 3).unwrap_or(&zone);
    let digits: String = moment.chars().filter(char::is_ascii_digit).collect();
    (USUAL, format!("{digits}{zone}"))
}

/// A day as customs writes it, with its format code.
pub(crate) fn written_day(on: &Date) -> (&'static str, String) {
    ("102", on.as_str().replace('-', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, format: &str) -> String {
        let format = Some(format).filter(|format| !format.is_empty());
        read(text, format).unwrap_or_else(|error| panic!("{text} ({format:?}): {error}")).value
    }

    #[test]
    fn format_304_is_read_with_every_zone_that_is_seen() {
        for (text, expected) in [
            ("20260301081500Z", "2026-03-01T08:15:00Z"),
            ("20260601081500+01", "2026-06-01T08:15:00+01:00"),
            ("20260601081500+0100", "2026-06-01T08:15:00+01:00"),
            ("20260601081500+01:00", "2026-06-01T08:15:00+01:00"),
            ("2026-03-01T08:15:00Z", "2026-03-01T08:15:00Z"),
            ("2026-03-01t08:15:00z", "2026-03-01T08:15:00Z"),
        ] {
            assert_eq!(value(text, "304"), expected);
            assert_eq!(value(text, ""), expected, "without a code");
        }
    }

    #[test]
    fn a_time_is_written_as_it_was_read() {
        for text in
            ["20260301081500Z", "20260601081500+01", "20260601081500+0530", "20260601081500-0330", "20260601081500"]
        {
            let time = Timestamp::new(value(text, "304")).expect("a time");
            assert_eq!(written(&time), ("304", text.to_owned()));
        }
        let time = Timestamp::new("2026-03-01T08:15:00.250Z").expect("a time");
        assert_eq!(written(&time).1, "20260301081500Z");
    }

    #[test]
    fn other_formats_are_read_by_their_code() {
        assert_eq!(value("202603010815Z", "303"), "2026-03-01T08:15:00Z");
        assert_eq!(value("260301081500", "202"), "2026-03-01T08:15:00");
        assert_eq!(value("202603010815+0100", "205"), "2026-03-01T08:15:00+01:00");
    }

    #[test]
    fn a_time_without_a_zone_is_local_and_said() {
        let instant = read("20260301081500", Some("304")).expect("a time");
        assert_eq!((instant.value.as_str(), instant.remarks[0].code), ("2026-03-01T08:15:00", "time-zone-missing"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for (text, format) in [
            ("", "304"),
            ("20260301", "304"),
            ("20260301", "102"),
            ("20261301081500Z", "304"),
            ("20260230081500Z", "304"),
            ("202603010815Z", ""),
            ("20260301081500Z", "999"),
            ("2026030120260302", "718"),
            ("Sun Mar 01 00:00:00 UTC 2026", "304"),
            ("20260301081500é1", "304"),
            ("20260301081500+é", "304"),
        ] {
            let format = Some(format).filter(|format| !format.is_empty());
            assert!(read(text, format).is_err(), "{text} {format:?}");
        }
    }
}
