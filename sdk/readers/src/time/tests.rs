//! Every code of X12 element 623 and of EDIFACT list 2379, and that what is read is what was written.

use proptest::prelude::*;

use super::{Instant, Time, edifact, x12};

fn point(text: &str, code: &str) -> Instant {
    match edifact::read(text, code) {
        Ok(Time::Point(moment)) => moment.instant().unwrap_or_else(|error| panic!("{code} {text}: {error}")),
        other => panic!("{code} {text}: {other:?}"),
    }
}

fn value(text: &str, code: &str) -> String {
    point(text, code).value
}

fn period(text: &str, code: &str) -> (String, String) {
    match edifact::read(text, code) {
        Ok(Time::Period(from, to)) => (from.to_string(), to.to_string()),
        other => panic!("{code} {text}: {other:?}"),
    }
}

fn codes(instant: &Instant) -> Vec<&'static str> {
    instant.remarks.iter().map(|remark| remark.code).collect()
}

fn in_zone(date: &str, time: &str, zone: &str) -> Instant {
    x12::read(Some(date), Some(time), Some(zone)).and_then(|moment| moment.instant()).expect(zone)
}

/// The offset that was resolved; `None` where the time stayed local.
fn offset(instant: &Instant) -> Option<&str> {
    Some(&instant.value[19..]).filter(|offset| !offset.is_empty())
}

#[test]
fn every_point_of_list_2379_is_read_by_its_code() {
    for (code, text, expected) in [
        ("2", "010326", "2026-03-01T00:00:00"),
        ("3", "030126", "2026-03-01T00:00:00"),
        ("4", "01032026", "2026-03-01T00:00:00"),
        ("5", "010320260815", "2026-03-01T08:15:00"),
        ("10", "20260301T0815", "2026-03-01T08:15:00"),
        ("101", "260301", "2026-03-01T00:00:00"),
        ("102", "20260301", "2026-03-01T00:00:00"),
        ("103", "26097", "2026-03-01T00:00:00"),
        ("105", "26060", "2026-03-01T00:00:00"),
        ("201", "2603010815", "2026-03-01T08:15:00"),
        ("202", "260301081500", "2026-03-01T08:15:00"),
        ("203", "202603010815", "2026-03-01T08:15:00"),
        ("204", "20260301081559", "2026-03-01T08:15:59"),
        ("205", "202603010815+0100", "2026-03-01T08:15:00+01:00"),
        ("206", "2603010815-0530", "2026-03-01T08:15:00-05:30"),
        ("207", "260301081559+0000", "2026-03-01T08:15:59+00:00"),
        ("208", "20260301081559-0500", "2026-03-01T08:15:59-05:00"),
        ("301", "2603010815GMT", "2026-03-01T08:15:00Z"),
        ("302", "260301081559CET", "2026-03-01T08:15:59+01:00"),
        ("303", "202603010815Z", "2026-03-01T08:15:00Z"),
        ("303", "202603010815+08", "2026-03-01T08:15:00+08:00"),
        ("303", "202603010815EST", "2026-03-01T08:15:00-05:00"),
        ("304", "20260301081559UTC", "2026-03-01T08:15:59Z"),
        ("304", "20260301081559+01:00", "2026-03-01T08:15:59+01:00"),
        ("307", "20260301081559042", "2026-03-01T08:15:59.042"),
    ] {
        assert_eq!(value(text, code), expected, "{code} {text}");
        assert_eq!(value(&format!(" {text} "), code), expected, "{code} with blanks");
    }
}

#[test]
fn times_of_day_and_zones_are_joined_with_the_day_that_stands_apart() {
    let read = |text, code| match edifact::read(text, code) {
        Ok(Time::Point(moment)) => moment,
        other => panic!("{code} {text}: {other:?}"),
    };
    let day = read("20260301", "102");
    for (code, text, expected) in [
        ("401", "2145", "2026-03-01T21:45:00"),
        ("402", "214500", "2026-03-01T21:45:00"),
        ("404", "214500UTC", "2026-03-01T21:45:00Z"),
        ("209", "214500+0100", "2026-03-01T21:45:00+01:00"),
    ] {
        let clock = read(text, code);
        assert!(clock.instant().is_err(), "{code} has no day");
        assert_eq!(day.joined(&clock).unwrap().instant().unwrap().value, expected);
        assert_eq!(clock.joined(&day).unwrap().instant().unwrap().value, expected);
    }
    let zoned = day.joined(&read("2145", "401")).unwrap().joined(&read("-0500", "406")).unwrap();
    assert_eq!(zoned.instant().unwrap().value, "2026-03-01T21:45:00-05:00");
    assert!(day.joined(&day).is_none(), "two days are no time");
    assert!(zoned.joined(&read("2146", "401")).is_none(), "nor are two times of day");
    let hours = edifact::read("08151715", "501").unwrap();
    let Some(Time::Period(from, to)) = Time::Point(day).joined(&hours) else { panic!("hours of a day") };
    assert_eq!((from.to_string(), to.to_string()), ("2026-03-01T08:15:00".into(), "2026-03-01T17:15:00".into()));
    assert!(hours.joined(&hours).is_none());
}

#[test]
fn every_period_of_list_2379_is_read_by_its_code() {
    for (code, text, from, to) in [
        ("6", "2026032", "2026-03-16", "2026-03-31"),
        ("210", "081500+0100171500+0100", "08:15:00", "17:15:00"),
        ("308", "202603010815UTC202603020815UTC", "2026-03-01T08:15:00Z", "2026-03-02T08:15:00Z"),
        ("501", "08151715", "08:15:00", "17:15:00"),
        ("502", "081500171559", "08:15:00", "17:15:59"),
        ("503", "081500UTC171500UTC", "08:15:00", "17:15:00"),
        ("600", "20", "2000-01-01", "2099-12-31"),
        ("601", "26", "2026-01-01", "2026-12-31"),
        ("602", "2026", "2026-01-01", "2026-12-31"),
        ("603", "262", "2026-07-01", "2026-12-31"),
        ("604", "20261", "2026-01-01", "2026-06-30"),
        ("608", "20261", "2026-01-01", "2026-03-31"),
        ("609", "2602", "2026-02-01", "2026-02-28"),
        ("610", "202802", "2028-02-01", "2028-02-29"),
        ("613", "26021", "2026-02-01", "2026-02-10"),
        ("614", "2026023", "2026-02-21", "2026-02-28"),
        ("615", "2609", "2026-02-23", "2026-03-01"),
        ("616", "202653", "2026-12-28", "2027-01-03"),
        ("701", "2527", "2025-01-01", "2027-12-31"),
        ("702", "20252027", "2025-01-01", "2027-12-31"),
        ("703", "252261", "2025-07-01", "2026-06-30"),
        ("704", "2025220261", "2025-07-01", "2026-06-30"),
        ("705", "261263", "2026-01-01", "2026-12-31"),
        ("706", "2026220263", "2026-05-01", "2026-12-31"),
        ("707", "262264", "2026-04-01", "2026-12-31"),
        ("708", "2026220264", "2026-04-01", "2026-12-31"),
        ("709", "26022604", "2026-02-01", "2026-04-30"),
        ("710", "202602202604", "2026-02-01", "2026-04-30"),
        ("711", "2026030120260305", "2026-03-01", "2026-03-05"),
        ("713", "26030108152603051715", "2026-03-01T08:15:00", "2026-03-05T17:15:00"),
        ("715", "26092610", "2026-02-23", "2026-03-08"),
        ("716", "202609202610", "2026-02-23", "2026-03-08"),
        ("717", "260301260305", "2026-03-01", "2026-03-05"),
        ("718", "2026030120260305", "2026-03-01", "2026-03-05"),
        ("718", "20260301-20260305", "2026-03-01", "2026-03-05"),
        ("719", "202603010815202603051715", "2026-03-01T08:15:00", "2026-03-05T17:15:00"),
    ] {
        assert_eq!(period(text, code), (from.to_owned(), to.to_owned()), "{code} {text}");
    }
    assert!(edifact::read("2026030520260301", "718").is_err(), "it ends before it begins");
}

#[test]
fn what_is_no_point_and_no_period_is_refused_by_its_name() {
    let refused = ["7", "8", "9", "104", "106", "107", "108", "109", "110", "305", "306", "405", "720"];
    for code in refused.map(str::to_owned).into_iter().chain((801..=814).map(|code| code.to_string())) {
        let error = edifact::read("12", &code).expect_err(&code);
        assert!(error.detail.starts_with(&format!("the format {code} (")), "{error}");
    }
    for code in ["1", "11", "100", "200", "209a", "605", "712", "714", "815", "999", "ZZZ", "", "é"] {
        let error = edifact::read("20260301", code).expect_err(code);
        assert!(error.detail.contains("list 2379") || error.detail.contains("(2379) is missing"), "{error}");
    }
}

#[test]
fn a_text_that_is_not_what_its_code_says_is_refused() {
    for (code, text) in [
        ("102", "2026030"),
        ("102", "202603010"),
        ("102", "20260230"),
        ("102", "2026٠301"),
        ("101", "20260301"),
        ("203", "20260301"),
        ("203", "20260301081500"),
        ("203", "202603012415"),
        ("203", "202603010860"),
        ("203", "202603010815XYZ"),
        ("204", "20260301081561"),
        ("205", "202603010815+2500"),
        ("303", "202603010815THIS-IS-NO-TIME-ZONE"),
        ("401", "214500"),
        ("406", "0100"),
        ("406", "CET"),
        ("608", "20265"),
        ("608", "20260"),
        ("616", "202554"),
        ("719", "202603010815Z202603051715Z"),
        ("718", "20260301/20260305"),
    ] {
        let read = edifact::read(text, code);
        let instant = read.and_then(|time| match time {
            Time::Point(moment) => moment.instant().map(|_| ()),
            Time::Period(..) => Ok(()),
        });
        assert!(instant.is_err(), "{code} {text}");
    }
}

#[test]
fn years_of_two_digits_are_1969_to_2068() {
    for (text, year) in [("000101", "2000"), ("680101", "2068"), ("690101", "1969"), ("990101", "1999")] {
        assert_eq!(&value(text, "101")[..4], year);
    }
    assert_eq!(x12::read(Some("260301"), None, None).unwrap().instant().unwrap().value, "2026-03-01T00:00:00");
}

#[test]
fn the_end_of_a_day_is_the_beginning_of_the_next() {
    let instant = point("202602282400", "203");
    assert_eq!((instant.value.as_str(), codes(&instant)), ("2026-03-01T00:00:00", vec!["time-end-of-day"]));
    assert_eq!(in_zone("20261231", "240000", "UT").value, "2027-01-01T00:00:00Z");
    assert_eq!(in_zone("20260308", "2400", "ET").value, "2026-03-09T00:00:00-04:00");
}

#[test]
fn a_leap_second_is_taken_where_there_can_be_one() {
    assert_eq!(in_zone("20161231", "235960", "UT").value, "2016-12-31T23:59:60Z");
    assert_eq!(in_zone("20170101", "085960", "09").value, "2017-01-01T08:59:60+09:00");
    assert_eq!(in_zone("20161231", "185960", "ES").value, "2016-12-31T18:59:60-05:00");
    assert_eq!(value("20161231235960", "204"), "2016-12-31T23:59:60");
    for (date, time, zone) in [("20161230", "235960", "UT"), ("20161231", "225960", "UT"), ("20161231", "100060", "LT")]
    {
        let moment = x12::read(Some(date), Some(time), Some(zone)).unwrap();
        assert!(moment.instant().is_err(), "{date} {time} {zone}");
    }
}

#[test]
fn x12_times_have_up_to_hundredths_of_a_second() {
    for (time, expected) in [
        ("2210", "22:10:00"),
        ("221030", "22:10:30"),
        ("2210305", "22:10:30.5"),
        ("22103099", "22:10:30.99"),
        ("22103000", "22:10:30.00"),
    ] {
        let moment = x12::read(Some("20260124"), Some(time), None).unwrap();
        assert_eq!(moment.instant().unwrap().value, format!("2026-01-24T{expected}"));
    }
    for time in ["22", "221", "22103", "221030991", "2460", "2360", "22:10", "1２10"] {
        assert!(x12::read(Some("20260124"), Some(time), None).is_err(), "{time}");
    }
    for date in ["2026012", "20260230", "2026-01-24", "20261301", "é"] {
        assert!(x12::read(Some(date), None, None).is_err(), "{date}");
    }
}

#[test]
fn the_numbers_of_element_623_are_hours_east_and_then_west() {
    for hours in 1..=12 {
        let (east, west) = (format!("{hours:02}"), format!("{:02}", 25 - hours));
        assert_eq!(offset(&in_zone("20260124", "2210", &east)), Some(format!("+{hours:02}:00").as_str()));
        assert_eq!(offset(&in_zone("20260124", "2210", &west)), Some(format!("-{hours:02}:00").as_str()));
    }
    for (code, expected) in [("25", "-02:30"), ("26", "-03:30"), ("27", "+05:30"), ("28", "+09:30"), ("29", "+10:30")] {
        assert_eq!(offset(&in_zone("20260124", "2210", code)), Some(expected));
    }
    for code in ["00", "30", "99"] {
        let instant = in_zone("20260124", "2210", code);
        assert_eq!((offset(&instant), codes(&instant)), (None, vec!["time-zone-open"]));
        assert_eq!(instant.zone.as_deref(), Some(code));
    }
}

#[test]
fn the_letters_of_element_623_are_what_they_say() {
    for (code, expected) in [
        ("GM", "Z"),
        ("UT", "Z"),
        ("NS", "-03:30"),
        ("ND", "-02:30"),
        ("TS", "-04:00"),
        ("TD", "-03:00"),
        ("ES", "-05:00"),
        ("ED", "-04:00"),
        ("CS", "-06:00"),
        ("CD", "-05:00"),
        ("MS", "-07:00"),
        ("MD", "-06:00"),
        ("PS", "-08:00"),
        ("PD", "-07:00"),
        ("AS", "-09:00"),
        ("AD", "-08:00"),
        ("HS", "-10:00"),
        ("HD", "-09:00"),
    ] {
        for date in ["20260124", "20260724"] {
            let instant = in_zone(date, "2210", code);
            assert_eq!((offset(&instant), instant.zone.as_deref()), (Some(expected), Some(code)), "{code} {date}");
            let summer = date == "20260724";
            let contradicts = code.ends_with('D') && !summer || code.ends_with('S') && code != "HS" && summer;
            assert_eq!(codes(&instant).contains(&"time-zone-season"), contradicts, "{code} {date}");
        }
    }
}

#[test]
fn letters_that_say_neither_standard_nor_daylight_are_resolved_by_the_day() {
    for (code, winter, summer) in [
        ("NT", "-03:30", Some("-02:30")),
        ("TT", "-04:00", Some("-03:00")),
        ("ET", "-05:00", Some("-04:00")),
        ("CT", "-06:00", Some("-05:00")),
        ("MT", "-07:00", Some("-06:00")),
        ("PT", "-08:00", Some("-07:00")),
        ("AT", "-09:00", Some("-08:00")),
        ("HT", "-10:00", None),
    ] {
        assert_eq!(offset(&in_zone("20260124", "2210", code)), Some(winter), "{code}");
        let instant = in_zone("20260724", "2210", code);
        assert_eq!((offset(&instant), instant.zone.as_deref()), (summer, Some(code)));
    }
    for (date, time, expected) in [
        ("20260308", "0159", Some("-05:00")),
        ("20260308", "0230", None),
        ("20260308", "0300", Some("-04:00")),
        ("20261101", "0059", Some("-04:00")),
        ("20261101", "0130", None),
        ("20261101", "0200", Some("-05:00")),
        ("20060402", "0159", Some("-05:00")),
        ("20060402", "0300", Some("-04:00")),
        ("20060320", "1200", Some("-05:00")),
        ("20070320", "1200", Some("-04:00")),
        ("20061029", "0200", Some("-05:00")),
        ("20061103", "1200", Some("-05:00")),
        ("20071103", "1200", Some("-04:00")),
        ("19860601", "1200", None),
    ] {
        let instant = in_zone(date, time, "ET");
        assert_eq!(offset(&instant), expected, "{date} {time}");
        assert_eq!(codes(&instant) == ["time-zone-open"], expected.is_none());
    }
}

#[test]
fn local_time_is_local_and_keeps_its_letters() {
    let instant = in_zone("20260124", "2210", "LT");
    assert_eq!((offset(&instant), instant.zone.as_deref()), (None, Some("LT")));
    assert_eq!(codes(&instant), ["time-local"]);
}

#[test]
fn signed_and_european_zones_are_read_in_either_standard() {
    for (zone, expected) in [
        ("+08", "+08:00"),
        ("-05", "-05:00"),
        ("+0530", "+05:30"),
        ("-03:30", "-03:30"),
        ("P08", "+08:00"),
        ("M05", "-05:00"),
        ("P5:30", "+05:30"),
        ("+00", "+00:00"),
        ("-0000", "+00:00"),
        ("utc", "Z"),
        ("CET", "+01:00"),
        ("cest", "+02:00"),
        ("EET", "+02:00"),
        ("EEST", "+03:00"),
        ("WET", "Z"),
        ("MEZ", "+01:00"),
        ("EDT", "-04:00"),
    ] {
        assert_eq!(offset(&in_zone("20260124", "2210", zone)), Some(expected), "{zone}");
        assert_eq!(offset(&point(&format!("202601242210{zone}"), "303")), Some(expected), "{zone}");
    }
    assert_eq!(codes(&in_zone("20260724", "2210", "CET")), ["time-zone-season"]);
    assert_eq!(codes(&in_zone("20260329", "0159", "CET")), Vec::<&str>::new());
    assert_eq!(codes(&in_zone("20260329", "0200", "CET")), ["time-zone-season"]);
    assert_eq!(codes(&in_zone("20261025", "0300", "CEST")), ["time-zone-season"]);
    for zone in ["CST", "BST", "IST", "XX", "+8", "08Z"] {
        let instant = in_zone("20260124", "2210", zone);
        assert_eq!((offset(&instant), instant.zone.as_deref()), (None, Some(zone)));
        assert_eq!(codes(&instant), ["time-zone-open"]);
    }
}

#[test]
fn a_zone_that_the_format_does_not_announce_or_lacks_is_said() {
    let unannounced = point("202603010815UTC", "203");
    assert_eq!(
        (unannounced.value.as_str(), codes(&unannounced)),
        ("2026-03-01T08:15:00Z", vec!["time-zone-unannounced"])
    );
    let missing = point("202603010815", "303");
    assert_eq!((missing.value.as_str(), codes(&missing)), ("2026-03-01T08:15:00", vec!["time-zone-missing"]));
    assert_eq!(codes(&point("20260301", "102")), ["time-day-only"]);
}

#[test]
fn x12_periods_and_points_are_read_by_their_qualifier() {
    let read = |text: &str, qualifier: &str| x12::by_qualifier(text, qualifier);
    for (qualifier, text, expected) in [
        ("D6", "260301", "2026-03-01T00:00:00"),
        ("D8", "20260301", "2026-03-01T00:00:00"),
        ("DT", "202603010815", "2026-03-01T08:15:00"),
        ("RTS", "20260301081559", "2026-03-01T08:15:59"),
    ] {
        let Ok(Time::Point(moment)) = read(text, qualifier) else { panic!("{qualifier}") };
        assert_eq!(moment.instant().unwrap().value, expected);
    }
    for (qualifier, text) in
        [("RD6", "260301-260305"), ("RD8", "20260301-20260305"), ("RDT", "202603010815-202603050815")]
    {
        assert!(matches!(read(text, qualifier), Ok(Time::Period(..))), "{qualifier}");
    }
    for (qualifier, text) in
        [("D8", "260301"), ("RD8", "20260305-20260301"), ("RD8", "2026030120260305"), ("UN", "1"), ("", "")]
    {
        assert!(read(text, qualifier).is_err(), "{qualifier} {text}");
    }
}

/// What the masks of points write, in the notation of the list.
fn written(mask: &str, (year, month, day): (u16, u8, u8), (hour, minute, second): (u8, u8, u8)) -> String {
    mask.replace("CCYY", &format!("{year:04}"))
        .replace("YY", &format!("{:02}", year % 100))
        .replace("MMDD", &format!("{month:02}{day:02}"))
        .replace("DDMM", &format!("{day:02}{month:02}"))
        .replace("HHMM", &format!("{hour:02}{minute:02}"))
        .replace("SS", &format!("{second:02}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_point_that_is_read_says_what_was_written(
        date in (1969_u16..=2068, 1_u8..=12, 1_u8..=28),
        clock in (0_u8..24, 0_u8..60, 0_u8..60),
        minutes in -840_i16..=840,
    ) {
        let ((year, month, day), (hour, minute, second)) = (date, clock);
        let sign = if minutes < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60);
        for (code, mask) in [
            ("2", "DDMMYY"), ("3", "MMDDYY"), ("4", "DDMMCCYY"), ("5", "DDMMCCYYHHMM"), ("10", "CCYYMMDDTHHMM"),
            ("101", "YYMMDD"), ("102", "CCYYMMDD"), ("201", "YYMMDDHHMM"), ("202", "YYMMDDHHMMSS"),
            ("203", "CCYYMMDDHHMM"), ("204", "CCYYMMDDHHMMSS"), ("205", "CCYYMMDDHHMM+"), ("206", "YYMMDDHHMM+"),
            ("207", "YYMMDDHHMMSS+"), ("208", "CCYYMMDDHHMMSS+"), ("303", "CCYYMMDDHHMM+"), ("304", "CCYYMMDDHHMMSS+"),
        ] {
            let text = written(mask, date, clock).replace('+', &zone);
            let (has_time, has_seconds) = (mask.contains("HH"), mask.contains("SS"));
            let expected = format!(
                "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{}",
                if has_time { hour } else { 0 },
                if has_time { minute } else { 0 },
                if has_seconds { second } else { 0 },
                if mask.contains('+') { format!("{}:{}", &zone[..3], &zone[3..]) } else { String::new() },
            );
            prop_assert_eq!(value(&text, code), expected, "{} {}", code, text);
        }
    }

    #[test]
    fn no_text_and_no_code_makes_it_panic(text in ".{0,40}", digits in "[0-9:+TZ-]{0,36}", code in "[0-9]{0,3}|.{0,4}") {
        for text in [&text, &digits] {
            match edifact::read(text, &code) {
                Ok(Time::Point(moment)) => drop(moment.instant()),
                Ok(Time::Period(from, to)) => drop((from.instant(), to.instant())),
                Err(error) => prop_assert!(!error.detail.is_empty()),
            }
            drop(x12::read(Some(text), Some(&digits), Some(&code)).and_then(|moment| moment.instant()));
            drop(x12::by_qualifier(text, &code));
        }
    }

    #[test]
    fn every_code_of_the_list_reads_any_digits_without_a_panic(code in 0_u16..1000, text in "[0-9]{0,28}") {
        if let Ok(Time::Period(from, to)) = edifact::read(&text, &code.to_string()) {
            drop((from.instant(), to.instant()));
        }
    }
}
